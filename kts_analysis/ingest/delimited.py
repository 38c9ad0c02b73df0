"""A CSV file as one grid, every cell as the text that stands there."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import PurePath

from kts_analysis.i18n import N_
from kts_analysis.ingest.cells import LAST_COLUMN, Cell, Grid, Place, ref_of, refusal
from kts_analysis.ingest.part_scan import CLEAR, MAX_CELLS
from kts_analysis.vi import nfc

ENCODINGS = ("utf-8", "utf-16", "cp1258")  # cp1258 (Vietnamese Windows) only when it is declared
SEPARATORS = (",", ";", "\t")

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_delimited(content: bytes, file: str, encoding: str | None = None) -> Grid:
    """Read a CSV file.

    Parameters
    ----------
    content : bytes
        The whole file.
    file : str
        Its name; the grid is named after it.
    encoding : {"utf-8", "utf-16", "cp1258"}, optional
        What the sender declared. By default the file's own mark, else UTF-8; nothing is guessed.

    Returns
    -------
    Grid
        Texts in normal form (NFC), blank cells left out. The separator (comma, semicolon or tab)
        is the one that stands most often in the first line that is not blank.

    Raises
    ------
    ProblemsError
        The encoding or the separator cannot be told, or the quoting is broken.
    """
    text = _decoded(content, file, encoding)
    separator, start = _separator(text, file)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    cells: dict[Place, Cell] = {}
    seen = 0
    try:
        for row, values in enumerate(reader, start=1):
            seen += len(values)
            if seen > MAX_CELLS:
                message = N_("it has more than {detail} cells")
                raise refusal(file, message, CLEAR, detail=MAX_CELLS)
            if len(values) > LAST_COLUMN:
                message = N_("line {line} has more than {limit} columns")
                raise refusal(file, message, CLEAR, line=row, limit=LAST_COLUMN)
            for column, value in enumerate(values, start=1):
                if row > start and value.strip():
                    cells[row, column] = Cell(nfc(value), ref=ref_of(row, column))
    except csv.Error as error:
        message = N_("line {line} cannot be read: {detail}")
        remedy = N_("check the quotation marks of that line")
        raise refusal(file, message, remedy, line=reader.line_num, detail=error) from None
    if not cells:
        raise refusal(file, N_("the file is empty"), N_("ask the sender for it again"))
    return Grid(file, PurePath(file).stem, cells)


def _decoded(content: bytes, file: str, encoding: str | None) -> str:
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    if encoding is not None and encoding not in ENCODINGS:
        message = N_("unknown encoding {found}; choose of {known}")
        raise refusal(file, message, found=encoding, known=", ".join(ENCODINGS))
    try:
        text = content.decode(marked or encoding or "utf-8")
    except UnicodeDecodeError as error:
        message = N_("the file is not {name} text (byte {place})")
        remedy = N_("save it as 'CSV UTF-8', or say which encoding it has (for example cp1258)")
        name, place = marked or encoding or "utf-8", error.start + 1
        raise refusal(file, message, remedy, name=name, place=place) from None
    if "\0" in text:
        message = N_("the file is no text: it has zero bytes in it")
        raise refusal(file, message, N_("save it as 'CSV UTF-8'"))
    return text


def _separator(text: str, file: str) -> tuple[str, int]:
    """Return the separator, and how many lines at the start only declare it (Excel's ``sep=;``)."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    if first[:4].lower() == "sep=" and first[4:5] in SEPARATORS and text.startswith(first):
        return first[4], 1
    outside = "".join(first.split('"')[::2])
    counts = {separator: outside.count(separator) for separator in SEPARATORS}
    most = max(counts.values())
    best = [separator for separator, count in counts.items() if count == most]
    if most > 0 and len(best) > 1:
        message = N_("the header has as many {found} as separators; which one is it?")
        remedy = N_("save it as 'CSV UTF-8', or put header cells with such signs in quotes")
        raise refusal(file, message, remedy, found=" ".join(repr(sign) for sign in best))
    return best[0], 0
