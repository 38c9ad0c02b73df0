"""Files of a run: written whole, named by their content, moved into place whole."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_

LATEST = "latest.txt"
LOCK = ".kts-run.lock"
STAGING, OLD = ".kts-staging-", ".kts-old-"


class LockedError(KtsError):
    """Another run works in the same output folder; exit code 3."""

    exit_code = 3


def write_whole(path: Path, text: str) -> str:
    """Write a file so that a reader sees the old or the new text, never half of one.

    Returns
    -------
    str
        SHA-256 of what was written.
    """
    return write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> str:
    """Write bytes as `write_whole` writes text."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        fresh.write_bytes(content)
        _patiently(lambda: os.replace(fresh, path))
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise
    return hashlib.sha256(content).hexdigest()


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


@contextlib.contextmanager
def locked(out: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold the output folder for one run; the system lets go of it when the process ends.

    Raises
    ------
    LockedError
        Another run holds it and `wait` is False.
    """
    import filelock

    lock = filelock.FileLock(out / LOCK, timeout=-1 if wait else 0)
    try:
        lock.acquire()
    except filelock.Timeout:
        message = N_("another run is working in {folder}: try again later, or use --wait")
        raise LockedError(message, folder=out) from None
    try:
        yield
    finally:
        lock.release()


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
    _patiently(lambda: staging.rename(target))
    return target


def retire(folder: Path) -> None:
    """Remove a run: out of sight first, so that nobody finds half of one."""
    hidden = folder.with_name(f"{OLD}{folder.name}")
    with contextlib.suppress(OSError):
        folder = folder.rename(hidden)
    remove(folder)


def _patiently(act: Callable[[], object]) -> None:
    """Do it, waiting a little where Windows says that somebody looks at the file just now."""
    for wait in (0.1, 0.3, 1.0):
        try:
            act()
            return
        except PermissionError:
            if os.name != "nt":
                raise
            time.sleep(wait)
    act()


def latest(out: Path) -> str:
    """Return the name of the newest whole run, or an empty text."""
    try:
        return (out / LATEST).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
