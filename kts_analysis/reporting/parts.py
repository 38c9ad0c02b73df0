"""The tables of one report, and those of a run put together from them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from kts_analysis import rollup
from kts_analysis.assessment import assess, judge, judge_rows, pick_areas
from kts_analysis.documents.rows import figures_shown, paths_shown
from kts_analysis.entries import Area, Plan
from kts_analysis.errors import Problem
from kts_analysis.pages.context import stand
from kts_analysis.reporting.files import write_whole
from kts_analysis.reporting.page_names import OBSERVATIONS, ROLLUP, TRAJECTORIES, VERDICTS
from kts_analysis.reporting.units import HOME_NOTEBOOK, Unit
from kts_analysis.rows import Row
from kts_analysis.schema import (
    OBSERVATION_COLUMNS,
    TRAJECTORY_COLUMNS,
    VERDICT_COLUMNS,
    verdict_dtype,
)
from kts_analysis.views import View

PATH_COLUMNS = ["plan_id", *TRAJECTORY_COLUMNS]
COUNTS = ("value", "numerator", "denominator")
FIGURE_COLUMNS = [*OBSERVATION_COLUMNS, "period_end", "known_from", "role"]


def write_parts(unit: Unit, folder: Path) -> dict[str, str]:
    """Write a unit's rows of the run's tables into its folder.

    Returns
    -------
    dict
        SHA-256 of each file by its name.
    """
    view, _ = stand_of(unit)
    plan = view.registry.plan(unit.plan.id)  # on other borders its targets follow from figures
    own = judge_rows(view, plan, unit.parameters["deadline"], areas=[unit.area.code])
    here = (view, plan, unit.area, unit.parameters["deadline"])
    files = {
        VERDICTS: write_whole(folder / VERDICTS, rows_text(own)),
        TRAJECTORIES: write_whole(folder / TRAJECTORIES, paths_text(*here)),
        OBSERVATIONS: write_whole(folder / OBSERVATIONS, figures_text(*here)),
    }
    if unit.notebook == HOME_NOTEBOOK:
        files[ROLLUP] = write_whole(folder / ROLLUP, table_text(_rolled_up(unit, view)))
    return files


def stand_of(unit: Unit) -> tuple[View, list[Problem]]:
    """Return the view a unit's report stands on, and the errors in the data."""
    return stand(data=None, **unit.where)


def _rolled_up(unit: Unit, view: View) -> pd.DataFrame:
    """Return the verdicts of a home area on what its areas add up to."""
    own = view.registry.plan(unit.plan.id)
    plan = rollup.rollup_plan(own, view.registry)
    summed = rollup.with_rollup(view.known, own, view.registry)
    deadline = unit.parameters["deadline"]
    return assess(plan, summed, deadline, areas=[plan.home], registry=view.registry)


def paths_text(view: View, plan: Plan, area: Area, deadline: int) -> str:
    """Return the trajectories of an area as CSV."""
    rows = paths_shown(view, plan, area, deadline)
    return _csv(PATH_COLUMNS, ({**row, "plan_id": plan.id} for row in rows))


def figures_text(view: View, plan: Plan, area: Area, deadline: int) -> str:
    """Return the figures behind an area's verdicts, and beside them, as CSV."""
    rows = figures_shown(view, plan, area, deadline)
    told = (
        {**row, "known_from": row["vintage_date"]} | {name: _plain(row[name]) for name in COUNTS}
        for row in rows
    )
    return _csv(FIGURE_COLUMNS, told)


def joined(texts: Iterable[str]) -> str:
    """Return CSV texts of one kind as one: each row once, under one heading."""
    rows: dict[tuple[str, ...], None] = {}
    for text in texts:  # read as CSV: a note may hold a line's end
        rows |= dict.fromkeys(map(tuple, csv.reader(io.StringIO(text, newline=""))))
    return _written(rows)


def without_report(units: Iterable[Unit]) -> tuple[pd.DataFrame, list[str]]:
    """Return what stands behind areas that a home page shows but this run makes no report of.

    Returns
    -------
    (verdicts, figures)
        Their verdicts, and `figures_text` of each.
    """
    mine = list(units)
    frames, texts = [], []
    for unit in mine:
        if unit.notebook != HOME_NOTEBOOK:
            continue
        view, errors = stand_of(unit)
        made = {other.area.code for other in mine if other.plan.id == unit.plan.id}
        broken = {code for problem in errors for code in problem.areas}
        codes = [code for code in unit.plan.areas if code not in made | broken]
        if codes:
            plan = view.registry.plan(unit.plan.id)
            deadline = unit.parameters["deadline"]
            frames.append(judge(view, plan, deadline, areas=codes))
            for area in pick_areas(plan, view.registry, codes):
                texts.append(figures_text(view, plan, area, deadline))
    return (pd.concat(frames, ignore_index=True) if frames else _empty()), texts


def together(paths: Iterable[Path], extra: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the rows of several part files as one table."""
    # Read as one: pandas takes longer to begin than to read a report's seventeen rows.
    rows = [path.read_text(encoding="utf-8").partition("\n")[2] for path in paths]
    table = read_verdicts(io.StringIO("".join([rows_text([]), *rows])))
    if extra is None or not len(extra):
        return table
    return pd.concat([table, extra[VERDICT_COLUMNS]], ignore_index=True) if len(table) else extra


def table_text(table: pd.DataFrame) -> str:
    """Return a verdict table as CSV."""
    return str(table[VERDICT_COLUMNS].to_csv(index=False, lineterminator="\n"))


def rows_text(rows: Iterable[Row]) -> str:
    """Return verdicts row by row as the CSV `table_text` makes of their table."""
    return _csv(VERDICT_COLUMNS, rows)


def rows_header(columns: Sequence[str]) -> str:
    """Return the heading of a CSV table."""
    return _csv(columns, ())


def _csv(columns: Sequence[str], rows: Iterable[Row]) -> str:
    cells = (["" if row[name] != row[name] else row[name] for name in columns] for row in rows)
    return _written([columns, *cells])  # NaN: missing


def _written(rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _plain(number: float) -> str:
    """Return a number as a figure is stored: no power of ten, no needless zeros."""
    return "" if number != number else f"{number:.10f}".rstrip("0").rstrip(".")


def read_verdicts(path: Path | io.StringIO) -> pd.DataFrame:
    """Return a verdict table that `table_text` wrote, with the types it had."""
    kinds = _column_types()
    texts: Any = {name: kind for name, kind in kinds.items() if str(kind) == "str"}
    numbers = {name: [""] for name in kinds if name not in texts}
    table = pd.read_csv(path, dtype=texts, keep_default_na=False, na_values=numbers)
    return table.astype(kinds)[VERDICT_COLUMNS]


def _column_types() -> dict[str, Any]:
    return {name: verdict_dtype(name) for name in VERDICT_COLUMNS}


def _empty() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in _column_types().items()})
