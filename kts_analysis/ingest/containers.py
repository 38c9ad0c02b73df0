"""What kind of file it is, and whether a workbook's package can be opened without harm.

A workbook is a zip archive of XML parts. Nothing of it is ever unpacked to disk; every part is
inflated once, in pieces, and counted while that happens, because the sizes an archive declares
can lie.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from kts_analysis.errors import ProblemsError
from kts_analysis.i18n import N_
from kts_analysis.ingest.cells import refusal
from kts_analysis.ingest.part_scan import ASK, CLEAR, Budget, PartError, PartScan, SheetFacts

MB = 1_000_000
MAX_FILE_BYTES = 50 * MB
MAX_PARTS = 5_000
MAX_INFLATED = 250 * MB
MAX_XML = 60 * MB  # of one XML part: far more than the cells allowed need
RATIO_FROM, MAX_RATIO = 10 * MB, 250  # an inflated part this large shrinks less than 250 times
PIECE = 1 << 16

FileKind = Literal["workbook", "text"]

AS_XLSX = N_("open it in Excel and save it as Excel Workbook (.xlsx)")
NO_PASSWORD = N_("open it in Excel and save it without a password")
AGAIN = N_("ask for the file again, or open it in Excel and save it again as .xlsx")

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
# All that zipfile raises on broken archives, by what is broken.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    OverflowError,
    struct.error,
)
_TEXT_ENDINGS = (".csv", ".tsv", ".txt")


@dataclass(frozen=True)
class Package:
    """A workbook's package that was looked through.

    Attributes
    ----------
    file : str
        Name of the file.
    content : bytes
        The whole file, so that what is read later is what was checked.
    sheets : mapping
        Facts of each sheet by the name of its part.
    names : frozenset of str
        Names of all parts.
    """

    file: str
    content: bytes = field(repr=False)
    sheets: dict[str, SheetFacts]
    names: frozenset[str]

    def read(self, name: str) -> bytes:
        """Return one part."""
        with zipfile.ZipFile(io.BytesIO(self.content)) as archive:
            return archive.read(name)


def kind_of(content: bytes, file: str) -> FileKind:
    """Return whether a file is a workbook package or text, by what stands in it.

    Raises
    ------
    ProblemsError
        It is neither; the message says what it is and what to do.
    """
    if not content:
        raise refusal(file, N_("the file is empty"), N_("ask the sender for it again"))
    if content.startswith(_OLE):
        raise _old_office(content, file)
    if content.startswith(_ZIP):
        return "workbook"
    if content.startswith(b"%PDF"):
        message = N_("this is a PDF file, not a table")
        raise refusal(file, message, N_("ask for the Excel file it was made from"))
    start = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype html", b"<?xml", b"<table", b"{\\rtf")):
        message = N_("this is a web page or a text document under the name of a table")
        raise refusal(file, message, AS_XLSX)
    if file.lower().endswith(_TEXT_ENDINGS):
        return "text"
    message = N_("this is neither an Excel workbook (.xlsx) nor a CSV file")
    raise refusal(file, message, AS_XLSX)


def _old_office(content: bytes, file: str) -> ProblemsError:
    """Return the refusal of a file of the old Office form, which also wraps encrypted ones."""
    if _stream(content, "EncryptedPackage") or _stream(content, "EncryptionInfo"):
        message = N_("the workbook is protected by a password")
        return refusal(file, message, NO_PASSWORD)
    if _stream(content, "Workbook") or _stream(content, "Book"):
        message = N_("this is an old Excel workbook (.xls)")
        return refusal(file, message, AS_XLSX)
    if _stream(content, "WordDocument"):
        message = N_("this is a Word document")
        return refusal(file, message, N_("copy its table into an Excel workbook (.xlsx)"))
    message = N_("this is a file of an old Office program, not a workbook")
    return refusal(file, message, AS_XLSX)


def _stream(content: bytes, name: str) -> bool:
    """Tell whether an old Office file has a stream of that name (names stand in UTF-16)."""
    return f"{name}\0".encode("utf-16-le") in content


def open_package(content: bytes, file: str) -> Package:
    """Look through a workbook's package.

    Parameters
    ----------
    content : bytes
        The whole file.
    file : str
        Its name, for messages.

    Raises
    ------
    ProblemsError
        It is damaged, protected, no workbook, or built to do harm.
    """
    damaged = N_("the workbook is damaged or cut off: {detail}")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = archive.infolist()
            _check_names(infos, file)
            _check_kind(archive, file)
            sheets = _look_through(archive, infos, file)
    except _BROKEN as error:
        raise refusal(file, damaged, AGAIN, detail=error) from None
    return Package(file, content, sheets, frozenset(info.filename for info in infos))


def _check_names(infos: list[zipfile.ZipInfo], file: str) -> None:
    if len(infos) > MAX_PARTS:
        message = N_("the file has {found} parts; a workbook has less than {limit}")
        raise refusal(file, message, ASK, found=len(infos), limit=MAX_PARTS)
    seen = set()
    for info in infos:
        name = info.filename
        steps = name.replace("\\", "/").split("/")
        if name.startswith(("/", "\\")) or ".." in steps or ":" in name or "\\" in name:
            message = N_("a part is named {found}, which leads out of the file")
            raise refusal(file, message, ASK, found=repr(name[:100]))
        if name.lower() in seen:
            raise refusal(file, N_("the part {found} stands twice"), ASK, found=repr(name[:100]))
        seen.add(name.lower())
        if info.flag_bits & 0x1:
            message = N_("the workbook is protected by a password")
            raise refusal(file, message, NO_PASSWORD)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            message = N_("the part {found} is packed in a way Excel does not use")
            raise refusal(file, message, ASK, found=repr(name[:100]))


def _check_kind(archive: zipfile.ZipFile, file: str) -> None:
    """Refuse packages of other programs and forms."""
    names = set(archive.namelist())
    if "mimetype" in names:
        message = N_("this is an OpenDocument file (.ods, .odt), which is not read")
        raise refusal(file, message, AS_XLSX)
    if "word/document.xml" in names:
        copy = N_("copy its table into an Excel workbook (.xlsx)")
        raise refusal(file, N_("this is a Word document"), copy)
    if any(name.endswith("/workbook.bin") for name in names):
        message = N_("this is a binary Excel workbook (.xlsb), which is not read")
        raise refusal(file, message, AS_XLSX)
    if "[Content_Types].xml" not in names:
        message = N_("this is a zip archive, not an Excel workbook")
        raise refusal(file, message, N_("unpack it and give the workbooks in it"))


def _look_through(
    archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], file: str
) -> dict[str, SheetFacts]:
    """Inflate every part once, counting, and scan the XML ones."""
    sheets: dict[str, SheetFacts] = {}
    left, budget = MAX_INFLATED, Budget()
    for info in infos:
        scan = PartScan(budget) if info.filename.lower().endswith((".xml", ".rels")) else None
        size = 0
        try:
            for piece in _pieces(archive, info):
                size += len(piece)
                left -= len(piece)
                _check_size(size, left, info, scan is not None)
                if scan is not None:
                    scan.feed(piece)
            if scan is not None:
                scan.feed(b"", last=True)
        except PartError as error:
            part = info.filename[:100]
            raise refusal(
                file, error.message, error.remedy, part=part, detail=error.detail
            ) from None
        if scan is not None and scan.sheet is not None:
            sheets[info.filename] = scan.sheet
    return sheets


def _pieces(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(info) as handle:
        while piece := handle.read(PIECE):
            yield piece


def _check_size(size: int, left: int, info: zipfile.ZipInfo, xml: bool) -> None:
    """Refuse a part that swells beyond what a workbook needs."""
    packed = max(info.compress_size, 1)
    swells = size > RATIO_FROM and size > MAX_RATIO * packed
    if left < 0 or swells or (xml and size > MAX_XML):
        message = N_("its part {part} swells to more than {detail} MB when opened")
        raise PartError(message, CLEAR, size // MB)
