"""The province from its parts: counts added up, what is missing said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kts_analysis.assessment import assess
from kts_analysis.entries import Plan
from kts_analysis.registry import Registry
from kts_analysis.rollup import add_up, contributions, parts_on, rollup_plan, with_rollup
from kts_analysis.store import known_on

TableOf = Callable[[list[dict[str, Any]]], pd.DataFrame]
DISTRICTS = ("356", "358", "359", "360", "361", "362", "363", "364", "365", "366")


@pytest.fixture(scope="module")
def plan(registry: Registry) -> Plan:
    return registry.plan("nam-dinh-105")


def row(code: str, period: object, above: object, below: object, **more: Any) -> dict[str, Any]:
    base = {"area_code": code, "series": "district_report", "period": period}
    return base | {"numerator": above, "denominator": below, "vintage": "2025-02-14"} | more


def test_parts_are_those_that_stood_on_the_day(plan: Plan, registry: Registry) -> None:
    def codes(day: date) -> list[str]:
        return [area.code for area in parts_on(plan, registry, day)]

    assert codes(date(2024, 8, 31)) == list(DISTRICTS)
    assert codes(date(2024, 9, 1)) == [code for code in DISTRICTS if code != "358"]
    assert codes(date(2025, 7, 1)) == []


def test_sums_by_hand(plan: Plan, registry: Registry, table_of: TableOf) -> None:
    table = table_of(
        [
            row("359", 2024, 30, 40),  # 75 %
            row("360", 2024, 10, 60, flags="weak_source"),  # 16.67 %
            row("361", 2024, "", "", value=99),  # no counts: cannot be added
            row("36", 2024, 900, 1000),  # the province itself is not one of its parts
            row("358", 2024, 500, 500),  # ended on 2024-08-31
            row("359", 2024, 700, 800, series="provincial_report"),  # another method
            row("359", 2023, 20, 40, vintage="2024-02-14"),
            row("359", 2023, 24, 40, vintage="2024-09-01"),  # its revision
        ]
    )
    sums = add_up(table, plan, registry, plan.target("XHS01")).set_index("period")
    assert sums.index.tolist() == ["2023", "2024"]
    whole = sums.loc["2024"]
    assert (whole["numerator"], whole["denominator"], whole["value"]) == (40, 100, 40.0)
    assert (whole["counted"], whole["expected"]) == (2, 9)
    assert whole["missing"] == ("356", "361", "362", "363", "364", "365", "366")
    assert (whole["origin"], whole["flags"]) == ("derived", "weak_source")
    assert (sums.loc["2023", "value"], sums.loc["2023", "expected"]) == (60.0, 10)
    assert sums.loc["2023", "vintage_date"] == date(2024, 9, 1)


def test_sample_agrees_with_the_published_figure(
    plan: Plan, registry: Registry, obs: pd.DataFrame, data_folder: Path
) -> None:
    sums = add_up(obs, plan, registry, plan.target("XHS01")).set_index("period")
    files = [pd.read_csv(data_folder / "sample" / f"{code}.csv") for code in DISTRICTS]
    pool = pd.concat(files).query("indicator == 'XHS01' and period == 2024")
    assert sums.loc["2024", "numerator"] == pool["numerator"].sum() == 1124666
    assert sums.loc["2024", "denominator"] == pool["denominator"].sum() == 1312705
    assert 85.5 < sums.loc["2024", "value"] < 86.0  # published: "over 85.5"
    assert sums.loc["2020", "missing"] == ("365",)
    assert (sums.loc["2020", "counted"], sums.loc["2020", "expected"]) == (9, 10)
    assert set(sums["origin"]) == {"synthetic"}


def test_an_unmeasured_indicator_adds_up_to_nothing(
    plan: Plan, registry: Registry, obs: pd.DataFrame
) -> None:
    sums = add_up(obs, plan, registry, plan.target("KTS06"))
    assert len(sums) == 0
    assert {"value", "missing", "counted"} <= set(sums.columns)


def test_only_complete_sums_stand_for_the_province(
    plan: Plan, registry: Registry, obs: pd.DataFrame
) -> None:
    known = known_on(obs, "2025-06-30")
    joined = with_rollup(known, plan, registry)
    added = joined[(joined["series"] == "rollup") & (joined["indicator"] == "XHS01")]
    assert added["period"].tolist() == ["2019", "2022", "2023", "2024"]  # 2020, 2021 have gaps
    assert set(added["area_code"]) == {"36"}
    assert added["t"].tolist() == [2019, 2022, 2023, 2024]
    assert joined.attrs["as_of"] == "2025-06-30"
    assert len(joined) == len(known) + (joined["series"] == "rollup").sum()
    verdicts = assess(
        rollup_plan(plan, registry), joined, 2025, areas=["36"], targets=["XHS01"],
        registry=registry,
    )  # fmt: skip
    found = verdicts.iloc[0]
    assert (found["series"], found["latest"], found["n_points"]) == ("rollup", 85.6755, 4)
    assert (found["origin"], found["status"]) == ("synthetic", "reached_early")
    own = assess(plan, joined, 2025, areas=["36"], targets=["XHS01"], registry=registry)
    assert (own["series"].iloc[0], own["latest"].iloc[0]) == ("provincial_report", 85.5)


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(500, 900)), min_size=9, max_size=9),
    st.randoms(use_true_random=False),
)
def test_the_sum_lies_between_its_parts(
    plan: Plan, registry: Registry, table_of: TableOf, counts: list[tuple[int, int]], random: Any
) -> None:
    codes = [code for code in DISTRICTS if code != "358"]
    rows = [row(code, 2024, *pair) for code, pair in zip(codes, counts, strict=True)]
    random.shuffle(rows)
    total = add_up(table_of(rows), plan, registry, plan.target("XHS01")).iloc[0]
    rates = [100 * above / below for above, below in counts]
    assert min(rates) - 1e-9 <= total["value"] <= max(rates) + 1e-9
    assert total["numerator"] == sum(above for above, _ in counts)
    assert (total["counted"], total["missing"]) == (9, ())


def test_contributions_are_missing_heads() -> None:
    verdicts = pd.DataFrame(
        {
            "area_code": ["359", "360", "361", "362", "36", "359"],
            "target_id": ["XHS01"] * 5 + ["XHS02"],
            "latest": [70.0, 60.0, 90.0, float("nan"), 75.0, 10.0],
            "latest_date": ["2024-12-31"] * 6,
            "gap": [10.0, 20.0, -10.0, float("nan"), 5.0, 70.0],
            "gap_count": [300.0, 100.0, -50.0, float("nan"), 350.0, 999.0],
            "denominator": [3000.0, 500.0, 500.0, 400.0, 4400.0, 1427.0],
            "status": ["likely"] * 6,
            "origin": ["synthetic"] * 6,
        }
    )
    table = contributions(verdicts, "XHS01", ["359", "360", "361", "362"])
    assert table["area_code"].tolist() == ["359", "360", "361"]
    assert table["gap_count"].tolist() == [300, 100, 0]
    assert table["share"].tolist() == [75, 25, 0]
    assert table["home_points"].tolist() == [7.5, 2.5, 0]  # of 4,000 heads with a gap known
    done = contributions(verdicts, "XHS01", ["361"])
    assert done["gap_count"].tolist() == [0]
    assert done["share"].isna().all()


# --- every area of the province, judged -----------------------------------------------------------

PROVINCE_ONLY = {"KTS01", "KTS02", "KTS03", "KTS06", "XHS06", "XHS10"}


@pytest.fixture(scope="module")
def province(plan: Plan, registry: Registry, obs: pd.DataFrame) -> pd.DataFrame:
    return assess(plan, obs, 2025, as_of="2025-06-30", registry=registry)


def test_one_row_for_each_area_and_target(province: pd.DataFrame, plan: Plan) -> None:
    pairs = set(zip(province["area_code"], province["target_id"], strict=True))
    assert len(province) == len(pairs) == 11 * 17
    assert {area for area, _ in pairs} == {"36", *DISTRICTS}
    assert {target for _, target in pairs} == {target.id for target in plan.targets}
    assert not (province["status"] == "").any()
    assert not (province["reason"] == "").any()


def test_province_only_targets_are_not_measured_in_districts(province: pd.DataFrame) -> None:
    silent = province[province["status"] == "not_measured"]
    assert len(silent) == 10 * 6
    assert set(silent["target_id"]) == PROVINCE_ONLY
    assert "36" not in set(silent["area_code"])
    assert silent[["latest", "projected", "probability", "gap"]].isna().all(axis=None)
    assert set(silent["origin"]) == {""}


def test_sample_figures_always_say_synthetic(province: pd.DataFrame) -> None:
    districts = province[(province["area_code"] != "36") & (province["status"] != "not_measured")]
    assert len(districts) == 10 * 11
    assert set(districts["origin"]) == {"synthetic"}
    assert set(province[province["area_code"] == "36"]["origin"]) == {"", "published"}
