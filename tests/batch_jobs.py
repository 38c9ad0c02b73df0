"""Writers of batches in processes of their own, for the tests that kill them or let them race."""

from __future__ import annotations

import os
import signal
import sys
from multiprocessing.connection import Connection
from typing import Any

from kts_analysis.batches import append
from kts_analysis.schema import OBSERVATION_COLUMNS

CELLS = dict.fromkeys(OBSERVATION_COLUMNS, "") | {
    "area_code": "359",
    "indicator": "XHS08",
    "series": "district_report",
    "period": "2024",
    "qualifier": "exact",
    "origin": "synthetic",
    "source": "made up for a test",
}
ROWS = 12


def rows_of(writer: int, batch: int) -> list[dict[str, str]]:
    """Return the rows of a batch; no two batches of any writers share one."""
    day = f"20{10 + writer:02d}-{1 + batch // 28:02d}-{1 + batch % 28:02d}"
    return [
        CELLS | {"period": f"{1950 + row}", "value": f"{row}.5", "vintage": day}
        for row in range(ROWS)
    ]


def write_batches(data: str, writer: int, batches: range, told: Connection) -> None:
    """Write batches one after the other, waiting for others; name each once it is stored."""
    for batch in batches:
        told.send(append(rows_of(writer, batch), data, name=f"lô {writer} {batch}", wait=True).name)


def calls_of_one(data: str, writer: int, batch: int, told: Connection) -> None:
    """Write one batch, and tell how many calls, of Python's and of the system's, that takes."""
    calls = 0

    def look(frame: Any, event: str, argument: Any) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(look)
    append(rows_of(writer, batch), data, name=f"lô {writer} {batch}")
    sys.setprofile(None)
    told.send(calls)


def write_until(data: str, writer: int, batches: range, told: Connection, moment: int) -> None:
    """Write batches, and die at a call, as if the power had gone."""
    left = moment

    def look(frame: Any, event: str, argument: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(look)
    write_batches(data, writer, batches, told)
