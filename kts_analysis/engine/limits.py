"""Time and memory limits from inside the process that must keep them."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from kts_analysis.engine.jobs import Limits


class CellTimeLimitError(KeyboardInterrupt):
    """A cell ran longer than it may. Like an interrupt, so that ``except Exception`` lets it by."""


class TimeLimits:
    """Cell and notebook time of one job.

    Where the system has an alarm signal, it also ends a cell that waits; elsewhere the cell is
    interrupted as soon as it runs Python code. A cell that will not end is ended by the parent.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._end = time.monotonic() + limits.job_seconds

    @contextmanager
    def cell(self) -> Iterator[None]:
        """Limit what runs inside."""
        left = self._end - time.monotonic()
        seconds = max(min(self._limits.cell_seconds, left), 0.01)
        text = (
            f"the cell ran longer than its {self._limits.cell_seconds:g} seconds"
            if self._limits.cell_seconds <= left
            else f"the notebook ran longer than its {self._limits.job_seconds:g} seconds"
        )
        stop = _alarm(seconds, text) if hasattr(signal, "setitimer") else _timer(seconds, text)
        try:
            yield
        finally:
            stop()


def _alarm(seconds: float, text: str) -> Callable[[], None]:
    def ring(number: int, frame: FrameType | None) -> None:
        if not _tells_an_error(frame):
            raise CellTimeLimitError(text)

    before = signal.signal(signal.SIGALRM, ring)
    # Rings again: a first one swallowed by a bare "except" must not be the last.
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)

    def stop() -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

    return stop


def _tells_an_error(frame: FrameType | None) -> bool:
    """Return whether IPython is putting an error into words, which a slow machine must finish."""
    while frame is not None:
        if frame.f_code.co_name == "showtraceback":
            return True
        frame = frame.f_back
    return False


def _timer(seconds: float, text: str) -> Callable[[], None]:
    import _thread

    over = threading.Event()

    def ring(number: int, frame: FrameType | None) -> None:
        if not over.is_set():
            raise KeyboardInterrupt
        if not _tells_an_error(frame):
            raise CellTimeLimitError(text)

    def end() -> None:
        over.set()
        _thread.interrupt_main()

    before = signal.signal(signal.SIGINT, ring)
    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()

    def stop() -> None:
        timer.cancel()
        signal.signal(signal.SIGINT, before)

    return stop


def limit_memory(megabytes: int) -> None:
    """Make the process run into a ``MemoryError`` before it takes the machine with it.

    Only where the system can do that; the parent watches the size everywhere.
    """
    try:
        import resource
    except ImportError:
        return
    wanted = megabytes * 1024 * 1024
    addresses, data = _unused()
    # Addresses are cheap, data is not.
    for name, size in (("RLIMIT_DATA", wanted + data), ("RLIMIT_AS", 4 * wanted + addresses)):
        kind = getattr(resource, name, None)
        if kind is None:
            continue
        _, hard = resource.getrlimit(kind)
        if hard == resource.RLIM_INFINITY or size < hard:
            resource.setrlimit(kind, (size, hard))


def _unused() -> tuple[int, int]:
    """Return how many bytes of addresses, and of those for data, are reserved but not in use.

    An allocator may reserve a gigabyte at a time (pyarrow's does), which is no memory yet, but
    counts for the limits.
    """
    try:
        fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
        page = os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0, 0
    size, resident, data = int(fields[0]), int(fields[1]), int(fields[5])
    return max(size - resident, 0) * page, max(data - resident, 0) * page
