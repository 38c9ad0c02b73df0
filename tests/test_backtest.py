"""The backtest: the cases, no look ahead, the measures by hand and against the public scorer."""

from __future__ import annotations

import gzip
import importlib.util
import json
import math
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from kts_analysis.backtest import lines, statsforecast_peers
from kts_analysis.backtest.bootstrap import bootstrap
from kts_analysis.backtest.cases import choose_cases, runs, thresholds
from kts_analysis.backtest.evidence import (
    calibration_line,
    calibration_note,
    load_evidence,
    main_method,
)
from kts_analysis.backtest.evidence_file import make_evidence, write_evidence
from kts_analysis.backtest.methods import Method, choose_methods
from kts_analysis.backtest.panel_files import panels_at, read_panels
from kts_analysis.backtest.panels import Panel, data_hash, panel_of_observations
from kts_analysis.backtest.rolling import Outcomes, run_method
from kts_analysis.backtest.scores import (
    bin_of,
    errors,
    interval_score,
    reliability,
    summarise,
    weighted_interval_score,
)
from kts_analysis.backtest.trial import overall, run_trial
from kts_analysis.commands.backtest_tables import backtest
from kts_analysis.errors import KtsError, ProblemsError
from kts_analysis.i18n import Messages
from kts_analysis.pages.backtest import BacktestReport

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "validation"
EN = Messages("en")
INDICATORS = ["c_internet", "c_3g", "k_bb100", "e_bbhh", "c_mobile", "m3_year"]


def toy_panel(units: int = 12, years: int = 16, **fields: Any) -> Panel:
    """A panel of rising rates, the same on every machine."""
    random = np.random.RandomState(7)
    start = random.uniform(5, 30, size=(units, 1))
    values = start + np.cumsum(random.normal(2.5, 1.5, size=(units, years)), axis=1)
    names = tuple(f"u{place:02d}" for place in range(units))
    return replace(Panel("toy", names, 2001, np.clip(values, 0, 100)), **fields)


def one(name: str) -> Method:
    return choose_methods([name])[0]


# --- cases ----------------------------------------------------------------------------------------


def test_runs_count_consecutive_years_on_both_sides() -> None:
    nan = math.nan
    behind, ahead = runs(np.array([[1, 2, nan, 4, 5, 6], [nan, nan, 1, nan, 2, nan]]))
    assert behind.tolist() == [[1, 2, 0, 1, 2, 3], [0, 0, 1, 0, 1, 0]]
    assert ahead.tolist() == [[1, 0, 0, 2, 1, 0], [0, 0, 0, 0, 0, 0]]
    long_behind, long_ahead = runs(np.ones((1, 12)))
    assert (long_behind.max(), long_ahead.max()) == (8, 6)


def test_cases_leave_out_what_stands_still_or_ends_at_a_bound() -> None:
    rising = [10.0, 20, 30, 40]
    still = [50.0, 50.05, 50, 50]
    top = [97.0, 98, 99.6, 99.7]
    zero = [2.0, 1, 0, 5]
    panel = Panel(
        "x", ("rising", "still", "top", "zero"), 2001, np.array([rising, still, top, zero])
    )
    cases = choose_cases([panel], per_indicator=50)
    assert cases["unit"].tolist() == []  # 3 points and one year ahead say too little
    longer = [[*row, row[-1] + 1] for row in panel.values.tolist()]
    cases = choose_cases([replace(panel, values=np.array(longer))], per_indicator=50)
    found = set(zip(cases["unit"], cases["column"], strict=True))
    # "still" moves one point in the last year only, so no run of it before that is a case.
    assert found == {("rising", 2), ("rising", 3), ("zero", 3)}


def test_cases_are_the_same_every_time_and_follow_the_seed() -> None:
    panel = toy_panel()
    cases = choose_cases([panel], per_indicator=10)
    assert len(cases) == 10
    pd.testing.assert_frame_equal(cases, choose_cases([panel], per_indicator=10))
    other = choose_cases([panel], per_indicator=10, seed="v2")
    assert other[["unit", "column"]].values.tolist() != cases[["unit", "column"]].values.tolist()
    assert cases["scale"].iloc[0] == pytest.approx(np.abs(np.diff(panel.values)).mean())


def test_thresholds_by_hand() -> None:
    panel = toy_panel()
    asked = thresholds(panel, np.array([60.0, 97.0]), np.array([2.0, 2.0]), 3)
    nan = math.nan
    np.testing.assert_array_equal(asked[0], [50, 70, 80, nan, 57, 63, 66, 72])
    np.testing.assert_array_equal(asked[1], [nan, nan, 80, 90, 94, nan, nan, nan])
    free = replace(panel, bounds=(None, None))
    assert np.isnan(thresholds(free, np.array([60.0]), np.array([2.0]), 1)[0, :4]).all()


# --- nothing of the future ------------------------------------------------------------------------


@pytest.mark.parametrize("shares", [True, False])
@pytest.mark.parametrize("gaps", [True, False])
def test_no_method_sees_the_future(shares: bool, gaps: bool) -> None:
    panel, seen = toy_panel(), []

    def spy(years: Any, values: Any, target: float, bounds: Any) -> lines.StudentForecasts:
        seen.append((years[-1], target, values))
        return lines.no_change(years, values, target, bounds)

    cases = choose_cases([panel], per_indicator=8)
    method = Method("spy", "spy", spy, shares=shares)
    run_method([panel], cases, method, gaps=gaps)
    assert seen
    for last, target, values in seen:
        assert 1 <= target - last <= 6
        column = int(last) - panel.first_year
        shown = values[np.isfinite(values)]
        assert np.isin(shown, panel.values[:, : column + 1]).all()
        assert not np.isin(shown, panel.values[:, column + 1 :]).any()
        assert len(values) == (len(panel.units) if shares else len(values))
        holes = np.isnan(values)
        assert not holes[:, [0, -2, -1]].any()
        wanted = 1 if gaps and values.shape[1] >= 4 else 0
        assert (holes.sum(axis=1) == wanted).all()


def test_a_cut_panel_has_so_many_units_and_the_cases_own_first() -> None:
    panel, sizes = toy_panel(), set()

    def spy(years: Any, values: Any, target: float, bounds: Any) -> lines.StudentForecasts:
        sizes.add(len(values))
        return lines.no_change(years, values, target, bounds)

    cases = choose_cases([panel], per_indicator=8)
    cut = run_method([panel], cases, Method("spy", "spy", spy, shares=True, peers=5))
    assert sizes == {5}
    alone = run_method([panel], cases, one("no_change"))
    key = ["case", "n", "h"]
    pd.testing.assert_frame_equal(
        cut.forecasts.sort_values(key, ignore_index=True),
        alone.forecasts.sort_values(key, ignore_index=True),
    )


def test_each_projection_is_compared_with_the_year_it_is_for() -> None:
    values = np.array([[10.0, 20, 30, 33, 35, 38, 41, 49, 60]])
    panel = Panel("one", ("u",), 2001, values)
    cases = choose_cases([panel], per_indicator=50)
    said = run_method(
        [panel], cases[cases["column"] == 3], one("no_change"), windows=(3,)
    ).forecasts
    assert said["value"].tolist() == [35.0, 38.0, 41.0, 49.0, 60.0]
    assert said["h"].tolist() == [1, 2, 3, 4, 5]
    assert said["median"].tolist() == [33.0] * 5
    asked = run_method([panel], cases[cases["column"] == 3], one("line"), windows=(3,)).chances
    near = asked[(asked["threshold"] == 50) & (asked["h"] >= 4)]
    assert near["came"].tolist() == [0.0, 1.0]


def test_an_abstention_is_counted_and_scored_as_no_change() -> None:
    panel = toy_panel()
    cases = choose_cases([panel], per_indicator=8)

    def silent(years: Any, values: Any, target: float, bounds: Any) -> lines.StudentForecasts:
        nothing = np.full(len(values), math.nan)
        return lines.StudentForecasts(nothing, nothing, nothing)

    said = run_method([panel], cases, Method("silent", "silent", silent))
    base = run_method([panel], cases, one("no_change"))
    assert said.forecasts["abstained"].eq(1).all()
    columns = said.forecasts.columns.drop("abstained")
    pd.testing.assert_frame_equal(said.forecasts[columns], base.forecasts[columns])
    pd.testing.assert_frame_equal(said.chances, base.chances)
    assert summarise(said)["abstained"].tolist() == [100.0]
    assert summarise(base)["abstained"].tolist() == [0.0]


# --- the plain methods ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["line", "time_weighted"])
@settings(max_examples=60)
@given(
    values=st.lists(st.floats(0, 100).map(lambda x: round(x, 3)), min_size=4, max_size=9),
    hole=st.integers(0, 8),
    ahead=st.integers(1, 6),
)
def test_lines_equal_statsmodels(name: str, values: list[float], hole: int, ahead: int) -> None:
    years = 2010.0 + np.arange(len(values))
    row = np.array(values)
    if hole < len(values):
        row[hole] = math.nan
    known = np.isfinite(row)
    made = one(name).predict(years, row[None, :], years[-1] + ahead, (0.0, 100.0))
    when = years[known] - years[-1]
    weights = when - when[0] + 1 if name == "time_weighted" else np.ones(known.sum())
    fit = sm.WLS(row[known], sm.add_constant(when, has_constant="add"), weights=weights).fit()
    said = fit.get_prediction(np.array([[1.0, ahead]]))
    low, high = said.conf_int(obs=True, alpha=0.2)[0]
    assert made.median[0] == pytest.approx(said.predicted_mean[0], abs=1e-8)
    assert made.interval(0.8)[0][0] == pytest.approx(low, abs=1e-6, rel=1e-8)
    assert made.interval(0.8)[1][0] == pytest.approx(high, abs=1e-6, rel=1e-8)


def test_a_line_needs_three_points() -> None:
    row = np.array([[1.0, math.nan, 3.0]])
    made = lines.line(np.arange(3.0), row, 4.0, (0.0, 100.0))
    assert np.isnan(made.median[0]) and np.isnan(made.interval(0.8)[0][0])


def test_no_change_by_hand() -> None:
    values = np.array([[10.0, 13.0, 9.0], [10.0, math.nan, 16.0]])
    made = lines.no_change(np.array([2001.0, 2002.0, 2003.0]), values, 2007.0, (0.0, 100.0))
    assert made.median.tolist() == [9.0, 16.0]
    # root of the mean squared step, (9 + 16)/2 and 36 over two years, times the root of 4 years
    assert made.spread == pytest.approx([2 * math.sqrt(12.5), 2 * math.sqrt(18)])
    assert made.df.tolist() == [2.0, 1.0]
    assert made.probability(np.array([9.0, 16.0]), ">=") == pytest.approx([0.5, 0.5])
    below = made.probability(20.0, "<=") + made.probability(20.0, ">")
    assert below == pytest.approx([1.0, 1.0])


def test_methods_by_name() -> None:
    chosen = choose_methods(["panel-10", "panel", "line", "line"], peers=4)
    assert [(entry.name, entry.peers) for entry in chosen] == [
        ("panel-10", 10),
        ("panel", 4),
        ("line", None),
    ]
    with pytest.raises(KtsError, match="unknown method nonsense; there are panel, series"):
        choose_methods(["nonsense"])
    with pytest.raises(KtsError, match="unknown method panel-0"):
        choose_methods(["panel-0"])


@pytest.mark.skipif(not statsforecast_peers.installed(), reason="NOT RUN: no statsforecast")
def test_statsforecast_runs_on_the_same_cases_and_its_refusals_are_counted() -> None:
    panel = toy_panel(units=6)
    cases = choose_cases([panel], per_indicator=3)
    drift = run_method([panel], cases, one("statsforecast-drift"))
    base = run_method([panel], cases, one("line"))
    key = ["case", "n", "h", "value"]
    pd.testing.assert_frame_equal(drift.forecasts[key], base.forecasts[key])
    first = drift.forecasts.iloc[0]
    window = panel.values[cases.iloc[0]["row"], : cases.iloc[0]["column"] + 1][-3:]
    assert first["median"] == pytest.approx(window[-1] + (window[-1] - window[0]) / 2)
    smooth = run_method([panel], cases, one("statsforecast-ets")).forecasts
    assert smooth[smooth["n"] == 3]["abstained"].eq(1).all()


# --- measures -------------------------------------------------------------------------------------


def test_interval_scores_by_hand() -> None:
    assert interval_score([5, 1, 12], 2, 10, 0.8).tolist() == pytest.approx([8, 18, 28])
    wis = weighted_interval_score([1.0], [6.0], {0.8: ([2.0], [10.0]), 0.95: ([0.0], [12.0])})
    assert wis.tolist() == pytest.approx([(0.5 * 5 + 0.1 * 18 + 0.025 * 12) / 2.5])
    more = weighted_interval_score([6.0], [6.0], {0.5: (5, 7), 0.8: (2, 10), 0.95: (0, 12)})
    assert more.tolist() == pytest.approx([(0.25 * 2 + 0.1 * 8 + 0.025 * 12) / 3.5])


def outcomes_of(rows: list[tuple[Any, ...]], chances: list[tuple[Any, ...]]) -> Outcomes:
    columns = [
        "indicator",
        "unit",
        "value",
        "median",
        "lo50",
        "hi50",
        "lo80",
        "hi80",
        "lo95",
        "hi95",
        "scale",
    ]
    forecasts = pd.DataFrame(rows, columns=columns).assign(case=0, n=3, h=1, abstained=0.0)
    asked = pd.DataFrame(chances, columns=["indicator", "unit", "chance", "came"])
    return Outcomes(forecasts, asked.assign(case=0, n=3, h=1, threshold=0.0))


def made_up() -> Outcomes:
    return outcomes_of(
        [
            ("a", "u", 5.0, 6.0, 5.0, 7.0, 4.0, 8.0, 2.0, 10.0, 2.0),
            ("a", "v", 9.0, 6.0, 5.0, 7.0, 4.0, 8.0, 2.0, 10.0, 2.0),
            ("b", "u", 0.0, 6.0, 5.0, 7.0, 4.0, 8.0, 2.0, 10.0, 1.0),
            ("c", "u", 8.0, 6.0, 5.0, 7.0, 4.0, 8.0, 2.0, 10.0, 1.0),
        ],
        [("a", "u", 0.8, 1.0), ("a", "v", 0.6, 0.0), ("b", "u", 1.0, 1.0), ("b", "u", math.nan, 0)],
    )


def test_every_indicator_weighs_the_same() -> None:
    found = summarise(made_up()).iloc[0]
    assert found["mae"] == pytest.approx(((1 + 3) / 2 + 6 + 2) / 3)
    assert found["scaled_error"] == pytest.approx(((0.5 + 1.5) / 2 + 6 + 2) / 3)
    assert found["cover50"] == pytest.approx((50 + 0 + 0) / 3)  # an outcome on the end is inside
    assert found["cover80"] == pytest.approx((50 + 0 + 100) / 3)
    assert found["cover95"] == pytest.approx((100 + 0 + 100) / 3)
    assert found["brier"] == pytest.approx(((0.04 + 0.36) / 2 + 0) / 2)
    logs = [-math.log(0.8), -math.log(0.4), -math.log(0.995)]
    assert found["log_score"] == pytest.approx(((logs[0] + logs[1]) / 2 + logs[2]) / 2)
    assert found["calibration_error"] == pytest.approx((0.2 + 0.6 + 0) / 3)
    assert (found["forecasts"], found["statements"]) == (4, 3)
    assert errors(made_up().forecasts)["wis"].tolist()[0] == pytest.approx((0.5 + 0.4 + 0.2) / 2.5)


def test_reliability_counts() -> None:
    table = reliability(made_up().chances)
    assert table["count"].tolist() == [0, 0, 0, 0, 0, 0, 1, 0, 1, 1]
    assert table["came"].tolist() == [0, 0, 0, 0, 0, 0, 0, 0, 1, 1]
    assert table["series"].sum() == 3
    assert table["said"].isna().sum() == 7
    assert bin_of(np.array([0.0, 0.0999, 0.1, 0.95, 1.0])).tolist() == [0, 0, 1, 9, 9]


@settings(max_examples=30)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_reliability_loses_nothing(said: list[tuple[float, bool]]) -> None:
    chances = pd.DataFrame(said, columns=["chance", "came"]).assign(indicator="a", unit="u")
    chances["came"] = chances["came"].astype(float)
    table = reliability(chances)
    assert table["count"].sum() == len(said)
    assert table["came"].sum() == chances["came"].sum()
    assert (table["came"] <= table["count"]).all() and (table["series"] <= table["count"]).all()


def test_bootstrap_draws_whole_areas() -> None:
    panel = toy_panel()
    cases = choose_cases([panel], per_indicator=20)
    ours, base = (run_method([panel], cases, one(name)) for name in ("no_change", "line"))
    spread = bootstrap(ours, draws=200)
    pd.testing.assert_frame_equal(spread, bootstrap(ours, draws=200))
    figures = summarise(ours).iloc[0]
    for measure in ("mae", "wis", "brier", "cover80", "calibration_error"):
        assert spread.loc[measure, "low"] <= figures[measure] + 0.05 * abs(figures[measure])
        assert figures[measure] <= spread.loc[measure, "high"]
    assert spread.loc["mae", "low"] < figures["mae"] < spread.loc["mae", "high"]
    same = bootstrap(base, base, draws=50)
    assert same.to_numpy() == pytest.approx(1.0)
    single = ours.forecasts["unit"] == ours.forecasts["unit"].iloc[0]
    alone = ours.chances["unit"] == ours.forecasts["unit"].iloc[0]
    lone = bootstrap(Outcomes(ours.forecasts[single], ours.chances[alone]), draws=20)
    assert lone["low"].to_numpy() == pytest.approx(lone["high"].to_numpy())  # one area: no spread


# --- the scorer that defines the measures ---------------------------------------------------------


def scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("scorer", SHARED / "scorer.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def median_pace(years: Any, values: Any, target: float, bounds: Any) -> lines.StudentForecasts:
    """A toy method that shares: each unit's last value plus the median pace of all."""
    pace = np.nanmedian((values[:, -1] - values[:, 0]) / (years[-1] - years[0]))
    middle = values[:, -1] + pace * (target - years[-1])
    spread = np.full(len(values), 1.0 + np.nanstd(values[:, -1] - values[:, -2]))
    return lines.StudentForecasts(middle, spread, np.full(len(values), 5.0))


def as_scorer_wants(predict: Any, panel: bool) -> Any:
    def rows(
        years: Any, values: Any, target: float, lower: Any, upper: Any
    ) -> list[tuple[Any, ...]]:
        made = predict(
            np.asarray(years, float), np.atleast_2d(values), float(target), (lower, upper)
        )
        (l80, h80), (l95, h95) = made.interval(0.8), made.interval(0.95)
        return [
            (
                made.median[i], l80[i], h80[i], l95[i], h95[i],
                lambda threshold, i=i: float(made.probability(threshold)[i]),
            )
            for i in range(len(made.median))
        ]  # fmt: skip

    return rows if panel else lambda *arguments: rows(*arguments)[0]


@pytest.mark.skipif(not SHARED.is_dir(), reason="NOT RUN: ../shared/validation is not here")
@pytest.mark.parametrize(
    ("name", "peers", "gaps"),
    [
        ("line", None, False),
        ("line", None, True),
        ("no_change", None, False),
        ("shares", None, False),
        ("shares", None, True),
        ("shares", 10, False),
        ("shares", 10, True),
    ],
)
def test_cases_and_measures_equal_the_scorer(name: str, peers: int | None, gaps: bool) -> None:
    path, judge = SHARED / "public.csv.gz", scorer()
    theirs = judge.Cases(str(path), per_indicator=8, indicators=INDICATORS)
    panels = [panel for panel in read_panels(path) if panel.indicator in INDICATORS]
    cases = choose_cases(panels, per_indicator=8)
    ours = [
        tuple(row) for row in cases[["indicator", "row", "column", "behind", "ahead"]].to_numpy()
    ]
    keys = ("indicator", "ui", "t", "L", "F")
    assert ours == [tuple(row[key] for key in keys) for row in theirs.rows]

    method = Method("shares", "", median_pace, shares=True, peers=peers)
    method = method if name == "shares" else one(name)
    said = run_method(panels, cases, method, gaps=gaps)
    call = as_scorer_wants(method.predict, method.shares)
    forecasts, chances = judge.run(theirs, call, panel=method.shares, gaps=gaps, peers=peers)
    found = said.forecasts.sort_values(["case", "n", "h"])
    wanted = forecasts.sort_values(["cid", "n", "h"])
    for mine, other in (("median", "point"), ("lo80", "lo80"), ("hi95", "hi95"), ("value", "y")):
        assert found[mine].to_numpy() == pytest.approx(wanted[other].to_numpy(), abs=1e-6)
    assert len(said.chances) == len(chances)

    percent = cases["kind"].isin(["adoption", "share"])
    part = run_method(panels, cases[percent], method, gaps=gaps)
    names = {
        "ae": "mae", "sae": "scaled_error", "wis": "wis", "swis": "scaled_wis", "brier": "brier",
        "log": "log_score", "ece": "calibration_error",
    }  # fmt: skip
    for by in ((), ("h",), ("n", "h")):
        table = judge.summarise(forecasts, chances, by, ["adoption", "share"])
        mine = summarise(part, by)
        for other, column in names.items():
            assert mine[column].to_numpy() == pytest.approx(table[other].to_numpy(), abs=1e-6)
        for level in ("80", "95"):
            assert mine[f"cover{level}"].to_numpy() == pytest.approx(100 * table[f"c{level}"])


# --- panel files ----------------------------------------------------------------------------------


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def test_a_panel_file_plain_and_packed(tmp_path: Path) -> None:
    text = "year,indicator,unit,value,note\n2021,a,Hà Nội,50,x\n2023,a,Hà Nội,,\n2022,b,7,250\n"
    plain = write(tmp_path / "p.csv", text)
    write(tmp_path / "p.json", '{"b": {"lower": 0, "upper": null, "kind": "unbounded"}}')
    first, second = read_panels(plain)
    assert (first.indicator, first.units, first.bounds, first.first_year) == (
        "a", ("Hà Nội",), (0.0, 100.0), 2021,
    )  # fmt: skip
    assert first.values.tolist() == [[50.0]]
    assert (second.bounds, second.kind, second.units) == ((0, None), "unbounded", ("7",))
    packed = tmp_path / "q.csv.gz"
    packed.write_bytes(gzip.compress(text.replace("250", "25").encode()))
    assert [panel.indicator for panel in read_panels(packed)] == ["a", "b"]


def test_a_panel_file_says_everything_that_is_wrong(tmp_path: Path) -> None:
    rows = "a,u,2021,5\na,u,2021,6\na,,20x,many\na,u,2022,101\nb,u,2021,nan\n"
    path = write(tmp_path / "p.csv", "indicator,unit,year,value\n" + rows)
    card = '{"a": {"lower": 9, "upper": "x", "kind": "odd"}, "zz": {"lower": 5, "upper": 5}}'
    write(tmp_path / "p.json", card)
    with pytest.raises(ProblemsError) as caught:
        read_panels(path)
    places = [(problem.file, problem.row, problem.column) for problem in caught.value.problems]
    assert places == [
        ("p.csv", 4, "unit"),
        ("p.csv", 4, "year"),
        ("p.csv", 4, "value"),
        ("p.csv", 6, "value"),
        ("p.csv", 3, "year"),
        ("p.json", None, "a.upper"),
        ("p.json", None, "a.kind"),
        ("p.json", None, "zz"),
        ("p.json", None, "zz.lower"),
    ]
    assert "a u 2021 stands twice" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("indicator,unit,value\na,u,1\n", r"p.csv:1 \[year\]: the column is missing"),
        ("indicator,unit,year,value\na,u,2021,101\n", r"p.csv:2 \[value\]: value 101.0 of a lies"),
        ("indicator,unit,year,value\n", "p.csv: the file holds no figures"),
        ("indicator,unit,year,value\na,u,2021\n", "p.csv: the file holds no figures"),
    ],
)
def test_a_wrong_panel_file_names_the_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(KtsError, match=words):
        read_panels(write(tmp_path / "p.csv", text))


def test_a_panel_file_that_is_not_there_or_not_packed(tmp_path: Path) -> None:
    with pytest.raises(KtsError, match="there is no file or folder"):
        panels_at(tmp_path / "none.csv")
    broken = tmp_path / "p.csv.gz"
    broken.write_bytes(b"not packed")
    with pytest.raises(KtsError, match="cannot be read as UTF-8 CSV"):
        read_panels(broken)
    write(tmp_path / "p.csv", "indicator,unit,year,value\na,u,2021,1\n")
    write(tmp_path / "p.json", "[")
    with pytest.raises(KtsError, match="cannot be read as JSON"):
        read_panels(tmp_path / "p.csv")


def test_own_observations_as_panels(data_folder: Path) -> None:
    panels = {panel.indicator: panel for panel in panel_of_observations(data_folder)}
    name = "XHS01/district_report/nam-dinh-105/district"
    sample, second = panels[name], panels["XHS01/district_report/yen-bai-231/district"]
    assert sample.synthetic and len(sample.units) == 10 and len(second.units) == 9
    assert not any({"36", "356"} <= set(panel.units) for panel in panels.values())  # two levels
    country = panels["KTS03/moit_b2c_share"]
    assert not country.synthetic and country.units == ("VN",)
    assert len(data_hash(data_folder)) == 64
    then = {p.indicator: p for p in panel_of_observations(data_folder, as_of="2023-06-30")}
    earlier = then[name]
    last, last_then = (p.first_year + p.values.shape[1] - 1 for p in (sample, earlier))
    assert last_then == 2022 < last
    with pytest.raises(KtsError, match="no publication dates"):
        panels_at(data_folder / "areas.csv", as_of="2023-06-30")
    with pytest.raises(KtsError, match="nothing can be tested"):
        run_trial([panels["KTS01/nso_grdp"]], choose_methods(["line"]))


# --- the evidence file and its sentence -----------------------------------------------------------


@pytest.fixture(scope="module")
def evidence() -> dict[str, Any]:
    panels = [toy_panel(), replace(toy_panel(), indicator="other", kind="unbounded")]
    trial = run_trial(panels, choose_methods(["series", "no_change", "line"]), per_indicator=12)
    return make_evidence(
        trial, Path(__file__), date(2026, 1, 31), ["toy", "made up"], per_indicator=12
    )


def test_evidence_says_what_it_was_made_from(evidence: dict[str, Any], tmp_path: Path) -> None:
    about = evidence["about"]
    assert (about["data"], about["date"], about["note"]) == (
        "test_backtest.py",
        "2026-01-31",
        {"vi": "toy", "en": "made up"},
    )
    assert (about["indicators"], about["indicators_left_out"]) == (1, 1)
    assert (about["units"], about["cases"], about["per_indicator"]) == (12, 12, 12)
    ours = evidence["methods"]["series"]
    counts = ours["reliability"]
    for names in (["h1-2", "h3-4", "h5-6"], ["n3", "n4", "n5", "n6", "n8"]):
        for place in range(10):
            parts = sum(counts[name][place]["count"] for name in names)
            assert parts == counts["all"][place]["count"]
    assert evidence["methods"]["line"]["ratio"]["mae"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert "u01" not in json.dumps(evidence)  # figures of the test only, nothing of the panel
    for name in ("one.json", "two.json"):
        write_evidence(evidence, tmp_path / name)
    text = (tmp_path / "one.json").read_text(encoding="utf-8")
    assert text == (tmp_path / "two.json").read_text(encoding="utf-8")
    assert json.loads(text) == evidence


def test_the_shipped_evidence_is_whole_and_speaks_for_the_reports() -> None:
    shipped = load_evidence()
    assert {"panel", "panel-10", "series", "line", "no_change"} <= set(shipped["methods"])
    assert main_method(shipped) == "panel" and not shipped["about"]["synthetic"]
    for entry in shipped["methods"].values():
        bins = entry["reliability"]["all"]
        assert sum(part["count"] for part in bins) == sum(
            row["statements"] for row in entry["by_h"]
        )
        assert sum(row["forecasts"] for row in entry["by_n_h"]) == sum(
            row["forecasts"] for row in entry["by_n"]
        )
    part = shipped["methods"]["panel"]["reliability"]["h3-4"][7]
    share = f"{round(100 * part['came'] / part['count'])}% of {part['count']:,} cases"
    assert share in calibration_line(0.74, EN, horizon=3.5)


def record(count: int, came: int) -> dict[str, Any]:
    """Evidence with the same counts in each bin, and three more far ahead."""
    near = [{"count": count, "came": came, "said": 0.5, "series": 1}] * 10
    groups = {"all": near, "h1-2": near, "h3-4": near}
    groups["h5-6"] = [{"count": count + 3, "came": came + 3, "said": 0.5, "series": 1}] * 10
    about = {"indicators": 20, "units": 1532, "date": "2026-01-31", "synthetic": False}
    return {"about": about, "methods": {"panel": {"reliability": groups}}, "order": ["panel"]}


def test_calibration_line() -> None:
    line = calibration_line(0.74, EN, record(312, 231))
    assert line == (
        "When we said 70–80% (50% on average), it came true in 74% of 312 cases "
        "(tried on 20 indicators in 1,532 areas of other countries, 31 January 2026)."
    )
    assert "90–100%" in calibration_line(1.0, EN, record(312, 231))
    assert "of 315 cases" in calibration_line(0.1, EN, record(312, 231), horizon=4.5)
    assert "10–20% (50% on average), it came true in 74% of 312" in calibration_line(
        0.1, EN, record(312, 231), 4
    )
    few = calibration_line(0.74, EN, record(29, 29))
    assert "only 29 such cases" in few and "100%" not in few
    far = calibration_line(0.74, EN, record(312, 231), horizon=6.1)
    assert far == "Projections more than 6 years ahead were not checked against what came."
    assert calibration_line(math.nan, EN, record(312, 231)) == ""
    with pytest.raises(ValueError, match="between 0 and 1, found 74"):
        calibration_line(74, EN, record(312, 231))
    with pytest.raises(ValueError, match="no method"):
        calibration_line(0.5, EN, record(312, 231), method="line")


def test_calibration_note_links_to_the_proof() -> None:
    note = calibration_note(0.74, EN, record(312, 231), href="../backtest.html?a&b")
    assert note.endswith('<a href="../backtest.html?a&amp;b">How this was checked</a>')
    synthetic = record(312, 231)
    synthetic["about"]["synthetic"] = True
    assert "SYNTHETIC" in calibration_note(0.74, EN, synthetic)


# --- the command and the page ---------------------------------------------------------------------


def test_the_command_prints_the_table_and_keeps_the_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    panel = toy_panel()
    rows = [
        {"indicator": "toy", "unit": unit, "year": 2001 + place, "value": value}
        for unit, series in zip(panel.units, panel.values, strict=True)
        for place, value in enumerate(series)
    ]
    path, save = tmp_path / "panel.csv", tmp_path / "new" / "evidence.json"
    pd.DataFrame(rows).to_csv(path, index=False)
    backtest(path, EN, methods=["no_change"], per_indicator=10, save=save, day="2026-01-31")
    shown = capsys.readouterr().out
    assert re.search(r"^no_change +\d+\.\d\d ", shown, re.M)
    assert re.search(r"^line +1\.00 \(1\.00–1\.00\)", shown, re.M)
    assert "10 cases of 1 indicators" in shown
    kept = json.loads(save.read_text(encoding="utf-8"))
    assert kept["order"] == ["no_change", "line"]
    mae = kept["methods"]["no_change"]["overall"]["mae"]["value"]
    assert f"{mae:.2f}" in shown
    with pytest.raises(KtsError, match="--save needs --date"):
        backtest(path, EN, save=save)
    with pytest.raises(KtsError, match="is not a date"):
        backtest(path, EN, save=save, day="31/01/2026")


def test_a_method_that_is_not_installed_is_skipped_and_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statsforecast_peers, "installed", lambda: False)
    text = "".join(f"a,u,{2001 + place},{10 + place * place}\n" for place in range(9))
    path = write(tmp_path / "p.csv", "indicator,unit,year,value\n" + text)
    backtest(path, EN, methods=["statsforecast-drift"])
    told = capsys.readouterr()
    assert "statsforecast-drift is skipped" in told.err
    assert re.search(r"^line ", told.out, re.M) and "statsforecast" not in told.out


def test_overall_holds_each_form(evidence: dict[str, Any]) -> None:
    trial = run_trial([toy_panel()], choose_methods(["no_change"]), per_indicator=5)
    assert set(overall(trial)["form"]) == {"figure"}  # no line was run: nothing to divide by


def test_the_page_shows_the_evidence_and_marks_what_is_synthetic(
    evidence: dict[str, Any], data_folder: Path
) -> None:
    page = BacktestReport(evidence, EN, str(data_folder))
    assert "31 January 2026" in page.header().data
    ratio = evidence["methods"]["series"]["ratio"]["mae"]["value"]
    assert f"is {100 * ratio:.0f}% of a straight line" in page.figures().data
    _, figure, table = page.reliability()
    points = figure.data[1:]
    drawn = sum(len(trace["x"]) for trace in points)
    counts = evidence["methods"]["series"]["reliability"]["all"]
    assert drawn == sum(entry["count"] > 0 for entry in counts)
    assert "SYNTHETIC" not in table.data
    block, live = page.live()
    assert "SYNTHETIC DATA" in block.data and "SYNTHETIC</strong></span></caption>" in block.data
    assert "SYNTHETIC DATA" in str(live.layout["annotations"][0]["text"])
    assert "SYNTHETIC" not in page.published().data
    assert "3 figures" in page.coverage().data
    assert len(page.horizons()[1].data) == 3


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_dir(), reason="NOT RUN: ../shared/validation is not here")
def test_the_shipped_evidence_is_what_the_code_gives() -> None:
    """The evidence was made by this method, not by an earlier one: one line of it anew."""
    panels = read_panels(SHARED / "public.csv.gz")
    outcomes = run_trial(panels, choose_methods(["panel"])).outcomes["panel"]
    found = summarise(outcomes).iloc[0]
    shipped = load_evidence()["methods"]["panel"]["overall"]
    for measure in ("mae", "wis", "brier", "cover80", "cover95"):
        assert found[measure] == pytest.approx(shipped[measure]["value"], abs=1e-3), measure
