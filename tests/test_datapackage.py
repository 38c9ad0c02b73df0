"""The tables of a run and what describes them: frictionless says they are right, and finds faults.

Every number is traced from the verdict row to the observation rows it rests on.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kts_analysis.registry import Registry
from kts_analysis.reporting.finish import write_tables_and_index
from kts_analysis.reporting.parts import _plain, joined, write_parts
from kts_analysis.reporting.table_schemas import (
    UNITS,
    observation_fields,
    trajectory_fields,
    verdict_fields,
)
from kts_analysis.reporting.units import Unit, plan_units
from kts_analysis.rows import json_text
from kts_analysis.schema import STATUSES, TRAJECTORY_COLUMNS, VERDICT_COLUMNS

PLAN = "nam-dinh-105"
TABLES = ["verdicts.csv", "rollup.csv", "trajectories.csv", "observations.csv", "verdicts.json"]


def tables_of(folder: Path, units: list[Unit]) -> Path:
    """Make the tables of a run without its pages."""
    for unit in units:
        (folder / unit.id).mkdir(parents=True)
        write_parts(unit, folder / unit.id)
    facts = [{"unit": u.as_json(), "ok": True, "cell": None, "message": ""} for u in units]
    write_tables_and_index(str(folder), facts)
    return folder


@pytest.fixture(scope="module")
def run(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Path:
    units = plan_units(registry, only=["36", "356", "359", "VN"])
    return tables_of(tmp_path_factory.mktemp("run"), units)


@pytest.fixture
def spoiled(run: Path, tmp_path: Path) -> Path:
    """A copy of the run's tables that a test may spoil; bytes and hashes are taken out."""
    for name in [*TABLES, "datapackage.json"]:
        shutil.copyfile(run / name, tmp_path / name)
    package = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        resource.pop("bytes", None), resource.pop("hash", None)
    (tmp_path / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    return tmp_path


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def faults(folder: Path) -> list[str]:
    """Return what frictionless finds wrong with the package of a folder."""
    from frictionless import validate

    here = os.getcwd()
    os.chdir(folder)  # an absolute path would not be "safe"
    try:
        found = validate("datapackage.json")
    finally:
        os.chdir(here)
    told = [*found.errors, *(error for task in found.tasks for error in task.errors)]
    assert found.valid == (not told)
    return [error.type for error in told]


def package(run: Path) -> dict[str, Any]:
    return dict(json.loads((run / "datapackage.json").read_text(encoding="utf-8")))


# --- frictionless ---------------------------------------------------------------------------------


def test_the_package_of_a_run_is_valid(run: Path) -> None:
    assert faults(run) == []
    assert [each["path"] for each in package(run)["resources"]] == TABLES


def put(column: str, value: str) -> Callable[[list[dict[str, str]]], None]:
    def spoil(rows: list[dict[str, str]]) -> None:
        rows[0][column] = value

    return spoil


@pytest.mark.parametrize(
    ("name", "spoil", "told"),
    [
        ("verdicts.csv", put("status", "fine"), "constraint-error"),
        ("verdicts.csv", put("probability", "1.2"), "constraint-error"),
        ("verdicts.csv", put("deadline", "end of 2025"), "type-error"),
        ("verdicts.csv", put("area_code", ""), "constraint-error"),
        ("verdicts.csv", lambda rows: rows.append(rows[0]), "primary-key"),
        ("trajectories.csv", put("value", "85,5"), "type-error"),
        ("trajectories.csv", put("target_id", "XYZ01"), "foreign-key"),
        ("observations.csv", put("area_code", "999"), "foreign-key"),
        ("observations.csv", put("origin", "guessed"), "constraint-error"),
        ("observations.csv", put("period", "2024-13"), "constraint-error"),
    ],
)
def test_a_planted_fault_is_found(spoiled: Path, name: str, spoil: Any, told: str) -> None:
    rows = table(spoiled / name)
    spoil(rows)
    with (spoiled / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    assert told in faults(spoiled)


def test_a_changed_byte_is_found(run: Path, tmp_path: Path) -> None:
    for name in [*TABLES, "datapackage.json"]:
        shutil.copyfile(run / name, tmp_path / name)
    text = (tmp_path / "verdicts.csv").read_text(encoding="utf-8")
    text = text.replace("2025-12-31", "2025-12-30", 1)
    (tmp_path / "verdicts.csv").write_text(text, encoding="utf-8", newline="\n")
    assert faults(tmp_path) == ["hash-count"]


# --- what it says ---------------------------------------------------------------------------------


def test_every_field_has_a_meaning_and_every_number_a_unit() -> None:
    for fields in (verdict_fields(), trajectory_fields(), observation_fields()):
        for field in fields:
            assert field["description"], field
            assert ("unit" in field) == (field["type"] in ("number", "integer")), field
    assert [field["name"] for field in verdict_fields()] == VERDICT_COLUMNS
    assert [field["name"] for field in trajectory_fields()] == ["plan_id", *TRAJECTORY_COLUMNS]
    shown = [*verdict_fields(), *trajectory_fields(), *observation_fields()]
    known = {name for names in UNITS.values() for name in names}
    assert known <= {field["name"] for field in shown}


def test_closed_lists_are_those_of_the_schema() -> None:
    closed = {field["name"]: field.get("constraints", {}).get("enum") for field in verdict_fields()}
    assert closed["status"] == list(STATUSES)
    assert closed["comparator"] == [">", ">=", "<", "<="]


def test_synthetic_figures_are_marked_in_the_package_and_each_table(
    run: Path, registry: Registry, tmp_path: Path
) -> None:
    told = package(run)
    assert told["synthetic"] is True and "GIẢ LẬP" in told["description"]
    marked = {each["path"]: each["synthetic"] for each in told["resources"]}
    assert marked == dict.fromkeys(TABLES, True)
    country = package(tables_of(tmp_path, plan_units(registry, only=["VN"])))
    assert country["synthetic"] is False and "GIẢ LẬP" not in json.dumps(country)
    assert faults(tmp_path) == []  # the empty roll-up, too


def test_sources_are_those_of_the_figures(run: Path) -> None:
    sources = package(run)["sources"]
    rows = table(run / "observations.csv")
    assert {source["title"] for source in sources} == {row["source"] for row in rows}
    assert all(source.get("path", "http").startswith("http") for source in sources)
    assert package(run)["as_of"] == "2026-03-31"


def test_json_says_what_the_csv_says_and_null_for_unknown(run: Path) -> None:
    rows = json.loads((run / "verdicts.json").read_text(encoding="utf-8"))
    lines = table(run / "verdicts.csv")
    assert len(rows) == len(lines) == 12 * 17
    for row, line in zip(rows, lines, strict=True):
        assert {name: "" if cell is None else str(cell) for name, cell in row.items()} == line
    assert json_text([{"a": float("nan"), "b": 0.0}]) == '[\n{"a": null, "b": 0.0}\n]\n'


# --- traced from a number to its figures ----------------------------------------------------------


def test_every_newest_figure_is_found_among_the_observations(run: Path) -> None:
    judged: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in table(run / "observations.csv"):
        if row["role"] == "judged":
            key = row["area_code"], row["indicator"], row["series"], row["breakdown"]
            judged.setdefault(key, []).append(row)
    verdicts = [row for row in table(run / "verdicts.csv") if row["latest"]]
    assert len(verdicts) > 100
    for row in verdicts:
        key = row["area_code"], row["indicator"], row["series"], row["breakdown"]
        mine = {one["period_end"]: one for one in judged[key]}
        newest = mine[row["latest_date"]]
        assert float(newest["value"]) == pytest.approx(float(row["latest"]), abs=5e-5)
        assert newest["source"] == row["source"] and max(mine) == row["latest_date"]
        assert max(one["known_from"] for one in mine.values()) == row["vintage"]


def test_a_projection_at_the_deadline_is_a_point_of_its_trajectory(run: Path) -> None:
    key = ("plan_id", "area_code", "target_id", "breakdown")
    points = {
        (*(row[name] for name in key), row["date"]): row
        for row in table(run / "trajectories.csv")
        if row["kind"] == "projected"
    }
    reports = {"356", "359", "VN"}
    rows = [row for row in table(run / "verdicts.csv") if row["projected"]]
    mine = [row for row in rows if row["area_code"] in reports and not row["breakdown"]]
    assert len(mine) > 15
    for row in mine:
        point = points[(*(row[name] for name in key), row["deadline"])]
        for ours, theirs in (("projected", "value"), ("lo80", "lo80"), ("hi95", "hi95")):
            assert row[ours] == point[theirs], row["target_id"]


def test_observed_points_of_a_trajectory_are_judged_observations(run: Path) -> None:
    seen = {
        (row["area_code"], row["period_end"], round(float(row["value"]), 4))
        for row in table(run / "observations.csv")
        if row["role"] == "judged"
    }
    drawn = {
        (row["area_code"], row["date"], float(row["value"]))
        for row in table(run / "trajectories.csv")
        if row["kind"] == "observed"
    }
    assert drawn and drawn <= seen


def test_areas_without_a_report_have_their_figures_too(run: Path) -> None:
    told = {row["area_code"] for row in table(run / "observations.csv")}
    assert told >= {"360", "366"}  # the province's page shows them, but no report is made of them


def test_a_row_of_two_plans_stands_once_and_a_note_may_hold_a_lines_end() -> None:
    first = 'a,b\n1,"two\nlines"\n1,x\n'
    assert joined([first, 'a,b\n1,x\n"2","two\nlines"\n']) == f'{first}2,"two\nlines"\n'


@pytest.mark.parametrize(
    ("number", "text"),
    [(80.0, "80"), (0.0, "0"), (85.5, "85.5"), (1e15, "1000000000000000"), (float("nan"), "")],
)
def test_numbers_are_written_as_they_are_stored(number: float, text: str) -> None:
    assert _plain(number) == text


def test_the_same_units_give_the_same_bytes(run: Path, registry: Registry, tmp_path: Path) -> None:
    again = tables_of(tmp_path, plan_units(registry, only=["36", "356", "359", "VN"]))
    for name in [*TABLES, "datapackage.json"]:
        assert (again / name).read_bytes() == (run / name).read_bytes(), name
