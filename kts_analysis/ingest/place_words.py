"""Names of places as they are typed: kind words, numbering, and spellings that compare."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from kts_analysis.ingest.words import clean, fold, plain_dashes, strip_notes

# Kinds of areas, by the folded words and abbreviations put before a name.
_PREFIXES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "thanh pho": ("thành phố",),
        "t.pho": ("thành phố",),
        "tpho": ("thành phố",),
        "tp": ("thành phố",),
        "t.p": ("thành phố",),
        "tinh": ("tỉnh",),
        "t": ("tỉnh",),
        "quan": ("quận",),
        "q": ("quận",),
        "huyen": ("huyện",),
        "h": ("huyện",),
        "thi xa": ("thị xã",),
        "tx": ("thị xã",),
        "t.x": ("thị xã",),
        "thi tran": ("thị trấn",),
        "tt": ("thị trấn",),
        "t.t": ("thị trấn",),
        "phuong": ("phường",),
        "p": ("phường",),
        "xa": ("xã",),
        "x": ("xã",),
        "dac khu": ("đặc khu",),
    }
)
_SUFFIXES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "city": ("thành phố",),
        "province": ("tỉnh",),
        "district": ("huyện", "quận"),
        "town": ("thị xã", "thị trấn"),
        "township": ("thị trấn",),
        "ward": ("phường",),
        "commune": ("xã",),
    }
)
_PREFIX = re.compile(
    r"(thanh pho|thi tran|thi xa|dac khu|t\.pho|tpho|phuong|huyen|tinh|quan|t\.p|t\.x|t\.t|tp|tx|tt"
    r"|xa|[thqpx])(?:[. ]+)(?=[^. ])"
)
_SUFFIX = re.compile(r" (city|province|district|township|town|ward|commune)$")
# A letter with a point before a name shortens a kind (h. t. q. p. x.) or numbers a list.
_NUMBERING = re.compile(
    r"(?:(?:[0-9]{1,3}|[ivx]{1,6})(?:[.)/]| ?-)|[a-z]\)|[a-gi-orsu-wyz]\.|[-+•*]) *(?=[^ ])"
)
_VOWELS = frozenset("aeiouy")
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_EVERY_I = str.maketrans("y", "i")


@dataclass(frozen=True)
class Spelling:
    """A name in a form that compares however it was typed.

    Attributes
    ----------
    letters : str
        Small letters and digits alone, without diacritics and blanks.
    marks : tuple of frozenset of str
        Of each letter its breve, circumflex, horn or stroke.
    tones : tuple of frozenset of str
        Of each group of vowels its tone, so that Hòa and Hoà are the same.
    """

    letters: str
    marks: tuple[frozenset[str], ...]
    tones: tuple[frozenset[str], ...]

    @property
    def is_plain(self) -> bool:
        """Whether no letter carries any diacritic."""
        return not any(self.marks) and not any(self.tones)

    @property
    def with_i(self) -> str:
        """The letters with i for y: Lý and Lí are both in use."""
        return self.letters.translate(_EVERY_I)

    def abridges(self, other: Spelling) -> bool:
        """Tell whether this is the other name with no, or not all, diacritics; y for i or not."""
        return (
            self.with_i == other.with_i
            and all(mine <= its for mine, its in zip(self.marks, other.marks, strict=True))
            and all(mine <= its for mine, its in zip(self.tones, other.tones, strict=True))
        )


def spelling(name: str) -> Spelling:
    """Return the comparable form of a name."""
    letters: list[str] = []
    marks: list[set[str]] = []
    tones: list[set[str]] = []
    for char in unicodedata.normalize("NFD", clean(name).casefold().replace("đ", "d\u0335")):
        if unicodedata.combining(char):
            group = tones if char in _TONES and letters and letters[-1] in _VOWELS else marks
            if group:
                group[-1].add(char)
        elif char.isalnum():
            if char in _VOWELS and not (letters and letters[-1] in _VOWELS):
                tones.append(set())
            letters.append(char)
            marks.append(set())
    return Spelling("".join(letters), tuple(map(frozenset, marks)), tuple(map(frozenset, tones)))


def typed_names(text: str) -> list[list[tuple[str, tuple[str, ...]]]]:
    """Return the names a text can hold, each with the kinds its words leave (none: any).

    Parameters
    ----------
    text : str
        A cell's text.

    Returns
    -------
    list of list of (str, tuple of str)
        First the readings of the text as it stands, then those without its numbering (``1.``,
        ``II.``, ``a)``); later ones count only when the earlier find nothing. ``X.`` before a name
        can number it as well as mean xã, so then both stand in the first list.
    """
    whole = strip_notes(clean(text))
    steps = [_with_kinds(whole)]
    numbered = _NUMBERING.match(plain_dashes(fold(whole)))
    if numbered:
        rest = _with_kinds(whole[numbered.end() :])
        if fold(numbered[0]) in ("x.", "x. "):
            steps[0] += rest
        else:
            steps.append(rest)
    return steps


def _with_kinds(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return a text as a bare name and, where it begins or ends with a kind, without that word."""
    names: list[tuple[str, tuple[str, ...]]] = [(text, ())]
    folded = plain_dashes(fold(text))
    prefix, suffix = _PREFIX.match(folded), _SUFFIX.search(folded)
    if prefix and _is_kind_word(text[: prefix.end(1)], _PREFIXES[prefix[1]][0]):
        names.append((text[prefix.end() :], _PREFIXES[prefix[1]]))
    if suffix:
        names.append((text[: suffix.start()], _SUFFIXES[suffix[1]]))
    return names


def _is_kind_word(typed: str, kind: str) -> bool:
    """Tell a kind from a name that only differs from it by its tone, as Tịnh does from tỉnh."""
    word, whole = spelling(typed), spelling(kind)
    return word.letters != whole.letters or word.abridges(whole)
