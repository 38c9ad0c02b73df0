"""The province's forecast from its districts beside the direct fits on its own series."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kts_analysis.cases import Case, make_case
from kts_analysis.dependence import Dependence, dependence, deviations
from kts_analysis.entries import Plan, Target
from kts_analysis.neighbours import lines_matrix
from kts_analysis.periods import parse_partial_date, year_position
from kts_analysis.predictive import Projection
from kts_analysis.rollup import SERIES, add_up, standing_parts
from kts_analysis.rollup_forecast import ProvinceForecast, Spread, province_forecast
from kts_analysis.selection import WEIGHTS
from kts_analysis.trends import fit_series
from kts_analysis.views import View

COLUMNS = [
    "basis",
    "median",
    "lo80",
    "hi80",
    "lo95",
    "hi95",
    "probability",
    "rho",
    "rho_source",
    "pairs",
    "areas",
    "coverage",
    "n_points",
    "missing",
]


def from_districts(
    view: View, plan: Plan, target: Target, deadline: int
) -> ProvinceForecast | None:
    """Return the home area's distribution at a deadline from its districts' distributions.

    Weights are the districts' newest denominators; districts with another denominator concept
    than the most of them, without a denominator or without a distribution are left out and named.

    Returns
    -------
    ProvinceForecast or None
        None when no district can be used.
    """
    parts = standing_parts(plan, view.registry, view.as_of)
    cases = [make_case(view, area, plan, target, deadline) for area in parts]
    sizes = {case.area.code: _size(case) for case in cases}
    concepts = [concept for size, concept in sizes.values() if size is not None]
    usual = max(sorted(set(concepts)), key=concepts.count, default="")
    alike = {code: size for code, (size, concept) in sizes.items() if concept == usual and size}
    used = [case for case in cases if case.area.code in alike and case.projection.sufficient]
    if not used:
        return None
    weights = [alike[case.area.code] for case in used]
    threshold = target.threshold(deadline, plan.home)
    whole = sum(alike.values()) if len(alike) == len(cases) else float("nan")
    codes = {case.area.code for case in used}
    return province_forecast(
        [case.projection for case in used],
        weights,
        dependence_of(used),
        threshold.value if threshold else None,
        (threshold.comparator if threshold else None) or ">=",
        coverage=100 * sum(weights) / whole,
        missing=tuple(case.area.code for case in cases if case.area.code not in codes),
    )


def _size(case: Case) -> tuple[float | None, str]:
    """Return an area's newest denominator and its concept."""
    known = [one for one in case.line.figures if one.denominator > 0]
    return (known[-1].denominator, known[-1].denominator_concept) if known else (None, "")


def dependence_of(cases: Sequence[Case]) -> Dependence:
    """Return how far the errors of districts that stand side by side go together."""
    times, values, _ = lines_matrix([case.line for case in cases])
    scale = cases[0].projection.scale  # one for all districts that stand side by side
    places = np.where(np.isfinite(values), scale.forward(values), np.nan)
    return dependence(deviations(times, places))


def province_forecast_table(view: View, plan: Plan, target: Target, deadline: int) -> pd.DataFrame:
    """Return the forecast from the districts beside the direct fits.

    Parameters
    ----------
    view, plan, target, deadline
        The home area is judged at the end of the year `deadline`.

    Returns
    -------
    pandas.DataFrame
        One row a ``basis``: ``districts`` (where the correlation of their errors is estimated),
        ``districts_independent`` and ``districts_common_fate`` (its two ends), ``published`` (the
        fit on the home area's own series) and ``summed`` (the fit on the districts' counts added
        up). ``median, lo80, hi80, lo95, hi95`` in percent, ``probability`` 0 to 1, ``coverage`` in
        percent, ``missing`` the codes of districts left out. A basis without a distribution has no
        row.

    Examples
    --------
    >>> from datetime import date
    >>> import kts_analysis as kts
    >>> from kts_analysis.views import View
    >>> registry, plan = kts.load_registry(), kts.load_plan("nam-dinh-105")
    >>> view = View(registry, kts.read_observations(as_of="2024-06-30"), date(2024, 6, 30))
    >>> table = kts.province_forecast_table(view, plan, plan.target("XHS05"), 2025)
    >>> table["basis"].tolist()
    ['districts', 'districts_independent', 'districts_common_fate', 'summed']
    """
    rows = [
        *_rows(from_districts(view, plan, target, deadline)),
        *_direct_row("published", _published(view, plan, target, deadline), target, plan, deadline),
        *_direct_row("summed", _summed(view, plan, target, deadline), target, plan, deadline),
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _rows(found: ProvinceForecast | None) -> list[dict[str, object]]:
    if found is None:
        return []
    named = [
        ("districts", found.used, found.dependence.source),
        ("districts_independent", found.independent, "bounded"),
        ("districts_common_fate", found.common_fate, "bounded"),
    ]
    return [
        _numbers(spread)
        | {
            "basis": basis,
            "rho": spread.rho,
            "rho_source": source,
            "pairs": found.dependence.pairs,
            "areas": found.areas,
            "coverage": found.coverage,
            "missing": found.missing,
        }
        for basis, spread, source in named
        if spread is not None
    ]


def _numbers(spread: Spread) -> dict[str, object]:
    return {
        "median": spread.median,
        "lo80": spread.lo80,
        "hi80": spread.hi80,
        "lo95": spread.lo95,
        "hi95": spread.hi95,
        "probability": spread.chance,
    }


def _direct_row(
    basis: str, projection: Projection | None, target: Target, plan: Plan, deadline: int
) -> list[dict[str, object]]:
    if projection is None or not projection.sufficient:
        return []
    (lo80, hi80), (lo95, hi95) = projection.interval(0.8), projection.interval(0.95)
    threshold = target.threshold(deadline, plan.home)
    reached = float("nan")
    if threshold is not None and threshold.value is not None:
        reached = projection.probability(threshold.value, threshold.comparator or ">=")
    spread = Spread(float("nan"), projection.median, lo80, hi80, lo95, hi95, reached)
    return [_numbers(spread) | {"basis": basis, "n_points": projection.n_points, "missing": ()}]


def _published(view: View, plan: Plan, target: Target, deadline: int) -> Projection | None:
    """The fit on the home area's own series, unless that is the sum itself."""
    case = make_case(view, view.registry.area(plan.home), plan, target, deadline)
    return None if case.line.series == SERIES else case.projection


def _summed(view: View, plan: Plan, target: Target, deadline: int) -> Projection:
    """The fit on the complete sums of the districts' counts."""
    sums = add_up(view.known, plan, view.registry, target)
    day = parse_partial_date(deadline)
    before = [end < day or view.as_of > day for end in sums["period_end"]]
    whole = sums[(sums["counted"] == sums["expected"]) & pd.Series(before, dtype=bool)]
    bounds = view.registry.indicators[target.indicator].bounds
    return fit_series(
        [year_position(end) for end in whole["period_end"]],
        whole["value"].tolist(),
        bounds=(bounds.lower, bounds.upper),
        method=view.method,
        weights=[WEIGHTS[word] for word in whole["qualifier"]],
        progress=1 if target.direction == "higher_is_better" else -1,
    ).at(year_position(day))
