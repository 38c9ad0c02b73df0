"""What is looked at: plan, area, target, deadline, day, method, horizon; and what there is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from kts_analysis.entries import Plan
from kts_analysis.i18n import Messages
from kts_analysis.registry import Registry
from kts_analysis.trends import METHODS, Method
from kts_analysis.vi import sort_key
from kts_analysis.wording import METHODS as METHOD_WORDS

Options = list[tuple[str, str]]  # what is shown, and what it stands for
LOOK_AHEAD = 5  # years past the deadline that a horizon can be set to, at least
EARLIEST = 2010  # no list of days begins before


@dataclass(frozen=True)
class Choice:
    """One look.

    Attributes
    ----------
    plan, area, target : str
        Plan id, area code, target id.
    deadline : int
        Year.
    as_of : str
        ISO day; empty: the date of the newest figure.
    method : str
        See `kts_analysis.trends`.
    until : int
        Last year projected.
    """

    plan: str
    area: str
    target: str
    deadline: int
    as_of: str = ""
    method: Method = "auto"
    until: int = 0

    @property
    def horizon(self) -> int:
        """Last year projected, never before the deadline."""
        return max(self.until, self.deadline)


def first_choice(
    registry: Registry,
    plan: str,
    *,
    area: str = "",
    target: str = "",
    deadline: int | None = None,
    as_of: str = "",
    until: int | None = None,
) -> Choice:
    """Return the choice to begin with; what is left empty is the first there is.

    Raises
    ------
    KtsError
        Unknown plan, area or target.
    """
    chosen = registry.plan(plan)
    if area:
        registry.area(area)
    if target:
        chosen.target(target)
    year = deadline or chosen.deadlines[0]
    return Choice(
        plan=plan,
        area=area or areas_of(chosen, registry, "vi")[0][1],
        target=target or chosen.targets[0].id,
        deadline=year,
        as_of=as_of,
        until=until or year + LOOK_AHEAD,
    )


def settle(choice: Choice, registry: Registry) -> Choice:
    """Return a choice that holds in its plan: what that does not have gives way to its first."""
    plan = registry.plan(choice.plan)
    areas = [code for _, code in areas_of(plan, registry, "vi")]
    targets = [target.id for target in plan.targets]
    return replace(
        choice,
        area=choice.area if choice.area in areas else areas[0],
        target=choice.target if choice.target in targets else targets[0],
        deadline=choice.deadline if choice.deadline in plan.deadlines else plan.deadlines[0],
    )


def plans_of(registry: Registry, lang: str) -> Options:
    """Return the plans, by name."""
    return [(plan.name.get(lang), plan.id) for plan in registry.plans.values()]


def areas_of(plan: Plan, registry: Registry, lang: str) -> Options:
    """Return a plan's areas in the order of the alphabet."""
    named = ((registry.area(code).title(lang), code) for code in plan.areas)
    return sorted(named, key=lambda pair: sort_key(pair[0]))


def targets_of(plan: Plan, lang: str) -> Options:
    """Return a plan's targets in its order."""
    return [(f"{target.id} {target.name.get(lang)}", target.id) for target in plan.targets]


def days_of(newest: date, asked: str, m: Messages) -> Options:
    """Return the days one can stand on: the newest figure's, the one asked for, years' ends."""
    ends = [f"{year}-12-31" for year in range(newest.year - 1, EARLIEST - 1, -1)]
    days = sorted({*ends, *([asked] if asked else [])}, reverse=True)
    first = (m("{date} (newest figure)", date=m.date(newest)), "")
    return [first, *((m.period(day), day) for day in days)]


def methods_of(m: Messages) -> Options:
    """Return the methods of projection by what they do."""
    return [
        (m("chosen by the written rule") if name == "auto" else m(METHOD_WORDS[name]), name)
        for name in METHODS
    ]


def horizons_of(choice: Choice) -> tuple[int, int]:
    """Return the first and the last year a horizon can be set to."""
    return choice.deadline, max(choice.deadline + 2 * LOOK_AHEAD, choice.until)
