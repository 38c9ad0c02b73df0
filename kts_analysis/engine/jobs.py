"""What is asked of a process, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

DONE, RAISED, KILLED, TIME_LIMIT, MEMORY_LIMIT = (
    "done",
    "raised",
    "killed",
    "time_limit",
    "memory_limit",
)


@dataclass(frozen=True)
class Limits:
    """How long and how large a job may become.

    Attributes
    ----------
    cell_seconds : float
        Wall time of one notebook cell.
    job_seconds : float
        Wall time of the whole job.
    memory_mb : int
        Memory of the job's process and its children, in megabytes.
    """

    cell_seconds: float = 120.0
    job_seconds: float = 600.0
    memory_mb: int = 4096

    def as_json(self) -> dict[str, float]:
        """Return the limits as they are sent to a process."""
        return {
            "cell_seconds": self.cell_seconds,
            "job_seconds": self.job_seconds,
            "memory_mb": self.memory_mb,
        }


@dataclass(frozen=True)
class Job:
    """One call of a function in a process of its own.

    Attributes
    ----------
    id : str
        Unique in its pool.
    function : str
        ``module:name``; called with `arguments`, returns something JSON can hold.
    arguments : dict
        What JSON can hold.
    folder : Path
        Folder of the job's own small files: result, standard error, journal.
    limited : bool
        Whether the pool's limits of time and memory hold for it.
    """

    id: str
    function: str
    arguments: dict[str, Any]
    folder: Path
    limited: bool = True


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    Attributes
    ----------
    status : str
        ``done``, ``raised`` (the function raised), ``killed`` (the process ended by itself or
        was killed), ``time_limit`` or ``memory_limit`` (the parent ended it).
    value : object
        What the function returned, when done.
    message : str
        What went wrong, as the process or the system said it; not translated.
    seconds : float
        Wall time.
    cell : int, optional
        Number of the notebook cell that was running, counted from 1.
    stderr : str
        End of what the process wrote to standard error.
    """

    job: Job
    status: str
    value: Any = None
    message: str = ""
    seconds: float = 0.0
    cell: int | None = None
    stderr: str = field(default="", repr=False)


def call(function: str, arguments: dict[str, Any]) -> Any:
    """Call ``module:name`` with arguments by name."""
    module, name = function.split(":")
    return getattr(import_module(module), name)(**arguments)
