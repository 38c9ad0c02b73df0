"""Makes mutilated workbooks from a good one: the same seed, the same files.

Each is a name, the bytes of the file, and what may come of opening it: ``refuse``, ``same`` (the
cells of the good workbook) or ``either``; ``any`` where another correct reading is possible, which
the test of that case then asserts by itself.
"""

from __future__ import annotations

import io
import random
import warnings
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import xlsxwriter

SHEET = "xl/worksheets/sheet1.xml"
STAMP = (1980, 1, 1, 0, 0, 0)


class Mutilated(NamedTuple):
    """One case."""

    name: str
    content: bytes
    may: str


def good_workbook() -> bytes:
    """Return a small workbook with all kinds of cells."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    book.set_properties({"created": datetime(2024, 1, 1)})
    sheet = book.add_worksheet("Số liệu")
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    sheet.write_row(0, 0, ["Huyện", "Chỉ tiêu", "Kỳ", "Tử số", "Mẫu số", "Giá trị"])
    for row in range(1, 40):
        sheet.write_row(row, 0, [f"Huyện {row % 7}", "Tỷ lệ hộ có cáp quang", 2020 + row % 5])
        sheet.write_row(row, 3, [100 + row, 200 + 3 * row])
        sheet.write_formula(row, 5, f"=100*D{row + 1}/E{row + 1}", None, row + 0.5)
        sheet.write_datetime(row, 6, datetime(2024, 6, 1 + row % 28), day)
    sheet.merge_range("A42:C42", "Tổng cộng")
    sheet.write_boolean("D42", True)
    book.add_worksheet("Ghi chú").write_string("B2", "Số liệu do huyện báo cáo")
    book.close()
    return target.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    """Return the parts of a package."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a package of parts, which may stand twice."""
    target = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(target, "w", method) as archive:
        warnings.filterwarnings("ignore", "Duplicate name")  # on purpose
        for name, content in parts:
            info = zipfile.ZipInfo("x", STAMP)
            info.filename, info.orig_filename = name, name  # as it is, however odd
            info.compress_type = method
            archive.writestr(info, content)
    return target.getvalue()


def changed(good: bytes, **new: tuple[bytes, bytes]) -> bytes:
    """Return the workbook with the first of two texts replaced by the second in some parts."""
    parts = parts_of(good)
    for key, (old, fresh) in new.items():
        name = PARTS[key]
        assert old in parts[name], (name, old)
        parts[name] = parts[name].replace(old, fresh, 1)
    return packed(list(parts.items()))


PARTS = {
    "sheet": SHEET,
    "book": "xl/workbook.xml",
    "styles": "xl/styles.xml",
    "strings": "xl/sharedStrings.xml",
    "types": "[Content_Types].xml",
    "links": "xl/_rels/workbook.xml.rels",
}


def with_rows(good: bytes, rows: bytes) -> bytes:
    """Return the workbook with other rows in its first sheet."""
    parts = parts_of(good)
    head, _, rest = parts[SHEET].partition(b"<sheetData>")
    tail = rest.partition(b"</sheetData>")[2]
    parts[SHEET] = head + b"<sheetData>" + rows + b"</sheetData>" + tail
    return packed(list(parts.items()))


def mutilated(seed: int = 105) -> Iterator[Mutilated]:
    """Yield the quick cases, more than two hundred."""
    good = good_workbook()
    yield Mutilated("good.xlsx", good, "same")
    yield from _cut_and_flipped(good, random.Random(seed))
    yield from _parts_gone_and_twice(good)
    yield from _mangled_xml(good)
    yield from _names(good)
    yield from _other_files(good)
    yield from _odd_workbooks(good)


def _cut_and_flipped(good: bytes, chance: random.Random) -> Iterator[Mutilated]:
    for number, end in enumerate([*chance.sample(range(len(good)), 60), 0, 1, len(good) - 1]):
        yield Mutilated(f"cut-{number:02}.xlsx", good[:end], "refuse")
    for number, place in enumerate(chance.sample(range(len(good)), 60)):
        spoiled = bytearray(good)
        spoiled[place] ^= 1 << chance.randrange(8)
        yield Mutilated(f"flip-{number:02}.xlsx", bytes(spoiled), "either")
    for number in range(10):
        spoiled = bytearray(good)
        for place in chance.sample(range(len(good)), 40):
            spoiled[place] = chance.randrange(256)
        yield Mutilated(f"noise-{number:02}.xlsx", bytes(spoiled), "refuse")


def _parts_gone_and_twice(good: bytes) -> Iterator[Mutilated]:
    parts = parts_of(good)
    for number, name in enumerate(parts):
        rest = [(key, value) for key, value in parts.items() if key != name]
        may = "either" if name.startswith(("docProps", "xl/theme", "xl/styles")) else "refuse"
        yield Mutilated(f"gone-{number:02}.xlsx", packed(rest), may)
        twice = [*parts.items(), (name, parts[name])]
        yield Mutilated(f"twice-{number:02}.xlsx", packed(twice), "refuse")


def _mangled_xml(good: bytes) -> Iterator[Mutilated]:
    entity = b'<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
    for number, (name, content) in enumerate(parts_of(good).items()):
        middle = len(content) // 2
        declared, _, body = content.partition(b"?>")
        spoiled = {
            "half": content[:middle],
            "tag": content[:middle] + b"<" + content[middle:],
            "sign": content[:middle] + b"\x00\x01" + content[middle:],
            "entity": declared + b"?>" + entity + body,
            "utf16": (entity + body).decode("utf-8").encode("utf-16"),
            "empty": b"",
            "deep": declared + b"?>" + b"<a>" * 5000 + b"</a>" * 5000,
        }
        for kind, fresh in spoiled.items():
            parts = parts_of(good) | {name: fresh}
            yield Mutilated(f"xml-{number:02}-{kind}.xlsx", packed(list(parts.items())), "refuse")


def _names(good: bytes) -> Iterator[Mutilated]:
    names = ("../evil.txt", "/evil.txt", "C:\\evil.txt", "..\\evil.txt", "xl/../../evil.txt")
    for number, name in enumerate(names):
        parts = [*parts_of(good).items(), (name, b"evil")]
        yield Mutilated(f"name-{number}.xlsx", packed(parts), "refuse")
    many = [*parts_of(good).items(), *((f"xl/media/{n}.bin", b"") for n in range(6000))]
    yield Mutilated("many-parts.xlsx", packed(many), "refuse")
    yield Mutilated("bz2.xlsx", packed(list(parts_of(good).items()), zipfile.ZIP_BZIP2), "refuse")
    locked = bytearray(good)
    place = good.rindex(b"PK\x01\x02")
    locked[place + 8] |= 1  # the flag of an encrypted part
    yield Mutilated("locked-part.xlsx", bytes(locked), "refuse")


def _other_files(good: bytes) -> Iterator[Mutilated]:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    for name, stream in (("old.xls", "Workbook"), ("letter.doc", "WordDocument")):
        content = ole + f"{stream}\0".encode("utf-16-le") + b"\0" * 600
        yield Mutilated(name, content, "refuse")
        yield Mutilated(f"renamed-{name}.xlsx", content, "refuse")
    secret = ole + "EncryptionInfo\0EncryptedPackage\0".encode("utf-16-le")
    yield Mutilated("password.xlsx", secret, "refuse")
    yield Mutilated("ole.xlsx", ole, "refuse")
    yield Mutilated("page.xls", b"<html><table><tr><td>1</td></tr></table></html>", "refuse")
    yield Mutilated("scan.pdf.xlsx", b"%PDF-1.7 ...", "refuse")
    yield Mutilated("text.xlsx", "Huyện,Giá trị\nA,1\n".encode(), "refuse")
    yield Mutilated("noise.xlsx", random.Random(1).randbytes(5000), "refuse")
    yield Mutilated("zeros.csv", b"\0" * 1000, "refuse")
    yield Mutilated("~$good.xlsx", good, "refuse")
    yield Mutilated("good.ods", packed([("mimetype", b"x"), ("content.xml", b"<a/>")]), "refuse")
    yield Mutilated("letter.docx", packed([("word/document.xml", b"<a/>")]), "refuse")
    yield Mutilated("binary.xlsb", packed([("xl/workbook.bin", b"x")]), "refuse")
    yield Mutilated("pictures.zip.xlsx", packed([("a.png", b"x")]), "refuse")
    yield Mutilated("workbook-named.csv", good, "same")


def _odd_workbooks(good: bytes) -> Iterator[Mutilated]:
    parts = list(parts_of(good).items())
    macro = [*parts, ("xl/vbaProject.bin", b"Sub Auto_Open()")]
    yield Mutilated("macros.xlsm", packed(macro), "same")
    linked = [*parts, ("xl/externalLinks/externalLink1.xml", b"<externalLink/>")]
    yield Mutilated("links.xlsx", packed(linked), "same")
    fed = [*parts, ("xl/connections.xml", b"<connections/>")]
    yield Mutilated("connections.xlsx", packed(fed), "same")
    name = 'name="Số liệu"'.encode()
    yield Mutilated("hidden.xlsx", changed(good, book=(name, name + b' state="hidden"')), "any")
    odd = b'name="..\\..\\&lt;b&gt;\'=cmd|"'
    yield Mutilated("sheet-name.xlsx", changed(good, book=(name, odd)), "any")
    twin = changed(good, book=("Ghi chú".encode(), "Số liệu".encode()))
    yield Mutilated("twin-sheets.xlsx", twin, "refuse")
    missing = changed(good, links=(b"worksheets/sheet2.xml", b"worksheets/sheet9.xml"))
    yield Mutilated("sheet-missing.xlsx", missing, "refuse")
    outside = changed(good, links=(b"worksheets/sheet2.xml", b"../../../etc/passwd"))
    yield Mutilated("sheet-outside.xlsx", outside, "refuse")
    strict = (
        b"schemas.openxmlformats.org/spreadsheetml/2006",
        b"purl.oclc.org/ooxml/spreadsheetml",
    )
    yield Mutilated("strict.xlsx", changed(good, sheet=strict), "refuse")
    yield Mutilated("style.xlsx", changed(good, sheet=(b's="1"', b's="99"')), "refuse")
    yield Mutilated("string.xlsx", changed(good, sheet=(b"<v>0</v>", b"<v>9999</v>")), "refuse")
    yield Mutilated("text-number.xlsx", with_rows(good, _cell("<v>NaN</v>")), "refuse")
    yield Mutilated("date-1904.xlsx", changed(good, book=(b"<workbookPr", _1904)), "any")
    for number, value in enumerate(("1e999", "-1e999", "9" * 300, "-5", "1E-320")):
        yield Mutilated(f"value-{number}.xlsx", with_rows(good, _cell(f"<v>{value}</v>")), "any")
    yield Mutilated("no-cells.xlsx", with_rows(_without_second(good), b""), "refuse")
    yield Mutilated("no-result.xlsx", with_rows(good, _cell("<f>1+1</f>")), "any")
    back = b'<row r="5"><c r="A5"><v>1</v></c></row><row r="4"><c r="A4"><v>2</v></c></row>'
    yield Mutilated("rows-back.xlsx", with_rows(good, back), "refuse")
    twice = b'<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>'
    yield Mutilated("cell-twice.xlsx", with_rows(good, twice), "refuse")
    far = b"".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>'.encode() for n in range(1, 400))
    yield Mutilated("far-cells.xlsx", with_rows(good, far), "refuse")
    wide = b'<mergeCell ref="A1:XFD1048576"/><mergeCell '
    yield Mutilated("merged.xlsx", changed(good, sheet=(b"<mergeCell ", wide)), "either")


_1904 = b'<workbookPr date1904="1"'


def _cell(inside: str) -> bytes:
    return f'<row r="1"><c r="A1">{inside}</c></row>'.encode()


def _without_second(good: bytes) -> bytes:
    """Return the workbook with nothing in its second sheet."""
    parts = parts_of(good)
    name = "xl/worksheets/sheet2.xml"
    head, _, rest = parts[name].partition(b"<sheetData>")
    parts[name] = head + b"<sheetData>" + b"</sheetData>" + rest.partition(b"</sheetData>")[2]
    return packed(list(parts.items()))


def costly() -> Iterator[Mutilated]:
    """Yield the cases that take seconds to make."""
    good = good_workbook()
    parts = list(parts_of(good).items())
    blank = b'<c r="%s%d" s="1"/>'
    letters = [bytes([65 + n]) for n in range(26)]
    rows = b"".join(
        b'<row r="%d">%s</row>' % (n, b"".join(blank % (letter, n) for letter in letters))
        for n in range(1, 110_000)
    )
    yield Mutilated("blanks-50-mb.xlsx", with_rows(good, rows), "refuse")
    zeros = b"\0" * 300_000_000
    yield Mutilated("bomb.xlsx", packed([*parts, ("xl/media/a.bin", zeros)]), "refuse")
    spaces = dict(parts)
    spaces[SHEET] = spaces[SHEET].replace(b"<sheetData>", b" " * 80_000_000 + b"<sheetData>")
    yield Mutilated("bomb-sheet.xlsx", packed(list(spaces.items())), "refuse")
    lying = bytearray(packed([*parts, ("xl/media/a.bin", b"\0" * 100_000_000)]))
    place = bytes(lying).rindex(b"PK\x01\x02")
    lying[place + 24 : place + 28] = (10).to_bytes(4, "little")  # the size it declares
    yield Mutilated("bomb-lying.xlsx", bytes(lying), "refuse")
    several = [(f"xl/media/{n}.bin", random.Random(n).randbytes(9) * 1_000_000) for n in range(30)]
    yield Mutilated("bomb-in-pieces.xlsx", packed([*parts, *several]), "refuse")
    yield Mutilated("too-large.xlsx", good + random.Random(2).randbytes(51_000_000), "refuse")
