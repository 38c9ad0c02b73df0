"""The words of a sharing-out: columns, notes, how it was made, who is left out."""

from __future__ import annotations

from collections.abc import Iterator

from kts_analysis.allocation.answer import Answer
from kts_analysis.allocation.gathering import Standing
from kts_analysis.allocation.methods import Way
from kts_analysis.allocation.parts import Goal
from kts_analysis.allocation.rows import ShareRow
from kts_analysis.allocation.solving import Allocation
from kts_analysis.allocation.wishes import ALL
from kts_analysis.entries import Indicator
from kts_analysis.i18n import N_, Messages
from kts_analysis.periods import parse_partial_date
from kts_analysis.registry import Registry
from kts_analysis.rows import missing
from kts_analysis.wording import COMPARATORS, COUNTED, chance_text, figure_text, value_text

WAY_NAMES: dict[Way, str] = {
    "equal_gap": N_("Equal closing of the gap"),
    "equal_effort": N_("Equal effort"),
    "proportional": N_("Proportional to the denominators"),
}

WAY_MEANINGS: dict[Way, str] = {
    "equal_gap": N_(
        "Each area closes the same share of its own gap to the common ceiling: {common}. "
        "Target = newest figure + share × (ceiling − newest figure)."
    ),
    "equal_effort": N_(
        "Each target is equally hard by the area's own pace: the chance of reaching it is {common} "
        "everywhere. Target = the value that the area's own projection exceeds with that chance."
    ),
    "proportional": N_(
        "The heads to be won are shared in proportion to the denominators, so each area rises by "
        "the same points: {common}. Target = newest figure + points."
    ),
}

NOTES = {
    "fixed": N_("target given"),
    "stays": N_("keeps its newest figure"),
    "above_cap": N_("stands above the cap already; keeps its newest figure"),
    "at_cap": N_("at its cap"),
    "at_chance": N_("at the least chance allowed"),
    "no_distribution": N_("no projection of its own"),
}

REACHED = N_("The newest figures meet the common target already: nobody need rise.")

LEFT_OUT = {
    "no_data": N_(
        "no figure: no target is made up for it; report a figure or give both a target "
        "(--fix) and a denominator (--denominator)"
    ),
    "rival_series": N_("several measuring methods have figures and the plan names none of them"),
    "no_counts": N_(
        "a rate without counts, which cannot be weighed: give a denominator (--denominator)"
    ),
    "other_denominator": N_(
        "its denominator counts something else than in most areas: give a "
        "denominator (--denominator)"
    ),
    "fix_uncounted": N_(
        "its target is given but it has no denominator, so the sum leaves it out: "
        "give one (--denominator)"
    ),
}


def columns(answer: Answer, card: Indicator, m: Messages) -> list[str]:
    """Return the headings of the table of a sharing-out."""
    return [
        m("Code"),
        m("Area"),
        m("Newest figure"),
        m("Dated"),
        m("Target for {year}", year=answer.request.deadline),
        m("Rise, points"),
        m("Rise, {unit}", unit=m(COUNTED[card.counted])),
        m("Points a year required"),
        m("Points a year so far"),
        m("Chance by own trend"),
        m("Note"),
    ]


def cells(row: ShareRow, answer: Answer, m: Messages) -> list[str]:
    """Return the cells of a row as text, in the order of `columns`."""
    goal = answer.request.goal
    target = m.percent(row.target, answer.request.wishes.grid.decimals)
    if not row.area_code:
        target = f"{value_text(row.target, m, goal.value)} ({goal_text(goal, m)})"
    return [
        row.area_code,
        area_title(row, m),
        "—" if row.newest != row.newest else figure_text(row.newest, row.newest_qualifier, m),
        m.date(parse_partial_date(row.newest_date)) if row.newest_date else "—",
        target,
        m.number(row.rise),
        m.count(row.heads),
        m.number(row.per_year, 2),
        m.number(row.own_pace, 2),
        chance_text(row.chance, m),
        note_text(row, m),
    ]


def area_title(row: ShareRow, m: Messages) -> str:
    """Return the name of a row's area, or the word for all together."""
    return row.area_name if row.area_code else m("All areas together")


def note_text(row: ShareRow, m: Messages) -> str:
    """Return what bears on a target; synthetic figures are always marked."""
    marks = [m("SYNTHETIC")] if row.origin == "synthetic" else []
    return "; ".join([*marks, *(m(NOTES[note]) for note in row.notes)])


def goal_text(goal: Goal, m: Messages) -> str:
    """Return "at least 85%"."""
    return f"{m(COMPARATORS[goal.comparator])} {m.percent(goal.value, decimals_of(goal.value))}"


def title(answer: Answer, registry: Registry, m: Messages) -> str:
    """Return what is shared out, to where and by when."""
    request = answer.request
    return m(
        "{target} {name} – {area}: {goal} by {deadline}",
        target=request.target.id,
        name=request.target.name.get(m.lang),
        area=registry.area(request.plan.home).title(m.lang),
        goal=goal_text(request.goal, m),
        deadline=m.date(answer.last_day),
    )


def way_text(allocation: Allocation, m: Messages) -> str:
    """Return what a method means, with the number that all areas have in common."""
    common = m.percent(allocation.common)
    if allocation.way == "proportional":
        common = m.points(allocation.common, 2)
    elif allocation.way == "equal_effort":
        common = chance_text(allocation.common / 100, m)
    text = m(WAY_MEANINGS[allocation.way], common=common)
    if missing(allocation.common):
        text = m(
            "No area has a projection of its own, so effort cannot be compared: each closes the "
            "same share of its own gap to the ceiling instead."
        )
    return f"{m(WAY_NAMES[allocation.way])}. {text}"


def synthetic_warning(m: Messages) -> str:
    """Return what must stand wherever synthetic figures do."""
    return m("SYNTHETIC figures: made up to try the software, never to be cited or assigned.")


def all_remarks(answer: Answer, m: Messages) -> list[str]:
    """Return the remarks of every method, each once."""
    each = [remark for one in answer.allocations for remark in remarks(answer, one, m)]
    return list(dict.fromkeys(each))


def remarks(answer: Answer, allocation: Allocation, m: Messages) -> list[str]:
    """Return what a reader of the targets must know: data, rounding, what stands in, what binds."""
    return [
        *_data_remarks(answer, m),
        *_rule_remarks(answer, allocation, m),
        *left_out_texts(answer, m),
    ]


def _data_remarks(answer: Answer, m: Messages) -> Iterator[str]:
    if answer.origin == "synthetic":
        yield synthetic_warning(m)
    yield m("Figures known on {date}.", date=m.date(answer.as_of))
    wishes = answer.request.wishes
    if wishes.growth:
        yield m(
            "Denominators: the newest ones, growing by {growth} a year to the deadline.",
            growth=m.percent(wishes.growth, decimals_of(wishes.growth)),
        )
    else:
        yield m("Denominators at the deadline: the newest ones are used, without any growth.")
    for code, value in sorted(wishes.denominators.items()):
        yield m("Denominator given for area {code}: {value}.", code=code, value=m.count(value))
    ends = {one.area.code: one.area.valid_to for one in answer.standings}
    ended = [code for code, day in ends.items() if day is not None and day < answer.last_day]
    if ended:
        yield m(
            "These areas end before {date}: {codes}. The targets stand on their former borders.",
            date=m.date(answer.last_day),
            codes=", ".join(ended),
        )


def _rule_remarks(answer: Answer, allocation: Allocation, m: Messages) -> Iterator[str]:
    wishes = answer.request.wishes
    yield m(
        "Targets have steps of {step} points, rounded so that their weighted sum still meets the "
        "common target.",
        step=m.number(1 / wishes.grid.steps, wishes.grid.decimals),
    )
    if allocation.reached:
        yield m(REACHED)
    yield (
        m("Targets may lie below the newest figure.")
        if wishes.may_fall
        else m("No target lies below the newest figure.")
    )
    for code, cap in sorted(wishes.caps.items()):
        shown = m.percent(cap, decimals_of(cap))
        yield (
            m("Cap of all areas without their own: {cap}.", cap=shown)
            if code == ALL
            else m("Cap of area {code}: {cap}.", code=code, cap=shown)
        )
    for code, fix in sorted(wishes.fixes.items()):
        yield m(
            "Target given for area {code}: {fix}.", code=code, fix=m.percent(fix, decimals_of(fix))
        )
    if wishes.least_chance:
        yield m(
            "No target has a chance below {chance} by the area's own trend.",
            chance=m.percent(wishes.least_chance, decimals_of(wishes.least_chance)),
        )
    if allocation.standing_in and not missing(allocation.common):
        yield m(
            "No projection of their own: {codes}. Of their gap to the ceiling they close the share "
            "that the other areas close together.",
            codes=", ".join(allocation.standing_in),
        )


def left_out_texts(answer: Answer, m: Messages) -> list[str]:
    """Return, of every area that carries nothing, why."""
    return [_left_out(one, answer, m) for one in answer.left_out]


def _left_out(one: Standing, answer: Answer, m: Messages) -> str:
    fix = answer.request.wishes.fixes.get(one.area.code)
    given = "" if fix is None else f" ({m.percent(fix, decimals_of(fix))})"
    return m(
        "Not in the sum: {code} {area}{given}: {reason}.",
        code=one.area.code,
        area=one.area.title(m.lang),
        given=given,
        reason=m(LEFT_OUT[one.reason]),
    )


def decimals_of(value: float) -> int:
    """Return the decimals a percentage has, three at most."""
    return next(n for n in range(4) if n == 3 or round(value, n) == value)
