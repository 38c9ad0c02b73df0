"""What is shared out and among whom: goal, parts, and the counting that decides whether it is met.

Percentages are 0-100. Targets lie on a grid of so many decimals, and whether they meet the goal is
decided on whole numbers: a sum of floats could miss the goal by the last digit, or seem to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, lcm
from typing import Literal

import numpy as np

from kts_analysis.predictive import Projection
from kts_analysis.scales import Array

# What holds a part's target: its indicator's bound, a cap of its own, the common cap, the least
# chance asked for, or a fixed target.
Held = Literal["bound", "cap", "common_cap", "chance", "fix"]
NOISE_DECIMALS = 6  # 88.9 as a float times ten is not quite 889


@dataclass(frozen=True)
class Grid:
    """The values a target may have: so many decimals.

    Attributes
    ----------
    decimals : int
        Decimals of a target in percent, 0 to 3.
    """

    decimals: int = 1

    @property
    def steps(self) -> int:
        """Steps in one percentage point."""
        return int(10**self.decimals)

    def holds(self, value: float) -> bool:
        """Return whether a value (percent) has no more decimals than the grid."""
        return self.value(self.up(value)) == value

    def up(self, value: float) -> int:
        """Return the first step at or above a value (percent)."""
        return ceil(round(value * self.steps, NOISE_DECIMALS))

    def down(self, value: float) -> int:
        """Return the last step at or below a value (percent)."""
        return floor(round(value * self.steps, NOISE_DECIMALS))

    def value(self, step: int) -> float:
        """Return a step as percent."""
        return step / self.steps


@dataclass(frozen=True)
class Part:
    """An area that carries part of the goal.

    Attributes
    ----------
    code : str
        Area code.
    newest : float
        Newest figure, percent; NaN where there is none, which takes a fixed target.
    denominator : float
        Heads (or households, enterprises …) at the deadline, above 0.
    floor, cap : float
        Lowest and highest target, percent; both are the target itself where it is fixed.
    held : str
        What the cap is (see `Held`).
    projection : Projection, optional
        The area's own distribution at the deadline.
    """

    code: str
    newest: float
    denominator: float
    floor: float = 0.0
    cap: float = 100.0
    held: Held = "bound"
    projection: Projection | None = None

    @property
    def fixed(self) -> bool:
        """Whether the target is given."""
        return self.held == "fix"

    @property
    def projected(self) -> bool:
        """Whether a distribution says how far the area comes by itself, and how surely."""
        return self.projection is not None and self.projection.sufficient and self.spread > 0

    @property
    def spread(self) -> float:
        """Width of its distribution on the working scale; 0 without one."""
        return self.projection.spread if self.projection is not None else 0.0


@dataclass(frozen=True)
class Goal:
    """What the parts must reach together.

    Attributes
    ----------
    value : float
        Percent.
    comparator : {">", ">="}
    """

    value: float
    comparator: str = ">="

    def __post_init__(self) -> None:
        if self.comparator not in (">", ">="):
            raise ValueError(f"a goal to rise to goes with > or >=, found {self.comparator!r}")


@dataclass(frozen=True)
class Ledger:
    """The weights of the parts as whole numbers, and what the goal takes in them.

    Attributes
    ----------
    weights : tuple of int
        Denominators, all multiplied by one number where they are not whole.
    needed : int
        The least sum of steps times weights that meets the goal.
    lows, highs : tuple of int
        Lowest and highest step of each part.
    grid : Grid
    """

    weights: tuple[int, ...]
    needed: int
    lows: tuple[int, ...]
    highs: tuple[int, ...]
    grid: Grid

    def total(self, steps: Sequence[int]) -> int:
        """Return the sum of steps times weights."""
        return sum(step * weight for step, weight in zip(steps, self.weights, strict=True))

    def rate(self, total: int) -> float:
        """Return a sum of steps times weights as percent of all heads."""
        return float(Fraction(total, sum(self.weights) * self.grid.steps))

    @property
    def feasible(self) -> bool:
        """Whether the parts can meet the goal at all."""
        return self.total(self.highs) >= self.needed


def make_ledger(parts: Sequence[Part], goal: Goal, grid: Grid) -> Ledger:
    """Return the whole numbers that decide.

    Raises
    ------
    ValueError
        No part, a denominator not above 0, a cap below its floor, a cap or fixed target with more
        decimals than the grid, or a part without figure whose target is not fixed.
    """
    if not parts:
        raise ValueError("nothing to share a goal out to")
    for part in parts:
        _check(part, grid)
    exact = [Fraction(str(part.denominator)) for part in parts]
    scale = lcm(*(one.denominator for one in exact))
    weights = tuple(int(one * scale) for one in exact)
    wanted = Fraction(str(goal.value)) * grid.steps * sum(weights)
    return Ledger(
        weights=weights,
        needed=ceil(wanted) if goal.comparator == ">=" else floor(wanted) + 1,
        lows=tuple(grid.up(part.floor) for part in parts),
        highs=tuple(grid.down(part.cap) for part in parts),
        grid=grid,
    )


def _check(part: Part, grid: Grid) -> None:
    if not 0 < part.denominator < float("inf"):
        raise ValueError(f"{part.code}: the denominator {part.denominator} is not above 0")
    if not grid.holds(part.cap):
        raise ValueError(f"{part.code}: {part.cap} has more than {grid.decimals} decimals")
    if grid.up(part.floor) > grid.down(part.cap):
        raise ValueError(f"{part.code}: the cap {part.cap} lies below the floor {part.floor}")
    if np.isnan(part.newest) and not part.fixed:
        raise ValueError(f"{part.code}: without a figure its target must be fixed")


def column(parts: Sequence[Part], name: str) -> Array:
    """Return one number of every part, shape (parts,)."""
    return np.array([getattr(part, name) for part in parts], dtype=float)
