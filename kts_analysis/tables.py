"""Tables of a report: verdicts, trajectories, observations, sources, as accessible HTML."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from kts_analysis.entries import Plan
from kts_analysis.fragments import Cell, render, table
from kts_analysis.i18n import Messages
from kts_analysis.registry import Registry
from kts_analysis.schema import FLAGS
from kts_analysis.vi import sort_key
from kts_analysis.wording import (
    FLAGS as FLAG_WORDS,
)
from kts_analysis.wording import (
    ORIGINS,
    UNCONFIRMED,
    chance_text,
    count_text,
    day,
    figure_text,
    is_provisional,
    pace_decimals,
    threshold_text,
    value_text,
    vintage_text,
    word_of,
)


def badge(row: pd.Series, m: Messages) -> Markup:
    """Return a verdict's status as word, symbol and colour."""
    return render("badge.html", m, word=word_of(row), provisional=is_provisional(row))


def is_synthetic(rows: pd.DataFrame) -> bool:
    """Return whether any row rests on synthetic figures."""
    return bool((rows["origin"] == "synthetic").any())


def verdict_table(verdicts: pd.DataFrame, plan: Plan, m: Messages, caption: str) -> Markup:
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
    with_figures = verdicts["n_points"] > 0
    measured = verdicts[with_figures]
    silent = verdicts[~with_figures & (verdicts["status"] != "not_measured")]
    rows = [_verdict_cells(row, plan, m) for _, row in measured.iterrows()]
    body = Markup("")
    if rows:
        body = table(
            m, caption, columns, rows, synthetic=is_synthetic(measured), text_columns=(1, 8, 9)
        )
    if len(silent):
        note = m("Without any figure: {targets}.", targets=", ".join(silent["target_id"]))
        body += Markup('<p class="kts-small">{}</p>').format(note)
    if (measured["verification"] == "unverified").any():
        body += Markup('<p class="kts-small">{}</p>').format(unconfirmed_note(m))
    return body


def unconfirmed_note(m: Messages) -> str:
    """Return what the star after a threshold means."""
    return m(
        "{star} threshold not found in a published source for this plan: it needs confirmation, "
        "and results that rest on it are provisional.",
        star=UNCONFIRMED,
    )


def _verdict_cells(row: pd.Series, plan: Plan, m: Messages) -> list[Cell]:
    target = plan.target(row["target_id"])
    projection = "—"
    if pd.notna(row["projected"]):
        low, high = m.number(row["lo80"]), m.number(row["hi80"])
        projection = f"{m.percent(row['projected'])} ({low}–{high})"
    latest = "—"
    if pd.notna(row["latest"]):
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
    if pd.notna(gap) and gap < 0:
        return m("past it by {points}", points=m.number(-gap))
    return m.number(gap)


def status_matrix(verdicts: pd.DataFrame, plan: Plan, registry: Registry, m: Messages) -> Markup:
    """Return areas × targets, areas in Vietnamese alphabetical order, symbol and figure a cell."""
    codes = sorted(
        verdicts["area_code"].unique(), key=lambda code: sort_key(registry.area(code).name)
    )
    rows = []
    for code in codes:
        mine = verdicts[verdicts["area_code"] == code]
        cells = [_matrix_cell(row, m) for _, row in mine.iterrows()]
        rows.append({"name": registry.area(code).title(m.lang), "cells": cells})
    legend = list(dict.fromkeys(word_of(row) for _, row in verdicts.iterrows()))
    return render(
        "matrix.html",
        m,
        caption=m("Status of every area and target, as of {date}", date=day(_as_of(verdicts), m)),
        targets=[{"id": t.id, "title": t.name.get(m.lang)} for t in plan.targets],
        rows=rows,
        synthetic=is_synthetic(verdicts),
        legend=legend,
    )


def _as_of(verdicts: pd.DataFrame) -> str:
    return str(verdicts["as_of"].iloc[0])


def _matrix_cell(row: pd.Series, m: Messages) -> dict[str, object]:
    has_chance = pd.notna(row["probability"])
    return {
        "id": row["target_id"],
        "word": word_of(row),
        "value": _bare(row, m),
        "chance": chance_text(row["probability"], m) if has_chance else "",
    }


def _bare(row: pd.Series, m: Messages) -> str:
    return "" if pd.isna(row["latest"]) else value_text(row["latest"], m, row["threshold"])[:-1]


def points_table(points: pd.DataFrame, m: Messages, caption: str) -> Markup:
    """Return the figures a verdict rests on, one row a period, with what is known of each."""
    rows: list[list[Cell]] = [
        [
            m.period(row["period"]),
            figure_text(row["value"], row["qualifier"], m),
            m.count(row["numerator"]),
            m.count(row["denominator"]),
            vintage_text(row, m),
            m(ORIGINS[row["origin"]]),
            flags_text(row["flags"], m),
        ]
        for _, row in points.iterrows()
    ]
    columns = [
        m("Period"),
        m("Figure"),
        m("Numerator"),
        m("Denominator"),
        m("Published"),
        m("Origin"),
        m("Remarks"),
    ]
    return table(m, caption, columns, rows, synthetic=is_synthetic(points), text_columns=(5, 6))


def projection_table(trajectory: pd.DataFrame, m: Messages, caption: str) -> Markup:
    """Return the projected years of a trajectory with both intervals."""
    ahead = trajectory[(trajectory["kind"] == "projected") & (trajectory["horizon_years"] > 0)]
    rows: list[list[Cell]] = [
        [
            day(row["date"], m),
            m.percent(row["value"]),
            f"{m.number(row['lo80'])}–{m.number(row['hi80'])}",
            f"{m.number(row['lo95'])}–{m.number(row['hi95'])}",
        ]
        for _, row in ahead.iterrows()
    ]
    columns = [m("Date"), m("Median"), m("80% interval"), m("95% interval")]
    return table(m, caption, columns, rows, synthetic=is_synthetic(trajectory))


def flags_text(flags: str, m: Messages) -> str:
    """Return the flags of a figure as words."""
    return "; ".join(m(FLAG_WORDS[flag]) for flag in FLAGS if flag in flags.split(";"))


def text_list(texts: list[str], m: Messages) -> Markup:
    """Return texts as a list."""
    items = [{"text": text, "url": "", "note": ""} for text in texts]
    return render("sources.html", m, items=items)


def sources_list(points: pd.DataFrame, m: Messages) -> Markup:
    """Return the sources of a line's figures, each once, with its address and dates."""
    items = []
    for (source, url), rows in points.groupby(["source", "source_url"], sort=False):
        periods = ", ".join(m.period(period) for period in rows["period"])
        items.append({"text": f"{source}: {periods}", "url": safe_url(str(url)), "note": ""})
    return render("sources.html", m, items=items)


def rollup_table(sums: pd.DataFrame, registry: Registry, m: Messages, caption: str) -> Markup:
    """Return what the areas add up to, period by period, with who is missing."""
    rows: list[list[Cell]] = [
        [
            m.period(row["period"]),
            value_text(round(row["value"], 2), m),
            m.count(row["numerator"]),
            m.count(row["denominator"]),
            f"{row['counted']}/{row['expected']}",
            ", ".join(registry.area(code).title(m.lang) for code in row["missing"]),
        ]
        for _, row in sums.iterrows()
    ]
    columns = [
        m("Period"),
        m("Rate"),
        m("Numerator"),
        m("Denominator"),
        m("Areas counted"),
        m("Without figures"),
    ]
    return table(m, caption, columns, rows, synthetic=is_synthetic(sums), text_columns=(5,))


def contribution_table(
    rows: pd.DataFrame, registry: Registry, m: Messages, caption: str, card: str
) -> Markup:
    """Return who holds a target back: heads and points missing, largest first."""
    unit = registry.indicators[card]
    cells: list[list[Cell]] = [
        [
            registry.area(row["area_code"]).title(m.lang),
            value_text(row["latest"], m),
            day(row["latest_date"], m),
            gap_text(row["gap"], m),
            count_text(row["gap_count"], unit, m),
            m.percent(row["share"]),
        ]
        for _, row in rows.iterrows()
    ]
    columns = [
        m("Area"),
        m("Newest figure"),
        m("Dated"),
        m("Gap, points"),
        m("Still missing"),
        m("Share of all missing"),
    ]
    return table(m, caption, columns, cells, synthetic=is_synthetic(rows))


def published_table(points: pd.DataFrame, registry: Registry, m: Messages, caption: str) -> Markup:
    """Return figures of several methods side by side; rival methods are listed, never joined."""
    rows: list[list[Cell]] = [
        [
            registry.indicators[row["indicator"]].name.get(m.lang),
            registry.series[row["series"]].name.get(m.lang),
            m.period(row["period"]),
            figure_text(row["value"], row["qualifier"], m),
            vintage_text(row, m),
            _link(row, m),
            flags_text(row["flags"], m),
        ]
        for _, row in points.iterrows()
    ]
    columns = [
        m("Indicator"),
        m("Measuring method"),
        m("Period"),
        m("Figure"),
        m("Published"),
        m("Source"),
        m("Remarks"),
    ]
    synthetic = is_synthetic(points)
    return table(m, caption, columns, rows, synthetic=synthetic, text_columns=(1, 2, 5, 6))


def safe_url(url: str) -> str:
    """Return an address a page may link to, else nothing: data must not run scripts."""
    return url if url.startswith(("http://", "https://")) else ""


def _link(row: pd.Series, m: Messages) -> Cell:
    if not safe_url(row["source_url"]):
        return str(row["source"])
    return Markup('<a href="{}" rel="noreferrer">{}</a>').format(row["source_url"], row["source"])
