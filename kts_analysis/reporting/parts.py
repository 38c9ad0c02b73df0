"""The verdict tables of one report, and those of a run put together from them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from kts_analysis import rollup
from kts_analysis.assessment import assess, judge, judge_rows
from kts_analysis.errors import Problem
from kts_analysis.pages.context import stand
from kts_analysis.reporting.files import write_whole
from kts_analysis.reporting.units import HOME_NOTEBOOK, Unit
from kts_analysis.rows import Row
from kts_analysis.schema import VERDICT_COLUMNS, verdict_dtype
from kts_analysis.views import View

VERDICTS, ROLLUP = "verdicts.csv", "rollup.csv"


def write_parts(unit: Unit, folder: Path) -> dict[str, str]:
    """Write a unit's rows of ``verdicts.csv`` (and of ``rollup.csv``) into its folder.

    Returns
    -------
    dict
        SHA-256 of each file by its name.
    """
    view, _ = stand_of(unit)
    plan = view.registry.plan(unit.plan.id)  # on other borders its targets follow from figures
    own = judge_rows(view, plan, unit.parameters["deadline"], areas=[unit.area.code])
    files = {VERDICTS: write_whole(folder / VERDICTS, rows_text(own))}
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


def without_report(units: Iterable[Unit]) -> pd.DataFrame:
    """Return the verdicts of areas that a home page shows but this run makes no report of."""
    mine = list(units)
    frames = []
    for unit in mine:
        if unit.notebook != HOME_NOTEBOOK:
            continue
        view, errors = stand_of(unit)
        made = {other.area.code for other in mine if other.plan.id == unit.plan.id}
        broken = {code for problem in errors for code in problem.areas}
        codes = [code for code in unit.plan.areas if code not in made | broken]
        if codes:
            plan = view.registry.plan(unit.plan.id)
            frames.append(judge(view, plan, unit.parameters["deadline"], areas=codes))
    return pd.concat(frames, ignore_index=True) if frames else _empty()


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
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(VERDICT_COLUMNS)
    for row in rows:
        cells = (row[name] for name in VERDICT_COLUMNS)
        writer.writerow(["" if cell != cell else cell for cell in cells])  # NaN: missing
    return text.getvalue()


def read_verdicts(path: Path | io.StringIO) -> pd.DataFrame:
    """Return a verdict table that `table_text` wrote, with the types it had."""
    kinds = _column_types()
    texts: Any = {name: kind for name, kind in kinds.items() if str(kind) == "str"}
    numbers = {name: [""] for name in kinds if name not in texts}
    table = pd.read_csv(
        path, dtype=texts, keep_default_na=False, na_values=numbers, float_precision="round_trip"
    )
    return table.astype(kinds)[VERDICT_COLUMNS]


def _column_types() -> dict[str, Any]:
    return {name: verdict_dtype(name) for name in VERDICT_COLUMNS}


def _empty() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in _column_types().items()})
