"""The copy kept beside a large store: used when everything is the same, and only then."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kts_analysis import store, store_cache
from kts_analysis.columns import Texts
from kts_analysis.errors import Problem
from kts_analysis.registry_files import load_registry
from kts_analysis.reporting.manifest import given_files, input_hashes
from kts_analysis.store import Loaded, load_observations, observation_files
from kts_analysis.store_cache import FILE, FOLDER, key_of

ROOT = Path(__file__).resolve().parents[1]
Reads = list[str]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    """Every store is large enough; the names of the CSV files that are read."""
    names: Reads = []
    real = store.read_rows

    def counted(path: Path, *others: object) -> object:
        names.append(path.name)
        return real(path, *others)

    monkeypatch.setattr(store_cache, "WORTH_IT", 1)
    monkeypatch.setattr(store, "read_rows", counted)
    return names


def fresh(data: Path) -> Loaded:
    """Load as another process would: nothing is kept in memory."""
    store._kept.clear()
    return load_observations(data)


def test_the_same_table_and_the_same_warnings(data_copy: Path, reads: Reads) -> None:
    first = fresh(data_copy)
    files = len(reads)
    assert files > 10 and first.problems
    again = fresh(data_copy)
    assert len(reads) == files
    pd.testing.assert_frame_equal(first.table, again.table, check_exact=True)
    assert again.problems == first.problems
    assert [path.name for path in (data_copy / FOLDER).iterdir()] == [FILE]


def turned(name: str, old: bytes, new: bytes) -> Callable[[Path], None]:
    """Return an edit in place that keeps size and time of change."""

    def edit(data: Path) -> None:
        path = data / name
        content, times = path.read_bytes(), path.stat()
        assert old in content and len(old) == len(new)
        with path.open("r+b") as handle:
            handle.write(content.replace(old, new))
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        assert path.stat().st_size == times.st_size
        assert path.stat().st_mtime_ns == times.st_mtime_ns

    return edit


@pytest.mark.parametrize(
    "change",
    [
        turned("sample/360.csv", b"exact", b"about"),
        turned("series.yml", b"lag_days: 45", b"lag_days: 46"),
        turned("areas.csv", b"one_source", b"unverified"),
        lambda data: (data / "sample" / "356.csv").rename(data / "sample" / "356-b.csv"),
        lambda data: (data / "sample" / "356.csv").unlink(),
    ],
    ids=["figures", "series", "areas", "name", "gone"],
)
def test_any_other_byte_is_noticed(
    data_copy: Path, reads: Reads, change: Callable[[Path], None]
) -> None:
    fresh(data_copy)
    kept = (data_copy / FOLDER / FILE).read_bytes()
    change(data_copy)
    reads.clear()
    now = fresh(data_copy)
    assert len(reads) == len(observation_files(load_registry(data_copy)))
    shutil.rmtree(data_copy / FOLDER)
    pd.testing.assert_frame_equal(now.table, fresh(data_copy).table, check_exact=True)
    assert (data_copy / FOLDER / FILE).read_bytes() != kept


def test_other_code_and_other_libraries_are_noticed(
    data_copy: Path, reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = observation_files(load_registry(data_copy))
    key = key_of(data_copy, files)
    assert key == key_of(data_copy, files) != ""
    with monkeypatch.context() as patched:
        patched.setattr(store_cache, "version", lambda name: "0")
        assert key_of(data_copy, files) != key
    for path in (ROOT / "kts_analysis").glob("*.py"):
        shutil.copy(path, data_copy / "plans")
    monkeypatch.setattr(store_cache, "__file__", str(data_copy / "plans" / "store_cache.py"))
    assert key_of(data_copy, files) == key
    with (data_copy / "plans" / "checks.py").open("a", encoding="utf-8", newline="\n") as handle:
        handle.write("# other\n")
    assert key_of(data_copy, files) != key


@pytest.mark.parametrize("place", [0, 40, 2000, -1])
def test_a_damaged_one_is_not_looked_into(data_copy: Path, reads: Reads, place: int) -> None:
    first = fresh(data_copy)
    path = data_copy / FOLDER / FILE
    good = path.read_bytes()
    bad = bytearray(good)
    bad[place] ^= 1
    for content in (bytes(bad), good[:place], b"", good + b"x"):
        path.write_bytes(content)
        reads.clear()
        pd.testing.assert_frame_equal(fresh(data_copy).table, first.table, check_exact=True)
        assert reads
        assert path.read_bytes() == good  # made anew


def test_errors_are_never_kept(data_copy: Path, reads: Reads) -> None:
    path = data_copy / "sample" / "360.csv"
    path.write_text(path.read_text("utf-8").replace("exact", "genau", 1), "utf-8", newline="\n")
    assert len(fresh(data_copy).errors) == 1
    assert not (data_copy / FOLDER).exists()


def test_a_day_before_a_figure_does_not_take_it(
    data_copy: Path, reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = max(fresh(data_copy).table["vintage_date"])
    files = observation_files(load_registry(data_copy))
    key = key_of(data_copy, files)
    assert store_cache.read_cache(data_copy, key, newest) is not None
    assert store_cache.read_cache(data_copy, key, date(2020, 1, 1)) is None
    assert store_cache.read_cache(data_copy, key[::-1], newest) is None


def test_a_folder_that_takes_none_is_read_as_it_is(data_copy: Path, reads: Reads) -> None:
    (data_copy / FOLDER).write_bytes(b"")  # a file where the folder would be
    first, again = fresh(data_copy), fresh(data_copy)
    pd.testing.assert_frame_equal(first.table, again.table, check_exact=True)
    assert len(reads) == 2 * len(set(reads))


def test_a_small_store_and_one_who_wants_none_have_none(
    data_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh(data_copy)
    assert not (data_copy / FOLDER).exists()
    monkeypatch.setattr(store_cache, "WORTH_IT", 1)
    monkeypatch.setenv(store_cache.OFF, "no")
    fresh(data_copy)
    assert not (data_copy / FOLDER).exists()


def test_no_run_takes_it_for_data(data_copy: Path, reads: Reads) -> None:
    before = input_hashes(data_copy, ROOT / "notebooks")
    fresh(data_copy)
    assert (data_copy / FOLDER / FILE).is_file()
    assert input_hashes(data_copy, ROOT / "notebooks") == before
    assert not any(FOLDER in name for name in given_files(data_copy, ROOT / "notebooks"))
    assert not any(FOLDER in str(path) for path in observation_files(load_registry(data_copy)))


def test_a_warning_comes_back_as_it_was(tmp_path: Path, data_folder: Path) -> None:
    table = load_observations(data_folder).table
    told = [Problem("a.csv", "{found} {end}", 2, "period", "x", {"end": "y"}, ("359",), "warning")]
    store_cache.write_cache(tmp_path, "key", table, told)
    found = store_cache.read_cache(tmp_path, "key", date(2199, 1, 1))
    assert found is not None and found[1] == told
    content = (tmp_path / FOLDER / FILE).read_bytes()
    assert b"pickle" not in content
    assert {name: kind.kind for name, kind in found[0].dtypes.items() if name in "t value"} == {
        "value": "f",
        "t": "f",
    }


def test_texts_count_a_cell_once(tmp_path: Path) -> None:
    words = Texts()["note"]
    assert [words[cell] for cell in ("a", " a ", "e\u0301", "\u00e9", "")] == [0, 0, 1, 1, 2]
    assert words.texts == ["a", "\u00e9", ""]
    assert np.array([words["a"]], np.int32).tolist() == [0]
