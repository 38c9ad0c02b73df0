"""Exploring without a browser: choices, looks, comparisons, files saved, errors as sentences."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import openpyxl
import pytest
from IPython.core.interactiveshell import InteractiveShell
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from kts_analysis.assessment import assess
from kts_analysis.chart_base import PLOTLY_MIME
from kts_analysis.cli import main
from kts_analysis.commands import lab
from kts_analysis.errors import KtsError, Problem, ProblemsError
from kts_analysis.exploring.assuming import Settings, assume
from kts_analysis.exploring.choices import Choice, days_of, first_choice, settle
from kts_analysis.exploring.comparing import compare
from kts_analysis.exploring.exporting import csv_text, file_stem, marked, save
from kts_analysis.exploring.friendly import friendly_errors, sentence
from kts_analysis.exploring.landing import start_page, title_of
from kts_analysis.exploring.looking import look
from kts_analysis.exploring.widgets import Explorer
from kts_analysis.i18n import Messages, spoken
from kts_analysis.registry import Registry
from kts_analysis.scenarios.files import load_scenario

ROOT = Path(__file__).resolve().parents[1]
DATA = str(ROOT / "data")
HERE = Choice("nam-dinh-105", "366", "KTS04", 2025, "2024-12-31", "auto", 2030)
VI = Messages("vi")


@pytest.fixture
def explorer(tmp_path: Path) -> Explorer:
    return Explorer(HERE, "vi", DATA, str(tmp_path / "ra"))


def shown(explorer: Explorer, place: int = 0) -> list[dict[str, Any]]:
    """What the outputs of a tab hold."""
    return [output["data"] for output in explorer.outputs[place].outputs]


def text_of(explorer: Explorer, place: int = 0) -> str:
    return "".join(data.get("text/html", "") for data in shown(explorer, place))


# --- one look -------------------------------------------------------------------------------------


def test_a_look_says_what_assess_says(registry: Registry, obs: Any) -> None:
    found = look(HERE, "vi", DATA)
    plan = registry.plan(HERE.plan)
    table = assess(plan, obs, 2025, areas=["366"], targets=["KTS04"], as_of=HERE.as_of,
                   registry=registry)  # fmt: skip
    assert found.row["probability"] == table.iloc[0]["probability"] == 0.6268
    assert found.frame()["date"].max() == "2030-12-31"  # to the horizon, past the deadline
    assert found.synthetic and "SỐ LIỆU GIẢ LẬP" in json.dumps(
        found.chart.to_plotly_json(), ensure_ascii=False
    )


def test_method_day_and_horizon_change_the_look() -> None:
    usual = look(HERE, "vi", DATA)
    straight = look(replace(HERE, method="linear"), "vi", DATA)
    earlier = look(replace(HERE, as_of="2023-12-31"), "vi", DATA)
    near = look(replace(HERE, until=2026), "vi", DATA)
    assert straight.row["method"] == "linear" != usual.row["method"]
    assert earlier.row["latest_date"] < usual.row["latest_date"]
    assert earlier.context.as_of.isoformat() == "2023-12-31"
    assert near.frame()["date"].max() == "2026-12-31"


def test_a_target_not_measured_here_has_words_and_no_picture() -> None:
    found = look(replace(HERE, target="KTS01"), "vi", DATA)
    assert not found.measured
    assert [type(part).__name__ for part in found.parts()] == ["HTML", "HTML"]


def test_another_plan_keeps_what_it_has_and_takes_its_first_for_the_rest(
    registry: Registry,
) -> None:
    moved = settle(replace(HERE, plan="quoc-gia-411", deadline=2025), registry)
    assert (moved.area, moved.target, moved.deadline) == ("VN", "KTS04", 2025)
    assert settle(moved, registry) == moved
    assert first_choice(registry, "nam-dinh-105").until == 2030


def test_days_begin_with_the_newest_figure_and_hold_the_day_asked_for() -> None:
    newest = look(replace(HERE, as_of=""), "vi", DATA).context.as_of
    days = days_of(newest, "2024-06-30", VI)
    assert days[0] == (f"{VI.date(newest)} (số liệu mới nhất)", "")
    assert [value for _, value in days[1:5]] == [
        "2025-12-31", "2024-12-31", "2024-06-30", "2023-12-31",
    ]  # fmt: skip


# --- side by side ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "wanted", "labels"),
    [
        ("areas", ["356"], ["Huyện Hải Hậu", "Thành phố Nam Định"]),
        ("targets", ["XHS05"], ["KTS04", "XHS05"]),
        ("days", ["2023-12-31"], ["tại ngày 31/12/2024", "tại ngày 31/12/2023"]),
    ],
)
def test_lines_side_by_side_are_the_looks_themselves(
    kind: str, wanted: list[str], labels: list[str]
) -> None:
    found = compare(kind, HERE, wanted, data=DATA)
    assert list(found.looks) == labels
    assert found.chart is not None
    frame = found.frame()
    assert list(dict.fromkeys(frame["line"])) == list(found.looks)
    own = frame[frame["line"] == next(iter(found.looks))].drop(columns="line")
    assert own.reset_index(drop=True).equals(look(HERE, "vi", DATA).frame())
    drawn = [trace for trace in found.chart.data if trace["mode"] == "lines+markers"]
    assert [trace["name"] for trace in drawn] == list(found.looks)
    assert len({trace["marker"]["symbol"] for trace in drawn}) == 2  # not by colour alone


def test_rule_sets_side_by_side_with_our_chance() -> None:
    [part] = compare("rules", HERE, data=DATA).parts()
    assert "ESCAP" in part.data and "Eurostat" in part.data and "62%" in part.data
    [part] = compare("rules", replace(HERE, target="KTS01"), data=DATA).parts()
    assert "Không bộ quy tắc nào xếp loại được" in part.data


def test_no_more_lines_than_can_be_told_apart(registry: Registry) -> None:
    areas = registry.plan(HERE.plan).areas
    assert len(compare("areas", HERE, areas, data=DATA).looks) == 8 < len(areas)


# --- assumptions ----------------------------------------------------------------------------------


def test_assuming_by_hand_is_what_the_file_says(tmp_path: Path) -> None:
    found = assume(look(HERE, "vi", DATA), Settings(2.0, 2025, 80.0, 2027))
    assert found.answers is not None
    none, twice, _, wanted = found.answers.answers
    assert (round(none.chance, 4), round(twice.chance, 4)) == (0.6268, 0.8844)
    assert wanted.chance == pytest.approx(0.8, abs=1e-9)
    assert found.chart is not None and found.synthetic
    assumed = found.chart.data[-1]
    end = assumed["x"].index(2025.0)
    assert assumed["y"][end] == round(twice.median, 2)
    last = found.look.case.fit
    assert found._path()[0]["value"] == pytest.approx(float(last.values[-1]), abs=1e-9)


# --- the widgets ----------------------------------------------------------------------------------


def test_choosing_shows_another_look(explorer: Explorer) -> None:
    assert [PLOTLY_MIME in data for data in shown(explorer)] == [False, False, True, False]
    explorer.area.value = "356"
    assert explorer.choice.area == "356" and "Thành phố Nam Định" in text_of(explorer)
    explorer.target.value = "XHS05"
    assert "XHS05 ·" in text_of(explorer)
    explorer.as_of.value = "2023-12-31"
    assert explorer.choice.as_of == "2023-12-31"
    explorer.plan.value = "quoc-gia-411"
    assert (explorer.choice.area, explorer.area.value) == ("VN", "VN")
    assert explorer.until.min == explorer.choice.deadline


def test_only_the_tab_in_view_is_made(explorer: Explorer) -> None:
    assert not explorer.outputs[1].outputs and not explorer.outputs[2].outputs
    explorer.tabs.selected_index = 1
    assert "đặt cạnh nhau" in text_of(explorer, 1)
    before = explorer.outputs[0].outputs
    for kind in ("targets", "days", "rules"):
        explorer.kind.value = kind
        assert 'role="alert"' not in text_of(explorer, 1)
    explorer.tabs.selected_index = 2
    explorer.times.value = 3.0
    assert "tốc độ gấp 3 lần" in text_of(explorer, 2)
    assert explorer.outputs[0].outputs == before


def test_an_error_stands_as_a_sentence_where_the_result_would(
    explorer: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = Problem("356.csv", "the file is not UTF-8: {detail}", params={"detail": "<x>"})

    def broken(*_: Any) -> Any:
        raise ProblemsError([problem])

    with monkeypatch.context() as patch:
        patch.setattr("kts_analysis.exploring.widgets.look", broken)
        explorer.area.value = "356"
    text = text_of(explorer)
    assert "356.csv: " in text and "&lt;x&gt;" in text and 'role="alert"' in text
    assert isinstance(sys.last_value, ProblemsError)
    assert explorer.shown is None
    explorer.area.value = "366"  # and it goes on
    assert 'role="alert"' not in text_of(explorer)


def test_saving_names_the_files(explorer: Explorer, tmp_path: Path) -> None:
    explorer.keep.click()
    assert "Đã lưu" in explorer.said.value and ".xlsx" in explorer.said.value
    assert len(list((tmp_path / "ra").iterdir())) == 3
    explorer.area.value = "356"
    assert explorer.said.value == ""


def test_an_assumption_is_saved_as_a_scenario(data_copy: Path, tmp_path: Path) -> None:
    explorer = Explorer(HERE, "vi", str(data_copy), str(tmp_path))
    explorer.tabs.selected_index = 2
    explorer.value.value = 90.0
    explorer.keep_scenario.click()
    assert "kts run --scenario 366-kts04-2025" in explorer.said.value
    saved = load_scenario("366-kts04-2025", data_copy)
    assert [each.kind for each in saved.assumptions] == ["pace", "catch_up", "chance", "target"]
    explorer.keep_scenario.click()
    assert "đã có rồi" in explorer.said.value  # nothing is replaced


# --- files ----------------------------------------------------------------------------------------


def test_picture_and_data_are_marked_and_the_same_again(tmp_path: Path) -> None:
    found = look(HERE, "vi", DATA)
    first = save(found, tmp_path, VI).files
    stem = "huyen-hai-hau-kts04-ty-le-doanh-nghiep-su-dung-hop-dong-dien-tu"
    assert [path.name for path in first] == [f"{stem}.html", f"{stem}.csv", f"{stem}.xlsx"]
    content = [path.read_bytes() for path in first]
    assert save(found, tmp_path, VI).files == first
    assert [path.read_bytes() for path in first] == content
    other = save(look(replace(HERE, as_of="2023-12-31"), "vi", DATA), tmp_path, VI).files
    assert other[0].name == f"{stem}-2.html"  # another look of that title replaces nothing
    page = content[0].decode()
    assert page.count("SỐ LIỆU GIẢ LẬP") == 2 and '"format": "svg"' in page
    assert "Plotly.newPlot" in page and "<script src" not in page
    rows = list(csv.DictReader(io.StringIO(content[1].decode("utf-8-sig"))))
    assert {row["mark"] for row in rows} == {"SỐ LIỆU GIẢ LẬP"}
    assert next(row["value"] for row in rows if row["kind"] == "projected") == "63.38"
    sheet = openpyxl.load_workbook(first[2]).active
    assert (sheet["A1"].value, sheet["A2"].value) == (found.title, "SỐ LIỆU GIẢ LẬP")
    assert sheet.max_row == 3 + len(rows)


def test_published_figures_carry_no_mark(tmp_path: Path) -> None:
    found = look(Choice("quoc-gia-411", "VN", "KTS03", 2025, "2022-12-31"), "vi", DATA)
    files = save(found, tmp_path, VI).files
    assert not found.synthetic
    assert all(b"GI\xe1\xba\xa2 L\xe1\xba\xacP" not in path.read_bytes() for path in files)


def test_no_text_of_a_saved_table_is_a_formula() -> None:
    frame = look(HERE, "vi", DATA).frame()
    frame["area_code"] = "=1+1"
    text = csv_text(marked(frame, VI, synthetic=True))
    assert text.splitlines()[1].startswith("'=1+1,")
    assert "\n=1" not in text


def test_names_of_files_are_ascii_and_short() -> None:
    assert file_stem("Huyện Ý Yên – XHS05: đạt / vượt?") == "huyen-y-yen-xhs05-dat-vuot"
    assert len(file_stem("x" * 300)) == 80


# --- errors in a notebook -------------------------------------------------------------------------


def test_sentences_of_errors() -> None:
    message = "unknown plan {plan}; there are {known}"
    assert sentence(KtsError(message, plan="x", known="y"), VI).startswith("không có kế hoạch x")
    unforeseen = sentence(ZeroDivisionError("division by zero"), VI)
    assert unforeseen.startswith("Có lỗi ngoài dự liệu: ZeroDivisionError: division by zero.")
    assert "%tb" in unforeseen
    assert sentence(FileNotFoundError(2, "No such file", "a.csv"), VI) == "a.csv: No such file"


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    found = InteractiveShell.instance()
    before = found.custom_exceptions, found.CustomTB
    yield found
    found.custom_exceptions, found.CustomTB = before
    InteractiveShell.clear_instance()


def test_a_cell_fails_with_one_sentence_and_tb_shows_all(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    friendly_errors("vi")
    code = "import kts_analysis as kts\nkts.load_plan('khong-co')"
    assert isinstance(shell.run_cell(code).error_in_exec, KtsError)
    said = capsys.readouterr().out
    assert said.startswith("không có kế hoạch khong-co") and "Traceback" not in said
    assert len(said.strip().splitlines()) == 1
    shell.run_cell("%tb")
    assert "Traceback" in capsys.readouterr().out


def test_a_notebook_stops_at_the_sentence() -> None:
    cells = ["import kts_analysis as kts\nkts.friendly_errors('vi')", "1 / 0", "print('later')"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    with pytest.raises(CellExecutionError):
        NotebookClient(notebook, kernel_name="python3").execute()
    [output] = notebook.cells[1].outputs
    assert output.output_type == "error"
    assert len(output.traceback) == 1 and "ZeroDivisionError" in output.traceback[0]
    assert notebook.cells[2].outputs == []


# --- the first page and the command ---------------------------------------------------------------


def test_the_first_page_lists_what_there_is(tmp_path: Path) -> None:
    page = start_page(str(ROOT / "notebooks"), lang="vi").data
    names = [path.name for path in (ROOT / "notebooks").glob("*.ipynb")]
    for name in names:
        assert (f'href="{name}"' in page) == (name != "start.ipynb")
    assert page.index("explore.ipynb") < page.index("area_report.ipynb")
    (tmp_path / "tutorials").mkdir()
    notebook = {"cells": [{"cell_type": "markdown", "source": ["# Một tỉnh / One province\n"]}]}
    (tmp_path / "tutorials" / "01.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    (tmp_path / "hong.ipynb").write_text("{", encoding="utf-8")
    page = start_page(str(tmp_path), lang="vi").data
    assert '<a href="tutorials/01.ipynb">Một tỉnh</a>' in page
    assert '<a href="hong.ipynb">hong</a>' in page  # a broken one is still offered by its name
    assert title_of(tmp_path / "tutorials" / "01.ipynb", "en") == "One province"


def test_the_language_is_that_of_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KTS_LANG", raising=False)
    assert (spoken(), spoken("en")) == ("vi", "en")
    monkeypatch.setenv("KTS_LANG", "en")
    assert (spoken(), spoken("vi")) == ("en", "vi")
    monkeypatch.setenv("KTS_LANG", "xx")
    assert spoken() == "vi"


def test_the_command_asks_the_network_for_nothing(tmp_path: Path) -> None:
    command = lab.lab_arguments(tmp_path, port=0, browser=False)
    assert set(lab.OFFLINE) <= set(command)
    assert f"--ServerApp.root_dir={tmp_path}" in command
    assert "--LabApp.default_url=/lab/tree/start.ipynb" in command
    assert "--ServerApp.ip=127.0.0.1" in command and "--no-browser" in command
    assert "--no-browser" not in lab.lab_arguments(tmp_path, port=0, browser=True)


def test_jupyterlab_obeys_the_flags() -> None:
    """The names are JupyterLab's own: a renamed one would be ignored without a word."""
    from jupyterlab.handlers.announcements import NeverCheckForUpdate
    from jupyterlab.labapp import LabApp

    app = LabApp()
    app.parse_command_line(list(lab.OFFLINE))
    assert app.news_url is None
    assert app.check_for_updates_class is NeverCheckForUpdate
    assert app.extension_manager == "readonly"


def test_lab_starts_jupyterlab_with_data_and_language(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []

    monkeypatch.setattr("kts_analysis.commands.lab.start", lambda *given: started.append(given))
    assert main(["lab", "--data", DATA, "--lang", "en", "--port", "8123", "--no-browser",
                 "--", "--allow-root"]) == 0  # fmt: skip
    [(command, environment)] = started
    assert "--ServerApp.port=8123" in command
    assert command[-2:] == ["--no-browser", "--allow-root"]
    assert (environment["KTS_DATA"], environment["KTS_LANG"]) == (DATA, "en")
    settings = Path(environment["JUPYTER_CONFIG_PATH"].split(os.pathsep)[0])
    config = json.loads((settings / "labconfig" / "page_config.json").read_text("utf-8"))
    assert list(config["disabledExtensions"]) == ["@jupyterlab/apputils-extension:announcements"]


def test_lab_without_notebooks_says_where_they_are_looked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lab", "--data", DATA, "--notebooks", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert "start.ipynb" in error and "--notebooks" in error
