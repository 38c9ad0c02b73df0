"""One cell that names a period: text, a date cell, a year or an Excel serial.

Dates are day/month/year, as written in Vietnam. A period without its year takes the year the
caller knows, or stays unread.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, datetime, timedelta

from kts_analysis.ingest.period_text import FIRST_YEAR, LAST_YEAR, moment_in, read_period_text
from kts_analysis.ingest.period_text import TROUBLES as TROUBLES
from kts_analysis.ingest.period_text import Moment as Moment
from kts_analysis.ingest.words import MAX_LENGTH, clean, format_signs

# Excel counts days from here, for it holds 1900 for a leap year (right from 1 March 1900 on).
_SERIAL_ZERO = date(1899, 12, 30)


def read_period(
    raw: object,
    *,
    default_year: int | None = None,
    serial: bool = False,
    number_format: str = "",
) -> Moment:
    """Read a cell that names a period.

    Parameters
    ----------
    raw : str, int, float, bool, date, datetime or None
        What a workbook holds.
    default_year : int, optional
        The year of a period that names none (``6 tháng đầu năm``, ``Quý II``, ``30/6``).
    serial : bool
        A number can be an Excel date serial of the 1900 system (45473 is 2024-06-30). Years
        1990-2100 and serials of days in them are different numbers.
    number_format : str
        The cell's Excel number format. Excel makes the first of the month of a typed ``4/2024``:
        a date cell shows a month, or a year, when its format shows no day. Without a format the
        first of a month can be either, and both readings are returned.

    Returns
    -------
    Moment
        Never raises; what cannot be read has a `trouble`.
    """
    if raw is None:
        return Moment(trouble="blank")
    if isinstance(raw, bool):
        return Moment(trouble="boolean", text=str(raw))
    if isinstance(raw, date):
        return _read_date(raw, number_format)
    if isinstance(raw, int | float):
        return _read_number(raw, serial)
    text = str(raw)
    if len(text) > MAX_LENGTH:
        return Moment(trouble="too_long", text=clean(text[:MAX_LENGTH]))
    return read_period_text(text, default_year)


def _read_date(raw: date, number_format: str) -> Moment:
    """Read a date cell as finely as its format shows it."""
    day = date(raw.year, raw.month, raw.day)
    text = raw.isoformat(sep=" ") if isinstance(raw, datetime) else day.isoformat()
    month = f"{day.year}-{day.month:02}"
    shown = format_signs(number_format).lower()
    finest = (("d", day.isoformat()), ("m", month), ("y", str(day.year)))
    form = next((form for sign, form in finest if sign in shown), "")
    found = replace(moment_in(day.year, form or day.isoformat()), text=text)
    if form or day.day > 1 or found.trouble:
        return found
    return replace(found, period="", readings=(day.isoformat(), month))


def _read_number(raw: int | float, serial: bool) -> Moment:
    if isinstance(raw, int) and raw.bit_length() > MAX_LENGTH:
        return Moment(trouble="too_long")
    if math.isnan(raw):
        return Moment(trouble="blank")
    text = str(raw)
    day = _day_of_serial(raw) if serial else None
    if day is not None:
        return Moment(day.isoformat(), text=text)
    if 0 <= raw < 10_000 and raw == int(raw):
        return replace(read_period_text(str(int(raw))), text=text)
    return Moment(trouble="not_a_period", text=text)


def _day_of_serial(serial: float) -> date | None:
    """Return the day of an Excel serial (a part of a day is its time), if in the years read."""
    first = (date(FIRST_YEAR, 1, 1) - _SERIAL_ZERO).days
    last = (date(LAST_YEAR, 12, 31) - _SERIAL_ZERO).days
    return _SERIAL_ZERO + timedelta(days=int(serial)) if first <= serial < last + 1 else None
