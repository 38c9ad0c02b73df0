"""Tables to plotly figures, each with the sentence that says the same.

Numbers are rounded Python lists, so that a figure is the same text on every machine. Time is in
years with a year's end at the whole number. Colours are Okabe-Ito's with at least 3:1 on white;
marks differ by shape and dash too.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from kts_analysis.i18n import Messages
from kts_analysis.periods import parse_partial_date, year_position
from kts_analysis.wording import value_text

BLUE, VERMILLION, GREEN, PURPLE, GREY = "#0072B2", "#B84700", "#00775A", "#8C4A76", "#5B6470"
FAN95, FAN80 = "rgba(0,114,178,0.12)", "rgba(0,114,178,0.24)"
RIVAL_LOOKS = [(GREEN, "diamond"), (PURPLE, "square"), (GREY, "x"), (VERMILLION, "cross")]
HEIGHT = 360
FONT = "Segoe UI, Noto Sans, Arial, sans-serif"  # what the reader's machine has; none shipped
LONGEST_STEP = 1.01  # years; figures farther apart are not joined by a line


def trajectory_figure(
    trajectory: pd.DataFrame,
    m: Messages,
    *,
    threshold: float | None = None,
    threshold_label: str = "",
    deadline: str = "",
    rivals: dict[str, pd.DataFrame] | None = None,
    description: str = "",
) -> go.Figure:
    """Return the chart of one line: figures, fitted line, fan, target.

    Parameters
    ----------
    trajectory : pandas.DataFrame
        From `trajectories.project`.
    threshold : float, optional
        Percent 0-100, drawn as a labelled line.
    deadline : str, optional
        ISO date, drawn as a vertical line.
    rivals : dict, optional
        Other methods' figures by name (columns ``t``, ``value``), marked but never joined.
    description : str
        The sentence that says the same (read by screen readers).
    """
    figure = go.Figure(layout=_layout(m, description))
    _add_fan(figure, trajectory, m)
    fitted = _part(trajectory, "fitted")
    if len(fitted):
        line = {"color": GREY, "width": 1.5, "dash": "dot"}
        figure.add_trace(_lines(fitted, m("Fitted trend"), line))
    for (name, points), (color, symbol) in zip((rivals or {}).items(), RIVAL_LOOKS, strict=False):
        marker = {"color": color, "symbol": f"{symbol}-open", "size": 8}
        x, y = _round(points["t"], 3), _round(points["value"])
        figure.add_trace(go.Scatter(x=x, y=y, mode="markers", name=name, marker=marker))
    observed = _part(trajectory, "observed")
    _add_bounds(figure, observed, m)
    firm = ~observed["qualifier"].isin(["at_least", "at_most"])
    observed = observed[firm]
    figure.add_trace(
        go.Scatter(
            **_broken_line(_years(observed), _round(observed["value"])),
            mode="lines+markers",
            name=m("Figures"),
            marker={"color": BLUE, "size": 8},
            line={"color": BLUE, "width": 2},
        )
    )
    if threshold is not None:
        _add_target(figure, threshold, threshold_label, deadline, m)
    _mark_synthetic(figure, trajectory, m)
    return figure


def dots_figure(
    names: list[str],
    values: list[float],
    m: Messages,
    *,
    threshold: float | None = None,
    threshold_label: str = "",
    synthetic: bool = False,
    description: str = "",
) -> go.Figure:
    """Return areas side by side as dots on one scale, with the threshold as a line."""
    figure = go.Figure(layout=_layout(m, description))
    beside = float("nan") if threshold is None else threshold
    labels = [value_text(value, m, beside) for value in values]
    figure.add_trace(
        go.Scatter(
            x=[round(float(value), 2) for value in values],
            y=names,
            mode="markers+text",
            text=labels,
            textposition="middle right",
            marker={"color": BLUE, "size": 11},
            name=m("Newest figure"),
            showlegend=False,
        )
    )
    if threshold is not None:
        figure.add_vline(x=threshold, line={"color": VERMILLION, "width": 2, "dash": "dash"})
        figure.add_annotation(
            x=threshold, y=1, yref="paper", text=threshold_label, showarrow=False, yshift=14,
            font={"color": VERMILLION}, xanchor="center",
        )  # fmt: skip
    figure.update_layout(
        height=90 + 26 * len(names),
        margin={"l": 160, "r": 60, "t": 40, "b": 40},
        xaxis={"ticksuffix": "%", "dtick": None, "tickformat": None, "title": None},
        yaxis={"title": None, "ticksuffix": "", "showgrid": False, "categoryorder": "array",
               "categoryarray": names},
    )  # fmt: skip
    if synthetic:
        _stamp(figure, m)
    return figure


def vintages_figure(vintages: dict[str, pd.DataFrame], m: Messages, description: str) -> go.Figure:
    """Return one line a vintage: what was published, then revised.

    Parameters
    ----------
    vintages : dict
        Label of the vintage to its figures (``t``, ``value``), oldest first.
    """
    figure = go.Figure(layout=_layout(m, description))
    looks = ["dot", "dash", "dashdot", "solid"]
    for place, (label, points) in enumerate(vintages.items()):
        newest = place == len(vintages) - 1
        color = BLUE if newest else (GREY, GREEN, PURPLE)[place % 3]
        line = {"color": color, "width": 2.5 if newest else 1.5, "dash": looks[place % 4]}
        figure.add_trace(
            go.Scatter(
                **_broken_line(_round(points["t"], 3), _round(points["value"])),
                mode="lines+markers",
                name=label,
                line=line | ({"dash": "solid"} if newest else {}),
                marker={"color": color, "size": 7, "symbol": ["circle-open", "square-open",
                        "diamond-open", "circle"][place % 4]},
            )
        )  # fmt: skip
    return figure


def _layout(m: Messages, description: str) -> dict[str, Any]:
    return {
        "template": {"layout": {}},
        "height": HEIGHT,
        "margin": {"l": 55, "r": 25, "t": 30, "b": 50},
        "font": {"family": FONT, "size": 13, "color": "#1b1f24"},
        "separators": ",." if m.lang == "vi" else ".,",
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "legend": {"orientation": "h", "y": -0.26, "x": 0},
        "hovermode": "closest",
        "xaxis": {"title": {"text": m("end of year"), "standoff": 4}, "tickformat": "d",
                  "dtick": 1, "gridcolor": "#eceef1", "zeroline": False, "linecolor": "#9aa3af"},
        "yaxis": {"ticksuffix": "%", "gridcolor": "#e3e6ea", "zeroline": False,
                  "linecolor": "#9aa3af"},
        "meta": {"description": description},
    }  # fmt: skip


def _add_fan(figure: go.Figure, trajectory: pd.DataFrame, m: Messages) -> None:
    """Add the 95% and 80% bands and the median of the projection."""
    ahead = _part(trajectory, "projected")
    if not len(ahead):
        return
    years = _years(ahead)
    for low, high, color, name in (
        ("lo95", "hi95", FAN95, m("95% prediction interval")),
        ("lo80", "hi80", FAN80, m("80% prediction interval")),
    ):
        figure.add_trace(
            go.Scatter(
                x=years + years[::-1],
                y=_round(ahead[high]) + _round(ahead[low])[::-1],
                mode="lines",
                fill="toself",
                fillcolor=color,
                line={"width": 0},
                hoverinfo="skip",
                name=name,
            )
        )
    line = {"color": BLUE, "width": 2, "dash": "dash"}
    figure.add_trace(_lines(ahead, m("Projection (median)"), line))


def _add_bounds(figure: go.Figure, observed: pd.DataFrame, m: Messages) -> None:
    """Draw bounds as open arrows, joined to nothing: a bound is not a point."""
    for word, symbol, name in (
        ("at_least", "triangle-up-open", m('Figures given as "more than"')),
        ("at_most", "triangle-down-open", m('Figures given as "nearly"')),
    ):
        points = observed[observed["qualifier"] == word]
        if len(points):
            figure.add_trace(
                go.Scatter(
                    x=_years(points),
                    y=_round(points["value"]),
                    mode="markers",
                    name=name,
                    marker={"color": BLUE, "size": 11, "symbol": symbol},
                )
            )


def _add_target(
    figure: go.Figure, threshold: float, label: str, deadline: str, m: Messages
) -> None:
    line = {"color": VERMILLION, "width": 2, "dash": "longdash"}
    figure.add_hline(y=threshold, line=line)
    figure.add_annotation(
        x=0.01, xref="paper", y=threshold, text=m("Target: {threshold}", threshold=label),
        showarrow=False, yshift=10, xanchor="left", font={"color": VERMILLION},
    )  # fmt: skip
    if deadline:
        when = round(year_position(parse_partial_date(deadline)), 3)
        figure.add_vline(x=when, line={"color": VERMILLION, "width": 1, "dash": "dot"})


def _mark_synthetic(figure: go.Figure, trajectory: pd.DataFrame, m: Messages) -> None:
    if "synthetic" in set(trajectory["origin"]):
        _stamp(figure, m)


def _stamp(figure: go.Figure, m: Messages) -> None:
    """Write "synthetic" into the picture itself: pictures travel without their page."""
    figure.add_annotation(
        x=0.01, y=0.02, xref="paper", yref="paper", xanchor="left", yanchor="bottom",
        text=m("SYNTHETIC DATA"), showarrow=False,
        font={"color": "#8a1c1c", "size": 13}, bordercolor="#8a1c1c", borderpad=3,
        bgcolor="#ffffff",
    )  # fmt: skip


def _part(trajectory: pd.DataFrame, kind: str) -> pd.DataFrame:
    return trajectory[trajectory["kind"] == kind]


def _lines(part: pd.DataFrame, name: str, line: dict[str, Any]) -> go.Scatter:
    return go.Scatter(x=_years(part), y=_round(part["value"]), mode="lines", name=name, line=line)


def _years(part: pd.DataFrame) -> list[float]:
    return [round(year_position(parse_partial_date(text)), 3) for text in part["date"]]


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


def _round(values: pd.Series, decimals: int = 2) -> list[float]:
    return [round(float(value), decimals) for value in values]
