"""One verdict row from one case: identity, evidence, gap and paces, dates, projection."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kts_analysis.attainment import (
    acceleration,
    arrival,
    arrived,
    gap,
    pace_observed,
    pace_required,
    years_between,
)
from kts_analysis.cases import Case, chance_of, figure_at
from kts_analysis.schema import VERDICT_COLUMNS, VERDICT_COUNTS, VERDICT_NUMBERS


def verdict_row(case: Case, counted: str, status: str, reason: str) -> dict[str, Any]:
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
        "latest_flags": newest["flags"],
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
        "probability": chance_of(case),
    }
