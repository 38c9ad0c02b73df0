"""The first sheet of a reporting template: what to fill in, in short sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kts_analysis.entries import Indicator, Plan
from kts_analysis.i18n import N_, Messages
from kts_analysis.ingest.template_layout import height_of
from kts_analysis.wording import QUALIFIERS, VERIFICATION

GUIDE_SHEET = N_("Guide")
SYNTHETIC_NOTE = N_("Figures marked SYNTHETIC were made up to try the software. Never cite them.")

WIDTHS = (9, 38, 36, 30, 22, 28)  # of the guide's columns, in characters

RULES = (
    N_("Fill in the light yellow cells only. The other cells are locked."),
    N_("No figure yet: leave the cell empty. Never write 0 for it: 0 says that there is none."),
    N_(
        "Give numerator and denominator wherever you have them; the rate is worked out beside them."
    ),
    N_("If only the rate is known, write it under Value as a percentage: 85.5 stands for 85.5%."),
    N_("Write numbers as your Excel does (in Vietnamese settings 1.234,5), without words or %."),
    N_("Choose how the figure is stated; an empty cell says that it is exact."),
    N_("Choose what the denominator counts and the measuring method from the lists."),
    N_("Date reported: the day on which the figure was reported or published, day/month/year."),
    N_("Source: the report or decision in which the figure stands, with its number."),
    N_("Grey rows are not to be filled in; the column State of the row says why."),
    N_("Rows marked as stored show what is known already. Change them only to correct them."),
    N_("Do not delete, insert or move rows, columns or sheets."),
    N_("Questions about the template: ask whoever sent it; about an indicator: see below."),
)


def write_guide(
    sheet: Any,
    formats: Any,
    plan: Plan,
    cards: Sequence[Indicator],
    identity: str,
    m: Messages,
    *,
    synthetic: bool,
) -> None:
    """Write the guide.

    Parameters
    ----------
    sheet : xlsxwriter worksheet
    formats : mapping of str to xlsxwriter format
        As `template_formats.make_formats` gives them.
    cards : sequence of Indicator
        In the order of the plan.
    identity : str
        What the template is called when somebody asks about it.
    synthetic : bool
        Whether figures that are not real are shown.
    """
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, m("How to fill in this template"), formats["title"])
    sheet.write_string(1, 0, plan.name.get(m.lang), formats["text"])
    told = m("Plan {plan} · template {identity}", plan=plan.id, identity=identity)
    sheet.write_string(2, 0, told, formats["text"])
    row = 3
    if synthetic:
        sheet.write_string(row, 0, m(SYNTHETIC_NOTE), formats["warning"])
        row += 1
    row += 1
    for number, rule in enumerate(RULES, start=1):
        sheet.write_number(row, 0, number, formats["number"])
        sheet.write_string(row, 1, m(rule), formats["text"])
        row += 1
    row = _legend(sheet, formats, row + 1, m)
    _indicators(sheet, formats, row + 1, cards, m)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.hide_gridlines(2)
    sheet.protect("", {"format_columns": True, "format_rows": True})


def _legend(sheet: Any, formats: Any, row: int, m: Messages) -> int:
    for name, text in (
        ("typed", m("to be filled in")),
        ("stored", m("stored already; change it only to correct it")),
        ("closed", m("not to be filled in")),
    ):
        sheet.write_blank(row, 0, None, formats[name])
        sheet.write_string(row, 1, text, formats["text"])
        row += 1
    words = ", ".join(m(word) for word in QUALIFIERS.values())
    sheet.write_string(row, 1, f"{m('How it is stated')}: {words}", formats["text"])
    return row + 1


def _indicators(
    sheet: Any, formats: Any, row: int, cards: Sequence[Indicator], m: Messages
) -> None:
    headers = (
        m("Code"),
        m("Indicator"),
        m("Numerator"),
        m("Denominator"),
        m("Standing of the definition"),
        m("Who reports it"),
    )
    for column, header in enumerate(headers):
        sheet.write_string(row, column, header, formats["header"])
    for card in cards:
        row += 1
        cells = (
            card.code,
            card.name.get(m.lang),
            card.numerator.get(m.lang),
            card.denominator.get(m.lang),
            m(VERIFICATION[card.definition_verification]),
            card.reporter,
        )
        sheet.set_row(row, height_of(zip(cells, WIDTHS, strict=True)))
        for column, text in enumerate(cells):
            sheet.write_string(row, column, text, formats["fixed"])


def definition(card: Indicator, m: Messages) -> str:
    """Return an indicator's definition as the note of a cell."""
    return "\n".join(
        (
            card.name.get(m.lang),
            f"{m('Numerator')}: {card.numerator.get(m.lang)}",
            f"{m('Denominator')}: {card.denominator.get(m.lang)}",
            f"{m('Standing of the definition')}: {m(VERIFICATION[card.definition_verification])}",
        )
    )
