"""Several rules on one series: what each says, whether they disagree, how stable each is.

Two rules that look at one series can differ, and one rule can change its word with the next
figure. Both are results, not faults to hide.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kts_analysis.attainment import DEADLINE_GRACE_DAYS
from kts_analysis.rules.evaluation import Figures, evaluate
from kts_analysis.rules.grade import Grade
from kts_analysis.rules.words import GRADES, NO_STATUS, Step

# The rules that say something of a percent with a target. Eustat and UNSD 2023 are variants of
# Eurostat and UNSD and would only repeat them.
RISING = ("statcan", "eurostat", "unsd", "sdsn", "escap_csi", "escap_api", "jmp")
FALLING = (*RISING, "igme", "aarr")
JUMP = 2  # a change of so many grades is a jump
DAYS_A_YEAR = 365


@dataclass(frozen=True)
class Stability:
    """How one rule's grade would have moved over past vintages.

    Attributes
    ----------
    labels : tuple of str
        Name of each vintage, in order.
    statuses : tuple of str
        The rule's grade at each.
    graded : int
        Vintages at which the rule gave a grade.
    changes, jumps : int
        Changes between one grade and the next one given, and those of two or more grades.
    """

    rule: str
    labels: tuple[str, ...]
    statuses: tuple[str, ...]
    graded: int
    changes: int
    jumps: int


def side_by_side(
    series: Figures,
    *,
    target: float,
    target_year: float,
    base_year: float | None = None,
    direction: int,
    limit: float | None = None,
    rules: Sequence[str] | None = None,
) -> list[Grade]:
    """Return what each rule says of a percent with a target; parameters as in `evaluate`.

    Parameters
    ----------
    rules : sequence of str, optional
        Rules to ask; by default `RISING`, or `FALLING` when a decrease is wanted.
    """
    chosen = rules or (RISING if direction == 1 else FALLING)
    return [
        evaluate(
            rule,
            series,
            target=target,
            target_year=target_year,
            base_year=base_year,
            direction=direction,
            limit=limit,
        )
        for rule in chosen
    ]


def by_step(grades: Iterable[Grade]) -> dict[Step, tuple[str, ...]]:
    """Return which rules stand at each common meaning, best first; rules without a grade last."""
    listed = list(grades)
    order: tuple[Step, ...] = ("on_track", "behind", "far_behind", "no_grade")
    found = {step: tuple(grade.rule for grade in listed if grade.step == step) for step in order}
    return {step: rules for step, rules in found.items() if rules}


def disagree(grades: Iterable[Grade]) -> bool:
    """Return whether the rules that give a grade stand at different common meanings."""
    return len(set(by_step(grades)) - {"no_grade"}) > 1


def stability(
    vintages: Iterable[tuple[str, Figures]],
    *,
    target: float,
    target_year: float,
    base_year: float | None = None,
    direction: int,
    limit: float | None = None,
    rules: Sequence[str] | None = None,
) -> list[Stability]:
    """Return how each rule's grade would have moved from vintage to vintage.

    Parameters
    ----------
    vintages : iterable of (label, series)
        The series as it was known at each past publication, or cut off after each year
        (:func:`past_years`), in order of time. The other parameters as in :func:`side_by_side`.
    """
    listed = list(vintages)
    rows = [
        side_by_side(
            series,
            target=target,
            target_year=target_year,
            base_year=base_year,
            direction=direction,
            limit=limit,
            rules=rules,
        )
        for _, series in listed
    ]
    labels = tuple(label for label, _ in listed)
    per_rule = zip(*rows, strict=True)
    return [_stability(labels, list(grades)) for grades in per_rule]


def _stability(labels: tuple[str, ...], grades: list[Grade]) -> Stability:
    rule = grades[0].rule
    statuses = [grade.status for grade in grades]
    given = [status for status in statuses if status != NO_STATUS]
    steps = [grade_distance(rule, *pair) for pair in pairwise(given)]
    changes = sum(old != new for old, new in pairwise(given))
    jumps = sum(step >= JUMP for step in steps)
    return Stability(rule, labels, tuple(statuses), len(given), changes, jumps)


def grade_distance(rule: str, before: str, after: str) -> int:
    """Return how many grades of a rule lie between two of its statuses.

    Raises
    ------
    KeyError
        A status is not a grade of the rule.
    """
    return abs(GRADES[rule][before].rank - GRADES[rule][after].rank)


def past_years(series: Figures, target_year: float) -> list[tuple[str, dict[float, float]]]:
    """Return the series cut off after each year from the second figure to the deadline.

    The figures are those known today: revisions since then are in every cut.
    """
    known = {
        float(year): float(value)
        for year, value in sorted(series.items())
        if value is not None and not math.isnan(value) and year <= target_year
    }
    years = list(known)
    return [
        (f"{last:g}", {year: known[year] for year in years if year <= last}) for last in years[1:]
    ]


def yearly(times: Iterable[float], values: Iterable[float]) -> dict[int, float]:
    """Return one figure a calendar year, the one nearest to the year's end.

    Official rules count in years. On this package's axis a year's end stands at the whole number.
    A figure belongs to the calendar year it is dated in; one dated within a month after a year's
    end belongs to the year that ended, as at a deadline. A missing value is left out.

    Parameters
    ----------
    times, values : iterable of float
        Positions in years, and percent 0-100.
    """
    nearest: dict[int, tuple[float, float]] = {}
    for time, value in zip(times, values, strict=True):
        if math.isnan(value):
            continue
        year = math.ceil(time - DEADLINE_GRACE_DAYS / DAYS_A_YEAR - 1e-9)
        distance = abs(time - year)
        if year not in nearest or distance < nearest[year][0]:
            nearest[year] = (distance, float(value))
    return {year: nearest[year][1] for year in sorted(nearest)}
