"""What every schedule needs: when, which command, where, for how long at most."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_

NAME = "kts-run"  # of the unit, the file and the task
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LAST_DAY_OF_EVERY_MONTH = 28
ANOTHER_RUN = 3  # exit code of `kts run` when another run holds the lock: no failure
STOPPED = 143  # ended from outside, in good order


@dataclass(frozen=True)
class When:
    """A time of day and the days it holds for, by the machine's clock.

    Attributes
    ----------
    hour, minute : int
    weekdays : tuple of int
        0 is Monday; empty: no weekday is asked for.
    month_day : int, optional
        1 to 28; never together with `weekdays`.
    """

    hour: int
    minute: int
    weekdays: tuple[int, ...] = ()
    month_day: int | None = None


@dataclass(frozen=True)
class Job:
    """A `kts run` to be started by a timer.

    Attributes
    ----------
    python : str
        Full path of the Python that has the package.
    arguments : tuple of str
        What comes after it, ``-m kts_analysis run …``; paths are absolute.
    folder : str
        Working directory, absolute.
    when : When
    minutes : int
        Longest time a run may take.
    system : bool
        For the machine (nobody need be signed in), not for the user's own session.
    user : str
        Whose rights it runs with when `system`.
    zone : str
        Time zone of `when` (``Asia/Ho_Chi_Minh``); empty: the machine's.
    tools : dict
        Full paths by name of what a cron line uses where it exists: nice, ionice, timeout.
    """

    python: str
    arguments: tuple[str, ...]
    folder: str
    when: When
    minutes: int
    system: bool = False
    user: str = ""
    zone: str = ""
    tools: dict[str, str] = field(default_factory=dict)

    @property
    def command(self) -> list[str]:
        """The program and its arguments."""
        return [self.python, *self.arguments]


@dataclass(frozen=True)
class Step:
    """One sentence of the explanation, and what to type for it (may be empty)."""

    text: str
    command: str = ""


def parse_when(at: str, days: str) -> When:
    """Return when to run.

    Parameters
    ----------
    at : str
        ``06:30``, 24 hours.
    days : str
        ``daily``, ``mon-fri``, ``mon,thu``, ``weekly:mon`` or ``monthly:1``.

    Raises
    ------
    KtsError
        Not of that form, or a day of the month that some month lacks.
    """
    time = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", at.strip())
    if time is None:
        raise KtsError(N_("{found} is not a time of day like 06:30"), found=at)
    hour, minute = int(time[1]), int(time[2])
    text = days.strip().lower()
    if text == "daily":
        return When(hour, minute)
    kind, _, rest = text.rpartition(":")
    if kind == "monthly" and re.fullmatch("[0-9]{1,2}", rest):
        if not 1 <= int(rest) <= LAST_DAY_OF_EVERY_MONTH:
            raise KtsError(
                N_("{found}: choose a day from 1 to 28, which every month has"), found=days
            )
        return When(hour, minute, month_day=int(rest))
    weekdays = _weekdays(rest) if kind in ("", "weekly") else None
    if weekdays is None:
        raise KtsError(
            N_("{found} is none of daily, mon-fri, mon,thu, weekly:mon, monthly:1"), found=days
        )
    return When(hour, minute, weekdays)


def _weekdays(text: str) -> tuple[int, ...] | None:
    """Return the numbers of ``mon,wed-fri`` in order, None when they are not days."""
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        ends = (first, last) if dash else (first, first)
        if not set(ends) <= set(WEEKDAYS):
            return None
        start, end = (WEEKDAYS.index(name) for name in ends)
        if start > end:
            return None
        found.update(range(start, end + 1))
    return tuple(sorted(found))


def check_texts(texts: Iterable[str]) -> None:
    """Refuse what no schedule can carry: line breaks, control characters, broken Unicode.

    Raises
    ------
    KtsError
        Names the text.
    """
    for text in texts:
        if any(_unwritable(character) for character in text):
            raise KtsError(
                N_("a schedule cannot carry the control characters in {found}"), found=repr(text)
            )


def _unwritable(character: str) -> bool:
    """Return whether a character is a control, a lone surrogate or a Unicode noncharacter."""
    code = ord(character)
    nothing = 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE
    return nothing or unicodedata.category(character) in ("Cc", "Cs")
