"""The store that is appended to: whole batches or none, whoever is killed or writes as well."""

from __future__ import annotations

import csv
import errno
import multiprocessing
import os
import random
import shutil
import sys
from datetime import date
from pathlib import Path
from typing import Any

import batch_jobs
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kts_analysis import disk
from kts_analysis.batches import LOCK, already_stored, append
from kts_analysis.disk import hold
from kts_analysis.errors import KtsError, LockedError, ProblemsError
from kts_analysis.reporting.manifest import given_files
from kts_analysis.schema import OBSERVATION_COLUMNS
from kts_analysis.store import known_on, load_observations

CELLS = batch_jobs.CELLS | {"value": "50", "vintage": "2025-02-14", "origin": "reported"}
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def data(data_copy: Path) -> Path:
    """A data folder without any observation."""
    for folder in ("published", "sample"):
        shutil.rmtree(data_copy / folder)
    return data_copy


def files_of(data: Path) -> dict[str, bytes]:
    """Everything below ``reported/``, by name."""
    return {path.name: path.read_bytes() for path in (data / "reported").glob("*")}


def test_a_batch_is_a_file_of_its_own_and_comes_back(data: Path) -> None:
    first = append([CELLS], data, name="Báo cáo quý I")
    assert first == data / "reported" / "000001-bao-cao-quy-i.csv"
    assert first.read_text(encoding="utf-8").splitlines() == [
        ",".join(OBSERVATION_COLUMNS),
        "359,XHS08,district_report,,2024,50,,,,exact,2025-02-14,reported,made up for a test,,,",
    ]
    kept = first.read_bytes()
    second = append([CELLS | {"value": "51.5", "vintage": "2025-03-01"}], data, name="Đính chính")
    assert second.name == "000002-dinh-chinh.csv"
    assert first.read_bytes() == kept
    loaded = load_observations(data)
    assert loaded.problems == []
    assert loaded.table["value"].tolist() == [50.0, 51.5]
    assert loaded.table["row"].tolist() == [
        "reported/000001-bao-cao-quy-i.csv:2",
        "reported/000002-dinh-chinh.csv:2",
    ]
    assert set(files_of(data)) == {first.name, second.name}  # no lock, nothing half written


def test_the_next_number_is_free_and_no_area_s_code(data: Path) -> None:
    reported = data / "reported"
    reported.mkdir()
    header = ",".join(OBSERVATION_COLUMNS) + "\n"
    for name in ("000041-cu.csv", "359.csv", "99-tay.csv", ".000077-x.csv.9.part"):
        (reported / name).write_text(header, encoding="utf-8", newline="\n")
    with (data / "areas.csv").open("a", encoding="utf-8", newline="") as handle:
        handle.write("000042,Xã Thử,Thu,xã,commune,VN,,,unverified,test\n")
    assert append([CELLS], data, name="x").name == "000043-x.csv"
    assert not (reported / ".000077-x.csv.9.part").exists()  # a killed writer's


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"value": "năm mươi"}, "a number with a decimal point is expected"),
        ({"area_code": "99999"}, "unknown area code"),
        ({"period": "2024-02-30"}, "there is no such day"),
        ({"value": ""}, "neither a value nor both counts"),
        ({"vintage": "2199-01-01"}, "lies in the future"),
    ],
)
def test_what_reading_would_set_aside_is_not_stored(
    data: Path, change: dict[str, str], words: str
) -> None:
    rows = [CELLS, CELLS | {"period": "2023"} | change]
    with pytest.raises(ProblemsError) as caught:
        append(rows, data, name="x")
    problem = caught.value.problems[0]
    assert (problem.file, problem.row) == ("reported/000001-x.csv", 3)
    assert words in problem.text()
    assert files_of(data) == {}


def test_a_warning_keeps_nothing_out(data: Path) -> None:
    early = CELLS | {"period": "2025", "vintage": "2025-03-01"}
    append([early], data, name="x")
    assert [problem.severity for problem in load_observations(data).problems] == ["warning"]


def test_the_same_row_again_and_another_value_of_the_same_day(data: Path) -> None:
    append([CELLS, CELLS | {"period": "2023"}], data, name="một")
    other, fresh = CELLS | {"value": "60"}, CELLS | {"period": "2022"}
    rows = [CELLS, other, fresh, CELLS | {"value": "50.0"}]
    assert already_stored(rows, data) == [True, False, False, False]
    with pytest.raises(ProblemsError) as caught:
        append(rows, data, name="hai")
    told = [(problem.row, problem.message.split(";")[0]) for problem in caught.value.problems]
    assert told == [
        (2, "{found} is stored already, every cell the same"),
        (3, "{found} stands twice with the same publication date"),
        (5, "{found} stands twice with the same publication date"),
    ]
    assert caught.value.problems[0].found == "359 XHS08 2024"
    assert list(files_of(data)) == ["000001-mot.csv"]
    append([fresh], data, name="hai")
    assert already_stored([fresh, CELLS], data) == [True, True]


def test_areas_with_errors_take_nothing_more_but_others_do(data: Path) -> None:
    append([CELLS], data, name="x")
    bad = data / "reported" / "359-hong.csv"
    lines = (data / "reported" / "000001-x.csv").read_text(encoding="utf-8")
    bad.write_text(lines.replace(",50,", ",x,"), encoding="utf-8", newline="\n")
    with pytest.raises(ProblemsError, match=r"359-hong\.csv:2"):
        append([CELLS | {"period": "2020"}], data, name="y")
    assert append([CELLS | {"area_code": "360"}], data, name="y").name == "000002-y.csv"


def test_what_is_no_batch(data: Path) -> None:
    with pytest.raises(KtsError, match="there are no rows"):
        append([], data, name="x")
    with pytest.raises(KtsError, match="no letter and no digit"):
        append([CELLS], data, name="…")
    with pytest.raises(ProblemsError, match="unknown column"):
        append([CELLS | {"ghi chú": ""}], data, name="x")
    with pytest.raises(ProblemsError, match="the column is missing"):
        append([{"area_code": "359"}], data, name="x")
    with pytest.raises(KtsError, match="cannot be written"):
        append([CELLS | {"note": "\ud800"}], data, name="x")
    with pytest.raises(KtsError, match="1 of 2 rows would come back"):
        append([CELLS, dict.fromkeys(OBSERVATION_COLUMNS, "")], data, name="x")
    assert files_of(data) == {}


# --- properties -----------------------------------------------------------------------------------

WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('",;\n\té'), max_size=12
)
FIGURES = st.lists(
    st.tuples(
        st.sampled_from(["359", "360"]),
        st.integers(2000, 2009),
        st.decimals(0, 100, places=2),
        st.integers(0, 5),
        WORDS,
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda one: (one[0], one[1], one[3]),
)


def made(figures: list[tuple[Any, ...]]) -> list[dict[str, str]]:
    return [
        CELLS
        | {"area_code": code, "period": str(year), "value": str(value), "note": note}
        | {"vintage": f"{2011 + late}-01-31"}
        for code, year, value, late, note in figures
    ]


def shown(table: pd.DataFrame) -> list[tuple[Any, ...]]:
    """The figures of a table, whatever their order and place."""
    names = ["area_code", "period", "value", "vintage", "note", "vintage_date", "period_end"]
    return sorted(zip(*(table[name].tolist() for name in names), strict=True))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(figures=FIGURES, cut=st.integers(0, 12), day=st.integers(2010, 2017))
def test_rows_come_back_and_the_order_of_batches_does_not_matter(
    data: Path, figures: list[tuple[Any, ...]], cut: int, day: int
) -> None:
    rows = made(figures)
    parts = [part for part in (rows[:cut], rows[cut:]) if part]
    tables = []
    for order in (parts, parts[::-1]):
        shutil.rmtree(data / "reported", ignore_errors=True)
        for part in order:
            append(part, data, name="x")
        assert already_stored(rows, data) == [True] * len(rows)
        loaded = load_observations(data)
        assert loaded.errors == []
        tables.append(loaded.table)
    assert [(one[0], one[1], one[2], one[3]) for one in shown(tables[0])] == sorted(
        (row["area_code"], row["period"], float(row["value"]), row["vintage"]) for row in rows
    )
    once, again = (shown(known_on(table, date(day, 12, 31))) for table in tables)
    assert once == again
    assert len(once) == sum(row["vintage"] <= f"{day}-12-31" for row in rows)


# --- others, and what the system refuses ----------------------------------------------------------


def test_a_second_writer_is_refused_or_waits(data: Path) -> None:
    with (
        hold(data / LOCK, LockedError("busy")),
        pytest.raises(LockedError, match="another program is writing") as caught,
    ):
        append([CELLS], data, name="x")
    assert caught.value.exit_code == 3
    assert not (data / "reported").exists()
    append([CELLS], data, name="x")
    names = [name for name in given_files(data, ROOT / "notebooks") if name.startswith("data/")]
    assert [name for name in names if "000001" in name or LOCK in name] == [
        "data/reported/000001-x.csv"
    ]


@pytest.mark.parametrize("call", ["fsync", "link"])
def test_a_disk_that_refuses_leaves_the_store_as_it_was(
    data: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    append([CELLS], data, name="x")
    before = files_of(data)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(disk.os, call, full)
    with pytest.raises(KtsError, match=r"cannot be stored.*nothing was changed"):
        append([CELLS | {"period": "2020"}], data, name="y")
    assert files_of(data) == before


@pytest.mark.skipif(sys.platform == "win32", reason="NOT RUN: hard links are not asked for")
def test_without_hard_links_a_name_that_is_taken_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(disk.os, "link", none)
    disk.write_new(tmp_path / "a.csv", b"one")
    with pytest.raises(FileExistsError):
        disk.write_new(tmp_path / "a.csv", b"two")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.csv": b"one"}


def test_a_name_that_is_taken_stays(tmp_path: Path) -> None:
    disk.write_new(tmp_path / "a.csv", b"one")
    with pytest.raises(FileExistsError):
        disk.write_new(tmp_path / "a.csv", b"two")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.csv": b"one"}


@pytest.mark.parametrize("place", [LOCK, "reported"])
def test_a_place_that_is_taken_is_said_in_words(data: Path, place: str) -> None:
    (data / place).mkdir() if place == LOCK else (data / place).write_bytes(b"")
    before = sorted(path.name for path in data.iterdir() if path.name != LOCK)
    with pytest.raises(KtsError, match="cannot be stored") as caught:
        append([CELLS], data, name="x")
    assert caught.value.exit_code == 2
    assert sorted(path.name for path in data.iterdir() if path.name != LOCK) == before


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="NOT RUN: may write everywhere"
)
@pytest.mark.parametrize("place", [".", "reported"])
def test_a_read_only_folder_is_said_in_words(data: Path, place: str) -> None:
    append([CELLS], data, name="x")
    before = files_of(data)
    (data / LOCK).unlink(missing_ok=True)
    (data / place).chmod(0o555)
    try:
        with pytest.raises(KtsError, match="cannot be stored"):
            append([CELLS | {"period": "2020"}], data, name="y")
        assert files_of(data) == before
    finally:
        (data / place).chmod(0o755)


# --- kills and races ------------------------------------------------------------------------------


def started(target: Any, *arguments: Any) -> tuple[Any, Any]:
    """Start a writer in a process of its own; return it and where its words come in."""
    context = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
    if sys.platform == "linux":
        context.set_forkserver_preload(["kts_analysis.batches"])
    words, told = context.Pipe(duplex=False)
    process = context.Process(target=target, args=(*arguments[:3], told, *arguments[3:]))
    process.start()
    told.close()
    return process, words


def said(words: Any) -> list[Any]:
    """Everything a writer has said before it ended."""
    found = []
    while True:
        try:
            found.append(words.recv())
        except EOFError:
            return found


def whole_batches(data: Path) -> set[str]:
    """The batches of the store; fails if one is not whole or anything is wrong."""
    loaded = load_observations(data)
    assert loaded.problems == []
    found = set()
    for file, rows in loaded.table.groupby(loaded.table["row"].str.rsplit(":", n=1).str[0]):
        name = str(file).removeprefix("reported/")
        writer, batch = map(int, name.removesuffix(".csv").split("-")[2:])
        wanted = [(row["period"], row["vintage"]) for row in batch_jobs.rows_of(writer, batch)]
        assert list(zip(rows["period"], rows["vintage"], strict=True)) == wanted
        found.add(name)
    assert found == {path.name for path in (data / "reported").glob("*.csv")}
    return found


def kill_writers(data: Path, kills: int, seed: int) -> tuple[int, int]:
    """Kill that many writers; return batches acknowledged, and stored before they could be."""
    chosen = random.Random(seed)
    process, words = started(batch_jobs.calls_of_one, str(data), 0, 0)
    calls = said(words)[0]
    process.join()
    acknowledged, ahead = whole_batches(data), 0
    for kill in range(kills):
        moment = chosen.randrange(1, 2 * calls)
        batches = range(1 + 4 * kill, 5 + 4 * kill)
        process, words = started(batch_jobs.write_until, str(data), kill // 80, batches, moment)
        now = set(said(words))
        process.join()
        assert process.exitcode == -9
        stored = whole_batches(data)
        assert acknowledged | now <= stored
        assert len(stored - acknowledged - now) <= 1  # whole, but killed before it could say so
        ahead += len(stored - acknowledged - now)
        acknowledged = stored
    append([CELLS | {"period": "1949"}], data, name=f"sau 0 {4 * kills + 4}")
    left = [path.name for path in (data / "reported").iterdir() if path.suffix != ".csv"]
    assert left == []
    return len(acknowledged), ahead


LINUX = pytest.mark.skipif(sys.platform != "linux", reason="NOT RUN: SIGKILL and fork servers")


@LINUX
def test_killed_writers_lose_and_halve_nothing(data: Path) -> None:
    stored, _ = kill_writers(data, 60, seed=1)
    assert 10 < stored < 120  # some died before their first batch was stored, some after


@LINUX
@pytest.mark.faults
@pytest.mark.parametrize(
    "seed", [2, 3, *(pytest.param(seed, marks=pytest.mark.soak) for seed in (4, 5, 6))]
)
def test_many_killed_writers_lose_and_halve_nothing(data: Path, seed: int) -> None:
    stored, _ = kill_writers(data, 60, seed)
    assert 10 < stored < 120


def test_two_writers_at_once_lose_nothing(data: Path) -> None:
    both = [started(batch_jobs.write_batches, str(data), writer, range(20)) for writer in (0, 1)]
    told = [said(words) for _, words in both]
    for process, _ in both:
        process.join()
        assert process.exitcode == 0
    assert [len(names) for names in told] == [20, 20]
    stored = whole_batches(data)
    assert stored == {*told[0], *told[1]}
    numbers = sorted(int(name.split("-")[0]) for name in stored)
    assert numbers == list(range(1, 41))


def test_a_stored_batch_is_plain_csv(data: Path) -> None:
    note = 'có "dấu nháy", phẩy\nvà xuống dòng'
    path = append([CELLS | {"note": note}], data, name="x")
    with path.open(encoding="utf-8", newline="") as handle:
        assert [row["note"] for row in csv.DictReader(handle)] == [note]
