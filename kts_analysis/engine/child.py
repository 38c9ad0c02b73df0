"""A job inside the process that exists for it alone."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, NoReturn

from kts_analysis.engine import channel, journal
from kts_analysis.engine.jobs import DONE, RAISED, call
from kts_analysis.engine.limits import limit_memory
from kts_analysis.engine.processes import adopt_orphans, children, kill_tree
from kts_analysis.engine.surroundings import reseed

RESULT, STDERR = "result.json", "stderr.txt"


def run_job(order: dict[str, Any], descriptor: int) -> NoReturn:
    """Carry out an order and end the process.

    Parameters
    ----------
    order : dict
        ``id``, ``function``, ``arguments``, ``folder``, ``memory_mb``.
    descriptor : int
        Where events are told.
    """
    code = 1
    try:
        folder = Path(order["folder"])
        folder.mkdir(parents=True, exist_ok=True)
        for name in (RESULT, STDERR, journal.NAME):
            (folder / name).unlink(missing_ok=True)
        _own_streams(folder)
        if os.name == "nt":  # there an open file keeps its name: it must go with the folder
            tempfile.tempdir = str(folder)
        channel.open_line(descriptor, order["id"])
        channel.tell({"event": "started", "pid": os.getpid()})
        adopt_orphans()
        if order["memory_mb"]:
            limit_memory(int(order["memory_mb"]))
        reseed()
        write_result(folder, _result(order))
        code = 0
        _end_children()
    finally:
        os._exit(code)  # no exit handler of the process this one was forked from may run here


def _end_children() -> None:
    """End what the job started and left running: a report leaves no process behind."""
    for pid in children():
        kill_tree(pid)


def _result(order: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"status": DONE, "value": call(order["function"], order["arguments"])}
    except BaseException as error:
        return {"status": RAISED, "message": f"{type(error).__name__}: {error}"}


def write_result(folder: Path, result: dict[str, Any]) -> None:
    """Write a job's result whole: the parent takes a missing file as a killed process."""
    fresh = folder / f".{RESULT}"
    fresh.write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8", newline="\n")
    os.replace(fresh, folder / RESULT)


def _own_streams(folder: Path) -> None:
    """Give the job standard streams of its own: no input, output and errors into a file."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    said = os.open(folder / STDERR, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for handle, number in ((nothing, 0), (said, 1), (said, 2)):
        os.dup2(handle, number)
    os.close(nothing)
    os.close(said)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - the process's own
    # Written line by line: a process that is killed must not take its last words with it.
    sys.stdout, sys.stderr = (
        open(number, "w", 1, "utf-8", "backslashreplace", closefd=False)  # noqa: SIM115
        for number in (1, 2)
    )
    sys.__stdout__, sys.__stderr__ = sys.stdout, sys.stderr  # type: ignore[misc]
