"""On which borders a page and its lines stand: where they broke, what an ended area became."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from markupsafe import Markup

from kts_analysis.entries import Area
from kts_analysis.pages.context import Context
from kts_analysis.registry import Registry
from kts_analysis.report_names import LINK_CLASS, link_to
from kts_analysis.selection import Line


def borders_text(context: Context, area: Area) -> str:
    """Return on which borders a page stands: since when, and until when."""
    m = context.m
    days = [day for day in context.registry.border_days(area.code) if day <= context.as_of]
    start = max([*days, *([area.valid_from] if area.valid_from else [])], default=None)
    ended = area.valid_to is not None and area.valid_to < context.as_of
    if ended and start:
        return m("of {start} to {end}", start=m.date(start), end=m.date(area.valid_to))
    if ended:
        return m("as until {date}", date=m.date(area.valid_to))
    if start:
        return m("of {date} and since", date=m.date(start))
    return m("as of {date}", date=m.date(context.as_of))


def border_notes(context: Context, area: Area) -> list[Markup]:
    """Return what happened to an area's borders, with links to the reports of the others."""
    c, m = context, context.m
    notes = [
        with_links(
            context,
            m(
                "{area} was merged into this area on {date}. Figures before that day are added up "
                "from both areas' counts, so that the line stands on one border.",
                area="{names}",
                date=m.date(item.day),
            ),
            [item.from_code],
        )
        for item in c.registry.predecessors(area.code)
        if item.share == 1 and item.day <= c.as_of and area.level == "district"
    ]
    if area.valid_to is not None and area.valid_to < c.as_of:
        notes.append(ended_note(context, area))
    return notes


def ended_note(context: Context, area: Area) -> Markup:
    """Return that an area has ended and what it became, with links where there are reports."""
    c, m = context, context.m
    text = m(
        "This area ended on {date}. Its successors: {names}. What is said here stands on the "
        "former borders.",
        date=m.date(area.valid_to),
        names="{names}",
    )
    return with_links(context, text, [one.to_code for one in c.registry.successors(area.code)])


def with_links(context: Context, text: str, codes: Iterable[str]) -> Markup:
    """Return a sentence with areas named where it says ``{names}``.

    Each is a link where the plan makes a report of it (`report_names.link_to`).
    """
    before, _, after = text.partition("{names}")
    names = Markup(", ").join(_linked(context, code) for code in codes)
    return Markup("{}{}{}").format(before, names or "—", after)


def _linked(context: Context, code: str) -> Markup:
    c, area = context, context.registry.area(code)
    name = area.title(c.m.lang)
    address = link_to(area, c.plan, c.registry, c.m.lang)
    if not address:
        return Markup.escape(name)
    return Markup('<a class="{}" href="{}">{}</a>').format(LINK_CLASS, address, name)


def breaks_of(registry: Registry, line: Line) -> list[date]:
    """Return the days of the border changes that a line was carried over or begins after."""
    if line.borders is None:
        return []
    return [day for day in registry.border_days(line.area.code) if day <= line.borders]


def break_text(context: Context, line: Line) -> str:
    """Say what became of a line's points from before a change of borders; empty without one."""
    c, m = context, context.m
    texts = []
    days = breaks_of(c.registry, line)
    if days:
        listed = ", ".join(m.date(day) for day in days)
        texts.append(m("Borders changed on {days} (upright line).", days=listed))
        added = [one.period for one in line.figures if "harmonised" in one.flags.split(";")]
        if added:
            texts.append(m("Added up by counts: {periods}.", periods=_periods(context, added)))
        if line.lost:
            periods = _periods(context, line.lost)
            texts.append(
                m(
                    "Left out, not to be carried over by counts: {periods}.",
                    periods=periods,
                )
            )
    new = _without_figures(context, line)
    if new is not None:
        texts.append(
            m(
                "There is no figure on the borders of {date} yet: the line stands on the former "
                "ones.",
                date=m.date(new),
            )
        )
    return " ".join(texts)


def _without_figures(context: Context, line: Line) -> date | None:
    """Return the newest change of borders that no figure has come after, if the line ignores it."""
    if not line.figures:
        return None
    last = max(line.figures[-1].period_end, line.borders or date.min)
    days = context.registry.border_days(line.area.code)
    return max((day for day in days if last < day <= context.as_of), default=None)


def _periods(context: Context, periods: Iterable[str]) -> str:
    return ", ".join(context.m.period(period) for period in sorted(periods))
