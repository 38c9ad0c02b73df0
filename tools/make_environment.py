"""The environment of make.py: .venv, the locked packages in it, and programs started from it.

Uses the standard library only, since it runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCKS = {"run": "requirements.lock", "test": "requirements-dev.lock"}


class MakeError(Exception):
    """An expected failure; its text is the one line shown to the person."""


def say(text: str) -> None:
    """Print at once, so that the order stays right when the output goes into a file."""
    print(text, flush=True)


def venv_python() -> Path:
    """Return the path of the environment's Python."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def stamp_path() -> Path:
    """Return the path of the file that says what .venv holds."""
    return VENV / "kts-stamp.txt"


def child_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the variables for started programs: UTF-8 everywhere, no foreign packages."""
    dropped = ("PYTHONHOME", "PYTHONPATH")
    kept = {key: value for key, value in os.environ.items() if key not in dropped}
    return {**kept, "PYTHONUTF8": "1", **(extra or {})}


def fingerprint() -> str:
    """Return a sha256 over all that decides what belongs in .venv."""
    digest = hashlib.sha256()
    # The editable install points at ROOT, and the wheels belong to one Python version.
    for text in (str(ROOT), sys.version):
        digest.update(text.encode("utf-8"))
    for name in (*LOCKS.values(), "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def installed_level() -> str:
    """Return what .venv holds for the present lock files: "run", "test" or nothing ("")."""
    if not (stamp_path().is_file() and venv_python().exists()):
        return ""
    level, _, stamped = stamp_path().read_text(encoding="utf-8").strip().partition(" ")
    return level if stamped == fingerprint() else ""


def run_logged(command: Sequence[str], problem: str) -> None:
    """Run a set-up command quietly; on failure raise MakeError with its last error line."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=child_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    log = VENV / "install.log"
    with open(log, "a", encoding="utf-8", newline="\n") as file:
        file.write(done.stdout)
    if done.returncode != 0:
        errors = [line for line in done.stdout.splitlines() if line.startswith("ERROR:")]
        cause = errors[-1] if errors else f"exit code {done.returncode}"
        raise MakeError(f"{problem} ({cause}; all of it: {log})")


def install(level: str, wheels: Path | None = None) -> None:
    """Make .venv hold what `level` ("run" or "test") needs; do nothing when it already does.

    The packages of "test" contain those of "run". A changed lock, Python or project folder
    means a new .venv. Raises MakeError when Python or pip fails.
    """
    present = installed_level()
    if present in (level, "test"):
        return
    lock = LOCKS[level]
    say(f"Installing {lock} into .venv (once; it can take some minutes) ...")
    VENV.mkdir(exist_ok=True)
    stamp_path().unlink(missing_ok=True)  # an interrupted install must not look complete
    if not present:
        run_logged(
            [sys.executable, "-m", "venv", "--clear", str(VENV)],
            'Python could not make .venv; on Debian/Ubuntu try "apt install python3-venv"',
        )
    source = ["--no-index", "--find-links", str(wheels)] if wheels else []
    pip = [str(venv_python()), "-m", "pip", "install", "--quiet", "--no-input"]
    pip += ["--disable-pip-version-check", *source]
    run_logged(
        [*pip, "--require-hashes", "-r", lock],
        "pip could not install the packages; without internet, on a PC like this one run "
        f'"python -m pip download -d wheels -r {lock}", copy the folder here and add '
        '"--wheels wheels"',
    )
    run_logged(
        [*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)],
        "pip could not install kts_analysis itself",
    )
    stamp_path().write_text(f"{level} {fingerprint()}\n", encoding="utf-8", newline="\n")


def remove() -> None:
    """Delete .venv."""
    if VENV.exists():
        shutil.rmtree(VENV)


def split_wheels(arguments: Sequence[str]) -> tuple[Path | None, list[str]]:
    """Take `--wheels DIR` out of the arguments; raise MakeError if DIR is not a folder."""
    wheels: Path | None = None
    rest: list[str] = []
    waiting = iter(arguments)
    for text in waiting:
        if text == "--wheels" or text.startswith("--wheels="):
            value = text.partition("=")[2] if "=" in text else next(waiting, "")
            wheels = (ROOT / value).resolve()
            if not value or not wheels.is_dir():
                raise MakeError(f'--wheels needs an existing folder of wheels, not "{value}".')
        else:
            rest.append(text)
    return wheels, rest


def run_kts(arguments: Sequence[str]) -> int:
    """Run `kts` with these arguments in the environment; return its exit code."""
    command = [str(venv_python()), "-m", "kts_analysis", *arguments]
    code = subprocess.run(command, cwd=ROOT, env=child_environment(), check=False).returncode
    return code if code >= 0 else 128 - code  # killed by a signal: what a shell reports
