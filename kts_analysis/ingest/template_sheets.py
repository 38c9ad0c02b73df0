"""The sheets of a reporting template that came back: which is which, and where its keys stand."""

from __future__ import annotations

from collections.abc import Sequence

from kts_analysis.errors import Problem
from kts_analysis.i18n import LANGUAGES, N_, Messages
from kts_analysis.ingest.cells import Grid
from kts_analysis.ingest.template_layout import (
    COLUMNS,
    LIST_SHEET,
    LISTS_SHEET,
    MARK,
    as_text,
)
from kts_analysis.ingest.template_table import LONGEST_KEY, Table, table_grid

SEARCHED_ROWS = 20  # how far down the hidden row of keys may have been pushed


def marked_sheets(grids: Sequence[Grid], table: Table) -> tuple[dict[int, Grid], list[Problem]]:
    """Return the sheets by number, and those that are missing, copied, renamed or strange."""
    sheets: dict[int, Grid] = {}
    strange: list[Grid] = []
    problems = []
    told = table_grid(grids)
    ours = {table.names[0], LISTS_SHEET, told.sheet if told is not None else ""}
    ours |= {Messages(lang)(LIST_SHEET) for lang in LANGUAGES}
    for grid in grids:
        mark, _, number = as_text(grid.at(1, 1).value).partition(":")
        place = (
            int(number) if mark == MARK and number.isdecimal() and len(number) < LONGEST_KEY else 0
        )
        if 0 < place < len(table.names):
            if place in sheets:
                message = N_("the sheet is a copy of sheet {found}; it was not read")
                problems.append(_about(grid, message, found=repr(sheets[place].sheet)))
                continue
            sheets[place] = grid
            if grid.sheet != table.names[place]:
                message = N_("the sheet was called {found}; it was read all the same")
                old = repr(table.names[place])
                problems.append(_about(grid, message, "warning", found=old))
        elif grid.cells and grid.sheet not in ours:
            strange.append(grid)
    missing = [n for n in range(1, len(table.names)) if n not in sheets]
    for place in missing:
        areas = {entry.area for entry in table.entries.values() if entry.sheet == place}
        message = N_("the sheet {found} of the template is missing; nothing was read for it")
        found = repr(table.names[place])
        file = grids[0].file
        problems.append(
            Problem(file, message, found=found, areas=tuple(sorted(areas)), severity="warning")
        )
    for grid in strange:
        message = N_("the sheet is not part of the template, or lost its hidden column; not read")
        # where a sheet is missing this one may be it, and its figures would be lost unnoticed
        problems.append(_about(grid, message, "error" if missing else "warning"))
    return sheets, problems


def _about(grid: Grid, message: str, severity: str = "error", found: str | None = None) -> Problem:
    return Problem(grid.file, message, found=found, severity=severity, sheet=grid.sheet)


def key_row(grid: Grid) -> tuple[int, dict[str, int]]:
    """Return the hidden row of keys and the columns by key, without those that stand twice."""
    keys = {column.key for column in COLUMNS}
    for line in range(1, min(SEARCHED_ROWS, grid.last_row) + 1):
        found = {n: as_text(cell.value) for n, cell in enumerate(grid.row(line), start=1)}
        names = [name for name in found.values() if name in keys]
        if len(names) > len(keys) // 2:
            return line, {name: n for n, name in found.items() if names.count(name) == 1}
    return 0, {}
