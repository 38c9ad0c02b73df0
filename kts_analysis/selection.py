"""From observations to the dated points of one line: one method, one vintage, one border."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from kts_analysis.entries import Area, Target
from kts_analysis.registry import Registry
from kts_analysis.schema import join_flags, keep, worst_origin

BOUNDS = ("at_least", "at_most")  # qualifiers that say a bound; a bound is not a point
# How much a point counts in a fit: a figure the source itself calls loose or not final counts half,
# a bound (used only when it is the newest news) a quarter. Ours, by order of firmness.
WEIGHTS = {
    "exact": 1.0,
    "preliminary": 0.5,
    "estimate": 0.5,
    "about": 0.5,
    "at_least": 0.25,
    "at_most": 0.25,
}
# Among several publications of one period on one day, the firmer statement is shown.
_FIRMNESS = {
    "exact": 0,
    "preliminary": 1,
    "estimate": 2,
    "about": 3,
    "at_least": 4,
    "at_most": 4,
}


@dataclass(frozen=True)
class Line:
    """The dated points of one area, one indicator, one series and one breakdown.

    Attributes
    ----------
    points : pandas.DataFrame
        One row a period in order of time, newest vintage first chosen; bounds included.
    series : str
        Measuring method, empty when there are no data or none could be chosen.
    rivals : tuple of str
        Other methods that have figures for the same area and indicator.
    borders : date or None
        Day whose borders the points stand on, when the area's borders changed.
    lost : tuple of str
        Periods left out because they could not be carried to those borders by counts.
    """

    area: Area
    indicator: str
    series: str
    breakdown: str
    points: pd.DataFrame
    rivals: tuple[str, ...] = ()
    borders: date | None = None
    lost: tuple[str, ...] = ()

    @property
    def fit_points(self) -> pd.DataFrame:
        """The points a trend may use: those that are not bounds, from the newest break on.

        The newest figure is used even when it is a bound ("trên 87%"): a trend that ignores the
        newest news would contradict what is already known. Figures from before a change of method
        or definition (flag ``method_break``) never form one line with those after it.
        """
        firm = ~self.points["qualifier"].isin(BOUNDS)
        firm.iloc[-1:] = True
        return self.points[firm & (self.points["t"] >= self.newest_break)]

    @property
    def newest_break(self) -> float:
        """Date (years) of the newest change of method or definition; -inf without one."""
        broken = ["method_break" in flags.split(";") for flags in self.points["flags"]]
        return max(self.points["t"][broken], default=float("-inf"))

    @property
    def fit_weights(self) -> list[float]:
        """How much each of `fit_points` counts."""
        return [WEIGHTS[word] for word in self.fit_points["qualifier"]]

    @property
    def origin(self) -> str:
        """The origin a result from these points must carry."""
        return worst_origin(set(self.points["origin"]))

    @property
    def flags(self) -> str:
        """All flags of the points, each once."""
        return join_flags(list(self.points["flags"]))


def choose_series(table: pd.DataFrame, area: Area, indicator: str, wanted: str | None) -> str:
    """Return the measuring method to follow.

    The plan's choice goes before all. Without one, a single method is taken; several are not
    chosen between, because rival methods differ by more than a year's movement.

    Returns
    -------
    str
        Series id; empty when the plan's choice has no figures, or several stand and none is named.
    """
    present = list(dict.fromkeys(_of(table, area.code, indicator)["series"]))
    if wanted:
        return wanted if wanted in present else ""
    return present[0] if len(present) == 1 else ""


def line_of(
    table: pd.DataFrame,
    registry: Registry,
    area: Area,
    target: Target,
    as_of: date,
    breakdown: str = "",
) -> Line:
    """Return the line a target of an area is judged on.

    Parameters
    ----------
    table : pandas.DataFrame
        Observations already limited to what was known on `as_of`.
    """
    series = choose_series(table, area, target.indicator, target.series.get(area.level))
    rivals = _of(table, area.code, target.indicator)["series"]
    return series_line(table, registry, area, target.indicator, series, as_of, breakdown, rivals)


def series_line(
    table: pd.DataFrame,
    registry: Registry,
    area: Area,
    indicator: str,
    series: str,
    as_of: date,
    breakdown: str = "",
    rivals: Iterable[str] = (),
) -> Line:
    """Return the points of one named method on the borders the area had at the as-of date."""
    own = _method(table, area.code, indicator, series, breakdown)
    points = newest(own)
    borders: date | None = None
    lost: list[str] = []
    for succession in registry.predecessors(area.code):
        if succession.day <= as_of and len(points):
            before = newest(_method(table, succession.from_code, indicator, series, breakdown))
            if succession.share != 1:
                before = before.iloc[:0]  # a part of unknown size cannot be carried by counts
            crosses = any(end >= succession.day for end in points["period_end"])
            if len(before) or crosses:
                points, dropped = _merge(points, before, succession.day)
                borders, lost = succession.day, lost + dropped
    others = tuple(sorted(set(rivals) - {series}))
    return Line(area, indicator, series, breakdown, points, others, borders, tuple(lost))


def newest(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a period: the newest known vintage, the better source, the firmer word.

    A publication date that is only assumed ranks behind every known one.
    """
    ranked = rows.assign(
        _weak=["weak_source" in flags.split(";") for flags in rows["flags"]],
        _firm=[_FIRMNESS[word] for word in rows["qualifier"]],
        _assumed=["vintage_assumed" in flags.split(";") for flags in rows["flags"]],
        _age=[-day.toordinal() for day in rows["vintage_date"]],
    ).sort_values(["period_end", "_assumed", "_age", "_weak", "_firm", "row"], kind="stable")
    kept = ranked.drop_duplicates("period_end", keep="first")
    return kept.drop(columns=["_assumed", "_weak", "_firm", "_age"]).reset_index(drop=True)


def _of(table: pd.DataFrame, code: str, indicator: str) -> pd.DataFrame:
    return table[(table["area_code"] == code) & (table["indicator"] == indicator)]


def _method(
    table: pd.DataFrame, code: str, indicator: str, series: str, breakdown: str
) -> pd.DataFrame:
    rows = _of(table, code, indicator)
    return rows[(rows["series"] == series) & (rows["breakdown"] == breakdown)]


def _merge(points: pd.DataFrame, before: pd.DataFrame, day: date) -> tuple[pd.DataFrame, list[str]]:
    """Add a merged area's counts to the points before the merger day; never average rates.

    Returns the points on the new borders and the periods lost for want of counts.
    """
    old = keep(points, (end < day for end in points["period_end"]))
    new = keep(points, (end >= day for end in points["period_end"]))
    pairs = old.merge(before, on="period", how="outer", suffixes=("", "_b"))
    counts = ["numerator", "denominator", "numerator_b", "denominator_b"]
    fitting = pairs[counts].notna().all(axis=1)
    fitting &= pairs["denominator_concept"] == pairs["denominator_concept_b"]
    whole = pairs[fitting].copy()
    lost = sorted(set(pairs["period"]) - set(whole["period"]))
    for name in ("numerator", "denominator"):
        whole[name] = whole[name] + whole[f"{name}_b"]
    whole["value"] = 100 * whole["numerator"] / whole["denominator"]
    whole["flags"] = _both(whole, "flags", lambda a, b: join_flags([a, b, "harmonised"]))
    whole["origin"] = _both(whole, "origin", lambda a, b: worst_origin({a, b, "derived"}))
    whole["qualifier"] = _both(whole, "qualifier", lambda a, b: loosest_qualifier({a, b}))
    whole["source"] = _both(whole, "source", lambda a, b: a if a == b else f"{a}; {b}")
    whole["vintage_date"] = _both(whole, "vintage_date", max)
    whole["row"] = whole["row"] + " + " + whole["row_b"]
    kept = whole[points.columns]
    joined = pd.concat([kept, new], ignore_index=True) if len(kept) else new
    return joined.sort_values("period_end", kind="stable").reset_index(drop=True), lost


def _both(pairs: pd.DataFrame, name: str, combine: Callable[[Any, Any], Any]) -> pd.Series:
    """Return a column made from both areas' cells."""
    cells = zip(pairs[name], pairs[f"{name}_b"], strict=True)
    return pd.Series([combine(a, b) for a, b in cells], index=pairs.index, dtype=object)


def loosest_qualifier(words: set[str]) -> str:
    """Return the qualifier of a sum: a bound stays a bound, and opposite bounds leave "about"."""
    bounds = words & set(BOUNDS)
    if len(bounds) > 1:
        return "about"
    return bounds.pop() if bounds else max(words, key=lambda word: _FIRMNESS[word])
