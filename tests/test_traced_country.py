"""Every number of the country's page comes from a row behind it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from test_traced import METHOD_WORDS, dates, floats, numbers_in, printed, text_of, traced

from kts_analysis.assessment import judge_rows
from kts_analysis.i18n import Messages
from kts_analysis.pages.area import AreaReport, area_report
from kts_analysis.pages.prepare import stand_before
from kts_analysis.pages.rules import rule_results
from kts_analysis.pages.target import TargetBlock
from kts_analysis.trajectories import trajectory_rows

ROOT = Path(__file__).resolve().parents[1]
COUNTRY, PLAN = "VN", "quoc-gia-411"


@cache
def report() -> AreaReport:
    return area_report(COUNTRY, PLAN, deadline=2025, lang="vi", data=str(ROOT / "data"))


@cache
def sources() -> list[Any]:
    """Return verdicts of both deadlines and both days, paths, figures, fits, rules, thresholds."""
    made = report()
    c = made.context
    day = stand_before(c.view, made.area, c.deadline)
    assert day is not None
    known: list[Any] = [
        judge_rows(view, c.plan, year, areas=[COUNTRY])
        for view in (c.view, c.view.on(day))
        for year in c.plan.deadlines
    ]
    for row in made.rows:
        if row["status"] == "not_measured":
            continue
        block = TargetBlock(c, made.area, row)
        case, path = block.case, block.case.fit.path
        known += [block.path, trajectory_rows(case, 2030), case.fit, case.projection]
        known += [rule_results(case, c.view.figures), case.neighbours, case.line.figures]
        known += [[case.fit.pace, case.fit.pace_se]]
        if path is not None:
            known += [path, case.fit.diagnostics, path.error**0.5]
    own = c.known[c.known["area_code"] == COUNTRY]
    known += [own.astype(str).to_dict("records"), own.to_dict("records")]
    return [*known, [target.model_dump(mode="json") for target in c.plan.targets]]


@cache
def allowed() -> frozenset[str]:
    m, c = Messages("vi"), report().context
    forms = printed(floats(sources()), m) | METHOD_WORDS | {str(year) for year in range(2014, 2051)}
    forms |= dates([str(sources()), str(c.as_of), str(c.deadline_day)], m)
    forms |= {str(number) for number in range(len(c.plan.targets) + 1)}
    named = " ".join(plan.document.get("vi") for plan in c.registry.plans.values())
    return frozenset(forms | set(numbers_in(named)))


def test_every_number_in_the_text_has_a_source() -> None:
    made = report()
    several = (made.before_deadline(), made.changes(), made.outlook(), made.targets())
    single = (made.header(), made.summary(), made.table())
    assert traced([*single, *(part for some in several for part in some)], allowed()) > 500


def test_a_wrong_number_is_found() -> None:
    decimals = [one for one in numbers_in(text_of(report().table())) if "," in one]
    found = [f"{one}7" for one in decimals if f"{one}7" not in allowed()]
    assert len(decimals) > 10 and len(found) >= 0.8 * len(decimals)
