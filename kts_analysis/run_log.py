"""The log of unattended runs: one line an event, UTC, UTF-8, bounded in size.

The words of a line are fixed so that it can be searched; they are for operators, not for readers
of reports. A log never stops a run: what cannot be written is said once on stderr.
"""

from __future__ import annotations

import logging
import sys
import time
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Self

from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_

BYTES = 1_000_000  # of one file
OLDER = 4  # files kept beside it: five in all


class RunLog:
    """Where a run says what it does; without a handler it says nothing.

    Parameters
    ----------
    handler : logging.Handler, optional
    """

    def __init__(self, handler: logging.Handler | None = None) -> None:
        # Not from getLogger: no other library's settings reach this log, nor this log theirs.
        self._logger = logging.Logger("kts.run")
        self._handler = handler
        self._logger.addHandler(handler or logging.NullHandler())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def started(self, reports: int) -> None:
        """Log that a run starts, and how many reports it is to make."""
        self._say(logging.INFO, "start", reports=reports)

    def done(self, report: str, seconds: float, *, reused: bool = False) -> None:
        """Log a finished report; `reused`: unchanged since an earlier run."""
        self._say(logging.INFO, "reused" if reused else "done", report=report, seconds=seconds)

    def failed(self, report: str, message: str, *, cell: int | None = None) -> None:
        """Log a report that failed, the cell it failed in and why."""
        self._say(logging.ERROR, "failed", report=report, cell=cell, message=message)

    def refused(self, exit_code: int, message: str) -> None:
        """Log a run that made nothing: bad input (2), another run at work (3)."""
        level = logging.WARNING if exit_code == 3 else logging.ERROR
        self._say(level, "refused", exit_code=exit_code, message=message)

    def finished(
        self, exit_code: int, *, made: int, reused: int, failed: int, run: Path, seconds: float
    ) -> None:
        """Log the end of a run: exit code, numbers of reports, folder, wall seconds."""
        level = logging.ERROR if exit_code else logging.INFO
        self._say(
            level,
            "end",
            exit_code=exit_code,
            made=made,
            reused=reused,
            failed=failed,
            seconds=seconds,
            run=str(run),
        )

    def note(self, text: str) -> None:
        """Log something worth knowing, such as a command on failure that failed itself."""
        self._say(logging.WARNING, "note", message=text)

    def close(self) -> None:
        """Close the file."""
        if self._handler is not None:
            self._logger.removeHandler(self._handler)
            self._handler.close()
            self._handler = None

    def _say(self, level: int, event: str, **facts: object) -> None:
        shown = [f"{name}={_value(fact)}" for name, fact in facts.items() if fact is not None]
        self._logger.log(level, "%s", " ".join([event, *shown]))


def open_log(path: Path | None) -> RunLog:
    """Open the log of runs.

    Parameters
    ----------
    path : Path, optional
        File to add to; its folder is made. None: nothing is logged.

    Returns
    -------
    RunLog
        To be closed, or used in a ``with`` statement. The file holds at most 1 MB; four older ones
        are kept beside it (``.1`` is the newest).

    Raises
    ------
    KtsError
        The file cannot be opened.
    """
    if path is None:
        return RunLog()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = _File(path, maxBytes=BYTES, backupCount=OLDER, encoding="utf-8")
    except OSError as error:
        raise KtsError(
            N_("the log {path} cannot be opened: {reason}"), path=path, reason=error.strerror
        ) from None
    formatter = logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    return RunLog(handler)


class _File(RotatingFileHandler):
    """A rotating file that loses no line and never stops a run."""

    _complained = False

    def doRollover(self) -> None:  # noqa: N802 - the name of logging
        """Rotate; where another program holds a file open (Windows), go on in the same one."""
        try:
            super().doRollover()
        except OSError:  # the old stream is closed by now
            self.stream = self._open()

    def close(self) -> None:
        """Close the file; what a full disk kept in the buffer is lost, and was said."""
        with suppress(OSError):
            super().close()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name of logging
        """Say once that the log cannot be written (disk full), and go on."""
        if not self._complained and sys.stderr is not None:
            self._complained = True
            print(f"{self.baseFilename}: {sys.exc_info()[1]}", file=sys.stderr)


def _value(fact: object) -> str:
    """Return a value on one line: numbers bare, seconds short, texts in quotes.

    Line breaks and other controls are escaped, so that no name or message from the data can forge
    a line.
    """
    if isinstance(fact, float):
        return f"{fact:.2f}"
    if isinstance(fact, int):
        return str(fact)
    text = str(fact).replace("\\", "\\\\").replace('"', '\\"')
    shown = (c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return f'"{"".join(shown)}"'
