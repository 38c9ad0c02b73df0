"""The index page: every report of a run, what failed, and the matrix of statuses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from kts_analysis import tables
from kts_analysis.documents.formats import document_links
from kts_analysis.entries import Plan
from kts_analysis.fragments import Cell, render, table
from kts_analysis.i18n import Messages
from kts_analysis.pages.beside import behind_most
from kts_analysis.pages.grounds import proof_page
from kts_analysis.registry import Registry
from kts_analysis.reporting.execute import Result
from kts_analysis.reporting.page_names import (
    OBSERVATIONS,
    PACKAGE,
    ROLLUP,
    TRAJECTORIES,
    VERDICTS,
    VERDICTS_JSON,
    index_name,
    quality_page,
)
from kts_analysis.reporting.units import AREA_NOTEBOOK
from kts_analysis.rows import Row, rows_of
from kts_analysis.wording import SPECIAL_WORDS, STATUS_WORDS, day, headline, word_of


def write_index(
    staging: Path,
    registry: Registry,
    results: list[Result],
    verdicts: pd.DataFrame,
    lang: str,
    langs: list[str],
) -> None:
    """Write the index page of one language."""
    m = Messages(lang)
    mine = [result for result in results if result.unit.lang == lang]
    names = {"vi": "Tiếng Việt", "en": "English"}
    others = [other for other in langs if other != lang]
    plans = list({result.unit.plan.id: result.unit.plan for result in mine}.values())
    text = render(
        "index.html",
        m,
        as_of=day(str(verdicts["as_of"].iloc[0]), m) if len(verdicts) else "—",
        synthetic=tables.is_synthetic(verdicts),
        failures=[_failure(result) for result in mine if not result.ok],
        plans=[_plan(plan, registry, mine, verdicts, m) for plan in plans],
        tables=(VERDICTS, ROLLUP, TRAJECTORIES, OBSERVATIONS, VERDICTS_JSON, PACKAGE),
        proof=proof_page(lang),
        quality=quality_page(lang),
        switches=[{"href": index_name(o, langs), "name": names[o], "lang": o} for o in others],
    )
    path = staging / index_name(lang, langs)
    path.write_text(str(text) + "\n", encoding="utf-8", newline="\n")


def _failure(result: Result) -> dict[str, Any]:
    unit = result.unit
    return {
        "title": unit.area.title(unit.lang),
        "notebook": unit.notebook,
        "cell": result.cell,
        "message": result.message,
    }


def _plan(
    plan: Plan, registry: Registry, results: list[Result], verdicts: pd.DataFrame, m: Messages
) -> dict[str, Any]:
    mine = [result for result in results if result.unit.plan.id == plan.id and result.ok]
    rows = rows_of(verdicts[verdicts["plan_id"] == plan.id])
    areas = {r.unit.area.code: None for r in mine if r.unit.notebook == AREA_NOTEBOOK}
    of_area: dict[str, list[Row]] = {}
    for row in rows:
        of_area.setdefault(row["area_code"], []).append(row)
    shown, notes = behind_most([row for row in rows if row["area_code"] in areas], m)
    many = len(areas) > 1
    in_table = mine if len(areas) > tables.MOST else []
    cards = [result for result in mine if not in_table or result.unit.area.code not in areas]
    return {
        "title": _title(plan, results, m),
        "reports": [_report(result, rows, of_area, m) for result in cards],
        "areas": _area_table([r for r in in_table if r not in cards], of_area, m),
        "matrix": tables.status_matrix(shown, plan, registry, m) if many else "",
        "notes": notes,
    }


def _title(plan: Plan, results: Sequence[Result], m: Messages) -> str:
    """Return the plan's name and, if other borders were asked for, which."""
    borders = results[0].unit.where.get("borders", "")
    name = plan.name.get(m.lang)
    if not borders:
        return name
    return m("{plan}, on the borders of {date}", plan=name, date=day(borders, m))


def _area_table(
    results: Sequence[Result], of_area: Mapping[str, Sequence[Row]], m: Messages
) -> Markup:
    """Return very many reports as a table: one line an area, how many targets have which status."""
    counts = {
        result.unit.label: Counter(
            word_of(row).text
            for row in of_area.get(result.unit.area.code, ())
            if row["status"] != "not_measured"
        )
        for result in results
    }
    words = [word.text for word in (*STATUS_WORDS.values(), *SPECIAL_WORDS.values())]
    used = [
        word for word in dict.fromkeys(words) if any(word in found for found in counts.values())
    ]
    rows: list[list[Cell]] = [
        [
            Markup('<a href="{}">{}</a>').format(_href(result), result.unit.area.title(m.lang)),
            *(m.count(counts[result.unit.label][word]) for word in used),
        ]
        for result in results
    ]
    caption = m("Reports of {n} areas: targets by status", n=m.count(len(rows)))
    synthetic = any(tables.is_synthetic(of_area.get(r.unit.area.code, [])) for r in results)
    columns = [m("Area"), *(m(word) for word in used)]
    return table(m, caption, columns, rows, synthetic=synthetic) if rows else Markup("")


def _href(result: Result) -> str:
    return f"{result.unit.id}/{result.unit.stem}.html"


def _report(
    result: Result, rows: Sequence[Row], of_area: Mapping[str, Sequence[Row]], m: Messages
) -> dict[str, Any]:
    unit = result.unit
    is_area = unit.notebook == AREA_NOTEBOOK
    own = of_area.get(unit.area.code, [])
    sentence = headline(own, m) if is_area else m("Areas × targets, sums, who holds what back.")
    seen = own if is_area else rows
    return {
        "href": _href(result),
        "title": unit.area.title(m.lang),
        "synthetic": tables.is_synthetic(seen),
        "sentence": sentence,
        "documents": [
            link | {"href": f"{unit.id}/{link['href']}"} for link in document_links(unit)
        ],
    }
