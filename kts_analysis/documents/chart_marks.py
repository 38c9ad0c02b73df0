"""Marks of a drawn chart: symbols, dashes, texts, as SVG elements with rounded coordinates."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Any
from xml.sax.saxutils import quoteattr

from markupsafe import Markup, escape

FONT = "Libertinus Serif"  # comes inside the typesetter: the same letters on every machine
LETTER = 0.5  # mean width of a letter, in parts of the font size; measured on Vietnamese names

DASHES: Mapping[str, str] = MappingProxyType(
    {"solid": "", "dot": "2 4", "dash": "7 4", "longdash": "12 5", "dashdot": "8 4 2 4"}
)
Point = tuple[float, float]


def element(name: str, body: Markup | str = "", **attributes: Any) -> str:
    """Return an SVG element; ``_`` in an attribute's name stands for ``-``, None leaves it out."""
    listed = "".join(
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(number(value))}"
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{listed}>{body}</{name}>" if body else f"<{name}{listed}/>"


def number(value: Any) -> str:
    """Return a coordinate with two decimals at most, so that every machine writes the same."""
    if not isinstance(value, float):
        return str(value)
    return f"{value:.2f}".rstrip("0").rstrip(".").replace("-0", "0" if abs(value) < 0.005 else "-0")


def text(words: str, x: float, y: float, size: float, **attributes: Any) -> str:
    """Return words at a place; what comes from data is escaped."""
    base: dict[str, Any] = {"x": x, "y": y, "font_size": size, "font_family": FONT}
    return element("text", escape(words), **(base | attributes))


def text_width(words: str, size: float) -> float:
    """Return about how wide words are: enough to place legends and frames."""
    return len(words) * size * LETTER


def stroke(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes of a line of a chart (plotly's ``color``, ``width``, ``dash``)."""
    dash = DASHES[line.get("dash", "solid")]
    width = float(line.get("width", 2))
    return {"stroke": line["color"], "stroke_width": width, "stroke_dasharray": dash or None}


def path(points: Iterable[Point], *, closed: bool = False) -> str:
    """Return the path through some points."""
    steps = [f"{number(float(x))} {number(float(y))}" for x, y in points]
    return f"M{' L'.join(steps)}{' Z' if closed else ''}"


def symbol(x: float, y: float, marker: Mapping[str, Any]) -> str:
    """Return the mark of a point (plotly's ``symbol``, ``size`` and ``color``).

    Raises
    ------
    KeyError
        A symbol that is not drawn here: better no picture than one with a wrong mark.
    """
    asked = str(marker.get("symbol", "circle"))
    name, is_open = asked.removesuffix("-open"), asked.endswith("-open")
    half = float(marker.get("size", 8)) / 2
    look: dict[str, Any] = {"stroke": marker["color"], "stroke_width": 1.6}
    look["fill"] = "#ffffff" if is_open else marker["color"]
    if name == "circle":
        return element("circle", cx=float(x), cy=float(y), r=half, **look)
    if name in ("x", "cross"):
        turn = math.pi / 4 if name == "x" else 0.0
        arms = [
            path(
                (x + side * half * math.cos(angle), y + side * half * math.sin(angle))
                for side in (-1, 1)
            )
            for angle in (turn, turn + math.pi / 2)
        ]
        return element("path", d=" ".join(arms), **(look | {"stroke_width": 2.0, "fill": "none"}))
    corners = _CORNERS[name]
    outline = path(((x + half * dx, y + half * dy) for dx, dy in corners), closed=True)
    return element("path", d=outline, **look)


_CORNERS: Mapping[str, tuple[Point, ...]] = MappingProxyType(
    {
        "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
        "diamond": ((0, -1.15), (1.15, 0), (0, 1.15), (-1.15, 0)),
        "triangle-up": ((0, -1.1), (1.1, 0.9), (-1.1, 0.9)),
        "triangle-down": ((0, 1.1), (1.1, -0.9), (-1.1, -0.9)),
    }
)


def sample(trace: Mapping[str, Any], x: float, y: float) -> list[str]:
    """Return the mark of a trace as the legend shows it."""
    if trace.get("fill") == "toself":
        return [element("rect", x=x, y=y - 7, width=32, height=14, **filled(trace["fillcolor"]))]
    marks = []
    if "lines" in trace["mode"]:
        marks.append(element("path", d=path([(x, y), (x + 32, y)]), **stroke(trace["line"])))
    if "markers" in trace["mode"]:
        marks.append(symbol(x + 16, y, trace["marker"]))
    return marks


def straight(x1: float, y1: float, x2: float, y2: float, color: str = "", **look: Any) -> str:
    """Return a line from one place to another, thin unless told otherwise."""
    drawn = look or {"stroke": color, "stroke_width": 1}
    return element("path", d=path([(x1, y1), (x2, y2)]), fill="none", **drawn)


def filled(color: str) -> dict[str, Any]:
    """Return the attributes of a filled outline: CSS's ``rgba()`` in SVG's own two."""
    if not color.startswith("rgba("):
        return {"fill": color}
    *channels, alpha = color[5:-1].split(",")
    return {"fill": f"rgb({','.join(channels)})", "fill_opacity": alpha}


def along(run: Sequence[Point]) -> list[Point]:
    """Return the points of a line and nine between each two."""
    between = [
        (one[0] + (two[0] - one[0]) * part / 10, one[1] + (two[1] - one[1]) * part / 10)
        for one, two in pairwise(run)
        for part in range(1, 10)
    ]
    return [*run, *between]


def runs(points: Sequence[Point | None], shortest: int = 2) -> list[list[Point]]:
    """Return the points between the gaps, where at least `shortest` stand together."""
    found: list[list[Point]] = [[]]
    for point in points:
        if point is None:
            found.append([])
        else:
            found[-1].append(point)
    return [run for run in found if len(run) >= shortest]
