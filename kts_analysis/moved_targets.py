"""Plans and their targets on other borders: which areas, and what a merged one must reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from kts_analysis.areas import Crosswalk, Piece
from kts_analysis.entries import Plan, Target, Threshold, Verification
from kts_analysis.errors import KtsError
from kts_analysis.figures import Figure, Figures, newest_of
from kts_analysis.i18n import N_
from kts_analysis.selection import choose_series

# From firm to loose: a threshold made of several is as loose as the loosest of them.
VERIFICATIONS: tuple[Verification, ...] = ("verified", "one_source", "unverified", "unknown")
WEIGHED_BASIS = (
    "trung bình theo mẫu số kỳ {period} ({concept}) của {parts} / "
    "weighted by the denominators of {period} ({concept}) of {parts}"
)


@dataclass(frozen=True)
class MovedThreshold:
    """What an area of other borders must reach by a deadline.

    Attributes
    ----------
    threshold : Threshold or None
        For this area; None where the parts have no common threshold.
    parts : tuple of Piece
        Areas of the plan's borders that it is made of.
    weights : mapping of str to float
        Denominators the parts' thresholds were weighted by; empty where they agree.
    period, concept : str
        Period and denominator concept of the weights.
    message, params
        Why there is no common threshold (as in `errors.Problem`); empty where there is one.
    """

    deadline: int
    threshold: Threshold | None
    parts: tuple[Piece, ...]
    weights: dict[str, float] = field(default_factory=dict)
    period: str = ""
    concept: str = ""
    message: str = ""
    params: dict[str, Any] = field(default_factory=dict)

    def text(self, translate: Any = None) -> str:
        """Return the reason in the language of `translate` (a Messages object), else English."""
        if translate and self.message:
            return str(translate(self.message, **self.params))
        return self.message.format_map(self.params)


def borders_of(plan: Plan, crosswalk: Crosswalk) -> date:
    """Return the newest day on which all areas of a plan existed: the borders it was made on.

    Raises
    ------
    KtsError
        There is no such day.
    """
    areas = [crosswalk.registry.area(code) for code in plan.areas]
    ends = [area.valid_to for area in areas if area.valid_to is not None]
    day = min(ends, default=max(crosswalk.days, default=date.max))
    late = [area.code for area in areas if not area.exists_on(day)]
    if late:
        message = N_("the areas of plan {plan} never stood side by side: {codes}")
        raise KtsError(message, plan=plan.id, codes=", ".join(late))
    return day


def plan_on(plan: Plan, crosswalk: Crosswalk, day: date) -> Plan:
    """Return the plan with the areas of the borders of a day in place of its own.

    Thresholds stay as they are; `target_on` says what a changed area must reach.

    Raises
    ------
    KtsError
        The plan's home area has no single successor on that day; and as `borders_of`.

    Examples
    --------
    >>> from datetime import date
    >>> import kts_analysis as kts
    >>> plan, crosswalk = kts.load_plan("nam-dinh-105"), kts.Crosswalk(kts.load_registry())
    >>> set(plan.areas) - set(kts.plan_on(plan, crosswalk, date(2024, 9, 1)).areas)
    {'358'}
    """
    own = borders_of(plan, crosswalk)
    moved = {code: crosswalk.pieces(code, day, of=own) for code in plan.areas}
    home = moved.get(plan.home) or crosswalk.pieces(plan.home, day, of=own)
    if len(home) != 1:
        message = N_("{area} is not one area on the borders of {day}")
        raise KtsError(message, area=plan.home, day=day.isoformat())
    codes = dict.fromkeys(piece.code for code in plan.areas for piece in moved[code])
    return plan.model_copy(update={"home": home[0].code, "areas": tuple(codes)})


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
    own = borders_of(plan, crosswalk)
    sources = [code for code in plan.areas if area in _codes(crosswalk.pieces(code, day, of=own))]
    parts = tuple(_into(code, area, day, own, crosswalk) for code in sources)
    made_of = _codes(crosswalk.pieces(area, own, of=day))
    outside = sorted(made_of - set(sources))
    book = Figures.of(known)
    return tuple(
        _moved(plan, target, area, deadline, parts, outside, own, crosswalk, book)
        for deadline in plan.deadlines
    )


def _codes(pieces: Sequence[Piece]) -> set[str]:
    return {piece.code for piece in pieces}


def _into(code: str, area: str, day: date, own: date, crosswalk: Crosswalk) -> Piece:
    """Return a part with the share (0 to 1) of its counts that goes into the area."""
    found = crosswalk.pieces(code, day, of=own)
    return Piece(code, next(piece.share for piece in found if piece.code == area))


def _moved(
    plan: Plan,
    target: Target,
    area: str,
    deadline: int,
    parts: tuple[Piece, ...],
    outside: list[str],
    own: date,
    crosswalk: Crosswalk,
    book: Figures,
) -> MovedThreshold:
    """Return what the parts' thresholds of one deadline make together."""

    def none(message: str, **params: Any) -> MovedThreshold:
        return MovedThreshold(deadline, None, parts, message=message, params=params)

    if outside or not parts:
        message = N_("no common threshold: plan {plan} says nothing of {codes}")
        return none(message, plan=plan.id, codes=", ".join(outside or [area]))
    stated = [target.threshold(deadline, part.code) for part in parts]
    known = [item for item in stated if item is not None and item.value is not None]
    if len(known) < len(parts):
        return none(N_("no common threshold: a part of {area} has none"), area=area)
    if len({item.comparator for item in known}) > 1:
        return none(N_("no common threshold: the parts of {area} compare differently"), area=area)
    if len({item.value for item in known}) == 1:
        return MovedThreshold(deadline, _joined(known, area, known[0].value, ""), parts)
    figures = _denominators(target, parts, own, crosswalk, book)
    concepts = {figure.denominator_concept for figure in figures}
    if not figures or len(concepts) > 1 or any(part.share is None for part in parts):
        message = N_("no common threshold: the parts of {area} cannot be weighted")
        return none(message, area=area)
    sizes = {
        part.code: (part.share or 0.0) * figure.denominator
        for part, figure in zip(parts, figures, strict=True)
    }
    heads = sum(
        (item.value or 0.0) * size for item, size in zip(known, sizes.values(), strict=True)
    )
    period, concept = figures[0].period, figures[0].denominator_concept
    basis = WEIGHED_BASIS.format(period=period, concept=concept, parts=", ".join(sizes))
    whole = _joined(known, area, heads / sum(sizes.values()), basis)
    return MovedThreshold(deadline, whole, parts, sizes, period, concept)


def _joined(known: list[Threshold], area: str, value: float | None, basis: str) -> Threshold:
    """Return the threshold of the whole area, as loosely confirmed as its loosest part."""
    loosest = max((item.verification for item in known), key=VERIFICATIONS.index)
    sources = dict.fromkeys(source for item in known for source in item.sources)
    bases = dict.fromkeys(item.basis for item in known if item.basis)
    return known[0].model_copy(
        update={
            "value": value,
            # A mean is nobody's own word, however well its parts are confirmed.
            "verification": "unverified" if basis else loosest,
            "sources": tuple(sources),
            "basis": "; ".join([*bases, basis] if basis else bases) or None,
            "areas": (area,),
        }
    )


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
