"""Trajectories: observed, fitted and projected points of one line, as a table."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from kts_analysis.assessment import DECIMALS
from kts_analysis.cases import Case, View, make_case
from kts_analysis.entries import Plan
from kts_analysis.periods import date_at
from kts_analysis.registry import Registry
from kts_analysis.registry_files import load_registry
from kts_analysis.schema import TRAJECTORY_COLUMNS, Trajectories
from kts_analysis.store import known_on, stood_on
from kts_analysis.trends import Method

_INTERVALS = {"lo50": 0.25, "hi50": 0.75, "lo80": 0.1, "hi80": 0.9, "lo95": 0.025, "hi95": 0.975}
_NUMBERS = ("value", *_INTERVALS, "horizon_years")


def project(
    plan: Plan,
    obs: pd.DataFrame,
    *,
    area: str,
    target: str,
    until: int,
    as_of: str | date | None = None,
    breakdown: str = "",
    registry: Registry | None = None,
    method: Method = "auto",
) -> pd.DataFrame:
    """Return the trajectory of one area towards one target.

    Parameters
    ----------
    plan : Plan
    obs : pandas.DataFrame
        Observations from `read_observations`.
    area, target : str
        Area code and target id.
    until : int
        Last year projected.
    as_of, breakdown, registry, method
        As in `assess`.

    Returns
    -------
    pandas.DataFrame
        `kts_analysis.schema.Trajectories`; without rows when there are no data. With fewer than
        three points it holds observed rows only.

    Examples
    --------
    >>> import kts_analysis as kts
    >>> plan = kts.load_plan("quoc-gia-411")
    >>> known = kts.read_observations(as_of="2022-12-31")
    >>> path = kts.project(plan, known, area="VN", target="KTS03", until=2025)
    >>> path[["date", "kind", "value", "lo80", "hi80"]].round(1).tail(2)
              date       kind  value  lo80  hi80
    19  2024-12-31  projected    9.7   7.6  12.3
    20  2025-12-31  projected   10.8   8.1  14.2
    """
    book = registry or load_registry()
    known = known_on(obs, as_of or stood_on(obs))
    day = date.fromisoformat(known.attrs["as_of"])
    place = book.area(area) if area in plan.areas else book.area(area, date(until, 12, 31))
    view = View(book, known, day, method)
    case = make_case(view, place, plan, plan.target(target), until, breakdown)
    return Trajectories.validate(trajectory(case, until))


def trajectory(case: Case, until: int) -> pd.DataFrame:
    """Return the trajectory of a case that has already been gathered."""
    rows = trajectory_rows(case, until)
    return pd.DataFrame(
        {
            name: pd.Series([row[name] for row in rows], dtype=_dtype(name))
            for name in TRAJECTORY_COLUMNS
        }
    )


def trajectory_rows(case: Case, until: int) -> list[dict[str, Any]]:
    """Return the rows of a trajectory without making a table of them, as a page needs them.

    They are found once a case and shared: not to be changed.
    """
    if until not in case.paths:
        case.paths[until] = _trajectory_rows(case, until)
    found: list[dict[str, Any]] = case.paths[until]
    return found


def _trajectory_rows(case: Case, until: int) -> list[dict[str, Any]]:
    rows = [*_observed(case), *_fitted(case), *_projected(case, until)]
    numbers = np.array([[row[name] for name in _NUMBERS] for row in rows], dtype=float)
    for row, cells in zip(rows, numbers.round(DECIMALS).tolist(), strict=True):
        row.update(zip(_NUMBERS, cells, strict=True))
    return rows


def _dtype(name: str) -> str:
    if name in _NUMBERS:
        return "float64"
    return "int64" if name == "n_points" else "str"


def _base(case: Case, kind: str, when: float, value: float) -> dict[str, Any]:
    last = case.fit.times[-1] if len(case.fit.times) else when
    blank = dict.fromkeys(_INTERVALS, float("nan"))
    return blank | {
        "area_code": case.area.code,
        "target_id": case.target.id,
        "breakdown": case.line.breakdown,
        "date": date_at(when).isoformat(),
        "kind": kind,
        "value": value,
        "qualifier": "",
        "method": case.fit.method,
        "n_points": len(case.fit.times),
        "horizon_years": max(when - last, 0.0),
        "origin": case.origin,
    }


def _observed(case: Case) -> list[dict[str, Any]]:
    return [
        _base(case, "observed", one.t, one.value) | {"qualifier": one.qualifier}
        for one in case.line.figures
    ]


def _fitted(case: Case) -> list[dict[str, Any]]:
    if case.fit.line is None:
        return []
    values = case.fit.fitted()
    return [
        _base(case, "fitted", float(when), float(value))
        for when, value in zip(case.fit.times, values, strict=True)
    ]


def _projected(case: Case, until: int) -> list[dict[str, Any]]:
    """The last point, then every year's end up to `until`."""
    if not case.fit.sufficient:
        return []
    last = float(case.fit.times[-1])
    years = [float(year) for year in range(int(last) + 1, until + 1)]
    rows = []
    for when in [last, *years] if years else []:
        projection = case.fit.at(when)
        row = _base(case, "projected", when, projection.median)
        for name, level in _INTERVALS.items():
            row[name] = projection.quantile(level)
        rows.append(row)
    return rows
