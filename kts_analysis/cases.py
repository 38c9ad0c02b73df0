"""One case = one area, one target, one deadline, seen from one day; and the status it has."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import pandas as pd

from kts_analysis.attainment import DEADLINE_GRACE_DAYS, grade, meets, outcome
from kts_analysis.entries import Area, Plan, Target, Threshold
from kts_analysis.neighbours import fit_lines, neighbour_lines
from kts_analysis.periods import parse_partial_date, year_position
from kts_analysis.predictive import Projection
from kts_analysis.registry import Registry
from kts_analysis.scales import Bounds
from kts_analysis.schema import keep, worst_origin
from kts_analysis.selection import Line, line_of
from kts_analysis.trend_fit import Group, TrendFit
from kts_analysis.trends import Method, fit_series

Neighbours = tuple[list[Line], Group | None]  # lines side by side, and what they have in common


@dataclass(frozen=True)
class View:
    """Where one stands: the figures known on a day.

    Attributes
    ----------
    known : pandas.DataFrame
        Observations published on or before `as_of` (from `store.known_on`).
    method : str
        Projection method, see `kts_analysis.trends`.
    lines, groups : dict
        What has been found once, so that areas side by side need not look for it again.
    """

    registry: Registry
    known: pd.DataFrame
    as_of: date
    method: Method = "auto"
    lines: dict[tuple[str, ...], Line] = field(default_factory=dict, compare=False, repr=False)
    groups: dict[tuple[str, ...], Neighbours] = field(
        default_factory=dict, compare=False, repr=False
    )


@dataclass(frozen=True)
class Case:
    """One area, one target, one deadline, seen from one day: all a verdict is made from.

    Attributes
    ----------
    neighbours : tuple of Line
        Lines of the areas it shares strength with, its own among them; its own alone when it
        stands alone.
    """

    area: Area
    plan: Plan
    target: Target
    threshold: Threshold | None
    deadline: date
    as_of: date
    line: Line
    neighbours: tuple[Line, ...]
    fit: TrendFit
    projection: Projection

    @property
    def past(self) -> bool:
        """Whether the deadline lies behind the as-of date."""
        return self.as_of > self.deadline

    @property
    def origin(self) -> str:
        """The origin a result must carry: a synthetic neighbour makes a borrowed pace synthetic."""
        lines = self.neighbours if self.fit.n_areas > 1 else ()
        return worst_origin({line.origin for line in (self.line, *lines)})

    @property
    def why_empty(self) -> str:
        """Reason when there is no line: nothing published, or methods the plan does not choose."""
        unnamed = self.target.series.get(self.area.level) is None
        return "rival_series" if unnamed and self.line.rivals else "no_data"

    @property
    def judged(self) -> Threshold | None:
        """The threshold if it has a number to be judged against."""
        known = self.threshold is not None and self.threshold.value is not None
        return self.threshold if known else None


def make_case(
    view: View, area: Area, plan: Plan, target: Target, deadline: int, breakdown: str = ""
) -> Case:
    """Gather what a verdict needs: the line, its fit, the distribution at the deadline."""
    day = parse_partial_date(deadline)
    line = _line(view, area, target, breakdown, day)
    beside, group = _neighbours(view, plan, target, line, day)
    points, limits = line.fit_points, bounds_of(view, target)
    fit = fit_series(
        points["t"],
        points["value"],
        bounds=limits,
        method=view.method,
        weights=line.fit_weights,
        group=group,
        progress=_progress(target),
    )
    return Case(
        area=area,
        plan=plan,
        target=target,
        threshold=target.threshold(deadline, area.code),
        deadline=day,
        as_of=view.as_of,
        line=line,
        neighbours=tuple(beside),
        fit=fit,
        projection=fit.at(year_position(day)),
    )


def bounds_of(view: View, target: Target) -> Bounds:
    """Return the natural bounds of a target's indicator."""
    bounds = view.registry.indicators[target.indicator].bounds
    return bounds.lower, bounds.upper


def _progress(target: Target) -> int:
    """Return 1 where more is better, -1 where less is."""
    return 1 if target.direction == "higher_is_better" else -1


def _line(view: View, area: Area, target: Target, breakdown: str, deadline: date) -> Line:
    """Return the line a case is about, looked for once a view."""
    open_ = view.as_of <= deadline  # on the deadline's own day nothing is judged yet
    key = (area.code, target.id, breakdown, deadline.isoformat() if open_ else "")
    if key not in view.lines:
        known = view.known[view.known["indicator"] == target.indicator]
        if open_:
            known = keep(known, (end < deadline for end in known["period_end"]))
        view.lines[key] = line_of(known, view.registry, area, target, view.as_of, breakdown)
    return view.lines[key]


def _neighbours(view: View, plan: Plan, target: Target, line: Line, deadline: date) -> Neighbours:
    """Return the lines an area shares strength with and what they have in common."""
    if not len(line.points):
        return [line], None
    beside = neighbour_lines(
        plan,
        view.registry,
        line,
        lambda area: _line(view, area, target, line.breakdown, deadline),
    )
    codes = sorted(other.area.code for other in beside)
    open_ = deadline.isoformat() if view.as_of <= deadline else ""
    key = (target.id, line.series, line.breakdown, open_, *codes)
    if key not in view.groups:
        fitted = fit_lines(beside, bounds_of(view, target), _progress(target))
        view.groups[key] = beside, fitted.group if fitted else None
    return view.groups[key]


def status_of(case: Case) -> tuple[str, str]:
    """Return status and reason of a case (both from closed lists)."""
    if case.judged is None:
        return "insufficient", "no_threshold"
    return _after(case) if case.past else _before(case)


def _before(case: Case) -> tuple[str, str]:
    """The words before a deadline; none of them is the word for "met"."""
    points = case.line.points
    if not len(points):
        return "insufficient", case.why_empty
    if case.area.valid_to is not None and case.area.valid_to < case.as_of:
        return "insufficient", "area_ended"
    threshold = case.judged
    assert threshold is not None and threshold.value is not None and threshold.comparator
    newest = points.iloc[-1]
    here = meets(newest["value"], threshold.value, threshold.comparator, newest["qualifier"])
    chance = chance_of(case)
    if here and not chance < 0.5:
        return "reached_early", "figure_before_deadline"
    n_points = case.projection.n_points
    if not case.projection.sufficient:
        return "insufficient", "one_point" if n_points == 1 else "two_points"
    return grade(chance), "borrowed" if case.fit.line is None else "projection"


def _after(case: Case) -> tuple[str, str]:
    """The words after a deadline; only a figure dated at it can say met or missed."""
    points, threshold = case.line.points, case.judged
    assert threshold is not None and threshold.value is not None and threshold.comparator
    final = figure_at(case)
    if final is not None:
        return outcome(final["value"], threshold.value, threshold.comparator, final["qualifier"])
    if case.area.valid_to is not None and case.area.valid_to < case.deadline:
        return "unknown", "area_ended"
    if not len(points):
        return "unknown", case.why_empty
    later = points["period_end"].iloc[-1] > case.deadline
    return "unknown", "only_later_figure" if later else "no_figure_at_deadline"


def figure_at(case: Case) -> pd.Series | None:
    """Return the figure dated at the deadline (up to a month after it), if there is one."""
    last_day = case.deadline + timedelta(days=DEADLINE_GRACE_DAYS)
    ends = case.line.points["period_end"]
    fitting = keep(case.line.points, (case.deadline <= end <= last_day for end in ends))
    return fitting.iloc[0] if len(fitting) else None


def chance_of(case: Case) -> float:
    """Chance (0 to 1) of standing at the threshold at the deadline; NaN when not projected."""
    threshold = case.judged
    if threshold is None or threshold.value is None or case.projection.horizon <= 0:
        return float("nan")
    return case.projection.probability(threshold.value, threshold.comparator or ">=")
