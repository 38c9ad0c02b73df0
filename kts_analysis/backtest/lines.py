"""Plain methods to be measured against, whole panels at a time: a line, a weighted line, no change.

The lines are the regression lines of statsmodels with their own prediction interval, written out in
arrays (`tests/test_backtest.py` holds them equal to 1e-8), because a test asks for tens of
thousands of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit

from kts_analysis.scales import Array, Bounds

LEAST_SPREAD = 1e-9  # a line through points exactly on it still has a distribution


@dataclass(frozen=True)
class StudentForecasts:
    """Student-t distributions, one a unit; NaN where a method abstains.

    Attributes
    ----------
    median, spread, df : arrays, shape (units,)
        In the unit of the values.
    """

    median: Array
    spread: Array
    df: Array

    def interval(self, level: float) -> tuple[Array, Array]:
        """Return the central interval that holds the value with chance `level` (0 to 1)."""
        half = self.spread * stdtrit(self.df, (1 + level) / 2)
        return self.median - half, self.median + half

    def probability(self, threshold: ArrayLike, comparator: str = ">=") -> Array:
        """Return the chance (0 to 1) to stand in a relation to one threshold, or one a unit."""
        place = (np.asarray(threshold, dtype=float) - self.median) / self.spread
        below = np.asarray(stdtr(self.df, place), dtype=float)
        return below if comparator in ("<", "<=") else 1 - below


def line(years: Array, values: Array, target_year: float, bounds: Bounds) -> StudentForecasts:
    """Ordinary least squares with its own prediction interval; three points at least."""
    return _weighted_line(years, values, target_year, np.ones(values.shape))


def time_weighted_line(
    years: Array, values: Array, target_year: float, bounds: Bounds
) -> StudentForecasts:
    """Least squares with weights 1, 2, 3, … from each unit's first year on.

    The weighting of UN ESCAP's extrapolation, origin one year before the first figure (its
    published origin was not found, see `kts_analysis.trends`).
    """
    first = np.where(np.isfinite(values), years, np.inf).min(axis=1)
    return _weighted_line(years, values, target_year, years - first[:, None] + 1)


def no_change(years: Array, values: Array, target_year: float, bounds: Bounds) -> StudentForecasts:
    """The last value, with the error of a random walk of the unit's own yearly changes."""
    counts = np.isfinite(values).sum(axis=1)
    last, last_year = np.full(len(values), np.nan), np.full(len(values), np.nan)
    squares = np.zeros(len(values))
    for year, column in zip(years, values.T, strict=True):
        known = np.isfinite(column)
        step = known & np.isfinite(last)
        squares[step] += (column[step] - last[step]) ** 2 / (year - last_year[step])
        last, last_year = np.where(known, column, last), np.where(known, year, last_year)
    enough = counts >= 2
    steps = np.where(enough, counts - 1, 1).astype(float)
    step_error = np.maximum(np.sqrt(squares / steps), LEAST_SPREAD)
    spread = step_error * np.sqrt(target_year - last_year)
    return StudentForecasts(np.where(enough, last, np.nan), spread, steps)


def _weighted_line(
    years: Array, values: Array, target_year: float, weights: Array
) -> StudentForecasts:
    """Weighted least squares of each row on the years, and the error of a new point."""
    known = np.isfinite(values)
    weights = np.where(known, weights, 0.0)
    heights = np.where(known, values, 0.0)
    times = years - years[-1]  # large years would spoil the arithmetic
    ahead = float(target_year - years[-1])
    counts = known.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        total = weights.sum(axis=1)
        middle = weights @ times / total
        height = (weights * heights).sum(axis=1) / total
        offsets = times - middle[:, None]
        across = (weights * offsets**2).sum(axis=1)
        slope = (weights * offsets * heights).sum(axis=1) / across
        fitted = height[:, None] + slope[:, None] * offsets
        df = np.where(counts >= 3, counts - 2, np.nan).astype(float)
        noise = (weights * np.where(known, values - fitted, 0.0) ** 2).sum(axis=1) / df
        spread = np.sqrt(noise * (1 + 1 / total + (ahead - middle) ** 2 / across))
    place = np.where(counts >= 3, height + slope * (ahead - middle), np.nan)
    return StudentForecasts(place, np.maximum(spread, LEAST_SPREAD), df)
