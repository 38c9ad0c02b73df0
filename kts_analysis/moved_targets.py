"""Targets on other borders: what a merged area must reach, by the deadline and on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from kts_analysis.areas import Crosswalk, Piece
from kts_analysis.entries import Milestone, Plan, Target, Threshold, Verification
from kts_analysis.figures import Figure, Figures, newest_of
from kts_analysis.i18n import N_
from kts_analysis.moved_plans import borders_of
from kts_analysis.selection import choose_series

# From firm to loose: a threshold made of several is as loose as the loosest of them.
VERIFICATIONS: tuple[Verification, ...] = ("verified", "one_source", "unverified", "unknown")
WEIGHED_BASIS = (
    "trung bình theo mẫu số kỳ {period} ({concept}) của {parts} / "
    "weighted by the denominators of {period} ({concept}) of {parts}"
)


@dataclass(frozen=True)
class Mean:
    """The one value (percent) that the parts of an area make together, or why there is none.

    Attributes
    ----------
    weights : mapping of str to float
        Denominators the parts' values were weighted by; empty where they agree.
    period, concept : str
        Period and denominator concept of the weights.
    message, params
        Why there is no common value (as in `errors.Problem`); empty where there is one.
    """

    value: float | None = None
    weights: dict[str, float] = field(default_factory=dict)
    period: str = ""
    concept: str = ""
    message: str = ""
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def basis(self) -> str:
        """What a weighted value rests on, in both languages; empty where the parts agree."""
        if not self.weights:
            return ""
        parts = ", ".join(self.weights)
        return WEIGHED_BASIS.format(period=self.period, concept=self.concept, parts=parts)


@dataclass(frozen=True)
class _Moved:
    """What carries a value over to other borders.

    Attributes
    ----------
    parts : tuple of Piece
        Areas of the plan's borders that the area is made of.
    mean : Mean
        Their common value.
    """

    parts: tuple[Piece, ...]
    mean: Mean

    @property
    def weights(self) -> dict[str, float]:
        """Denominators the parts' values were weighted by; empty where they agree."""
        return self.mean.weights

    @property
    def period(self) -> str:
        """Period of the weights."""
        return self.mean.period

    @property
    def concept(self) -> str:
        """Denominator concept of the weights."""
        return self.mean.concept

    def text(self, translate: Any = None) -> str:
        """Return the reason in the language of `translate` (a Messages object), else English."""
        if translate and self.mean.message:
            return str(translate(self.mean.message, **self.mean.params))
        return self.mean.message.format_map(self.mean.params)


@dataclass(frozen=True)
class MovedThreshold(_Moved):
    """What an area of other borders must reach by a deadline; no threshold where none is common."""

    deadline: int
    threshold: Threshold | None


@dataclass(frozen=True)
class MovedMilestone(_Moved):
    """A yearly step of an area of other borders; no milestone where none is common."""

    year: int
    milestone: Milestone | None


def target_on(
    plan: Plan,
    target: Target,
    area: str,
    day: date,
    crosswalk: Crosswalk,
    known: pd.DataFrame | Figures,
) -> tuple[MovedThreshold, ...]:
    """Return what an area of the borders of a day must reach, a deadline each.

    Where the parts of the area have one threshold, it is that one. Where they differ, it is their
    mean weighted by the parts' denominators of the newest period they all have: as many heads as
    the parts had to reach. Where those are missing, of two concepts, or nobody knows how a part
    was divided, there is no common threshold.

    Parameters
    ----------
    plan, target
        What was set, on the borders of `borders_of`.
    area : str
        Code, as on `day`.
    day : datetime.date
    crosswalk : Crosswalk
    known : pandas.DataFrame or Figures
        Observations known on the as-of date; their denominators are the weights.

    Raises
    ------
    KtsError
        As `borders_of` and `Crosswalk.pieces`.

    Examples
    --------
    >>> from datetime import date
    >>> import kts_analysis as kts
    >>> plan, crosswalk = kts.load_plan("nam-dinh-105"), kts.Crosswalk(kts.load_registry())
    >>> known = kts.read_observations(as_of="2025-06-30")
    >>> target = plan.target("XHS05")
    >>> [held] = kts.target_on(plan, target, "356", date(2024, 9, 1), crosswalk, known)
    >>> held.threshold.value  # both parts had to reach 80
    80.0
    """
    ground = _Ground(plan, target, area, day, crosswalk, Figures.of(known))
    return tuple(_threshold(ground, deadline) for deadline in plan.deadlines)


def milestones_on(
    plan: Plan,
    target: Target,
    area: str,
    day: date,
    crosswalk: Crosswalk,
    known: pd.DataFrame | Figures,
) -> tuple[MovedMilestone, ...]:
    """Return the yearly milestones of an area of the borders of a day, by year.

    They are carried over as `target_on` carries thresholds; a year in which only some parts have
    a milestone has no common one.

    Parameters
    ----------
    plan, target, area, day, crosswalk, known
        As in `target_on`.

    Raises
    ------
    KtsError
        As `target_on`.

    Examples
    --------
    >>> from datetime import date
    >>> import kts_analysis as kts
    >>> plan, crosswalk = kts.load_plan("nam-dinh-105"), kts.Crosswalk(kts.load_registry())
    >>> known = kts.read_observations(as_of="2025-06-30")
    >>> kts.milestones_on(plan, plan.target("XHS05"), "356", date(2024, 9, 1), crosswalk, known)
    ()
    """
    ground = _Ground(plan, target, area, day, crosswalk, Figures.of(known))
    codes = [part.code for part in ground.parts] or [area]
    years = sorted({step.year for code in codes for step in target.steps(code)})
    return tuple(_milestone(ground, year) for year in years)


@dataclass(frozen=True)
class _Ground:
    """One area of other borders and the parts it is made of, for one target."""

    plan: Plan
    target: Target
    area: str
    day: date
    crosswalk: Crosswalk
    book: Figures

    @cached_property
    def own(self) -> date:
        """The borders the plan was made on."""
        return borders_of(self.plan, self.crosswalk)

    @cached_property
    def parts(self) -> tuple[Piece, ...]:
        """The plan's areas with the share (0 to 1) of their counts that goes into the area."""
        found = []
        for code in self.plan.areas:
            pieces = self.crosswalk.pieces(code, self.day, of=self.own)
            found += [Piece(code, piece.share) for piece in pieces if piece.code == self.area]
        return tuple(found)

    @cached_property
    def outside(self) -> list[str]:
        """Codes of what the area is made of and the plan says nothing of."""
        made_of = self.crosswalk.pieces(self.area, self.own, of=self.day)
        return sorted({piece.code for piece in made_of} - {part.code for part in self.parts})

    @cached_property
    def figures(self) -> list[Figure]:
        """The parts' figures of the newest period in which all have a denominator."""
        return _denominators(self.target, self.parts, self.own, self.crosswalk, self.book)

    def mean(self, values: Sequence[float | None]) -> Mean:
        """Return what the parts' values (percent) make together."""
        known = [value for value in values if value is not None]
        if len(set(known)) == 1:
            return Mean(known[0])
        concepts = {figure.denominator_concept for figure in self.figures}
        unshared = any(part.share is None for part in self.parts)
        if not self.figures or len(concepts) > 1 or unshared:
            message = N_("no common threshold: the parts of {area} cannot be weighted")
            return Mean(message=message, params={"area": self.area})
        sizes = {
            part.code: (part.share or 0.0) * figure.denominator
            for part, figure in zip(self.parts, self.figures, strict=True)
        }
        heads = sum(value * size for value, size in zip(known, sizes.values(), strict=True))
        first = self.figures[0]
        return Mean(heads / sum(sizes.values()), sizes, first.period, first.denominator_concept)

    def refusal(self, known: Sequence[Threshold | Milestone]) -> Mean | None:
        """Return why the parts can have no common value, whatever they are; None if they can."""
        if self.outside or not self.parts:
            message = N_("no common threshold: plan {plan} says nothing of {codes}")
            codes = ", ".join(self.outside or [self.area])
            return Mean(message=message, params={"plan": self.plan.id, "codes": codes})
        if len(known) < len(self.parts):
            message = N_("no common threshold: a part of {area} has none")
            return Mean(message=message, params={"area": self.area})
        return None


def _threshold(ground: _Ground, deadline: int) -> MovedThreshold:
    """Return what the parts' thresholds of one deadline make together."""
    stated = [ground.target.threshold(deadline, part.code) for part in ground.parts]
    known = [item for item in stated if item is not None and item.value is not None]
    mean = ground.refusal(known)
    if mean is None and len({item.comparator for item in known}) > 1:
        message = N_("no common threshold: the parts of {area} compare differently")
        mean = Mean(message=message, params={"area": ground.area})
    mean = mean or ground.mean([item.value for item in known])
    if mean.value is None:
        return MovedThreshold(ground.parts, mean, deadline, None)
    return MovedThreshold(ground.parts, mean, deadline, _joined(known, ground.area, mean))


def _joined(known: list[Threshold], area: str, mean: Mean) -> Threshold:
    """Return the threshold of the whole area, as loosely confirmed as its loosest part."""
    sources = dict.fromkeys(source for item in known for source in item.sources)
    bases = dict.fromkeys([item.basis for item in known if item.basis] + [mean.basis])
    return known[0].model_copy(
        update={
            "value": mean.value,
            "verification": _loosest(known, mean),
            "sources": tuple(sources),
            "basis": "; ".join(basis for basis in bases if basis) or None,
            "areas": (area,),
        }
    )


def _milestone(ground: _Ground, year: int) -> MovedMilestone:
    """Return what the parts' milestones of one year make together."""
    steps = [step for part in ground.parts for step in ground.target.steps(part.code)]
    known = [step for step in steps if step.year == year]
    mean = ground.refusal(known) or ground.mean([item.value for item in known])
    if mean.value is None:
        return MovedMilestone(ground.parts, mean, year, None)
    sources = dict.fromkeys([*(item.source for item in known if item.source), mean.basis])
    whole = Milestone(
        year=year,
        value=mean.value,
        verification=_loosest(known, mean),
        source="; ".join(source for source in sources if source) or None,
        areas=(ground.area,),
    )
    return MovedMilestone(ground.parts, mean, year, whole)


def _loosest(known: Sequence[Threshold | Milestone], mean: Mean) -> Verification:
    """Return how well a common value is confirmed."""
    if mean.weights:  # a mean is nobody's own word, however well its parts are confirmed
        return "unverified"
    return max((item.verification for item in known), key=VERIFICATIONS.index)


def _denominators(
    target: Target, parts: tuple[Piece, ...], own: date, crosswalk: Crosswalk, book: Figures
) -> list[Figure]:
    """Return the parts' figures of the newest period in which all have a denominator."""
    by_part: list[dict[str, Figure]] = []
    for part in parts:
        area = crosswalk.registry.area(part.code)
        series = choose_series(book, area, target.indicator, target.series.get(area.level))
        figures = [one for one in book.at(part.code, target.indicator) if not one.breakdown]
        like = [one for one in figures if one.series == series and one.denominator > 0]
        breaks = crosswalk.breaks(part.code)
        same = [one for one in like if not _crossed(breaks, one.period_end, own)]
        by_part.append(
            {one.period: one for one in newest_of(same) if area.exists_on(one.period_end)}
        )
    common = set.intersection(*(set(figures) for figures in by_part))
    if not common:
        return []
    newest = max(common, key=lambda period: by_part[0][period].period_end)
    return [figures[newest] for figures in by_part]


def _crossed(breaks: Sequence[date], one: date, other: date) -> bool:
    """Whether borders changed between two days."""
    return any(min(one, other) < day <= max(one, other) for day in breaks)
