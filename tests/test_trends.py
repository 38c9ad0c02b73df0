"""Fits, predictive distributions and their agreement with statsmodels."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import logit

from kts_analysis.scales import EDGE, Scale
from kts_analysis.trends import (
    DAMPING,
    PACE_BELIEF,
    PRIOR_STEP,
    PRIOR_WEIGHT,
    choose_method,
    fit_series,
    project_series,
)

YEARS = [2019.0, 2020.0, 2021.0, 2022.0, 2023.0, 2024.0]
VALUES = [41.0, 47.5, 52.0, 60.5, 63.0, 71.5]
METHODS = ["damped_drift", "linear", "time_weighted", "logit"]


@st.composite
def series(draw: st.DrawFn) -> tuple[list[float], list[float]]:
    """A short series with uneven, fractional dates and values of one decimal."""
    n = draw(st.integers(3, 8))
    steps = draw(st.lists(st.integers(1, 30), min_size=n, max_size=n))
    times = [2015 + float(step) / 12 for step in np.cumsum(steps)]
    values = draw(st.lists(st.integers(0, 1000), min_size=n, max_size=n))
    return times, [value / 10 for value in values]


# --- what a number of points allows ---------------------------------------------------------


def test_no_points_say_nothing() -> None:
    projection = project_series([], [], 2025)
    assert (projection.method, projection.n_points, projection.direction) == ("none", 0, 0)
    assert not projection.sufficient
    assert math.isnan(projection.median)


def test_one_point_has_no_direction() -> None:
    projection = project_series([2024], [50], 2025)
    assert (projection.method, projection.n_points, projection.direction) == ("none", 1, 0)
    assert all(math.isnan(end) for end in projection.interval())
    assert math.isnan(projection.probability(10, ">="))


@pytest.mark.parametrize(("values", "direction"), [((40, 50), 1), ((50, 40), -1), ((40, 40), 0)])
def test_two_points_have_only_a_direction(values: tuple[float, float], direction: int) -> None:
    projection = project_series([2023, 2024], values, 2025)
    assert (projection.n_points, projection.direction) == (2, direction)
    assert not projection.sufficient
    assert math.isnan(projection.median)
    assert math.isnan(projection.probability(0, ">"))
    assert math.isnan(projection.probability(101, "<="))


@pytest.mark.parametrize("method", METHODS)
def test_too_few_points_stay_too_few_by_any_method(method: str) -> None:
    projection = project_series([2023, 2024], [40, 50], 2025, method=method)  # type: ignore[arg-type]
    assert (projection.method, projection.sufficient) == ("none", False)


def test_three_points_have_a_distribution() -> None:
    projection = project_series([2022, 2023, 2024], [40, 50, 60], 2025)
    assert (projection.method, projection.n_points) == ("damped_drift", 3)
    low, high = projection.interval(0.8)
    assert 0 < low < projection.median < high < 100
    assert [choose_method(n) for n in range(5)] == ["none"] * 3 + ["damped_drift"] * 2


# --- the default method, by hand -------------------------------------------------------------


def test_damped_drift_by_hand() -> None:
    scale = Scale(0.0, 100.0)
    places = logit(EDGE + (1 - 2 * EDGE) * np.array([40.0, 50.0, 60.0]) / 100)
    pace = (places[2] - places[0]) / 2
    errors = np.diff(places) - pace
    mid = places - (places.mean() + pace * np.array([-1.0, 0.0, 1.0]))
    pace_se = math.sqrt((mid @ mid) / 1 / 2)
    step = math.sqrt((PRIOR_WEIGHT * PRIOR_STEP**2 + errors @ errors) / (PRIOR_WEIGHT + 2))
    reach = (1 - DAMPING**2) / -math.log(DAMPING)
    location = places[2] + PACE_BELIEF[3] * pace * reach
    spread = math.sqrt(2 * step**2 + (PACE_BELIEF[3] * pace_se * reach) ** 2)

    projection = project_series([2022, 2023, 2024], [40, 50, 60], 2026)
    assert projection.horizon == 2
    assert projection.location == pytest.approx(location, abs=1e-9)
    assert projection.spread == pytest.approx(spread, abs=1e-9)
    assert projection.median == pytest.approx(float(scale.back(location)), abs=1e-9)
    tail = location + spread * stats.t.ppf(0.9, 5)
    assert projection.interval(0.8)[1] == pytest.approx(float(scale.back(tail)), abs=1e-9)


def test_a_gap_counts_by_its_length() -> None:
    """Errors are scaled by the root of the gap: 2020 is missing here."""
    fit = fit_series([2019, 2021, 2022], [10.0, 14.0, 20.0], bounds=(None, None))
    slope = np.polyfit([2019, 2021, 2022], [10.0, 14.0, 20.0], 1)[0]
    errors = np.array([(4 - 2 * slope) / math.sqrt(2), 6 - slope])
    prior = PRIOR_STEP * np.std([10.0, 14.0, 20.0])
    expected = math.sqrt((3 * prior**2 + errors @ errors) / 5)
    assert fit.pace == pytest.approx(slope)
    assert fit.step == pytest.approx(expected)


def test_at_the_last_date_the_last_figure_is_certain() -> None:
    fit = fit_series(YEARS, VALUES)
    assert fit.at(2024.0).interval(0.95) == pytest.approx((71.5, 71.5))
    assert fit.at(2024.0).probability(71.5, ">=") == 1
    assert fit.at(2024.0).probability(71.6, ">=") == 0


def test_error_grows_with_the_horizon() -> None:
    fit = fit_series(YEARS, VALUES)
    widths = [np.diff(fit.at(2024 + ahead).interval(0.8))[0] for ahead in (0.5, 1, 2, 4)]
    assert widths == sorted(widths)
    assert widths[0] > 0


# --- named methods against statsmodels --------------------------------------------------------


@pytest.mark.parametrize("method", ["linear", "time_weighted", "logit"])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_named_methods_are_statsmodels_prediction_intervals(method: str, level: float) -> None:
    times, target = np.array([2019.0, 2020.5, 2021.0, 2023.0, 2024.0]), 2026.5
    values = np.array([41.0, 47.5, 52.0, 60.5, 63.0])
    places = logit(EDGE + (1 - 2 * EDGE) * values / 100) if method == "logit" else values
    weights = times - 2018 if method == "time_weighted" else np.ones(5)
    model = sm.WLS(places, sm.add_constant(times - 2019), weights=weights).fit()
    frame = model.get_prediction([[1.0, target - 2019]]).summary_frame(alpha=1 - level)
    wanted = frame.loc[0, ["mean", "obs_ci_lower", "obs_ci_upper"]].to_numpy(dtype=float)
    if method == "logit":
        wanted = 100 * (1 / (1 + np.exp(-wanted)) - EDGE) / (1 - 2 * EDGE)
    projection = project_series(times, values, target, method=method)  # type: ignore[arg-type]
    found = [projection.median, *projection.interval(level)]
    assert projection.method == method
    assert found == pytest.approx(np.clip(wanted, 0, 100), abs=1e-6)
    assert projection.df == 3


# --- bounds, repeats, constants ----------------------------------------------------------------


def test_repeated_dates_are_averaged_and_noted() -> None:
    fit = fit_series([2022, 2023, 2023, 2024], [40, 49, 51, 60])
    assert fit.times.tolist() == [2022, 2023, 2024]
    assert fit.values.tolist() == [40, 50, 60]
    assert fit.notes == ("repeated_dates",)
    assert fit.at(2025).median == project_series([2022, 2023, 2024], [40, 50, 60], 2025).median
    assert fit_series([2022, 2023, 2024], [40, 50, 60]).notes == ()


def test_repeats_do_not_make_a_third_date() -> None:
    assert not project_series([2023, 2024, 2024], [40, 50, 52], 2025).sufficient


def test_missing_values_are_left_out() -> None:
    fit = fit_series([2021, 2022, 2023, 2024], [40, math.nan, 50, 60])
    assert fit.times.tolist() == [2021, 2023, 2024]


@pytest.mark.parametrize("level", [0.0, 37.0, 100.0])
def test_constant_series_stays_with_a_width(level: float) -> None:
    fit = fit_series([2021, 2022, 2023, 2024], [level] * 4)
    projection = fit.at(2025)
    low, high = projection.interval(0.8)
    assert "constant" in fit.notes
    assert projection.median == pytest.approx(level, abs=1e-6)
    assert 0 <= low <= high <= 100
    assert high > low
    assert projection.direction == 0


def test_values_above_100_are_held_and_noted() -> None:
    fit = fit_series([2021, 2022, 2023, 2024], [95, 99, 104, 108])
    assert fit.notes == ("beyond_bound",)
    assert fit.values.tolist() == [95, 99, 104, 108]
    assert fit.at(2025).interval(0.95)[1] <= 100
    free = fit_series([2021, 2022, 2023, 2024], [95, 99, 104, 108], bounds=(0.0, None))
    assert free.notes == ()
    assert free.at(2025).median > 100


def test_comparators_differ_only_at_a_bound() -> None:
    projection = project_series(YEARS, VALUES, 2025)
    assert projection.probability(100, ">") == 0
    assert 0 < projection.probability(100, ">=") < 0.5
    assert projection.probability(0, ">=") == 1
    assert 0.5 < projection.probability(0, ">") < 1
    assert projection.probability(80, ">") == projection.probability(80, ">=")
    assert projection.probability(101, ">=") == 0
    assert projection.probability(-1, ">") == 1
    for comparator, opposite in ((">", "<="), (">=", "<")):
        for threshold in (0, 75, 100):
            both = [projection.probability(threshold, word) for word in (comparator, opposite)]
            assert sum(both) == pytest.approx(1)


def test_wrong_arguments_are_refused() -> None:
    projection = project_series(YEARS, VALUES, 2025)
    for level in (0, 1, 80):
        with pytest.raises(ValueError, match="between 0 and 1"):
            projection.quantile(level)
    with pytest.raises(ValueError, match="comparator '=>'"):
        projection.probability(80, "=>")
    with pytest.raises(ValueError, match="unknown method 'best'"):
        fit_series(YEARS, VALUES, method="best")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="one length"):
        fit_series(YEARS, VALUES[:-1])
    with pytest.raises(ValueError, match="not in order"):
        fit_series(YEARS, VALUES, bounds=(100.0, 0.0))


# --- properties ---------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(series(), st.sampled_from(METHODS), st.floats(0, 10), st.data())
def test_distribution_is_coherent(
    points: tuple[list[float], list[float]], method: str, ahead: float, data: st.DataObject
) -> None:
    times, values = points
    projection = project_series(times, values, times[-1] + ahead, method=method)  # type: ignore[arg-type]
    levels = [0.025, 0.1, 0.3, 0.5, 0.7, 0.9, 0.975]
    quantiles = [projection.quantile(level) for level in levels]
    assert all(0 <= value <= 100 for value in quantiles)
    assert quantiles == sorted(quantiles)
    (low80, high80), (low95, high95) = projection.interval(0.8), projection.interval(0.95)
    assert low95 <= low80 <= projection.median <= high80 <= high95
    comparator = data.draw(st.sampled_from([">", ">="]))
    thresholds = sorted(data.draw(st.lists(st.floats(-5, 105), min_size=2, max_size=6)))
    chances = [projection.probability(threshold, comparator) for threshold in thresholds]
    assert all(0 <= chance <= 1 for chance in chances)
    assert all(later <= earlier + 1e-12 for earlier, later in pairwise(chances))


@settings(max_examples=60, deadline=None)
@given(series(), st.sampled_from(METHODS), st.floats(0.1, 8), st.floats(0.02, 0.98))
def test_probability_and_quantile_agree(
    points: tuple[list[float], list[float]], method: str, ahead: float, level: float
) -> None:
    times, values = points
    projection = project_series(times, values, times[-1] + ahead, method=method)  # type: ignore[arg-type]
    quantile = projection.quantile(level)
    assume(0.01 < quantile < 99.99 and projection.spread > 1e-6)
    assert projection.probability(quantile, ">=") == pytest.approx(1 - level, abs=1e-6)
    assert projection.probability(quantile, "<") == pytest.approx(level, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(series(), st.sampled_from(METHODS), st.randoms())
def test_order_and_origin_of_time_change_nothing(
    points: tuple[list[float], list[float]], method: str, random: object
) -> None:
    pairs = list(zip(*points, strict=True))
    random.shuffle(pairs)  # type: ignore[attr-defined]
    times, values = zip(*pairs, strict=True)
    straight = project_series(*points, 2040, method=method)  # type: ignore[arg-type]
    shuffled = project_series(times, values, 2040, method=method)  # type: ignore[arg-type]
    assert shuffled.interval(0.8) == pytest.approx(straight.interval(0.8), abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 100))
def test_scale_is_its_own_inverse(value: float) -> None:
    scale = Scale(0.0, 100.0)
    assert float(scale.back(scale.forward(value))) == pytest.approx(value, abs=1e-9)
    assert np.isfinite(scale.forward(value))
