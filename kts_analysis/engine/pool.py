"""The parent's side: processes are started, given one job each, watched, and never left behind."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kts_analysis.engine import journal
from kts_analysis.engine.hosts import Host, start_host
from kts_analysis.engine.jobs import (
    KILLED,
    MEMORY_LIMIT,
    TIME_LIMIT,
    Job,
    Limits,
    Outcome,
)
from kts_analysis.engine.outcomes import how_it_ended, result_of, stderr_of
from kts_analysis.engine.processes import held_signals, kill_tree, megabytes
from kts_analysis.engine.surroundings import environment

KINDS = ("auto", "fork", "workers", "kernels")
TRIES = 2  # of a job whose process was killed by something else than a limit
_LOOK_EVERY = 0.25  # seconds between looks at time and memory
_FAMILY_EVERY = 8  # looks; counting a whole family is dear
_LAST_WORDS = 4  # looks after which a process that has ended has nothing more to tell
_GRACE = 3.0  # seconds a job gets to end by itself after its own limit
_START_SECONDS = 1200.0  # for imports and preparing; a country's figures take a while


def can_fork() -> bool:
    """Whether forking a warm process is safe here: not on Windows, not on macOS."""
    return hasattr(os, "fork") and sys.platform == "linux"


@dataclass
class _Running:
    job: Job
    host: Host
    tries: int
    begun: float
    pid: int = 0
    cell: int | None = None
    cell_begun: float = 0.0
    ended_by: str = ""


class Pool:
    """Processes with everything heavy imported, each for one job.

    Parameters
    ----------
    workers : int
        Jobs at a time.
    kind : {"auto", "fork", "workers", "kernels"}
        ``fork``: children of one warm process. ``workers``: processes started ahead, one job
        each. ``kernels`` starts workers too; the job itself uses stock kernels.
    preload : sequence of str
        Modules to import before the first job.
    limits : Limits
    pass_on : iterable of str
        Environment variables that jobs get beside the usual ones.
    changes : mapping, optional
        Environment variables that are set for jobs.

    Raises
    ------
    ValueError
        There is no such kind, or no forking on this platform.
    """

    def __init__(
        self,
        *,
        workers: int = 2,
        kind: str = "auto",
        preload: Sequence[str] = (),
        limits: Limits | None = None,
        pass_on: Iterable[str] = (),
        changes: Mapping[str, str] | None = None,
    ) -> None:
        if kind not in KINDS:
            raise ValueError(f"no such kind of pool: {kind!r}; there are {', '.join(KINDS)}")
        if kind == "fork" and not can_fork():
            raise ValueError("this platform cannot fork safely")
        self.kind = kind if kind != "auto" else ("fork" if can_fork() else "workers")
        self.workers = max(1, workers)
        self.limits = limits or Limits()
        self._preload = list(preload)
        self._environment = environment(os.environ, also=pass_on, changes=changes)
        self._prepared: list[dict[str, Any]] = []
        self._events: queue.Queue[tuple[Host, dict[str, Any] | None]] = queue.Queue()
        self._hosts: list[Host] = []
        self._running: dict[str, _Running] = {}
        self._waiting: deque[tuple[Job, int]] = deque()
        self._suspects: set[str] = set()
        self._looks = 0
        self._looked = time.monotonic()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *reason: object) -> None:
        self.close()

    def prepare(self, function: str, arguments: dict[str, Any]) -> None:
        """Call a function once in the warm process, before jobs that profit from it.

        Workers and kernels have no common memory: for them it does nothing.
        """
        if self.kind != "fork":
            return
        order = {"prepare": function, "arguments": arguments}
        self._prepared.append(order)  # said again to a warm process that takes this one's place
        for host in self._hosts:
            host.order(order)

    def run(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """Yield what became of each job, as they end.

        A killed process is given one more try; a job that broke a limit is not.

        Raises
        ------
        ValueError
            Two of the jobs have the same id.
        """
        asked = list(jobs)
        if len({job.id for job in asked}) < len(asked):
            raise ValueError("two jobs have the same id")
        self._waiting.extend((job, 1) for job in asked)
        try:
            with held_signals() as act_on_signals:
                while self._waiting or self._running:
                    self._start_some()
                    outcome = self._next_outcome()
                    act_on_signals()
                    if outcome is not None:
                        yield outcome
        finally:
            self._waiting.clear()
            for running in self._running.values():
                if running.pid:
                    kill_tree(running.pid)
            self._running.clear()

    def close(self) -> None:
        """End every process of the pool."""
        for running in self._running.values():
            if running.pid:
                kill_tree(running.pid)
        busy = bool(self._running)
        self._running.clear()
        for host in self._hosts:
            host.order({"stop": True})
            assert host.process.stdin is not None and host.process.stdout is not None
            with contextlib.suppress(OSError):
                host.process.stdin.close()
        for host in self._hosts:
            try:
                host.process.wait(timeout=0.5 if busy else 5)
            except subprocess.TimeoutExpired:
                kill_tree(host.process.pid)
                host.process.wait()
        self._hosts.clear()

    # --- starting ---------------------------------------------------------------------------------

    def _start_some(self) -> None:
        """Give out jobs up to the number of workers, and have processes ready for the next."""
        while self._waiting and len(self._running) < self._at_a_time():
            job, tries = self._waiting.popleft()
            host = self._free_host()
            self._running[job.id] = _Running(job, host, tries, time.monotonic())
            host.jobs.append(job.id)
            host.order(
                {
                    "id": job.id,
                    "function": job.function,
                    "arguments": job.arguments,
                    "folder": str(job.folder),
                    "memory_mb": self.limits.memory_mb if job.limited else 0,
                }
            )
        if self.kind != "fork":
            idle = sum(not host.jobs and not host.warm for host in self._hosts)
            for _ in range(min(len(self._waiting), self.workers) - idle):
                self._new_host()

    def _at_a_time(self) -> int:
        """Return how many jobs may run now: one of those that may have killed the warm process."""
        names = [*self._running, self._waiting[0][0].id]
        return 1 if self._suspects.intersection(names) else self.workers

    def _free_host(self) -> Host:
        """Return the warm process, or a worker without a job."""
        if self.kind == "fork":
            free = [host for host in self._hosts if host.warm]
        else:
            free = [host for host in self._hosts if not host.warm and not host.jobs]
        return free[0] if free else self._new_host()

    def _new_host(self) -> Host:
        host = start_host(self.kind == "fork", self._environment, self._events)
        self._hosts.append(host)
        host.order({"preload": self._preload})
        for order in self._prepared:
            host.order(order)
        return host

    # --- watching ---------------------------------------------------------------------------------

    def _next_outcome(self) -> Outcome | None:
        """Wait a moment for an event; look at time and memory when it is time to."""
        if time.monotonic() - self._looked > _LOOK_EVERY:
            self._look()
        try:
            host, event = self._events.get(timeout=_LOOK_EVERY)
        except queue.Empty:
            return None
        return self._heed(host, event)

    def _heed(self, host: Host, event: dict[str, Any] | None) -> Outcome | None:
        """Take note of one event; return an outcome when a job has ended."""
        if event is None:
            return self._host_ended(host)
        running = self._running.get(str(event.get("job", "")))
        if running is None or running.host is not host:
            return None
        if event.get("event") == "refused":
            self._go_on_without_forking(running)
            return None
        now = time.monotonic()
        if event.get("event") == "started":
            running.pid, running.begun = event["pid"], now
        elif "cell" in event:
            running.cell, running.cell_begun = event["cell"], now
        elif event.get("event") == "ended":
            return self._ended(running, event["code"])
        return None

    def _go_on_without_forking(self, running: _Running) -> None:
        """Take back a job that the warm process would not fork for: something started a thread."""
        self.kind = "workers"
        del self._running[running.job.id]
        running.host.jobs.remove(running.job.id)
        self._waiting.appendleft((running.job, running.tries))

    def _host_ended(self, host: Host) -> Outcome | None:
        """A process is gone: its job with it, or, for the warm one, all jobs, which start anew."""
        code = host.process.wait()
        if host in self._hosts:
            self._hosts.remove(host)
        mine = [running for running in self._running.values() if running.host is host]
        if not mine:
            return None
        if not host.warm and mine[0].pid:
            kill_tree(mine[0].pid)  # what it started may live on
            return self._ended(mine[0], code)
        for running in mine:
            if running.pid:
                kill_tree(running.pid)
        if mine[0].job.id in self._suspects:  # it ran alone: it was this one
            return self._ended(mine[0], code)
        for running in mine:  # each again, one at a time: so the one that did it will be known
            self._suspects.add(running.job.id)
            del self._running[running.job.id]
            self._waiting.appendleft((running.job, TRIES))
        return None

    def _ended(self, running: _Running, code: int) -> Outcome | None:
        """Return what became of a job whose process has ended; None when it gets another try."""
        job = running.job
        del self._running[job.id]
        running.host.jobs.remove(job.id)
        result = result_of(job)
        status = running.ended_by or str(result.get("status", KILLED))
        if status == KILLED and running.tries < TRIES:
            self._waiting.append((job, running.tries + 1))
            return None
        cell = running.cell if running.cell is not None else journal.running_cell(job.folder)
        return Outcome(
            job,
            status,
            value=result.get("value") if not running.ended_by else None,
            message=str(result.get("message", "")) or how_it_ended(status, code),
            seconds=round(time.monotonic() - running.begun, 3),
            cell=None if cell is None else cell + 1,
            stderr=stderr_of(job),
        )

    def _look(self) -> None:
        """End every job that takes too long or grows too large."""
        self._looks += 1
        self._looked = now = time.monotonic()
        for host in self._hosts:
            host.looks_dead += host.process.poll() is not None
            if host.looks_dead == _LAST_WORDS:  # what it left behind holds its line open
                self._events.put((host, None))
        for running in self._running.values():
            if running.ended_by:
                continue
            if not running.pid:  # ordered, never begun: the process that took the order hangs
                if now - running.begun > self.limits.job_seconds + _START_SECONDS:
                    kill_tree(running.host.process.pid)
                continue
            if not running.job.limited:
                continue
            in_cell = running.cell is not None and now - running.cell_begun
            if now - running.begun > self.limits.job_seconds + _GRACE or (
                in_cell and in_cell > self.limits.cell_seconds + _GRACE
            ):
                running.ended_by = TIME_LIMIT
            else:
                family = self._looks % _FAMILY_EVERY == 0
                most = self.limits.memory_mb or float("inf")
                if megabytes(running.pid, with_children=family) > most:
                    running.ended_by = MEMORY_LIMIT
            if running.ended_by:
                kill_tree(running.pid)


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
