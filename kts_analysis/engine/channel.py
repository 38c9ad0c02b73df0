"""The line from a job's process to the parent that watches it: small JSON events."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any


@dataclass
class _Line:
    """Where this process tells its events, and for which job."""

    descriptor: int = -1
    job: str = ""


_LINE = _Line()


def open_line(descriptor: int, job: str = "") -> None:
    """Tell events to a descriptor from now on."""
    _LINE.descriptor, _LINE.job = descriptor, job


def in_job() -> bool:
    """Whether this process exists for one job alone."""
    return bool(_LINE.job)


def tell(event: dict[str, Any]) -> None:
    """Tell one event; a parent that is gone is no error here.

    Several processes tell events on one pipe. A line stays under 512 bytes, which POSIX writes
    in one piece; anything large goes into a file.
    """
    if _LINE.descriptor < 0:
        return
    text = json.dumps({"job": _LINE.job} | event, separators=(",", ":"))
    try:
        os.write(_LINE.descriptor, text.encode("ascii") + b"\n")
    except OSError:
        return
