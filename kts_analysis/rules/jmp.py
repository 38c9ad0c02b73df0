"""WHO/UNICEF JMP (water, sanitation, hygiene): a line, two years further, then flat.

Source: JMP Task Force on Methods; the rules are verified on the Uganda country file of 2021
(github.com/larnsce/washr), except where marked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from kts_analysis.rules.grade import Grade, Question, no_grade

MIN_SPAN = 5.0  # years between first and last point for a line, else the mean: verified
BEYOND = 2.0  # years a line goes on before the first and past the last point: verified
FLAT = 4.0  # further years it is held flat before there is no estimate: only remembered

Points = Sequence[tuple[float, float]]


def jmp(q: Question) -> Grade:
    """Return the JMP estimate for the deadline, percent 0-100; the rule gives no grade.

    More than six years past the last figure there is no estimate (only remembered). Clipping to
    0-100 is only remembered too; a clipped estimate is marked unverified. One figure is enough:
    it is held constant.
    """
    if not q.figures:
        return no_grade(q, "jmp", "no_figures", "verified", None)
    if q.target_year is None:
        return no_grade(q, "jmp", "no_target", "verified", None)
    first, last = q.figures[0][0], q.figures[-1][0]
    if q.target_year - last > BEYOND + FLAT:
        return no_grade(q, "jmp", "too_far", "unverified", None)
    estimate = estimates(q.figures, [q.target_year])[q.target_year]
    shown = min(max(estimate, 0.0), 100.0)
    return Grade(
        "jmp",
        "not_available",
        "gives_no_grade",
        shown,
        None,
        first,
        last,
        "verified" if shown == estimate else "unverified",
        shown,
    )


def estimates(points: Points, years: Sequence[float]) -> dict[float, float]:
    """Return estimates for years, not clipped.

    Ordinary least squares through all points (several a year stay apart) when they span five
    years or more, else their mean. A line goes on for two years on both sides and is flat beyond.

    Raises
    ------
    ValueError
        There are no points.
    """
    if not len(points):
        raise ValueError("no points to estimate from")
    times, values = np.array(points, dtype=float).T
    first, last = times.min(), times.max()
    if last - first < MIN_SPAN:
        return dict.fromkeys(years, float(values.mean()))
    away = times - times.mean()
    slope = float((away * values).sum() / (away**2).sum())
    held = np.clip(np.array(years, dtype=float), first - BEYOND, last + BEYOND)
    line = values.mean() + slope * (held - times.mean())
    return dict(zip(years, line.tolist(), strict=True))


def nested(ratio_points: Points, parent: Mapping[float, float]) -> dict[float, float]:
    """Return estimates of a part from its share of a parent (percent), which it cannot exceed."""
    shares = estimates(ratio_points, list(parent))
    return {year: shares[year] / 100 * whole for year, whole in parent.items()}


def national(rates: Mapping[str, float], people: Mapping[str, float]) -> float:
    """Return the rate of the whole from its parts', weighted by population.

    Raises
    ------
    ValueError
        The parts with a rate are not those with a population.
    """
    if set(rates) != set(people):
        raise ValueError("each part needs a rate and a population")
    return sum(rates[part] * people[part] for part in rates) / sum(people.values())
