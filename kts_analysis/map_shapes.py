"""Where each area stands on a map: outlines from boundaries, or tiles of a schematic grid."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kts_analysis.boundaries import Boundary, Ring

WIDE = 720  # units of the drawing from left to right
TILE_WIDE, TILE_HIGH, TILE_GAP = 112, 64, 6
MOST_LETTERS = 150_000  # of all outlines: a page holds 300 kB


@dataclass(frozen=True)
class Place:
    """One area on the drawing.

    Attributes
    ----------
    path : str
        SVG path of its outline.
    x, y : float
        Where its sign stands.
    """

    path: str
    x: float
    y: float


@dataclass(frozen=True)
class Drawing:
    """A map: its size in units of the drawing, and each area by its code."""

    width: int
    height: int
    places: dict[str, Place]

    @property
    def too_long(self) -> bool:
        """Whether the outlines are too fine for a page."""
        return sum(len(place.path) for place in self.places.values()) > MOST_LETTERS


def outlines(boundaries: Mapping[str, Boundary]) -> Drawing:
    """Return boundaries as outlines, each point at its place to one unit in 720.

    The projection is equirectangular with true proportions at the middle latitude: across a
    province nothing is off by more than the drawing's line. No point is left out but those that
    fall on the very unit of the one before.
    """
    rings = [ring for one in boundaries.values() for part in one.polygons for ring in part]
    west, east = _span(point[0] for ring in rings for point in ring)
    south, north = _span(point[1] for ring in rings for point in ring)
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = (WIDE - 8) / max((east - west) * squeeze, (north - south) * 0.9, 1e-9)

    def at(point: tuple[float, float]) -> tuple[int, int]:
        x = 4 + (point[0] - west) * squeeze * scale
        return round(x), round(4 + (north - point[1]) * scale)

    places = {}
    for code, one in sorted(boundaries.items()):
        drawn = [[at(point) for point in ring] for part in one.polygons for ring in part]
        largest = max((part[0] for part in one.polygons), key=lambda ring: abs(_area(ring)))
        x, y = _middle([at(point) for point in largest])
        places[code] = Place("".join(_path(ring) for ring in drawn), x, y)
    width = math.ceil((east - west) * squeeze * scale) + 8
    return Drawing(width, math.ceil((north - south) * scale) + 8, places)


def tiles(codes: Sequence[str]) -> Drawing:
    """Return areas as equal tiles in the order given, row by row: no geography is claimed."""
    columns = max(1, min(6 if len(codes) <= 60 else 30, math.ceil(math.sqrt(len(codes) * 1.2))))
    small = len(codes) > 60
    wide, high = (24, 24) if small else (TILE_WIDE, TILE_HIGH)
    gap = 2 if small else TILE_GAP
    places = {}
    for place, code in enumerate(codes):
        x, y = (place % columns) * (wide + gap), (place // columns) * (high + gap)
        places[code] = Place(
            f"M{x + 1} {y + 1}h{wide}v{high}h-{wide}z", x + 1 + wide / 2, y + high / 2
        )
    rows = math.ceil(len(codes) / columns)
    return Drawing(columns * (wide + gap) - gap + 2, max(rows, 1) * (high + gap) - gap + 2, places)


def _span(values: Iterable[float]) -> tuple[float, float]:
    listed = list(values)
    return min(listed), max(listed)


def _path(points: Sequence[tuple[int, int]]) -> str:
    """Return a closed SVG path in steps, which are shorter than places."""
    x, y = points[0]
    text = [f"M{x} {y}"]
    for nx, ny in points[1:-1]:
        if (nx, ny) != (x, y):
            text.append(f"l{nx - x} {ny - y}")
            x, y = nx, ny
    return "".join([*text, "z"])


def _area(ring: Ring | Sequence[tuple[int, int]]) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) / 2


def _middle(points: Sequence[tuple[int, int]]) -> tuple[float, float]:
    """Return the centre of gravity of a ring; of a ring without area its first point."""
    area = _area(points)
    if not area:
        return float(points[0][0]), float(points[0][1])
    pairs = list(pairwise(points))
    x = sum((a[0] + b[0]) * (a[0] * b[1] - b[0] * a[1]) for a, b in pairs) / (6 * area)
    y = sum((a[1] + b[1]) * (a[0] * b[1] - b[0] * a[1]) for a, b in pairs) / (6 * area)
    return round(x, 1), round(y, 1)
