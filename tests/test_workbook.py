"""The workbook of a report, read back: numbers, dates, marks, and what data cannot do to it."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from kts_analysis.cli import main
from kts_analysis.documents.rows import figures_shown, last_year, paths_shown, verdicts_shown
from kts_analysis.documents.sheets import HEAD_ROW, LONGEST_TEXT, Book, Column, Sheet
from kts_analysis.documents.xlsx import area_workbook, province_workbook, write
from kts_analysis.i18n import Messages
from kts_analysis.pages.area import AreaReport, area_report
from kts_analysis.pages.province import province_report
from kts_analysis.pages.target import TargetBlock
from kts_analysis.registry import Registry
from kts_analysis.reporting.units import plan_units
from kts_analysis.rollup import contributions
from kts_analysis.rollup_beside import province_forecast_table
from kts_analysis.rows import rows_of
from kts_analysis.wording import word_of

PLAN, COUNTRY = "nam-dinh-105", "quoc-gia-411"
HEADS = HEAD_ROW + 1  # row of the headings, counted from 1
Row = dict[str, Any]


def read(content: bytes) -> Workbook:
    return load_workbook(BytesIO(content))


def table(sheet: Worksheet) -> list[Row]:
    """Return the rows of a sheet by heading."""
    heads = [cell.value for cell in sheet[HEADS]]
    rows = sheet.iter_rows(min_row=HEADS + 1, values_only=True)
    return [dict(zip(heads, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def area() -> Workbook:
    return read(area_workbook("359", PLAN, lang="en"))


@pytest.fixture(scope="module")
def province() -> Workbook:
    return read(province_workbook(PLAN, lang="en"))


@pytest.fixture(scope="module")
def report() -> AreaReport:
    return area_report("359", PLAN, lang="en")


def here(report: AreaReport) -> tuple[Any, ...]:
    context = report.context
    return context.view, context.plan, report.area, context.deadline


def is_empty(value: float) -> bool:
    return value != value


def test_sheets_are_named_in_the_readers_language(area: Workbook, province: Workbook) -> None:
    assert area.sheetnames == ["About", "Verdicts", "Trajectories", "Figures"]
    names = ["About", "Areas", "Province, added up", "Contributions", "Sums"]
    assert province.sheetnames == [*names, "Forecasts", "Trajectories", "Figures"]
    assert read(area_workbook("VN", COUNTRY, lang="vi")).sheetnames == [
        *("Giới thiệu", "Kết luận", "Quỹ đạo", "Số liệu")
    ]


def test_every_verdict_is_there_with_its_own_numbers(area: Workbook, report: AreaReport) -> None:
    shown, rows = table(area["Verdicts"]), verdicts_shown(*here(report))
    assert len(shown) == len(rows) == 34  # seventeen for 2025, and as many looked ahead to in 2030
    assert [row["Deadline"] for row in shown] == [
        datetime.fromisoformat(row["deadline"]) for row in rows
    ]
    for line, row in zip(shown, rows, strict=True):
        for heading, name in (
            ("Threshold, %", "threshold"),
            ("Newest figure, %", "latest"),
            ("Gap, points (below 0: past it)", "gap"),
            ("Pace required, points a year", "pace_required"),
            ("Projection at the deadline, %", "projected"),
            ("80% interval from, %", "lo80"),
            ("95% interval to, %", "hi95"),
            ("Chance", "probability"),
            ("Gap in heads", "gap_count"),
        ):
            wanted = None if is_empty(row[name]) else row[name]
            assert line[heading] == wanted, (row["target_id"], heading)
        assert line["Status"].endswith(Messages("en")(word_of(row).text))
        assert line["Origin"] == ("SYNTHETIC" if row["n_points"] else None)
    assert any(line["Chance"] for line in shown)


def test_a_trajectory_is_the_pages(area: Workbook, report: AreaReport) -> None:
    shown, rows = table(area["Trajectories"]), paths_shown(*here(report))
    assert len(shown) == len(rows) > 100
    for line, row in zip(shown, rows, strict=True):
        assert line["Date"] == datetime.fromisoformat(row["date"])
        assert line["Value, % (median of a projection)"] == row["value"]
        assert line["80% interval from, %"] == (None if is_empty(row["lo80"]) else row["lo80"])
    pages = [
        row
        for verdict in rows_of(report.verdicts)
        if verdict["status"] != "not_measured"
        for row in TargetBlock(report.context, report.area, verdict).path
    ]
    assert [str(row) for row in pages] == [str(row) for row in rows]


def test_the_last_year_shown_is_the_deadlines_or_that_looked_ahead_to(report: AreaReport) -> None:
    context = report.context
    assert last_year(context.view, context.plan, 2025) == 2030
    before = context.view.on(datetime(2024, 12, 31).date())
    assert last_year(before, context.plan, 2025) == 2025


def test_every_figure_has_its_source_and_dates(area: Workbook, report: AreaReport) -> None:
    shown, rows = table(area["Figures"]), figures_shown(*here(report))
    assert len(shown) == len(rows) > 40
    for line, row in zip(shown, rows, strict=True):
        assert line["Value, %"] == row["value"] and line["Source"] == row["source"]
        assert line["Period ends"].date() == row["period_end"]
        assert line["Use in the report"] == "judged"
    assert {line["Origin"] for line in shown} == {"SYNTHETIC"}


def test_other_methods_are_listed_as_beside_never_joined() -> None:
    country = area_report("VN", COUNTRY, lang="en")
    rows = figures_shown(*here(country))
    judged = {(row["indicator"], row["series"]) for row in rows if row["role"] == "judged"}
    beside = {(row["indicator"], row["series"]) for row in rows if row["role"] == "beside"}
    assert beside and not judged & beside
    shown = table(read(area_workbook("VN", COUNTRY, lang="en"))["Figures"])
    links = [line for line in shown if str(line["Address of the source"]).startswith("http")]
    assert len(links) > 20 and len(shown) == len(rows)


def test_numbers_and_dates_are_cells_of_that_kind(area: Workbook) -> None:
    sheet = area["Verdicts"]
    heads = {cell.value: cell.column for cell in sheet[HEADS]}
    for row in range(HEADS + 1, sheet.max_row + 1):
        assert sheet.cell(row, heads["Deadline"]).number_format == "dd/mm/yyyy"
        chance = sheet.cell(row, heads["Chance"])
        assert chance.value is None or (
            0 <= chance.value <= 1 and chance.number_format.startswith('[<0.01]"< 1%"')
        )
        threshold = sheet.cell(row, heads["Threshold, %"])
        doubted = str(sheet.cell(row, heads["Threshold confirmed?"]).value).startswith("needs")
        assert ('"*"' in threshold.number_format) == doubted
    kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert kinds <= {"s", "n", "d"}  # no formula, no error


def test_each_sheet_is_frozen_filtered_and_set_up_for_a4(
    area: Workbook, province: Workbook
) -> None:
    for sheet in [*area.worksheets[1:], *province.worksheets[1:]]:
        assert sheet.freeze_panes.endswith(str(HEADS + 1))
        assert sheet.auto_filter.ref.startswith(f"A{HEADS}:")
        assert sheet.print_title_rows == f"${HEADS}:${HEADS}"
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
        assert sheet.page_setup.fitToHeight == 0 and sheet.sheet_properties.pageSetUpPr.fitToPage
        widths = [sheet.column_dimensions[cell.column_letter].width for cell in sheet[HEADS]]
        assert all(7 < width < 60 for width in widths)


def test_the_mark_stands_on_every_sheet_and_printed_page(
    area: Workbook, province: Workbook
) -> None:
    for sheet in [*area.worksheets, *province.worksheets]:
        assert sheet["A3"].value.startswith("SYNTHETIC DATA."), sheet.title
        assert "SYNTHETIC DATA" in sheet.oddHeader.center.text
    assert area.properties.description.startswith("SYNTHETIC DATA.")
    country = read(area_workbook("VN", COUNTRY, lang="en"))
    said = [str(cell) for sheet in country for row in sheet.values for cell in row]
    assert not any("SYNTHETIC" in text for text in said)
    assert all(sheet.oddHeader.center.text is None for sheet in country)


def test_the_front_sheet_says_what_the_workbook_is(area: Workbook) -> None:
    said = {row[0]: row[1] for row in area["About"].iter_rows(values_only=True) if row[0]}
    assert said["Area"] == "Vụ Bản District (359)"
    assert said["Deadline"] == "31 December 2025"
    assert said["Plan document"].startswith("Plan 105/KH-UBND of 5 August 2022")
    assert "make_sample.py" in said["Source of figures"]
    assert "MIT" in said["Licence"]
    assert {"Verdicts", "Trajectories", "Figures"} <= set(said)


def test_sums_and_contributions_are_the_provinces(province: Workbook) -> None:
    report = province_report(PLAN, lang="en")
    shares = table(province["Contributions"])
    for target in ("XHS05", "KTS04"):
        wanted = rows_of(contributions(report.verdicts, target, report.standing))
        mine = [row for row in shares if row["Target"] == target]
        assert [row["Still missing, heads"] for row in mine] == [w["gap_count"] for w in wanted]
    home = {row["Target"]: row for row in table(province["Province, added up"])}
    for row in rows_of(report.home_verdicts):
        latest = None if is_empty(row["latest"]) else row["latest"]
        assert home[row["target_id"]]["Newest figure, %"] == latest
    sums = table(province["Sums"])
    assert all(
        row["Rate, %"] == pytest.approx(100 * row["Numerator"] / row["Denominator"]) for row in sums
    )
    thin = [row for row in sums if row["Areas counted"] < row["Of areas"]]
    assert thin and all(row["Without figures"] for row in thin)
    for row in thin:
        assert row["Surely from, %"] < row["Rate, %"] < row["Surely to, %"]
        assert row["Coverage, %"] < 100
    assert all(row["Surely to, %"] is None for row in sums if row not in thin)
    assert len(table(province["Areas"])) == 17 * len(report.standing)


def test_the_ways_to_forecast_the_province_stand_side_by_side(province: Workbook) -> None:
    context = province_report(PLAN, lang="en").context
    target = context.plan.target("XHS05")
    asked = (context.view, context.plan, target, context.deadline)
    wanted = rows_of(province_forecast_table(*asked))
    mine = [row for row in table(province["Forecasts"]) if row["Target"] == "XHS05"]
    assert len(mine) == len(wanted) > 1
    assert [row["Median, %"] for row in mine] == [row["median"] for row in wanted]
    assert [row["Chance"] for row in mine] == [row["probability"] for row in wanted]
    assert mine[0]["Made from"].startswith("the areas' own forecasts")
    assert mine[-1]["Made from"] == "the areas' counts added up"
    assert {row["Origin"] for row in mine} == {"SYNTHETIC"}


def test_the_same_report_gives_the_same_bytes(registry: Registry, tmp_path: Path) -> None:
    unit = plan_units(registry, only=["359"], langs=["en"], formats=["xlsx"])[0]
    first, second = tmp_path / "a", tmp_path / "b"
    for folder in (first, second):
        folder.mkdir()
    assert write(unit, first) == write(unit, second)
    content = (first / "area_report.en.xlsx").read_bytes()
    assert content == (second / "area_report.en.xlsx").read_bytes()
    book = read(content)
    assert book.properties.created == datetime(2026, 3, 31)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}


def test_an_area_without_figures_has_a_short_correct_workbook(
    data_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (data_copy / "sample" / "359.csv").unlink()
    monkeypatch.setenv("KTS_DATA", str(data_copy))
    book = read(area_workbook("359", PLAN, lang="en"))
    assert book["Trajectories"].cell(HEADS + 1, 1).value == "Nothing to show: no figure is known."
    rows = table(book["Verdicts"])
    assert {row["Newest figure, %"] for row in rows} == {None}
    assert all("Not" in row["Status"] or "No figure" in row["Status"] for row in rows)


def test_kts_assess_writes_its_verdicts_as_a_workbook(
    data_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["assess", "--data", str(data_folder), "--plan", PLAN, "--area", "356,359"]
    asked += ["--deadline", "2025", "--lang", "en"]
    path = tmp_path / "verdicts.xlsx"
    assert main([*asked, "--out", str(path)]) == 0
    assert "Vụ Bản" in capsys.readouterr().out
    rows = table(load_workbook(path)["Verdicts"])
    assert len(rows) == 34 and {row["Area code"] for row in rows} == {"356", "359"}
    assert load_workbook(path)["Verdicts"]["A3"].value.startswith("SYNTHETIC DATA.")
    first = path.read_bytes()
    assert main([*asked, "--out", str(path)]) == 0 and path.read_bytes() == first
    assert main([*asked, "--out", str(tmp_path / "verdicts.csv")]) == 2
    assert "must end in .xlsx" in capsys.readouterr().err


def book_of(values: list[Any], kind: str = "text") -> Workbook:
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as made:
        book = Book(made, "T & T", "stand", True, Messages("en"))
        columns = [Column("A", kind, lambda row: row["cell"])]  # type: ignore[arg-type]
        book.add(Sheet("S", "about", columns, [{"cell": value} for value in values]))
    return read(file.getvalue())


@pytest.mark.parametrize(
    "text", ["=1+1", "+84", "-5", "@SUM(A1)", "{=1}", '=HYPERLINK("http://x")', "0359", "1e5"]
)
@pytest.mark.parametrize("kind", ["text", "line", "link"])
def test_text_from_data_stays_text(text: str, kind: str) -> None:
    cell = book_of([text], kind)["S"].cell(HEADS + 1, 1)
    assert (cell.value, cell.data_type) == (text, "s") and cell.hyperlink is None


def test_only_a_web_address_becomes_a_link() -> None:
    long = "https://x.vn/" + "a" * 2100
    sheet = book_of(["https://x.vn/a", "javascript:alert(1)", "file:///etc", long], "link")["S"]
    links = [sheet.cell(HEADS + 1 + n, 1).hyperlink for n in range(4)]
    assert links[0].target == "https://x.vn/a" and links[1:] == [None, None, None]


def test_missing_is_an_empty_cell_and_zero_is_zero() -> None:
    sheet = book_of([float("nan"), 0.0, None, ""], "percent")["S"]
    assert [sheet.cell(HEADS + 1 + n, 1).value for n in range(4)] == [None, 0, None, None]


def test_a_text_longer_than_a_cell_is_cut_and_the_rest_stands() -> None:
    sheet = book_of(["x" * (LONGEST_TEXT + 5), "after"])["S"]
    assert len(sheet.cell(HEADS + 1, 1).value) == LONGEST_TEXT
    assert sheet.cell(HEADS + 2, 1).value == "after"


def test_an_ampersand_in_a_name_is_no_code_of_the_footer() -> None:
    assert book_of(["x"])["S"].oddFooter.left.text in ("T && T", "T & T")


@pytest.mark.slow
def test_another_program_opens_it_and_prints_the_mark_on_every_page(tmp_path: Path) -> None:
    program, reader = shutil.which("soffice"), shutil.which("pdftotext")
    if program is None or reader is None:
        pytest.skip("NOT RUN: no LibreOffice, or no pdftotext, here")
    path = tmp_path / "huyen.xlsx"
    path.write_bytes(area_workbook("359", PLAN, lang="vi"))
    profile = (tmp_path / "profile").as_uri()
    options = [f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf"]
    command = [program, *options, "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    told = [reader, str(tmp_path / "huyen.pdf"), "-"]
    done = subprocess.run(told, check=True, capture_output=True, timeout=60)
    pages = done.stdout.decode("utf-8").split("\f")[:-1]
    assert 5 <= len(pages) <= 9
    assert all("SỐ LIỆU GIẢ LẬP" in page for page in pages)
    assert "Huyện Vụ Bản" in pages[0]
