"""A sharing-out as an Excel workbook ready to be assigned: a sheet a method, and how it was made.

The same answer gives the same bytes: the only date inside is the day of the figures. The sum of a
sheet is a formula, so that whoever changes a target by hand sees whether the goal is still met.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

from kts_analysis.allocation import wording
from kts_analysis.allocation.answer import Answer
from kts_analysis.allocation.rows import ShareRow, share_rows
from kts_analysis.allocation.solving import Allocation
from kts_analysis.entries import Indicator
from kts_analysis.i18n import Messages
from kts_analysis.registry import Registry
from kts_analysis.wording import COUNTED, QUALIFIERS, chance_text

A4 = 9  # number of the paper size in Excel
LONGEST_NAME = 31  # of a sheet, as Excel allows
WIDTHS = (5, 8, 24, 11, 12, 12, 11, 13, 11, 13, 12, 12, 12, 30)
LINE_SIGNS = 110  # signs that surely stand on one line of the explanation
HEAD_ROW = 4  # rows above the headings: title, goal, method, mark of synthetic figures
TWO_LINES, FOUR_LINES = 32, 64  # heights of rows, in points
TARGET, DENOMINATOR = "H", "F"  # columns the sum is made from
FORMATS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14},
    "mark": {"bold": True, "font_color": "#C00000"},
    "text": {"border": 1, "text_wrap": True, "valign": "top"},
    "head": {
        "border": 1,
        "bold": True,
        "text_wrap": True,
        "align": "center",
        "valign": "vcenter",
        "bg_color": "#DDEBF7",
    },
    "date": {"border": 1, "num_format": "dd/mm/yyyy", "valign": "top"},
    "count": {"border": 1, "num_format": "#,##0", "valign": "top"},
    "rate": {"border": 1, "num_format": "0.00", "valign": "top"},
    "line": {"text_wrap": True, "valign": "top"},
}


def workbook_bytes(answer: Answer, registry: Registry, m: Messages) -> bytes:
    """Return the workbook (.xlsx) of a sharing-out.

    Parameters
    ----------
    answer : Answer
        With at least one allocation.
    registry : Registry
    m : Messages
        Language of headings and explanations.

    Raises
    ------
    ValueError
        The answer has no allocation: there is nothing to assign.
    """
    import xlsxwriter

    if not answer.allocations:
        raise ValueError("nothing to assign: the goal is out of reach")
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.set_properties(
            {
                "title": wording.title(answer, registry, m),
                "created": datetime.combine(answer.as_of, time()),
            }
        )
        bold = {"bold": True, "top": 2}
        decimals = answer.request.wishes.grid.decimals
        target = {"num_format": f"0.{'0' * decimals}".rstrip("."), "bg_color": "#FFF2CC"}
        styles = {name: book.add_format(look) for name, look in FORMATS.items()}
        styles["target"] = book.add_format(FORMATS["text"] | target | {"bold": True})
        styles |= {
            f"sum_{name}": book.add_format(FORMATS[name] | bold)
            for name in ("text", "count", "rate")
        }
        for allocation in answer.allocations:
            _sheet(book, styles, answer, allocation, registry, m)
        _explanation(book, styles, answer, registry, m)
    return file.getvalue()


def _sheet(
    book: Any,
    styles: dict[str, Any],
    answer: Answer,
    allocation: Allocation,
    registry: Registry,
    m: Messages,
) -> None:
    """Write the sheet of one method."""
    sheet = _new_sheet(book, m(wording.WAY_NAMES[allocation.way]), answer, m)
    card = registry.indicators[answer.request.target.indicator]
    for place, width in enumerate(WIDTHS):
        sheet.set_column(place, place, width)
    sheet.write_string(0, 0, m("Targets assigned to areas"), styles["title"])
    _across(sheet, 1, wording.title(answer, registry, m), styles["line"])
    _across(sheet, 2, wording.way_text(allocation, m), styles["line"])
    sheet.set_row(2, TWO_LINES)
    if answer.origin == "synthetic":
        _across(sheet, 3, wording.synthetic_warning(m), styles["mark"])
    sheet.set_row(HEAD_ROW, FOUR_LINES)
    for place, heading in enumerate(_headings(answer, card, m)):
        sheet.write_string(HEAD_ROW, place, heading, styles["head"])
    *rows, total = share_rows(answer, allocation)
    for number, row in enumerate(rows, start=1):
        _write_row(sheet, HEAD_ROW + number, styles, _cells(number, row, m))
    last = HEAD_ROW + len(rows) + 1
    _write_row(sheet, last, styles, _sum_cells(total, last, m))
    below = [_goal_line(answer, m), *wording.left_out_texts(answer, m)]
    for place, line in enumerate(below, start=last + 2):
        _across(sheet, place, line, styles["line"])
    sheet.freeze_panes(HEAD_ROW + 1, 3)
    sheet.repeat_rows(HEAD_ROW)
    sheet.print_area(0, 0, last + 1 + len(below), len(WIDTHS) - 1)


def _across(sheet: Any, row: int, text: str, style: Any) -> None:
    """Write a sentence over the whole width of the table, so that no page cuts it."""
    sheet.merge_range(row, 0, row, len(WIDTHS) - 1, "", style)
    sheet.write_string(row, 0, text, style)


def _new_sheet(book: Any, name: str, answer: Answer, m: Messages) -> Any:
    """Return a sheet that prints on A4, with the mark of synthetic figures on every page."""
    sheet = book.add_worksheet(name[:LONGEST_NAME])
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
    if answer.origin == "synthetic":
        sheet.set_header(f"&C&B{m('SYNTHETIC')}")
    sheet.set_footer("&R&P/&N")
    return sheet


def _headings(answer: Answer, card: Indicator, m: Messages) -> list[str]:
    code, area, newest, dated, target, *others = wording.columns(answer, card, m)
    below = m("Denominator at the deadline, {unit}", unit=m(COUNTED[card.counted]))
    words = m("As its source says")
    return [m("No."), code, area, f"{newest}, %", dated, below, words, f"{target}, %", *others]


Cell = tuple[Any, str]  # what stands in a cell, and the name of its style


def _cells(number: int, row: ShareRow, m: Messages) -> list[Cell]:
    newest = date.fromisoformat(row.newest_date) if row.newest_date else ""
    return [
        (number, "count"),
        (row.area_code, "text"),
        (row.area_name, "text"),
        (row.newest, "rate"),
        (newest, "date"),
        (row.denominator, "count"),
        (m(QUALIFIERS[row.newest_qualifier]) if row.newest_qualifier else "", "text"),
        (row.target, "target"),
        (row.rise, "rate"),
        (row.heads, "count"),
        (row.per_year, "rate"),
        (row.own_pace, "rate"),
        (chance_text(row.chance, m), "text"),
        (wording.note_text(row, m), "text"),
    ]


def _sum_cells(row: ShareRow, last: int, m: Messages) -> list[Cell]:
    """Return the cells of the sum in row number `last` (from 0)."""
    spans = [f"{column}{HEAD_ROW + 2}:{column}{last}" for column in (TARGET, DENOMINATOR)]
    formula = f"=SUMPRODUCT({spans[0]},{spans[1]})/SUM({spans[1]})"
    return [
        ("", "sum_text"),
        ("", "sum_text"),
        (wording.area_title(row, m), "sum_text"),
        (row.newest, "sum_rate"),
        ("", "sum_text"),
        (row.denominator, "sum_count"),
        ("", "sum_text"),
        ((formula, row.target), "sum_rate"),
        (row.rise, "sum_rate"),
        (row.heads, "sum_count"),
        (row.per_year, "sum_rate"),
        ("", "sum_text"),
        (chance_text(row.chance, m), "sum_text"),
        (wording.note_text(row, m), "sum_text"),
    ]


def _write_row(sheet: Any, place: int, styles: dict[str, Any], cells: Sequence[Cell]) -> None:
    for column, (cell, style) in enumerate(cells):
        _write(sheet, place, column, cell, styles[style])


def _write(sheet: Any, row: int, column: int, cell: Any, style: Any) -> None:
    """Write a cell by its type; text is never taken for a number or a formula."""
    if isinstance(cell, tuple):
        sheet.write_formula(row, column, cell[0], style, cell[1])
    elif isinstance(cell, date):
        sheet.write_datetime(row, column, cell, style)
    elif isinstance(cell, str):
        sheet.write_string(row, column, cell, style)
    elif cell != cell:  # a missing number stays empty, never 0
        sheet.write_blank(row, column, None, style)
    else:
        sheet.write_number(row, column, cell, style)


def _goal_line(answer: Answer, m: Messages) -> str:
    return m(
        "The targets together must be {goal}. That sum is worked out anew when a target is "
        "changed; the other columns are not.",
        goal=wording.goal_text(answer.request.goal, m),
    )


def _explanation(
    book: Any, styles: dict[str, Any], answer: Answer, registry: Registry, m: Messages
) -> None:
    """Write the sheet that says how the targets were made and what they rest on."""
    sheet = _new_sheet(book, m("How it was made"), answer, m)
    sheet.set_column(0, 0, 120)
    sheet.write_string(0, 0, wording.title(answer, registry, m), styles["title"])
    lines = [
        m("Plan: {name}", name=answer.request.plan.name.get(m.lang)),
        *(wording.way_text(each, m) for each in answer.allocations),
        *wording.all_remarks(answer, m),
    ]
    for place, line in enumerate(lines, start=1):
        if len(line) > LINE_SIGNS:  # not every program finds the height of wrapped text itself
            sheet.set_row(place, TWO_LINES if len(line) < 2 * LINE_SIGNS else FOUR_LINES)
        mark = line == wording.synthetic_warning(m)
        sheet.write_string(place, 0, line, styles["mark" if mark else "line"])
