"""One line = one method, one vintage a period, one set of borders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import pytest

from kts_analysis.registry import Registry
from kts_analysis.selection import choose_series, line_of, newest, series_line
from kts_analysis.store import known_on

TableOf = Callable[[list[dict[str, Any]]], pd.DataFrame]
CITY, JOINED = "356", "358"  # the second was merged into the first on 2024-09-01


def counts(code: str, period: str, above: object, below: object, **more: Any) -> dict[str, Any]:
    row = {"area_code": code, "series": "district_report", "period": period}
    vintage = {"vintage": f"{int(period) + 1}-02-14"}
    return row | {"numerator": above, "denominator": below} | vintage | more


# --- rival methods --------------------------------------------------------------------------------


def test_rival_methods_are_never_joined(registry: Registry, table_of: TableOf) -> None:
    shared = {"area_code": "79", "indicator": "KTS01"}
    table = table_of(
        [
            *(shared | {"series": "nso_grdp", "period": y, "value": 10} for y in (2021, 2022)),
            *(shared | {"series": "mic_grdp", "period": y, "value": 19} for y in (2022, 2023)),
        ]
    )
    city, plan = registry.area("79"), registry.plan("quoc-gia-411")
    unnamed = line_of(table, registry, city, plan.target("KTS01"), date(2025, 12, 31))
    assert (unnamed.series, unnamed.rivals) == ("", ("mic_grdp", "nso_grdp"))
    assert unnamed.points.empty
    assert unnamed.fit_points.empty
    wish = {"series": {"province": "mic_grdp"}}
    named = plan.target("KTS01").model_copy(update=wish)
    line = line_of(table, registry, city, named, date(2025, 12, 31))
    assert (line.series, line.rivals) == ("mic_grdp", ("nso_grdp",))
    assert line.points["value"].tolist() == [19, 19]


def test_a_plan_s_method_without_figures_is_not_replaced(
    registry: Registry, table_of: TableOf
) -> None:
    table = table_of([{"area_code": "79", "series": "vecom", "period": 2024, "value": 8}])
    area = registry.area("79")
    assert choose_series(table, area, "XHS01", None) == "vecom"
    assert choose_series(table, area, "XHS01", "provincial_report") == ""
    assert choose_series(table, area, "XHS02", None) == ""


def test_real_city_with_two_methods(registry: Registry, obs: pd.DataFrame) -> None:
    rows = obs[(obs["area_code"] == "79") & (obs["indicator"] == "KTS01")]
    assert rows["series"].nunique() >= 2
    target = registry.plan("quoc-gia-411").target("KTS01")
    line = line_of(obs, registry, registry.area("79"), target, date(2026, 3, 31))
    assert line.points["series"].nunique() <= 1
    assert line.points.empty


# --- one vintage a period -------------------------------------------------------------------------


def test_newest_vintage_then_better_source_then_firmer_word(table_of: TableOf) -> None:
    rows = [
        {"period": 2023, "value": 1, "vintage": "2024-01-10"},
        {"period": 2023, "value": 2, "vintage": "2024-06-10", "qualifier": "preliminary"},
        {"period": 2024, "value": 3, "vintage": "2025-01", "flags": "weak_source"},
        {"period": 2024, "value": 4, "vintage": "2025-01", "qualifier": "about"},
        {"period": 2024, "value": 5, "vintage": "2025-01", "qualifier": "estimate"},
        {"period": "2024-Q4", "value": 6, "vintage": "2024-12-31"},
    ]
    chosen = newest(table_of(rows))
    assert chosen["period"].tolist() == ["2023", "2024"]
    assert chosen["value"].tolist() == [2, 5]
    assert newest(table_of(rows[::-1]))["value"].tolist() == [2, 5]


def test_real_revision_wins_from_its_day_on(obs: pd.DataFrame) -> None:
    pick = (obs["area_code"] == "VN") & (obs["series"] == "nso_gdp") & (obs["period"] == "2022")
    assert newest(known_on(obs[pick], "2024-06-30"))["value"].tolist() == [12.67]
    assert newest(known_on(obs[pick], "2024-12-31"))["value"].tolist() == [12.63]
    assert newest(known_on(obs[pick], "2025-12-31"))["value"].tolist() == [12.83]


def test_a_bound_is_a_point_only_when_newest(registry: Registry, table_of: TableOf) -> None:
    rows: list[dict[str, Any]] = [
        {"period": 2021, "value": 40},
        {"period": 2022, "value": 50, "qualifier": "at_least"},
        {"period": 2023, "value": 60, "qualifier": "at_most"},
        {"period": 2024, "value": 70, "qualifier": "at_least"},
    ]

    def fit_values(chosen: list[dict[str, Any]]) -> list[float]:
        line = series_line(
            table_of(chosen), registry, registry.area("VN"), "XHS01", "provincial_report",
            date(2025, 12, 31),
        )  # fmt: skip
        assert len(line.points) == len(chosen)
        return line.fit_points["value"].tolist()

    assert fit_values(rows) == [40, 70]
    assert fit_values(rows[:3]) == [40, 60]


# --- one set of borders ---------------------------------------------------------------------------


def line_on(table: pd.DataFrame, registry: Registry, as_of: str, indicator: str = "XHS01") -> Any:
    day = date.fromisoformat(as_of)
    city = registry.area(CITY)
    known = known_on(table, day)
    return series_line(known, registry, city, indicator, "district_report", day)


def test_merged_area_is_added_by_counts(obs: pd.DataFrame, registry: Registry) -> None:
    line = line_on(obs, registry, "2025-06-30")
    assert line.borders == date(2024, 9, 1)
    assert line.lost == ()
    assert line.points["period"].tolist() == [str(year) for year in range(2019, 2025)]
    assert line.points["numerator"].tolist()[:2] == [113653 + 23428, 122440 + 28845]
    assert line.points["denominator"].tolist()[:2] == [170055 + 54904, 170144 + 54847]
    assert line.points["value"].iloc[0] == pytest.approx(100 * 137081 / 224959)
    assert line.points["value"].iloc[4] == pytest.approx(100 * 197472 / 225872)
    assert line.points["value"].iloc[5] == 88.91  # published on the new borders
    assert line.points["flags"].tolist() == ["harmonised"] * 5 + [""]
    assert set(line.points["origin"]) == {"synthetic"}
    assert line.points["vintage_date"].iloc[0] == date(2020, 2, 19)  # the later of the two
    assert line.points["row"].iloc[0] == "sample/356.csv:11 + sample/358.csv:9"


def test_before_the_merger_borders_are_the_old_ones(obs: pd.DataFrame, registry: Registry) -> None:
    line = line_on(obs, registry, "2024-08-31")
    assert line.borders is None
    assert line.points["numerator"].tolist()[0] == 113653
    assert line.flags == ""
    same_day = line_on(obs, registry, "2024-09-01")
    assert same_day.borders == date(2024, 9, 1)
    assert same_day.points["numerator"].tolist()[0] == 113653 + 23428


def test_a_period_without_all_counts_is_dropped_and_listed(
    registry: Registry, table_of: TableOf
) -> None:
    table = table_of(
        [
            counts(CITY, "2020", 50, 100),
            counts(CITY, "2021", "", "", value=55),
            counts(CITY, "2022", 60, 100),
            counts(CITY, "2023", 70, 100),
            counts(CITY, "2024", 150, 200),
            counts(JOINED, "2019", 5, 50),
            counts(JOINED, "2020", 10, 50),
            counts(JOINED, "2021", 15, 50),
            counts(JOINED, "2023", "", "", value=50),
        ]
    )
    line = line_on(table, registry, "2025-06-30")
    assert line.lost == ("2019", "2021", "2022", "2023")
    assert line.points["period"].tolist() == ["2020", "2024"]
    assert line.points["value"].tolist() == [40.0, 75.0]  # 60 of 150, never the mean of 50 and 20
    assert set(line.points["origin"]) == {"derived", "published"}
    assert line.origin == "derived"


def test_only_the_figures_of_one_method_are_carried_over(
    registry: Registry, table_of: TableOf
) -> None:
    table = table_of(
        [
            counts(CITY, "2023", 50, 100),
            counts(CITY, "2024", 150, 200),
            counts(JOINED, "2023", 10, 50),
            counts(JOINED, "2023", 40, 50, series="provincial_report"),
        ]
    )
    line = line_on(table, registry, "2025-06-30")
    assert line.points["value"].tolist() == [40.0, 75.0]


def test_a_merged_area_without_figures_loses_the_old_periods(
    registry: Registry, table_of: TableOf
) -> None:
    table = table_of([counts(CITY, "2023", 50, 100), counts(CITY, "2024", 150, 200)])
    line = line_on(table, registry, "2025-06-30")
    assert (line.points["period"].tolist(), line.lost) == (["2024"], ("2023",))
