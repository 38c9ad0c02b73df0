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

from kts_analysis import drift as d
from kts_analysis import pooling as p
from kts_analysis.scales import EDGE, Bounds, Scale
from kts_analysis.trend_fit import StraightLine, design
from kts_analysis.trends import choose_method, fit_series, project_series

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


def by_hand(
    times: list[float], places: list[float], ahead: float
) -> tuple[float, float, float, float, float]:
    """Centre, width, slope, belief and straightness of one series, from the written formulas."""
    n, span = len(times), times[-1] - times[0]
    mean_time, mean_place = sum(times) / n, sum(places) / n
    across = [time - mean_time for time in times]
    slope = sum(a * (place - mean_place) for a, place in zip(across, places, strict=True))
    slope /= sum(a * a for a in across)
    years = [later - earlier for earlier, later in pairwise(times)]
    paces = [(b - a) / y for (a, b), y in zip(pairwise(places), years, strict=True)]

    # the own pace: believed the less, the noisier the steps about it
    noise = sum((pace - slope) ** 2 * y for pace, y in zip(paces, years, strict=True)) / (n - 2)
    points = min(max(min(n, span + 1), 3), 8)
    belief = p.BELIEF_3 + (p.BELIEF_8 - p.BELIEF_3) * (points - 3) / 5
    belief *= p.PACE_SPREAD**2 / (p.PACE_SPREAD**2 + p.PACE_NOISE * noise / span)

    # straightness: second differences against first
    second = sum((b - a) ** 2 for a, b in pairwise(paces))
    first = sum((a**2 + b**2) / 2 for a, b in pairwise(paces))
    seen = math.log(second / (first + 1e-7) + p.BEND_LEAST)
    bend = d.BEND_WEIGHT * math.log(d.BEND_ALONE) + (n - 2) * seen
    bend = math.exp(bend / (d.BEND_WEIGHT + n - 2))
    straight = min(max(1 - bend / d.BEND_NONE, 0), 1)

    pace = (belief + (1 - belief) * straight) * slope
    if pace < 0:
        pace *= d.SETBACK_OWN + (1 - d.SETBACK_OWN) * straight
    else:
        pace /= 1 + pace / d.FASTEST
    damping = min(d.DAMPING + d.DAMPING_STRAIGHT * straight, d.MOST_DAMPING)
    reach = (1 - damping**ahead) / (1 - damping)

    # a year's error: between the prior and the own steps, on the log scale
    prior = (p.ERROR_FLOOR**2 + p.ERROR_OF_PACE**2 * slope**2) * (
        1 - p.ERROR_STRAIGHT * straight
    ) ** 2
    error = p.ERROR_WEIGHT * math.log(prior) + (n - 1) * math.log(noise + p.ROUNDING**2)
    error = math.exp(error / (p.ERROR_WEIGHT + n - 1))
    open_years = ahead**d.GROWTH_ALONE + d.PACE_DOUBT * reach**2 / max(span, 1)
    spread = math.sqrt(error * d.WIDEN_ALONE**2 * open_years)
    return places[-1] + pace * reach, spread, slope, belief, straight


@pytest.mark.parametrize(
    ("times", "values"),
    [
        ([2022.0, 2023.0, 2024.0], [40.0, 50.0, 58.0]),
        ([2022.0, 2023.0, 2024.0], [40.0, 35.0, 33.0]),
        ([2019.0, 2021.5, 2022.0, 2023.25], [4.0, 9.0, 12.5, 16.0]),
        (YEARS, VALUES),
    ],
)
def test_damped_drift_by_hand(times: list[float], values: list[float]) -> None:
    scale = Scale(0.0, 100.0)
    places = [float(logit(EDGE + (1 - 2 * EDGE) * value / 100)) for value in values]
    for ahead in (0.5, 1.0, 3.0, 6.0):
        location, spread, slope, belief, straight = by_hand(times, places, ahead)
        fit = fit_series(times, values)
        projection = fit.at(times[-1] + ahead)
        assert projection.horizon == pytest.approx(ahead)
        assert projection.location == pytest.approx(location, abs=1e-9)
        assert projection.spread == pytest.approx(spread, abs=1e-9)
        assert projection.median == pytest.approx(float(scale.back(location)), abs=1e-8)
        for level in (0.8, 0.95):
            reach = spread * stats.t.ppf((1 + level) / 2, d.TAIL_DF)
            ends = scale.back([location - reach, location + reach])
            assert projection.interval(level) == pytest.approx(ends, abs=1e-7)
        assert fit.pace == pytest.approx(slope, abs=1e-12)
        assert 0 < belief < 1
        assert fit.path is not None
        assert fit.path.straight[0] == pytest.approx(straight, abs=1e-12)
        assert fit.path.own_weight[0] == 1


def test_the_plain_scale_counts_in_typical_yearly_steps() -> None:
    """Without bounds a step of the typical size is `TYPICAL_STEP`, and the same rule follows."""
    times, values = [2019.0, 2021.0, 2022.0], [10.0, 14.0, 20.0]
    unit = math.sqrt((2**2 + 6**2) / 2) / 0.15  # a change of 2 a year, then 6
    location, spread, slope, *_ = by_hand(times, [value / unit for value in values], 2.0)
    fit = fit_series(times, values, bounds=(None, None))
    assert fit.scale.unit == pytest.approx(unit)
    assert fit.pace * unit == pytest.approx(np.polyfit(times, values, 1)[0])
    assert fit.pace == pytest.approx(slope)
    assert fit.at(2024).location == pytest.approx(location, abs=1e-9)
    assert fit.at(2024).spread == pytest.approx(spread, abs=1e-9)
    assert fit.at(2024).median == pytest.approx(location * unit, abs=1e-7)


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


def test_one_year_on_the_median_lies_between_no_change_and_the_line() -> None:
    """Half the pace or so lasts: neither no change nor the line's own continuation."""
    steady = project_series(YEARS, VALUES, 2025).median
    line = project_series(YEARS, VALUES, 2025, method="linear").median
    assert 71.5 < steady < line


def test_a_straight_series_is_believed_more_and_held_narrower() -> None:
    straight = fit_series(YEARS, [40, 44, 48, 52, 56, 60])
    crooked = fit_series(YEARS, [40, 50, 44, 57, 50, 60])
    assert straight.path is not None
    assert crooked.path is not None
    assert straight.path.straight[0] > crooked.path.straight[0]
    assert straight.at(2027).median > crooked.at(2027).median
    assert straight.at(2027).spread < crooked.at(2027).spread


@pytest.mark.parametrize("values", [VALUES, [60.0, 52.0, 47.0, 46.0, 40.0, 33.0]])
def test_progress_downwards_mirrors_progress_upwards(values: list[float]) -> None:
    up = project_series(YEARS, values, 2027)
    down = project_series(YEARS, [100 - value for value in values], 2027, progress=-1)
    assert down.median == pytest.approx(100 - up.median, abs=1e-8)
    assert down.interval(0.95)[0] == pytest.approx(100 - up.interval(0.95)[1], abs=1e-8)
    otherwise = project_series(YEARS, values, 2027, progress=-1)
    towards, away = (up, otherwise) if values[-1] > values[0] else (otherwise, up)
    moved = abs(towards.median - values[-1]), abs(away.median - values[-1])
    assert moved[0] > moved[1]  # the same move goes on farther when it is progress


# --- what the fit keeps -----------------------------------------------------------------------


def test_pace_and_error_are_statsmodels_figures() -> None:
    fit = fit_series(YEARS, VALUES)
    places = Scale(0.0, 100.0).forward(VALUES)
    model = sm.OLS(places, sm.add_constant(np.array(YEARS) - 2024)).fit()
    assert fit.pace == pytest.approx(model.params[1], rel=1e-10)
    assert fit.pace_se == pytest.approx(model.bse[1], rel=1e-9)
    assert fit.line is not None
    assert fit.line.params == pytest.approx(model.params, rel=1e-10)
    assert fit.fitted() == pytest.approx(Scale(0.0, 100.0).back(model.fittedvalues), abs=1e-9)


@given(
    places=st.lists(st.floats(-5, 5), min_size=3, max_size=12),
    weighed=st.lists(st.sampled_from([0.25, 0.5, 1.0]), min_size=12, max_size=12),
    steps=st.lists(st.integers(1, 24), min_size=12, max_size=12),
)
def test_the_line_is_that_of_statsmodels_to_the_last_digit(
    places: list[float], weighed: list[float], steps: list[int]
) -> None:
    """Evidence and pages were made with statsmodels' own object; not one digit may move."""
    times = 2010 + np.cumsum(steps[: len(places)]) / 12
    line = StraightLine(
        np.array(places), design(times, times[-1]), np.array(weighed[: len(places)])
    )
    same = line.results
    assert line.params.tolist() == np.asarray(same.params).tolist()
    assert line.wresid.tolist() == np.asarray(same.wresid).tolist()
    assert line.fittedvalues.tolist() == np.asarray(same.fittedvalues).tolist()
    assert line.bse.tolist() == np.asarray(same.bse).tolist()
    assert (line.scale, line.df_resid) == (same.scale, same.df_resid)


def test_diagnostics_by_hand() -> None:
    values = [40.0, 46.0, 47.0, 55.0]
    fit = fit_series([2021, 2022, 2023, 2024], values, method="linear")
    residuals = np.array(values) - np.polyval(np.polyfit(range(4), values, 1), range(4))
    sd = math.sqrt((residuals @ residuals) / 2)
    memory = (residuals[1:] @ residuals[:-1]) / (residuals @ residuals)
    found = fit.diagnostics
    assert found.residual_sd == pytest.approx(sd)
    assert found.memory == pytest.approx(memory)
    assert found.largest == pytest.approx(np.abs(residuals).max() / sd)
    assert math.isnan(fit_series([2021, 2022, 2023], [1, 2, 4]).diagnostics.memory)
    assert math.isnan(fit_series([2021, 2022], [1, 2]).diagnostics.residual_sd)


def test_alone_nothing_is_borrowed() -> None:
    fit = fit_series(YEARS, VALUES)
    assert (fit.borrowed, fit.n_areas, fit.notes, fit.shift) == (0, 1, (), None)


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


def test_dates_a_moment_apart_are_one_date() -> None:
    fit = fit_series([2022, 2023, 2023 + 1e-9, 2024], [40, 49, 51, 60])
    assert fit.values.tolist() == [40, 50, 60]


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


@pytest.mark.parametrize("bounds", [(None, None), (0.0, None), (None, 1e9)])
def test_without_two_bounds_a_thousandfold_series_has_thousandfold_results(bounds: Bounds) -> None:
    small = fit_series(YEARS, VALUES, bounds=bounds).at(2027.5)
    large = fit_series(YEARS, [1000 * value for value in VALUES], bounds=bounds).at(2027.5)
    assert large.median == pytest.approx(1000 * small.median, rel=1e-9)
    wanted = [1000 * end for end in small.interval(0.95)]
    assert large.interval(0.95) == pytest.approx(wanted, rel=1e-9)
    assert large.probability(90_000) == pytest.approx(small.probability(90), abs=1e-9)


def test_a_half_bounded_scale_holds_its_one_bound() -> None:
    falling = project_series(YEARS, [9, 7, 5, 3.5, 2, 1], 2030, bounds=(0.0, None))
    low, high = falling.interval(0.95)
    assert low == 0
    assert high > 1
    assert falling.probability(0, ">=") == 1
    free = project_series(YEARS, [9, 7, 5, 3.5, 2, 1], 2030, bounds=(None, None))
    assert free.interval(0.95)[0] < 0


def test_points_of_months_are_read_by_their_length() -> None:
    """Twelve monthly points of one year: the year ahead is no surer than by the year's span."""
    months = [2023 + month / 12 for month in range(13)]
    values = [50 + 4 * month / 12 + (0.3 if month % 2 else -0.3) for month in range(13)]
    fit = fit_series(months, values)
    ahead = [fit.at(2024 + part).interval(0.8) for part in (1 / 12, 0.5, 1.0)]
    widths = [high - low for low, high in ahead]
    assert widths[0] < widths[1] < widths[2]
    assert 53 < fit.at(2025).median < 58
    assert fit.pace == pytest.approx(np.polyfit(months, fit.scale.forward(values), 1)[0], rel=1e-8)


# --- figures that count less ---------------------------------------------------------------------


def test_weight_one_is_no_weight() -> None:
    plain, weighed = fit_series(YEARS, VALUES), fit_series(YEARS, VALUES, weights=[1] * 6)
    assert weighed.at(2026) == plain.at(2026)


def test_an_about_newest_figure_starts_there_and_is_not_certain() -> None:
    values = [*VALUES[:-1], 90.0]  # a leap that its source calls "about"
    firm = fit_series(YEARS, values)
    about = fit_series(YEARS, values, weights=[1, 1, 1, 1, 1, 0.25])
    assert firm.at(2024.0).spread == 0
    assert about.path is not None
    error = about.path.error[0]  # variance of a year's step
    assert about.at(2024.0).spread == pytest.approx(math.sqrt(0.75 * error))
    assert about.at(2024.0).median == firm.at(2024.0).median == pytest.approx(90)
    assert about.at(2024.0).probability(90, ">=") == pytest.approx(0.5)
    low, high = about.at(2024.0).interval(0.8)
    assert low < 90 < high
    assert about.pace < firm.pace  # and the leap counts less as pace
    later = about.at(2027.0).spread ** 2
    assert later > about.at(2024.0).spread ** 2 + d.WIDEN_ALONE**2 * error * 3**d.GROWTH_ALONE


def test_an_about_figure_weighs_less_in_the_slope() -> None:
    weights = np.array([1, 1, 0.2, 1, 1, 1])
    fit = fit_series(YEARS, VALUES, weights=weights)
    places = Scale(0.0, 100.0).forward(VALUES)
    model = sm.WLS(places, sm.add_constant(np.array(YEARS) - 2024), weights=weights).fit()
    assert fit.pace == pytest.approx(model.params[1], rel=1e-10)
    assert fit.pace_se == pytest.approx(model.bse[1], rel=1e-9)


def test_weights_of_one_date_add_up_to_one_at_most() -> None:
    fit = fit_series([2022, 2023, 2024, 2024], [40, 50, 58, 62], weights=[1, 1, 0.75, 0.5])
    assert fit.values == pytest.approx([40, 50, 59.6])
    assert fit.at(2024).spread == 0


# --- a change of level ----------------------------------------------------------------------------

JUMP_YEARS = [2017, 2018, 2019, 2020, 2021, 2022, 2023]


def test_a_jump_far_beyond_the_others_is_no_pace() -> None:
    values = [20.0, 20.8, 21.7, 22.4, 62.0, 62.9, 63.7]
    fit = fit_series(JUMP_YEARS, values)
    assert fit.shift == pytest.approx((2021, 62.0 - 22.4))
    assert fit.notes == ("level_shift",)
    assert fit.at(2023).median == pytest.approx(63.7)
    calm = fit_series(JUMP_YEARS, [58.7, 59.5, 60.3, 61.2, 62.0, 62.9, 63.7])
    assert calm.shift is None
    assert fit.pace == pytest.approx(calm.pace, abs=0.02)  # the usual pace, without the jump
    assert 63.7 < fit.at(2024).median < 66
    assert fit.at(2024).median == pytest.approx(calm.at(2024).median, abs=0.7)


def test_a_fall_of_level_is_found_too() -> None:
    fit = fit_series(JUMP_YEARS, [80.0, 80.5, 81.2, 40.0, 40.8, 41.5, 42.4])
    assert fit.shift == pytest.approx((2020, 40.0 - 81.2))
    assert fit.pace > 0


def test_a_jump_in_a_gap_is_found() -> None:
    values = [10, 11, 12, 13, math.nan, 60, 61, 62]
    fit = fit_series(range(2015, 2023), values)
    assert fit.shift == (2020, 47)


@pytest.mark.parametrize(
    "values",
    [
        [20.0, 22.0, 23.0, 26.0, 38.0, 40.0, 42.0],  # beyond the others, not far beyond
        [20.0, 20.0, 20.1, 20.1, 24.0, 24.1, 24.1],  # far beyond, but small
        [20.0, 35.0, 52.0, 70.0, 82.0, 90.0, 95.0],  # fast all along
    ],
)
def test_ordinary_news_is_no_change_of_level(values: list[float]) -> None:
    fit = fit_series(JUMP_YEARS, values)
    assert fit.shift is None
    assert "level_shift" not in fit.notes


def test_a_change_of_level_is_not_told_from_pace_with_four_points() -> None:
    assert fit_series([2020, 2021, 2022, 2023], [20.0, 20.8, 62.0, 62.7]).shift is None
    assert fit_series([2019, 2020, 2021, 2022, 2023], [20.0, 20.8, 21.5, 62.0, 62.7]).shift


def test_a_change_of_level_does_not_depend_on_the_unit_of_a_free_series() -> None:
    values = np.array([20.0, 20.8, 21.7, 22.4, 62.0, 62.9, 63.7])
    small = fit_series(JUMP_YEARS, values, bounds=(None, None))
    large = fit_series(JUMP_YEARS, 1000 * values, bounds=(None, None))
    assert small.shift is not None
    assert large.shift is not None
    assert small.shift[1] == pytest.approx(39.6)
    assert large.shift[1] == pytest.approx(39600)


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
    with pytest.raises(ValueError, match="one length"):
        fit_series(YEARS, VALUES, weights=[1, 1])
    with pytest.raises(ValueError, match="one length"):
        fit_series([YEARS], [VALUES])
    with pytest.raises(ValueError, match="not in order"):
        fit_series(YEARS, VALUES, bounds=(100.0, 0.0))
    with pytest.raises(ValueError, match="not in order"):
        fit_series(YEARS, VALUES, bounds=(50.0, 50.0))
    for progress in (0, 2, -2):
        with pytest.raises(ValueError, match="progress"):
            fit_series(YEARS, VALUES, progress=progress)
    for weight in (0, -1, 1.5, math.nan):
        with pytest.raises(ValueError, match="weights"):
            fit_series(YEARS, VALUES, weights=[1, 1, 1, 1, 1, weight])


# --- properties ---------------------------------------------------------------------------------


@settings(max_examples=60)
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


@settings(max_examples=60)
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


@settings(max_examples=40)
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


@settings(max_examples=40)
@given(series(), st.floats(0.1, 8), st.integers(-1000, 1000))
def test_the_origin_of_time_changes_nothing(
    points: tuple[list[float], list[float]], ahead: float, moved: int
) -> None:
    times, values = points
    here = project_series(times, values, times[-1] + ahead)
    there = project_series([time + moved for time in times], values, times[-1] + ahead + moved)
    assert there.location == pytest.approx(here.location, abs=1e-7)
    assert there.spread == pytest.approx(here.spread, abs=1e-7)


@settings(max_examples=40)
@given(series(), st.lists(st.floats(0, 12), min_size=2, max_size=6))
def test_spread_only_grows_with_the_horizon(
    points: tuple[list[float], list[float]], ahead: list[float]
) -> None:
    fit = fit_series(*points)
    spreads = [fit.at(points[0][-1] + years).spread for years in sorted(ahead)]
    assert spreads == sorted(spreads)
    assert fit.at(points[0][-1]).spread == 0


@settings(max_examples=40)
@given(series(), st.floats(0, 8), st.floats(-5, 105), st.sampled_from([">", ">=", "<", "<="]))
def test_chances_over_dates_are_those_of_the_projections(
    points: tuple[list[float], list[float]], ahead: float, threshold: float, comparator: str
) -> None:
    fit = fit_series(*points)
    dates = [points[0][-1] + ahead, points[0][-1] + 2 * ahead]
    single = [fit.at(date).probability(threshold, comparator) for date in dates]
    assert fit.chances(dates, threshold, comparator) == pytest.approx(single, abs=1e-12)


@settings(max_examples=60)
@given(st.floats(0, 100))
def test_scale_is_its_own_inverse(value: float) -> None:
    scale = Scale(0.0, 100.0)
    assert float(scale.back(scale.forward(value))) == pytest.approx(value, abs=1e-9)
    assert np.isfinite(scale.forward(value))
