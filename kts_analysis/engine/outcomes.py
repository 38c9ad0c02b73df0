"""What a job's process left behind when it ended."""

from __future__ import annotations

import json
from typing import Any

from kts_analysis.engine.child import RESULT, STDERR
from kts_analysis.engine.jobs import KILLED, MEMORY_LIMIT, TIME_LIMIT, Job

_STDERR_KEPT = 2000  # characters


def result_of(job: Job) -> dict[str, Any]:
    """Return the result a job wrote; empty when its process was killed before it could."""
    try:
        found: dict[str, Any] = json.loads((job.folder / RESULT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def stderr_of(job: Job) -> str:
    """Return the end of what a job's process said on standard error."""
    try:
        text = (job.folder / STDERR).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return text[-_STDERR_KEPT:]


def how_it_ended(status: str, code: int) -> str:
    """Return in few words how a process ended that told no result."""
    if status in (TIME_LIMIT, MEMORY_LIMIT):
        return status.replace("_", " ")
    if status != KILLED:
        return ""
    return f"signal {-code}" if code < 0 else f"exit code {code}"
