"""The PDF: tagged, told, embedded letters, text that can be searched, the same bytes again."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from document_units import HOSTILE, MARK, document_of, hostile_document, tables_of, unit_of

pikepdf = pytest.importorskip("pikepdf", reason="NOT RUN: pikepdf is not installed")
pypdf = pytest.importorskip("pypdf", reason="NOT RUN: pypdf is not installed")
typst = pytest.importorskip("typst", reason="NOT RUN: typst is not installed")

from kts_analysis.documents.content import Heading, Paragraph  # noqa: E402
from kts_analysis.documents.pdf import _spelt_out, pdf_bytes, write  # noqa: E402
from kts_analysis.reporting.files import sha256  # noqa: E402

LETTERS = (
    "LibertinusSerif",
    "DejaVuSansMono",
    "NewCM",
)  # shipped with the typesetter, free to embed


@cache
def file_of(code: str, lang: str = "vi") -> bytes:
    return pdf_bytes(document_of(code, lang))


@cache
def pages_of(code: str, lang: str = "vi") -> list[str]:
    """Return the text of each page as a reader would copy it, in one line."""
    reader = pypdf.PdfReader(io.BytesIO(file_of(code, lang)))
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def elements(node: Any) -> Iterator[Any]:
    """Yield the elements of a structure tree in reading order."""
    if isinstance(node, pikepdf.Array):
        for one in node:
            yield from elements(one)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from elements(node.K)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_it_is_tagged_and_says_its_language_and_title(lang: str) -> None:
    document = document_of("358", lang)
    with pikepdf.open(io.BytesIO(file_of("358", lang))) as pdf:
        assert bool(pdf.Root.MarkInfo.Marked)
        assert str(pdf.Root.Lang).split("-")[0] == lang
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        assert str(pdf.docinfo.Title) == document.full_title
        with pdf.open_metadata() as about:
            assert about["pdfuaid:part"] == "1"
            assert (about["pdfaid:part"], about["pdfaid:conformance"]) == ("2", "A")
            assert about["dc:title"] == document.full_title


def test_structure_holds_headings_tables_and_told_pictures() -> None:
    document = document_of("356")
    with pikepdf.open(io.BytesIO(file_of("356"))) as pdf:
        found = list(elements(pdf.Root.StructTreeRoot.K))
        kinds = [str(one.S) for one in found]
        alts = [
            unicodedata.normalize("NFC", str(one.Alt)) for one in found if str(one.S) == "/Figure"
        ]
        scopes = {
            str(attributes.Scope)
            for one in found
            if str(one.S) == "/TH"
            for attributes in ([one.A] if isinstance(one.A, pikepdf.Dictionary) else list(one.A))
            if "/Scope" in attributes
        }
    tables = tables_of(document)
    headings = [block.level for block in document.blocks if isinstance(block, Heading)]
    assert kinds.count("/Title") == 1
    assert kinds.count("/H1") == headings.count(1) + len(document.annexes)
    assert kinds.count("/H2") == headings.count(2)
    assert kinds.count("/Table") == kinds.count("/THead") == len(tables)
    assert kinds.count("/TH") == sum(len(table.columns) for table in tables)
    assert kinds.count("/TD") == sum(len(row) for table in tables for row in table.rows)
    assert kinds.count("/Caption") == len(tables) + len(document.pictures)
    assert scopes == {"/Column"}
    assert alts == [picture.alt for picture in document.pictures]


def test_every_font_is_embedded_and_free() -> None:
    with pikepdf.open(io.BytesIO(file_of("36"))) as pdf:
        descriptors = [one for one in pdf.objects if _is(one, "/FontDescriptor")]
        names = {str(one.FontName).partition("+")[2] for one in descriptors}
        assert descriptors
        assert all("/FontFile2" in one or "/FontFile3" in one for one in descriptors)
        assert all(name.startswith(LETTERS) for name in names)
        composite = [one for one in pdf.objects if _is(one, "/Font") and one.Subtype == "/Type0"]
        assert composite
        assert all("/ToUnicode" in one for one in composite)


def _is(one: Any, kind: str) -> bool:
    return isinstance(one, pikepdf.Dictionary) and str(one.get("/Type", "")) == kind


@pytest.mark.parametrize("code", ["356", "36"])
def test_text_can_be_searched_with_its_diacritics(code: str) -> None:
    document = document_of(code)
    text = " ".join(pages_of(code))
    assert text == unicodedata.normalize("NFC", text)
    wanted = [block.text for block in document.blocks if isinstance(block, Heading | Paragraph)]
    for table in tables_of(document):
        wanted += [table.caption, *table.notes]
    lost = [one for one in wanted if _bare(one) not in _bare(text)]
    assert len(lost) <= 2  # a paragraph over two pages has the running head inside
    assert len(wanted) > 30


def _bare(text: str) -> str:
    return "".join(text.split()).replace("\u00ad", "")


def test_cells_are_the_verdicts_numbers() -> None:
    """Every cell of every table can be found in the text of the pages."""
    text = _bare(" ".join(pages_of("356")))
    cells = {cell for table in tables_of(document_of("356")) for row in table.rows for cell in row}
    assert [cell for cell in cells if _bare(cell) not in text] == []


@pytest.mark.parametrize(("code", "lang"), [("356", "vi"), ("36", "vi"), ("358", "en")])
def test_the_mark_stands_on_every_page(code: str, lang: str) -> None:
    pages = pages_of(code, lang)
    assert len(pages) > 5
    assert [number for number, text in enumerate(pages, 1) if MARK[lang] not in text] == []


def test_published_figures_carry_no_mark() -> None:
    assert not [text for text in pages_of("VN") if MARK["vi"] in text]


def test_pages_are_a4_and_nothing_leaves_them() -> None:
    reader = pypdf.PdfReader(io.BytesIO(file_of("36")))
    sizes = {(round(page.mediabox.width), round(page.mediabox.height)) for page in reader.pages}
    assert sizes == {(595, 842), (842, 595)}


def test_two_writes_are_the_same_bytes(tmp_path: Path) -> None:
    written = write(unit_of("358", "vi"), tmp_path)
    assert written == {"area_report.pdf": sha256(tmp_path / "area_report.pdf")}
    assert (tmp_path / "area_report.pdf").read_bytes() == file_of("358")


def test_hostile_texts_stay_texts() -> None:
    made = pdf_bytes(hostile_document())
    reader = pypdf.PdfReader(io.BytesIO(made))
    text = _bare(" ".join(page.extract_text() for page in reader.pages))
    assert text.count(_bare(HOSTILE)) >= 8
    assert HOSTILE in str(reader.metadata.title)


def test_signs_without_a_letter_are_spelt_out() -> None:
    short = replace(document_of("358"), subject="Xã 中 😀 Đông", blocks=(), annexes=())
    reader = pypdf.PdfReader(io.BytesIO(pdf_bytes(short)))
    assert "Xã [U+4E2D] [U+1F600] Đông" in " ".join(reader.pages[0].extract_text().split())


def test_a_complaint_about_something_else_changes_nothing() -> None:
    assert _spelt_out("ậ中", "no such file") == "ậ中"
    assert _spelt_out("ậ中", 'the text `"ậ中"` could not be displayed') == "ậ[U+4E2D]"
    assert _spelt_out("\ue000", 'contains the codepoint `"\\u{e000}"`') == "[U+E000]"
