"""A run from plan to folder: built in a staging folder, moved into place whole.

This process only plans, starts others, watches, and moves files: it imports neither pandas nor
papermill, so that a run in which nothing changed ends at once and a large one stays small.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from kts_analysis.documents.formats import check_formats
from kts_analysis.engine.jobs import DONE, Limits
from kts_analysis.engine.pool import Pool
from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_
from kts_analysis.registry import Registry
from kts_analysis.reporting import files, manifest
from kts_analysis.reporting.earlier import copied, retire_runs
from kts_analysis.reporting.execute import Result, clear_outputs
from kts_analysis.reporting.making import Site, call, check_engine, make_units, open_pool
from kts_analysis.reporting.page_names import index_name
from kts_analysis.reporting.units import Unit, check_parameters

FINISH = {  # the jobs at the end, by name
    "finish": "kts_analysis.reporting.finish:write_tables_and_index",
    "beside": "kts_analysis.reporting.finish:write_pages_beside",
}
SNAPSHOT, SCRATCH = ".inputs", ".jobs"  # folders of a staging folder that are not published
Progress = Callable[[Result], None]


@dataclass(frozen=True)
class Options:
    """How a run works; what it makes does not depend on any of these.

    Attributes
    ----------
    jobs : int
        Reports at a time.
    engine : {"auto", "fork", "workers", "kernels"}
        See `kts_analysis.engine.pool.Pool`.
    force : bool
        Make every report, also those of which nothing changed.
    wait : bool
        Wait for another run in the same folder instead of refusing.
    keep : int, optional
        How many runs to keep; all by default.
    limits : Limits
        Time and memory of a report.
    pass_on : tuple of str
        Environment variables the notebooks get beside the usual ones.
    scheduler : str
        Address of a dask scheduler whose workers make the reports; empty: this machine.
    chunk : int
        Reports a task of the cluster, at most.
    """

    jobs: int = 2
    engine: str = "auto"
    force: bool = False
    wait: bool = False
    keep: int | None = None
    limits: Limits = field(default_factory=Limits)
    pass_on: tuple[str, ...] = ()
    scheduler: str = ""
    chunk: int = 25

    @property
    def anew(self) -> bool:
        """Whether every report is made: also when notebooks see what no key stands for."""
        return self.force or bool(self.pass_on)


@dataclass(frozen=True)
class Finished:
    """What a run made.

    Attributes
    ----------
    index : Path
        The index page.
    results : list of Result
        One a unit, in the order planned.
    unchanged : bool
        Nothing had changed since the run that made this folder; nothing was written.
    """

    index: Path
    results: list[Result]
    unchanged: bool = False

    @property
    def failed(self) -> list[Result]:
        """The units that gave no report."""
        return [result for result in self.results if not result.ok]


def run(
    units: list[Unit],
    registry: Registry,
    notebooks: Path,
    out: Path,
    options: Options | None = None,
    progress: Progress = lambda result: None,
    scenario: Path | None = None,
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
    options : Options, optional
    progress : callable
        Told of each finished unit.
    scenario : Path, optional
        The scenario file whose name the units carry; a copy of it goes into the run's folder.

    Returns
    -------
    Finished
        One failed unit stops no other; the folder is moved into place whole at the end.

    Raises
    ------
    KtsError
        Nothing to do, an unknown parameter, engine or format, a format that is not installed, a
        missing notebook, or a disk that is full or cannot be written.
    LockedError
        Another run works in `out`.
    """
    if not units:
        raise KtsError(N_("there is no report to make"))
    check_parameters(units, notebooks)
    check_formats(manifest.formats_of(units))
    chosen = options or Options()
    check_engine(chosen.engine)
    try:
        out.mkdir(parents=True, exist_ok=True)
        with files.locked(out, wait=chosen.wait):
            if not chosen.anew:
                hashes = manifest.input_hashes(registry.root, notebooks, scenario)
                same = _same_run(out, manifest.run_code(units, hashes), units)
                if same is not None:
                    files.sweep(out)
                    retire_runs(out, same.index.parent, chosen.keep)
                    return same
            return _Run(units, registry, notebooks, out, chosen, progress, scenario).make()
    except OSError as error:
        raise KtsError(
            N_("the run in {folder} cannot go on: {detail}"), folder=out, detail=_first(error)
        ) from error


def _first(error: OSError) -> object:
    """Return what went wrong; of a folder that could not be copied, with the first of its files."""
    return error.args[0][0][-1] if isinstance(error, shutil.Error) else error


def _same_run(out: Path, code: str, units: list[Unit]) -> Finished | None:
    """Return the run of just these inputs, if it stands in the folder, whole."""
    for earlier in manifest.earlier_runs(out):
        made = earlier.facts.get("code") == code and not earlier.facts.get("waiting")
        if made and earlier.whole:
            if files.latest(out) != earlier.folder.name:  # it was killed before it could say so
                files.write_whole(out / files.LATEST, f"{earlier.folder.name}\n")
                files.remove(earlier.folder / manifest.DONE_LIST)
            results = [Result(unit, ok=True, reused=True) for unit in units]
            return Finished(earlier.folder / _index(units), results, unchanged=True)
    return None


def _index(units: Iterable[Unit]) -> str:
    langs = list(dict.fromkeys(unit.lang for unit in units))
    return index_name(langs[0], langs)


class _Run:
    """One run under way: its staging folder, its results so far."""

    def __init__(
        self,
        units: list[Unit],
        registry: Registry,
        notebooks: Path,
        out: Path,
        options: Options,
        progress: Progress,
        scenario: Path | None = None,
    ) -> None:
        self.units, self.registry, self.notebooks, self.out = units, registry, notebooks, out
        self.options, self.progress, self.scenario = options, progress, scenario
        self.begun = datetime.now(UTC)
        self.results: dict[str, Result] = {}
        self.keys: dict[str, str] = {}

    def make(self) -> Finished:
        """Carry the run through."""
        earlier = {} if self.options.anew else manifest.reusable(self.out)
        self.staging = files.new_staging(self.out)
        try:
            self._copy_inputs()
            with self._pool() as pool:
                day = self._look_at_inputs(pool)
                self._take_over(earlier)
                files.sweep(self.out, besides=self.staging)
                self._make_reports(pool)
                self._finish(pool)
                self.kind = pool.kind
            return self._publish(day)
        finally:
            files.remove(self.staging)

    # --- steps ------------------------------------------------------------------------------------

    def _copy_inputs(self) -> None:
        """Copy data and notebooks: an edit while the run works must not mix old and new."""
        inputs = self.staging / SNAPSHOT
        given = manifest.given_files(self.registry.root, self.notebooks, self.scenario)
        for name, path in given.items():
            copy = os.path.join(inputs, name)
            os.makedirs(os.path.dirname(copy), exist_ok=True)
            shutil.copyfile(path, copy)
        (self.staging / SCRATCH).mkdir()
        self.site = Site(inputs, self.staging, self.staging / SCRATCH, self.options.limits)
        copied_one = inputs / manifest.SCENARIOS / self.scenario.name if self.scenario else None
        if copied_one:  # beside the reports that rest on it, for their readers and for `verify`
            place = manifest.kept_scenario(self.staging, copied_one.name)
            place.parent.mkdir()
            shutil.copyfile(copied_one, place)
        self.hashes = manifest.input_hashes(inputs / "data", inputs / "notebooks", copied_one)
        self.code = manifest.run_code(self.units, self.hashes)
        for template in (inputs / "notebooks").glob("*.ipynb"):
            clear_outputs(template)

    def _pool(self) -> Pool:
        workers = min(self.options.jobs, len(self.units))
        return open_pool(
            self.site,
            workers,
            self.options.engine,
            self.options.pass_on,
            formats=manifest.formats_of(self.units),
        )

    def _look_at_inputs(self, pool: Pool) -> str:
        """Read the data once; return the day the run stands on."""
        pool.prepare("kts_analysis.reporting.warm:load", self.units[0].where)
        asked = {"units": [unit.as_json() for unit in self.units], "hashes": self.hashes}
        [outcome] = call(pool, self.site, asked, keys="kts_analysis.reporting.keys:unit_keys")
        if outcome.status != DONE:
            raise KtsError(N_("the data cannot be read: {detail}"), detail=outcome.message)
        self.keys, self.waiting = outcome.value["keys"], outcome.value["waiting"]
        return str(outcome.value["day"])

    def _take_over(self, earlier: dict[str, tuple[Path, dict[str, str]]]) -> None:
        """Copy the reports that an earlier run made from the very same inputs."""
        for unit in self.units:
            folder, made = earlier.get(self.keys[unit.label], (self.out, {}))
            if made and copied(folder, made, self.staging / unit.id):
                self._note(Result(unit, ok=True, files=made, reused=True))

    def _make_reports(self, pool: Pool) -> None:
        """Make what no earlier run has made."""
        missing = [unit for unit in self.units if unit.label not in self.results]
        for result in self._made(missing, pool):
            self._note(result)

    def _made(self, units: list[Unit], pool: Pool) -> Iterator[Result]:
        """Yield what becomes of units, made here or by the workers of a cluster."""
        if not self.options.scheduler:
            return make_units(units, self.site, pool)
        from kts_analysis.reporting.on_dask import make_units_on_dask

        return make_units_on_dask(
            units,
            self.site,
            self.hashes,
            self.options.scheduler,
            chunk=self.options.chunk,
            engine=self.options.engine,
            pass_on=self.options.pass_on,
        )

    def _finish(self, pool: Pool) -> None:
        """Write tables, index, proof and assets."""
        results = [
            {"unit": r.unit.as_json(), "ok": r.ok, "cell": r.cell, "message": r.message}
            for r in self._ordered()
        ]
        asked = {"staging": str(self.staging), "results": results}
        for outcome in call(pool, self.site, asked, **FINISH):
            if outcome.status != DONE:
                raise KtsError(N_("the index cannot be made: {detail}"), detail=outcome.message)

    def _publish(self, day: str) -> Finished:
        """Give the finished folder its place, and say that it is the newest."""
        results = self._ordered()
        for name in (SNAPSHOT, SCRATCH):
            files.remove(self.staging / name)
        runs = manifest.earlier_runs(self.out)
        run_id = f"{day}-{self.code}"
        facts = {
            "run_id": run_id,
            "code": self.code,
            "sequence": 1 + max((run.sequence for run in runs), default=0),
            "started": self.begun.isoformat(timespec="seconds"),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "engine": self.kind,
            "waiting": self.waiting,
            "limits": self.options.limits.as_json(),
            "pass_on": list(self.options.pass_on),
        }
        made = [name for name in files.names_under(self.staging) if name != manifest.DONE_LIST]
        hashed = {name: files.sha256(os.path.join(self.staging, name)) for name in made}
        sizes = {name: os.path.getsize(os.path.join(self.staging, name)) for name in made}
        lines = manifest.manifest(facts, results, self.keys, self.hashes, hashed, sizes)
        files.write_lines(self.staging / manifest.MANIFEST, lines)
        whole = all(result.ok for result in results)
        name = run_id if whole else f"{run_id}-failed"
        place = files.move_into_place(self.staging, self.out / name)
        files.remove(place / manifest.DONE_LIST)  # not before: a kill would lose what is made
        if whole:
            files.write_whole(self.out / files.LATEST, f"{place.name}\n")
        if whole:
            for run in runs:
                if run.facts.get("code") == self.code and run.folder != place:
                    files.retire(run.folder)
        retire_runs(self.out, place, self.options.keep)
        return Finished(place / _index(self.units), results)

    # --- parts of steps ---------------------------------------------------------------------------

    def _ordered(self) -> list[Result]:
        return [self.results[unit.label] for unit in self.units]

    def _note(self, result: Result) -> None:
        """Take note of a finished unit, also for a run that takes up this one after a kill."""
        self.results[result.unit.label] = result
        if result.ok:
            key = self.keys[result.unit.label]
            manifest.note_done(self.staging, key, result.unit, result.files or {})
        self.progress(result)
