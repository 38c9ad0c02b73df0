"""Faults found by trying to break it: each has one clear message, or changes nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from kts_analysis import rollup
from kts_analysis.assessment import assess
from kts_analysis.cli import main
from kts_analysis.errors import KtsError, ProblemsError
from kts_analysis.figure_tables import sources_list
from kts_analysis.figures import Figure
from kts_analysis.i18n import Messages
from kts_analysis.registry import Registry
from kts_analysis.registry_files import load_registry
from kts_analysis.reporting.files import move_into_place
from kts_analysis.reporting.units import plan_units
from kts_analysis.store import known_on, load_observations
from kts_analysis.wording import chance_text, threshold_text, value_text

Edit = Callable[[pd.DataFrame], None]


def edit(data: Path, code: str, change: Edit) -> None:
    """Change a district's file in place."""
    path = data / "sample" / f"{code}.csv"
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    change(frame)
    frame.to_csv(path, index=False)


def messages(data: Path) -> list[str]:
    return [problem.text() for problem in load_observations(data).errors]


def set_cell(name: str, value: str, row: int = 0) -> Edit:
    def change(frame: pd.DataFrame) -> None:
        frame.loc[row, name] = value

    return change


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("vintage", "2052-02-18", "future"),
        ("area_code", "361", "its own"),
        ("breakdown", "x", "unknown sector"),
        ("numerator", "-5", "not below 0"),
        ("denominator", "9" * 400, "a number"),
        ("value", "8５", "a number"),
        ("period", "20٢١", "a period"),
    ],
)
def test_one_bad_cell_is_one_message_with_its_place(
    data_copy: Path, name: str, value: str, said: str
) -> None:
    edit(data_copy, "360", set_cell(name, value))
    found = messages(data_copy)
    assert any(said in text and text.startswith("sample/360.csv:2") for text in found), found


def test_an_area_with_an_error_is_left_out_whole(data_copy: Path) -> None:
    edit(data_copy, "360", set_cell("value", "tám mươi"))
    loaded = load_observations(data_copy)
    assert "360" in set(loaded.table["area_code"])
    assert "360" not in set(loaded.sound["area_code"])
    assert "361" in set(loaded.sound["area_code"])


def test_a_semicolon_file_and_a_folder_are_named(data_copy: Path) -> None:
    text = (data_copy / "sample" / "360.csv").read_text(encoding="utf-8").replace(",", ";")
    (data_copy / "sample" / "360.csv").write_text(text, encoding="utf-8")
    (data_copy / "sample" / "zz.csv").mkdir()
    found = messages(data_copy)
    assert any("';'" in text for text in found) and any("zz.csv" in text for text in found)
    assert len(found) == 2


def test_an_empty_row_at_the_end_is_no_fault(data_copy: Path) -> None:
    path = data_copy / "sample" / "360.csv"
    path.write_text(path.read_text(encoding="utf-8") + "," * 15 + "\n", encoding="utf-8")
    assert messages(data_copy) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: nam-dinh-105", "id: ../../etc", "pattern"),
        ("deadlines:\n  - 2025", "deadlines: []", "at least 1"),
        ("  - '366'", "  - '365'", "stands twice"),
        ("comparator: '>='", "comparator: '<='", "higher_is_better"),
        ("value: 20.0", "value: true", "number"),
        ("value: 20.0", "value: 2000", "100"),
        ("id: KTS01", "id: [KTS01]", "targets.0.id"),
    ],
)
def test_a_wrong_plan_is_refused_without_a_traceback(
    data_copy: Path, old: str, new: str, said: str
) -> None:
    path = data_copy / "plans" / "nam-dinh-105.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        load_registry(data_copy)
    assert said in str(caught.value)


def test_shares_that_add_up_to_more_or_less_than_the_area_are_named_with_their_line(
    data_copy: Path,
) -> None:
    path = data_copy / "crosswalk.csv"
    first = len(path.read_text(encoding="utf-8").splitlines()) + 1
    with path.open("a", encoding="utf-8", newline="\n") as handle:
        handle.write("359,360,2024-01-01,0.7,unverified,\n")  # goes on: the rest would be its own
        handle.write("359,361,2024-01-01,0.4,unverified,\n")
        handle.write("358,359,2024-09-01,0.1,unverified,\n")  # beside its whole to the city
    with pytest.raises(ProblemsError) as caught:
        load_registry(data_copy)
    found = {(one.row, one.column, one.found) for one in caught.value.problems}
    assert found == {(first + 1, "share", "0.7 + 0.4"), (first + 2, "share", "1 + 0.1")}
    assert "tổng các phần chia của 359 là 110%: lớn hơn toàn bộ" in caught.value.text(
        Messages("vi")
    )
    text = path.read_text(encoding="utf-8").replace(
        "358,356,2024-09-01,1,", "358,356,2024-09-01,.6,"
    )
    path.write_text("".join(text.splitlines(keepends=True)[: first - 1]), encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        load_registry(data_copy)
    assert [one.row for one in caught.value.problems] == [2]
    assert "60%" in caught.value.text(Messages("vi"))


@pytest.mark.parametrize(
    "row", ["356,356,2024-09-01,1,verified,", "358,356,2024-09-01,1,verified,"]
)
def test_a_crosswalk_line_that_would_count_twice_is_refused(data_copy: Path, row: str) -> None:
    with (data_copy / "crosswalk.csv").open("a", encoding="utf-8") as handle:
        handle.write(row + "\n")
    with pytest.raises(ProblemsError, match=r"crosswalk\.csv"):
        load_registry(data_copy)


def test_a_share_of_unknown_size_is_a_break_not_a_line(data_copy: Path) -> None:
    path = data_copy / "crosswalk.csv"
    text = path.read_text(encoding="utf-8").replace("358,356,2024-09-01,1,", "358,356,2024-09-01,,")
    path.write_text(text, encoding="utf-8")
    registry = load_registry(data_copy)
    known = known_on(load_observations(data_copy).table)
    plan = registry.plan("nam-dinh-105")
    rows = assess(plan, known, 2025, areas=["356"], targets=["XHS05"], registry=registry)
    assert rows["n_points"].iloc[0] == 1  # only the figure on the new borders is left


def test_two_plans_over_one_area_keep_two_reports(data_copy: Path) -> None:
    source = data_copy / "plans" / "nam-dinh-105.yml"
    text = source.read_text(encoding="utf-8").replace("id: nam-dinh-105", "id: second", 1)
    (data_copy / "plans" / "second.yml").write_text(text, encoding="utf-8")
    units = plan_units(load_registry(data_copy), only=["360"], langs=["vi", "vi"])
    assert [unit.id for unit in units] == [
        "360-huyen-y-yen.nam-dinh-105",
        "360-huyen-y-yen.second",
    ]


def test_a_mixed_denominator_is_not_added_up(data_copy: Path) -> None:
    def change(frame: pd.DataFrame) -> None:
        frame.loc[frame["indicator"] == "XHS05", "denominator_concept"] = "population"

    edit(data_copy, "360", change)
    registry = load_registry(data_copy)
    known = known_on(load_observations(data_copy).table)
    plan = registry.plan("nam-dinh-105")
    sums = rollup.add_up(known, plan, registry, plan.target("XHS05"))
    assert sums["missing"].iloc[-1] == ("360",)


def test_a_new_run_takes_no_folder_away(tmp_path: Path) -> None:
    place, staging = tmp_path / "run", tmp_path / ".kts-staging-1"
    for folder, text in ((place, "old"), (staging, "new")):
        folder.mkdir()
        (folder / "page").write_text(text, encoding="utf-8")
    moved = move_into_place(staging, place)
    assert moved.name == "run-2" and not staging.exists()
    assert (moved / "page").read_text(encoding="utf-8") == "new"
    assert (place / "page").read_text(encoding="utf-8") == "old"


def test_the_worst_sector_of_a_falling_target_is_the_highest(
    registry: Registry, plan_of: Callable, table_of: Callable
) -> None:
    plan = plan_of(10, "<=", scope="worst_breakdown")
    rows = [
        {"period": year, "value": value, "breakdown": sector}
        for sector, value in (("a", 11), ("b", 15), ("c", 9))
        for year in (2023, 2024, 2025)
    ]
    found = assess(plan, table_of(rows), 2025, as_of="2026-06-30", registry=registry).iloc[0]
    assert (found["breakdown"], found["status"]) == ("b", "missed")


def test_numbers_near_a_cut_are_not_rounded_over_it() -> None:
    m = Messages("vi")
    assert chance_text(0.7996, m) == "79%" and chance_text(0.4999, m) == "49%"
    assert value_text(79.996, m, beside=80) == "79,996%"
    row = pd.Series({"threshold": 12.25, "comparator": ">=", "verification": "verified"})
    assert threshold_text(row, m) == "ít nhất 12,25%"


def test_an_address_from_data_runs_no_script() -> None:
    point = Figure(**dict.fromkeys(Figure._fields, ""))._replace(
        source="<b>x</b>", source_url="javascript:alert(1)", period="2024"
    )
    shown = sources_list([point], Messages("en"))
    assert "javascript" not in shown and "<b>" not in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ["assess", "--lang", "xx"],
        ["assess", "--area", ""],
        ["assess", "--deadline", "5"],
        ["run", "--only", "", "--dry-run"],
        ["check", "."],
    ],
)
def test_odd_use_exits_2_with_one_message(
    arguments: list[str], data_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--data", str(data_folder)]) == 2
    shown = capsys.readouterr()
    assert "Traceback" not in shown.err + shown.out and (shown.err or shown.out)


def test_out_may_not_be_a_file(
    tmp_path: Path, data_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "README.md"
    file.write_text("x", encoding="utf-8")
    arguments = ["run", "--data", str(data_folder), "--only", "366", "--out", str(file)]
    assert main(arguments) == 2
    assert "README.md" in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == "x"


def test_only_a_plan_with_the_deadline_is_run(data_folder: Path) -> None:
    registry = load_registry(data_folder)
    assert {unit.plan.id for unit in plan_units(registry, deadline=2030)} == {"quoc-gia-411"}
    with pytest.raises(KtsError, match="1999"):
        plan_units(registry, deadline=1999)


def test_the_clock_decides_no_result(data_copy: Path) -> None:
    """Only dates ahead of today are refused; today itself stands in no answer."""
    table = known_on(load_observations(data_copy).table)
    assert table.attrs["as_of"] < date.today().isoformat()
    shutil.rmtree(data_copy / "sample")
    assert known_on(load_observations(data_copy).table).attrs["as_of"] == table.attrs["as_of"]


def test_two_areas_that_would_share_a_folder_are_refused(data_copy: Path) -> None:
    areas = data_copy / "areas.csv"
    line = next(row for row in areas.read_text("utf-8").splitlines() if row.startswith("361,"))
    twins = [line.replace("361,", f"{code},", 1) for code in ("9-1", "9_1")]
    with areas.open("a", encoding="utf-8", newline="\n") as handle:
        handle.write("\n".join(twins) + "\n")
    path = data_copy / "plans" / "nam-dinh-105.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("  - '361'\n", "  - '361'\n  - 9-1\n  - '9_1'\n", 1), "utf-8")
    with pytest.raises(KtsError, match="share the folder"):
        plan_units(load_registry(data_copy), ["nam-dinh-105"])


def test_lists_in_lists_without_end_are_a_message(data_copy: Path) -> None:
    (data_copy / "plans" / "deep.yml").write_text("[" * 200_000, encoding="utf-8")
    with pytest.raises(ProblemsError, match=r"deep\.yml"):
        load_registry(data_copy)


def test_a_name_that_leads_nowhere_is_one_problem(data_copy: Path) -> None:
    try:
        (data_copy / "sample" / "367.csv").symlink_to(data_copy / "nowhere")
    except OSError:
        pytest.skip("NOT RUN: no symbolic links here")
    found = messages(data_copy)
    assert len(found) == 1 and "no such file" in found[0]


def test_an_edit_that_keeps_size_and_time_is_seen(data_copy: Path) -> None:
    path = data_copy / "sample" / "360.csv"
    before = load_observations(data_copy).table
    status, text = path.stat(), path.read_text(encoding="utf-8")
    path.write_text(text.replace("2019", "2018", 1), encoding="utf-8")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    after = load_observations(data_copy).table
    assert list(before["period"]) != list(after["period"])
