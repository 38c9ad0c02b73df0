"""Tables to pictures, each with the sentence that says the same.

Numbers are rounded Python lists, so that a chart is the same text on every machine. Time is in
years with a year's end at the whole number. Marks differ by shape and dash, not by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from kts_analysis.chart_base import BLUE, GREEN, GREY, PURPLE, VERMILLION, Chart, base_layout
from kts_analysis.figures import Figure
from kts_analysis.i18n import Messages
from kts_analysis.periods import parse_partial_date, year_position
from kts_analysis.rows import Row
from kts_analysis.wording import value_text

FAN95, FAN80, FAN50 = (f"rgba(0,114,178,{depth})" for depth in ("0.10", "0.16", "0.22"))
FAN_EDGE = "#3a87bb"  # the fills alone are too pale for some eyes
RIVAL_LOOKS = [(GREEN, "diamond"), (PURPLE, "square"), (GREY, "x"), (VERMILLION, "cross")]
LONGEST_STEP = 1.01  # years; figures farther apart are not joined by a line


GAP = "⋮"  # stands for areas left out between the lowest and the highest


def trajectory_figure(
    trajectory: Iterable[Row],
    m: Messages,
    *,
    threshold: float | None = None,
    threshold_label: str = "",
    deadline: str = "",
    rivals: Mapping[str, Iterable[Figure]] | None = None,
    breaks: Iterable[date] = (),
    description: str = "",
) -> Chart:
    """Return the chart of one line: figures, fitted line, fan, target.

    Parameters
    ----------
    trajectory : iterable of mapping
        Rows of `trajectories.project`.
    threshold : float, optional
        Percent 0-100, drawn as a labelled line.
    deadline : str, optional
        ISO date, drawn as a vertical line.
    rivals : dict, optional
        Other methods' figures by name, marked but never joined.
    breaks : iterable of date
        Days on which the area's borders changed, each a thin dated upright line.
    description : str
        The sentence that says the same (read by screen readers).
    """
    chart = Chart(base_layout(m, description))
    parts = _by_kind(trajectory)
    _add_fan(chart, parts["projected"], m)
    if parts["fitted"]:
        line = {"color": GREY, "width": 1.5, "dash": "dot"}
        _add_line(chart, parts["fitted"], m("Fitted trend"), line)
    for (name, points), (color, symbol) in zip((rivals or {}).items(), RIVAL_LOOKS, strict=False):
        listed = list(points)
        chart.trace(
            x=[round(point.t, 3) for point in listed],
            y=[round(point.value, 2) for point in listed],
            mode="markers",
            name=name,
            marker={"color": color, "symbol": f"{symbol}-open", "size": 8},
        )
    _add_bounds(chart, parts["observed"], m)
    firm = [row for row in parts["observed"] if row["qualifier"] not in ("at_least", "at_most")]
    chart.trace(
        **_broken_line(_years(firm), _values(firm, "value")),
        mode="lines+markers",
        name=m("Figures"),
        marker={"color": BLUE, "size": 8},
        line={"color": BLUE, "width": 2},
    )
    if threshold is not None:
        _add_target(chart, threshold, threshold_label, deadline, m)
    _add_breaks(chart, breaks, m)
    if any(row["origin"] == "synthetic" for rows in parts.values() for row in rows):
        chart.stamp(m)
    return chart


def dots_figure(
    names: list[str],
    values: list[float],
    m: Messages,
    *,
    threshold: float | None = None,
    threshold_label: str = "",
    synthetic: bool = False,
    description: str = "",
    cut_after: int | None = None,
) -> Chart:
    """Return areas side by side as dots on one scale, with the threshold as a line.

    Parameters
    ----------
    cut_after : int, optional
        After so many names some are left out: a row of dots says so.
    """
    rows = names if cut_after is None else [*names[:cut_after], GAP, *names[cut_after:]]
    layout = base_layout(m, description)
    layout |= {"height": 90 + 26 * len(rows), "margin": {"l": 160, "r": 60, "t": 40, "b": 40}}
    layout["xaxis"] = {
        "ticksuffix": "%", "gridcolor": "#eceef1", "zeroline": False, "linecolor": "#9aa3af",
        "title": {},
    }  # fmt: skip
    layout["yaxis"] |= {
        "ticksuffix": "", "showgrid": False, "categoryorder": "array", "categoryarray": rows,
        "title": {}, "range": [-0.6, len(rows) - 0.4],
    }  # fmt: skip
    chart = Chart(layout)
    beside = float("nan") if threshold is None else threshold
    chart.trace(
        x=[round(float(value), 2) for value in values],
        y=names,
        mode="markers+text",
        text=[value_text(value, m, beside) for value in values],
        textposition="middle right",
        cliponaxis=False,  # the label of the highest value stands beyond the axis
        marker={"color": BLUE, "size": 11},
        name=m("Newest figure"),
        showlegend=False,
    )
    if threshold is not None:
        chart.upright(threshold, {"color": VERMILLION, "width": 2, "dash": "dash"})
        chart.note(
            x=threshold, y=1, yref="paper", text=threshold_label, yshift=2, yanchor="bottom",
            font={"color": VERMILLION}, xanchor="center",
        )  # fmt: skip
    if synthetic:
        chart.stamp(m, "right")  # above the names: the threshold's label may be anywhere else
    return chart


def vintages_figure(
    vintages: Mapping[str, Sequence[Figure]], m: Messages, description: str
) -> Chart:
    """Return one line a vintage: what was published, then revised.

    Parameters
    ----------
    vintages : dict
        Label of the vintage to its figures, oldest vintage first.
    """
    chart = Chart(base_layout(m, description))
    dashes = ["dot", "dash", "dashdot", "solid"]
    symbols = ["circle-open", "square-open", "diamond-open", "circle"]
    for place, (label, points) in enumerate(vintages.items()):
        newest = place == len(vintages) - 1
        color = BLUE if newest else (GREY, GREEN, PURPLE)[place % 3]
        times = [round(point.t, 3) for point in points]
        chart.trace(
            **_broken_line(times, [round(point.value, 2) for point in points]),
            mode="lines+markers",
            name=label,
            line={
                "color": color,
                "width": 2.5 if newest else 1.5,
                "dash": "solid" if newest else dashes[place % 4],
            },
            marker={"color": color, "size": 7, "symbol": symbols[place % 4]},
        )
    return chart


def _by_kind(trajectory: Iterable[Row]) -> dict[str, list[Row]]:
    """Return the rows of a trajectory: observed, fitted, projected."""
    parts: dict[str, list[Row]] = {"observed": [], "fitted": [], "projected": []}
    for row in trajectory:
        parts[row["kind"]].append(row)
    return parts


def _add_fan(chart: Chart, ahead: list[Row], m: Messages) -> None:
    """Add the 95%, 80% and 50% bands and the median of the projection."""
    if not ahead:
        return
    years = _years(ahead)
    for low, high, color, dash, name in (
        ("lo95", "hi95", FAN95, "dot", m("95% prediction interval")),
        ("lo80", "hi80", FAN80, "dash", m("80% prediction interval")),
        ("lo50", "hi50", FAN50, "solid", m("50% prediction interval")),
    ):
        chart.trace(
            x=years + years[::-1],
            y=_values(ahead, high) + _values(ahead, low)[::-1],
            mode="lines",
            fill="toself",
            fillcolor=color,
            line={"width": 0.75, "color": FAN_EDGE, "dash": dash},
            hoverinfo="skip",
            name=name,
        )
    line = {"color": BLUE, "width": 2, "dash": "dash"}
    _add_line(chart, ahead, m("Projection (median)"), line)


def _add_line(chart: Chart, rows: list[Row], name: str, line: dict[str, Any]) -> None:
    chart.trace(x=_years(rows), y=_values(rows, "value"), mode="lines", name=name, line=line)


def _add_bounds(chart: Chart, observed: list[Row], m: Messages) -> None:
    """Draw bounds as open arrows, joined to nothing: a bound is not a point."""
    for word, symbol, name in (
        ("at_least", "triangle-up-open", m('Figures given as "more than"')),
        ("at_most", "triangle-down-open", m('Figures given as "nearly"')),
    ):
        points = [row for row in observed if row["qualifier"] == word]
        if points:
            chart.trace(
                x=_years(points),
                y=_values(points, "value"),
                mode="markers",
                name=name,
                marker={"color": BLUE, "size": 11, "symbol": symbol},
            )


def _add_target(chart: Chart, threshold: float, label: str, deadline: str, m: Messages) -> None:
    chart.level(threshold, {"color": VERMILLION, "width": 2, "dash": "longdash"})
    chart.note(
        x=0.01, xref="paper", y=threshold, text=m("Target: {threshold}", threshold=label),
        yshift=10, xanchor="left", font={"color": VERMILLION},
    )  # fmt: skip
    if deadline:
        when = round(year_position(parse_partial_date(deadline)), 3)
        chart.upright(when, {"color": VERMILLION, "width": 1, "dash": "dot"})


def _add_breaks(chart: Chart, breaks: Iterable[date], m: Messages) -> None:
    """Mark the days on which borders changed; the axis reaches to them, whatever else it shows."""
    when = [(round(year_position(day), 3), m.date(day)) for day in breaks]
    for x, label in when:
        chart.upright(x, {"color": GREY, "width": 1, "dash": "dash"})
        chart.note(
            x=x, y=0, yref="paper", yanchor="bottom", xanchor="right", textangle=-90,
            text=m("new borders {date}", date=label), font={"color": GREY, "size": 11},
            bgcolor="rgba(255,255,255,0.8)",
        )  # fmt: skip
    if when:
        chart.layout["xaxis"]["autorangeoptions"] = {"include": [x for x, _ in when]}


def _years(rows: list[Row]) -> list[float]:
    return [round(year_position(parse_partial_date(row["date"])), 3) for row in rows]


def _values(rows: list[Row], column: str) -> list[float]:
    return [round(float(row[column]), 2) for row in rows]


def _broken_line(times: list[float], values: list[float]) -> dict[str, list[float | None]]:
    """Return x and y with a break where more than a year has no figure: a gap shows as one."""
    x: list[float | None] = []
    y: list[float | None] = []
    for place, (when, value) in enumerate(zip(times, values, strict=True)):
        if place and when - times[place - 1] > LONGEST_STEP:
            x.append(None)
            y.append(None)
        x.append(when)
        y.append(value)
    return {"x": x, "y": y}
