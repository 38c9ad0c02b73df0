"""Sectors that must all reach a threshold: exact values, limits, bounds, and one verdict row."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import date
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kts_analysis.cases import Case, View, make_case, status_of
from kts_analysis.joint import (
    SECTOR_RHO,
    all_arrive,
    joint_chance,
    joint_chances,
    worst_quantile,
    worst_sector,
)
from kts_analysis.predictive import Projection
from kts_analysis.registry import Registry
from kts_analysis.scales import Scale
from kts_analysis.schema import VERDICT_COLUMNS
from kts_analysis.store import known_on
from kts_analysis.trends import fit_series
from kts_analysis.verdicts import deadline_table, status_together, together, verdict_row

TableOf = Callable[[list[dict[str, Any]]], pd.DataFrame]
NAN = float("nan")
chances = st.lists(st.floats(0, 1), min_size=1, max_size=6)


def normal(location: float, spread: float, scale: Scale | None = None) -> Projection:
    """A predictive distribution that is all but normal, on the plain scale."""
    return Projection(2025, "damped_drift", 5, 1, 1, scale or Scale(None, None),
                      location, spread, 1e9)  # fmt: skip


# --- the chance that all come about ---------------------------------------------------------------


@pytest.mark.parametrize("rho", [0.1, 0.3, 0.5, 0.8, 0.9])
def test_even_chances_have_a_closed_form(rho: float) -> None:
    # Orthant probabilities of the normal distribution (Sheppard 1899).
    assert joint_chance([0.5, 0.5], rho) == pytest.approx(0.25 + math.asin(rho) / (2 * math.pi))
    assert joint_chance([0.5] * 3, rho) == pytest.approx(0.125 + 3 * math.asin(rho) / (4 * math.pi))


def test_half_correlated_coins() -> None:
    assert joint_chance([0.5, 0.5], 0.5) == pytest.approx(1 / 3)
    assert joint_chance([0.5] * 3, 0.5) == pytest.approx(1 / 4)
    assert joint_chance([0.5] * 9, 0.5) == pytest.approx(1 / 10)  # the least of ten alike


@given(chances)
def test_the_two_ends_are_exact(each: list[float]) -> None:
    assert joint_chance(each, 0) == pytest.approx(math.prod(each), abs=1e-15)
    assert joint_chance(each, 1) == min(each)


@given(chances, st.floats(0, 1))
def test_within_the_bounds_of_frechet(each: list[float], rho: float) -> None:
    all_ = joint_chance(each, rho)
    assert max(0.0, sum(each) - len(each) + 1) - 1e-12 <= all_ <= min(each)
    assert all_ >= math.prod(each) - 1e-15
    assert joint_chance(each[::-1], rho) == pytest.approx(all_, abs=1e-12)
    assert joint_chance([*each, 0.7], rho) <= all_ + 1e-9  # one more to wait for
    assert joint_chance([*each, 1.0], rho) == pytest.approx(all_, abs=1e-9)


@given(chances, st.floats(0, 1), st.floats(0, 1))
def test_errors_that_go_together_help(each: list[float], one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert joint_chance(each, low) <= joint_chance(each, high) + 1e-5


@given(chances)
def test_near_the_common_fate_it_is_near_the_least(each: list[float]) -> None:
    assert joint_chance(each, 0.9999) == pytest.approx(min(each), abs=0.02)


@pytest.mark.parametrize(("rho", "within"), [(0.95, 1e-3), (0.99, 1e-3), (0.999, 1e-3)])
def test_beyond_the_steepest_it_stays_close(rho: float, within: float) -> None:
    closed = 0.25 + math.asin(rho) / (2 * math.pi)
    assert joint_chance([0.5, 0.5], rho) == pytest.approx(closed, abs=within)


def test_one_is_itself_and_a_missing_one_is_not_nothing() -> None:
    assert joint_chance([0.37], 0.5) == pytest.approx(0.37)
    assert math.isnan(joint_chance([0.9, NAN]))
    assert math.isnan(joint_chance([0.0, NAN], 1))
    many = joint_chances(np.array([[0.5, 0.2, NAN], [0.5, 1.0, 0.9]]), 0.5)
    assert many[:2] == pytest.approx([1 / 3, 0.2]) and math.isnan(many[2])


@pytest.mark.parametrize(
    ("each", "rho"), [([0.5], -0.1), ([0.5], 1.1), ([0.5], NAN), ([], 0.3), ([1.2], 0), ([-0.1], 1)]
)
def test_nonsense_is_refused(each: list[float], rho: float) -> None:
    with pytest.raises(ValueError, match=r"lies between|at least one"):
        joint_chance(each, rho)


def test_the_correlation_lies_inside_what_was_measured() -> None:
    """Between what sectors share at least (the indicator) and with the area on top."""
    place = resources.files("kts_analysis").joinpath("evidence", "shared_errors.json")
    table = json.loads(place.read_text(encoding="utf-8"))
    mean = table["mean"]
    for ahead, indicator in mean["one_indicator"].items():
        found = [value for value in table["one_indicator"][ahead].values()]
        assert indicator == pytest.approx(np.mean(found), abs=0.005)
    both = [mean["one_indicator"][ahead] + mean["one_unit"][ahead] for ahead in ("1", "3", "5")]
    assert min(both) <= SECTOR_RHO <= max(both)


# --- the worst sector's value ---------------------------------------------------------------------


def test_the_lowest_of_two_alike_by_hand() -> None:
    # Independent: P(lowest <= x) = 1 - (1 - F)^2, half at F = 1 - sqrt(1/2).
    two = [normal(50, 10), normal(50, 10)]
    by_hand = two[0].quantile(1 - math.sqrt(0.5))
    assert worst_quantile(two, 0.5, ">=", 0) == pytest.approx(by_hand, abs=1e-4)
    assert worst_quantile(two, 0.5, ">=", 1) == pytest.approx(50, abs=1e-4)
    # The highest, for a target to fall to: F^2 is half at F = sqrt(1/2).
    by_hand = two[0].quantile(math.sqrt(0.5))
    assert worst_quantile(two, 0.5, "<=", 0) == pytest.approx(by_hand, abs=1e-4)
    # Half correlated: median at the joint chance of two being even.
    spot = worst_quantile(two, 2 / 3, ">=", 0.5)
    assert spot == pytest.approx(50, abs=1e-4)  # P(both > 50) is 1/3


def test_a_sector_alone_is_its_own_worst() -> None:
    one = [normal(40, 5)]
    for level in (0.025, 0.5, 0.9):
        for comparator in (">=", "<="):
            found = worst_quantile(one, level, comparator)
            assert found == pytest.approx(one[0].quantile(level), abs=1e-4)


@given(
    st.lists(st.tuples(st.floats(5, 95), st.floats(0.5, 20)), min_size=1, max_size=5),
    st.floats(0, 0.9),
    st.sampled_from([">=", "<="]),
)
def test_the_worst_agrees_with_the_chance(
    sectors: list[tuple[float, float]], rho: float, comparator: str
) -> None:
    scale = Scale(0, 100, bend=False)
    each = [normal(place, spread, scale) for place, spread in sectors]
    worst = worst_sector(each, 50, comparator, rho)
    assert worst.lo95 <= worst.lo80 <= worst.median <= worst.hi80 <= worst.hi95
    assert worst.lo95 >= 0 and worst.hi95 <= 100
    assert worst.independent - 1e-12 <= worst.chance <= worst.common_fate
    if abs(worst.median - 50) > 1e-3:
        on_side = worst.median > 50 if comparator == ">=" else worst.median < 50
        assert on_side is (worst.chance > 0.5)
    for single in each:
        if comparator == ">=":
            assert worst.median <= single.median + 1e-4
        else:
            assert worst.median >= single.median - 1e-4


def test_at_a_bound_the_worst_is_the_bound() -> None:
    scale = Scale(0, 100, bend=False)
    stuck = [normal(-30, 5, scale), normal(60, 5, scale)]
    worst = worst_sector(stuck, 10, ">=", 0.3)
    assert (worst.lo95, worst.median, worst.hi95) == (0, 0, 0)
    assert worst.chance < 1e-9


def test_without_a_distribution_nothing_is_said() -> None:
    unknown = normal(NAN, NAN)
    worst = worst_sector([normal(50, 5), unknown], 40)
    assert math.isnan(worst.chance) and math.isnan(worst.median) and math.isnan(worst.hi95)
    assert worst.sectors == 2
    fits = [fit_series([2022, 2023, 2024], [40, 45, 50]), fit_series([2023, 2024], [40, 45])]
    assert all_arrive(fits, 60, ">=").median is None
    assert all_arrive([], 60, ">=").median is None


def test_all_arrive_after_each_alone_and_agree_with_the_deadline() -> None:
    years = [2020, 2021, 2022, 2023, 2024]
    fits = [fit_series(years, values) for values in ([38, 47, 55, 64, 70], [40, 47, 55, 62, 69])]
    both = all_arrive(fits, 75, ">=", 0.3)
    alone = [all_arrive([fit], 75, ">=") for fit in fits]
    assert both.median is not None
    assert all(each.median is not None and each.median <= both.median for each in alone)
    deadline = date(2026, 12, 31)
    worst = worst_sector([fit.at(2026) for fit in fits], 75, ">=", 0.3)
    assert both.by(deadline) == pytest.approx(worst.chance, abs=1e-12)
    assert (both.median <= deadline) is (worst.chance >= 0.5)


# --- one verdict row of a target over sectors -----------------------------------------------------


def sector_cases(
    registry: Registry, table_of: TableOf, *values: tuple[float, ...], as_of: str = "2025-05-31"
) -> list[Case]:
    plan = registry.plan("nam-dinh-105")
    sectors = plan.sector_ids()[: len(values)]
    rows = [
        {"area_code": "36", "indicator": "KTS02", "breakdown": sector, "value": value,
         "period": 2025 - len(figures) + i}
        for sector, figures in zip(sectors, values, strict=True)
        for i, value in enumerate(figures)
    ]  # fmt: skip
    known = known_on(table_of(rows), as_of)
    view = View(registry, known, date.fromisoformat(as_of))
    area, target = registry.area("36"), plan.target("KTS02")
    return [make_case(view, area, plan, target, 2025, sector) for sector in sectors]


def test_sectors_share_one_row(registry: Registry, table_of: TableOf) -> None:
    cases = sector_cases(registry, table_of, (7, 8, 9), (7, 8, 9.2), (6, 8, 9.1))
    joint = together(cases)
    assert joint is not None and joint.since is None
    alone = [case.projection.probability(10, ">") for case in cases]
    assert math.prod(alone) < joint.worst.chance < min(alone)
    status, reason = status_together(cases, joint, *status_of(cases[0]))
    row = verdict_row(cases[0], "enterprises", status, reason, joint)
    assert list(row) != [] and set(row) == set(VERDICT_COLUMNS)
    assert row["probability"] == joint.worst.chance
    assert (row["lo80"], row["projected"], row["hi80"]) == (
        joint.worst.lo80, joint.worst.median, joint.worst.hi80,
    )  # fmt: skip
    assert row["projected"] < min(case.projection.median for case in cases)
    single = verdict_row(cases[0], "enterprises", status, reason)
    assert row["earliest"] >= single["earliest"]
    assert (row["latest"], row["gap"]) == (single["latest"], single["gap"]) == (9, 1)


def test_the_word_follows_the_chance_of_all(registry: Registry, table_of: TableOf) -> None:
    """Three sectors of which each may reach it are together less likely to."""
    cases = sector_cases(registry, table_of, *[(8.0, 8.8, 9.6)] * 3)
    joint = together(cases)
    assert joint is not None
    words = [status_of(case) for case in cases]
    assert words == [("possible", "projection")] * 3
    assert status_together(cases, joint, *words[0]) == ("unlikely", "projection")


def test_reached_early_takes_all_sectors(registry: Registry, table_of: TableOf) -> None:
    there, short = (12, 13, 14), (2, 5, 9)
    all_there = sector_cases(registry, table_of, there, (9, 13, 14))
    joint = together(all_there)
    assert joint is not None and joint.since == date(2023, 12, 31)  # the later of the two
    early = ("reached_early", "figure_before_deadline")
    assert status_together(all_there, joint, *early) == early
    row = verdict_row(all_there[0], "", *early, joint)
    assert (row["attainment_date"], row["earliest"]) == ("2023-12-31", "")
    mixed = sector_cases(registry, table_of, there, short)
    joint = together(mixed)
    assert joint is not None and joint.since is None
    assert status_together(mixed, joint, *early)[1] == "projection"


def test_no_joint_answer_where_a_sector_has_none(registry: Registry, table_of: TableOf) -> None:
    assert together(sector_cases(registry, table_of, (7, 8, 9), (8, 9))) is None
    assert together(sector_cases(registry, table_of, (7, 8, 9), ())) is None
    assert together(sector_cases(registry, table_of, (7, 8, 9))) is None
    cases = sector_cases(registry, table_of, (7, 8, 9), (7, 8, 9))
    joint = together(cases)
    assert joint is not None
    assert status_together(cases, joint, "insufficient", "area_ended") == (
        "insufficient", "area_ended",
    )  # fmt: skip


# --- several deadlines ----------------------------------------------------------------------------


def test_deadline_table_by_hand() -> None:
    rows = [
        ("2030-12-31", "likely", 0.9),
        ("2025-12-31", "met", NAN),
        ("2025-12-31", "unlikely", 0.3),
        ("2025-12-31", "unlikely", 0.25),
        ("2025-12-31", "not_measured", NAN),
        ("2035-12-31", "insufficient", NAN),
    ]
    table = deadline_table(pd.DataFrame(rows, columns=["deadline", "status", "probability"]))
    assert table.columns.tolist() == [
        "deadline", "judged", "likely", "unlikely", "insufficient", "not_measured", "met",
        "with_chance", "expected",
    ]  # fmt: skip
    table = table.set_index("deadline")
    assert table.index.tolist() == ["2025-12-31", "2030-12-31", "2035-12-31"]
    first = table.loc["2025-12-31"]
    assert (first["judged"], first["met"], first["unlikely"], first["not_measured"]) == (3, 1, 2, 1)
    assert (first["with_chance"], first["expected"]) == (2, pytest.approx(0.55))
    assert table.loc["2030-12-31", "expected"] == 0.9
    assert math.isnan(table.loc["2035-12-31", "expected"])
