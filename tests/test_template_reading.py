"""Templates that come back: filled rows with their places, and every damage noticed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from test_template import made as made  # the same template

from kts_analysis.errors import Problem
from kts_analysis.ingest.cells import ref_of
from kts_analysis.ingest.grids import open_grids
from kts_analysis.ingest.template_layout import FIRST_ROW, index_of
from kts_analysis.ingest.template_reading import RawRow, is_template, read_template
from kts_analysis.registry import Registry

SHEET = "366 Huyện Hải Hậu"
Fill = Callable[[Workbook], object]
Back = Callable[[Fill], tuple[list[RawRow], list[Problem]]]


@pytest.fixture
def back(made: Path, registry: Registry, tmp_path: Path) -> Back:
    """Return a function that changes the template and reads it."""

    def make(fill: Fill) -> tuple[list[RawRow], list[Problem]]:
        book = load_workbook(made)
        fill(book)
        book.save(tmp_path / "nop.xlsx")
        return read_template(open_grids(tmp_path / "nop.xlsx"), registry)

    return make


def line_of(book: Workbook, indicator: str, period: str, sheet: str = SHEET) -> int:
    """Return the line of an indicator and period."""
    table = book[sheet]
    for line in range(FIRST_ROW, table.max_row + 1):
        cells = [table.cell(line, index_of(key)).value for key in ("indicator", "period")]
        if cells == [indicator, period]:
            return line
    raise LookupError(indicator)


def put(book: Workbook, indicator: str, period: str, /, **cells: Any) -> int:
    """Write into a row of the district and return its line."""
    sheet = cells.pop("sheet", SHEET)
    line = line_of(book, indicator, period, sheet)
    for key, value in cells.items():
        book[sheet].cell(line, index_of(key)).value = value
    return line


def texts(problems: list[Problem]) -> list[str]:
    return [f"{problem.severity}: {problem.text()}" for problem in problems]


def test_an_untouched_template_has_no_filled_row(back: Back) -> None:
    assert back(lambda book: None) == ([], [])


def test_filled_rows_come_back_with_their_places(back: Back) -> None:
    def fill(book: Workbook) -> None:
        day = datetime(2025, 2, 14)
        cells = {"numerator": 51, "denominator": 60.5, "denominator_concept": "Trường"}
        more = {"qualifier": "Ước tính", "vintage": day, "source": "BC 12/BC-UBND"}
        put(book, "XHS09", "2022", **cells, **more)

    (row,), problems = back(fill)
    assert texts(problems) == [
        "warning: nop.xlsx, sheet '366 Huyện Hải Hậu', J33: 'Trường' is not among the "
        "denominators used so far; kept as written"
    ]
    assert (row.file, row.sheet, row.row) == ("nop.xlsx", SHEET, 33)
    assert (row.area, row.indicator, row.breakdown, row.period) == ("366", "XHS09", "", "2022")
    assert {key: cell.value for key, cell in row.cells.items()} == {
        "numerator": 51,
        "denominator": 60.5,
        "denominator_concept": "Trường",
        "value": None,
        "qualifier": "Ước tính",
        "series": "Báo cáo của huyện",
        "vintage": datetime(2025, 2, 14),
        "source": "BC 12/BC-UBND",
        "note": None,
    }
    assert row.cells["numerator"].ref == ref_of(33, index_of("numerator")) == "H33"
    codes = {"denominator_concept": "Trường", "qualifier": "estimate", "series": "district_report"}
    assert row.codes == codes and not row.corrects


def test_texts_are_handed_on_as_they_stand(back: Back) -> None:
    (row,), problems = back(lambda book: put(book, "XHS09", "2022", value="gần 80%"))
    assert row.cells["value"].value == "gần 80%" and problems == []
    assert row.codes["qualifier"] == ""


def test_a_sector_row_comes_back_with_its_sector(back: Back) -> None:
    def fill(book: Workbook) -> None:
        put(book, "KTS02", "2022", sheet="36 Tỉnh Nam Định", value=3)

    (row,), problems = back(fill)
    assert (row.area, row.indicator, row.breakdown) == ("36", "KTS02", "nong-nghiep")
    assert problems == []


def test_a_correction_of_a_stored_figure_is_told_apart(back: Back) -> None:
    (row,), problems = back(lambda book: put(book, "KTS04", "2024", numerator=805))
    assert row.corrects and row.cells["numerator"].value == 805 and problems == []
    assert row.codes["denominator_concept"] == "enterprises"


def test_a_cleared_stored_figure_is_said_and_changes_nothing(back: Back) -> None:
    empty = dict.fromkeys(("numerator", "denominator", "value"))
    rows, problems = back(lambda book: put(book, "KTS04", "2024", **empty))
    assert rows == [] and len(problems) == 1
    assert problems[0].severity == "warning" and "cleared" in problems[0].text()


def test_a_note_without_a_figure_is_said(back: Back) -> None:
    rows, problems = back(lambda book: put(book, "XHS09", "2022", note="chưa tổng hợp"))
    assert rows == [] and "no figure" in problems[0].text()
    assert back(lambda book: put(book, "XHS09", "2022", series=None)) == ([], [])


@pytest.mark.parametrize(
    ("fill", "cell", "said"),
    [
        (lambda book: put(book, "KTS01", "2024", value=12), "K6", "closed"),
        (lambda book: put(book, "XHS09", "2022", value=1, qualifier="chắc"), "M33", "'chắc'"),
        (lambda book: put(book, "XHS09", "2022", value=1, series="khác"), "N33", "'khác'"),
        (lambda book: put(book, "XHS09", "2022", value="=1+1"), "K33", "stored result"),
        (lambda book: put(book, "XHS09", "2022", value=1, indicator="XHS08"), "C33", "'XHS08'"),
        (lambda book: put(book, "XHS09", "2022", value=1, period="2025"), "F33", "'2025'"),
        (lambda book: put(book, "XHS09", "2022", value=1, area="Ý Yên (360)"), "B33", "360"),
        (lambda book: put(book, "XHS09", "2022", value=1, key=1), "A33", "key of this row, 1"),
        (lambda book: put(book, "XHS09", "2022", value=1, key="x"), "A33", "key of this row, x"),
    ],
)
def test_what_cannot_be_told_is_an_error_at_its_cell(
    back: Back, fill: Fill, cell: str, said: str
) -> None:
    rows, problems = back(fill)
    assert rows == []
    errors = [problem for problem in problems if problem.severity == "error"]
    assert [(problem.sheet, problem.cell) for problem in errors] == [(SHEET, cell)]
    assert said in errors[0].text()


def test_rows_below_the_table_are_errors(back: Back) -> None:
    def fill(book: Workbook) -> None:
        sheet = book[SHEET]
        sheet.cell(sheet.max_row + 3, index_of("value")).value = 77

    rows, (problem,) = back(fill)
    assert rows == [] and problem.severity == "error" and problem.cell == "K41"
    assert "not part of the template's table" in problem.text()


def test_a_deleted_row_is_noticed_and_the_others_are_read_right(back: Back) -> None:
    def fill(book: Workbook) -> None:
        put(book, "XHS09", "2022", value=5)
        book[SHEET].delete_rows(line_of(book, "XHS01", "2022"))

    (row,), (problem,) = back(fill)
    assert (row.indicator, row.period, row.row) == ("XHS09", "2022", 32)
    assert problem.severity == "warning"
    assert "1 rows were deleted, the first one 366 XHS01 2022" in problem.text()


def test_an_inserted_row_and_a_moved_column_change_nothing(back: Back) -> None:
    def fill(book: Workbook) -> None:
        put(book, "XHS09", "2022", value=5)
        book[SHEET].insert_rows(FIRST_ROW + 3)
        book[SHEET].insert_cols(index_of("value"))

    (row,), problems = back(fill)
    assert (row.indicator, row.period, row.cells["value"].value) == ("XHS09", "2022", 5)
    assert row.cells["value"].ref == "L34" and problems == []


def test_a_copied_row_is_not_read_twice(back: Back) -> None:
    def fill(book: Workbook) -> None:
        sheet, line = book[SHEET], put(book, "XHS09", "2022", value=5)
        below = sheet.max_row + 1
        for column in range(1, sheet.max_column + 1):
            sheet.cell(below, column).value = sheet.cell(line, column).value

    (row,), (problem,) = back(fill)
    assert row.row == 33 and "copy of row 33" in problem.text()


def test_a_deleted_column_keeps_the_sheet_from_being_read(back: Back) -> None:
    def fill(book: Workbook) -> None:
        put(book, "XHS09", "2022", value=5)
        book[SHEET].delete_cols(index_of("denominator"))

    rows, (problem,) = back(fill)
    assert rows == [] and problem.severity == "error" and problem.areas == ("366",)
    assert "Mẫu số" in problem.text()


def test_sheets_renamed_copied_deleted_and_added(back: Back) -> None:
    def rename(book: Workbook) -> None:
        put(book, "XHS09", "2022", value=5)
        book[SHEET].title = "Hải Hậu"

    (row,), (problem,) = back(rename)
    assert row.sheet == "Hải Hậu" and problem.severity == "warning"
    assert "was called '366 Huyện Hải Hậu'" in problem.text()

    def copy(book: Workbook) -> None:
        put(book, "XHS09", "2022", value=5)
        book.copy_worksheet(book[SHEET])

    (row,), (problem,) = back(copy)
    assert row.sheet == SHEET and problem.severity == "error" and "copy of sheet" in problem.text()

    (problem,) = back(lambda book: book.remove(book[SHEET]))[1]
    assert (problem.severity, problem.areas) == ("warning", ("366",))

    (problem,) = back(lambda book: book.create_sheet("Nháp").append([1]))[1]
    assert (problem.severity, problem.sheet) == ("warning", "Nháp")


def test_a_sheet_without_its_hidden_column_is_an_error(back: Back) -> None:
    def fill(book: Workbook) -> None:
        put(book, "XHS09", "2022", value=5)
        book[SHEET].delete_cols(1)

    rows, problems = back(fill)
    assert rows == [] and {problem.severity for problem in problems} == {"warning", "error"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("kts_template", "B1", "9"), "version 9"),
        (("kts_template", "C1", "khac"), "plan khac"),
        (("kts_template", "A4", "x"), "damaged"),
        (("kts_template", "H9", "{"), "damaged"),
        (("kts_template", "E1", "fr"), "damaged"),
    ],
)
def test_damaged_hidden_sheets_refuse_the_file(
    back: Back, change: tuple[str, str, str], said: str
) -> None:
    sheet, cell, value = change

    def fill(book: Workbook) -> None:
        put(book, "XHS09", "2022", value=5)
        book[sheet][cell].value = value

    rows, (problem,) = back(fill)
    assert rows == [] and said in problem.text() and problem.severity == "error"


def test_lists_and_table_that_are_gone(back: Back) -> None:
    assert "damaged" in back(lambda book: book.remove(book["kts_lists"]))[1][0].text()
    assert (
        "not a reporting template"
        in back(lambda book: book.remove(book["kts_template"]))[1][0].text()
    )


def test_any_other_workbook_is_no_template(tmp_path: Path, made: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert not is_template(open_grids(tmp_path / "a.csv"))
    assert is_template(open_grids(made))


# --- with a real spreadsheet program --------------------------------------------------------------


def office(folder: Path, path: Path, kind: str) -> Path:
    """Convert a file without a window, or skip."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("NOT RUN: no LibreOffice here")
    out = folder / kind
    profile = (folder / "profile").as_uri()
    options = [f"-env:UserInstallation={profile}", "--headless", "--convert-to", kind]
    done = subprocess.run(
        [program, *options, "--outdir", str(out), str(path)],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return out / f"{path.stem}.{kind}"


@pytest.mark.slow
def test_a_filled_template_survives_another_program(
    made: Path, registry: Registry, tmp_path: Path
) -> None:
    book = load_workbook(made)
    put(book, "XHS09", "2022", numerator=1, denominator=3, qualifier="ước tính", note="đợt 1")
    put(book, "XHS04", "2022", value=12.5, vintage=datetime(2024, 2, 29))
    book.save(tmp_path / "nop.xlsx")
    before, _ = read_template(open_grids(tmp_path / "nop.xlsx"), registry)
    grids = open_grids(office(tmp_path, tmp_path / "nop.xlsx", "xlsx"))
    after, problems = read_template(grids, registry)
    assert problems == [] and len(after) == 2

    def told(rows: list[RawRow]) -> list[Any]:
        return [
            (row.indicator, row.period, row.row, row.codes, row.corrects, cell.ref, cell.value)
            for row in rows
            for cell in row.cells.values()
        ]

    assert told(after) == told(before)
    grid = next(grid for grid in grids if grid.sheet == SHEET)
    computed = grid.at(33, index_of("computed"))
    assert computed.formula and computed.stored and computed.value == 33.3333
    assert grid.at(FIRST_ROW, index_of("computed")).value in (None, "")


@pytest.mark.slow
def test_the_untouched_template_survives_another_program(
    made: Path, registry: Registry, tmp_path: Path
) -> None:
    copy = office(tmp_path, made, "xlsx")
    assert read_template(open_grids(copy), registry) == ([], [])
    ours, theirs = ({g.sheet: g for g in open_grids(path)} for path in (made, copy))
    assert list(ours) == list(theirs)
    for name, grid in ours.items():
        other = theirs[name]
        assert {p: c.value for p, c in grid.cells.items() if not c.blank and not c.formula} == {
            p: c.value for p, c in other.cells.items() if not c.blank and not c.formula
        }
        assert (grid.hidden, grid.hidden_rows) == (other.hidden, other.hidden_rows)
    sheet = load_workbook(copy)[SHEET]
    assert sheet.protection.sheet and not sheet.cell(33, index_of("value")).protection.locked


@pytest.mark.slow
def test_the_template_prints(made: Path, tmp_path: Path) -> None:
    content = office(tmp_path, made, "pdf").read_bytes()
    assert content.startswith(b"%PDF") and b"/MediaBox" in content
