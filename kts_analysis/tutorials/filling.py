"""Fill in a reporting template as the person at a district would, from a list of figures."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from kts_analysis.errors import Problem, ProblemsError
from kts_analysis.i18n import N_
from kts_analysis.ingest.template_layout import (
    FIRST_ROW,
    KEY_ROW,
    MARK,
    TABLE_FIRST_ROW,
    TABLE_SHEET,
    TYPED,
)

Place = tuple[Any, int]  # a sheet and a row of it
WHERE = ("area", "indicator", "period")


def fill_template(
    template: str | os.PathLike[str],
    figures: str | os.PathLike[str],
    out: str | os.PathLike[str],
) -> int:
    """Write figures into the rows of a template they belong to.

    Parameters
    ----------
    template : path
        Workbook made by ``kts template``; it is not changed.
    figures : path
        CSV file with the columns ``area``, ``indicator``, ``period`` and any of the columns people
        fill in (``numerator``, ``denominator``, ``vintage``, ``source`` …). A cell is typed as it
        stands: a text that is no whole number stays text, as a mistyped cell would. An empty one
        is left alone.
    out : path
        The filled workbook.

    Returns
    -------
    int
        Rows filled in.

    Raises
    ------
    ProblemsError
        Every line of `figures` for which the template has no row, and every unknown column.
    """
    book = load_workbook(template)
    places, columns = _places(book), _columns(book)
    problems, filled = [], 0
    name = Path(figures).name
    with open(figures, encoding="utf-8-sig", newline="") as handle:
        for row, line in enumerate(csv.DictReader(handle), start=2):
            place = places.get(tuple(line[key] for key in WHERE))
            typed = {key: text for key, text in line.items() if key not in WHERE and text}
            unknown = ", ".join(key for key in typed if key not in TYPED)
            if place is None or unknown:
                message = (
                    N_("the template has no row for this figure")
                    if place is None
                    else N_("the template has no column {found}")
                )
                problems.append(Problem(name, message, row, found=unknown or None))
                continue
            _type(place, typed, columns)
            filled += 1
    if problems:
        raise ProblemsError(problems)
    book.save(out)
    return filled


def _type(place: Place, cells: Mapping[str, str], columns: Mapping[str, int]) -> None:
    sheet, row = place
    for key, text in cells.items():
        sheet.cell(row, columns[key]).value = int(text) if text.isdecimal() else text


def _places(book: Any) -> dict[tuple[str, ...], Place]:
    """Return the sheet and row of every area, indicator and period, from the hidden sheet."""
    sheets = {str(sheet["A1"].value): sheet for sheet in book}
    table = book[TABLE_SHEET]
    rows = {
        number: {str(cell.value): row for row, cell in _keys(sheet)}
        for number, sheet in sheets.items()
        if number.startswith(MARK)
    }
    places: dict[tuple[str, ...], Place] = {}
    for key, number, *where in table.iter_rows(TABLE_FIRST_ROW, max_col=6, values_only=True):
        area, indicator, _, period = where
        mark = f"{MARK}:{number}"
        places[str(area), str(indicator), str(period)] = (sheets[mark], rows[mark][str(key)])
    return places


def _keys(sheet: Any) -> Iterator[tuple[int, Any]]:
    for (cell,) in sheet.iter_rows(FIRST_ROW, max_col=1):
        yield cell.row, cell


def _columns(book: Any) -> dict[str, int]:
    """Return the column of each field, from the hidden row (the same on every sheet)."""
    sheet = next(sheet for sheet in book if str(sheet["A1"].value).startswith(MARK))
    return {str(cell.value): cell.column for cell in sheet[KEY_ROW] if cell.value}
