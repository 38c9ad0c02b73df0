"""The tables of the data-quality page: a state a year, and the lists of what to ask about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd
from markupsafe import Markup

from kts_analysis import tables
from kts_analysis.figure_tables import flags_text
from kts_analysis.fragments import Cell, render
from kts_analysis.i18n import Messages
from kts_analysis.pages.quality_words import STATE_WORDS, indicator_text, turns_text
from kts_analysis.registry import Registry
from kts_analysis.rows import Row, rows_of
from kts_analysis.wording import day, figure_text


class Listing(NamedTuple):
    """A list of findings: header texts, rows of cells, and which columns are words."""

    columns: list[str]
    rows: list[list[Cell]]
    text_columns: tuple[int, ...]


def state_tables(cells: pd.DataFrame, registry: Registry, m: Messages) -> Markup:
    """Return a legend and one table an indicator: a row an area, a word a year.

    Parameters
    ----------
    cells : pandas.DataFrame
        From `quality.coverage`.
    """
    found = [
        _state_table(str(indicator), rows_of(mine), registry, m)
        for indicator, mine in cells.groupby("indicator", sort=False)
        if set(mine["state"]) != {"not_measured"}
    ]
    used = set(cells["state"])
    words = [word for state, word in STATE_WORDS.items() if state in used]
    years = sorted(set(cells["year"]))
    return render("legend.html", m, words=words) + render(
        "states.html", m, tables=found, years=years
    )


def _state_table(
    indicator: str, rows: Sequence[Row], registry: Registry, m: Messages
) -> dict[str, Any]:
    """Return the table of one indicator; areas that do not measure it are only counted."""
    states: dict[str, list[str]] = {}
    for row in rows:
        states.setdefault(row["area_code"], []).append(row["state"])
    measured = {code: mine for code, mine in states.items() if "not_measured" not in mine}
    left, word = len(states) - len(measured), STATE_WORDS["not_measured"]
    said = m("{state}: {n} areas", state=m(word.text), n=m.count(left))
    return {
        "caption": indicator_text(indicator, registry, m),
        "synthetic": tables.is_synthetic(rows),
        "rows": [
            (registry.area(code).title(m.lang), [STATE_WORDS[state] for state in mine])
            for code, mine in measured.items()
        ],
        "note": f"{word.symbol} {said}" if left else "",
    }


def late_list(rows: Sequence[Row], registry: Registry, m: Messages) -> Listing:
    """Return figures that should be here by now; `rows` are of `findings`, as in all lists."""
    columns = [*_heads(m), m("Due (assumed)"), m("Days late"), m("Ask")]
    cells = [
        [*_place(row, registry, m), day(row["due"], m), m.count(row["days_late"]), _whom(row, m)]
        for row in rows
    ]
    return Listing(columns, cells, (1, 5))


def missing_list(rows: Sequence[Row], registry: Registry, m: Messages) -> Listing:
    """Return figures passed over, never reported, or here by another method only."""
    columns = [*_heads(m), m("State"), m("Ask")]
    cells = [
        [*_place(row, registry, m), m(STATE_WORDS[row["finding"]].text), _whom(row, m)]
        for row in rows
    ]
    return Listing(columns, cells, (1, 3, 4))


def suspicious_list(rows: Sequence[Row], registry: Registry, m: Messages) -> Listing:
    """Return figures that carry a remark."""
    columns = [*_heads(m), m("Figure"), m("Remarks"), m("Ask")]
    cells = [
        [
            *_place(row, registry, m),
            figure_text(row["value"], row["qualifier"], m),
            flags_text(row["flags"], m),
            _whom(row, m),
        ]
        for row in rows
    ]
    return Listing(columns, cells, (1, 4, 5))


def revised_list(rows: Sequence[Row], registry: Registry, m: Messages) -> Listing:
    """Return figures published again with another value, and the verdicts that turn on them."""
    columns = [*_heads(m), m("Before"), m("Newest"), m("Change"), m("Verdicts that turn")]
    cells = [
        [
            *_place(row, registry, m),
            m.percent(row["old_value"], 2),
            m.percent(row["value"], 2),
            m.points(row["change"], 2),
            turns_text(row["turns"], registry, m),
        ]
        for row in rows
    ]
    return Listing(columns, cells, (1, 6))


def _heads(m: Messages) -> list[str]:
    return [m("Area"), m("Indicator"), m("Period")]


def _place(row: Row, registry: Registry, m: Messages) -> list[Cell]:
    area = registry.area(row["area_code"]).title(m.lang)
    return [area, indicator_text(row["indicator"], registry, m), m.period(row["period"])]


def _whom(row: Row, m: Messages) -> str:
    return row["reporter"] or m("Reporter not known")
