"""A run from plan to folder: built in a staging folder, moved into place whole."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd

from kts_analysis import __version__, rollup
from kts_analysis.assessment import assess
from kts_analysis.errors import KtsError
from kts_analysis.fragments import asset
from kts_analysis.i18n import N_, Messages
from kts_analysis.registry import Registry
from kts_analysis.reporting.execute import Result, execute
from kts_analysis.reporting.index import write_index
from kts_analysis.reporting.page import index_name, plotly_asset
from kts_analysis.reporting.proof import write_proof
from kts_analysis.reporting.units import HOME_NOTEBOOK, Unit, check_parameters
from kts_analysis.schema import VERDICT_COLUMNS, keep
from kts_analysis.store import known_on, load_observations, observation_files

MOST_JOBS = 61  # what Windows can wait for at once
LIBRARIES = ("numpy", "pandas", "scipy", "statsmodels", "plotly", "papermill", "nbformat")


@dataclass(frozen=True)
class Finished:
    """What a run made.

    Attributes
    ----------
    index : Path
        The index page.
    results : list of Result
        One a unit, in the order planned.
    """

    index: Path
    results: list[Result]

    @property
    def failed(self) -> list[Result]:
        """The units that gave no report."""
        return [result for result in self.results if not result.ok]


def run(
    units: list[Unit],
    registry: Registry,
    notebooks: Path,
    out: Path,
    *,
    jobs: int = 2,
    as_of: str = "",
    progress: Callable[[Result], None] = lambda result: None,
) -> Finished:
    """Make the reports of all units.

    Parameters
    ----------
    units : list of Unit
        From `plan_units`.
    registry : Registry
    notebooks : Path
        Folder of the notebook templates.
    out : Path
        Folder that gets a folder of this run.
    jobs : int
        Processes at a time.
    as_of : str
        Day to stand on; empty: the date of the newest figure.
    progress : callable
        Told of each finished unit.

    Returns
    -------
    Finished
        One failed unit stops no other; the folder is moved into place whole at the end.

    Raises
    ------
    KtsError
        Nothing to do, an unknown parameter, or a missing notebook.
    """
    if not units:
        raise KtsError(N_("there is no report to make"))
    check_parameters(units, notebooks)
    out.mkdir(parents=True, exist_ok=True)
    begun = datetime.now(UTC)
    hashes = input_hashes(registry, notebooks)
    verdicts = _verdicts(units, registry, as_of)
    run_id = _run_id(units, verdicts, hashes)
    staging = out / f".staging-{run_id}-{os.getpid()}"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir()
    try:
        results = _execute_all(units, notebooks, staging, registry.root, jobs, progress)
        made = {(r.unit.plan.id, r.unit.area.code) for r in results if r.ok}
        failed = {(r.unit.plan.id, r.unit.area.code) for r in results} - made
        kept = _without(verdicts, failed)
        kept.to_csv(staging / "verdicts.csv", index=False, encoding="utf-8", lineterminator="\n")
        _rollups(units, registry, as_of).to_csv(
            staging / "rollup.csv", index=False, encoding="utf-8", lineterminator="\n"
        )
        _write_assets(staging)
        langs = list(dict.fromkeys(unit.lang for unit in units))
        for lang in langs:
            write_index(staging, registry, results, kept, lang, langs)
            write_proof(staging, lang, langs)
        _write_manifest(staging, run_id, begun, results, hashes)
        whole = all(result.ok for result in results)
        place = _move_into_place(staging, out / (run_id if whole else f"{run_id}-failed"))
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    if whole:
        _write_whole(out / "latest.txt", f"{place.name}\n")
    return Finished(place / index_name(langs[0], langs), results)


def _execute_all(
    units: list[Unit],
    notebooks: Path,
    staging: Path,
    data: Path,
    jobs: int,
    progress: Callable[[Result], None],
) -> list[Result]:
    """Run units in processes of their own; the order of the results is that of the units.

    A killed process breaks its whole pool without saying whose fault it was: what had no result
    yet is tried again, at last each unit alone, so that only the culprit fails.
    """
    results: dict[str, Result] = {}

    def attempt(some: list[Unit], workers: int) -> None:
        context = get_context("spawn")  # the same on every platform, and safe beside threads
        with ProcessPoolExecutor(max_workers=workers, mp_context=context) as pool:
            waiting = {pool.submit(execute, u, notebooks, staging, data): u for u in some}
            try:
                for future in as_completed(waiting):
                    if not isinstance(future.exception(), BrokenProcessPool):
                        results[waiting[future].label] = future.result()
                        progress(future.result())
            except KeyboardInterrupt:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    attempt(units, max(1, min(jobs, len(units), MOST_JOBS)))
    for unit in [unit for unit in units if unit.label not in results]:
        attempt([unit], 1)
        if unit.label not in results:
            m = Messages(unit.lang)
            message = m("the process that made this report was killed")
            results[unit.label] = Result(unit, ok=False, seconds=0.0, message=message)
            progress(results[unit.label])
    return [results[unit.label] for unit in units]


def _verdicts(units: list[Unit], registry: Registry, as_of: str) -> pd.DataFrame:
    """Return the verdicts of every area the run reports on."""
    loaded = load_observations(registry.root)
    known = known_on(loaded.sound, as_of or None)
    frames = []
    for plan_id, deadline in dict.fromkeys((u.plan.id, u.parameters["deadline"]) for u in units):
        plan = registry.plan(plan_id)
        mine = [unit for unit in units if unit.plan.id == plan_id]
        codes = list(dict.fromkeys(unit.area.code for unit in mine))
        if any(unit.notebook == HOME_NOTEBOOK for unit in mine):
            codes = list(plan.areas)
        broken = {code for p in loaded.errors for code in codes if p.concerns([code])}
        whole = [code for code in codes if code not in broken]
        frames.append(assess(plan, known, deadline, areas=whole, registry=registry))
    table = pd.concat(frames, ignore_index=True)
    return table[VERDICT_COLUMNS]


def _rollups(units: list[Unit], registry: Registry, as_of: str) -> pd.DataFrame:
    """Return the verdicts of each home area on what its areas add up to."""
    known = known_on(load_observations(registry.root).sound, as_of or None)
    frames = [pd.DataFrame(columns=VERDICT_COLUMNS)]
    homes = {u.plan.id: u for u in units if u.notebook == HOME_NOTEBOOK}
    for unit in homes.values():
        plan = rollup.rollup_plan(unit.plan, registry)
        summed = rollup.with_rollup(known, unit.plan, registry)
        deadline = unit.parameters["deadline"]
        frames.append(assess(plan, summed, deadline, areas=[plan.home], registry=registry))
    return pd.concat(frames[1:] or frames, ignore_index=True)


def _without(verdicts: pd.DataFrame, failed: Iterable[tuple[str, str]]) -> pd.DataFrame:
    """Return the verdicts of areas that have a report: no row may stand for a failed one."""
    out = set(failed)
    pairs = zip(verdicts["plan_id"], verdicts["area_code"], strict=True)
    return keep(verdicts, (pair not in out for pair in pairs))


def input_hashes(registry: Registry, notebooks: Path) -> dict[str, str]:
    """Return the SHA-256 of everything that goes into a run: data, notebooks, library."""
    package = Path(__file__).resolve().parent.parent
    data = [*registry.root.glob("*.yml"), *registry.root.glob("*.csv")]
    data += [*registry.root.glob("plans/*.yml"), *observation_files(registry)]
    code = [
        path
        for path in package.rglob("*")
        if path.suffix in (".py", ".po", ".html", ".css", ".js") and path.is_file()
    ]
    named = {f"data/{path.relative_to(registry.root).as_posix()}": path for path in data}
    named |= {f"notebooks/{path.name}": path for path in notebooks.glob("*.ipynb")}
    named |= {f"kts_analysis/{path.relative_to(package).as_posix()}": path for path in code}
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in sorted(named.items())
    }


def _run_id(units: list[Unit], verdicts: pd.DataFrame, hashes: dict[str, str]) -> str:
    """Return the run's name: the date stood on and a hash of everything that goes in."""
    asked = [[unit.label, unit.plan.id, unit.parameters] for unit in units]
    text = json.dumps([asked, hashes, _versions()], sort_keys=True, ensure_ascii=False)
    day = str(verdicts["as_of"].iloc[0]) if len(verdicts) else "no-data"
    return f"{day}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _versions() -> dict[str, str]:
    return {"kts_analysis": __version__} | {name: version(name) for name in LIBRARIES}


def _write_assets(staging: Path) -> None:
    from plotly.offline import get_plotlyjs

    folder = staging / "assets"
    folder.mkdir()
    texts = {plotly_asset(): get_plotlyjs()}
    texts |= {name: asset(name) for name in ("kts.css", "kts.js")}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def _write_manifest(
    staging: Path, run_id: str, begun: datetime, results: list[Result], hashes: dict[str, str]
) -> None:
    """Write ``run.json``: the only file with clock times and machine facts."""
    facts: dict[str, Any] = {
        "run_id": run_id,
        "started": begun.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "platform": platform.system(),
        "versions": _versions(),
        "inputs": hashes,
        "units": [
            {
                "id": result.unit.id,
                "notebook": result.unit.notebook,
                "lang": result.unit.lang,
                "parameters": result.unit.parameters,
                "status": "done" if result.ok else "failed",
                "seconds": result.seconds,
                "cell": result.cell,
                "message": result.message,
            }
            for result in results
        ],
        "failed": sum(not result.ok for result in results),
    }
    text = json.dumps(facts, ensure_ascii=False, indent=1)
    (staging / "run.json").write_text(text + "\n", encoding="utf-8", newline="\n")


def _move_into_place(staging: Path, place: Path) -> Path:
    """Move a finished run to its place; an earlier run of the same name stays until then.

    Where the old folder cannot be moved (a page open in another program on Windows), the new one
    gets a number instead: neither is lost.
    """
    old = place.with_name(f".old-{place.name}-{os.getpid()}")
    try:
        if place.exists():
            place.rename(old)
        staging.rename(place)
    except OSError:
        if old.exists() and not place.exists():
            old.rename(place)
        number = next(n for n in range(2, 1000) if not Path(f"{place}-{n}").exists())
        place = place.with_name(f"{place.name}-{number}")
        staging.rename(place)
    shutil.rmtree(old, ignore_errors=True)
    return place


def _write_whole(path: Path, text: str) -> None:
    """Write a small file so that a reader sees the old or the new text, never half of one."""
    fresh = path.with_name(f".{path.name}-{os.getpid()}")
    fresh.write_text(text, encoding="utf-8", newline="\n")
    os.replace(fresh, path)
