"""``kts ingest`` as it is called: damaged files, odd paths, kills; the store stays what it was."""

from __future__ import annotations

import csv
import os
import random
import shutil
import sys
import time
from pathlib import Path

import ingest_jobs
import pytest
from mutilate import mutilated
from openpyxl import load_workbook
from tables import MAPPING, department_table, mapping_file

from kts_analysis.cli import main
from kts_analysis.registry import Registry
from kts_analysis.registry_files import load_registry
from kts_analysis.store import load_observations

PLAN = "nam-dinh-105"
LIMIT = 60.0  # seconds for one file
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="NOT RUN: SIGKILL and fork servers")
OF_MUTILATED = """\
tables:
  - first_row: 2
    where:
      area_code: {column: A, names: {Huyện 1: "359"}}
      indicator: {fixed: XHS05}
      period: {column: C}
      series: {fixed: district_report}
      source: {fixed: made up for a test}
    figures: [{field: numerator, columns: D}, {field: denominator, columns: E}]
"""


@pytest.fixture
def store(tmp_path: Path, data_folder: Path) -> Registry:
    """A data folder without the made-up figures."""
    place = tmp_path / "data"
    shutil.copytree(data_folder, place, ignore=shutil.ignore_patterns("sample", "__pycache__"))
    return load_registry(place)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, caches aside."""
    files = (path for path in folder.rglob("*") if path.is_file() and ".kts-cache" not in str(path))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def command(store: Registry, *arguments: object, lang: str = "vi") -> list[str]:
    options = ["--data", str(store.root), "--plan", PLAN, "--lang", lang]
    return ["ingest", *map(str, arguments), *options]


# --- damaged files --------------------------------------------------------------------------------


def test_every_mutilated_workbook_ends_in_words(store: Registry, tmp_path: Path) -> None:
    sent, marked, scratch = (tmp_path / name for name in ("sent", "marked", "scratch"))
    sent.mkdir()
    scratch.mkdir()
    names = []
    for case in mutilated():
        (sent / case.name).write_bytes(case.content)
        names.append(case.name)
    mapping = mapping_file(tmp_path, OF_MUTILATED)
    before = contents(tmp_path)
    options = ["--mapping", mapping, "--marked", marked, "--dry-run"]
    runs = [command(store, sent / name, *options) for name in names]
    process, words = ingest_jobs.started(ingest_jobs.run_each, runs, str(scratch))
    codes = []
    for name in names:
        if not words.poll(LIMIT):
            process.kill()
            pytest.fail(f"{name}: not done after {LIMIT:g} seconds")
        code, text, written = words.recv()
        assert code in (0, 2), f"{name}: {code}"
        assert text.strip() and "Traceback" not in text, f"{name}: {text}"
        places = {str(marked), str(scratch), str(store.root / ".kts-cache")}
        outside = {path for path in written if not path.startswith(tuple(places))}
        assert outside == set(), name
        codes.append(code)
    process.join()
    assert len(codes) > 200 and codes.count(2) > 150
    after = {name: what for name, what in contents(tmp_path).items() if "marked/" not in name}
    assert after == before


# --- odd paths ------------------------------------------------------------------------------------


def test_a_file_that_is_not_there_and_a_folder_are_one_problem_each(
    store: Registry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path, words in ((tmp_path / "không có.xlsx", "không có tệp này"), (tmp_path, "tệp")):
        assert main(command(store, path)) == 2
        told = capsys.readouterr()
        assert len(told.err.splitlines()) == 1 and words in told.err
        assert "không lưu gì: 1 lỗi" in told.out


def test_no_file_is_a_usage_error(store: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command(store)) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_paths_with_dots_blanks_and_vietnamese_letters(
    store: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, elsewhere = tmp_path / "Báo cáo quý I", tmp_path / "x"
    folder.mkdir()
    elsewhere.mkdir()
    department_table(folder / "Biểu số liệu của Sở.xlsx", E10=3200)
    mapping = mapping_file(tmp_path)
    monkeypatch.chdir(elsewhere)
    path = Path("..") / folder.name / "Biểu số liệu của Sở.xlsx"
    assert main(command(store, path, "--mapping", mapping)) == 0
    assert [p.name for p in (store.root / "reported").iterdir()] == [
        "000001-bieu-so-lieu-cua-so.csv"
    ]
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("name", ["….xlsx", "x" * 200 + ".xlsx", "-.xlsx", "con.xlsx", "a.b.XLSX"])
def test_odd_names_are_stored_and_marked(store: Registry, tmp_path: Path, name: str) -> None:
    mapping, marked = mapping_file(tmp_path), tmp_path / "m"
    faulty = department_table(tmp_path / name, E6="1.234")
    options = ["--mapping", mapping, "--marked", marked]
    assert main(command(store, faulty, *options)) == 2
    assert len(list(marked.glob("*-can-sua.xlsx"))) == 1
    good = department_table(tmp_path / name, E10=3200)
    assert main(command(store, good, *options)) == 0
    assert len(list((store.root / "reported").glob("000001-*.csv"))) == 1


def test_the_same_file_twice_is_one_file(
    store: Registry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = department_table(tmp_path / "b.xlsx", E10=3200)
    again = tmp_path / "x" / ".." / "b.xlsx"
    again.parent.parent.mkdir()
    mapping = mapping_file(tmp_path)
    assert main(command(store, path, again, path, "--mapping", mapping, lang="en")) == 0
    told = capsys.readouterr()
    assert "5 figures stored" in told.out and "stands at" not in told.err


def test_two_files_of_one_name_are_told_apart(
    store: Registry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder, cell in (("a", "E6"), ("b", "E8")):
        (tmp_path / folder).mkdir()
        department_table(tmp_path / folder / "b.xlsx", **{cell: "1.234"})
    files = [tmp_path / "a" / "b.xlsx", tmp_path / "b" / "b.xlsx"]
    options = ["--mapping", mapping_file(tmp_path), "--marked", tmp_path / "marked"]
    assert main(command(store, *files, *options)) == 2
    told = capsys.readouterr().err.splitlines()
    for file, cell in zip(files, ("E6", "E8"), strict=True):
        mine = [line for line in told if str(file) in line and f", {cell}: " in line]
        assert any("nhiều số" in line for line in mine)
    assert sorted(path.name for path in (tmp_path / "marked").iterdir()) == [
        "b-can-sua-2.xlsx",
        "b-can-sua.xlsx",
    ]
    first = load_workbook(tmp_path / "marked" / "b-can-sua.xlsx")["Biểu 01"]
    second = load_workbook(tmp_path / "marked" / "b-can-sua-2.xlsx")["Biểu 01"]
    assert first["E6"].comment is not None and first["E8"].comment is None
    assert second["E8"].comment is not None


def test_a_marked_copy_somebody_works_in_is_not_replaced(store: Registry, tmp_path: Path) -> None:
    path = department_table(tmp_path / "b.xlsx", E6="1.234")
    mapping = mapping_file(tmp_path)
    assert main(command(store, path, "--mapping", mapping)) == 2
    copy = tmp_path / "b-can-sua.xlsx"
    copy.write_bytes(b"half mended")
    assert main(command(store, path, "--mapping", mapping)) == 2
    assert copy.read_bytes() == b"half mended"
    assert (tmp_path / "b-can-sua-2.xlsx").exists()


@pytest.mark.parametrize("refused", ["a file stands there", "read only"])
def test_a_folder_that_takes_no_marked_copy_is_said(
    store: Registry, tmp_path: Path, capsys: pytest.CaptureFixture[str], refused: str
) -> None:
    path = department_table(tmp_path / "b.xlsx", E6="1.234")
    marked = tmp_path / "marked"
    if refused == "read only":
        if sys.platform == "win32" or os.geteuid() == 0:
            pytest.skip("NOT RUN: may write everywhere")
        marked.mkdir(mode=0o555)
    else:
        marked.write_bytes(b"")
    options = ["--mapping", mapping_file(tmp_path), "--marked", marked]
    assert main(command(store, path, *options)) == 2
    told = capsys.readouterr()
    assert "E6" in told.err and "--marked" in told.err and "không lưu gì" in told.out
    assert not (store.root / "reported").exists()


def test_a_day_that_is_none_is_refused_at_once(
    store: Registry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = department_table(tmp_path / "b.xlsx")
    assert main(command(store, path, "--reported", "hôm qua")) == 2
    assert "hôm qua không phải là ngày" in capsys.readouterr().err


def test_check_says_of_a_workbook_what_ingest_would(
    store: Registry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mau.xlsx"
    options = ["--data", str(store.root), "--lang", "en"]
    wanted = ["--areas", "359", "--periods", "2023"]
    assert main(["template", "--plan", PLAN, "--out", str(path), *wanted, *options]) == 0
    book = load_workbook(path)
    sheet = next(book[name] for name in book.sheetnames if name.startswith("359"))
    keys = {cell.value: cell.column for cell in sheet[3]}
    rows = range(5, sheet.max_row + 1)
    row = next(n for n in rows if sheet.cell(n, keys["indicator"]).value == "XHS05")
    sheet.cell(row, keys["value"]).value = "1.234"
    book.save(path)
    capsys.readouterr()
    published = store.root / "published" / "observations.csv"
    assert main(["check", str(path), str(published), *options]) == 2
    told = capsys.readouterr()
    assert "can mean several numbers: 1234 / 1.234" in told.err and "1 files" in told.out
    assert main(["ingest", str(path), "--dry-run", *options]) == 2
    assert capsys.readouterr().err.splitlines()[0] == told.err.splitlines()[0]


# --- kills ----------------------------------------------------------------------------------------


def figures_of(path: Path) -> list[tuple[str, ...]]:
    with path.open(encoding="utf-8", newline="") as handle:
        names = ("area_code", "period", "numerator", "denominator", "vintage")
        return [tuple(row[name] for name in names) for row in csv.DictReader(handle)]


def kill_ingests(store: Registry, folder: Path, kills: int, seed: int) -> tuple[int, int]:
    """Kill that many runs of the command; return how many had stored, and how many had not."""
    chance = random.Random(seed)
    good = department_table(folder / "b.xlsx", E10=3200)
    calls, seconds, stored = 0, 0.0, [0, 0]
    for kill in range(kills + 1):
        day = f"2024-{1 + kill // 28:02d}-{1 + kill % 28:02d}"
        mapping = mapping_file(folder, MAPPING.replace("2025-01-15", day))
        arguments = command(store, good, "--mapping", mapping)
        before = contents(store.root)
        moment = chance.randrange(1, calls + 1) if kill % 2 else 10**9
        begun = time.monotonic()
        process, words = ingest_jobs.started(ingest_jobs.store_until, arguments, moment)
        if kill == 0:  # nobody is killed: how long does it take?
            calls = words.recv()
        elif not kill % 2:
            process.join(chance.uniform(0, 2 * seconds))  # in the end nobody is killed
            process.kill()
        process.join()
        seconds = seconds or time.monotonic() - begun
        loaded = load_observations(store.root)
        assert [found for found in loaded.problems if found.file.startswith("reported/")] == []
        fresh = {name: what for name, what in contents(store.root).items() if name not in before}
        batches = [name for name in fresh if name.endswith(".csv")]
        assert len(batches) <= 1
        assert before.items() <= contents(store.root).items()
        if kill:
            assert process.exitcode in (-9, 0)
            stored[bool(batches)] += 1
        assert main(arguments) == 0  # a repeated run completes, or finds that all is there
        stored_now = (store.root / "reported").glob("*.csv")
        of_day = [figures_of(p) for p in stored_now if day in p.read_text(encoding="utf-8")]
        assert of_day == [
            [
                ("356", "2022", "500", "1000", day),
                ("356", "2023", "700", "1000", day),
                ("359", "2022", "1200", "4000", day),
                ("359", "2023", "1600", "4000", day),
                ("360", "2023", "900", "3000", day),
            ]
        ]
    last = mapping_file(folder, MAPPING.replace("2025-01-15", "2025-02-01"))
    assert main(command(store, good, "--mapping", last)) == 0
    names = {path.name for path in (store.root / "reported").iterdir()}
    assert {name for name in names if not name.endswith(".csv")} == set()
    assert len(names) == kills + 2
    return stored[0], stored[1]


@LINUX
def test_killed_runs_store_all_or_nothing(store: Registry, tmp_path: Path) -> None:
    nothing, everything = kill_ingests(store, tmp_path, 12, seed=1)
    assert nothing > 2 and everything > 0


@LINUX
@pytest.mark.faults
@pytest.mark.parametrize(
    "seed", [2, *(pytest.param(seed, marks=pytest.mark.soak) for seed in (3, 4, 5, 6))]
)
def test_many_killed_runs_store_all_or_nothing(store: Registry, tmp_path: Path, seed: int) -> None:
    nothing, everything = kill_ingests(store, tmp_path, 60, seed)
    assert nothing > 5 and everything > 0
