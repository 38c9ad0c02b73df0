"""One entry to every rule: check the question once, then ask the rule."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

from kts_analysis.rules.escap import escap_api, escap_csi
from kts_analysis.rules.eurostat import eurostat, eustat
from kts_analysis.rules.grade import Grade, Question
from kts_analysis.rules.jmp import jmp
from kts_analysis.rules.reduction import aarr, igme
from kts_analysis.rules.sdsn import sdsn
from kts_analysis.rules.statcan import statcan
from kts_analysis.rules.unsd import unsd, unsd_2023

Figures = Mapping[int, float | None] | Mapping[float, float | None] | Mapping[float, float]

# Published figures carry far fewer decimals: what is nearer to zero is rounding in a sum, and
# growth from it would be astronomical.
TINY = 1e-6

RULES: Mapping[str, Callable[[Question], Grade]] = MappingProxyType(
    {
        "statcan": statcan,
        "eurostat": eurostat,
        "eustat": eustat,
        "unsd": unsd,
        "unsd_2023": unsd_2023,
        "sdsn": sdsn,
        "escap_csi": escap_csi,
        "escap_api": escap_api,
        "jmp": jmp,
        "aarr": aarr,
        "igme": igme,
    }
)


def evaluate(
    rule: str,
    series: Figures,
    *,
    target: float | None = None,
    target_year: float | None = None,
    base_year: float | None = None,
    direction: int | None = None,
    limit: float | None = None,
    origin: float | None = None,
) -> Grade:
    """Say what one official rule says of a series.

    Parameters
    ----------
    rule : str
        A key of `RULES`; the formula and the edge cases stand in the function of that name.
    series : mapping of year to value
        Percent 0-100, or any unit for rules that do not need percent. None and NaN are missing
        and left out, never zero; less than `TINY` from zero is zero. Figures after `target_year`
        are left out: a past deadline is seen with the last figure at or before it.
    target, target_year : float, optional
        Without a target, only the growth rules grade.
    base_year : float, optional
        Year to measure from; by default the first year with a figure.
    direction : {1, -1}
        +1 when an increase is wanted, -1 when a decrease is. There is no default: a wrong one
        turns every verdict round.
    limit : float, optional
        Natural limit of the indicator, for the rules that know one.
    origin : float, optional
        Year of weight zero of ESCAP's line; by default the first year minus 1.

    Returns
    -------
    Grade
        Progress value, score, status and reason, with the years used and how well the rule is
        known.

    Raises
    ------
    ValueError
        Unknown rule; direction unset; a target without a year; a number that is not finite, or
        figures too far apart in too short a time to compound.

    Examples
    --------
    >>> grade = evaluate("statcan", {2015: 14.5, 2023: 10.4}, target=7.25, target_year=2030,
    ...                  base_year=2015, direction=-1)
    >>> grade.status, round(grade.progress, 3), round(grade.score, 3)
    ('moderate_progress', 0.901, 2.151)
    """
    if rule not in RULES:
        raise ValueError(f"unknown rule {rule!r}; known: {', '.join(RULES)}")
    asked = question(
        series,
        target=target,
        target_year=target_year,
        base_year=base_year,
        direction=direction,
        limit=limit,
        origin=origin,
    )
    try:
        return RULES[rule](asked)
    except OverflowError as error:
        raise ValueError("the figures are too far apart in too short a time to compound") from error


def question(
    series: Figures,
    *,
    target: float | None = None,
    target_year: float | None = None,
    base_year: float | None = None,
    direction: int | None = None,
    limit: float | None = None,
    origin: float | None = None,
) -> Question:
    """Return the checked question; parameters and errors as in :func:`evaluate`."""
    if direction not in (1, -1):
        raise ValueError(f"direction must be set: +1 or -1, found {direction!r}")
    if target is not None and target_year is None:
        raise ValueError("a target needs its target_year")
    given = (target, target_year, base_year, limit, origin)
    if any(value is not None and not math.isfinite(value) for value in given):
        raise ValueError("target, years, limit and origin must be finite numbers")
    known = {
        float(year): float(value) if abs(value) >= TINY else 0.0
        for year, value in series.items()
        if value is not None and not math.isnan(value)
    }
    if not all(math.isfinite(number) for pair in known.items() for number in pair):
        raise ValueError("years and values must be finite numbers, or missing")
    if target is not None:  # 0.1 + 0.2 is 0.3: a target equal to a figure but for rounding is it
        near = [value for value in known.values() if math.isclose(value, target, rel_tol=1e-9)]
        target = near[0] if near else target
    last = math.inf if target_year is None else target_year
    figures = tuple(sorted((year, value) for year, value in known.items() if year <= last))
    first = figures[0][0] if figures else 0.0
    start = first if base_year is None else float(base_year)
    return Question(figures, direction, target, target_year, start, limit, origin)
