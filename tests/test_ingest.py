"""Files that were sent become one whole batch, or a list of all that is wrong, cell by cell."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from tables import MAPPING, department_table, mapping_file

from kts_analysis.cli import main
from kts_analysis.errors import Problem, ProblemsError
from kts_analysis.i18n import Messages
from kts_analysis.ingest.files import read_files
from kts_analysis.ingest.intake import Intake, take_in
from kts_analysis.ingest.mapping import columns_in, is_total, load_mapping
from kts_analysis.ingest.meaning import Defaults, Reader
from kts_analysis.registry import Registry
from kts_analysis.registry_files import load_registry
from kts_analysis.store import load_observations

PLAN = "nam-dinh-105"


@pytest.fixture
def store(tmp_path: Path, data_folder: Path) -> Registry:
    """A data folder without the made-up figures."""
    place = tmp_path / "data"
    shutil.copytree(data_folder, place, ignore=shutil.ignore_patterns("sample", "__pycache__"))
    return load_registry(place)


def take(store: Registry, /, *paths: Path, **how: Any) -> Intake:
    return take_in(list(paths), store, [store.plan(PLAN)], **how)


def said(problems: list[Problem]) -> dict[str | None, str]:
    return {problem.cell: problem.text() for problem in problems}


# --- mapping --------------------------------------------------------------------------------------


def test_a_department_s_table_is_read_by_its_heads(store: Registry, tmp_path: Path) -> None:
    path = department_table(tmp_path / "biểu.xlsx")
    reader = Reader(store, [store.plan(PLAN)], Defaults())
    found = read_files([path], store, reader, mapping=load_mapping(mapping_file(tmp_path)))
    figures = [
        (e.cells["area_code"], e.cells["period"], e.cells["numerator"], e.cells["denominator"])
        for e in found.entries
    ]
    assert figures == [
        ("356", "2022", "500", "1000"),
        ("356", "2023", "700", "1000"),
        ("359", "2022", "1200", "4000"),
        ("359", "2023", "1600", "4000"),
        ("360", "2023", "900", "3000"),
    ]
    assert (found.totals, found.sections, found.notes) == (1, 2, 1)
    assert {e.cells["source"] for e in found.entries} == {"Báo cáo của Sở"}
    # figures beside a heading, and a printed sum that is wrong by 100
    told = {problem.cell: (problem.severity, problem.text()) for problem in found.problems}
    assert {cell: severity for cell, (severity, _) in told.items()} == {
        "C5": "warning",
        "E10": "warning",
    }
    assert "Khu vực thành thị" in told["C5"][1]
    assert "3300" in told["E10"][1] and "3200" in told["E10"][1]


def test_years_down_and_areas_across(store: Registry, tmp_path: Path) -> None:
    text = """\
tables:
  - header_rows: [1]
    first_row: 2
    where:
      period: {column: A}
      area_code: {header: 1, names: {Thành Nam: "356"}}
      indicator: {fixed: XHS05}
      series: {fixed: district_report}
      source: {fixed: S}
    figures:
      - {field: value, columns: "B:C", scale: fraction}
"""
    path = tmp_path / "b.csv"
    path.write_text("Kỳ;Thành Nam;Vụ Bản\n2022;0,5;12%\n6 tháng đầu năm 2023;0,6;\n", "utf-8")
    result = take(store, path, mapping=load_mapping(mapping_file(tmp_path, text)), store=False)
    assert result.errors == []
    figures = [(e.cells["area_code"], e.cells["period"], e.cells["value"]) for e in result.new]
    assert figures == [("356", "2022", "50"), ("359", "2022", "12"), ("356", "2023-H1", "60")]


def test_a_mapping_that_fits_nothing_says_what_there_is(store: Registry, tmp_path: Path) -> None:
    path = department_table(tmp_path / "b.xlsx")
    wrong = MAPPING.replace("Biểu *", "Phụ lục").replace("tử số", "số thuê bao")
    result = take(store, path, mapping=load_mapping(mapping_file(tmp_path, wrong)))
    [problem] = result.errors
    assert "Phụ lục" in problem.text() and "Biểu 01" in problem.text()
    wrong = MAPPING.replace("tử số", "số thuê bao")
    result = take(store, path, mapping=load_mapping(mapping_file(tmp_path, wrong)))
    assert any("số thuê bao" in problem.text() for problem in result.errors)


def test_a_mapping_file_is_checked_whole(tmp_path: Path) -> None:
    text = MAPPING.replace("first_row: 5", "first_row: 0").replace("{column: B}", "{colum: B}")
    with pytest.raises(ProblemsError) as caught:
        load_mapping(mapping_file(tmp_path, text))
    columns = {problem.column for problem in caught.value.problems}
    assert any("first_row" in str(column) for column in columns)
    assert any("area_code" in str(column) for column in columns)


def test_columns_of_a_mapping() -> None:
    assert columns_in("D:F,H,AA") == [4, 5, 6, 8, 27]


@pytest.mark.parametrize(
    ("label", "adds_up"),
    [
        ("Tổng cộng", True),
        ("TỔNG SỐ:", True),
        ("Cộng", True),
        ("Cộng (I+II)", True),
        ("Chung toàn tỉnh", True),
        ("Toàn tỉnh", True),
        ("Cộng Hòa", False),
        ("Chung Chính", False),
        ("Tổngx", False),
        ("Huyện", False),
        ("", False),
    ],
)
def test_labels_of_totals(label: str, adds_up: bool) -> None:
    assert is_total(label) is adds_up
    assert is_total(f"Luỹ kế {label}", ["luỹ kế"])


def test_figures_in_merged_cells_are_nobody_s(store: Registry, tmp_path: Path) -> None:
    path = department_table(tmp_path / "b.xlsx", C9=None, D9=None)
    book = load_workbook(path)
    sheet = book["Biểu 01"]
    sheet.merge_cells("E8:E9")
    sheet.merge_cells("A7:F7")  # a heading over the whole row holds no figure
    sheet.merge_cells("A12:F12")
    book.save(path)
    result = take(store, path, mapping=load_mapping(mapping_file(tmp_path)))
    assert result.path is None
    merged = [problem for problem in result.errors if "merged cells" in problem.text()]
    assert [problem.cell for problem in merged] == ["E8", "E9"]
    assert len(result.errors) == 2


def test_columns_that_nothing_tells_apart_are_refused(store: Registry, tmp_path: Path) -> None:
    path = department_table(tmp_path / "b.xlsx", E3="Năm 2022")
    result = take(store, path, mapping=load_mapping(mapping_file(tmp_path)))
    assert result.path is None and result.new == []
    assert any("columns C, E" in problem.text() for problem in result.errors)
    wrong = MAPPING.replace("MẪU SỐ", "số")
    result = take(store, path, mapping=load_mapping(mapping_file(tmp_path, wrong)))
    assert any("column C is taken for more" in problem.text() for problem in result.errors)


def test_figures_in_hidden_rows_are_read_and_that_is_said(store: Registry, tmp_path: Path) -> None:
    path = department_table(tmp_path / "a.xlsx")
    book = load_workbook(path)
    sheet = book["Biểu 01"]
    sheet.row_dimensions[8].hidden = True
    book.save(path)
    result = take(store, path, mapping=load_mapping(mapping_file(tmp_path)))
    assert result.errors == [] and result.path is not None
    [told] = [one for one in result.problems if "hidden" in one.text()]
    assert (told.severity, told.sheet, told.cell) == ("warning", "Biểu 01", "C8")
    assert "4 filled cells" in told.text()


def test_a_hidden_sheet_is_not_read_and_that_is_said(store: Registry, tmp_path: Path) -> None:
    path = department_table(tmp_path / "b.xlsx", E10=3200)
    book = load_workbook(path)
    copy = book.copy_worksheet(book["Biểu 01"])
    copy.title, copy.sheet_state = "Biểu 02", "hidden"
    book.save(path)
    mapping = load_mapping(mapping_file(tmp_path))
    result = take(store, path, mapping=mapping, store=False)
    assert result.errors == [] and len(result.new) == 5
    [told] = [problem for problem in result.problems if problem.sheet == "Biểu 02"]
    assert "hidden" in told.text() and told.severity == "warning"


def test_figures_far_below_the_others_are_read(store: Registry, tmp_path: Path) -> None:
    more = {"B900": "Nam Trực", "E900": 100, "F900": 1000, "E10": 3200}
    path = department_table(tmp_path / "b.xlsx", **more)
    result = take(store, path, mapping=load_mapping(mapping_file(tmp_path)), store=False)
    assert [entry.cells["numerator"] for entry in result.new][-1] == "100"


@pytest.mark.parametrize("columns", ["ZZZ", "D:B"])
def test_columns_that_cannot_be_are_a_problem_of_the_mapping(tmp_path: Path, columns: str) -> None:
    text = MAPPING.replace("heading: tử số", f'columns: "{columns}"')
    with pytest.raises(ProblemsError):
        load_mapping(mapping_file(tmp_path, text))


def test_words_of_qualifiers_are_words(store: Registry, tmp_path: Path) -> None:
    path = department_table(tmp_path / "b.xlsx", E6="trên 700", F6="gần 1000")
    result = take(store, path, mapping=load_mapping(mapping_file(tmp_path)))
    [problem] = result.errors
    assert "more than / nearly" in problem.text()
    assert "hơn" in problem.text(Messages("vi")) and "at_" not in problem.text(Messages("vi"))


# --- what is asked about --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "value", "words"),
    [
        ("E6", "1.234", "1234 / 1.234"),
        ("E6", "700 lượt người", "turns"),
        ("E6", "70%", "percentage where a count"),
        ("E6", "#DIV/0!", "error"),
        ("E6", "650-700", "range"),
        ("E6", -700, "not below 0"),
        ("E6", "9" * 16, "larger than any figure"),
        ("B8", None, "which area"),
        ("B8", "Vụ Bảng", "Vụ Bản"),
        ("B8", "Huyện Mỹ Lộc cũ", "no area"),
        ("E3", "Năm 23", "2024-06-30"),
        ("E3", "KH 2023", "plan"),
    ],
)
def test_every_fault_names_its_cell_and_nothing_is_stored(
    store: Registry, tmp_path: Path, cell: str, value: object, words: str
) -> None:
    path = department_table(tmp_path / "b.xlsx", **{cell: value})
    before = sorted(store.root.rglob("*"))
    result = take(store, path, mapping=load_mapping(mapping_file(tmp_path)))
    assert result.path is None
    assert any(words in problem.text() for problem in result.errors), said(result.problems)
    assert {problem.sheet for problem in result.errors} == {"Biểu 01"}
    if cell != "E3":  # a heading is at fault for each figure below it
        assert cell in said(result.errors)
    assert [path for path in sorted(store.root.rglob("*")) if path.suffix == ".csv"] == [
        path for path in before if path.suffix == ".csv"
    ]


def test_half_of_a_rate_is_told_where_it_stands(store: Registry, tmp_path: Path) -> None:
    path = department_table(tmp_path / "b.xlsx", F6="x", C8="…")
    result = take(store, path, mapping=load_mapping(mapping_file(tmp_path)))
    told = said(result.errors)
    assert set(told) == {"E6", "D8"} and result.path is None
    assert "the numerator 700 has no denominator" in told["E6"]
    assert "the denominator 4000 has no numerator" in told["D8"]


def test_more_than_all_is_a_question_where_it_can_be(store: Registry, tmp_path: Path) -> None:
    path = department_table(tmp_path / "b.xlsx", E6=1700)
    result = take(store, path, mapping=load_mapping(mapping_file(tmp_path)), store=False)
    assert result.errors == []
    at_cell = [problem.text() for problem in result.problems if problem.cell == "E6"]
    assert any("stand for people" in text for text in at_cell)


def test_all_faults_at_once(store: Registry, tmp_path: Path) -> None:
    faults = {"E6": "1.234", "C8": "abc", "B9": "Ý Yênn", "F8": 0}
    path = department_table(tmp_path / "b.xlsx", **faults)
    result = take(store, path, mapping=load_mapping(mapping_file(tmp_path)))
    assert set(said(result.errors)) >= {"E6", "C8", "B9", "F8"}


def test_fractions_among_percents_are_asked_about(store: Registry, tmp_path: Path) -> None:
    text = """\
tables:
  - first_row: 2
    where:
      area_code: {column: A}
      period: {fixed: "2023"}
      indicator: {column: B}
      series: {fixed: district_report}
      source: {fixed: S}
    figures: [{field: value, columns: C}]
"""
    path = tmp_path / "b.csv"
    path.write_text("a,b,c\n356,XHS05,85\n359,XHS05,0.85\n360,XHS05,70%\n", "utf-8")
    result = take(store, path, mapping=load_mapping(mapping_file(tmp_path, text)))
    assert set(said(result.errors)) == {"C3"}


def test_the_same_figure_twice_is_stored_once_another_is_refused(
    store: Registry, tmp_path: Path
) -> None:
    text = MAPPING.replace('"Biểu *"', '"*"')
    one = department_table(tmp_path / "a.xlsx")
    same = department_table(tmp_path / "b.xlsx")
    mapping = load_mapping(mapping_file(tmp_path, text))
    result = take(store, one, same, mapping=mapping, store=False)
    assert result.errors == [] and len(result.new) == 5
    other = department_table(tmp_path / "c.xlsx", C6=501)
    result = take(store, one, other, mapping=mapping, store=False)
    assert set(said(result.errors)) == {"C6"}
    assert "a.xlsx, Biểu 01" in said(result.errors)["C6"]


# --- storing --------------------------------------------------------------------------------------


def test_what_is_stored_is_read_back_and_never_twice(store: Registry, tmp_path: Path) -> None:
    path = department_table(tmp_path / "Biểu Sở.xlsx", E10=3200)
    mapping = load_mapping(mapping_file(tmp_path))
    first = take(store, path, mapping=mapping)
    assert first.path is not None and first.path.name == "000001-bieu-so.csv"
    loaded = load_observations(store.root)
    assert loaded.errors == []
    mine = loaded.table[loaded.table["row"].str.startswith("reported/")]
    assert mine["value"].round(2).tolist() == [50.0, 70.0, 30.0, 40.0, 30.0]
    assert set(mine["origin"]) == {"reported"}
    again = take(store, path, mapping=mapping)
    assert (again.path, again.again, again.new) == (None, 5, [])


def test_a_revision_needs_a_later_day(store: Registry, tmp_path: Path) -> None:
    mapping = load_mapping(mapping_file(tmp_path))
    take(store, department_table(tmp_path / "a.xlsx", E10=3200), mapping=mapping)
    changed = department_table(tmp_path / "b.xlsx", C6=510, C10=1710, E10=3200)
    result = take(store, changed, mapping=mapping)
    assert set(said(result.errors)) == {"C6"} and result.path is None
    later = MAPPING.replace("2025-01-15", "2025-03-01")
    result = take(store, changed, mapping=load_mapping(mapping_file(tmp_path, later)))
    assert result.errors == [] and result.path is not None


def test_a_doubtful_figure_is_stored_with_its_flag(store: Registry, tmp_path: Path) -> None:
    mapping = load_mapping(mapping_file(tmp_path))
    path = department_table(tmp_path / "a.xlsx", E6=20, E10=2520)
    result = take(store, path, mapping=mapping)
    assert result.errors == []
    # The cell gives a count; what is doubted is the rate worked out from it.
    [jump] = [one for one in result.problems if "points a year" in one.text()]
    assert jump.cell == "E6" and "E6: 2.00: 48.0 points a year from 50.00" in jump.text()
    assert result.path is not None
    with result.path.open(encoding="utf-8", newline="") as handle:
        flags = {(row["area_code"], row["period"]): row["flags"] for row in csv.DictReader(handle)}
    assert flags["356", "2023"] == "doubtful" and flags["359", "2023"] == ""


def test_a_doubtful_figure_that_comes_again_is_known(store: Registry, tmp_path: Path) -> None:
    mapping = load_mapping(mapping_file(tmp_path))
    path = department_table(tmp_path / "a.xlsx", E6=20, E10=2520)
    assert take(store, path, mapping=mapping).path is not None
    again = take(store, path, mapping=mapping)
    assert (again.errors, again.path, again.again) == ([], None, 5)


def test_real_figures_beside_made_up_ones_are_pointed_out(
    data_folder: Path, tmp_path: Path
) -> None:
    place = tmp_path / "data"
    shutil.copytree(data_folder, place)
    store = load_registry(place)
    path = department_table(tmp_path / "a.xlsx")
    result = take(store, path, mapping=load_mapping(mapping_file(tmp_path)), store=False)
    assert any("synthetic" in problem.text() for problem in result.problems)


# --- the command ----------------------------------------------------------------------------------


def test_the_command_stores_marks_and_ends_as_it_should(
    store: Registry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mapping = str(mapping_file(tmp_path))
    options = ["--data", str(store.root), "--plan", PLAN, "--mapping", mapping]
    faulty = department_table(tmp_path / "Biểu lỗi.xlsx", E6="1.234", C8="abc")
    assert main(["ingest", str(faulty), *options]) == 2
    told = capsys.readouterr()
    assert "E6" in told.err and "C8" in told.err and "không lưu gì" in told.out
    copy = load_workbook(tmp_path / "bieu-loi-can-sua.xlsx")
    assert copy["Biểu 01"]["E6"].comment is not None
    assert copy["Biểu 01"]["E6"].fill.fgColor.rgb != copy["Biểu 01"]["E8"].fill.fgColor.rgb
    good = department_table(tmp_path / "b.xlsx", E10=3200)
    assert main(["ingest", str(good), *options, "--dry-run", "--lang", "en"]) == 0
    assert "5 figures would be stored" in capsys.readouterr().out
    assert not (store.root / "reported").exists()
    assert main(["ingest", str(good), *options, "--lang", "en"]) == 0
    assert "5 figures stored in 000001-b.csv" in capsys.readouterr().out


def test_without_a_mapping_only_templates_are_read(
    store: Registry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = department_table(tmp_path / "b.xlsx")
    assert main(["ingest", str(path), "--data", str(store.root), "--lang", "en"]) == 2
    assert "--mapping" in capsys.readouterr().err


def test_a_filled_template_is_stored(
    store: Registry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mau.xlsx"
    made = ["template", "--plan", PLAN, "--data", str(store.root), "--periods", "2023"]
    assert main([*made, "--out", str(path), "--areas", "359,360"]) == 0
    book = load_workbook(path)
    sheet = book["359 Huyện Vụ Bản"]
    keys = {cell.value: cell.column for cell in sheet[3]}
    row = next(
        row for row in range(5, sheet.max_row + 1)
        if sheet.cell(row, keys["indicator"]).value == "XHS05"
    )  # fmt: skip
    for key, value in {"numerator": 800, "denominator": "1 000", "source": "UBND huyện"}.items():
        sheet.cell(row, keys[key]).value = value
    book.save(path)
    assert main(["ingest", str(path), "--data", str(store.root), "--plan", PLAN]) == 0
    table = load_observations(store.root).table
    mine = table[table["row"].str.startswith("reported/")]
    assert mine[["area_code", "indicator", "period", "value"]].to_numpy().tolist() == [
        ["359", "XHS05", "2023", 80.0]
    ]


def test_an_empty_template_keeps_nobody_else_out(
    store: Registry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty, plan = tmp_path / "mau.xlsx", ["--plan", PLAN, "--data", str(store.root)]
    assert main(["template", *plan, "--periods", "2023", "--out", str(empty)]) == 0
    sent = department_table(tmp_path / "b.xlsx", E10=3200)
    mapping = str(mapping_file(tmp_path))
    command = ["ingest", str(empty), str(sent), *plan, "--mapping", mapping, "--lang", "en"]
    assert main(command) == 0
    told = capsys.readouterr()
    assert "warning: mau.xlsx: no figure was found" in told.err
    assert "5 figures stored" in told.out
