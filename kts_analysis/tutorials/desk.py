"""A temporary work desk for a lesson: copies of data, commands run there, nothing left behind.

A lesson writes only to its desk, and prints neither the place of the desk, of Python nor of the
library on this machine, so that its outputs are the same everywhere.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_
from kts_analysis.registry_files import data_root

PACKAGE = Path(__file__).resolve().parents[1]
# Of the one who runs the lesson, not of the desk: his data, and what changes how pytest prints.
NOT_ITS_OWN = re.compile(r"KTS_DATA|PYTEST_.*|CI|BUILD_NUMBER|FORCE_COLOR|PY_COLORS")
CARDS = ("indicators.yml", "series.yml")  # of use to any province, so a new one begins with them
LEFT_OUT = ("__pycache__", ".kts-cache", ".kts-store.lock", "reported")
# The end of a run's name stands for the versions of all libraries: another one on each machine.
PYTEST_SECONDS = re.compile(r"(passed|failed) in \d[\d.]*s")
RUN_CODE = re.compile(r"(\b\d{4}-\d\d-\d\d)-[0-9a-f]{8}\b")
SECONDS = 300  # a command of a lesson that takes longer hangs


def sample_desk() -> Desk:
    """Return a desk with a copy of the data that comes with the product, synthetic sample included.

    Raises
    ------
    KtsError
        There is no data folder.
    """
    desk = Desk()
    shutil.copytree(data_root(), desk.path("data"), ignore=shutil.ignore_patterns(*LEFT_OUT))
    return desk


def new_desk(example: str | os.PathLike[str]) -> Desk:
    """Return a desk with the files of an example, and the cards every province can use.

    Parameters
    ----------
    example : path
        Folder whose files are copied to the desk; relative to the notebook.

    Raises
    ------
    KtsError
        There is no such folder, or no data folder to take the cards from.
    """
    source = Path(example)
    if not source.is_dir():
        raise KtsError(N_("there is no folder {found} beside this notebook"), found=source.name)
    desk = Desk()
    shutil.copytree(
        source, desk.folder, ignore=shutil.ignore_patterns(*LEFT_OUT), dirs_exist_ok=True
    )
    desk.path("data").mkdir(exist_ok=True)
    for name in CARDS:
        shutil.copyfile(data_root() / name, desk.path("data") / name)
    return desk


class Desk:
    """A temporary folder in which a lesson works; `close` removes it.

    Attributes
    ----------
    folder : Path
        Where it is; commands run there, and find its ``data``.
    """

    def __init__(self) -> None:
        self._place = tempfile.TemporaryDirectory(prefix="kts-lesson-")
        self.folder = Path(self._place.name).resolve()

    def path(self, name: str) -> Path:
        """Return the path of a file of the desk.

        Raises
        ------
        KtsError
            The name leads out of the desk.
        """
        path = (self.folder / name).resolve()
        if not path.is_relative_to(self.folder):
            raise KtsError(N_("{found} is outside the lesson's folder"), found=name)
        return path

    def kts(self, line: str) -> None:
        """Run ``kts`` as a terminal in the desk's folder would, and print all that it says.

        Parameters
        ----------
        line : str
            What follows ``kts``, its words set apart by blanks. An exit code other than 0 is
            printed too.
        """
        self.python(f"-m kts_analysis {line}", shown=f"kts {line}")

    def python(self, line: str, *, shown: str | None = None) -> None:
        """Run this notebook's Python in the desk's folder, and print all that it says.

        Parameters
        ----------
        line : str
            Arguments, set apart by blanks.
        shown : str, optional
            What a reader would type; by default ``python`` and the arguments.
        """
        done = subprocess.run(
            [sys.executable, *line.split()],
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )
        print(f"$ {shown or f'python {line}'}")
        print(self.tidy(done.stdout).rstrip())
        if done.returncode:
            print(f"(mã thoát / exit code {done.returncode})")

    def show(self, name: str, first: int = 1, last: int | None = None) -> None:
        """Print a text file, or its lines from `first` to `last` (counted from 1)."""
        lines = self.path(name).read_text(encoding="utf-8").splitlines()
        print("\n".join(map(self.tidy, lines[first - 1 : last])))

    def files(self, name: str = ".", pattern: str = "*") -> None:
        """Print the files below a folder whose names fit a pattern, hidden ones left out."""
        print("\n".join(self._names(self.path(name), pattern)))

    def replace(self, name: str, old: str, new: str) -> None:
        """Replace a text that stands exactly once in a file.

        Raises
        ------
        KtsError
            It does not stand there, or more than once.
        """
        text = self.path(name).read_text(encoding="utf-8")
        if text.count(old) != 1:
            message = N_("{file}: {found} must stand there once, it stands there {times} times")
            raise KtsError(message, file=name, found=old, times=text.count(old))
        self._write(name, text.replace(old, new))

    def bring(self, source: str | os.PathLike[str], name: str) -> None:
        """Copy a file that lies beside the notebook to the desk, under a name of the desk."""
        self.path(name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, self.path(name))

    def append(self, name: str, added: str) -> None:
        """Add the text of the desk's file `added` to the end of the file `name`."""
        text = self.path(name).read_text(encoding="utf-8")
        self._write(name, text + self.path(added).read_text(encoding="utf-8"))

    def copy_library(self) -> None:
        """Put a copy of the library's code on the desk; commands of the desk then use that one."""
        shutil.copytree(PACKAGE, self.path(PACKAGE.name), ignore=shutil.ignore_patterns(*LEFT_OUT))

    def tidy(self, text: str) -> str:
        """Return a text without the places of this machine, the code of a run or times."""
        for place, name in ((self.folder, "~/bai-hoc"), (sys.executable, "~/kts/python")):
            for written in dict.fromkeys((str(place), Path(place).as_posix())):
                text = text.replace(written, name)
        return PYTEST_SECONDS.sub(r"\1", RUN_CODE.sub(r"\1-xxxxxxxx", text))

    def close(self) -> None:
        """Remove the desk and everything on it."""
        self._place.cleanup()
        print("Đã xóa thư mục tạm của bài học / the lesson's temporary folder is removed.")

    def _write(self, name: str, text: str) -> None:
        self.path(name).write_text(text, encoding="utf-8", newline="\n")

    def _names(self, folder: Path, pattern: str) -> Iterator[str]:
        paths = (path.relative_to(self.folder) for path in folder.rglob(pattern) if path.is_file())
        for name in sorted(PurePosixPath(path.as_posix()) for path in paths):
            if not any(part.startswith((".", "__pycache__")) for part in name.parts):
                yield self.tidy(str(name))

    def _environment(self) -> dict[str, str]:
        """Return the environment of a command: the desk's data, the library of this notebook."""
        paths = [str(PACKAGE.parent), os.environ.get("PYTHONPATH", "")]
        kept = {
            name: value for name, value in os.environ.items() if not NOT_ITS_OWN.fullmatch(name)
        }
        return kept | {
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            "PYTHONUTF8": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "COLUMNS": "100",
            "NO_COLOR": "1",
        }
