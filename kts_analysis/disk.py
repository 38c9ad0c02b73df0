"""Files written whole or not at all, and a lock that one writer holds."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from kts_analysis.errors import LockedError

PART = ".part"  # ending of a file that is still being written; no reader looks at those
# What a file system says that has no hard links (FAT, some network folders).
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


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
    fresh = _fresh_name(path)
    try:
        fresh.write_bytes(content)
        patiently(lambda: os.replace(fresh, path))
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise
    return hashlib.sha256(content).hexdigest()


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write text as `write_whole` does, without ever holding all of it in memory."""
    fresh = _fresh_name(path)
    try:
        with fresh.open("w", encoding="utf-8", newline="\n") as handle:
            handle.writelines(lines)
        patiently(lambda: os.replace(fresh, path))
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise


def write_new(path: Path, content: bytes) -> None:
    """Write a file that must not be there yet: it appears whole, on the disk itself, or never.

    Only for the holder of a lock: where the file system has no hard links, a foreign program that
    makes a file of this name at the same moment would lose it.

    Raises
    ------
    FileExistsError
        There is one of that name; it stays as it is.
    OSError
        It cannot be written; nothing is left of it.
    """
    fresh = _fresh_name(path)
    try:
        with fresh.open("wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        patiently(lambda: _publish(fresh, path))
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink()
    _sync_folder(path.parent)


def sweep_parts(folder: Path) -> None:
    """Remove what killed writers left behind; only the holder of the lock may do that."""
    for path in folder.glob(f".*{PART}"):
        with contextlib.suppress(OSError):  # what cannot be removed now is left to a later sweep
            path.unlink()


def sha256(path: str | os.PathLike[str]) -> str:
    """Return the SHA-256 of a file."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


@contextlib.contextmanager
def hold(lock: Path, busy: LockedError, *, wait: bool = False) -> Iterator[None]:
    """Hold a lock file; the system lets go of it when the process ends.

    Parameters
    ----------
    lock : Path
    busy : LockedError
        What to say when another holds it and `wait` is False.

    Raises
    ------
    LockedError
    OSError
        The lock file cannot be made.
    """
    import filelock

    handle = filelock.FileLock(lock, timeout=-1 if wait else 0)
    try:
        handle.acquire()
    except filelock.Timeout:
        raise busy from None
    try:
        yield
    finally:
        handle.release()


def patiently(act: Callable[[], object]) -> None:
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


def _fresh_name(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}{PART}")


def _publish(fresh: Path, path: Path) -> None:
    """Give a whole file its name, unless the name is taken."""
    if os.name == "nt":
        os.rename(fresh, path)  # Windows refuses a name that is taken
        return
    try:
        os.link(fresh, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        os.rename(fresh, path)


def _sync_folder(folder: Path) -> None:
    """Make sure that a new name outlives a power cut; Windows cannot open folders for that."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
