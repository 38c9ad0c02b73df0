"""Scenarios: moved distributions with their spread kept, solved paces, files, reports."""

from __future__ import annotations

import json
import math
import re
import shutil
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kts_analysis.assessment import assess, judge_rows
from kts_analysis.cases import View
from kts_analysis.cli import main
from kts_analysis.entries import Plan, Text
from kts_analysis.errors import KtsError, ProblemsError
from kts_analysis.i18n import Messages
from kts_analysis.pages.area import area_report
from kts_analysis.pages.province import province_report
from kts_analysis.registry import Registry
from kts_analysis.reporting.keys import unit_keys
from kts_analysis.reporting.manifest import input_hashes
from kts_analysis.reporting.units import plan_units, with_scenario
from kts_analysis.scales import EDGE
from kts_analysis.scenarios.asking import NO_CHANGE, TargetAnswers, ask, ask_all, what_if
from kts_analysis.scenarios.digest import digest
from kts_analysis.scenarios.entries import CatchUp, Faster, OtherTarget, Scenario, Wanted
from kts_analysis.scenarios.files import load_scenario, save_scenario, scenario_text
from kts_analysis.scenarios.paths import begin_of, caught_up, faster, gain
from kts_analysis.scenarios.solving import least_giving
from kts_analysis.scenarios.words import answer_lines, assumption_text
from kts_analysis.store import known_on
from kts_analysis.trend_fit import TrendFit
from kts_analysis.trends import fit_series

TableOf = Callable[[list[dict[str, Any]]], pd.DataFrame]
PlanOf = Callable[..., Plan]
ROOT = Path(__file__).resolve().parents[1]
DATA = str(ROOT / "data")
NAME = Text(vi="thử", en="a try")
AS_OF = date(2025, 3, 1)
SLOW, BEST, THIRD = "362", "359", "360"
VALUES = {SLOW: (30.0, 33.0, 37.0), BEST: (52.0, 61.0, 68.0), THIRD: (40.0, 47.0, 52.0)}

rates = st.lists(st.floats(0, 100), min_size=3, max_size=8)
directions = st.sampled_from([1, -1])
starts = st.integers(2018, 2030)


def fit_of(values: Sequence[float], progress: int = 1, method: Any = "auto") -> TrendFit:
    years = [2017 + place for place in range(len(values))]
    return fit_series(years, values, progress=progress, method=method)


# --- the distribution is moved, not drawn anew ----------------------------------------------------


@given(rates, directions, starts, st.floats(2018, 2035), st.sampled_from(["auto", "logit"]))
def test_the_expected_pace_itself_changes_nothing(
    values: list[float], progress: int, year: int, when: float, method: str
) -> None:
    fit = fit_of(values, progress, method)
    assert faster(fit, when, 1.0, begin_of(fit, year), progress) == fit.at(when)


@given(rates, directions, starts, st.floats(2025, 2035), st.floats(0, 10), st.floats(0, 10),
       st.floats(0, 100))  # fmt: skip
def test_more_pace_never_lowers_the_chance(
    values: list[float], progress: int, year: int, when: float, one: float, other: float,
    threshold: float,
) -> None:  # fmt: skip
    fit = fit_of(values, progress)
    comparator = ">=" if progress == 1 else "<="
    start = begin_of(fit, year)
    less, more = (faster(fit, when, times, start, progress) for times in sorted((one, other)))
    assert less.probability(threshold, comparator) <= more.probability(threshold, comparator)
    assert progress * less.median <= progress * more.median
    for each in (less, more):
        low, high = each.interval(0.95)
        assert 0 <= low <= each.median <= high <= 100
        assert each.spread == fit.at(when).spread  # how unsure it is stays as it was


def test_twice_the_pace_is_twice_the_way_on_the_scale_of_the_projection() -> None:
    fit = fit_of([20, 26, 35, 41])  # 2017 to 2020
    at = {year: fit.at(float(year)).location for year in (2022, 2025)}
    moved = faster(fit, 2025.0, 2.0, begin_of(fit, 2023), 1)
    assert begin_of(fit, 2023) == 2022.0  # a year's end is the whole number
    assert moved.location == pytest.approx(2 * at[2025] - at[2022], abs=1e-12)
    place = 1 / (1 + math.exp(-moved.location))
    assert moved.median == pytest.approx(100 * (place - EDGE) / (1 - 2 * EDGE), abs=1e-9)
    assert faster(fit, 2022.0, 2.0, 2022.0, 1) == fit.at(2022.0)  # nothing before it begins
    assert faster(fit, 2025.0, 0.0, 2022.0, 1).location == pytest.approx(at[2022], abs=1e-12)


def test_an_assumption_cannot_begin_before_the_newest_figure() -> None:
    fit = fit_of([20, 26, 35, 41])
    assert begin_of(fit, 2015) == 2020.0


def test_a_setback_is_not_multiplied() -> None:
    fit = fit_of([60, 55, 49, 42, 36])
    assert gain(fit, 2025.0, 2021.0, 1) == 0.0
    assert faster(fit, 2025.0, 3.0, 2021.0, 1) == fit.at(2025.0)
    down = fit_of([60, 55, 49, 42, 36], -1)  # where a fall is progress it is
    assert faster(down, 2025.0, 3.0, 2021.0, -1).median < down.at(2025.0).median


def test_catching_up_goes_in_equal_steps_and_then_keeps_level() -> None:
    slow, best = fit_of([20, 24, 27, 31]), fit_of([50, 58, 64, 71])
    behind = best.at(2024.0).location - slow.at(2024.0).location
    half = caught_up(slow, best, 2022.0, 2024.0, 1)  # half-way from 2020 to 2024
    assert half.location - slow.at(2022.0).location == pytest.approx(behind / 2, abs=1e-12)
    for year in (2024.0, 2027.0):
        level = caught_up(slow, best, year, 2024.0, 1)
        assert level.median == pytest.approx(best.at(year).median, abs=1e-9)
        assert level.spread == slow.at(year).spread
    assert caught_up(best, slow, 2024.0, 2024.0, 1) == best.at(2024.0)  # it is ahead already


@given(rates, starts, st.floats(5, 95), st.floats(0.02, 0.98))
def test_the_pace_that_is_solved_gives_the_chance_that_was_asked_for(
    values: list[float], year: int, threshold: float, level: float
) -> None:
    fit = fit_of(values)
    start = begin_of(fit, year)

    def chance(times: float) -> float:
        return faster(fit, 2032.0, times, start, 1).probability(threshold)

    found = least_giving(chance, level, 20.0)
    if found is None:
        assert chance(20.0) < level
    elif found == 0:
        assert chance(0.0) >= level
    else:
        assert chance(found) == pytest.approx(level, abs=1e-6)
        assert chance(found * 0.99) < level


# --- an area's target -----------------------------------------------------------------------------


@pytest.fixture
def asked(registry: Registry, table_of: TableOf, plan_of: PlanOf) -> Callable[..., TargetAnswers]:
    """Ask a scenario of made-up districts with three figures each, from 2022 to 2024."""

    def make(*assumptions: Any, area: str = SLOW, origin: str = "reported") -> TargetAnswers:
        rows = [
            {
                "area_code": code, "period": 2022 + place, "value": value, "denominator": 5000,
                "numerator": 50 * value, "denominator_concept": "people", "origin": origin,
                "vintage": f"{2023 + place}-02-01",
            }
            for code, series in VALUES.items()
            for place, value in enumerate(series)
        ]  # fmt: skip
        plan = plan_of(60.0, ">=", tuple(VALUES))
        view = View(registry, known_on(table_of(rows), AS_OF.isoformat()), AS_OF)
        scenario = Scenario(id="thu", name=NAME, assumptions=assumptions)
        found = ask(view, registry.area(area), plan, plan.targets[0], 2025, scenario)
        assert found is not None
        return found

    return make


def test_no_change_is_what_the_verdict_says(registry: Registry, obs: pd.DataFrame) -> None:
    plan = registry.plan("nam-dinh-105")
    scenario = Scenario(
        id="thu", name=NAME, assumptions=(Faster(kind="pace", times=2, begin=2025),)
    )
    table = what_if(plan, obs, scenario, 2025, as_of="2024-12-31", registry=registry)
    verdicts = assess(plan, obs, 2025, as_of="2024-12-31", registry=registry)
    same = table[(table["kind"] == NO_CHANGE) & (table["note"] == "")]
    both = same.merge(verdicts, on=["area_code", "target_id"], suffixes=("", "_said"))
    assert len(both) == len(same) == 99
    for mine, said in [("median", "projected"), ("lo80", "lo80_said"), ("hi95", "hi95_said"),
                       ("probability", "probability_said")]:  # fmt: skip
        assert (both[mine] == both[said]).all(), mine
    assert set(same["origin"]) == {"synthetic"}
    twice = table[table["kind"] == "pace"]
    assert len(twice) == 99
    assert (twice["probability"].to_numpy() >= same["probability"].to_numpy()).all()


def test_each_assumption_of_a_made_up_district(asked: Callable[..., TargetAnswers]) -> None:
    found = asked(
        Faster(kind="pace", times=3, begin=2025),
        CatchUp(kind="catch_up", by=2025),
        Wanted(kind="chance", chance_percent=80, begin=2025),
        OtherTarget(kind="target", value=40),
        OtherTarget(kind="target", deadline=2030),
    )
    none, three, level, wanted, lower, later = found.answers
    assert none.chance < three.chance < 1
    assert (level.best, level.note) == (BEST, "")
    best = asked(Faster(kind="pace", times=1, begin=2025), area=BEST).answers[0]
    assert level.median == pytest.approx(best.median, abs=1e-9)
    assert wanted.chance == pytest.approx(0.8, abs=1e-9)
    assert wanted.times > 1
    assert wanted.pace == pytest.approx(wanted.median - 37.0, abs=1e-9)  # one year, from 37 %
    assert wanted.pace_count == pytest.approx(wanted.pace * 50, abs=1e-9)  # of 5,000 people
    assert (lower.threshold, lower.median) == (40, none.median)
    assert lower.chance > none.chance
    assert later.deadline == date(2030, 12, 31) and later.chance > none.chance
    assert later.hi80 - later.lo80 > none.hi80 - none.lo80  # farther away, less sure


def test_the_solved_pace_put_into_a_file_gives_that_chance(
    asked: Callable[..., TargetAnswers],
) -> None:
    wanted = asked(Wanted(kind="chance", chance_percent=65, begin=2025)).answers[1]
    again = asked(Faster(kind="pace", times=wanted.times, begin=2025)).answers[1]
    assert again.chance == pytest.approx(0.65, abs=1e-9)
    assert again.median == pytest.approx(wanted.median, abs=1e-9)


@pytest.mark.parametrize(
    ("assumption", "area", "note"),
    [
        (Faster(kind="pace", times=2, begin=2026), SLOW, "begins_late"),
        (Wanted(kind="chance", chance_percent=80, begin=2027), SLOW, "begins_late"),
        (CatchUp(kind="catch_up", by=2027), BEST, "leads"),
        (Wanted(kind="chance", chance_percent=50, begin=2025), BEST, "standing_still"),
        (OtherTarget(kind="target", deadline=2023), SLOW, "deadline_past"),
    ],
)
def test_what_changes_nothing_says_why(
    asked: Callable[..., TargetAnswers],
    registry: Registry,
    assumption: Any,
    area: str,
    note: str,
) -> None:
    none, found = asked(assumption, area=area).answers
    assert found.note == note
    if note in ("begins_late", "leads"):
        assert (found.median, found.chance) == (none.median, none.chance)
    if note == "standing_still":
        text = assumption_text(found, registry, Messages("vi"))
        assert text.startswith("Để khả năng là 50%, tính từ năm 2025 (từ đó không tăng nữa")
    if note == "deadline_past":
        assert not found.sufficient


@pytest.mark.parametrize("level", [30, 80])
def test_sectors_are_answered_together(registry: Registry, table_of: TableOf, level: float) -> None:
    plan = registry.plan("nam-dinh-105")
    rows = [
        {"area_code": "36", "indicator": "KTS02", "breakdown": sector, "period": 2022 + place,
         "value": value, "vintage": f"{2023 + place}-02-01"}
        for number, sector in enumerate(plan.sector_ids())
        for place, value in enumerate((5, 6, 7 + number / 4))
    ]  # fmt: skip
    view = View(registry, known_on(table_of(rows), AS_OF.isoformat()), AS_OF)
    scenario = Scenario(
        id="thu",
        name=NAME,
        assumptions=(Wanted(kind="chance", chance_percent=level, begin=2025),),
    )
    target = plan.target("KTS02")
    found = ask(view, registry.area("36"), plan, target, 2025, scenario)
    assert found is not None and len(found.cases) == len(plan.sector_ids()) > 1
    none, wanted = found.answers
    verdict = judge_rows(view, plan, 2025, areas=["36"], targets=["KTS02"])[0]
    assert round(none.chance, 4) == verdict["probability"]
    assert round(none.median, 4) == verdict["projected"]
    assert wanted.chance == pytest.approx(level / 100, abs=1e-6)
    assert none.chance < min(case.chance for case in found.cases)


def test_synthetic_figures_make_a_synthetic_answer(
    asked: Callable[..., TargetAnswers], registry: Registry
) -> None:
    assumption = Faster(kind="pace", times=2, begin=2025)
    made_up = asked(assumption, origin="synthetic")
    assert {each.origin for each in made_up.answers} == {"synthetic"}
    lines = answer_lines(made_up, registry, Messages("vi"))
    assert lines[0].endswith("[GIẢ LẬP]")
    reported = asked(assumption)
    assert {each.origin for each in reported.answers} == {"reported"}
    assert "GIẢ LẬP" not in answer_lines(reported, registry, Messages("vi"))[0]


def test_words_say_that_it_is_assumed(
    asked: Callable[..., TargetAnswers], registry: Registry
) -> None:
    m = Messages("vi")
    found = asked(
        Faster(kind="pace", times=1.5, begin=2025), CatchUp(kind="catch_up", by=2025)
    ).answers
    texts = [assumption_text(each, registry, m) for each in found]
    assert texts == [
        "Không thay đổi: như dự báo",
        "Giả định: từ năm 2025, tốc độ gấp 1,5 lần tốc độ dự kiến",
        "Giả định: đến hết năm 2025 theo kịp Huyện Vụ Bản, nơi được dự báo dẫn đầu",
    ]


# --- files ----------------------------------------------------------------------------------------


def test_a_scenario_is_written_and_read_again(tmp_path: Path) -> None:
    shipped = load_scenario("tang-toc-2025", DATA)
    assert [type(each) for each in shipped.assumptions] == [Faster, CatchUp, Wanted, OtherTarget]
    path = save_scenario(shipped, tmp_path / "kịch bản.yml")
    assert load_scenario(path, DATA) == shipped
    assert path.read_text(encoding="utf-8") == scenario_text(shipped)
    with pytest.raises(KtsError, match="is there already"):
        save_scenario(shipped, path)


def test_every_problem_of_a_file_in_one_error(tmp_path: Path) -> None:
    path = tmp_path / "sai.yml"
    path.write_text(
        """id: sai
name: {vi: Sai, en: Wrong}
plan: khong-co
extra: 1
assumptions:
  - {kind: pace, times: -1, from: 2025}
  - {kind: nhanh}
  - kind: catch_up
    by: khi nào
    areas: ['999']
  - {kind: target}
  - {kind: chance, chance_percent: 100, from: 2026, targets: [ZZZ]}
""",
        encoding="utf-8",
    )
    with pytest.raises(ProblemsError) as raised:
        load_scenario(path, DATA)
    found = {(problem.column, problem.row) for problem in raised.value.problems}
    assert found == {
        ("plan", 3), ("extra", 4), ("assumptions.0.times", 6), ("assumptions.1.kind", 7),
        ("assumptions.2.by", 9), ("assumptions.2.areas.0", 10), ("assumptions.3", 11),
        ("assumptions.4.chance_percent", 12), ("assumptions.4.targets.0", 12),
    }  # fmt: skip
    assert all(problem.text(Messages("vi")).startswith("sai.yml:") for problem in
               raised.value.problems)  # fmt: skip


@pytest.mark.parametrize("text", ["", "[]", "id: a\nname: {vi: a, en: a}\nassumptions: []\n", "x"])
def test_a_file_without_assumptions_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rong.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProblemsError):
        load_scenario(path, DATA)


@pytest.mark.parametrize("name", ["khong-co", "../areas.csv", "../plans/nam-dinh-105"])
def test_an_unknown_name_lists_those_there_are(name: str) -> None:
    with pytest.raises(KtsError, match=r"tang-toc-2025\.yml"):
        load_scenario(name, DATA)


# --- commands and reports -------------------------------------------------------------------------


def test_assess_prints_assumptions_beside_no_change(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["assess", "--data", DATA, "--plan", "nam-dinh-105", "--area", "366", "--target"]
    asked += ["KTS04", "--as-of", "2024-12-31", "--scenario", "tang-toc-2025", "--format", "json"]
    assert main(asked) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["kind"] for row in rows] == [NO_CHANGE, "pace", "catch_up", "chance"]
    assert rows[3]["probability"] == 0.8 and rows[3]["origin"] == "synthetic"


def test_only_reports_of_its_plan_get_a_scenario(tmp_path: Path, registry: Registry) -> None:
    path = tmp_path / "mot.yml"
    path.write_text(
        "id: mot\nname: {vi: Một, en: One}\nplan: nam-dinh-105\n"
        "assumptions: [{kind: catch_up, by: 2030}]\n",
        encoding="utf-8",
    )
    units = plan_units(registry)
    asked = with_scenario(units, path, registry)
    named = [unit for unit in asked if "scenario" in unit.parameters]
    assert {unit.plan.id for unit in named} == {"nam-dinh-105"} and len(named) == 11
    assert {unit.notebook for unit in named} == {"area_report", "province_report"}
    assert {unit.parameters["scenario"] for unit in named} == {"mot.yml"}
    assert plan_units(registry) == units  # without one nothing is changed


def page_of(**more: Any) -> str:
    report = area_report("366", "nam-dinh-105", as_of="2024-12-31", data=DATA, **more)
    return "".join(part.data for part in report.scenarios())


def test_a_page_shows_assumptions_as_such_and_only_when_asked() -> None:
    assert page_of() == ""
    text = page_of(scenario="tang-toc-2025")
    assert text.count("<caption>") == 10
    assert text.count("GIẢ LẬP") == 10  # every table of synthetic figures says so
    assert "Nếu như (giả định): Tăng tốc từ năm 2025, đến năm 2025" in text
    assert "không phải dự báo" in text
    assert "kts-badge" not in text  # an assumption has no verdict


def test_a_past_deadline_gives_way_to_the_one_ahead() -> None:
    report = area_report("366", "nam-dinh-105", data=DATA, scenario="tang-toc-2025")
    assert report.context.past
    [section] = report.scenarios()
    assert "đến năm 2030" in section.data and "hạn 31/12/2030" in section.data


def test_the_province_s_page_adds_the_areas_chances_up() -> None:
    asked = {"as_of": "2024-12-31", "data": DATA, "lang": "en"}
    assert province_report("nam-dinh-105", **asked).scenarios() == []
    report = province_report("nam-dinh-105", scenario="tang-toc-2025", **asked)
    [section] = report.scenarios()
    c, scenario = report.context, load_scenario("tang-toc-2025", DATA)
    table = what_if(c.plan, c.known, scenario, 2025, areas=report.standing, targets=["XHS05"])
    chances = table.groupby("kind")["probability"].sum()
    count = table["area_code"].nunique()
    rows = xhs05_of(section).split("</tr>")
    [row] = [row for row in rows if "2 times the expected pace" in row]
    cells = re.findall(r"<td[^>]*>(.*?)</td>", row)
    m = Messages("en")
    assert cells[:3] == [
        f"{count} of {count}", m.number(chances[NO_CHANGE]), m.number(chances["pace"])
    ]  # fmt: skip
    fast = table[table["kind"] == "pace"]
    assert cells[3] == str((fast["probability"] >= 0.8).sum())
    assert cells[4].startswith(m.number(fast["pace"].median()))
    assert "SYNTHETIC" in xhs05_of(section) and "not forecasts" in section.data


def xhs05_of(section: Any) -> str:
    """The table of one target, on one line."""
    [table] = [part for part in section.data.split("<table>") if "<span>XHS05" in part]
    return " ".join(table.split())


def test_a_digest_counts_only_areas_of_which_something_is_known(
    registry: Registry, table_of: TableOf, plan_of: PlanOf
) -> None:
    known = [  # THIRD has a single figure: nothing can be projected
        {"area_code": code, "period": year, "value": value, "vintage": f"{year + 1}-02-01"}
        for code, values in VALUES.items()
        for year, value in zip((2022, 2023, 2024), values, strict=True)
        if code != THIRD or year == 2022
    ]
    view = View(registry, known_on(table_of(known)), AS_OF)
    plan = plan_of(80.0, areas=(SLOW, BEST, THIRD))
    both = Faster(kind="pace", times=2, begin=2025)
    one = Faster(kind="pace", times=3, begin=2025, areas=(SLOW,))
    scenario = Scenario(id="a", name=NAME, assumptions=(one, both))
    found = ask_all(view, plan, scenario, 2025)
    first, second = digest(found, scenario)  # in the order of the file
    assert (first.areas, first.answered) == (1, 1) and (second.areas, second.answered) == (3, 2)
    answers = {each.area.code: each.answers for each in found if each.answers}
    assert set(answers) == {SLOW, BEST}
    assert second.unchanged == sum(mine[0].chance for mine in answers.values())
    assert second.assumed == sum(mine[-1].chance for mine in answers.values())
    assert first.assumed == answers[SLOW][1].chance
    assert (second.least, second.most) == (
        min(mine[-1].pace for mine in answers.values()),
        max(mine[-1].pace for mine in answers.values()),
    )


def test_a_run_with_a_scenario_is_kept_made_anew_and_verified(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = tmp_path / "Giả định của tỉnh.yml"
    shutil.copyfile(ROOT / "data" / "scenarios" / "tang-toc-2025.yml", given)
    asked = ["run", "--data", DATA, "--plan", "nam-dinh-105", "--only", "366", "--lang", "vi"]
    asked += ["--as-of", "2024-12-31", "--out", str(tmp_path / "ra"), "--scenario", str(given)]
    assert main(asked) == 0
    output = capsys.readouterr()
    first = Path(output.out.strip()).parent
    assert "1 báo cáo mới làm" in output.err
    page = next(first.glob("366*/area_report.html")).read_text(encoding="utf-8")
    assert "Nếu như (giả định)" in page
    assert (first / "scenarios" / given.name).read_bytes() == given.read_bytes()
    assert main(asked) == 0
    assert "không có gì thay đổi" in capsys.readouterr().err
    text = given.read_text(encoding="utf-8")
    given.write_text(text.replace("times: 2", "times: 3"), encoding="utf-8", newline="\n")
    assert main(["verify", str(first), "--data", DATA]) == 0  # it keeps what it was made from
    assert "giống nhau từng byte" in capsys.readouterr().out


def test_another_scenario_of_the_same_name_is_another_report(
    tmp_path: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KTS_DATA", DATA)
    path = tmp_path / "mot.yml"
    text = (ROOT / "data" / "scenarios" / "tang-toc-2025.yml").read_text(encoding="utf-8")
    keys = []
    for times in (2, 3):
        path.write_text(text.replace("times: 2", f"times: {times}"), encoding="utf-8")
        chosen = plan_units(registry, ["nam-dinh-105"], only=["36", "366"], scenario=path)
        hashes = input_hashes(ROOT / "data", ROOT / "notebooks", path)
        assert "data/scenarios/mot.yml" in hashes
        keys.append(unit_keys([unit.as_json() for unit in chosen], hashes)["keys"])
    changed = {label for label in keys[0] if keys[0][label] != keys[1][label]}
    assert changed == {"366-huyen-hai-hau/area_report", "36-tinh-nam-dinh/province_report"}
