"""The registry of other borders with what each of their areas must reach."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TypeVar

import pandas as pd

from kts_analysis.areas import Crosswalk, Piece
from kts_analysis.entries import Milestone, Plan, Target, Threshold
from kts_analysis.figures import Figures
from kts_analysis.moved_plans import borders_of, registry_on
from kts_analysis.moved_targets import milestones_on, target_on
from kts_analysis.registry import Registry

Item = TypeVar("Item", Threshold, Milestone)


def registry_with_targets(registry: Registry, day: date, known: pd.DataFrame | Figures) -> Registry:
    """Return `moved_plans.registry_on` with thresholds and milestones on the borders of the day.

    An area that is what it was keeps its own. Where a changed area has no common threshold, its
    threshold has no value: it is not judged.

    Parameters
    ----------
    registry : Registry
    day : datetime.date
    known : pandas.DataFrame or Figures
        Observations known on the as-of date, on their own borders; see `moved_targets.target_on`.

    Raises
    ------
    KtsError
        As `moved_targets.target_on`.
    """
    moved, crosswalk = registry_on(registry, day), Crosswalk(registry)
    mover = _Mover(crosswalk, day, Figures.of(known))
    plans = {name: mover.plan(registry.plans[name], plan) for name, plan in moved.plans.items()}
    return moved.model_copy(update={"plans": plans})


def changed_areas(plan: Plan, moved: Plan, crosswalk: Crosswalk, day: date) -> list[str]:
    """Return the areas of a moved plan that are not just what they were when it was made.

    Parameters
    ----------
    plan, moved
        As made, and from `moved_plans.report_plan_on`.
    """
    own = borders_of(plan, crosswalk)
    known = {*plan.areas, plan.home}
    found = []
    for code in dict.fromkeys([moved.home, *moved.areas, *moved.beside]):
        if code in known and not crosswalk.registry.area(code, day).exists_on(day):
            continue  # the former home area, kept beside its successor
        if code not in known or crosswalk.pieces(code, own, of=day) != (Piece(code, 1.0),):
            found.append(code)
    return found


class _Mover:
    """Carries targets to the borders of one day."""

    def __init__(self, crosswalk: Crosswalk, day: date, book: Figures) -> None:
        self._crosswalk, self._day, self._book = crosswalk, day, book

    def plan(self, plan: Plan, moved: Plan) -> Plan:
        """Return a moved plan with its targets on the borders of the day."""
        codes = changed_areas(plan, moved, self._crosswalk, self._day)
        strange = [code for code in codes if self._strange(plan, code)]
        targets = []
        for target in plan.targets:
            special = any(item.areas for item in target.thresholds)
            special = special or any(step.areas for step in target.milestones)
            asked = codes if special else strange  # what is the same everywhere needs no weighing
            places = [code for code in (moved.home, *moved.areas) if code not in asked]
            targets.append(self._target(plan, target, places, asked) if asked else target)
        return moved.model_copy(update={"targets": tuple(targets)})

    def _strange(self, plan: Plan, code: str) -> bool:
        """Whether an area holds something the plan says nothing of."""
        own = borders_of(plan, self._crosswalk)
        made_of = self._crosswalk.pieces(code, own, of=self._day)
        return not {piece.code for piece in made_of} <= set(plan.areas)

    def _target(self, plan: Plan, target: Target, places: list[str], asked: list[str]) -> Target:
        """Return a target on the places that keep what was stated, and those asked about."""
        milestones = _without(target.milestones, asked)
        for step in target.milestones:
            if not step.areas and places:
                milestones.append(step.model_copy(update={"areas": tuple(places)}))
        thresholds = [item for item in target.thresholds if not item.areas]
        thresholds += _without(target.thresholds, asked)
        for code in asked:
            given = (plan, target, code, self._day, self._crosswalk, self._book)
            for moved in target_on(*given):
                thresholds.append(moved.threshold or _none(moved.deadline, code, moved.text()))
            steps = [moved.milestone for moved in milestones_on(*given)]
            milestones += [step for step in steps if step is not None]
        return target.model_copy(
            update={"thresholds": tuple(thresholds), "milestones": tuple(milestones)}
        )


def _none(deadline: int, code: str, why: str) -> Threshold:
    return Threshold(
        deadline=deadline,
        value=None,
        comparator=None,
        verification="unknown",
        basis=why,
        areas=(code,),
    )


def _without(items: Iterable[Item], codes: list[str]) -> list[Item]:
    """Return what was stated for single areas, the changed ones left out."""
    kept = []
    for item in items:
        areas = tuple(code for code in item.areas if code not in codes)
        if areas:
            kept.append(item.model_copy(update={"areas": areas}))
    return kept
