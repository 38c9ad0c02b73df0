"""Periods of observation and their place on a yearly time axis (pure standard library).

A period is written in one of five ISO-like forms: ``2024`` (year), ``2024-H1`` (half year),
``2024-Q2`` (quarter), ``2024-06`` (month) and ``2024-06-30`` (day). A stock stands at the last day
of its period.
"""

from __future__ import annotations

import calendar
import math
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal

PeriodKind = Literal["year", "half", "quarter", "month", "day"]

ACCEPTED_FORMS = "2024, 2024-H1, 2024-Q2, 2024-06 or 2024-06-30 (years 1900 to 2199)"

_PERIOD = re.compile(
    r"(?P<year>(?:19|20|21)[0-9]{2})"
    r"(?:-(?:H(?P<half>[12])|Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])(?:-(?P<day>[0-3][0-9]))?))?"
)


@dataclass(frozen=True, order=True)
class Period:
    """A parsed period: its first and last day, its kind and the text it came from.

    Attributes
    ----------
    start, end : datetime.date
        First and last day, both inside the period.
    kind : {"year", "half", "quarter", "month", "day"}
        How fine the period is.
    text : str
        The canonical text, for example ``2024-Q2``.
    """

    start: date
    end: date
    kind: PeriodKind
    text: str

    @property
    def year(self) -> int:
        """Calendar year of the period."""
        return self.start.year


def parse_period(text: str | int) -> Period:
    """Read a period.

    Parameters
    ----------
    text : str or int
        ``2024``, ``2024-Q2``, ``2024-06`` or ``2024-06-30``; surrounding blanks are allowed.

    Returns
    -------
    Period

    Raises
    ------
    ValueError
        When the text is in none of the accepted forms or the day does not exist; the message
        gives the text found and the accepted forms.
    """
    return _parse(text)


@lru_cache(maxsize=4096, typed=True)
def _parse(text: str | int) -> Period:
    cleaned = str(text).strip()
    match = _PERIOD.fullmatch(cleaned)
    if match is None:
        raise ValueError(f"not a period: {text!r}; write {ACCEPTED_FORMS}")
    year = int(match["year"])
    if match["day"]:
        try:
            day = date(year, int(match["month"]), int(match["day"]))
        except ValueError as error:
            raise ValueError(
                f"no such day in the calendar: {text!r}; write {ACCEPTED_FORMS}"
            ) from error
        return Period(day, day, "day", cleaned)
    if match["month"]:
        month = int(match["month"])
        return Period(date(year, month, 1), _last_day(year, month), "month", cleaned)
    if match["half"]:
        last_month = 6 * int(match["half"])
        first = date(year, last_month - 5, 1)
        return Period(first, _last_day(year, last_month), "half", cleaned)
    if match["quarter"]:
        last_month = 3 * int(match["quarter"])
        return Period(
            date(year, last_month - 2, 1), _last_day(year, last_month), "quarter", cleaned
        )
    return Period(date(year, 1, 1), date(year, 12, 31), "year", cleaned)


def period_start(text: str | int) -> date:
    """First day of a period: ``2024-Q2`` gives 2024-04-01. Raises as :func:`parse_period`."""
    return parse_period(text).start


def period_end(text: str | int) -> date:
    """Last day of a period: ``2024-Q2`` gives 2024-06-30. Raises as :func:`parse_period`."""
    return parse_period(text).end


def parse_partial_date(value: str | int | date) -> date:
    """Read a date that may lack its day or month; the last day of what is given counts.

    Used for deadlines and as-of dates: ``2025`` means 31 December 2025.

    Parameters
    ----------
    value : str, int or datetime.date
        A period text, a year, or a date (returned unchanged, without its time).

    Returns
    -------
    datetime.date

    Raises
    ------
    ValueError
        As :func:`parse_period`.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return period_end(value)


def year_position(when: date) -> float:
    """Place of a day's end on the yearly axis, in years.

    The decimal year of the following day, minus one, so that a year-end stock sits exactly on
    its year: 2024-12-31 is 2024.0 and 2024-06-30 is about 2023.5.

    Parameters
    ----------
    when : datetime.date

    Returns
    -------
    float
        Position in years.
    """
    return _position(date(when.year, when.month, when.day))


@lru_cache(maxsize=4096)
def _position(when: date) -> float:
    following = when + timedelta(days=1)
    first = date(following.year, 1, 1)
    return following.year - 1 + (following - first).days / _days_in(following.year)


def date_at(position: float) -> date:
    """Day nearest to a position on the yearly axis; the inverse of :func:`year_position`.

    Parameters
    ----------
    position : float
        Position in years; 2024.0 is 2024-12-31.

    Returns
    -------
    datetime.date

    Raises
    ------
    ValueError
        When the position is not finite or lies outside the calendar (years 1 to 9998).
    """
    if not math.isfinite(position) or not 1 <= position < 9998:
        raise ValueError(f"no date at position {position!r}; give a year between 1 and 9998")
    year = math.floor(position) + 1
    days = round((position + 1 - year) * _days_in(year))
    return date(year, 1, 1) + timedelta(days=days - 1)


def _days_in(year: int) -> int:
    return 366 if calendar.isleap(year) else 365


def _last_day(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])
