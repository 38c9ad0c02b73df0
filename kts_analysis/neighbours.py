"""The areas that share strength: one indicator, one method, one level, borders of one day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import overload

import numpy as np

from kts_analysis.entries import Area, Plan
from kts_analysis.panel import PanelFit, fit_panel
from kts_analysis.registry import Registry
from kts_analysis.scales import Array, Bounds
from kts_analysis.schema import worst_origin
from kts_analysis.selection import Line
from kts_analysis.trend_fit import Group

SAME_RATE = 6  # decimals (percent) to which rates shared out from one area agree


@dataclass(frozen=True)
class Neighbours(Sequence[Line]):
    """Lines side by side; what they have in common is found once for all of them.

    Attributes
    ----------
    lines : tuple of Line
        By area code; a line that stands alone is the only one.
    bounds, progress
        As in `fit_lines`.
    """

    lines: tuple[Line, ...]
    bounds: Bounds
    progress: int

    def __len__(self) -> int:
        return len(self.lines)

    @overload
    def __getitem__(self, place: int) -> Line: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Line, ...]: ...
    def __getitem__(self, place: int | slice) -> Line | tuple[Line, ...]:
        return self.lines[place]

    def __iter__(self) -> Iterator[Line]:
        return iter(self.lines)

    @cached_property
    def codes(self) -> frozenset[str]:
        """Codes of the areas."""
        return frozenset(line.area.code for line in self.lines)

    @cached_property
    def newest(self) -> dict[str, float]:
        """The newest figure of each area that has one, by code."""
        return {line.area.code: line.figures[-1].value for line in self.lines if line.figures}

    @cached_property
    def newest_sorted(self) -> Array:
        """The newest figures, the lowest first."""
        return np.sort(list(self.newest.values()))

    @cached_property
    def origin(self) -> str:
        """The worst origin of all lines."""
        return worst_origin({line.origin for line in self.lines})

    @cached_property
    def distinct(self) -> tuple[Line, ...]:
        """The lines, of parts that share out one area's figures only the first.

        By one weight every part has the rate of the whole: its copies are no further evidence,
        and an interval made from them would be too narrow.
        """
        first: dict[object, Line] = {}
        for line in self.lines:
            first.setdefault(_evidence(line), line)
        return tuple(first.values())

    @cached_property
    def matrix(self) -> tuple[Array, Array, Array]:
        """Dates, values and weights as tables areas × dates, see `lines_matrix`."""
        return _matrix(self.distinct)

    @cached_property
    def group(self) -> Group | None:
        """What the lines have in common; None where there are not two of them."""
        fitted = fit_lines(self, self.bounds, self.progress)
        return fitted.group if fitted else None


def _evidence(line: Line) -> object:
    """Return what two lines have in common only where both were shared out from one area."""
    if "harmonised" not in line.flags.split(";"):
        return line.area.code
    return (*line.fit_times.tolist(), *line.fit_values.round(SAME_RATE).tolist())


def living_lines(lines: Sequence[Line]) -> list[Line]:
    """Return the lines that stand beside one another, by area code.

    Only lines with figures by one measuring method are given. An area that had ended before the
    newest figure of the others (it lives on in one of them) is left out.
    """
    newest = max(line.figures[-1].period_end for line in lines)
    living = [line for line in lines if lives_on(line.area, newest)]
    return sorted(living, key=lambda line: line.area.code)  # whoever asks, the sums are the same


def neighbour_lines(
    plan: Plan, registry: Registry, own: Line, line_for: Callable[[Area], Line]
) -> list[Line]:
    """Return the lines of the areas that stand beside an area, its own among them.

    They are the plan's areas; for an area the plan does not list (a district held against the
    national plan) the areas of the same parent. Only areas of the same level whose figures follow
    the same measuring method (`living_lines`); an area that has ended stands alone.

    Parameters
    ----------
    own : Line
        The area's own line.
    line_for : callable
        Gives the line of another area for the same target, day and breakdown.
    """
    places = places_beside(plan, registry, own.area)
    beside = [line_for(place) for place in places if place.code != own.area.code]
    alike = [own, *(line for line in beside if line.series == own.series and line.figures)]
    living = living_lines(alike)
    return living if any(line is own for line in living) else [own]


def places_beside(plan: Plan, registry: Registry, area: Area) -> list[Area]:
    """Return the areas of an area's level: the plan's, else its parent's."""
    if area.code in plan.areas:
        places = [registry.area(code) for code in plan.areas]
    else:
        places = registry.children(area.parent)
    return [place for place in places if place.level == area.level]


def lives_on(area: Area, day: date) -> bool:
    """Return whether an area had not ended before a day."""
    return area.valid_to is None or area.valid_to >= day


def lines_matrix(lines: Sequence[Line]) -> tuple[Array, Array, Array]:
    """Return dates, values and weights of some lines as tables areas × dates.

    Returns
    -------
    times : array, shape (dates,)
        All dates of the lines, in order, in years.
    values, weights : arrays, shape (lines, dates)
        Of `Neighbours` the distinct ones. NaN (and weight 1) where a line has no figure of that
        date.
    """
    return lines.matrix if isinstance(lines, Neighbours) else _matrix(lines)


def _matrix(lines: Sequence[Line]) -> tuple[Array, Array, Array]:
    times = np.unique(np.concatenate([line.fit_times for line in lines]))
    values = np.full((len(lines), len(times)), np.nan)
    weights = np.ones(values.shape)
    columns = np.searchsorted(times, np.concatenate([line.fit_times for line in lines]))
    rows = np.repeat(np.arange(len(lines)), [len(line.fit_times) for line in lines])
    values[rows, columns] = np.concatenate([line.fit_values for line in lines])
    weights[rows, columns] = np.concatenate([line.fit_weights for line in lines])
    return times, values, weights


def fit_lines(lines: Sequence[Line], bounds: Bounds, progress: int) -> PanelFit | None:
    """Return the lines fitted together; None when there are not two of them."""
    if len(lines.distinct if isinstance(lines, Neighbours) else lines) < 2:
        return None
    times, values, weights = lines_matrix(lines)
    return fit_panel(times, values, bounds=bounds, weights=weights, progress=progress)
