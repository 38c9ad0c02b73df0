"""From a short series to one predictive distribution per date: fits, intervals, probabilities.

How the method is chosen (`choose_method`), by the number of dated points:

====== =====================================================================================
points what is said
====== =====================================================================================
0      nothing
1      the value; no trend, no distribution
2      the direction only; no distribution, so no probability
3+     a distribution: ``damped_drift``, on the logit scale when the indicator has both bounds,
       on the plain scale otherwise
====== =====================================================================================

``linear``, ``time_weighted`` and ``logit`` are the regression lines that the UN and Eurostat
families of methods use; they can be asked for by name, with their own prediction interval. They
are not the default, because residuals about a line are not the errors of a forecast: on real
adoption panels the 80% interval of a line held 56% of what came, and it began from the line
instead of from the last figure.

``damped_drift`` starts at the last figure, follows a part of the fitted pace that dies down year
by year, and lets the error grow with the horizon like a random walk's. Its constants stand below
with their reasons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from statsmodels.regression.linear_model import WLS, RegressionResultsWrapper

from kts_analysis.predictive import Projection, chance
from kts_analysis.scales import Array, Bounds, Scale

Method = Literal["auto", "damped_drift", "linear", "time_weighted", "logit"]
METHODS: tuple[Method, ...] = ("auto", "damped_drift", "linear", "time_weighted", "logit")

MIN_POINTS = 3  # two points fit a line exactly and say nothing about its error
DAMPING = 0.92  # part of a year's pace that is left a year later
# Part of the series' own pace that is believed, by number of points: few points, little belief.
PACE_BELIEF = {3: 0.55, 4: 0.60, 5: 0.65, 6: 0.70}
# A typical yearly step error, and how many own observations it is worth: three points say too
# little about their own noise. On the logit scale; on a plain scale it is relative to the spread.
PRIOR_STEP = 0.15
PRIOR_WEIGHT = 3.0
TAIL_DF = 5.0  # Student's t: short series surprise more often than a normal curve allows
SAME_DAY = 1e-6  # years


@dataclass(frozen=True)
class TrendFit:
    """A fitted series, ready to be asked about any date.

    Attributes
    ----------
    times, values : arrays, shape (n,)
        The dated points used (repeated dates averaged), in years and in the unit of the values.
    method : str
        Method used, ``none`` below `MIN_POINTS`.
    pace, pace_se : float
        Slope of the statsmodels fit on the working scale, per year, and its standard error.
    notes : tuple of str
        What was done to the points (codes: ``repeated_dates``, ``beyond_bound``, ``constant``).
    """

    times: Array
    values: Array
    method: str
    scale: Scale
    pace: float
    pace_se: float
    step: float
    df: float
    line: RegressionResultsWrapper | None = field(repr=False)
    notes: tuple[str, ...] = ()

    @property
    def direction(self) -> int:
        """Sign of the change from the first to the last point."""
        return int(np.sign(self.values[-1] - self.values[0])) if len(self.values) > 1 else 0

    def fitted(self) -> Array:
        """Return the fitted line at the observed dates, in the unit of the values."""
        if self.line is None:
            return np.full(len(self.times), np.nan)
        return self.scale.back(self.line.fittedvalues)

    def at(self, date: float) -> Projection:
        """Return the predictive distribution at a date (years)."""
        location, spread = self._parameters(np.array([date], dtype=float))
        last = self.times[-1] if len(self.times) else float("nan")
        return Projection(
            date=float(date),
            method=self.method,
            n_points=len(self.times),
            horizon=float(date - last),
            direction=self.direction,
            scale=self.scale,
            location=float(location[0]),
            spread=float(spread[0]),
            df=self.df,
        )

    def chances(self, dates: ArrayLike, threshold: float, comparator: str = ">=") -> Array:
        """Return the chance (0 to 1) at each date, as `Projection.probability` gives it."""
        when = np.atleast_1d(np.asarray(dates, dtype=float))
        locations, spreads = self._parameters(when)
        return chance(self.scale, locations, spreads, self.df, threshold, comparator)

    def _parameters(self, dates: Array) -> tuple[Array, Array]:
        """Location and spread of the distribution on the working scale, at each date."""
        if self.line is None:
            return np.full(len(dates), np.nan), np.full(len(dates), np.nan)
        if self.method == "damped_drift":
            return self._walk(np.maximum(dates - self.times[-1], 0.0))
        result = self.line.get_prediction(_design(dates, self.times[-1]))
        return np.asarray(result.predicted_mean), np.asarray(result.se_obs)

    def _walk(self, horizons: Array) -> tuple[Array, Array]:
        """Damped drift from the last figure, with errors that grow with the horizon."""
        reach = (1 - DAMPING**horizons) / -np.log(DAMPING)  # years of full pace still to come
        belief = PACE_BELIEF[min(len(self.times), max(PACE_BELIEF))]
        start = float(self.scale.forward(self.values[-1]))
        variance = self.step**2 * horizons + (belief * self.pace_se * reach) ** 2
        return start + belief * self.pace * reach, np.sqrt(variance)


def choose_method(n_points: int) -> str:
    """Return the method the written rule picks for a number of dated points."""
    return "damped_drift" if n_points >= MIN_POINTS else "none"


def fit_series(
    times: ArrayLike,
    values: ArrayLike,
    *,
    bounds: Bounds = (0.0, 100.0),
    method: Method = "auto",
) -> TrendFit:
    """Fit a short series.

    Parameters
    ----------
    times : array_like, shape (n,)
        Dates in years (fractions allowed), in any order; a date may repeat.
    values : array_like, shape (n,)
        Values, e.g. percent 0-100; NaN is missing and left out.
    bounds : (lower, upper)
        Natural bounds, either may be None.
    method : str
        ``auto`` follows the written rule; the others are named methods.

    Returns
    -------
    TrendFit

    Raises
    ------
    ValueError
        Lengths differ, an unknown method, or bounds in the wrong order.
    """
    if method not in METHODS:
        raise ValueError(f"unknown method {method!r}; there are {', '.join(METHODS)}")
    lower, upper = bounds
    if lower is not None and upper is not None and not lower < upper:
        raise ValueError(f"bounds {bounds} are not in order")
    when, what, notes = _clean(times, values, bounds)
    chosen = choose_method(len(when)) if method == "auto" else method
    if len(when) < MIN_POINTS:
        chosen = "none"
    scale = Scale(*bounds, bend=chosen in ("damped_drift", "logit"))
    if chosen == "none":
        nan = float("nan")
        return TrendFit(when, what, chosen, scale, nan, nan, nan, TAIL_DF, None, notes)
    places = scale.forward(what)
    weights = when - when[0] + 1 if chosen == "time_weighted" else np.ones(len(when))
    line = WLS(places, _design(when, when[-1]), weights=weights).fit()
    if np.ptp(what) == 0:
        notes = (*notes, "constant")
    return TrendFit(
        times=when,
        values=what,
        method=chosen,
        scale=scale,
        pace=float(line.params[1]),
        pace_se=float(line.bse[1]),
        step=_step_error(when, places, float(line.params[1]), scale),
        df=TAIL_DF if chosen == "damped_drift" else float(line.df_resid),
        line=line,
        notes=notes,
    )


def project_series(
    years: Sequence[float] | ArrayLike,
    values: Sequence[float] | ArrayLike,
    target_year: float,
    *,
    bounds: Bounds = (0.0, 100.0),
    method: Method = "auto",
) -> Projection:
    """Return the predictive distribution of a short series at a later date.

    Parameters
    ----------
    years, values : array_like, shape (n,)
        Dates in years (2024.5 is mid-2025's half-year earlier: a year's end is the whole number)
        and values.
    target_year : float
        The date asked about.
    bounds : (lower, upper)
        Natural bounds, either may be None.
    method : str
        See `fit_series`.

    Returns
    -------
    Projection
        With fewer than three dated points it is insufficient: its numbers are NaN and only
        ``direction`` speaks.
    """
    return fit_series(years, values, bounds=bounds, method=method).at(float(target_year))


def _clean(
    times: ArrayLike, values: ArrayLike, bounds: Bounds
) -> tuple[Array, Array, tuple[str, ...]]:
    """Sort, drop missing, average repeated dates; say what was done."""
    when = np.asarray(times, dtype=float)
    what = np.asarray(values, dtype=float)
    if when.shape != what.shape or when.ndim != 1:
        raise ValueError(f"years and values must be two lists of one length, found {when.shape}")
    known = np.isfinite(when) & np.isfinite(what)
    when, what = when[known], what[known]
    order = np.lexsort((what, when))
    when, what = when[order], what[order]
    notes = []
    fresh = np.concatenate([[True], np.diff(when) > SAME_DAY]) if len(when) else np.array([], bool)
    if not fresh.all():
        group = np.cumsum(fresh) - 1
        what = np.bincount(group, weights=what) / np.bincount(group)
        when = when[fresh]
        notes.append("repeated_dates")
    if (Scale(*bounds).hold(what) != what).any():
        notes.append("beyond_bound")
    return when, what, tuple(notes)


def _design(times: Array, origin: float) -> Array:
    """Design matrix of a line; the origin keeps large years from spoiling the arithmetic."""
    return np.column_stack([np.ones(len(times)), np.asarray(times, dtype=float) - origin])


def _step_error(times: Array, places: Array, pace: float, scale: Scale) -> float:
    """Standard deviation of a yearly step about the pace, shrunk towards the prior.

    Each step's error is scaled by the square root of its length, so that gaps count right.
    """
    gaps = np.diff(times)
    errors = (np.diff(places) - pace * gaps) / np.sqrt(gaps)
    prior = PRIOR_STEP if scale.bounded else PRIOR_STEP * max(float(np.std(places)), 1e-9)
    total = PRIOR_WEIGHT * prior**2 + float(np.sum(errors**2))
    return float(np.sqrt(total / (PRIOR_WEIGHT + len(errors))))
