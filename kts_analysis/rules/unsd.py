"""UN Statistics Division: projected change over required change, five grades or three.

Sources: technical notes for the Progress Chart 2023 and for the progress assessment 2026
(unstats.un.org/sdgs/files/report), read second hand: the 2023 rules as restated by Eustat
(EUSTAT-DES/site, metodologia), the 2026 rules as implemented in the Python package undata 0.4.3.
"""

from __future__ import annotations

from kts_analysis.rules.grade import (
    Ends,
    Grade,
    Question,
    band,
    ends_of,
    growth,
    growth_wanted,
    no_grade,
    opposite,
)
from kts_analysis.rules.words import Evidence

EVIDENCE: Evidence = "read"
NEAR_ENDS = 1.0  # points: so near a target of 0 or 100 counts as reached (Eustat's reading)

# (lower cut, upper end, grade): a score rises by 1 over each band, the lowest band is 0 to 1.
Bands = tuple[tuple[float, float, str], ...]
RATIO_BANDS: Bands = (
    (0.95, 1.5, "on_track"),
    (0.50, 0.95, "moderate_progress"),
    (0.10, 0.50, "marginal_progress"),
    (0.0, 0.10, "stagnation"),
    (-0.5, 0.0, "regression"),
)
GROWTH_BANDS: Bands = (  # a year, in the wanted direction, without a target
    (0.02, 0.05, "on_track"),
    (0.0125, 0.02, "moderate_progress"),
    (0.005, 0.0125, "marginal_progress"),
    (0.0, 0.005, "stagnation"),
    (-0.05, 0.0, "regression"),
)
BEST, WORST = 5.0, 0.0

CUTS_2023 = ((0.95, "on_track"), (0.10, "fair_progress"))
GROWTH_CUTS_2023 = ((0.02, "on_track"), (0.005, "fair_progress"))
LOWEST_2023 = "stagnation_or_regression"


def unsd(q: Question) -> Grade:
    """Grade by ``(yT - y0) / (T - y0)``, ``yT`` the newest value carried on at its growth rate.

    ``yT = y (1 + CAGR) ** (tT - t)``; cuts 0.95, 0.50, 0.10 and 0; the score 0-5 is linear inside
    a band and clipped at 1.5 and -0.5. Without a target the growth itself at 2 %, 1.25 %, 0.5 %
    and 0, clipped at 5 %. Compounding makes this another number than Eurostat's ratio.

    Edge cases: at the target in the base year is "on track" while it holds, else "regression"
    (the note's rule for a target equal to the base, also used past it); within one point of a
    target of 0 or 100 counts as reached; a base of zero, a negative value, values on both sides
    of zero give no grade. A base year without a figure is the next year with one.
    """
    found = _measure(q, "unsd")
    if isinstance(found, Grade):
        return found
    ends, number, projected = found
    bands = GROWTH_BANDS if q.target is None else RATIO_BANDS
    status = band(number, tuple((low, word) for low, _, word in bands), bands[-1][2])
    return _made("unsd", ends, status, "computed", number, score(number, bands), projected)


def unsd_2023(q: Question) -> Grade:
    """Grade as :func:`unsd` does, with the three grades of 2023: cuts 0.95 and 0.10, no score.

    Without a target the growth at 2 % and 0.5 %. A newest figure at the target is on track
    whatever the trend.
    """
    found = _measure(q, "unsd_2023")
    if isinstance(found, Grade):
        return found
    ends, number, projected = found
    cuts = GROWTH_CUTS_2023 if q.target is None else CUTS_2023
    status = band(number, cuts, LOWEST_2023)
    return _made("unsd_2023", ends, status, "computed", number, None, projected)


def score(number: float, bands: Bands) -> float:
    """Return the score 0-5: one more in each band, linear inside, clipped at the outer ends."""
    for place, (low, high, _) in enumerate(bands):
        if number >= low or place == len(bands) - 1:
            share = (min(max(number, low), high) - low) / (high - low)
            return BEST - 1 - place + share
    raise ValueError("no bands")


def _measure(q: Question, rule: str) -> Grade | tuple[Ends, float, float | None]:
    """Return the ends, the rule's number and the projected value; or the grade, where it is set."""
    ends = ends_of(q)
    if isinstance(ends, str):
        return no_grade(q, rule, ends, EVIDENCE, None)
    best = rule == "unsd"
    if q.target is not None and q.reaches(ends.base):
        return _since_base(q, rule, ends)
    if q.target in (0, 100) and abs(ends.value - (q.target or 0)) <= NEAR_ENDS:
        return _made(rule, ends, "on_track", "within_one_point", None, BEST if best else None, None)
    problem = _problem(ends, q.target)
    if problem:
        return no_grade(q, rule, problem, EVIDENCE, ends)
    if q.target is None:
        return ends, growth_wanted(ends, q), None
    assert q.target_year is not None
    rate = growth(ends.base, ends.value, ends.years)
    projected = ends.value * (1 + rate) ** (q.target_year - ends.year)
    return ends, (projected - ends.base) / (q.target - ends.base), projected


def _since_base(q: Question, rule: str, ends: Ends) -> Grade:
    """Grade a series that stood at the target in the base year."""
    scored = rule == "unsd"
    if q.reaches(ends.value):
        best = BEST if scored else None
        return _made(rule, ends, "on_track", "held_since_base", None, best, None)
    lowest = "regression" if scored else LOWEST_2023
    worst = WORST if scored else None
    return _made(rule, ends, lowest, "lost_since_base", None, worst, None)


def _problem(ends: Ends, target: float | None) -> str:
    if opposite(ends.base, ends.value, target):
        return "mixed_signs"
    if ends.base == 0:
        return "zero_base"
    return "negative_value" if ends.base < 0 else ""


def _made(
    rule: str,
    ends: Ends,
    status: str,
    reason: str,
    progress: float | None,
    scored: float | None,
    projected: float | None,
) -> Grade:
    return Grade(
        rule,
        status,
        reason,
        progress,
        scored,
        ends.base_year,
        ends.year,
        EVIDENCE,
        projected,
    )
