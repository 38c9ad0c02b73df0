"""A plan's target shared out: gathered, solved by each method asked for, or explained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from kts_analysis.allocation.gathering import Standing, gather
from kts_analysis.allocation.methods import Way
from kts_analysis.allocation.parts import Goal, Part, make_ledger
from kts_analysis.allocation.remedies import Remedy, Shortfall, shortfall
from kts_analysis.allocation.solving import Allocation, share_out
from kts_analysis.allocation.wishes import Wishes
from kts_analysis.attainment import years_between
from kts_analysis.entries import Plan, Target
from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_
from kts_analysis.schema import worst_origin
from kts_analysis.views import View

LATEST_YEARS = 10  # later deadlines that are tried as a remedy: a planning period


@dataclass(frozen=True)
class Request:
    """What is asked.

    Attributes
    ----------
    plan, target
        What is shared out.
    deadline : int
        Year; the goal is to be met at its end.
    goal : Goal
    wishes : Wishes
    codes : tuple of str, optional
        Areas, see `gather`.
    """

    plan: Plan
    target: Target
    deadline: int
    goal: Goal
    wishes: Wishes = field(default_factory=Wishes)
    codes: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Answer:
    """A target shared out, or why it cannot be.

    Attributes
    ----------
    request : Request
    as_of : date
        Day of the figures.
    standings : tuple of Standing
        Every area; those without a part carry nothing, and their people are not in any sum.
    allocations : tuple of Allocation
        One a method; empty when the goal is out of reach.
    shortfall : Shortfall or None
        Why it is.
    """

    request: Request
    as_of: date
    standings: tuple[Standing, ...]
    allocations: tuple[Allocation, ...]
    shortfall: Shortfall | None

    @property
    def last_day(self) -> date:
        """The day the goal is to be met."""
        return date(self.request.deadline, 12, 31)

    @property
    def years(self) -> float:
        """Years from the as-of date to the deadline."""
        return years_between(self.as_of, self.last_day)

    @property
    def carrying(self) -> list[Standing]:
        """The areas that carry a part, in the order of the parts."""
        return [one for one in self.standings if one.part is not None]

    @property
    def left_out(self) -> list[Standing]:
        """The areas that carry none."""
        return [one for one in self.standings if one.part is None]

    @property
    def origin(self) -> str:
        """The origin every number of the answer must carry."""
        return worst_origin({one.origin for one in self.standings})


def goal_of_plan(plan: Plan, target: Target, deadline: int) -> Goal:
    """Return the threshold of a plan's home area as the goal.

    Raises
    ------
    KtsError
        The plan has no threshold for that deadline, or one without a number.
    """
    threshold = target.threshold(deadline, plan.home)
    if threshold is None or threshold.value is None:
        raise KtsError(
            N_("plan {plan} has no threshold of {target} for {deadline}: say what to reach (--to)"),
            plan=plan.id,
            target=target.id,
            deadline=deadline,
        )
    if threshold.comparator not in (">", ">="):
        raise KtsError(
            N_("target {target}: less is better there; only targets to rise to are shared out"),
            target=target.id,
        )
    return Goal(threshold.value, threshold.comparator)


def allocate(view: View, request: Request, ways: Sequence[Way]) -> Answer:
    """Share a target out.

    Parameters
    ----------
    view : View
        Where one stands.
    request : Request
    ways : sequence of str
        Methods, see `kts_analysis.allocation.methods`.

    Raises
    ------
    KtsError
        See `gather`; also when no area has counts to share the target out by.
    """
    standings = gather(
        view,
        request.plan,
        request.target,
        request.deadline,
        request.wishes,
        None if request.codes is None else list(request.codes),
    )
    parts, grid = _parts(standings), request.wishes.grid
    if not parts:
        raise KtsError(
            N_("target {target}: no area below {home} has a figure with counts to share it out by"),
            target=request.target.id,
            home=request.plan.home,
        )
    bound = _bound(view, request.target)
    short = shortfall(parts, request.goal, bound=bound, grid=grid)
    found: tuple[Allocation, ...] = ()
    if short is None:
        ceiling = request.wishes.ceiling(bound)
        found = tuple(
            share_out(parts, request.goal, way, ceiling=ceiling, grid=grid) for way in ways
        )
    else:
        more = _by_the_trend(view, request, parts)
        short = replace(short, remedies=(*short.remedies, *more))
    return Answer(request, view.as_of, tuple(standings), found, short)


def _bound(view: View, target: Target) -> float:
    upper = view.registry.indicators[target.indicator].bounds.upper
    assert upper is not None  # `gather` refuses an indicator without one
    return upper


def _parts(standings: Sequence[Standing]) -> list[Part]:
    return [one.part for one in standings if one.part is not None]


def _by_the_trend(view: View, request: Request, parts: Sequence[Part]) -> list[Remedy]:
    """Return what would do where the areas' own trends hold them back."""
    if not any(part.held == "chance" for part in parts):
        return []
    remedies = []
    chances = range(int(request.wishes.least_chance), -1, -1)
    lower = next((one for one in chances if _does(view, _with_chance(request, one))), None)
    if lower is not None:
        remedies.append(Remedy("lower_chance", "", float(lower)))
    years = range(request.deadline + 1, request.deadline + 1 + LATEST_YEARS)
    later = next((year for year in years if _does(view, replace(request, deadline=year))), None)
    if later is not None:
        remedies.append(Remedy("later_deadline", "", float(later)))
    return remedies


def _with_chance(request: Request, chance: int) -> Request:
    return replace(request, wishes=replace(request.wishes, least_chance=float(chance)))


def _does(view: View, request: Request) -> bool:
    """Return whether a request can be met."""
    codes = None if request.codes is None else list(request.codes)
    standings = gather(view, request.plan, request.target, request.deadline, request.wishes, codes)
    return make_ledger(_parts(standings), request.goal, request.wishes.grid).feasible
