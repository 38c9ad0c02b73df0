"""The command called when a run does not end well."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_, Messages

SECONDS = 60.0
NOT_RUN = -1


def check(command: str) -> None:
    """Refuse a command that cannot be split into words, before the run begins.

    Raises
    ------
    KtsError
        An open quote, or nothing at all.
    """
    try:
        words = _words(command)
    except ValueError:
        words = ""
    if not words:
        raise KtsError(N_("the command on failure cannot be read: {found}"), found=command)


def call(
    command: str,
    exit_code: int,
    run_folder: Path | None,
    failed: int,
    *,
    lang: str = "vi",
    say: Callable[[str], None] = lambda text: print(text, file=sys.stderr),
    seconds: float = SECONDS,
) -> int:
    """Run the command and return its exit code; nothing it does changes that of the run.

    Parameters
    ----------
    command : str
        What the user gave: words by the shell's quoting, but no shell reads them; on Windows the
        text goes to the program as it is. Nothing from the data is added to it.
    exit_code : int
        Of the run; ``KTS_EXIT_CODE`` in the command's environment.
    run_folder : Path, optional
        With ``run.json`` in it; ``KTS_RUN``, empty when there is none.
    failed : int
        Number of reports that failed; ``KTS_FAILED``.
    lang : {"vi", "en"}
        Of what `say` is told.
    say : callable
        Told when the command fails itself (``RunLog.note``).
    seconds : float
        Longest time it may take; then it is ended with all it started.

    Returns
    -------
    int
        The command's exit code; -1 when it could not be started or took too long.
    """
    m = Messages(lang)
    facts = {
        "KTS_EXIT_CODE": str(exit_code),
        "KTS_RUN": "" if run_folder is None else str(run_folder),
        "KTS_FAILED": str(failed),
    }
    try:
        # Its own group, so that a time-out reaches what it started; its words go to stderr,
        # because stdout holds the result of the run.
        process = subprocess.Popen(
            _words(command),
            env={**os.environ, **facts},
            stdin=subprocess.DEVNULL,
            stdout=2,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        say(m("the command on failure could not be started: {reason}", reason=error))
        return NOT_RUN
    try:
        code = process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        _end(process)
        limit = m.number(seconds, 0)
        say(m("the command on failure took more than {seconds} s and was ended", seconds=limit))
        return NOT_RUN
    except BaseException:  # Ctrl-C: nothing we started is left behind
        _end(process)
        raise
    if code:
        say(m("the command on failure ended with exit code {code}", code=code))
    return code


def _words(command: str) -> list[str] | str:
    """Return what to start: words, or on Windows the text, which its programs split themselves."""
    return command.strip() if sys.platform == "win32" else shlex.split(command)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and, where there are process groups, all it started."""
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError, PermissionError):  # all of it ended meanwhile
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
