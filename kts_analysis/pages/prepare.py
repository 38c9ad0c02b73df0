"""What the reports of a plan share, found beforehand; and what of the data one of them reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from kts_analysis.assessment import breakdowns_of, pick_areas
from kts_analysis.cases import line_for, neighbours_for
from kts_analysis.entries import Area, Plan
from kts_analysis.errors import Problem
from kts_analysis.moved_views import MovedView
from kts_analysis.neighbours import places_beside
from kts_analysis.pages.context import ahead_of, stand
from kts_analysis.periods import parse_partial_date
from kts_analysis.rollup import undivided
from kts_analysis.views import View

# Our cuts: districts send the figures of a year within some weeks; figures that come every week
# must not make one endless round.
ROUND_PAUSE, ROUND_LONGEST = 21, 60  # days


def prepare(
    plan: str,
    *,
    deadlines: Iterable[int] | None = None,
    as_of: str | None = None,
    data: str | None = None,
    borders: str = "",
    weights: str = "",
) -> None:
    """Find all that the reports of a plan's areas share: lines side by side and what they lend.

    After it a report of this process, or of one forked from it, looks for nothing of other areas.
    Areas with errors in their data are left out, as every report leaves them out.

    Parameters
    ----------
    plan : str
        Plan id.
    deadlines : iterable of int, optional
        Deadlines that reports are made for; by default the plan's first.
    as_of, data, borders, weights
        As the reports are asked for.

    Raises
    ------
    KtsError
        Unknown plan, or a registry that cannot be read.
    """
    view, _ = stand(as_of, data, borders, weights)
    chosen = view.registry.plan(plan)
    for deadline in deadlines or chosen.deadlines[:1]:
        for area in pick_areas(chosen, view.registry):
            for where, judged, year in looks(view, chosen, area, deadline):
                _prepare_area(where, judged, area, year)


def looks(view: View, plan: Plan, area: Area, deadline: int) -> Iterator[tuple[View, Plan, int]]:
    """Yield from where, by which plan and for which deadline the report of an area judges it."""
    yield view, plan, deadline
    day = stand_before(view, area, deadline)
    if day is not None:
        yield view.on(day), plan, deadline
    newest = newest_round(view, plan, area)
    for moment in (newest.before, newest.after) if newest else ():
        yield moment, plan, deadline
    for name, year in ahead_of(plan, deadline):
        yield view, view.registry.plan(name), year


def stand_before(view: View, area: Area, deadline: int) -> date | None:
    """Return the day from which a past deadline is looked ahead to; None where it is not past."""
    last = parse_partial_date(deadline)
    if view.as_of <= last:
        return None
    return last if area.valid_to is None else min(last, area.valid_to)


@dataclass(frozen=True)
class Round:
    """The newest figures of areas side by side, which come within some weeks of one another.

    Attributes
    ----------
    first, last : date
        Days on which the first and the last of them became known.
    before, after : View
        The day before the first, and the last day.
    """

    first: date
    last: date
    before: View
    after: View


def newest_round(view: View, plan: Plan, area: Area) -> Round | None:
    """Return the newest round of figures of the areas beside an area, its own among them.

    None where nothing had been published before it.
    """
    beside = plan.id if area.code in plan.areas else area.parent  # as `places_beside` chooses
    key = ("newest round", area.code in plan.areas, beside, area.level)
    if key not in view.cases:
        places = places_beside(plan, view.registry, area)
        view.cases[key] = _round_days(view, [place.code for place in places])
    days: tuple[date, date] | None = view.cases[key]
    if days is None:
        return None
    first, last = days
    after = view if last == view.as_of else view.on(last)
    return Round(first, last, view.on(first - timedelta(days=1)), after)


def _round_days(view: View, codes: Iterable[str]) -> tuple[date, date] | None:
    known = {
        max(figure.vintage_date, figure.period_end)
        for code in codes
        for figures in view.figures.of_area(code).values()
        for figure in figures
    }
    days = sorted(known, reverse=True)
    if not days:
        return None
    last = first = days[0]
    for day in days[1:]:
        if (first - day).days > ROUND_PAUSE or (last - day).days > ROUND_LONGEST:
            return first, last
        first = day
    return None


def _prepare_area(view: View, plan: Plan, area: Area, deadline: int) -> None:
    """Find an area's lines and what their neighbours lend."""
    [place] = pick_areas(plan, view.registry, [area.code])
    day = parse_partial_date(deadline)
    for target in plan.targets:
        if view.registry.indicators[target.indicator].measured_at(place.level):
            for sector in breakdowns_of(view, place, plan, target):
                line = line_for(view, place, target, sector, day)
                beside = neighbours_for(view, plan, target, line, day)
                if line.figures:
                    _ = beside.group, beside.origin, beside.matrix  # kept where they are found


def areas_read(view: View, plan: Plan, area: str) -> frozenset[str]:
    """Return the areas whose figures the report of an area may read.

    Its own, those it stands beside, by the plan and by the plan it looks ahead to, and those
    merged into one of them. The report of the plan's home area reads all areas of the plan.
    """
    return frozenset().union(*_circles(view, plan, area))


def _circles(view: View, plan: Plan, area: str) -> list[frozenset[str]]:
    """Return `areas_read` in parts; the large ones are found once for all areas of a circle."""
    registry = view.registry
    circles = [registry.made_of([area])]
    if _is_whole(plan, area):
        circles.append(registry.made_of(plan.areas) | {undivided(plan)})
    for judged in (plan, registry.plan(plan.outlook.plan) if plan.outlook else plan):
        [place] = pick_areas(judged, registry, [area])
        key = (judged.areas if area in judged.areas else place.parent, place.level)
        if key not in view.circles:
            beside = [each.code for each in places_beside(judged, registry, place)]
            view.circles[key] = registry.made_of(beside)
        circles.append(view.circles[key])
    return circles


def _is_whole(plan: Plan, area: str) -> bool:
    """Whether the report of an area is that of the plan's home with all areas below it."""
    return area == plan.home and len(plan.areas) > 1


def rows_keys(
    plan: str,
    areas: Iterable[str] | None = None,
    *,
    as_of: str | None = None,
    data: str | None = None,
    borders: str = "",
    weights: str = "",
) -> dict[str, str]:
    """Return, by area code, a SHA-256 (hexadecimal) over what its report can depend on in the data.

    That is the day it stands on, the figures known on that day of every area it may read
    (`areas_read`), and the errors that stop it or that it lists. The lines of the files on which
    the figures stand do not count. On other borders also the targets, which follow from figures,
    and what could not be carried there.

    Parameters
    ----------
    plan : str
        Plan id.
    areas : iterable of str, optional
        Area codes, the plan's home area for the report of the whole; by default all of the plan.
    as_of, data, borders, weights
        As the reports are asked for.
    """
    view, errors = stand(as_of, data, borders, weights)
    chosen = view.registry.plan(plan)
    wanted = chosen.areas if areas is None else areas
    carried = _carried(view, chosen)
    return {area: _rows_key(view, chosen, area, errors, carried) for area in wanted}


def _carried(view: View, plan: Plan) -> str:
    """Return what a report on other borders shows beside figures; empty on their own borders."""
    if not isinstance(view, MovedView):
        return ""
    refused = [(one.area_code, one.indicator, one.period, one.text()) for one in view.refused]
    plans = [plan, *([view.registry.plan(plan.outlook.plan)] if plan.outlook else [])]
    told = [refused, [each.model_dump(mode="json") for each in plans]]
    return sha256(json.dumps(told).encode()).hexdigest()


def _rows_key(view: View, plan: Plan, area: str, errors: list[Problem], carried: str) -> str:
    whole, own = _is_whole(plan, area), view.registry.made_of([area])
    if isinstance(view, MovedView):
        own = view.sources(area)
    told = [problem.text() for problem in errors if whole or problem.concerns(own)]
    figures = [view.figures.digest(codes) for codes in _circles(view, plan, area)]
    content = [plan.id, area, view.as_of.isoformat(), figures, told]
    if carried:
        content.append(carried)
    return sha256(json.dumps(content).encode()).hexdigest()


def rows_key(plan: str, area: str, *, as_of: str | None = None, data: str | None = None) -> str:
    """Return `rows_keys` of one area."""
    return rows_keys(plan, [area], as_of=as_of, data=data)[area]
