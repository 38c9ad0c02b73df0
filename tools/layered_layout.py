"""Places for the boxes and arrows of a small layered picture; the same graph, the same places.

The usual steps: floors by the longest way up, a thin slot on every floor that a long arrow passes,
slots ordered so that few arrows cross, and each pulled towards its neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from statistics import fmean

SWEEPS = 24
BOX, SLOT, GAP = 232.0, 10.0, 24.0  # widths; between two on a floor

Graph = Mapping[str, set[str]]
Way = list[str]


def floors(graph: Graph) -> dict[str, int]:
    """Return the floor of every box: as high as those that stand on it allow, the ground is 0."""
    standing: dict[str, set[str]] = {name: set() for name in graph}
    for name, near in graph.items():
        for other in near:
            standing[other].add(name)
    depth: dict[str, int] = {}

    def deep(name: str) -> int:
        if name not in depth:
            depth[name] = 1 + max((deep(one) for one in sorted(standing[name])), default=-1)
        return depth[name]

    lowest = max(deep(name) for name in graph)
    return {name: lowest - depth[name] for name in graph}


def lay_out(graph: Graph) -> tuple[dict[str, tuple[float, int]], list[Way]]:
    """Return the middle and floor of every box and slot, and the way of every arrow through them.

    Parameters
    ----------
    graph : mapping
        The boxes each box stands on; without a round way.
    """
    floor = dict(floors(graph))
    ways: list[Way] = []
    for name in graph:
        for other in sorted(graph[name]):
            slots = [f"{name}>{other}:{n}" for n in range(floor[name] - 1, floor[other], -1)]
            floor |= {slot: int(slot.rpartition(":")[2]) for slot in slots}
            ways.append([name, *slots, other])
    near: dict[str, list[str]] = {name: [] for name in floor}
    for way in ways:
        for upper, lower in pairwise(way):
            near[upper].append(lower)
            near[lower].append(upper)
    rows: list[list[str]] = [[] for _ in range(max(floor.values()) + 1)]
    for name in floor:
        rows[floor[name]].append(name)
    best = [list(row) for row in rows]
    fewest = crossings(best, ways)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for row in reversed(rows) if down else rows:
            _order(row, rows, near, floor, above=down)
        found = crossings(rows, ways)
        if found < fewest:
            best, fewest = [list(row) for row in rows], found
    middle = _middles(best, near)
    return {name: (middle[name], floor[name]) for name in floor}, ways


def crossings(rows: list[list[str]], ways: list[Way]) -> int:
    """Return how many pairs of arrow pieces cross."""
    place = {name: n for row in rows for n, name in enumerate(row)}
    level = {name: n for n, row in enumerate(rows) for name in row}
    pieces = [pair for way in ways for pair in pairwise(way)]
    return sum(
        level[a] == level[c] and (place[a] - place[c]) * (place[b] - place[d]) < 0
        for n, (a, b) in enumerate(pieces)
        for c, d in pieces[:n]
    )


def _order(
    row: list[str],
    rows: list[list[str]],
    near: Mapping[str, list[str]],
    floor: Mapping[str, int],
    *,
    above: bool,
) -> None:
    """Order a floor by where its neighbours on one side stand."""
    place = {name: n for other in rows for n, name in enumerate(other)}

    def wanted(name: str) -> float:
        side = 1 if above else -1
        beside = [place[one] for one in near[name] if floor[one] == floor[name] + side]
        return fmean(beside) if beside else float(place[name])

    row.sort(key=lambda name: (wanted(name), place[name]))


def _middles(rows: list[list[str]], near: Mapping[str, list[str]]) -> dict[str, float]:
    """Return the middles: each near the mean of its neighbours, none over another."""
    middle: dict[str, float] = {}
    for row in rows:
        edge = -sum(map(_width, row)) / 2 - GAP * (len(row) - 1) / 2
        for name in row:
            middle[name] = edge + _width(name) / 2
            edge += _width(name) + GAP
    for sweep in range(SWEEPS):
        for row in rows if sweep % 2 else reversed(rows):
            wish = {
                name: fmean([middle[one] for one in near[name]] or [middle[name]]) for name in row
            }
            middle |= _apart(row, wish)
    return middle


def _apart(row: list[str], wish: Mapping[str, float]) -> dict[str, float]:
    """Return middles as near to the wishes as the widths allow: half pushed right, half left."""
    right, left = dict(wish), dict(wish)
    for one, after in pairwise(row):
        right[after] = max(right[after], right[one] + _reach(one, after))
    for after, one in pairwise(row[::-1]):
        left[one] = min(left[one], left[after] - _reach(one, after))
    return {name: (right[name] + left[name]) / 2 for name in row}


def _reach(one: str, after: str) -> float:
    return (_width(one) + _width(after)) / 2 + GAP


def _width(name: str) -> float:
    return SLOT if ">" in name else BOX
