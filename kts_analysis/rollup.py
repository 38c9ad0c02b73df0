"""From areas to the province: counts added up, with what is missing said."""

from __future__ import annotations

from datetime import date

import pandas as pd

from kts_analysis.entries import Area, Plan, Target
from kts_analysis.periods import year_position
from kts_analysis.registry import Registry
from kts_analysis.schema import join_flags, worst_origin
from kts_analysis.selection import choose_series, loosest_qualifier, newest

SERIES = "rollup"  # the measuring method of figures that are added up from areas


def parts_on(plan: Plan, registry: Registry, day: date) -> list[Area]:
    """Return the plan's areas below its home that existed on a day."""
    areas = [registry.area(code) for code in plan.areas if code != plan.home]
    return [area for area in areas if area.exists_on(day)]


def add_up(known: pd.DataFrame, plan: Plan, registry: Registry, target: Target) -> pd.DataFrame:
    """Return the home area's figures added up from its parts: one row a period.

    Rates are never averaged: the rate is the sum of numerators over the sum of denominators.

    Parameters
    ----------
    known : pandas.DataFrame
        Observations known on the as-of date.
    plan, registry, target
        What to add up.

    Returns
    -------
    pandas.DataFrame
        ``period, period_end, value, numerator, denominator, counted, expected, missing, origin,
        qualifier, flags, vintage_date``. ``counted`` of ``expected`` areas gave counts;
        ``missing`` names the others, and a row with missing areas speaks only for those counted.
    """
    rows = known[(known["indicator"] == target.indicator) & (known["breakdown"] == "")]
    own = rows[rows["area_code"].isin(set(plan.areas) - {plan.home})]
    chosen = [
        newest(group[group["series"] == _series_of(known, str(code), registry, target)])
        for code, group in own.groupby("area_code")
    ]
    columns = list(known.columns)
    pooled = pd.concat(chosen, ignore_index=True) if chosen else pd.DataFrame(columns=columns)
    pooled = pooled[pooled["numerator"].notna() & pooled["denominator"].notna()]
    result = [
        _period_sum(str(period), group, parts_on(plan, registry, group["period_end"].iloc[0]))
        for period, group in pooled.groupby("period", sort=True)
    ]
    return pd.DataFrame(result, columns=_COLUMNS)


_COLUMNS = [
    "period",
    "period_end",
    "value",
    "numerator",
    "denominator",
    "counted",
    "expected",
    "missing",
    "origin",
    "qualifier",
    "flags",
    "vintage_date",
]


def _series_of(known: pd.DataFrame, code: str, registry: Registry, target: Target) -> str:
    """Return the method an area's own verdict follows, so that the sum follows the same."""
    area = registry.area(code)
    return choose_series(known, area, target.indicator, target.series.get(area.level))


def _period_sum(period: str, group: pd.DataFrame, parts: list[Area]) -> dict[str, object]:
    inside = group[group["area_code"].isin([area.code for area in parts])]
    concepts = inside["denominator_concept"]
    if concepts.nunique() > 1:  # two population concepts do not add up: the rarer counts as missing
        inside = inside[concepts == concepts.mode().iloc[0]]
    numerator, denominator = inside["numerator"].sum(), inside["denominator"].sum()
    present = set(inside["area_code"])
    return {
        "period": period,
        "period_end": group["period_end"].iloc[0],
        "value": 100 * numerator / denominator if denominator else float("nan"),
        "numerator": numerator,
        "denominator": denominator,
        "counted": len(present),
        "expected": len(parts),
        "missing": tuple(area.code for area in parts if area.code not in present),
        "origin": worst_origin({"derived", *inside["origin"]}),
        "qualifier": loosest_qualifier(set(inside["qualifier"]) or {"exact"}),
        "flags": join_flags(list(inside["flags"])),
        "vintage_date": max(inside["vintage_date"], default=date.min),
    }


def as_observations(
    sums: pd.DataFrame, known: pd.DataFrame, plan: Plan, target: Target
) -> pd.DataFrame:
    """Return the complete sums (no area missing) as observations of the home area."""
    whole = sums[sums["counted"] == sums["expected"]]
    rows = pd.DataFrame(
        {
            "area_code": plan.home,
            "indicator": target.indicator,
            "series": SERIES,
            "breakdown": "",
            "period": whole["period"],
            "value": whole["value"],
            "numerator": whole["numerator"],
            "denominator": whole["denominator"],
            "denominator_concept": "",
            "qualifier": whole["qualifier"],
            "vintage": [day.isoformat() for day in whole["vintage_date"]],
            "origin": whole["origin"],
            "source": "kts_analysis.rollup",
            "source_url": "",
            "flags": whole["flags"],
            "note": "",
            "period_end": whole["period_end"],
            "t": [year_position(end) for end in whole["period_end"]],
            "vintage_date": whole["vintage_date"],
            "row": "",
        }
    )
    return rows.reindex(columns=known.columns)


def with_rollup(known: pd.DataFrame, plan: Plan, registry: Registry) -> pd.DataFrame:
    """Return the observations with the home area's added-up figures beside the published ones."""
    frames = [known]
    for target in plan.targets:
        sums = add_up(known, plan, registry, target)
        if len(sums):
            frames.append(as_observations(sums, known, plan, target))
    joined = pd.concat(frames, ignore_index=True)
    joined.attrs.update(known.attrs)
    return joined


def rollup_plan(plan: Plan, registry: Registry) -> Plan:
    """Return the plan with its home area judged on the added-up figures."""
    level = registry.area(plan.home).level
    targets = tuple(
        target.model_copy(update={"series": {**target.series, level: SERIES}})
        for target in plan.targets
    )
    return plan.model_copy(update={"targets": targets})


def contributions(verdicts: pd.DataFrame, target_id: str, codes: list[str]) -> pd.DataFrame:
    """Return who holds a target back: each area's missing heads, the largest first.

    Parameters
    ----------
    verdicts : pandas.DataFrame
        Verdicts of the parts.
    target_id : str
    codes : list of str
        The areas that stand side by side; one that was merged into another must not be among
        them, or its people would count twice.

    Returns
    -------
    pandas.DataFrame
        ``area_code, latest, gap, gap_count, share``: points and heads missing to the threshold
        (areas past it have none), and the share (percent) of all missing heads.
    """
    mine = verdicts["area_code"].isin(codes) & (verdicts["target_id"] == target_id)
    rows = verdicts[mine & verdicts["gap"].notna()]
    table = rows[
        ["area_code", "latest", "latest_date", "gap", "gap_count", "status", "origin"]
    ].copy()
    table["gap_count"] = table["gap_count"].clip(lower=0)
    total = table["gap_count"].sum()
    table["share"] = 100 * table["gap_count"] / total if total else float("nan")
    return table.sort_values(["gap_count", "area_code"], ascending=[False, True], kind="stable")
