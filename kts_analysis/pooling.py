"""What the figures say about pace and error: each area's own, and what areas have in common.

Everything here is on the working scale (`scales`), a year at a time, for all areas at once. The
constants were found by rolling origins on real panels (`kts backtest`, evidence file); each stands
with what it means. Shares of belief lie between 0 and 1.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from kts_analysis.scales import Array
from kts_analysis.steps import Steps

# --- an area's own evidence ---
# Part of an area's own pace that lasts, by number of points: few points, little belief.
BELIEF_3, BELIEF_8 = 0.4, 0.7
PACE_SPREAD = 0.4  # how far lasting paces of such indicators lie apart (standard deviation)
PACE_NOISE = 2.5  # how much less one's own slope is worth than a textbook says
# A typical yearly error: a floor, and a part of the pace (what moves fast moves unevenly).
ERROR_FLOOR, ERROR_OF_PACE = 0.12, 0.35
ERROR_WEIGHT = 5.0  # own steps that this prior is worth
ERROR_STRAIGHT = 0.55  # a straight series needs so much less of it
ROUNDING = 0.005  # no figure is more exact than this

# --- what areas have in common ---
SHARED_FLOOR, SHARED_OF_PACE = 0.12, 0.6  # the same prior for the areas' typical error
SHARED_WEIGHT = 12.0  # steps of all areas together that it is worth
SHARED_FOR_ONE = 8.0  # own steps that the areas' typical error is worth for one area's error
LEAST_ERROR = 0.08  # an area's variance is not taken below this part of the typical one
WHOLE_WINDOW = 0.75  # weight of the pace over all dates; the rest is the newest step's pace
CARRY_WEIGHT = 30.0  # areas' steps that "no carry-over" is worth
CATCH_UP_WEIGHT = 15.0  # areas' steps that "no catching up" is worth
MOST_CATCH_UP, MOST_CARRY = 0.15, 0.9

# --- straightness: second differences against first (2 = random steps, 0 = a ruler's line) ---
BEND_LEAST = 1e-3


@dataclass(frozen=True)
class Own:
    """What each area's figures say by themselves; every array has shape (areas,).

    Attributes
    ----------
    pace : array
        Slope of the (weighted) least-squares line, per year.
    belief : array
        Part of that slope expected to last, 0 to 1.
    noise : array
        Variance of a year's step about the slope, as found.
    log_bend, turns : arrays
        Logarithm of second over first differences, and how many turns it rests on.
    """

    pace: Array
    belief: Array
    noise: Array
    log_bend: Array
    turns: Array


@dataclass(frozen=True)
class Common:
    """What the areas have in common.

    Attributes
    ----------
    n_areas : int
        Areas with a pace (two figures or more).
    n_firm : int
        Areas with three figures or more.
    pace : float
        Common pace per year: the median area's, over all dates and in the newest step.
    slope : float
        The median area's slope over all dates.
    moves : array, shape (dates - 1,)
        The median area's pace in each step.
    reporting : array, shape (dates - 1,)
        Areas behind each of `moves`.
    levels : array, shape (dates,)
        The median area's place at each date.
    error : float
        Typical variance of an area's yearly step about the common move.
    carry : float
        Part of an area's last deviation from the common move that comes again next year.
    catch_up : float
        Part of an area's distance from the middle that is made up in a year.
    log_bend : float
        Mean logarithm of second over first differences.
    """

    n_areas: int
    n_firm: int
    pace: float
    slope: float
    moves: Array
    reporting: Array
    levels: Array
    error: float
    carry: float
    catch_up: float
    log_bend: float


def own_evidence(steps: Steps) -> Own:
    """Return what each area's figures say by themselves."""
    pace = _slopes(steps)
    strays = steps.zeroed(steps.paces - pace[:, None])
    squares = np.einsum("ij,ij,j->i", strays, strays, steps.lengths)
    noise = squares / np.maximum(steps.count - 2, 1)
    span = np.maximum(steps.span, 1e-9)
    believed = BELIEF_3 + (BELIEF_8 - BELIEF_3) * (_years_of_points(steps) - 3) / 5
    belief = believed * PACE_SPREAD**2 / (PACE_SPREAD**2 + PACE_NOISE * noise / span)
    log_bend, turns = _bends(steps)
    return Own(pace, belief, noise, log_bend, turns)


def own_error(own: Own, steps: Steps, straight: Array) -> Array:
    """Return each area's error variance from its own steps and the prior, shape (areas,).

    Parameters
    ----------
    straight : array, shape (areas,)
        How far each series is a straight line, 0 to 1.
    """
    prior = ERROR_FLOOR**2 + ERROR_OF_PACE**2 * own.pace**2
    prior = prior * (1 - ERROR_STRAIGHT * straight) ** 2
    return _between(prior, ERROR_WEIGHT, own.noise + ROUNDING**2, steps.count - 1)


def shared_error(common: Common, steps: Steps) -> Array:
    """Return each area's error variance from its own steps and the areas' typical one."""
    noise, count = _deviations_squared(steps, common)
    return _shared(common.error, noise, count)


def _shared(typical: float, noise: Array, count: Array) -> Array:
    found = np.where(count > 0, noise, typical) + LEAST_ERROR * typical
    return _between(typical, SHARED_FOR_ONE, found, count)


def common_evidence(steps: Steps, own: Own) -> Common | None:
    """Return what the areas have in common; None when there are not two areas with a pace."""
    moving = steps.count >= 2
    if moving.sum() < 2:
        return None
    paces = steps.paces[moving]
    moves, reporting = _medians(paces)
    levels, _ = _medians(steps.places[moving])
    slope = float(np.median(own.pace[moving]))
    newest = np.flatnonzero(reporting >= min(moving.sum() / 2, reporting.max()))[-1]
    draft = Common(
        n_areas=int(moving.sum()),
        n_firm=int((steps.count >= 3).sum()),
        pace=WHOLE_WINDOW * slope + (1 - WHOLE_WINDOW) * float(moves[newest]),
        slope=slope,
        moves=moves,
        reporting=reporting,
        levels=levels,
        error=float("nan"),
        carry=0.0,
        catch_up=0.0,
        log_bend=float(np.mean(own.log_bend[moving])),
    )
    return _with_errors(draft, steps)


def _with_errors(draft: Common, steps: Steps) -> Common:
    """Complete what is common by what the deviations from it show."""
    noise, count = _deviations_squared(steps, draft)
    heard = count > 0
    prior = SHARED_FLOOR**2 + SHARED_OF_PACE**2 * draft.slope**2
    typical = float(np.sqrt(noise[heard]).mean() ** 2) if heard.any() else prior
    weight = count[heard].sum() * (1 - 1 / draft.n_areas)
    error = _between(prior, SHARED_WEIGHT, typical + 1e-8, weight)
    known = Common(**{**vars(draft), "error": float(error)})
    precision = 1 / _shared(known.error, noise, count)
    deviations = steps.zeroed(steps.paces - draft.moves)
    return Common(
        **{
            **vars(known),
            "carry": _carry(deviations, precision, steps),
            "catch_up": _catch_up(deviations, precision, steps, draft.levels),
        }
    )


def _carry(deviations: Array, precision: Array, steps: Steps) -> float:
    """Part of a deviation that comes again in the next step, made a year's part."""
    met = steps.turns & np.isfinite(steps.paces[:, :-1]) & np.isfinite(steps.paces[:, 1:])
    before = np.where(met, deviations[:, :-1], 0.0)
    together = np.einsum("i,ij,ij->", precision, before, deviations[:, 1:])
    alone = np.einsum("i,ij,ij->", precision, before, before)
    if not alone > 0:
        return 0.0
    part = float(together / (alone + CARRY_WEIGHT * alone / met.sum()))
    typical = float(np.median(steps.lengths))
    yearly = np.sign(part) * abs(part) ** (1 / typical)
    return float(np.clip(yearly, -0.5, MOST_CARRY))


def _catch_up(deviations: Array, precision: Array, steps: Steps, levels: Array) -> float:
    """Part of the distance from the middle that is made up in a year (0 when none is seen)."""
    moved = np.isfinite(steps.paces)
    distance = np.where(moved, steps.zeroed(steps.places - levels)[:, :-1], 0.0)
    weighed = distance * steps.lengths
    towards = -np.einsum("i,ij,ij->", precision, weighed, deviations)
    spread = np.einsum("i,ij,ij->", precision, weighed, distance)
    years = max(float((moved @ steps.lengths).sum()), 1e-9)
    if not spread > 0:
        return 0.0
    return float(np.clip(towards / (spread + CATCH_UP_WEIGHT * spread / years), 0, MOST_CATCH_UP))


def _deviations_squared(steps: Steps, common: Common) -> tuple[Array, Array]:
    """Mean squared step of each area about the common move, and how many steps it rests on.

    A step that only one area reports says nothing about deviations. With few areas each pulls the
    middle towards itself, which the factor makes good.
    """
    heard = common.reporting >= 2
    part = heard * common.reporting / np.maximum(common.reporting - 1, 1)
    moves = np.where(heard, common.moves, 0.0)
    deviations = steps.zeroed(steps.paces - moves)
    squares = np.einsum("ij,ij,j->i", deviations, deviations, steps.lengths * part)
    years = np.isfinite(steps.paces) @ (steps.lengths * heard)
    count = (steps.count - 1) * np.clip(years / np.maximum(steps.span, 1e-9), 0, 1)
    count = np.where(steps.count >= 2, count, 0.0)
    return squares / np.maximum(count, 1e-9), count


def _slopes(steps: Steps) -> Array:
    """Weighted least-squares slope of each area; NaN with fewer than two figures."""
    # Times are taken from the newest date: whole years would spoil the arithmetic.
    times = steps.times - steps.times[-1]
    if steps.complete and (steps.weights == 1).all() and len(times) > 1:
        centred = times - times.mean()
        return np.asarray(steps.places @ centred / (centred @ centred))
    weights = np.where(steps.known, steps.weights, 0.0)
    places = np.where(steps.known, steps.places, 0.0)
    total = np.maximum(weights.sum(axis=1), 1e-300)
    distance = times - (weights @ times / total)[:, None]
    spread = (weights * distance**2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes: Array = (weights * distance * places).sum(axis=1) / spread
    return np.where(steps.count >= 2, slopes, np.nan)


def _bends(steps: Steps) -> tuple[Array, Array]:
    """Logarithm of second over first differences at the turns, and how many turns there are."""
    before, after = steps.paces[:, :-1], steps.paces[:, 1:]
    if not steps.complete:
        met = steps.turns & np.isfinite(before) & np.isfinite(after)
        before, after = np.where(met, before, 0.0), np.where(met, after, 0.0)
    change = after - before
    second = np.einsum("ij,ij->i", change, change)
    first = (np.einsum("ij,ij->i", before, before) + np.einsum("ij,ij->i", after, after)) / 2
    turns = np.maximum(steps.count - 2, 0)
    bend = np.where(turns > 0, np.log(second / (first + 1e-7) + BEND_LEAST), 0.0)
    return bend, turns


def _years_of_points(steps: Steps) -> Array:
    """Number of points, but no more than the years they span; between 3 and 8."""
    return np.clip(np.minimum(steps.count, steps.span + 1), 3, 8)


def _medians(table: Array) -> tuple[Array, Array]:
    """Median of each column, and how many areas are behind it."""
    finite = np.isfinite(table)
    if finite.all():
        by_date = np.ascontiguousarray(table.T)  # medians along rows are twice as quick
        return np.median(by_date, axis=1), np.full(table.shape[1], float(len(table)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a column without figures is NaN
        return np.nanmedian(table, axis=0), finite.sum(axis=0).astype(float)


def _between(prior: Array | float, weight: float, found: Array | float, count: Array) -> Array:
    """Return a variance between a prior and what was found, by weight, on the log scale.

    The log scale lets a steady series have its small error, and keeps one wild step from setting
    the error of all.
    """
    logs = (weight * np.log(prior) + count * np.log(found)) / (weight + count)
    return np.asarray(np.exp(logs), dtype=float)
