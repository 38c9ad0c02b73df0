"""The words and signs that stand around a number in a cell, and the tokens a cell consists of.

Words are compared without diacritics, for cells are typed with and without them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

from kts_analysis.ingest.numerals import NUMERAL

Missing = Literal["", "blank", "nil", "not_available", "not_applicable"]

# Yearbooks print "-" for nil and "…" for not available, "x" where a figure has no meaning. "N/A"
# and "/" can be read both ways; not available claims less.
_MISSING_WORDS: Mapping[Missing, tuple[str, ...]] = MappingProxyType(
    {
        "blank": ("",),
        "nil": ("-", "--", "---", "khong", "khong co", "khong phat sinh"),
        "not_applicable": ("x", "kad", "khong ap dung", "khong do"),
        "not_available": (
            *("/", "n/a", "na", "n.a", "n.a.", "chua co", "chua co so lieu", "chua co du lieu"),
            *("khong co so lieu", "khong co du lieu", "chua thong ke", "chua tong hop"),
            *("chua bao cao", "chua xac dinh", "dang cap nhat", "dang tong hop"),
        ),
    }
)
# What Excel shows instead of a result, and LibreOffice after saving as a workbook.
ERROR_VALUES = (
    *("#div/0!", "#n/a", "#name?", "#null!", "#num!", "#ref!", "#value!"),
    *("#spill!", "#calc!", "#field!", "#getting_data"),
)


@dataclass(frozen=True)
class Meaning:
    """What a word does to the number beside it.

    Attributes
    ----------
    kind : str
        "qualifier", "stands" (only says that a figure follows), "percent", "power" (of ten),
        "unit", "plan" (the figure is a plan's or a share of one), "change", "range".
    value : str
        The qualifier, the unit, or the power of ten in digits.
    before, after : bool
        Whether it may stand before, after the number.
    """

    kind: str
    value: str = ""
    before: bool = False
    after: bool = False


@dataclass(frozen=True)
class Token:
    """A piece of a cell: a numeral, or words or a sign with their meaning (None: unknown)."""

    text: str
    meaning: Meaning | None
    start: int
    end: int

    @property
    def is_number(self) -> bool:
        """Whether the piece is a numeral."""
        return self.text[0].isdigit()

    def is_kind(self, kind: str) -> bool:
        """Return whether the piece has a meaning of this kind."""
        return self.meaning is not None and self.meaning.kind == kind


# What may stand where, and the words for it; "gần" (nearly) is an upper bound, as the data
# dictionary has it.
_WORDS: tuple[tuple[Meaning, str], ...] = (
    (Meaning("qualifier", "about", before=True), "khoang|khoang chung|xap xi|~|≈"),
    (
        Meaning("qualifier", "at_least", before=True),
        "tren|hon|it nhat|toi thieu|khong duoi|khong it hon|>|>=|≥|≧",
    ),
    (
        Meaning("qualifier", "at_most", before=True),
        "gan|duoi|toi da|nhieu nhat|khong qua|khong vuot qua|chua den|chua toi|chua day|<|<=|≤|≦",
    ),
    (Meaning("qualifier", "at_least", after=True), "tro len"),
    (Meaning("qualifier", "at_most", after=True), "tro xuong"),
    (
        Meaning("qualifier", "estimate", before=True, after=True),
        "uoc|uoc dat|uoc tinh|uoc thuc hien|uoc th|uth|du uoc",
    ),
    (Meaning("qualifier", "preliminary", before=True, after=True), "so bo|sb|tam tinh"),
    (
        Meaning("stands", before=True),
        "dat|da dat|moi dat|hien dat|la|co|hien co|duoc|chiem|bang|ty le|ti le|tu",
    ),
    (Meaning("percent", after=True), "%|phan tram"),
    (Meaning("power", "3", after=True), "nghin|ngan"),
    (Meaning("power", "6", after=True), "trieu"),
    (Meaning("power", "9", after=True), "ty|ti"),
    (Meaning("unit", "people", after=True), "nguoi|nguoi dan"),
    (Meaning("unit", "person-turns", after=True), "luot|luot nguoi|luot khach|luot truy cap"),
    (Meaning("unit", "households", after=True), "ho|ho dan|ho gia dinh"),
    (Meaning("unit", "enterprises", after=True), "doanh nghiep|dn"),
    (Meaning("unit", "workers", after=True), "lao dong"),
    (Meaning("unit", "subscriptions", after=True), "thue bao"),
    (Meaning("unit", "accounts", after=True), "tai khoan"),
    (Meaning("unit", "records", after=True), "ho so"),
    (Meaning("unit", "money", after=True), "dong|vnd|d"),
    (
        Meaning("plan"),
        "ke hoach|kh|muc tieu|chi tieu|phan dau|du kien|so voi ke hoach|so voi muc tieu",
    ),
    (Meaning("change"), "tang|giam|diem %|diem phan tram|cung ky|so voi cung ky"),
    (Meaning("range"), "den|toi|÷"),
)
_LONGEST = 4  # pieces in the longest phrase
_PIECE = re.compile(rf"{NUMERAL}|[a-z]+|[<>]=|[^ ]")


@cache
def _vocabulary() -> dict[str, Meaning]:
    return {phrase: meaning for meaning, text in _WORDS for phrase in text.split("|")}


@cache
def missing_words() -> dict[str, Missing]:
    """Return why a figure is missing, by the folded words that say so."""
    return {word: reason for reason, words in _MISSING_WORDS.items() for word in words}


def tokens_of(folded: str) -> list[Token]:
    """Return the pieces of a folded cell; words that mean something together are one piece."""
    pieces = list(_PIECE.finditer(folded))
    found: list[Token] = []
    at = 0
    while at < len(pieces):
        length = _phrase_length(pieces[at : at + _LONGEST])
        text = " ".join(piece[0] for piece in pieces[at : at + length])
        start, end = pieces[at].start(), pieces[at + length - 1].end()
        found.append(Token(text, _vocabulary().get(text), start, end))
        at += length
    return found


def _phrase_length(pieces: list[re.Match[str]]) -> int:
    """Return how many of these pieces the longest known phrase takes, at least one."""
    for length in range(len(pieces), 1, -1):
        if " ".join(piece[0] for piece in pieces[:length]) in _vocabulary():
            return length
    return 1
