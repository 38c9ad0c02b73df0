"""Templates that go out: the rows they have, what may be filled in, and the bytes."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from kts_analysis.cli import main
from kts_analysis.errors import KtsError
from kts_analysis.figures import Figures
from kts_analysis.i18n import Messages
from kts_analysis.ingest.cells import Grid, sheet_name
from kts_analysis.ingest.grids import open_grids
from kts_analysis.ingest.template import write_template
from kts_analysis.ingest.template_layout import (
    COLUMNS,
    FIRST_ROW,
    HEADER_ROW,
    TYPED,
    as_text,
    height_of,
    index_of,
)
from kts_analysis.ingest.template_rows import (
    TemplateRow,
    concepts_in_use,
    periods_in,
    template_rows,
)
from kts_analysis.registry import Registry

ROOT = Path(__file__).resolve().parent.parent
PLAN = "nam-dinh-105"


def rows_of(registry: Registry, areas: list[str], *periods: str, **more: Any) -> list[TemplateRow]:
    return template_rows(registry, registry.plan(PLAN), areas, list(periods), **more)


def by_header(grid: Grid, line: int) -> dict[str, Any]:
    """Return a row's values by column key."""
    return {c.key: grid.at(line, n).value for n, c in enumerate(COLUMNS, start=1)}


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, registry: Registry, obs: pd.DataFrame) -> Path:
    """A template of the province, a district that ended and one with stored figures."""
    path = tmp_path_factory.mktemp("template") / "mau.xlsx"
    return write_template(
        path,
        registry,
        registry.plan(PLAN),
        areas=["36", "358", "366"],
        periods=["2022", "2024"],
        stored=obs,
        concepts=concepts_in_use(obs),
    )


# --- which rows -----------------------------------------------------------------------------------


def test_a_row_for_each_indicator_sector_and_period(registry: Registry) -> None:
    rows = rows_of(registry, ["36"], "2024", "2024-Q2")
    plan = registry.plan(PLAN)
    sectors = plan.sector_ids()
    assert len(sectors) == 7 and len(plan.targets) == 17
    assert len(rows) == 2 * (16 + 7)
    assert [row.breakdown for row in rows if row.card.code == "KTS02"][::2] == sectors
    assert {row.breakdown for row in rows if row.card.code != "KTS02"} == {""}
    assert {row.state for row in rows} == {"open"}


def test_a_district_does_not_fill_in_what_only_the_province_measures(registry: Registry) -> None:
    rows = rows_of(registry, ["366"], "2024")
    closed = [row.card.code for row in rows if row.state == "not_measured"]
    assert closed == ["KTS01", "KTS02", "KTS03", "KTS06", "XHS06", "XHS10"]
    assert len(rows) == 17  # the sectors of a closed indicator are not listed one by one


def test_an_area_is_closed_from_the_period_it_did_not_see_the_end_of(registry: Registry) -> None:
    rows = {(row.card.code, row.period): row for row in rows_of(registry, ["358"], "2023", "2024")}
    assert rows["XHS01", "2023"].state == "open"
    assert (rows["XHS01", "2024"].state, rows["XHS01", "2024"].day) == ("ended", date(2024, 8, 31))
    assert rows["KTS01", "2024"].state == "not_measured"


def test_the_method_offered_is_the_plans(registry: Registry) -> None:
    rows = {row.card.code: row for row in rows_of(registry, ["36"], "2024")}
    assert (rows["KTS01"].series, rows["KTS02"].series) == ("nso_grdp", "provincial_report")
    open_rows = [row for row in rows_of(registry, ["366"], "2024") if row.state == "open"]
    assert {row.series for row in open_rows} == {"district_report"}


def test_the_newest_stored_figure_is_shown(registry: Registry, obs: pd.DataFrame) -> None:
    rows = rows_of(registry, ["365", "360"], "2023", stored=Figures(obs))
    found = {(row.area.code, row.card.code): row.figure for row in rows}
    mended = found["360", "KTS05"]
    assert mended is not None
    both = obs[
        (obs["area_code"] == "360") & (obs["indicator"] == "KTS05") & (obs["period"] == "2023")
    ]
    assert len(both) == 2 and mended.vintage_date == both["vintage_date"].max()


def test_of_rival_methods_none_is_shown(registry: Registry, table_of: Any, plan_of: Any) -> None:
    plan = plan_of(series={})
    table = table_of(
        {"period": 2023, "value": value, "series": series}
        for value, series in ((50, "provincial_report"), (60, "nso_gdp"))
    )
    (row,) = template_rows(registry, plan, ["VN"], ["2023"], Figures(table))
    assert (row.series, row.figure) == ("", None)
    (row,) = template_rows(registry, plan, ["VN"], ["2023"], Figures(table.iloc[:1]))
    assert row.figure is not None and row.figure.value == 50


@pytest.mark.parametrize(
    ("texts", "periods"),
    [
        (["2021-2023"], ["2021", "2022", "2023"]),
        (["2024-Q2,2024-Q1"], ["2024-Q1", "2024-Q2"]),
        (["2024", "2023,2024"], ["2023", "2024"]),
        (["2024-06", "2024-H1", "2024-12-31"], ["2024-H1", "2024-06", "2024-12-31"]),
    ],
)
def test_periods_are_read(texts: list[str], periods: list[str]) -> None:
    assert periods_in(texts) == periods


@pytest.mark.parametrize("text", ["", ",", "2025-2021", "2024-13", "quý 2", "2024-Q5"])
def test_other_texts_are_no_periods(text: str) -> None:
    with pytest.raises(KtsError, match="period"):
        periods_in([text])


def test_a_strange_area_and_a_huge_template_are_refused(registry: Registry) -> None:
    with pytest.raises(KtsError, match="999"):
        rows_of(registry, ["366", "999"], "2024")
    with pytest.raises(KtsError, match="100000"):
        rows_of(registry, ["366"], *(f"{1900 + n // 12}-{n % 12 + 1:02}" for n in range(4400)))


# --- what the file holds --------------------------------------------------------------------------


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path, data_folder: Path) -> None:
    paths = [tmp_path / name for name in ("a.xlsx", "b.xlsx")]
    arguments = ["template", "--plan", PLAN, "--periods", "2023,2024", "--areas", "358,366"]
    arguments += ["--data", str(data_folder)]
    for seed, path in enumerate(paths):
        script = "import sys; from kts_analysis.cli import main; sys.exit(main(sys.argv[1:]))"
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments, "--out", str(path)],
            env={"PYTHONHASHSEED": str(seed), "PYTHONPATH": str(ROOT), "TZ": f"Etc/GMT{seed}"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert paths[0].read_bytes() == paths[1].read_bytes()
    with zipfile.ZipFile(paths[0]) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_sheets_headers_and_rows(made: Path) -> None:
    grids = open_grids(made)
    names = ["Hướng dẫn", "36 Tỉnh Nam Định", "358 Huyện Mỹ Lộc", "366 Huyện Hải Hậu"]
    assert [grid.sheet for grid in grids] == [*names, "kts_template", "kts_lists"]
    assert [grid.hidden for grid in grids] == [False] * 4 + [True] * 2
    grid = grids[3]
    headers = [grid.at(HEADER_ROW, n).value for n in range(2, len(COLUMNS) + 1)]
    assert headers[:6] == ["Địa bàn", "Mã", "Chỉ tiêu", "Ngành, lĩnh vực", "Kỳ", "Tình trạng dòng"]
    assert grid.hidden_rows == {3} and {1, index_of("breakdown")} == grid.hidden_columns
    assert grids[1].hidden_columns == {1}  # the province reports by sector
    first = by_header(grid, FIRST_ROW)
    assert (first["area"], first["indicator"]) == ("Huyện Hải Hậu (366)", "KTS01")
    assert first["state"] == "không đo ở cấp này" and first["series"] is None


def test_stored_figures_are_marked_and_synthetic_ones_as_such(
    made: Path, obs: pd.DataFrame
) -> None:
    grid = open_grids(made)[3]
    lines = range(FIRST_ROW, grid.last_row + 1)
    shown = [by_header(grid, line) for line in lines]
    stored = [row for row in shown if row["value"] is not None]
    of_area = obs[(obs["area_code"] == "366") & obs["period"].isin(["2022", "2024"])]
    assert len(stored) == len(of_area) > 10
    assert {row["state"] for row in stored} == {"đã có, GIẢ LẬP"}
    assert all("giả lập" in row["note"] for row in stored)
    assert "GIẢ LẬP" in str(grid.at(2, index_of("numerator")).value)
    one = next(row for row in stored if (row["indicator"], row["period"]) == ("KTS04", "2024"))
    source = of_area[(of_area["indicator"] == "KTS04") & (of_area["period"] == "2024")].iloc[0]
    assert (one["numerator"], one["denominator"]) == (source["numerator"], source["denominator"])
    assert one["vintage"] == datetime.combine(source["vintage_date"], datetime.min.time())
    assert (one["qualifier"], one["denominator_concept"]) == ("chính xác", "doanh nghiệp")
    assert one["computed"] == round(100 * source["numerator"] / source["denominator"], 4)


def test_a_blank_template_shows_no_figure(tmp_path: Path, registry: Registry) -> None:
    path = write_template(
        tmp_path / "a.xlsx", registry, registry.plan(PLAN), areas=["366"], periods=["2024"]
    )
    grid = open_grids(path)[1]
    for line in range(FIRST_ROW, grid.last_row + 1):
        row = by_header(grid, line)
        assert all(row[key] is None for key in TYPED if key != "series")
        assert row["computed"] in (None, "") and row["state"] != "đã có"
        assert row["series"] in (None, "Báo cáo của huyện")
    assert "GIẢ LẬP" not in str([cell.value for cell in grid.cells.values()])


def test_only_input_cells_of_open_rows_are_unlocked(made: Path) -> None:
    book = load_workbook(made)
    for sheet in book.worksheets:
        assert sheet.protection.sheet and not sheet.protection.password
    sheet = book["358 Huyện Mỹ Lộc"]
    opened = 0
    for line in range(FIRST_ROW, sheet.max_row + 1):
        closed = sheet.cell(line, index_of("state")).value
        is_open = closed in (None, "", "đã có, GIẢ LẬP")
        opened += is_open
        for number, column in enumerate(COLUMNS, start=1):
            assert sheet.cell(line, number).protection.locked != (is_open and column.typed)
        assert sheet.cell(line, index_of("computed")).value == (
            f"=IF(AND(ISNUMBER(H{line}),ISNUMBER(I{line}),I{line}>0),"
            f'ROUND(100*H{line}/I{line},4),"")'
        )
    assert opened == 11
    ended = sheet.cell(FIRST_ROW + 7, index_of("state")).value
    assert ended == "địa bàn kết thúc ngày 31/08/2024"


def test_drop_downs_notes_freeze_and_print_set_up(made: Path) -> None:
    sheet = load_workbook(made)["366 Huyện Hải Hậu"]
    lists = [item for item in sheet.data_validations.dataValidation if item.type == "list"]
    assert {item.formula1.partition("!")[0] for item in lists} == {"kts_lists"}
    assert len({item.formula1 for item in lists}) == 2 + 11  # one a denominator
    assert sheet.freeze_panes == "G5"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.print_title_rows == "$4:$4"
    notes = [cell.comment.text for row in sheet.iter_rows() for cell in row if cell.comment]
    assert len(notes) == 17  # one an indicator
    assert "Mẫu số: Số doanh nghiệp đang hoạt động trên địa bàn" in notes[3]
    assert "cần xác nhận" in notes[3]


def test_english_and_one_sheet(tmp_path: Path, registry: Registry) -> None:
    path = write_template(
        tmp_path / "a.xlsx",
        registry,
        registry.plan(PLAN),
        periods=["2024-Q2"],
        one_sheet=True,
        lang="en",
    )
    guide, sheet, *_ = open_grids(path)
    assert (guide.sheet, sheet.sheet) == ("Guide", "Figures to report")
    assert sheet.last_row == HEADER_ROW + 23 + 10 * 17
    assert by_header(sheet, FIRST_ROW)["period"] == "Q2 2024"
    assert guide.at(1, 1).value == "How to fill in this template"


def test_texts_of_the_data_are_never_formulas(
    tmp_path: Path, registry: Registry, table_of: Any, plan_of: Any
) -> None:
    text = '=HYPERLINK("http://a.b","c")'
    table = table_of([{"period": 2023, "value": 50, "source": text, "note": "http://a.b"}])
    path = write_template(tmp_path / "a.xlsx", registry, plan_of(), periods=["2023"], stored=table)
    row = next(iter(grid for grid in open_grids(path) if grid.sheet.startswith("VN")))
    cell = row.at(FIRST_ROW, index_of("source"))
    assert (cell.value, cell.formula) == (text, False)


@pytest.mark.parametrize(
    ("text", "taken", "name"),
    [
        ("366 Huyện Hải Hậu", set(), "366 Huyện Hải Hậu"),
        ("1 a/b:c*d?e[f]g\\h'", set(), "1 a b c d e f g h"),
        ("x" * 40, set(), "x" * 31),
        ("x" * 40, {"x" * 31}, "x" * 29 + " 2"),
        ("Abc", {"abc", "abc 2"}, "Abc 3"),
        ("[]", set(), "1"),
    ],
)
def test_names_of_sheets(text: str, taken: set[str], name: str) -> None:
    assert sheet_name(text, taken) == name


@given(st.text(max_size=60), st.sets(st.text(max_size=31).map(str.lower), max_size=5))
def test_any_text_gives_a_name_excel_takes(text: str, taken: set[str]) -> None:
    name = sheet_name(text, taken | {sheet_name(text, taken).lower()})
    assert 0 < len(name) <= 31 and name.lower() not in taken
    assert not set(name) & set("[]:*?/\\") and not name.startswith("'") and name == name.strip()
    assert name.lower() != sheet_name(text, taken).lower()


def test_row_heights_show_whole_texts() -> None:
    assert height_of([("một hai ba", 11), ("", 5)]) == 15
    assert height_of([("một hai ba", 10)]) == 30
    assert height_of([]) == 15


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (5, "5"),
        (5.0, "5"),
        (0.1, "0.1"),
        (True, "True"),
        (datetime(2024, 6, 30), "2024-06-30"),
        (date(2024, 6, 30), "2024-06-30"),
        (datetime(2024, 6, 30, 8), "2024-06-30T08:00:00"),
        (" A ", "A"),
    ],
)
def test_cells_as_text(value: Any, text: str) -> None:
    assert as_text(value) == text


# --- the command ----------------------------------------------------------------------------------


def run(*arguments: str, data: Path = ROOT / "data") -> int:
    return main(["template", "--plan", PLAN, "--data", str(data), *arguments])


def test_the_command_never_replaces_a_file_unasked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mau.xlsx"
    out.write_text("mine", encoding="utf-8")
    assert run("--out", str(out), "--areas", "366") == 2
    assert "--force" in capsys.readouterr().err
    assert out.read_text(encoding="utf-8") == "mine"
    assert run("--out", str(out), "--areas", "366", "--force", "--blank") == 0
    assert "mau.xlsx" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["mau.xlsx"]
    assert by_header(open_grids(out)[1], FIRST_ROW)["period"] == "2025"  # the plan's deadline


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--out", "a.xls"], ".xlsx"),
        (["--out", "a.xlsx", "--areas", "999"], "999"),
        (["--out", "a.xlsx", "--periods", "2025-2021"], "2025-2021"),
        (["--out", "a.xlsx", "--as-of", "hôm qua"], "hôm qua"),
        (["--out", "khong/co/a.xlsx"], "khong"),
    ],
)
def test_wrong_use_exits_2_and_writes_nothing(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(*arguments) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_as_of_limits_what_is_shown(tmp_path: Path) -> None:
    out = tmp_path / "a.xlsx"
    common = ["--out", str(out), "--areas", "366", "--periods", "2022-2024", "--force"]
    counts = []
    for day in ("2023-12-31", "2025-12-31"):
        assert run(*common, "--as-of", day) == 0
        grid = open_grids(out)[1]
        shown = [by_header(grid, line) for line in range(FIRST_ROW, grid.last_row + 1)]
        counts.append({row["period"] for row in shown if row["value"] is not None})
    assert counts == [{"2022"}, {"2022", "2023", "2024"}]


def test_guide_has_every_rule_in_both_languages() -> None:
    from kts_analysis.ingest.template_guide import RULES

    for lang in ("vi", "en"):
        texts = [Messages(lang)(rule) for rule in RULES]
        assert len(set(texts)) == len(RULES) == 13 and all(texts)
