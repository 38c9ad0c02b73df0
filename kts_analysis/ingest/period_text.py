"""A text that names a period, read into the forms of `kts_analysis.periods`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from kts_analysis.ingest.words import clean, fold, plain_dashes, strip_notes
from kts_analysis.periods import parse_period

FIRST_YEAR, LAST_YEAR = 1990, 2100
TROUBLES = (
    "blank",
    "not_a_period",
    "no_year",  # a period of no particular year
    "short_year",  # two digits
    "year_out_of_range",
    "no_such_month",
    "no_such_day",
    "month_first",  # 12/31/2024: only American order makes a day of it
    "cumulative_months",  # January to some month, which no single period here is
    "school_year",
    "several_periods",
    "aim",  # the year of a plan, a target or a forecast: no observation
    "boolean",
    "too_long",
)

_PRELIMINARY = re.compile(
    r"\b(?:uoc thuc hien|uoc tinh|uoc dat|uoc th|uoc|uth|du uoc|so bo|sb|tam tinh|prel)\b\.?"
)
_AIM = re.compile(r"\b(?:ke hoach|kh|muc tieu|chi tieu|phan dau|du kien)\b|^den nam ")
_SCHOOL_YEAR = re.compile(r"\b(?:nam hoc|nh) ")
# Words before a period that change nothing in it: "tính đến hết ngày 30/6/2024".
_LEAD = re.compile(
    r"(?:tinh den|den|het|ngay|thoi diem|tai|trong|cuoi|ky bao cao|ky|so lieu|ket qua|thuc hien"
    r"|th|ca|bao cao)[ :]+"
)
_ANY_YEAR = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
_SHORT_YEAR = re.compile(r"(?:^|.*[^0-9])[0-9]{2}")

_YEAR = r"(?P<year>[0-9]{4})"
_GAP = r"(?: ?[/.,-] ?| )(?:nam )?"  # between a number and the year
_OPEN_GAP = r" ?[/.,-]? ?(?:nam )?"  # behind a letter nothing need stand
_LATER = rf"(?:{_GAP}{_YEAR})?"
_FORMS: Mapping[str, tuple[re.Pattern[str], ...]] = MappingProxyType(
    {
        "year": (re.compile(rf"(?:nam )?{_YEAR}"),),
        "quarter": (
            re.compile(rf"(?:quy|q)[ .]*0?(?P<quarter>[1-4]){_LATER}"),
            re.compile(rf"(?:quy|q)[ .]*(?P<quarter>i{{1,3}}|iv)(?:{_OPEN_GAP}{_YEAR})?"),
            re.compile(rf"(?P<quarter>i{{1,3}}|iv){_GAP}{_YEAR}"),
            re.compile(rf"{_YEAR}[ /-]?q[ .]?(?P<quarter>[1-4])"),
        ),
        "half": (
            re.compile(rf"h(?P<half>[12]){_GAP}{_YEAR}"),
            re.compile(rf"{_YEAR}[ /-]?h(?P<half>[12])"),
            re.compile(rf"nua (?P<half>dau|cuoi)(?: nam)?(?:{_OPEN_GAP}{_YEAR})?"),
        ),
        "months": (
            re.compile(
                r"(?P<months>0?[1-9]|1[0-2]|ba|sau|chin) ?(?:thang|t)"
                rf"(?: (?P<part>dau|cuoi)(?: nam)?)?(?:{_OPEN_GAP}{_YEAR})?"
            ),
        ),
        "day": (
            re.compile(
                rf"(?P<day>[0-9]{{1,2}})(?P<sign>[/.-])(?P<month>[0-9]{{1,2}})(?P=sign){_YEAR}"
            ),
            re.compile(
                rf"{_YEAR}(?P<sign>[/.-])(?P<month>[0-9]{{1,2}})(?P=sign)(?P<day>[0-9]{{1,2}})"
            ),
            re.compile(rf"(?P<day>[0-9]{{1,2}}) thang (?P<month>[0-9]{{1,2}}){_LATER}"),
            re.compile(r"(?P<day>[0-9]{1,2})/(?P<month>[0-9]{1,2})"),
        ),
        "month": (
            re.compile(rf"(?:thang|t)[ .]*(?P<month>[0-9]{{1,2}}){_LATER}"),
            re.compile(rf"(?P<month>[0-9]{{1,2}}) ?[/.-] ?{_YEAR}"),
            re.compile(rf"{_YEAR} ?[/.-] ?(?P<month>[0-9]{{1,2}})"),
        ),
    }
)
_CLOCK = re.compile(r"[ t][0-9]{2}:[0-9]{2}(?::[0-9.]+)?$")
_ROMAN: Mapping[str, int] = MappingProxyType({"i": 1, "ii": 2, "iii": 3, "iv": 4})
_ROMAN_SIGNS = str.maketrans({"ⅰ": "i", "ⅱ": "ii", "ⅲ": "iii", "ⅳ": "iv"})
_HALVES: Mapping[str, int] = MappingProxyType({"dau": 1, "cuoi": 2})
_SPELLED: Mapping[str, int] = MappingProxyType({"ba": 3, "sau": 6, "chin": 9})
# Months from January, or to December, that are a period of their own.
_WHOLE: Mapping[tuple[int, str], str] = MappingProxyType(
    {
        (3, "dau"): "-Q1",
        (6, "dau"): "-H1",
        (6, ""): "-H1",
        (12, ""): "",
        (3, "cuoi"): "-Q4",
        (6, "cuoi"): "-H2",
    }
)


@dataclass(frozen=True)
class Moment:
    """What a cell says of time. Just one of `period`, `readings` and `trouble` is filled.

    Attributes
    ----------
    period : str
        2024, 2024-H1, 2024-Q2, 2024-06 or 2024-06-30.
    readings : tuple of str
        The periods it can mean, when it can mean several.
    preliminary : bool
        It says ước, sơ bộ or tạm tính: the figures under it are not final.
    trouble : str
        "" or one of `TROUBLES`.
    months, year : int
        For "cumulative_months": January to this month, of this year (0: none known).
    text : str
        The cell's text, cleaned.
    """

    period: str = ""
    readings: tuple[str, ...] = ()
    preliminary: bool = False
    trouble: str = ""
    months: int = 0
    year: int = 0
    text: str = ""


def read_period_text(raw: str, default_year: int | None = None) -> Moment:
    """Read a text that names a period; see `kts_analysis.ingest.moments.read_period`."""
    text = clean(raw)
    folded = fold(plain_dashes(strip_notes(text))).translate(_ROMAN_SIGNS)
    bare = _PRELIMINARY.sub(" ", folded)
    found = _read_bare(_tidy(bare), default_year) if text else Moment(trouble="blank")
    return replace(found, preliminary=bare != folded, text=text)


def moment_in(year: int, period: str) -> Moment:
    """Return a period if its year is one that figures can be of."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return Moment(trouble="year_out_of_range")
    return Moment(period)


def _tidy(folded: str) -> str:
    return " ".join(folded.replace("(", " ").replace(")", " ").split()).strip(" .,;:-")


def _read_bare(text: str, default_year: int | None) -> Moment:
    """Read a folded text from which words of preliminary figures are gone."""
    if _SCHOOL_YEAR.search(text):
        return Moment(trouble="school_year")
    if _AIM.search(text):
        return Moment(trouble="aim")
    years = _ANY_YEAR.findall(text)
    if len(years) > 1:
        return Moment(trouble="several_periods")
    text = _CLOCK.sub("", text)
    while lead := _LEAD.match(text):
        text = text[lead.end() :]
    for kind, patterns in _FORMS.items():
        for pattern in patterns:
            match = pattern.fullmatch(text)
            if match:
                return _moment_of(kind, match.groupdict(), default_year)
    short = not years and _SHORT_YEAR.fullmatch(text)
    return Moment(trouble="short_year" if short else "not_a_period")


def _moment_of(kind: str, parts: dict[str, str | None], default_year: int | None) -> Moment:
    """Return the period of a text in one of the known forms."""
    named = parts.get("year")
    if named is None and kind == "day" and int(parts["month"] or 0) > 12:
        return Moment(trouble="short_year")  # 6/24 is a month of '24, not a day
    year = default_year if named is None else int(named)
    if year is None:
        return Moment(trouble="no_year")
    if kind == "months":
        return _months_of(parts, year)
    if kind in ("day", "month"):
        return _calendar_of(parts, year)
    if kind == "half":
        number = parts["half"] or ""
        return moment_in(year, f"{year}-H{_HALVES.get(number, number)}")
    if kind == "quarter":
        number = parts["quarter"] or ""
        return moment_in(year, f"{year}-Q{_ROMAN.get(number, number)}")
    return moment_in(year, str(year))


def _months_of(parts: dict[str, str | None], year: int) -> Moment:
    """Return the period of so many months of a year, where it is one."""
    number, part = parts["months"] or "", parts["part"] or ""
    months = _SPELLED[number] if number in _SPELLED else int(number)
    whole = _WHOLE.get((months, part))
    if whole is not None:
        return moment_in(year, f"{year}{whole}")
    if part == "cuoi":
        return Moment(trouble="not_a_period")
    found = moment_in(year, "")
    return found if found.trouble else Moment(trouble="cumulative_months", months=months, year=year)


def _calendar_of(parts: dict[str, str | None], year: int) -> Moment:
    """Return a month or a day, if the calendar has it."""
    month, day = int(parts["month"] or 0), parts.get("day")
    if day is None:
        inside = 1 <= month <= 12
        return moment_in(year, f"{year}-{month:02}") if inside else Moment(trouble="no_such_month")
    found = moment_in(year, f"{year}-{month:02}-{int(day):02}")
    if found.trouble:
        return found
    try:
        parse_period(found.period)
    except ValueError:
        swapped = 1 <= int(day) <= 12 < month <= 31
        return Moment(trouble="month_first" if swapped else "no_such_day")
    return found
