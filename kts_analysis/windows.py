"""Past windows of a panel: every stretch of about one length, with where it began and ended."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from kts_analysis.scales import EDGE, Array, Bounds, Scale

# A window is "of about the needed length" within half a year, and within a quarter of the length.
SLACK_YEARS, SLACK_SHARE = 0.5, 0.25
# Starting levels are comparable when the odds (part that has it : part that has not) differ by a
# factor of three at most: from 50% that is 25 to 75%, from 90% it is 75 to 96%.
COMPARABLE_ODDS = 3.0
ROUNDING = 1e-9  # of the arithmetic, not of figures


@dataclass(frozen=True)
class Windows:
    """Past windows of one length: one row a window, all arrays of one shape.

    Attributes
    ----------
    area : array of int
        Row of the matrix.
    start, end : array
        First and last value, in the unit of the values.
    years : array
        Length of each.
    """

    area: np.ndarray
    start: Array
    end: Array
    years: Array

    def __len__(self) -> int:
        return len(self.area)

    def keep(self, wanted: np.ndarray) -> Windows:
        """Return the windows wanted, one flag a window."""
        return Windows(self.area[wanted], self.start[wanted], self.end[wanted], self.years[wanted])

    @property
    def points(self) -> Array:
        """Change a year of each, in points."""
        return np.asarray((self.end - self.start) / self.years)

    def paces(self, scale: Scale) -> Array:
        """Return the change a year of each on the working scale."""
        return np.asarray((scale.forward(self.end) - scale.forward(self.start)) / self.years)


def slack_of(years: float) -> float:
    """Return by how much a window may miss a length and still be of about that length (years)."""
    return min(SLACK_YEARS, SLACK_SHARE * years)


def windows_of(times: ArrayLike, matrix: ArrayLike, years: float) -> Windows:
    """Return every window of about a length: for each area and start, the end nearest to it.

    Parameters
    ----------
    times : array_like, shape (dates,)
        Dates in years, rising.
    matrix : array_like, shape (areas, dates)
        Values, NaN where missing.
    years : float
        Length wanted; windows within half a year and a quarter of it are taken.
    """
    when, values = np.asarray(times, dtype=float), np.asarray(matrix, dtype=float)
    known = np.isfinite(values)
    lengths = when[None, :] - when[:, None]
    slack = slack_of(years)
    pairs = np.argwhere((lengths > 0) & (np.abs(lengths - years) <= slack + ROUNDING))
    distance = np.abs(lengths[pairs[:, 0], pairs[:, 1]] - years)
    taken = np.zeros_like(known)  # area x start
    found: list[tuple[np.ndarray, int, int]] = []
    for first, last in pairs[np.argsort(distance, kind="stable")]:
        fresh = known[:, first] & known[:, last] & ~taken[:, first]
        taken[:, first] |= fresh
        found.append((np.flatnonzero(fresh), int(first), int(last)))
    if not found:
        return Windows(np.empty(0, dtype=int), np.empty(0), np.empty(0), np.empty(0))
    return Windows(
        np.concatenate([rows for rows, _, _ in found]),
        np.concatenate([values[rows, i] for rows, i, _ in found]),
        np.concatenate([values[rows, j] for rows, _, j in found]),
        np.concatenate([np.full(len(rows), lengths[i, j]) for rows, i, j in found]),
    )


def window_length(times: ArrayLike, matrix: ArrayLike, years: float) -> float:
    """Return the length to look at: the one needed, else the nearest there is (longer on a tie).

    NaN when no area has two figures.
    """
    when = np.asarray(times, dtype=float)
    known = np.isfinite(np.asarray(matrix, dtype=float)).astype(int)
    lengths = when[None, :] - when[:, None]
    there = lengths[(known.T @ known > 0) & (lengths > 0)]
    if not len(there):
        return float("nan")
    nearest = float(min(there, key=lambda length: (round(abs(length - years), 6), -length)))
    return float(years) if abs(nearest - years) <= slack_of(years) else nearest


def scale_pace(start: float, end: float, years: float, bounds: Bounds = (0.0, 100.0)) -> float:
    """Return the change a year between two values on the working scale of the projections.

    With both bounds it is a logit that reaches the bounds at a finite place (half a point from a
    bound counts as the bound); the plain logit of `required_paces` differs by about 1% of itself
    in the middle and has no value at a bound.
    """
    scale = Scale(*bounds)
    return float((scale.forward(end) - scale.forward(start)) / years)


def comparable(start: Array, level: float, scale: Scale, rising: bool) -> np.ndarray:
    """Return which windows start at a level comparable to another, with something left to gain.

    Parameters
    ----------
    start : array, shape (windows,)
        First values.
    level : float
        The level they are compared to, on the odds (`COMPARABLE_ODDS`); on a plain scale all are.
    scale : Scale
    rising : bool
        Direction of the target; a start at the bound on its side has nothing left to gain.
    """
    if not scale.bounded:
        return np.ones(len(start), dtype=bool)
    assert scale.lower is not None and scale.upper is not None
    edge = EDGE * (scale.upper - scale.lower)
    left = scale.upper - start if rising else start - scale.lower
    near = np.abs(scale.forward(start) - scale.forward(level)) <= np.log(COMPARABLE_ODDS)
    return np.asarray(near & (left > edge))
