"""What a dask worker runs: it hands some reports to a program of its own, and waits.

A worker has threads, so it must not fork, and may have run for weeks, so what it once imported of
the library may be old. The program is a fresh one; it stays for the next task of the same run, for
getting warm takes as long as several reports.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kts_analysis.engine.processes import kill_tree
from kts_analysis.reporting import files
from kts_analysis.reporting.chunk import INPUTS, MADE, ORDER, SETTING
from kts_analysis.reporting.manifest import digest

_SAID = "stderr.txt"
_SAID_KEPT = 500  # characters of what a broken program said
_LOOK_EVERY = 0.1  # seconds
_IDLE: list[Program] = []  # programs between two tasks


def make_chunk(inputs: bytes, setting: dict[str, Any], units: list[dict[str, Any]]) -> Any:
    """Make some reports in a program of its own. A dask task.

    Parameters
    ----------
    inputs : bytes
        Archive of the folders ``data`` and ``notebooks``.
    setting : dict
        ``code`` (`chunk.code_facts` of the run), ``formats``, ``where``, ``limits``, ``engine``,
        ``jobs`` and ``pass_on``.
    units : list of dict
        From `Unit.as_json`.

    Returns
    -------
    dict
        ``made``: archive of the results and their files, or of what was refused; or ``failed``:
        what went wrong.
    """
    from distributed import get_worker

    worker = get_worker()
    task = worker.get_current_task()

    def wanted() -> bool:
        """Whether nobody has called the task off; dask itself stops no task that runs."""
        found = worker.state.tasks.get(task)
        closing = worker.status.name in ("closing", "closed", "failed")
        return found is not None and found.state != "cancelled" and not closing

    home = Path(worker.local_directory)
    try:
        with tempfile.TemporaryDirectory(
            prefix="kts-order-", dir=home, ignore_cleanup_errors=True
        ) as place:
            text = json.dumps(units)
            (Path(place) / ORDER).write_text(text, encoding="utf-8", newline="\n")
            return _made(Path(place), home, inputs, setting, wanted)
    except OSError as error:
        return {"failed": f"{type(error).__name__}: {error.strerror or error}"}


def _made(
    place: Path, home: Path, inputs: bytes, setting: dict[str, Any], wanted: Callable[[], bool]
) -> dict[str, Any]:
    """Give an order to a program that is warm already, or to a new one."""
    key = digest([hashlib.sha256(inputs).hexdigest(), setting])
    reply = None
    while reply is None and (program := _idle_program(key)):
        reply = program.make(place, wanted)
    if reply is None:
        program = Program(key, home, inputs, setting)
        reply = program.make(place, wanted)
    if program is not None and program.runs():
        _IDLE.append(program)
    return reply or {"failed": "no answer"}


def _idle_program(key: str) -> Program | None:
    """Return a warm program made for the same inputs, if there is one."""
    for program in list(_IDLE):
        if program.key == key or not program.runs():
            try:
                _IDLE.remove(program)  # a single step: no two threads get the same one
            except ValueError:
                continue
            if program.runs():
                return program
    return None


class Program:
    """A program and its folder.

    Parameters
    ----------
    key : str
        Stands for `inputs` and `setting`.
    home : Path
        Where its folder is made.
    inputs, setting
        Of `make_chunk`.
    """

    def __init__(self, key: str, home: Path, inputs: bytes, setting: dict[str, Any]) -> None:
        self.key = key
        self._folder = Path(tempfile.mkdtemp(prefix="kts-program-", dir=home))
        (self._folder / INPUTS).write_bytes(inputs)
        text = json.dumps(setting)
        (self._folder / SETTING).write_text(text, encoding="utf-8", newline="\n")
        command = ["-X", "utf8", "-m", "kts_analysis.reporting.chunk", str(self._folder)]
        with (self._folder / _SAID).open("wb") as said:
            self._process = subprocess.Popen(
                [sys.executable, *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=said,
            )
        # Waited for even when no task is there to do so: an ended process must not stay a zombie.
        threading.Thread(target=self._process.wait, daemon=True).start()

    def runs(self) -> bool:
        """Whether it can take another order."""
        return self._process.poll() is None

    def make(self, place: Path, wanted: Callable[[], bool]) -> dict[str, Any] | None:
        """Give an order and wait; None when the program had just ended, for want of orders."""
        pipe = self._process.stdin
        assert pipe is not None
        with contextlib.suppress(OSError):
            pipe.write(f"{place}\n".encode())
            pipe.flush()
        while self.runs() and not (place / MADE).is_file():
            if not wanted():
                self._end()
                return {"failed": "cancelled"}
            time.sleep(_LOOK_EVERY)
        if (place / MADE).is_file():
            return {"made": (place / MADE).read_bytes()}
        said = self._end()
        return {"failed": said} if self._process.returncode else None

    def _end(self) -> str:
        """End it, with all it started, and return the last line it said."""
        kill_tree(self._process.pid)
        self._process.wait()
        with contextlib.suppress(OSError):
            assert self._process.stdin is not None
            self._process.stdin.close()
        try:
            text = (self._folder / _SAID).read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            text = ""
        files.remove(self._folder)
        last = text[-_SAID_KEPT:].splitlines()[-1:]
        return last[0] if last else f"exit code {self._process.returncode}"
