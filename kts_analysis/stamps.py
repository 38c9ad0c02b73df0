"""Whether files are still what they were when they were read: name, size and time of change."""

from __future__ import annotations

import os
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path


def stamp_of(root: Path, folders: Iterable[str], endings: tuple[str, ...]) -> str:
    """Return one text for name, size and time of change of the files of some folders.

    Parameters
    ----------
    root : Path
    folders : iterable of str
        Below `root`, "" for itself; one that is not there has no files.
    endings : tuple of str
        How the names end, such as ``.csv``.

    Returns
    -------
    str
        The same for the same files, whatever order the folder gives them in.
    """
    found = []
    for folder in folders:
        try:
            entries = list(os.scandir(root / folder))
        except (FileNotFoundError, NotADirectoryError):
            continue
        for entry in entries:
            if entry.name.lower().endswith(endings):
                found.append(f"{folder}/{entry.name}/{_look(entry)}")
    text = "\n".join(sorted(found))
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _look(entry: os.DirEntry[str]) -> str:
    """Return size and times of a file; a name that leads nowhere (an editor's lock) has neither."""
    try:
        status = entry.stat()
    except OSError:
        return ""
    # The time of change also tells a copy or an unpacked file that keeps its old time of writing.
    return f"{status.st_size}/{status.st_mtime_ns}/{status.st_ctime_ns}"
