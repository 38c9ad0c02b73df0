"""Reporting templates that come back: the filled rows as raw cells, and what was done to the file.

Nothing is interpreted here: a cell is handed on as it stands, with its place. Rows go by the key in
their hidden column, columns by the key in the hidden row, sheets by their mark, so that a row that
was sorted, a sheet that was renamed or a column that was moved is still read as what it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kts_analysis.errors import Problem
from kts_analysis.i18n import N_, Messages
from kts_analysis.ingest.cells import Cell, Grid, place_of
from kts_analysis.ingest.template_layout import (
    CHOSEN,
    COLUMNS,
    FIGURES,
    OPEN,
    TYPED,
    as_text,
    shown,
)
from kts_analysis.ingest.template_lists import list_name
from kts_analysis.ingest.template_sheets import key_row, marked_sheets
from kts_analysis.ingest.template_table import ANEW, Entry, Table, read_table
from kts_analysis.ingest.template_table import is_template as is_template
from kts_analysis.registry import Registry


@dataclass(frozen=True)
class RawRow:
    """One filled row.

    Attributes
    ----------
    file, sheet : str
    row : int
        Line of the sheet.
    area, indicator, breakdown, period : str
        Codes the row stands for.
    cells : mapping
        Cells by field: ``numerator``, ``denominator``, ``denominator_concept``, ``value``,
        ``qualifier``, ``series``, ``vintage``, ``source``, ``note``; each knows its place.
    codes : mapping
        Codes of the fields chosen from a list (``denominator_concept``, ``qualifier``,
        ``series``); empty where nothing was chosen.
    corrects : bool
        Whether the row showed a stored figure and was changed.
    """

    file: str
    sheet: str
    row: int
    area: str
    indicator: str
    breakdown: str
    period: str
    cells: Mapping[str, Cell] = field(repr=False)
    codes: Mapping[str, str]
    corrects: bool


def read_template(grids: Sequence[Grid], registry: Registry) -> tuple[list[RawRow], list[Problem]]:
    """Return the filled rows of a template that came back, and every problem of its form.

    Parameters
    ----------
    grids : sequence of Grid
        All sheets of the workbook (`grids.open_grids`).
    registry : Registry

    Returns
    -------
    list of RawRow
        Rows in which something was filled in; rows that show what is stored, unchanged, are left
        out, and so are rows with an error.
    list of Problem
        With file, sheet and cell. Errors keep a row, a sheet or the whole file from being read.
    """
    table, problems = read_table(grids, registry)
    if table is None:
        return [], problems
    rows: list[RawRow] = []
    sheets, problems = marked_sheets(grids, table)
    for number, grid in sheets.items():
        reading = _Reading(grid, number, table, registry)
        rows += reading.rows()
        problems += reading.problems
    return rows, problems


class _Reading:
    """The reading of one sheet; `problems` gathers what is wrong."""

    def __init__(self, grid: Grid, number: int, table: Table, registry: Registry) -> None:
        self.problems: list[Problem] = []
        self._grid, self._number, self._table, self._registry = grid, number, table, registry
        self._m = Messages(table.lang)
        self._head, self._columns = key_row(grid)

    def rows(self) -> list[RawRow]:
        """Return the filled rows of the sheet."""
        lost = [key for key in ("key", *TYPED) if key not in self._columns]
        if lost:
            message = N_("columns of the template were deleted or stand twice: {found}; not read")
            headers = {column.key: self._m(column.header) for column in COLUMNS}
            found = ", ".join(headers[key] for key in lost)
            areas = self._areas()
            self.problems.append(
                Problem(
                    self._grid.file,
                    message,
                    found=found,
                    areas=areas,
                    sheet=self._grid.sheet,
                    remedy=ANEW,
                )
            )
            return []
        seen: dict[int, int] = {}
        rows = [row for line in self._lines() if (row := self._row(line, seen)) is not None]
        self._say_deleted(seen)
        return rows

    def _lines(self) -> Iterator[int]:
        # the header stands right below the keys
        return iter(range(self._head + 2, self._grid.last_row + 1))

    def _areas(self) -> tuple[str, ...]:
        entries = self._table.entries.values()
        return tuple(sorted({entry.area for entry in entries if entry.sheet == self._number}))

    def _row(self, line: int, seen: dict[int, int]) -> RawRow | None:
        cells = {key: self._grid.at(line, self._columns[key]) for key in TYPED}
        filled = [cell for cell in cells.values() if not cell.blank]
        key = as_text(self._grid.at(line, self._columns["key"]).value)
        if not key:
            if filled:
                message = N_("this row is not part of the template's table; it was not read")
                remedy = N_("write the figure into the row of its indicator and period")
                self._say(filled[0], message, (), remedy=remedy)
            return None
        entry = self._table.by_key(key)
        at = self._grid.at(line, self._columns["key"])
        if entry is None or entry.sheet != self._number:
            self._say(at, N_("the key of this row, {found}, was changed; it was not read"), (), key)
            return None
        if int(key) in seen:
            message = N_("this row is a copy of row {found}; it was not read")
            self._say(at, message, (entry.area,), str(seen[int(key)]))
            return None
        seen[int(key)] = line
        if not self._is_untouched(line, entry):
            return None
        changed = [key for key in TYPED if as_text(cells[key].value) != entry.given.get(key, "")]
        changed += [key for key in TYPED if not cells[key].stored]
        return self._changed_row(line, entry, cells) if changed else None

    def _is_untouched(self, line: int, entry: Entry) -> bool:
        """Check that what the row is about still stands in it as it was written."""
        expected = {
            "indicator": entry.indicator,
            "period": self._m.period(entry.period),
            "area": f"({entry.area})",
        }
        for key, text in expected.items():
            if key not in self._columns:
                continue
            cell = self._grid.at(line, self._columns[key])
            if not as_text(cell.value).endswith(text):
                message = N_("{found} stands where the template has {expected}; row not read")
                found = repr(as_text(cell.value))
                self._say(cell, message, (entry.area,), found, remedy=ANEW, expected=text)
                return False
        if not self._registry.has_area(entry.area):
            found = repr(entry.area)
            message = N_("unknown area code {found} (not in areas.csv)")
            self._say(self._grid.at(line, 1), message, (), found)
            return False
        if entry.indicator not in self._registry.indicators:
            message = N_("unknown indicator {found} (not in indicators.yml)")
            self._say(self._grid.at(line, 1), message, (entry.area,), repr(entry.indicator))
            return False
        return True

    def _changed_row(self, line: int, entry: Entry, cells: Mapping[str, Cell]) -> RawRow | None:
        """Return a row somebody wrote in, unless it may not be filled in or says no figure."""
        areas = (entry.area,)
        filled = [cell for cell in cells.values() if not cell.blank]
        figures = [cells[key] for key in FIGURES if not cells[key].blank]
        unstored = [cell for cell in filled if not cell.stored]
        merged = [cell for cell in figures if self._is_merged(line, cell)]
        corrects = any(key in entry.given for key in FIGURES)
        if entry.state != OPEN:
            if filled:
                message = N_("this row is closed for this area and period; it was not read")
                self._say(filled[0], message, areas)
        elif merged:
            message = N_("{found} stands in merged cells: whose figure is it?")
            remedy = N_("unmerge the cells and write each figure into its own")
            self._say(merged[0], message, areas, shown(merged[0].value), remedy=remedy)
        elif unstored:
            message = N_("this formula has no stored result, so its value is not known")
            remedy = N_("open the file in Excel, save it and give it again")
            self._say(unstored[0], message, areas, remedy=remedy)
        elif not figures and corrects:
            message = N_("the stored figure was cleared; what is stored stays as it is")
            self._say(cells["value"], message, areas, severity="warning")
        elif not figures and any(not cells[key].blank for key in TYPED if key not in CHOSEN):
            message = N_("the row says something but holds no figure; it was not read")
            self._say(filled[0], message, areas, severity="warning")
        elif figures:
            codes = self._codes(entry, cells)
            if codes is not None:
                grid = self._grid
                about = (entry.area, entry.indicator, entry.breakdown, entry.period)
                return RawRow(grid.file, grid.sheet, line, *about, cells, codes, corrects)
        return None

    def _is_merged(self, line: int, cell: Cell) -> bool:
        column = place_of(cell.ref)[1]
        return self._grid.merged_at(line, column) != (line, column, line, column)

    def _codes(self, entry: Entry, cells: Mapping[str, Cell]) -> dict[str, str] | None:
        """Return the codes of the words chosen; None when one cannot be told."""
        codes: dict[str, str] = {}
        for key in CHOSEN:
            word = as_text(cells[key].value)
            known = self._table.codes.get(list_name(key, entry.indicator), {})
            if not word or word.lower() in known:
                codes[key] = known[word.lower()] if word else ""
            elif key == "denominator_concept":
                message = N_("{found} is not among the denominators used so far; kept as written")
                self._say(cells[key], message, (entry.area,), repr(word), severity="warning")
                codes[key] = word
            else:
                message = N_("{found} is not in the list; row not read")
                remedy = N_("choose from the list")
                self._say(cells[key], message, (entry.area,), repr(word), remedy=remedy)
                return None
        return codes

    def _say_deleted(self, seen: Mapping[int, int]) -> None:
        """Name rows that were to be filled in and are not there any more."""
        gone = [
            entry
            for key, entry in self._table.entries.items()
            if entry.sheet == self._number and entry.state == OPEN and key not in seen
        ]
        if gone:
            message = N_("{count} rows were deleted, the first one {found}; nothing is read there")
            first = f"{gone[0].area} {gone[0].indicator} {gone[0].period}"
            self.problems.append(
                Problem(
                    self._grid.file,
                    message,
                    found=first,
                    params={"count": len(gone)},
                    areas=tuple(sorted({entry.area for entry in gone})),
                    severity="warning",
                    sheet=self._grid.sheet,
                )
            )

    def _say(
        self,
        cell: Cell,
        message: str,
        areas: tuple[str, ...],
        found: str | None = None,
        severity: str = "error",
        remedy: str | None = None,
        **params: object,
    ) -> None:
        grid = self._grid
        self.problems.append(
            Problem(
                grid.file,
                message,
                found=found,
                params=params,
                areas=areas,
                severity=severity,
                sheet=grid.sheet,
                cell=cell.ref,
                remedy=remedy,
            )
        )
