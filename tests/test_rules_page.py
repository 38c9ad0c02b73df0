"""The part of a target's block that sets official rules side by side."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import pytest

from kts_analysis.cases import Case, View, make_case
from kts_analysis.entries import Plan
from kts_analysis.i18n import Messages
from kts_analysis.pages.rules import past_releases, rule_results, rules_part, stability_text
from kts_analysis.registry import Registry
from kts_analysis.rules import Stability
from kts_analysis.rules.words import GRADES
from kts_analysis.store import known_on

TableOf = Callable[[list[dict[str, Any]]], pd.DataFrame]
LEAD = "Statistical organisations&#39; rules that give a grade, on figures to 2024: "
PlanOf = Callable[..., Plan]
CaseOf = Callable[..., tuple[Case, pd.DataFrame]]


def points(*values: float, last: int = 2024, **more: Any) -> list[dict[str, Any]]:
    first = last - len(values) + 1
    rows = [{"period": first + place, "value": value} for place, value in enumerate(values)]
    return [row | {"vintage": f"{row['period'] + 1}-02-01"} | more for row in rows]


@pytest.fixture
def case_of(registry: Registry, table_of: TableOf, plan_of: PlanOf) -> CaseOf:
    def make(
        rows: list[dict[str, Any]],
        as_of: date = date(2025, 3, 1),
        value: float | None = 80.0,
        comparator: str = ">=",
    ) -> tuple[Case, pd.DataFrame]:
        plan = plan_of(value, comparator)
        known = known_on(table_of(rows), as_of.isoformat())
        view = View(registry, known, as_of)
        return make_case(view, registry.area("VN"), plan, plan.targets[0], 2025), known

    return make


def text_of(part: Any) -> str:
    """The words of a fragment, tags and runs of blanks taken away."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", part.data))


def test_figures_direction_and_base(case_of: CaseOf) -> None:
    case, known = case_of(points(40, 48, 55, 62, 69))
    found = rule_results(case, known)
    assert found is not None
    assert found.base_year == 2020
    sdsn = next(grade for grade in found.grades if grade.rule == "sdsn")
    assert sdsn.progress == pytest.approx((29 / 4) / (40 / 5))
    assert (sdsn.base_year, sdsn.latest_year) == (2020, 2024)
    case, known = case_of(points(40, 30, 22, 15), value=10.0, comparator="<=")
    found = rule_results(case, known)
    assert found is not None
    assert found.grades[-1].rule == "aarr"
    assert found.grades[0].progress is not None
    assert found.grades[0].progress > 0


def test_nothing_to_say(case_of: CaseOf) -> None:
    for rows, value in (([], 80.0), (points(50), 80.0), (points(40, 50, 60), None)):
        case, known = case_of(rows, value=value)
        assert rules_part(case, Messages("en"), known) is None


def test_sentence_before_the_deadline(case_of: CaseOf) -> None:
    """Growth of 14.6 % a year is 98 % of what a doubling takes; 7.25 points of 8 are 91 %."""
    case, known = case_of(points(40, 48, 55, 62, 69))
    said = text_of(rules_part(case, Messages("en"), known))
    assert LEAD + "6. They disagree – on track: 4; behind: 2." in said
    assert "taking 50% or more as on track, 2 of 6 say the same " in said
    assert "Substantial progress 0.98 growth so far / growth required" in said
    assert "Moderately improving (unverified) 0.91 pace so far / pace required" in said
    assert "Measured from 2020, the year of the first figure: the plan names no base year." in said


def test_rules_agree_when_all_is_well(case_of: CaseOf) -> None:
    case, known = case_of(points(50, 58, 66, 74, 82))
    said = text_of(rules_part(case, Messages("en"), known))
    assert LEAD + "6. They agree – on track: 6." in said
    assert "6 of 6 say the same" in said


def test_after_the_deadline_the_figure_decides(case_of: CaseOf) -> None:
    rows = points(50, 60, 70, 75, last=2025) + points(99, last=2026)
    case, known = case_of(rows, as_of=date(2027, 6, 1))
    found = rule_results(case, known)
    assert found is not None
    assert {grade.latest_year for grade in found.grades} == {2025}
    said = text_of(rules_part(case, Messages("en"), known))
    assert "The figure at the deadline decides: missed." in said
    assert "Our chance" not in said


def test_one_rule_alone_neither_agrees_nor_disagrees(case_of: CaseOf) -> None:
    case, known = case_of(points(85))
    said = text_of(rules_part(case, Messages("en"), known))
    assert LEAD + "1. It says: on track." in said


def test_a_strict_threshold_is_said(case_of: CaseOf) -> None:
    note = "this target asks for more"
    case, known = case_of(points(40, 60), comparator=">")
    assert note in text_of(rules_part(case, Messages("en"), known))
    case, known = case_of(points(40, 60))
    assert note not in text_of(rules_part(case, Messages("en"), known))


def test_two_figures_give_grades_but_no_chance(case_of: CaseOf) -> None:
    case, known = case_of(points(40, 60))
    said = text_of(rules_part(case, Messages("en"), known))
    assert "We give no chance from these figures." in said


def test_unverified_and_synthetic_are_marked(case_of: CaseOf) -> None:
    case, known = case_of(points(40, 48, 55, 62, 69, origin="synthetic"))
    part = rules_part(case, Messages("en"), known)
    assert part.data.count('<strong class="kts-mark">SYNTHETIC</strong>') == 2
    assert "(unverified)" in part.data
    case, known = case_of(points(40, 48, 55, 62, 69))
    assert "SYNTHETIC" not in rules_part(case, Messages("en"), known).data


def test_releases_are_followed_where_they_are_known(case_of: CaseOf) -> None:
    revised = [*points(40, 48, 55, 62), {"period": 2023, "value": 50, "vintage": "2024-09-01"}]
    case, known = case_of(revised)
    releases = past_releases(case, known)
    assert [label for label, _ in releases] == [
        "2023-02-01",
        "2024-02-01",
        "2024-09-01",
        "2025-02-01",
    ]
    assert (releases[1][1][2023], releases[2][1][2023]) == (55, 50)
    found = rule_results(case, known)
    assert found is not None
    assert found.by_release
    assert len(found.stability[0].statuses) == 4
    without = rule_results(case)
    assert without is not None
    assert not without.by_release
    assert without.stability[0].labels == ("2022", "2023", "2024")


def test_one_release_with_all_years_falls_back_to_years(case_of: CaseOf) -> None:
    case, known = case_of(points(40, 48, 55, 62, vintage="2024-02-01"))
    found = rule_results(case, known)
    assert found is not None
    assert not found.by_release
    assert len(found.stability[0].labels) == 3


def test_a_bound_is_not_a_figure_except_the_newest(case_of: CaseOf) -> None:
    rows = points(40, 48, 55, 62)
    rows[1] |= {"value": 90, "qualifier": "at_least"}
    case, known = case_of(rows)
    found = rule_results(case, known)
    assert found is not None
    assert all(90 not in series.values() for _, series in past_releases(case, known))


def test_stability_in_words() -> None:
    m = Messages("en")
    row = Stability("statcan", ("a", "b", "c"), ("x", "y", "z"), 3, 2, 1)
    said = stability_text(row, m, by_release=True)
    assert said == "2 changes over 3 releases, 1 of them by two grades or more"
    once = Stability("statcan", ("a", "b"), ("x", "y"), 2, 1, 0)
    assert stability_text(once, m, by_release=False) == "1 change over 2 years"
    assert stability_text(None, m, by_release=True) == "—"


def test_a_grade_never_says_met() -> None:
    """Before a deadline no word may read as the result after it."""
    labels = [word.label.lower() for words in GRADES.values() for word in words.values()]
    assert not [label for label in labels if re.search(r"\b(met|achieved|exceeded)\b", label)]


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_both_languages(case_of: CaseOf, lang: str) -> None:
    case, known = case_of(points(40, 48, 55, 62, 69))
    first, second = (rules_part(case, Messages(lang), known).data for _ in range(2))
    assert first == second
    assert first.count("<tr>") == 7
    assert 'scope="row"' in first
