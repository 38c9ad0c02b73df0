"""Verdicts and trajectories: every area of a plan against every target, as tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from kts_analysis.attainment import (
    DEADLINE_GRACE_DAYS,
    acceleration,
    arrival,
    arrived,
    gap,
    grade,
    meets,
    outcome,
    pace_observed,
    pace_required,
    years_between,
)
from kts_analysis.periods import parse_partial_date, year_position
from kts_analysis.registry import Area, Plan, Registry, Target, Threshold
from kts_analysis.registry_files import load_registry
from kts_analysis.schema import VERDICT_COLUMNS, VERDICT_COUNTS, VERDICT_NUMBERS, Verdicts, keep
from kts_analysis.selection import Line, line_of
from kts_analysis.store import known_on
from kts_analysis.trends import MIN_POINTS, Method, Projection, TrendFit, fit_series

DECIMALS = 4  # printed numbers; every decision is taken on the unrounded ones


@dataclass(frozen=True)
class Case:
    """One area, one target, one deadline, seen from one day: all a verdict is made from."""

    area: Area
    plan: Plan
    target: Target
    threshold: Threshold | None
    deadline: date
    as_of: date
    line: Line
    fit: TrendFit
    projection: Projection

    @property
    def past(self) -> bool:
        """Whether the deadline lies behind the as-of date."""
        return self.as_of > self.deadline

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


def assess(
    plan: Plan,
    obs: pd.DataFrame,
    deadline: int | None = None,
    *,
    areas: Iterable[str] | None = None,
    targets: Iterable[str] | None = None,
    as_of: str | date | None = None,
    registry: Registry | None = None,
    method: Method = "auto",
) -> pd.DataFrame:
    """Judge every area of a plan against every target.

    Parameters
    ----------
    plan : Plan
        The targets and their areas.
    obs : pandas.DataFrame
        Observations from `read_observations`.
    deadline : int, optional
        Year of the deadline; by default the plan's first.
    areas, targets : iterable of str, optional
        Limit to these codes and ids.
    as_of : str or date, optional
        Nothing published later is used; by default the day `obs` stands on.
    registry : Registry, optional
        By default the one of the data folder.
    method : str
        Projection method, see `kts_analysis.trends`.

    Returns
    -------
    pandas.DataFrame
        `kts_analysis.schema.Verdicts`: one row per area and target, none left out.

    Raises
    ------
    KtsError
        Unknown area or target.
    """
    book = registry or load_registry()
    known = known_on(obs, as_of or obs.attrs.get("as_of"))
    day = date.fromisoformat(known.attrs["as_of"])
    year = deadline or plan.deadlines[0]
    rows = []
    for area in pick_areas(plan, book, areas):
        for target in pick_targets(plan, targets):
            rows.append(_verdict(area, plan, target, year, day, known, book, method))
    table = pd.DataFrame(rows, columns=VERDICT_COLUMNS)
    table[VERDICT_NUMBERS] = table[VERDICT_NUMBERS].astype(float).round(DECIMALS)
    validated = Verdicts.validate(table)
    validated.attrs["as_of"] = day.isoformat()
    return validated


def pick_areas(plan: Plan, registry: Registry, codes: Iterable[str] | None = None) -> list[Area]:
    """Return the areas of a plan, or the ones asked for (which need not be the plan's own)."""
    deadline = date(max(plan.deadlines), 12, 31)
    chosen = plan.areas if codes is None else tuple(codes)
    return [registry.area(code, None if code in plan.areas else deadline) for code in chosen]


def pick_targets(plan: Plan, ids: Iterable[str] | None = None) -> list[Target]:
    """Return the targets of a plan, or the ones asked for."""
    return list(plan.targets) if ids is None else [plan.target(item) for item in ids]


def make_case(
    area: Area,
    plan: Plan,
    target: Target,
    deadline: int,
    as_of: date,
    known: pd.DataFrame,
    registry: Registry,
    *,
    breakdown: str = "",
    method: Method = "auto",
) -> Case:
    """Gather what a verdict needs: the line, its fit, the distribution at the deadline."""
    day = parse_partial_date(deadline)
    if as_of <= day:  # on the deadline's own day nothing is judged yet: the figure is not used
        known = keep(known, (end < day for end in known["period_end"]))
    line = line_of(known, registry, area, target, as_of, breakdown)
    bounds = registry.indicators[target.indicator].bounds
    points = line.fit_points
    fit = fit_series(
        points["t"], points["value"], bounds=(bounds.lower, bounds.upper), method=method
    )
    threshold = target.threshold(deadline, area.code)
    projection = fit.at(year_position(day))
    return Case(area, plan, target, threshold, day, as_of, line, fit, projection)


def _verdict(
    area: Area,
    plan: Plan,
    target: Target,
    deadline: int,
    as_of: date,
    known: pd.DataFrame,
    registry: Registry,
    method: Method,
) -> dict[str, Any]:
    """Return one row; for a target over sectors, the row of the worst one."""
    counted = registry.indicators[target.indicator].counted
    if not registry.indicators[target.indicator].measured_at(area.level):
        case = make_case(area, plan, target, deadline, as_of, known.iloc[:0], registry)
        return _row(case, counted, "not_measured", "level")
    if target.scope == "single_value":
        case = make_case(area, plan, target, deadline, as_of, known, registry, method=method)
        return _row(case, counted, *status_of(case))
    sectors = plan.sector_ids() or sorted(_breakdowns(known, area, target))
    cases = [
        make_case(
            area, plan, target, deadline, as_of, known, registry, breakdown=sector, method=method
        )
        for sector in sectors
    ]
    return _worst_sector(cases, counted, area, plan, target, deadline, as_of, known, registry)


def _breakdowns(known: pd.DataFrame, area: Area, target: Target) -> set[str]:
    mine = (known["area_code"] == area.code) & (known["indicator"] == target.indicator)
    return set(known[mine]["breakdown"]) - {""}


def _worst_sector(
    cases: list[Case],
    counted: str,
    area: Area,
    plan: Plan,
    target: Target,
    deadline: int,
    as_of: date,
    known: pd.DataFrame,
    registry: Registry,
) -> dict[str, Any]:
    """Judge a target on its worst sector; a sector without figures leaves it open.

    One sector that has already failed decides, whatever the others are.
    """
    empty = make_case(area, plan, target, deadline, as_of, known.iloc[:0], registry)
    with_data = [case for case in cases if len(case.line.points)]
    if not with_data:
        return _row(empty, counted, *status_of(empty))
    failed = [case for case in with_data if status_of(case)[0] == "missed"]
    if failed:
        worst = min(failed, key=lambda case: float(case.line.points["value"].iloc[-1]))
        return _row(worst, counted, *status_of(worst))
    if len(with_data) < len(cases):
        worst = min(with_data, key=_weakness)
        status = "unknown" if worst.past else "insufficient"
        return _row(worst, counted, status, "missing_sectors")
    worst = min(with_data, key=_weakness)
    return _row(worst, counted, *status_of(worst))


def _weakness(case: Case) -> tuple[int, float]:
    """Order sectors from worst: first those that cannot be graded, then by chance or value."""
    rank = {"insufficient": 0, "unknown": 0}.get(status_of(case)[0], 1)
    chance = _chance(case)
    return rank, chance if np.isfinite(chance) else float(case.line.points["value"].iloc[-1])


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
    chance = _chance(case)
    if here and not chance < 0.5:
        return "reached_early", "figure_before_deadline"
    n_points = case.projection.n_points
    if n_points < MIN_POINTS:
        return "insufficient", "one_point" if n_points == 1 else "two_points"
    return grade(chance), "projection"


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


def _chance(case: Case) -> float:
    """Chance (0 to 1) of standing at the threshold at the deadline; NaN when not projected."""
    threshold = case.judged
    if threshold is None or threshold.value is None or case.projection.horizon <= 0:
        return float("nan")
    return case.projection.probability(threshold.value, threshold.comparator or ">=")


def _row(case: Case, counted: str, status: str, reason: str) -> dict[str, Any]:
    """Return the verdict row of a case."""
    row = _identity(case) | {"counted": counted, "status": status, "reason": reason}
    row |= {name: _blank(name) for name in VERDICT_COLUMNS if name not in row}
    if status != "not_measured" and len(case.line.points):
        row |= _evidence(case)
        row |= _figures(case)
        if case.projection.sufficient and figure_at(case) is None and case.projection.horizon > 0:
            row |= _projected(case)
    return row


def _blank(name: str) -> Any:
    if name in VERDICT_COUNTS:
        return 0
    return float("nan") if name in VERDICT_NUMBERS else ""


def _identity(case: Case) -> dict[str, Any]:
    threshold = case.threshold
    has_value = threshold is not None and threshold.value is not None
    return {
        "area_code": case.area.code,
        "area_name": case.area.name,
        "plan_id": case.plan.id,
        "target_id": case.target.id,
        "indicator": case.target.indicator,
        "deadline": case.deadline.isoformat(),
        "as_of": case.as_of.isoformat(),
        "threshold": threshold.value if has_value and threshold else float("nan"),
        "comparator": (threshold.comparator or "") if threshold else "",
        "verification": threshold.verification if threshold else "unknown",
    }


def _evidence(case: Case) -> dict[str, Any]:
    """What the verdict rests on."""
    newest = _shown(case)
    return {
        "series": case.line.series,
        "breakdown": case.line.breakdown,
        "latest": float(newest["value"]),
        "latest_date": newest["period_end"].isoformat(),
        "latest_qualifier": newest["qualifier"],
        "denominator": float(newest["denominator"]),
        "n_points": len(case.fit.times),
        "method": case.fit.method,
        "origin": case.line.origin,
        "vintage": max(case.line.points["vintage_date"]).isoformat(),
        "flags": case.line.flags,
        "source": newest["source"],
        "source_url": newest["source_url"],
    }


def _shown(case: Case) -> pd.Series:
    """The figure a verdict is about: the one at a past deadline, else the newest."""
    final = figure_at(case) if case.past else None
    return final if final is not None else case.line.points.iloc[-1]


def _figures(case: Case) -> dict[str, Any]:
    """Gap and paces, in points and in heads."""
    points = case.fit.times, case.fit.values
    observed = pace_observed(*points)
    row: dict[str, Any] = {"pace_observed": observed}
    threshold = case.judged
    if threshold is None or threshold.value is None:
        return row
    newest, comparator = _shown(case), threshold.comparator or ">="
    missing = gap(float(newest["value"]), threshold.value, comparator)
    heads = float(newest["denominator"]) / 100
    row |= {"gap": missing, "gap_count": missing * heads}
    if not case.past:
        required = pace_required(missing, years_between(case.as_of, case.deadline))
        toward = observed if comparator in (">", ">=") else -observed
        row |= {
            "pace_required": required,
            "pace_required_count": required * heads,
            "acceleration": acceleration(required, toward),
        }
    return row | _dates(case, threshold.value, comparator)


def _dates(case: Case, threshold: float, comparator: str) -> dict[str, str]:
    """Date of attainment: since when it stands, else when the distribution gets there."""
    points = case.line.points
    figures = zip(points["period_end"], points["value"], points["qualifier"], strict=True)
    since = arrived(figures, threshold, comparator)
    if since is not None:
        return {"attainment_date": since.isoformat()}
    coming = arrival(case.fit, threshold, comparator)
    dates = {
        "attainment_date": coming.median,
        "earliest": coming.earliest,
        "latest_likely": coming.latest_likely,
    }
    return {name: day.isoformat() if day else "" for name, day in dates.items()}


def _projected(case: Case) -> dict[str, Any]:
    lo80, hi80 = case.projection.interval(0.80)
    lo95, hi95 = case.projection.interval(0.95)
    return {
        "projected": case.projection.median,
        "lo80": lo80,
        "hi80": hi80,
        "lo95": lo95,
        "hi95": hi95,
        "probability": _chance(case),
    }
