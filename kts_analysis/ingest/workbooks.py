"""Sheets of an Excel workbook as grids, from a package that was looked through before.

The reading library is used in its streaming form, which reads nothing but the cells: charts,
pictures, macros, pivot tables, data connections and links to other files are never loaded.
"""

from __future__ import annotations

import io
import math
import posixpath
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice
from typing import Any

from kts_analysis.errors import Problem
from kts_analysis.i18n import N_
from kts_analysis.ingest.cells import Cell, CellValue, Grid, Place, refusal
from kts_analysis.ingest.containers import AGAIN, Package
from kts_analysis.ingest.part_scan import CLEAR, SheetFacts
from kts_analysis.vi import nfc

MAX_MERGED_PLACES = 1_000_000  # merged areas cannot overlap, so no sheet in use needs more

_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_DAMAGED = N_("the workbook is damaged or cut off: {detail}")


UNSTORED = N_("{found} formulas have no stored result, so their values are not known")


@dataclass(frozen=True)
class _Sheet:
    """A sheet as the workbook lists it."""

    name: str
    part: str
    hidden: bool


def read_workbook(package: Package) -> list[Grid]:
    """Return the sheets of a workbook that hold tables, in their order.

    Chart sheets are left out. Macros, links to other files and data connections are named in
    the notes of the first sheet and otherwise ignored; a cell that takes its value from another
    file has the value stored with it.

    Raises
    ------
    ProblemsError
        The workbook is damaged, or no sheet holds a cell.
    """
    listed = _listed_sheets(package)
    with warnings.catch_warnings():
        # It warns of extensions it does not know and of dates it cannot make; those cells come
        # out as error values, which the reader of the cells reports with their place.
        warnings.filterwarnings("ignore", module=r"openpyxl\.")
        try:
            grids = _grids(package, listed)
        except Exception as error:  # whatever a damaged part makes the library trip over
            detail = f"{type(error).__name__}: {error}".splitlines()[0][:200]
            raise refusal(package.file, _DAMAGED, AGAIN, detail=detail) from error
    for grid in grids:
        _check_merged(grid)
    if not any(grid.cells for grid in grids):
        message = N_("the workbook has no sheet with anything in it")
        raise refusal(package.file, message, N_("ask the sender for the filled-in file"))
    grids[0] = replace(grids[0], notes=(*_notes(package), *grids[0].notes))
    return grids


def _listed_sheets(package: Package) -> list[_Sheet]:
    """Return the table sheets the workbook lists, each with its part."""
    from xml.etree.ElementTree import ParseError

    from defusedxml.ElementTree import fromstring

    try:
        workbook = _main_part(fromstring(package.read("_rels/.rels")))
        folder, name = posixpath.split(workbook)
        relations = fromstring(package.read(f"{folder}/_rels/{name}.rels"))
        targets = {
            item.get("Id"): (item.get("Type", ""), _resolved(folder, item.get("Target", "")))
            for item in relations.findall(f"{{{_RELATIONS}}}Relationship")
        }
        listed = [
            (item.get("name", ""), item.get("state"), *targets[item.get(f"{{{_OFFICE}}}id")])
            for item in fromstring(package.read(workbook)).iter(f"{{{_MAIN}}}sheet")
        ]
    except (KeyError, ParseError, LookupError) as error:
        raise refusal(package.file, _DAMAGED, AGAIN, detail=error) from None
    sheets = [
        _Sheet(name, part, state in ("hidden", "veryHidden"))
        for name, state, kind, part in listed
        if kind.endswith("/worksheet")
    ]
    names = [sheet.name for sheet in sheets]
    for sheet in sheets:
        if sheet.part not in package.sheets or names.count(sheet.name) > 1:
            message = N_("the sheet {found} is listed but missing, or listed twice")
            raise refusal(package.file, message, AGAIN, found=repr(sheet.name))
    if not sheets:
        message = N_("the workbook has no sheet with anything in it")
        raise refusal(package.file, message, N_("ask the sender for the filled-in file"))
    return sheets


def _main_part(relations: Any) -> str:
    """Return the name of the workbook's main part."""
    for item in relations.findall(f"{{{_RELATIONS}}}Relationship"):
        if item.get("Type", "").endswith("/officeDocument"):
            return _resolved("", item.get("Target", ""))
    raise LookupError("officeDocument")


def _resolved(folder: str, target: str) -> str:
    """Return the name of the part a relation points to."""
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def _grids(package: Package, listed: list[_Sheet]) -> list[Grid]:
    from openpyxl import load_workbook

    book = load_workbook(
        io.BytesIO(package.content), read_only=True, data_only=True, keep_links=False
    )
    try:
        return [_grid(package, sheet, book[sheet.name]) for sheet in listed]
    finally:
        book.close()


def _grid(package: Package, sheet: _Sheet, table: Any) -> Grid:
    facts = package.sheets[sheet.part]
    table.reset_dimensions()  # what a file says of its own size is often wrong
    unstored = len(facts.unstored)
    notes = []
    if unstored:
        message = UNSTORED
        remedy = N_("open the file in Excel, save it and give it again")
        notes.append(_note(package, message, remedy, found=unstored, sheet=nfc(sheet.name)))
    return Grid(
        file=package.file,
        sheet=nfc(sheet.name),
        cells=dict(_cells(table, facts)),
        merged=tuple(facts.merged),
        hidden_rows=frozenset(facts.hidden_rows),
        hidden_columns=frozenset(facts.hidden_columns),
        hidden=sheet.hidden,
        notes=tuple(notes),
    )


def _cells(table: Any, facts: SheetFacts) -> Iterator[tuple[Place, Cell]]:
    # What stands after the last row (filters, checks of input, rules of colour) is never looked at:
    # the library would refuse a sound table for an odd word there.
    for row in islice(table.iter_rows(), facts.last_row):
        for item in row:
            value = item.value
            ref = "" if value is None and not facts.unstored else _ref(item)
            if value is None and ref not in facts.unstored:
                continue
            cell = Cell(
                _plain(value),
                formula=ref in facts.formulas,
                stored=ref not in facts.unstored,
                number_format=item.number_format,
                ref=ref,
            )
            yield (item.row, item.column), cell


def _ref(item: Any) -> str:
    """Return the name of a cell; the filler between cells has none."""
    return str(getattr(item, "coordinate", ""))


def _plain(value: Any) -> CellValue:
    """Return a cell's value in one of the forms a grid knows; any other as its text."""
    if isinstance(value, str):
        return nfc(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # no number: nobody may compute with it
    if value is None or isinstance(value, (bool, int, float, datetime, date)):
        return value
    return str(value)  # times and durations


def _check_merged(grid: Grid) -> None:
    places = 0
    for block in grid.merged:
        rows = min(block[2], grid.last_row) - block[0] + 1
        columns = min(block[3], grid.last_column) - block[1] + 1
        places += max(rows, 0) * max(columns, 0)
    if places > MAX_MERGED_PLACES:
        message = N_("sheet {found} has merged areas that cover each other or are too large")
        raise refusal(grid.file, message, CLEAR, found=repr(grid.sheet))


def _notes(package: Package) -> list[Problem]:
    """Return what the whole file holds beside tables, as warnings."""
    notes = []
    if any(name.lower().endswith("vbaproject.bin") for name in package.names):
        message = N_("the workbook holds macros; they were not run and are not kept")
        notes.append(_note(package, message))
    if any(name.startswith("xl/externalLinks/") for name in package.names):
        message = N_("cells take values from other files; the values stored here were read")
        remedy = N_("check that they were up to date when the file was saved")
        notes.append(_note(package, message, remedy))
    if "xl/connections.xml" in package.names:
        message = N_("the workbook has data connections; they were not followed")
        notes.append(_note(package, message))
    return notes


def _note(
    package: Package,
    message: str,
    remedy: str | None = None,
    *,
    found: int | None = None,
    sheet: str | None = None,
) -> Problem:
    shown = None if found is None else str(found)
    return Problem(
        package.file, message, found=shown, severity="warning", sheet=sheet, remedy=remedy
    )
