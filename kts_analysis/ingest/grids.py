"""Opening what districts send: every table in a file as a grid, or one clear refusal."""

from __future__ import annotations

import os
from pathlib import Path

from kts_analysis.i18n import N_
from kts_analysis.ingest.cells import Cell as Cell
from kts_analysis.ingest.cells import Grid as Grid
from kts_analysis.ingest.cells import refusal
from kts_analysis.ingest.containers import MAX_FILE_BYTES, MB, kind_of, open_package
from kts_analysis.ingest.delimited import read_delimited
from kts_analysis.ingest.workbooks import read_workbook
from kts_analysis.vi import nfc


def open_grids(path: str | os.PathLike[str], *, encoding: str | None = None) -> list[Grid]:
    """Return every sheet of a workbook, or a CSV file, as grids.

    Parameters
    ----------
    path : path
        An Excel workbook (.xlsx, .xlsm, .xltx) or a CSV file. What it is is told by what stands
        in it, not by its name; a CSV file must be named .csv, .tsv or .txt.
    encoding : {"utf-8", "utf-16", "cp1258"}, optional
        Of a CSV file, when the sender declared it.

    Returns
    -------
    list of Grid
        In the order of the workbook, hidden sheets included and marked. `Grid.notes` holds
        warnings: macros, values from other files, formulas without a stored result.

    Raises
    ------
    ProblemsError
        The file is refused: one problem that names the file, what was found and what to do.
    """
    file, content = read_content(path)
    if kind_of(content, file) == "text":
        return [read_delimited(content, file, encoding)]
    return read_workbook(open_package(content, file))


def read_content(path: str | os.PathLike[str]) -> tuple[str, bytes]:
    """Return name and content of a file: it is read once, so what is checked is what is read.

    Raises
    ------
    ProblemsError
        It cannot be read, is too large, or is a note of Excel's and no workbook.
    """
    place = Path(path)
    file = nfc(place.name)
    if file.startswith("~$"):
        message = N_("this is the note Excel keeps while a workbook is open, not the workbook")
        raise refusal(file, message, N_("close the workbook in Excel and give the workbook itself"))
    if not place.exists():
        raise refusal(file, N_("there is no such file"))
    if not place.is_file():
        raise refusal(file, N_("this is not a file"))
    try:
        with place.open("rb") as handle:
            content = handle.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        message = N_("the file cannot be read: {detail}")
        remedy = N_("close it in other programs and try again")
        raise refusal(file, message, remedy, detail=error.strerror) from None
    if len(content) > MAX_FILE_BYTES:
        message = N_("the file is larger than {limit} MB")
        remedy = N_("remove pictures and sheets that are not needed and save it again")
        raise refusal(file, message, remedy, limit=MAX_FILE_BYTES // MB)
    return file, content
