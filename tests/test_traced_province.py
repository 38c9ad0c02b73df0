"""Every number of the province's page comes from a verdict, a sum of counts, or a figure."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from IPython.display import HTML
from test_traced import METHOD_WORDS, dates, floats, numbers_in, printed, text_of, traced

from kts_analysis import rollup
from kts_analysis.assessment import judge_rows
from kts_analysis.i18n import Messages
from kts_analysis.pages.prepare import stand_before
from kts_analysis.pages.province import ProvinceReport, province_report
from kts_analysis.published_against import published_against_parts
from kts_analysis.rollup_beside import province_forecast_table
from kts_analysis.rollup_bounds import province_bounds
from kts_analysis.rows import rows_of

ROOT = Path(__file__).resolve().parents[1]


@cache
def report() -> ProvinceReport:
    return province_report("nam-dinh-105", deadline=2025, lang="vi", data=str(ROOT / "data"))


def parts() -> list[Any]:
    made = report()
    several = (made.on_map(), made.matrix_before(), made.published(), made.targets())
    single = (made.header(), made.matrix(), made.home_table())
    return [*single, *(part for some in several for part in some)]


@cache
def sources() -> list[Any]:
    """Return the rows the page is made of: verdicts, sums, bounds, contributions, forecasts."""
    made = report()
    c = made.context
    day = stand_before(c.view, made.home, c.deadline)
    assert day is not None
    known: list[Any] = [
        judge_rows(view, c.plan, c.deadline, areas=list(c.plan.areas))
        for view in (c.view, c.view.on(day))
    ]
    known += [rows_of(made.home_verdicts), c.known.to_dict("records")]
    for target in c.plan.targets:
        asked = (c.known, c.plan, c.registry, target)
        known += [rows_of(rollup.add_up(*asked)), rows_of(province_bounds(*asked))]
        known += [published_against_parts(*asked)]
        known += [rows_of(rollup.contributions(made.verdicts, target.id, made.standing))]
        known += [rows_of(province_forecast_table(c.view, c.plan, target, c.deadline))]
        known += [target.model_dump(mode="json")]
    return known


@cache
def allowed() -> frozenset[str]:
    m, c = Messages("vi"), report().context
    registry = c.registry
    forms = printed(floats(sources()), m) | METHOD_WORDS | {str(year) for year in range(2014, 2051)}
    forms |= dates([str(sources()), str(c.as_of), str(c.deadline_day)], m)
    forms |= {str(number) for number in range(11 * 10)}  # areas, and areas times targets, counted
    named = " ".join(plan.document.get("vi") for plan in registry.plans.values())
    return frozenset(forms | set(numbers_in(named)))


def test_every_number_in_the_text_has_a_source() -> None:
    assert traced(parts(), allowed()) > 1000


def test_a_wrong_number_is_found() -> None:
    """Sums of heads and percentages changed by a little are in no source, but for rare chances."""
    text = " ".join(text_of(part) for part in parts() if isinstance(part, HTML))
    long = [one for one in numbers_in(text) if "/" not in one and len(one) >= 5]
    wrong = [f"{one[:-1]}{(int(one[-1]) + 3) % 10}" for one in long]
    found = [one for one in wrong if one not in allowed()]
    assert len(long) > 300 and len(found) > 0.5 * len(wrong), (len(found), len(wrong))
