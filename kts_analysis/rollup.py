"""From areas to the province: counts added up, with what is missing said."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pandas as pd

from kts_analysis.entries import Area, Plan, Target
from kts_analysis.figures import Figure, Figures, newest_of
from kts_analysis.periods import year_position
from kts_analysis.registry import Registry
from kts_analysis.schema import join_flags, worst_origin
from kts_analysis.selection import choose_series, loosest_qualifier
from kts_analysis.views import figures_known

SERIES = "rollup"  # the measuring method of figures that are added up from areas
PARTS_MARK = " + "  # between the codes in the ``row`` of a sum of undivided areas


def undivided(plan: Plan) -> str:
    """Return the code under which sums of areas stand that cannot be told apart on their borders.

    Only figures carried to other borders have any (`moved_views`): the home area's borders did not
    move, so what its areas made together is known where their shares are not.
    """
    return f"{plan.home}+"


def below_home(plan: Plan, registry: Registry, day: date) -> list[Area]:
    """Return all areas of the plan below its home that existed on a day, of whatever level."""
    areas = [registry.area(code) for code in plan.areas if code != plan.home]
    return [area for area in areas if area.exists_on(day)]


def parts_on(plan: Plan, registry: Registry, day: date) -> list[Area]:
    """Return the areas that make up the plan's home on a day: each place once.

    A plan may hold areas of several levels (regions, and the districts in them). An area inside
    another one of the plan counts there already, so only the outermost are parts.
    """
    inner = _inner(plan, registry, day)
    return [area for area in below_home(plan, registry, day) if area.code not in inner]


def _inner(plan: Plan, registry: Registry, day: date) -> set[str]:
    """Return the codes of a plan's areas that lie in another one of it on a day."""
    areas = below_home(plan, registry, day)
    standing = {area.code for area in areas}
    return {area.code for area in areas if standing.intersection(_above(area, registry))}


def _above(area: Area, registry: Registry) -> list[str]:
    """Return the codes of the areas an area lies in, the nearest first."""
    found: list[str] = []
    while area.parent is not None and registry.has_area(area.parent) and area.parent not in found:
        found.append(area.parent)
        area = registry.area(area.parent)
    return found


def standing_parts(plan: Plan, registry: Registry, as_of: date) -> list[Area]:
    """Return the areas below the home that stand side by side on a day.

    Of a home area that has ended by then, they are those of its last day.
    """
    home = registry.area(plan.home)
    return parts_on(plan, registry, min(as_of, home.valid_to or as_of))


def add_up(
    known: pd.DataFrame | Figures,
    plan: Plan,
    registry: Registry,
    target: Target,
    borders: date | None = None,
) -> pd.DataFrame:
    """Return the home area's figures added up from its parts: one row a period.

    Rates are never averaged: the rate is the sum of numerators over the sum of denominators.

    Parameters
    ----------
    known : pandas.DataFrame or Figures
        Observations known on the as-of date.
    plan, registry, target
        What to add up.
    borders : datetime.date, optional
        Day on whose borders all figures stand (from `harmonising.harmonise`); without one each
        stands on those of its period's end.

    Returns
    -------
    pandas.DataFrame
        ``period, period_end, value, numerator, denominator, counted, expected, missing, origin,
        qualifier, flags, vintage_date``. ``counted`` of ``expected`` areas gave counts;
        ``missing`` names the others, and a row with missing areas speaks only for those counted.
        A period with an `undivided` sum has that one, of the areas as they were.
    """
    whole = {one.period: _undivided_sum(one) for one in _undivided_figures(known, plan, target)}
    counted = counted_parts(known, plan, registry, target)
    result = {
        period: _period_sum(
            period, figures, parts_on(plan, registry, borders or figures[0].period_end)
        )
        for period, figures in counted.items()
    }
    rows = [row for _, row in sorted((result | whole).items())]
    return pd.DataFrame(rows, columns=_COLUMNS)


def _undivided_figures(known: pd.DataFrame | Figures, plan: Plan, target: Target) -> list[Figure]:
    return newest_of(figures_known(known).at(undivided(plan), target.indicator))


def _undivided_sum(figure: Figure) -> dict[str, object]:
    codes = figure.row.split(PARTS_MARK)
    return {
        "period": figure.period,
        "period_end": figure.period_end,
        "value": figure.value,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "counted": len(codes),
        "expected": len(codes),
        "missing": (),
        "origin": figure.origin,
        "qualifier": figure.qualifier,
        "flags": figure.flags,
        "vintage_date": figure.vintage_date,
    }


def counted_parts(
    known: pd.DataFrame | Figures, plan: Plan, registry: Registry, target: Target
) -> dict[str, list[Figure]]:
    """Return the figures with counts of the plan's parts, by period; rates alone are left out.

    So are areas inside another area of the plan: their counts are among that one's.
    """
    book, by_period = figures_known(known), dict[str, list[Figure]]()
    inner: dict[date, set[str]] = {}
    for code in sorted(set(plan.areas) - {plan.home}):
        area = registry.area(code)
        # The sum follows the method that the area's own verdict follows.
        series = choose_series(book, area, target.indicator, target.series.get(area.level))
        own = (one for one in book.at(code, target.indicator) if not one.breakdown)
        for figure in newest_of(one for one in own if one.series == series):
            if figure.numerator == figure.numerator and figure.denominator == figure.denominator:
                day = figure.period_end
                if day not in inner:
                    inner[day] = _inner(plan, registry, day)
                if code not in inner[day]:
                    by_period.setdefault(figure.period, []).append(figure)
    return by_period


def addable(figures: list[Figure], parts: list[Area]) -> list[Figure]:
    """Return the figures of some parts that add up: of two population concepts the usual one."""
    standing = {area.code for area in parts}
    inside = [figure for figure in figures if figure.area_code in standing]
    concepts = Counter(figure.denominator_concept for figure in inside)
    if len(concepts) <= 1:
        return inside
    usual = min(concepts, key=lambda concept: (-concepts[concept], concept))
    return [figure for figure in inside if figure.denominator_concept == usual]


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


def _period_sum(period: str, figures: list[Figure], parts: list[Area]) -> dict[str, object]:
    inside = addable(figures, parts)
    numerator = float(sum(figure.numerator for figure in inside))
    denominator = float(sum(figure.denominator for figure in inside))
    present = {figure.area_code for figure in inside}
    return {
        "period": period,
        "period_end": figures[0].period_end,
        "value": 100 * numerator / denominator if denominator else float("nan"),
        "numerator": numerator,
        "denominator": denominator,
        "counted": len(present),
        "expected": len(parts),
        "missing": tuple(area.code for area in parts if area.code not in present),
        "origin": worst_origin({"derived", *(figure.origin for figure in inside)}),
        "qualifier": loosest_qualifier({figure.qualifier for figure in inside} or {"exact"}),
        "flags": join_flags([figure.flags for figure in inside]),
        "vintage_date": max((figure.vintage_date for figure in inside), default=date.min),
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

    Where no area has counts, there are only the missing points, the largest first.

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
        ``area_code, latest, gap, gap_count, share, home_points``: points and heads missing to the
        threshold (areas past it have none), the share (percent) of all missing heads, and the
        points by which the whole would stand higher if that area alone had none missing: its
        missing heads of all denominators.
    """
    mine = verdicts["area_code"].isin(codes) & (verdicts["target_id"] == target_id)
    rows = verdicts[mine & verdicts["gap"].notna()]
    table = rows[
        ["area_code", "latest", "latest_date", "gap", "gap_count", "status", "origin"]
    ].copy()
    table["gap_count"] = table["gap_count"].clip(lower=0)
    total = table["gap_count"].sum()
    table["share"] = 100 * table["gap_count"] / total if total else float("nan")
    table["home_points"] = 100 * table["gap_count"] / rows["denominator"].sum()
    keys = ["gap_count", "area_code"] if table["gap_count"].notna().any() else ["gap", "area_code"]
    return table.sort_values(keys, ascending=[False, True], kind="stable")
