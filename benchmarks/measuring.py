"""What a command costs with everything it starts: CPU, wall time, memory, bytes on disk."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

PAUSE = 0.2  # seconds between two looks at the processes
LIBRARIES = ("papermill", "nbconvert", "jupyterlab", "ipykernel", "plotly", "pandas", "numpy")


@dataclass(frozen=True)
class Cost:
    """What a command and all its descendants cost.

    Attributes
    ----------
    cpu : float
        Seconds, user and system, of the command and every descendant that was waited for; where
        the system does not count those (Windows), the sampled seconds.
    sampled_cpu : float
        The same as seen by looking at the processes from time to time: always a little less. If
        it were more, a process would have escaped the count.
    wall : float
        Seconds.
    peak : float
        Most memory (MB) of all its processes at one look: memory shared by several counts once.
    parent_peak : float
        Most memory (MB) of the command's own process at one look.
    output : str
        What it wrote to standard output.
    """

    cpu: float
    sampled_cpu: float
    wall: float
    peak: float
    parent_peak: float
    output: str

    def __add__(self, other: Cost) -> Cost:
        """Return the cost of two commands run one after the other."""
        return Cost(
            self.cpu + other.cpu,
            self.sampled_cpu + other.sampled_cpu,
            self.wall + other.wall,
            max(self.peak, other.peak),
            max(self.parent_peak, other.parent_peak),
            self.output + other.output,
        )


class _Watcher(threading.Thread):
    """Looks at a process and its descendants until told to stop."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.root = psutil.Process(pid)
        self.over = threading.Event()
        self.peak = self.parent_peak = 0.0
        self.seconds: dict[tuple[int, float], float] = {}  # by process: CPU at the last look

    def run(self) -> None:
        while not self.over.wait(PAUSE):
            try:
                everyone = [self.root, *self.root.children(recursive=True)]
            except psutil.Error:
                return
            sizes = [self._look(process) for process in everyone]
            self.peak = max(self.peak, sum(sizes))
            self.parent_peak = max(self.parent_peak, sizes[0])

    def _look(self, process: psutil.Process) -> float:
        try:
            with process.oneshot():
                times = process.cpu_times()
                memory = process.memory_full_info()
                self.seconds[process.pid, process.create_time()] = times.user + times.system
                return float(getattr(memory, "pss", memory.uss)) / 1e6
        except psutil.Error:  # ended since, or belongs to someone else
            return 0.0


def measure(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Cost:
    """Run a command to its end and return what it cost.

    Parameters
    ----------
    command : sequence of str
    environment : mapping
        The whole environment of the command.
    log : Path
        Gets what the command writes to standard error.

    Raises
    ------
    RuntimeError
        It did not end with 0; the text ends with its last lines.
    """
    with (
        log.open("w+", encoding="utf-8", errors="replace") as errors,
        log.with_suffix(".out").open("w+", encoding="utf-8", errors="replace") as output,
    ):
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, env=dict(environment), stdin=subprocess.DEVNULL, stdout=output, stderr=errors
        )
        watcher = _Watcher(process.pid)
        watcher.start()
        waited = _wait(process)
        wall = time.perf_counter() - begun
        watcher.over.set()
        watcher.join()
        sampled = sum(watcher.seconds.values())
        if process.returncode != 0:
            errors.seek(0)
            tail = "".join(errors.readlines()[-20:])
            raise RuntimeError(f"{' '.join(command)}\nexit code {process.returncode}\n{tail}")
        output.seek(0)
        cpu = sampled if waited is None else waited
        return Cost(cpu, sampled, wall, watcher.peak, watcher.parent_peak, output.read())


def _wait(process: subprocess.Popen[bytes]) -> float | None:
    """Wait for the end; return the CPU seconds of it and all descendants it waited for."""
    if not hasattr(os, "wait4"):
        process.wait()
        return None
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime


def environment(data: Path) -> dict[str, str]:
    """Return the environment of every way: this one's, with UTF-8 and compiled modules kept."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONUTF8": "1", "KTS_DATA": str(data)}


def program(name: str) -> str:
    """Return a program of the running environment.

    Raises
    ------
    FileNotFoundError
        It is not installed there.
    """
    folder = Path(sys.executable).parent
    for candidate in (folder / name, folder / f"{name}.exe"):
        if candidate.is_file():
            return str(candidate)
    raise FileNotFoundError(f"{name} is not installed in this environment")


def folder_size(folder: Path) -> float:
    """Return the bytes of all files in a folder, in MB."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def biggest_page(folder: Path) -> float:
    """Return the size of the largest HTML page in a folder, in kB; 0 when there is none."""
    pages = folder.rglob("*.html")
    return max((path.stat().st_size for path in pages), default=0) / 1e3


def machine_facts() -> str:
    """Return one line on the machine: no name, no path."""
    memory = psutil.virtual_memory().total / 2**30
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{psutil.cpu_count()} CPU, {memory:.0f} GiB, {system}; {libraries}"
