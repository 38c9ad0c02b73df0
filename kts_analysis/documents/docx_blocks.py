"""The blocks of a document in Word: real headings, tables with repeated heads, told pictures."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from docx.document import Document as WordDocument
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt
from docx.table import Table as WordTable
from docx.table import _Cell, _Row
from docx.text.paragraph import Paragraph as WordParagraph

from kts_analysis.documents.content import (
    Block,
    Heading,
    Items,
    Letterhead,
    Paragraph,
    Picture,
    Table,
    Words,
)
from kts_analysis.documents.docx_format import BODY, SMALL, add_field, add_rule, alignment

PICTURE_WIDTH = Mm(140)
CELL, CELL_HEAD = "Cell", "Cellhead"  # ids of the styles "Cell" and "Cell head"
DENSE = {12: Pt(8.5), 8: Pt(9)}  # columns from which letters shrink
BODY_STYLES = {"body": "Normal", "lead": "Lead", "note": "Note"}


class Blocks:
    """Adds blocks to a Word document, counting tables and pictures.

    Parameters
    ----------
    word : docx.document.Document
    words : Words
        Labels of captions.
    images : sequence of bytes
        PNG files of the document's pictures, in order.
    """

    def __init__(self, word: WordDocument, words: Words, images: Sequence[bytes]) -> None:
        self.word = word
        self.words = words
        self.images = list(images)
        self.counts = {"table": 0, "picture": 0}

    def add(self, block: Block, width: Length) -> None:
        """Add a block; tables are as wide as `width`."""
        if isinstance(block, Heading):
            self.word.add_heading(block.text, block.level)
        elif isinstance(block, Paragraph):
            self.word.add_paragraph(block.text, BODY_STYLES[block.kind])
        elif isinstance(block, Items):
            for item in block.items:
                text = f"{item.text} {item.url}".strip()
                self.word.add_paragraph(text, "List Bullet")
        elif isinstance(block, Table):
            self._table(block, width)
        else:
            self._picture(block)

    def _table(self, block: Table, width: Length) -> None:
        self._caption(
            "table", self.words.table, block.caption
        ).paragraph_format.keep_with_next = True
        table = self.word.add_table(1 + len(block.rows), len(block.columns), "Table Grid")
        _describe(table, block.caption)
        widths = _widths([column.weight for column in block.columns], width)
        _fix_widths(table, widths)
        small = next((size for many, size in DENSE.items() if len(block.columns) >= many), None)
        heads = [column.head for column in block.columns]
        _fill(table.rows[0], heads, ["center"] * len(heads), widths, CELL_HEAD, small)
        _repeat(table.rows[0])
        sides = [column.align for column in block.columns]
        for row, cells in zip(table.rows[1:], block.rows, strict=True):
            _fill(row, cells, sides, widths, CELL, small)
            _keep_whole(row)
        for note in block.notes:
            self.word.add_paragraph(note, "Table note")
        if not block.notes:
            self.word.add_paragraph(style="Table note")

    def _picture(self, block: Picture) -> None:
        paragraph = self.word.add_paragraph(style="Picture")
        number = self.counts["picture"]
        shape = paragraph.add_run().add_picture(io.BytesIO(self.images[number]), PICTURE_WIDTH)
        about = shape._inline.docPr
        about.set("descr", block.alt)
        about.set("name", f"{self.words.picture} {number + 1}")
        self._caption("picture", self.words.picture, block.caption)

    def _caption(self, kind: str, label: str, text: str) -> WordParagraph:
        """Add a caption numbered by Word."""
        self.counts[kind] += 1
        paragraph = self.word.add_paragraph(style="Caption")
        paragraph.add_run(f"{label} ")
        add_field(paragraph, f"SEQ {kind} \\* ARABIC", str(self.counts[kind]))
        paragraph.add_run(f". {text}")
        return paragraph


def add_letterhead(word: WordDocument, head: Letterhead, width: Length) -> None:
    """Add the decree's head: bodies and number to the left, state, motto and day to the right."""
    left, right = _side_by_side(word, width, (0.4, 0.6))
    _line(left, head.body_above, size=SMALL)
    _line(left, head.body, bold=True, size=SMALL)
    add_rule(left.add_paragraph(), head.body[: len(head.body) // 2], _wide(left))
    _line(left, head.number)
    _line(right, head.state, bold=True, size=SMALL)
    _line(right, head.motto, bold=True)
    add_rule(right.add_paragraph(), head.motto, _wide(right))
    _line(right, head.place_and_date, italic=True)


def add_closing(word: WordDocument, head: Letterhead, width: Length) -> None:
    """Add who receives the paper and who signs it, both to be filled."""
    cells = _side_by_side(word, width, (0.5, 0.5))
    first = cells[0].paragraphs[0]
    first.style = "Recipients"
    run = first.add_run(head.recipients)
    run.bold = run.italic = True
    run.font.size = Pt(12)
    for line in head.recipient_lines:
        cells[0].add_paragraph(line, "Recipients")
    _line(cells[1], head.signer, bold=True)
    _line(cells[1], head.signature, italic=True)


def _side_by_side(word: WordDocument, width: Length, parts: Sequence[float]) -> list[_Cell]:
    """Return two cells without borders; they only set what stands side by side."""
    table = word.add_table(1, 2)
    widths = _widths(parts, width)
    _fix_widths(table, widths)
    _keep_whole(table.rows[0])
    cells = list(table.rows[0].cells)
    for cell, wide in zip(cells, widths, strict=True):
        cell.width = wide
    return cells


def _line(
    cell: _Cell, text: str, *, bold: bool = False, italic: bool = False, size: Length = BODY
) -> None:
    """Add a line to a cell, into its first paragraph while that is empty."""
    first = cell.paragraphs[0]
    paragraph = cell.add_paragraph() if first.text else first
    paragraph.style = "Blank"
    run = paragraph.add_run(text)
    run.bold, run.italic, run.font.size = bold, italic, size


def _wide(cell: _Cell) -> Length:
    """Return the width of a cell's text."""
    return Length((cell.width or 0) - Mm(4))


def _fill(
    row: _Row,
    texts: Sequence[str],
    sides: Sequence[str],
    widths: Sequence[Length],
    style: str,
    small: Length | None,
) -> None:
    for cell, text, side, width in zip(row.cells, texts, sides, widths, strict=True):
        cell.width = width
        paragraph = cell.paragraphs[0]
        paragraph._p.style = style  # by id: to look a name up costs more than all the rest
        paragraph.alignment = alignment(side)
        run = paragraph.add_run(text)
        if small is not None:
            run.font.size = small


def _widths(weights: Sequence[float], width: Length) -> list[Length]:
    return [Length(int(width * weight / sum(weights))) for weight in weights]


def _fix_widths(table: WordTable, widths: Sequence[Length]) -> None:
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width


def _describe(table: WordTable, caption: str) -> None:
    """Give a table its name for readers that hear it, narrow cells, and heads above and left."""
    properties = table._tbl.tblPr
    look = properties.find(qn("w:tblLook"))
    margins = OxmlElement("w:tblCellMar")
    for side, room in (("top", "20"), ("left", "60"), ("bottom", "30"), ("right", "60")):
        one = OxmlElement(f"w:{side}")
        one.set(qn("w:w"), room)
        one.set(qn("w:type"), "dxa")
        margins.append(one)
    name = OxmlElement("w:tblCaption")
    name.set(qn("w:val"), caption)
    if look is None:
        properties.append(margins)
        properties.append(name)
    else:
        look.addprevious(margins)
        look.addnext(name)


def _repeat(row: _Row) -> None:
    """Repeat a row at the top of each page the table goes on to."""
    _flag(row, "w:cantSplit")
    _flag(row, "w:tblHeader")


def _keep_whole(row: _Row) -> None:
    """Do not break a row over two pages."""
    _flag(row, "w:cantSplit")


def _flag(row: _Row, name: str) -> None:
    properties: Any = row._tr.get_or_add_trPr()
    properties.append(OxmlElement(name))
