"""From figures to parts: which areas carry a plan's target, with what weight, floor and cap."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Literal

from kts_analysis.allocation.parts import Held, Part
from kts_analysis.allocation.wishes import ALL, Wishes, check_wishes
from kts_analysis.attainment import years_between
from kts_analysis.cases import Case, make_case
from kts_analysis.entries import Area, Plan, Target
from kts_analysis.errors import KtsError
from kts_analysis.figures import Figure
from kts_analysis.i18n import N_
from kts_analysis.predictive import Projection
from kts_analysis.rollup import standing_parts
from kts_analysis.views import View

# Why an area carries nothing of the target.
Reason = Literal["no_data", "rival_series", "no_counts", "other_denominator", "fix_uncounted"]


@dataclass(frozen=True)
class Standing:
    """An area as it stands before the sharing-out.

    Attributes
    ----------
    area : Area
    case : Case
        Its line and distribution.
    figure : Figure or None
        Newest figure.
    part : Part or None
        What it carries; None when it carries nothing, for the `reason`.
    reason : str
        Empty for an area that carries a part.
    above_cap : bool
        Whether it stands above the common cap already: it keeps its newest figure.
    """

    area: Area
    case: Case
    figure: Figure | None
    part: Part | None
    reason: Reason | Literal[""] = ""
    above_cap: bool = False

    @property
    def origin(self) -> str:
        """The origin a target must carry that rests on this area's figures; empty without any."""
        return self.case.origin if self.figure is not None else ""


def check_target(view: View, plan: Plan, target: Target) -> None:
    """Refuse a target that cannot be shared out by counts.

    Raises
    ------
    KtsError
        Less is better; it is judged by its worst sector; or the indicator has no upper bound.
    """
    if target.direction != "higher_is_better":
        raise KtsError(
            N_("target {target}: less is better there; only targets to rise to are shared out"),
            target=target.id,
        )
    if target.scope != "single_value":
        raise KtsError(
            N_(
                "target {target} is judged by its worst sector, not by one sum: it cannot be "
                "shared out to areas"
            ),
            target=target.id,
        )
    if view.registry.indicators[target.indicator].bounds.upper is None:
        raise KtsError(
            N_("target {target}: its indicator has no upper bound, so there is no room to share"),
            target=target.id,
        )


def gather(
    view: View,
    plan: Plan,
    target: Target,
    deadline: int,
    wishes: Wishes,
    codes: list[str] | None = None,
) -> list[Standing]:
    """Return the areas a target is shared out to, as they stand.

    Parameters
    ----------
    view : View
    plan, target
        What is shared out.
    deadline : int
        Year; the target is to be met at its end.
    wishes : Wishes
    codes : list of str, optional
        Areas; by default the plan's areas below its home that stand on the as-of date (on the
        home area's last day, when it has ended).

    Raises
    ------
    KtsError
        See `check_target`; a deadline that has passed; areas that are not measured, that are
        named by a wish but not among those shared out to, or that overlap in time; caps and
        fixed targets beyond the bounds, too fine for the grid, or below the newest figure.
    """
    check_target(view, plan, target)
    last_day = date(deadline, 12, 31)
    if view.as_of >= last_day:
        raise KtsError(
            N_(
                "the deadline {deadline} lies before {as_of}, the day of the figures: name a later "
                "--deadline or an earlier --as-of"
            ),
            deadline=deadline,
            as_of=view.as_of.isoformat(),
        )
    areas = _areas(view, plan, target, codes)
    check_wishes(wishes, view.registry.indicators[target.indicator].bounds, areas)
    cases = [make_case(view, area, plan, target, deadline) for area in areas]
    concept = _usual_concept(cases)
    return [_standing(view, case, wishes, concept) for case in cases]


def _areas(view: View, plan: Plan, target: Target, codes: list[str] | None) -> list[Area]:
    standing = standing_parts(plan, view.registry, view.as_of)
    if codes is not None:
        by_code = {area.code: area for area in standing}
        strange = [code for code in codes if code not in by_code]
        if strange:
            end = view.registry.area(plan.home).valid_to
            day = min(view.as_of, end or view.as_of)
            raise KtsError(
                N_("{found}: not an area below {home} in plan {plan} on {day}; there are {known}"),
                found=", ".join(strange),
                home=plan.home,
                plan=plan.id,
                day=day.isoformat(),
                known=", ".join(by_code),
            )
        standing = [by_code[code] for code in dict.fromkeys(codes)]
    card = view.registry.indicators[target.indicator]
    measured = [area for area in standing if card.measured_at(area.level)]
    if not measured:
        raise KtsError(
            N_("target {target} is not measured in the areas below {home}: nothing to share out"),
            target=target.id,
            home=plan.home,
        )
    return measured


def _usual_concept(cases: list[Case]) -> str:
    """Return what the denominators count in most areas: two population concepts do not add up."""
    newest = [case.line.figures[-1] for case in cases if case.line.figures]
    concepts = Counter(one.denominator_concept for one in newest if one.denominator > 0)
    return min(concepts, key=lambda concept: (-concepts[concept], concept), default="")


def _standing(view: View, case: Case, wishes: Wishes, concept: str) -> Standing:
    """Return one area with the part it carries, or why it carries none."""
    code, fix = case.area.code, wishes.fixes.get(case.area.code)
    figure = case.line.figures[-1] if case.line.figures else None
    given = wishes.denominators.get(code)
    if figure is None and (fix is None or given is None):
        reason: Reason = "fix_uncounted" if fix is not None else _why_empty(case)
        return Standing(case.area, case, None, None, reason)
    denominator = given if given is not None else _grown(case, figure, wishes)
    if denominator is None:
        reason = "fix_uncounted" if fix is not None else "no_counts"
        return Standing(case.area, case, figure, None, reason)
    if given is None and figure is not None and figure.denominator_concept != concept:
        return Standing(case.area, case, figure, None, "other_denominator")
    newest = rate_of(figure)
    if fix is not None:
        part = Part(code, newest, denominator, fix, fix, "fix", _projection(case))
        return Standing(case.area, case, figure, part)
    return _free(view, case, wishes, newest, denominator)


def _why_empty(case: Case) -> Reason:
    return "rival_series" if case.why_empty == "rival_series" else "no_data"


def _free(view: View, case: Case, wishes: Wishes, newest: float, denominator: float) -> Standing:
    """Return an area whose target is to be found."""
    bounds = view.registry.indicators[case.target.indicator].bounds
    lower, upper = bounds.lower or 0.0, bounds.upper or 0.0
    grid, code = wishes.grid, case.area.code
    here = grid.value(grid.up(newest))
    floor = lower if wishes.may_fall else newest
    cap, held = _cap(wishes, code, upper)
    if held == "cap" and cap < here and not wishes.may_fall:
        raise KtsError(
            N_(
                "area {code} stands at {newest}% already, above its cap {cap}%: raise the cap to "
                "{here} or allow targets to fall (--may-fall)"
            ),
            code=code,
            newest=round(newest, 2),
            cap=cap,
            here=here,
        )
    above_cap = cap < here and not wishes.may_fall
    cap = here if above_cap else cap
    projection = _projection(case)
    if wishes.least_chance > 0 and projection is not None and projection.sufficient:
        reachable = projection.quantile(1 - wishes.least_chance / 100)
        limit = max(grid.value(grid.down(reachable)), grid.value(grid.up(floor)))
        if limit < cap:
            cap, held = limit, "chance"
    part = Part(code, newest, denominator, floor, cap, held, projection)
    return Standing(case.area, case, case.line.figures[-1], part, above_cap=above_cap)


def _cap(wishes: Wishes, code: str, upper: float) -> tuple[float, Held]:
    if code in wishes.caps:
        return wishes.caps[code], "cap"
    return (wishes.caps[ALL], "common_cap") if ALL in wishes.caps else (upper, "bound")


def _projection(case: Case) -> Projection | None:
    return case.projection if case.projection.horizon > 0 else None


def rate_of(figure: Figure | None) -> float:
    """Return a figure in percent: from its counts where it has them, which have all digits."""
    if figure is None:
        return float("nan")
    if figure.numerator == figure.numerator and figure.denominator > 0:
        return 100 * figure.numerator / figure.denominator
    return figure.value


def _grown(case: Case, figure: Figure | None, wishes: Wishes) -> float | None:
    """Return the denominator at the deadline in whole heads; None without a newest one."""
    if figure is None or not figure.denominator > 0:
        return None
    if not wishes.growth:
        return figure.denominator
    years = years_between(figure.period_end, case.deadline)
    return float(round(figure.denominator * (1 + wishes.growth / 100) ** years))
