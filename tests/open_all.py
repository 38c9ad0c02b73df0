"""Opens every file of a folder and says what came of it; run as a process of its own by a test.

It prints one JSON line a file: name, seconds, ``refused`` with the text or ``read`` with the cells,
and everything the process opened for writing.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

WRITTEN: list[str] = []


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    """Note whatever would change a file."""
    if event == "open":
        _, mode, flags = arguments
        changing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
        if (isinstance(mode, str) and set(mode) & set("wax+")) or (flags or 0) & changing:
            WRITTEN.append(str(arguments[0]))
    elif event in ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink"):
        WRITTEN.append(f"{event} {arguments[0]}")


def main(folder: Path) -> None:
    """Open all."""
    from kts_analysis.errors import KtsError
    from kts_analysis.ingest.grids import open_grids

    sys.addaudithook(watch)
    for path in sorted(folder.iterdir()):
        WRITTEN.clear()
        started = time.monotonic()
        result: dict[str, Any] = {"name": path.name}
        try:
            grids = open_grids(path)
        except KtsError as error:
            result["refused"] = str(error)
        else:
            result["read"] = {
                grid.sheet: {cell.ref: str(cell.value) for cell in grid.cells.values()}
                for grid in grids
            }
            result["notes"] = [note.text() for grid in grids for note in grid.notes]
        result["seconds"] = time.monotonic() - started
        result["written"] = list(WRITTEN)
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
