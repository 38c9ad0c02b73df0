"""The province page: every number from counts, bounds where areas are missing, ways to forecast."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kts_analysis.errors import KtsError
from kts_analysis.i18n import Messages
from kts_analysis.pages.context import Context, gather
from kts_analysis.pages.province import ProvinceReport, province_report
from kts_analysis.pages.rollup_sums import SumsBlock
from kts_analysis.pages.rollup_ways import WaysBlock
from kts_analysis.pages.sharing import Sharing
from kts_analysis.rollup import add_up
from kts_analysis.rollup_beside import province_forecast_table
from kts_analysis.wording import chance_text

PLAN, HOME, DAY = "nam-dinh-105", "36", "2025-06-30"
DISTRICTS = ("356", "358", "359", "360", "361", "362", "363", "364", "365", "366")
NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?")


@pytest.fixture(scope="module")
def report(data_folder: Path) -> ProvinceReport:
    return province_report(PLAN, as_of=DAY, lang="en", data=str(data_folder), allocate="equal_gap")


@pytest.fixture(scope="module")
def blocks(report: ProvinceReport) -> dict[str, list[str]]:
    """The parts of every target's block, charts by their sentence."""
    found: dict[str, list[str]] = {"": []}
    name = ""
    for part in report.targets():
        shown = part.data if isinstance(getattr(part, "data", None), str) else part.description
        start = re.search(r'<h3 id="(\w+)">', shown)
        name = start[1] if start else name
        found.setdefault(name, []).append(shown)
    return found


def words(part: str) -> str:
    """The text of a part of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", part)).split())


def rows_in(part: str) -> list[list[str]]:
    """The cells of a part's table."""
    rows = re.findall(r"<tr>(.*?)</tr>", part, re.S)
    return [
        [words(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", r, re.S)] for r in rows
    ]


def counts_of(data: Path, indicator: str) -> pd.DataFrame:
    """The newest counts of every district and year, straight from the files."""
    files = [pd.read_csv(data / "sample" / f"{code}.csv", dtype=str) for code in DISTRICTS]
    pool = pd.concat(files).query("indicator == @indicator and vintage <= @DAY")
    pool = pool.sort_values("vintage").groupby(["area_code", "period"]).tail(1)
    pool = pool.astype({"numerator": float, "denominator": float})
    return pool.dropna(subset=["numerator", "denominator"])


def test_every_number_of_a_block_follows_from_counts(
    blocks: dict[str, list[str]], data_folder: Path
) -> None:
    """Sums, newest figures, gaps and contributions of XHS03 (target: above 50%), one by one."""
    m, goal = Messages("en"), 50.0
    pool = counts_of(data_folder, "XHS03")
    allowed = {"80", "9", "10", "03"}  # "9 of 9 areas", the target's own name
    for period, rows in pool.groupby("period"):
        above, below = rows["numerator"].sum(), rows["denominator"].sum()
        rate = 100 * above / below
        allowed |= {str(period), m.count(above), m.count(below), m.number(rate, 2)}
        allowed |= {m.number(round(rate, 2), n) for n in (0, 1) if round(rate, n) == round(rate, 2)}
    newest = pool[pool["period"] == "2024"]
    whole = newest["denominator"].sum()
    rates = 100 * newest["numerator"] / newest["denominator"]
    missing = ((goal - rates.round(2)).clip(lower=0) * newest["denominator"] / 100).tolist()
    for rate, heads in zip(rates.round(2), missing, strict=True):
        allowed |= {m.number(rate, n) for n in (0, 1, 2) if round(rate, n) == rate}
        allowed |= {
            m.number(abs(goal - rate)),
            m.count(heads),
            m.number(100 * heads / sum(missing)),
        }
        allowed |= {m.number(100 * heads / whole, 2)}
    hole = pool[pool["period"] == "2021"]  # one district gave no counts that year
    [absent] = set(DISTRICTS) - set(hole["area_code"])
    size = pool[(pool["area_code"] == absent) & (pool["period"] == "2022")]["denominator"].item()
    above, below = hole["numerator"].sum(), hole["denominator"].sum()
    own = (100 * hole["numerator"] / hole["denominator"]).round(2)
    for stand_in in (0, 100, own.min(), own.max()):
        allowed.add(m.number((100 * above + stand_in * size) / (below + size)))
    allowed |= {m.number(100 * below / (below + size)), "100", "31"}
    sums, held = (next(p for p in blocks["XHS03"] if f"<summary>{title}" in p) for title in
                  ("Sums", "Who holds it back"))  # fmt: skip
    walked = [number for part in (sums, held) for number in NUMBER.findall(words(part))]
    assert len(walked) > 90
    assert [number for number in walked if number not in allowed] == []
    mean = m.number(rates.mean(), 2)
    assert mean not in " ".join(words(part) for part in blocks["XHS03"])
    assert m.number(100 * newest["numerator"].sum() / whole, 2) in words(sums)


def test_nothing_in_a_block_is_said_twice(blocks: dict[str, list[str]]) -> None:
    for name, parts in blocks.items():
        assert len(set(parts)) == len(parts), name


def test_contributions_add_up_to_the_gap_of_those_below(blocks: dict[str, list[str]]) -> None:
    part = next(p for p in blocks["XHS04"] if "<summary>Who holds it back" in p)
    _, *rows = rows_in(part)
    assert sum(float(row[6].rstrip("%")) for row in rows) == pytest.approx(100, abs=0.5)
    heads = [float(row[4].split()[0].replace(",", "")) for row in rows]
    points = [float(row[5]) for row in rows]
    assert heads == sorted(heads, reverse=True) and heads[0] == 42494
    share = [each / point for each, point in zip(heads, points, strict=True) if point > 0.5]
    assert max(share) == pytest.approx(min(share), rel=0.01)  # all of one denominator
    assert "Hải Hậu District holds it back most, by 42,494 people (4.14 points of the whole)" in (
        words(part)
    )


def test_forecasts_stand_side_by_side_as_the_library_makes_them(
    report: ProvinceReport, blocks: dict[str, list[str]]
) -> None:
    c, m = report.context, report.context.m
    table = province_forecast_table(c.view, c.plan, c.plan.target("XHS03"), 2025)
    part = next(p for p in blocks["XHS03"] if "the whole, forecast in several ways" in p)
    _, *rows = rows_in(part)
    assert len(rows) == len(table) == 4
    for cells, (_, row) in zip(rows, table.iterrows(), strict=True):
        span = f"{m.number(row['lo80'])}–{m.percent(row['hi80'])}"
        assert cells[1:] == [m.percent(row["median"]), span, chance_text(row["probability"], m)]
    assert "(correlation 0.14)" in rows[0][0] and "independent" in rows[1][0]
    assert "3 complete years" in rows[3][0]
    assert (
        "come to 39.6%, the series of their sums to 37.5%: 2.1 points apart; the first interval"
        in (words(part))
    )


def test_an_end_that_is_the_estimate_itself_stands_once(blocks: dict[str, list[str]]) -> None:
    part = next(p for p in blocks["XHS07"] if "forecast in several ways" in p)
    _, *rows = rows_in(part)
    assert ["correlation 0.00" in row[0] for row in rows] == [True, False, False]


def test_missing_areas_give_bounds_and_no_mean(
    blocks: dict[str, list[str]], data_folder: Path
) -> None:
    said = " ".join(words(part) for part in blocks["XHS02"])
    pool = counts_of(data_folder, "XHS02")
    newest = pool[pool["period"] == "2024"]
    sizes = pool[pool["area_code"].isin({"361", "363", "365"})].sort_values("period")
    unseen = sizes.groupby("area_code").tail(1)["denominator"].sum()
    above, below = newest["numerator"].sum(), newest["denominator"].sum()
    low, high = (100 * (above + part * unseen) / (below + unseen) for part in (0, 1))
    assert (
        f"In 2024 only 6 of 9 areas gave counts ({100 * below / (below + unseen):.1f}% of all "
        f"people): they stand at {100 * above / below:.2f}%. With the missing ones the whole "
        f"surely lies within {low:.1f}–{high:.1f}%"
    ) in said
    assert "the others hold 90.1% of the whole" in said
    assert "too few complete years: not enough to judge" in said


def test_sums_that_end_before_the_areas_own_figures_say_so(report: ProvinceReport) -> None:
    c = report.context
    ways = WaysBlock(c, c.plan.target("XHS03"), newest="2024", whole="2023")
    assert "The sums end in 2023, the last without a missing area." in words(ways.parts()[0].data)


def test_published_and_summed_are_shown_side_by_side(blocks: dict[str, list[str]]) -> None:
    part = next(p for p in blocks["XHS01"] if "Published for 2024" in p)
    assert "more than 85.5%; the areas add up to 85.68% (published less sum -0.18 points)" in (
        words(part)
    )
    assert rows_in(part)[1][2:7] == [
        "Rate (no counts published)", "more than 85.5%", "85.68%", "-0.18 points", "in agreement",
    ]  # fmt: skip


# --- data made to differ --------------------------------------------------------------------------

Spoil = Callable[[Callable[[Path], None]], Context]


@pytest.fixture
def spoilt(data_copy: Path) -> Spoil:
    """Return a function that changes a copy of the data and stands on it."""

    def make(change: Callable[[Path], None]) -> Context:
        change(data_copy)
        return gather(PLAN, [HOME], deadline=2025, as_of=DAY, lang="en", data=str(data_copy))

    return make


def sums_block(c: Context, name: str) -> SumsBlock:
    target = c.plan.target(name)
    return SumsBlock(c, target, add_up(c.known, c.plan, c.registry, target))


def append(data: Path, **cells: object) -> None:
    """Add a published figure of the province."""
    path = data / "published" / "observations.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    usual = {"area_code": HOME, "indicator": "XHS03", "series": "provincial_report"}
    usual |= {"qualifier": "exact", "origin": "published", "source": "made up for a test"}
    row = dict.fromkeys(table.columns, "") | usual | {k: str(v) for k, v in cells.items()}
    pd.concat([table, pd.DataFrame([row])]).to_csv(path, index=False)


def test_a_published_total_that_differs_is_never_papered_over(spoilt: Spoil) -> None:
    counts = {"numerator": 399000, "denominator": 1312705, "value": 30.4, "period": 2024}
    concept = {"denominator_concept": "adults"}
    c = spoilt(lambda data: append(data, vintage="2025-03-01", **counts, **concept))
    block = sums_block(c, "XHS03")
    whole = block.sums.set_index("period").loc["2024"]
    [part] = block.reconciled()
    difference = f"{399000 - whole['numerator']:+,.0f}"
    table = {row[2]: row[3:7] for row in rows_in(part.data)[1:]}
    assert table["Numerator"] == [
        "399,000", f"{whole['numerator']:,.0f}", difference, "not in agreement",
    ]  # fmt: skip
    assert table["Denominator"][2:] == ["0", "in agreement"]
    assert f"(published less sum {difference})" in words(part.data)


def test_another_population_is_not_compared(spoilt: Spoil) -> None:
    counts = {"numerator": 399000, "denominator": 1400000, "value": 28.5, "period": 2024}
    c = spoilt(lambda data: append(data, **counts, denominator_concept="population"))
    assert sums_block(c, "XHS03").reconciled() == []


def test_a_difference_proves_nothing_while_areas_are_missing(spoilt: Spoil) -> None:
    c = spoilt(lambda data: append(data, period=2021, value=7.5))
    [part] = sums_block(c, "XHS03").reconciled()
    assert "so the difference proves nothing" in words(part.data)
    assert rows_in(part.data)[1][6:] == ["cannot be told", "Giao Thủy District"]


def test_an_area_of_unknown_size_leaves_no_bounds(spoilt: Spoil) -> None:
    def silence(data: Path) -> None:
        path = data / "sample" / "359.csv"
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        table[table["indicator"] != "XHS03"].to_csv(path, index=False)

    said = sums_block(spoilt(silence), "XHS03").sentence()
    assert "only 8 of 9 areas gave counts (88.9% of all areas)" in said
    assert said.endswith("so no bounds are given. Areas are missing in 2021, 2022, 2023: bounds in "
                         "the table.")  # fmt: skip


# --- sharing out ----------------------------------------------------------------------------------


def test_shared_out_targets_meet_the_plan_s_threshold(
    blocks: dict[str, list[str]], data_folder: Path
) -> None:
    part = next(p for p in blocks["XHS03"] if "Shared out to the areas" in p)
    _, *rows, total = rows_in(part)
    newest = counts_of(data_folder, "XHS03").query("period == '2024'")
    sizes = dict(zip(newest["area_code"], newest["denominator"], strict=True))
    titles = {"Nam Định City": "356", "Hải Hậu District": "366", "Giao Thủy District": "365"}
    codes = [titles.get(row[0]) for row in rows]
    assert len(rows) == 9 and {"356", "366", "365"} <= set(codes)
    targets = [float(row[3].rstrip("%")) for row in rows]
    by_place = ("356", *DISTRICTS[2:])
    met = sum(t * sizes[code] for t, code in zip(targets, by_place, strict=True))
    assert 50 < met / sum(sizes.values()) < 50.1
    assert total[0] == "All areas together" and total[3].endswith("(above 50%)")
    assert total[8] == "below 1%"  # the chance that they meet it together


def test_what_is_true_of_all_targets_is_said_once(blocks: dict[str, list[str]]) -> None:
    whole = " ".join(words(part) for parts in blocks.values() for part in parts)
    assert whole.count("never to be cited or assigned") == 1
    assert whole.count("Targets have steps of 0.1 points") == 1
    nobody = "The newest figures meet the common target already: nobody need rise."
    assert any(words(part).endswith(nobody) for part in blocks["XHS05"])
    assert not any("targets of the areas for" in part for part in blocks["XHS05"])


def test_out_of_reach_says_why(report: ProvinceReport) -> None:
    c = report.context
    target = c.plan.target("XHS03")
    [threshold] = target.thresholds
    beyond = threshold.model_copy(update={"value": 100.0, "comparator": ">"})
    hard = target.model_copy(update={"thresholds": (beyond,)})
    sharing = Sharing(c, "equal_gap", [hard])
    said = words(sharing.parts(hard)[0].data)
    assert "Out of reach: the areas can reach 100.00% together at most" in said
    assert "This alone would do: lower the common target to" in said
    falling = target.model_copy(update={"direction": "lower_is_better"})
    said = words(Sharing(c, "equal_gap", [falling]).parts(falling)[0].data)
    assert "less is better there" in said


def test_not_asked_or_too_late_nothing_is_shared_out(data_folder: Path) -> None:
    past = province_report(PLAN, lang="en", data=str(data_folder), allocate="proportional")
    first = past.targets()[0]
    assert words(first.data).count("No target is shared out: the deadline 31 December 2025") == 1
    assert past._sharing.parts(past.context.plan.target("XHS03")) == []
    quiet = Sharing(past.context, None, [])
    assert quiet.common_words() == [] and quiet.parts(past.context.plan.target("XHS03")) == []
    with pytest.raises(KtsError, match="unknown method fair; choose of equal_gap"):
        province_report(PLAN, data=str(data_folder), allocate="fair")


def test_a_home_that_has_ended_is_made_from_the_areas_of_its_last_day(data_folder: Path) -> None:
    c = gather(PLAN, [HOME], deadline=2025, as_of=None, lang="en", data=str(data_folder))
    assert c.as_of > c.registry.area(HOME).valid_to
    table: Any = province_forecast_table(c.view, c.plan, c.plan.target("XHS03"), 2025)
    assert table.set_index("basis").loc["districts", "areas"] == 9


def test_the_page_stays_below_its_size(report: ProvinceReport) -> None:
    parts = [report.header(), report.matrix(), report.home_table(), *report.published()]
    shown = [*parts, *report.targets(), report.method()]
    size = sum(len(str(getattr(part, "data", part)).encode()) for part in shown)
    assert 100_000 < size < 250_000  # of 300 kB with the frame of the page
