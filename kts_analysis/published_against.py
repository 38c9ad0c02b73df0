"""What is published for a home area, held against what its areas add up to in the same period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import pandas as pd

from kts_analysis.entries import Plan, Target
from kts_analysis.figures import Figure, newest_of
from kts_analysis.reconciliation import reconcile
from kts_analysis.registry import Registry
from kts_analysis.rollup import SERIES, addable, counted_parts, parts_on
from kts_analysis.schema import worst_origin
from kts_analysis.views import figures_known

Kind = Literal["numerator", "denominator", "rate"]


@dataclass(frozen=True)
class Beside:
    """One published number beside the same number made from the areas.

    Attributes
    ----------
    figure : Figure
        As published.
    kind : {"numerator", "denominator", "rate"}
        What is compared: counts, or the rate (percent) where it is all that is published.
    published, total : float
        The published number, and that of the areas that gave counts.
    difference : float
        Published less total, in counts or percentage points.
    missing : tuple of str
        Areas without counts in that period: with any, a difference proves nothing.
    agrees : bool or None
        Whether both are the same (a rate: to the digits published; a bound: not contradicted);
        None where areas are missing or the source itself gives the figure loosely.
    origin : str
        Worst origin of all that is compared.
    """

    figure: Figure
    kind: Kind
    published: float
    total: float
    difference: float
    missing: tuple[str, ...]
    agrees: bool | None
    origin: str


def published_against_parts(
    known: pd.DataFrame,
    plan: Plan,
    registry: Registry,
    target: Target,
    borders: date | None = None,
) -> list[Beside]:
    """Return the home area's published figures beside what its areas add up to.

    Only figures of the same indicator, period and denominator concept are compared: counts by
    `reconciliation.reconcile`; of a rate published without counts the rate, with that of the
    summed counts.

    Parameters
    ----------
    known, plan, registry, target, borders
        As in `rollup.add_up`.
    """
    by_period = counted_parts(known, plan, registry, target)
    own: dict[str, list[Figure]] = {}
    for figure in figures_known(known).at(plan.home, target.indicator):
        if figure.series != SERIES and not figure.breakdown and figure.period in by_period:
            own.setdefault(figure.series, []).append(figure)
    found: list[Beside] = []
    for _, figures in sorted(own.items()):
        for figure in newest_of(figures):
            parts = parts_on(plan, registry, borders or figure.period_end)
            inside = addable(by_period[figure.period], parts)
            missing = {area.code for area in parts} - {one.area_code for one in inside}
            if inside and _same_concept(figure, inside):
                found += _beside(figure, inside, tuple(sorted(missing)))
    return found


def _same_concept(figure: Figure, inside: list[Figure]) -> bool:
    """Whether the denominators count the same thing; a rate alone does not say."""
    if figure.denominator != figure.denominator:
        return True
    return figure.denominator_concept == inside[0].denominator_concept


def _beside(figure: Figure, inside: list[Figure], missing: tuple[str, ...]) -> list[Beside]:
    origin = worst_origin({figure.origin, "derived", *(one.origin for one in inside)})
    counts: list[tuple[Kind, float, dict[str, float]]] = [
        ("numerator", figure.numerator, {one.area_code: one.numerator for one in inside}),
        ("denominator", figure.denominator, {one.area_code: one.denominator for one in inside}),
    ]
    unknown = dict.fromkeys(missing)
    found = []
    for kind, printed, parts in counts:
        if printed == printed:
            held = reconcile(printed, {**parts, **unknown})
            found.append(
                Beside(
                    figure, kind, printed, held.total, held.difference, missing, held.agrees, origin
                )
            )
    if found:
        return found
    total = 100 * sum(counts[0][2].values()) / sum(counts[1][2].values())
    agrees = None if missing else _rate_agrees(figure, total)
    gap = figure.value - total
    return [Beside(figure, "rate", figure.value, total, gap, missing, agrees, origin)]


def _rate_agrees(figure: Figure, total: float) -> bool | None:
    """Whether a rate is the published one; None where its source gives it loosely."""
    if figure.qualifier == "at_least":
        return total >= figure.value
    if figure.qualifier == "at_most":
        return total <= figure.value
    if figure.qualifier in ("about", "estimate"):
        return None
    decimals = next(n for n in range(7) if n == 6 or round(figure.value, n) == figure.value)
    return round(total, decimals) == figure.value
