"""What the province can be when parts are missing."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kts_analysis
from kts_analysis.entries import Plan
from kts_analysis.registry import Registry
from kts_analysis.rollup import add_up
from kts_analysis.rollup_bounds import province_bounds

TableOf = Callable[[list[dict[str, Any]]], pd.DataFrame]
CODES = ["356", "359", "360", "361", "362", "363", "364", "365", "366"]


@pytest.fixture(scope="module")
def plan(registry: Registry) -> Plan:
    return registry.plan("nam-dinh-105")


def row(code: str, period: object, above: object, below: object, **more: Any) -> dict[str, Any]:
    base = {"area_code": code, "series": "district_report", "period": period}
    base |= {"indicator": "XHS05", "vintage": "2025-02-14"}
    return base | {"numerator": above, "denominator": below} | more


def of_target(table: pd.DataFrame, plan: Plan, registry: Registry) -> pd.DataFrame:
    return province_bounds(table, plan, registry, plan.target("XHS05")).set_index("period")


def test_bounds_by_hand(plan: Plan, registry: Registry, table_of: TableOf) -> None:
    rows = [row(code, 2024, 40, 100) for code in CODES[2:]]  # 7 areas: 280 of 700
    rows += [row("359", 2023, 50, 200), row("356", 2024, 30, 100), row("360", 2023, 10, 100)]
    found = province_bounds(table_of(rows), plan, registry, plan.target("XHS05")).set_index(
        "period"
    )
    year = found.loc["2024"]
    assert (year["counted"], year["expected"], year["missing"]) == (8, 9, ("359",))
    assert year["value"] == pytest.approx(100 * 310 / 800)
    assert (year["coverage"], year["coverage_by"]) == (80, "denominators")  # 800 of 1,000
    assert (year["hard_low"], year["hard_high"]) == (31, 51)
    assert (year["likely_low"], year["likely_high"]) == (33, 39)  # at 10 % and at 40 %
    assert year["exceedable"] == registry.indicators["XHS05"].bounds.reported_can_exceed


def test_a_size_nobody_knows_leaves_everything_open(
    plan: Plan, registry: Registry, table_of: TableOf
) -> None:
    rows = [row(code, 2024, 40, 100) for code in CODES[1:]]
    rows.append(row("356", 2023, 40, 100))  # before the merger: not the city's size of 2024
    rows.append(row("366", 2023, 40, 100, denominator_concept="another"))
    found = province_bounds(table_of(rows), plan, registry, plan.target("XHS05")).set_index(
        "period"
    )
    year = found.loc["2024"]
    assert year["missing"] == ("356",)
    assert (year["coverage"], year["coverage_by"]) == (pytest.approx(800 / 9), "areas")
    assert (year["hard_low"], year["hard_high"]) == (0, 100)
    assert pd.isna(year["likely_low"]) and pd.isna(year["likely_high"])


def test_nothing_missing_nothing_open(plan: Plan, registry: Registry, table_of: TableOf) -> None:
    table = table_of([row(code, 2024, 40, 100) for code in CODES])
    [year] = province_bounds(table, plan, registry, plan.target("XHS05")).to_dict("records")
    assert (year["coverage"], year["missing"]) == (100, ())
    names = ("value", "hard_low", "hard_high", "likely_low", "likely_high")
    assert [year[name] for name in names] == [40] * 5


def test_the_sample_s_gap(plan: Plan, registry: Registry, obs: pd.DataFrame) -> None:
    found = province_bounds(obs, plan, registry, plan.target("XHS01")).set_index("period")
    assert found.loc["2020", "missing"] == ("365",)
    assert found.loc["2020", "hard_low"] < found.loc["2020", "likely_low"]
    assert found.loc["2020", "likely_low"] < found.loc["2020", "value"]
    assert found.loc["2020", "value"] < found.loc["2020", "likely_high"]
    assert found.loc["2020", "likely_high"] < found.loc["2020", "hard_high"]
    assert found.loc["2020", "exceedable"]  # subscriptions stand for people
    pd.testing.assert_series_equal(
        found["value"],
        add_up(obs, plan, registry, plan.target("XHS01")).set_index("period")["value"],
    )


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(500, 900)), min_size=9, max_size=9),
    st.sets(st.sampled_from(CODES), min_size=1, max_size=8),
)
def test_the_truth_lies_within_the_hard_bounds(
    plan: Plan, registry: Registry, table_of: TableOf, counts: list[tuple[int, int]], out: set[str]
) -> None:
    pairs = dict(zip(CODES, counts, strict=True))
    told = [row(code, 2024, *pairs[code]) for code in CODES if code not in out]
    sizes = [row(code, "2024-11", 0, pairs[code][1]) for code in out]  # only the size counts
    target = plan.target("XHS05")
    found = province_bounds(table_of(told + sizes), plan, registry, target).set_index("period")
    truth = 100 * sum(above for above, _ in counts) / sum(below for _, below in counts)
    year = found.loc["2024"]
    assert year["hard_low"] - 1e-9 <= truth <= year["hard_high"] + 1e-9
    assert year["hard_low"] - 1e-9 <= year["likely_low"] <= year["likely_high"] + 1e-9
    assert year["likely_high"] <= year["hard_high"] + 1e-9
    assert set(year["missing"]) == out


# --- rates are neither added nor averaged ---------------------------------------------------------


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(500, 900)), min_size=9, max_size=9),
    st.sets(st.sampled_from(CODES), min_size=1, max_size=8),
    st.floats(0, 100).map(lambda value: round(value, 2)),
)
def test_a_rate_without_counts_never_changes_a_sum(
    plan: Plan,
    registry: Registry,
    table_of: TableOf,
    counts: list[tuple[int, int]],
    bare: set[str],
    value: float,
) -> None:
    pairs = zip(CODES, counts, strict=True)
    counted = [row(code, 2024, *pair) for code, pair in pairs if code not in bare]
    rates = [row(code, 2024, "", "", value=value) for code in sorted(bare)]
    target = plan.target("XHS05")
    for function in (add_up, province_bounds):
        without = function(table_of(counted), plan, registry, target)
        beside = function(table_of(counted + rates), plan, registry, target)
        pd.testing.assert_frame_equal(without, beside)


MEANS = {"mean", "nanmean", "average", "median", "nanmedian", "fmean"}


def averages(source: str) -> list[str]:
    """Return calls that take a mean, and sums over figures' values."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).rpartition(".")[2]
            inside = ast.unparse(node)
            if name in MEANS or (name == "sum" and re.search(r"\.value\b|'value'", inside)):
                found.append(inside)
    return found


def test_the_modules_that_add_up_take_no_mean_of_rates() -> None:
    package = Path(kts_analysis.__file__).parent
    names = ["areas", "border_changes", "border_points", "rollup", "rollup_bounds"]
    for name in [*names, "rollup_beside", "reconciliation"]:
        assert averages((package / f"{name}.py").read_text(encoding="utf-8")) == [], name
    # the one place that weights rates does so only when it is asked to, and marks the figure
    assert len(averages("x = sum(one.value for one in figures)")) == 1
    assert len(averages("x = table['rate'].mean()")) == 1
