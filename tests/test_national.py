"""The made-up national data folder, and the arithmetic of the benchmark that runs on it."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from kts_analysis.cli import main as kts
from kts_analysis.registry_files import load_registry
from kts_analysis.reporting.units import plan_units
from kts_analysis.store import load_observations

ROOT = Path(__file__).resolve().parents[1]
PLAN = "gia-lap"


@pytest.fixture(scope="module")
def benchmarks() -> Iterator[None]:
    """The folder of the benchmarks on the import path, as when one of them is run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "benchmarks"))
        yield


@pytest.fixture(scope="module")
def script(benchmarks: None) -> ModuleType:
    """The generator as a module."""
    return import_module("national")


@pytest.fixture(scope="module")
def ten(script: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of ten districts."""
    folder = tmp_path_factory.mktemp("national") / "ten"
    script.write_national(folder, 10)
    return Path(folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(
    script: ModuleType, ten: Path, tmp_path: Path
) -> None:
    script.write_national(tmp_path / "again", 10)
    assert contents(tmp_path / "again") == contents(ten)
    script.write_national(tmp_path / "other", 10, seed=106)
    changed = {
        name for name, raw in contents(tmp_path / "other").items() if raw != contents(ten)[name]
    }
    assert changed == {f"sample/{number:05d}.csv" for number in range(1, 11)}


def test_a_small_folder_is_a_cut_of_a_large_one(
    script: ModuleType, ten: Path, tmp_path: Path
) -> None:
    script.write_national(tmp_path / "large", 40)
    small, large = contents(ten), contents(tmp_path / "large")
    shared = {name for name in small if name.startswith("sample/")}
    assert len(shared) == 10
    assert all(small[name] == large[name] for name in shared)
    assert large["areas.csv"].startswith(small["areas.csv"])
    assert len(large) == len(small) + 30


@pytest.mark.parametrize("areas", [1, 10, 40])
def test_kts_check_finds_nothing(
    script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], areas: int
) -> None:
    script.write_national(tmp_path / "data", areas)
    assert kts(["check", "--data", str(tmp_path / "data"), "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{areas} file") and said.endswith("0 errors, 0 warnings\n")
    assert said.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize("areas", [705, 3321])
def test_kts_check_finds_nothing_in_a_country(
    script: ModuleType, tmp_path: Path, areas: int
) -> None:
    script.write_national(tmp_path / "data", areas)
    loaded = load_observations(tmp_path / "data")
    assert loaded.problems == []
    assert loaded.table["area_code"].nunique() == areas
    assert len(loaded.table) >= areas * 11 * 6


def test_every_row_is_synthetic_in_both_languages(ten: Path) -> None:
    table = load_observations(ten).table
    assert set(table["origin"]) == {"synthetic"}
    for column in ("source", "note"):
        assert table[column].str.contains("giả lập").all()
        assert table[column].str.contains("synthetic").all()
    registry = load_registry(ten)
    made_up = [area for area in registry.area_list if area.code != "VN"]
    assert len(made_up) == 11
    assert all("giả lập" in area.name and "Made-up" in area.name_en for area in made_up)
    plan = registry.plan(PLAN)
    assert "giả lập" in plan.name.vi and "Made-up" in plan.name.en
    assert plan.document == plan.name  # no real document is named as the plan's own


def test_codes_are_text_with_leading_zeros(ten: Path) -> None:
    codes = {f"{number:05d}" for number in range(1, 11)}
    assert set(load_observations(ten).table["area_code"]) == codes
    assert load_registry(ten).plan(PLAN).areas == ("00", *sorted(codes))


def test_six_years_of_each_indicator_and_a_part_of_the_seventh(ten: Path) -> None:
    table = load_observations(ten).table
    years = table.groupby(["area_code", "indicator"])["period"].agg(set)
    assert len(years) == 10 * 11
    full = {str(year) for year in range(2019, 2025)}
    assert all(full <= found <= full | {"2025"} for found in years)
    last = sum("2025" in found for found in years)
    assert 30 < last < 80
    assert table["value"].between(0, 100, inclusive="neither").all()


def test_outcomes_vary_from_district_to_district(ten: Path) -> None:
    table = load_observations(ten).table
    newest = table[table["period"] == "2024"].pivot(
        index="area_code", columns="indicator", values="value"
    )
    assert (newest.max() - newest.min() > 5).all()
    assert not newest.duplicated().any()


def test_the_targets_are_the_models(ten: Path) -> None:
    model = yaml.safe_load((ROOT / "data" / "plans" / "nam-dinh-105.yml").read_text("utf-8"))
    plan = yaml.safe_load((ten / "plans" / f"{PLAN}.yml").read_text("utf-8"))
    assert plan["targets"] == model["targets"] and len(plan["targets"]) == 17
    same = set(model) - {"id", "name", "document", "home", "areas"}
    assert {key: plan[key] for key in same} == {key: model[key] for key in same}


def test_a_report_for_every_district(ten: Path) -> None:
    units = plan_units(load_registry(ten), [PLAN], langs=["vi"])
    assert [unit.notebook for unit in units] == ["province_report"] + ["area_report"] * 10
    assert units[1].parameters["area"] == "00001"


def test_files_are_utf8_nfc_with_lf(ten: Path) -> None:
    for name, raw in contents(ten).items():
        assert b"\r" not in raw and not raw.startswith(b"\xef\xbb\xbf"), name
        assert unicodedata.is_normalized("NFC", raw.decode("utf-8")), name


@pytest.mark.parametrize("areas", [0, -1, 100_000])
def test_an_impossible_number_of_districts_is_refused(
    script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], areas: int
) -> None:
    assert script.main(["--areas", str(areas), "--out", str(tmp_path / "new")]) == 2
    assert str(areas) in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_refused(
    script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text("keep", encoding="utf-8")
    assert script.main(["--areas", "2", "--out", str(tmp_path)]) == 2
    assert "not empty" in capsys.readouterr().err
    assert mine.read_text("utf-8") == "keep" and list(tmp_path.iterdir()) == [mine]


# --- the benchmark --------------------------------------------------------------------------------

BURN = "import time\nwhile time.process_time() < 0.4: pass\nprint(time.process_time())"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BURN!r}], check=True)"


def test_cpu_of_processes_that_were_started_counts(benchmarks: None, tmp_path: Path) -> None:
    measuring = import_module("measuring")
    command = [sys.executable, "-c", PARENT]
    cost = measuring.measure(command, measuring.environment(tmp_path), tmp_path / "log.txt")
    burnt = float(cost.output)
    assert burnt >= 0.4
    assert cost.wall >= burnt
    if hasattr(os, "wait4"):
        assert cost.cpu >= burnt
    assert cost.peak > cost.parent_peak > 0


def test_a_command_that_fails_is_not_measured(benchmarks: None, tmp_path: Path) -> None:
    measuring = import_module("measuring")
    command = [sys.executable, "-c", "import sys; sys.exit('out of order')"]
    with pytest.raises(RuntimeError, match="out of order"):
        measuring.measure(command, measuring.environment(tmp_path), tmp_path / "log.txt")


def results(cost_of: dict[tuple[str, int], float], sample: int = 1000) -> list[Any]:
    """Return made-up results: CPU seconds by way and number of areas; wall is half of CPU."""
    cost, result = import_module("measuring").Cost, import_module("report_table").Result
    found = []
    for (way, areas), seconds in cost_of.items():
        made = min(sample, areas) if way in ("stock", "pool") else areas
        wall = 1.0 if way == "unchanged" else seconds / 2
        spent = cost(seconds, seconds, wall, 100.0, 50.0, "")
        found.append(result(way, areas, made, spent, 1.0, 200.0, [seconds / made] * made))
    return found


MEASURED = {
    ("stock", 10): 100.0,
    ("ours1", 10): 8.0,
    ("ours2", 10): 8.0,
    ("floor", 10): 2.0,
    ("unchanged", 10): 0.3,
    ("stock", 40): 400.0,
    ("pool", 40): 60.0,
    ("ours1", 40): 14.0,
    ("ours2", 40): 15.0,
    ("floor", 40): 8.0,
    ("unchanged", 40): 0.3,
}


def bars(measured: list[Any]) -> dict[str, tuple[str, str]]:
    """Return what is measured and whether that is enough, by the first words of each bar."""
    text = import_module("report_table").report(measured, 1, "command", "machine")
    lines = text.split("## ")[1].splitlines()[4:]
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    return {row[0]: (row[2], row[3]) for row in rows}


def test_bars_are_held_against_what_was_measured(benchmarks: None) -> None:
    found = bars(results(MEASURED))
    reached, missed = "đạt / reached", "**chưa / NOT reached**"
    expected = {
        "CPU ít hơn (a), N = 10": ("12.5×", reached),
        "CPU ít hơn (a), N = 40": ("28.6×", reached),
        "CPU ít hơn (b), N = 40": ("4.0×", missed),
        "Thêm một báo cáo (10 → 40)": ("0.200 s / 0.200 s = 1.00×", reached),
        "2 tiến trình nhanh hơn, N = 40": ("0.93×", missed),
        "Không đổi gì, N = 10": ("1.00 s", reached),
        "Trang lớn nhất": ("200 kB", reached),
    }
    for name, wanted in expected.items():
        [row] = [values for title, values in found.items() if title.startswith(name)]
        assert row == wanted, name


def test_a_sample_is_scaled_and_marked(benchmarks: None) -> None:
    sampled = results(MEASURED | {("stock", 40): 100.0, ("pool", 40): 15.0}, sample=10)
    found = bars(sampled)
    [row] = [
        values for title, values in found.items() if title.startswith("CPU ít hơn (a), N = 40")
    ]
    assert row[0] == "28.6×"
    text = import_module("report_table").report(sampled, 1, "command", "machine")
    assert "N = 40: 10 báo cáo / reports, stock" in text and "400.0\\*" in text
    assert "\\*" not in import_module("report_table").report(results(MEASURED), 1, "c", "m")
