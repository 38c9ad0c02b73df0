"""A plan and its targets on other borders than it was made on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import pytest
from test_areas import made_up
from test_harmonising import figure

from kts_analysis.areas import Crosswalk, Piece
from kts_analysis.entries import Plan, Threshold
from kts_analysis.errors import KtsError
from kts_analysis.figures import table_of as figure_table
from kts_analysis.i18n import Messages
from kts_analysis.moved_plans import borders_of, plan_on
from kts_analysis.moved_targets import MovedThreshold, target_on
from kts_analysis.registry import Registry

TableOf = Callable[[list[dict[str, Any]]], pd.DataFrame]
MERGED, WARDS = date(2024, 9, 1), date(2025, 7, 1)


@pytest.fixture(scope="module")
def crosswalk(registry: Registry) -> Crosswalk:
    return Crosswalk(registry)


@pytest.fixture(scope="module")
def plan(registry: Registry) -> Plan:
    """The adopted plan with a lower threshold for the district that was merged later."""
    return with_threshold(registry.plan("nam-dinh-105"), "XHS01", 60.0)


def with_threshold(plan: Plan, target_id: str, value: float | None, comparator: str = ">=") -> Plan:
    own = Threshold(
        deadline=2025,
        value=value,
        comparator=comparator,  # type: ignore[arg-type]
        verification="unknown" if value is None else "one_source",
        sources=("a decision",),
        areas=("358",),
    )
    target = plan.target(target_id)
    changed = target.model_copy(update={"thresholds": (*target.thresholds, own)})
    others = [changed if item.id == target_id else item for item in plan.targets]
    return plan.model_copy(update={"targets": tuple(others)})


def row(code: str, period: object, below: object, **more: Any) -> dict[str, Any]:
    base = {"area_code": code, "series": "district_report", "period": period}
    counts = {"numerator": 10, "denominator": below, "denominator_concept": "adults"}
    return base | counts | {"vintage": "2025-02-14"} | more


def test_a_plan_stands_on_the_newest_borders_of_all_its_areas(
    registry: Registry, crosswalk: Crosswalk
) -> None:
    plan = registry.plan("nam-dinh-105")
    assert borders_of(plan, crosswalk) == date(2024, 8, 31)
    merged = plan_on(plan, crosswalk, MERGED)
    assert "358" not in merged.areas
    assert set(merged.areas) == set(plan.areas) - {"358"}
    assert borders_of(merged, crosswalk) == date(2025, 6, 30)
    assert set(plan_on(merged, crosswalk, date(2020, 1, 1)).areas) == set(plan.areas)
    country = registry.plan("quoc-gia-411")
    assert plan_on(country, crosswalk, date(2020, 1, 1)).home == "VN"


def test_areas_that_never_stood_side_by_side_are_refused(
    registry: Registry, crosswalk: Crosswalk
) -> None:
    plan = registry.plan("nam-dinh-105").model_copy(update={"areas": ("36", "358", "13669")})
    with pytest.raises(KtsError, match="never stood side by side: 13669"):
        borders_of(plan, crosswalk)


def test_a_lower_threshold_is_carried_into_the_merged_city(
    plan: Plan, crosswalk: Crosswalk, table_of: TableOf
) -> None:
    table = table_of(
        [
            row("356", 2022, 100_000),
            row("358", 2022, 10_000),
            row("356", 2023, 150_000),
            row("358", 2023, 50_000),
            row("356", 2024, 230_000),  # already the merged city
        ]
    )
    target = plan.target("XHS01")
    [common] = {
        item.value for item in target.thresholds if not item.areas and item.deadline == 2025
    }
    assert common is not None
    found = {
        item.deadline: item for item in target_on(plan, target, "356", MERGED, crosswalk, table)
    }
    moved = found[2025]
    assert moved.threshold is not None
    assert moved.threshold.value == pytest.approx((150 * common + 50 * 60) / 200)
    assert (moved.period, moved.concept) == ("2023", "adults")
    assert moved.weights == {"356": 150_000, "358": 50_000}
    assert moved.parts == (Piece("356", 1), Piece("358", 1))
    assert (moved.threshold.verification, moved.threshold.areas) == ("unverified", ("356",))
    assert "a decision" in moved.threshold.sources
    assert "weighted by the denominators of 2023 (adults) of 356, 358" in str(moved.threshold.basis)


def test_equal_thresholds_need_no_weights(
    registry: Registry, crosswalk: Crosswalk, table_of: TableOf
) -> None:
    plan = registry.plan("nam-dinh-105")
    target = plan.target("XHS01")
    [moved] = target_on(plan, target, "356", MERGED, crosswalk, table_of([row("359", 2023, 10)]))
    own = target.threshold(2025, "356")
    assert moved.threshold is not None and own is not None
    assert (moved.threshold.value, moved.threshold.comparator) == (own.value, own.comparator)
    assert (moved.threshold.verification, moved.threshold.basis) == (own.verification, own.basis)
    assert (moved.weights, moved.text()) == ({}, "")


@pytest.mark.parametrize(
    ("value", "comparator", "rows", "said"),
    [
        (60.0, ">=", [row("356", 2023, 100)], "cannot be weighted"),
        (60.0, ">=", [row("356", 2023, 100), row("358", 2022, 10)], "cannot be weighted"),
        (
            60.0, ">=",
            [row("356", 2023, 100), row("358", 2023, 10, denominator_concept="households")],
            "cannot be weighted",
        ),
        (60.0, ">=", [row("356", 2024, 100), row("358", 2024, 10)], "cannot be weighted"),
        (60.0, ">", [row("356", 2023, 100), row("358", 2023, 10)], "compare differently"),
        (None, ">=", [row("356", 2023, 100), row("358", 2023, 10)], "a part of 356 has none"),
    ],
)  # fmt: skip
def test_no_common_threshold_says_why(
    value: float | None,
    comparator: str,
    rows: list[dict[str, Any]],
    said: str,
    registry: Registry,
    crosswalk: Crosswalk,
    table_of: TableOf,
) -> None:
    plan = with_threshold(registry.plan("nam-dinh-105"), "XHS01", value, comparator)
    target = plan.target("XHS01")
    [moved] = target_on(plan, target, "356", MERGED, crosswalk, table_of(rows))
    assert moved.threshold is None
    assert said in moved.text()
    assert moved.text(Messages("vi")).startswith("không có mức chung")


def test_a_ward_astride_and_a_province_with_others_have_no_common_threshold(
    plan: Plan, crosswalk: Crosswalk, table_of: TableOf
) -> None:
    table = table_of([row("356", 2023, 100), row("358", 2023, 10)])
    [ward] = target_on(plan, plan.target("XHS01"), "13669", WARDS, crosswalk, table)
    assert ward.threshold is None
    assert "cannot be weighted" in ward.text()  # old city or former district: nobody said which
    [province] = target_on(plan, plan.target("XHS01"), "37", WARDS, crosswalk, table)
    assert province.text() == "no common threshold: plan nam-dinh-105 says nothing of 35, 37"


def test_denominators_of_other_borders_are_no_weights(plan: Plan) -> None:
    registry = made_up(
        {"A": (None, None), "B": (None, 2010), "C": (None, 2020)},
        [("B", "A", 2010, 1), ("C", "A", 2020, 1)],
    )
    own = plan.target("XHS01").thresholds[-1].model_copy(update={"areas": ("C",)})
    common = [item for item in plan.target("XHS01").thresholds if not item.areas]
    target = plan.target("XHS01").model_copy(update={"thresholds": (*common, own)})
    moved = plan.model_copy(update={"areas": ("A", "C"), "home": "A"})
    more = {"indicator": "XHS01", "series": "district_report"}

    def found(year: int) -> MovedThreshold:
        table = figure_table([figure(code, year, 1, 50, **more) for code in ("A", "C")])
        return target_on(moved, target, "A", date(2021, 1, 1), Crosswalk(registry), table)[0]

    assert found(2009).threshold is None  # A was smaller then
    assert found(2012).weights == {"A": 50, "C": 50}
