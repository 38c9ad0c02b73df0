"""A sheet read by a mapping: one statement a figure, and what was passed over."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from kts_analysis.errors import Problem
from kts_analysis.i18n import N_
from kts_analysis.ingest.cells import Cell, Grid, place_of, ref_of
from kts_analysis.ingest.mapping import TOTALS, Figures, Table, Where, columns_in
from kts_analysis.ingest.statements import Statement
from kts_analysis.ingest.words import clean, fold
from kts_analysis.vi import nfc

_ROMAN = re.compile(r"(?=[IVXL])(?:XL|L?X{0,3})(?:IX|IV|V?I{0,3})[.)]?(?= |$)")
_LETTER = re.compile(r"[A-H][.)]?(?= |$)")
_BLANK_ROWS = 200  # after so many a sheet has ended, whatever its last formatted row is


@dataclass(frozen=True)
class Column:
    """A column of figures: which kind, and what its headings say."""

    number: int
    figures: Figures
    said: Mapping[str, Cell]  # observation column to the heading that says it


@dataclass(frozen=True)
class Total:
    """A row that adds others up: the figures printed in it, by column, and the rows above it."""

    grid: Grid
    row: int
    rows: tuple[int, ...]
    columns: tuple[Column, ...]


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
    sheets = [grid for grid in grids if not grid.hidden]
    for table in tables:
        fitting = [grid for grid in sheets if fnmatchcase(nfc(grid.sheet), nfc(table.sheets))]
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


class _Reading:
    """One table of one sheet, being read."""

    def __init__(
        self, grid: Grid, table: Table, is_area: Callable[[str], bool], found: Mapped
    ) -> None:
        self.grid, self.table, self.is_area, self.found = grid, table, is_area, found
        self.totals = tuple(fold(word) for word in (*TOTALS, *table.totals))
        self.section = Cell()
        self.above: list[int] = []  # rows since the last row of totals

    def read(self) -> None:
        columns = self._columns()
        if not columns:
            return
        empty = 0
        last = self.table.last_row or self.grid.last_row
        for row in range(self.table.first_row, last + 1):
            cells = [self.grid.at(row, column.number) for column in columns]
            label = self._label(row, columns)
            if all(cell.blank for cell in cells) and not label:
                empty += 1
                if empty > _BLANK_ROWS:
                    return
                continue
            empty = 0
            self._take(row, label, columns, filled=any(not cell.blank for cell in cells))

    def _take(self, row: int, label: str, columns: list[Column], *, filled: bool) -> None:
        """Take one row for what it is: total, section, note, or figures."""
        if self._is_total(label):
            printed = Total(self.grid, row, tuple(self.above), tuple(columns))
            self.found.totals.append(printed)
            self.above = []
        elif self._is_section(label, filled=filled):
            self.found.sections += 1
            self.section = Cell(_unnumbered(label), ref=ref_of(row, 1))
        elif not filled:
            self.found.notes += 1
        else:
            self.above.append(row)
            self._state(row, columns)

    def _is_total(self, label: str) -> bool:
        """Whether a row adds up those above; only where each row is an area's can one do that."""
        if self.table.where["area_code"].column is None or self.is_area(label):
            return False
        return fold(_unnumbered(label)).startswith(self.totals)

    def _is_section(self, label: str, *, filled: bool) -> bool:
        numbered = _ROMAN.match(label) or _LETTER.match(label)
        if not numbered or self.is_area(_unnumbered(label)):
            return False
        return not filled or bool(_ROMAN.match(label))

    def _label(self, row: int, columns: list[Column]) -> str:
        """Return the texts to the left of the first figure: what the row is about."""
        first = min(column.number for column in columns)
        texts = [self.grid.cells.get((row, place), Cell()).value for place in range(1, first)]
        return clean(" ".join(str(text) for text in texts if text is not None)[:400])

    def _columns(self) -> list[Column]:
        """Return the columns of figures; none is a problem."""
        columns: list[Column] = []
        for figures in self.table.figures:
            chosen = self._chosen(figures)
            if not chosen:
                heading = figures.heading or figures.columns
                message = N_("no column has the heading {found} in the header rows {rows}")
                rows = ", ".join(map(str, self.table.header_rows))
                self.found.problems.append(
                    Problem(
                        self.grid.file,
                        message,
                        found=heading,
                        params={"rows": rows},
                        sheet=self.grid.sheet,
                    )
                )
            columns += [Column(number, figures, self._headings(number)) for number in chosen]
        return columns

    def _chosen(self, figures: Figures) -> list[int]:
        """Return the columns of one kind of figure."""
        numbers = columns_in(figures.columns) if figures.columns else range(1, 1 + self._width)
        if figures.heading is None:
            return list(numbers)
        wanted = fold(clean(figures.heading))
        return [
            number
            for number in numbers
            if any(
                wanted in fold(clean(str(self.grid.at(row, number).value or "")))
                for row in self.table.header_rows
            )
        ]

    @property
    def _width(self) -> int:
        return self.grid.last_column

    def _headings(self, number: int) -> dict[str, Cell]:
        """Return what the headings above a column say."""
        return {
            key: self.grid.at(where.header, number)
            for key, where in self.table.where.items()
            if where.header is not None
        }

    def _state(self, row: int, columns: list[Column]) -> None:
        """Make one statement of the columns whose headings say the same."""
        groups: dict[tuple[object, ...], list[Column]] = {}
        for column in columns:
            said = tuple((key, cell.value) for key, cell in sorted(column.said.items()))
            groups.setdefault(said, []).append(column)
        for group in groups.values():
            cells = {one.figures.field: self.grid.at(row, one.number) for one in group}
            if all(cell.blank for cell in cells.values()):
                continue
            known, about = self._about(row, group[0])
            fraction = any(one.figures.scale == "fraction" for one in group)
            statement = Statement(
                self.grid.file, self.grid.sheet, row, known, cells | about, 100 if fraction else 1
            )
            self.found.statements.append(statement)

    def _about(self, row: int, column: Column) -> tuple[dict[str, str], dict[str, Cell]]:
        """Return what is settled about a figure, and the cells that say the rest."""
        known: dict[str, str] = {}
        cells: dict[str, Cell] = {}
        for key, where in self.table.where.items():
            if where.fixed is not None:
                known[key] = where.fixed
                continue
            cell = self._cell(where, row, column.said.get(key))
            named = where.names.get(clean(str(cell.value or "")))
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
