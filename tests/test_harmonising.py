"""Figures on the borders of a chosen day: counts moved, totals kept, everything else refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_areas import Line, made_up

from kts_analysis.areas import Crosswalk
from kts_analysis.border_changes import BorderWeights
from kts_analysis.errors import KtsError
from kts_analysis.figures import Figure, table_of
from kts_analysis.harmonising import harmonise
from kts_analysis.i18n import Messages
from kts_analysis.moved_plans import plan_on
from kts_analysis.periods import period_end, year_position
from kts_analysis.refusals import refusal_table
from kts_analysis.registry import Registry
from kts_analysis.rollup import add_up
from kts_analysis.selection import series_line
from kts_analysis.store import known_on

TableOf = Callable[[list[dict[str, Any]]], pd.DataFrame]
OLD, MERGED, WARDS = date(2022, 12, 31), date(2024, 9, 1), date(2025, 7, 1)
COUNTS = ["numerator", "denominator"]
NONE = float("nan")


def figure(code: str, year: int, above: float, below: float, **more: Any) -> Figure:
    """A made-up figure; counts of NaN leave the rate alone."""
    end = period_end(str(year))
    usual = dict.fromkeys(Figure._fields, "") | {
        "area_code": code,
        "indicator": "X",
        "series": "s",
        "period": str(year),
        "value": 100 * above / below if below else NONE,
        "numerator": above,
        "denominator": below,
        "qualifier": "exact",
        "origin": "reported",
        "source": f"report of {code}",
        "period_end": end,
        "t": year_position(end),
        "vintage_date": date(year + 1, 2, 1),
        "row": f"{code}.csv:{year}",
    }
    return Figure(**(usual | more))


@pytest.fixture(scope="module")
def crosswalk(registry: Registry) -> Crosswalk:
    return Crosswalk(registry)


# --- the bundled sample ---------------------------------------------------------------------------


def test_the_city_with_the_district_it_took_in(obs: pd.DataFrame, crosswalk: Crosswalk) -> None:
    known = known_on(obs, "2025-06-30")
    sample = known[known["area_code"].isin(["356", "358"])]
    table = harmonise(sample, crosswalk, MERGED)
    assert set(table["area_code"]) == {"356"}
    assert table.attrs["borders"] == "2024-09-01"
    assert table.attrs["as_of"] == "2025-06-30"
    for name in COUNTS:
        for (indicator, period), own in table.groupby(["indicator", "period"]):
            same = (sample["indicator"] == indicator) & (sample["period"] == period)
            assert own[name].tolist() == [sample[same][name].sum()]
    line = table[table["indicator"] == "XHS01"]
    assert line["period"].tolist() == [str(year) for year in range(2019, 2025)]
    assert line["numerator"].iloc[0] == 113653 + 23428
    assert line["flags"].tolist() == ["harmonised"] * 5 + [""]
    assert line["value"].iloc[5] == 88.91  # as published on the new borders


def test_it_is_the_line_that_verdicts_stand_on(
    obs: pd.DataFrame, registry: Registry, crosswalk: Crosswalk
) -> None:
    known = known_on(obs, "2025-06-30")
    table = harmonise(known, crosswalk, MERGED)
    compared = 0
    for indicator in sorted(set(known["indicator"])):
        for code in ("356", "359", "363"):
            line = series_line(
                known, registry, registry.area(code), indicator, "district_report",
                date(2025, 6, 30),
            )  # fmt: skip
            same = (table["area_code"] == code) & (table["indicator"] == indicator)
            own = table[same & (table["series"] == "district_report")]
            names = ["period", "value", "numerator", "denominator", "flags"]
            pd.testing.assert_frame_equal(
                own[names].reset_index(drop=True), line.points[names], check_dtype=False
            )
            compared += len(own)
    assert compared > 100


@pytest.mark.parametrize("day", [OLD, MERGED])
def test_the_province_s_total_does_not_depend_on_the_borders(
    obs: pd.DataFrame, registry: Registry, crosswalk: Crosswalk, day: date
) -> None:
    known = known_on(obs, "2025-06-30")
    plan = registry.plan("nam-dinh-105")
    table, moved = harmonise(known, crosswalk, day), plan_on(plan, crosswalk, day)
    assert len(moved.areas) == (11 if day == OLD else 10)
    compared = 0
    for target in plan.targets:
        before = add_up(known, plan, registry, target).set_index("period")
        after = add_up(table, moved, registry, target, day).set_index("period")
        names = [*COUNTS, "value"]
        # 2024 stands on the merged borders: without weights it cannot go back to 2022
        periods = before.index[before["missing"].map(len) == 0]
        periods = periods.difference(["2024"] if day == OLD else [])
        assert (after.loc[periods, "missing"].map(len) == 0).all()
        pd.testing.assert_frame_equal(
            before.loc[periods, names], after.loc[periods, names], check_exact=True
        )
        compared += len(periods)
    assert compared > 25
    listed = refusal_table(table)
    if day == OLD:
        assert set(listed["area_code"]) == {"356", "358"}
        assert set(listed["period"]) == {"2024"}
        assert set(listed["reason"]) == {
            "how 356 was divided on 2024-09-01 is not known; state weights with a source"
        }


def test_wards_get_nothing_without_weights_and_everything_is_listed(
    obs: pd.DataFrame, registry: Registry, crosswalk: Crosswalk
) -> None:
    known = known_on(obs, "2025-06-30")
    here = known["area_code"].isin(registry.plan("nam-dinh-105").areas)
    one = known[here & (known["indicator"] == "XHS01") & (known["period"] == "2024")]
    table = harmonise(one[one["series"] == "district_report"], crosswalk, WARDS)
    assert len(table) == 0
    listed = refusal_table(table, Messages("vi"))
    assert listed["area_code"].nunique() == len(listed) == 57
    astride = listed[listed["area_code"] == "13699"]["reason"].iloc[0]
    assert astride.startswith("chưa rõ 356, 359 được chia thế nào vào ngày 2025-07-01")


def test_with_stated_weights_wards_add_up_to_the_province(
    obs: pd.DataFrame, registry: Registry, crosswalk: Crosswalk
) -> None:
    known = known_on(obs, "2025-06-30")
    links = crosswalk.change(WARDS).links
    sizes = {(link.before, link.after): 1.0 + n % 7 for n, link in enumerate(links)}
    weights = BorderWeights(WARDS, sizes, "made up for a test")
    plan, target = registry.plan("nam-dinh-105"), registry.plan("nam-dinh-105").target("XHS01")
    table = harmonise(known, crosswalk, WARDS, weights=[weights])
    moved = plan_on(plan, crosswalk, WARDS)
    assert (moved.home, len(moved.areas)) == ("37", 58)
    total = add_up(table, moved, registry, target, WARDS).set_index("period")
    assert total.loc["2024", "numerator"] == pytest.approx(1124666)
    assert total.loc["2024", "denominator"] == pytest.approx(1312705)
    assert (total.loc["2024", "counted"], total.loc["2024", "missing"]) == (57, ())
    ward = table[(table["area_code"] == "13699") & (table["indicator"] == "XHS01")].iloc[-1]
    assert ward["note"].endswith("shared out by weights: made up for a test")
    assert (ward["flags"], ward["origin"]) == ("harmonised", "synthetic")


def test_the_new_province_only_where_all_three_have_counts(
    table_of: TableOf, crosswalk: Crosswalk
) -> None:
    def row(code: str, period: int, above: object, below: object, **more: Any) -> dict[str, Any]:
        base = {"area_code": code, "period": period, "vintage": f"{period + 1}-02-14"}
        return base | {"numerator": above, "denominator": below} | more

    table = table_of(
        [
            row("35", 2023, 10, 40),
            row("36", 2023, 30, 50),
            row("37", 2023, 20, 60),
            row("36", 2022, 25, 50),
            row("37", 2022, 15, 60),
            row("37", 2025, 90, 160),
        ]
    )
    moved = harmonise(table, crosswalk, WARDS)
    assert moved["period"].tolist() == ["2023", "2025"]
    assert moved[["area_code", *COUNTS, "value"]].values.tolist() == [
        ["37", 60, 150, 40],
        ["37", 90, 160, 56.25],
    ]
    assert refusal_table(moved)[["area_code", "period", "reason"]].values.tolist() == [
        ["37", "2022", "a part has no figure: 35"]
    ]


# --- what is refused ------------------------------------------------------------------------------


MERGER = made_up({"A": (None, None), "B": (None, 2012)}, [("B", "A", 2012, 1)])
SPLIT = made_up(
    {"A": (None, 2012), "B": (2012, None), "C": (2012, None)},
    [("A", "B", 2012, None), ("A", "C", 2012, None)],
)


def rate(code: str, year: int, value: float, **more: Any) -> Figure:
    return figure(code, year, NONE, NONE, value=value, **more)


def test_rates_are_refused_unless_weighted_explicitly() -> None:
    table = table_of([rate("A", 2010, 60), figure("B", 2010, 10, 50)])
    crosswalk = Crosswalk(MERGER)
    refused = harmonise(table, crosswalk, date(2013, 1, 1))
    assert len(refused) == 0
    assert refusal_table(refused)["reason"].tolist() == [
        "only a rate without counts for A; rates are not added or shared out"
    ]
    with pytest.raises(KtsError, match="weights that are stated"):
        harmonise(table, crosswalk, date(2013, 1, 1), rates="weighted")
    sizes = BorderWeights(date(2012, 1, 1), {("A", "A"): 300, ("B", "A"): 100}, "census")
    done = harmonise(table, crosswalk, date(2013, 1, 1), weights=[sizes], rates="weighted")
    assert done["value"].tolist() == [50]  # (300 x 60 + 100 x 20) / 400
    assert done[COUNTS].isna().all(axis=None)
    assert done["flags"].tolist() == ["harmonised"]
    assert done["note"].iloc[0].endswith("rates weighted, not counted: census")
    other = BorderWeights(date(2012, 1, 1), {("A", "A"): 300}, "census")
    left = harmonise(table, crosswalk, date(2013, 1, 1), weights=[other], rates="weighted")
    assert refusal_table(left)["reason"].tolist() == [
        "no weights are stated for the change of 2012-01-01"
    ]


def test_unknown_shares_and_given_weights() -> None:
    table, crosswalk = table_of([figure("A", 2010, 30, 80)]), Crosswalk(SPLIT)
    day = date(2012, 1, 1)
    assert refusal_table(harmonise(table, crosswalk, day))["area_code"].tolist() == ["B", "C"]
    half = BorderWeights(day, {("A", "B"): 3}, "census")
    assert len(harmonise(table, crosswalk, day, weights=[half])) == 0  # C has no size
    elsewhere = BorderWeights(date(2011, 1, 1), {("A", "B"): 3, ("A", "C"): 1}, "census")
    assert len(harmonise(table, crosswalk, day, weights=[elsewhere])) == 0  # another change
    sizes = BorderWeights(day, {("A", "B"): 3, ("A", "C"): 1}, "census")
    moved = harmonise(table, crosswalk, day, weights=[sizes])
    assert moved[["area_code", *COUNTS]].values.tolist() == [["B", 22.5, 60], ["C", 7.5, 20]]
    alone = harmonise(
        table_of([rate("A", 2010, 60)]), crosswalk, day, weights=[sizes], rates="weighted"
    )
    assert alone["value"].tolist() == [60, 60]
    assert "the rate of the whole stands for its part: census" in alone["note"].iloc[0]


def test_two_denominator_concepts_never_mix() -> None:
    first = figure("A", 2010, 10, 50, denominator_concept="adults")
    second = figure("B", 2010, 10, 50, denominator_concept="households")
    sizes = BorderWeights(date(2012, 1, 1), {("A", "A"): 1, ("B", "A"): 1}, "census")
    for rates in ("refused", "weighted"):
        moved = harmonise(
            table_of([first, second]), Crosswalk(MERGER), date(2013, 1, 1), weights=[sizes],
            rates=rates,  # type: ignore[arg-type]
        )  # fmt: skip
        assert refusal_table(moved)["reason"].tolist() == [
            "two kinds of denominator do not add up: adults, households"
        ]


def test_nobody_to_count_gives_no_rate() -> None:
    empty = [figure(code, 2010, 0, 0, value=0.0) for code in ("A", "B")]
    moved = harmonise(table_of(empty), Crosswalk(MERGER), date(2013, 1, 1))
    assert refusal_table(moved)["reason"].tolist() == ["the denominator is zero"]


def test_a_figure_of_an_area_that_had_ended_is_refused() -> None:
    table = table_of([figure("A", 2013, 10, 50), figure("B", 2013, 10, 50)])
    moved = harmonise(table, Crosswalk(MERGER), date(2013, 1, 1))
    assert moved["area_code"].tolist() == ["A"]
    assert refusal_table(moved)["reason"].tolist() == ["there was no area B on 2013-12-31"]


def test_a_new_code_for_the_same_place_keeps_its_rate() -> None:
    renamed = made_up({"A": (None, 2012), "B": (2012, None)}, [("A", "B", 2012, 1)])
    moved = harmonise(table_of([rate("A", 2010, 60)]), Crosswalk(renamed), date(2013, 1, 1))
    assert moved[["area_code", "value", "flags"]].values.tolist() == [["B", 60, "harmonised"]]
    back = harmonise(table_of([rate("B", 2013, 70)]), Crosswalk(renamed), date(2010, 1, 1))
    assert back[["area_code", "value"]].values.tolist() == [["A", 70]]


def test_what_the_parts_say_about_themselves_is_kept() -> None:
    first = figure("A", 2010, 10, 50, qualifier="about", origin="published", flags="weak_source")
    second = figure("B", 2010, 20, 50, vintage_date=date(2012, 5, 6), note="late")
    [whole] = harmonise(
        table_of([first, second]), Crosswalk(MERGER), date(2013, 1, 1)
    ).to_dict("records")  # fmt: skip
    assert (whole["qualifier"], whole["origin"]) == ("about", "derived")
    assert whole["flags"] == "weak_source;harmonised"
    assert (whole["vintage"], whole["vintage_date"]) == ("2012-05-06", date(2012, 5, 6))
    assert (whole["source"], whole["note"]) == ("report of A; report of B", "late")
    assert whole["row"] == "A.csv:2010 + B.csv:2010"


# --- properties on made-up borders ----------------------------------------------------------------

counts = st.tuples(st.integers(0, 10_000), st.integers(1, 10_000))


@st.composite
def histories(draw: st.DrawFn) -> tuple[Registry, list[str]]:
    """Draw areas that merge, split and give parts away, a change a year from 2001 on."""
    living = [f"a{number}" for number in range(draw(st.integers(2, 5)))]
    first = list(living)
    spans: dict[str, tuple[int | None, int | None]] = dict.fromkeys(living, (None, None))
    lines: list[Line] = []
    for year in range(2001, 2001 + draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(["merge", "split", "give"]))
        source = draw(st.sampled_from(living))
        share = draw(st.integers(1, 99)) / 100
        if kind == "merge" and len(living) > 1:
            other = draw(st.sampled_from([code for code in living if code != source]))
            lines.append((source, other, year, 1))
            spans[source] = (spans[source][0], year)
            living.remove(source)
        elif kind == "split":
            new = [f"{source}x{year}", f"{source}y{year}"]
            lines += [(source, new[0], year, share), (source, new[1], year, 1 - share)]
            spans[source] = (spans[source][0], year)
            spans |= dict.fromkeys(new, (year, None))
            living = [code for code in living if code != source] + new
        elif kind == "give" and len(living) > 1:
            other = draw(st.sampled_from([code for code in living if code != source]))
            lines.append((source, other, year, share))
    return made_up(spans, lines), first


@settings(max_examples=120)
@given(histories(), st.data(), st.integers(2000, 2007))
def test_totals_are_conserved(history: Any, data: Any, year: int) -> None:
    registry, codes = history
    pairs = data.draw(st.lists(counts, min_size=len(codes), max_size=len(codes)))
    table = table_of([figure(code, 2000, *pair) for code, pair in zip(codes, pairs, strict=True)])
    crosswalk = Crosswalk(registry)
    moved = harmonise(table, crosswalk, date(year, 6, 1))
    assert moved.attrs["refused"] == ()
    for name, column in enumerate(COUNTS):
        assert moved[column].sum() == pytest.approx(sum(pair[name] for pair in pairs), rel=1e-9)
    # step by step is the same as at once, by the shares of `pieces`
    day = date(2000, 12, 31)
    shares = {
        (code, piece.code): piece.share
        for code in codes
        for piece in crosswalk.pieces(code, date(year, 6, 1), of=day)
    }
    for _, row in moved.iterrows():
        parts = [
            (shares.get((code, row["area_code"])) or 0.0) * pair[1]
            for code, pair in zip(codes, pairs, strict=True)
        ]
        assert row["denominator"] == pytest.approx(sum(parts))


@settings(max_examples=60)
@given(st.lists(st.integers(1, 50), min_size=2, max_size=5), counts)
def test_split_and_merged_again_is_the_start(sizes: list[int], pair: tuple[int, int]) -> None:
    names = [f"b{number}" for number in range(len(sizes))]
    shares = [size / sum(sizes) for size in sizes]
    spans: dict[str, tuple[int | None, int | None]] = {"A": (None, 2005), "Z": (2010, None)}
    spans |= dict.fromkeys(names, (2005, 2010))
    lines: list[Line] = [("A", name, 2005, part) for name, part in zip(names, shares, strict=True)]
    lines += [(name, "Z", 2010, 1) for name in names]
    crosswalk = Crosswalk(made_up(spans, lines))
    start = table_of([figure("A", 2004, *pair)])
    end = harmonise(start, crosswalk, date(2011, 1, 1))
    assert end["area_code"].tolist() == ["Z"]
    assert end[COUNTS].to_numpy() == pytest.approx(np.array([pair]))
    # there, figures of the parts, and back from them
    middle = harmonise(start, crosswalk, date(2007, 6, 1))
    later = middle.assign(period="2007", period_end=date(2007, 12, 31))
    back = harmonise(later, crosswalk, date(2004, 6, 1))
    assert back["area_code"].tolist() == ["A"]
    assert back[COUNTS].to_numpy() == pytest.approx(np.array([pair]))


@settings(max_examples=60)
@given(
    st.lists(counts, min_size=3, max_size=3), st.lists(st.integers(1, 99), min_size=3, max_size=3)
)
def test_merged_and_shared_out_by_its_parts_is_the_start(
    pairs: list[tuple[int, int]], sizes: list[int]
) -> None:
    codes = ["A", "B", "C"]
    spans = {"A": (None, None), "B": (None, 2005), "C": (None, 2005)}
    registry = made_up(spans, [("B", "A", 2005, 1), ("C", "A", 2005, 1)])
    crosswalk = Crosswalk(registry)
    after = table_of([figure("A", 2006, *pairs[0])])
    overlaps = {(code, "A"): float(size) for code, size in zip(codes, sizes, strict=True)}
    weights = [BorderWeights(date(2005, 1, 1), overlaps, "census")]
    apart = harmonise(after, crosswalk, date(2004, 6, 1), weights=weights)
    assert apart["area_code"].tolist() == codes
    earlier = apart.assign(period="2004", period_end=date(2004, 12, 31))
    again = harmonise(earlier, crosswalk, date(2006, 6, 1))
    assert again[COUNTS].to_numpy() == pytest.approx(np.array([pairs[0]]))


@settings(max_examples=60)
@given(
    st.lists(counts, min_size=5, max_size=5),
    st.integers(1, 99),
    st.permutations([2001, 2002, 2003]),
    st.randoms(use_true_random=False),
)
def test_the_order_of_independent_changes_does_not_matter(
    pairs: list[tuple[int, int]], percent: int, years: list[int], random: Any
) -> None:
    def moved(order: list[int]) -> pd.DataFrame:
        merge, split, give = order
        spans: dict[str, tuple[int | None, int | None]] = {
            "A": (None, None), "B": (None, merge), "C": (None, split), "D": (split, None),
            "E": (split, None), "F": (None, None), "G": (None, None),
        }  # fmt: skip
        part = percent / 100
        lines: list[Line] = [
            ("B", "A", merge, 1), ("C", "D", split, part), ("C", "E", split, 1 - part),
            ("F", "G", give, part),
        ]  # fmt: skip
        random.shuffle(lines)
        figures = [figure(code, 2000, *p) for code, p in zip("ABCFG", pairs, strict=True)]
        random.shuffle(figures)
        crosswalk = Crosswalk(made_up(spans, lines))
        return harmonise(table_of(figures), crosswalk, date(2004, 1, 1))

    names = ["area_code", *COUNTS, "value"]
    pd.testing.assert_frame_equal(moved([2001, 2002, 2003])[names], moved(years)[names])
    pd.testing.assert_frame_equal(moved([2001, 2001, 2001])[names], moved(years)[names])


@settings(max_examples=60)
@given(histories(), st.data())
def test_rates_never_change_a_sum(history: Any, data: Any) -> None:
    registry, codes = history
    pairs = data.draw(st.lists(counts, min_size=len(codes), max_size=len(codes)))
    bare = data.draw(st.sampled_from(codes))
    figures = [figure(code, 2000, *pair) for code, pair in zip(codes, pairs, strict=True)]
    without = [one for one in figures if one.area_code != bare]
    crosswalk = Crosswalk(registry)

    def sums(kept: list[Figure]) -> list[list[Any]]:
        table = harmonise(table_of(kept), crosswalk, date(2007, 6, 1))
        table = table[table["numerator"].notna()]
        return table[["area_code", *COUNTS, "value"]].values.tolist()

    assert sums([*without, rate(bare, 2000, data.draw(st.floats(0, 100)))]) == sums(without)
