"""Marks of a drawn chart: symbols, dashes, texts, as SVG elements with rounded coordinates."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
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
    name, _, form = str(marker.get("symbol", "circle")).partition("-open")
    assert not form
    is_open = str(marker.get("symbol", "")).endswith("-open")
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
