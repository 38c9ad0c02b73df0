"""Verdicts as a table: every area of a plan against every target, none left out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from kts_analysis.attainment import gap
from kts_analysis.cases import Case, empty_case, make_case, status_of
from kts_analysis.entries import Area, Plan, Target
from kts_analysis.registry import Registry
from kts_analysis.registry_files import load_registry
from kts_analysis.rows import Row
from kts_analysis.schema import (
    VERDICT_COLUMNS,
    VERDICT_NUMBERS,
    Verdicts,
    verdict_dtype,
)
from kts_analysis.store import known_on, stood_on
from kts_analysis.trends import Method
from kts_analysis.verdicts import Together, status_together, together, verdict_row
from kts_analysis.views import View

DECIMALS = 4  # printed numbers; every decision is taken on the unrounded ones


def assess(
    plan: Plan,
    obs: pd.DataFrame,
    deadline: int | Iterable[int] | None = None,
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
    deadline : int or iterable of int, optional
        Year of the deadline, or several; by default the plan's first.
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
        `kts_analysis.schema.Verdicts`: one row per area, target and deadline, none left out, in
        this order; `kts_analysis.verdicts.deadline_table` sums them up by deadline.

    Raises
    ------
    KtsError
        Unknown area or target.

    Examples
    --------
    >>> import kts_analysis as kts
    >>> plan = kts.load_plan("quoc-gia-411")
    >>> known = kts.read_observations(as_of="2022-12-31")
    >>> table = kts.assess(plan, known, deadline=2025, areas=["VN"], targets=["KTS03"])
    >>> table[["target_id", "latest", "threshold", "status"]]
      target_id  latest  threshold    status
    0     KTS03     7.0       10.0  possible
    >>> round(float(table["probability"].iloc[0]), 2)
    0.66
    """
    book = registry or load_registry()
    known = known_on(obs, as_of or stood_on(obs))
    view = View(book, known, date.fromisoformat(known.attrs["as_of"]), method)
    table = judge(view, plan, deadline, areas=areas, targets=targets)
    validated = Verdicts.validate(table)
    validated.attrs.update(table.attrs)
    return validated


def judge(
    view: View,
    plan: Plan,
    deadline: int | Iterable[int] | None = None,
    *,
    areas: Iterable[str] | None = None,
    targets: Iterable[str] | None = None,
) -> pd.DataFrame:
    """Return what `assess` returns, from a view and what has been found in it already.

    Parameters
    ----------
    view : View
    plan, deadline, areas, targets
        As in `assess`.
    """
    rows = judge_rows(view, plan, deadline, areas=areas, targets=targets)
    table = pd.DataFrame(
        {
            name: pd.Series([row[name] for row in rows], dtype=verdict_dtype(name))
            for name in VERDICT_COLUMNS
        }
    )
    table.attrs["as_of"] = view.as_of.isoformat()
    return table


def judge_rows(
    view: View,
    plan: Plan,
    deadline: int | Iterable[int] | None = None,
    *,
    areas: Iterable[str] | None = None,
    targets: Iterable[str] | None = None,
) -> list[Row]:
    """Return the rows of `judge` one by one: what pages are made from, without a table's cost."""
    return [
        _verdict_once(view, area, plan, target, year)
        for area in pick_areas(plan, view.registry, areas)
        for target in pick_targets(plan, targets)
        for year in deadlines_of(plan, deadline)
    ]


def _verdict_once(view: View, area: Area, plan: Plan, target: Target, deadline: int) -> Row:
    """Return one row, found once a view: a page and the run's tables ask for the same."""
    key = (area.code, plan.id, target.id, deadline)
    asked, row = view.verdicts.get(key, (None, {}))
    if asked is not plan:  # another plan of that name, such as the one of sums
        found = _verdict(view, area, plan, target, deadline)
        numbers = np.array([found[name] for name in VERDICT_NUMBERS], dtype=float).round(DECIMALS)
        row = found | dict(zip(VERDICT_NUMBERS, numbers.tolist(), strict=True))
        view.verdicts[key] = plan, row
    return row


def deadlines_of(plan: Plan, asked: int | Iterable[int] | None) -> list[int]:
    """Return the deadlines asked for, each once and in order of time; by default the first."""
    if asked is None:
        return [plan.deadlines[0]]
    return sorted({asked} if isinstance(asked, int) else set(asked))


def pick_areas(plan: Plan, registry: Registry, codes: Iterable[str] | None = None) -> list[Area]:
    """Return the areas of a plan, or the ones asked for (which need not be the plan's own)."""
    deadline = date(max(plan.deadlines), 12, 31)
    chosen = plan.areas if codes is None else tuple(codes)
    return [registry.area(code, None if code in plan.areas else deadline) for code in chosen]


def pick_targets(plan: Plan, ids: Iterable[str] | None = None) -> list[Target]:
    """Return the targets of a plan, or the ones asked for."""
    return list(plan.targets) if ids is None else [plan.target(item) for item in ids]


def _verdict(view: View, area: Area, plan: Plan, target: Target, deadline: int) -> dict[str, Any]:
    """Return one row; for a target over sectors, the row of the worst one."""
    card = view.registry.indicators[target.indicator]
    if not card.measured_at(area.level):
        empty = empty_case(view, area, plan, target, deadline)
        return verdict_row(empty, card.counted, "not_measured", "level")
    sectors = breakdowns_of(view, area, plan, target)
    cases = [make_case(view, area, plan, target, deadline, sector) for sector in sectors]
    if target.scope == "single_value":
        return verdict_row(cases[0], card.counted, *status_of(cases[0]))
    empty = empty_case(view, area, plan, target, deadline)
    case, status, reason, joint = _worst_sector(empty, cases)
    return verdict_row(case, card.counted, status, reason, joint)


def breakdowns_of(view: View, area: Area, plan: Plan, target: Target) -> list[str]:
    """Return the sectors a target is judged by; one without a name for a target on one value."""
    if target.scope == "single_value":
        return [""]
    mine = view.figures.at(area.code, target.indicator)
    return plan.sector_ids() or sorted({figure.breakdown for figure in mine} - {""})


def _worst_sector(empty: Case, cases: list[Case]) -> tuple[Case, str, str, Together | None]:
    """Return the sector a target over sectors is shown by, with status, reason and joint answer.

    A sector without figures leaves the target open, unless another has already failed: one
    failure decides, whatever the others are.
    """
    with_data = [case for case in cases if case.line.figures]
    if not with_data or empty.judged is None:
        return (*_alone(empty), None)
    failed = [case for case in with_data if status_of(case)[0] == "missed"]
    if failed:
        return (*_alone(max(failed, key=_shortfall)), None)
    worst = _weakest(with_data)
    if len(with_data) < len(cases):
        return worst, "unknown" if worst.past else "insufficient", "missing_sectors", None
    joint = together(cases)
    if joint is None:
        return (*_alone(worst), None)
    return worst, *status_together(cases, joint, *status_of(worst)), joint


def _alone(case: Case) -> tuple[Case, str, str]:
    return (case, *status_of(case))


def _weakest(cases: list[Case]) -> Case:
    """Return the sector that cannot be graded, else the one with the least chance or value."""
    open_ = [case for case in cases if status_of(case)[0] in ("insufficient", "unknown")]
    candidates = open_ or cases
    chances = [case.chance for case in candidates]
    if np.isfinite(chances).all():
        return candidates[int(np.argmin(chances))]
    return max(candidates, key=_shortfall)


def _shortfall(case: Case) -> float:
    """Points missing to the threshold by the figure at a past deadline, else by the newest."""
    threshold, figure = case.judged, case.final if case.past else None
    if figure is None:
        figure = case.line.figures[-1]
    if threshold is None or threshold.value is None:
        return float("nan")
    return gap(figure.value, threshold.value, threshold.comparator or ">=")
