"""One verdict row from one case: identity, evidence, gap and paces, dates, projection.

A target over sectors has one row too: the identity and figures of its worst sector, with the
chance, interval and dates of all sectors together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from kts_analysis.attainment import (
    Arrival,
    arrival,
    arrived,
    gap,
    grade,
    pace_observed,
    years_between,
)
from kts_analysis.cases import Case, status_of
from kts_analysis.figures import Figure
from kts_analysis.joint import Worst, all_arrive, worst_sector
from kts_analysis.paces import required_paces
from kts_analysis.periods import date_at
from kts_analysis.schema import STATUSES, VERDICT_COLUMNS, VERDICT_COUNTS, VERDICT_NUMBERS

PROJECTED = ("reached_early", "likely", "possible", "unlikely", "very_unlikely")


@dataclass(frozen=True)
class Together:
    """All sectors of a target at once.

    Attributes
    ----------
    worst : Worst
        The chance that all stand at the threshold at the deadline, and the worst one's value.
    arrival : Arrival
        When all stand there.
    since : date or None
        Since when all have stood there by their figures, if they do.
    """

    worst: Worst
    arrival: Arrival
    since: date | None


def together(cases: Sequence[Case]) -> Together | None:
    """Return the joint answer of a target's sectors; None when one of them cannot be projected."""
    threshold = cases[0].judged if len(cases) > 1 else None
    open_ = all(
        case.projection.sufficient and case.projection.horizon > 0 and case.final is None
        for case in cases
    )
    if threshold is None or threshold.value is None or not open_:
        return None
    value, comparator = threshold.value, threshold.comparator or ">="
    begun = [_since(case, value, comparator) for case in cases]
    return Together(
        worst=worst_sector([case.projection for case in cases], value, comparator),
        arrival=all_arrive([case.fit for case in cases], value, comparator),
        since=None if None in begun else max(day for day in begun if day is not None),
    )


def status_together(
    cases: Sequence[Case], joint: Together, status: str, reason: str
) -> tuple[str, str]:
    """Return status and reason of a target over sectors from the chance that all reach it.

    `status` and `reason` are the worst sector's; they stay where they do not come from a
    projection. "Reached early" takes all sectors.
    """
    if status not in PROJECTED:
        return status, reason
    chance = joint.worst.chance
    if all(status_of(case)[0] == "reached_early" for case in cases) and chance >= 0.5:
        return "reached_early", "figure_before_deadline"
    return grade(chance), "projection"


def verdict_row(
    case: Case, counted: str, status: str, reason: str, joint: Together | None = None
) -> dict[str, Any]:
    """Return the verdict row of a case; `joint` is the answer of all sectors of its target."""
    row = _identity(case) | {"counted": counted, "status": status, "reason": reason}
    row |= {name: _blank(name) for name in VERDICT_COLUMNS if name not in row}
    if status != "not_measured" and case.line.figures:
        row |= _evidence(case)
        row |= _figures(case, joint)
        if case.projection.sufficient and case.final is None and case.projection.horizon > 0:
            row |= _projected(case, joint)
    return row


def deadline_table(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Return one row a deadline: how many verdicts of which status, and how many to expect.

    Parameters
    ----------
    verdicts : pandas.DataFrame
        Verdicts of one or several deadlines.

    Returns
    -------
    pandas.DataFrame
        ``deadline``; ``judged`` (verdicts at the level where it is measured); one column a status
        that occurs; ``with_chance`` (verdicts with a chance) and ``expected`` (the sum of their
        chances: how many of them to expect at their threshold, however they hang together; empty
        without any).

    Examples
    --------
    >>> import kts_analysis as kts
    >>> plan = kts.load_plan("quoc-gia-411")
    >>> known = kts.read_observations(as_of="2022-12-31")
    >>> verdicts = kts.assess(plan, known, [2025, 2030], areas=["VN"], targets=["KTS03"])
    >>> kts.deadline_table(verdicts)[["deadline", "judged", "expected"]].round(2)
         deadline  judged  expected
    0  2025-12-31       1      0.66
    1  2030-12-31       1      0.35
    """
    rows = []
    for deadline, group in verdicts.groupby("deadline", sort=True):
        counts = group["status"].value_counts()
        chances = group["probability"].dropna()
        rows.append(
            {"deadline": deadline, "judged": len(group) - int(counts.get("not_measured", 0))}
            | {name: int(counts.get(name, 0)) for name in STATUSES}
            | {"with_chance": len(chances), "expected": chances.sum(min_count=1)}
        )
    ends = ["with_chance", "expected"]
    table = pd.DataFrame(rows, columns=["deadline", "judged", *STATUSES, *ends])
    idle = [name for name in STATUSES if not table[name].sum()]
    return table.drop(columns=idle)


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
        "latest": newest.value,
        "latest_date": newest.period_end.isoformat(),
        "latest_qualifier": newest.qualifier,
        "latest_flags": newest.flags,
        "denominator": newest.denominator,
        "n_points": len(case.fit.times),
        "method": case.fit.method,
        "origin": case.origin,
        "vintage": max(figure.vintage_date for figure in case.line.figures).isoformat(),
        "flags": case.line.flags,
        "source": newest.source,
        "source_url": newest.source_url,
    }


def _shown(case: Case) -> Figure:
    """The figure a verdict is about: the one at a past deadline, else the newest."""
    final = case.final if case.past else None
    return final if final is not None else case.line.figures[-1]


def _figures(case: Case, joint: Together | None) -> dict[str, Any]:
    """Gap and paces, in points, in the other definitions and in heads."""
    times, values = case.fit.times, case.fit.values
    row: dict[str, Any] = {"pace_observed": pace_observed(times, values)}
    threshold = case.judged
    if threshold is None or threshold.value is None:
        return row
    newest, comparator = _shown(case), threshold.comparator or ">="
    latest = newest.value
    missing = gap(latest, threshold.value, comparator)
    heads = newest.denominator / 100
    row |= {"gap": missing, "gap_count": missing * heads}
    if not case.past:
        left, bounds = years_between(case.as_of, case.deadline), _bounds(case)
        paces = required_paces(latest, threshold.value, comparator, left, times, values, bounds)
        points, *others = paces
        row |= {
            "pace_required": points.required,
            "pace_required_count": points.required * heads,
            "acceleration": points.acceleration,
        }
        row |= {f"pace_{pace.definition}": pace.required for pace in others}
        row |= {f"acceleration_{pace.definition}": pace.acceleration for pace in others}
    return row | _dates(case, threshold.value, comparator, joint)


def _bounds(case: Case) -> tuple[float | None, float | None]:
    return case.fit.scale.lower, case.fit.scale.upper


def _since(case: Case, threshold: float, comparator: str) -> date | None:
    """Since when the figures have stood at a threshold, if they do."""
    figures = case.line.figures
    cells = ((one.period_end, one.value, one.qualifier) for one in figures)
    return arrived(cells, threshold, comparator)


def _dates(case: Case, threshold: float, comparator: str, joint: Together | None) -> dict[str, str]:
    """Date of attainment: since when it stands, else when the distribution gets there."""
    since = joint.since if joint else _since(case, threshold, comparator)
    if since is not None:
        return {"attainment_date": since.isoformat()}
    coming = joint.arrival if joint else arrival(case.fit, threshold, comparator)
    dates = {
        "attainment_date": coming.median,
        "earliest": coming.earliest,
        "latest_likely": coming.latest_likely,
    }
    if not len(case.fit.times):
        return dict.fromkeys(dates, "")
    # The newest figure has not reached it, so the first month that can is the one after.
    first = date_at(float(case.fit.times[-1]) + 1 / 12)
    return {name: max(day, first).isoformat() if day else "" for name, day in dates.items()}


def _projected(case: Case, joint: Together | None) -> dict[str, Any]:
    if joint:
        worst = joint.worst
        numbers = ("lo80", "hi80", "lo95", "hi95")
        return {name: getattr(worst, name) for name in numbers} | {
            "projected": worst.median,
            "probability": worst.chance,
        }
    lo80, hi80 = case.projection.interval(0.80)
    lo95, hi95 = case.projection.interval(0.95)
    return {
        "projected": case.projection.median,
        "lo80": lo80,
        "hi80": hi80,
        "lo95": lo95,
        "hi95": hi95,
        "probability": case.chance,
    }
