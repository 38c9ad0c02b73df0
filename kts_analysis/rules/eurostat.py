"""Eurostat's growth-ratio rule, and Eustat's variant of it.

Sources: Eurostat, "SDG - Introduction" (Statistics Explained) and the summary of its labels at
sdg.iisd.org; Eustat's site and its override of sdg-build (github.com/EUSTAT-DES). The ratio and
the scores are verified through two statistics offices that follow them.
"""

from __future__ import annotations

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
from kts_analysis.rules.statcan import INSTEAD_OF_ZERO, limit_factor
from kts_analysis.rules.words import Evidence

TARGET_CUTS = (  # verified
    (0.95, "significant_progress"),
    (0.60, "moderate_progress"),
    (0.0, "insufficient_progress"),
)
GROWTH_CUTS = (  # a year; read in Eustat's code, the edition with a neutral band
    (0.01, "significant_progress"),
    (0.001, "moderate_progress"),
    (-0.001, "no_change"),
    (-0.01, "moderate_deterioration"),
)
ZERO_AT, BEST_AT = 0.60, 1.30  # ratios of score 0 and 5; -0.60 is -5: verified
CAPPED_AT = 0.02  # growth a year of score 5: verified
BEST, WORST = 5.0, -5.0


def eurostat(q: Question) -> Grade:
    """Grade by growth so far over growth required, cut at 95 %, 60 % and 0; else by growth alone.

    Edge cases, decided here because the text read does not speak of them: a series at the
    target in the base year and still is "significant progress" (marked unverified, no number);
    one that no longer is has a negative ratio and is "movement away"; short of the target, a base
    or target of zero, a target equal to the base, and values on both sides of zero give no
    grade. A base year without a figure is the next year with one. The words without a target are
    only remembered.
    """
    return _grade(q, "eurostat", ends_of(q), "read", 0.0)


def eustat(q: Question) -> Grade:
    """Grade by Eustat's variant: nearest base year, zero replaced by 0.001, a natural limit.

    Without a target the cuts are multiplied by the limit factor C of
    :func:`kts_analysis.rules.statcan.limit_factor`. In Eustat's output a series that starts at its
    limit (C = 0) has score +5 even when it falls. That number is wrong and not followed: a falling
    series keeps the score of its fall. How a score is scaled for C between 0 and 1 is not known;
    it is left unscaled and marked unverified.
    """
    return _grade(q, "eustat", ends_of(q, nearest=True), "verified", INSTEAD_OF_ZERO)


def target_score(ratio: float) -> float:
    """Return the score of a ratio, -5 to 5: straight lines through -0.6, 0.6 and 1.3."""
    above = ratio >= ZERO_AT
    slope = BEST / (BEST_AT - ZERO_AT) if above else -WORST / (2 * ZERO_AT)
    return min(max(slope * (ratio - ZERO_AT), WORST), BEST)


def growth_score(rate: float) -> float:
    """Return the score of a growth in the wanted direction: 2.5 a percent, capped at 2 percent."""
    return BEST * min(max(rate / CAPPED_AT, -1.0), 1.0)


def _grade(q: Question, rule: str, ends: Ends | str, evidence: Evidence, zero: float) -> Grade:
    """Grade with both offices' formula; `zero` stands for a zero, 0 when the rule refuses it."""
    if isinstance(ends, str):
        return no_grade(q, rule, ends, evidence, None)
    replaced = bool(zero) and 0 in (ends.base, q.target)
    moved = replace(ends, base=ends.base or zero)
    target = None if q.target is None else (q.target or zero)
    problem = _problem(moved, target)
    reached = q.reaches(ends.value)
    if problem and not reached:
        return no_grade(q, rule, problem, evidence, ends)
    reason = "zero_replaced" if replaced else "computed"
    if target is None:
        return _without_target(q, rule, moved, reason, evidence)
    if problem or (q.reaches(ends.base) and reached):
        held = "held_since_base" if q.reaches(ends.base) else "target_reached"
        return _made(rule, ends, "significant_progress", held, None, None, "unverified")
    if reached:
        reason = "target_reached"
    elif q.reaches(ends.base):
        reason = "lost_since_base"
    ratio = growth_ratio(moved, q, target)
    status = band(ratio, TARGET_CUTS, "movement_away")
    return _made(rule, ends, status, reason, ratio, target_score(ratio), evidence)


def _problem(ends: Ends, target: float | None) -> str:
    """Return why growth is not defined between these values; empty when it is."""
    if opposite(ends.base, ends.value, target):
        return "mixed_signs"
    if ends.base == 0:
        return "zero_base"
    if target == 0:
        return "zero_target"
    return "target_equals_base" if target == ends.base else ""


def _without_target(q: Question, rule: str, ends: Ends, reason: str, evidence: Evidence) -> Grade:
    rate = growth_wanted(ends, q)
    factor = limit_factor(ends.base, q.limit) if rule == "eustat" else 1.0
    cuts = tuple((cut * factor, word) for cut, word in GROWTH_CUTS)
    score = growth_score(rate)
    weak: Evidence = "unverified" if rule == "eurostat" or 0 < factor < 1 else evidence
    if factor == 0:
        reason = "starts_at_limit"
        score = BEST if rate >= 0 else score
    status = band(rate, cuts, "significant_deterioration")
    return _made(rule, ends, status, reason, rate, score, weak)


def _made(
    rule: str,
    ends: Ends,
    status: str,
    reason: str,
    progress: float | None,
    score: float | None,
    evidence: Evidence,
) -> Grade:
    return Grade(rule, status, reason, progress, score, ends.base_year, ends.year, evidence)
