"""Reading what ``kts allocate`` is asked for: targets, caps, fixed targets, denominators."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_

if TYPE_CHECKING:
    from kts_analysis.allocation.methods import Way
    from kts_analysis.allocation.parts import Goal

EVERY_WAY = "all"
_NUMBER = re.compile(r"[0-9]+([.,][0-9]+)?")


def number_in(text: str) -> float:
    """Return the number of ``85``, ``85.5`` or ``85,5``.

    Raises
    ------
    KtsError
        It is none; a thousands separator is none either, since "1.234" could be both.
    """
    if not _NUMBER.fullmatch(text.strip()):
        raise KtsError(N_("{found} is not a number like 85.5"), found=text)
    return float(text.strip().replace(",", "."))


def goal_in(text: str) -> Goal:
    """Return the goal of ``85``, ``>=85`` (both: at least 85) or ``>85`` (above 85).

    Raises
    ------
    KtsError
        Not a percentage above 0, at most 100.
    """
    from kts_analysis.allocation.parts import Goal

    bare = text.strip()
    comparator = next((sign for sign in (">=", ">") if bare.startswith(sign)), "")
    value = number_in(bare.removeprefix(comparator))
    if not 0 < value <= 100:
        raise KtsError(N_("{found} is not a percentage above 0, at most 100"), found=text)
    return Goal(value, comparator or ">=")


def values_in(texts: list[str] | None) -> dict[str, float]:
    """Return the numbers by area code of ``356=95``, given any number of times.

    Raises
    ------
    KtsError
        Not of that form, or one area twice.
    """
    found: dict[str, float] = {}
    for text in texts or []:
        code, sign, value = (part.strip() for part in text.partition("="))
        if not (code and sign):
            raise KtsError(N_("{found} is not of the form 356=95"), found=text)
        if code in found:
            raise KtsError(N_("area {code} is given twice"), code=code)
        found[code] = number_in(value)
    return found


def ways_in(text: str) -> Sequence[Way]:
    """Return the methods named by ``--method``.

    Raises
    ------
    KtsError
        There is no such method.
    """
    from kts_analysis.allocation.methods import WAYS

    chosen = [way for way in WAYS if text in (way, EVERY_WAY)]
    if not chosen:
        known = ", ".join([*WAYS, EVERY_WAY])
        raise KtsError(N_("unknown method {found}; choose of {known}"), found=text, known=known)
    return chosen
