"""What the data are like: each area, indicator and year in one word (there, late, missing, …).

A figure is looked for at the end of each year, by the measuring method the plan reads its target
by. Late: its line has begun, its year is over, and the usual delay of its method (``lag_days`` of
series.yml, an assumption) has passed without it or any later one. Missing: a later one came, no
area of the level ever reported it, or no delay is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import pandas as pd

from kts_analysis.entries import LEVELS, Area, Level, Plan
from kts_analysis.figures import Figure, newest_of
from kts_analysis.revisions import find_revisions
from kts_analysis.schema import worst_origin
from kts_analysis.views import View

# Of figures that are there, what a reader must know first comes first; then those not there.
STATES = (
    "doubtful", "revised", "qualified", "there", "late", "missing", "other_method", "partial",
    "not_due", "not_begun", "no_area", "not_measured",
)  # fmt: skip
YEARS = 8  # ours: older years are history, nobody writes a letter about them
NEVER = date.max.year


class Cell(NamedTuple):
    """One area, indicator and year.

    Attributes
    ----------
    state : str
        One of `STATES`.
    series : str
        Measuring method the figure is wanted by; empty where neither the plan nor the figures of
        areas of this level name just one.
    due : date or None
        Last day the figure is in time: end of the year plus the delay of the series.
    origin : str
        Worst origin of the area's figures of this indicator; empty without any.
    """

    area_code: str
    indicator: str
    year: int
    state: str
    series: str
    due: date | None
    origin: str


@dataclass(frozen=True)
class Demand:
    """What a plan wants to know of areas of one level by one indicator.

    Attributes
    ----------
    indicator : str
    series : str
        As in `Cell`.
    breakdowns : tuple of str
        All of these are needed; one empty text where the indicator is not broken down.
    begun : int
        First year with a figure of any area of the level; where there never was one, the newest
        year that is over, or, where the areas below give the figure, none at all.
    ever : bool
        Whether there is any figure.
    """

    indicator: str
    series: str
    breakdowns: tuple[str, ...]
    begun: int
    ever: bool


def newest_year(view: View) -> int:
    """Return the newest year that is over, or the year of a later figure."""
    over = (view.as_of + timedelta(days=1)).year - 1
    return max(over, max(view.known["period_end"], default=date.min).year)


def coverage(
    view: View, plan: Plan, *, areas: Iterable[str] | None = None, years: int = YEARS
) -> pd.DataFrame:
    """Return the state of every area, indicator and year.

    Parameters
    ----------
    view : View
        Where one stands: figures known on a day.
    plan : Plan
    areas : iterable of str, optional
        Codes of areas of the plan; by default all.
    years : int
        How many years, the last being `newest_year`; fewer where nothing was reported before.

    Returns
    -------
    pandas.DataFrame
        Columns as in `Cell`, in the plan's order of areas and targets, then by year. Empty where
        there is no figure at all and no day to stand on.
    """
    if view.as_of == date.min:
        return pd.DataFrame([], columns=list(Cell._fields))
    codes = list(plan.areas if areas is None else areas)
    last = newest_year(view)
    levels = dict.fromkeys(area.level for area in _areas(view, plan))
    wanted = {level: _demands(view, plan, level, last) for level in levels}
    begun = [demand.begun for demands in wanted.values() for demand in demands]
    first = max(min([last, *begun]), last - years + 1)
    revised = {revision.key for revision in find_revisions(_of_plan(view, plan))}
    cells = [
        _cell(view, code, demand, year, revised)
        for code in codes
        for demand in wanted[view.registry.area(code).level]
        for year in range(first, last + 1)
    ]
    return pd.DataFrame(cells, columns=list(Cell._fields))


def shown_figures(view: View, code: str, indicator: str) -> list[Figure]:
    """Return the figures of an area by one indicator that a report shows.

    One for each method, breakdown and period, the newest published.
    """
    lines: dict[tuple[str, str], list[Figure]] = {}
    for figure in view.figures.at(code, indicator):
        lines.setdefault((figure.series, figure.breakdown), []).append(figure)
    return [figure for _, line in sorted(lines.items()) for figure in newest_of(line)]


def indicators_of(plan: Plan) -> list[str]:
    """Return the indicators a plan's targets measure, each once, in their order."""
    return list(dict.fromkeys(target.indicator for target in plan.targets))


def _end(year: int) -> date:
    return date(year, 12, 31)


def _areas(view: View, plan: Plan) -> list[Area]:
    return [view.registry.area(code) for code in plan.areas]


def _of_plan(view: View, plan: Plan) -> pd.DataFrame:
    return view.known[view.known["area_code"].isin(plan.areas)]


def _demands(view: View, plan: Plan, level: Level, newest: int) -> list[Demand]:
    """Return what the plan wants of the areas of one level."""
    areas = _areas(view, plan)
    codes = [area.code for area in areas if area.level == level]
    last = _newest_year_of(view, codes, newest)
    below = {area.level for area in areas if LEVELS.index(area.level) > LEVELS.index(level)}
    demands = []
    for indicator in indicators_of(plan):
        target = next(one for one in plan.targets if one.indicator == indicator)
        figures = [one for code in codes for one in view.figures.at(code, indicator)]
        named = target.series.get(level)
        used = {named} if named else {figure.series for figure in figures}
        seen = [figure.period_end.year for figure in figures if figure.series in used]
        sectors = tuple(plan.sector_ids()) if target.scope == "worst_breakdown" else ()
        series = next(iter(used)) if len(used) == 1 else ""
        summed = any(view.registry.indicators[indicator].measured_at(one) for one in below)
        begun = min(seen, default=NEVER if summed else last)
        demands.append(Demand(indicator, series, sectors or ("",), begun, bool(seen)))
    return demands


def _newest_year_of(view: View, codes: Sequence[str], newest: int) -> int:
    """Return the newest year that is over and at whose end any of the areas existed."""
    for year in range(newest, newest - YEARS, -1):
        over = _end(year) <= view.as_of
        if over and any(_existed(view, code, _end(year)) for code in codes):
            return year
    return newest


def _existed(view: View, code: str, day: date) -> bool:
    return view.registry.area(code, day).exists_on(day)


def _cell(view: View, code: str, demand: Demand, year: int, revised: set[tuple[str, ...]]) -> Cell:
    figures = view.figures.at(code, demand.indicator)
    due = _due(view, demand.series, year)
    return Cell(
        code,
        demand.indicator,
        year,
        _state(view, code, demand, year, due, revised),
        demand.series,
        due,
        worst_origin({figure.origin for figure in figures}),
    )


def _due(view: View, series: str, year: int) -> date | None:
    """Return the last day a year's figure is in time; None where its method is not known."""
    if not series:
        return None
    return _end(year) + timedelta(days=view.registry.series[series].lag_days)


def _state(
    view: View,
    code: str,
    demand: Demand,
    year: int,
    due: date | None,
    revised: set[tuple[str, ...]],
) -> str:
    if not view.registry.indicators[demand.indicator].measured_at(view.registry.area(code).level):
        return "not_measured"
    every = shown_figures(view, code, demand.indicator)
    mine = [one for one in every if demand.series in ("", one.series)]
    found = [one for one in mine if one.period_end == _end(year)]
    if set(demand.breakdowns) <= {one.breakdown for one in found}:
        return _state_of(found, revised)
    if not _existed(view, code, _end(year)):
        return "no_area"
    if view.as_of <= (due or _end(year)):
        return "partial" if any(one.period_end.year == year for one in mine) else "not_due"
    if year < demand.begun:
        return "not_begun"
    if any(one.period_end == _end(year) for one in every if one not in mine):
        return "other_method"
    later = any(one.period_end > _end(year) for one in mine)
    return "late" if demand.ever and due is not None and not later else "missing"


def _state_of(figures: Sequence[Figure], revised: set[tuple[str, ...]]) -> str:
    """Return the state of figures that are there: what a reader must know first."""
    if any("doubtful" in figure.flags.split(";") for figure in figures):
        return "doubtful"
    if any(figure[:5] in revised for figure in figures):
        return "revised"
    return "there" if all(figure.qualifier == "exact" for figure in figures) else "qualified"
