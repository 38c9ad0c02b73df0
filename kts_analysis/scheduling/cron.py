"""A cron line.

Rules of quoting: crontab(5) (a bare percent sign ends the command) and the shell's. cron knows no
missed runs, no lock and no log; the lock and the log are those of `kts run`.
"""

from __future__ import annotations

import shlex

from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_, Messages
from kts_analysis.scheduling.common import ANOTHER_RUN, NAME, Job, Step, When

# Without ".cron": Debian's cron skips files with a dot in /etc/cron.d.
FILE = NAME
LONGEST = 998  # bytes of a command: Debian's crontab refuses more, older ones cut it off silently


def files(job: Job, m: Messages) -> dict[str, str]:
    """Return the file with the line (one for ``/etc/cron.d`` names the user too).

    Raises
    ------
    KtsError
        A time zone was asked for, or the command is longer than cron takes.
    """
    if job.zone:
        raise KtsError(
            N_("cron follows the machine's clock: leave out --time-zone, or use --kind systemd")
        )
    command = command_line(job)
    if len(command.encode()) > LONGEST:
        raise KtsError(
            N_(
                "the cron command has {length} bytes and cron takes {most}: use shorter paths, or "
                "--kind systemd"
            ),
            length=len(command.encode()),
            most=LONGEST,
        )
    owner = f" {job.user}" if job.system else ""
    comment = f"# {m('Reports on targets and deadlines (kts run)')}"
    return {FILE: f"{comment}\n{time_fields(job.when)}{owner} {command}\n"}


def time_fields(when: When) -> str:
    """Return minute, hour, day of month, month and weekday (Sunday is 0)."""
    weekdays = ",".join(str((number + 1) % 7) for number in when.weekdays) or "*"
    return f"{when.minute} {when.hour} {when.month_day or '*'} * {weekdays}"


def command_line(job: Job) -> str:
    """Return the shell command of the line.

    cron mails whatever is printed, so it prints only when the run failed: then all that the run
    said. A run that finds another at work is no failure.
    """
    words = ["PYTHONUTF8=1"]
    if "nice" in job.tools:
        words += [_quoted(job.tools["nice"]), "-n", "10"]
    if "ionice" in job.tools:
        words += [_quoted(job.tools["ionice"]), "-c", "3"]
    if "timeout" in job.tools:
        words += [_quoted(job.tools["timeout"]), "-k", "60", str(60 * job.minutes)]
    words += [_quoted(text) for text in job.command]
    run = f"cd {_quoted(job.folder)} && said=$({' '.join(words)} 2>&1)"
    mail = "{ printf '\\%s\\n' \"$said\"; exit 1; }"
    return f"{run} || test $? -eq {ANOTHER_RUN} || {mail}"


def _quoted(text: str) -> str:
    """Return one word for the shell, after cron has read it.

    cron makes ``%`` of ``\\%``; some make ``\\`` of two backslashes, some do not. So after each
    backslash comes a closing and an opening quote, which every cron leaves alone.
    """
    quoted = shlex.quote(text).replace("\\", "\\''")
    return quoted.replace("%", "\\%")


def steps(job: Job, place: str, m: Messages) -> list[Step]:
    """Return how to install, see, try and remove the line.

    Parameters
    ----------
    job : Job
    place : str
        Folder the file was written to.
    m : Messages
    """
    file = shlex.quote(f"{place.rstrip('/')}/{FILE}")
    log = job.arguments[job.arguments.index("--log") + 1]
    once = f"cd {shlex.quote(job.folder)} && PYTHONUTF8=1 {shlex.join(job.command)}"
    if job.system:
        ways = [
            Step(m("Install"), f"sudo cp {file} /etc/cron.d/{FILE}"),
            Step(m("See"), f"cat /etc/cron.d/{FILE}"),
            Step(m("Remove"), f"sudo rm /etc/cron.d/{FILE}"),
        ]
    else:
        ways = [
            Step(
                m("Install (adds the line to those you have)"),
                f"(crontab -l 2>/dev/null; cat {file}) | crontab -",
            ),
            Step(m("See"), "crontab -l"),
            Step(m("Remove (delete the line in the editor)"), "crontab -e"),
        ]
    shown = [
        *ways,
        Step(m("Run once now"), once),
        Step(m("Read the log (kept to a few MB)"), f"cat {shlex.quote(log)}"),
        Step(
            m(
                "cron does not make up for a run missed because the machine was off: use --kind "
                "systemd, or anacron where it is installed."
            )
        ),
    ]
    if "timeout" not in job.tools:
        shown.append(Step(m("No program “timeout” was found: the run has no time limit.")))
    return shown
