"""Why a goal is out of reach, and what would do: each remedy named has been tried and does."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from typing import Literal

from kts_analysis.allocation.parts import Goal, Grid, Held, Ledger, Part, make_ledger

RemedyKind = Literal[
    "raise_cap",  # one area's cap, to `value` percent
    "raise_fix",  # one area's fixed target, to `value` percent
    "raise_caps",  # every cap below `value` percent, to it; fixed targets stay
    "lower_chance",  # the least chance asked for, to `value` percent
    "later_deadline",  # the deadline, to the end of the year `value`
    "lower_goal",  # the goal, to `value` percent
]
CAPPED: tuple[Held, ...] = ("cap", "common_cap")


@dataclass(frozen=True)
class Binding:
    """What keeps an area below the bound of the indicator.

    Attributes
    ----------
    code : str
    held : {"cap", "common_cap", "chance", "fix"}
    value : float
        Highest target it leaves, percent.
    heads : float
        Heads between it and the bound.
    """

    code: str
    held: Held
    value: float
    heads: float


@dataclass(frozen=True)
class Remedy:
    """One change that alone makes the goal feasible.

    Attributes
    ----------
    kind : str
        See `RemedyKind`.
    code : str
        The area it is about; empty when it is about all.
    value : float
        What to change to.
    """

    kind: RemedyKind
    code: str
    value: float


@dataclass(frozen=True)
class Shortfall:
    """Why a goal is out of reach.

    Attributes
    ----------
    goal : Goal
    best : float
        Highest weighted sum within caps and fixed targets, percent.
    short : float
        Points from `best` to the goal; 0 where only "above" fails.
    short_heads : float
        The same in heads.
    bindings : tuple of Binding
        What keeps areas below the bound, the most heads first.
    remedies : tuple of Remedy
    """

    goal: Goal
    best: float
    short: float
    short_heads: float
    bindings: tuple[Binding, ...]
    remedies: tuple[Remedy, ...]


def shortfall(
    parts: Sequence[Part], goal: Goal, *, bound: float = 100.0, grid: Grid | None = None
) -> Shortfall | None:
    """Return why a goal is out of reach; None when it is not.

    Parameters
    ----------
    parts : sequence of Part
    goal : Goal
    bound : float
        Upper bound of the indicator, percent; no cap is raised above it.
    grid : Grid, optional
        By default one decimal.

    Returns
    -------
    Shortfall or None
        Without remedies that only the caller can try, such as a later deadline.
    """
    chosen = grid or Grid()
    ledger = make_ledger(parts, goal, chosen)
    if ledger.feasible:
        return None
    best = ledger.rate(ledger.total(ledger.highs))
    short = goal.value - best
    found = [_binding(part, bound) for part in parts if part.cap < bound]
    return Shortfall(
        goal=goal,
        best=best,
        short=short,
        short_heads=short / 100 * sum(part.denominator for part in parts),
        bindings=tuple(sorted(found, key=lambda one: (-one.heads, one.code))),
        remedies=tuple(_remedies(parts, goal, ledger, chosen.down(bound))),
    )


def apply(parts: Sequence[Part], goal: Goal, remedy: Remedy) -> tuple[list[Part], Goal]:
    """Return parts and goal with a remedy taken.

    Raises
    ------
    ValueError
        A later deadline or a lower chance: the parts must then be gathered anew.
    """
    if remedy.kind == "lower_goal":
        return list(parts), replace(goal, value=remedy.value)
    if remedy.kind in ("later_deadline", "lower_chance"):
        raise ValueError(f"{remedy.kind} takes other parts")
    if remedy.kind == "raise_caps":
        return [_capped_at(part, remedy.value) for part in parts], goal
    changed = [_raised(part, remedy.value) if part.code == remedy.code else part for part in parts]
    return changed, goal


def _binding(part: Part, bound: float) -> Binding:
    heads = (bound - part.cap) / 100 * part.denominator
    return Binding(part.code, part.held, part.cap, heads)


def _remedies(parts: Sequence[Part], goal: Goal, ledger: Ledger, bound: int) -> Iterator[Remedy]:
    """Yield what would do, `bound` being the indicator's bound in steps."""
    lacking = ledger.needed - ledger.total(ledger.highs)
    for part, weight, high in zip(parts, ledger.weights, ledger.highs, strict=True):
        enough = high + ceil(Fraction(lacking, weight))
        if part.held in (*CAPPED, "fix") and enough <= bound:
            kind: RemedyKind = "raise_fix" if part.fixed else "raise_cap"
            yield Remedy(kind, part.code, ledger.grid.value(enough))
    common = _common_cap(parts, ledger, bound)
    if common <= bound:
        yield Remedy("raise_caps", "", ledger.grid.value(common))
    yield from _lower_goal(goal, ledger)


def _common_cap(parts: Sequence[Part], ledger: Ledger, bound: int) -> int:
    """Return the lowest common cap (in steps) that does; above the bound when none does."""

    def best(cap: int) -> int:
        return ledger.total(
            [
                max(high, cap) if part.held in CAPPED else high
                for part, high in zip(parts, ledger.highs, strict=True)
            ]
        )

    return bisect_left(range(bound + 1), ledger.needed, key=best)


def _lower_goal(goal: Goal, ledger: Ledger) -> Iterator[Remedy]:
    """Yield the highest goal on the grid that is within reach, where there is one above zero."""
    reach = Fraction(ledger.total(ledger.highs), sum(ledger.weights))
    step = reach.numerator // reach.denominator
    if goal.comparator == ">" and step == reach:
        step -= 1
    if step > 0:
        yield Remedy("lower_goal", "", ledger.grid.value(step))


def _capped_at(part: Part, cap: float) -> Part:
    return replace(part, cap=max(part.cap, cap)) if part.held in CAPPED else part


def _raised(part: Part, value: float) -> Part:
    floor = value if part.fixed else part.floor
    return replace(part, floor=floor, cap=value)
