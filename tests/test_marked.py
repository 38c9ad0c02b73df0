"""Marked copies: faults in their cells and on a list, the original untouched."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from mutilate import changed, good_workbook
from openpyxl import load_workbook
from openpyxl.comments import Comment
from test_template import made as made

from kts_analysis.errors import KtsError, Problem, ProblemsError
from kts_analysis.i18n import Messages
from kts_analysis.ingest.grids import open_grids
from kts_analysis.ingest.marked import AUTHOR, write_marked
from kts_analysis.ingest.template_reading import read_template
from kts_analysis.registry import Registry

SHEET = "Số liệu"
LIST = "Lỗi cần sửa"


def problem(cell: str | None = "D2", severity: str = "error", **more: object) -> Problem:
    fields = {"sheet": SHEET, "cell": cell, "severity": severity, "found": "101"} | more
    return Problem("a.xlsx", "numerator {found} is above denominator {below}", **fields)  # type: ignore[arg-type]


PROBLEMS = [
    problem("E3", "warning", params={"below": "1"}, remedy="choose from the list"),
    problem("D2", params={"below": "7"}),
    problem("D2", "warning", params={"below": "8"}),
    problem("B42", params={"below": "9"}),
    problem(None, sheet=None, row=3, params={"below": "10"}),
    problem("D2", sheet="Không có", params={"below": "11"}),
    problem("ZZZ9", params={"below": "12"}),
]


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    path = tmp_path / "gửi lên.xlsx"
    path.write_bytes(good_workbook())
    return path


def colour(cell: object) -> str | None:
    fill = cell.fill  # type: ignore[attr-defined]
    return fill.start_color.rgb if fill.fill_type == "solid" else None


def test_cells_are_marked_with_what_is_wrong(sent: Path, tmp_path: Path) -> None:
    book = load_workbook(write_marked(sent, PROBLEMS, tmp_path / "out.xlsx"))
    sheet = book[SHEET]
    marked = {c.coordinate: c for row in sheet.iter_rows() for c in row if c.comment is not None}
    assert sorted(marked) == ["A42", "D2", "E3"]  # B42 lies in a merged area
    assert {ref: colour(cell) for ref, cell in marked.items()} == {
        "A42": "FFFFC7CE",
        "D2": "FFFFC7CE",
        "E3": "FFFFEB9C",
    }
    assert {cell.comment.author for cell in marked.values()} == {AUTHOR}
    assert marked["D2"].comment.text.splitlines() == [
        "tử số 101 lớn hơn mẫu số 7",
        "tử số 101 lớn hơn mẫu số 8",
    ]
    assert marked["E3"].comment.text == "tử số 101 lớn hơn mẫu số 1; hãy chọn trong danh sách"
    assert sum(colour(c) is not None for row in sheet.iter_rows() for c in row) == 3
    assert sheet["F2"].value == "=100*D2/E2" and sheet["D2"].value == 101


def test_all_problems_are_listed_errors_first_with_links(sent: Path, tmp_path: Path) -> None:
    book = load_workbook(write_marked(sent, PROBLEMS, tmp_path / "out.xlsx"))
    assert book.sheetnames == [LIST, SHEET, "Ghi chú"] and book.active.title == LIST
    sheet = book[LIST]
    assert sheet["A1"].value == "5 lỗi cần sửa, 2 cảnh báo cần xem lại"
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(4)]
    assert [row[0] for row in rows] == [1, 2, 3, 4, 5, 6, 7]
    assert [row[1] for row in rows] == ["lỗi"] * 5 + ["cảnh báo"] * 2
    assert rows[0][2:] == ["a.xlsx, trang 'Số liệu', D2", "tử số 101 lớn hơn mẫu số 7"]
    links = [row[2].hyperlink and row[2].hyperlink.location for row in sheet.iter_rows(4)]
    here = f"'{SHEET}'!"
    assert links == [f"{here}D2", f"{here}B42", None, None, None, f"{here}E3", f"{here}D2"]
    english = load_workbook(write_marked(sent, PROBLEMS, tmp_path / "en.xlsx", lang="en"))
    assert english["To be mended"]["A1"].value.startswith("5 errors")


def test_the_original_stays_and_the_bytes_are_the_same(sent: Path, tmp_path: Path) -> None:
    before = hashlib.sha256(sent.read_bytes()).hexdigest()
    copies = [write_marked(sent, PROBLEMS, tmp_path / name) for name in ("1.xlsx", "2.xlsx")]
    assert copies[0].read_bytes() == copies[1].read_bytes()
    assert hashlib.sha256(sent.read_bytes()).hexdigest() == before
    with pytest.raises(KtsError, match="original"):
        write_marked(sent, PROBLEMS, sent)
    with pytest.raises(KtsError, match=r"\.xlsx"):
        write_marked(sent, PROBLEMS, tmp_path / "a.xls")
    assert hashlib.sha256(sent.read_bytes()).hexdigest() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.xlsx", "2.xlsx", sent.name]


def test_a_marked_copy_that_comes_back_is_marked_anew(sent: Path, tmp_path: Path) -> None:
    first = write_marked(sent, PROBLEMS, tmp_path / "1.xlsx")
    book = load_workbook(write_marked(first, PROBLEMS[:1], tmp_path / "2.xlsx"))
    assert book.sheetnames == [LIST, SHEET, "Ghi chú"]
    sheet = book[SHEET]
    assert [c.coordinate for row in sheet.iter_rows() for c in row if c.comment] == ["E3"]
    assert colour(sheet["D2"]) is None and colour(sheet["E3"]) == "FFFFEB9C"
    assert book[LIST].max_row == 4
    again = load_workbook(write_marked(tmp_path / "2.xlsx", [], tmp_path / "3.xlsx"))
    assert colour(again[SHEET]["E3"]) is None


def test_a_note_of_the_sender_is_kept(sent: Path, tmp_path: Path) -> None:
    book = load_workbook(sent)
    book[SHEET]["D2"].comment = Comment("số sơ bộ", "Phòng VHTT")
    book.save(sent)
    marked = load_workbook(write_marked(sent, PROBLEMS[1:2], tmp_path / "1.xlsx"))
    assert marked[SHEET]["D2"].comment.text == "tử số 101 lớn hơn mẫu số 7\nsố sơ bộ"


def test_a_csv_file_becomes_a_marked_workbook(tmp_path: Path) -> None:
    path = tmp_path / "quý [1].csv"
    path.write_text("Huyện;Giá trị\n=1+1;8\x07\n", encoding="utf-8")
    (grid,) = open_grids(path)
    fault = problem("B2", sheet=grid.sheet, params={"below": "=cmd"}, found="=2+2\x01")
    book = load_workbook(write_marked(path, [fault], tmp_path / "out.xlsx"))
    sheet = book.worksheets[1]
    assert (sheet.title, sheet["A2"].value, sheet["A2"].data_type) == ("quý  1", "=1+1", "s")
    assert sheet["B2"].value == "8 " and colour(sheet["B2"]) == "FFFFC7CE"
    assert sheet["B2"].comment.text == "tử số =2+2  lớn hơn mẫu số =cmd"


def test_a_workbook_only_its_cells_can_be_read_of_is_marked_too(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    check = b'<dataValidations><dataValidation type="odd" sqref="A1"/></dataValidations>'
    path.write_bytes(changed(good_workbook(), sheet=(b"<pageMargins", check + b"<pageMargins")))
    with pytest.raises(ValueError, match="could not read worksheets"):
        load_workbook(path)
    book = load_workbook(write_marked(path, PROBLEMS, tmp_path / "out.xlsx"))
    assert colour(book[SHEET]["D2"]) == "FFFFC7CE" and book[SHEET]["A1"].value == "Huyện"
    assert book[LIST]["A2"].value.startswith("Bản này chỉ có giá trị")


def test_a_marked_template_is_still_a_template(
    made: Path, registry: Registry, tmp_path: Path
) -> None:
    book = load_workbook(made)
    book["366 Huyện Hải Hậu"]["K33"].value = 5
    book.save(tmp_path / "nop.xlsx")
    rows, _ = read_template(open_grids(tmp_path / "nop.xlsx"), registry)
    fault = problem("K33", sheet=rows[0].sheet, params={"below": "1"})
    marked = write_marked(tmp_path / "nop.xlsx", [fault], tmp_path / "out.xlsx")
    again, problems = read_template(open_grids(marked), registry)
    assert problems == [] and [(row.row, row.indicator) for row in again] == [(33, "XHS09")]
    sheet = load_workbook(marked)[rows[0].sheet]
    assert sheet.protection.sheet and not sheet["K33"].protection.locked
    assert colour(sheet["K33"]) == "FFFFC7CE"
    assert len(sheet.data_validations.dataValidation) == len(
        load_workbook(made)[rows[0].sheet].data_validations.dataValidation
    )


def test_a_file_that_is_refused_has_no_marked_copy(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(ProblemsError, match=r"a\.xlsx"):
        write_marked(path, PROBLEMS, tmp_path / "out.xlsx")
    assert [item.name for item in tmp_path.iterdir()] == ["a.xlsx"]


def test_places_of_problems_in_workbooks_and_elsewhere() -> None:
    one = problem("B7", params={"below": "1"}, remedy="choose from the list")
    assert one.place() == "a.xlsx, sheet 'Số liệu', B7"
    assert one.text() == (
        "a.xlsx, sheet 'Số liệu', B7: numerator 101 is above denominator 1; choose from the list"
    )
    assert one.text(Messages("vi")).startswith("a.xlsx, trang 'Số liệu', B7: tử số 101")
    assert problem(None).place() == "a.xlsx, sheet 'Số liệu'"
    assert problem("B7", sheet=None, column="value").place() == "a.xlsx, B7 [value]"
    assert Problem("a.csv", "x", 3, "value").place() == "a.csv:3 [value]"
