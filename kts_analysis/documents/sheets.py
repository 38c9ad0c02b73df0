"""Sheets of a workbook that opens, prints and filters well, whatever the data say.

Numbers are numbers, dates are dates, and text from data stays text: nothing is worked out by Excel.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from kts_analysis.figure_tables import safe_url
from kts_analysis.i18n import Messages
from kts_analysis.rows import Row

# "text" is wrapped and makes its row as high as it needs; "line" stays on one line.
Kind = Literal[
    "text", "line", "percent", "starred", "points", "count", "chance", "ratio", "date", "link"
]
Cell = str | float | int | date | None

A4 = 9  # number of the paper size in Excel
LONGEST_TEXT = 32_767  # signs in a cell; Excel takes no more
LONGEST_LINK = 2_079  # signs of an address that can be followed
EARLIEST = date(1900, 1, 1)  # Excel knows no day before
HEAD_ROW = 4  # rows above the headings: title, area and dates, mark of synthetic figures, note
HEAD_HEIGHT = 48  # points: three lines
LINE_HEIGHT = 15  # points; not every program finds the height of wrapped text itself
MOST_LINES = 5  # of a row: one long remark must not push the table off the page
INK, SHADE, RULE, WARNING = "#1F2933", "#E4EBF1", "#C9D2DA", "#A61B1B"
FRONT_WIDTH, FRONT_SIGNS = 105, 100  # of the texts of the front sheet; signs that surely fit
NUMBERS: dict[str, str] = {
    "percent": "0.00",
    "starred": '0.00"*"',  # a threshold that needs confirmation
    "points": "0.00",
    "count": "#,##0",
    # As on the page: the ends are never certain.
    "chance": '[<0.01]"< 1%";[>0.99]"> 99%";0.0%',
    "ratio": "0.00",
    "date": "dd/mm/yyyy",
}
LOOKS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 15, "font_color": INK},
    "front": {"text_wrap": True, "valign": "top"},
    "label": {"bold": True, "valign": "top", "text_wrap": True},
    "mark": {"bold": True, "font_color": WARNING},
    "head": {
        "bold": True,
        "text_wrap": True,
        "align": "center",
        "valign": "vcenter",
        "bg_color": SHADE,
        "bottom": 1,
        "font_color": INK,
    },
    "section": {"bold": True, "bg_color": SHADE, "bottom": 1, "font_color": INK},
    "text": {"text_wrap": True, "align": "left", "indent": 1},
    "line": {"align": "left", "indent": 1},
    "link": {"align": "left", "indent": 1, "font_color": "#0B4F8A", "underline": 1},
}
CELL = {"valign": "top", "bottom": 4, "bottom_color": RULE}  # of every cell of a table


@dataclass(frozen=True)
class Column:
    """A column of a sheet.

    Attributes
    ----------
    heading : str
        In the reader's language, with the unit.
    kind : str or callable
        How its cells, or the cell of a row, are written and shown.
    value : callable
        The cell of a row; None, NaN and empty text stay empty, never 0.
    width : float
        In signs.
    """

    heading: str
    kind: Kind | Callable[[Row], Kind]
    value: Callable[[Row], Cell]
    width: float = 12


@dataclass(frozen=True)
class Sheet:
    """A sheet with one table.

    Attributes
    ----------
    name : str
        At most 31 signs.
    about : str
        What it holds, in a sentence: printed above the table and on the front sheet.
    columns : sequence of Column
    rows : sequence of mapping
        What the columns take their cells from; each has an ``origin``.
    held : int
        Columns that stay in sight when one moves to the right.
    printed : int, optional
        First columns that are printed; all by default.
    """

    name: str
    about: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    held: int = 2
    printed: int | None = None


class Book:
    """A workbook under way: its styles, and what every sheet says.

    Parameters
    ----------
    book : xlsxwriter.Workbook
    title : str
        Area; on every sheet.
    stand : str
        Plan, deadline and day; on every sheet.
    synthetic : bool
        Whether every sheet carries the mark.
    m : Messages
    """

    def __init__(self, book: Any, title: str, stand: str, synthetic: bool, m: Messages) -> None:
        self._book, self._title, self._stand, self._m = book, title, stand, m
        self._synthetic = synthetic
        right = {"align": "right", "indent": 1}
        looks = LOOKS | {name: right | {"num_format": form} for name, form in NUMBERS.items()}
        for name in ("text", "line", "link", *NUMBERS):
            looks[name] = looks[name] | CELL
        self.styles = {name: book.add_format(look) for name, look in looks.items()}

    def new(self, name: str) -> Any:
        """Return a sheet that prints on A4, with the mark of synthetic figures on every page."""
        m, sheet = self._m, self._book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
        if self._synthetic:
            sheet.set_header(f"&C&B{m('SYNTHETIC DATA')}")
        sheet.set_footer(f"&L{_plain(self._title)}&R&P/&N")
        sheet.write_string(0, 0, self._title, self.styles["title"])
        sheet.write_string(1, 0, self._stand)
        if self._synthetic:
            sheet.write_string(2, 0, synthetic_line(m), self.styles["mark"])
        return sheet

    def add(self, table: Sheet) -> None:
        """Write a sheet with its table, or with the sentence that there is nothing to show."""
        sheet = self.new(table.name)
        sheet.write_string(3, 0, table.about)
        sheet.set_row(HEAD_ROW, HEAD_HEIGHT)
        for place, column in enumerate(table.columns):
            sheet.set_column(place, place, column.width)
            sheet.write_string(HEAD_ROW, place, column.heading, self.styles["head"])
        for number, row in enumerate(table.rows, start=HEAD_ROW + 1):
            cells = [column.value(row) for column in table.columns]
            sheet.set_row(number, LINE_HEIGHT * _lines(table.columns, cells))
            for place, (column, cell) in enumerate(zip(table.columns, cells, strict=True)):
                kind = column.kind if isinstance(column.kind, str) else column.kind(row)
                self._write(sheet, number, place, cell, kind)
        last, width = HEAD_ROW + max(len(table.rows), 1), len(table.columns)
        if not table.rows:
            sheet.write_string(last, 0, self._m("Nothing to show: no figure is known."))
        sheet.autofilter(HEAD_ROW, 0, last, width - 1)
        sheet.freeze_panes(HEAD_ROW + 1, table.held)
        sheet.repeat_rows(HEAD_ROW)
        sheet.print_area(0, 0, last, (table.printed or width) - 1)

    def _write(self, sheet: Any, row: int, place: int, cell: Cell, kind: Kind) -> None:
        """Write a cell by its type; text is never taken for a number, a formula or a link."""
        style = self.styles[kind]
        if cell is None or cell == "" or cell != cell:
            sheet.write_blank(row, place, None, style)
        elif isinstance(cell, date) and cell >= EARLIEST:
            sheet.write_datetime(row, place, cell, style)
        elif isinstance(cell, int | float):
            sheet.write_number(row, place, cell, style)
        else:
            text = str(cell)
            if kind == "link" and safe_url(text) and len(text) <= LONGEST_LINK:
                sheet.write_url(row, place, text, style, text)
            else:
                plain = style if kind in ("text", "line") else self.styles["line"]
                sheet.write_string(row, place, text[:LONGEST_TEXT], plain)


def write_lines(book: Book, sheet: Any, first: int, lines: Iterable[tuple[str, str]]) -> int:
    """Write labels and texts below each other from a row on; return the row after the last."""
    for row, (label, text) in enumerate(lines, start=first):
        sheet.write_string(row, 0, label, book.styles["label"])
        sheet.write_string(row, 1, text, book.styles["front"])
        sheet.set_row(row, LINE_HEIGHT * -(-len(text) // FRONT_SIGNS))
        first = row + 1
    return first


def synthetic_line(m: Messages) -> str:
    """Return the mark of synthetic figures as a sentence."""
    text = m(
        "The district figures were made by a script to show how the reports work. They describe "
        "no real place and must not be quoted."
    )
    return f"{m('SYNTHETIC DATA.')} {text}"


def _lines(columns: Sequence[Column], cells: Sequence[Cell]) -> int:
    """Return how many lines a row needs for its texts."""
    texts = (
        (cell, column.width - 3)
        for column, cell in zip(columns, cells, strict=True)
        if column.kind == "text" and isinstance(cell, str)
    )
    return min(max((math.ceil(len(text) / width) for text, width in texts), default=1), MOST_LINES)


def _plain(text: str) -> str:
    """Return a text in which Excel sees no code of a header or footer."""
    return text.replace("&", "&&")[:200]
