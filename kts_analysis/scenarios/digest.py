"""A scenario over many areas: how many are expected at each target, unchanged and as assumed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from statistics import median

from kts_analysis.attainment import LIKELY
from kts_analysis.entries import Target
from kts_analysis.scenarios.answers import Answer
from kts_analysis.scenarios.asking import TargetAnswers
from kts_analysis.scenarios.entries import Scenario
from kts_analysis.schema import worst_origin

NAN = float("nan")
SOLVED = 1e-6  # how far a pace solved for a chance may miss it
Pair = tuple[Answer, Answer]  # unchanged, as assumed


@dataclass(frozen=True)
class Digest:
    """One assumption about one target, over the areas it speaks of.

    Attributes
    ----------
    target : Target
    stated : Answer
        The assumption as any area states it, without what is an area's own (the best area's code,
        the multiple that was solved).
    areas : int
        Areas it speaks of.
    answered : int
        Those of them with a distribution, unchanged and as assumed; all that follows is of these.
    unchanged, assumed : float
        Sum of their chances: how many are expected to be at the target.
    likely : int
        How many of them have a chance of 80 % or more as assumed.
    pace, least, most : float
        Points a year that the assumption means: the middle one of these areas, lowest, highest.
        NaN without any.
    origin : str
        The worst origin of all figures it rests on.
    """

    target: Target
    stated: Answer
    areas: int
    answered: int
    unchanged: float
    assumed: float
    likely: int
    pace: float
    least: float
    most: float
    origin: str


def digest(found: Iterable[TargetAnswers], scenario: Scenario) -> list[Digest]:
    """Return what a scenario gives for many areas: targets as they come, assumptions as filed.

    An area of which too little is known is neither counted as reaching a target nor as missing it.
    An assumption nothing can be said of has no entry.
    """
    asked: dict[tuple[str, int], int] = {}
    pairs: dict[tuple[str, int], list[Pair]] = {}
    targets: dict[str, Target] = {}
    for each in found:
        targets.setdefault(each.target.id, each.target)
        stated = scenario.of(each.cases[0].plan.id, each.area.code, each.target.id)
        for place, assumption in enumerate(scenario.assumptions):
            key = each.target.id, place
            if any(assumption is one for one in stated):
                asked[key] = asked.get(key, 0) + 1
            pairs.setdefault(key, []).extend(
                (each.answers[0], answer)
                for answer in each.answers[1:]
                if answer.assumption is assumption
            )
    return [
        _of(target, asked[name, place], pairs[name, place])
        for name, target in targets.items()
        for place in range(len(scenario.assumptions))
        if pairs[name, place]
    ]


def _of(target: Target, areas: int, pairs: list[Pair]) -> Digest:
    whole = [(before, after) for before, after in pairs if before.sufficient and after.sufficient]
    paces = [after.pace for _, after in whole if after.pace == after.pace]
    return Digest(
        target,
        replace(pairs[0][1], best="", times=NAN, note=""),
        areas=areas,
        answered=len(whole),
        unchanged=sum(before.chance for before, _ in whole),
        assumed=sum(after.chance for _, after in whole),
        likely=sum(after.chance >= LIKELY - SOLVED for _, after in whole),
        pace=median(paces) if paces else NAN,
        least=min(paces, default=NAN),
        most=max(paces, default=NAN),
        origin=worst_origin({each.origin for pair in pairs for each in pair}),
    )
