"""What a page on the borders of another day says about them: how it got there, what it lacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from kts_analysis.areas import Crosswalk
from kts_analysis.entries import Area
from kts_analysis.figures import Figure
from kts_analysis.i18n import Messages
from kts_analysis.moved_targets import target_on
from kts_analysis.moved_views import MovedView
from kts_analysis.pages.context import Context
from kts_analysis.refusals import Refusal
from kts_analysis.rollup import undivided

NAMED = 12  # areas or periods named in one sentence: ours, a note is read at a glance
REASONS = 4  # reasons told one by one; of more only the sum is told


def borders_fact(context: Context) -> str:
    """Return the day whose borders a page stands on; empty where none was asked for."""
    view, m = context.view, context.m
    if not isinstance(view, MovedView):
        return ""
    return m("as of {date}, as asked", date=m.date(view.borders))


def area_notes(context: Context, area: Area) -> list[str]:
    """Return what a reader of an area's page must know of its borders; empty if none were asked."""
    view = context.view
    if not isinstance(view, MovedView):
        return []
    notes = [_how(context, view), *_span(context, view, area), *_shared_out(context, view, [area])]
    if area.code in context.plan.beside:
        notes += _larger(context, view, area)
    refused = [one for one in view.refused if one.area_code == area.code]
    return notes + _lacking(context, view, refused)


def home_notes(context: Context) -> list[str]:
    """Return the same for the page of the plan's home area."""
    view, plan, m = context.view, context.plan, context.m
    if not isinstance(view, MovedView):
        return []
    areas = [context.registry.area(code) for code in plan.areas]
    notes = [_how(context, view), *_shared_out(context, view, areas)]
    home = context.registry.area(plan.home).title(m.lang)
    for code in plan.beside:
        larger = context.registry.area(code)
        notes.append(
            m(
                "On these borders {home} is a part of {larger}. Only that part is added up here, "
                "against this plan's targets; nothing is said of {larger} as a whole.",
                home=home,
                larger=larger.title(m.lang),
            )
        )
    whole = view.figures.of_area(undivided(plan))
    periods = {one.period for figures in whole.values() for one in figures}
    if periods:
        notes.append(
            m(
                "Where the areas of these borders have no figures of their own ({periods}), the "
                "sum is that of the areas as they were then: whatever their borders, it is one "
                "and the same for {home}.",
                periods=_spans(m, periods),
                home=home,
            )
        )
    inside = set(plan.areas)
    return notes + _lacking(context, view, [one for one in view.refused if one.area_code in inside])


def carried_sentence(context: Context, figures: Iterable[Figure]) -> str:
    """Return which figures of a line were carried to the borders asked for, and by whose word."""
    view, m = context.view, context.m
    moved = [one for one in figures if "harmonised" in one.flags.split(";")]
    if not isinstance(view, MovedView) or not moved:
        return ""
    text = m(
        "Carried to the borders of {date}: {periods}.",
        date=m.date(view.borders),
        periods=_spans(m, {one.period for one in moved}),
    )
    sources = _sources(view, {one.note for one in moved})
    if sources:
        text += " " + m("Shared out by stated weights: {sources}.", sources=sources)
    return text


def _how(context: Context, view: MovedView) -> str:
    m = context.m
    return m(
        "This report stands on the borders of {date}, as asked. Figures from other borders are "
        "added up or shared out by their counts; nothing is guessed.",
        date=m.date(view.borders),
    )


def _span(context: Context, view: MovedView, area: Area) -> list[str]:
    """Say when an area began or ended: on the page it looks as if it always stood."""
    m, own = context.m, view.own.registry.area(area.code, view.borders)
    if not own.exists_on(view.borders):
        return []
    if own.valid_to is not None and own.valid_to < context.as_of:
        heirs = [item.to_code for item in view.own.registry.successors(own.code)]
        names = [view.own.registry.area(code).title(m.lang) for code in heirs]
        return [
            m(
                "This area ended on {date}. Its successors: {names}. What is said here stands on "
                "the former borders.",
                date=m.date(own.valid_to),
                names=_listed(m, names) or "—",
            )
        ]
    if own.valid_from is not None and own.valid_from <= context.as_of:
        return [m("This area has stood since {date}.", date=m.date(own.valid_from))]
    return []


def _shared_out(context: Context, view: MovedView, areas: Iterable[Area]) -> list[str]:
    """Say whose weights figures were shared out by, and what that is worth."""
    of_areas = (view.figures.of_area(area.code) for area in areas)
    notes = {one.note for found in of_areas for figures in found.values() for one in figures}
    sources = _sources(view, notes)
    if not sources:
        return []
    return [
        context.m(
            "Earlier figures are shared out by stated weights ({sources}): every part has the rate "
            "of the area it was taken from. That carries totals over, it does not measure the "
            "parts.",
            sources=sources,
        )
    ]


def _sources(view: MovedView, notes: Iterable[str]) -> str:
    """Return whose weights some figures were shared out by, as their notes say."""
    told = set(notes)
    named = [each.source for each in view.weights if any(each.source in note for note in told)]
    return "; ".join(dict.fromkeys(named))


def _larger(context: Context, view: MovedView, area: Area) -> list[str]:
    """Say of an area that took in others why this plan cannot judge it."""
    m, registry = context.m, view.own.registry
    plan = registry.plan(context.plan.id)
    crosswalk = Crosswalk(registry)
    [first, *_] = plan.targets
    moved = target_on(plan, first, area.code, view.borders, crosswalk, view.own.figures)
    home = context.registry.area(plan.home).title(m.lang)
    notes = [
        m(
            "Only figures published for {area} itself stand here. The plan's areas add up to "
            "{home} alone, a part of it: see that report.",
            area=area.title(m.lang),
            home=home,
        )
    ]
    without = [item.mean for item in moved if item.threshold is None]
    reasons = dict.fromkeys(_said(context, view, one.message, one.params) for one in without)
    return notes + [m("Not judged: {reason}.", reason=reason) for reason in reasons]


def _lacking(context: Context, view: MovedView, refused: list[Refusal]) -> list[str]:
    """Say what could not be carried here and why, each reason once, and what would help."""
    m, by_reason = context.m, dict[str, list[Refusal]]()
    mine = [one for one in refused if _measured(context, one)]
    for one in mine:
        by_reason.setdefault(_said(context, view, one.message, one.params), []).append(one)
    if not by_reason:
        return []
    if len(by_reason) <= REASONS:
        targets = {target.indicator: target.id for target in context.plan.targets}
        notes = [
            m(
                "Not carried to these borders: {targets}, {periods}: {reason}.",
                targets=_listed(m, sorted({targets[one.indicator] for one in items})),
                periods=_spans(m, {one.period for one in items}),
                reason=reason,
            )
            for reason, items in by_reason.items()
        ]
    else:
        codes = {code for one in mine for code in str(one.params.get("codes", "")).split(", ")}
        notes = [
            m(
                "{n} figures could not be carried to these borders, because nobody has said how "
                "the former areas were divided, or because a part has no figure: {names}.",
                n=m.count(len(mine)),
                names=_names(context, view, sorted(codes - {""})),
            )
        ]
    return [*notes, *_help(m, view, mine)]


def _measured(context: Context, one: Refusal) -> bool:
    """Whether a target of the plan is measured by an indicator at the level of an area."""
    asked = {target.indicator for target in context.plan.targets}
    level = context.registry.area(one.area_code).level
    card = context.registry.indicators[one.indicator]
    return one.indicator in asked and card.measured_at(level)


def _help(m: Messages, view: MovedView, refused: list[Refusal]) -> list[str]:
    """Say what would help: the sizes of overlaps, and figures of the areas' own days."""
    days = Crosswalk(view.own.registry).days
    begun = max((day for day in days if day <= view.borders), default=None)
    helps = []
    if any("day" in one.params for one in refused):  # it was divided, nobody knows how
        helps.append(m("the sizes of the overlaps with their source (kts run --weights)"))
    if begun is not None and begun == max(days):  # these borders still stand
        text = m("figures these areas report themselves from {date} on", date=m.date(begun))
        helps.append(text)
    return [m("What would help: {helps}.", helps="; ".join(helps))] if helps else []


def _spans(m: Messages, periods: Iterable[str]) -> str:
    """Return periods in order, years that follow one another as one span."""
    spans: list[list[str]] = []
    for period in sorted(periods):
        last = spans[-1][-1] if spans else ""
        follows = last.isdecimal() and period.isdecimal() and int(period) == int(last) + 1
        spans[-1:] = [[*spans[-1], period]] if follows else [*spans[-1:], [period]]
    texts = [
        m.period(span[0]) if len(span) == 1 else f"{m.period(span[0])}–{m.period(span[-1])}"
        for span in spans
    ]
    return _listed(m, texts)


def _said(context: Context, view: MovedView, message: str, params: Mapping[str, Any]) -> str:
    """Return a reason with the names of areas in place of their codes."""
    m, shown = context.m, dict(params)
    if "codes" in shown:
        shown["codes"] = _names(context, view, str(shown["codes"]).split(", "))
    if "day" in shown:
        shown["day"] = m.date(date.fromisoformat(shown["day"]))
    return m(message, **shown)


def _names(context: Context, view: MovedView, codes: Iterable[str]) -> str:
    """Return areas by name, as they were before the borders asked for."""
    registry, eve = view.own.registry, view.borders - timedelta(days=1)
    names = (
        registry.area(code, eve).title(context.m.lang) if registry.has_area(code) else code
        for code in codes
    )
    return _listed(context.m, names)


def _listed(m: Messages, names: Iterable[str]) -> str:
    """Return names side by side, the first ones only where there are many."""
    found = list(names)
    text = ", ".join(found[:NAMED])
    return (
        text if len(found) <= NAMED else m("{names} and {n} more", names=text, n=len(found) - NAMED)
    )
