"""Gap, pace, date and status of one line against one threshold: pure functions, no tables.

Percentages are 0-100, paces are percentage points a year, chances are 0 to 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import partial

import numpy as np

from kts_analysis.periods import date_at, year_position
from kts_analysis.scales import Array
from kts_analysis.trend_fit import TrendFit

Chances = Callable[[Array], Array]  # from dates (years) to the chance to stand there

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


def _nothing() -> Array:
    return np.empty(0)


@dataclass(frozen=True)
class Arrival:
    """The date a threshold is reached, as a distribution.

    The chance to *stand* at the threshold can fall again when the pace dies down while the spread
    goes on growing. The date of a level is therefore the first month at which that chance comes
    to the level, and the chance to *have reached* the threshold by a day is the highest chance to
    stand at it on any month up to that day. It never falls, it agrees with the dates, and it is
    cautious: a path may touch the threshold and leave it between, so the true chance is no less.

    Attributes
    ----------
    median : date or None
        First month with an even chance to stand at the threshold.
    earliest : date or None
        "Not before": the same with 1 chance in 10.
    latest_likely : date or None
        The same with 9 chances in 10.
    months : array, shape (n,)
        Months looked at, in years, from the newest figure to `FARTHEST_YEARS` past it; empty when
        there is no distribution.
    reached : array, shape (n,)
        Chance (0 to 1) to have reached the threshold by each of them.

    A date is None when it does not come within `FARTHEST_YEARS`.
    """

    median: date | None
    earliest: date | None
    latest_likely: date | None
    months: Array = field(default_factory=_nothing, compare=False, repr=False)
    reached: Array = field(default_factory=_nothing, compare=False, repr=False)
    chances: Chances | None = field(default=None, compare=False, repr=False)

    def by(self, day: date) -> float:
        """Return the chance (0 to 1) to have reached the threshold by a day.

        At a deadline it is never below the chance to stand at the threshold on that very day. NaN
        without a distribution, before the newest figure (that is history) and beyond
        `FARTHEST_YEARS`.
        """
        when = year_position(day)
        if self.chances is None or not self.months[0] <= when <= self.months[-1]:
            return float("nan")
        before = self.reached[self.months <= when][-1]
        return float(max(before, self.chances(np.array([when]))[0]))

    def quantile(self, level: float) -> date | None:
        """Return the first month by which the chance to have reached it is `level` (0 to 1).

        Raises
        ------
        ValueError
            `level` is not strictly between 0 and 1.
        """
        if not 0 < level < 1:
            raise ValueError(f"a level lies between 0 and 1, found {level}")
        return _first(self.months, self.reached, level)

    @property
    def never(self) -> float:
        """Chance (0 to 1), at most, of not reaching it within `FARTHEST_YEARS`; NaN if unknown."""
        return 1 - float(self.reached[-1]) if len(self.reached) else float("nan")


def arrival(fit: TrendFit, threshold: float, comparator: str) -> Arrival:
    """Return when the predictive distribution of a fit reaches a threshold."""
    if not fit.sufficient:
        return Arrival(None, None, None)
    chances = partial(fit.chances, threshold=threshold, comparator=comparator)
    return arrival_of(chances, float(fit.times[-1]))


def arrival_of(chances: Chances, start: float) -> Arrival:
    """Return when something comes about, from its chance at any date.

    Parameters
    ----------
    chances : callable
        From dates in years, shape (n,), to the chance (0 to 1) to stand there at each.
    start : float
        Date of the newest figure, in years; nothing earlier is asked.
    """
    months = np.arange(0, FARTHEST_YEARS * 12 + 1) / 12 + start
    reached = np.maximum.accumulate(chances(months))
    return Arrival(
        median=_first(months, reached, 0.5),
        earliest=_first(months, reached, EARLY),
        latest_likely=_first(months, reached, LATE),
        months=months,
        reached=reached,
        chances=chances,
    )


def _first(months: Array, reached: Array, level: float) -> date | None:
    """First month at which a chance comes to a level."""
    there = np.flatnonzero(reached >= level)
    return date_at(float(months[there[0]])) if len(there) else None


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
