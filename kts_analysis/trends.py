"""From a short series to one predictive distribution per date: fits, intervals, chances.

How the method is chosen (`choose_method`), by the number of dated points (what each number of
points was worth stands in the evidence file, by method and ``n``; see ``kts backtest``):

====== =====================================================================================
points what is said
====== =====================================================================================
0      nothing
1      the value; no trend, no distribution
2      alone: the direction only. With at least three neighbours that have three points: a
       distribution with the neighbours' pace and error, and the result says that it borrows
3+     a distribution: ``damped_drift``, on the logit scale when the indicator has both bounds,
       on the plain scale otherwise; the fewer points, the less the series' own pace is believed
       and the more its error leans on what such series do (`kts_analysis.pooling`)
====== =====================================================================================

``linear``, ``time_weighted`` and ``logit`` are the regression lines that the UN and Eurostat
families of methods use; they can be asked for by name, with their own prediction interval. They
are not the default, because residuals about a line are not the errors of a forecast: on real
adoption panels the 80% interval of a line held 56% of what came, and it began from the line
instead of from the last figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from kts_analysis.drift import LEND_POINTS, MIN_POINTS, drift, lends
from kts_analysis.pooling import own_evidence
from kts_analysis.predictive import Projection
from kts_analysis.scales import Array, Bounds, Scale
from kts_analysis.steps import Steps, make_steps, working_scale
from kts_analysis.trend_fit import Group, StraightLine, TrendFit, design

Method = Literal["auto", "damped_drift", "linear", "time_weighted", "logit"]
METHODS: tuple[Method, ...] = ("auto", "damped_drift", "linear", "time_weighted", "logit")
SAME_DAY = 1e-6  # years


def choose_method(n_points: int, *, lent: bool = False) -> str:
    """Return the method the written rule picks.

    Parameters
    ----------
    n_points : int
        Dated points.
    lent : bool
        Whether neighbours lend their pace.
    """
    return "damped_drift" if n_points >= (LEND_POINTS if lent else MIN_POINTS) else "none"


def fit_series(
    times: ArrayLike,
    values: ArrayLike,
    *,
    bounds: Bounds = (0.0, 100.0),
    method: Method = "auto",
    weights: ArrayLike | None = None,
    group: Group | None = None,
    progress: int = 1,
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
    weights : array_like, shape (n,), optional
        How much each point counts, above 0 up to 1 (an "about" or provisional figure less).
    group : Group, optional
        Areas to share strength with (`kts_analysis.panel`); its dates must hold all of `times`.
    progress : {1, -1}
        Which way progress goes: a setback is believed less than progress. A group has its own.

    Returns
    -------
    TrendFit

    Raises
    ------
    ValueError
        Lengths differ, an unknown method, weights out of range, bounds in the wrong order, or a
        date that the group does not have.
    """
    if method not in METHODS:
        raise ValueError(f"unknown method {method!r}; there are {', '.join(METHODS)}")
    check_bounds(bounds)
    if progress not in (1, -1):
        raise ValueError(f"progress is 1 or -1, found {progress}")
    when, what, weighed, notes = _clean(times, values, weights, bounds)
    if method not in ("auto", "damped_drift"):
        return _named(when, what, method, bounds, notes)
    return _drifting(when, what, weighed, bounds, group, progress, notes)


def check_bounds(bounds: Bounds) -> None:
    """Refuse bounds in the wrong order.

    Raises
    ------
    ValueError
        The lower bound is not below the upper one.
    """
    lower, upper = bounds
    if lower is not None and upper is not None and not lower < upper:
        raise ValueError(f"bounds {bounds} are not in order")


def project_series(
    years: Sequence[float] | ArrayLike,
    values: Sequence[float] | ArrayLike,
    target_year: float,
    *,
    bounds: Bounds = (0.0, 100.0),
    method: Method = "auto",
    weights: ArrayLike | None = None,
    progress: int = 1,
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
    method, weights, progress
        See `fit_series`.

    Returns
    -------
    Projection
        With fewer than three dated points it is insufficient: its numbers are NaN and only
        ``direction`` speaks.

    Examples
    --------
    >>> import kts_analysis as kts
    >>> dist = kts.project_series([2019, 2020, 2021, 2022, 2023], [42, 51, 57, 66, 71], 2025)
    >>> round(dist.median, 1), [round(end, 1) for end in dist.interval(0.8)]
    (78.4, [73.4, 82.7])
    >>> round(dist.probability(80, ">="), 2)
    0.3
    >>> kts.project_series([2023], [71], 2025).sufficient  # one figure is no trend
    False
    """
    fit = fit_series(
        years, values, bounds=bounds, method=method, weights=weights, progress=progress
    )
    return fit.at(float(target_year))


def _named(
    when: Array, what: Array, method: str, bounds: Bounds, notes: tuple[str, ...]
) -> TrendFit:
    """Fit one of the regression lines that are kept for comparison."""
    scale = Scale(*bounds, bend=method == "logit")
    if len(when) < MIN_POINTS:
        return _too_few(when, what, scale, notes)
    weights = when - when[0] + 1 if method == "time_weighted" else np.ones(len(when))
    line = StraightLine(scale.forward(what), design(when, when[-1]), weights)
    pace, error = float(line.params[1]), float(line.bse[1])
    return TrendFit(when, what, method, scale, pace, error, line, None, notes=notes)


def _drifting(
    when: Array,
    what: Array,
    weights: Array,
    bounds: Bounds,
    group: Group | None,
    progress: int,
    notes: tuple[str, ...],
) -> TrendFit:
    """Fit the default method, alone or within a group."""
    scale = group.scale if group else working_scale(when, what[None, :], bounds)
    if len(when) < LEND_POINTS:
        return _too_few(when, what, scale, notes)
    common = group.common if group else None
    steps = _one_row(when, scale.forward(what), weights, group.times if group else when)
    method = choose_method(len(when), lent=lends(common))
    if method == "none":
        return _too_few(when, what, scale, notes)
    line = _line(when, steps) if len(when) >= MIN_POINTS else None
    own = own_evidence(steps)
    if line is not None:
        own = replace(own, pace=np.array([line.params[1]]))
    if common is not None:
        notes = (*notes, "borrowed")
    shift = _shift(steps, what, scale)
    return TrendFit(
        times=when,
        values=what,
        method=method,
        scale=scale,
        pace=float(own.pace[0]),
        pace_se=float(line.bse[1]) if line is not None else float("nan"),
        line=line,
        path=drift(steps, own, common, group.progress if group else progress),
        n_areas=common.n_areas if common else 1,
        shift=shift,
        notes=(*notes, "level_shift") if shift else notes,
    )


def _line(when: Array, steps: Steps) -> StraightLine:
    """Return the least-squares line through the points (a change of level taken out)."""
    known = steps.known[0]
    weights = steps.weights[0, known]
    return StraightLine(steps.places[0, known], design(when, when[-1]), weights)


def _one_row(when: Array, places: Array, weights: Array, grid: Array) -> Steps:
    """Return the steps of one area on a group's dates.

    Raises
    ------
    ValueError
        A date that the grid does not have.
    """
    columns = np.clip(np.searchsorted(grid, when - SAME_DAY), 0, len(grid) - 1)
    if (np.abs(grid[columns] - when) > SAME_DAY).any():
        raise ValueError("the series has a date that its group does not have")
    row, weighed = np.full(len(grid), np.nan), np.ones(len(grid))
    row[columns], weighed[columns] = places, weights
    return make_steps(grid, row[None, :], weighed[None, :])


def _shift(steps: Steps, what: Array, scale: Scale) -> tuple[float, float] | None:
    """Return date and size (unit of the values) of a change of level, if there was one."""
    found = np.flatnonzero(steps.shifts[0])
    if not len(found):
        return None
    date = float(steps.times[found[0] + 1])
    position = int(np.searchsorted(np.flatnonzero(steps.known[0]), found[0] + 1))
    before, after = what[position - 1], what[position]
    return date, float(scale.hold(after) - scale.hold(before))


def _too_few(when: Array, what: Array, scale: Scale, notes: tuple[str, ...]) -> TrendFit:
    nan = float("nan")
    return TrendFit(when, what, "none", scale, nan, nan, None, None, notes=notes)


def _clean(
    times: ArrayLike, values: ArrayLike, weights: ArrayLike | None, bounds: Bounds
) -> tuple[Array, Array, Array, tuple[str, ...]]:
    """Sort, drop missing, average repeated dates; say what was done."""
    when, what = np.asarray(times, dtype=float), np.asarray(values, dtype=float)
    weighed = np.ones(what.shape) if weights is None else np.asarray(weights, dtype=float)
    if when.shape != what.shape or when.ndim != 1 or weighed.shape != what.shape:
        raise ValueError(f"years and values must be two lists of one length, found {when.shape}")
    if not ((weighed > 0) & (weighed <= 1)).all():
        raise ValueError("weights lie above 0 and at most at 1")
    known = np.isfinite(when) & np.isfinite(what)
    order = np.lexsort((what[known], when[known]))
    when, what, weighed = when[known][order], what[known][order], weighed[known][order]
    notes = []
    fresh = np.concatenate([[True], np.diff(when) > SAME_DAY]) if len(when) else np.array([], bool)
    if not fresh.all():
        day = np.cumsum(fresh) - 1
        total = np.bincount(day, weights=weighed)
        what = np.bincount(day, weights=what * weighed) / total
        when, weighed = when[fresh], np.minimum(total, 1.0)
        notes.append("repeated_dates")
    if (Scale(*bounds).hold(what) != what).any():
        notes.append("beyond_bound")
    if len(what) >= MIN_POINTS and np.ptp(what) == 0:
        notes.append("constant")
    return when, what, weighed, tuple(notes)
