"""A scenario put to the areas and targets of a plan, as seen from one day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from kts_analysis.assessment import breakdowns_of, deadlines_of, pick_areas, pick_targets
from kts_analysis.cases import Case, make_case
from kts_analysis.entries import Area, Plan, Target
from kts_analysis.neighbours import fit_lines
from kts_analysis.periods import date_at
from kts_analysis.registry import Registry
from kts_analysis.registry_files import load_registry
from kts_analysis.scenarios.answers import Answer, Asked, answer, can_be_asked
from kts_analysis.scenarios.entries import CatchUp, Scenario
from kts_analysis.store import known_on, stood_on
from kts_analysis.views import View

DECIMALS = 4  # printed numbers
COLUMNS = (
    "area_code", "area_name", "target_id", "assumption", "kind", "deadline", "threshold",
    "comparator", "median", "lo80", "hi80", "lo95", "hi95", "probability", "since", "pace",
    "pace_count", "counted", "times", "best", "note", "origin", "as_of",
)  # fmt: skip
NUMBERS = ("threshold", "median", "lo80", "hi80", "lo95", "hi95", "probability", "pace",
           "pace_count", "times")  # fmt: skip
NO_CHANGE = "no_change"


@dataclass(frozen=True)
class TargetAnswers:
    """One target of an area: no change first, then the scenario's assumptions.

    Attributes
    ----------
    answers : tuple of Answer
        Empty where nothing can be projected.
    cases : tuple of Case
        The case, or one a sector.
    """

    area: Area
    target: Target
    answers: tuple[Answer, ...]
    cases: tuple[Case, ...]


def ask(
    view: View, area: Area, plan: Plan, target: Target, deadline: int, scenario: Scenario
) -> TargetAnswers | None:
    """Return what a scenario gives for one area's target.

    Returns
    -------
    TargetAnswers or None
        None where the scenario says nothing of it, or it is not measured at that level.
    """
    chosen = scenario.of(plan.id, area.code, target.id)
    card = view.registry.indicators[target.indicator]
    if not chosen or not card.measured_at(area.level):
        return None
    sectors = breakdowns_of(view, area, plan, target)
    cases = tuple(make_case(view, area, plan, target, deadline, sector) for sector in sectors)
    if not can_be_asked(cases):
        return TargetAnswers(area, target, (), cases)
    unchanged = Asked(cases, ())
    found = [answer(unchanged)]
    for assumption in chosen:
        best: Sequence[Case] = ()
        if isinstance(assumption, CatchUp):
            best = [_best(view, case, assumption.by) for case in cases]
        found.append(answer(Asked(cases, best), assumption))
    return TargetAnswers(area, target, tuple(found), cases)


def _best(view: View, case: Case, by: int) -> Case:
    """Return the case of the area beside it that is expected to stand best at the end of a year."""
    beside = case.neighbours
    fitted = fit_lines(beside, beside.bounds, beside.progress)
    if fitted is None or not case.line.figures:
        return case
    places = beside.progress * fitted.at(float(by)).locations
    order = [place for place in range(len(places)) if places[place] == places[place]]
    if not order:
        return case
    code = beside[max(order, key=lambda place: places[place])].area.code  # ties: the first code
    if code == case.area.code:
        return case
    [place] = pick_areas(case.plan, view.registry, [code])
    return make_case(view, place, case.plan, case.target, case.deadline.year, case.line.breakdown)


def ask_all(
    view: View,
    plan: Plan,
    scenario: Scenario,
    deadline: int | Iterable[int] | None = None,
    *,
    areas: Iterable[str] | None = None,
    targets: Iterable[str] | None = None,
) -> list[TargetAnswers]:
    """Return what a scenario gives for the areas and targets of a plan that it speaks of."""
    found = (
        ask(view, area, plan, target, year, scenario)
        for area in pick_areas(plan, view.registry, areas)
        for target in pick_targets(plan, targets)
        for year in deadlines_of(plan, deadline)
    )
    return [each for each in found if each is not None]


def what_if(
    plan: Plan,
    obs: pd.DataFrame,
    scenario: Scenario,
    deadline: int | Iterable[int] | None = None,
    *,
    areas: Iterable[str] | None = None,
    targets: Iterable[str] | None = None,
    as_of: str | date | None = None,
    registry: Registry | None = None,
) -> pd.DataFrame:
    """Return what a scenario gives, side by side with no change.

    Parameters
    ----------
    plan, obs, deadline, areas, targets, as_of, registry
        As in `assess`.
    scenario : Scenario
        From `load_scenario`.

    Returns
    -------
    pandas.DataFrame
        One row an area, target and assumption, "no_change" first: ``median`` and intervals
        (percent 0-100), ``probability`` (0 to 1), ``pace`` (points a year from ``since`` to the
        deadline) and ``pace_count`` (heads a year), ``times`` (times the expected pace), ``note``
        (see `kts_analysis.scenarios.words.NOTES`). Assumptions, never forecasts. Targets that
        cannot be projected to a deadline still ahead have one row with the note "insufficient".

    Raises
    ------
    KtsError
        Unknown area or target.

    Examples
    --------
    >>> import kts_analysis as kts
    >>> plan, scenario = kts.load_plan("nam-dinh-105"), kts.load_scenario("tang-toc-2025")
    >>> known = kts.read_observations(as_of="2024-06-30")
    >>> table = kts.what_if(plan, known, scenario, 2025, areas=["366"], targets=["XHS05"])
    >>> table["kind"].tolist()
    ['no_change', 'pace', 'catch_up', 'chance', 'target']
    """
    book = registry or load_registry()
    known = known_on(obs, as_of or stood_on(obs))
    view = View(book, known, date.fromisoformat(known.attrs["as_of"]))
    asked = ask_all(view, plan, scenario, deadline, areas=areas, targets=targets)
    return answers_frame(asked, view)


def answers_frame(asked: Iterable[TargetAnswers], view: View) -> pd.DataFrame:
    """Return answers as the table of `what_if`."""
    rows = [row for found in asked for row in rows_of_answers(found, view)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in COLUMNS:
        table[name] = table[name].astype("float64" if name in NUMBERS else "str")
    table[list(NUMBERS)] = table[list(NUMBERS)].round(DECIMALS)
    table.attrs["as_of"] = view.as_of.isoformat()
    return table


def rows_of_answers(found: TargetAnswers, view: View) -> list[dict[str, Any]]:
    """Return the answers of one target as rows with the columns `COLUMNS`."""
    shared = {
        "area_code": found.area.code,
        "area_name": found.area.name,
        "target_id": found.target.id,
        "counted": view.registry.indicators[found.target.indicator].counted,
        "as_of": view.as_of.isoformat(),
    }
    if not found.answers:
        case = found.cases[0]
        empty = dict.fromkeys(NUMBERS, float("nan"))
        texts = {"assumption": NO_CHANGE, "kind": NO_CHANGE, "comparator": "", "since": ""}
        texts |= {"deadline": case.deadline.isoformat(), "best": "", "note": "insufficient"}
        return [shared | empty | texts | {"origin": case.origin if case.line.figures else ""}]
    return [shared | _row(place, each) for place, each in enumerate(found.answers)]


def _row(place: int, each: Answer) -> dict[str, Any]:
    names = ("threshold", "comparator", "median", "lo80", "hi80", "lo95", "hi95", "pace",
             "pace_count", "times", "best", "note", "origin")  # fmt: skip
    kind = NO_CHANGE if each.assumption is None else str(getattr(each.assumption, "kind", ""))
    return {name: getattr(each, name) for name in names} | {
        "assumption": NO_CHANGE if each.assumption is None else f"{place}",
        "kind": kind,
        "deadline": each.deadline.isoformat(),
        "probability": each.chance,
        "since": date_at(each.since).isoformat(),
    }
