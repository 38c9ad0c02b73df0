"""A sheet read by a mapping: one statement a figure, and what was passed over."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from kts_analysis.errors import Problem
from kts_analysis.i18n import N_
from kts_analysis.ingest.cells import Cell, Grid, place_of, ref_of
from kts_analysis.ingest.figure_columns import Column, Group, figure_groups
from kts_analysis.ingest.mapping import Table, Where, is_total
from kts_analysis.ingest.statements import Statement
from kts_analysis.ingest.template_layout import as_text, shown
from kts_analysis.ingest.words import clean
from kts_analysis.vi import nfc

_ROMAN = re.compile(r"(?=[IVXL])(?:XL|L?X{0,3})(?:IX|IV|V?I{0,3})[.)]?(?= |$)")
_LETTER = re.compile(r"[A-H][.)]?(?= |$)")


@dataclass(frozen=True)
class Total:
    """A row that adds others up: the figures printed in it, by column, and the rows above it."""

    grid: Grid
    row: int
    rows: tuple[int, ...]
    columns: Group


@dataclass
class Mapped:
    """What a mapping found in the sheets of a file.

    Attributes
    ----------
    statements : list of Statement
    totals : list of Total
        Rows of totals, left out of the statements.
    sections, notes : int
        Rows that are headings inside the table, and rows of text without figures.
    tables : int
        Tables found.
    problems : list of Problem
    """

    statements: list[Statement] = field(default_factory=list)
    totals: list[Total] = field(default_factory=list)
    sections: int = 0
    notes: int = 0
    tables: int = 0
    problems: list[Problem] = field(default_factory=list)


def read_mapped(
    grids: Iterable[Grid], tables: Iterable[Table], is_area: Callable[[str], bool]
) -> Mapped:
    """Read sheets by a mapping.

    Parameters
    ----------
    grids : iterable of Grid
    tables : iterable of Table
    is_area : callable
        Whether a text names an area: a row numbered with a Roman numeral may be one, or a section.

    Returns
    -------
    Mapped
        A table that is on no sheet is a problem.
    """
    found = Mapped()
    every = list(grids)
    sheets = [grid for grid in every if not grid.hidden]
    for table in tables:
        named = [grid for grid in every if fnmatchcase(nfc(grid.sheet), nfc(table.sheets))]
        fitting = [grid for grid in named if not grid.hidden]
        found.problems += [_unread(grid) for grid in named if grid.hidden and grid.cells]
        if not fitting and sheets:
            message = N_("no sheet is named like {found}; there are {known}")
            known = ", ".join(grid.sheet for grid in sheets)
            found.problems.append(
                Problem(sheets[0].file, message, found=table.sheets, params={"known": known})
            )
        for grid in fitting:
            _Reading(grid, table, is_area, found).read()
            found.tables += 1
    return found


def _unread(grid: Grid) -> Problem:
    message = N_("the sheet is hidden; it was not read")
    remedy = N_("show it if its figures are meant to be stored")
    return Problem(grid.file, message, severity="warning", sheet=grid.sheet, remedy=remedy)


class _Reading:
    """One table of one sheet, being read."""

    def __init__(
        self, grid: Grid, table: Table, is_area: Callable[[str], bool], found: Mapped
    ) -> None:
        self.grid, self.table, self.is_area, self.found = grid, table, is_area, found
        self.groups, problems = figure_groups(grid, table)
        found.problems += problems
        if problems:
            self.groups = []
        self.columns = tuple(column for group in self.groups for column in group)
        self.first_column = min((column.number for column in self.columns), default=1)
        self.areas_down = table.where["area_code"].column is not None
        self.section = Cell()
        self.above: list[int] = []  # rows since the last row of totals

    def read(self) -> None:
        last = self.table.last_row or self.grid.last_row
        rows = {row for row, _ in self.grid.cells if self.table.first_row <= row <= last}
        for row in sorted(rows) if self.columns else ():
            figures = [self._figure(row, column) for column in self.columns]
            filled = next((cell for cell in figures if not cell.blank), None)
            label = self._label(row)
            if filled is not None or label:
                self._take(row, label, filled)

    def _take(self, row: int, label: str, filled: Cell | None) -> None:
        """Take one row for what it is: total, section, note, or figures."""
        if self._is_total(label):
            self.found.totals.append(Total(self.grid, row, tuple(self.above), self.columns))
            self.above = []
        elif self._is_section(label, filled=filled is not None):
            self.found.sections += 1
            self.section = Cell(_unnumbered(label), ref=ref_of(row, 1))
            if filled is not None:
                message = N_(
                    "{found} is taken for a heading: the figures in its row are not stored"
                )
                remedy = N_("if it is an area, correct its name or take the numeral away")
                self._say(filled.ref, message, label, remedy, severity="warning")
        elif filled is None:
            self.found.notes += 1
        else:
            self.above.append(row)
            self._state(row)

    def _is_total(self, label: str) -> bool:
        """Whether a row adds up those above; only where each row is an area's can one do that."""
        if not self.areas_down or self.is_area(label):
            return False
        return is_total(_unnumbered(label), self.table.totals)

    def _is_section(self, label: str, *, filled: bool) -> bool:
        numbered = _ROMAN.match(label) or _LETTER.match(label)
        if not numbered or self.is_area(_unnumbered(label)):
            return False
        # Where areas stand across, a row with a numeral and figures is an indicator's.
        return not filled or (self.areas_down and _ROMAN.match(label) is not None)

    def _label(self, row: int) -> str:
        """Return the texts to the left of the first figure: what the row is about."""
        places = range(1, self.first_column)
        texts = [self.grid.cells.get((row, place), Cell()).value for place in places]
        return clean(" ".join(str(text) for text in texts if text is not None)[:400])

    def _figure(self, row: int, column: Column) -> Cell:
        """Return a cell of figures; a heading or note that is merged over the row is none."""
        place = row, column.number
        if place not in self.grid.cells and self.grid.merged_at(*place)[1] < self.first_column:
            return Cell(ref=ref_of(*place))
        return self.grid.at(*place)

    def _state(self, row: int) -> None:
        """Make one statement of the columns whose headings say the same."""
        for group in self.groups:
            cells = {one.figures.field: self._figure(row, one) for one in group}
            if all(cell.blank for cell in cells.values()):
                continue
            shared = [one for one in group if self._is_shared(row, one)]
            for one in shared:
                cell = cells[one.figures.field]
                message = N_("{found} stands in merged cells: whose figure is it?")
                remedy = N_("unmerge the cells and write each figure into its own")
                self._say(cell.ref, message, shown(cell.value), remedy)
            if shared:
                continue
            known, about = self._about(row, group[0])
            fraction = any(one.figures.scale == "fraction" for one in group)
            statement = Statement(
                self.grid.file, self.grid.sheet, row, known, cells | about, 100 if fraction else 1
            )
            self.found.statements.append(statement)

    def _is_shared(self, row: int, column: Column) -> bool:
        """Whether a filled cell is merged over several rows or several columns of figures."""
        if self._figure(row, column).blank:
            return False
        top, left, bottom, right = self.grid.merged_at(row, column.number)
        across = sum(left <= other.number <= right for other in self.columns)
        return bottom > top or across > 1

    def _say(
        self, cell: str, message: str, found: str, remedy: str, severity: str = "error"
    ) -> None:
        grid = self.grid
        self.found.problems.append(
            Problem(
                grid.file,
                message,
                found=found,
                severity=severity,
                sheet=grid.sheet,
                cell=cell,
                remedy=remedy,
            )
        )

    def _about(self, row: int, column: Column) -> tuple[dict[str, str], dict[str, Cell]]:
        """Return what is settled about a figure, and the cells that say the rest."""
        known: dict[str, str] = {}
        cells: dict[str, Cell] = {}
        for key, where in self.table.where.items():
            if where.fixed is not None:
                known[key] = where.fixed
                continue
            cell = self._cell(where, row, column.said.get(key))
            named = where.names.get(clean(as_text(cell.value)))
            if named is not None:
                known[key] = named
            else:
                cells[key] = cell
        return known, cells

    def _cell(self, where: Where, row: int, heading: Cell | None) -> Cell:
        if heading is not None:
            return heading
        if where.sheet:
            return Cell(self.grid.sheet)
        if where.section:
            return self.section
        if where.column is not None:
            return self.grid.at(row, place_of(f"{where.column}1")[1])
        return self.grid.at(*place_of(where.cell or "A1"))


def _unnumbered(label: str) -> str:
    """Return a label without the number before it (``I.``, ``A``, ``12``)."""
    rest = re.sub(r"^(?:[0-9]{1,3}[.)]?|[a-h][.)]) ", "", label)
    for numeral in (_ROMAN, _LETTER):
        match = numeral.match(rest)
        if match:
            return rest[match.end() :].strip()
    return rest
