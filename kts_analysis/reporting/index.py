"""The index page: every report of a run, what failed, and the matrix of statuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from kts_analysis import tables
from kts_analysis.entries import Plan
from kts_analysis.fragments import render
from kts_analysis.i18n import Messages
from kts_analysis.pages.beside import behind_most
from kts_analysis.pages.grounds import proof_page
from kts_analysis.registry import Registry
from kts_analysis.reporting.execute import Result
from kts_analysis.reporting.page_names import index_name, quality_page
from kts_analysis.reporting.units import AREA_NOTEBOOK
from kts_analysis.rows import Row, rows_of
from kts_analysis.wording import day, headline


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
    return {
        "title": plan.name.get(m.lang),
        "reports": [_report(result, rows, of_area, m) for result in mine],
        "matrix": tables.status_matrix(shown, plan, registry, m) if many else "",
        "notes": notes,
    }


def _report(
    result: Result, rows: Sequence[Row], of_area: Mapping[str, Sequence[Row]], m: Messages
) -> dict[str, Any]:
    unit = result.unit
    is_area = unit.notebook == AREA_NOTEBOOK
    own = of_area.get(unit.area.code, [])
    sentence = headline(own, m) if is_area else m("Areas × targets, sums, who holds what back.")
    seen = own if is_area else rows
    return {
        "href": f"{unit.id}/{unit.stem}.html",
        "title": unit.area.title(m.lang),
        "synthetic": tables.is_synthetic(seen),
        "sentence": sentence,
    }
