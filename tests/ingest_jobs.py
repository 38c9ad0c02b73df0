"""``kts ingest`` in processes of their own, for the tests that watch, feed and kill it."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import signal
import sys
import tempfile
import traceback
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from kts_analysis.cli import main
from kts_analysis.ingest import intake


def started(target: Any, *arguments: Any) -> tuple[Any, Any]:
    """Start a job in a process of its own; return it and where its words come in."""
    context = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
    if sys.platform == "linux":
        context.set_forkserver_preload(["ingest_jobs", "pandera.pandas", "openpyxl"])
    words, told = context.Pipe(duplex=False)
    process = context.Process(target=target, args=(told, *arguments))
    process.start()
    told.close()
    return process, words


def run_each(told: Connection, runs: list[list[str]], scratch: str) -> None:
    """Run commands one after the other; tell exit code and text, and what was opened to write.

    Temporary files, which the library that writes workbooks makes, go into `scratch`.
    """
    tempfile.tempdir = scratch
    written: list[str] = []
    sys.addaudithook(lambda event, args: _note_write(written, event, args))
    for arguments in runs:
        out = io.StringIO()
        del written[:]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            try:
                code: int | str = main(arguments)
            except BaseException:
                code = traceback.format_exc()
        told.send((code, out.getvalue(), list(written)))


def _note_write(written: list[str], event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open":
        path, mode, flags = arguments
        if (mode and set(mode) & set("wax+")) or flags & (os.O_WRONLY | os.O_RDWR):
            written.append(str(path))
    elif event in ("os.mkdir", "os.rename", "os.remove", "os.link", "os.symlink"):
        written.append(str(arguments[0]))


def store_until(told: Connection, arguments: list[str], moment: int) -> None:
    """Run a command, and die at a call within storing, as if the power had gone."""
    left = moment

    def look(frame: Any, event: str, argument: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def watched(*rows: Any, **how: Any) -> Path:
        sys.setprofile(look)
        try:
            return plain(*rows, **how)
        finally:
            sys.setprofile(None)
            told.send(moment - left)

    plain, intake.append = intake.append, watched
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        main(arguments)
