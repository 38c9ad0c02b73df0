"""Files that districts send: read right or refused clearly, whatever was done to them."""

from __future__ import annotations

import codecs
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from mutilate import (
    Mutilated,
    changed,
    costly,
    good_workbook,
    mutilated,
    packed,
    parts_of,
    with_rows,
)

from kts_analysis.errors import Problem, ProblemsError
from kts_analysis.ingest import part_scan
from kts_analysis.ingest.cells import Cell, Grid, place_of, ref_of
from kts_analysis.ingest.grids import open_grids

TESTS = Path(__file__).resolve().parent
SECONDS_A_FILE = 20
CASES = {case.name: case for case in mutilated()}


@pytest.fixture
def put(tmp_path: Path) -> Any:
    """Return a function that writes a file and opens it."""

    def make(content: bytes | str, name: str = "a.xlsx", **options: Any) -> list[Grid]:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return open_grids(path, **options)

    return make


def values(grid: Grid) -> dict[str, Any]:
    return {cell.ref: cell.value for cell in grid.cells.values()}


def refusal_of(put: Any, content: bytes | str, name: str = "a.xlsx", **options: Any) -> Problem:
    with pytest.raises(ProblemsError) as caught:
        put(content, name, **options)
    (problem,) = caught.value.problems
    assert problem.file == name
    return problem


def book_of(fill: Any) -> bytes:
    """Return a workbook whose first sheet a function fills."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    fill(book, book.add_worksheet("Trang 1"))
    book.close()
    return target.getvalue()


# --- what is read ---------------------------------------------------------------------------------


def test_cells_have_their_values_formats_and_places(put: Any) -> None:
    first, second = put(good_workbook())
    assert (first.file, first.sheet, second.sheet) == ("a.xlsx", "Số liệu", "Ghi chú")
    assert (first.last_row, first.last_column) == (42, 7)
    assert first.at(2, 1) == Cell("Huyện 1", ref="A2")
    assert first.at(2, 4) == Cell(101, ref="D2")
    assert first.at(2, 6) == Cell(1.5, formula=True, ref="F2")
    assert first.at(2, 7) == Cell(datetime(2024, 6, 2), number_format="dd/mm/yyyy", ref="G2")
    assert first.at(42, 4).value is True
    assert first.at(99, 99) == Cell(ref="CU99") and first.at(99, 99).blank
    assert values(second) == {"B2": "Số liệu do huyện báo cáo"}
    assert [cell.value for cell in first.row(1)][:2] == ["Huyện", "Chỉ tiêu"]
    assert first.notes == ()


def test_a_merged_value_is_seen_in_all_its_cells(put: Any) -> None:
    (grid, _) = put(good_workbook())
    assert grid.merged == ((42, 1, 42, 3),)
    assert [grid.at(42, column).value for column in (1, 2, 3)] == ["Tổng cộng"] * 3
    assert grid.at(42, 3).ref == "C42" and (42, 3) not in grid.cells


def test_hidden_rows_columns_and_sheets_are_told(put: Any) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, [1, 2, 3, 4])
        sheet.set_row(4, None, None, {"hidden": True})
        sheet.set_column("B:C", None, None, {"hidden": True})
        other = book.add_worksheet("Ẩn")
        other.write(0, 0, "x")
        other.very_hidden()

    shown, hidden = put(book_of(fill))
    assert (shown.hidden_rows, shown.hidden_columns) == ({5}, {2, 3})
    assert (shown.hidden, hidden.hidden) == (False, True)


def test_a_formula_without_a_stored_result_is_not_blank_and_not_a_value(put: Any) -> None:
    (grid, _) = put(with_rows(good_workbook(), b'<row r="1"><c r="A1"><f>1+1</f></c></row>'))
    assert grid.cells == {(1, 1): Cell(None, formula=True, stored=False, ref="A1")}
    assert not grid.at(1, 1).blank
    (note,) = grid.notes
    assert note.severity == "warning" and note.place() == "a.xlsx, sheet 'Số liệu'"
    assert "1 formulas have no stored result" in note.text()


def test_an_empty_value_is_no_stored_result(put: Any) -> None:
    row = b'<row r="1"><c r="A1"><f>1+1</f><v></v></c><c r="B1"><f>1</f><v>1</v></c></row>'
    (grid, _) = put(with_rows(good_workbook(), row))
    assert not grid.at(1, 1).stored and grid.at(1, 2).stored and grid.at(1, 2).value == 1


def test_an_empty_text_from_a_formula_is_a_stored_result(put: Any) -> None:
    row = b'<row r="1"><c r="A1" t="str"><f>""</f><v></v></c><c r="B1"><v>7</v></c></row>'
    (grid, _) = put(with_rows(good_workbook(), row))
    assert grid.at(1, 2).value == 7 and not grid.notes


def test_cells_without_names_are_counted(put: Any) -> None:
    row = b'<row><c><v>1</v></c><c><f>A1</f><v>2</v></c></row><row><c r="C2"><v>3</v></c></row>'
    (grid, _) = put(with_rows(good_workbook(), row))
    assert values(grid) == {"A1": 1, "B1": 2, "C2": 3}
    assert grid.at(1, 2).formula and not grid.at(1, 1).formula


def test_dates_of_the_1904_system_are_moved(put: Any) -> None:
    book = changed(good_workbook(), book=(b"<workbookPr", b'<workbookPr date1904="1"'))
    assert put(book)[0].at(2, 7).value == datetime(2028, 6, 3)


@pytest.mark.parametrize(
    ("raw", "value"),
    [("1e999", "inf"), ("-1e999", "-inf"), ("9" * 300, int("9" * 300)), ("1E-320", 1e-320)],
)
def test_numbers_beyond_excel_are_no_numbers_to_compute_with(
    put: Any, raw: str, value: object
) -> None:
    (grid, _) = put(with_rows(good_workbook(), f"<row><c><v>{raw}</v></c></row>".encode()))
    assert grid.at(1, 1).value == value and type(grid.at(1, 1).value) is type(value)


def test_a_day_that_cannot_be_is_an_error_value(put: Any) -> None:
    row = b'<row r="1"><c r="A1" s="1"><v>9999999999</v></c></row>'
    assert put(with_rows(good_workbook(), row))[0].at(1, 1).value == "#VALUE!"


def test_odd_words_beside_the_cells_do_not_matter(put: Any) -> None:
    good = good_workbook()
    odd = b'<dataValidations><dataValidation type="odd" sqref="A1"/></dataValidations><pageMargins'
    grids = put(changed(good, sheet=(b"<pageMargins", odd)))
    assert [grid.cells for grid in grids] == [grid.cells for grid in put(good)]


def test_text_is_in_normal_form(put: Any) -> None:
    decomposed = "Nam \u0110i\u0323nh"
    (grid,) = put(book_of(lambda book, sheet: sheet.write(0, 0, decomposed)))
    assert grid.at(1, 1).value == "Nam Định"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("xl/vbaProject.bin", b"Sub Auto_Open()", "macros"),
        ("xl/externalLinks/externalLink1.xml", b"<externalLink/>", "other files"),
        ("xl/connections.xml", b"<connections/>", "data connections"),
    ],
)
def test_what_is_left_out_is_said(put: Any, name: str, content: bytes, said: str) -> None:
    good = good_workbook()
    grids = put(packed([*parts_of(good).items(), (name, content)]), "a.xlsm")
    assert [grid.cells for grid in grids] == [grid.cells for grid in put(good)]
    (note,) = grids[0].notes
    assert said in note.text() and note.severity == "warning" and not grids[1].notes


def test_chart_sheets_are_left_out(put: Any) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_column(0, 0, [1, 2])
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "='Trang 1'!$A$1:$A$2"})
        book.add_chartsheet("Biểu đồ").set_chart(chart)

    assert [grid.sheet for grid in put(book_of(fill))] == ["Trang 1"]


# --- CSV ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_csv_file_is_a_grid_like_any_other(put: Any, separator: str, encoding: str) -> None:
    lines = [["Huyện", "Giá trị"], ['Hải "H" Hậu', f"8{separator}5"], ["", " "], ["x\ny", "0"]]
    text = "\r\n".join(
        separator.join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines
    )
    (grid,) = put(text.encode(encoding), "Quý I.csv")
    assert (grid.file, grid.sheet) == ("Quý I.csv", "Quý I")
    assert values(grid) == {
        "A1": "Huyện",
        "B1": "Giá trị",
        "A2": 'Hải "H" Hậu',
        "B2": f"8{separator}5",
        "A4": "x\ny",
        "B4": "0",
    }


def test_the_separator_excel_declares_goes_before_all(put: Any) -> None:
    assert values(put("sep=;\na,b;c\n1;2", "a.csv")[0]) == {
        "A2": "a,b",
        "B2": "c",
        "A3": "1",
        "B3": "2",
    }


def test_an_undecided_separator_is_asked_about(put: Any) -> None:
    assert "as many" in refusal_of(put, "a,b;c\n1,2;3", "a.csv").text()


def test_windows_vietnamese_is_read_only_when_declared(put: Any) -> None:
    content = "Nam Đi\u0323nh;Hà Nô\u0323i".encode("cp1258")
    assert "cp1258" in refusal_of(put, content, "a.csv").text()
    (grid,) = put(content, "a.csv", encoding="cp1258")
    assert values(grid) == {"A1": "Nam Định", "B1": "Hà Nội"}
    assert "unknown encoding" in refusal_of(put, content, "a.csv", encoding="tcvn3").text()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\n\n ,\n", "empty"),
        (b'a,b\n"1,2\n', "line 2"),
        (b"a,b\n1\x00,2", "zero bytes"),
        (codecs.BOM_UTF16_LE + b"a", "utf-16"),
        (b"," * (part_scan.MAX_CELLS + 1), str(part_scan.MAX_CELLS)),
    ],
)
def test_broken_csv_files_are_refused(put: Any, content: bytes, said: str) -> None:
    assert said in refusal_of(put, content, "a.csv").text()


@given(
    st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), max_size=4))
)
def test_any_text_is_a_grid_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_bytes("\n".join(";".join(row) for row in rows).encode())
    try:
        (grid,) = open_grids(path)
    except ProblemsError as error:
        assert len(error.problems) == 1
    else:
        assert grid.cells and all(cell.value.strip() for cell in grid.cells.values())


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "said", "to_do"),
    [
        ("old.xls", "old Excel workbook", ".xlsx"),
        ("renamed-letter.doc.xlsx", "Word document", "table"),
        ("password.xlsx", "password", "without a password"),
        ("good.ods", "OpenDocument", ".xlsx"),
        ("binary.xlsb", ".xlsb", ".xlsx"),
        ("~$good.xlsx", "while a workbook is open", "close"),
        ("page.xls", "web page", ".xlsx"),
        ("name-0.xlsx", "'../evil.txt'", "ask the sender"),
        ("twice-00.xlsx", "twice", "ask the sender"),
        ("many-parts.xlsx", "6011 parts", "ask the sender"),
        ("locked-part.xlsx", "password", "without a password"),
        ("cut-62.xlsx", "damaged or cut off", "again"),
        ("xml-00-entity.xlsx", "document type", "ask the sender"),
        ("xml-00-deep.xlsx", "without end", "ask the sender"),
        ("far-cells.xlsx", "too far apart", "delete"),
        ("strict.xlsx", "Strict", ".xlsx"),
        ("sheet-missing.xlsx", "'Ghi chú'", "again"),
        ("no-cells.xlsx", "no sheet with anything", "ask"),
    ],
)
def test_a_refusal_says_what_it_is_and_what_to_do(
    put: Any, name: str, said: str, to_do: str
) -> None:
    problem = refusal_of(put, CASES[name].content, name)
    assert said in problem.text() and problem.remedy is not None and to_do in problem.remedy


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    for path, said in ((tmp_path, "not a file"), (tmp_path / "x.xlsx", "no such file")):
        with pytest.raises(ProblemsError, match=said):
            open_grids(path)


def test_limits_hold_for_all_sheets_together(put: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(book: Any, sheet: Any) -> None:
        for place in (sheet, book.add_worksheet()):
            place.write_row(0, 0, [1, 2, 3])

    book = book_of(fill)
    assert len(put(book)) == 2
    monkeypatch.setattr(part_scan.Budget.__init__, "__defaults__", (5, 4000))
    assert "cells" in refusal_of(put, book).text()
    monkeypatch.setattr(part_scan.Budget.__init__, "__defaults__", (5000, 7))
    assert "apart" in refusal_of(put, book).text()


def opened(folder: Path, cases: Iterable[Mutilated]) -> dict[str, dict[str, Any]]:
    """Open all cases in a process of its own and return what came of each."""
    inside = folder / "in"
    inside.mkdir()
    named = list(cases)
    for case in named:
        (inside / case.name).write_bytes(case.content)
    places = {name: str(folder) for name in ("TMPDIR", "TEMP", "TMP", "HOME", "USERPROFILE")}
    before = sorted(folder.rglob("*"))
    done = subprocess.run(
        [sys.executable, "-B", str(TESTS / "open_all.py"), str(inside)],
        cwd=folder,
        env=os.environ | places | {"PYTHONPATH": str(TESTS.parent), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(folder.rglob("*")) == before
    for case in named:
        assert (inside / case.name).read_bytes() == case.content
    results = {result["name"]: result for result in map(json.loads, done.stdout.splitlines())}
    assert len(results) == len(named)
    return results


def check(cases: list[Mutilated], results: dict[str, dict[str, Any]], same: Any) -> None:
    for case in cases:
        result = results[case.name]
        assert result["written"] == [], case.name
        assert result["seconds"] < SECONDS_A_FILE, case.name
        refused = "refused" in result
        assert refused or case.may != "refuse", case.name
        assert not refused or case.may in ("refuse", "either"), (case.name, result)
        if refused:
            assert result["refused"].startswith(f"{case.name}: "), case.name
        elif case.may != "any":
            assert result["read"] == same, case.name


def test_every_mutilated_workbook_is_refused_or_read_right(tmp_path: Path) -> None:
    cases = list(CASES.values())
    assert len(cases) >= 200 and len({name.lower() for name in CASES}) == len(cases)
    results = opened(tmp_path, cases)
    same = results["good.xlsx"]["read"]
    assert same["Số liệu"]["F2"] == "1.5"
    check(cases, results, same)
    kinds = {case.may for case in cases if "read" in results[case.name]}
    assert kinds == {"same", "either", "any"}


def test_the_mutilations_are_the_same_each_time() -> None:
    assert [case for case in mutilated() if CASES[case.name] != case] == []


@pytest.mark.slow
def test_costly_files_are_refused_in_time(tmp_path: Path) -> None:
    cases = list(costly())
    check(cases, opened(tmp_path, cases), None)


@given(st.integers(1, 1_048_576), st.integers(1, 16_384))
def test_names_of_cells_come_back(row: int, column: int) -> None:
    assert place_of(ref_of(row, column)) == (row, column)


@pytest.mark.parametrize("text", ["", "7", "A0", "A1048577", "XFE1", "a1", "A1:B2", "AAAA1"])
def test_other_texts_are_no_cells(text: str) -> None:
    with pytest.raises(ValueError, match="not a cell"):
        place_of(text)
