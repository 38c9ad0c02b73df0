"""What every document has around its content: letterhead to fill, marks, sources, how to read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kts_analysis.documents.content import (
    Annex,
    Block,
    Document,
    Heading,
    Item,
    Items,
    Letterhead,
    Paragraph,
    Words,
)
from kts_analysis.figure_tables import safe_url
from kts_analysis.figures import Figure
from kts_analysis.i18n import Messages
from kts_analysis.pages.area import method_notes
from kts_analysis.pages.context import Context


def frame(
    context: Context,
    *,
    area: str,
    facts: Sequence[tuple[str, str]],
    synthetic: bool,
    blocks: Iterable[Block],
    annexes: Iterable[Annex],
) -> Document:
    """Return the document of a report from its parts.

    Parameters
    ----------
    area : str
        Name of the area, the subject of the paper.
    facts : sequence of (str, str)
        On which borders and figures it stands.
    synthetic : bool
        Whether any figure in it is synthetic.
    """
    m = context.m
    return Document(
        lang=m.lang,
        stand=context.as_of,
        kind=m("Report"),
        title=m("Standing of the targets of {plan}", plan=context.plan.document.get(m.lang)),
        subject=area,
        facts=tuple(facts),
        mark=m("SYNTHETIC DATA") if synthetic else "",
        warning=_warning(m) if synthetic else "",
        blocks=tuple(blocks),
        annexes=tuple(annexes),
        letterhead=letterhead(m),
        words=Words(
            table=m("Table"), picture=m.p("caption of a picture", "Figure"), annex=m("Annex")
        ),
    )


def letterhead(m: Messages) -> Letterhead:
    """Return the blanks of an official paper: names, number, place and day are the clerk's."""
    return Letterhead(
        body_above=m("SUPERIOR BODY"),
        body=m("ISSUING BODY"),
        number=m("No.: ……/BC-……"),
        state=m("SOCIALIST REPUBLIC OF VIET NAM"),
        motto=m("Independence - Freedom - Happiness"),
        place_and_date=m("……, day …… month …… year ……"),
        attached=m("(Attached to Report No. ……/BC-…… of day …… month …… year …… of ……)"),
        recipients=m("Recipients:"),
        recipient_lines=("- ……;", "- ……;", m("- File: VT, …….")),
        signer=m("AUTHORITY AND POSITION OF THE SIGNER"),
        signature=m("(Signature, seal)"),
    )


def sources_blocks(lines: Mapping[str, Sequence[Figure]], m: Messages) -> list[Block]:
    """Return the sources of all figures, each once, with the targets and periods it speaks for.

    Parameters
    ----------
    lines : dict
        Target id to the figures of its line.
    """
    found: dict[tuple[str, str], dict[str, list[Figure]]] = {}
    for target, figures in lines.items():
        for figure in figures:
            by_target = found.setdefault((figure.source, figure.source_url), {})
            by_target.setdefault(target, []).append(figure)
    if not found:
        return []
    items = tuple(
        Item(f"{source}: {_spans(by_target, m)}.", safe_url(url))
        for (source, url), by_target in found.items()
    )
    return [Heading(m("Sources of the figures")), Items(items)]


def _spans(by_target: Mapping[str, Sequence[Figure]], m: Messages) -> str:
    """Return targets with their first and last period: "XHS05 (2019–2024)"."""
    texts = []
    for target, figures in by_target.items():
        first, last = m.period(figures[0].period), m.period(figures[-1].period)
        texts.append(f"{target} ({first if first == last else f'{first}–{last}'})")
    return ", ".join(texts)


def method_blocks(context: Context) -> list[Block]:
    """Return how to read the report."""
    m = context.m
    notes = [Paragraph(text, "note") for text in method_notes(context)]
    return [Heading(m("How to read this report")), *notes]


def facts_of(context: Context, first: tuple[str, str]) -> list[tuple[str, str]]:
    """Return the facts under a title: one of the report's own, then its days."""
    m = context.m
    return [
        first,
        (m("Figures published up to"), m.date(context.as_of)),
        (m("Deadline"), m.date(context.deadline_day)),
    ]


def annex_reference(number: int, m: Messages) -> str:
    """Return the words that point to an annex."""
    return m("Details: Annex {number}.", number=roman(number))


def roman(number: int) -> str:
    """Return a small number in Roman figures, as annexes are numbered (1 to 9)."""
    return ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[number - 1]


def _warning(m: Messages) -> str:
    return m(
        "The figures of districts in this document were made by a script to show how the reports "
        "work. They describe no real place and must not be quoted."
    )
