"""Verdicts: the worked example, the words before and after a deadline, and what may not matter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from kts_analysis.assessment import assess
from kts_analysis.entries import Plan
from kts_analysis.errors import KtsError
from kts_analysis.registry import Registry
from kts_analysis.schema import VERDICT_COLUMNS
from kts_analysis.trajectories import project

TableOf = Callable[[list[dict[str, Any]]], pd.DataFrame]
PlanOf = Callable[..., Plan]
GRADES = {"likely", "possible", "unlikely", "very_unlikely", "reached_early"}
RESULTS = {"exceeded", "met", "missed", "unknown"}
DEADLINE = date(2025, 12, 31)


def points(*values: float, last: int = 2024, **more: Any) -> list[dict[str, Any]]:
    first = last - len(values) + 1
    rows = [{"period": first + place, "value": value} for place, value in enumerate(values)]
    return [row | {"vintage": f"{row['period'] + 1}-02-01"} | more for row in rows]


# --- the word for every situation -----------------------------------------------------------------

RISING = points(40, 48, 55, 62, 69)
LATE = [{"period": "2026-01-31", "value": 80, "vintage": "2026-02-15"}]
TOO_LATE = [{"period": "2026-02-01", "value": 80, "vintage": "2026-02-15"}]
AT = points(60, 70, 80, last=2025)

BEFORE_CASES = [
    ("no data", [], 80, ">=", "insufficient", "no_data"),
    ("one point", points(50), 80, ">=", "insufficient", "one_point"),
    ("two points", points(50, 60), 80, ">=", "insufficient", "two_points"),
    ("no threshold", RISING, None, ">=", "insufficient", "no_threshold"),
    ("far", RISING, 95, ">=", "very_unlikely", "projection"),
    ("near", RISING, 70, ">=", "likely", "projection"),
    ("there, two points", points(79, 80), 80, ">=", "reached_early", "figure_before_deadline"),
    ("at it, strictly above", points(79, 80), 80, ">", "insufficient", "two_points"),
    ("there, one point", points(80), 80, ">=", "reached_early", "figure_before_deadline"),
    ("there, many points", points(60, 70, 81), 80, ">=", "reached_early", "figure_before_deadline"),
    ("there but falling", points(99, 96, 91, 86, 81), 80, ">=", "unlikely", "projection"),
    ("more than, below", points(79, qualifier="at_least"), 80, ">=", "insufficient", "one_point"),
    (
        "more than, at it", points(80, qualifier="at_least"), 80, ">=",
        "reached_early", "figure_before_deadline",
    ),
    ("nearly, at it", points(80, qualifier="at_most"), 80, ">=", "insufficient", "one_point"),
    ("falling is good", points(30, 22, 15, 9), 10, "<=", "reached_early", "figure_before_deadline"),
]  # fmt: skip
AFTER_CASES = [
    ("no data", [], 80, ">=", "unknown", "no_data"),
    ("old figures only", RISING, 80, ">=", "unknown", "no_figure_at_deadline"),
    ("old figure past it", points(70, 80, 95), 80, ">=", "unknown", "no_figure_at_deadline"),
    ("met", AT, 80, ">=", "met", "figure_at_deadline"),
    ("exactly at it misses", AT, 80, ">", "missed", "figure_at_deadline"),
    ("exceeded", AT, 76, ">=", "exceeded", "figure_at_deadline"),
    ("missed", AT, 81, ">=", "missed", "figure_at_deadline"),
    ("within the grace", RISING + LATE, 80, ">=", "met", "figure_at_deadline"),
    ("one day past the grace", RISING + TOO_LATE, 80, ">=", "unknown", "only_later_figure"),
    ("one point suffices", points(85, last=2025), 80, ">=", "exceeded", "figure_at_deadline"),
    (
        "more than, below", points(79, last=2025, qualifier="at_least"), 80, ">=",
        "unknown", "bound_undecided",
    ),
    (
        "nearly, at it", points(80, last=2025, qualifier="at_most"), 80, ">=",
        "missed", "figure_at_deadline",
    ),
    (
        "nearly, below", points(79, last=2025, qualifier="at_most"), 80, ">=",
        "missed", "figure_at_deadline",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("as_of", "case"),
    [("2025-12-31", case) for case in BEFORE_CASES]
    + [("2026-06-30", case) for case in AFTER_CASES]
    + [("2026-01-01", AFTER_CASES[1])],
    ids=lambda item: item if isinstance(item, str) else item[0],
)
def test_status_and_reason(
    registry: Registry, table_of: TableOf, plan_of: PlanOf, as_of: str, case: tuple[Any, ...]
) -> None:
    _, rows, value, comparator, status, reason = case
    plan, table = plan_of(value, comparator), table_of(rows)
    row = assess(plan, table, 2025, as_of=as_of, registry=registry).iloc[0]
    assert (row["status"], row["reason"]) == (status, reason)


def test_area_that_ended(registry: Registry, table_of: TableOf, plan_of: PlanOf) -> None:
    plan = plan_of(60, areas=("358",))  # ended on 2024-08-31

    def word(as_of: str, rows: list[dict[str, Any]]) -> tuple[str, str]:
        table = table_of([row | {"area_code": "358"} for row in rows])
        found = assess(plan, table, 2025, as_of=as_of, registry=registry).iloc[0]
        return found["status"], found["reason"]

    rows = points(40, 50, 61, last=2023)
    assert word("2024-08-31", rows) == ("reached_early", "figure_before_deadline")
    assert word("2024-09-01", rows) == ("insufficient", "area_ended")
    assert word("2026-01-01", rows) == ("unknown", "area_ended")
    assert word("2025-06-30", []) == ("insufficient", "no_data")


@pytest.mark.parametrize("qualifier", ["exact", "at_least"])
def test_figure_published_before_the_deadline_it_is_dated_at(
    registry: Registry, table_of: TableOf, plan_of: PlanOf, qualifier: str
) -> None:
    news = {"period": 2025, "value": 75, "vintage": "2025-12-19", "qualifier": qualifier}
    plan, table = plan_of(80), table_of([*points(60, 65, 70), news])
    for day in ("2025-12-20", "2025-12-31"):
        row = assess(plan, table, 2025, as_of=day, registry=registry).iloc[0]
        assert (row["latest"], row["reason"]) == (70, "projection")
        assert 0 < row["probability"] < 1
    row = assess(plan, table, 2025, as_of="2026-01-01", registry=registry).iloc[0]
    assert (row["latest"], row["status"]) == (75, "missed" if qualifier == "exact" else "unknown")


# --- sectors --------------------------------------------------------------------------------------


def sector_table(
    registry: Registry, table_of: TableOf, last: int, **values: tuple[float, ...]
) -> pd.DataFrame:
    plan = registry.plan("nam-dinh-105")
    usual = {"area_code": "36", "indicator": "KTS02"}
    rows = []
    for sector in plan.sector_ids():
        numbers = values.get(sector.replace("-", "_"), (14, 15, 16))
        rows += points(*numbers, last=last, breakdown=sector, **usual)
    return table_of(rows)


@pytest.mark.parametrize(
    ("as_of", "last", "values", "worst", "status", "reason"),
    [
        ("2025-05-31", 2024, {"y_te": (3, 4, 5)}, "y-te", "very_unlikely", "projection"),
        ("2025-05-31", 2024, {}, "nong-nghiep", "reached_early", "figure_before_deadline"),
        ("2025-05-31", 2024, {"van_hoa": ()}, None, "insufficient", "missing_sectors"),
        ("2025-05-31", 2024, {"y_te": (3, 4, 5), "van_hoa": ()}, "y-te", "insufficient",
         "missing_sectors"),
        ("2025-05-31", 2024, {"y_te": (5,)}, "y-te", "insufficient", "one_point"),
        ("2026-05-31", 2025, {"giao_duc": (9, 10, 11)}, "giao-duc", "exceeded",
         "figure_at_deadline"),
        ("2026-05-31", 2025, {"giao_duc": (9, 10, 10.2)}, "giao-duc", "met", "figure_at_deadline"),
        ("2026-05-31", 2025, {"van_hoa": ()}, None, "unknown", "missing_sectors"),
        ("2026-05-31", 2025, {"van_hoa": (), "y_te": (7, 8, 9)}, "y-te", "missed",
         "figure_at_deadline"),
        ("2026-05-31", 2025, {"lao_dong": (9,), "y_te": (7, 8, 8)}, "y-te", "missed",
         "figure_at_deadline"),
    ],
)  # fmt: skip
def test_the_worst_sector_decides(
    registry: Registry, table_of: TableOf, as_of: str, last: int, values: dict[str, Any],
    worst: str | None, status: str, reason: str,
) -> None:  # fmt: skip
    plan = registry.plan("nam-dinh-105")
    table = sector_table(registry, table_of, last, **values)
    row = assess(
        plan, table, 2025, areas=["36"], targets=["KTS02"], as_of=as_of, registry=registry
    ).iloc[0]
    assert (row["status"], row["reason"]) == (status, reason)
    assert row["breakdown"] != ""
    if worst is not None:
        assert row["breakdown"] == worst


# --- the worked example: Decision 411 for the country, with published figures only ----------------


def national(registry: Registry, obs: pd.DataFrame, as_of: str | None = None) -> pd.DataFrame:
    plan = registry.plan("quoc-gia-411")
    return assess(plan, obs, 2025, as_of=as_of, registry=registry).set_index("target_id")


def test_digital_economy_missed_its_2025_target(registry: Registry, obs: pd.DataFrame) -> None:
    row = national(registry, obs).loc["KTS01"]
    assert (row["status"], row["latest"], row["threshold"]) == ("missed", 14.02, 20)
    assert (row["latest_date"], row["series"], row["gap"]) == ("2025-12-31", "nso_gdp", 5.98)
    assert row["source"] and row["source_url"].startswith("https://")
    assert row["origin"] == "published"


def test_it_was_foreseeable_a_year_before(registry: Registry, obs: pd.DataFrame) -> None:
    row = national(registry, obs, "2024-12-31").loc["KTS01"]
    assert (row["status"], row["threshold"], row["comparator"]) == ("very_unlikely", 20, ">=")
    assert row["probability"] < 0.05
    assert (row["latest"], row["n_points"]) == (12.33, 4)  # the 2025-01 revision is not known yet


def test_three_years_before(registry: Registry, obs: pd.DataFrame) -> None:
    table = national(registry, obs, "2022-12-31")
    assert table.loc["KTS01", "status"] == "insufficient"  # the office had published nothing
    assert table.loc["KTS01", "reason"] in ("no_data", "rival_series")
    row = table.loc["KTS03"]
    assert (row["latest"], row["n_points"], row["method"]) == (7.0, 8, "damped_drift")
    assert row["lo95"] < row["lo80"] < 10 < 12 < row["hi80"] < row["hi95"]  # what came: 10 or 12
    assert 7 < row["projected"] < 12


# --- what must not matter -------------------------------------------------------------------------

IN_HEADS = ["denominator", "gap_count", "pace_required_count"]


@settings(max_examples=15)
@given(
    st.lists(st.tuples(st.integers(0, 90), st.integers(91, 200)), min_size=1, max_size=6),
    st.integers(2, 50),
    st.sampled_from([">", ">="]),
)
def test_scaling_counts_changes_no_verdict(
    registry: Registry, table_of: TableOf, plan_of: PlanOf,
    counts: list[tuple[int, int]], times: int, comparator: str,
) -> None:  # fmt: skip
    def verdict(factor: int) -> pd.DataFrame:
        rows = [
            {"period": 2024 - back, "numerator": above * factor, "denominator": below * factor}
            for back, (above, below) in enumerate(counts)
        ]
        plan = plan_of(50, comparator)
        return assess(plan, table_of(rows), 2025, as_of="2025-06-30", registry=registry)

    small, large = verdict(1), verdict(times)
    assert_frame_equal(small.drop(columns=IN_HEADS), large.drop(columns=IN_HEADS))
    assert large["gap_count"].iloc[0] == pytest.approx(times * small["gap_count"].iloc[0], abs=1e-2)


@pytest.mark.parametrize("plan_id", ["quoc-gia-411", "nam-dinh-105"])
def test_order_of_rows_changes_nothing(registry: Registry, obs: pd.DataFrame, plan_id: str) -> None:
    plan = registry.plan(plan_id)
    straight = assess(plan, obs, 2025, as_of="2025-06-30", registry=registry)
    for seed in (1, 2):
        shuffled = obs.sample(frac=1, random_state=seed).reset_index(drop=True)
        again = assess(plan, shuffled, 2025, as_of="2025-06-30", registry=registry)
        assert_frame_equal(straight, again)


@settings(max_examples=25)
@given(st.dates(date(2014, 1, 1), date(2027, 12, 31)))
@example(DEADLINE)
@example(DEADLINE + timedelta(days=1))
def test_two_vocabularies_never_mix(registry: Registry, obs: pd.DataFrame, day: date) -> None:
    plan = registry.plan("quoc-gia-411")
    words = set(assess(plan, obs, 2025, as_of=day, registry=registry)["status"])
    if day > DEADLINE:
        assert words <= RESULTS
    else:
        assert not words & RESULTS
        assert words <= GRADES | {"insufficient"}


def test_nothing_published_later_is_used(registry: Registry, obs: pd.DataFrame) -> None:
    plan = registry.plan("quoc-gia-411")
    for day in ("2022-12-31", "2024-12-31", "2025-06-30"):
        table = assess(plan, obs, 2025, as_of=day, registry=registry)
        assert (table["vintage"] <= day).all()
        earlier = obs[[vintage <= date.fromisoformat(day) for vintage in obs["vintage_date"]]]
        assert_frame_equal(table, assess(plan, earlier, 2025, as_of=day, registry=registry))


def test_unknown_areas_and_targets_are_named(registry: Registry, obs: pd.DataFrame) -> None:
    plan = registry.plan("quoc-gia-411")
    with pytest.raises(KtsError, match="no target XHS99; it has KTS01"):
        assess(plan, obs, targets=["XHS99"], registry=registry)
    with pytest.raises(KtsError, match="unknown area code 99999"):
        assess(plan, obs, areas=["99999"], registry=registry)


def test_columns_and_trajectory(registry: Registry, table_of: TableOf, plan_of: PlanOf) -> None:
    plan, table = plan_of(80), table_of(points(40, 50, 60))
    assert assess(plan, table, as_of="2025-06-30", registry=registry).columns.tolist() == (
        VERDICT_COLUMNS
    )
    ask: dict[str, Any] = {"area": "VN", "target": "XHS01", "until": 2026, "registry": registry}
    line = project(plan, table, as_of="2025-06-30", **ask)
    assert line["kind"].tolist() == ["observed"] * 3 + ["fitted"] * 3 + ["projected"] * 3
    projected = line[line["kind"] == "projected"]
    assert projected["date"].tolist() == ["2024-12-31", "2025-12-31", "2026-12-31"]
    assert projected["horizon_years"].tolist() == [0, 1, 2]
    verdict = assess(plan, table, 2025, as_of="2025-06-30", registry=registry).iloc[0]
    assert projected["value"].iloc[1] == verdict["projected"]
    assert projected[["lo80", "hi95"]].iloc[1].tolist() == [verdict["lo80"], verdict["hi95"]]
    two = project(plan, table_of(points(40, 50)), as_of="2025-06-30", **ask)
    assert set(two["kind"]) == {"observed"}
    assert project(plan, table_of(points(40)), as_of="2020-01-01", **ask).empty
