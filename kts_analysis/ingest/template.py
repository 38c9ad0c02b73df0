"""Reporting templates: a workbook in which districts fill in what a plan asks for.

The same arguments give the same bytes: document properties and times inside the file are fixed.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kts_analysis.entries import Plan
from kts_analysis.i18n import Messages
from kts_analysis.ingest.cells import CellValue, sheet_name
from kts_analysis.ingest.template_formats import make_formats
from kts_analysis.ingest.template_guide import GUIDE_SHEET, write_guide
from kts_analysis.ingest.template_layout import (
    LISTS_SHEET,
    TABLE_FIRST_ROW,
    TABLE_HEADER_ROW,
    TABLE_KEYS,
    TABLE_SHEET,
    TEMPLATE_VERSION,
    given_text,
)
from kts_analysis.ingest.template_lists import write_lists
from kts_analysis.ingest.template_rows import TemplateRow, template_rows
from kts_analysis.ingest.template_sheet import (
    Making,
    given_cells,
    is_synthetic,
    write_sheet,
)
from kts_analysis.registry import Registry
from kts_analysis.reporting.files import write_bytes

if TYPE_CHECKING:
    import pandas as pd

    from kts_analysis.figures import Figures

Filled = tuple[int, TemplateRow, Mapping[str, CellValue]]


def write_template(
    path: str | os.PathLike[str],
    registry: Registry,
    plan: Plan,
    *,
    areas: Sequence[str] | None = None,
    periods: Sequence[str],
    one_sheet: bool = False,
    lang: str = "vi",
    stored: Figures | pd.DataFrame | None = None,
    concepts: Mapping[str, Sequence[str]] | None = None,
) -> Path:
    """Write a reporting template.

    Parameters
    ----------
    path : path
        Workbook to write (.xlsx); written whole or not at all, replacing what is there.
    areas : sequence of str, optional
        Codes; by default all areas of the plan.
    periods : sequence of str
        As `template_rows.periods_in` gives them.
    one_sheet : bool
        All areas on one sheet instead of one sheet an area.
    lang : {"vi", "en"}
    stored : Figures or DataFrame, optional
        Typed observations known on the day the template is made for; they are filled in, in grey,
        and marked, synthetic ones as such.
    concepts : mapping of str to sequence of str, optional
        What denominators are called, by indicator (`template_rows.concepts_in_use`).

    Returns
    -------
    Path

    Raises
    ------
    KtsError
        An unknown area, or too many rows.
    """
    if stored is not None:
        from kts_analysis.figures import Figures as Kept

        stored = Kept.of(stored)
    rows = template_rows(registry, plan, areas, periods, stored)
    content = _workbook(rows, registry, plan, concepts or {}, Messages(lang), one_sheet=one_sheet)
    write_bytes(Path(path), content)
    return Path(path)


def template_identity(plan: Plan, rows: Iterable[TemplateRow]) -> str:
    """Return what a template is called: the same for the same plan and rows."""
    keys = [row.key for row in rows]
    digest = sha256(repr((TEMPLATE_VERSION, plan.id, keys)).encode()).hexdigest()
    return f"{TEMPLATE_VERSION}-{digest[:10]}"


def _workbook(
    rows: Sequence[TemplateRow],
    registry: Registry,
    plan: Plan,
    concepts: Mapping[str, Sequence[str]],
    m: Messages,
    *,
    one_sheet: bool,
) -> bytes:
    import xlsxwriter

    made = datetime(2020, 1, 1)  # no clock: the same arguments give the same file
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    book.set_properties({"title": plan.name.get(m.lang), "author": "kts", "created": made})
    guide = book.add_worksheet(m(GUIDE_SHEET))
    grouped = _grouped(rows, m, taken={m(GUIDE_SHEET).lower()}, one_sheet=one_sheet)
    sheets = [(book.add_worksheet(name), members) for name, members in grouped]
    table, lists = book.add_worksheet(TABLE_SHEET), book.add_worksheet(LISTS_SHEET)
    making = Making(make_formats(book), write_lists(lists, rows, registry, concepts, m), m)
    cards = list({row.card.code: row.card for row in rows}.values())
    synthetic, identity = any(map(is_synthetic, rows)), template_identity(plan, rows)
    write_guide(guide, making.formats, plan, cards, identity, m, synthetic=synthetic)
    told = (TABLE_SHEET, str(TEMPLATE_VERSION), plan.id, identity, m.lang)
    names = (m(GUIDE_SHEET), *(name for name, _ in grouped))
    for line, texts in ((1, told), (2, names), (TABLE_HEADER_ROW, TABLE_KEYS)):
        _write_texts(table, line, texts)
    key = 0
    for number, (sheet, members) in enumerate(sheets, start=1):
        filled = [(key + n, row, given_cells(row, making)) for n, row in enumerate(members, 1)]
        key += len(members)
        write_sheet(sheet, making, plan, number, filled)
        _write_table(table, number, filled)
    for hidden in (table, lists):
        hidden.protect()
        hidden.very_hidden()
    guide.activate()
    book.close()
    return target.getvalue()


def _write_table(sheet: Any, number: int, rows: Iterable[Filled]) -> None:
    """Write what each row of a sheet stands for, and what it was filled with."""
    for key, row, given in rows:
        texts = (
            str(key),
            str(number),
            row.area.code,
            row.card.code,
            row.breakdown,
            row.period,
            row.state,
            given_text(given),
        )
        _write_texts(sheet, TABLE_FIRST_ROW - 1 + key, texts)


def _write_texts(sheet: Any, line: int, texts: Sequence[str]) -> None:
    """Write texts from the first column on; an empty one leaves its cell blank."""
    for column, text in enumerate(texts):
        if text:
            sheet.write_string(line - 1, column, text)


def _grouped(
    rows: Sequence[TemplateRow], m: Messages, *, taken: set[str], one_sheet: bool
) -> list[tuple[str, list[TemplateRow]]]:
    """Return the sheets by name, each with its rows."""
    if one_sheet:
        return [(m("Figures to report"), list(rows))]
    by_area: dict[str, list[TemplateRow]] = {}
    for row in rows:
        by_area.setdefault(row.area.code, []).append(row)
    taken = taken | {TABLE_SHEET, LISTS_SHEET}
    sheets = []
    for code, members in by_area.items():
        name = sheet_name(f"{code} {members[-1].area.title(m.lang)}", taken)
        taken.add(name.lower())
        sheets.append((name, members))
    return sheets
