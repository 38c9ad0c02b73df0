"""What becomes of one area's target under each assumption, beside what is expected unchanged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kts_analysis.cases import Case
from kts_analysis.joint import worst_sector
from kts_analysis.periods import parse_partial_date, year_position
from kts_analysis.predictive import Projection
from kts_analysis.scenarios.entries import (
    MOST_TIMES,
    Assumption,
    CatchUp,
    Faster,
    OtherTarget,
    Wanted,
)
from kts_analysis.scenarios.paths import begin_of, caught_up, distance, faster, gain, moved
from kts_analysis.scenarios.solving import least_giving
from kts_analysis.schema import worst_origin
from kts_analysis.trend_fit import TrendFit

NAN = float("nan")
FARTHEST = 25.0  # logits: from any rate to any other


@dataclass(frozen=True)
class Answer:
    """The distribution of one area's target at a deadline under one assumption.

    Attributes
    ----------
    assumption : Assumption or None
        None: no change.
    deadline : date
    threshold : float
        Percent 0-100.
    comparator : str
    median, lo80, hi80, lo95, hi95 : float
        Percent; of a target over sectors the worst sector's. NaN where nothing can be said.
    chance : float
        0 to 1.
    pace, pace_count : float
        Points, and heads of what is counted, a year in the middle of the distribution from `since`
        to the deadline (of a target over sectors: its least likely sector).
    since : float
        Date in years: the newest figure, or when the assumption begins if that is later.
    times : float
        How many times the expected pace; NaN where there is none.
    best : str
        Code of the area that is caught up with.
    origin : str
        The worst origin of all figures it rests on.
    note : str
        A code of `scenarios.words.NOTES`, empty when there is nothing to add.
    """

    assumption: Assumption | None
    deadline: date
    threshold: float
    comparator: str
    median: float
    lo80: float
    hi80: float
    lo95: float
    hi95: float
    chance: float
    pace: float
    pace_count: float
    since: float
    times: float
    best: str
    origin: str
    note: str = ""

    @property
    def sufficient(self) -> bool:
        """Whether there is a distribution."""
        return self.chance == self.chance


@dataclass(frozen=True)
class Asked:
    """One area's target, asked about at a deadline: a case, or one a sector.

    Attributes
    ----------
    cases : sequence of Case
        Each with a distribution past its newest figure (`can_be_asked`).
    best : mapping or sequence of Case
        For each case the one of the area that is expected to stand best, itself if it is.
    """

    cases: Sequence[Case]
    best: Sequence[Case]

    @property
    def fits(self) -> list[TrendFit]:
        """The fits of the cases."""
        return [case.fit for case in self.cases]

    @property
    def progress(self) -> int:
        """1 where a rise is progress, -1 where a fall is."""
        return self.cases[0].neighbours.progress


def can_be_asked(cases: Sequence[Case]) -> bool:
    """Return whether every sector has a threshold, a distribution, and a deadline still ahead."""
    return bool(cases) and all(
        case.judged is not None
        and not case.past
        and case.final is None
        and case.projection.sufficient
        and case.projection.horizon > 0
        for case in cases
    )


def answer(asked: Asked, assumption: Assumption | None = None) -> Answer:
    """Return what is to be expected under an assumption; without one, what the verdict says."""
    if isinstance(assumption, Faster):
        return _faster(asked, assumption)
    if isinstance(assumption, CatchUp):
        return _caught_up(asked, assumption)
    if isinstance(assumption, Wanted):
        return _wanted(asked, assumption)
    if isinstance(assumption, OtherTarget):
        return _other_target(asked, assumption)
    when = _deadline(asked)
    return _made(asked, assumption, [fit.at(when) for fit in asked.fits])


def _deadline(asked: Asked) -> float:
    return year_position(asked.cases[0].deadline)


def _faster(asked: Asked, assumption: Faster) -> Answer:
    when, begin = _deadline(asked), assumption.begin
    shown = _times(asked, when, assumption.times, begin)
    note = "begins_late" if begin - 1 >= when else ""
    if not note and not any(_gains(asked, when, begin)):
        note = "no_progress"
    return _made(asked, assumption, shown, begin=begin, times=assumption.times, note=note)


def _times(asked: Asked, when: float, times: float, begin: int) -> list[Projection]:
    return [faster(fit, when, times, begin_of(fit, begin), asked.progress) for fit in asked.fits]


def _gains(asked: Asked, when: float, begin: int) -> list[float]:
    return [gain(fit, when, begin_of(fit, begin), asked.progress) for fit in asked.fits]


def _caught_up(asked: Asked, assumption: CatchUp) -> Answer:
    when, by, progress = _deadline(asked), float(assumption.by), asked.progress
    pairs = list(zip(asked.fits, [case.fit for case in asked.best], strict=True))
    shown = [caught_up(fit, best, when, by, progress) for fit, best in pairs]
    behind = [distance(fit, best, max(when, by), progress) for fit, best in pairs]
    code = asked.best[0].area.code if len(asked.best) == 1 else ""
    return _made(asked, assumption, shown, best=code, note="" if any(behind) else "leads")


def _wanted(asked: Asked, assumption: Wanted) -> Answer:
    """Solve for the pace: times the expected one or, where none is expected, a pace of its own."""
    when, begin = _deadline(asked), assumption.begin
    level = assumption.chance_percent / 100
    if begin - 1 >= when:
        shown = _times(asked, when, 1.0, begin)
        return _made(asked, assumption, shown, begin=begin, note="begins_late")
    gains = _gains(asked, when, begin)
    if all(gains):
        found = least_giving(
            lambda times: _chance(asked, _times(asked, when, times, begin)), level, MOST_TIMES
        )
        if found is not None:
            shown = _times(asked, when, found, begin)
            note = "standing_still" if found == 0 else ""
            return _made(asked, assumption, shown, begin=begin, times=found, note=note)
    elif len(asked.cases) == 1:
        here = asked.fits[0].at(when)
        found = least_giving(
            lambda by: _chance(asked, [moved(here, by, asked.progress)]), level, FARTHEST
        )
        if found is not None:
            shown = [moved(here, found, asked.progress)]
            note = "standing_still" if found == 0 else "no_progress"
            return _made(asked, assumption, shown, begin=begin, note=note)
    return _nothing(asked, assumption, begin, "out_of_reach" if all(gains) else "no_progress")


def _chance(asked: Asked, shown: Sequence[Projection]) -> float:
    threshold, comparator = _threshold(asked)
    if len(shown) == 1:
        return shown[0].probability(threshold, comparator)
    return worst_sector(shown, threshold, comparator).chance


def _threshold(asked: Asked) -> tuple[float, str]:
    judged = asked.cases[0].judged
    assert judged is not None and judged.value is not None
    return judged.value, judged.comparator or ">="


def _other_target(asked: Asked, assumption: OtherTarget) -> Answer:
    day = parse_partial_date(assumption.deadline) if assumption.deadline else None
    when = _deadline(asked) if day is None else year_position(day)
    shown = [fit.at(when) for fit in asked.fits]
    if any(each.horizon <= 0 for each in shown):
        return _nothing(asked, assumption, None, "deadline_past")
    return _made(asked, assumption, shown, deadline=day, value=assumption.value)


def _made(
    asked: Asked,
    assumption: Assumption | None,
    shown: Sequence[Projection],
    *,
    deadline: date | None = None,
    value: float | None = None,
    begin: int | None = None,
    times: float = NAN,
    best: str = "",
    note: str = "",
) -> Answer:
    """Return the answer that the distributions of the cases give together."""
    stated, comparator = _threshold(asked)
    threshold = stated if value is None else value
    weakest = min(
        range(len(shown)), key=lambda place: shown[place].probability(threshold, comparator)
    )
    case, middle = asked.cases[weakest], shown[weakest]
    since = float(case.fit.times[-1]) if begin is None else begin_of(case.fit, begin)
    pace = _pace(case.fit, middle, since)
    return Answer(
        assumption=assumption,
        deadline=deadline or case.deadline,
        threshold=threshold,
        comparator=comparator,
        **_numbers(shown, threshold, comparator),
        pace=pace,
        pace_count=pace * case.line.figures[-1].denominator / 100,
        since=since,
        times=times,
        best=best,
        origin=worst_origin({each.origin for each in (*asked.cases, *asked.best)}),
        note=note,
    )


def _numbers(shown: Sequence[Projection], threshold: float, comparator: str) -> dict[str, float]:
    if len(shown) > 1:
        worst = worst_sector(shown, threshold, comparator)
        names = ("median", "lo80", "hi80", "lo95", "hi95", "chance")
        return {name: getattr(worst, name) for name in names}
    [one] = shown
    (lo80, hi80), (lo95, hi95) = one.interval(0.80), one.interval(0.95)
    numbers = {"median": one.median, "lo80": lo80, "hi80": hi80, "lo95": lo95, "hi95": hi95}
    return numbers | {"chance": one.probability(threshold, comparator)}


def _pace(fit: TrendFit, middle: Projection, since: float) -> float:
    """Return the points a year of the median from a start to the date of a distribution."""
    years = middle.date - since
    if years <= 0:
        return NAN
    last = float(fit.times[-1])
    start = float(fit.values[-1]) if since <= last else fit.at(since).median
    return (middle.median - start) / years


def _nothing(asked: Asked, assumption: Assumption, begin: int | None, note: str) -> Answer:
    """Return an answer without numbers, and why."""
    threshold, comparator = _threshold(asked)
    fit = asked.fits[0]
    since = float(fit.times[-1]) if begin is None else begin_of(fit, begin)
    return Answer(
        assumption=assumption,
        deadline=asked.cases[0].deadline,
        threshold=threshold,
        comparator=comparator,
        median=NAN, lo80=NAN, hi80=NAN, lo95=NAN, hi95=NAN, chance=NAN, pace=NAN, pace_count=NAN,
        since=since,
        times=NAN,
        best="",
        origin=worst_origin({each.origin for each in asked.cases}),
        note=note,
    )  # fmt: skip
