"""Many areas of one indicator, projected together: each borrows from the others what it lacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from kts_analysis.drift import TAIL_DF, Drift, fit_drift, usable
from kts_analysis.pooling import Common
from kts_analysis.predictive import Projections
from kts_analysis.scales import Array, Bounds, Scale
from kts_analysis.steps import Steps, make_steps, working_scale
from kts_analysis.trend_fit import Group
from kts_analysis.trends import SAME_DAY, check_bounds


@dataclass(frozen=True)
class PanelFit:
    """Areas fitted together, ready to be asked about any date.

    Attributes
    ----------
    values : array, shape (areas, dates)
        What was given, dates in order.
    common : Common or None
        What the areas have in common (pace, typical error, carry-over, catching up); None when
        fewer than two areas have two figures.
    """

    values: Array
    scale: Scale
    steps: Steps = field(repr=False)
    common: Common | None
    path: Drift = field(repr=False)
    progress: int = 1

    @property
    def group(self) -> Group:
        """What `trends.fit_series` needs to fit one of the areas by itself, to the same result."""
        return Group(self.steps.times, self.scale, self.common, self.progress)

    def at(self, date: float) -> Projections:
        """Return the predictive distributions at a date (years)."""
        locations, spreads = self.path.at(date)
        enough = usable(self.steps, self.common)
        newest, oldest = self.steps.newest(self.values), _oldest(self.steps, self.values)
        return Projections(
            date=float(date),
            methods=tuple(np.where(enough, "damped_drift", "none").tolist()),
            n_points=self.steps.count,
            horizons=np.where(self.steps.count > 0, date - self.path.since, np.nan),
            directions=np.where(self.steps.count > 1, np.sign(newest - oldest), 0.0),
            borrowed=np.where(enough, 100 * (1 - self.path.own_weight), 0.0),
            scale=self.scale,
            locations=np.where(enough, locations, np.nan),
            spreads=np.where(enough, spreads, np.nan),
            df=TAIL_DF,
        )


def fit_panel(
    years: Sequence[float] | ArrayLike,
    values: ArrayLike,
    *,
    bounds: Bounds = (0.0, 100.0),
    weights: ArrayLike | None = None,
    progress: int = 1,
) -> PanelFit:
    """Fit many areas of one indicator together.

    Parameters
    ----------
    years : array_like, shape (dates,)
        Dates in years, each once (fractions allowed), in any order.
    values : array_like, shape (areas, dates)
        One row an area, NaN where a figure is missing. The areas must be of one kind (districts,
        or provinces) and measured by one method.
    bounds : (lower, upper)
        Natural bounds, either may be None.
    weights : array_like, shape (areas, dates), optional
        How much each figure counts, above 0 up to 1.
    progress : {1, -1}
        Which way progress goes: a setback is believed less than progress.

    Returns
    -------
    PanelFit

    Raises
    ------
    ValueError
        Shapes differ, a year repeats or is missing, weights out of range, bounds in wrong order.
    """
    check_bounds(bounds)
    if progress not in (1, -1):
        raise ValueError(f"progress is 1 or -1, found {progress}")
    times, table = np.asarray(years, dtype=float), np.asarray(values, dtype=float)
    if times.ndim != 1 or table.ndim != 2 or table.shape[1] != len(times) or not len(times):
        raise ValueError(
            f"values must have one row an area and one column a year: {len(times)} years, "
            f"found a table of shape {table.shape}"
        )
    weighed = np.ones(table.shape) if weights is None else np.asarray(weights, dtype=float)
    if weighed.shape != table.shape or not ((weighed > 0) & (weighed <= 1)).all():
        raise ValueError("weights have the shape of the values and lie above 0 and at most at 1")
    order = np.argsort(times, kind="stable")
    times, table, weighed = times[order], table[:, order], weighed[:, order]
    if not np.isfinite(times).all() or (np.diff(times) <= SAME_DAY).any():
        raise ValueError("every year stands once, and none is missing")
    table = np.where(np.isfinite(table), table, np.nan)
    heard = np.isfinite(table).any(axis=0)
    if heard.any():
        times, table, weighed = times[heard], table[:, heard], weighed[:, heard]
    scale = working_scale(times, table, bounds)
    steps = make_steps(times, scale.forward(table), weighed)
    _, common, path = fit_drift(steps, progress)
    return PanelFit(table, scale, steps, common, path, progress)


def project_panel(
    years: Sequence[float] | ArrayLike,
    values: ArrayLike,
    target_year: float,
    *,
    bounds: Bounds = (0.0, 100.0),
    weights: ArrayLike | None = None,
    progress: int = 1,
) -> Projections:
    """Return the predictive distributions of many areas of one indicator at a later date.

    Parameters
    ----------
    years, values, bounds, weights, progress
        See `fit_panel`.
    target_year : float
        The date asked about.

    Returns
    -------
    Projections
        One distribution a row of `values`. An area with three points or more shares strength with
        the others; one with two borrows all its pace and spread; one with fewer has NaN. Alone in
        its panel, an area gets what `project_series` gives.

    Examples
    --------
    >>> import kts_analysis as kts
    >>> table = [[42, 51, 57], [30, 38, 49], [61, 66, 72], [55, None, 70]]  # areas × years
    >>> many = kts.project_panel([2021, 2022, 2023], table, 2025)
    >>> many.median.round(1).tolist()
    [68.4, 62.4, 80.0, 79.1]
    >>> many.probability(70, ">=").round(1).tolist()
    [0.4, 0.1, 1.0, 1.0]
    >>> many[3].n_points  # two figures: this area borrows its pace
    2
    """
    fit = fit_panel(years, values, bounds=bounds, weights=weights, progress=progress)
    return fit.at(float(target_year))


def _oldest(steps: Steps, values: Array) -> Array:
    return np.take_along_axis(values, steps.first[:, None], axis=1)[:, 0]
