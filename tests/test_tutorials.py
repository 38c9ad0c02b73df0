"""The tutorials: what they use works and tidies up, and what they print is the same everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from openpyxl import load_workbook

from kts_analysis.cli import main
from kts_analysis.errors import KtsError, ProblemsError
from kts_analysis.tutorials.desk import Desk, new_desk, sample_desk
from kts_analysis.tutorials.filling import fill_template

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "notebooks" / "tutorials"
LESSONS = sorted(FOLDER.glob("*.ipynb"))
LONGEST_CELL = 8
HEADER = "area,indicator,period,numerator,denominator,vintage,source\n"


def cells(path: Path) -> list[Any]:
    return list(nbformat.read(path, as_version=4).cells)


def printed(path: Path) -> Iterator[str]:
    """Yield every text a lesson shows beside its pictures."""
    for cell in cells(path):
        for output in cell.get("outputs", ()):
            yield output.get("text", "")
            for kind in ("text/plain", "text/html"):
                yield str(output.get("data", {}).get(kind, ""))


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = new_desk(FOLDER / "tinh-vi-du")
    yield made
    made.close()


# --- the lessons ----------------------------------------------------------------------------------


def test_there_are_six_lessons_in_order() -> None:
    assert [path.name[:2] for path in LESSONS] == ["01", "02", "03", "04", "05", "06"]


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_is_short_thin_and_says_what_comes_next(path: Path) -> None:
    first, *rest = cells(path)
    number = int(path.name[:2])
    title = first.source.splitlines()[0]
    assert re.fullmatch(rf"# Bài {number}\. .+ / .+", title)
    code = [cell for cell in rest if cell.cell_type == "code"]
    assert all(len(cell.source.splitlines()) <= LONGEST_CELL for cell in code)
    assert not any(re.search(r"^\s*(def|class|try)\b", cell.source, re.M) for cell in code)
    assert all(cell.execution_count for cell in code)
    assert rest[-1].source.startswith("## Làm gì tiếp / What to do next")
    opened = any("_desk(" in cell.source for cell in code)
    assert not opened or code[-1].source == "desk.close()"


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_link_of_a_lesson_leads_somewhere(path: Path) -> None:
    texts = [cell.source for cell in cells(path) if cell.cell_type == "markdown"]
    links = re.findall(r"\]\(([^)#]+)", "\n".join(texts))
    assert links
    assert [link for link in links if not (FOLDER / link).resolve().is_file()] == []


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_prints_no_place_of_this_machine_and_no_clock(path: Path) -> None:
    told = "\n".join(printed(path))
    assert told
    for pattern in (r"/tmp\b", r"/home/", r"/Users/", r"[A-Z]:\\", r"kts-lesson-", r"in \d+\.\d+s"):
        assert re.search(pattern, told) is None, pattern
    assert re.search(r"\d\d:\d\d:\d\d", told.replace("06:30:00", "")) is None  # the timer's own


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_made_up_figures_say_so(path: Path) -> None:
    """Lesson 2 uses published figures, lesson 5 and 6 show none."""
    texts = "\n".join(cell.source for cell in cells(path))
    if path.name[:2] in ("01", "03", "04"):
        assert "GIẢ LẬP" in texts and "SYNTHETIC" in texts
        assert "GIẢ LẬP" in "".join(printed(path)) or "synthetic" in "".join(printed(path))


# --- the desk -------------------------------------------------------------------------------------


def test_a_desk_leaves_nothing_behind(capsys: pytest.CaptureFixture[str]) -> None:
    made = sample_desk()
    assert made.path("data/plans").is_dir() and not made.path("data/reported").exists()
    made.close()
    assert not made.folder.exists()
    assert "removed" in capsys.readouterr().out


def test_a_command_of_the_desk_says_all_it_says(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.kts("list --plan khong-co")
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "$ kts list --plan khong-co"
    assert "khong-co" in told[1] and "tinh-vi-du" in told[1]
    assert told[-1] == "(mã thoát / exit code 2)"


def test_a_lesson_prints_the_same_on_a_build_machine(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    reason = "x" * 200  # pytest cuts it to the width of the screen, but not where CI is set
    desk.path("test_it.py").write_text(f"def test_it():\n    assert 0, {reason!r}\n")
    desk.python("-m pytest -q --tb=no test_it.py")
    usual = capsys.readouterr().out
    for name in ("CI", "BUILD_NUMBER", "FORCE_COLOR", "PY_COLORS", "PYTEST_ADDOPTS"):
        monkeypatch.setenv(name, "1" if name != "PYTEST_ADDOPTS" else "-vv")
    desk.python("-m pytest -q --tb=no test_it.py")
    assert capsys.readouterr().out == usual
    assert "1 failed" in usual and reason not in usual


def test_places_codes_and_times_are_tidied(desk: Desk) -> None:
    text = f"{desk.folder / 'lich' / 'x'} reports/2025-01-20-1a2b3c4d/index.html 3 passed in 0.12s"
    tidy = desk.tidy(text).replace("\\", "/")
    assert tidy == "~/bai-hoc/lich/x reports/2025-01-20-xxxxxxxx/index.html 3 passed"
    assert desk.tidy("2025-01-20 12345678") == "2025-01-20 12345678"


def test_files_are_shown_replaced_and_listed(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.show("data/crosswalk.csv", last=1)
    desk.files("data", "*.csv")
    assert capsys.readouterr().out.splitlines() == [
        "from_code,to_code,day,share,verification,source",
        "data/areas.csv",
        "data/crosswalk.csv",
    ]
    desk.replace("data/areas.csv", "Huyện Thứ Nhất", "Huyện Một")
    assert "Huyện Một" in desk.path("data/areas.csv").read_text(encoding="utf-8")
    with pytest.raises(KtsError, match="must stand there once, it stands there 0 times"):
        desk.replace("data/areas.csv", "Huyện Thứ Nhất", "x")
    with pytest.raises(KtsError, match="it stands there 4 times"):
        desk.replace("data/areas.csv", "district,V,", "x")
    with pytest.raises(KtsError, match="outside the lesson's folder"):
        desk.path("../x")
    with pytest.raises(KtsError, match="no folder khong-co"):
        new_desk("khong-co")


# --- filling in -----------------------------------------------------------------------------------


@pytest.fixture
def template(desk: Desk) -> Path:
    made = desk.path("mau.xlsx")
    ask = ["--plan", "tinh-vi-du", "--periods", "2023-2024", "--areas", "V1,V2"]
    assert main(["template", *ask, "--data", str(desk.path("data")), "--out", str(made)]) == 0
    return made


def test_figures_land_in_their_rows(desk: Desk, template: Path) -> None:
    figures = desk.path("f.csv")
    lines = "V2,XHS08,2024,5,10,2025-01-20,Huyện\nV1,XHS05,2023,1.5,,,\n"
    figures.write_text(HEADER + lines, encoding="utf-8")
    assert fill_template(template, figures, desk.path("xong.xlsx")) == 2
    book = load_workbook(desk.path("xong.xlsx"))
    sheets = {sheet.title: sheet for sheet in book}
    second = sheets["V2 Huyện Thứ Hai"]
    found = [
        [cell.value for cell in row]
        for row in second.iter_rows(5, min_col=3, max_col=9)
        if row[-1].value is not None
    ]
    assert [[row[0], row[3], *row[5:]] for row in found] == [["XHS08", "2024", 5, 10]]
    values = [row[5] for row in sheets["V1 Huyện Thứ Nhất"].iter_rows(5, 20, 3, 9, True)]
    assert "1.5" in values  # no whole number: typed as text, as a person would


def test_every_line_without_a_row_is_named(desk: Desk, template: Path) -> None:
    figures = desk.path("f.csv")
    wrong = "V9,XHS08,2024,5,10,,\nV1,XHS08,2020,5,10,,\n"
    figures.write_text(HEADER + wrong, encoding="utf-8")
    with pytest.raises(ProblemsError) as error:
        fill_template(template, figures, desk.path("xong.xlsx"))
    assert str(error.value).splitlines() == [
        "f.csv:2: the template has no row for this figure",
        "f.csv:3: the template has no row for this figure",
    ]
    figures.write_text("area,indicator,period,count\nV1,XHS08,2024,5\n", encoding="utf-8")
    with pytest.raises(ProblemsError, match=r"f\.csv:2: the template has no column count"):
        fill_template(template, figures, desk.path("xong.xlsx"))
    assert not desk.path("xong.xlsx").exists()
