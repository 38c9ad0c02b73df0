"""The targets that meet a goal: the common number is found, the targets are put on the grid.

Rounding. Of the remainders left by rounding, the largest-remainder rule would favour now one area,
now another: a higher goal could lower somebody's target (the Alabama paradox; M. Balinski and
H. P. Young, "Fair Representation", 1982). A divisor rule never does: the common number is moved on
until the *rounded* targets meet the goal. So every target is its own curve at one common number,
rounded to the nearest step, and the sum passes the goal by less than one step of one area.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from kts_analysis.allocation.methods import Curve, Way, common_number, curve_of
from kts_analysis.allocation.parts import Goal, Grid, Ledger, Part, column, make_ledger
from kts_analysis.scales import Array

FINEST = 10**9  # places on a curve; areas that step between two of them do so in their order


@dataclass(frozen=True)
class Allocation:
    """Targets that meet a goal, in the order of the parts.

    Attributes
    ----------
    way : str
        Method.
    parts : tuple of Part
    goal : Goal
    targets : tuple of float
        Percent, on the grid.
    exact : tuple of float
        The same before rounding: their weighted sum is the goal itself, or more where the floors
        alone pass it.
    total : float
        Weighted sum of the targets, percent.
    common : float
        What all areas have in common before rounding, see `methods.common_number`; NaN where
        ``equal_effort`` found no distribution at all, so that there is no chance to be equal.
    standing_in : tuple of str
        Areas that ``equal_effort`` had no distribution of.
    reached : bool
        Whether the floors alone meet the goal, so that nobody need rise.
    """

    way: Way
    parts: tuple[Part, ...]
    goal: Goal
    targets: tuple[float, ...]
    exact: tuple[float, ...]
    total: float
    common: float
    standing_in: tuple[str, ...]
    reached: bool

    def target(self, code: str) -> float:
        """Return the target of an area (percent)."""
        return self.targets[[part.code for part in self.parts].index(code)]


class InfeasibleError(ValueError):
    """The caps and fixed targets leave less than the goal takes."""


def share_out(
    parts: Sequence[Part],
    goal: Goal,
    way: Way = "equal_gap",
    *,
    ceiling: float = 100.0,
    grid: Grid | None = None,
) -> Allocation:
    """Return targets that meet a goal.

    With weights :math:`D_i` (denominators) and targets :math:`x_i` in percent, the goal is
    :math:`\\sum x_i D_i / \\sum D_i \\ge T` (or :math:`>`). Each target is its curve at the common
    number, cut to floor and cap.

    Parameters
    ----------
    parts : sequence of Part
    goal : Goal
    way : {"equal_gap", "equal_effort", "proportional"}
        See `kts_analysis.allocation.methods`.
    ceiling : float
        Common ceiling of the gaps, percent.
    grid : Grid, optional
        By default one decimal.

    Raises
    ------
    InfeasibleError
        The goal is out of reach; `kts_analysis.allocation.remedies` says why and what would do.
    ValueError
        See `make_ledger` and `curve_of`.
    """
    ledger = make_ledger(parts, goal, grid or Grid())
    if not ledger.feasible:
        raise InfeasibleError(f"at most {ledger.rate(ledger.total(ledger.highs))} of {goal.value}")
    curve = _cut(parts, curve_of(way, parts, ceiling))
    place = _common_place(parts, goal, curve)
    steps = _on_grid(ledger, curve)
    free = [part for part in parts if not part.fixed]
    without = [part.code for part in free if not part.projected]
    blind = way == "equal_effort" and len(without) == len(free)
    return Allocation(
        way=way,
        parts=tuple(parts),
        goal=goal,
        targets=tuple(ledger.grid.value(step) for step in steps),
        exact=tuple(curve(place).tolist()),
        total=ledger.rate(ledger.total(steps)),
        common=float("nan") if blind else common_number(way, parts, place),
        standing_in=tuple(without) if way == "equal_effort" else (),
        reached=ledger.total(ledger.lows) >= ledger.needed,
    )


def _cut(parts: Sequence[Part], curve: Curve) -> Curve:
    """Return a curve held between floors and caps; at its ends they are all there is."""
    floors, caps = column(parts, "floor"), column(parts, "cap")
    fixed = np.array([part.fixed for part in parts])

    def held(place: float) -> Array:
        if place >= 1:
            return caps
        return np.where(fixed, caps, np.clip(curve(place), floors, caps))

    return held


def _common_place(parts: Sequence[Part], goal: Goal, curve: Curve) -> float:
    """Return the first place where the unrounded targets add up to the goal."""
    weights = column(parts, "denominator")
    shares = weights / weights.sum()

    def missing(place: float) -> float:
        return float(shares @ curve(place)) - goal.value

    if missing(0.0) >= 0:
        return 0.0
    if missing(1.0) <= 0:
        return 1.0
    return float(brentq(missing, 0.0, 1.0, xtol=1e-15))


def _on_grid(ledger: Ledger, curve: Curve) -> list[int]:
    """Return the steps at the first place where the rounded targets meet the goal."""

    def steps_at(number: int) -> list[int]:
        nearest = np.floor(curve(number / FINEST) * ledger.grid.steps + 0.5)
        return [int(step) for step in np.clip(nearest, ledger.lows, ledger.highs)]

    number = bisect_left(
        range(FINEST + 1), ledger.needed, key=lambda each: ledger.total(steps_at(each))
    )
    if number == 0:
        return steps_at(0)
    steps, enough = steps_at(number - 1), steps_at(number)
    total = ledger.total(steps)
    for place, weight in enumerate(ledger.weights):
        while steps[place] < enough[place] and total < ledger.needed:
            steps[place] += 1
            total += weight
    return steps
