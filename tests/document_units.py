"""Documents of the bundled data for the tests of both forms, each made once."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from kts_analysis.documents.building import build
from kts_analysis.documents.content import Annex, Document, Item, Items, Table
from kts_analysis.registry_files import load_registry
from kts_analysis.reporting.units import Unit, plan_units

ROOT = Path(__file__).resolve().parents[1]
MARK = {"vi": "SỐ LIỆU GIẢ LẬP", "en": "SYNTHETIC DATA"}
HOSTILE = r"#let x = 1; *đậm* _x_ $a$ <b>&amp; \ [u] `c` @d ~ // \u{1} {n}"


@cache
def unit_of(code: str, lang: str) -> Unit:
    """Return the unit of an area of the bundled plans."""
    (unit,) = plan_units(load_registry(ROOT / "data"), only=[code], langs=[lang])
    return unit


@cache
def document_of(code: str, lang: str = "vi") -> Document:
    """Return the document of an area."""
    return build(unit_of(code, lang))


def tables_of(document: Document) -> list[Table]:
    """Return all tables of a document in order."""
    inside = [*document.blocks, *(block for annex in document.annexes for block in annex.blocks)]
    return [block for block in inside if isinstance(block, Table)]


def hostile_document() -> Document:
    """Return a document whose every text from data is full of signs that mean something."""
    document = document_of("358")
    table = tables_of(document)[0]
    rows = tuple((HOSTILE, *row[1:]) for row in table.rows[:2])
    bad = replace(table, caption=HOSTILE, rows=rows, notes=(HOSTILE,))
    items = Items((Item(HOSTILE, "https://example.org/a?b=1&c=<2>#d"),))
    return replace(
        document,
        subject=HOSTILE,
        title=HOSTILE,
        facts=((HOSTILE, HOSTILE),),
        blocks=(bad, items),
        annexes=(Annex(HOSTILE, (bad,)),),
    )
