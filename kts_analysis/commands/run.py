"""``kts run`` and ``kts verify``: make every report, and make sure that they can be made again."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from kts_analysis.commands.options import (
    BAD_INPUT,
    DONE,
    SOME_FAILED,
    AsOf,
    Borders,
    Data,
    Deadline,
    Notebooks,
    PlanId,
    ScenarioFile,
    Weights,
    messages_in,
    names_in,
    registry_of,
    say_refused,
    scenario_file,
    weights_asked,
)
from kts_analysis.errors import KtsError
from kts_analysis.i18n import LANGUAGES, N_, Messages

if TYPE_CHECKING:
    from kts_analysis.registry import Registry
    from kts_analysis.reporting.execute import Result
    from kts_analysis.reporting.run import Finished, Options
    from kts_analysis.reporting.units import Unit
    from kts_analysis.run_log import RunLog

Out = Annotated[Path, typer.Option("--out", help="Thư mục kết quả / output.")]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        min=1,
        help="Báo cáo cùng lúc (mặc định: số nhân) / at a time (default: cores).",
    ),
]
LOCKED = 3
BROKEN = 70  # an error nobody foresaw
ENDED_FROM_OUTSIDE = 143  # what a process ended by SIGTERM reports


def run(
    data: Data = None,
    plan: PlanId = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help="Mã hoặc tên báo cáo / codes or report ids: A,B"),
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Số địa bàn / areas.")] = None,
    deadline: Deadline = None,
    as_of: AsOf = "",
    borders: Borders = "",
    weights: Weights = "",
    lang: Annotated[str, typer.Option("--lang", help="vi,en")] = "vi,en",
    formats: Annotated[
        str,
        typer.Option(
            "--formats",
            help="html,pdf,docx,xlsx (html luôn có / html is always made).",
        ),
    ] = "html",
    jobs: Jobs = None,
    out: Out = Path("reports"),
    notebooks: Notebooks = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Chỉ liệt kê / only list.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Làm lại cả báo cáo không đổi / also what is unchanged.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Chờ lần chạy khác xong / wait for another run.")
    ] = False,
    keep: Annotated[
        int | None, typer.Option("--keep", min=1, help="Giữ N lần chạy / keep N runs.")
    ] = None,
    allocate: Annotated[
        str, typer.Option("--allocate", help="Giao chỉ tiêu: equal_gap… / targets shared out.")
    ] = "",
    engine: Annotated[str, typer.Option("--engine", help="auto, fork, workers, kernels")] = "auto",
    cell_seconds: Annotated[
        float, typer.Option("--cell-seconds", min=1, help="Giới hạn một ô / limit of a cell.")
    ] = 120,
    report_seconds: Annotated[
        float,
        typer.Option("--report-seconds", min=1, help="Giới hạn một báo cáo / limit of a report."),
    ] = 600,
    memory: Annotated[
        int, typer.Option("--memory", min=256, help="MB cho một báo cáo / MB a report.")
    ] = 4096,
    pass_env: Annotated[
        list[str] | None,
        typer.Option("--pass-env", help="Biến môi trường trao cho sổ tay / given to notebooks."),
    ] = None,
    executor: Annotated[str, typer.Option("--executor", help="local, dask")] = "local",
    scheduler: Annotated[
        str,
        typer.Option("--scheduler", help="Bộ điều phối dask / dask scheduler: tcp://HOST:8786."),
    ] = "",
    chunk: Annotated[
        int, typer.Option("--chunk", min=1, help="Báo cáo một việc / reports a dask task.")
    ] = 25,
    log: Annotated[
        Path | None, typer.Option("--log", help="Tệp nhật ký, tự xoay vòng / rotating log file.")
    ] = None,
    on_failure: Annotated[
        str, typer.Option("--on-failure", help="Lệnh gọi khi hỏng / command when it fails.")
    ] = "",
    scenario: ScenarioFile = None,
) -> None:
    """Làm mọi báo cáo / make every report: index, province, areas, country."""
    from kts_analysis.documents.formats import check_formats
    from kts_analysis.engine.jobs import Limits
    from kts_analysis.engine.pool import cores
    from kts_analysis.moved_plans import registry_asked
    from kts_analysis.on_failure import check as check_command
    from kts_analysis.reporting.run import Options
    from kts_analysis.reporting.units import plan_units
    from kts_analysis.run_log import open_log

    if on_failure:
        check_command(on_failure)
    with open_log(log) as journal, _call_on_failure(on_failure, journal, lang) as ended:
        registry = registry_of(data)
        langs = names_in([lang]) or [LANGUAGES[0]]
        assumed = scenario_file(scenario, registry)
        units = plan_units(
            registry,
            [plan] if plan else None,
            only=names_in(only),
            limit=limit,
            deadline=deadline,
            as_of=as_of,
            langs=langs,
            borders=borders,
            weights=weights_asked(registry, borders, weights),
            allocate=_way(allocate),
            formats=check_formats(names_in([formats]) or ()),
            scenario=assumed,
        )
        if borders and not plan:
            say_refused(registry_asked(registry, borders), messages_in(langs[0]))
        if dry_run:
            for unit in units:
                print(unit.label)
            return
        options = Options(
            jobs=jobs or cores(),
            engine=engine,
            force=force,
            wait=wait,
            keep=keep,
            limits=Limits(cell_seconds, report_seconds, memory),
            pass_on=tuple(names_in(pass_env) or ()),
            scheduler=_scheduler(executor, scheduler),
            chunk=chunk,
        )
        folder = notebooks or notebook_folder(registry)
        m = messages_in(langs[0])
        finished = _run(units, registry, folder, out, options, journal, m, assumed)
        ended.folder, ended.failed = finished.index.parent, len(finished.failed)
        if finished.failed:
            raise typer.Exit(SOME_FAILED)


def _run(
    units: list[Unit],
    registry: Registry,
    notebooks: Path,
    out: Path,
    options: Options,
    journal: RunLog,
    m: Messages,
    scenario: Path | None,
) -> Finished:
    """Make the reports, saying on stderr how it goes; print the path of the index page."""
    from kts_analysis.reporting.run import run as run_units

    begun = time.monotonic()
    journal.started(len(units))
    title = m.n("{n} report", "{n} reports", len(units))
    with (
        _ended_from_outside(),
        typer.progressbar(length=len(units), label=title, file=sys.stderr) as bar,
    ):

        def tell(result: Result) -> None:
            bar.update(1)
            if result.ok:
                journal.done(result.unit.label, result.seconds, reused=result.reused)
            else:
                journal.failed(result.unit.label, result.message, cell=result.cell)

        finished = run_units(units, registry, notebooks, out, options, tell, scenario)
        bar.update(len(units) - bar.pos)
    for result in finished.failed:
        print(_failure_line(result, m), file=sys.stderr)
    reused = sum(result.reused for result in finished.results)
    made = len(units) - reused - len(finished.failed)
    if finished.unchanged:
        print(m("nothing has changed: every report stands as it was made"), file=sys.stderr)
    else:
        print(_summary(made, reused, len(finished.failed), m), file=sys.stderr)
    with suppress(OSError):  # nobody listens: the run stands all the same
        print(finished.index, flush=True)
    journal.finished(
        SOME_FAILED if finished.failed else DONE,
        made=made,
        reused=reused,
        failed=len(finished.failed),
        run=finished.index.parent,
        seconds=round(time.monotonic() - begun, 3),
    )
    return finished


def _summary(made: int, reused: int, failed: int, m: Messages) -> str:
    return m(
        "{made} made, {reused} unchanged and kept, {failed} failed",
        made=m.count(made),
        reused=m.count(reused),
        failed=m.count(failed),
    )


def _failure_line(result: Result, m: Messages) -> str:
    if result.cell is None:
        return m("{report} failed: {message}", report=result.unit.label, message=result.message)
    return m(
        "{report} failed in cell {cell}: {message}",
        report=result.unit.label,
        cell=result.cell,
        message=result.message,
    )


def _way(text: str) -> str:
    """Return the method by which province pages share targets out; empty for none.

    Raises
    ------
    KtsError
        There is no such method.
    """
    if not text:  # asked for seldom, and its imports take a while
        return ""
    from kts_analysis.pages.sharing import way_named

    return way_named(text) or ""


def _scheduler(executor: str, address: str) -> str:
    """Return the address of the cluster's scheduler, empty for this machine.

    Raises
    ------
    KtsError
        No such executor, or no address.
    """
    if executor not in ("local", "dask"):
        known = "local, dask"
        message = N_("there is no executor {found}; choose of {known}")
        raise KtsError(message, found=executor, known=known)
    if executor == "dask" and not address:
        raise KtsError(N_("say where the dask scheduler is: --scheduler tcp://HOST:8786"))
    return address if executor == "dask" else ""


class _Ended:
    """What the command on failure is told of the run."""

    folder: Path | None = None
    failed: int = 0


@contextmanager
def _call_on_failure(command: str, journal: RunLog, langs: str) -> Iterator[_Ended]:
    """Log a run that ends badly, and call the user's command; its exit code stays as it is."""
    from kts_analysis.on_failure import call

    ended = _Ended()
    try:
        yield ended
    except Exception as error:
        code = getattr(error, "exit_code", BAD_INPUT if isinstance(error, OSError) else BROKEN)
        if not isinstance(error, typer.Exit) or code == ENDED_FROM_OUTSIDE:
            journal.refused(code, str(error))
        if command and code not in (DONE, LOCKED):
            lang = langs.split(",")[0].strip()
            lang = lang if lang in LANGUAGES else LANGUAGES[0]
            call(command, code, ended.folder, ended.failed, lang=lang, say=journal.note)
        raise


@contextmanager
def _ended_from_outside() -> Iterator[None]:
    """Turn a polite request to end (systemd, a shutdown) into an orderly end."""

    def end(number: int, frame: FrameType | None) -> None:
        raise typer.Exit(ENDED_FROM_OUTSIDE)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def notebook_folder(registry: Registry) -> Path:
    """Return the folder of the notebook templates: beside the data, else beside the package."""
    beside = registry.root.parent / "notebooks"
    checkout = Path(__file__).resolve().parent.parent.parent / "notebooks"
    return beside if beside.is_dir() else checkout


def verify(
    folder: Annotated[Path, typer.Argument(help="Thư mục một lần chạy / folder of a run.")],
    data: Data = None,
    notebooks: Notebooks = None,
    jobs: Jobs = None,
    engine: Annotated[str, typer.Option("--engine", help="auto, fork, workers, kernels")] = "auto",
    lang: Annotated[str, typer.Option("--lang", help="vi, en")] = "vi",
) -> None:
    """Làm lại từ run.json và so từng byte / rebuild from run.json and compare every byte."""
    from kts_analysis.engine.pool import cores
    from kts_analysis.reporting.run import Options
    from kts_analysis.reporting.verify import verify as verify_run

    m, registry = messages_in(lang), registry_of(data)
    options = Options(jobs=jobs or cores(), engine=engine, force=True)
    with _ended_from_outside():
        found = verify_run(folder, registry, notebooks or notebook_folder(registry), options)
    for line in found.lines(m):
        print(line)
    if found.changed_inputs:
        raise KtsError(
            N_("{folder} cannot be made again: what it was made from has changed"),
            folder=folder.name,
        )
    if not found.equal:
        raise typer.Exit(SOME_FAILED)
