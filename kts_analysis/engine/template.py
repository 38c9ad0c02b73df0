"""The warm process: imports done, data read; it forks one child for each job and runs none itself.

Started by the pool as ``python -m kts_analysis.engine.template``. Orders come as JSON lines on
standard input, events go out on standard output. It has a single thread, which makes forking
safe, and ends with all its children when the parent is gone.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kts_analysis.engine import channel
from kts_analysis.engine.child import run_job
from kts_analysis.engine.jobs import call
from kts_analysis.engine.processes import adopt_orphans, children, kill_tree, system_call
from kts_analysis.engine.surroundings import preload, skip_slow_grammar

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


class Template:
    """The loop of the warm process."""

    def __init__(self) -> None:
        self._children: dict[int, str] = {}
        self._descriptor = os.dup(1)
        os.dup2(2, 1)  # what a library prints must not look like an event
        channel.open_line(self._descriptor)
        self._wake, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)

    def serve(self) -> None:
        """Take orders until the parent is gone or says stop."""
        try:
            for order in self._orders():
                if "stop" in order:
                    return
                self._obey(order)
        finally:
            self._kill_children()

    def _orders(self) -> Iterator[dict[str, Any]]:
        """Yield orders as they come; between them, tell of children that ended."""
        rest = b""
        while True:
            ready, _, _ = select.select([0, self._wake], [], [])
            if self._wake in ready:
                os.read(self._wake, 4096)
                self._reap()
            if 0 not in ready:
                continue
            text = os.read(0, 1 << 16)
            if not text:
                return
            *lines, rest = (rest + text).split(b"\n")
            for line in lines:
                yield json.loads(line)

    def _obey(self, order: dict[str, Any]) -> None:
        if "preload" in order:
            preload(order["preload"])
            channel.tell({"event": "ready"})
        elif "prepare" in order:
            try:
                call(order["prepare"], order["arguments"])
            except Exception as error:  # each job finds the same trouble and says so
                channel.tell({"event": "unprepared", "why": ascii(error)[:200]})
            gc.collect()
            gc.freeze()  # children must not copy pages only to look at them
            channel.tell({"event": "prepared"})
        else:
            self._fork(order)

    def _fork(self, order: dict[str, Any]) -> None:
        if threads() > 1:  # a child of a process with threads may hang: the pool knows other ways
            channel.tell({"event": "refused", "job": order["id"]})
            return
        parent = os.getpid()
        pid = os.fork()
        if pid:
            self._children[pid] = order["id"]
            return
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setpgid(0, 0)
        die_with_parent()
        if os.getppid() != parent:
            os._exit(1)
        os.close(self._wake)
        run_job(order, self._descriptor)

    def _reap(self) -> None:
        while self._children:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            job = self._children.pop(pid, None)
            if job is not None:
                _kill_group(pid)  # what a notebook started ends with it
                code = os.waitstatus_to_exitcode(status)
                if code:  # it had no time to end them itself
                    self._kill_orphans()
                channel.tell({"event": "ended", "job": job, "code": code})

    def _kill_children(self) -> None:
        for pid in self._children:
            _kill_group(pid)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in self._children:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
        self._children.clear()
        self._kill_orphans()

    def _kill_orphans(self) -> None:
        """End what killed jobs had started in groups of its own; the system gave it to us."""
        for pid in children() - set(self._children):
            kill_tree(pid)


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def threads() -> int:
    """Return how many threads the system sees in this process; forking beside others is unsafe."""
    try:
        return len(list(Path("/proc/self/task").iterdir()))
    except OSError:
        return 1


def die_with_parent() -> None:
    """Ask the system to end this process when its parent ends (Linux; elsewhere do nothing)."""
    system_call(_DIE_WITH_PARENT, signal.SIGKILL)


def main() -> None:
    """Be the warm process."""
    skip_slow_grammar()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt means
    adopt_orphans()
    Template().serve()


if __name__ == "__main__":
    main()
