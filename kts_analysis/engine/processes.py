"""Processes as the system sees them: size and descendants, on every platform."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import psutil

_GONE = (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess)
_ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)


def kill_tree(pid: int) -> None:
    """End a process and everything it started; what is gone already is no error.

    The process itself may have ended: what it started stays in its group, if it led one.
    """
    family = []
    with contextlib.suppress(*_GONE):
        process = psutil.Process(pid)
        family = [*process.children(recursive=True), process]
    if hasattr(os, "killpg") and pid != os.getpid():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
    for member in family:
        with contextlib.suppress(*_GONE):
            if member.pid != os.getpid():
                member.kill()


def children() -> set[int]:
    """Return the processes that this one has started or adopted."""
    try:
        text = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii")
    except OSError:
        return {child.pid for child in psutil.Process().children()}
    return {int(pid) for pid in text.split()}


def adopt_orphans() -> None:
    """Become the parent of what this process's descendants leave behind (Linux), to end it."""
    system_call(_ADOPT_ORPHANS, 1)


def system_call(option: int, value: int) -> None:
    """Set an option of this process by prctl(2); on other systems than Linux do nothing."""
    if sys.platform != "linux":
        return
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(option, value)


def megabytes(pid: int, *, with_children: bool = False) -> float:
    """Return the resident size of a process (and of all it started), in megabytes; 0 if gone."""
    total = 0
    with contextlib.suppress(*_GONE):
        process = psutil.Process(pid)
        family = [process, *(process.children(recursive=True) if with_children else [])]
        for member in family:
            with contextlib.suppress(*_GONE):
                total += member.memory_info().rss
    return total / 2**20


@contextlib.contextmanager
def held_signals() -> Iterator[Callable[[], None]]:
    """Take note of requests to end, and act on them only where the caller says.

    An interrupt that strikes between two steps of the standard library can leave one of its locks
    taken for good (subprocess, queue); then nothing ends any more.

    Yields
    ------
    callable
        Does what the handlers that were there before do, if a request has come.
    """
    noted: list[int] = []
    before: dict[int, Any] = {}

    def act() -> None:
        if noted:
            number = noted.pop()
            handler = before.get(number)
            if callable(handler):
                handler(number, None)

    def note(number: int, frame: FrameType | None) -> None:
        noted.append(number)

    here = threading.current_thread() is threading.main_thread()
    asked: tuple[int, ...] = (signal.SIGINT, signal.SIGTERM) if here else ()
    for number in asked:
        if callable(signal.getsignal(number)):  # what is ignored or ends the process stays so
            before[number] = signal.signal(number, note)
    try:
        yield act
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        act()
