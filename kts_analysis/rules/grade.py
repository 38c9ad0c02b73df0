"""What a rule is asked and what it answers: one series with its target, one grade.

Shared by every rule: which figures count, which year is the base, how growth is measured. Each
rule stands in a module of its own, named after the organisation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from kts_analysis.rules.words import GRADES, NO_GRADE, NO_STATUS, Evidence, Step, Word


@dataclass(frozen=True)
class Question:
    """One series and its target, checked and in order; made by `evaluation.question`.

    Attributes
    ----------
    figures : tuple of (year, value)
        In order of year, none missing, none after the deadline.
    direction : int
        +1 when an increase is wanted, -1 when a decrease is.
    target, target_year : float or None
        In the unit of the values; None when the indicator has no target.
    base_year : float
        Year the rule should measure from; a rule says what it does where it has no figure.
    limit : float or None
        Natural limit of the indicator (100 for a percent); used only where a rule knows one.
    origin : float or None
        Year of weight zero of ESCAP's weighted line; None is the first year minus 1.
    """

    figures: tuple[tuple[float, float], ...]
    direction: int
    target: float | None
    target_year: float | None
    base_year: float
    limit: float | None = None
    origin: float | None = None

    def reaches(self, value: float) -> bool:
        """Return whether a value stands at the target or past it ("at least" in every rule)."""
        return self.target is not None and self.direction * (value - self.target) >= 0


@dataclass(frozen=True)
class Grade:
    """What one rule says of one series.

    Attributes
    ----------
    rule : str
        Id of the rule, a key of `words.GRADES`.
    status : str
        The rule's own grade, from the closed list `words.GRADES[rule]`, or ``not_available``.
    reason : str
        What decided it, or why there is no grade; from the closed list `words.REASONS`.
    progress : float or None
        The rule's own number, unrounded, as `words.MEASURES` names it. Without a target, the
        growth rules give the yearly growth in the wanted direction as a fraction, as published.
    score : float or None
        The rule's score for averaging: -5 to 5, UNSD 0 to 5, ESCAP current status up to 10.
    base_year, latest_year : float or None
        Years of the figures the rule measured between.
    evidence : {"verified", "read", "unverified"}
        The weakest mark of anything this grade rests on: the rule reproduces published numbers;
        it was read in the organisation's text or code; it is only remembered.
    projected : float or None
        The rule's value at the deadline, where it projects one.
    origin : float or None
        Year of weight zero, for ESCAP's weighted line.
    """

    rule: str
    status: str
    reason: str
    progress: float | None = None
    score: float | None = None
    base_year: float | None = None
    latest_year: float | None = None
    evidence: Evidence = "verified"
    projected: float | None = None
    origin: float | None = None

    @property
    def word(self) -> Word:
        """The grade's label, common meaning and rank."""
        return NO_GRADE if self.status == NO_STATUS else GRADES[self.rule][self.status]

    @property
    def label(self) -> str:
        """The grade in English, a message id of the catalogues."""
        return self.word.label

    @property
    def step(self) -> Step:
        """The common meaning: on_track, behind, far_behind or no_grade."""
        return self.word.step


@dataclass(frozen=True)
class Ends:
    """The two figures an end-point rule looks at."""

    base_year: float
    base: float
    year: float
    value: float

    @property
    def years(self) -> float:
        """Years between the two."""
        return self.year - self.base_year


def ends_of(q: Question, *, nearest: bool = False) -> Ends | str:
    """Return base and newest figure, or the reason why there are no two.

    Parameters
    ----------
    nearest : bool
        A base year without a figure is replaced by the nearest year that leaves two figures, the
        later one of two equally near; by default by the next later year with a figure.
    """
    if not q.figures:
        return "no_figures"
    year, value = q.figures[-1]
    if nearest:
        candidates = [item for item in q.figures if item[0] < year] or [q.figures[-1]]
        base_year, base = min(candidates, key=lambda item: (abs(item[0] - q.base_year), -item[0]))
    else:
        later = [item for item in q.figures if item[0] >= q.base_year]
        if not later:
            return "no_base"
        base_year, base = later[0]
    if q.target_year is not None and q.target is not None and base_year >= q.target_year:
        return "deadline_before_base"
    if base_year == year:
        return "one_figure"
    return Ends(base_year, base, year, value)


def no_grade(q: Question, rule: str, reason: str, evidence: Evidence, ends: Ends | None) -> Grade:
    """Return "no grade" with its reason; the years are given where there are two figures."""
    base_year = ends.base_year if ends else None
    latest = q.figures[-1][0] if q.figures else None
    return Grade(
        rule, NO_STATUS, reason, base_year=base_year, latest_year=latest, evidence=evidence
    )


def band(value: float, cuts: tuple[tuple[float, str], ...], below: str) -> str:
    """Return the first word whose cut the value reaches, cuts falling; else `below`."""
    return next((word for cut, word in cuts if value >= cut), below)


def growth(base: float, value: float, years: float) -> float:
    """Return the compound growth a year as a fraction: ``(value / base) ** (1 / years) - 1``.

    Raises
    ------
    ValueError
        The base is zero, the values have opposite signs, or no time lies between them.
    """
    if base == 0 or value / base < 0 or years <= 0:
        raise ValueError(f"no growth rate from {base} to {value} in {years} years")
    return float((value / base) ** (1 / years)) - 1


def opposite(*values: float | None) -> bool:
    """Return whether some values are above and some below zero."""
    known = [value for value in values if value is not None]
    return any(value > 0 for value in known) and any(value < 0 for value in known)


def growth_ratio(ends: Ends, q: Question, target: float) -> float:
    """Return growth so far over growth required, 1 being just enough.

    ``sign(base) * direction * growth(base to newest) / |growth(base to target)|``: below zero
    means away from what is wanted, also when the target was already reached in the base year.
    Source: Open SDG, sdg-build `ProgressMeasure.py`; Statistics Canada publishes by it.

    Raises
    ------
    ValueError
        The target equals the base, or growth is not defined.
    """
    assert q.target_year is not None
    required = growth(ends.base, target, q.target_year - ends.base_year)
    if required == 0:
        raise ValueError("the target equals the base value")
    so_far = growth(ends.base, ends.value, ends.years)
    return math.copysign(1, ends.base) * q.direction * so_far / abs(required)


def growth_wanted(ends: Ends, q: Question) -> float:
    """Return the growth a year in the wanted direction, as a fraction."""
    return math.copysign(1, ends.base) * q.direction * growth(ends.base, ends.value, ends.years)
