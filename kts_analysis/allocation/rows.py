"""The rows of a sharing-out: one an area, and their sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kts_analysis.allocation.answer import Answer
from kts_analysis.allocation.gathering import Standing, rate_of
from kts_analysis.allocation.parts import Part
from kts_analysis.allocation.solving import Allocation
from kts_analysis.attainment import pace_observed, pace_required
from kts_analysis.rollup_beside import dependence_of
from kts_analysis.rollup_forecast import province_spread

NAN = float("nan")
Note = Literal["fixed", "stays", "above_cap", "at_cap", "at_chance", "no_distribution"]


@dataclass(frozen=True)
class ShareRow:
    """What one area is to reach; or, with an empty code, all of them together.

    Attributes
    ----------
    method : str
        Method of sharing out.
    area_code, area_name : str
    newest : float
        Newest figure, percent.
    newest_date, newest_qualifier : str
        ISO date it stands at, and how its source qualifies it; both empty without a figure.
    denominator : float
        Heads at the deadline.
    target : float
        Percent.
    exact : float
        Target before rounding, percent.
    rise : float
        Points from the newest figure to the target.
    heads : float
        Heads more at the deadline than in the newest figure.
    per_year : float
        Required pace, points a year from the as-of date to the deadline.
    own_pace : float
        Points a year from the first to the newest figure.
    chance : float
        Chance (0 to 1) of reaching the target by the area's own distribution; in the row of all
        areas, of reaching the goal together (`joint_chance`).
    notes : tuple of str
        What bears on the target.
    origin : str
        Worst origin of the figures used; ``synthetic`` is to be marked wherever it shows.
    """

    method: str
    area_code: str
    area_name: str
    newest: float
    newest_date: str
    newest_qualifier: str
    denominator: float
    target: float
    exact: float
    rise: float
    heads: float
    per_year: float
    own_pace: float
    chance: float
    notes: tuple[Note, ...]
    origin: str


def share_rows(answer: Answer, allocation: Allocation) -> list[ShareRow]:
    """Return a row for every area that carries a part, and their sum as the last one."""
    rows = [
        _row(answer, allocation, standing, part, number)
        for number, (standing, part) in enumerate(
            zip(answer.carrying, allocation.parts, strict=True)
        )
    ]
    return [*rows, _sum(answer, allocation, rows)]


def _row(
    answer: Answer, allocation: Allocation, standing: Standing, part: Part, number: int
) -> ShareRow:
    figure, target, fit = standing.figure, allocation.targets[number], standing.case.fit
    projection = part.projection if part.projected else None
    rise = target - part.newest
    return ShareRow(
        method=allocation.way,
        area_code=part.code,
        area_name=standing.area.name,
        newest=part.newest,
        newest_date=figure.period_end.isoformat() if figure else "",
        newest_qualifier=figure.qualifier if figure else "",
        denominator=part.denominator,
        target=target,
        exact=allocation.exact[number],
        rise=rise,
        heads=target / 100 * part.denominator - _heads_now(standing, part),
        per_year=pace_required(rise, answer.years) if rise == rise else NAN,
        own_pace=pace_observed(fit.times, fit.values) if figure else NAN,
        chance=projection.probability(target) if projection else NAN,
        notes=tuple(_notes(answer, allocation, standing, part, target)),
        origin=standing.origin,
    )


def _heads_now(standing: Standing, part: Part) -> float:
    """Heads in the newest figure; a rate without counts is taken of the given denominator."""
    figure = standing.figure
    if figure is None:
        return NAN
    if figure.numerator == figure.numerator:
        return figure.numerator
    return rate_of(figure) / 100 * part.denominator


def _notes(
    answer: Answer, allocation: Allocation, standing: Standing, part: Part, target: float
) -> list[Note]:
    grid = answer.request.wishes.grid
    notes: list[Note] = []
    if part.fixed:
        notes.append("fixed")
    elif standing.above_cap:
        notes.append("above_cap")
    elif target == part.cap and part.held in ("cap", "common_cap", "chance"):
        notes.append("at_chance" if part.held == "chance" else "at_cap")
    elif grid.up(target) == grid.up(part.newest):
        notes.append("stays")
    if not part.projected:
        notes.append("no_distribution")
    return notes


def _sum(answer: Answer, allocation: Allocation, rows: Sequence[ShareRow]) -> ShareRow:
    """Return the row of all areas together; missing where one of them is missing."""
    heads = sum(row.denominator for row in rows)
    newest = sum(_heads_now(one, part) for one, part in _pairs(answer, allocation))
    below = sum(_denominator_now(one, part) for one, part in _pairs(answer, allocation))
    rate = 100 * newest / below
    rise = allocation.total - rate
    return ShareRow(
        method=allocation.way,
        area_code="",
        area_name="",
        newest=rate,
        newest_date="",
        newest_qualifier="",
        denominator=heads,
        target=allocation.total,
        exact=sum(row.exact * row.denominator for row in rows) / heads,
        rise=rise,
        heads=sum(row.heads for row in rows),
        per_year=pace_required(rise, answer.years) if rise == rise else NAN,
        own_pace=NAN,
        chance=joint_chance(answer, allocation),
        notes=(),
        origin=answer.origin,
    )


def joint_chance(answer: Answer, allocation: Allocation) -> float:
    """Return the chance (0 to 1) that all areas together reach the goal by their own trends.

    From their distributions and how far their errors go together (`dependence.dependence`),
    weighted by the denominators at the deadline. NaN where an area that carries a part has no
    distribution, or where too few steps tell how far errors go together: no guess stands in.
    """
    pairs = _pairs(answer, allocation)
    projections = [part.projection for _, part in pairs if part.projection and part.projected]
    if len(projections) < len(pairs):
        return NAN
    found = dependence_of([standing.case for standing, _ in pairs])
    if found.source == "bounded":
        return NAN
    weights = [part.denominator for _, part in pairs]
    goal = allocation.goal
    return province_spread(projections, weights, found.rho, goal.value, goal.comparator).chance


def _pairs(answer: Answer, allocation: Allocation) -> list[tuple[Standing, Part]]:
    return list(zip(answer.carrying, allocation.parts, strict=True))


def _denominator_now(standing: Standing, part: Part) -> float:
    figure = standing.figure
    if figure is not None and figure.denominator > 0:
        return figure.denominator
    return part.denominator
