"""One cell of figures, read as an official meant it, or a word on why it cannot be.

Signs of missing figures: the explanations printed in the statistical yearbooks ("-" nil, "…" not
available). What can mean two numbers stays two numbers; nothing here chooses between them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Literal

from kts_analysis.ingest.number_text import read_figure
from kts_analysis.ingest.number_words import ERROR_VALUES, Missing, missing_words
from kts_analysis.ingest.numerals import typed_number
from kts_analysis.ingest.words import (
    MAX_LENGTH,
    clean,
    fold,
    format_signs,
    plain_dashes,
    strip_notes,
)

Scale = Literal["percent", "fraction", "mixed", "unknown"]

TROUBLES = (
    "not_a_number",  # no number in it
    "other_words",  # a number among words or signs that may change its meaning
    "bad_grouping",  # separators that make no number: 12.34.56
    "two_numbers",
    "range",  # 80-85%
    "share_of_plan",  # 90% of a plan, not 90% of what the column counts
    "aim",  # a planned or expected figure, not an observed one
    "change",  # up or down by so much, not a level
    "date_in_number_cell",
    "error_value",  # #DIV/0!
    "formula_text",  # a formula where its result should be
    "boolean",
    "too_long",
)
_DATE = re.compile(
    r"(?:ngay )?[0-9]{1,2}([/.-])[0-9]{1,2}\1[0-9]{4}"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[ t][0-9:.]+)?"
)


@dataclass(frozen=True)
class Quantity:
    """What a cell says. Just one of `value`, `readings`, `missing` and `trouble` is filled.

    Attributes
    ----------
    value : Decimal or None
        The number, percent as 0-100, in single units: ``1,2 triệu`` is 1200000. Write it with
        ``format(value, "f")``; ``str`` gives an exponent below 0.000001.
    qualifier : str
        One of `kts_analysis.schema.QUALIFIERS`. Of several the weightiest: bounds, estimate,
        preliminary, about.
    missing : {"", "blank", "nil", "not_available", "not_applicable"}
        Why there is no figure. Nil is what ``-`` means; it is not 0.
    percent : bool
        The cell has a percent sign or a percent format.
    readings : tuple of Decimal
        The numbers it can mean, when it can mean several.
    unit : str
        "", "people", "person-turns", "households", "enterprises", "workers", "subscriptions",
        "accounts", "records" or "money" (đồng): the word behind the number.
    power : int
        Power of ten that the words nghìn (3), triệu (6) and tỷ (9) stand for, already in `value`:
        ``1,2 tỷ đồng`` is 1200000000, unit "money", power 9; ``1,2 tỷ`` the same without unit.
        A column whose heading already counts in tỷ must compare.
    trouble : str
        "" or one of `TROUBLES`.
    text : str
        The cell's text, cleaned.
    resolved : bool
        `resolve` chose the value among several readings.
    """

    value: Decimal | None = None
    qualifier: str = "exact"
    missing: Missing = ""
    percent: bool = False
    readings: tuple[Decimal, ...] = ()
    unit: str = ""
    power: int = 0
    trouble: str = ""
    text: str = ""
    resolved: bool = False


def read_quantity(raw: object, *, number_format: str = "") -> Quantity:
    """Read a cell of figures.

    Parameters
    ----------
    raw : str, int, float, bool, date, datetime or None
        What a workbook holds. A number cell is never ambiguous; NaN is blank.
    number_format : str
        The cell's Excel number format. With a computing % sign a number cell of 0.85 is 85
        percent; with a printed one (``0"%"``) 85 is. Text cells do not heed it.

    Returns
    -------
    Quantity
        Never raises; what cannot be read has a `trouble`.
    """
    if raw is None:
        return Quantity(missing="blank")
    if isinstance(raw, bool):
        return Quantity(trouble="boolean", text=str(raw))
    if isinstance(raw, int | float):
        return _read_number(raw, number_format)
    if isinstance(raw, date | time | timedelta):
        return Quantity(trouble="date_in_number_cell", text=str(raw))
    return _read_text(str(raw))


def resolve(quantity: Quantity, low: float | None, high: float | None) -> Quantity:
    """Return an ambiguous quantity with the one reading that lies within bounds.

    Parameters
    ----------
    quantity : Quantity
    low, high : float or None
        Bounds, both allowed themselves; None bounds nothing.

    Returns
    -------
    Quantity
        With `value` and the mark `resolved` when just one reading fits; else unchanged.
    """
    fitting = [
        reading
        for reading in quantity.readings
        if (low is None or reading >= low) and (high is None or reading <= high)
    ]
    if len(fitting) != 1:
        return quantity
    return replace(quantity, value=fitting[0], readings=(), resolved=True)


def scale_of(quantities: Iterable[Quantity]) -> Scale:
    """Tell whether the bare numbers of a column of shares are percent or fractions of one.

    Numbers without % sign, unit and multiplier are looked at, zeros left out. Those above 1 speak
    for percent, those up to 1 (1 itself too) for fractions, but a percent column may truly hold
    0,8. So:

    - "percent": all are above 1, or all cells carry % signs;
    - "fraction": all are from 0.5 to 1, at least three of them, and no cell carries a % sign. A
      share that has only begun spreads below 0,5 % too;
    - "mixed": some up to 1 beside others above 1 or with % signs. To be asked about;
    - "unknown": anything else, also where one is negative or above 1000.

    Whatever it says is a finding for a person to confirm, not a licence to multiply.
    """
    known = [one for one in quantities if one.value is not None and not one.unit and not one.power]
    marked = any(one.percent and one.value for one in known)
    bare = [one.value for one in known if one.value and not one.percent]
    if any(value < 0 or value > 1000 for value in bare):
        return "unknown"
    small = [value for value in bare if value <= 1]
    if not small:
        return "percent" if bare or marked else "unknown"
    if marked or len(small) < len(bare):
        return "mixed"
    return "fraction" if len(small) >= 3 and min(small) >= Decimal("0.5") else "unknown"


def _read_number(raw: int | float, number_format: str) -> Quantity:
    if isinstance(raw, int) and raw.bit_length() > MAX_LENGTH:
        return Quantity(trouble="too_long")
    text = str(raw)
    if math.isnan(raw):
        return Quantity(missing="blank")
    if math.isinf(raw):
        return Quantity(trouble="not_a_number", text=text)
    computed = "%" in format_signs(number_format)
    value = typed_number(raw, 2 if computed else 0)
    return Quantity(value, percent="%" in number_format.split(";")[0], text=text)


def _read_text(raw: str) -> Quantity:
    if len(raw) > MAX_LENGTH:
        return Quantity(trouble="too_long", text=clean(raw[:MAX_LENGTH]))
    # A line end or a tab parts two figures; a blank may only group digits.
    text = clean(raw)
    lines = [clean(line) for line in raw.replace("\t", "\n").splitlines()]
    parted = plain_dashes(" ; ".join(line for line in lines if line)).lstrip("'’‘`").strip()
    folded = fold(strip_notes(parted))
    if folded.startswith("#"):
        is_error = folded in ERROR_VALUES or set(folded) == {"#"}
        return Quantity(trouble="error_value" if is_error else "not_a_number", text=text)
    if folded.startswith("="):
        return Quantity(trouble="formula_text", text=text)
    reason = _missing_reason(folded)
    if reason:
        return Quantity(missing=reason, text=text)
    if _DATE.fullmatch(folded):
        return Quantity(trouble="date_in_number_cell", text=text)
    figure = read_figure(folded)
    numbers = figure.readings
    return Quantity(
        value=numbers[0] if len(numbers) == 1 else None,
        qualifier=figure.qualifier,
        percent=figure.percent,
        readings=numbers if len(numbers) > 1 else (),
        unit=figure.unit,
        power=figure.power,
        trouble=figure.trouble,
        text=text,
    )


def _missing_reason(folded: str) -> Missing:
    if set(folded) <= set(".…⋯") and folded not in {"", "."}:
        return "not_available"
    return missing_words().get(folded, "")
