"""Pictures of a backtest: was what we said true, and how far off were we?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kts_analysis.backtest.evidence import LEAST_COUNT
from kts_analysis.chart_base import BLUE, GREEN, GREY, PURPLE, VERMILLION, Chart, base_layout
from kts_analysis.i18n import Messages

LOOKS = (
    (BLUE, "circle", "solid"),
    (GREEN, "diamond", "dash"),
    (GREY, "x", "dot"),
    (VERMILLION, "cross", "dashdot"),
    (PURPLE, "square", "longdash"),
)


def reliability_figure(
    bins: Sequence[Mapping[str, Any]], m: Messages, description: str, *, synthetic: bool = False
) -> Chart:
    """Return the reliability diagram: chance said against the share that came true.

    Parameters
    ----------
    bins : sequence of mapping
        ``count``, ``came`` and ``said`` (0 to 1) of each bin. A bin with fewer than 30 cases is
        drawn open and pale: its share is mostly luck.
    description : str
        The sentence that says the same.
    """
    layout = base_layout(m, description)
    layout["xaxis"] |= {
        "title": {"text": m("chance said"), "standoff": 4},
        "ticksuffix": "%",
        "dtick": 20,
        "range": [-3, 108],
    }
    layout["yaxis"] |= {"title": {"text": m("came true")}, "range": [-8, 105], "dtick": 20}
    layout["legend"] |= {"y": -0.3}
    chart = Chart(layout)
    chart.trace(
        x=[0, 100],
        y=[0, 100],
        mode="lines",
        name=m("As said"),
        line={"color": GREY, "width": 1.5, "dash": "dot"},
    )
    for enough, name, symbol, color in (
        (True, m("What came true (number of cases beside)"), "circle", BLUE),
        (False, m("Fewer than {n} cases", n=LEAST_COUNT), "circle-open", GREY),
    ):
        part = [item for item in bins if item["count"] and (item["count"] >= LEAST_COUNT) == enough]
        if part:
            chart.trace(
                x=[round(100 * item["said"], 1) for item in part],
                y=[round(100 * item["came"] / item["count"], 1) for item in part],
                mode="markers+text",
                text=[m.count(item["count"]) for item in part],
                textposition="bottom right",
                name=name,
                marker={"color": color, "size": 10, "symbol": symbol},
                textfont={"color": color},
            )
    if synthetic:
        chart.stamp(m)
    return chart


def horizon_figure(
    tables: Mapping[str, Sequence[Mapping[str, Any]]],
    m: Messages,
    description: str,
    *,
    synthetic: bool = False,
) -> Chart:
    """Return the mean error, in points, by years ahead: one line a method.

    Parameters
    ----------
    tables : mapping
        Name of a method to its rows with ``h`` (years) and ``mae`` (points); the first is ours.
    """
    layout = base_layout(m, description)
    layout["xaxis"] |= {"title": {"text": m("years ahead"), "standoff": 4}, "dtick": 1}
    layout["yaxis"] |= {
        "title": {"text": m("mean error, points")},
        "ticksuffix": "",
        "rangemode": "tozero",
    }
    layout["legend"] |= {"y": -0.3}
    chart = Chart(layout)
    for place, (name, rows) in enumerate(tables.items()):
        color, symbol, dash = LOOKS[place % len(LOOKS)]
        chart.trace(
            x=[row["h"] for row in rows],
            y=[round(row["mae"], 2) for row in rows],
            mode="lines+markers",
            name=name,
            line={"color": color, "width": 3 if place == 0 else 1.5, "dash": dash},
            marker={"color": color, "symbol": symbol, "size": 9 if place == 0 else 7},
        )
    if synthetic:
        chart.stamp(m)
    return chart
