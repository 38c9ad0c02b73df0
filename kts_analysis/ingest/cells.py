"""Sheets as grids of cells: one form for what comes out of a workbook and out of a CSV file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from kts_analysis.errors import Problem, ProblemsError

CellValue = str | int | float | bool | datetime | date | None
Place = tuple[int, int]  # row and column, the first being 1
Block = tuple[int, int, int, int]  # first row, first column, last row, last column

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384  # of an Excel sheet
LONGEST_NAME = 31  # of a sheet

_REF = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


@dataclass(frozen=True)
class Cell:
    """One cell.

    Attributes
    ----------
    value : str, int, float, bool, datetime, date or None
        What stands there; of a formula the result that was stored with it.
    formula : bool
        Whether a formula stands there.
    stored : bool
        False for a formula without a stored result: its `value` is then None and means nothing.
    number_format : str
        Excel's number format (``0.00%``), ``General`` where there is none.
    ref : str
        Where it stands (``B7``).
    """

    value: CellValue = None
    formula: bool = False
    stored: bool = True
    number_format: str = "General"
    ref: str = ""

    @property
    def blank(self) -> bool:
        """Whether nothing stands there (a formula without a result is not blank)."""
        return not self.formula and (self.value is None or str(self.value).strip() == "")


@dataclass(frozen=True)
class Grid:
    """One sheet of a workbook, or one CSV file.

    Attributes
    ----------
    file : str
        Name of the file, never a path.
    sheet : str
        Name of the sheet; of a CSV file its name without the ending.
    cells : mapping
        Cells by (row, column), the first being 1; empty cells are left out.
    merged : tuple
        Merged areas as (first row, first column, last row, last column).
    hidden_rows, hidden_columns : frozenset of int
        Rows and columns that are not shown.
    hidden : bool
        Whether the whole sheet is not shown.
    notes : tuple of Problem
        Warnings about this sheet; those about the whole file stand with its first sheet.
    """

    file: str
    sheet: str
    cells: Mapping[Place, Cell] = field(repr=False)
    merged: tuple[Block, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    hidden: bool = False
    notes: tuple[Problem, ...] = ()

    @cached_property
    def last_row(self) -> int:
        """Number of the last row with a cell; 0 when there is none."""
        return max((row for row, _ in self.cells), default=0)

    @cached_property
    def last_column(self) -> int:
        """Number of the last column with a cell; 0 when there is none."""
        return max((column for _, column in self.cells), default=0)

    def at(self, row: int, column: int) -> Cell:
        """Return the cell at a place; in a merged area the cell that fills it.

        `ref` of a merged cell is that of the cell asked for; an empty place gives an empty cell.
        """
        own = self.cells.get((row, column))
        if own is not None:
            return own
        source = self.cells.get(self._fillers.get((row, column), (0, 0)))
        here = ref_of(row, column)
        if source is None:
            return Cell(ref=here)
        return Cell(source.value, source.formula, source.stored, source.number_format, here)

    def merged_at(self, row: int, column: int) -> Block:
        """Return the merged area a place lies in; of any other place the place itself."""
        source = self._fillers.get((row, column), (row, column))
        return self._blocks.get(source, (row, column, row, column))

    def row(self, number: int) -> list[Cell]:
        """Return the cells of a row from the first column to the sheet's last one."""
        return [self.at(number, column) for column in range(1, self.last_column + 1)]

    @cached_property
    def _blocks(self) -> dict[Place, Block]:
        """The merged areas by their first place."""
        return {(block[0], block[1]): block for block in self.merged}

    @cached_property
    def _fillers(self) -> dict[Place, Place]:
        """The filling cell of every other place of a merged area within the used part."""
        return {
            place: (block[0], block[1])
            for block in self.merged
            for place in covered(block, self.last_row, self.last_column)
        }


def covered(block: Block, last_row: int, last_column: int) -> Iterator[Place]:
    """Yield the places of a merged area up to a last row and column, without its first."""
    first_row, first_column, end_row, end_column = block
    for row in range(first_row, min(end_row, last_row) + 1):
        for column in range(first_column, min(end_column, last_column) + 1):
            if (row, column) != (first_row, first_column):
                yield row, column


def ref_of(row: int, column: int) -> str:
    """Return the name of a place: row 7, column 2 is ``B7``."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"


def place_of(ref: str) -> Place:
    """Return row and column of ``B7``.

    Raises
    ------
    ValueError
        Not a place of an Excel sheet.
    """
    match = _REF.fullmatch(ref)
    if match is None:
        raise ValueError(f"not a cell: {ref[:20]!r}")
    column = 0
    for letter in match[1]:
        column = 26 * column + ord(letter) - ord("A") + 1
    row = int(match[2])
    if row > LAST_ROW or column > LAST_COLUMN:
        raise ValueError(f"not a cell of a sheet: {ref!r}")
    return row, column


def sheet_name(text: str, taken: Iterable[str]) -> str:
    """Return a name Excel takes for a sheet: no forbidden sign, 31 characters, not taken yet."""
    allowed = (sign.isprintable() and sign not in "[]:*?/\\" for sign in text)
    shown = "".join(sign if kept else " " for sign, kept in zip(text, allowed, strict=True))
    clean = shown.strip("' ") or "1"
    name, number = clean[:LONGEST_NAME].strip("' "), 1
    while name.lower() in taken:
        number += 1
        end = f" {number}"
        name = clean[: LONGEST_NAME - len(end)].strip("' ") + end
    return name


def refusal(file: str, message: str, remedy: str | None = None, **params: Any) -> ProblemsError:
    """Return the error that refuses a whole file: what was found and how to mend it."""
    found = params.pop("found", None)
    return ProblemsError([Problem(file, message, found=found, params=params, remedy=remedy)])
