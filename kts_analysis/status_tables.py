"""Areas × targets: the matrix of statuses, and for very many areas how many targets stand where.

Both can be sorted and filtered on a page (`assets/kts-tables.js`) and are whole without it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from kts_analysis.entries import Plan
from kts_analysis.fragments import render
from kts_analysis.i18n import Messages
from kts_analysis.registry import Registry
from kts_analysis.rows import Row, missing, rows_of
from kts_analysis.tables import is_synthetic
from kts_analysis.vi import sort_key
from kts_analysis.wording import (
    SPECIAL_WORDS,
    STATUS_WORDS,
    StatusWord,
    day,
    short_chance,
    value_text,
    word_of,
)

# From the best to the least told: the order in which a column of statuses is sorted.
_RANKS = (
    "exceeded", "met", "reached_early", "likely", "possible", "unlikely", "very_unlikely",
    "missed", "insufficient", "unknown",
)  # fmt: skip


def ranked_words() -> dict[StatusWord, str]:
    """Return a letter for each word a status can have, in the order of sorting."""
    words = [*(STATUS_WORDS[name] for name in _RANKS), *SPECIAL_WORDS.values()]
    words.append(STATUS_WORDS["not_measured"])
    return {word: chr(ord("a") + place) for place, word in enumerate(dict.fromkeys(words))}


def by_area(verdicts: Sequence[Row], registry: Registry) -> dict[str, list[Row]]:
    """Return the verdicts of each area, areas in Vietnamese alphabetical order."""
    found: dict[str, list[Row]] = {}
    for row in verdicts:
        found.setdefault(row["area_code"], []).append(row)
    order = sorted(found, key=lambda code: sort_key(registry.area(code).name))
    return {code: found[code] for code in order}


def status_matrix(
    verdicts: pd.DataFrame | Sequence[Row],
    plan: Plan,
    registry: Registry,
    m: Messages,
    hrefs: Mapping[str, str] | None = None,
) -> Markup:
    """Return areas × targets: status, chance and newest figure in each cell.

    Parameters
    ----------
    hrefs : mapping, optional
        Where the report of an area is, by its code.
    """
    shown = rows_of(verdicts)
    rows = [
        {
            "name": registry.area(code).title(m.lang),
            "href": (hrefs or {}).get(code, ""),
            "letters": letters(rows),
            "cells": [_cell(row, m) for row in rows],
        }
        for code, rows in by_area(shown, registry).items()
    ]
    return render(
        "matrix.html",
        m,
        caption=m("Status of every area and target, as of {date}", date=_as_of(shown, m)),
        rows=rows,
        synthetic=is_synthetic(shown),
        **_choices(shown, plan, m),
    )


def status_counts(
    verdicts: Sequence[Row],
    plan: Plan,
    registry: Registry,
    m: Messages,
    hrefs: Mapping[str, str],
) -> Markup:
    """Return one line an area: how many targets have which status. For very many areas.

    Parameters
    ----------
    hrefs : mapping
        Where the report of an area is, by its code; only these areas are shown.
    """
    if not hrefs:
        return Markup("")
    shown = [row for row in verdicts if row["area_code"] in hrefs]
    choices = _choices(shown, plan, m)
    none = STATUS_WORDS["not_measured"]
    words = [word for _, word in choices["legend"] if word != none]
    told = by_area(shown, registry)
    rows = []
    for code in sorted(hrefs, key=lambda code: sort_key(registry.area(code).name)):
        mine = told.get(code, [])
        counts = Counter(word_of(row) for row in mine)
        rows.append(
            {
                "name": registry.area(code).title(m.lang),
                "href": hrefs[code],
                "letters": letters(mine),
                "counts": [m.count(counts[word]) for word in words],
            }
        )
    return render(
        "counts.html",
        m,
        caption=m("Reports of {n} areas: targets by status", n=m.count(len(rows))),
        words=words,
        rows=rows,
        synthetic=is_synthetic(shown),
        **choices,
    )


def letters(rows: Sequence[Row]) -> str:
    """Return the statuses of one area's targets, a letter each (`ranked_words`)."""
    ranks = ranked_words()
    return "".join(ranks[word_of(row)] for row in rows)


def _choices(rows: Sequence[Row], plan: Plan, m: Messages) -> dict[str, Any]:
    """Return what a reader can filter by: the targets, and the statuses that occur."""
    seen = {word_of(row) for row in rows}
    return {
        "targets": [{"id": t.id, "title": t.name.get(m.lang)} for t in plan.targets],
        "legend": [(letter, word) for word, letter in ranked_words().items() if word in seen],
    }


def _as_of(verdicts: Sequence[Row], m: Messages) -> str:
    return day(str(verdicts[0]["as_of"]), m) if verdicts else "—"


def _cell(row: Row, m: Messages) -> dict[str, object]:
    figure = row["latest"]
    return {
        "word": word_of(row),
        "value": "" if missing(figure) else value_text(figure, m, row["threshold"])[:-1],
        "chance": short_chance(row["probability"], m),
    }
