"""The official rules: published figures, the edge cases decided one by one, disagreement."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from statsmodels.regression.linear_model import WLS

from kts_analysis.rules import (
    RULES,
    Grade,
    aggregate,
    by_step,
    disagree,
    evaluate,
    past_years,
    side_by_side,
    stability,
    yearly,
)
from kts_analysis.rules.compare import FALLING, RISING, grade_distance
from kts_analysis.rules.escap import weighted_line
from kts_analysis.rules.eurostat import growth_score as eurostat_growth_score
from kts_analysis.rules.eurostat import target_score as eurostat_score
from kts_analysis.rules.jmp import estimates, national, nested
from kts_analysis.rules.paths import keep_better, required_rate, straight_path, trimmed
from kts_analysis.rules.reduction import average_reduction, log_rate, reduction_of_slope
from kts_analysis.rules.statcan import growth_score, limit_factor, target_score
from kts_analysis.rules.unsd import GROWTH_BANDS, RATIO_BANDS, score
from kts_analysis.rules.words import EVIDENCE, GRADES, MEASURES, REASONS, RULE_NAMES, STEPS

# Poverty rate of Canada, CIF 1-1-1, target 7.25 in 2030. Source: Statistics Canada,
# sdg-data-canada-odd-donnees/cif-data-donnees-cic (commit d38e805).
POVERTY = dict(
    zip(range(2015, 2024), [14.5, 12.9, 11.9, 11.2, 10.5, 6.5, 7.6, 10.3, 10.4], strict=True)
)
TO_2030: dict[str, Any] = {
    "target": 7.25,
    "target_year": 2030,
    "base_year": 2015,
    "direction": -1,
}
GROWING = ("statcan", "eurostat", "eustat", "unsd", "unsd_2023")
GRADING = tuple(rule for rule in RULES if rule != "jmp")


def rising(rule: str, series: Mapping[float, Any], **more: Any) -> Grade:
    """Ask a rule about a percent that should reach 80 by 2025, measured from 2020."""
    usual: dict[str, Any] = {"target": 80, "target_year": 2025, "base_year": 2020, "direction": 1}
    return evaluate(rule, series, **(usual | more))


def falling(rule: str, series: Mapping[float, Any], **more: Any) -> Grade:
    return rising(rule, series, **({"target": 10, "direction": -1} | more))


# --- published figures ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("series", "asked", "status", "progress", "published_score"),
    [
        # Canadian Indicator Framework, indicator_calculation_components.yml, commit d38e805:
        # 1-1-1, with a target
        (
            POVERTY, TO_2030,
            "moderate_progress", 0.9010899546976208, 2.1506954374096354,
        ),
        # 1-2-1, no target, natural limit 100; the base year 2015 has no figure
        (
            {2012: 65.3, 2016: 66.6, 2019: 67.1, 2023: 71.4},
            {"base_year": 2015, "direction": 1, "limit": 100},
            "moderate_progress", 0.009991483690946268, 1.739752850099936,
        ),
        # 1-3-1, no target, no limit
        (
            {2015: 178.8, 2025: 173.3}, {"base_year": 2015, "direction": -1},
            "limited_progress", 0.003119490847657058, -0.9402545761714709,
        ),
        # 9-4-1, near its limit
        (
            {2015: 97.4, 2022: 99.7}, {"base_year": 2015, "direction": 1, "limit": 100},
            "substantial_progress", 0.003339774133456208, 5.0,
        ),
        # 3-4-1 and 9-7-1: at the target, whatever the trend
        (
            {2015: 8.1, 2024: 6.8},
            {"target": 8.0, "target_year": 2025, "base_year": 2015, "direction": -1},
            "target_achieved", 15.505871214397729, 5.0,
        ),
        (
            {2015: 58.2, 2025: 59.5},
            {"target": 50.0, "target_year": 2030, "base_year": 2015, "direction": 1},
            "target_achieved", 0.21954929987292612, 5.0,
        ),
        # 16-1-1: no movement
        (
            {2021: 79.0, 2022: 79.0}, {"base_year": 2015, "direction": 1, "limit": 100},
            "limited_progress", 0.0, -2.5,
        ),
        # 11-4-1: away from what is wanted
        (
            {2023: 75.3, 2024: 74.6}, {"base_year": 2015, "direction": 1, "limit": 100},
            "deterioration", -0.009296148738379806, -3.6620185922974757,
        ),
        # 16-7-1: one figure
        (
            {2019: 41.0}, {"base_year": 2015, "direction": 1, "limit": 100},
            "not_available", None, None,
        ),
    ],
)  # fmt: skip
def test_statistics_canada_as_published(
    series: dict[int, float],
    asked: dict[str, Any],
    status: str,
    progress: float | None,
    published_score: float | None,
) -> None:
    grade = evaluate("statcan", series, **asked)
    assert grade.status == status
    assert grade.progress == pytest.approx(progress, abs=1e-9)
    assert grade.score == pytest.approx(published_score, abs=1e-9)
    assert grade.evidence == "verified"


def test_open_sdg_browser_test() -> None:
    """open-sdg's own scenario: 5 in 2015, 6 in 2016, target 9 by 2030 shows "On track"."""
    grade = evaluate("statcan", {2015: 5, 2016: 6}, target=9, target_year=2030, direction=1)
    assert (grade.status, grade.step) == ("substantial_progress", "on_track")


def test_aggregate_as_published() -> None:
    """CIF 3-5-1: the mean of 1.77 and 5 is 3.385, "substantial progress"."""
    parts = [
        Grade("statcan", "moderate_progress", "computed", score=1.7703341529044656),
        Grade("statcan", "substantial_progress", "computed", score=5.0),
        Grade("statcan", "not_available", "one_figure"),
    ]
    whole = aggregate(parts)
    assert (whole.status, whole.score) == ("substantial_progress", pytest.approx(3.385167076452233))


def test_aggregate_is_achieved_only_when_all_series_are() -> None:
    there = Grade("statcan", "target_achieved", "target_reached", score=5.0)
    close = Grade("statcan", "substantial_progress", "computed", score=5.0)
    assert aggregate([there, there]).status == "target_achieved"
    assert aggregate([there, close]).status == "substantial_progress"
    assert aggregate([]).status == "not_available"
    with pytest.raises(ValueError, match="unsd do not average"):
        aggregate([there, Grade("unsd", "on_track", "computed", score=5.0)])


def test_rates_of_reduction_as_published() -> None:
    """UN IGME 2013: 4.4 % a year for two thirds in 25 years; UNICEF's note: AARR 6.4 %."""
    assert 100 * log_rate(3, 1, 25) == pytest.approx(4.39, abs=0.005)
    assert 100 * log_rate(48, 30, 3) == pytest.approx(15.67, abs=0.005)
    assert 100 * reduction_of_slope(-0.06613) == pytest.approx(6.4, abs=0.05)


def test_jmp_as_published() -> None:
    """Uganda 2021, rural handwashing facility: a line to 2018, then flat."""
    points = [(2001, 25.24237), (2011, 27.43708824244334), (2016, 56.665893436401205)]
    found = estimates(points, [2000, 2018, 2020])
    expected = {2000: 19.39660896120813, 2018: 52.28230347242061, 2020: 52.28230347242061}
    assert found == pytest.approx(expected, abs=1e-3)
    # rural, improved sanitation kept separate: points of four years, the plain mean
    short = [(2015, 0.27655), (2016, 0.42002), (2016, 0.17813), (2017, 0.18613)]
    short += [(2018, 0.75378), (2019, 0.09846), (2019, 0.17515)]
    assert estimates(short, [2000, 2020]) == pytest.approx(dict.fromkeys([2000, 2020], 0.298317143))
    # national improved sanitation 2000, rural and urban weighted by population
    rates = {"rural": 20.705055403230176, "urban": 72.89769658232171}
    people = {"rural": 20153.24609375, "urban": 3496.91259765625}
    assert national(rates, people) == pytest.approx(28.42226020949196, abs=1e-5)
    assert nested([(2014, 50), (2016, 60)], {2015: 80}) == {2015: 44}


def test_who_path_as_published() -> None:
    """billionaiRe's tests: 68 in 2018 to 99 in 2025; better observations are kept."""
    path = straight_path(2018, 68, 2025, 99)
    assert path[2021] == pytest.approx(81.28571428571429)
    kept = keep_better(path, {2019: 79, 2020: 80, 2021: 70}, +1)
    assert (kept[2019], kept[2020], kept[2021]) == (79, 80, path[2021])
    assert keep_better(path, {2019: 60}, -1)[2019] == 60
    assert 68 * (1 + required_rate(68, 99, 7)) ** 7 == pytest.approx(99)
    assert trimmed({2024: -3.0, 2025: 101.0}) == {2024: 0.0, 2025: 100.0}


def test_one_series_and_several_verdicts() -> None:
    """The table of one published series under the different rules."""
    found = {grade.rule: grade for grade in side_by_side(POVERTY, **TO_2030)}
    assert found["statcan"].progress == pytest.approx(0.901, abs=5e-4)
    assert found["eurostat"].progress == found["statcan"].progress
    assert found["unsd"].progress == pytest.approx(0.927, abs=5e-4)
    assert found["sdsn"].progress == pytest.approx(1.060, abs=5e-4)
    assert found["escap_api"].projected == pytest.approx(6.6, abs=0.05)
    assert found["escap_api"].progress == 0
    later = evaluate("escap_api", POVERTY, origin=2015, **TO_2030)
    assert later.projected == pytest.approx(8.05, abs=0.05)
    assert later.progress == pytest.approx(11.1, abs=0.05)
    assert (found["escap_api"].status, later.status) == ("maintain", "accelerate")
    assert (found["escap_api"].origin, later.origin) == (2014, 2015)
    ratios = [
        evaluate("statcan", cut, **TO_2030).progress for _, cut in past_years(POVERTY, 2030)[3:]
    ]
    assert ratios == pytest.approx([1.72, 3.28, 2.26, 1.06, 0.90], abs=0.005)


# --- cuts and scores ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ratio", "statcan_score", "eurostat"),
    [(-0.6, -5.0, -5.0), (0.0, -2.5, -2.5), (0.6, 0.0, 0.0), (1.3, 5.0, 5.0), (9.0, 5.0, 5.0)],
)
def test_scores_of_a_ratio(ratio: float, statcan_score: float, eurostat: float) -> None:
    assert target_score(ratio) == pytest.approx(statcan_score, abs=1e-4)
    assert eurostat_score(ratio) == pytest.approx(eurostat, abs=1e-9)


def test_score_of_just_enough() -> None:
    assert target_score(1.0) == pytest.approx(7.1429 - 4.2857, abs=1e-12)
    assert eurostat_score(1.0) == pytest.approx(20 / 7, abs=1e-12)


@pytest.mark.parametrize(
    ("rate", "status"),
    [
        (0.0151, "substantial_progress"), (0.0149, "moderate_progress"),
        (0.0051, "moderate_progress"), (0.0049, "limited_progress"),
        (0.0001, "limited_progress"), (-0.0001, "deterioration"),
    ],
)  # fmt: skip
def test_statistics_canada_cuts_without_a_target(rate: float, status: str) -> None:
    grade = evaluate("statcan", {2020: 50, 2021: 50 * (1 + rate)}, direction=1)
    assert (grade.status, grade.progress) == (status, pytest.approx(rate))


@pytest.mark.parametrize(
    ("ratio", "statcan", "eurostat"),
    [
        (0.951, "substantial_progress", "significant_progress"),
        (0.949, "moderate_progress", "moderate_progress"),
        (0.601, "moderate_progress", "moderate_progress"),
        (0.599, "limited_progress", "insufficient_progress"),
        (0.001, "limited_progress", "insufficient_progress"),
        (-0.001, "deterioration", "movement_away"),
    ],
)
def test_cuts_of_the_growth_ratio(ratio: float, statcan: str, eurostat: str) -> None:
    """A doubling in five years; the newest figure grew by `ratio` of that rate in one year."""
    newest = 40 * (1 + ratio * (2**0.2 - 1))
    for rule, status in (("statcan", statcan), ("eurostat", eurostat), ("eustat", eurostat)):
        grade = rising(rule, {2020: 40, 2021: newest})
        assert (grade.status, grade.progress) == (status, pytest.approx(ratio)), rule


def test_scores_of_growth() -> None:
    assert [growth_score(rate, 1.0) for rate in (-0.03, 0.0, 0.005, 0.015, 0.03)] == [
        -5.0, -2.5, 0.0, 2.5, 5.0,
    ]  # fmt: skip
    assert [eurostat_growth_score(rate) for rate in (-0.03, 0.0, 0.01, 0.03)] == [-5, 0, 2.5, 5]


@pytest.mark.parametrize(
    ("number", "points", "growth_points"),
    [(9.0, 5, 5), (1.5, 5, 5), (0.95, 4, 5), (0.5, 3, 5), (0.1, 2, 5), (0.0, 1, 1), (-9.0, 0, 0)],
)
def test_unsd_scores(number: float, points: float, growth_points: float) -> None:
    assert score(number, RATIO_BANDS) == pytest.approx(points)
    assert score(number, GROWTH_BANDS) == pytest.approx(growth_points)


def test_limit_factor() -> None:
    assert limit_factor(50, None) == 1
    assert limit_factor(100, 100) == 0
    assert limit_factor(0, 100) == 1
    assert limit_factor(200, 100) == limit_factor(-200, 100) == 1
    assert limit_factor(10, 0) == limit_factor(0, 0) == 1
    assert limit_factor(150, 100) == pytest.approx(limit_factor(50, 100))
    assert limit_factor(50, 100) == pytest.approx(1 - 0.5**4.44)


@pytest.mark.parametrize(
    ("newest", "status"),
    [
        (80.0, "on_track"), (74.0, "on_track"), (73.2, "moderate_progress"),
        (57.6, "moderate_progress"), (57.4, "marginal_progress"), (43.6, "marginal_progress"),
        (43.4, "stagnation"), (40.0, "stagnation"),
        (39.0, "regression"),
    ],
)  # fmt: skip
def test_unsd_grades_in_the_deadline_year(newest: float, status: str) -> None:
    """At the deadline nothing is projected: the number is the plain part of the way done."""
    grade = rising("unsd", {2020: 40, 2025: newest}, target=75)
    assert grade.status == status
    assert grade.progress == pytest.approx((newest - 40) / 35)
    assert grade.projected == pytest.approx(newest)


@pytest.mark.parametrize(
    ("newest", "status", "evidence"),
    [
        (60.0, "on_track", "unverified"), (56.0, "moderately_improving", "unverified"),
        (50.2, "moderately_improving", "unverified"), (49.8, "stagnating", "unverified"),
        (40.0, "decreasing", "read"), (30.0, "decreasing", "read"), (80.0, "on_track", "read"),
    ],
)  # fmt: skip
def test_sdsn_grades(newest: float, status: str, evidence: str) -> None:
    """40 in 2020 to 80 in 2025 needs 8 points a year: 20 points in two and a half years."""
    grade = rising("sdsn", {2020: 40, 2022.5: newest})
    assert (grade.status, grade.evidence) == (status, evidence)
    assert grade.progress == pytest.approx((newest - 40) / 20)


@pytest.mark.parametrize(
    ("newest", "index", "status", "evidence"),
    [
        (64.0, 6.0, "at_marker", "unverified"), (63.0, 5.75, "behind_marker", "unverified"),
        (30.0, -2.5, "regressed", "read"), (90.0, 10.0, "target_reached", "unverified"),
    ],
)  # fmt: skip
def test_escap_current_status(newest: float, index: float, status: str, evidence: str) -> None:
    """Three of five years have passed, so the marker stands at 6 of 10."""
    grade = rising("escap_csi", {2020: 40, 2023: newest})
    assert (grade.status, grade.progress) == (status, pytest.approx(index))
    assert grade.evidence == evidence


@pytest.mark.parametrize(
    ("slope", "missing", "status"),
    [
        (9.0, 0.0, "maintain"),
        (7.5, 6.25, "maintain"),
        (4, 50, "accelerate"),
        (-1, 112.5, "reverse"),
    ],
)
def test_escap_anticipated_progress(slope: float, missing: float, status: str) -> None:
    grade = rising("escap_api", {year: 40 + slope * (year - 2020) for year in range(2020, 2024)})
    assert (grade.status, grade.evidence) == (status, "unverified")
    assert grade.progress == pytest.approx(missing)
    assert grade.projected == pytest.approx(40 + 5 * slope)


def test_weighted_line_is_the_weighted_least_squares_line() -> None:
    figures = tuple((float(year), value) for year, value in POVERTY.items())
    times = np.array([year for year, _ in figures])
    design = np.column_stack([np.ones(len(times)), times])
    fit = WLS([value for _, value in figures], design, weights=times - 2014).fit()
    expected = float(fit.params @ [1, 2030])
    assert weighted_line(figures, 2030, 2014) == pytest.approx(expected, abs=1e-8)
    assert weighted_line(((2020.0, 1.0), (2021.0, 2.0)), 2030, 2020) is None
    with pytest.raises(ValueError, match="origin 2021 lies after the first figure, 2020"):
        weighted_line(((2020.0, 1.0), (2022.0, 2.0)), 2030, 2021)


def test_igme_measures_what_is_required_from_today() -> None:
    grade = falling("igme", {2020: 40, 2023: 20})
    assert grade.progress == pytest.approx((math.log(2) / 3) / (math.log(2) / 2))
    assert (grade.status, grade.evidence) == ("accelerate", "read")
    assert falling("igme", {2020: 40, 2022: 20}).status == "on_track"
    enough = 10 * 4 ** (2 / 5)  # at 2023, on the way from 40 to 10 at one rate
    assert falling("igme", {2020: 40, 2023: enough - 0.01}).status == "on_track"
    assert falling("igme", {2020: 40, 2023: enough + 0.01}).status == "accelerate"
    assert falling("aarr", {2020: 40, 2023: enough - 0.01}).status == "on_track"
    assert falling("aarr", {2020: 40, 2023: enough + 0.01}).status == "off_track"
    assert falling("igme", {2020: 40, 2022: 9}).status == "target_reached"


def test_aarr_uses_all_figures() -> None:
    halving = {2020 + n: 40 * 0.5**n for n in range(3)}
    assert average_reduction(tuple(halving.items())) == pytest.approx(0.5)
    assert falling("aarr", {2020: 40, 2021: 30, 2022: 22}).status == "on_track"
    assert falling("aarr", {2020: 40, 2021: 22, 2022: 39}).status == "off_track"


def test_jmp_gives_an_estimate_and_no_grade() -> None:
    line = {year: 40 + 2 * (year - 2010) for year in (2010, 2015, 2018)}
    grade = rising("jmp", line, target_year=2024)
    assert (grade.status, grade.reason) == ("not_available", "gives_no_grade")
    assert grade.progress == pytest.approx(60)  # the line's value two years past 2018, then flat
    assert rising("jmp", line, target_year=2025).reason == "too_far"
    steep = {year: 40 + 8 * (year - 2010) for year in (2010, 2015)}
    clipped = rising("jmp", steep, target_year=2020)
    assert (clipped.progress, clipped.evidence) == (pytest.approx(96), "verified")
    over = {2010: 50, 2015: 95}
    assert (rising("jmp", over, target_year=2020).progress, over[2015]) == (100, 95)
    assert rising("jmp", over, target_year=2020).evidence == "unverified"


# --- edge cases, each decided ---------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("direction", [None, 0, 2])
def test_direction_unset_is_an_error(rule: str, direction: int | None) -> None:
    with pytest.raises(ValueError, match="direction must be set"):
        evaluate(rule, {2020: 40, 2023: 50}, target=80, target_year=2025, direction=direction)


def test_bad_questions_are_errors() -> None:
    with pytest.raises(ValueError, match=re.escape("unknown rule 'oecd'; known: statcan, ")):
        evaluate("oecd", {2020: 1.0}, direction=1)
    with pytest.raises(ValueError, match="a target needs its target_year"):
        evaluate("unsd", {2020: 1.0}, target=80, direction=1)
    with pytest.raises(ValueError, match="finite"):
        evaluate("unsd", {2020: math.inf}, target=80, target_year=2025, direction=1)
    with pytest.raises(ValueError, match="finite"):
        evaluate("unsd", {2020: 1.0}, target=math.nan, target_year=2025, direction=1)


@pytest.mark.parametrize("rule", GRADING)
def test_no_figure_is_no_grade(rule: str) -> None:
    assert falling(rule, {}).reason == "no_figures"
    assert falling(rule, {2020: None, 2021: math.nan}).reason == "no_figures"


@pytest.mark.parametrize("rule", GRADING)
def test_a_missing_value_is_left_out_and_never_zero(rule: str) -> None:
    whole = falling(rule, {2020: 40, 2023: 30})
    assert falling(rule, {2020: 40, 2021: math.nan, 2022: None, 2023: 30, 2024: math.nan}) == whole


@pytest.mark.parametrize("rule", GRADING)
def test_a_single_year_is_no_grade(rule: str) -> None:
    grade = falling(rule, {2022: 30})
    assert (grade.status, grade.reason, grade.step) == ("not_available", "one_figure", "no_grade")


def test_a_single_figure_at_the_target_counts_for_statistics_canada_alone() -> None:
    """Open SDG's code asks for the target before it asks for two figures."""
    assert rising("statcan", {2022: 85}).status == "target_achieved"
    others = [rising(rule, {2022: 85}).reason for rule in RISING if rule not in ("statcan", "jmp")]
    assert set(others) == {"one_figure"}


@pytest.mark.parametrize("rule", GRADING)
def test_base_year_missing(rule: str) -> None:
    """The next year with a figure; Eustat takes the nearest that leaves two figures."""
    grade = falling(rule, {2019: 41, 2022: 30, 2024: 20}, base_year=2020)
    assert grade.base_year == (2019 if rule == "eustat" else 2022)
    none = falling(rule, {2016: 41, 2018: 30}, base_year=2020)
    assert none.base_year == (2016 if rule == "eustat" else None)
    assert none.reason == ("computed" if rule == "eustat" else "no_base")
    tie = falling(rule, {2019: 41, 2021: 30, 2024: 20}, base_year=2020)
    assert tie.base_year == 2021


def test_without_a_base_year_the_first_figure_is_the_base() -> None:
    series = {2018: 30, 2020: 40, 2023: 60}
    assert rising("unsd", series, base_year=None) == rising("unsd", series, base_year=2018)


@pytest.mark.parametrize("rule", GRADING)
def test_deadline_past_looks_no_further_than_the_deadline(rule: str) -> None:
    upto = falling(rule, {2020: 40, 2023: 30, 2025: 20})
    assert falling(rule, {2020: 40, 2023: 30, 2025: 20, 2026: 5, 2027: 50}) == upto
    assert upto.latest_year == 2025
    assert falling(rule, {2026: 30, 2027: 20}).reason == "no_figures"


@pytest.mark.parametrize("rule", GRADING)
def test_deadline_not_after_the_base(rule: str) -> None:
    assert falling(rule, {2025: 30}, base_year=2025).reason in (
        "deadline_before_base",
        "one_figure",
    )
    late = falling(rule, {2025: 40}, base_year=2025, target_year=2025)
    assert late.status == "not_available"


@pytest.mark.parametrize(
    ("rule", "holds", "lost"),
    [
        ("statcan", "target_achieved", ("not_available", "target_equals_base")),
        ("eurostat", "significant_progress", ("not_available", "target_equals_base")),
        ("eustat", "significant_progress", ("not_available", "target_equals_base")),
        ("unsd", "on_track", ("regression", "lost_since_base")),
        ("unsd_2023", "on_track", ("stagnation_or_regression", "lost_since_base")),
        ("sdsn", "on_track", ("decreasing", "lost_since_base")),
        ("escap_csi", "target_reached", ("not_available", "target_equals_base")),
        ("escap_api", "maintain", ("not_available", "target_equals_base")),
    ],
)
def test_target_equals_base(rule: str, holds: str, lost: tuple[str, str]) -> None:
    held = rising(rule, {2020: 80, 2023: 82})
    assert (held.status, held.reason) == (holds, "held_since_base")
    gone = rising(rule, {2020: 80, 2023: 75})
    assert (gone.status, gone.reason) == lost


@pytest.mark.parametrize(
    ("rule", "status"),
    [
        ("statcan", "deterioration"), ("eurostat", "movement_away"), ("eustat", "movement_away"),
        ("unsd", "regression"), ("unsd_2023", "stagnation_or_regression"),
        ("sdsn", "decreasing"), ("escap_csi", "regressed"), ("escap_api", "reverse"),
    ],
)  # fmt: skip
def test_target_reached_in_the_base_year_then_lost(rule: str, status: str) -> None:
    grade = rising(rule, {2020: 85, 2023: 75})
    assert (grade.status, grade.reason, grade.step) == (status, "lost_since_base", "far_behind")


@pytest.mark.parametrize("rule", [rule for rule in RISING if rule not in ("jmp", "escap_api")])
def test_target_reached_in_between_then_lost(rule: str) -> None:
    """End-point rules do not see what lay between."""
    assert rising(rule, {2020: 60, 2022: 85, 2024: 70}) == rising(rule, {2020: 60, 2024: 70})


@pytest.mark.parametrize("rule", [rule for rule in RISING if rule != "jmp"])
def test_target_reached_before_the_deadline(rule: str) -> None:
    assert rising(rule, {2020: 60, 2023: 85}).step == "on_track"


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("statcan", "zero_replaced"), ("eustat", "zero_replaced"), ("eurostat", "zero_base"),
        ("unsd", "zero_base"), ("unsd_2023", "zero_base"), ("sdsn", "computed"),
        ("escap_csi", "computed"), ("escap_api", "computed"),
    ],
)  # fmt: skip
def test_zero_base(rule: str, reason: str) -> None:
    grade = rising(rule, {2020: 0, 2023: 30})
    assert grade.reason == reason
    assert (grade.status == "not_available") == (reason == "zero_base")
    if reason == "zero_replaced":
        so_far, required = (30 / 0.001) ** (1 / 3) - 1, (80 / 0.001) ** (1 / 5) - 1
        assert grade.progress == pytest.approx(so_far / required)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("statcan", "zero_replaced"), ("eustat", "zero_replaced"), ("eurostat", "zero_target"),
        ("unsd", "computed"), ("unsd_2023", "computed"), ("sdsn", "computed"),
        ("escap_csi", "computed"), ("escap_api", "computed"), ("igme", "zero_value"),
        ("aarr", "zero_value"),
    ],
)  # fmt: skip
def test_target_zero(rule: str, reason: str) -> None:
    assert falling(rule, {2020: 40, 2023: 10}, target=0).reason == reason


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule not in ("igme", "aarr", "jmp")])
def test_target_hundred_is_a_target_like_others(rule: str) -> None:
    grade = rising(rule, {2020: 50, 2023: 80}, target=100)
    assert (grade.reason, grade.status) != ("within_one_point", "not_available")
    assert grade.reason == "computed"


@pytest.mark.parametrize("rule", ["unsd", "unsd_2023"])
def test_unsd_within_one_point_of_the_ends(rule: str) -> None:
    near = rising(rule, {2020: 98, 2023: 99.0}, target=100)
    assert (near.status, near.reason) == ("on_track", "within_one_point")
    assert rising(rule, {2020: 98, 2023: 98.9}, target=100).reason == "computed"
    assert rising(rule, {2020: 78, 2023: 79.5}, target=80).reason == "computed"
    assert falling(rule, {2020: 4, 2023: 0}, target=0).reason == "within_one_point"


def test_a_newest_value_of_zero() -> None:
    """A fall to zero is growth of -100 %: the growth rules can measure it, logarithms cannot."""
    series = {2020: 40, 2023: 0}
    for rule in GROWING:
        assert falling(rule, series).step == "on_track", rule
    assert falling("igme", series).status == "target_reached"
    assert falling("igme", {2020: 0, 2023: 20}).reason == "zero_value"


@pytest.mark.parametrize("rule", GRADING)
def test_what_rounding_leaves_of_zero_is_zero(rule: str) -> None:
    assert falling(rule, {2020: 1e-300, 2023: 20}) == falling(rule, {2020: 0, 2023: 20})


@pytest.mark.parametrize("rule", GROWING)
def test_mixed_signs_are_refused(rule: str) -> None:
    for series, target in (({2020: -5, 2023: 3}, 10), ({2020: 5, 2023: -3}, 10)):
        grade = rising(rule, series, target=target)
        assert (grade.status, grade.reason) == ("not_available", "mixed_signs")
    assert rising(rule, {2020: -5, 2023: -3}, target=10).reason == "mixed_signs"
    assert rising(rule, {2020: -5, 2023: 3}, target=None).reason == "mixed_signs"


def test_negative_values() -> None:
    """From -10 to -5 is a rise: the sign of the base turns the growth round."""
    for rule in ("statcan", "eurostat", "eustat"):
        assert rising(rule, {2020: -10, 2023: -5}, target=-2).progress > 0, rule
        assert rising(rule, {2020: -10, 2023: -15}, target=-2).progress < 0, rule
    assert rising("unsd", {2020: -10, 2023: -5}, target=-2).reason == "negative_value"
    assert rising("sdsn", {2020: -10, 2023: 5}, target=10).status == "on_track"


@pytest.mark.parametrize("rule", ["statcan", "eustat"])
def test_a_series_that_starts_at_its_limit(rule: str) -> None:
    """Eustat's own output gives +5 to a falling series; that number is not followed."""
    held = rising(rule, {2020: 100, 2023: 100}, target=None, limit=100)
    assert (held.score, held.reason) == (5.0, "starts_at_limit")
    fallen = rising(rule, {2020: 100, 2023: 90}, target=None, limit=100)
    assert fallen.score is not None
    assert fallen.score < -2.5
    worst = {"statcan": "deterioration", "eustat": "significant_deterioration"}
    assert (fallen.status, fallen.step) == (worst[rule], "far_behind")


def test_growth_without_a_target() -> None:
    series = {2020: 50.0, 2021: 50.6}  # 1.2 % a year
    expected = {
        "statcan": "moderate_progress", "eurostat": "significant_progress",
        "eustat": "significant_progress", "unsd": "marginal_progress",
        "unsd_2023": "fair_progress",
    }  # fmt: skip
    for rule, status in expected.items():
        grade = evaluate(rule, series, direction=1)
        assert (grade.status, grade.progress) == (status, pytest.approx(0.012)), rule
    assert evaluate("eurostat", {2020: 50.0, 2021: 50.0}, direction=1).status == "no_change"
    assert evaluate("eurostat", series, direction=1).evidence == "unverified"
    for rule in ("sdsn", "escap_csi", "escap_api", "igme", "aarr"):
        assert evaluate(rule, series, direction=-1).reason == "no_target"


def test_rates_of_reduction_are_for_falling_indicators() -> None:
    assert {rising(rule, {2020: 40, 2023: 60}).reason for rule in ("igme", "aarr")} == {
        "falling_only"
    }


def test_no_time_left() -> None:
    for rule in ("igme", "aarr"):
        assert falling(rule, {2020: 40, 2025: 20}).reason == "no_time_left"
        assert falling(rule, {2020: 40, 2025: 9}).step == "on_track"


# --- properties -----------------------------------------------------------------------------------

PERCENT = st.floats(min_value=1, max_value=99)


@given(base=PERCENT, newest=PERCENT, better=PERCENT, target=PERCENT)
def test_a_better_figure_never_gives_a_worse_grade(
    base: float, newest: float, better: float, target: float
) -> None:
    assume(newest <= better)
    for rule in RULES:
        worse, best = (
            rising(rule, {2020: base, 2023: value}, target=target) for value in (newest, better)
        )
        if "not_available" not in (worse.status, best.status):
            assert best.word.rank <= worse.word.rank, rule


@given(series=st.dictionaries(st.integers(2010, 2030), st.floats(-100, 200), max_size=6))
@pytest.mark.parametrize("direction", [1, -1])
def test_every_answer_is_from_the_closed_lists(series: dict[int, float], direction: int) -> None:
    for target in (None, 0.0, 50.0, 100.0):
        for rule in RULES:
            grade = evaluate(rule, series, target=target, target_year=2025, direction=direction)
            assert grade.reason in REASONS
            assert grade.status in GRADES[rule] or grade.status == "not_available"
            assert grade.evidence in EVIDENCE
            for number in (grade.progress, grade.score, grade.projected):
                assert number is None or math.isfinite(number)
            assert grade.status != "not_available" or grade.score is None


def test_every_rule_has_its_words() -> None:
    assert set(RULES) == set(GRADES) == set(RULE_NAMES) == set(MEASURES)
    for words in GRADES.values():
        assert {word.step for word in words.values()} <= set(STEPS)


# --- disagreement and stability -------------------------------------------------------------------


def test_rules_that_disagree() -> None:
    grades = side_by_side(POVERTY, **TO_2030)
    assert [grade.rule for grade in grades] == list(FALLING)
    assert by_step(grades) == {
        "on_track": ("sdsn", "escap_csi", "escap_api", "aarr"),
        "behind": ("statcan", "eurostat", "unsd", "igme"),
        "no_grade": ("jmp",),
    }
    assert disagree(grades)
    assert not disagree(
        side_by_side({2020: 40, 2022: 78}, target=80, target_year=2025, direction=1)
    )
    assert not disagree([])


def test_stability_over_past_years() -> None:
    rows = {
        row.rule: row
        for row in stability(past_years(POVERTY, 2030), rules=["statcan", "jmp"], **TO_2030)
    }
    found = rows["statcan"]
    assert found.labels == tuple(str(year) for year in range(2016, 2024))
    assert found.statuses[3:] == (
        "substantial_progress", "target_achieved", "substantial_progress",
        "substantial_progress", "moderate_progress",
    )  # fmt: skip
    assert (found.graded, found.changes, found.jumps) == (8, 3, 0)
    assert (rows["jmp"].graded, rows["jmp"].changes) == (0, 0)


def test_stability_over_vintages_counts_jumps_and_passes_over_gaps() -> None:
    vintages = [
        ("a", {2015: 41.8, 2019: 49.2}),
        ("b", {2015: 41.8}),
        ("c", {2015: 41.8, 2019: 49.2, 2024: 13.6}),
        ("d", {2015: 41.8, 2019: 49.2, 2024: 46.2}),
    ]
    (found,) = stability(vintages, target=60, target_year=2030, direction=1, rules=["statcan"])
    assert found.statuses == (
        "substantial_progress", "not_available", "deterioration", "limited_progress",
    )  # fmt: skip
    assert (found.graded, found.changes, found.jumps) == (3, 2, 1)
    assert grade_distance("statcan", "substantial_progress", "deterioration") == 3


def test_a_jump_is_two_grades_or_more() -> None:
    """From "moderate" to "deterioration" are two grades, from "limited" one."""
    for first, jumps in ((44.2, 1), (41.0, 0)):
        vintages = [("a", {2020: 40, 2021: first}), ("b", {2020: 40, 2021: 39})]
        (found,) = stability(vintages, target=80, target_year=2025, direction=1, rules=["statcan"])
        assert (found.statuses[1], found.changes, found.jumps) == ("deterioration", 1, jumps)


def test_unsd_2023_cuts() -> None:
    expected = {74.0: "on_track", 43.6: "fair_progress", 43.4: "stagnation_or_regression"}
    for newest, status in expected.items():
        grade = rising("unsd_2023", {2020: 40, 2025: newest}, target=75)
        assert (grade.status, grade.score) == (status, None)


def test_stability_of_nothing() -> None:
    assert stability([], target=60, target_year=2030, direction=1) == []


def test_past_years_stop_at_the_deadline() -> None:
    series = {2023: 3.0, 2020: 1.0, 2021: math.nan, 2026: 5.0}
    assert past_years(series, 2025) == [("2023", {2020: 1.0, 2023: 3.0})]


def test_one_figure_a_year_nearest_to_its_end() -> None:
    """2023.0 is the end of 2023; 2023.5 lies in the middle of 2024."""
    times = [2022.5, 2023.0, 2023.05, 2023.25, 2023.75, 2024.1, 2025.0]
    values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, math.nan]
    assert yearly(times, values) == {2023: 2.0, 2024: 5.0, 2025: 6.0}
    assert yearly([2023.05], [7.0]) == {2023: 7.0}
    assert yearly([], []) == {}


def test_a_target_equal_to_the_base_but_for_rounding_is_equal_to_it() -> None:
    exact = evaluate("statcan", {2015: 0.3, 2020: 0.5}, target=0.3, target_year=2030, direction=1)
    rounded = evaluate(
        "statcan", {2015: 0.1 + 0.2, 2020: 0.5}, target=0.3, target_year=2030, direction=1
    )
    assert rounded == exact


def test_figures_too_far_apart_are_refused() -> None:
    with pytest.raises(ValueError, match="too far apart"):
        evaluate("unsd", {2024.0: 1, 2024.001: 50}, target=80, target_year=2045, direction=1)
