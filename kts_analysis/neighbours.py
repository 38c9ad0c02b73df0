"""The areas that share strength: one indicator, one method, one level, borders of one day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np

from kts_analysis.entries import Area, Plan
from kts_analysis.panel import PanelFit, fit_panel
from kts_analysis.registry import Registry
from kts_analysis.scales import Array, Bounds
from kts_analysis.selection import Line


def neighbour_lines(
    plan: Plan, registry: Registry, own: Line, line_for: Callable[[Area], Line]
) -> list[Line]:
    """Return the lines of the areas that stand beside an area, its own among them.

    They are the plan's areas; for an area the plan does not list (a district held against the
    national plan) the areas of the same parent. Only areas of the same level whose figures follow
    the same measuring method. An area that had
    ended before the newest figure of the others (it lives on in one of them) is left out; when
    that is the area itself, it stands alone.

    Parameters
    ----------
    own : Line
        The area's own line.
    line_for : callable
        Gives the line of another area for the same target, day and breakdown.
    """
    beside = [line_for(place) for place in _beside(plan, registry, own.area)]
    alike = [own, *(line for line in beside if line.series == own.series and len(line.points))]
    newest = max(line.points["period_end"].iloc[-1] for line in alike)
    if not _lives(own.area, newest):
        return [own]
    living = [line for line in alike if _lives(line.area, newest)]
    return sorted(living, key=lambda line: line.area.code)  # whoever asks, the sums are the same


def _beside(plan: Plan, registry: Registry, area: Area) -> list[Area]:
    """Return the other areas of an area's level: the plan's, else its parent's."""
    if area.code in plan.areas:
        places = [registry.area(code) for code in plan.areas]
    else:
        codes = {place.code for place in registry.area_list if place.parent == area.parent}
        places = [registry.area(code) for code in sorted(codes)]
    return [place for place in places if place.level == area.level and place.code != area.code]


def _lives(area: Area, day: date) -> bool:
    return area.valid_to is None or area.valid_to >= day


def lines_matrix(lines: Sequence[Line]) -> tuple[Array, Array, Array]:
    """Return dates, values and weights of some lines as tables areas × dates.

    Returns
    -------
    times : array, shape (dates,)
        All dates of the lines, in order, in years.
    values, weights : arrays, shape (lines, dates)
        NaN (and weight 1) where a line has no figure of that date.
    """
    points = [line.fit_points for line in lines]
    times = np.unique(np.concatenate([part["t"].to_numpy(float) for part in points]))
    values = np.full((len(lines), len(times)), np.nan)
    weights = np.ones(values.shape)
    for row, (line, part) in enumerate(zip(lines, points, strict=True)):
        columns = np.searchsorted(times, part["t"].to_numpy(float))
        values[row, columns] = part["value"].to_numpy(float)
        weights[row, columns] = line.fit_weights
    return times, values, weights


def fit_lines(lines: Sequence[Line], bounds: Bounds, progress: int) -> PanelFit | None:
    """Return the lines fitted together; None when there are not two of them."""
    if len(lines) < 2:
        return None
    times, values, weights = lines_matrix(lines)
    return fit_panel(times, values, bounds=bounds, weights=weights, progress=progress)
