"""One sheet of a reporting template: its head, its rows, its checks and how it prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from kts_analysis.entries import Plan
from kts_analysis.i18n import Messages
from kts_analysis.ingest.cells import CellValue, ref_of
from kts_analysis.ingest.template_formats import number_format
from kts_analysis.ingest.template_guide import SYNTHETIC_NOTE, definition
from kts_analysis.ingest.template_layout import (
    COLUMNS,
    FIRST_ROW,
    HEADER_ROW,
    HINT_ROW,
    KEY_ROW,
    MARK,
    OPEN,
    TITLE_ROW,
    TYPED,
    height_of,
    index_of,
)
from kts_analysis.ingest.template_lists import DropDown, list_name
from kts_analysis.ingest.template_rows import TemplateRow

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
A4 = 9  # Excel's number of the paper size


@dataclass(frozen=True)
class Making:
    """What every part of the writing needs: formats by name, drop-down lists by name, words."""

    formats: Mapping[str, Any]
    lists: Mapping[str, DropDown]
    m: Messages


def is_synthetic(row: TemplateRow) -> bool:
    """Return whether a row shows a figure that was made up."""
    return row.figure is not None and row.figure.origin == "synthetic"


def given_cells(row: TemplateRow, making: Making) -> dict[str, CellValue]:
    """Return what the input cells of a row are filled with when the template is written."""
    if row.state != OPEN:
        return {}

    def word(field: str, code: str) -> str | None:
        return making.lists[list_name(field, row.card.code)].words.get(code, code) or None

    figure = row.figure
    if figure is None:
        return {"series": word("series", row.series)}
    return {
        "numerator": _known(figure.numerator),
        "denominator": _known(figure.denominator),
        "denominator_concept": word("denominator_concept", figure.denominator_concept),
        "value": _known(figure.value),
        "qualifier": word("qualifier", figure.qualifier),
        "series": word("series", figure.series),
        "vintage": None if "vintage_assumed" in figure.flags else figure.vintage_date,
        "source": figure.source or None,
        "note": figure.note or None,
    }


def _known(number: float) -> float | None:
    return None if number != number else number


def write_sheet(
    sheet: Any,
    making: Making,
    plan: Plan,
    number: int,
    rows: Sequence[tuple[int, TemplateRow, Mapping[str, CellValue]]],
) -> None:
    """Write one sheet.

    Parameters
    ----------
    sheet : xlsxwriter worksheet
    number : int
        Of the sheet, by which it is found again under another name.
    rows : sequence
        Key, row and what its input cells are filled with.
    """
    members = [row for _, row, _ in rows]
    _write_head(sheet, making, plan, number, members)
    noted: set[str] = set()
    for line, (key, row, given) in enumerate(rows, start=FIRST_ROW):
        _write_row(sheet, making, line, key, row, given)
        if row.card.code not in noted:  # a note in every row would hide the sheet under red marks
            noted.add(row.card.code)
            size = {"x_scale": 3, "y_scale": 2.4, "font_size": 10, "author": "kts"}
            text = definition(row.card, making.m)
            sheet.write_comment(line - 1, index_of("name") - 1, text, size)
    _set_up(sheet, making, members)


def _write_head(
    sheet: Any, making: Making, plan: Plan, number: int, members: Sequence[TemplateRow]
) -> None:
    """Write title, hint, the hidden keys and the header of a sheet."""
    m, formats = making.m, making.formats
    one_area = len({row.area.code for row in members}) == 1
    whose = members[-1].area.title(m.lang) if one_area else m("All areas")
    sheet.write_string(TITLE_ROW - 1, 1, f"{whose} · {plan.name.get(m.lang)}", formats["title"])
    hint = m("Fill in the light yellow cells only. No figure yet: leave the cell empty, not 0.")
    sheet.write_string(HINT_ROW - 1, 1, hint, formats["text"])
    if any(is_synthetic(row) for row in members):
        place = index_of("numerator") - 1
        sheet.write_string(HINT_ROW - 1, place, m(SYNTHETIC_NOTE), formats["warning"])
    sheet.write_string(TITLE_ROW - 1, 0, f"{MARK}:{number}")
    for place, column in enumerate(COLUMNS):
        sheet.write_string(KEY_ROW - 1, place, column.key)
        sheet.write_string(HEADER_ROW - 1, place, m(column.header), formats["header"])


def _write_row(
    sheet: Any,
    making: Making,
    line: int,
    key: int,
    row: TemplateRow,
    given: Mapping[str, CellValue],
) -> None:
    """Write one row: its key, what it is about, its input cells and its formula."""
    m, formats = making.m, making.formats
    kind = "closed" if row.state != OPEN else "typed" if row.figure is None else "stored"
    locked = {"typed": "fixed", "stored": "known", "closed": "closed"}[kind]
    texts = {
        "area": f"{row.area.title(m.lang)} ({row.area.code})",
        "indicator": row.card.code,
        "name": row.card.name.get(m.lang),
        "breakdown": row.sector.name.get(m.lang) if row.sector else "",
        "period": m.period(row.period),
        "state": state_text(row, m),
    }
    shown = texts | {name: value for name, value in given.items() if isinstance(value, str)}
    widths = {column.key: column.width for column in COLUMNS}
    sheet.set_row(line - 1, height_of((text, widths[name]) for name, text in shown.items()))
    sheet.write_number(line - 1, 0, key)
    for name, text in texts.items():
        sheet.write_string(line - 1, index_of(name) - 1, text, formats[locked])
    for name in TYPED:
        style = formats.get(f"{kind}:{number_format(name, row)}", formats[kind])
        _write_cell(sheet, line - 1, index_of(name) - 1, given.get(name), style)
    _write_formula(sheet, line, given, formats[f"{locked}:computed"])
    if row.state == OPEN:
        _write_checks(sheet, making, line - 1, row)


def state_text(row: TemplateRow, m: Messages) -> str:
    """Return why a row is closed, or that something is stored already; empty for any other."""
    if row.state == "not_measured":
        return m("not measured at this level")
    if row.state == "ended":
        return m("the area ended on {day}", day=m.date(row.day))
    if row.state == "not_begun":
        return m("the area begins on {day}", day=m.date(row.day))
    if row.figure is None:
        return ""
    return m("stored already, SYNTHETIC") if is_synthetic(row) else m("stored already")


def _write_cell(sheet: Any, row: int, column: int, value: CellValue, style: Any) -> None:
    """Write a cell as what it is: a text is never taken for a formula or an address."""
    if value is None:
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, str):
        sheet.write_string(row, column, value, style)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, style)
    else:
        sheet.write_number(row, column, value, style)


def _write_formula(sheet: Any, line: int, given: Mapping[str, CellValue], style: Any) -> None:
    """Write the rate from the counts, percent 0-100, with its result for readers without Excel."""
    above, below = (ref_of(line, index_of(name)) for name in ("numerator", "denominator"))
    condition = f"AND(ISNUMBER({above}),ISNUMBER({below}),{below}>0)"
    formula = f'=IF({condition},ROUND(100*{above}/{below},4),"")'
    counts = given.get("numerator"), given.get("denominator")
    result: float | str = ""
    if isinstance(counts[0], float) and isinstance(counts[1], float) and counts[1] > 0:
        result = round(100 * counts[0] / counts[1], 4)
    sheet.write_formula(line - 1, index_of("computed") - 1, formula, style, result)


def _write_checks(sheet: Any, making: Making, line: int, row: TemplateRow) -> None:
    """Write what Excel checks while somebody types into a row."""
    m = making.m
    count = {
        "validate": "decimal",
        "criteria": ">=",
        "value": 0,
        "error_title": m("Not a count"),
        "error_message": m("A number of 0 or more is wanted; leave the cell empty if unknown."),
    }
    share = {
        "validate": "decimal",
        "criteria": "between",
        "minimum": 0,
        "maximum": 100,
        # where subscriptions stand for people, rates above 100 are really reported
        "error_type": "warning" if row.card.bounds.reported_can_exceed else "stop",
        "error_title": m("Not a percentage"),
        "error_message": m("A percentage from 0 to 100 is wanted: 85.5 stands for 85.5%."),
    }
    day = {
        "validate": "date",
        "criteria": "between",
        "minimum": FIRST_DAY,
        "maximum": LAST_DAY,
        "error_title": m("Not a date"),
        "error_message": m("A day is wanted, as day/month/year."),
    }
    checks = {"numerator": count, "denominator": count, "value": share, "vintage": day}
    for name in ("denominator_concept", "qualifier", "series"):
        checks[name] = {
            "validate": "list",
            "source": making.lists[list_name(name, row.card.code)].source,
            # another name for a denominator may be right, and is looked at when the file comes in
            "error_type": "warning" if name == "denominator_concept" else "stop",
            "error_title": m("Not in the list"),
            "error_message": m("Choose from the list."),
        }
    for name, check in checks.items():
        place = index_of(name) - 1
        sheet.data_validation(line, place, line, place, check)


def _set_up(sheet: Any, making: Making, members: Sequence[TemplateRow]) -> None:
    """Set widths, freeze, print set-up and protection (without a password)."""
    for place, column in enumerate(COLUMNS):
        hidden = column.key == "key" or (
            column.key == "breakdown" and not any(row.sector for row in members)
        )
        sheet.set_column(place, place, column.width, None, {"hidden": hidden})
    sheet.set_row(KEY_ROW - 1, None, None, {"hidden": True})
    sheet.set_row(HEADER_ROW - 1, 48)
    sheet.freeze_panes(HEADER_ROW, index_of("state") - 1)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADER_ROW - 1)
    sheet.set_footer("&L&A&C&P/&N")
    allowed = {"format_columns": True, "format_rows": True, "autofilter": True, "sort": False}
    last = HEADER_ROW - 1 + len(members)
    sheet.autofilter(HEADER_ROW - 1, 1, last, len(COLUMNS) - 1)
    sheet.protect("", allowed)
