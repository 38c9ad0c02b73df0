"""Tables of a report: verdicts, trajectories, observations, sources, as accessible HTML."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from markupsafe import Markup

from kts_analysis.entries import Plan
from kts_analysis.fragments import Cell, render, table
from kts_analysis.i18n import Messages
from kts_analysis.rows import Row, missing, rows_of
from kts_analysis.wording import (
    UNCONFIRMED,
    chance_text,
    day,
    figure_text,
    is_provisional,
    pace_decimals,
    threshold_text,
    word_of,
)

# Our cuts: hundreds of areas make a page of megabytes that nobody reads. Up to `MOST` all are
# shown; of more, `SHOWN`, and the page says so; verdicts.csv of the run holds every area.
MOST, SHOWN = 30, 16


def badge(row: Row, m: Messages) -> Markup:
    """Return a verdict's status as word, symbol and colour."""
    return render("badge.html", m, word=word_of(row), provisional=is_provisional(row))


def is_synthetic(table: pd.DataFrame | Sequence[Row]) -> bool:
    """Return whether any row rests on synthetic figures."""
    if isinstance(table, pd.DataFrame):
        return "synthetic" in set(table["origin"])
    return any(row["origin"] == "synthetic" for row in table)


def verdict_table(
    verdicts: pd.DataFrame | Sequence[Row], plan: Plan, m: Messages, caption: str
) -> Markup:
    """Return one row a target that has figures; the others are named under the table."""
    columns = [
        m("Target"),
        m("Threshold"),
        m("Newest figure"),
        m("Dated"),
        m("Gap, points"),
        m("Pace so far, points a year"),
        m("Pace required, points a year"),
        m("Projection (80% interval)"),
        m("Chance"),
        m("Status"),
    ]
    shown = rows_of(verdicts)
    measured = [row for row in shown if row["n_points"] > 0]
    silent = [
        row["target_id"]
        for row in shown
        if not row["n_points"] > 0 and row["status"] != "not_measured"
    ]
    rows = [_verdict_cells(row, plan, m) for row in measured]
    body = Markup("")
    if rows:
        body = table(
            m, caption, columns, rows, synthetic=is_synthetic(measured), text_columns=(1, 8, 9)
        )
    if silent:
        note = m("Without any figure: {targets}.", targets=", ".join(silent))
        body += Markup('<p class="kts-small">{}</p>').format(note)
    if any(row["verification"] == "unverified" for row in measured):
        body += Markup('<p class="kts-small">{}</p>').format(unconfirmed_note(m))
    return body


def unconfirmed_note(m: Messages) -> str:
    """Return what the star after a threshold means."""
    return m(
        "{star} threshold not found in a published source for this plan: it needs confirmation, "
        "and results that rest on it are provisional.",
        star=UNCONFIRMED,
    )


def _verdict_cells(row: Row, plan: Plan, m: Messages) -> list[Cell]:
    target = plan.target(row["target_id"])
    projection = "—"
    if not missing(row["projected"]):
        low, high = m.number(row["lo80"]), m.number(row["hi80"])
        projection = f"{m.percent(row['projected'])} ({low}–{high})"
    latest = "—"
    if not missing(row["latest"]):
        latest = figure_text(row["latest"], row["latest_qualifier"], m, row["threshold"])
    return [
        f"{row['target_id']} {target.name.get(m.lang)}",
        threshold_text(row, m),
        latest,
        day(row["latest_date"], m),
        gap_text(row["gap"], m),
        _pace(row["pace_observed"], m),
        _pace(row["pace_required"], m),
        projection,
        chance_text(row["probability"], m),
        badge(row, m),
    ]


def _pace(pace: float, m: Messages) -> str:
    return m.number(pace, pace_decimals(pace))


def gap_text(gap: float, m: Messages) -> str:
    """Return the points still missing, or how far the figure is past the threshold."""
    if not missing(gap) and gap < 0:
        return m("past it by {points}", points=m.number(-gap))
    return m.number(gap)


def projection_table(trajectory: Sequence[Row], m: Messages, caption: str) -> Markup:
    """Return the projected years of a trajectory with their intervals."""
    rows: list[list[Cell]] = [
        [
            day(row["date"], m),
            m.percent(row["value"]),
            f"{m.number(row['lo50'])}–{m.number(row['hi50'])}",
            f"{m.number(row['lo80'])}–{m.number(row['hi80'])}",
            f"{m.number(row['lo95'])}–{m.number(row['hi95'])}",
        ]
        for row in trajectory
        if row["kind"] == "projected" and row["horizon_years"] > 0
    ]
    columns = [m("Date"), m("Median"), m("50% interval"), m("80% interval"), m("95% interval")]
    return table(m, caption, columns, rows, synthetic=is_synthetic(trajectory))


def text_list(texts: list[str], m: Messages) -> Markup:
    """Return texts as a list."""
    items = [{"text": text, "url": "", "note": ""} for text in texts]
    return render("sources.html", m, items=items)
