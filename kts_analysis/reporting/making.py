"""Units to reports on this machine: one job each, failures said in the unit's language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kts_analysis.documents.formats import modules_of
from kts_analysis.engine.jobs import (
    DONE,
    KILLED,
    MEMORY_LIMIT,
    RAISED,
    TIME_LIMIT,
    Job,
    Limits,
    Outcome,
)
from kts_analysis.engine.pool import KINDS, Pool, can_fork
from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_, Messages
from kts_analysis.reporting import files
from kts_analysis.reporting.execute import NEEDS, Result, stock_cell
from kts_analysis.reporting.units import Unit


@dataclass(frozen=True)
class Site:
    """Where reports are made.

    Attributes
    ----------
    inputs : Path
        Copy of what goes in, with the folders ``data`` and ``notebooks``.
    staging : Path
        Folder of the run being built; each unit has a folder in it.
    scratch : Path
        Folder for the small files of jobs.
    limits : Limits
    """

    inputs: Path
    staging: Path
    scratch: Path
    limits: Limits


def open_pool(
    site: Site,
    workers: int,
    kind: str,
    pass_on: Iterable[str] = (),
    *,
    formats: Iterable[str] = (),
) -> Pool:
    """Return a pool of processes that find the site's data."""
    changes = {"KTS_DATA": str((site.inputs / "data").resolve())}
    if kind == "kernels":  # a kernel that is killed leaves its connection file behind
        place = (site.scratch / "tmp").resolve()
        place.mkdir(exist_ok=True)
        names = ("JUPYTER_RUNTIME_DIR", "TMPDIR", "TEMP", "TMP")
        changes |= dict.fromkeys(names, str(place))
    return Pool(
        workers=workers,
        kind=kind,
        preload=(*NEEDS, *modules_of(formats)),
        limits=site.limits,
        pass_on=pass_on,
        changes=changes,
    )


def check_engine(kind: str) -> None:
    """Refuse a kind of engine that there is not, or not on this platform.

    Raises
    ------
    KtsError
        Names those there are.
    """
    known = [name for name in KINDS if name != "fork" or can_fork()]
    if kind not in known:
        raise KtsError(
            N_("there is no engine {found} here; choose of {known}"),
            found=kind,
            known=", ".join(known),
        )


def make_units(units: list[Unit], site: Site, pool: Pool) -> Iterator[Result]:
    """Make the reports of some units and yield what became of each, as they end."""
    for arguments in _preparations(units):
        pool.prepare("kts_analysis.reporting.warm:prepare_reports", arguments)
    by_job = {f"unit-{place}": unit for place, unit in enumerate(units)}
    killed = []
    for outcome in pool.run(_job(name, by_job[name], site, pool.kind) for name in by_job):
        result = _result(by_job[outcome.job.id], outcome, site.limits)
        yield result
        if outcome.status in (KILLED, TIME_LIMIT, MEMORY_LIMIT):
            killed.append((result, outcome))
    for result, outcome in killed:
        _salvage(pool, site, result, outcome)


def call(pool: Pool, site: Site, arguments: dict[str, Any], **functions: str) -> list[Outcome]:
    """Run a job for each function, named as the keyword, and wait for all of them.

    The limits of a report do not hold for such jobs. Outcomes come in the order of the functions.
    """
    jobs = [
        Job(name, function, arguments, site.scratch / name, limited=False)
        for name, function in functions.items()
    ]
    ended = {outcome.job.id: outcome for outcome in pool.run(jobs)}
    return [ended[name] for name in functions]


def _preparations(units: Iterable[Unit]) -> Iterator[dict[str, Any]]:
    """Yield what the warm process should have at hand for these units, each once."""
    seen: list[dict[str, Any]] = []
    for unit in units:
        asked = {"plan": unit.plan.id, "deadline": unit.parameters["deadline"], **unit.where}
        if asked not in seen:
            seen.append(asked)
            yield asked


def _job(name: str, unit: Unit, site: Site, kind: str) -> Job:
    scratch = site.scratch / name
    arguments = {
        "unit": unit.as_json(),
        "notebooks": str((site.inputs / "notebooks").resolve()),
        "staging": str(site.staging.resolve()),
        "scratch": str(scratch.resolve()),
        "limits": site.limits.as_json(),
        "stock": kind == "kernels",
    }
    return Job(name, "kts_analysis.reporting.execute:make_report", arguments, scratch)


def _result(unit: Unit, outcome: Outcome, limits: Limits) -> Result:
    """Return what became of a unit, said in the unit's language."""
    value = outcome.value if outcome.status == DONE else {}
    if value.get("ok"):
        files.remove(outcome.job.folder)
        return Result(unit, ok=True, seconds=outcome.seconds, files=value["files"])
    limit = value.get("limit") or outcome.status
    said = value.get("message") or outcome.message
    return Result(
        unit,
        ok=False,
        seconds=outcome.seconds,
        cell=value["cell"] if value else outcome.cell or stock_cell(outcome.job.folder),
        message=_why(limit, said, limits, Messages(unit.lang)),
        files=value.get("files"),
    )


def _why(status: str, message: str, limits: Limits, m: Messages) -> str:
    """Return a failure in words."""
    if status == TIME_LIMIT:
        return m(
            "it ran too long (limits: {cell} seconds a cell, {whole} seconds a report)",
            cell=f"{limits.cell_seconds:g}",
            whole=f"{limits.job_seconds:g}",
        )
    if status == MEMORY_LIMIT:
        return m("it used more than {megabytes} MB of memory", megabytes=str(limits.memory_mb))
    if status in (DONE, RAISED):
        return message
    return m("the process that made this report was killed ({detail})", detail=message)


def _salvage(pool: Pool, site: Site, result: Result, outcome: Outcome) -> None:
    """Keep what a killed notebook had said so far."""
    asked = {
        "unit": result.unit.as_json(),
        "staging": str(site.staging.resolve()),
        "scratch": str(outcome.job.folder.resolve()),
        "message": result.message,
    }
    name = f"salvage-{outcome.job.id}"
    call(pool, site, asked, **{name: "kts_analysis.reporting.execute:salvage"})
