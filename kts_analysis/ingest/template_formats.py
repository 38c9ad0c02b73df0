"""How the cells of a reporting template look, and which of them are locked."""

from __future__ import annotations

from typing import Any

from kts_analysis.ingest.template_rows import TemplateRow

_FONT = {"font_name": "Times New Roman", "font_size": 11, "valign": "vcenter"}
_BOX = _FONT | {"border": 1, "border_color": "#A6A6A6", "text_wrap": True}
_KINDS = {
    "typed": _BOX | {"bg_color": "#FFFBE6", "locked": False},
    "stored": _BOX | {"bg_color": "#EDEDED", "font_color": "#404040", "locked": False},
    "closed": _BOX | {"bg_color": "#D9D9D9", "font_color": "#595959"},
    "known": _BOX | {"bg_color": "#EDEDED", "font_color": "#404040"},
    "fixed": _BOX,
}
_NUMBER_FORMATS = {
    "count": "#,##0",
    "money": "#,##0.00",
    "value": "0.00##",
    "computed": "0.00##",
    "vintage": "dd/mm/yyyy",
}


def make_formats(book: Any) -> dict[str, Any]:
    """Return the formats of a template by name; ``kind:column`` where a column has its own."""
    heading = {"bold": True, "bg_color": "#DCE6F1", "align": "center"}
    formats = {
        "title": book.add_format(_FONT | {"bold": True, "font_size": 14}),
        "text": book.add_format(_FONT),
        "number": book.add_format(_FONT | {"align": "center"}),
        "warning": book.add_format(_FONT | {"bold": True, "font_color": "#C00000"}),
        "header": book.add_format(_BOX | heading),
    }
    for kind, base in _KINDS.items():
        formats[kind] = book.add_format(base | {"align": "left", "indent": 1})
        for key, number_format in _NUMBER_FORMATS.items():
            locked = {"locked": True} if key == "computed" else {}
            number = {
                "num_format": number_format,
                "text_wrap": False,
                "align": "right",
                "indent": 1,
            }
            style = base | number | locked
            formats[f"{kind}:{key}"] = book.add_format(style)
    return formats


def number_format(name: str, row: TemplateRow) -> str:
    """Return which number format a column of a row has."""
    if name in ("numerator", "denominator"):
        return "money" if row.card.counted == "money" else "count"
    return name
