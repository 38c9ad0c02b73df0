"""A page's chart as SVG, drawn without a browser: the same data, marks and dashes.

The pages' charts are plain data in plotly's form (`kts_analysis.chart_base`); what of that form
they use is drawn here, so a document shows by construction what the page shows.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from kts_analysis.chart_base import Chart
from kts_analysis.documents.chart_axes import Axis, axis_for, category_axis
from kts_analysis.documents.chart_marks import (
    Point,
    along,
    element,
    filled,
    path,
    runs,
    sample,
    straight,
    stroke,
    symbol,
    text,
    text_width,
)

WIDTH = 640.0
SIZE = 15.0  # letters: about 10.5 pt where the picture is as wide as the text
ROW = 22.0  # height of a line of the legend
PLOT_HEIGHT = 220.0
CATEGORY_HEIGHT = 30.0
LONGEST_LABEL = 32  # letters of a name on an axis before it goes on in a second line
TOP = 34.0  # room for the mark of synthetic data and the target's label
INK, GRID, AXIS = "#1b1f24", "#e3e6ea", "#9aa3af"
HALO = MappingProxyType({"stroke": "#ffffff", "stroke_width": 3, "paint_order": "stroke"})
HEADROOM = 0.09  # of the range, free at the top for the label of the target


def chart_svg(chart: Chart) -> str:
    """Return a chart as the text of an SVG file.

    Parameters
    ----------
    chart : Chart
        Scatter traces (lines, markers, filled outlines, texts), level and upright lines, notes.

    Raises
    ------
    ValueError
        The chart holds something that is not drawn here.
    """
    strange = {str(trace["type"]) for trace in chart.data} - {"scatter"}
    if strange:
        raise ValueError(f"a chart with {sorted(strange)} cannot be drawn as a picture")
    return _Drawing(chart).svg()


@dataclass(frozen=True)
class _Drawing:
    chart: Chart

    @cached_property
    def _categories(self) -> Sequence[str]:
        return list(self.chart.layout["yaxis"].get("categoryarray", ()))

    @cached_property
    def _labels(self) -> list[list[str]]:
        """Names on the vertical axis, in lines."""
        return [textwrap.wrap(name, LONGEST_LABEL) or [""] for name in self._categories]

    @cached_property
    def _left(self) -> float:
        if not self._categories:
            return 62.0
        return 16.0 + max(text_width(line, SIZE) for lines in self._labels for line in lines)

    @cached_property
    def _plot(self) -> float:
        """Height of the plot."""
        if not self._categories:
            return PLOT_HEIGHT
        return CATEGORY_HEIGHT * len(self._categories) + 10

    @cached_property
    def _right(self) -> float:
        return WIDTH - (70.0 if self._categories else 18.0)

    @cached_property
    def _decimal(self) -> str:
        return str(self.chart.layout.get("separators", ".,"))[0]

    @cached_property
    def x(self) -> Axis:
        """The horizontal axis."""
        values = [value for trace in self.chart.data for value in trace["x"] if value is not None]
        values += [line["x0"] for line in self._lines("x")]
        axis = self.chart.layout["xaxis"]
        step = 1.0 if axis.get("dtick") else None
        return axis_for(values, self._left, self._right, step=step, many=11)

    @cached_property
    def y(self) -> Axis:
        """The vertical axis."""
        low, high = TOP + self._plot, TOP
        if self._categories:
            return category_axis(self._categories, low, high)
        values = [value for trace in self.chart.data for value in trace["y"] if value is not None]
        values += [line["y0"] for line in self._lines("y")]
        return axis_for(values, low, high, many=7, headroom=HEADROOM)

    def _lines(self, axis: str) -> list[Mapping[str, Any]]:
        """Return the lines drawn across at a value of an axis."""
        shapes = self.chart.layout.get("shapes", ())
        return [shape for shape in shapes if shape[f"{axis}ref"] == axis]

    def svg(self) -> str:
        """Return the whole picture."""
        plot = [mark for trace in self.chart.data for mark in self._trace(trace)]
        legend, height = self._legend(TOP + self._plot + (30 if self._categories else 52))
        body = [
            element("rect", x=0, y=0, width=WIDTH, height=height, fill="#ffffff"),
            *self._frame(),
            *self._rules(),
            *plot,
            *self._notes(),
            *legend,
        ]
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:.0f}" height="{height:.0f}" '
            f'viewBox="0 0 {WIDTH:.0f} {height:.0f}">'
        )
        return "\n".join([head, *body, "</svg>\n"])

    def _frame(self) -> list[str]:
        """Return grid, axes and their numbers."""
        bottom, layout = TOP + self._plot, self.chart.layout
        marks = []
        for value in self.x.ticks:
            at = self.x.at(value)
            marks.append(straight(at, TOP, at, bottom, GRID))
            shown = self._tick(value, layout["xaxis"])
            marks.append(text(shown, at, bottom + 18, SIZE - 1, fill=INK, text_anchor="middle"))
        if self._categories:
            marks += self._names()
        else:
            for value in self.y.ticks:
                at = self.y.at(value)
                marks.append(straight(self._left, at, self._right, at, GRID))
                shown = self._tick(value, layout["yaxis"])
                marks.append(
                    text(shown, self._left - 8, at + 5, SIZE - 1, fill=INK, text_anchor="end")
                )
        title = layout["xaxis"].get("title", {}).get("text", "")
        if title:
            middle = (self._left + self._right) / 2
            marks.append(text(title, middle, bottom + 37, SIZE - 1, fill=INK, text_anchor="middle"))
        marks.append(straight(self._left, bottom, self._right, bottom, AXIS))
        marks.append(straight(self._left, TOP, self._left, bottom, AXIS))
        return marks

    def _names(self) -> list[str]:
        """Return the names on the vertical axis; a long one takes two lines."""
        marks = []
        for name, lines in zip(self._categories, self._labels, strict=True):
            first = self.y.at(name) + 5 - (len(lines) - 1) * SIZE / 2
            for place, line in enumerate(lines):
                marks.append(
                    text(line, self._left - 8, first + place * SIZE, SIZE, fill=INK,
                         text_anchor="end")
                )  # fmt: skip
        return marks

    def _tick(self, value: float, axis: Mapping[str, Any]) -> str:
        shown = f"{value:.0f}" if value == round(value) else f"{value:g}"
        return shown.replace(".", self._decimal) + str(axis.get("ticksuffix", ""))

    def _rules(self) -> list[str]:
        """Return the lines across: target and deadline."""
        marks = []
        for shape in self._lines("y"):
            at = self.y.at(shape["y0"])
            marks.append(straight(self._left, at, self._right, at, **stroke(shape["line"])))
        for shape in self._lines("x"):
            at = self.x.at(shape["x0"])
            marks.append(straight(at, TOP, at, TOP + self._plot, **stroke(shape["line"])))
        return marks

    def _trace(self, trace: Mapping[str, Any]) -> list[str]:
        points = self._points(trace)
        if trace.get("fill") == "toself":
            outline = path([point for point in points if point], closed=True)
            return [element("path", d=outline, **filled(trace["fillcolor"]))]
        marks = []
        if "lines" in trace["mode"]:
            look = stroke(trace["line"])
            for run in runs(points):
                marks.append(element("path", d=path(run), fill="none", **look))
        if "markers" in trace["mode"]:
            marks += [symbol(*point, trace["marker"]) for point in points if point]
        if "text" in trace["mode"]:
            for point, words in zip(points, trace["text"], strict=True):
                if point:
                    marks.append(
                        text(words, point[0] + 10, point[1] + 5, SIZE - 1, fill=INK, **HALO)
                    )
        return marks

    def _points(self, trace: Mapping[str, Any]) -> list[Point | None]:
        pairs = zip(trace["x"], trace["y"], strict=True)
        return [None if x is None or y is None else (self.x.at(x), self.y.at(y)) for x, y in pairs]

    def _notes(self) -> list[str]:
        return [mark for note in self.chart.layout.get("annotations", ()) for mark in
                self._note(note)]  # fmt: skip

    def _note(self, note: Mapping[str, Any]) -> list[str]:
        """Return a text on the picture, framed if the chart frames it."""
        font = {"size": SIZE - 1, "color": INK} | note.get("font", {})
        size, words = max(float(font["size"]), SIZE - 1), str(note["text"])
        if note.get("xref") == "paper":
            x = self._left + float(note["x"]) * (self._right - self._left)
        else:
            x = self.x.at(note["x"])
        if note.get("yref") == "paper":
            y = TOP + (1 - float(note["y"])) * self._plot
        else:
            y = self.y.at(note["y"])
        y -= float(note.get("yshift", 0))
        anchor = {"left": "start", "right": "end"}.get(note.get("xanchor", "center"), "middle")
        if note.get("textangle"):
            return [_upright_text(words, x, y, size, font["color"])]
        if not note.get("bordercolor"):
            if anchor == "start" and self._busy(x, y, text_width(words, size)):
                x, anchor = self._right - 4, "end"
            elif anchor == "end" and self._busy(
                x - text_width(words, size), y, text_width(words, size)
            ):
                x, anchor = x + 10, "start"  # on the other side of the line it names
            look = {"fill": font["color"], "text_anchor": anchor, "font_weight": "bold"}
            lift = {"bottom": -4.0, "top": size}.get(note.get("yanchor", "middle"), 5.0)
            return [text(words, x, y + lift, size, **(look | HALO))]
        width, high = text_width(words, size) * 1.25 + 12, size + 7
        top = y - high
        frame = {"fill": "#ffffff", "stroke": note["bordercolor"], "stroke_width": 1.2}
        return [
            element("rect", x=x, y=top, width=width, height=high, **frame),
            text(words, x + width / 2, top + size, size, fill=font["color"], font_weight="bold",
                 text_anchor="middle"),
        ]  # fmt: skip

    def _busy(self, x: float, y: float, width: float) -> bool:
        """Tell whether figures, or the line between them, pass where words are to stand."""
        drawn = [trace for trace in self.chart.data if trace.get("fill") != "toself"]
        return any(
            x - 6 < at_x < x + width + 6 and abs(at_y - y) < SIZE
            for trace in drawn
            for run in runs(self._points(trace), shortest=1)
            for at_x, at_y in along(run)
        )

    def _legend(self, top: float) -> tuple[list[str], float]:
        """Return the names of the marks below the picture, and where the picture ends."""
        shown = [trace for trace in self.chart.data if trace.get("showlegend", True)]
        marks, x, y = [], 14.0, top
        for trace in shown:
            width = 46 + text_width(trace["name"], SIZE - 1) + 14
            if x > 14 and x + width > WIDTH - 8:
                x, y = 14.0, y + ROW
            marks += sample(trace, x, y)
            marks.append(text(trace["name"], x + 40, y + 5, SIZE - 1, fill=INK))
            x += width
        return marks, y + (16 if shown else 0)


def _upright_text(words: str, x: float, y: float, size: float, color: str) -> str:
    """Return words that run upwards from the foot of an upright line, to its left."""
    turn = f"translate({x - 4:g} {y - 4:g}) rotate(-90)"
    return text(words, 0, 0, size, fill=color, transform=turn, **HALO)
