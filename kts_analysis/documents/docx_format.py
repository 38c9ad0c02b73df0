"""Word's own settings for an official paper by Decree 30/2020/NĐ-CP, set through python-docx.

A4, margins, Times New Roman 13 to 14, headings numbered by Word, the page number centred in the
top margin and none on the first page.
"""

from __future__ import annotations

from typing import Any

from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Length, Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

FONT = "Times New Roman"
BODY, SMALL, CELL = Pt(13), Pt(12), Pt(10.5)
TOP, BOTTOM, LEFT, RIGHT = Mm(25), Mm(20), Mm(30), Mm(15)
WIDTH, HEIGHT = Mm(210), Mm(297)
LOCALES = {"vi": "vi-VN", "en": "en-GB"}
NUMBERING = 77  # id of the headings' numbering, apart from those of the template
MARK = "Synthetic mark"
STYLES: dict[str, dict[str, Any]] = {
    # name: size, bold, italic, caps, alignment, first-line indent, space before and after
    "Kind of paper": {"size": Pt(14), "bold": True, "caps": True, "align": "center", "before": 12},
    "Subject": {"size": Pt(14), "bold": True, "align": "center", "after": 2},
    "Facts": {"size": BODY, "italic": True, "align": "center", "after": 6},
    MARK: {"size": BODY, "bold": True, "align": "center", "after": 6},
    "Lead": {"size": BODY, "bold": True, "align": "justify", "indent": 12.7, "after": 6},
    "Note": {"size": SMALL, "align": "justify", "indent": 12.7, "after": 4},
    "Table note": {"size": Pt(11), "italic": True, "align": "justify", "before": 3, "after": 3},
    "Cell": {"size": CELL, "align": "left"},
    "Cell head": {"size": CELL, "bold": True, "align": "center"},
    "Picture": {"size": BODY, "align": "center", "before": 6, "next": True},
    "Blank": {"size": BODY, "align": "center"},
    "Rule": {"size": Pt(4), "align": "center"},
    "Recipients": {"size": Pt(11), "align": "left"},
    "Annex title": {"size": Pt(14), "bold": True, "align": "center", "after": 2, "next": True},
}
_ALIGN = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "justify": WD_ALIGN_PARAGRAPH.JUSTIFY,
}


def alignment(name: str) -> WD_ALIGN_PARAGRAPH:
    """Return Word's alignment of that name."""
    return _ALIGN[name]


def set_styles(word: WordDocument, lang: str) -> None:
    """Give the document its fonts, language, styles and the numbering of headings."""
    _set_language(word, LOCALES[lang])
    _look(word.styles["Normal"], size=BODY, align="justify", indent=12.7, after=6)
    for name, look in STYLES.items():
        style = word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = word.styles["Normal"]
        _look(style, **look)
    heading = {"size": BODY, "bold": True, "after": 6, "next": True}
    _look(word.styles["Heading 1"], **(heading | {"before": 12, "size": Pt(14)}))
    _look(word.styles["Heading 2"], **(heading | {"before": 8}))
    caption = {"size": SMALL, "bold": True, "align": "center", "before": 6, "after": 4}
    _look(word.styles["Caption"], **caption)
    _look(word.styles["Header"], size=BODY, align="center")
    _look(word.styles["List Bullet"], size=SMALL, align="justify", after=4)
    _number_headings(word)


def set_page(section: Section, *, landscape: bool = False) -> None:
    """Give a section A4 pages with the decree's margins; its first page shows no number."""
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (HEIGHT, WIDTH) if landscape else (WIDTH, HEIGHT)
    section.top_margin, section.bottom_margin = TOP, BOTTOM
    section.left_margin, section.right_margin = LEFT, RIGHT
    section.header_distance = section.footer_distance = Mm(10)
    section.different_first_page_header_footer = True


def set_headers(section: Section, mark: str) -> None:
    """Put the page number, centred, into the top margin from page 2, and the mark on each page."""
    section.header.is_linked_to_previous = section.first_page_header.is_linked_to_previous = False
    add_field(section.header.paragraphs[0], "PAGE", "2")
    if mark:
        _mark(section.header.add_paragraph(style="Header"), mark)
        _mark(section.first_page_header.paragraphs[0], mark)


def _mark(paragraph: Paragraph, mark: str) -> None:
    run = paragraph.add_run(mark)
    run.bold, run.font.size = True, Pt(11)


def restart_pages(section: Section) -> None:
    """Number the pages of an annex from 1."""
    start = OxmlElement("w:pgNumType")
    start.set(qn("w:start"), "1")
    properties = section._sectPr
    for old in properties.findall(qn("w:pgNumType")):
        properties.remove(old)
    margins = properties.find(qn("w:pgMar"))
    margins.addnext(start)


def add_rule(paragraph: Paragraph, text: str, width: Length) -> None:
    """Make a paragraph a line about as long as some bold words, centred in a cell.

    The decree wants a drawn line under its heads, not underlined words.
    """
    paragraph.style = "Rule"
    length = len(text) * BODY * 0.52
    paragraph.paragraph_format.left_indent = Length(int(max(width - length, 0) / 2))
    paragraph.paragraph_format.right_indent = paragraph.paragraph_format.left_indent
    borders, top = OxmlElement("w:pBdr"), OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    paragraph._p.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def add_field(paragraph: Paragraph, code: str, shown: str) -> None:
    """Add a field that Word works out itself, with what it shows until then."""
    for kind, text in (
        ("begin", ""),
        ("", f" {code} "),
        ("separate", ""),
        ("t", shown),
        ("end", ""),
    ):
        run = paragraph.add_run()
        if kind == "t":
            run.text = text
        elif kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
        else:
            words = OxmlElement("w:instrText")
            words.set(qn("xml:space"), "preserve")
            words.text = text
            run._r.append(words)


def _look(style: Any, **look: Any) -> None:
    """Give a style its letters and its paragraph."""
    _set_fonts(style.element.get_or_add_rPr())
    style.font.size = look["size"]
    style.font.bold = look.get("bold", False)
    style.font.italic = look.get("italic", False)
    style.font.all_caps = look.get("caps", False)
    style.font.color.rgb = RGBColor(0, 0, 0)
    paragraph = style.paragraph_format
    paragraph.alignment = _ALIGN[look.get("align", "left")]
    paragraph.first_line_indent = Mm(look.get("indent", 0))
    paragraph.space_before, paragraph.space_after = (
        Pt(look.get("before", 0)),
        Pt(look.get("after", 0)),
    )
    paragraph.line_spacing = 1.0
    paragraph.keep_with_next = look.get("next", False)
    paragraph.widow_control = True


def _set_fonts(properties: Any) -> None:
    """Name the font for every script; the template's theme would go before it."""
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    fonts.attrib.clear()
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), FONT)


def _set_language(word: WordDocument, locale: str) -> None:
    defaults = word.styles.element.find(qn("w:docDefaults"))
    properties = defaults.find(f"{qn('w:rPrDefault')}/{qn('w:rPr')}")
    _set_fonts(properties)
    language = properties.find(qn("w:lang"))
    for name in ("val", "eastAsia"):
        language.set(qn(f"w:{name}"), locale)


def _number_headings(word: WordDocument) -> None:
    """Number headings I, II, III and 1, 2, 3 within them, by Word's own lists."""
    numbering = word.part.numbering_part.element
    abstract = OxmlElement("w:abstractNum")
    abstract.set(qn("w:abstractNumId"), str(NUMBERING))
    abstract.append(_value("multiLevelType", "multilevel"))
    for level, form in ((0, "upperRoman"), (1, "decimal")):
        one = OxmlElement("w:lvl")
        one.set(qn("w:ilvl"), str(level))
        for name, value in (
            ("start", "1"),
            ("numFmt", form),
            ("pStyle", f"Heading{level + 1}"),
            ("suff", "space"),
            ("lvlText", f"%{level + 1}."),
            ("lvlJc", "left"),
        ):
            one.append(_value(name, value))
        abstract.append(one)
    first = numbering.find(qn("w:num"))
    first.addprevious(abstract)  # all abstract numberings stand before the first that uses one
    used = OxmlElement("w:num")
    used.set(qn("w:numId"), str(NUMBERING))
    used.append(_value("abstractNumId", str(NUMBERING)))
    numbering.append(used)
    for level in (0, 1):
        properties = word.styles[f"Heading {level + 1}"].element.get_or_add_pPr()
        chosen = properties.get_or_add_numPr()
        chosen.get_or_add_ilvl().val = level
        chosen.get_or_add_numId().val = NUMBERING


def _value(name: str, value: str) -> Any:
    element = OxmlElement(f"w:{name}")
    element.set(qn("w:val"), value)
    return element
