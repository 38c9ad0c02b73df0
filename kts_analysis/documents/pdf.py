"""A unit's report as a tagged PDF, set by typst with the letters it brings along.

It is PDF/UA-1, for readers that hear it, and PDF/A-2a, for archives: the typesetter refuses what
either forbids. The template is static and the content is handed over as data, so nothing in a name
can act. No clock, no network and no font of the machine is asked.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import Any

from kts_analysis.documents.building import build
from kts_analysis.documents.content import Block, Document
from kts_analysis.reporting.files import write_bytes
from kts_analysis.reporting.units import Unit

_QUOTED = re.compile(r'`"(.+?)"`')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")


def write(unit: Unit, folder: Path) -> dict[str, str]:
    """Write a unit's PDF into its folder; return the file's SHA-256 by its name."""
    name = f"{unit.stem}.pdf"
    return {name: write_bytes(folder / name, pdf_bytes(build(unit)))}


def pdf_bytes(document: Document) -> bytes:
    """Return a document as the bytes of a PDF file.

    A sign that the letters do not have (a Chinese one, a picture) is written as its number,
    ``[U+4E2D]``: the standards forbid a hole in its place, and a report must not fail over it.
    """
    import typst

    template = resources.files("kts_analysis").joinpath("templates", "document.typ").read_bytes()
    content = json.dumps(as_data(document), ensure_ascii=False)
    while True:
        try:
            return typst.compile(
                template,
                format="pdf",
                pdf_standards=["ua-1", "a-2a"],
                ignore_system_fonts=True,
                sys_inputs={"document": content},
            )
        except typst.TypstError as error:
            spelt = _spelt_out(content, str(error))
            if spelt == content:
                raise
            content = spelt


def _spelt_out(content: str, complaint: str) -> str:
    """Return the content with the signs a complaint of the typesetter quotes as their numbers."""
    quoted = _QUOTED.search(complaint)
    if quoted is None:
        return content
    text = _ESCAPED.sub(lambda code: chr(int(code[1], 16)), quoted[1])
    for sign in set(text):
        if not sign.isascii() and not unicodedata.name(sign, "").startswith("LATIN"):
            content = content.replace(sign, f"[U+{ord(sign):04X}]")
    return content


def as_data(document: Document) -> dict[str, Any]:
    """Return a document as the template reads it: each block with the name of its kind."""
    data = asdict(document) | {"full_title": document.full_title}
    day = document.stand
    data["stand"] = {"year": day.year, "month": day.month, "day": day.day}
    data["blocks"] = [_block(block) for block in document.blocks]
    data["annexes"] = [
        {"title": annex.title, "blocks": [_block(block) for block in annex.blocks]}
        for annex in document.annexes
    ]
    return data


def _block(block: Block) -> dict[str, Any]:
    return asdict(block) | {"type": type(block).__name__}
