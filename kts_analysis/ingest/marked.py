"""A copy of what somebody sent, every fault marked in its cell and listed on a sheet of its own.

The original is never touched. Formulas stay formulas, but their stored results are lost with the
copying library: Excel works them out again when the copy is opened. Macros, links to other files
and pictures the library does not know are not carried over.
"""

from __future__ import annotations

import io
import os
import warnings
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from kts_analysis.errors import KtsError, Problem
from kts_analysis.i18n import N_, Messages
from kts_analysis.ingest.cells import Grid, place_of, sheet_name
from kts_analysis.ingest.containers import Package, kind_of, open_package
from kts_analysis.ingest.delimited import read_delimited
from kts_analysis.ingest.grids import read_content
from kts_analysis.ingest.template_layout import LIST_SHEET
from kts_analysis.ingest.workbooks import MAX_MERGED_PLACES, read_workbook
from kts_analysis.reporting.files import write_bytes
from kts_analysis.vi import nfc

CELLS_ONLY = N_("The copy holds values only: some part of the workbook cannot be carried over.")
AUTHOR = "kts check"  # of our notes, by which those of an earlier copy are found again
COLOURS = {"error": "FFFFC7CE", "warning": "FFFFEB9C"}
STAMP = (1980, 1, 1, 0, 0, 0)  # no clock: the same faults give the same file
NOTE_WIDTH, LINE_HEIGHT, LINE_SIGNS = 340, 18, 46  # pixels, pixels, characters a line


def write_marked(
    path: str | os.PathLike[str],
    problems: Sequence[Problem],
    out: str | os.PathLike[str],
    *,
    lang: str = "vi",
    encoding: str | None = None,
) -> Path:
    """Write a marked copy of a workbook or CSV file.

    Parameters
    ----------
    path : path
        What was sent; it is read, never written.
    problems : sequence of Problem
        Those with `sheet` and `cell` are marked there (errors red, warnings yellow, what is wrong
        and how to mend it as a note); all are listed on a sheet of their own, with links.
    out : path
        Workbook to write (.xlsx), whole or not at all.
    lang : {"vi", "en"}
    encoding : str, optional
        Of a CSV file, as for `grids.open_grids`.

    Returns
    -------
    Path

    Raises
    ------
    ProblemsError
        The file cannot be opened (`grids.open_grids`).
    KtsError
        `out` is the original or no .xlsx file.
    """
    source, target = Path(path), Path(out)
    if target.suffix.lower() != ".xlsx":
        message = N_("{found}: the name of the marked copy must end in .xlsx")
        raise KtsError(message, found=target.name)
    if target.exists() and target.samefile(source):
        message = N_("{found}: the marked copy must not replace the original")
        raise KtsError(message, found=target.name)
    m = Messages(lang)
    book, names, whole = _copy_of(source, encoding)
    _take_off_marks(book, m(LIST_SHEET))
    for (sheet, cell), found in _by_cell(problems, names).items():
        _mark(book[sheet], cell, found, m)
    _write_list(book, problems, names, m)
    if not whole:
        _write(book[m(LIST_SHEET)].cell(2, 1), m(CELLS_ONLY))
    write_bytes(target, _bytes_of(book))
    return target


def _copy_of(source: Path, encoding: str | None) -> tuple[Any, dict[str, str], bool]:
    """Return the workbook to mark, what each sheet is called in it, and whether it is all there."""
    from openpyxl import load_workbook

    file, content = read_content(source)
    if kind_of(content, file) == "text":
        return *_from_grids([read_delimited(content, file, encoding)]), True
    package = open_package(content, file)
    # The copying library makes a cell of every merged place, of which a sheet can have billions.
    if _merged_places(package) > MAX_MERGED_PLACES:
        return *_from_grids(read_workbook(package)), False
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"openpyxl\.")  # of what it does not carry
            book = load_workbook(io.BytesIO(content), keep_links=False)
    except Exception:  # some part beside the cells trips the library; the copy says so
        return *_from_grids(read_workbook(package)), False
    book.template = False
    return book, {nfc(name): name for name in book.sheetnames}, True


def _merged_places(package: Package) -> int:
    """Return how many places of a workbook lie in merged areas, filled or not."""
    areas = (area for sheet in package.sheets.values() for area in sheet.merged)
    return sum((end - row + 1) * (last - column + 1) for row, column, end, last in areas)


def _from_grids(grids: Iterable[Grid]) -> tuple[Any, dict[str, str]]:
    """Return a new workbook with the cells of the grids, without their looks."""
    from openpyxl import Workbook

    book = Workbook()
    names: dict[str, str] = {}
    book.remove(book.active)
    for grid in grids:
        names[grid.sheet] = sheet_name(grid.sheet, {name.lower() for name in names.values()})
        sheet = book.create_sheet(names[grid.sheet])
        for (row, column), cell in grid.cells.items():
            _write(sheet.cell(row, column), cell.value)
    return book, names


def _write(cell: Any, value: Any) -> None:
    """Write a value; a text is never taken for a formula, and signs Excel refuses are left out."""
    if isinstance(value, str):
        cell.value = _clean(value)
        cell.data_type = "s"
    else:
        cell.value = value


def _clean(text: str) -> str:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    return str(ILLEGAL_CHARACTERS_RE.sub(" ", text))


def _take_off_marks(book: Any, list_sheet: str) -> None:
    """Take off the marks of an earlier marked copy that came back."""
    from openpyxl.styles import PatternFill

    if list_sheet in book.sheetnames:
        book.remove(book[list_sheet])
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.comment is not None and cell.comment.author == AUTHOR:
                    cell.comment, cell.fill = None, PatternFill()


def _by_cell(
    problems: Iterable[Problem], names: Mapping[str, str]
) -> dict[tuple[str, str], list[Problem]]:
    """Return the problems of each cell that is there."""
    found: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        if _is_placed(problem, names):
            place = names[str(problem.sheet)], str(problem.cell)
            found.setdefault(place, []).append(problem)
    return found


def _is_placed(problem: Problem, names: Mapping[str, str]) -> bool:
    if problem.sheet not in names or problem.cell is None:
        return False
    try:
        place_of(problem.cell)
    except ValueError:
        return False
    return True


def _mark(sheet: Any, ref: str, problems: Sequence[Problem], m: Messages) -> None:
    """Fill a cell and note what is wrong; a note of the sender's own is kept below ours."""
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    within = (area for area in sheet.merged_cells.ranges if ref in area)
    cell = next((sheet.cell(area.min_row, area.min_col) for area in within), sheet[ref])
    severe = "error" if any(problem.severity == "error" for problem in problems) else "warning"
    texts = [_clean(problem.said(m)) for problem in problems]
    if cell.comment is not None:
        texts.append(_clean(cell.comment.text))
    text = "\n".join(texts)
    lines = sum(1 + len(line) // LINE_SIGNS for line in text.splitlines())
    cell.fill = PatternFill("solid", start_color=COLOURS[severe])
    cell.comment = Comment(text, AUTHOR, height=LINE_HEIGHT * (lines + 1), width=NOTE_WIDTH)


def _write_list(
    book: Any, problems: Sequence[Problem], names: Mapping[str, str], m: Messages
) -> None:
    """Write the sheet that lists all problems, errors first, each with a link to its cell."""
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.worksheet.hyperlink import Hyperlink

    sheet = book.create_sheet(m(LIST_SHEET), 0)
    book.active = 0
    errors = sum(problem.severity == "error" for problem in problems)
    head = m(
        "{errors} errors to be mended, {warnings} warnings to be looked at",
        errors=errors,
        warnings=len(problems) - errors,
    )
    _write(sheet.cell(1, 1), head)
    headers = (m("No."), m("Kind"), m("Place"), m("What is wrong and how to mend it"))
    for column, (text, width) in enumerate(zip(headers, (6, 12, 34, 100), strict=True), start=1):
        cell = sheet.cell(3, column)
        _write(cell, text)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", start_color="FFDCE6F1")
        sheet.column_dimensions[cell.column_letter].width = width
    sheet.cell(1, 1).font = Font(bold=True, size=14)
    kinds = {"error": m("error"), "warning": m("warning")}
    ordered = sorted(problems, key=lambda problem: problem.severity != "error")
    for number, problem in enumerate(ordered, start=1):
        row = 3 + number
        cells = (number, kinds[problem.severity], problem.place(m), problem.said(m))
        for column, value in enumerate(cells, start=1):
            cell = sheet.cell(row, column)
            _write(cell, value)
            cell.alignment = Alignment(wrap_text=column > 2, vertical="top")
        sheet.cell(row, 2).fill = PatternFill("solid", start_color=COLOURS[problem.severity])
        if _is_placed(problem, names):
            link = sheet.cell(row, 3)
            quoted = names[str(problem.sheet)].replace("'", "''")
            link.hyperlink = Hyperlink(ref=link.coordinate, location=f"'{quoted}'!{problem.cell}")
            link.font = Font(color="FF0563C1", underline="single")
    sheet.freeze_panes = "A4"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToHeight = 0
    sheet.print_title_rows = "3:3"


def _bytes_of(book: Any) -> bytes:
    """Return the workbook as bytes that depend on nothing but what stands in it."""
    from openpyxl.writer.excel import ExcelWriter

    book.properties.modified = datetime(*STAMP)
    first, second = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(first, "w") as archive:
        ExcelWriter(book, archive).write_data()
    with (
        zipfile.ZipFile(first) as archive,
        zipfile.ZipFile(second, "w", zipfile.ZIP_DEFLATED) as fixed,
    ):
        for name in archive.namelist():
            info = zipfile.ZipInfo(name, STAMP)
            info.compress_type = zipfile.ZIP_DEFLATED
            fixed.writestr(info, archive.read(name))
    return second.getvalue()
