"""Published results that the official rules must reproduce, read from ../shared where it is."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kts_analysis.rules import Grade, aggregate, evaluate
from kts_analysis.rules.compare import JUMP, grade_distance
from kts_analysis.rules.jmp import estimates, national, nested
from kts_analysis.rules.paths import (
    keep_better,
    percent_path,
    rate_path,
    required_rate,
    straight_path,
    trimmed,
)
from kts_analysis.rules.reduction import log_rate, reduction_of_slope
from kts_analysis.rules.words import NO_STATUS

METHODS = Path(__file__).resolve().parents[1].parent / "shared" / "reference" / "methods"
EXAMPLES = METHODS / "worked_examples_public.csv"
FLIPS = METHODS / "statcan_status_flips.csv"
COUNTS = {
    "statcan_cif": 140,
    "jmp_uganda_2021": 24,
    "who_billionaire_tests": 6,
    "un_igme": 3,
    "unicef_aarr": 2,
    "open_sdg_behat": 2,
}
Row = dict[str, str]


def rows_of(path: Path) -> list[Row]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS = rows_of(EXAMPLES)
pytestmark = pytest.mark.skipif(not ROWS, reason=f"NOT RUN: no {EXAMPLES.name} in ../shared")


def cases(*families: str) -> list[Any]:
    return [pytest.param(row, id=row["id"]) for row in ROWS if row["family"] in families]


def number(text: str) -> float | None:
    return float(text) if text else None


def published(row: Row) -> Any:
    return json.loads(row["expected_json"])


def tolerance(row: Row) -> float:
    return float(row["abs_tol"] or 1e-9)


def test_every_published_case_is_here() -> None:
    assert Counter(row["family"] for row in ROWS) == COUNTS


def graded(row: Row) -> Grade:
    series = dict(json.loads(row["inputs_json"])["series"]) if row["inputs_json"] else {}
    if not series and row["base_value"]:
        series = {
            int(row["base_year"]): float(row["base_value"]),
            int(row["current_year"]): float(row["current_value"]),
        }
    return evaluate(
        "statcan",
        series,
        target=number(row["target"]),
        target_year=number(row["target_year"]),
        base_year=number(row["base_year"]),
        direction=int(row["direction"]),
        limit=number(row["limit"]),
    )


@pytest.mark.parametrize("row", cases("statcan_cif", "open_sdg_behat"))
def test_statistics_canada_and_open_sdg(row: Row) -> None:
    if row["rule"] == "mean_of_series_scores":
        return check_aggregate(row)
    grade = graded(row)
    assert grade.status == row["expected_status"]
    assert grade.evidence == "verified"
    if row["expected_json"]:
        expected, within = published(row), tolerance(row)
        assert grade.progress == pytest.approx(expected["progress_value"], abs=within)
        assert grade.score == pytest.approx(expected["score"], abs=within)
    if grade.status != NO_STATUS:
        years = (float(row["base_year"]), float(row["current_year"]))
        assert (grade.base_year, grade.latest_year) == years
    return None


def check_aggregate(row: Row) -> None:
    given = json.loads(row["inputs_json"])
    pairs = zip(given["series_status"], given["series_scores"], strict=True)
    whole = aggregate(Grade("statcan", status, "computed", score=score) for status, score in pairs)
    assert whole.status == row["expected_status"]
    assert whole.score == pytest.approx(published(row)["score"], abs=tolerance(row))


@pytest.mark.parametrize("row", cases("jmp_uganda_2021"))
def test_jmp_uganda(row: Row) -> None:
    given, expected = json.loads(row["inputs_json"]), published(row)
    if "values" in given:
        whole = national(given["values"], given["population_thousand"])
        assert whole == pytest.approx(expected["national"], abs=tolerance(row))
        return
    if "improved_estimate" in given:
        parent = {float(year): value for year, value in given["improved_estimate"].items()}
        found = nested(given["points_pct_of_improved"], parent)
    else:
        found = estimates(given["points"], [float(year) for year in expected])
    for year, value in expected.items():
        assert found[float(year)] == pytest.approx(value, abs=tolerance(row)), year


def igme(row: Row) -> dict[str, float]:
    if row["inputs_json"]:  # a cut to a third in so many years
        years = json.loads(row["inputs_json"])["years"]
        return {"required_ARR_percent": 100 * log_rate(3, 1, years)}
    base = float(row["base_value"])
    if row["current_value"]:
        return {"reduction_percent": 100 * (1 - float(row["current_value"]) / base)}
    years = float(row["target_year"]) - float(row["base_year"])
    return {"required_ARR_percent": 100 * log_rate(base, float(row["target"]), years)}


def aarr(row: Row) -> dict[str, float]:
    return {"AARR_percent": 100 * reduction_of_slope(json.loads(row["inputs_json"])["b"])}


@pytest.mark.parametrize("row", cases("un_igme", "unicef_aarr"))
def test_rates_of_reduction(row: Row) -> None:
    found = igme(row) if row["family"] == "un_igme" else aarr(row)
    assert found == pytest.approx(published(row), abs=tolerance(row))


def straight(row: Row) -> dict[int, float]:
    return straight_path(2018, float(row["base_value"]), 2025, float(row["target"]))


def kept(row: Row) -> dict[int, float]:
    observed = {
        int(year): value for year, value in json.loads(row["inputs_json"])["observed"].items()
    }
    return keep_better(straight(row), observed, int(row["direction"]))


def rate(row: Row) -> dict[int, float]:
    base, target = float(row["base_value"]), float(row["target"])
    return {2025: rate_path(2018, base, 2025, required_rate(base, target, 7))[2025]}


def capped(row: Row) -> dict[int, float]:
    assert '"seq(10,200,length.out=11) over 2017:2027"' in row["inputs_json"]
    base = 10 + 19.0  # the value of 2018
    return {2025: trimmed(rate_path(2018, base, 2025, 1.5))[2025]}


def floored(row: Row) -> dict[int, float]:
    given = json.loads(row["inputs_json"])
    assert given["series"] == "20:40 over 2010:2030"
    path = percent_path(given["baseline_year"], 20, given["target_year"], given["percent_change"])
    assert path[2025] == -7
    return {2025: trimmed(path)[2025]}


PATHS: dict[str, Callable[[Row], dict[int, float]]] = {
    "who_fixed_target_99": straight,
    "who_fixed_target_keep_better": kept,
    "who_aroc_target_up": rate,
    "who_aroc_target_down": rate,
    "who_aroc_cap_100": capped,
    "who_percent_floor_0": floored,
}


@pytest.mark.parametrize("row", cases("who_billionaire_tests"))
def test_who_required_paths(row: Row) -> None:
    found = {str(year): value for year, value in PATHS[row["id"]](row).items()}
    assert found == pytest.approx(published(row), abs=tolerance(row))


def test_status_changes_of_the_canadian_site() -> None:
    """Of 25 changes of status 18 were between two grades; 5 of them jumped two or more."""
    flips = rows_of(FLIPS)
    pairs = [(row["status_before"], row["status_after"]) for row in flips]
    real = [pair for pair in pairs if NO_STATUS not in pair]
    assert (len(pairs), len(real)) == (25, 18)
    assert sum(grade_distance("statcan", *pair) >= JUMP for pair in real) == 5


@pytest.mark.parametrize("side", ["before", "after"])
def test_both_sides_of_each_status_change(side: str) -> None:
    """Each published grade before and after a change comes out of the rule."""
    for row in rows_of(FLIPS):
        value = number(row[f"current_value_{side}"])
        base = number(row[f"base_value_{side}"])
        if base is None or value is None:
            continue  # not assessable by its figures
        if (row["series"], side) == ("11-4-1", "before"):
            row = row | {"base_year": "2023"}  # its column holds the configured year, 2015
        grade = evaluate(
            "statcan",
            {float(row["base_year"]): base, float(row[f"current_year_{side}"]): value},
            target=number(row[f"target_{side}"]),
            target_year=number(row["target_year"]),
            direction=int(row["direction"]),
            limit=number(row["limit"]),
        )
        assert grade.status == row[f"status_{side}"], row["series"]
        expected = float(row[f"progress_value_{side}"])
        assert grade.progress == pytest.approx(expected, abs=1e-6)
