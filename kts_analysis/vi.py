"""Vietnamese text: normal form, alphabetical order, slugs, and numbers and dates as text.

Number and date conventions are those of the Unicode locale data shipped with Babel
(``vi_VN``: ``1.234,5`` and ``85,5%``; ``en_GB``: ``1,234.5`` and ``5 December 2025``).
Babel's short Vietnamese date has a two-digit year, so the pattern dd/MM/yyyy is given here.
Babel is imported when the first number or date is written: most commands write none.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from types import MappingProxyType
from typing import SupportsFloat

from kts_analysis.periods import parse_period

LOCALES: Mapping[str, str] = MappingProxyType({"vi": "vi_VN", "en": "en_GB"})
DATE_PATTERNS: Mapping[str, str] = MappingProxyType({"vi": "dd/MM/yyyy", "en": "d MMMM yyyy"})
MISSING = "—"

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_LETTER_RANK = {letter: rank for rank, letter in enumerate(_ALPHABET)}
_LETTER_MARKS = frozenset("\u0306\u0302\u031b")  # breve, circumflex, horn make new letters
_TONE_RANK = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
# Eth (U+00D0/U+00F0) looks like Đ and is often typed for it.
D_VARIANTS = str.maketrans({"\u00d0": "Đ", "\u00f0": "đ"})
# Windows refuses these as file or folder names; "Cồn" is a real place name.
_RESERVED_NAMES = frozenset(
    {"con", "prn", "aux", "nul"}
    | {f"{device}{number}" for device in ("com", "lpt") for number in range(10)}
)
_QUARTERS = ("I", "II", "III", "IV")

SortKey = tuple[tuple[tuple[int, int], ...], tuple[int, ...], tuple[int, ...], str]
Number = SupportsFloat | None


def nfc(text: str) -> str:
    """Unicode composed normal form (NFC), so that equal-looking names compare equal."""
    return unicodedata.normalize("NFC", text)


def slug(text: str) -> str:
    """ASCII slug for file and folder names.

    ``Thành phố Nam Định`` gives ``thanh-pho-nam-dinh``. A name that Windows reserves for a
    device (``Cồn`` gives ``con``) gets ``-0`` appended.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        Lower-case letters, digits and single hyphens.

    Raises
    ------
    ValueError
        When no letter or digit is left.
    """
    plain = text.translate(D_VARIANTS).replace("Đ", "D").replace("đ", "d")
    decomposed = unicodedata.normalize("NFKD", plain)
    ascii_text = "".join(char for char in decomposed if not unicodedata.combining(char)).lower()
    result = re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")
    if not result:
        raise ValueError(f"no letter or digit to make a slug from: {text!r}")
    return f"{result}-0" if result in _RESERVED_NAMES else result


def sort_key(text: str) -> SortKey:
    """Key for Vietnamese alphabetical order, for ``sorted(names, key=sort_key)``.

    Letters first (a ă â b c d đ e ê … o ô ơ … u ư …), then tones (ngang, huyền, hỏi, ngã, sắc,
    nặng), then case (small before capital). Blanks and signs come before digits, digits before
    letters. This is the order of the Unicode locale data (CLDR) for Vietnamese.

    Parameters
    ----------
    text : str

    Returns
    -------
    tuple
        Comparable with other keys of this function.
    """
    primary: list[tuple[int, int]] = []
    tones: list[int] = []
    cases: list[int] = []
    for base, marks in _clusters(text):
        lower = base.lower()
        letter_mark = "".join(mark for mark in marks if mark in _LETTER_MARKS)
        letter = unicodedata.normalize("NFC", lower + letter_mark)
        primary.append(_primary_weight(letter, lower))
        tones.append(max((_TONE_RANK.get(mark, 6) for mark in marks - _LETTER_MARKS), default=0))
        cases.append(int(base != lower))
    return tuple(primary), tuple(tones), tuple(cases), nfc(text)


def _clusters(text: str) -> list[tuple[str, frozenset[str]]]:
    """Split text into base characters, each with its combining marks."""
    result: list[tuple[str, frozenset[str]]] = []
    for char in unicodedata.normalize("NFD", text.translate(D_VARIANTS)):
        if unicodedata.combining(char) and result:
            base, marks = result[-1]
            result[-1] = (base, marks | {char})
        else:
            result.append((char, frozenset()))
    return result


def _primary_weight(letter: str, base: str) -> tuple[int, int]:
    """Weight that decides first: signs, digits, Vietnamese letters, then other letters."""
    rank = _LETTER_RANK.get(letter, _LETTER_RANK.get(base))
    if rank is not None:
        return 2, rank
    if base.isdigit():
        return 1, ord(base)
    return (3, ord(base[0])) if base.isalpha() else (0, ord(base[0]))


def format_number(value: Number, decimals: int = 1, lang: str = "vi") -> str:
    """Number with the separators of the language: ``1.234,5`` (vi), ``1,234.5`` (en).

    Halves are rounded away from zero, as spreadsheets do, so a page and a workbook agree.

    Parameters
    ----------
    value : number or None
        Missing (None, NaN, NA) gives an em dash.
    decimals : int
        Digits after the decimal separator, 0 or more.
    lang : {"vi", "en"}

    Returns
    -------
    str

    Raises
    ------
    ValueError
        For an unknown language or negative ``decimals``.
    """
    locale = locale_of(lang)
    if decimals < 0:
        raise ValueError(f"decimals must be 0 or more, found {decimals}")
    if is_missing(value):
        return MISSING
    assert value is not None
    if math.isinf(float(value)):
        return "∞" if float(value) > 0 else "-∞"
    return f"{_round(value, decimals):,f}".translate(_separators(locale))


def format_count(value: Number, lang: str = "vi") -> str:
    """Whole number with thousands separators: ``1.234.567`` (vi), ``1,234,567`` (en)."""
    return format_number(value, 0, lang)


def format_percent(value: Number, decimals: int = 1, lang: str = "vi") -> str:
    """Percentage on the 0-100 scale with its sign: ``85,5%`` (vi), ``85.5%`` (en).

    Parameters
    ----------
    value : number or None
        Percent, 0-100 (never a fraction of one); missing gives an em dash.
    decimals : int
        Digits after the decimal separator.
    lang : {"vi", "en"}

    Returns
    -------
    str

    Raises
    ------
    ValueError
        As :func:`format_number`.
    """
    text = format_number(value, decimals, lang)
    return text if text == MISSING else f"{text}%"


def format_points(
    value: Number, unit: str, decimals: int = 1, lang: str = "vi", *, signed: bool = True
) -> str:
    """Difference of two percentages with the word for its unit: ``+1,2 điểm %``.

    Parameters
    ----------
    value : number or None
        Percentage points; missing gives an em dash.
    unit : str
        The word in the reader's language, from the message catalogue.
    decimals : int
        Digits after the decimal separator.
    lang : {"vi", "en"}
    signed : bool
        Write ``+`` before a value that is still above zero after rounding.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        As :func:`format_number`.
    """
    text = format_number(value, decimals, lang)
    if text == MISSING:
        return text
    assert value is not None
    above_zero = math.isinf(float(value)) or _round(value, decimals) > 0
    plus = "+" if signed and float(value) > 0 and above_zero else ""
    return f"{plus}{text} {unit}"


def format_date(when: date | None, lang: str = "vi") -> str:
    """Day as text: ``05/12/2025`` (vi), ``5 December 2025`` (en); missing gives an em dash.

    The first of all days is what stands for none where there are no figures: it is missing too.

    Raises
    ------
    ValueError
        For an unknown language.
    """
    locale = locale_of(lang)
    if when is None or is_missing(when) or when == date.min:
        return MISSING
    return _dated(when, DATE_PATTERNS[lang], locale)


def format_period(text: str | int | None, lang: str = "vi") -> str:
    """Period as text: ``Quý II/2024``, ``tháng 6/2024`` (vi); ``Q2 2024``, ``June 2024`` (en).

    Parameters
    ----------
    text : str, int or None
        A period of :func:`kts_analysis.periods.parse_period`; missing gives an em dash.
    lang : {"vi", "en"}

    Returns
    -------
    str

    Raises
    ------
    ValueError
        For an unknown language or a text that is no period.
    """
    locale = locale_of(lang)
    if text is None or text == "" or is_missing(text):
        return MISSING
    period = parse_period(text)
    year, month = period.year, period.end.month
    if period.kind == "year":
        return str(year)
    if period.kind == "day":
        return format_date(period.end, lang)
    if period.kind == "half":
        half = month // 6
        names = ("6 tháng đầu năm", "6 tháng cuối năm"), ("first half of", "second half of")
        return f"{names[lang != 'vi'][half - 1]} {year}"
    if period.kind == "quarter":
        quarter = month // 3
        return f"Quý {_QUARTERS[quarter - 1]}/{year}" if lang == "vi" else f"Q{quarter} {year}"
    if lang == "vi":
        return f"tháng {month}/{year}"
    return _dated(period.end, "MMMM yyyy", locale)


@cache
def _separators(locale: str) -> dict[int, str]:
    """Return the locale's signs for Python's own comma (thousands) and point (decimals)."""
    from babel import numbers

    comma, point = numbers.get_group_symbol(locale), numbers.get_decimal_symbol(locale)
    return str.maketrans({",": comma, ".": point})


@lru_cache(maxsize=4096)
def _dated(when: date, pattern: str, locale: str) -> str:
    from babel import dates

    return dates.format_date(when, format=pattern, locale=locale)


def is_missing(value: object) -> bool:
    """Tell whether a cell is missing: None, NaN, or pandas' NA and NaT."""
    return value is None or str(value) in {"nan", "<NA>", "NaT"}


def locale_of(lang: str) -> str:
    """Locale identifier of a language; ValueError naming the languages when it is unknown."""
    if lang not in LOCALES:
        raise ValueError(f"unknown language {lang!r}; choose one of {', '.join(LOCALES)}")
    return LOCALES[lang]


def _round(value: SupportsFloat, decimals: int) -> Decimal:
    """Round the shortest decimal text of the number, so that 2.675 is 2.68 as printed."""
    number = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return abs(number) if number == 0 else number  # no "-0,0"
