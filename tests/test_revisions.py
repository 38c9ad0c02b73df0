"""Revised figures, and the verdicts that turn on them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import PlanOf, TableOf
from hypothesis import given, settings
from hypothesis import strategies as st

from kts_analysis.assessment import assess
from kts_analysis.cli import main
from kts_analysis.entries import Plan
from kts_analysis.errors import KtsError
from kts_analysis.registry import Registry
from kts_analysis.revisions import COLUMNS, find_revisions, revised_verdicts
from kts_analysis.store import known_on

DATA = str(Path(__file__).resolve().parents[1] / "data")
Output = pytest.CaptureFixture[str]

FIRST = {"period": "2025", "value": "82", "vintage": "2026-01-10", "source": "first"}
AGAIN = {"period": "2025", "value": "79.5", "vintage": "2026-03-05", "source": "again"}
EARLIER = {"period": "2024", "value": "75", "vintage": "2025-01-10"}


def rows_of(table: pd.DataFrame, *names: str) -> list[tuple[Any, ...]]:
    return list(zip(*(table[name].tolist() for name in names), strict=True))


def test_three_rows_and_a_verdict_that_flips(
    table_of: TableOf, plan_of: PlanOf, registry: Registry
) -> None:
    plan = plan_of(80.0)
    table = revised_verdicts(plan, table_of([EARLIER, FIRST, AGAIN]), registry=registry)
    assert list(table.columns) == list(COLUMNS)
    row = table[table["deadline"] == "2025-12-31"].to_dict("records")
    assert len(row) == 1
    chances = {name: row[0].pop(name) for name in ("probability_before", "probability_after")}
    assert all(chance != chance for chance in chances.values())  # a past deadline has none
    assert row[0] == {
        "plan_id": "toy",
        "area_code": "VN",
        "area_name": registry.area("VN").name,
        "indicator": "XHS01",
        "series": "provincial_report",
        "breakdown": "",
        "period": "2025",
        "old_value": 82.0,
        "new_value": 79.5,
        "change": -2.5,
        "old_vintage": "2026-01-10",
        "new_vintage": "2026-03-05",
        "old_source": "first",
        "new_source": "again",
        "known_from": "2026-03-05",
        "verdict_area": "VN",
        "verdict_area_name": registry.area("VN").name,
        "target_id": "XHS01",
        "deadline": "2025-12-31",
        "status_before": "met",
        "status_after": "missed",
        "flips": True,
        "origin": "published",
    }


def test_only_the_revision_differs(table_of: TableOf, plan_of: PlanOf, registry: Registry) -> None:
    """Another figure of the same day is known both times: it is not what turns the verdict."""
    same_day = {"period": "2023", "value": "10", "vintage": AGAIN["vintage"]}
    plan, rows = plan_of(80.0), [EARLIER, FIRST, AGAIN, same_day]
    table = revised_verdicts(plan, table_of(rows), registry=registry)
    for left_out, name in ((None, "after"), (AGAIN, "before")):
        kept = table_of([row for row in rows if row is not left_out])
        wanted = assess(plan, kept, plan.deadlines, as_of="2026-03-05", registry=registry)
        statuses = dict(rows_of(wanted, "deadline", "status"))
        for deadline, status in rows_of(table, "deadline", f"status_{name}"):
            assert statuses[deadline] == status


def test_a_chance_that_moves_and_one_that_does_not(
    table_of: TableOf, plan_of: PlanOf, registry: Registry
) -> None:
    line = [
        {"period": str(year), "value": str(50 + 5 * (year - 2019)), "vintage": f"{year + 1}-02-01"}
        for year in range(2019, 2024)
    ]
    again = {"period": "2023", "value": "64", "vintage": "2024-06-01"}
    table = revised_verdicts(plan_of(80.0), table_of([*line, again]), registry=registry)
    own = table[table["deadline"] == "2025-12-31"]
    assert rows_of(own, "old_value", "new_value", "known_from") == [(70.0, 64.0, "2024-06-01")]
    for name, rows in (("before", line), ("after", [*line, again])):
        alone = assess(plan_of(80.0), table_of(rows), as_of="2024-06-01", registry=registry)
        assert own[f"probability_{name}"].tolist() == alone["probability"].tolist()
    assert own["probability_before"].item() != own["probability_after"].item()
    elsewhere = plan_of(80.0, areas=("36",))
    assert revised_verdicts(elsewhere, table_of([*line, again]), registry=registry).empty


def test_a_revision_without_a_target_is_told_with_an_empty_verdict(
    table_of: TableOf, plan_of: PlanOf, registry: Registry
) -> None:
    other = [FIRST | {"indicator": "XHS02"}, AGAIN | {"indicator": "XHS02"}]
    table = revised_verdicts(plan_of(80.0), table_of(other), registry=registry)
    assert rows_of(table, "indicator", "target_id", "status_after", "flips", "origin") == [
        ("XHS02", "", "", False, "published")
    ]


def test_a_synthetic_row_marks_the_line(
    table_of: TableOf, plan_of: PlanOf, registry: Registry
) -> None:
    rows = [FIRST, AGAIN | {"origin": "synthetic"}]
    table = revised_verdicts(plan_of(80.0), table_of(rows), registry=registry)
    assert set(table["origin"]) == {"synthetic"}


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([FIRST], []),
        ([FIRST, AGAIN | {"value": "82"}], []),  # the same value again
        ([FIRST, AGAIN | {"vintage": FIRST["vintage"]}], []),  # a rival of the same day
        ([FIRST, AGAIN | {"period": "2024"}], []),
        ([FIRST, AGAIN | {"series": "mic_old_method_gdp"}], []),
        ([FIRST, AGAIN], [(82.0, 79.5, "2026-03-05")]),
        ([AGAIN, FIRST], [(82.0, 79.5, "2026-03-05")]),
        # printed before the year was over: counted from its end
        ([FIRST | {"vintage": "2025-06-01"}, AGAIN], [(82.0, 79.5, "2026-03-05")]),
        ([FIRST | {"vintage": "2025-06-01"}, AGAIN | {"vintage": "2025-12-01"}], []),
        (
            [FIRST, AGAIN, AGAIN | {"value": "81", "vintage": "2026-04-01"}],
            [(82.0, 79.5, "2026-03-05"), (79.5, 81.0, "2026-04-01")],
        ),
    ],
)
def test_what_is_a_revision(
    table_of: TableOf, rows: list[Mapping[str, str]], found: list[tuple[float, float, str]]
) -> None:
    revisions = find_revisions(known_on(table_of(rows)))
    told = [(one.old.value, one.new.value, one.day.isoformat()) for one in revisions]
    assert told == found
    assert [one.change for one in revisions] == [round(new - old, 4) for old, new, _ in found]


def test_since_and_areas(table_of: TableOf, plan_of: PlanOf, registry: Registry) -> None:
    obs = table_of([FIRST, AGAIN, AGAIN | {"value": "81", "vintage": "2026-04-01"}])

    def days(**asked: Any) -> list[str]:
        table = revised_verdicts(plan_of(80.0), obs, registry=registry, **asked)
        return sorted(set(table["known_from"]))

    assert days() == ["2026-03-05", "2026-04-01"]
    assert days(since=date(2026, 3, 6)) == ["2026-04-01"]
    assert days(since=date(2026, 3, 5), as_of="2026-03-31") == ["2026-03-05"]
    assert days(areas=["VN"]) == ["2026-03-05", "2026-04-01"]
    assert days(areas=["359"]) == []
    with pytest.raises(KtsError, match="unknown area code 99999"):
        days(areas=["99999"])


VALUES = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1, 28), st.integers(40, 60)), min_size=1, max_size=8
)


@settings(max_examples=50)
@given(figures=VALUES)
def test_following_the_revisions_gives_what_is_known(
    table_of: TableOf, figures: Iterable[tuple[int, int, int]]
) -> None:
    """The first figure of a period and its revisions end at the figure that is shown now."""
    rows = [
        {"period": str(2018 + year), "value": str(value), "vintage": f"2023-02-{day:02d}"}
        for year, day, value in dict(((one[0], one[1]), one) for one in figures).values()
    ]
    table = table_of(rows)
    by_period: dict[str, list[Any]] = {}
    for one in find_revisions(known_on(table, "2023-12-31")):
        by_period.setdefault(one.new.period, []).append(one)
    for period, group in table.groupby("period"):
        values = group.sort_values("vintage_date")["value"].tolist()
        chain = by_period.get(str(period), [])
        steps = [values[0], *(one.new.value for one in chain)]
        assert steps == [
            value for place, value in enumerate(values) if place == 0 or value != values[place - 1]
        ]


# --- the command ----------------------------------------------------------------------------------


def told(output: Output, *arguments: str) -> str:
    assert main(["revisions", "--data", DATA, *arguments]) == 0
    return output.readouterr().out


def test_the_command_in_three_forms(capsys: Output) -> None:
    asked = ("--plan", "quoc-gia-411", "--since", "2025", "--as-of", "2025-06-30")
    rows = json.loads(told(capsys, *asked, "--format", "json"))
    assert {row["known_from"] for row in rows} == {"2025-01-31"}
    gdp = [row for row in rows if row["period"] == "2023" and row["deadline"] == "2025-12-31"]
    assert [(row["old_value"], row["new_value"], row["change"]) for row in gdp] == [
        (12.33, 12.87, 0.54)
    ]
    assert (gdp[0]["old_vintage"], gdp[0]["new_vintage"]) == ("2024", "2025-01")  # as printed
    table = list(csv.DictReader(io.StringIO(told(capsys, *asked, "--format", "csv"))))
    assert [row["period"] for row in table] == [row["period"] for row in rows]
    text = told(capsys, *asked)
    assert "12,33% → 12,87% (+0,54 điểm %); công bố 2024 → 2025-01; GSO → GSO" in text
    assert "GIẢ LẬP" not in text
    assert "published 2024 → 2025-01" in told(capsys, *asked, "--lang", "en")


def test_the_command_marks_what_is_synthetic(capsys: Output) -> None:
    text = told(capsys, "--plan", "nam-dinh-105", "--area", "360")
    lines = [line for line in text.splitlines() if not line.startswith(" ")]
    assert lines and all("GIẢ LẬP" in line for line in lines)


def test_nothing_to_tell_and_wrong_usage(capsys: Output) -> None:
    assert told(capsys, "--since", "2199", "--lang", "en") == (
        "No figure was published again with another value.\n"
    )
    assert told(capsys, "--since", "2199", "--format", "json") == "[]\n"
    for wrong in (["--since", "hôm qua"], ["--format", "xml"], ["--plan", "x"], ["--area", "x"]):
        assert main(["revisions", "--data", DATA, *wrong]) == 2


def test_the_plan_s_merged_areas_count(
    table_of: TableOf, plan_of: PlanOf, registry: Registry
) -> None:
    merged = next(item for item in registry.successions if item.share == 1)
    plan: Plan = plan_of(80.0, areas=(merged.to_code,))
    rows = [row | {"area_code": merged.from_code} for row in (FIRST, AGAIN)]
    table = revised_verdicts(plan, table_of(rows), registry=registry)
    assert set(table["area_code"]) == {merged.from_code}
