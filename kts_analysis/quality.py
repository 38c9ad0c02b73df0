"""What the data are like: how many periods each area has, what is missing, revised, doubtful."""

from __future__ import annotations

import pandas as pd

from kts_analysis.entries import Plan
from kts_analysis.registry import Registry
from kts_analysis.selection import newest

KEY = ["area_code", "indicator", "series", "breakdown", "period"]


def coverage(known: pd.DataFrame, plan: Plan, registry: Registry) -> pd.DataFrame:
    """Return the number of periods each area has for each target's indicator.

    Returns
    -------
    pandas.DataFrame
        Rows: area codes in the plan's order; columns: target ids; cells: number of periods, or
        <NA> where the indicator is not measured at the area's level.
    """
    table = pd.DataFrame(
        index=list(plan.areas), columns=[t.id for t in plan.targets], dtype="Int64"
    )
    counts = known.groupby(["area_code", "indicator"])["period"].nunique().to_dict()
    for target in plan.targets:
        card = registry.indicators[target.indicator]
        table[target.id] = pd.array(
            [
                counts.get((code, target.indicator), 0)
                if card.measured_at(registry.area(code).level)
                else None
                for code in plan.areas
            ],
            dtype="Int64",
        )
    return table


def gaps(known: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return the years an area's own line skips: ``area_code, indicator, periods``."""
    yearly = known[known["period"].str.fullmatch(r"\d{4}") & known["area_code"].isin(plan.areas)]
    rows = []
    for (code, indicator), group in yearly.groupby(["area_code", "indicator"], sort=True):
        years = {int(period) for period in group["period"]}
        skipped = sorted(set(range(min(years), max(years) + 1)) - years)
        if skipped:
            rows.append((code, indicator, ", ".join(map(str, skipped))))
    return pd.DataFrame(rows, columns=["area_code", "indicator", "periods"])


def revisions(known: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return figures that were published again with another value: first and newest of each.

    Returns
    -------
    pandas.DataFrame
        ``area_code, indicator, series, period, first, newest, change``, percent and points.
    """
    mine = known[known["area_code"].isin(plan.areas)]
    again = mine[mine.duplicated(KEY, keep=False)].sort_values("vintage_date", kind="stable")
    rows = []
    for key, group in again.groupby(KEY, sort=True):
        if group["value"].nunique() > 1 and group["vintage_date"].nunique() > 1:
            first = float(group["value"].iloc[0])
            last = float(newest(group)["value"].iloc[0])
            rows.append((*key[:3], key[4], first, last, round(last - first, 4)))
    columns = ["area_code", "indicator", "series", "period", "first", "newest", "change"]
    return pd.DataFrame(rows, columns=columns)


def flagged(known: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return the rows of a plan's areas that carry a flag."""
    mine = known[known["area_code"].isin(plan.areas) & (known["flags"] != "")]
    return mine.sort_values(["area_code", "indicator", "period"], kind="stable")
