"""A report as an Excel workbook: what it is, verdicts, trajectories, and the figures behind them.

The same report gives the same bytes: the only date inside is the day the report stands on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter

from kts_analysis import rollup
from kts_analysis.documents.rows import figures_shown, paths_shown, verdicts_shown
from kts_analysis.documents.sheet_columns import (
    FIGURES_PRINTED,
    PRINTED,
    figure_columns,
    path_columns,
    share_columns,
    sum_columns,
    verdict_columns,
)
from kts_analysis.documents.sheets import FRONT_WIDTH, Book, Sheet, synthetic_line, write_lines
from kts_analysis.entries import Area
from kts_analysis.i18n import Messages
from kts_analysis.pages.area import area_report, method_notes
from kts_analysis.pages.context import Context
from kts_analysis.pages.other_borders import borders_fact
from kts_analysis.pages.province import ProvinceReport, province_report
from kts_analysis.reporting.files import write_bytes
from kts_analysis.reporting.units import AREA_NOTEBOOK, Unit
from kts_analysis.rows import Row, rows_of
from kts_analysis.tables import is_synthetic, unconfirmed_note
from kts_analysis.wording import SPECIAL_WORDS, STATUS_WORDS

Line = tuple[str, str]  # of the front sheet: label and text


def write(unit: Unit, folder: Path) -> dict[str, str]:
    """Write a unit's workbook into its folder.

    Returns
    -------
    dict
        SHA-256 by file name.
    """
    if unit.notebook == AREA_NOTEBOOK:
        content = area_workbook(**unit.parameters)
    else:
        content = province_workbook(**unit.parameters)
    name = f"{unit.stem}.xlsx"
    return {name: write_bytes(folder / name, content)}


def area_workbook(area: str, plan: str, **asked: object) -> bytes:
    """Return the workbook of an area.

    Parameters
    ----------
    area, plan
        As in `pages.area.area_report`; so are the others, by name.
    """
    report = area_report(area, plan, **asked)  # type: ignore[arg-type]
    context, m = report.context, report.context.m
    here = (context.view, context.plan, report.area, context.deadline)
    sheets = [
        Sheet(
            m("Verdicts"),
            m("One row a target and deadline: where it stands, what pace it takes, what chance."),
            verdict_columns(context.registry, m)[1:],  # every row is of the one area
            verdicts_shown(*here),
            printed=PRINTED - 1,
        ),
        Sheet(
            m("Trajectories"),
            m("The points behind each chart: figures, trend line, projection with intervals."),
            path_columns(context.plan, m),
            paths_shown(*here),
        ),
        _figures_sheet(context, figures_shown(*here)),
    ]
    facts = [(m("Borders"), report.borders_text())]
    return _workbook(context, report.area, sheets, facts + _notes(report.notes(), m))


def province_workbook(plan: str, **asked: object) -> bytes:
    """Return the workbook of a plan's home area and the areas below it.

    Parameters
    ----------
    plan
        As in `pages.province.province_report`; so are the others, by name.
    """
    report = province_report(plan, **asked)  # type: ignore[arg-type]
    context, m = report.context, report.context.m
    added, _ = report.whole
    at_home = (report.whole_view, added, report.home, context.deadline)
    here = (context.view, context.plan, report.home, context.deadline)
    columns = verdict_columns(context.registry, m)
    sheets = [
        Sheet(
            m("Areas"),
            m("One row an area and target: where it stands, what pace it takes, what chance."),
            columns,
            rows_of(report.verdicts),
            held=3,
            printed=PRINTED,
        ),
        Sheet(
            m("Province, added up"),
            m("Verdicts on numerators and denominators of all areas added up."),
            columns,
            rows_of(report.home_verdicts),
            held=3,
            printed=PRINTED,
        ),
        _shares_sheet(report),
        _sums_sheet(report),
        Sheet(
            m("Trajectories"),
            m("The points behind each chart of the province, added up from its areas."),
            path_columns(context.plan, m),
            paths_shown(*at_home),
        ),
        _figures_sheet(context, figures_shown(*here)),
    ]
    borders = borders_fact(context)
    facts = [(m("Areas"), m.count(len(report.standing)))]
    facts = [(m("Borders"), borders), *facts] if borders else facts
    return _workbook(context, report.home, sheets, facts + _notes(report.notes(), m))


def _notes(texts: Iterable[str], m: Messages) -> list[Line]:
    return [(m("Note"), text) for text in texts]


def _figures_sheet(context: Context, figures: Sequence[Row]) -> Sheet:
    m = context.m
    return Sheet(
        m("Figures"),
        m("Every figure of the area that is judged or shown beside, with source and date."),
        figure_columns(context.registry, m),
        figures,
        printed=FIGURES_PRINTED,
    )


def _shares_sheet(report: ProvinceReport) -> Sheet:
    context, m = report.context, report.context.m
    rows = [
        {**row, "target_id": target.id}
        for target in context.plan.targets
        for row in rows_of(rollup.contributions(report.verdicts, target.id, report.standing))
    ]
    return Sheet(
        m("Contributions"),
        m("Who holds a target back: what each area still misses to the threshold."),
        share_columns(context.plan, context.registry, m),
        rows,
        held=3,
    )


def _sums_sheet(report: ProvinceReport) -> Sheet:
    context, m = report.context, report.context.m
    rows = [
        {**row, "target_id": target.id}
        for target in context.plan.targets
        for row in rows_of(rollup.add_up(context.known, context.plan, context.registry, target))
    ]
    return Sheet(
        m("Sums"),
        m("What the areas add up to, period by period; a row with areas missing says which."),
        sum_columns(context.plan, context.registry, m),
        rows,
    )


def _workbook(
    context: Context, area: Area, sheets: Sequence[Sheet], facts: Iterable[Line]
) -> bytes:
    """Return the bytes of a workbook: the front sheet, then the tables."""
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
