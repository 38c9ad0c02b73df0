"""The end of a run: tables, pages beside the reports, assets. Each step is a job of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kts_analysis.fragments import asset
from kts_analysis.moved_plans import registry_asked
from kts_analysis.registry import Registry
from kts_analysis.registry_files import load_registry
from kts_analysis.reporting.datapackage import package_text
from kts_analysis.reporting.execute import Result
from kts_analysis.reporting.files import write_whole
from kts_analysis.reporting.index import write_index
from kts_analysis.reporting.page import plotly_asset
from kts_analysis.reporting.page_names import (
    OBSERVATIONS,
    PACKAGE,
    ROLLUP,
    TRAJECTORIES,
    VERDICTS,
    VERDICTS_JSON,
)
from kts_analysis.reporting.parts import (
    FIGURE_COLUMNS,
    PATH_COLUMNS,
    joined,
    rows_header,
    table_text,
    together,
    without_report,
)
from kts_analysis.reporting.proof import write_proof
from kts_analysis.reporting.quality import write_quality
from kts_analysis.reporting.units import HOME_NOTEBOOK, Unit, unit_from
from kts_analysis.rows import json_text, rows_of

SHIPPED = ("kts.css", "kts.js", "kts-sketch.js", "kts-tables.js", "kts-map.js")


def write_tables_and_index(staging: str, results: list[dict[str, Any]]) -> None:
    """Write the tables of a run, what describes them, and the index pages.

    Parameters
    ----------
    staging : str
        Folder of the run being built.
    results : list of dict
        ``unit`` (from `Unit.as_json`), ``ok``, ``cell``, ``message``; in the order of the run.
    """
    own = load_registry()
    made = _results(results, own)
    registry = registry_asked(own, made[0].unit.where.get("borders", "")) if made else own
    verdicts = _write_tables(Path(staging), made)
    langs = _langs(made)
    for lang in langs:
        write_index(Path(staging), registry, made, verdicts, lang, langs)


def write_pages_beside(staging: str, results: list[dict[str, Any]]) -> None:
    """Write the pages on proof and on data quality, and what all pages load.

    Parameters
    ----------
    staging, results
        As in `write_tables_and_index`.
    """
    made = _results(results, load_registry())
    langs = _langs(made)
    for lang in langs:
        write_proof(Path(staging), lang, langs)
        write_quality(Path(staging), [result.unit for result in made], lang, langs)
    _write_assets(Path(staging) / "assets")


def _results(facts: list[dict[str, Any]], registry: Registry) -> list[Result]:
    return [
        Result(unit_from(f["unit"], registry), ok=f["ok"], cell=f["cell"], message=f["message"])
        for f in facts
    ]


def _langs(results: list[Result]) -> list[str]:
    return list(dict.fromkeys(result.unit.lang for result in results))


def _write_tables(folder: Path, results: list[Result]) -> Any:
    """Write the tables of the run, and what describes them; return the verdicts."""
    units = [result.unit for result in results]
    others, figures = without_report(units)
    verdicts = _in_order(together(_parts(folder, results, VERDICTS), others), units)
    tables = {
        VERDICTS: table_text(verdicts),
        ROLLUP: table_text(together(_parts(folder, results, ROLLUP))),
        TRAJECTORIES: joined([rows_header(PATH_COLUMNS), *_texts(folder, results, TRAJECTORIES)]),
        OBSERVATIONS: joined(
            [rows_header(FIGURE_COLUMNS), *_texts(folder, results, OBSERVATIONS), *figures]
        ),
        VERDICTS_JSON: json_text(rows_of(verdicts)),
    }
    plans = {unit.plan.id: unit.plan for unit in units}
    as_of = str(verdicts["as_of"].iloc[0]) if len(verdicts) else ""
    for name, text in (tables | {PACKAGE: package_text(tables, plans.values(), as_of)}).items():
        write_whole(folder / name, text)
    return verdicts


def _texts(folder: Path, results: list[Result], name: str) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in _parts(folder, results, name)]


def _in_order(table: Any, units: list[Unit]) -> Any:
    """Return verdicts plan by plan, areas in the order of the plan."""
    pairs = [pair for mine in _by_plan(units).values() for pair in _areas_of(mine)]
    places = {pair: place for place, pair in enumerate(dict.fromkeys(pairs))}
    order = [places[pair] for pair in zip(table["plan_id"], table["area_code"], strict=True)]
    ranked = table.assign(_place=order).sort_values("_place", kind="stable")
    return ranked.drop(columns="_place").reset_index(drop=True)


def _by_plan(units: list[Unit]) -> dict[str, list[Unit]]:
    """Return the units of each plan, plans and units in the order of the run."""
    found: dict[str, list[Unit]] = {}
    for unit in units:
        found.setdefault(unit.plan.id, []).append(unit)
    return found


def _areas_of(units: list[Unit]) -> list[tuple[str, str]]:
    """Return plan and area of the rows that the units of one plan show, in their order."""
    plan = units[0].plan
    whole = any(unit.notebook == HOME_NOTEBOOK for unit in units)
    own = [unit.area.code for unit in units]
    # A plan need not list its home area among its areas; its report is made all the same.
    codes = [*(code for code in own if code not in plan.areas), *plan.areas] if whole else own
    return [(plan.id, code) for code in codes]


def _parts(folder: Path, results: list[Result], name: str) -> list[Path]:
    """Return the part files of the reports that were made, each once."""
    made = dict.fromkeys(result.unit.id for result in results if result.ok)
    return [folder / unit / name for unit in made if (folder / unit / name).is_file()]


def _write_assets(folder: Path) -> None:
    from plotly.offline import get_plotlyjs

    folder.mkdir(exist_ok=True)
    texts = {plotly_asset(): get_plotlyjs()}
    texts |= {name: asset(name) for name in SHIPPED}
    for name, text in texts.items():
        write_whole(folder / name, text)
