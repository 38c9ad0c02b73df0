"""A systemd service and its timer.

Rules of quoting: systemd.service(5) "Command lines" and systemd.unit(5) "Specifiers"; times:
systemd.time(7). The journal keeps the log and bounds its size by itself.
"""

from __future__ import annotations

import shlex

from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_, Messages
from kts_analysis.scheduling.common import ANOTHER_RUN, NAME, STOPPED, WEEKDAYS, Job, Step, When

SERVICE, TIMER = f"{NAME}.service", f"{NAME}.timer"


def files(job: Job, m: Messages) -> dict[str, str]:
    """Return the unit files by name.

    Raises
    ------
    KtsError
        The path of Python holds a dollar sign, which systemd cannot write there.
    """
    if "$" in job.python:
        raise KtsError(
            N_("systemd cannot start a program whose path has a $: {found}"), found=job.python
        )
    return {SERVICE: _service(job, m), TIMER: _timer(job, m)}


def _service(job: Job, m: Messages) -> str:
    owner = [f"User={specifiers(job.user)}"] if job.system and job.user else []
    # oneshot: a run that is still going is not started again. mixed: only `kts run` is asked to
    # stop, so that it can end its children and leave nothing behind.
    return _text(
        "[Unit]",
        f"Description={specifiers(m('Reports on targets and deadlines (kts run)'))}",
        "",
        "[Service]",
        "Type=oneshot",
        *owner,
        f"WorkingDirectory={working_directory(job.folder)}",
        "Environment=PYTHONUTF8=1",
        f"ExecStart={exec_line(job.command)}",
        f"SuccessExitStatus={ANOTHER_RUN} {STOPPED}",
        f"TimeoutStartSec={job.minutes}min",
        "TimeoutStopSec=60s",
        "KillMode=mixed",
        "Nice=10",
        "IOSchedulingClass=idle",
    )


def _timer(job: Job, m: Messages) -> str:
    return _text(
        "[Unit]",
        f"Description={specifiers(m('Timer of the reports (kts run)'))}",
        "",
        "[Timer]",
        f"OnCalendar={calendar(job.when, job.zone)}",
        "Persistent=true",
        "",
        "[Install]",
        "WantedBy=timers.target",
    )


def _text(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def calendar(when: When, zone: str = "") -> str:
    """Return the calendar expression, ``Mon,Tue *-*-* 06:30:00 Asia/Ho_Chi_Minh``."""
    days = ",".join(WEEKDAYS[number].capitalize() for number in when.weekdays)
    date = "*-*-*" if when.month_day is None else f"*-*-{when.month_day:02}"
    parts = [days, date, f"{when.hour:02}:{when.minute:02}:00", zone]
    return " ".join(part for part in parts if part)


def exec_line(command: list[str]) -> str:
    """Return a command as systemd reads it: every argument stays one, nothing is expanded."""
    program, *arguments = command
    # Variables are replaced in the arguments only, so only there a dollar sign is doubled.
    return " ".join([_quoted(program), *(_quoted(text).replace("$", "$$") for text in arguments)])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{specifiers(escaped)}"'


def specifiers(text: str) -> str:
    """Return a text whose percent signs are not taken for specifiers."""
    return text.replace("%", "%%")


def working_directory(folder: str) -> str:
    """Return a folder as ``WorkingDirectory=`` reads it: no quotes are known there.

    A last blank would be stripped and a last backslash would join the next line to this one; a
    slash after it keeps both.
    """
    safe = f"{folder}/" if folder[-1:].isspace() or folder.endswith("\\") else folder
    return specifiers(safe)


def steps(job: Job, place: str, m: Messages) -> list[Step]:
    """Return how to install, see, try and remove the timer.

    Parameters
    ----------
    job : Job
    place : str
        Folder the unit files were written to.
    m : Messages
    """
    system = job.system
    control = "sudo systemctl" if system else "systemctl --user"
    target = "/etc/systemd/system" if system else "~/.config/systemd/user"
    copy = "sudo cp" if system else f"mkdir -p {target} && cp"
    units = " ".join(shlex.quote(f"{place.rstrip('/')}/{name}") for name in (SERVICE, TIMER))
    removal = f"{'sudo ' if system else ''}rm {target}/{SERVICE} {target}/{TIMER}"
    journal = f"journalctl {'' if system else '--user '}-u {SERVICE}"
    shown = [
        Step(
            m("Install"),
            f"{copy} {units} {target}/ && {control} daemon-reload && "
            f"{control} enable --now {TIMER}",
        ),
        Step(m("When it runs next"), f"{control} list-timers {TIMER}"),
        Step(m("Run once now"), f"{control} start {SERVICE}"),
        Step(m("Read the log (the system bounds its size)"), journal),
        Step(
            m("Remove"), f"{control} disable --now {TIMER} && {removal} && {control} daemon-reload"
        ),
        Step(m("A run missed because the machine was off is made up for when it is on again.")),
    ]
    if not system:
        shown.insert(
            1, Step(m("To run while nobody is signed in as well"), "loginctl enable-linger")
        )
    return shown
