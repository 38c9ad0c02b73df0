"""How a reporting template is laid out: what its writer and its reader agree on.

The reader goes by keys in a hidden row and column and by a hidden sheet, never by the words that
people see: those are in either language.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from kts_analysis.i18n import N_
from kts_analysis.ingest.cells import CellValue
from kts_analysis.ingest.words import clean
from kts_analysis.vi import nfc

TEMPLATE_VERSION = 1
TABLE_SHEET, LISTS_SHEET = "kts_template", "kts_lists"  # hidden
LIST_SHEET = N_("To be mended")  # that a marked copy has beside the template's own
MARK = "kts-template"  # stands before the number of a sheet in its first cell
TITLE_ROW, HINT_ROW, KEY_ROW, HEADER_ROW, FIRST_ROW = 1, 2, 3, 4, 5
TABLE_KEYS = ("key", "sheet", "area", "indicator", "breakdown", "period", "state", "given")
TABLE_HEADER_ROW, TABLE_FIRST_ROW = 3, 4

LINE_HEIGHT, INDENT = 15.0, 1  # of a line of 11 points, in points; of a text, in characters

LONGEST_SHOWN = 80  # characters of a cell in a message; more is a text nobody needs to read again
OPEN = "open"  # state of a row that may be filled in


@dataclass(frozen=True)
class Column:
    """A column of a template's sheets.

    Attributes
    ----------
    key : str
        Name in the hidden row; of an input column the observation column it fills.
    header : str
        Message id.
    width : float
        In characters.
    typed : bool
        Whether people fill it in.
    """

    key: str
    header: str
    width: float
    typed: bool = False


COLUMNS = (
    Column("key", N_("Key"), 6),
    Column("area", N_("Area"), 15),
    Column("indicator", N_("Code"), 8),
    Column("name", N_("Indicator"), 32),
    Column("breakdown", N_("Sector"), 15),
    Column("period", N_("Period"), 11),
    Column("state", N_("State of the row"), 14),
    Column("numerator", N_("Numerator"), 11, typed=True),
    Column("denominator", N_("Denominator"), 11, typed=True),
    Column("denominator_concept", N_("What the denominator counts"), 15, typed=True),
    Column("value", N_("Value (%)"), 9, typed=True),
    Column("computed", N_("From the counts (%)"), 10),
    Column("qualifier", N_("How it is stated"), 11, typed=True),
    Column("series", N_("Measuring method"), 15, typed=True),
    Column("vintage", N_("Date reported"), 11.5, typed=True),
    Column("source", N_("Source"), 20, typed=True),
    Column("note", N_("Note"), 18, typed=True),
)
TYPED = tuple(column.key for column in COLUMNS if column.typed)
FIGURES = ("numerator", "denominator", "value")
CHOSEN = ("denominator_concept", "qualifier", "series")  # filled in from a drop-down list


def index_of(key: str) -> int:
    """Return the number of a column, the first being 1."""
    return [column.key for column in COLUMNS].index(key) + 1


def height_of(cells: Iterable[tuple[str, float]]) -> float:
    """Return the height (points) a row needs so that its wrapped texts show whole.

    Excel would fit the rows itself when it opens the file, other programs and print-outs do not.

    Parameters
    ----------
    cells : iterable of (str, float)
        Texts, and the widths of their columns in characters.
    """
    lines = [len(textwrap.wrap(text, max(1, int(width) - INDENT))) for text, width in cells]
    return LINE_HEIGHT * max([1, *lines])


def as_text(value: CellValue) -> str:
    """Return a cell's value as text that is the same before and after a save in any program.

    Numbers lose the difference of ``5`` and ``5.0``, days their midnight; a blank is empty.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return str(int(value)) if value == int(value) else repr(float(value))
    if isinstance(value, datetime) and not (value.hour or value.minute or value.second):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return nfc(value).strip()


def shown(value: CellValue) -> str:
    """Return a cell as a message shows it: one line, not too long, truth as Excel writes it."""
    text = str(value).upper() if isinstance(value, bool) else clean(as_text(value))
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def given_text(given: Mapping[str, CellValue]) -> str:
    """Return what a row was filled with when it was written, for the hidden sheet."""
    texts = {key: as_text(value) for key, value in given.items() if value is not None}
    return json.dumps(texts, ensure_ascii=False, sort_keys=True) if texts else ""
