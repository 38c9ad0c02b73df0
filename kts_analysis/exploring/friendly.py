"""Errors as a sentence: what a planner reads in place of forty lines of a traceback."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any

from kts_analysis.errors import KtsError
from kts_analysis.i18n import Messages, spoken


def sentence(error: BaseException, m: Messages) -> str:
    """Return an error in words: what to do about it, or where the whole of it can be seen."""
    if isinstance(error, KtsError):
        return error.text(m)
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    found = str(error).strip().splitlines()
    detail = f"{type(error).__name__}: {found[0]}" if found else type(error).__name__
    return m(
        "Something went wrong that nobody foresaw: {detail}. To see all of it, run %tb in a cell "
        "and send it to those who look after the program.",
        detail=detail,
    )


def remember(error: BaseException) -> None:
    """Keep an error for ``%tb``."""
    sys.last_type, sys.last_value = type(error), error
    sys.last_traceback = error.__traceback__


def friendly_errors(lang: str = "") -> None:
    """Let this notebook say errors as a sentence; the cell still fails and those after it wait.

    ``%tb`` shows the whole of the last error. Outside of a notebook nothing changes.

    Parameters
    ----------
    lang : {"vi", "en", ""}
        Empty: the language ``kts lab`` was started in.
    """
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    if shell is None:
        return
    m = Messages(spoken(lang))

    def say(
        shell: Any,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
        tb_offset: int | None = None,
    ) -> list[str]:
        remember(error)
        lines = [sentence(error, m)]
        shell._showtraceback(kind, error, lines)
        return lines

    shell.set_custom_exc((Exception,), say)
