"""The default method: from the last figure along a damped pace, with errors that grow in time.

In two sentences for a planner: *the projection starts at the newest figure and follows the pace
that the areas have in common: an uneven pace dies down year by year, a steady one goes on; an
area's own pace counts the more, the fewer areas there are and the straighter its line*. *How wide
the interval is comes from how far the areas have strayed from that path in the past*.

An area's own evidence has weight ``areas ** -OWN_WEIGHT``: all of it when the area is alone, a
seventh with ten areas, almost none in a country.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kts_analysis.pooling import (
    Common,
    Own,
    common_evidence,
    own_error,
    own_evidence,
    shared_error,
)
from kts_analysis.scales import Array
from kts_analysis.steps import Flags, Steps

MIN_POINTS = 3  # two points fit a line exactly and say nothing about its error
LEND_POINTS = 2  # with neighbours, two points show where an area stands and that it moves
LENDERS = 3  # areas with three points that it takes to lend to one with two

OWN_WEIGHT = 0.8
DAMPING, DAMPING_STRAIGHT = 0.87, 0.45  # part of the pace left a year later; more when straight
MOST_DAMPING = 0.999  # (1 is no damping)
FASTEST = 1.25  # paces are bent so that none exceeds this on the logit scale
# A setback is believed less than progress: on real panels falls of such rates seldom went on.
SETBACK_OWN, SETBACK_COMMON = 0.0, 0.7
BEND_NONE = 1.2  # second over first differences from where a series is not straight at all
BEND_ALONE = 0.72  # what is expected before an area's own turns are seen
BEND_WEIGHT = 19.0  # own turns that this expectation is worth
RULER = 0.05  # below this a series is drawn by a model: its own line simply goes on
# An own slope this many typical errors from the others' is no accident: the area goes its own way.
APART, APART_POINTS = 3.0, 4
GROWTH_ALONE = 0.8  # power of time with which the variance grows (1 with many areas)
PACE_DOUBT = 0.8  # how much of the doubt about an own pace enters the spread
WIDEN_ALONE, WIDEN_SHARED = 1.13, 0.95  # found so that 80% intervals held 80% of what came
TAIL_DF = 4.0  # Student's t: short series surprise more often than a normal curve allows


@dataclass(frozen=True)
class Drift:
    """Paths of all areas, ready to be asked about any date; arrays have shape (areas,).

    Attributes
    ----------
    start, since : arrays
        Place and date the path starts from: the newest figure.
    pace : array
        Pace at the start, per year: common and own, blended.
    own_weight : array
        Weight of the area's own evidence, 0 to 1; the rest is borrowed.
    damping : array
        Part of the pace left a year later.
    apart : array
        Pace added where an area goes its own way.
    carried, carry, distance, catch_up : arrays
        Last deviation and its part that comes again; distance from the middle and its part made
        up in a year.
    error, start_doubt : arrays
        Variance of a year's step, and of the start where the newest figure is only "about".
    """

    start: Array
    since: Array
    pace: Array
    own_weight: Array
    damping: Array
    straight: Array
    apart: Array
    carried: Array
    carry: float
    distance: Array
    catch_up: float
    error: Array
    start_doubt: Array
    span: Array

    def at(self, dates: Array | float) -> tuple[Array, Array]:
        """Return centres and widths at one date an area (or one for all)."""
        years = np.maximum(np.asarray(dates, dtype=float) - self.since, 0.0)
        reach = _still_to_come(self.damping, years)
        own = self.apart * reach
        own = own + self.carried * _still_to_come_of_last(self.carry, years)
        own = own - self.distance * (1 - (1 - self.catch_up) ** years)
        centre = self.start + self.pace * reach + (1 - self.own_weight) * own
        growth = years ** (1 - self.own_weight + self.own_weight * GROWTH_ALONE)
        doubt = PACE_DOUBT * self.own_weight * reach**2 / np.maximum(self.span, 1.0)
        widen = WIDEN_SHARED + self.own_weight * (WIDEN_ALONE - WIDEN_SHARED)
        # at the newest figure itself nothing is left open but the figure's own doubt
        variance = self.error * (widen**2 * (growth + doubt) + self.start_doubt)
        return centre, np.sqrt(variance)


def drift(steps: Steps, own: Own, common: Common | None, progress: int = 1) -> Drift:
    """Return the paths of all areas from their own and the common evidence.

    `progress` is 1 where a rise is progress, -1 where a fall is.
    """
    weight = _own_weights(steps, common)
    straight, bend = _straightness(own, common, weight)
    belief = own.belief + (1 - own.belief) * straight
    setback = SETBACK_OWN + (1 - SETBACK_OWN) * straight
    alone = _tempered(belief * own.pace, setback, progress)
    error = own_error(own, steps, straight)
    zeros = np.zeros(len(own.pace))
    pace, apart, carried, distance = alone, zeros, zeros, zeros
    if common is not None:
        together = _tempered(np.array([common.pace]), SETBACK_COMMON, progress)[0]
        pace = np.where(weight == 0, together, (1 - weight) * together + weight * alone)
        shared = shared_error(common, steps)
        logs = (1 - weight) * np.log(shared) + weight * np.log(error)
        error = np.where(weight == 0, shared, np.exp(logs))
        apart, carried, distance = _apart(steps, own, common, bend, shared)
    return Drift(
        start=steps.newest(steps.places),
        since=steps.times[steps.last],
        pace=np.where(usable(steps, common), pace, np.nan),
        own_weight=weight,
        damping=np.clip(DAMPING + DAMPING_STRAIGHT * straight, 0, MOST_DAMPING),
        straight=straight,
        apart=apart,
        carried=carried,
        carry=common.carry if common else 0.0,
        distance=distance,
        catch_up=common.catch_up if common else 0.0,
        error=error,
        start_doubt=1 - steps.newest(steps.weights),
        span=steps.span,
    )


def usable(steps: Steps, common: Common | None) -> Flags:
    """Return which areas have points enough: three, or two and neighbours that lend."""
    return steps.count >= (LEND_POINTS if lends(common) else MIN_POINTS)


def lends(common: Common | None) -> bool:
    """Return whether there are areas enough to lend pace and error to one with two points."""
    return common is not None and common.n_firm >= LENDERS


def _own_weights(steps: Steps, common: Common | None) -> Array:
    """Weight of each area's own evidence; an area with two points has none of its own."""
    if common is None:
        return np.ones(len(steps.count))
    weight = float(common.n_areas) ** -OWN_WEIGHT
    return np.where(steps.count >= MIN_POINTS, weight, 0.0)


def _straightness(own: Own, common: Common | None, weight: Array) -> tuple[Array, Array]:
    """How far each series is a straight line (0 to 1), and its second over first differences."""
    expected = weight * np.log(BEND_ALONE)
    if common is not None:
        expected = expected + (1 - weight) * common.log_bend
    logs = (BEND_WEIGHT * expected + own.turns * own.log_bend) / (BEND_WEIGHT + own.turns)
    bend = np.exp(logs)
    return np.clip(1 - bend / BEND_NONE, 0, 1), bend


def _apart(
    steps: Steps, own: Own, common: Common, bend: Array, error: Array
) -> tuple[Array, Array, Array]:
    """What sets an area apart: a pace of its own, its last deviation, its distance.

    A pace of its own is followed where the series is drawn by a ruler, or where its slope lies
    so far from the others' that chance does not explain it; such an area does not catch up either.
    """
    slope = np.nan_to_num(own.pace - common.slope)
    ruled = np.where(steps.count >= MIN_POINTS, np.clip(1 - bend / RULER, 0, 1), 0.0)
    errors = slope**2 * np.maximum(steps.span, 1e-9) / error  # squared, in typical errors
    far = np.clip(1 - APART**2 / np.maximum(errors, 1e-9), 0, 1)
    part = np.maximum(ruled, np.where(steps.count >= APART_POINTS, far, 0.0))
    deviation = np.nan_to_num(steps.last_step(steps.paces - common.moves))
    distance = np.nan_to_num(steps.newest(steps.places - common.levels))
    return part * slope, deviation - part * slope, (1 - part) * distance


def _tempered(pace: Array, setback: Array | float, progress: int) -> Array:
    """Believe a setback less, and bend a pace that is too fast to last."""
    ahead = progress * pace
    with np.errstate(invalid="ignore"):
        lasting = np.where(ahead < 0, setback * ahead, ahead / (1 + np.abs(ahead) / FASTEST))
    return progress * lasting


def _still_to_come(damping: Array, years: Array) -> Array:
    """Years of full pace still to come: 1 + d + d² … for whole years, smooth between."""
    return (1 - damping**years) / (1 - damping)


def _still_to_come_of_last(carry: float, years: Array) -> Array:
    """Sum of c + c² + … over the years, smooth between; a negative part swings and dies."""
    size = abs(carry)
    if size == 0:
        return np.zeros(np.shape(years))
    if carry > 0:
        return carry * (1 - size**years) / (1 - size)
    return carry / (1 + size) * (1 - size**years * np.cos(np.pi * years))


def fit_drift(steps: Steps, progress: int = 1) -> tuple[Own, Common | None, Drift]:
    """Return own evidence, common evidence and the paths of a table of areas."""
    own = own_evidence(steps)
    common = common_evidence(steps, own)
    return own, common, drift(steps, own, common, progress)
