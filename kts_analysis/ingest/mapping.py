"""A mapping file: where in somebody's own workbook or CSV file each thing stands.

An example with every form is in ``docs/ingest.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator

from kts_analysis.entries import Entry
from kts_analysis.errors import ProblemsError
from kts_analysis.ingest.cells import place_of
from kts_analysis.ingest.words import clean, fold
from kts_analysis.yamlfile import load_model

Key = Literal[
    "area_code", "indicator", "series", "breakdown", "period", "denominator_concept", "qualifier",
    "vintage", "source", "source_url", "note",
]  # fmt: skip
Figure = Literal["value", "numerator", "denominator"]

# Words that begin the label of a row that adds others up, and such as do so only when nothing
# but a sign or another of these words follows: names of communes begin with them too.
TOTALS = ("tổng", "toàn tỉnh", "toàn huyện", "toàn thành phố", "toàn xã", "toàn ngành", "total")
BARE_TOTALS = ("cộng", "chung")
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

    @field_validator("names")
    @classmethod
    def _clean(cls, names: dict[str, str]) -> dict[str, str]:
        return {clean(text): code for text, code in names.items()}

    @model_validator(mode="after")
    def _just_one(self) -> Where:
        place_of(self.cell or f"{self.column or 'A'}1")
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
        if self.columns is not None:
            columns_in(self.columns)
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
    """Return the numbers of the columns ``D:F,H``, the first column being 1.

    Raises
    ------
    ValueError
        A column that no sheet has, or a last one before its first.
    """
    numbers: list[int] = []
    for part in text.split(","):
        ends = [place_of(f"{letters}1")[1] for letters in part.split(":")]
        if ends[-1] < ends[0]:
            raise ValueError(f"the columns {part} run backwards")
        numbers += range(ends[0], ends[-1] + 1)
    return numbers


def is_total(label: str, more: Iterable[str] = ()) -> bool:
    """Return whether the label of a row says that it adds others up.

    Parameters
    ----------
    label : str
        Without the number before it.
    more : iterable of str
        Words that begin such a label, beside the usual ones.
    """
    text = fold(clean(label))
    if _begins(text, (*TOTALS, *more)) is not None:
        return True
    rest = _begins(text, BARE_TOTALS)
    return rest is not None and (not rest[:1].isalpha() or is_total(rest, more))


def _begins(text: str, words: Iterable[str]) -> str | None:
    """Return what follows the first of these whole words that a folded text begins with."""
    for word in map(fold, words):
        rest = text.removeprefix(word)
        if word and rest != text and not rest[:1].isalnum():
            return rest.strip()
    return None
