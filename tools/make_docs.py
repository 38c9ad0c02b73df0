"""The library reference of `python make.py docs`: built by Sphinx, complaints are errors.

Uses the standard library only, since it runs outside the environment.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from make_environment import ROOT, child_environment, say, venv_python

SOURCE = ROOT / "docs"
OUT = SOURCE / "_build"


def sphinx_arguments(out: Path) -> tuple[str, ...]:
    """Return what follows Python to build the reference into a folder, every page anew."""
    quiet = ("-W", "--keep-going", "-q", "-E")
    return ("-m", "sphinx", *quiet, "-b", "html", "-d", f"{out}/.doctrees", str(SOURCE), str(out))


def build_docs() -> int:
    """Build the reference and print the path of its first page; return 0, or 1 if it complains."""
    command = [str(venv_python()), *sphinx_arguments(OUT)]
    done = subprocess.run(
        command, cwd=ROOT, env=child_environment(), stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode:
        return 1
    say(str(OUT / "index.html"))
    return 0
