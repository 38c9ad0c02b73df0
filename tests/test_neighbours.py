"""Areas that share strength: who stands beside whom, what it changes, what pages say of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import pytest

from kts_analysis.assessment import assess
from kts_analysis.cases import Case, View, make_case
from kts_analysis.entries import Plan
from kts_analysis.i18n import Messages
from kts_analysis.pages.grounds import (
    basis_text,
    paces_table,
    parts_table,
    record_lines,
    warnings_of,
)
from kts_analysis.panel import project_panel
from kts_analysis.registry import Registry
from kts_analysis.store import known_on
from kts_analysis.trends import project_series
from kts_analysis.verdicts import verdict_row

TableOf = Callable[[list[dict[str, Any]]], pd.DataFrame]
PlanOf = Callable[..., Plan]
THIN, MERGED, OTHERS = "362", "358", ("359", "360", "361")
AREAS = (THIN, *OTHERS)
AS_OF = date(2025, 3, 1)
VALUES = {THIN: (50.0, 56.0), "359": (31.0, 38.0, 44.0), "360": (42.0, 47.0, 55.0)}
VALUES["361"] = (61.0, 66.0, 70.0)


def points(area: str, *values: float, last: int = 2024, **more: Any) -> list[dict[str, Any]]:
    first = last - len(values) + 1
    rows = [{"period": first + place, "value": value} for place, value in enumerate(values)]
    return [
        row | {"area_code": area, "vintage": f"{row['period'] + 1}-02-01"} | more for row in rows
    ]


def rows_of(values: dict[str, tuple[float, ...]], **more: Any) -> list[dict[str, Any]]:
    return [row for area, series in values.items() for row in points(area, *series, **more)]


@pytest.fixture
def case_of(registry: Registry, table_of: TableOf, plan_of: PlanOf) -> Callable[..., Case]:
    def make(rows: list[dict[str, Any]], area: str = THIN, **target: Any) -> Case:
        plan = plan_of(80.0, ">=", AREAS, **target)
        view = View(registry, known_on(table_of(rows), AS_OF.isoformat()), AS_OF)
        return make_case(view, registry.area(area), plan, plan.targets[0], 2025)

    return make


def test_two_figures_borrow_from_three_neighbours(case_of: Callable[..., Case]) -> None:
    case = case_of(rows_of(VALUES))
    nan = math.nan
    table = [[nan, 50, 56], [31, 38, 44], [42, 47, 55], [61, 66, 70]]
    together = project_panel([2022, 2023, 2024], table, 2025)
    assert case.fit.borrowed == 100
    assert case.fit.n_areas == 4
    assert case.projection.interval(0.8) == pytest.approx(together[0].interval(0.8), abs=1e-8)
    firm = case_of(rows_of(VALUES), area="360")
    assert firm.projection.median == pytest.approx(together[2].median, abs=1e-8)
    assert 0 < firm.fit.borrowed < 100


def test_the_verdict_says_that_it_borrows(
    registry: Registry, table_of: TableOf, plan_of: PlanOf
) -> None:
    plan = plan_of(80.0, ">=", AREAS)
    verdicts = assess(plan, table_of(rows_of(VALUES)), as_of=AS_OF, registry=registry)
    reasons = dict(zip(verdicts["area_code"], verdicts["reason"], strict=True))
    assert reasons == {THIN: "borrowed", **dict.fromkeys(OTHERS, "projection")}
    few = {code: VALUES[code] for code in (THIN, "359", "360")}  # only two can lend
    verdicts = assess(plan, table_of(rows_of(few)), as_of=AS_OF, registry=registry)
    assert verdicts.set_index("area_code").loc[THIN, "reason"] == "two_points"


def test_another_method_is_no_neighbour(case_of: Callable[..., Case]) -> None:
    """The plan names no method: each area follows its own, and methods are not mixed."""
    mixed = rows_of({THIN: (50.0, 53.0, 56.0), "359": VALUES["359"]})
    mixed += rows_of({"360": VALUES["360"]}, series="government_report")
    case = case_of(mixed, series={})
    assert [line.area.code for line in case.neighbours] == ["359", THIN]
    other = case_of(mixed, area="360", series={})
    assert (other.fit.n_areas, other.fit.borrowed) == (1, 0)
    alone = project_series([2022, 2023, 2024], VALUES["360"], 2025)
    assert other.projection.median == pytest.approx(alone.median)


def test_an_area_that_lives_on_in_another_is_left_out(
    registry: Registry, table_of: TableOf, plan_of: PlanOf
) -> None:
    plan = plan_of(80.0, ">=", (*AREAS, MERGED))
    rows = rows_of({**VALUES, MERGED: (20.0, 25.0, 30.0)}, numerator=1, denominator=2)
    rows = [row | {"numerator": "", "denominator": ""} for row in rows]
    rows = [row for row in rows if not (row["area_code"] == MERGED and row["period"] == 2024)]
    view = View(registry, known_on(table_of(rows), AS_OF.isoformat()), AS_OF)
    case = make_case(view, registry.area("360"), plan, plan.targets[0], 2025)
    assert MERGED not in [line.area.code for line in case.neighbours]
    gone = make_case(view, registry.area(MERGED), plan, plan.targets[0], 2025)
    assert (gone.fit.n_areas, len(gone.neighbours)) == (1, 1)


def test_one_synthetic_neighbour_marks_the_result(case_of: Callable[..., Case]) -> None:
    rows = rows_of({code: VALUES[code] for code in ("359", "360")})
    assert case_of(rows, area="360").origin == "published"
    rows += points("361", 61, 66, 70, origin="synthetic")
    case = case_of(rows, area="360")
    assert (case.line.origin, case.origin) == ("published", "synthetic")
    row = verdict_row(case, "persons", "unlikely", "projection")
    assert row["origin"] == "synthetic"


def test_loose_figures_weigh_less(case_of: Callable[..., Case]) -> None:
    firm = points("360", 42, 47, 55, 60)
    loose = [row | {"qualifier": "about"} if row["period"] == 2024 else row for row in firm]
    assert case_of(loose, area="360").line.fit_weights == [1, 1, 1, 0.5]
    wide, narrow = (case_of(rows, area="360").projection for rows in (loose, firm))
    assert wide.spread > narrow.spread
    assert wide.probability(80) != narrow.probability(80)


def test_no_trend_runs_across_a_change_of_method(case_of: Callable[..., Case]) -> None:
    before = points("360", 20, 24, 27, last=2021)
    after = points("360", 52, 55, 59)
    after[0]["flags"] = "method_break"
    case = case_of(before + after, area="360")
    assert case.fit.times.tolist() == [2022, 2023, 2024]
    assert len(case.line.points) == 6
    short = points("360", 20, 24, 27, 30, last=2022) + points("360", 52, 55)
    short[4]["flags"] = "method_break"
    assert not case_of(short, area="360").projection.sufficient


# --- what a page says of it -----------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "words"), [("vi", "địa bàn khác"), ("en", "other areas")])
def test_grounds_in_both_languages(case_of: Callable[..., Case], lang: str, words: str) -> None:
    case, m = case_of(rows_of(VALUES)), Messages(lang)
    row = pd.Series(verdict_row(case, "persons", "very_unlikely", "borrowed"))
    assert words in basis_text(case, m)
    assert "100%" in basis_text(case, m)
    unchecked = record_lines(case, row, "people", m)
    assert "backtest" not in unchecked[0]  # two figures were never tested
    firm = case_of(rows_of(VALUES), area="360")
    row = pd.Series(verdict_row(firm, "persons", "very_unlikely", "projection"))
    notes = record_lines(firm, row, "people", m)
    page = "backtest.html" if lang == "vi" else "backtest.en.html"
    assert f'href="../{page}#panel-10"' in notes[0]
    assert any("4" in note for note in notes[1:])  # the windows of the areas side by side
    paces = paces_table(case, row, m)
    assert paces is not None and str(paces).count("<tr") == 5
    assert parts_table(case, m) is not None


def test_a_change_of_level_is_told(case_of: Callable[..., Case]) -> None:
    case = case_of(points("360", 20, 21, 22, 60, 61, 62), area="360")
    notes = warnings_of(case, Messages("en"))
    assert any("31 December 2022" in note and "+38.0" in note for note in notes), notes
    assert case.fit.shift == (2022.0, 38.0)


def test_a_large_step_is_shown_and_kept(case_of: Callable[..., Case]) -> None:
    case = case_of(points("360", 10, 12, 60, 62), area="360")
    assert (case.fit.shift, case.fit.odd_step) == (None, 2023.0)
    assert any("31 December 2023" in note for note in warnings_of(case, Messages("en")))
    assert warnings_of(case_of(points("360", 10, 20, 30, 41), area="360"), Messages("en")) == []


def test_a_district_held_against_the_national_plan_has_its_neighbours(
    registry: Registry, table_of: TableOf, plan_of: PlanOf
) -> None:
    """The same district must not get one projection here and another there."""
    known = known_on(table_of(rows_of(VALUES)), AS_OF.isoformat())
    medians = []
    for areas in (AREAS, ("VN",)):
        plan = plan_of(80.0, ">=", areas)
        view = View(registry, known, AS_OF)
        case = make_case(view, registry.area("360"), plan, plan.targets[0], 2025)
        medians.append(case.projection.median)
    assert medians[0] == pytest.approx(medians[1], abs=1e-12)


def test_nothing_is_claimed_without_a_chance(case_of: Callable[..., Case]) -> None:
    case = case_of(points("360", 20, 21), area="360")
    row = pd.Series(verdict_row(case, "persons", "insufficient", "two_points"))
    assert not any("backtest" in note for note in record_lines(case, row, "people", Messages("vi")))
    assert parts_table(case, Messages("vi")) is None
