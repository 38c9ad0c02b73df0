"""The index page: every report of a run, what failed, and the matrix of statuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from kts_analysis import tables
from kts_analysis.assessment import judge
from kts_analysis.documents.formats import document_links
from kts_analysis.entries import Plan
from kts_analysis.fragments import render
from kts_analysis.i18n import Messages
from kts_analysis.pages.beside import behind_most
from kts_analysis.pages.context import stand
from kts_analysis.pages.grounds import proof_page
from kts_analysis.pages.prepare import stand_before
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
from kts_analysis.status_tables import by_area, status_counts, status_matrix
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
    own = [row for row in rows if row["area_code"] in areas]
    shown, notes = behind_most(own, m)
    told = _last_judged(own, mine, m) if not notes else None
    if told is not None:
        shown, notes = told
        of_area |= by_area(shown, registry)
    many = len(areas) > 1
    hrefs = {r.unit.area.code: _href(r) for r in mine if r.unit.area.code in areas}
    in_table = hrefs if len(areas) > tables.MOST else {}
    cards = [result for result in mine if result.unit.area.code not in in_table]
    return {
        "title": _title(plan, results, m),
        "reports": [_report(result, rows, of_area, m) for result in cards],
        "areas": status_counts(rows, plan, registry, m, in_table),
        "matrix": status_matrix(shown, plan, registry, m, hrefs) if many else "",
        "notes": notes,
    }


def _title(plan: Plan, results: Sequence[Result], m: Messages) -> str:
    """Return the plan's name and, if other borders were asked for, which."""
    borders = results[0].unit.where.get("borders", "")
    name = plan.name.get(m.lang)
    if not borders:
        return name
    return m("{plan}, on the borders of {date}", plan=name, date=day(borders, m))


def _last_judged(
    rows: Sequence[Row], results: Sequence[Result], m: Messages
) -> tuple[Sequence[Row], list[str]] | None:
    """Return the verdicts of the last day of areas that have all ended, and the words for it.

    "Not applicable" everywhere would tell a reader nothing. None where they have not ended.
    """
    if not rows or any(row["reason"] not in ("area_ended", "level") for row in rows):
        return None
    unit = results[0].unit
    view, _ = stand(data=None, **unit.where)
    deadline = unit.parameters["deadline"]
    last = stand_before(view, view.registry.area(unit.plan.home), deadline)
    if last is None:
        return None
    codes = list(dict.fromkeys(row["area_code"] for row in rows))
    note = m(
        "These areas have ended. The table and the lines below stand on {date}, before the "
        "deadline, with nothing published later: what could be said then.",
        date=m.date(last),
    )
    return rows_of(judge(view.on(last), unit.plan, deadline, areas=codes)), [note]


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
