"""What one report rests on, as rows: its verdicts, its trajectories, and the figures behind them.

The page, its documents and the tables of the run say the same because they ask here or ask the
same cases.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from kts_analysis.assessment import breakdowns_of, judge_rows, pick_areas
from kts_analysis.cases import Case, make_case
from kts_analysis.entries import Area, Plan
from kts_analysis.figures import Figure, newest_of
from kts_analysis.pages.context import ahead_of
from kts_analysis.pages.target import AHEAD_YEARS
from kts_analysis.periods import parse_partial_date
from kts_analysis.rows import Row
from kts_analysis.trajectories import trajectory_rows
from kts_analysis.views import View

Role = Literal["judged", "beside"]
# "judged": a verdict rests on it. "beside": another method or a proxy, shown and never joined.
ROLES: tuple[Role, ...] = ("judged", "beside")


def verdicts_shown(view: View, plan: Plan, area: Area, deadline: int) -> list[Row]:
    """Return the verdicts of an area for its deadline and for those its report looks ahead to."""
    asked = [(plan, deadline)]
    asked += [(view.registry.plan(name), year) for name, year in ahead_of(plan, deadline)]
    return [row for each, year in asked for row in judge_rows(view, each, year, areas=[area.code])]


def cases_of(view: View, plan: Plan, area: Area, deadline: int) -> Iterator[Case]:
    """Yield the case of every target, and of every sector of one over sectors, that is measured."""
    [place] = pick_areas(plan, view.registry, [area.code])
    for target in plan.targets:
        if view.registry.indicators[target.indicator].measured_at(place.level):
            for sector in breakdowns_of(view, place, plan, target):
                yield make_case(view, place, plan, target, deadline, sector)


def last_year(view: View, plan: Plan, deadline: int) -> int:
    """Return the last year a trajectory shows: past a deadline, that of the look ahead."""
    if view.as_of <= parse_partial_date(deadline):
        return deadline
    ahead = [year for _, year in ahead_of(plan, deadline)]
    return max(ahead, default=deadline + AHEAD_YEARS)


def paths_shown(view: View, plan: Plan, area: Area, deadline: int) -> list[Row]:
    """Return the rows of every trajectory of an area (`kts_analysis.schema.Trajectories`)."""
    until = last_year(view, plan, deadline)
    return [
        row for case in cases_of(view, plan, area, deadline) for row in trajectory_rows(case, until)
    ]


def figures_shown(view: View, plan: Plan, area: Area, deadline: int) -> list[Row]:
    """Return the figures behind an area's verdicts and those shown beside them, each once.

    What other areas lend to a projection stands with those areas.

    Returns
    -------
    list of mapping
        The fields of `kts_analysis.figures.Figure`, and ``role``: one of `ROLES`.
    """
    found: dict[Figure, Role] = {}
    cases = list(cases_of(view, plan, area, deadline))
    for case in cases:
        found |= dict.fromkeys(case.line.figures, "judged")
    for case in cases:
        for figure in _beside(view, case):
            found.setdefault(figure, "beside")
    return [{"role": role, **figure._asdict()} for figure, role in found.items()]


def _beside(view: View, case: Case) -> Iterator[Figure]:
    """Yield the newest figures of other methods, and of indicators that stand for this one."""
    here = view.figures.of_area(case.area.code)
    own = here.get(case.target.indicator, [])
    for name in case.line.rivals:
        yield from newest_of(one for one in own if one.series == name)
    for card in view.registry.indicators.values():
        if card.proxy_for == case.target.indicator and card.code in here:
            yield from newest_of(here[card.code])
