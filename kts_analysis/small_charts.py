"""Small pictures drawn as SVG in the page itself: a trajectory, a row of areas on one scale.

Dozens of them weigh less than one picture of the chart script. Colours and dashes are the style
sheet's; what a picture says stands beside it in words.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from kts_analysis.periods import parse_partial_date, year_position
from kts_analysis.rows import Row
from kts_analysis.scales import Array

WIDE, HIGH = 160, 92
LEFT, RIGHT, TOP, BOTTOM = 22, 6, 6, 16
DOT, LEAST_DOT = 5.0, 1.5  # radius of a dot in a row, and of the least of a crowd
ROW_EDGE = 3  # percent of a row's width left free at either end
LONGEST_STEP = 1.01  # years; figures farther apart are not joined by a line


@dataclass(frozen=True)
class Axes:
    """The scales that small pictures side by side share: years across, percent upwards."""

    begin: float
    end: float
    low: float
    high: float

    def x(self, year: float) -> float:
        """Return the place of a date, in years."""
        return round(
            LEFT + (year - self.begin) / (self.end - self.begin) * (WIDE - LEFT - RIGHT), 1
        )

    def y(self, value: float) -> float:
        """Return the place of a value, in percent."""
        part = (value - self.low) / (self.high - self.low)
        return round(HIGH - BOTTOM - part * (HIGH - TOP - BOTTOM), 1)


def shared_axes(
    paths: Iterable[Sequence[Row]], threshold: float | None, deadline: float
) -> Axes | None:
    """Return axes that hold every trajectory; None where there is no figure at all."""
    rows = [row for path in paths for row in path]
    if not rows:
        return None
    years = [_year(row) for row in rows] + [deadline]
    values = [float(row[name]) for row in rows for name in ("value", "lo80", "hi80")]
    values = [value for value in values if value == value]
    values += [] if threshold is None else [threshold]
    low, high = span(values)
    return Axes(min(years), max(max(years), min(years) + 1), low, high)


def span(values: Sequence[float]) -> tuple[float, float]:
    """Return the tens between which values lie, never of no width."""
    low, high = 10 * math.floor(min(values) / 10), 10 * math.ceil(max(values) / 10)
    return float(low), float(high if high > low else low + 10)


def trajectory_marks(path: Sequence[Row], axes: Axes) -> dict[str, str]:
    """Return SVG paths of a trajectory: figures, projection, its 80% interval ("" where none)."""
    seen = [row for row in path if row["kind"] == "observed"]
    ahead = [row for row in path if row["kind"] == "projected"]
    fan = ""
    if ahead:
        upper = [(axes.x(_year(row)), axes.y(row["hi80"])) for row in ahead]
        lower = [(axes.x(_year(row)), axes.y(row["lo80"])) for row in reversed(ahead)]
        fan = _line([*upper, *lower]) + "z"
    middle = [(axes.x(_year(row)), axes.y(row["value"])) for row in ahead]
    return {"seen": _broken(seen, axes), "ahead": _line(middle), "fan": fan}


def row_place(value: float, low: float, high: float) -> float:
    """Return where a value stands on a row's scale from `low` to `high`, in percent of its width.

    A row is as wide as the page, its signs are not: so places are shares, not units.
    """
    return round(ROW_EDGE + (value - low) / (high - low) * (100 - 2 * ROW_EDGE), 2)


def crowd(values: Array, low: float, high: float) -> list[tuple[float, float]]:
    """Return the dots of very many values on a row: whole percents of its width, and radii.

    Values that fall on one place share a dot, whose area grows with their number.
    """
    at = ROW_EDGE + (values - low) / (high - low) * (100 - 2 * ROW_EDGE)
    places, counts = np.unique(np.round(at), return_counts=True)
    radii = LEAST_DOT + (DOT - LEAST_DOT) * np.sqrt(counts / counts.max())
    return list(zip(places.tolist(), np.round(radii, 1).tolist(), strict=True))


def _year(row: Row) -> float:
    return year_position(parse_partial_date(row["date"]))


def _broken(rows: Sequence[Row], axes: Axes) -> str:
    """Return the line through figures, broken where more than a year has none."""
    text, last = [], -math.inf
    for row in rows:
        year = _year(row)
        letter = "M" if year - last > LONGEST_STEP else "L"
        text.append(f"{letter}{axes.x(year):g} {axes.y(row['value']):g}h0")  # h0: a round dot
        last = year
    return "".join(text)


def _line(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points) if points else ""
