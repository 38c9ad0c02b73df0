"""A mapping file: where in somebody's own workbook or CSV file each thing stands.

An example with every form is in ``docs/ingest.md``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from kts_analysis.entries import Entry
from kts_analysis.errors import ProblemsError
from kts_analysis.ingest.cells import LAST_COLUMN, place_of
from kts_analysis.yamlfile import load_model

Key = Literal[
    "area_code", "indicator", "series", "breakdown", "period", "denominator_concept", "qualifier",
    "vintage", "source", "source_url", "note",
]  # fmt: skip
Figure = Literal["value", "numerator", "denominator"]

# Words that begin the label of a row that adds others up.
TOTALS = ("tổng", "cộng", "toàn tỉnh", "toàn huyện", "toàn thành phố", "chung", "total")
COLUMNS = re.compile(r"[A-Z]{1,3}(:[A-Z]{1,3})?(,[A-Z]{1,3}(:[A-Z]{1,3})?)*")


class Where(Entry):
    """Where one thing stands: just one of the first six.

    Attributes
    ----------
    fixed : str
        The same for all.
    column : str
        In this column of the figure's row.
    header : int
        In this row above the figure's column (merged cells count for all they cover).
    cell : str
        In one cell of the sheet (``B2``).
    sheet : bool
        The name of the sheet.
    section : bool
        In the section row above (``II. Kinh tế số``).
    names : dict
        What the file writes to the code it means; whatever is not here is looked up as usual.
    """

    fixed: str | None = None
    column: str | None = Field(default=None, pattern=r"^[A-Z]{1,3}$")
    header: int | None = Field(default=None, ge=1)
    cell: str | None = Field(default=None, pattern=r"^[A-Z]{1,3}[1-9][0-9]{0,6}$")
    sheet: bool = False
    section: bool = False
    names: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _just_one(self) -> Where:
        given = [self.fixed, self.column, self.header, self.cell]
        stated = sum(item is not None for item in given) + self.sheet + self.section
        if stated != 1:
            raise ValueError("say just one of fixed, column, header, cell, sheet, section")
        return self


class Figures(Entry):
    """The columns that hold one kind of figure.

    Attributes
    ----------
    field : {"value", "numerator", "denominator"}
    columns : str, optional
        ``D``, ``D:H``, ``D,F,H``; by default every column whose heading fits.
    heading : str, optional
        A text in the header rows above; small letters and marks do not matter.
    scale : {"percent", "fraction"}
        Of values: 85 or 0,85 for 85 percent.
    """

    field: Figure
    columns: str | None = Field(default=None, pattern=f"^{COLUMNS.pattern}$")
    heading: str | None = None
    scale: Literal["percent", "fraction"] = "percent"

    @model_validator(mode="after")
    def _somewhere(self) -> Figures:
        if self.columns is None and self.heading is None:
            raise ValueError("say which columns, or the heading above them")
        return self


class Table(Entry):
    """One table of a sheet.

    Attributes
    ----------
    sheets : str
        Names of the sheets it is on, with ``*`` for anything.
    header_rows : tuple of int
        Rows with headings.
    first_row, last_row : int
        Rows of the table; without a last one down to the sheet's end.
    where : dict
        Observation column to its place.
    figures : tuple of Figures
    totals : tuple of str
        Words that begin a row of totals, beside the usual ones.
    """

    sheets: str = "*"
    header_rows: tuple[int, ...] = ()
    first_row: int = Field(ge=1)
    last_row: int | None = Field(default=None, ge=1)
    where: dict[Key, Where]
    figures: tuple[Figures, ...] = Field(min_length=1)
    totals: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Table:
        lacking = [key for key in ("area_code", "indicator", "period") if key not in self.where]
        if lacking:
            raise ValueError(f"where does {', '.join(lacking)} stand?")
        headings = any(figure.heading for figure in self.figures)
        if headings and not self.header_rows:
            raise ValueError("header_rows are needed to look for a heading")
        return self


class Mapping(Entry):
    """A mapping file: the tables of a workbook, and what it is about (free text)."""

    about: str = ""
    tables: tuple[Table, ...] = Field(min_length=1)


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file.

    Raises
    ------
    ProblemsError
        Every problem of the file with its line.
    """
    mapping, file = load_model(path, Mapping, path.name)
    if mapping is None or file.problems:
        raise ProblemsError(file.problems)
    return mapping


def columns_in(text: str) -> list[int]:
    """Return the numbers of the columns ``D:F,H``, the first column being 1."""
    numbers: list[int] = []
    for part in text.split(","):
        ends = [place_of(f"{letters}1")[1] for letters in part.split(":")]
        numbers += range(ends[0], min(ends[-1], LAST_COLUMN) + 1)
    return numbers
