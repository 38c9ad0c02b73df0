"""What ``kts schedule`` does: print or write a timer for ``kts run`` and say how to use it.

Nothing is installed. Files go to stdout (or to the folder of ``--write``), the explanation to
stderr, so that ``kts schedule --kind cron`` can be piped.
"""

from __future__ import annotations

import getpass
import os
import platform
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kts_analysis.errors import KtsError
from kts_analysis.i18n import LANGUAGES, N_, Messages
from kts_analysis.on_failure import check as check_command
from kts_analysis.registry_files import load_registry
from kts_analysis.scheduling import cron, systemd, windows
from kts_analysis.scheduling.common import Job, Step, check_texts, parse_when

KINDS = ("systemd", "cron", "windows")
LOG = "kts-run.log"  # in the folder of the reports
TOOLS = ("nice", "ionice", "timeout")


def schedule(
    m: Messages,
    *,
    kind: str = "",
    at: str = "06:30",
    days: str = "mon-fri",
    zone: str = "",
    data: str | None = None,
    out: Path = Path("reports"),
    langs: list[str] | None = None,
    jobs: int | None = None,
    plan: str | None = None,
    keep: int = 10,
    on_failure: str = "",
    minutes: int = 360,
    system: bool = False,
    write: Path | None = None,
    more: Mapping[str, object] | None = None,
) -> None:
    """Print or write the timer and explain it.

    Parameters
    ----------
    m : Messages
        Language of the explanation.
    kind : {"", "systemd", "cron", "windows"}
        Empty: what this machine has.
    at, days : str
        See `parse_when`.
    zone : str
        Time zone of `at`; empty: the machine's.
    data : str, optional
        Data folder; the one found now is written into the timer.
    out : Path
        Folder of the reports.
    langs : list of str, optional
        Languages of the reports.
    jobs : int, optional
        Processes at a time; None: what ``kts run`` takes by itself.
    plan : str, optional
    keep : int
        Runs to keep.
    on_failure : str
        Command to call when a run does not end well; empty: none.
    minutes : int
        Longest time a run may take.
    system : bool
        For the machine instead of for the user's session.
    write : Path, optional
        Folder for the files.
    more : mapping, optional
        Further options of ``kts run``, by their names; without a value: not given.

    Raises
    ------
    KtsError
        Anything the user can put right, before a night has passed.
    """
    chosen = kind or usual_kind()
    if chosen not in KINDS:
        raise KtsError(
            N_("{found} is no kind of schedule; choose of {known}"),
            found=chosen,
            known=", ".join(KINDS),
        )
    _check_zone(zone)
    for lang in langs or ():
        if lang not in LANGUAGES:
            known = ", ".join(LANGUAGES)
            raise KtsError(N_("unknown language {lang}; choose of {known}"), lang=lang, known=known)
    if on_failure:
        check_command(on_failure)
    registry = load_registry(data)
    if plan:
        registry.plan(plan)
    arguments = run_arguments(
        data=registry.root,
        out=Path(os.path.abspath(out)),
        langs=langs or list(LANGUAGES),
        jobs=jobs,
        plan=plan,
        keep=keep,
        on_failure=on_failure,
        log=chosen != "systemd",
        more=more,
    )
    job = Job(
        python=sys.executable,
        arguments=tuple(arguments),
        folder=os.getcwd(),
        when=parse_when(at, days),
        minutes=minutes,
        system=system,
        user=_user(chosen),
        zone=zone,
        tools={name: path for name in TOOLS if (path := shutil.which(name))},
    )
    check_texts([*job.command, job.folder, job.user])
    maker = _maker(chosen)
    files: dict[str, str] = maker.files(job, m)
    place = str(Path(os.path.abspath(write))) if write else "."
    if write:
        _write(write, files, chosen)
    else:
        _print(files)
    _explain(maker.steps(job, place, m), written=write is not None, on_failure=on_failure, m=m)


def run_arguments(
    *,
    data: Path,
    out: Path,
    langs: list[str],
    jobs: int | None,
    plan: str | None,
    keep: int,
    on_failure: str,
    log: bool,
    more: Mapping[str, object] | None = None,
) -> list[str]:
    """Return the arguments for Python that make the reports unattended."""
    options: dict[str, object] = {
        "--data": data,
        "--out": out,
        "--lang": ",".join(langs),
        "--keep": keep,
        "--plan": plan,
        "--jobs": jobs,
        "--log": out / LOG if log else None,
        "--on-failure": on_failure or None,
    } | dict(more or {})
    given = [[name, str(value)] for name, value in options.items() if value is not None]
    return ["-m", "kts_analysis", "run", *(text for pair in given for text in pair)]


def usual_kind() -> str:
    """Return the scheduler this machine has: systemd where it runs, Windows' own, else cron."""
    if platform.system() == "Windows":
        return "windows"
    # systemd's own test, sd_booted(3).
    return "systemd" if Path("/run/systemd/system").is_dir() else "cron"


def _maker(kind: str) -> ModuleType:
    return {"systemd": systemd, "cron": cron, "windows": windows}[kind]


def _check_zone(zone: str) -> None:
    """Refuse a time zone that is not known.

    Raises
    ------
    KtsError
        Names it.
    """
    try:
        if zone:
            ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise KtsError(N_("{found} is no time zone like Asia/Ho_Chi_Minh"), found=zone) from None


def _user(kind: str) -> str:
    """Return who the run belongs to; Windows wants the domain too, and only its own can be told."""
    if kind != "windows":
        return getpass.getuser()
    domain, name = os.environ.get("USERDOMAIN"), os.environ.get("USERNAME")
    return f"{domain}\\{name}" if domain and name else ""


def _write(folder: Path, files: dict[str, str], kind: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        content = windows.encoded(text) if kind == "windows" else text.encode()
        (folder / name).write_bytes(content)
        print(folder / name)


def _print(files: dict[str, str]) -> None:
    """Print the files, each under its name where there are several (both kinds take ``#``)."""
    for name, text in files.items():
        if len(files) > 1:
            print(f"# {name}")
        print(text)


def _explain(steps: list[Step], *, written: bool, on_failure: str, m: Messages) -> None:
    """Say on stderr what to do with the files and what happens when a run fails."""
    lines = [m("Nothing is installed yet.")]
    if not written:
        lines.append(m("The commands below take the files from a folder: add --write FOLDER."))
    for step in steps:
        lines.append(f"{step.text}:" if step.command else step.text)
        if step.command:
            lines.append(f"    {step.command}")
    lines.append(
        m(
            "How a run ended: exit code 0 done, 1 some reports failed, 2 bad input, 3 another run "
            "was at work. The last good reports stay and latest.txt names them; run.json in the "
            "folder of a run says what failed."
        )
    )
    if on_failure:
        lines.append(
            m(
                "On failure this is called, with KTS_EXIT_CODE, KTS_RUN and KTS_FAILED in its "
                "environment: {command}",
                command=on_failure,
            )
        )
    else:
        lines.append(m("To be told of a failure add --on-failure COMMAND."))
    print("\n".join(lines), file=sys.stderr)
