"""A table of areas × dates as steps on the working scale: what every area did, date by date."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kts_analysis.scales import Array, Bounds, Scale

Flags = NDArray[np.bool_]
Places = NDArray[np.intp]

# One step that lies this many times farther from the usual pace than any other is a change of
# level (a new register, a new way of counting), not pace; smaller jumps are ordinary news.
SHIFT_TIMES = 10.0
SHIFT_LEAST = 0.5  # and it is at least this large on the logit scale (12 points at 50%)
SHIFT_POINTS = 5  # with fewer points no step can be told from the others

TYPICAL_STEP = 0.15  # a year's change on the logit scale, on the panels the method was measured on


@dataclass(frozen=True)
class Steps:
    """Areas × dates on the working scale.

    Attributes
    ----------
    times : array, shape (dates,)
        Dates in years, strictly rising.
    places : array, shape (areas, dates)
        Values on the working scale; a date missing between two others lies on the straight line
        between them, dates before an area's first or after its last are NaN.
    known : array of bool, shape (areas, dates)
        Where there is a figure.
    weights : array, shape (areas, dates)
        How much a figure counts (0 to 1): one that its source calls a bound or "about" counts less.
    shifts : array, shape (areas, dates - 1)
        Changes of level taken out of `places` before the later dates; 0 almost everywhere.
    """

    times: Array
    places: Array
    known: Flags
    weights: Array
    shifts: Array

    @cached_property
    def lengths(self) -> Array:
        """Years between neighbouring dates, shape (dates - 1,)."""
        return np.diff(self.times)

    @cached_property
    def paces(self) -> Array:
        """Change a year in each step, shape (areas, dates - 1); NaN outside an area's own dates."""
        return np.diff(self.places, axis=1) / self.lengths

    @cached_property
    def count(self) -> Array:
        """Figures of each area."""
        return np.asarray(self.known.sum(axis=1), dtype=float)

    @cached_property
    def first(self) -> Places:
        """Column of each area's first figure."""
        return np.asarray(self.known.argmax(axis=1))

    @cached_property
    def last(self) -> Places:
        """Column of each area's newest figure."""
        return np.asarray(len(self.times) - 1 - self.known[:, ::-1].argmax(axis=1))

    @cached_property
    def span(self) -> Array:
        """Years from each area's first figure to its newest."""
        return self.times[self.last] - self.times[self.first]

    @cached_property
    def complete(self) -> bool:
        """Whether every area has a figure of every date: much is then one product of tables."""
        return bool(self.known.all())

    def zeroed(self, table: Array) -> Array:
        """Return a table of steps with zeros where an area has none."""
        return table if self.complete else np.nan_to_num(table)

    @cached_property
    def turns(self) -> Flags:
        """Where two real steps meet: dates with a figure that are not at an end of the table."""
        return self.known[:, 1:-1]

    def newest(self, table: Array) -> Array:
        """Return each area's cell of a table (areas × dates) at its newest figure."""
        return np.take_along_axis(table, self.last[:, None], axis=1)[:, 0]

    def last_step(self, table: Array) -> Array:
        """Return each area's cell of a table (areas × dates - 1) in its newest step."""
        column = np.clip(self.last - 1, 0, None)
        return np.take_along_axis(table, column[:, None], axis=1)[:, 0]


def make_steps(times: Array, places: Array, weights: Array | None = None) -> Steps:
    """Return the steps of a table.

    Parameters
    ----------
    times : array, shape (dates,)
        Strictly rising.
    places : array, shape (areas, dates)
        On the working scale, NaN where there is no figure.
    weights : array, shape (areas, dates), optional
        Ones by default.
    """
    known = np.isfinite(places)
    weighed = np.ones(places.shape) if weights is None else weights
    still = np.zeros((len(places), max(len(times) - 1, 0)))
    steps = Steps(times, _fill_gaps(times, places, known), known, weighed, still)
    return _take_out_shifts(steps)


def working_scale(times: Array, values: Array, bounds: Bounds) -> Scale:
    """Return the scale that the default method works on.

    The logit where both bounds are known. Otherwise the plain scale, in units of the typical
    yearly change, so that what was learned on the logit scale about steps holds there too.

    Parameters
    ----------
    times : array, shape (dates,)
    values : array, shape (areas, dates)
        NaN where missing.
    bounds : (lower, upper)
    """
    if bounds[0] is not None and bounds[1] is not None:
        return Scale(*bounds)
    paces = np.diff(_fill_gaps(times, values, np.isfinite(values)), axis=1) / np.diff(times)
    moving = np.isfinite(paces) & (paces != 0) & ~_odd_steps(paces, values)
    squares = np.where(moving, paces, 0.0) ** 2
    yearly = np.sqrt(squares.sum(axis=1) / np.maximum(moving.sum(axis=1), 1))
    typical = float(np.median(yearly[yearly > 0])) if (yearly > 0).any() else 1.0
    return Scale(*bounds, unit=typical / TYPICAL_STEP)


def _odd_steps(paces: Array, values: Array) -> Flags:
    """Where a step is a change of level, which is no typical change."""
    size = np.sort(np.nan_to_num(np.abs(paces)), axis=1)
    if size.shape[1] < 2:
        return np.zeros(paces.shape, dtype=bool)
    odd = np.isfinite(values).sum(axis=1) >= SHIFT_POINTS
    odd &= size[:, -1] > SHIFT_TIMES * size[:, -2]
    return np.asarray(odd[:, None] & (np.abs(paces) == size[:, -1:]))


def _fill_gaps(times: Array, places: Array, known: Flags) -> Array:
    """Put missing dates between two figures on the straight line between them."""
    if known.all():
        return places
    column = np.arange(len(times))
    before = np.maximum.accumulate(np.where(known, column, -1), axis=1)
    after = np.minimum.accumulate(np.where(known, column, len(times))[:, ::-1], axis=1)[:, ::-1]
    between = (before >= 0) & (after < len(times))
    left, right = np.clip(before, 0, None), np.clip(after, None, len(times) - 1)
    start = np.take_along_axis(places, left, axis=1)
    end = np.take_along_axis(places, right, axis=1)
    years = np.where(right > left, times[right] - times[left], 1.0)
    filled: Array = start + (end - start) * (times - times[left]) / years
    return np.where(between, filled, np.nan)


def _take_out_shifts(steps: Steps) -> Steps:
    """Take a change of level out of an area's earlier dates, so that it is not read as pace.

    The newest figures keep their level; the step itself is left at the area's usual pace.
    """
    candidates = np.flatnonzero(steps.count >= SHIFT_POINTS)
    if not len(candidates):
        return steps
    paces, years = _own_steps(steps, candidates)
    usual = np.median(paces, axis=1) if np.isfinite(paces).all() else np.nanmedian(paces, axis=1)
    jumps = np.nan_to_num((paces - usual[:, None]) * years)
    ranked = np.sort(np.abs(jumps), axis=1)
    largest = np.abs(jumps).argmax(axis=1)
    shifted = ranked[:, -1] > np.maximum(SHIFT_TIMES * ranked[:, -2], SHIFT_LEAST)
    if not shifted.any():
        return steps
    rows, columns = candidates[shifted], largest[shifted]
    shifts = steps.shifts.copy()
    shifts[rows, columns] = jumps[shifted, columns]
    later = np.cumsum(shifts[:, ::-1], axis=1)[:, ::-1]  # all shifts still to come
    moved = steps.places + np.column_stack([later, np.zeros(len(later))])
    figures = np.where(steps.known, moved, np.nan)  # a gap beside the step is filled anew
    return replace(steps, places=_fill_gaps(steps.times, figures, steps.known), shifts=shifts)


def _own_steps(steps: Steps, areas: Places) -> tuple[Array, Array]:
    """Pace and length in years of the steps between an area's own figures, at the later figure's.

    Shape (areas, dates - 1); the pace is NaN where the later date has no figure.
    """
    if steps.complete:
        return steps.paces[areas], np.broadcast_to(steps.lengths, (len(areas), len(steps.lengths)))
    known, figures = steps.known[areas], steps.places[areas]
    column = np.arange(len(steps.times))
    before = np.maximum.accumulate(np.where(known, column, -1), axis=1)[:, :-1]
    ends = known[:, 1:] & (before >= 0)
    start = np.clip(before, 0, None)
    years = steps.times[1:] - steps.times[start]
    change = figures[:, 1:] - np.take_along_axis(figures, start, axis=1)
    return np.where(ends, change / years, np.nan), years
