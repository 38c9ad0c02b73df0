"""Gap, pace, date and status of one line against one threshold: pure functions, no tables.

Percentages are 0-100, paces are percentage points a year, chances are 0 to 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np

from kts_analysis.periods import date_at, year_position
from kts_analysis.trends import TrendFit

# Cuts of the four words before a deadline. 80% is where planners commonly stop hedging and where
# the chance of being wrong (1 in 5) can still be planned for; 50% is a coin toss; 20% mirrors 80.
LIKELY, POSSIBLE, UNLIKELY = 0.80, 0.50, 0.20
# "Exceeded" asks for 5% more than the threshold: closer than that, the word would rest on the
# rounding and sampling of published figures.
EXCEEDED_BY = 0.05
# A yearly figure may be dated some days after the deadline (a year's end counted in January).
DEADLINE_GRACE_DAYS = 31
FARTHEST_YEARS = 25.0  # no attainment date is named farther away than this
EARLY, LATE = 0.1, 0.9  # chances at the "not before" and the "latest likely" date
NEARLY = 1.0  # "gần 87%" lies a little below the printed value: within a point, as it is used
SHORTEST_YEARS = 1 / 12  # less than a month left: a yearly pace no longer means anything


def gap(latest: float, threshold: float, comparator: str) -> float:
    """Return the points still missing to the threshold; negative when it is passed."""
    return threshold - latest if comparator in (">", ">=") else latest - threshold


def pace_observed(times: np.ndarray, values: np.ndarray) -> float:
    """Return the points a year from the first to the last dated value.

    The plain average anybody can check with a pencil: (last - first) / years between. NaN with
    fewer than two dates.
    """
    if len(times) < 2 or times[-1] == times[0]:
        return float("nan")
    return float((values[-1] - values[0]) / (times[-1] - times[0]))


def pace_required(missing: float, years_left: float) -> float:
    """Return the points a year needed from today to the deadline.

    Parameters
    ----------
    missing : float
        Gap in points; zero or less needs no pace.
    years_left : float
        Years from the as-of date to the deadline.

    Returns
    -------
    float
        NaN when less than a month is left.
    """
    if not years_left >= SHORTEST_YEARS:
        return float("nan")
    return max(missing, 0.0) / years_left


def acceleration(required: float, observed: float) -> float:
    """Return how many times faster than so far; NaN when there was no progress to multiply."""
    return required / observed if observed > 0 and np.isfinite(required) else float("nan")


def meets(value: float, threshold: float, comparator: str, qualifier: str = "exact") -> bool | None:
    """Return whether a figure reaches a threshold; None when its qualifier leaves it open.

    Parameters
    ----------
    value, threshold : float
        Unrounded, percent 0-100: exactly 50 misses "> 50" and reaches ">= 50".
    comparator : {">", ">=", "<", "<="}
    qualifier : str
        ``at_least`` ("trên 87%") lies above the printed value, ``at_most`` ("gần 87%") below it
        but within `NEARLY` points; they decide only where that settles the question.
    """
    upward = comparator in (">", ">=")
    if qualifier == "at_least":
        holds = _compare(value, threshold, comparator)
        return holds if holds == upward else None
    if qualifier == "at_most":
        lowest = _compare(value - NEARLY, threshold, comparator)
        highest = _compare(value, threshold, ">" if upward else "<=")  # just below the value
        return lowest if lowest == highest else None
    return _compare(value, threshold, comparator)


def _compare(value: float, threshold: float, comparator: str) -> bool:
    if np.isnan(value):
        raise ValueError("a missing figure cannot be held against a threshold")
    relations = {">": value > threshold, ">=": value >= threshold}
    relations |= {"<": value < threshold, "<=": value <= threshold}
    return bool(relations[comparator])


def grade(chance: float) -> str:
    """Return the word before a deadline for a chance (0 to 1).

    Raises
    ------
    ValueError
        The chance is not a number: without one there is no word.
    """
    if not 0 <= chance <= 1:
        raise ValueError(f"a chance lies between 0 and 1, found {chance}")
    if chance >= LIKELY:
        return "likely"
    if chance >= POSSIBLE:
        return "possible"
    return "unlikely" if chance >= UNLIKELY else "very_unlikely"


def outcome(value: float, threshold: float, comparator: str, qualifier: str) -> tuple[str, str]:
    """Return status and reason of a figure dated at the deadline."""
    reached = meets(value, threshold, comparator, qualifier)
    if reached is None:
        return "unknown", "bound_undecided"
    if not reached:
        return "missed", "figure_at_deadline"
    upward = comparator in (">", ">=")
    far = threshold * (1 + EXCEEDED_BY) if upward else threshold * (1 - EXCEEDED_BY)
    exceeded = value >= far if upward else value <= far
    return ("exceeded" if exceeded else "met"), "figure_at_deadline"


@dataclass(frozen=True)
class Arrival:
    """When a threshold is reached: the median date and the two ends of what is likely.

    Each is None when it does not come within `FARTHEST_YEARS`.
    """

    median: date | None
    earliest: date | None
    latest_likely: date | None


def arrival(fit: TrendFit, threshold: float, comparator: str) -> Arrival:
    """Return when the predictive distribution reaches a threshold.

    ``earliest`` is the first month with 1 chance in 10 to stand at the threshold, ``median`` with
    an even chance, ``latest_likely`` with 9 in 10.
    """
    if fit.line is None:
        return Arrival(None, None, None)
    months = np.arange(0, FARTHEST_YEARS * 12 + 1) / 12 + fit.times[-1]
    chances = fit.chances(months, threshold, comparator)

    def first(level: float) -> date | None:
        reached = np.flatnonzero(chances >= level)
        return date_at(float(months[reached[0]])) if len(reached) else None

    return Arrival(first(0.5), first(EARLY), first(LATE))


def arrived(
    figures: Iterable[tuple[date, float, str]], threshold: float, comparator: str
) -> date | None:
    """Return the date since when the figures have stood at the threshold without a break.

    Parameters
    ----------
    figures : iterable of (date, value, qualifier)
        In order of time.
    """
    since = None
    for day, value, qualifier in figures:
        reached = meets(value, threshold, comparator, qualifier)
        since = (since or day) if reached else None
    return since


def years_between(start: date, end: date) -> float:
    """Return the years from one day to another on the package's time axis."""
    return year_position(end) - year_position(start)
