"""Statistics Canada and Open SDG 2.4: growth so far over growth required, or growth alone.

Source: Open SDG `docs/progress-methodology.md` and sdg-build `sdg/ProgressMeasure.py` (commit
139fede); every assessable series of the Canadian Indicator Framework is reproduced by it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from kts_analysis.rules.grade import (
    Ends,
    Grade,
    Question,
    band,
    ends_of,
    growth_ratio,
    growth_wanted,
    no_grade,
    opposite,
)
from kts_analysis.rules.words import NO_STATUS, Evidence

RULE = "statcan"
EVIDENCE: Evidence = "verified"
# All numbers of this block: verified against the published results.
TARGET_CUTS = (
    (0.95, "substantial_progress"),
    (0.60, "moderate_progress"),
    (0.0, "limited_progress"),
)
SUBSTANTIAL, MODERATE = 0.015, 0.005  # growth a year, without a target
SCORE_CUTS = (
    (2.5, "substantial_progress"),
    (0.0, "moderate_progress"),
    (-2.5, "limited_progress"),
)
LIMIT_POWER = 4.44
INSTEAD_OF_ZERO = 0.001
BEST, WORST = 5.0, -5.0


def statcan(q: Question) -> Grade:
    """Grade by Statistics Canada's rule; see :func:`with_target` and :func:`without_target`.

    Edge cases: a figure at the target is "target achieved" with score 5 whatever the trend, also
    when it is the only one; zero as base or target is replaced by 0.001, as the rule does; values
    on both sides of zero, a base year after the newest figure and a single figure give no grade.
    A base year without a figure is the next year with one.
    """
    return without_target(q) if q.target is None else with_target(q)


def with_target(q: Question) -> Grade:
    """Grade by ``R = sign(y0) d CAGR / |CAGR required|``, cut at 0.95, 0.60 and 0.

    The score is ``min(7.1429 R - 4.2857, 5)`` from R = 0.6 up, else ``max(4.1667 R - 2.5, -5)``.
    The published output leaves the number empty where the target equals the base; then only a
    figure at the target has a grade.
    """
    assert q.target is not None
    target = INSTEAD_OF_ZERO if q.target == 0 else q.target
    asked = replace(q, target=target)
    ends = ends_of(asked)
    reached = bool(q.figures) and asked.reaches(q.figures[-1][1])
    if isinstance(ends, str):
        if reached and ends == "one_figure":
            year = q.figures[-1][0]
            return Grade(RULE, "target_achieved", "target_reached", None, BEST, year, year)
        return no_grade(q, RULE, ends, EVIDENCE, None)
    zero = ends.base == 0 or q.target == 0
    problem, ratio = _ratio(ends, asked, target)
    if reached:
        reason = "held_since_base" if asked.reaches(ends.base) else "target_reached"
        return _graded(ends, "target_achieved", reason, ratio, BEST)
    if ratio is None:
        return no_grade(q, RULE, problem, EVIDENCE, ends)
    reason = "zero_replaced" if zero else "computed"
    if asked.reaches(ends.base):
        reason = "lost_since_base"
    status = band(ratio, TARGET_CUTS, "deterioration")
    return _graded(ends, status, reason, ratio, target_score(ratio))


def without_target(q: Question) -> Grade:
    """Grade by ``CAGR = sign(y0) d CAGR``, cut at 0.015 C, 0.005 C and 0.

    C comes from the natural limit, see :func:`limit_factor`. The score is ``max(125 CAGR - 2.5,
    -5)`` below zero, else 5 for C = 0, else by band ``500 CAGR/C - 2.5``, ``250 CAGR/C - 1.25``
    or ``min(500 CAGR/C - 5, 5)``. So a falling series never gets 5 for starting at its limit.
    """
    ends = ends_of(q)
    if isinstance(ends, str):
        return no_grade(q, RULE, ends, EVIDENCE, None)
    factor = limit_factor(ends.base, q.limit)
    moved = _nonzero(ends)
    if opposite(moved.base, moved.value):
        return no_grade(q, RULE, "mixed_signs", EVIDENCE, ends)
    rate = growth_wanted(moved, q)
    cuts = (
        (SUBSTANTIAL * factor, "substantial_progress"),
        (MODERATE * factor, "moderate_progress"),
        (0.0, "limited_progress"),
    )
    reason = "zero_replaced" if ends.base == 0 else "computed"
    if factor == 0:
        reason = "starts_at_limit"
    status = band(rate, cuts, "deterioration")
    return _graded(ends, status, reason, rate, growth_score(rate, factor))


def target_score(ratio: float) -> float:
    """Return the score of a ratio, -5 to 5; see :func:`with_target`."""
    if ratio >= 0.6:
        return min(7.1429 * ratio - 4.2857, BEST)
    return max(4.1667 * ratio - 2.5, WORST)


def growth_score(rate: float, factor: float) -> float:
    """Return the score of a growth in the wanted direction; see :func:`without_target`."""
    if rate < 0:
        return max(125 * rate - 2.5, WORST)
    if factor == 0:
        return BEST
    if rate >= SUBSTANTIAL * factor:
        return min(500 * rate / factor - 5, BEST)
    if rate >= MODERATE * factor:
        return 250 * rate / factor - 1.25
    return 500 * rate / factor - 2.5


def limit_factor(base: float, limit: float | None) -> float:
    """Return C, 0 to 1: near a natural limit less growth is asked for.

    1 without a limit or for ``|y0| >= 2 |L|``; ``1 - (y0/L)^4.44`` up to the limit, else
    ``1 - ((2L - y0)/L)^4.44``. Verified.
    """
    if limit is None or abs(base) >= 2 * abs(limit):
        return 1.0
    start, edge = abs(base), abs(limit)
    near = start if start <= edge else 2 * edge - start
    return float(1 - (near / edge) ** LIMIT_POWER)


def aggregate(grades: Iterable[Grade]) -> Grade:
    """Return the grade of an indicator from those of its series.

    The plain mean of the scores there are, cut at 2.5, 0 and -2.5; "target achieved" only when
    every series with a score is. The mean hides a failing series: show the series too. Verified
    on the 8 published aggregates.

    Raises
    ------
    ValueError
        A grade is not of this rule: scores of different rules do not average.
    """
    listed = list(grades)
    strange = {grade.rule for grade in listed} - {RULE}
    if strange:
        raise ValueError(f"scores of {', '.join(sorted(strange))} do not average with {RULE}'s")
    scored = [(grade, grade.score) for grade in listed if grade.score is not None]
    if not scored:
        return Grade(RULE, NO_STATUS, "no_figures")
    mean = sum(score for _, score in scored) / len(scored)
    if all(grade.status == "target_achieved" for grade, _ in scored):
        return Grade(RULE, "target_achieved", "target_reached", score=mean)
    return Grade(RULE, band(mean, SCORE_CUTS, "deterioration"), "computed", score=mean)


def _nonzero(ends: Ends) -> Ends:
    return replace(ends, base=INSTEAD_OF_ZERO) if ends.base == 0 else ends


def _ratio(ends: Ends, q: Question, target: float) -> tuple[str, float | None]:
    """Return the ratio, or the reason why there is none."""
    moved = _nonzero(ends)
    if opposite(moved.base, moved.value, target):
        return "mixed_signs", None
    if target == moved.base:
        return "target_equals_base", None
    return "", growth_ratio(moved, q, target)


def _graded(ends: Ends, status: str, reason: str, progress: float | None, score: float) -> Grade:
    return Grade(RULE, status, reason, progress, score, ends.base_year, ends.year, EVIDENCE)
