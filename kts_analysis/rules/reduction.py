"""Yearly rates of reduction: UN IGME (logarithms of two ends) and UNICEF AARR (all surveys).

Sources: UN IGME 2013 report (the log form alone reproduces its published rates: verified) and its
three groups (data.unicef.org/topic/child-survival/child-survival-sdgs); UNICEF technical note on
the average annual rate of reduction (verified by its worked example).
"""

from __future__ import annotations

import math

import numpy as np

from kts_analysis.rules.grade import Ends, Grade, Question, ends_of, no_grade
from kts_analysis.rules.words import Evidence


def igme(q: Question) -> Grade:
    """Grade a falling indicator by its log rate so far against the rate required from now on.

    So far ``ln(y0 / y) / (t - t0)``, required ``ln(y / T) / (tT - t)`` from the newest figure, not
    from the base. On track when the first is not less. The rates are verified, the groups read.

    Edge cases: rising indicators, values of zero or below, and a deadline that is here without
    the target reached give no grade.
    """
    found = _checked(q, "igme")
    if isinstance(found, Grade):
        return found
    ends, target, target_year = found
    if q.reaches(ends.value):
        held = "held_since_base" if q.reaches(ends.base) else "target_reached"
        return _made("igme", ends, "target_reached", held, None)
    if target_year <= ends.year:
        return no_grade(q, "igme", "no_time_left", "read", ends)
    if min(ends.base, ends.value) <= 0 or target <= 0:
        return no_grade(q, "igme", "zero_value", "read", ends)
    so_far = log_rate(ends.base, ends.value, ends.years)
    required = log_rate(ends.value, target, target_year - ends.year)
    status = "on_track" if so_far >= required else "accelerate"
    return _made("igme", ends, status, "computed", so_far / required)


def aarr(q: Question) -> Grade:
    """Grade a falling indicator by the average annual rate of reduction over all its figures.

    ``AARR = 1 - exp(b)``, b the slope of ``ln y`` on the year from the base year on (verified).
    The rate required, ``1 - (T / y) ** (1 / (tT - t))``, and "on track" when AARR is not less are
    our completion: the note has no grade, so every grade is marked unverified.
    """
    found = _checked(q, "aarr")
    if isinstance(found, Grade):
        return found
    ends, target, target_year = found
    used = tuple(item for item in q.figures if item[0] >= ends.base_year)
    if q.reaches(ends.value):
        held = "held_since_base" if q.reaches(ends.base) else "target_reached"
        return _made("aarr", ends, "on_track", held, None)
    if target_year <= ends.year:
        return no_grade(q, "aarr", "no_time_left", "unverified", ends)
    if min(value for _, value in used) <= 0 or target <= 0:
        return no_grade(q, "aarr", "zero_value", "unverified", ends)
    so_far = average_reduction(used)
    required = 1 - (target / ends.value) ** (1 / (target_year - ends.year))
    status = "on_track" if so_far >= required else "off_track"
    return _made("aarr", ends, status, "computed", so_far / required)


def log_rate(start: float, end: float, years: float) -> float:
    """Return the yearly rate of reduction as a fraction, ``ln(start / end) / years``.

    Raises
    ------
    ValueError
        A value is not above zero, or no time lies between.
    """
    if min(start, end) <= 0 or years <= 0:
        raise ValueError("a rate of reduction needs values above zero and some years between")
    return math.log(start / end) / years


def average_reduction(figures: tuple[tuple[float, float], ...]) -> float:
    """Return UNICEF's AARR as a fraction: ``1 - exp(b)``, b the slope of ``ln y`` on the year.

    Raises
    ------
    ValueError
        Fewer than two years, or a value not above zero.
    """
    if len({year for year, _ in figures}) < 2 or min(value for _, value in figures) <= 0:
        raise ValueError("the average rate needs two years and values above zero")
    times, values = np.array(figures, dtype=float).T
    away = times - times.mean()
    return reduction_of_slope(float((away * np.log(values)).sum() / (away**2).sum()))


def reduction_of_slope(slope: float) -> float:
    """Return the yearly reduction as a fraction from the slope of ``ln y``: ``1 - exp(b)``."""
    return 1 - math.exp(slope)


def _evidence(rule: str) -> Evidence:
    return "read" if rule == "igme" else "unverified"


def _checked(q: Question, rule: str) -> Grade | tuple[Ends, float, float]:
    """Return ends, target and deadline; or "no grade" for what these rules are not made for."""
    evidence = _evidence(rule)
    ends = ends_of(q)
    if isinstance(ends, str):
        return no_grade(q, rule, ends, evidence, None)
    if q.target is None or q.target_year is None:
        return no_grade(q, rule, "no_target", evidence, ends)
    if q.direction > 0:
        return no_grade(q, rule, "falling_only", evidence, ends)
    return ends, q.target, q.target_year


def _made(rule: str, ends: Ends, status: str, reason: str, progress: float | None) -> Grade:
    years = ends.base_year, ends.year
    return Grade(rule, status, reason, progress, None, *years, _evidence(rule))
