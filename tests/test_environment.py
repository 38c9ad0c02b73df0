"""environment.yml, pyproject.toml and the lock files say the same, and the environment obeys.

What is not tested: that conda can solve environment.yml (conda is not on every machine).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ENVIRONMENT: dict[str, Any] = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
# "peers" (other forecasters, to be compared with) holds scipy back: an environment of its own.
EXTRAS = {name: r for name, r in PROJECT["optional-dependencies"].items() if name != "peers"}

CONDA_NAMES = {"pandera[pandas]": "pandera-pandas"}  # all others have the same name
REQUIRED_PACKAGES = {"jupyterlab", "pandas", "plotly", "statsmodels", "papermill", "nbval"}
LOCKS = {
    "requirements.lock": [*PROJECT["dependencies"], *EXTRAS["build"], *EXTRAS["documents"]],
    "requirements-dev.lock": [*PROJECT["dependencies"], *(r for e in EXTRAS.values() for r in e)],
}
SYSTEMS = {
    "linux": {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"},
    "macos": {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"},
    "windows": {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"},
}
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
# Compiled packages: one wheel for each system at least.
COMPILED = ("debugpy", "numpy", "pandas", "pydantic-core", "pyzmq", "scipy", "statsmodels")


def conda_name(requirement: Requirement) -> str:
    """Return the conda name of a requirement such as pandera[pandas]."""
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    return CONDA_NAMES.get(requirement.name + extras, requirement.name)


def differences(pyproject: Iterable[str], environment: Iterable[str]) -> list[str]:
    """Return one line for each package that is missing, extra or has another range."""
    wanted = {conda_name(r): r.specifier for r in map(Requirement, pyproject)}
    found = {r.name: r.specifier for r in map(Requirement, environment)}
    lines = [f"missing: {name}" for name in wanted.keys() - found.keys()]
    lines += [f"extra: {name}" for name in found.keys() - wanted.keys()]
    lines += [
        f"other range: {name} {found[name]}, not {wanted[name]}"
        for name in wanted.keys() & found.keys()
        if wanted[name] != found[name]
    ]
    return sorted(lines)


class Locked(NamedTuple):
    """One line of a lock file."""

    name: str
    version: str
    marker: str
    hashes: list[str]

    def applies(self, environment: Mapping[str, str]) -> bool:
        return not self.marker or Marker(self.marker).evaluate(dict(environment))


def read_lock(text: str) -> list[Locked]:
    """Read a lock file; raise ValueError at a line that is not an exact version with hashes."""
    entries = []
    for line in text.replace("\\\n", " ").splitlines():
        head, *hashes = re.split(r"\s+--hash=", line.strip())
        match = re.fullmatch(r"([A-Za-z0-9._-]+)==([^\s;*]+)(?:\s*;\s*(.+))?", head)
        if match is None or not hashes:
            raise ValueError(f"not an exact version with hashes: {line[:80]}")
        entries.append(Locked(match[1], match[2], match[3] or "", hashes))
    return entries


def lock_problems(requirements: Iterable[str], locked: Iterable[Locked]) -> list[str]:
    """Return where a lock fails a requirement on some system and Python version."""
    entries = list(locked)
    problems = []
    for requirement in map(Requirement, requirements):
        name = canonicalize_name(requirement.name)
        named = [entry for entry in entries if canonicalize_name(entry.name) == name]
        for system, variables in SYSTEMS.items():
            for python in PYTHONS:
                full = f"{python}.9"
                where = {**variables, "python_version": python, "python_full_version": full}
                if requirement.marker and not requirement.marker.evaluate(where):
                    continue
                versions = [entry.version for entry in named if entry.applies(where)]
                if len(versions) != 1 or not requirement.specifier.contains(versions[0]):
                    problems.append(f"{requirement} on {system}, Python {python}: {versions}")
    return problems


def lock_text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def environment_packages() -> list[str]:
    return [text for text in ENVIRONMENT["dependencies"] if Requirement(text).name != "python"]


def test_channels_are_conda_forge_only() -> None:
    assert ENVIRONMENT["channels"] == ["conda-forge", "nodefaults"]


def test_python_matches_requires_python() -> None:
    pythons = [r for r in map(Requirement, ENVIRONMENT["dependencies"]) if r.name == "python"]
    assert [str(r.specifier) for r in pythons] == [PROJECT["requires-python"]]


def test_the_six_required_packages_are_there() -> None:
    assert {Requirement(text).name for text in environment_packages()} >= REQUIRED_PACKAGES


def test_environment_says_the_same_as_pyproject() -> None:
    wanted = [*PROJECT["dependencies"], *EXTRAS["test"]]
    assert differences(wanted, environment_packages()) == []


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        (["pandas>=3.0,<4", "pandera-pandas>=0.30"], []),
        (["pandas<4,>=3.0", "pandera-pandas>=0.30"], []),  # order means nothing
        (["pandera-pandas>=0.30"], ["missing: pandas"]),
        (["pandas>=3.0", "pandera-pandas>=0.30"], ["other range: pandas >=3.0, not <4,>=3.0"]),
        (["pandas>=3.0,<4", "pandera-pandas>=0.30", "dask"], ["extra: dask"]),
        (["pandas>=3.0,<4", "pandera>=0.30"], ["extra: pandera", "missing: pandera-pandas"]),
    ],
)
def test_planted_gaps_are_found(environment: list[str], expected: list[str]) -> None:
    assert differences(["pandas>=3.0,<4", "pandera[pandas]>=0.30"], environment) == expected


@pytest.mark.parametrize("name", LOCKS)
def test_lock_satisfies_pyproject_on_every_system(name: str) -> None:
    assert lock_problems(LOCKS[name], read_lock(lock_text(name))) == []


def test_lock_problems_finds_planted_gaps() -> None:
    locked = [
        Locked("pandas", "2.9", "", ["sha256:0"]),
        Locked("numpy", "2.4", "sys_platform != 'win32'", ["sha256:0"]),
    ]
    problems = lock_problems(["pandas>=3.0", "numpy>=2", "scipy"], locked)
    assert len([p for p in problems if p.startswith("pandas")]) == len(SYSTEMS) * len(PYTHONS)
    assert [p for p in problems if p.startswith("numpy")] == [
        f"numpy>=2 on windows, Python {python}: []" for python in PYTHONS
    ]
    assert len([p for p in problems if p.startswith("scipy")]) == len(SYSTEMS) * len(PYTHONS)


def test_a_requirement_of_some_systems_is_asked_of_those_only() -> None:
    locked = [Locked("pikepdf", "10.0", "sys_platform != 'darwin'", ["sha256:0"])]
    assert lock_problems(["pikepdf>=9; sys_platform != 'darwin'"], locked) == []
    assert len(lock_problems(["pikepdf>=9"], locked)) == len(PYTHONS)
    missing = lock_problems(["pikepdf>=9; sys_platform == 'win32'"], [])
    assert len(missing) == len(PYTHONS)


@pytest.mark.parametrize("name", LOCKS)
def test_lock_names_no_address(name: str) -> None:
    text = lock_text(name).lower()
    for forbidden in ("://", "index", "find-links", "file:", " @ ", "localhost"):
        assert forbidden not in text


@pytest.mark.parametrize("name", LOCKS)
def test_lock_hashes_every_package(name: str) -> None:
    entries = read_lock(lock_text(name))
    assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", h) for e in entries for h in e.hashes)
    for package in COMPILED:
        assert all(len(e.hashes) >= len(SYSTEMS) for e in entries if e.name == package), package


@pytest.mark.parametrize("line", ["pandas>=3 \\\n --hash=sha256:00", "pandas==3.1", "-i x"])
def test_read_lock_refuses_loose_lines(line: str) -> None:
    with pytest.raises(ValueError, match="not an exact version"):
        read_lock(line)


def test_both_locks_agree() -> None:
    runtime, everything = (
        {(entry.name, entry.version) for entry in read_lock(lock_text(name))} for name in LOCKS
    )
    assert runtime < everything


@pytest.mark.parametrize("text", [*PROJECT["dependencies"], *EXTRAS["test"]])
def test_installed_version_satisfies_pyproject(text: str) -> None:
    requirement = Requirement(text)
    assert requirement.specifier.contains(version(requirement.name)), version(requirement.name)
