"""Gaps, paces, words and dates of one line against one threshold, worked by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kts_analysis.assessment import assess
from kts_analysis.attainment import (
    FARTHEST_YEARS,
    acceleration,
    arrival,
    arrival_of,
    arrived,
    gap,
    grade,
    meets,
    outcome,
    pace_observed,
    pace_required,
    years_between,
)
from kts_analysis.entries import Plan
from kts_analysis.periods import year_position
from kts_analysis.registry import Registry
from kts_analysis.trends import fit_series

TableOf = Callable[[list[dict[str, Any]]], pd.DataFrame]
PlanOf = Callable[..., Plan]
COMPARATORS = [">", ">=", "<", "<="]


# --- paces by hand -------------------------------------------------------------------------------


def test_gap_is_what_is_missing() -> None:
    assert gap(62.5, 80, ">=") == 17.5
    assert gap(85, 80, ">") == -5
    assert gap(12, 10, "<=") == 2
    assert gap(8, 10, "<") == -2


def test_observed_pace_is_last_minus_first_by_years() -> None:
    # 40.0 at the end of 2020, 62.5 at the end of 2024: 22.5 points in 4 years.
    assert pace_observed(np.array([2020.0, 2022.0, 2024.0]), np.array([40, 41, 62.5])) == 5.625
    # 15 points in half a year.
    assert pace_observed(np.array([2023.5, 2024.0]), np.array([40.0, 55.0])) == 30.0
    assert pace_observed(np.array([2021.0, 2024.0]), np.array([50.0, 44.0])) == -2.0
    assert math.isnan(pace_observed(np.array([2024.0]), np.array([50.0])))
    assert math.isnan(pace_observed(np.array([2024.0, 2024.0]), np.array([50.0, 51.0])))


def test_required_pace_is_gap_by_years_left() -> None:
    assert pace_required(17.5, 2.5) == 7.0
    assert pace_required(0.0, 2.5) == 0.0
    assert pace_required(-4.0, 2.5) == 0.0
    assert pace_required(1.0, 1 / 12) == pytest.approx(12.0)


@pytest.mark.parametrize("years", [0.08, 0.0, -1.0, math.nan])
def test_no_required_pace_in_the_last_month(years: float) -> None:
    assert math.isnan(pace_required(5.0, years))


def test_acceleration_is_required_by_observed() -> None:
    assert acceleration(7.0, 5.6) == 1.25
    assert acceleration(0.0, 5.0) == 0.0
    for observed in (0.0, -2.0, math.nan):
        assert math.isnan(acceleration(7.0, observed))
    assert math.isnan(acceleration(math.nan, 5.0))


def test_years_between_year_ends_are_whole() -> None:
    assert years_between(date(2022, 12, 31), date(2025, 12, 31)) == 3
    assert years_between(date(2023, 6, 30), date(2025, 12, 31)) == pytest.approx(2.5, abs=0.005)
    assert years_between(date(2025, 12, 31), date(2024, 12, 31)) == -1


# --- reaching a threshold ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "comparator", "reached"),
    [
        (50, ">", False),
        (50, ">=", True),
        (50.0001, ">", True),
        (49.9999, ">=", False),
        (50, "<", False),
        (50, "<=", True),
        (49, "<", True),
        (51, "<=", False),
    ],
)
def test_exactly_at_the_threshold(value: float, comparator: str, reached: bool) -> None:
    for qualifier in ("exact", "about", "estimate", "preliminary"):
        assert meets(value, 50, comparator, qualifier) is reached


@pytest.mark.parametrize(
    ("value", "comparator", "qualifier", "reached"),
    [
        (87, ">=", "at_least", True),
        (79, ">=", "at_least", None),
        (80, ">=", "at_least", True),
        (80, ">", "at_least", None),
        (87, ">=", "at_most", True),
        (80, ">=", "at_most", False),
        (79, ">=", "at_most", False),
        (80, ">", "at_most", False),
        (9, "<=", "at_most", True),
        (11, "<=", "at_most", None),
        (9, "<=", "at_least", None),
        (11, "<=", "at_least", False),
    ],
)
def test_a_bound_decides_only_on_its_own_side(
    value: float, comparator: str, qualifier: str, reached: bool | None
) -> None:
    threshold = 80 if comparator in (">", ">=") else 10
    assert meets(value, threshold, comparator, qualifier) is reached


@given(st.floats(0, 100), st.floats(0, 100))
def test_comparators_are_each_other_s_opposites(value: float, threshold: float) -> None:
    words = {name: meets(value, threshold, name) for name in COMPARATORS}
    assert words[">"] is not words["<="]
    assert words[">="] is not words["<"]
    assert (gap(value, threshold, ">=") <= 0) is words[">="]


@pytest.mark.parametrize(
    ("chance", "word"),
    [
        (1.0, "likely"),
        (0.80, "likely"),
        (0.7999, "possible"),
        (0.50, "possible"),
        (0.4999, "unlikely"),
        (0.20, "unlikely"),
        (0.1999, "very_unlikely"),
        (0.0, "very_unlikely"),
    ],
)
def test_cuts_belong_to_the_better_word(chance: float, word: str) -> None:
    assert grade(chance) == word


@pytest.mark.parametrize(
    ("value", "threshold", "comparator", "qualifier", "status", "reason"),
    [
        (80, 80, ">=", "exact", "met", "figure_at_deadline"),
        (80, 80, ">", "exact", "missed", "figure_at_deadline"),
        (79.99, 80, ">=", "exact", "missed", "figure_at_deadline"),
        (83.99, 80, ">=", "exact", "met", "figure_at_deadline"),
        (84, 80, ">=", "exact", "exceeded", "figure_at_deadline"),
        (100, 100, ">=", "exact", "met", "figure_at_deadline"),
        (79, 80, ">=", "at_least", "unknown", "bound_undecided"),
        (85, 80, ">=", "at_least", "exceeded", "figure_at_deadline"),
        (80, 80, ">=", "at_most", "missed", "figure_at_deadline"),
        (79, 80, ">=", "at_most", "missed", "figure_at_deadline"),
        (10, 10, "<=", "exact", "met", "figure_at_deadline"),
        (9.5, 10, "<=", "exact", "exceeded", "figure_at_deadline"),
        (11, 10, "<=", "exact", "missed", "figure_at_deadline"),
    ],
)
def test_outcome_at_a_past_deadline(
    value: float, threshold: float, comparator: str, qualifier: str, status: str, reason: str
) -> None:
    assert outcome(value, threshold, comparator, qualifier) == (status, reason)


# --- dates ---------------------------------------------------------------------------------------


def test_arrived_is_the_start_of_the_unbroken_run() -> None:
    def since(values: list[float], threshold: float, comparator: str, last: str = "exact") -> Any:
        days = [date(year, 12, 31) for year in range(2020, 2025)]
        words = ["exact"] * 4 + [last]
        figures = list(zip(days, values, words, strict=False))
        return arrived(figures, threshold, comparator)

    assert since([70, 80, 81, 82, 85], 80, ">=") == date(2021, 12, 31)
    assert since([70, 80, 81, 82, 85], 80, ">") == date(2022, 12, 31)
    assert since([81, 82, 79, 80, 81], 80, ">=") == date(2023, 12, 31)
    assert since([81, 82, 83, 84, 79], 80, ">=") is None
    assert since([12, 11, 10, 9, 8], 10, "<=") == date(2022, 12, 31)
    assert since([70, 72, 74, 78, 80], 80, ">=", last="at_most") is None  # "nearly 80"
    assert since([70, 72, 74, 78, 80], 80, ">=", last="at_least") == date(2024, 12, 31)
    assert since([], 80, ">=") is None


@pytest.mark.parametrize(("threshold", "comparator"), [(80, ">="), (75, ">"), (95, ">=")])
def test_arrival_dates_are_where_the_chances_cross(threshold: float, comparator: str) -> None:
    fit = fit_series([2020, 2021, 2022, 2023, 2024], [38, 47, 55, 64, 70])
    coming = arrival(fit, threshold, comparator)
    assert coming.earliest is not None
    assert coming.median is not None
    assert date(2024, 12, 31) < coming.earliest < coming.median
    crossings = [(coming.earliest, 0.1), (coming.median, 0.5)]
    if coming.latest_likely is not None:
        assert coming.median < coming.latest_likely
        crossings.append((coming.latest_likely, 0.9))
    for day, level in crossings:
        # The first month at the level: there it holds, a month (and a rounded day) earlier not.
        at_day = year_position(day)
        assert fit.at(at_day + 1 / 365).probability(threshold, comparator) >= level
        assert fit.at(at_day - 1 / 12 - 1 / 365).probability(threshold, comparator) < level


def test_arrival_is_not_named_beyond_the_horizon() -> None:
    flat = fit_series([2021, 2022, 2023, 2024], [20.0, 20.1, 20.0, 20.1])
    coming = arrival(flat, 95, ">=")
    assert (coming.median, coming.latest_likely) == (None, None)
    far = fit_series([2021, 2022, 2023, 2024], [20.0, 20.1, 20.0, 20.1]).at(2024 + FARTHEST_YEARS)
    assert far.probability(95, ">=") < 0.5
    few = arrival(fit_series([2023, 2024], [40, 79]), 80, ">=")
    assert (few.earliest, few.median, few.latest_likely) == (None, None, None)
    never = arrival(flat, 100, ">")
    assert (never.earliest, never.median, never.latest_likely) == (None, None, None)


def test_dates_agree_with_the_chance_at_the_deadline() -> None:
    fit = fit_series([2020, 2021, 2022, 2023, 2024], [38, 47, 55, 64, 72])
    assert fit.at(2025).probability(75) > 0.5
    median = arrival(fit, 75, ">=").median
    assert median is not None and median <= date(2025, 12, 31)


def test_the_date_is_a_distribution() -> None:
    fit = fit_series([2020, 2021, 2022, 2023, 2024], [38, 47, 55, 64, 70])
    coming = arrival(fit, 80, ">=")
    assert (coming.quantile(0.1), coming.quantile(0.5)) == (coming.earliest, coming.median)
    assert coming.quantile(0.9) == coming.latest_likely
    days = [date(year, month, 15) for year in range(2025, 2040) for month in (3, 8)]
    by = [coming.by(day) for day in days]
    assert by == sorted(by) and 0 < by[0] < by[-1] < 1
    for year in (2025, 2026, 2030):
        standing = fit.at(year).probability(80)
        assert coming.by(date(year, 12, 31)) >= standing
    # While the chance still rises the two are the same.
    assert coming.by(date(2025, 12, 31)) == fit.at(2025).probability(80)
    assert coming.never == pytest.approx(1 - coming.by(date(2049, 12, 31)))
    assert coming.never > 0


def test_a_chance_that_falls_again_keeps_its_dates() -> None:
    """Three years up to 0.6, then down: reached by then is the height, not what is left of it."""

    def hill(dates: np.ndarray) -> np.ndarray:
        return np.clip(0.2 * (3 - np.abs(dates - 2027)), 0, 1)

    coming = arrival_of(hill, 2024)
    assert coming.earliest == date(2025, 7, 1)  # 0.1 after half a year
    assert coming.median == date(2027, 7, 1)  # 0.5 after two and a half
    assert coming.latest_likely is None and coming.quantile(0.7) is None
    assert coming.by(date(2026, 12, 31)) == pytest.approx(0.4)
    assert coming.by(date(2027, 12, 31)) == coming.by(date(2035, 12, 31)) == pytest.approx(0.6)
    assert coming.never == pytest.approx(0.4)
    # A day between two months counts too.
    assert coming.by(date(2025, 1, 9)) == pytest.approx(0.2 * 9 / 365)


def test_what_the_distribution_does_not_say() -> None:
    few = arrival(fit_series([2023, 2024], [40, 79]), 80, ">=")
    assert math.isnan(few.by(date(2025, 12, 31))) and math.isnan(few.never)
    assert few.quantile(0.5) is None
    fit = fit_series([2021, 2022, 2023, 2024], [40, 48, 55, 61])
    coming = arrival(fit, 80, ">=")
    assert math.isnan(coming.by(date(2023, 12, 31)))  # that is history
    assert math.isnan(coming.by(date(2024 + int(FARTHEST_YEARS) + 1, 12, 31)))
    for level in (0, 1, 1.2, -0.1):
        with pytest.raises(ValueError, match="between 0 and 1"):
            coming.quantile(level)
    there = arrival(fit, 60, ">=")
    assert there.by(date(2024, 12, 31)) == 1 and there.never == 0


@given(st.lists(st.floats(0, 1), min_size=301, max_size=301))
def test_the_chance_to_have_reached_never_falls(heights: list[float]) -> None:
    coming = arrival_of(lambda dates: np.interp(dates, 2000 + np.arange(301) / 12, heights), 2000)
    assert (np.diff(coming.reached) >= 0).all()
    assert coming.reached[-1] == pytest.approx(max(heights))
    for level, day in ((0.1, coming.earliest), (0.5, coming.median), (0.9, coming.latest_likely)):
        assert (day is None) == (coming.reached[-1] < level)
        assert coming.quantile(level) == day


def test_a_falling_target_arrives_from_above() -> None:
    falling = fit_series([2020, 2021, 2022, 2023, 2024], [40, 34, 27, 21, 16], progress=-1)
    coming = arrival(falling, 10, "<=")
    rising_fit = fit_series([2020, 2021, 2022, 2023, 2024], [60, 66, 73, 79, 84])
    rising = arrival(rising_fit, 90, ">=")
    assert coming == rising  # the scale is symmetric
    assert coming.median is not None


# --- the same numbers in a verdict ----------------------------------------------------------------


def test_every_pace_by_hand(registry: Registry, table_of: TableOf, plan_of: PlanOf) -> None:
    counts = [(2021, 400, 1000), (2022, 450, 1000), (2023, 550, 1100), (2024, 756, 1200)]
    rows = [
        {"period": year, "numerator": above, "denominator": below, "vintage": f"{year + 1}-02-01"}
        for year, above, below in counts
    ]
    plan, table = plan_of(80, ">="), table_of(rows)
    row = assess(plan, table, 2025, as_of="2024-12-31", registry=registry).iloc[0]
    assert (row["latest"], row["latest_date"], row["gap"]) == (50.0, "2023-12-31", 30.0)
    row = assess(plan, table, 2025, as_of="2025-06-30", registry=registry).iloc[0]
    assert (row["latest"], row["gap"], row["denominator"]) == (63.0, 17.0, 1200.0)
    assert row["pace_observed"] == pytest.approx((63 - 40) / 3, abs=1e-4)
    years = 184 / 365  # 1 July to 31 December
    assert row["pace_required"] == pytest.approx(17 / years, abs=1e-4)
    assert row["acceleration"] == pytest.approx((17 / years) / (23 / 3), abs=1e-4)
    assert row["counted"] == "people"
    assert row["gap_count"] == pytest.approx(204.0)  # 17 % of 1,200 people
    assert row["pace_required_count"] == pytest.approx(204 / years, abs=1e-3)
    assert (row["n_points"], row["method"], row["origin"]) == (4, "damped_drift", "published")
    past = assess(plan, table, 2025, as_of="2026-06-30", registry=registry).iloc[0]
    assert row["pace_compound"] == pytest.approx(100 * ((80 / 63) ** (1 / years) - 1), abs=1e-3)
    assert row["pace_log"] == pytest.approx(100 * math.log(80 / 63) / years, abs=1e-3)
    assert row["pace_logit"] == pytest.approx(math.log(4 / (63 / 37)) / years, abs=1e-4)
    assert row["acceleration_log"] == pytest.approx(
        (math.log(80 / 63) / years) / (math.log(63 / 40) / 3), abs=1e-3
    )
    assert past["gap"] == 17.0
    ahead = [name for name in past.index if name.startswith(("pace_", "acceleration"))]
    ahead.remove("pace_observed")
    assert len(ahead) == 9 and past[ahead].isna().all()
    assert past["probability"] == row["probability"]  # stands beside "unknown"


def test_a_falling_target_has_a_positive_acceleration(
    registry: Registry, table_of: TableOf, plan_of: PlanOf
) -> None:
    rows = [{"period": year, "value": 40 - 5 * (year - 2021)} for year in (2021, 2022, 2023)]
    plan, table = plan_of(10, "<="), table_of(rows)
    row = assess(plan, table, 2025, as_of="2024-12-31", registry=registry).iloc[0]
    assert (row["latest"], row["gap"], row["pace_observed"]) == (30, 20, -5)
    assert (row["pace_required"], row["acceleration"]) == (20, 4)


def test_a_bound_below_a_threshold_has_no_date_of_attainment(
    registry: Registry, table_of: TableOf, plan_of: PlanOf
) -> None:
    """ "Nearly 80 %" does not stand at 80 %."""
    nearly = {"period": 2024, "value": 80, "qualifier": "at_most"}
    plan, table = plan_of(80, ">="), table_of([nearly])
    row = assess(plan, table, 2025, as_of="2025-06-30", registry=registry).iloc[0]
    assert (row["status"], row["attainment_date"]) == ("insufficient", "")
