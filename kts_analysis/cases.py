"""One case = one area, one target, one deadline, seen from one day; and the status it has."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import pandas as pd

from kts_analysis.attainment import DEADLINE_GRACE_DAYS, grade, meets, outcome
from kts_analysis.entries import Area, Plan, Target, Threshold
from kts_analysis.figures import Figure
from kts_analysis.neighbours import Neighbours, living_lines, neighbour_lines, places_beside
from kts_analysis.periods import parse_partial_date, year_position
from kts_analysis.predictive import Projection
from kts_analysis.scales import Bounds
from kts_analysis.schema import worst_origin
from kts_analysis.selection import Line, line_of
from kts_analysis.trend_fit import TrendFit
from kts_analysis.trends import Method, fit_series
from kts_analysis.views import View as View


@dataclass(frozen=True)
class Case:
    """One area, one target, one deadline, seen from one day: all a verdict is made from.

    Attributes
    ----------
    neighbours : Neighbours
        Lines of the areas it shares strength with, its own among them; its own alone when it
        stands alone.
    method : str
        Projection method, see `kts_analysis.trends`.
    uncarried : bool
        Whether figures could not be carried to the borders asked for.
    paths : dict
        Trajectories found already, by their last year: a page and the run's tables ask for one.
    """

    area: Area
    plan: Plan
    target: Target
    threshold: Threshold | None
    deadline: date
    as_of: date
    line: Line
    neighbours: Neighbours
    method: Method = "auto"
    uncarried: bool = False
    paths: dict[int, Any] = field(default_factory=dict, init=False, compare=False, repr=False)

    @cached_property
    def fit(self) -> TrendFit:
        """The fit of the line, with what its neighbours lend."""
        return fit_series(
            self.line.fit_times,
            self.line.fit_values,
            bounds=self.neighbours.bounds,
            method=self.method,
            weights=self.line.fit_weights,
            group=self.neighbours.group if self.line.figures else None,
            progress=self.neighbours.progress,
        )

    @cached_property
    def projection(self) -> Projection:
        """The distribution at the deadline."""
        return self.fit.at(year_position(self.deadline))

    @cached_property
    def final(self) -> Figure | None:
        """The figure dated at the deadline (up to a month after it), if there is one."""
        last_day = self.deadline + timedelta(days=DEADLINE_GRACE_DAYS)
        figures = self.line.figures
        return next((one for one in figures if self.deadline <= one.period_end <= last_day), None)

    @cached_property
    def chance(self) -> float:
        """Chance (0 to 1) to stand at the threshold at the deadline; NaN when not projected."""
        threshold = self.judged
        if threshold is None or threshold.value is None or self.projection.horizon <= 0:
            return float("nan")
        return self.projection.probability(threshold.value, threshold.comparator or ">=")

    @property
    def past(self) -> bool:
        """Whether the deadline lies behind the as-of date."""
        return self.as_of > self.deadline

    @property
    def origin(self) -> str:
        """The origin a result must carry: a synthetic neighbour makes a borrowed pace synthetic."""
        beside = self.neighbours.origin if self.fit.n_areas > 1 else self.line.origin
        return worst_origin({self.line.origin, beside})

    @property
    def why_empty(self) -> str:
        """Reason when there is no line: no figures, none here, or methods nobody chose between."""
        unnamed = self.target.series.get(self.area.level) is None
        if unnamed and self.line.rivals:
            return "rival_series"
        return "not_carried" if self.uncarried else "no_data"

    @property
    def judged(self) -> Threshold | None:
        """The threshold if it has a number to be judged against."""
        known = self.threshold is not None and self.threshold.value is not None
        return self.threshold if known else None


def make_case(
    view: View, area: Area, plan: Plan, target: Target, deadline: int, breakdown: str = ""
) -> Case:
    """Gather what a verdict needs: the line and those beside it; made once a view."""
    key = (id(area), id(plan), id(target), deadline, breakdown)  # the case keeps them alive
    found: Case | None = view.cases.get(key)
    if found is None:
        day = parse_partial_date(deadline)
        line = line_for(view, area, target, breakdown, day)
        beside = neighbours_for(view, plan, target, line, day)
        found = view.cases[key] = _case(view, area, plan, target, deadline, line, beside)
    return found


def empty_case(view: View, area: Area, plan: Plan, target: Target, deadline: int) -> Case:
    """Return the case of an area without any figure: identity and threshold only."""
    line = Line(area, target.indicator, "", "", ())
    beside = Neighbours((line,), bounds_of(view, target), _progress(target))
    return _case(view, area, plan, target, deadline, line, beside)


def _case(
    view: View,
    area: Area,
    plan: Plan,
    target: Target,
    deadline: int,
    line: Line,
    beside: Neighbours,
) -> Case:
    return Case(
        area=area,
        plan=plan,
        target=target,
        threshold=target.threshold(deadline, area.code),
        deadline=parse_partial_date(deadline),
        as_of=view.as_of,
        line=line,
        neighbours=beside,
        method=view.method,
        uncarried=view.lacks(area.code, target.indicator),
    )


def bounds_of(view: View, target: Target) -> Bounds:
    """Return the natural bounds of a target's indicator."""
    bounds = view.registry.indicators[target.indicator].bounds
    return bounds.lower, bounds.upper


def _progress(target: Target) -> int:
    """Return 1 where more is better, -1 where less is."""
    return 1 if target.direction == "higher_is_better" else -1


def line_for(view: View, area: Area, target: Target, breakdown: str, deadline: date) -> Line:
    """Return the line a case is about, looked for once a view."""
    # On the deadline's own day nothing is judged yet: until then no figure of that day counts.
    before = deadline if view.as_of <= deadline else None
    wanted = target.series.get(area.level)
    key = (area.code, area.valid_from, target.indicator, wanted, breakdown, before)
    if key not in view.lines:
        view.lines[key] = line_of(
            view.figures, view.registry, area, target, view.as_of, breakdown, before
        )
    return view.lines[key]


def neighbours_for(
    view: View, plan: Plan, target: Target, line: Line, deadline: date
) -> Neighbours:
    """Return the lines an area shares strength with; those side by side get the same ones."""
    area = line.area
    if line.figures and view.registry.area(area.code) is area:
        beside = side_by_side(view, plan, target, area, line.breakdown, deadline)
        if area.code in beside[line.series].codes:
            return beside[line.series]
    lines = [line]
    if line.figures and view.registry.area(area.code) is not area:  # an earlier one of its code
        lines = neighbour_lines(
            plan,
            view.registry,
            line,
            lambda place: line_for(view, place, target, line.breakdown, deadline),
        )
    return Neighbours(tuple(lines), bounds_of(view, target), _progress(target))


def side_by_side(
    view: View, plan: Plan, target: Target, area: Area, breakdown: str, deadline: date
) -> dict[str, Neighbours]:
    """Return the lines of all areas that stand beside an area, its own among them, by method."""
    scope = plan.areas if area.code in plan.areas else area.parent
    before = deadline if view.as_of <= deadline else None
    wanted = target.series.get(area.level)
    key = (scope, area.level, target.indicator, target.direction, wanted, breakdown, before)
    if key not in view.beside:
        by_method: dict[str, list[Line]] = {}
        for place in places_beside(plan, view.registry, area):
            line = line_for(view, place, target, breakdown, deadline)
            if line.figures:
                by_method.setdefault(line.series, []).append(line)
        bounds, progress = bounds_of(view, target), _progress(target)
        view.beside[key] = {
            method: Neighbours(tuple(living_lines(lines)), bounds, progress)
            for method, lines in by_method.items()
        }
    return view.beside[key]


def status_of(case: Case) -> tuple[str, str]:
    """Return status and reason of a case (both from closed lists)."""
    if case.judged is None:
        return "insufficient", "no_threshold"
    return _after(case) if case.past else _before(case)


def _before(case: Case) -> tuple[str, str]:
    """The words before a deadline; none of them is the word for "met"."""
    if not case.line.figures:
        return "insufficient", case.why_empty
    if case.area.valid_to is not None and case.area.valid_to < case.as_of:
        return "insufficient", "area_ended"
    threshold = case.judged
    assert threshold is not None and threshold.value is not None and threshold.comparator
    newest = case.line.figures[-1]
    here = meets(newest.value, threshold.value, threshold.comparator, newest.qualifier)
    if here and not case.chance < 0.5:
        return "reached_early", "figure_before_deadline"
    n_points = case.projection.n_points
    if not case.projection.sufficient:
        return "insufficient", "one_point" if n_points == 1 else "two_points"
    return grade(case.chance), "borrowed" if case.fit.line is None else "projection"


def _after(case: Case) -> tuple[str, str]:
    """The words after a deadline; only a figure dated at it can say met or missed."""
    figures, threshold = case.line.figures, case.judged
    assert threshold is not None and threshold.value is not None and threshold.comparator
    final = case.final
    if final is not None:
        return outcome(final.value, threshold.value, threshold.comparator, final.qualifier)
    if case.area.valid_to is not None and case.area.valid_to < case.deadline:
        return "unknown", "area_ended"
    if not figures:
        return "unknown", case.why_empty
    later = figures[-1].period_end > case.deadline
    return "unknown", "only_later_figure" if later else "no_figure_at_deadline"


def figure_at(case: Case) -> pd.Series | None:
    """Return the figure dated at the deadline as a row of the line's points, if there is one."""
    final = case.final
    return None if final is None else case.line.points.iloc[case.line.figures.index(final)]


def chance_of(case: Case) -> float:
    """Chance (0 to 1) of standing at the threshold at the deadline; NaN when not projected."""
    return case.chance
