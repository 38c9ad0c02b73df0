"""Required pace in four definitions, and how often such a pace was kept: worked by hand."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kts_analysis.i18n import Messages
from kts_analysis.pace_records import (
    PaceElsewhere,
    PaceRecord,
    pace_record,
    pace_sentence,
    pace_table,
    record_elsewhere,
)
from kts_analysis.paces import DEFINITIONS, PACE_REASONS, RequiredPace, required_paces
from kts_analysis.scales import Scale
from kts_analysis.windows import scale_pace, window_length, windows_of

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "validation" / "public.csv.gz"
NAN = float("nan")
TIMES = [2020.0, 2022.0, 2024.0]


def paces(
    latest: float,
    threshold: float,
    comparator: str = ">=",
    years: float = 4.0,
    values: tuple[float, ...] = (40, 44, 50),
    bounds: tuple[float | None, float | None] = (0, 100),
) -> dict[str, RequiredPace]:
    found = required_paces(
        latest, threshold, comparator, years, TIMES[: len(values)], values, bounds
    )
    assert [pace.definition for pace in found] == list(DEFINITIONS)
    assert all(pace.reason in PACE_REASONS for pace in found)
    return {pace.definition: pace for pace in found}


# --- four definitions -----------------------------------------------------------------------------


def test_four_definitions_by_hand() -> None:
    # 50% to 80% in 4 years, after 40% to 50% in 4 years.
    found = paces(50, 80)
    expected = {
        "points": (7.5, 2.5, 3.0),
        "compound": (12.4683, 5.7371, 2.1733),  # 1.6^(1/4) and 1.25^(1/4)
        "log": (11.7501, 5.5786, 2.1063),  # ln 1.6 / 4 and ln 1.25 / 4
        "logit": (0.346574, 0.101366, 3.4190),  # ln 4 / 4 and ln 1.5 / 4
    }
    for name, (required, observed, faster) in expected.items():
        pace = found[name]
        assert (pace.required, pace.observed) == pytest.approx((required, observed), abs=1e-4)
        assert pace.acceleration == pytest.approx(faster, abs=1e-4)
        assert pace.reason == ""


def test_published_required_rates_of_reduction() -> None:
    # UN IGME 2013 (child mortality report): 15.6% a year from 48 in 2012 to 30 in 2015, from
    # unrounded rates; and 4.4% a year for two thirds in 25 years. Only the log form fits.
    found = paces(48, 30, "<=", years=3, values=(90, 60, 48), bounds=(0, None))
    assert found["log"].required == pytest.approx(15.6, abs=0.15)
    assert found["compound"].required == pytest.approx(14.5, abs=0.05)
    found = paces(90, 30, "<=", years=25, bounds=(0, None))
    assert found["log"].required == pytest.approx(4.4, abs=0.05)


def test_a_falling_target_counts_downwards() -> None:
    found = paces(40, 10, "<=", years=2, values=(60, 50, 40))
    assert (found["points"].required, found["points"].observed) == (15, 5)
    assert found["points"].acceleration == 3
    assert found["compound"].required == pytest.approx(50)  # half of it gone each year
    assert found["log"].required == pytest.approx(100 * math.log(4) / 2)
    assert found["logit"].required == pytest.approx((math.log(40 / 60) - math.log(1 / 9)) / 2)
    assert all(pace.observed > 0 for pace in found.values())


@given(
    st.floats(1, 99),
    st.floats(1, 99),
    st.floats(1, 20),
)
def test_each_pace_kept_leads_to_the_threshold(latest: float, goal: float, years: float) -> None:
    comparator, sign = (">=", 1) if goal >= latest else ("<=", -1)
    need = {k: sign * p.required for k, p in paces(latest, goal, comparator, years).items()}
    odds = latest / (100 - latest) * math.exp(need["logit"] * years)
    assert latest + need["points"] * years == pytest.approx(goal)
    assert latest * (1 + need["compound"] / 100) ** years == pytest.approx(goal)
    assert latest * math.exp(need["log"] / 100 * years) == pytest.approx(goal)
    assert 100 * odds / (1 + odds) == pytest.approx(goal)


@pytest.mark.parametrize(
    ("latest", "threshold", "comparator", "bounds", "missing"),
    [
        (0, 80, ">=", (0, 100), {"compound": "not_positive", "log": "not_positive",
                                 "logit": "at_bound"}),
        (50, 100, ">=", (0, 100), {"logit": "at_bound"}),
        (40, 0, "<=", (0, 100), {"compound": "not_positive", "log": "not_positive",
                                 "logit": "at_bound"}),
        (100, 30, "<=", (0, 100), {"logit": "at_bound"}),
        (104, 30, "<=", (0, 100), {"logit": "at_bound"}),
        (50, 80, ">=", (0, None), {"logit": "no_bounds"}),
        (-2, 80, ">=", (None, None), {"compound": "not_positive", "log": "not_positive",
                                      "logit": "no_bounds"}),
    ],
)  # fmt: skip
def test_where_a_definition_has_no_value(
    latest: float,
    threshold: float,
    comparator: str,
    bounds: tuple[float | None, float | None],
    missing: dict[str, str],
) -> None:
    found = paces(latest, threshold, comparator, bounds=bounds)
    for name, pace in found.items():
        assert math.isnan(pace.required) is (name in missing)
        if name in missing:
            assert pace.reason == missing[name]
            assert math.isnan(pace.acceleration)
    assert found["points"].required == abs(threshold - latest) / 4


@pytest.mark.parametrize(
    ("latest", "threshold", "comparator"),
    [(80, 80, ">="), (80, 80, ">"), (100, 100, ">="), (0, 0, "<="), (85, 80, ">="), (8, 10, "<")],
)
def test_a_target_already_reached_needs_nothing(
    latest: float, threshold: float, comparator: str
) -> None:
    values = (40, 44, 50) if comparator in (">", ">=") else (50, 44, 40)
    for pace in paces(latest, threshold, comparator, values=values).values():
        assert (pace.required, pace.acceleration, pace.reason) == (0, 0, "")
        assert math.copysign(1, pace.required) == 1


@pytest.mark.parametrize("years", [0.08, 0.0, -1.0, NAN])
def test_no_pace_in_the_last_month(years: float) -> None:
    for pace in paces(50, 80, years=years).values():
        assert math.isnan(pace.required) and math.isnan(pace.acceleration)
        assert pace.reason == "last_month"
        assert pace.observed > 0


def test_pace_so_far_may_be_missing_or_backwards() -> None:
    for pace in paces(50, 80, values=(50,)).values():
        assert pace.required > 0
        assert math.isnan(pace.observed) and pace.reason == "one_figure"
    for values in ((50, 50, 50), (60, 55, 50)):
        for pace in paces(50, 80, values=values).values():
            assert pace.observed <= 0
            assert math.isnan(pace.acceleration) and pace.reason == "no_progress"
    began_at_zero = paces(50, 80, values=(0, 20, 50))
    assert began_at_zero["points"].acceleration == pytest.approx(7.5 / 12.5)
    assert began_at_zero["log"].reason == "not_positive"
    assert began_at_zero["logit"].reason == "at_bound"


# --- windows --------------------------------------------------------------------------------------


def test_windows_of_a_panel() -> None:
    matrix = [[10, 20, 30, 40, 50], [NAN, 60, NAN, 70, NAN], [NAN, NAN, NAN, NAN, 90]]
    found = windows_of([2020, 2021, 2022, 2023, 2024], matrix, 2)
    rows = sorted(zip(found.area, found.start, found.end, strict=True))
    assert rows == [(0, 10, 30), (0, 20, 40), (0, 30, 50), (1, 60, 70)]
    assert found.years.tolist() == [2, 2, 2, 2]
    assert sorted(found.points) == [5, 10, 10, 10]
    assert len(windows_of([2020, 2021], [[10, 20]], 2)) == 0


def test_of_several_ends_the_nearest_is_taken() -> None:
    # A quarterly series: from each start the end a year later, though 0.75 and 1.25 lie near.
    times = np.arange(2022, 2024, 0.25)
    found = windows_of(times, [np.arange(8.0)], 1)
    assert set(found.years) == {1.0, 0.75}  # the last start has only three quarters left
    assert len(found) == 5
    assert (found.end - found.start).tolist() == [4, 4, 4, 4, 3]


def test_window_length_is_the_needed_or_the_nearest() -> None:
    times, matrix = [2020, 2021, 2022, 2023], [[1, 2, 3, 4.0]]
    assert window_length(times, matrix, 2.9) == 2.9  # three years are about that
    assert window_length(times, matrix, 6) == 3
    assert window_length(times, matrix, 0.5) == 1
    assert window_length([2020, 2022, 2024], [[1, 2, 3.0]], 3) == 4  # a tie takes the longer
    assert math.isnan(window_length(times, [[1, NAN, NAN, NAN]], 2))
    assert math.isnan(window_length([], np.empty((0, 0)), 2))


# --- how often was it kept ------------------------------------------------------------------------


def test_record_counts_by_hand() -> None:
    # Needed: from 50% five points a year for two years, that is 50% to 60%.
    matrix = [
        [50, 55, 60],  # kept it exactly
        [50, 54, 59],  # did not
        [40, 50, 55],  # 15 points in two years: kept it
        [75, 80, 81],  # odds 3 to 1, just comparable: did not
        [80, 95, 99],  # odds 4 to 1: not comparable
        [NAN, 60, NAN],  # no stretch
    ]
    record = pace_record([2022, 2023, 2024], matrix, 5, 2, level=50)
    assert record == PaceRecord(
        required=5, needed_years=2, years=2, windows=4, kept=2, areas=4, areas_kept=2,
        best_area=2, best_pace=7.5,
    )  # fmt: skip


def test_five_points_at_ninety_are_not_five_points_at_fifty() -> None:
    """Going on from 85% to 95% is a larger step than from 75% to 85%."""
    matrix = [[75, 85]]
    assert pace_record([2022, 2024], matrix, 5, 2, level=75).kept == 1
    assert pace_record([2022, 2024], matrix, 5, 2, level=85).windows == 1
    assert pace_record([2022, 2024], matrix, 5, 2, level=85).kept == 0
    # Without two bounds a point is a point, from any level.
    free = pace_record([2022, 2024], [[75, 85], [500, 510]], 5, 2, level=85, bounds=(0, None))
    assert (free.windows, free.kept) == (2, 2)


def test_record_of_a_falling_target() -> None:
    matrix = [[50, 40], [60, 52], [40, 38], [0.2, 0.1]]
    record = pace_record([2022, 2024], matrix, 5, 2, level=50, comparator="<=")
    assert (record.windows, record.kept, record.areas_kept) == (3, 1, 1)
    assert (record.best_area, record.best_pace) == (0, 5)


def test_record_says_when_another_length_was_counted() -> None:
    record = pace_record([2022, 2023, 2024], [[40, 44, 48]], 5, 6, level=50)
    assert (record.needed_years, record.years, record.windows) == (6, 2, 1)
    none = pace_record([2024], [[50]], 5, 6, level=50)
    assert (none.windows, none.kept, none.areas, none.best_area) == (0, 0, 0, None)
    assert math.isnan(none.years) and math.isnan(none.best_pace)


def test_a_stretch_from_the_bound_has_nothing_left_to_gain() -> None:
    matrix = [[100, 100], [98, 99]]
    record = pace_record([2022, 2024], matrix, 0.1, 2, level=99.4)
    assert (record.windows, record.areas, record.best_area) == (1, 1, 1)
    falling = pace_record([2022, 2024], [[0, 0], [2, 1]], 0.1, 2, level=0.6, comparator="<=")
    assert (falling.windows, falling.best_area) == (1, 1)


@pytest.mark.parametrize("years", [0, -1, NAN])
def test_a_record_needs_a_time_a_pace_and_a_level(years: float) -> None:
    with pytest.raises(ValueError, match="above zero"):
        pace_record([2022, 2024], [[40, 50]], 5, years, level=50)
    with pytest.raises(ValueError, match="must be numbers"):
        pace_record([2022, 2024], [[40, 50]], NAN, 2, level=50)
    with pytest.raises(ValueError, match="must be numbers"):
        pace_record([2022, 2024], [[40, 50]], 5, 2, level=NAN)


@given(
    st.lists(st.lists(st.floats(0, 100), min_size=4, max_size=4), min_size=1, max_size=6),
    st.floats(1, 99),
    st.floats(0.1, 10),
    st.floats(0.1, 10),
)
def test_a_faster_pace_is_never_kept_more_often(
    matrix: list[list[float]], level: float, pace: float, more: float
) -> None:
    slow = pace_record([2021, 2022, 2023, 2024], matrix, pace, 2, level=level)
    fast = pace_record([2021, 2022, 2023, 2024], matrix, pace + more, 2, level=level)
    assert slow.windows == fast.windows <= 2 * len(matrix)
    assert fast.kept <= slow.kept <= slow.windows
    assert slow.areas_kept <= slow.areas <= len(matrix)


# --- elsewhere ------------------------------------------------------------------------------------

TOY: dict[str, Any] = {
    "bands": [[0, 50], [50, 100]],
    "edges": [-1, 0, 1, 2],
    "groups": {
        "digital": {
            "counts": {"1": [[1, 2, 1], [0, 0, 0]], "2": [[0, 4, 0], [0, 3, 1]]},
        }
    },
}


@pytest.mark.parametrize(
    ("pace", "percent", "kept"),
    [(-5, 100, 4), (-1, 100, 4), (0, 75, 3), (0.5, 50, 2), (1, 25, 1), (1.5, 12.5, 0), (2, 0, 0),
     (9, 0, 0)],
)  # fmt: skip
def test_share_elsewhere_from_counts(pace: float, percent: float, kept: int) -> None:
    found = record_elsewhere(pace, 1, 20, table=TOY)
    assert (found.percent, found.kept, found.windows) == (percent, kept, 4)
    assert (found.years, found.band, found.group) == (1, (0, 50), "digital")


def test_length_and_band_elsewhere() -> None:
    assert record_elsewhere(1, 1.5, 49.9, table=TOY).years == 2  # a tie takes the longer
    assert record_elsewhere(1, 30, 50, table=TOY).band == (50, 100)
    assert record_elsewhere(1, 30, 104, table=TOY).percent == 25
    empty = record_elsewhere(1, 1, 100, table=TOY)
    assert (empty.windows, empty.kept) == (0, 0) and math.isnan(empty.percent)
    with pytest.raises(ValueError, match="must be numbers"):
        record_elsewhere(NAN, 1, 50, table=TOY)


def test_the_shipped_table_is_whole() -> None:
    table = pace_table()
    edges = table["edges"]
    assert edges == sorted(set(edges))
    assert [low for low, _ in table["bands"]][1:] == [high for _, high in table["bands"]][:-1]
    assert set(table["groups"]) == {"digital", "other"}
    for name, group in table["groups"].items():
        members = [card for card in table["indicators"].values() if card["group"] == name]
        for years, bands in group["counts"].items():
            assert [len(band) for band in bands] == [len(edges) - 1] * len(table["bands"])
            assert sum(map(sum, bands)) == sum(card["windows"][years] for card in members)
            shown = group["quantiles"][years].values()
            assert [sum(band) for band in bands] == [each["windows"] for each in shown]
    assert "sha256" in table and table["sources"]


def test_shipped_counts_and_quantiles_agree() -> None:
    """A tenth of the windows kept the pace of the 90% quantile, within a step of the counts."""
    table = pace_table()
    for group, cards in table["groups"].items():
        for years, bands in cards["quantiles"].items():
            for (low, high), shown in zip(table["bands"], bands.values(), strict=True):
                if shown["windows"] < 300:
                    continue
                level = (low + high) / 2
                for share, pace in ((90, shown["90"]), (75, shown["75"])):
                    found = record_elsewhere(pace, int(years), level, group=group)
                    assert found.windows == shown["windows"]
                    assert found.percent == pytest.approx(100 - share, abs=2.5)


def test_the_shipped_table_comes_from_the_panel(tmp_path: Path) -> None:
    if not SHARED.is_file():
        pytest.skip("NOT RUN: the public panels are not beside this project")
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        import make_pace_table
    finally:
        sys.path.remove(str(ROOT / "tools"))
    shipped = pace_table()
    digital = {name for name, card in shipped["indicators"].items() if card["group"] == "digital"}
    made = make_pace_table.pace_table(SHARED, digital, shipped["sources"])
    assert json.loads(json.dumps(made)) == shipped
    # Against a slow count of one cell: 4 years from 50 to 75%, at an edge of the counts.
    rows = pd.read_csv(SHARED).set_index(["indicator", "unit", "year"])["value"].to_dict()
    scale, all_, kept = Scale(0, 100), 0, 0
    for (name, unit, year), start in rows.items():
        end = rows.get((name, unit, year + 4))
        if name in digital and 50 <= start < 75 and end is not None:
            all_ += 1
            kept += float(scale.forward(end) - scale.forward(start)) / 4 >= 0.35
    found = record_elsewhere(0.35, 4, 60)
    assert (found.windows, found.kept) == (all_, kept)
    assert found.percent == pytest.approx(100 * kept / all_)


def test_scale_pace_is_that_of_the_projection_s_scale() -> None:
    assert scale_pace(50, 80, 4) == pytest.approx(math.log(0.797 / 0.203) / 4)
    assert math.isfinite(scale_pace(0, 100, 5))
    assert scale_pace(50, 80, 4, (0, None)) == 7.5


# --- in a sentence --------------------------------------------------------------------------------

RECORD = PaceRecord(6.2, 4, 4, 54, 3, 10, 2, 7, 8.1)


def sentence(elsewhere: PaceElsewhere | None = None, **changes: Any) -> str:
    fields = {name: changes.get(name, getattr(RECORD, name)) for name in RECORD.__annotations__}
    return pace_sentence(PaceRecord(**fields), elsewhere, Messages("en"))


def test_the_sentence_gives_the_counts() -> None:
    elsewhere = PaceElsewhere(8.2, 2140, 175, 4, (50, 75), "digital")
    assert sentence(elsewhere) == (
        "It takes 6.2 points a year over 4 years. Of 54 stretches of 4 years from a comparable "
        "level in 10 areas, 3 kept that pace. In panels of internet use, 3G and broadband "
        "elsewhere, from a level of 50% to 75%: 8.2% of 2,140 stretches of 4 years."
    )


def test_few_stretches_give_no_share() -> None:
    few = PaceElsewhere(25.0, 8, 2, 1, (0, 10), "other")
    assert sentence(few).endswith(": 2 of 8 stretches of 1 year.")
    none = PaceElsewhere(0.0, 500, 0, 1, (0, 10), "other")
    assert sentence(none).endswith(": 0 of 500 stretches of 1 year.")
    assert "elsewhere" not in sentence(PaceElsewhere(NAN, 0, 0, 1, (0, 10), "other"))


def test_the_sentence_when_there_is_little_to_say() -> None:
    assert sentence(required=0.0) == ""
    assert sentence(kept=0).endswith("in 10 areas, none kept that pace.")
    assert "too few earlier stretches" in sentence(windows=0, kept=0, years=NAN)
    assert sentence(required=0.27, needed_years=2.5, windows=5, areas=1, kept=1) == (
        "It takes 0.27 points a year over 2.5 years. Of 5 stretches of 4 years from a comparable "
        "level in 1 area, 1 kept that pace."
    )


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_no_word_for_met_before_a_deadline(lang: str) -> None:
    text = pace_sentence(
        RECORD, PaceElsewhere(8.2, 2140, 175, 4, (50, 75), "digital"), Messages(lang)
    )
    assert not any(word in text.lower().split() for word in ("met", "đạt", "missed", "exceeded"))
