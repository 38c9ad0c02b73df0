"""What the newest release of figures changed in an area's verdicts.

A run is compared with no earlier run, whose folder may be gone: the same figures always give the
same page. It is compared with what a run on the day before those figures would have said.
"""

from __future__ import annotations

from collections.abc import Sequence

from IPython.display import HTML
from markupsafe import Markup

from kts_analysis import tables
from kts_analysis.assessment import judge_rows
from kts_analysis.entries import Area
from kts_analysis.fragments import Cell, fragment, table
from kts_analysis.i18n import N_, Messages
from kts_analysis.pages.context import Context
from kts_analysis.pages.prepare import newest_round
from kts_analysis.rows import Row, missing
from kts_analysis.wording import chance_text, day, figure_text

TELLING = 0.05  # our cut: a smaller change of a chance is not worth a line

WHY = {
    "new": N_("new figure"),
    "revised": N_("figure published again with another value"),
    "beside": N_("figures of the areas side by side"),
}


def newest_changes(context: Context, area: Area) -> list[HTML]:
    """Return the verdicts that the newest figures changed; nothing where there were none before.

    They are the newest round of figures of this area and those it stands beside
    (`prepare.newest_round`).
    """
    c, m = context, context.m
    newest = newest_round(c.view, c.plan, area)
    if newest is None:
        return []
    views = newest.before, newest.after
    before, after = (judge_rows(view, c.plan, c.deadline, areas=[area.code]) for view in views)
    if not any(row["n_points"] > 0 for row in before):
        return []
    when = m.date(newest.last)
    if newest.first != newest.last:
        when = f"{m.date(newest.first)}–{when}"
    pairs = [pair for pair in zip(before, after, strict=True) if _why(*pair)]
    if not pairs:
        text = m(
            "Newest figures of the areas side by side: {date}. They changed no status and no "
            "chance here by five points or more.",
            date=when,
        )
        return [_section(text, Markup(""), m)]
    changed = sum(one["status"] != other["status"] for one, other in pairs)
    text = m(
        "Newest figures of the areas side by side: {date}. Statuses that differ from the day "
        "before: {changed}. The table lists every target with a new figure, another status, or a "
        "chance that moved by five points or more.",
        changed=m.count(changed),
        date=when,
    )
    return [_section(text, _table(pairs, context, when), m)]


def _section(text: str, body: Markup, m: Messages) -> HTML:
    title = m("What the newest figures changed")
    return fragment("section.html", m, id="changes", title=title, body=body, paragraphs=[text])


def _why(before: Row, after: Row) -> str:
    """Return what changed a verdict ("" where it is the same to a reader)."""
    if missing(after["latest"]):
        return ""
    if before["latest_date"] != after["latest_date"]:
        return "new"
    if before["latest"] != after["latest"]:
        return "revised"
    chances = before["probability"], after["probability"]
    moved = any(map(missing, chances)) != all(map(missing, chances))
    moved = moved or abs(chances[0] - chances[1]) >= TELLING
    return "beside" if moved or before["status"] != after["status"] else ""


def _table(pairs: Sequence[tuple[Row, Row]], context: Context, date: str) -> Markup:
    m, plan = context.m, context.plan
    rows: list[list[Cell]] = [
        [
            f"{after['target_id']} {plan.target(after['target_id']).name.get(m.lang)}",
            _figure(before, m),
            _figure(after, m),
            _verdict(before, m),
            _verdict(after, m),
            m(WHY[_why(before, after)]),
        ]
        for before, after in pairs
    ]
    columns = [
        m("Target"),
        m("Figure before"),
        m("Figure now"),
        m("Status before"),
        m("Status now"),
        m("Because of"),
    ]
    caption = m("Before and after the figures of {date}", date=date)
    synthetic = tables.is_synthetic([row for pair in pairs for row in pair])
    return table(m, caption, columns, rows, synthetic=synthetic, text_columns=(3, 4, 5))


def _figure(row: Row, m: Messages) -> str:
    if missing(row["latest"]):
        return "—"
    figure = figure_text(row["latest"], row["latest_qualifier"], m, row["threshold"])
    return f"{figure} ({day(row['latest_date'], m)})"


def _verdict(row: Row, m: Messages) -> Markup:
    badge = tables.badge(row, m)
    if missing(row["probability"]):
        return badge
    return badge + Markup('<span class="kts-small">{}</span>').format(
        m("chance {chance}", chance=chance_text(row["probability"], m))
    )
