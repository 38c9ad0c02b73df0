"""Files of a run: one run at a time, moved into place whole."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from kts_analysis.disk import hold, patiently
from kts_analysis.disk import sha256 as sha256
from kts_analysis.disk import write_bytes as write_bytes
from kts_analysis.disk import write_lines as write_lines
from kts_analysis.disk import write_whole as write_whole
from kts_analysis.errors import LockedError as LockedError
from kts_analysis.i18n import N_

LATEST = "latest.txt"
LOCK = ".kts-run.lock"
STAGING, OLD = ".kts-staging-", ".kts-old-"


@contextlib.contextmanager
def locked(out: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold the output folder for one run; the system lets go of it when the process ends.

    Raises
    ------
    LockedError
        Another run holds it and `wait` is False.
    """
    message = N_("another run is working in {folder}: try again later, or use --wait")
    with hold(out / LOCK, LockedError(message, folder=out), wait=wait):
        yield


def names_under(folder: Path) -> list[str]:
    """Return the names of all files under a folder, with slashes, in order.

    Texts, not paths: a country's run has thousands, and a path takes a kilobyte.
    """
    found = []
    for place, _, names in os.walk(folder):
        at = os.path.relpath(place, folder).replace(os.sep, "/")
        found += [name if at == "." else f"{at}/{name}" for name in names]
    return sorted(found)


def leftovers(out: Path) -> list[Path]:
    """Return the staging folders that killed runs left behind."""
    return sorted(path for path in out.glob(f"{STAGING}*") if path.is_dir())


def new_staging(out: Path) -> Path:
    """Return the path of a staging folder that no killed run has used.

    The process number alone will not do: in a container it is the same at every start.
    """
    names = (out / f"{STAGING}{os.getpid()}-{number}" for number in itertools.count())
    return next(path for path in names if not path.exists())


def sweep(out: Path, *, besides: Path | None = None) -> None:
    """Remove what killed runs left behind; only the holder of the lock may do that."""
    for path in [*leftovers(out), *out.glob(f"{OLD}*"), *out.glob(f".{LATEST}.*.part")]:
        if path != besides:
            remove(path)


def remove(path: Path) -> None:
    """Remove a file or folder; what cannot be removed now is left to a later sweep."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


def move_into_place(staging: Path, place: Path) -> Path:
    """Give a finished run its place and return it.

    A folder that is there already stays as it is, for someone may be reading it, and the new one
    gets a number: at no moment is there no whole run.
    """
    names = [place, *(place.with_name(f"{place.name}-{number}") for number in range(2, 1000))]
    target = next(name for name in names if not name.exists())
    patiently(lambda: staging.rename(target))
    return target


def retire(folder: Path) -> None:
    """Remove a run: out of sight first, so that nobody finds half of one."""
    hidden = folder.with_name(f"{OLD}{folder.name}")
    with contextlib.suppress(OSError):
        folder = folder.rename(hidden)
    remove(folder)


def latest(out: Path) -> str:
    """Return the name of the newest whole run, or an empty text."""
    try:
        return (out / LATEST).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
