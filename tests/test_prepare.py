"""What pages share: found once, renewed when a file changes, and told apart by what they read."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kts_analysis import cases, neighbours, reading, store, views
from kts_analysis.assessment import assess, judge
from kts_analysis.errors import KtsError, ProblemsError
from kts_analysis.figures import Figures
from kts_analysis.pages.area import area_report
from kts_analysis.pages.context import stand
from kts_analysis.pages.prepare import areas_read, prepare, rows_key, rows_keys
from kts_analysis.pages.province import province_report
from kts_analysis.store import load_observations

PLAN, CITY, JOINED, BESIDE, HOME, COUNTRY = "nam-dinh-105", "356", "358", "360", "36", "VN"


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    """Each test begins and ends with nothing in memory."""
    for kept in (views._shared, store._kept):
        kept.clear()
    yield
    for kept in (views._shared, store._kept):
        kept.clear()


def show_area(data: Path, area: str, **asked: Any) -> str:
    report = area_report(area, PLAN, deadline=2025, data=str(data), **asked)
    parts = [report.header(), report.summary(), report.table(), *report.before_deadline()]
    parts += [*report.outlook(), *report.targets(), *report.not_measured(), report.method()]
    return "".join(getattr(part, "data", "") for part in parts if isinstance(part.data, str))


def show_province(data: Path) -> None:
    report = province_report(PLAN, deadline=2025, data=str(data))
    for part in (report.header, report.matrix, report.matrix_before, report.home_table):
        part()
    report.published(), report.targets()


def edit(path: Path, change: Callable[[str], str]) -> None:
    """Change a file; its time of change moves on, however coarse the file system's clock is."""
    before = path.stat().st_mtime_ns
    text = path.read_text(encoding="utf-8")
    assert change(text) != text
    path.write_text(change(text), encoding="utf-8", newline="\n")
    os.utime(path, ns=(before + 10**9, before + 10**9))


def remark(path: Path, line: int = 1) -> None:
    """Change the note of one figure."""

    def change(text: str) -> str:
        lines = text.split("\n")
        cells, _, note = lines[line].rpartition(",")
        lines[line] = f"{cells},{note} and a word more" if '"' not in note else lines[line]
        return "\n".join(lines)

    edit(path, change)


# --- kept in memory ---------------------------------------------------------------------------


def test_a_folder_is_read_once_until_a_file_changes(
    data_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    real = reading.read_rows

    def counted(path: Path, *others: Any) -> Any:
        read.append(path.name)
        return real(path, *others)

    monkeypatch.setattr(store, "read_rows", counted)
    first = load_observations(data_copy)
    files = len(read)
    assert files == len(set(read)) > 10
    again = load_observations(data_copy)
    assert len(read) == files
    pd.testing.assert_frame_equal(first.table, again.table)
    assert (again.problems, again.stamp) == (first.problems, first.stamp)
    remark(data_copy / "sample" / f"{CITY}.csv")
    changed = load_observations(data_copy)
    assert len(read) == 2 * files
    assert changed.stamp != first.stamp
    assert (changed.table["note"] != first.table["note"]).sum() == 1


def test_another_file_or_another_registry_is_noticed(data_copy: Path) -> None:
    first = load_observations(data_copy)
    gone = data_copy / "sample" / f"{BESIDE}.csv"
    text = gone.read_text(encoding="utf-8")
    gone.unlink()
    without = load_observations(data_copy)
    assert BESIDE not in set(without.table["area_code"])
    gone.write_text(text, encoding="utf-8", newline="\n")
    assert len(load_observations(data_copy).table) == len(first.table)
    edit(data_copy / "series.yml", lambda text: re.sub(r"lag_days: \d+", "lag_days: 400", text))
    assumed = without.table["flags"] == "vintage_assumed"
    later = load_observations(data_copy).table["vintage_date"].max()
    assert assumed.any()
    assert later > first.table["vintage_date"].max()


def test_what_a_caller_does_to_the_table_stays_with_the_caller(data_folder: Path) -> None:
    mine = load_observations(data_folder)
    value = mine.table["value"].iloc[0]
    mine.table.loc[0, "value"] = -1.0
    mine.table["extra"] = 1
    mine.problems.append(mine.problems[0])
    other = load_observations(data_folder)
    assert other.table["value"].iloc[0] == value
    assert "extra" not in other.table
    assert len(other.problems) == len(mine.problems) - 1


def test_only_a_few_folders_and_days_are_kept(data_folder: Path) -> None:
    for year in range(2019, 2019 + views.SHARED_VIEWS + 2):
        stand(f"{year}-12-31", str(data_folder))
    assert len(views._shared) == views.SHARED_VIEWS
    newest = stand("2024-12-31", str(data_folder))[0]
    assert stand("2024-12-31", str(data_folder))[0] is newest
    for year in range(2005, 2005 + views.EARLIER_DAYS + 2):
        newest.on(date(year, 12, 31))
    assert len(newest.earlier) == views.EARLIER_DAYS


def test_an_edited_figure_is_in_the_next_report(data_copy: Path) -> None:
    before = show_area(data_copy, BESIDE)
    path = data_copy / "sample" / f"{BESIDE}.csv"
    edit(path, lambda text: text.replace("synthetic", "reported"))
    after = show_area(data_copy, BESIDE)
    assert before != after


@pytest.mark.parametrize("as_of", ["", "2025-12-31"])
def test_shared_and_fresh_verdicts_are_the_same(data_folder: Path, as_of: str) -> None:
    view, _ = stand("", str(data_folder))
    plan, codes = view.registry.plan(PLAN), [CITY, JOINED, BESIDE]
    there = view.on(date.fromisoformat(as_of)) if as_of else view
    shared = judge(there, plan, 2025, areas=codes)
    fresh = assess(
        plan, view.known.copy(), 2025, areas=codes, as_of=as_of or None, registry=view.registry
    )
    pd.testing.assert_frame_equal(shared, fresh, check_exact=True)
    assert shared.attrs == fresh.attrs


# --- prepared ---------------------------------------------------------------------------------


def test_after_preparing_a_report_looks_for_nothing_of_others(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(PLAN, deadlines=[2025], data=str(data_folder))
    read: set[str] = set()
    real = Figures.of_area

    def seen(self: Figures, code: str) -> Any:
        read.add(code)
        return real(self, code)

    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("work on neighbours")

    monkeypatch.setattr(Figures, "of_area", seen)
    for module, name in ((cases, "line_of"), (cases, "living_lines"), (cases, "places_beside")):
        monkeypatch.setattr(module, name, never)
    monkeypatch.setattr(neighbours, "fit_panel", never)
    for area in (CITY, JOINED, BESIDE):
        read.clear()
        show_area(data_folder, area)
        assert read <= {area, JOINED} if area == CITY else read <= {area}


def test_without_preparing_that_work_is_done(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above can fail."""

    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("work on neighbours")

    monkeypatch.setattr(neighbours, "fit_panel", never)
    with pytest.raises(AssertionError, match="work on neighbours"):
        show_area(data_folder, BESIDE)


def test_preparing_changes_no_page(data_folder: Path) -> None:
    cold = show_area(data_folder, CITY)
    views._shared.clear()
    prepare(PLAN, data=str(data_folder))
    assert show_area(data_folder, CITY) == cold


def test_areas_with_errors_are_left_out(data_copy: Path) -> None:
    path = data_copy / "sample" / f"{BESIDE}.csv"
    edit(path, lambda text: text.replace(",synthetic,", ",made_up,", 1))
    prepare(PLAN, data=str(data_copy))
    view, errors = stand("", str(data_copy))
    assert errors
    members = {
        code for found in view.beside.values() for each in found.values() for code in each.codes
    }
    assert CITY in members
    assert BESIDE not in members
    with pytest.raises(ProblemsError):
        area_report(BESIDE, PLAN, data=str(data_copy))
    with pytest.raises(KtsError, match="unknown plan"):
        prepare("no-such-plan", data=str(data_copy))


# --- what a report reads ------------------------------------------------------------------------


def test_a_report_reads_no_more_than_it_says(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: set[str] = set()
    real = Figures.of_area

    def seen(self: Figures, code: str) -> Any:
        read.add(code)
        return real(self, code)

    monkeypatch.setattr(Figures, "of_area", seen)
    view, _ = stand("", str(data_folder))
    plan = view.registry.plan(PLAN)
    for area in (CITY, BESIDE):
        views._shared.clear()
        read.clear()
        show_area(data_folder, area)
        assert {CITY, JOINED, BESIDE} <= read <= areas_read(view, plan, area)
        assert COUNTRY not in areas_read(view, plan, area)
    views._shared.clear()
    read.clear()
    show_province(data_folder)
    assert {CITY, JOINED, BESIDE, HOME} <= read <= areas_read(view, plan, HOME)


def test_figures_a_report_does_not_read_do_not_change_it(data_copy: Path) -> None:
    before, page = rows_keys(PLAN, data=str(data_copy)), show_area(data_copy, BESIDE)
    national = data_copy / "published" / "observations.csv"
    edit(national, lambda text: text.replace("\nVN,", "\nVN,", 1).replace(",about,", ",exact,"))
    after = rows_keys(PLAN, data=str(data_copy))
    assert after == before
    assert rows_key("quoc-gia-411", COUNTRY, data=str(data_copy)) is not None
    assert show_area(data_copy, BESIDE) == page


def test_a_neighbour_s_figure_changes_the_key(data_copy: Path) -> None:
    before = rows_keys(PLAN, data=str(data_copy))
    country = rows_key("quoc-gia-411", COUNTRY, data=str(data_copy))
    remark(data_copy / "sample" / f"{BESIDE}.csv")
    after = rows_keys(PLAN, data=str(data_copy))
    assert set(before) == set(after) >= {CITY, BESIDE, HOME}
    assert all(before[area] != after[area] for area in before)
    assert rows_key("quoc-gia-411", COUNTRY, data=str(data_copy)) == country


def test_a_moved_line_leaves_the_key_and_another_day_does_not(data_copy: Path) -> None:
    before = rows_keys(PLAN, data=str(data_copy))
    assert len(set(before.values())) == len(before)
    edit(data_copy / "sample" / f"{BESIDE}.csv", lambda text: text.replace("\n", "\n\n", 1))
    assert rows_keys(PLAN, data=str(data_copy)) == before
    earlier = rows_keys(PLAN, data=str(data_copy), as_of="2025-06-30")
    assert all(before[area] != earlier[area] for area in before)


def test_an_error_changes_the_keys_of_those_it_stops(data_copy: Path) -> None:
    before = rows_keys(PLAN, data=str(data_copy))
    edit(
        data_copy / "sample" / f"{BESIDE}.csv",
        lambda text: text.replace(",synthetic,", ",made_up,", 1),
    )
    after = rows_keys(PLAN, data=str(data_copy))
    assert before[BESIDE] != after[BESIDE]
    assert before[HOME] != after[HOME]
