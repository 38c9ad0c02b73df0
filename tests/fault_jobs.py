"""Jobs of the pool's tests: each does one thing to the process it runs in."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

FOREVER = [sys.executable, "-c", "import time; time.sleep(1000)"]


def add(one: int, other: int) -> int:
    """Return a sum."""
    return one + other


def place() -> list[object]:
    """Return what tells one process from another."""
    return [os.getpid(), random.random(), sorted(os.environ)]


def fail(words: str) -> None:
    """Write to standard error and raise."""
    print(words, file=sys.stderr)
    raise ValueError(words)


def leave(code: int) -> None:
    """End the process at once."""
    print("trước khi thoát", file=sys.stderr, flush=True)
    os._exit(code)


def kill(number: int) -> None:
    """Send a signal to the process itself."""
    os.kill(os.getpid(), number)
    time.sleep(1000)


def kill_parent() -> None:
    """Kill the warm process."""
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(1000)


def wait(seconds: float) -> float:
    """Sleep."""
    time.sleep(seconds)
    return seconds


def wait_for(path: str) -> str:
    """Wait until a file is there."""
    while not Path(path).exists():
        time.sleep(0.02)
    return path


def grow() -> None:
    """Take more and more memory."""
    kept = []
    while True:
        kept.append(bytearray(20 << 20))


def start_others(then: str, apart: bool = True) -> str:
    """Start processes of all sorts (one in a session apart), and end in some way."""
    subprocess.Popen(FOREVER)
    if apart:
        subprocess.Popen(FOREVER, start_new_session=True)
    if os.fork() == 0:  # a child that keeps the job's open files
        time.sleep(1000)
    # One whose parent has ended: nobody's child any more.
    subprocess.run([sys.executable, "-c", f"import subprocess; subprocess.Popen({FOREVER!r})"])
    if then == "end":
        return "done"
    if then == "killed":
        kill(signal.SIGKILL)
    if then == "parent killed":
        kill_parent()
    time.sleep(1000)
    return ""


def start_thread() -> None:
    """Prepare a warm process badly: with a thread beside it."""
    import threading

    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
