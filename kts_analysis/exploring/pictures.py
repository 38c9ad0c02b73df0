"""Several paths in one picture: areas, targets, days or assumptions side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kts_analysis.chart_base import BLUE, GREEN, GREY, PURPLE, VERMILLION, Chart, base_layout
from kts_analysis.i18n import Messages
from kts_analysis.periods import parse_partial_date, year_position
from kts_analysis.rows import Row

LOOKS = [
    (BLUE, "circle"), (VERMILLION, "square"), (GREEN, "diamond"), (PURPLE, "triangle-up"),
    (GREY, "x"), (BLUE, "star"), (VERMILLION, "cross"), (GREEN, "triangle-down"),
]  # fmt: skip
MOST_PATHS = len(LOOKS)  # more lines than looks cannot be told apart


def paths_figure(
    paths: Mapping[str, Sequence[Row]],
    m: Messages,
    *,
    threshold: float | None = None,
    threshold_label: str = "",
    description: str = "",
) -> Chart:
    """Return one line a path: figures joined, the middle of the projection dashed.

    The bar at the end of a dashed line is its 80% prediction interval.

    Parameters
    ----------
    paths : mapping
        Label to rows of a trajectory; at most `MOST_PATHS` are drawn.
    threshold : float, optional
        Percent 0-100, drawn as a labelled line.
    """
    chart = Chart(base_layout(m, description))
    for (label, rows), (color, symbol) in zip(paths.items(), LOOKS, strict=False):
        _add_path(chart, label, rows, color, symbol)
    if threshold is not None:
        chart.level(threshold, {"color": VERMILLION, "width": 2, "dash": "longdash"})
        chart.note(
            x=0.01, xref="paper", y=threshold, text=m("Target: {threshold}",
            threshold=threshold_label), yshift=10, xanchor="left", font={"color": VERMILLION},
        )  # fmt: skip
    if any(row["origin"] == "synthetic" for rows in paths.values() for row in rows):
        chart.stamp(m)
    return chart


def _add_path(chart: Chart, label: str, rows: Sequence[Row], color: str, symbol: str) -> None:
    seen = [row for row in rows if row["kind"] == "observed"]
    ahead = [row for row in rows if row["kind"] == "projected"]
    group = {"legendgroup": label, "name": label}
    chart.trace(
        x=[_year(row) for row in seen],
        y=[_value(row, "value") for row in seen],
        mode="lines+markers",
        line={"color": color, "width": 2},
        marker={"color": color, "symbol": symbol, "size": 8},
        **group,
    )
    if not ahead:
        return
    bars = [0.0] * (len(ahead) - 1)
    end = ahead[-1]
    above, below = end["hi80"] - end["value"], end["value"] - end["lo80"]
    chart.trace(
        x=[_year(row) for row in ahead],
        y=[_value(row, "value") for row in ahead],
        mode="lines",
        line={"color": color, "width": 2, "dash": "dash"},
        error_y={
            "type": "data", "symmetric": False, "color": color, "thickness": 1.5, "width": 5,
            "array": [*bars, round(float(above), 2)],
            "arrayminus": [*bars, round(float(below), 2)],
        },
        showlegend=False,
        **group,
    )  # fmt: skip


def _year(row: Row) -> float:
    return round(year_position(parse_partial_date(row["date"])), 3)


def _value(row: Row, column: str) -> float:
    return round(float(row[column]), 2)
