"""Axes of a drawn chart: where a value stands, and which round values are written beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

PADDING = 0.06  # of the range, left free on either side


@dataclass(frozen=True)
class Axis:
    """From values to places.

    Attributes
    ----------
    low, high : float
        Values at the ends.
    start, end : float
        Where the ends stand in the picture.
    ticks : tuple of float
        Values written beside the axis.
    names : dict
        Place on the scale of each name, for an axis of names.
    """

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...] = ()
    names: Mapping[str, float] = field(default_factory=dict)

    def at(self, value: float | str) -> float:
        """Return where a value, or a name, stands in the picture."""
        worth = self.names[value] if isinstance(value, str) else float(value)
        return self.start + (worth - self.low) / (self.high - self.low) * (self.end - self.start)


def axis_for(
    values: Sequence[float],
    start: float,
    end: float,
    *,
    many: int,
    step: float | None = None,
    headroom: float = PADDING,
) -> Axis:
    """Return the axis on which some values have room.

    Parameters
    ----------
    values : sequence of float
        What is drawn. Without values the axis goes from 0 to 1.
    start, end : float
        Ends in the picture.
    many : int
        At most so many ticks.
    step : float, optional
        Smallest distance between ticks (1 for years).
    headroom : float
        Part of the range left free at the upper end.
    """
    least, most = (min(values), max(values)) if values else (0.0, 1.0)
    room = max(most - least, 1.0)
    low = least - room * PADDING
    low = max(low, 0.0) if least >= 0 else low
    high = most + room * headroom
    return Axis(low, high, start, end, ticks(low, high, many, step))


def category_axis(names: Sequence[str], start: float, end: float) -> Axis:
    """Return an axis of names, the first at the start."""
    places = {name: float(place) for place, name in enumerate(names)}
    return Axis(-0.6, len(names) - 0.4, start, end, names=places)


def ticks(low: float, high: float, many: int, step: float | None = None) -> tuple[float, ...]:
    """Return round values from `low` to `high`, at most `many`."""
    least = step or 10.0 ** math.floor(math.log10((high - low) / many))
    factors = (1, 2, 5, 10, 20, 50, 100)
    distance = next(
        (least * factor for factor in factors if (high - low) / (least * factor) < many),
        least * factors[-1],
    )
    first, last = math.ceil(low / distance - 1e-9), math.floor(high / distance + 1e-9)
    return tuple(round(place * distance, 9) for place in range(first, last + 1))
