"""What every job process has in common: threads, text encoding, environment, heavy imports."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

# One thread for arithmetic libraries: processes are the unit of work here, and a process with one
# thread can be forked safely.
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
# pandas imports pyarrow where that is installed, and its allocator starts a thread of its own
# beside Python's, which would make forking unsafe.
NO_ARROW_THREAD = "background_thread:false"
# What a Python process needs of the environment on any platform. Everything else (passwords, keys)
# stays with the parent: a notebook is somebody's code.
NEEDED = """
PATH HOME LANG LANGUAGE TZ TMPDIR TEMP TMP USER LOGNAME SHELL
SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT USERPROFILE USERNAME APPDATA LOCALAPPDATA
PROGRAMDATA PROGRAMFILES HOMEDRIVE HOMEPATH NUMBER_OF_PROCESSORS PROCESSOR_ARCHITECTURE
VIRTUAL_ENV CONDA_PREFIX LD_LIBRARY_PATH DYLD_LIBRARY_PATH
KTS_DATA PYTHONPATH PYTHONHOME PYTHONUSERBASE PYTHONPYCACHEPREFIX PYTHONDONTWRITEBYTECODE
JUPYTER_PATH JUPYTER_DATA_DIR JUPYTER_CONFIG_DIR JUPYTER_RUNTIME_DIR JUPYTER_PREFER_ENV_PATH
JUPYTER_PLATFORM_DIRS IPYTHONDIR
"""
FAMILIES = ("LC_", "XDG_", "FONTCONFIG")
SECRET_WORDS = ("SECRET", "TOKEN", "PASSWORD", "PASSWD", "CREDENTIAL", "_KEY")


def environment(
    given: Mapping[str, str], *, also: Iterable[str] = (), changes: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the environment of a job process.

    Parameters
    ----------
    given : mapping
        The parent's environment.
    also : iterable of str
        Names to hand on beside those every Python process needs.
    changes : mapping, optional
        Variables to set.
    """
    wanted = set(also)
    kept = {
        name: value
        for name, value in given.items()
        if name in wanted or (_is_usual(name.upper()) and not _is_secret(name.upper()))
    }
    kept |= dict.fromkeys(ONE_THREAD, "1")
    kept |= {"PYTHONUTF8": "1", "PYTHONHASHSEED": "0", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    kept |= {"JE_ARROW_MALLOC_CONF": NO_ARROW_THREAD}
    return kept | dict(changes or {})


def _is_usual(name: str) -> bool:
    return name in NEEDED.split() or name.startswith(FAMILIES)


def _is_secret(name: str) -> bool:
    return any(word in name for word in SECRET_WORDS)


def restart_in_utf_8() -> None:
    """Start the command line again in Python's UTF-8 mode where the locale is without UTF-8.

    In such a locale (``LC_ALL=C``) Python reads paths and arguments as something else, and cannot
    hand them on to other processes or print them.
    """
    program = Path(sys.argv[0])
    own = program.stem == "kts" or program.parent.name == "kts_analysis"
    if own and sys.getfilesystemencoding() != "utf-8":
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])


def skip_slow_grammar() -> None:
    """Keep ``jsonschema`` from compiling a grammar of addresses that no notebook uses.

    With JupyterLab installed that costs each process more than a second
    (github.com/python-jsonschema/jsonschema/pull/1521); jsonschema goes on without the module.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


@contextmanager
def no_debugger() -> Iterator[None]:
    """Let ipykernel believe that there is no debugger: nobody is there to use it, and it is dear.

    A notebook can import ``debugpy`` afterwards as ever.
    """
    if "debugpy" in sys.modules:
        yield
        return
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules["debugpy"]


def preload(modules: Iterable[str]) -> None:
    """Import modules before the first job; one that is not there is left to the job to miss.

    ``module:name`` also calls a function without arguments.
    """
    for entry in modules:
        module, _, name = entry.partition(":")
        try:
            made = import_module(module)
            if name:
                getattr(made, name)()
        except Exception:
            continue


def reseed() -> None:
    """Give a forked process random numbers of its own: the fork copied the parent's state."""
    import random

    random.seed()
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(int.from_bytes(os.urandom(4), "little"))
