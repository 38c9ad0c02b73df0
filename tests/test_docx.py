"""The Word document: Decree 30's page read back, real tables and headings, the same bytes again."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import unicodedata
import zipfile
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest
from document_units import HOSTILE, MARK, document_of, hostile_document, tables_of, unit_of

pytest.importorskip("docx", reason="NOT RUN: python-docx is not installed")
pytest.importorskip("typst", reason="NOT RUN: typst is not installed")

import docx
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt

from kts_analysis.documents.docx import docx_bytes, write
from kts_analysis.reporting.files import sha256

SOFFICE = shutil.which("soffice")


@cache
def file_of(code: str, lang: str = "vi") -> bytes:
    return docx_bytes(document_of(code, lang))


def word_of(code: str, lang: str = "vi") -> WordDocument:
    return docx.Document(io.BytesIO(file_of(code, lang)))


def fields(part: object) -> list[str]:
    """Return the codes of the fields in an element."""
    return [one.text.strip() for one in part.iter(qn("w:instrText"))]  # type: ignore[attr-defined]


def in_mm(*lengths: Length | None) -> tuple[float, ...]:
    """Return lengths in millimetres; Word's own unit is a twentieth of a point."""
    return tuple(round(length.mm, 1) for length in lengths if length is not None)


def test_page_and_margins_are_the_decrees() -> None:
    first, *annexes = word_of("356").sections
    assert in_mm(first.page_width, first.page_height) == (210, 297)
    assert len(annexes) == 3
    for section in annexes:
        assert section.orientation == WD_ORIENT.LANDSCAPE
        assert in_mm(section.page_width, section.page_height) == (297, 210)
    for section in (first, *annexes):
        top, bottom = in_mm(section.top_margin, section.bottom_margin)
        left, right = in_mm(section.left_margin, section.right_margin)
        assert 20 <= top <= 25 and 20 <= bottom <= 25
        assert 30 <= left <= 35 and 15 <= right <= 20


def test_page_number_is_centred_on_top_and_hidden_on_the_first_page() -> None:
    for section in word_of("356").sections:
        assert section.different_first_page_header_footer
        assert fields(section.header._element) == ["PAGE"]
        assert fields(section.first_page_header._element) == []
        assert section.header.paragraphs[0].style.paragraph_format.alignment == (
            WD_ALIGN_PARAGRAPH.CENTER
        )
        assert section.header.paragraphs[0].style.font.size == Pt(13)
    for section in list(word_of("356").sections)[1:]:  # an annex has its own numbers
        assert section._sectPr.find(qn("w:pgNumType")).get(qn("w:start")) == "1"


def test_every_style_in_use_is_times_new_roman_and_text_is_13_or_14() -> None:
    word = word_of("356")
    cells = [
        paragraph for table in word.tables for cell in table._cells for paragraph in cell.paragraphs
    ]
    for paragraph in (*word.paragraphs, *cells):
        fonts = paragraph.style.element.rPr.find(qn("w:rFonts"))
        assert {
            fonts.get(qn(f"w:{script}")) for script in ("ascii", "hAnsi", "eastAsia", "cs")
        } == {"Times New Roman"}
        assert not [name for name in fonts.attrib if "Theme" in name]
        assert not [run for run in paragraph.runs if run.font.name]
    for name in ("Normal", "Lead", "Heading 1", "Heading 2", "Subject", "Kind of paper", "Header"):
        assert Pt(13) <= word.styles[name].font.size <= Pt(14)
        assert word.styles[name].font.color.rgb == docx.shared.RGBColor(0, 0, 0)


@pytest.mark.parametrize(("lang", "locale"), [("vi", "vi-VN"), ("en", "en-GB")])
def test_language_is_set(lang: str, locale: str) -> None:
    word = word_of("358", lang)
    defaults = word.styles.element.find(qn("w:docDefaults"))
    assert {one.get(qn("w:val")) for one in defaults.iter(qn("w:lang"))} == {locale}
    assert word.core_properties.language == locale


def test_letterhead_and_recipients_are_left_to_be_filled() -> None:
    word = word_of("358")
    head = [line for cell in word.tables[0]._cells for line in cell.text.split("\n") if line]
    assert head == [
        "TÊN CƠ QUAN CHỦ QUẢN",
        "TÊN CƠ QUAN BAN HÀNH",
        "Số: ……/BC-……",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "……, ngày …… tháng …… năm ……",
    ]
    closing = next(table for table in word.tables if "Nơi nhận" in table._cells[0].text)
    assert closing._cells[0].text.split("\n") == ["Nơi nhận:", "- ……;", "- ……;", "- Lưu: VT, ……."]
    assert closing._cells[1].text.startswith("QUYỀN HẠN, CHỨC VỤ CỦA NGƯỜI KÝ")
    body = closing._tbl.getprevious()
    assert "".join(body.itertext()).endswith("./.")


def test_headings_are_words_own_and_numbered_by_it() -> None:
    word = word_of("358")
    styles = [p.style.name for p in word.paragraphs if p.style.name.startswith("Heading")]
    assert styles.count("Heading 1") == 6
    assert styles.count("Heading 2") == 11
    numbering = word.part.numbering_part.element
    for level, form in ((0, "upperRoman"), (1, "decimal")):
        chosen = word.styles[f"Heading {level + 1}"].element.pPr.numPr
        assert chosen.ilvl.val == level
        used = next(n for n in numbering.num_lst if n.numId == chosen.numId.val)
        abstract = next(
            one
            for one in numbering.findall(qn("w:abstractNum"))
            if one.get(qn("w:abstractNumId")) == str(used.abstractNumId.val)
        )
        (mine,) = [
            one for one in abstract.findall(qn("w:lvl")) if one.get(qn("w:ilvl")) == str(level)
        ]
        assert mine.find(qn("w:numFmt")).get(qn("w:val")) == form


def test_tables_are_real_with_repeated_heads_and_captions() -> None:
    word, document = word_of("356"), document_of("356")
    tables = [table for table in word.tables if table.style.name == "Table Grid"]
    expected = tables_of(document)
    assert len(tables) == len(expected) == 4
    captions = [p for p in word.paragraphs if p.style.name == "Caption" and "SEQ table" in p._p.xml]
    for number, (table, source, caption) in enumerate(
        zip(tables, expected, captions, strict=True), 1
    ):
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        assert rows == [[one.head for one in source.columns], *(list(row) for row in source.rows)]
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
        assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val")) == source.caption
        assert caption.text == f"Bảng {number}. {source.caption}"
        section = word.sections[0] if number == 1 else word.sections[1]
        room = section.page_width - section.left_margin - section.right_margin
        assert sum(cell.width for cell in table.rows[0].cells) <= room


def test_pictures_say_the_same_to_who_cannot_see_them() -> None:
    word, document = word_of("356"), document_of("356")
    shapes = word.inline_shapes
    assert len(shapes) == len(document.pictures) == 11
    for shape, picture in zip(shapes, document.pictures, strict=True):
        assert shape._inline.docPr.get("descr") == picture.alt
        assert shape.width == Mm(140)
    ids = [shape._inline.docPr.id for shape in shapes]
    assert len(set(ids)) == len(ids)


def test_the_mark_stands_in_every_header_title_and_name() -> None:
    for lang in ("vi", "en"):
        word = word_of("358", lang)
        for section in word.sections:
            for header in (section.header, section.first_page_header):
                assert MARK[lang] in [p.text for p in header.paragraphs]
        assert [p for p in word.paragraphs if p.text.startswith(f"{MARK[lang]}.")]
        assert word.core_properties.title.startswith(MARK[lang])
    for section in word_of("VN").sections:
        for header in (section.header, section.first_page_header):
            assert not "".join(p.text for p in header.paragraphs if "PAGE" not in p._p.xml)


def test_properties_hold_no_clock_and_no_user() -> None:
    properties = word_of("358").core_properties
    assert properties.author == properties.last_modified_by == "kts_analysis"
    assert properties.created.replace(tzinfo=None) == datetime(2026, 3, 31)
    assert properties.created == properties.modified
    with zipfile.ZipFile(io.BytesIO(file_of("358"))) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not [name for name in parts.namelist() if "thumbnail" in name]


def test_two_writes_are_the_same_bytes(tmp_path: Path) -> None:
    unit = unit_of("358", "en")
    written = write(unit, tmp_path)
    assert written == {"area_report.en.docx": sha256(tmp_path / "area_report.en.docx")}
    assert (tmp_path / "area_report.en.docx").read_bytes() == file_of("358", "en")


def test_hostile_texts_stay_texts() -> None:
    word = docx.Document(io.BytesIO(docx_bytes(hostile_document())))
    assert [p.text for p in word.paragraphs].count(HOSTILE) >= 3
    tables = [table for table in word.tables if table.style.name == "Table Grid"]
    assert [table.rows[1].cells[0].text for table in tables] == [HOSTILE, HOSTILE]


@pytest.mark.skipif(SOFFICE is None, reason="NOT RUN: soffice is not installed")
def test_libreoffice_opens_it_and_its_pages_are_right(tmp_path: Path) -> None:
    pypdf = pytest.importorskip("pypdf", reason="NOT RUN: pypdf is not installed")
    # In English: without Times New Roman, LibreOffice takes diacritics from another font, and
    # what is then read from its PDF stands in another order.
    (tmp_path / "area.docx").write_bytes(file_of("356", "en"))
    subprocess.run(
        [
            str(SOFFICE),
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            str(tmp_path),
            str(tmp_path / "area.docx"),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    pages = pypdf.PdfReader(tmp_path / "area.pdf").pages
    texts = [unicodedata.normalize("NFC", page.extract_text()) for page in pages]
    assert 10 <= len(pages) <= 20
    assert all(MARK["en"] in text for text in texts)
    assert "SOCIALIST REPUBLIC OF VIET NAM" in texts[0]
    assert not re.match(r"\s*\d+\s*\n", texts[0])
    assert [re.match(r"\s*(\d+)\s*\n", text)[1] for text in texts[1:4]] == ["2", "3", "4"]  # type: ignore[index]
    landscape = [page for page in pages if page.mediabox.width > page.mediabox.height]
    assert 3 <= len(landscape) <= 6
    heads = [text for text in texts if "Threshold" in text and "Status" in text]
    assert len(heads) >= len(landscape)  # the head is repeated on each page of a table
