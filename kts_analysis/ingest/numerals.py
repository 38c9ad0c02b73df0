"""Digits with separators: which numbers they can mean, exactly."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal

NUMERAL = r"[0-9](?:[0-9]|[.,](?=[0-9])| (?=[0-9]{3}(?![0-9])))*"
DECIMALS = 10  # as many as an observation file takes; further ones are artefacts of binary floats

_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:[.,][0-9]{3})+|[1-9][0-9]{0,2}(?: [0-9]{3})+")
_PLAIN = re.compile(r"[0-9]+(?:[.,][0-9]+)?")


def numeral_readings(text: str, power: int = 0) -> tuple[Decimal, ...]:
    """Return the numbers that digits with separators can mean.

    A blank separates thousands only. A point or a comma separates decimals, unless it stands more
    than once or before the other sign: then thousands. One point or comma followed by just three
    digits, after one to three digits that do not begin with 0, can be either.

    Parameters
    ----------
    text : str
        What `NUMERAL` matches.
    power : int
        The number is multiplied by ten to this power, exactly.

    Returns
    -------
    tuple of Decimal
        One number; two (thousands first) for ``1.234``; none when the groups are not those of a
        number (``12.34.56``).
    """
    whole, decimals = _parts(text)
    if not whole:
        return ()
    sure = _exact(whole, decimals, power)
    if _ambiguous(text):
        return _exact(whole + decimals, "", power), sure
    return (sure,)


def _parts(text: str) -> tuple[str, str]:
    """Return digits before and after the decimal sign, read as decimal where both can be."""
    if _PLAIN.fullmatch(text):
        whole, _, decimals = text.replace(",", ".").partition(".")
        return whole, decimals
    last = max(text.rfind("."), text.rfind(","))
    head, sign, tail = text[:last], text[last : last + 1], text[last + 1 :]
    if last >= 0 and sign not in head and " " not in tail and _same_groups(head):
        return _digits(head), tail
    return (_digits(text), "") if _same_groups(text) else ("", "")


def _same_groups(text: str) -> bool:
    return _GROUPED.fullmatch(text) is not None and len(set(text) - set("0123456789")) == 1


def _digits(text: str) -> str:
    return re.sub("[., ]", "", text)


def _ambiguous(text: str) -> bool:
    return len(re.findall("[., ]", text)) == 1 and " " not in text and _same_groups(text)


def _exact(whole: str, decimals: str, power: int) -> Decimal:
    """Return the number exactly, with no zeros folded into an exponent (1200000, not 1.2E+6)."""
    return Decimal(format(Decimal(f"{whole}.{decimals}E{power}"), "f"))


def typed_number(raw: int | float, power: int = 0) -> Decimal:
    """Return the number of a number cell: its shortest decimal text, to ten decimals.

    Parameters
    ----------
    raw : int or float
        Finite.
    power : int
        The number is multiplied by ten to this power (2 for a percent format).
    """
    if isinstance(raw, int):
        return _exact(str(raw), "", power)
    number = Decimal(repr(float(raw))).scaleb(power)  # 17 digits at most: nothing is rounded
    if int(number.as_tuple().exponent) < -DECIMALS:
        number = number.quantize(Decimal(1).scaleb(-DECIMALS), rounding=ROUND_HALF_EVEN)
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return Decimal("0" if text == "-0" else text)
