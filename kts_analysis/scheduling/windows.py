"""A task for the Windows Task Scheduler.

Structure: Microsoft's Task Scheduler Schema and [MS-TSCH] 2.5 (the parts of a trigger must stand
in the schema's order; elsewhere any order is allowed). Quoting of the arguments: the rules of the
Microsoft C runtime, as `subprocess.list2cmdline` writes them.
"""

from __future__ import annotations

import codecs
import re
import subprocess
from xml.etree import ElementTree

from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_, Messages
from kts_analysis.scheduling.common import NAME, Job, Step, When

NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"
FILE = f"{NAME}.xml"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
FIRST_DAY = "2024-01-01"  # any day in the past: the task starts at its first time after it is made
Parts = dict[str, "str | Parts | list[str]"]


def files(job: Job, m: Messages) -> dict[str, str]:
    """Return the task definition; it must be stored by :func:`encoded`.

    Raises
    ------
    KtsError
        A time zone was asked for, or a text that Windows would replace (``%NAME%``).
    """
    if job.zone:
        raise KtsError(N_("Task Scheduler follows the machine's clock: leave out --time-zone"))
    for text in [*job.command, job.folder]:
        if re.search(r"%[^%]+%|\$\(", text):
            raise KtsError(
                N_("Task Scheduler would replace the %…% or $(…) in {found}"), found=text
            )
    task = ElementTree.Element("Task", {"version": "1.2", "xmlns": NAMESPACE})
    _fill(task, _parts(job, m))
    ElementTree.indent(task)
    text = ElementTree.tostring(task, encoding="unicode")
    return {FILE: f'<?xml version="1.0" encoding="UTF-16"?>\n{text}\n'}


def encoded(text: str) -> bytes:
    """Return a task definition in the encoding its first line names, with its mark."""
    return codecs.BOM_UTF16_LE + text.encode("utf-16-le")


def _parts(job: Job, m: Messages) -> Parts:
    who: Parts = {"UserId": job.user} if job.user else {}
    # Python's own switch instead of PYTHONUTF8: a task has no environment of its own.
    action: Parts = {
        "Command": job.python,
        "Arguments": subprocess.list2cmdline(["-X", "utf8", *job.arguments]),
        "WorkingDirectory": job.folder,
    }
    start = f"{FIRST_DAY}T{job.when.hour:02}:{job.when.minute:02}:00"
    return {
        "RegistrationInfo": {"Description": m("Reports on targets and deadlines (kts run)")},
        "Triggers": {"CalendarTrigger": {"StartBoundary": start, **_schedule(job.when)}},
        "Principals": {
            "Principal": {
                "@id": "Author",
                **who,
                # S4U: runs without anybody signed in and stores no password.
                "LogonType": "S4U" if job.system else "InteractiveToken",
                "RunLevel": "LeastPrivilege",
            }
        },
        "Settings": {
            "MultipleInstancesPolicy": "IgnoreNew",
            "DisallowStartIfOnBatteries": "false",
            "StopIfGoingOnBatteries": "false",
            "StartWhenAvailable": "true",
            "ExecutionTimeLimit": f"PT{job.minutes}M",
            "Priority": "7",  # the schema's default: below normal
        },
        "Actions": {"@Context": "Author", "Exec": action},
    }


def _schedule(when: When) -> Parts:
    if when.month_day is not None:
        days: Parts = {"Day": str(when.month_day)}
        return {"ScheduleByMonth": {"DaysOfMonth": days, "Months": list(MONTHS)}}
    if when.weekdays:
        names = [DAYS[number] for number in when.weekdays]
        return {"ScheduleByWeek": {"DaysOfWeek": names, "WeeksInterval": "1"}}
    return {"ScheduleByDay": {"DaysInterval": "1"}}


def _fill(element: ElementTree.Element, parts: Parts) -> None:
    """Put parts into an element: a text, parts of their own, or names of empty elements.

    A name that starts with ``@`` is an attribute.
    """
    for name, content in parts.items():
        if name.startswith("@"):
            element.set(name[1:], str(content))
            continue
        part = ElementTree.SubElement(element, name)
        if isinstance(content, str):
            part.text = content
        elif isinstance(content, list):
            for empty in content:
                ElementTree.SubElement(part, empty)
        else:
            _fill(part, content)


def steps(job: Job, place: str, m: Messages) -> list[Step]:
    """Return how to install, see, try and remove the task.

    Parameters
    ----------
    job : Job
    place : str
        Folder the file was written to.
    m : Messages
    """
    separator = "\\" if "\\" in place else "/"
    file = f"{place.rstrip(separator)}{separator}{FILE}"
    log = job.arguments[job.arguments.index("--log") + 1]
    if job.system:
        who = m(
            "It runs whether or not you are signed in, with no password stored, so it cannot reach "
            "network drives: keep data and reports on this machine. Install from a terminal "
            "opened as administrator."
        )
    else:
        who = m("It runs only while you are signed in; --system changes that.")
    return [
        Step(m("Install"), f"schtasks /create /tn {NAME} /xml {subprocess.list2cmdline([file])}"),
        Step(
            m("When it runs next, and how the last run ended"),
            f"schtasks /query /tn {NAME} /v /fo LIST",
        ),
        Step(m("Run once now"), f"schtasks /run /tn {NAME}"),
        Step(m("Read the log (kept to a few MB)"), f"type {subprocess.list2cmdline([log])}"),
        Step(m("Remove"), f"schtasks /delete /tn {NAME} /f"),
        Step(who),
        Step(
            m(
                "A run missed because the machine was off is made up for when it is on again; it "
                "also runs on battery, and does not wake the machine. A last result of 3 means "
                "that another run was at work."
            )
        ),
    ]
