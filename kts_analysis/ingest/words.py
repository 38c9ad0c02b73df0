"""The text of one cell, cleaned of what the eye does not see, and folded for comparing words."""

from __future__ import annotations

import re
import unicodedata

from kts_analysis.vi import D_VARIANTS, nfc

MAX_LENGTH = 200  # characters; a longer cell is prose, and no pattern here ever sees it

# Full-width forms (U+FF01-U+FF5E) come from East Asian keyboards and stand for ASCII.
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
# Blanks without width and soft hyphens come along when text is copied from web pages and PDF.
_UNSEEN = str.maketrans("", "", "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")
_SIGNS = _FULL_WIDTH | _UNSEEN
_DASHES = str.maketrans("‐‑‒–—―−﹣", "--------")
# One mark a turn: a repeated mark inside a repeated group would backtrack without end.
_NOTES = re.compile(r"(?: ?(?:[*†‡⁰¹²³⁴⁵⁶⁷⁸⁹]|\((?:[1-9*]|\*\*)\)|\[[0-9]{1,2}\]))+$")
_LITERALS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')


def clean(text: str) -> str:
    """Return a text as it was meant: composed, ordinary signs, single ordinary blanks.

    NFC; full-width signs as ASCII; every blank (non-breaking, thin, narrow, line end) as one
    ordinary blank; no unseen signs; the letter eth, typed for Đ, as Đ. Superscripts stay: they
    are notes, not digits.
    """
    return nfc(" ".join(text.translate(_SIGNS).translate(D_VARIANTS).split()))


def fold(text: str) -> str:
    """Return a text in small letters without diacritics (``Quý`` gives ``quy``), Đ as d."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def plain_dashes(text: str) -> str:
    """Return a text with every kind of dash and minus sign as ``-``."""
    return text.translate(_DASHES)


def strip_notes(text: str) -> str:
    """Return a cleaned text without the footnote marks at its end.

    ``*``, daggers, superscripts, ``(1)`` to ``(9)``, ``(*)`` and ``[12]``. A bracketed number
    of two digits stays: it may be a second figure. So does a mark that is all there is.
    """
    return _NOTES.sub("", text).rstrip() or text


def format_signs(number_format: str) -> str:
    """Return what an Excel number format computes with: its first section without literals.

    ``0.0%;-0.0%`` gives ``0.0%``; ``0"%"`` gives ``0``, for there the sign is only printed. Rules:
    ECMA-376 part 1, 18.8.31 (number formats).
    """
    return _LITERALS.sub("", number_format).split(";")[0]
