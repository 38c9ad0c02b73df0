"""``run.json``: what a run was made from, what it made, and when; and reading it again."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from glob import glob
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from kts_analysis import __version__
from kts_analysis.documents.formats import distributions_of
from kts_analysis.reporting.execute import Result
from kts_analysis.reporting.files import leftovers, sha256
from kts_analysis.reporting.units import Unit

MANIFEST, DONE_LIST = "run.json", ".done.jsonl"
LIBRARIES = (
    "numpy", "pandas", "scipy", "statsmodels", "plotly", "papermill", "nbformat", "nbclient",
    "ipykernel", "ipython", "babel", "jinja2", "markupsafe", "pydantic", "pyyaml",
)  # fmt: skip
SCENARIOS = "data/scenarios"  # in a run's inputs; a run with one keeps it in its own folder too
_CODE = (".py", ".po", ".html", ".css", ".js", ".json")
_NOTEBOOKS = ("*.ipynb", "*.py")
_DATA = (
    "*.yml", "*.csv", "plans/*.yml", "published/*.csv", "sample/*.csv", "reported/*.csv",
    "boundaries/*.geojson", "weights/*.csv",
)  # fmt: skip


def given_files(data: Path, notebooks: Path, scenario: Path | None = None) -> dict[str, str]:
    """Return the files a run reads of its two folders, as ``data/…`` and ``notebooks/…``.

    Hidden files and those a program keeps beside an open workbook are not read. A scenario counts
    as one of the data folder, wherever it lies; those not asked for are no part of a run. Their
    paths are plain texts: a country has hundreds of files, and this process is to stay small.
    """
    kinds = (("data", data, _DATA), ("notebooks", notebooks, _NOTEBOOKS))
    asked = {f"{SCENARIOS}/{scenario.name}": str(scenario)} if scenario else {}
    return asked | {
        f"{kind}/{name.replace(os.sep, '/')}": path
        for kind, folder, patterns in kinds
        for pattern in patterns
        for name in sorted(glob(pattern, root_dir=folder))
        if os.path.isfile(path := os.path.join(folder, name))
        and not os.path.basename(name).startswith((".", "~$"))
    }


def input_hashes(data: Path, notebooks: Path, scenario: Path | None = None) -> dict[str, str]:
    """Return the SHA-256 of everything that goes into a run: data, notebooks, library."""
    package = Path(__file__).resolve().parent.parent
    code = {
        f"kts_analysis/{path.relative_to(package).as_posix()}": str(path)
        for path in package.rglob("*")
        if path.suffix in _CODE and path.is_file()
    }
    named = given_files(data, notebooks, scenario) | code
    return {name: sha256(path) for name, path in sorted(named.items())}


def kept_scenario(folder: Path, name: str) -> Path:
    """Return the place of a scenario's copy in the folder of a run."""
    return folder / "scenarios" / name


def versions(formats: Iterable[str] = ()) -> dict[str, str]:
    """Return the versions that can change a result, with those of the documents asked for."""
    own = {"python": platform.python_version(), "kts_analysis": __version__}
    return own | _installed([*LIBRARIES, *distributions_of(formats)])


def _installed(names: Iterable[str]) -> dict[str, str]:
    """Return the versions of distributions, without those that are not there."""
    found = {}
    for name in names:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def formats_of(units: Iterable[Unit]) -> tuple[str, ...]:
    """Return the forms that some reports are written in, each once."""
    return tuple(dict.fromkeys(name for unit in units for name in unit.formats))


def run_code(units: Iterable[Unit], hashes: Mapping[str, str]) -> str:
    """Return eight letters that stand for everything that goes into a run."""
    asked = list(units)
    facts = [unit.as_json() for unit in asked]
    return digest([facts, hashes, versions(formats_of(asked))])[:8]


def digest(content: Any) -> str:
    """Return the SHA-256 of anything JSON can hold."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def manifest(
    facts: Mapping[str, Any],
    results: Iterable[Result],
    keys: Mapping[str, str],
    hashes: Mapping[str, str],
    files: Mapping[str, str],
    sizes: Mapping[str, int],
) -> Iterator[str]:
    """Yield the text of ``run.json``: the only file with clock times and machine facts.

    Line by line, one a unit and one a file: a country's run is a megabyte, and this process is to
    stay as small as for ten reports.
    """
    chosen = list(results)
    content: dict[str, Any] = {
        **facts,
        "platform": platform.system(),
        "versions": versions(formats_of(result.unit for result in chosen)),
        "failed": sum(not result.ok for result in chosen),
        "inputs": hashes,
        "files": files,
        "sizes": sizes,
    }
    yield "{\n"
    for name, value in content.items():
        yield from _object(name, value) if isinstance(value, Mapping) else (_pair(name, value),)
        yield ",\n"
    yield '"units": [\n'
    for place, result in enumerate(chosen):
        yield (",\n " if place else " ") + _line(_unit_facts(result, keys))
    yield "\n]\n}\n"


def _unit_facts(result: Result, keys: Mapping[str, str]) -> dict[str, Any]:
    """Return what the manifest says of one report."""
    return result.unit.as_json() | {
        "key": keys.get(result.unit.label, ""),
        "status": "done" if result.ok else "failed",
        "reused": result.reused,
        "seconds": result.seconds,
        "cell": result.cell,
        "message": result.message,
        "files": result.files or {},
    }


def _object(name: str, content: Mapping[str, Any]) -> Iterator[str]:
    """Yield an object, one entry a line."""
    yield f"{_line(name)}: {{"
    for place, (key, value) in enumerate(content.items()):
        yield (",\n " if place else "\n ") + _pair(key, value)
    yield "\n}"


def _pair(name: str, value: Any) -> str:
    return f"{_line(name)}: {_line(value)}"


def _line(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False)


@dataclass(frozen=True)
class Earlier:
    """A run that stands in the output folder.

    Attributes
    ----------
    folder : Path
    facts : dict
        Its ``run.json``.
    """

    folder: Path
    facts: dict[str, Any]

    @property
    def sequence(self) -> int:
        """Number of the run in this folder: newer runs have larger ones, whatever the clock."""
        return int(self.facts.get("sequence", 0))

    @property
    def whole(self) -> bool:
        """Whether every report was made and every file is there with its size."""
        sizes = self.facts.get("sizes", {})
        if self.facts.get("failed") or not sizes:
            return False
        paths = {self.folder / name: size for name, size in sizes.items()}
        return all(path.is_file() and path.stat().st_size == paths[path] for path in paths)


def read_run(folder: Path) -> Earlier | None:
    """Return a run that stands in a folder; None when it is none, or was made by older code."""
    try:
        facts = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    shape = {"files": dict, "sizes": dict, "inputs": dict, "units": list, "sequence": int}
    known = isinstance(facts, dict) and all(
        isinstance(facts.get(name), kind) for name, kind in shape.items()
    )
    return Earlier(folder, facts) if known else None


def earlier_runs(out: Path) -> list[Earlier]:
    """Return the runs of an output folder, newest first."""
    folders = [path.parent for path in out.glob(f"[!.]*/{MANIFEST}")]
    found = [run for run in map(read_run, folders) if run is not None]
    return sorted(found, key=lambda run: (run.sequence, run.folder.name), reverse=True)


def note_done(staging: Path, key: str, unit: Unit, files: Mapping[str, str]) -> None:
    """Write down a finished unit, so that a run that is killed can be taken up again."""
    line = json.dumps({"key": key, "id": unit.id, "files": dict(files)}, ensure_ascii=False)
    with (staging / DONE_LIST).open("a", encoding="utf-8", newline="\n") as handle:
        handle.write(line + "\n")


def reusable(out: Path) -> dict[str, tuple[Path, dict[str, str]]]:
    """Return the reports that stand in the output folder, by the key of what went into them.

    Returns
    -------
    dict
        Key to the unit's folder and the SHA-256 of each of its files; also of killed runs.
    """
    found: dict[str, tuple[Path, dict[str, str]]] = {}
    for folder, entry in _made(out):
        if entry.get("key") and entry.get("files"):
            found.setdefault(entry["key"], (folder / entry["id"], entry["files"]))
    return found


def _made(out: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for staging in leftovers(out):
        try:
            lines = (staging / DONE_LIST).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            continue
        for line in lines:
            try:
                yield staging, json.loads(line)
            except ValueError:  # the last line of a killed run
                continue
    for run in earlier_runs(out):
        for unit in run.facts["units"]:
            if unit["status"] == "done":
                yield run.folder, unit
