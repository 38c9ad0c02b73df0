"""Units to reports on the machines of a dask cluster, in chunks; their bytes come back here."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import time
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kts_analysis.engine.processes import held_signals
from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_, Messages
from kts_analysis.reporting.chunk import RESULTS, code_facts, pack
from kts_analysis.reporting.dask_task import make_chunk
from kts_analysis.reporting.execute import Result
from kts_analysis.reporting.files import write_whole
from kts_analysis.reporting.making import Site
from kts_analysis.reporting.manifest import formats_of
from kts_analysis.reporting.units import Unit

if TYPE_CHECKING:
    from distributed import Client, Future

CHUNK = 25  # reports a task: what a lost machine loses, and how often the bar moves
_ROUNDS = 2  # tasks a place at least, so that a slow machine does not keep all the others waiting
_CONNECT = 10.0  # seconds a scheduler gets to answer
_NO_WORKER = 120.0  # seconds without any worker until the run gives up
_LOOK_EVERY = 1.0
_FETCH = 600.0  # seconds the bytes of one chunk may take to come
_SHOWN = 3  # differences named in a message


def make_units_on_dask(
    units: list[Unit],
    site: Site,
    hashes: Mapping[str, str],
    scheduler: str,
    *,
    chunk: int = CHUNK,
    engine: str = "auto",
    jobs: int = 1,
    pass_on: Iterable[str] = (),
) -> Iterator[Result]:
    """Make the reports of some units on a cluster and yield what became of each.

    The files of a unit stand in its folder of the staging folder when its result is yielded, with
    the same bytes `making.make_units` would have written.

    Parameters
    ----------
    units : list of Unit
    site : Site
        Inputs and staging folder on this machine.
    hashes : mapping
        From `manifest.input_hashes`.
    scheduler : str
        Address, ``tcp://host:8786``.
    chunk : int
        Reports a task, at most; less when there would be fewer than two tasks a place.
    engine : str
        Kind of pool on the workers, see `kts_analysis.engine.pool.Pool`.
    jobs : int
        Reports at a time of one task; a worker runs as many tasks as it has threads.
    pass_on : iterable of str
        Environment variables of the workers that notebooks get beside the usual ones.

    Raises
    ------
    KtsError
        dask is not installed, no scheduler answers, it has no worker, or a worker has another
        version of the library or of what it uses.
    """
    if not units:
        return
    formats = formats_of(units)
    setting = {
        "code": code_facts(hashes, formats),
        "formats": list(formats),
        "where": units[0].where,
        "limits": site.limits.as_json(),
        "engine": engine,
        "jobs": jobs,
        "pass_on": list(pass_on),
    }
    with _connected(scheduler) as client:
        places = sum(client.nthreads().values())
        # A task, not scattered data: should the machines that hold it be lost, the scheduler can
        # make it again.
        inputs = client.submit(bytes, _inputs(site.inputs), pure=False)
        waiting = {
            client.submit(
                make_chunk, inputs, setting, [unit.as_json() for unit in some], pure=False
            ): some
            for some in chunks_of(units, chunk, places)
        }
        try:
            for future in _as_they_end(client, waiting, scheduler):
                yield from results_of(_reply(future, scheduler), waiting.pop(future), site)
        finally:
            client.cancel(list(waiting), force=True)


def _inputs(folder: Path) -> bytes:
    """Pack what a run reads; the hidden cache of a large store is for each machine to make."""
    named = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    wanted = sorted(name for name in named if not any(part[0] == "." for part in name.parts))
    return pack((name.as_posix(), named[name].read_bytes()) for name in wanted)


def chunks_of(units: list[Unit], largest: int, places: int) -> list[list[Unit]]:
    """Return the units in parts, those of one plan side by side: they share what gets prepared.

    Parameters
    ----------
    units : list of Unit
    largest : int
        Units a part, at most; less when there would be fewer than two parts a place.
    places : int
        Tasks the cluster runs at a time.
    """
    plans = list(dict.fromkeys(unit.plan.id for unit in units))
    ordered = sorted(units, key=lambda unit: plans.index(unit.plan.id))
    size = max(1, min(largest, len(units) // (_ROUNDS * max(1, places))))
    return [ordered[start : start + size] for start in range(0, len(ordered), size)]


# --- the cluster ----------------------------------------------------------------------------------


@contextmanager
def _connected(scheduler: str) -> Iterator[Client]:
    """Be connected to a scheduler that has a worker at least."""
    try:
        from distributed import Client
    except ImportError:
        raise KtsError(
            N_("several machines need dask, which is not installed: pip install kts-analysis[dask]")
        ) from None
    # What goes wrong is said by this program, once; dask's own log would print a traceback beside.
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client = Client(scheduler, timeout=_CONNECT)
    except (OSError, ValueError) as error:
        raise KtsError(
            N_("no dask scheduler answers at {address}: {detail}"),
            address=scheduler,
            detail=error,
        ) from None
    try:
        _wait_for_worker(client, scheduler)
        yield client
    finally:
        client.close(timeout=_CONNECT)


def _wait_for_worker(client: Client, scheduler: str) -> None:
    try:
        client.wait_for_workers(1, timeout=_CONNECT)
    except TimeoutError:
        raise _no_worker(scheduler) from None


def _no_worker(scheduler: str) -> KtsError:
    return KtsError(N_("the dask scheduler at {address} has no worker"), address=scheduler)


def _lost(scheduler: str) -> KtsError:
    said = N_("the connection to the dask scheduler at {address} was lost")
    return KtsError(said, address=scheduler)


def _as_they_end(
    client: Client, waiting: Mapping[Future, list[Unit]], scheduler: str
) -> Iterator[Future]:
    """Yield each task that has ended; the caller takes it out of those waited for."""
    from distributed import CancelledError, wait

    seen = time.monotonic()
    with held_signals() as act_on_signals:
        while waiting:
            ended: Iterable[Future] = ()
            try:
                with suppress(TimeoutError):
                    ended = wait(list(waiting), _LOOK_EVERY, "FIRST_COMPLETED").done
                alone = not ended and not client.nthreads()
            except (CancelledError, OSError):
                raise _lost(scheduler) from None
            act_on_signals()
            if not alone:
                seen = time.monotonic()
            elif time.monotonic() - seen > _NO_WORKER:
                raise _no_worker(scheduler)
            yield from ended


def _reply(future: Future, scheduler: str) -> dict[str, Any] | None:
    """Return what a task that has ended gave; None when every worker that tried it was lost.

    Raises
    ------
    KtsError
        The cluster could not even start it, or is gone.
    """
    from distributed import CancelledError, KilledWorker

    try:
        error = future.exception() if future.status == "error" else None
        if error is None:
            reply: dict[str, Any] = future.result(timeout=_FETCH)
            return reply
    except (CancelledError, OSError):
        raise _lost(scheduler) from None
    if isinstance(error, KilledWorker):
        return None
    raise KtsError(
        N_("the cluster cannot run this program (is the same version installed?): {detail}"),
        detail=f"{type(error).__name__}: {error}",
    )


# --- what comes back ------------------------------------------------------------------------------


def results_of(reply: Mapping[str, Any] | None, units: list[Unit], site: Site) -> Iterator[Result]:
    """Yield what became of the units of a task, their files written.

    Parameters
    ----------
    reply : dict or None
        From `dask_task.make_chunk`; None when every worker that tried was lost.
    units : list of Unit
        Of the task.
    site : Site
        Its staging folder gets the files, each only with the bytes the worker had.

    Raises
    ------
    KtsError
        The machine has another version of the library or of what it uses.
    """
    if reply is None:
        said = N_("every machine of the cluster that tried to make this report was lost")
        for unit in units:
            yield Result(unit, ok=False, message=Messages(unit.lang)(said))
    elif "failed" in reply:
        for unit in units:
            yield _failed(unit, reply["failed"])
    else:
        with zipfile.ZipFile(io.BytesIO(reply["made"])) as archive:
            facts = json.loads(archive.read(RESULTS))
            if "refused" in facts:
                raise _refused(facts["refused"], facts["host"])
            for unit in units:
                yield _taken(unit, facts["units"][unit.label], archive, site)


def _refused(found: list[str], host: str) -> KtsError:
    more = f", … (+{len(found) - _SHOWN})" if len(found) > _SHOWN else ""
    return KtsError(
        N_("machine {host} of the cluster does not have what this one has: {differences}"),
        host=host,
        differences=", ".join(found[:_SHOWN]) + more,
    )


def _taken(unit: Unit, facts: dict[str, Any], archive: zipfile.ZipFile, site: Site) -> Result:
    """Write a unit's files, each only as the machine that made it had it; return its result."""
    expected: dict[str, str] = facts["files"] or {}
    prefix = f"{unit.label}/"
    contents = {
        name.removeprefix(prefix): archive.read(name)
        for name in archive.namelist()
        if name.startswith(prefix)
    }
    for name, sha256 in expected.items():
        if hashlib.sha256(contents.get(name, b"")).hexdigest() != sha256:
            return _failed(unit, name)
    folder = site.staging / unit.id
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        write_whole(folder / name, content.decode("utf-8"))
    return Result(
        unit,
        ok=facts["ok"],
        seconds=facts["seconds"],
        cell=facts["cell"],
        message=facts["message"],
        files=facts["files"],
    )


def _failed(unit: Unit, detail: str) -> Result:
    said = N_("the machine of the cluster could not make this report: {detail}")
    return Result(unit, ok=False, message=Messages(unit.lang)(said, detail=detail))
