"""Verdicts as an Excel workbook of one sheet: what ``kts assess`` found, ready to be filtered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from io import BytesIO

import xlsxwriter

from kts_analysis.documents.sheet_columns import PRINTED, verdict_columns
from kts_analysis.documents.sheets import Book, Sheet
from kts_analysis.i18n import Messages
from kts_analysis.registry import Registry
from kts_analysis.rows import Row
from kts_analysis.tables import is_synthetic


def verdict_workbook(rows: Sequence[Row], registry: Registry, as_of: date, m: Messages) -> bytes:
    """Return verdicts (`kts_analysis.schema.Verdicts`) as a workbook (.xlsx).

    Parameters
    ----------
    rows : sequence of mapping
    registry : Registry
    as_of : datetime.date
        Day the verdicts stand on; the only date inside.
    m : Messages
    """
    table = Sheet(
        m("Verdicts"),
        m("One row an area and target: where it stands, what pace it takes, what chance."),
        verdict_columns(registry, m),
        rows,
        held=3,
        printed=PRINTED,
    )
    plans = dict.fromkeys(registry.plan(row["plan_id"]).name.get(m.lang) for row in rows)
    stand = m("Figures published up to {date}.", date=m.date(as_of))
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        made = datetime.combine(as_of, time())
        book.set_properties({"title": m("Verdicts"), "created": made})
        Book(book, "; ".join(plans) or m("Verdicts"), stand, is_synthetic(rows), m).add(table)
    return file.getvalue()
