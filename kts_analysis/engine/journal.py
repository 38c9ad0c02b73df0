"""What a notebook's cells have said so far, on disk: one line a cell, whatever happens next."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

NAME = "journal.jsonl"


def note_start(folder: Path, notebook: Any) -> None:
    """Begin a journal with the notebook as it is about to run (parameters in it)."""
    _append(folder, {"notebook": notebook})


def note_cell(folder: Path, place: int, cell: Any) -> None:
    """Write down an executed cell."""
    _append(folder, {"cell": place, "content": cell})


def note_running(folder: Path, place: int) -> None:
    """Write down which cell begins."""
    _append(folder, {"running": place})


def _append(folder: Path, entry: dict[str, Any]) -> None:
    with (folder / NAME).open("a", encoding="utf-8", newline="\n") as handle:
        handle.write(json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n")


def running_cell(folder: Path) -> int | None:
    """Return the place (from 0) of the cell that began last, if any did."""
    places = [entry["running"] for entry in _entries(folder) if "running" in entry]
    return places[-1] if places else None


def rebuild(folder: Path, message: str, name: str = "KernelDied") -> dict[str, Any] | None:
    """Return the notebook of a process that ended before its time, its last cell marked failed.

    Returns
    -------
    dict or None
        Notebook in nbformat's JSON form; None when the process died before the first cell.
    """
    entries = _entries(folder)
    if not entries or "notebook" not in entries[0]:
        return None
    notebook: dict[str, Any] = entries[0]["notebook"]
    last = 0
    for entry in entries[1:]:
        if "cell" in entry:
            notebook["cells"][entry["cell"]] = entry["content"]
        else:
            last = entry["running"]
    mark_failed(notebook, last, message, name)
    return notebook


def mark_failed(notebook: Any, place: int, message: str, name: str) -> None:
    """Mark a cell (place from 0) as the one a notebook ended in, as papermill marks an error."""
    failed = notebook["cells"][place]
    _mark(failed["metadata"])
    _mark(notebook["metadata"], status=False)
    if failed["cell_type"] == "code":
        failed.setdefault("outputs", []).append(
            {"output_type": "error", "ename": name, "evalue": message, "traceback": [message]}
        )


def _mark(metadata: dict[str, Any], *, status: bool = True) -> None:
    facts = metadata.setdefault("papermill", {})
    facts["exception"] = True
    if status:
        facts["status"] = "failed"


def _entries(folder: Path) -> list[dict[str, Any]]:
    """Return the journal's whole lines; the last may be torn by a kill."""
    try:
        lines = (folder / NAME).read_text(encoding="utf-8", errors="replace").split("\n")
    except FileNotFoundError:
        return []
    entries = []
    for line in filter(None, lines):
        try:
            entries.append(json.loads(line))
        except ValueError:
            break
    return entries
