"""One line = one method, one vintage a period, one set of borders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import pytest
from test_areas import Line, made_up
from test_harmonising import figure

from kts_analysis.areas import Crosswalk
from kts_analysis.figures import Figure
from kts_analysis.figures import table_of as table_of_figures
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


# --- no line crosses a change of borders ----------------------------------------------------------


def line_over(lines: list[Line], spans: Any, figures: list[Figure], code: str = "A") -> Any:
    registry = made_up(spans, lines)
    table = table_of_figures(figures)
    return series_line(table, registry, registry.area(code), "X", "s", date(2020, 12, 31))


WENT_ON = {"A": (None, None), "B": (None, None)}
YEARS = [figure("A", year, 10 + year - 2009, 100) for year in range(2009, 2015)]


@pytest.mark.parametrize(
    ("lines", "borders", "years"),
    [
        ([], None, [2009, 2010, 2011, 2012, 2013, 2014]),
        ([("A", "B", 2012, 0.2)], 2012, [2012, 2013, 2014]),  # it gave a part away
        ([("A", "B", 2012, None)], 2012, [2012, 2013, 2014]),
        ([("B", "A", 2012, 0.2)], 2012, [2012, 2013, 2014]),  # it received a part
        ([("B", "A", 2012, None)], 2012, [2012, 2013, 2014]),
        ([("B", "A", 2012, 0)], None, [2009, 2010, 2011, 2012, 2013, 2014]),
        ([("A", "B", 2012, 0.2), ("A", "B", 2014, 0.2)], 2014, [2014]),
        ([("A", "B", 2019, 0.2)], 2019, []),  # all figures are of the former borders
    ],
)
def test_points_stand_on_one_side_of_every_break(
    lines: list[Line], borders: int | None, years: list[int]
) -> None:
    line = line_over(lines, WENT_ON, YEARS)
    registry = made_up(WENT_ON, lines)
    found = [item.period_end.year for item in line.figures]
    if borders == 2019:  # nothing is known on the new borders: the former ones are all there is
        assert (found, line.borders) == ([item.period_end.year for item in YEARS], None)
        return
    assert found == years
    assert line.borders == (None if borders is None else date(borders, 1, 1))
    assert set(line.lost) == {str(year) for year in range(2009, 2015)} - {str(y) for y in years}
    for day in Crosswalk(registry).breaks("A"):
        sides = {item.period_end >= day for item in line.figures}
        assert len(sides) == 1
    assert len(line.fit_times) == len(years)


def test_a_part_given_while_another_came_is_no_sum() -> None:
    lines: list[Line] = [("B", "A", 2012, 1), ("A", "C", 2012, 0.1)]
    spans = {"A": (None, None), "B": (None, 2012), "C": (None, None)}
    figures = [*YEARS, figure("B", 2010, 1, 100), figure("B", 2011, 1, 100)]
    line = line_over(lines, spans, figures)
    assert [item.period for item in line.figures] == ["2012", "2013", "2014"]
    assert line.lost == ("2009", "2010", "2011")


def test_a_merged_area_brings_what_was_merged_into_it() -> None:
    spans = {"A": (None, None), "B": (None, 2012), "C": (None, 2011)}
    lines: list[Line] = [("B", "A", 2012, 1), ("C", "B", 2011, 1)]
    figures = [
        figure("A", 2010, 10, 100), figure("B", 2010, 20, 100), figure("C", 2010, 40, 100),
        figure("A", 2011, 11, 100), figure("B", 2011, 61, 200), figure("A", 2012, 75, 300),
        figure("A", 2009, 9, 100), figure("B", 2009, 9, 100),
    ]  # fmt: skip
    line = line_over(lines, spans, figures)
    assert [(item.period, item.numerator, item.denominator) for item in line.figures] == [
        ("2010", 70, 300), ("2011", 72, 300), ("2012", 75, 300),
    ]  # fmt: skip
    assert line.lost == ("2009",)


def test_a_code_given_to_another_area_begins_anew(registry: Registry, table_of: TableOf) -> None:
    shared = {"area_code": "24", "indicator": "KTS01", "series": "nso_grdp"}
    rows = [shared | {"period": year, "value": 10 + year - 2022} for year in (2022, 2023, 2025)]
    table = table_of([row | {"vintage": "2026-02-01"} for row in rows])
    line = series_line(table, registry, registry.area("24"), "KTS01", "nso_grdp", date(2026, 6, 30))
    assert line.points["period"].tolist() == ["2025"]
    assert (line.borders, line.lost) == (date(2025, 7, 1), ("2022", "2023"))
