"""A workbook put together: the front sheet that says what it is, then its tables.

The same content gives the same bytes: the only date inside is the day the report stands on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time
from io import BytesIO
from typing import Any

import xlsxwriter

from kts_analysis.documents.sheets import FRONT_WIDTH, Book, Sheet, synthetic_line, write_lines
from kts_analysis.entries import Area
from kts_analysis.pages.area import method_notes
from kts_analysis.pages.context import Context
from kts_analysis.tables import is_synthetic, unconfirmed_note
from kts_analysis.wording import SPECIAL_WORDS, STATUS_WORDS

Line = tuple[str, str]  # of the front sheet: label and text


def workbook(context: Context, area: Area, sheets: Sequence[Sheet], facts: Iterable[Line]) -> bytes:
    """Return the bytes of a workbook: the front sheet, then the tables.

    Parameters
    ----------
    context : Context
    area : Area
        What it is about.
    sheets : sequence of Sheet
    facts : iterable of Line
        What the front sheet says of the area besides.
    """
    m = context.m
    synthetic = any(is_synthetic(sheet.rows) for sheet in sheets)
    title = area.title(m.lang)
    stand = m(
        "{plan}. Deadline {deadline}. Figures published up to {date}.",
        plan=context.plan.name.get(m.lang),
        deadline=m.date(context.deadline_day),
        date=m.date(context.as_of),
    )
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.set_properties(
            {
                "title": f"{title} – {context.plan.name.get(m.lang)}",
                "comments": synthetic_line(m) if synthetic else "",
                "created": datetime.combine(context.as_of, time()),
            }
        )
        made = Book(book, title, stand, synthetic, m)
        _front(made, context, area, sheets, facts)
        for sheet in sheets:
            made.add(sheet)
    return file.getvalue()


def _front(
    book: Book, context: Context, area: Area, sheets: Sequence[Sheet], facts: Iterable[Line]
) -> None:
    """Write the sheet that says what the workbook is and how to read it."""
    m, plan = context.m, context.plan
    sheet = book.new(m("About"))
    sheet.set_portrait()
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, FRONT_WIDTH)
    row = write_lines(
        book,
        sheet,
        4,
        [
            (m("Area"), f"{area.title(m.lang)} ({area.code})"),
            *facts,
            (m("Deadline"), m.date(context.deadline_day)),
            (m("Figures published up to"), m.date(context.as_of)),
            (m("Plan document"), plan.document.get(m.lang)),
            *((m("Address"), address) for address in plan.document_sources),
            *((m("Source of figures"), source) for source in _sources(sheets)),
            (
                m("Licence"),
                m(
                    "Made by kts_analysis (MIT licence). The figures belong to those who "
                    "published or reported them."
                ),
            ),
        ],
    )
    row = _headed(book, row + 1, m("What each sheet holds"), sheet)
    row = write_lines(book, sheet, row, ((each.name, each.about) for each in sheets))
    row = _headed(book, row + 1, m("How to read it"), sheet)
    known = (*STATUS_WORDS.values(), *SPECIAL_WORDS.values())
    words = dict.fromkeys(f"{word.symbol} {m(word.text)}" for word in known)
    notes = [
        m(
            "Percent stands as 0 to 100, a chance in percent; an empty cell is unknown, never 0. "
            "Of the widest tables the first columns are printed; the others stand to the right."
        ),
        f"{m('Words of the status')}: {'; '.join(words)}.",
        unconfirmed_note(m),
        *method_notes(context),
    ]
    row = write_lines(book, sheet, row, (("", note) for note in notes))
    sheet.print_area(0, 0, row - 1, 1)


def _headed(book: Book, row: int, heading: str, sheet: Any) -> int:
    """Write a heading over the lines that follow; return the row of the first."""
    sheet.write_string(row, 0, heading, book.styles["section"])
    sheet.write_blank(row, 1, None, book.styles["section"])
    return row + 1


def _sources(sheets: Iterable[Sheet]) -> list[str]:
    """Return the sources of the figures shown, each once, with the address where there is one."""
    shown = (row for sheet in sheets for row in sheet.rows if "role" in row)
    found = dict.fromkeys((row["source"], row["source_url"]) for row in shown)
    return [f"{source} ({url})" if url else source for source, url in found]
