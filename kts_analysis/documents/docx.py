"""A unit's report as a Word document: an official paper by Decree 30/2020/NĐ-CP, to be filled."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, time
from pathlib import Path

import docx
from docx.document import Document as WordDocument
from docx.enum.section import WD_SECTION
from docx.shared import Length

from kts_analysis.documents.building import build
from kts_analysis.documents.content import Annex, Document
from kts_analysis.documents.docx_blocks import Blocks, add_closing, add_letterhead
from kts_analysis.documents.docx_format import (
    HEIGHT,
    LEFT,
    LOCALES,
    MARK,
    RIGHT,
    WIDTH,
    restart_pages,
    set_headers,
    set_page,
    set_styles,
)
from kts_analysis.documents.frame import roman
from kts_analysis.documents.pictures import png_pictures
from kts_analysis.reporting.files import write_bytes
from kts_analysis.reporting.units import Unit

PROGRAM = "kts_analysis"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first day a zip file can hold: no clock in the file


def write(unit: Unit, folder: Path) -> dict[str, str]:
    """Write a unit's Word document into its folder; return the file's SHA-256 by its name."""
    name = f"{unit.stem}.docx"
    return {name: write_bytes(folder / name, docx_bytes(build(unit)))}


def docx_bytes(document: Document) -> bytes:
    """Return a document as the bytes of a Word file."""
    word = docx.Document()
    _forget_template(word)
    set_styles(word, document.lang)
    set_page(word.sections[0])
    set_headers(word.sections[0], document.mark)
    _set_properties(word, document)
    width = Length(WIDTH - LEFT - RIGHT)
    images = png_pictures([picture.svg for picture in document.pictures])
    blocks = Blocks(word, document.words, images)
    add_letterhead(word, document.letterhead, width)
    _add_title(word, document)
    for block in document.blocks:
        blocks.add(block, width)
    last = word.paragraphs[-1]
    last.add_run("/." if last.text.endswith(".") else "./.")  # how an official paper ends
    add_closing(word, document.letterhead, width)
    for place, annex in enumerate(document.annexes, 1):
        number = f" {roman(place)}" if len(document.annexes) > 1 else ""
        _add_annex(word, document, annex, f"{document.words.annex}{number}", blocks)
    return _without_clock(word)


def _add_title(word: WordDocument, document: Document) -> None:
    word.add_paragraph(document.kind, "Kind of paper")
    word.add_paragraph(document.title, "Subject")
    word.add_paragraph(document.subject, "Subject")
    facts = "; ".join(f"{name}: {value}" for name, value in document.facts)
    word.add_paragraph(f"({facts})", "Facts")
    if document.mark:
        word.add_paragraph(f"{document.mark}. {document.warning}", MARK)


def _add_annex(
    word: WordDocument, document: Document, annex: Annex, label: str, blocks: Blocks
) -> None:
    """Add an annex on landscape pages of its own, numbered apart."""
    section = word.add_section(WD_SECTION.NEW_PAGE)
    set_page(section, landscape=True)
    restart_pages(section)
    word.add_paragraph(label, "Annex title")
    word.add_paragraph(f"{annex.title} – {document.subject}", "Annex title")
    word.add_paragraph(document.letterhead.attached, "Facts")
    for block in annex.blocks:
        blocks.add(block, Length(HEIGHT - LEFT - RIGHT))


def _set_properties(word: WordDocument, document: Document) -> None:
    """Set the file's own metadata: the day the report stands on, no clock and no user."""
    properties = word.core_properties
    day = datetime.combine(document.stand, time())
    properties.title = document.full_title
    properties.subject = document.title
    properties.author = properties.last_modified_by = PROGRAM
    properties.created = properties.modified = day
    properties.language = LOCALES[document.lang]
    properties.comments = document.warning
    properties.revision = 1


def _forget_template(word: WordDocument) -> None:
    """Drop the little picture of the template's first page."""
    package = word.part.package
    for name, relation in list(package.rels.items()):
        if relation.reltype.endswith("/thumbnail"):
            del package.rels[name]


def _without_clock(word: WordDocument) -> bytes:
    """Return the file with one fixed time for all parts: equal content gives equal bytes."""
    packed, result = io.BytesIO(), io.BytesIO()
    word.save(packed)
    with zipfile.ZipFile(packed) as old, zipfile.ZipFile(result, "w") as new:
        for name in old.namelist():
            part = zipfile.ZipInfo(name, EPOCH)
            part.compress_type = zipfile.ZIP_DEFLATED
            part.create_system = 3  # the same on every system
            new.writestr(part, old.read(name))
    return result.getvalue()
