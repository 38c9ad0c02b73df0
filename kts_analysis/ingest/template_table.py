"""The hidden sheets of a reporting template, read back: what each row and each word stands for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kts_analysis.errors import Problem
from kts_analysis.i18n import LANGUAGES, N_
from kts_analysis.ingest.cells import Grid
from kts_analysis.ingest.template_layout import (
    LISTS_SHEET,
    TABLE_FIRST_ROW,
    TABLE_KEYS,
    TABLE_SHEET,
    TEMPLATE_VERSION,
    as_text,
)
from kts_analysis.periods import parse_period
from kts_analysis.registry import Registry

LONGEST_KEY = 9  # digits; Python refuses to read a number of thousands of them
ANEW = N_("copy the figures into a newly made template")


@dataclass(frozen=True)
class Entry:
    """What one row of a template stands for, and what it was filled with."""

    sheet: int
    area: str
    indicator: str
    breakdown: str
    period: str
    state: str
    given: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """The hidden sheets of a template.

    Attributes
    ----------
    plan, identity, lang : str
        Plan id, what the template is called, and the language of its words.
    names : tuple of str
        Names of the guide and of the sheets by number, as they were written.
    entries : mapping
        Rows by key.
    codes : mapping
        Codes by word in lower case, by the name of the drop-down list.
    """

    plan: str
    identity: str
    lang: str
    names: tuple[str, ...]
    entries: Mapping[int, Entry]
    codes: Mapping[str, Mapping[str, str]]

    def by_key(self, text: str) -> Entry | None:
        """Return the row of a key as a cell has it; None when there is no such row."""
        known = text.isdecimal() and len(text) <= LONGEST_KEY
        return self.entries.get(int(text)) if known else None


def table_grid(grids: Sequence[Grid]) -> Grid | None:
    """Return the hidden sheet of a template, whatever it is called now; None if there is none."""
    return next((grid for grid in grids if grid.at(1, 1).value == TABLE_SHEET), None)


def is_template(grids: Sequence[Grid]) -> bool:
    """Return whether a workbook is one of our templates."""
    return table_grid(grids) is not None


def read_table(grids: Sequence[Grid], registry: Registry) -> tuple[Table | None, list[Problem]]:
    """Read the hidden sheets.

    Returns
    -------
    Table or None
        None when they cannot be used; the problems say why.
    """
    grid = table_grid(grids)
    if grid is None:
        message = N_("this is not a reporting template made by kts template")
        return None, [Problem(grids[0].file, message)]
    version, plan, identity, lang = (as_text(grid.at(1, column).value) for column in range(2, 6))
    lists = next((other for other in grids if other.sheet == LISTS_SHEET), None)
    if version != str(TEMPLATE_VERSION):
        message = N_("the template is of version {found}; this program reads version {known}")
        params = {"known": TEMPLATE_VERSION}
        return None, [Problem(grid.file, message, found=version, params=params, remedy=ANEW)]
    if plan not in registry.plans:
        message = N_("the template is for the plan {found}, which is not known here")
        return None, [Problem(grid.file, message, found=plan, remedy=ANEW)]
    try:
        entries = _entries(grid)
    except (ValueError, KeyError, AttributeError, RecursionError):
        entries = {}
    if not entries or lists is None or lang not in LANGUAGES:
        message = N_("the hidden sheets of the template are damaged")
        return None, [Problem(grid.file, message, remedy=ANEW)]
    names = tuple(as_text(cell.value) for cell in grid.row(2) if not cell.blank)
    return Table(plan, identity, lang, names, entries, _codes(lists)), []


def _entries(grid: Grid) -> dict[int, Entry]:
    """Return the rows of the table by key; ValueError when one cannot be read."""
    entries = {}
    for line in range(TABLE_FIRST_ROW, grid.last_row + 1):
        texts = [as_text(grid.at(line, column).value) for column in range(1, len(TABLE_KEYS) + 1)]
        key, sheet, area, indicator, breakdown, period, state, given = texts
        filled = {str(name): str(text) for name, text in json.loads(given or "{}").items()}
        parse_period(period)
        entries[int(key)] = Entry(int(sheet), area, indicator, breakdown, period, state, filled)
    return entries


def _codes(grid: Grid) -> dict[str, dict[str, str]]:
    """Return the drop-down lists: pairs of columns, words and codes, under a name."""
    codes: dict[str, dict[str, str]] = {}
    for column in range(1, grid.last_column + 1, 2):
        name = as_text(grid.at(1, column).value)
        for line in range(2, grid.last_row + 1):
            word, code = (as_text(grid.at(line, column + n).value) for n in range(2))
            if word:
                codes.setdefault(name, {})[word.lower()] = code
    return codes
