"""The checks of `python make.py test`: which there are, how they are run and summed up.

A check that could not run is shown as NOT RUN with the reason, never as passed.
Uses the standard library only, since it runs outside the environment.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from make_environment import ROOT, child_environment, say, venv_python

PASSED, FAILED, NOT_RUN = "passed", "FAILED", "NOT RUN"
PYTEST_NO_TESTS = 5  # pytest's documented exit code for "no tests were collected"

CHROMIUM_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
)
WINDOWS_FOLDERS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
WINDOWS_BROWSERS = (
    "Chromium/Application/chrome.exe",
    "Google/Chrome/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
)
MACOS_BROWSERS = ("Chromium", "Google Chrome", "Microsoft Edge")
CHROMIUM_MISSING = (
    "Chromium is missing, so the browser checks cannot run. Get it: Debian/Ubuntu "
    '"apt install chromium", Windows/macOS install Chrome or Edge; or set KTS_CHROMIUM to it.'
)


@dataclass(frozen=True)
class Step:
    """One check: `arguments` follow the environment's Python; `blocked` says why it cannot run."""

    name: str
    arguments: tuple[str, ...]
    blocked: str = ""
    is_pytest: bool = False
    may_be_empty: bool = False


@dataclass(frozen=True)
class Result:
    """What became of a check, with its numbers of tests (zero when it is not pytest)."""

    name: str
    state: str
    note: str = ""
    passed: int = 0
    failed: int = 0
    skipped: int = 0


def find_chromium(environment: Mapping[str, str], platform: str = sys.platform) -> str:
    """Return the path of a Chromium-like browser, or an empty text.

    KTS_CHROMIUM, when set, is the only place looked at.
    """
    named = environment.get("KTS_CHROMIUM", "")
    if named:
        return named if Path(named).is_file() else ""
    for name in CHROMIUM_NAMES:
        found = shutil.which(name, path=environment.get("PATH", ""))
        if found:
            return found
    places = [
        Path(environment[folder], browser)
        for folder in WINDOWS_FOLDERS
        if environment.get(folder)
        for browser in WINDOWS_BROWSERS
    ]
    if platform == "darwin":
        places += [Path(f"/Applications/{n}.app/Contents/MacOS/{n}") for n in MACOS_BROWSERS]
    return next((str(place) for place in places if place.is_file()), "")


EVERY_DAY = "not browser and not faults and not validation and not apart and not slow"


def check_steps(chromium: str, pytest_arguments: Sequence[str]) -> list[Step]:
    """Return the checks in order; pytest arguments go to the tests, and leave out nbval."""
    given = tuple(pytest_arguments)
    # nbval needs the cells of one notebook in one process, hence loadscope.
    parallel = ("-n", "2", "--dist", "loadscope")
    nbval = ("-m", "pytest", "--nbval", "--nbval-current-env", "-p", "no:cacheprovider")
    return [
        Step("ruff check", ("-m", "ruff", "check", ".")),
        Step("ruff format", ("-m", "ruff", "format", "--check", ".")),
        Step("mypy", ("-m", "mypy")),
        Step(
            "notebooks (nbval)",
            (*nbval, "notebooks", *parallel),
            "runs only without pytest arguments" if given else "",
            is_pytest=True,
        ),
        Step(
            "browser",
            ("-m", "pytest", "-m", "browser", *given),
            "" if chromium else "Chromium is missing",
            is_pytest=True,
            may_be_empty=bool(given),
        ),
        Step(
            "tests",
            (
                "-m",
                "pytest",
                *parallel,
                "-m",
                EVERY_DAY,
                *given,
            ),
            is_pytest=True,
            may_be_empty=bool(given),
        ),
    ]


def count_tests(report: Path) -> tuple[int, int, int]:
    """Return the numbers of passed, failed and skipped tests in a JUnit file."""
    total = failed = skipped = 0
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        total += int(suite.get("tests", "0"))
        failed += int(suite.get("failures", "0")) + int(suite.get("errors", "0"))
        skipped += int(suite.get("skipped", "0"))
    return max(total - failed - skipped, 0), failed, skipped


def judge_pytest(step: Step, code: int, counts: tuple[int, int, int]) -> Result:
    """Turn pytest's exit code and counts into a result; nothing but skipped tests is NOT RUN."""
    passed, failed, skipped = counts
    note = f"{passed} passed, {failed} failed, {skipped} skipped"
    if code == PYTEST_NO_TESTS:
        state, note = (NOT_RUN if step.may_be_empty else FAILED), "no test found"
    elif code != 0:
        state, note = FAILED, note if sum(counts) else f"pytest stopped with exit code {code}"
    elif passed == 0:
        state, note = NOT_RUN, f"all {skipped} tests were skipped"
    else:
        state = PASSED
    return Result(step.name, state, note, passed, failed, skipped)


def run_step(step: Step, environment: Mapping[str, str], folder: Path) -> Result:
    """Run one check, its output going straight to the screen; `folder` takes its result file."""
    if step.blocked:
        return Result(step.name, NOT_RUN, step.blocked)
    say(f"\n== {step.name}")
    report = folder / "junit.xml"
    report.unlink(missing_ok=True)
    extra = [f"--junitxml={report}"] if step.is_pytest else []
    command = [str(venv_python()), *step.arguments, *extra]
    code = subprocess.run(
        command, cwd=ROOT, env=dict(environment), stdin=subprocess.DEVNULL, check=False
    ).returncode
    if step.is_pytest:
        return judge_pytest(step, code, count_tests(report) if report.is_file() else (0, 0, 0))
    if code == 0:
        return Result(step.name, PASSED)
    return Result(step.name, FAILED, f"exit code {code}")


def summary(results: Sequence[Result]) -> tuple[str, int]:
    """Return the table of all checks, the test totals last, and the exit code (0 or 1)."""
    width = max(len(result.name) for result in results)
    lines = [f"{r.name:<{width}}  {r.state:<7}  {r.note}".rstrip() for r in results]
    passed = sum(result.passed for result in results)
    failed = sum(result.failed for result in results)
    skipped = sum(result.skipped for result in results)
    lines += ["", f"{passed} passed, {failed} failed, {skipped} skipped"]
    states = {result.state for result in results}
    return "\n".join(lines), int(FAILED in states or PASSED not in states)


def run_checks(pytest_arguments: Sequence[str]) -> int:
    """Run every check, also after one has failed; return 0 if none failed, else 1."""
    chromium = find_chromium(os.environ)
    if not chromium:
        say(CHROMIUM_MISSING)
    environment = child_environment({"KTS_CHROMIUM": chromium} if chromium else None)
    with tempfile.TemporaryDirectory() as folder:
        steps = check_steps(chromium, pytest_arguments)
        results = [run_step(step, environment, Path(folder)) for step in steps]
    table, code = summary(results)
    say(f"\n{table}")
    return code
