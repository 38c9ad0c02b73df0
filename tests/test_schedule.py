"""Timers for unattended runs: read back by the real tools or by readers of their rules."""

from __future__ import annotations

import getpass
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from logging.handlers import RotatingFileHandler
from pathlib import Path
from xml.etree import ElementTree

import psutil
import pytest
import typer.main
from hypothesis import given, settings
from hypothesis import strategies as st

from kts_analysis import on_failure, run_log
from kts_analysis.errors import KtsError
from kts_analysis.i18n import LANGUAGES, Messages
from kts_analysis.run_log import RunLog, open_log
from kts_analysis.scheduling import command as commands_schedule
from kts_analysis.scheduling import cron, systemd, windows
from kts_analysis.scheduling.command import run_arguments, schedule, usual_kind
from kts_analysis.scheduling.common import Job, When, check_texts, parse_when

M = Messages("en")
POSIX = os.name == "posix"
needs_posix = pytest.mark.skipif(not POSIX, reason="NOT RUN: a POSIX shell is needed")
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="NOT RUN: no systemd-analyze"
)
needs_crontab = pytest.mark.skipif(shutil.which("crontab") is None, reason="NOT RUN: no crontab")

NASTY = [
    *("Nam Định/báo cáo", "a b", "100%", "%h", "%%", "$HOME", "${HOME}x", "$$", "'", '"', "it's"),
    *("\\", "a\\b", "a\\\\b", "a\\%b", "\\'", '\\"', "\\\\", "a\\", " a ", ";", "; rm x", "&", "|"),
    *("`id`", "$(id)", "*", "~", "#", "!", "-", "@x", "<y>&amp;", "x=1", "n\\n", "\\x41", "😀"),
]
# What a file name may hold, less what no schedule carries.
odd_texts = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\x00"), min_size=1
).filter(lambda text: not refused(text))
punctuation = st.text(st.sampled_from("\\\\%%$$''\"\"; &ab"), min_size=1)
odd = odd_texts | punctuation


def refused(text: str) -> bool:
    try:
        check_texts([text])
    except KtsError:
        return True
    return False


def job(*arguments: str, when: When | None = None, **changes: object) -> Job:
    values: dict[str, object] = {
        "python": "/opt/kts/bin/python",
        "arguments": ("-m", "kts_analysis", "run", *arguments, "--log", "/srv/kts/kts-run.log"),
        "folder": "/srv/kts",
        "when": when or When(6, 30),
        "minutes": 360,
        "user": "kts",
    }
    return Job(**{**values, **changes})  # type: ignore[arg-type]


# --- when -----------------------------------------------------------------------------------------

DAYS = {
    "daily": (When(6, 30), set(range(7))),
    "mon-fri": (When(6, 30, (0, 1, 2, 3, 4)), {0, 1, 2, 3, 4}),
    "mon,thu": (When(6, 30, (0, 3)), {0, 3}),
    "Mon, Thu": None,
    "weekly:sun": (When(6, 30, (6,)), {6}),
    "sat-sun,mon": (When(6, 30, (0, 5, 6)), {0, 5, 6}),
    "monthly:1": (When(6, 30, month_day=1), None),
    "monthly:28": (When(6, 30, month_day=28), None),
}
KNOWN_DAYS = {days: found for days, found in DAYS.items() if found is not None}


@pytest.mark.parametrize("days", KNOWN_DAYS)
def test_days(days: str) -> None:
    assert parse_when("06:30", days) == KNOWN_DAYS[days][0]


@pytest.mark.parametrize(
    ("at", "days"),
    [
        *(
            ("06:30", days)
            for days in ("", "Mon, Thu", "fri-mon", "noday", "weekly:", "mon-", "x:1")
        ),
        *(("06:30", f"monthly:{day}") for day in ("0", "29", "31", "x", "-1", "")),
        *((at, "daily") for at in ("", "24:00", "6", "06:60", "06:30:00", "6h30")),
    ],
)
def test_what_is_no_time_or_day_is_refused(at: str, days: str) -> None:
    with pytest.raises(KtsError) as caught:
        parse_when(at, days)
    wrong = at if days == "daily" else days
    assert str(caught.value).startswith(f"{wrong} is") or str(caught.value).startswith(f"{wrong}:")


def expected_days(days: str, first: datetime, number: int) -> list[datetime]:
    """Return the first days a schedule runs on, counted day by day."""
    found: list[datetime] = []
    when, weekdays = KNOWN_DAYS[days]
    day = first
    while len(found) < number:
        if day.day == when.month_day if weekdays is None else day.weekday() in weekdays:
            found.append(day)
        day += timedelta(days=1)
    return found


@needs_systemd
@pytest.mark.parametrize("days", KNOWN_DAYS)
@pytest.mark.parametrize(("zone", "hours"), [("UTC", 0), ("Asia/Ho_Chi_Minh", -7)])
def test_systemd_runs_on_those_days(days: str, zone: str, hours: int) -> None:
    """systemd itself lists the runs from 2 January 2024 on, in UTC."""
    start = datetime(2024, 1, 2, 0, 0, tzinfo=UTC)
    done = subprocess.run(
        [
            *("systemd-analyze", "calendar", "--base-time=2024-01-02 00:00:00 UTC"),
            *("--iterations=9", systemd.calendar(parse_when("07:05", days), zone)),
        ],
        env={**os.environ, "TZ": "UTC", "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=True,
    )
    shown = re.findall(r"(?:elapse|#\d+): \w+ (\S+ \S+) UTC", done.stdout)
    runs = [day + timedelta(hours=7 + hours, minutes=5) for day in expected_days(days, start, 10)]
    later = [run for run in runs if run > start][:9]
    assert shown == [f"{run:%Y-%m-%d %H:%M:%S}" for run in later]


@pytest.mark.parametrize("days", KNOWN_DAYS)
def test_cron_and_windows_name_the_same_days(days: str) -> None:
    when, weekdays = parse_when("23:05", days), KNOWN_DAYS[days][1]
    minute, hour, day, month, names = cron.time_fields(when).split(" ")
    assert (minute, hour, month) == ("5", "23", "*")
    trigger = task(job(when=when)).find("{*}Triggers/{*}CalendarTrigger")
    assert trigger is not None
    assert trigger.findtext("{*}StartBoundary") == "2024-01-01T23:05:00"
    if weekdays is None:
        assert (day, names) == (str(when.month_day), "*")
        assert trigger.findtext("{*}ScheduleByMonth/{*}DaysOfMonth/{*}Day") == day
        assert len(trigger.findall("{*}ScheduleByMonth/{*}Months/*")) == 12
    elif len(weekdays) == 7:
        assert (day, names) == ("*", "*")
        assert trigger.findtext("{*}ScheduleByDay/{*}DaysInterval") == "1"
    else:
        # cron counts from Sunday, 0.
        assert day == "*" and {(int(name) - 1) % 7 for name in names.split(",")} == weekdays
        shown = trigger.findall("{*}ScheduleByWeek/{*}DaysOfWeek/*")
        assert {windows.DAYS.index(plain(part)) for part in shown} == weekdays


# --- systemd --------------------------------------------------------------------------------------


def read_exec(line: str) -> list[str]:
    """Read a command as systemd.service(5) says: quotes, C escapes, specifiers, variables."""
    words: list[str] = []
    word, quote, index = "", "", 0
    started = False
    while index < len(line):
        character = line[index]
        if character == "\\":
            index += 1
            assert line[index] in "\\\"'", "an escape this reader does not know"
            word, started = word + line[index], True
        elif quote:
            word, quote = (word, "") if character == quote else (word + character, quote)
        elif character in "\"'":
            quote, started = character, True
        elif character == " ":
            words, word, started = ([*words, word], "", False) if started else (words, word, False)
        else:
            word, started = word + character, True
        index += 1
    assert not quote
    words = [*words, word] if started else words
    plain_words = [re.sub("%(.)", lambda m: {"%": "%"}[m[1]], word) for word in words]
    for word in plain_words[1:]:
        assert not re.search(r"(?<!\$)\$(\$\$)*(?!\$)", word), "a variable would be put in"
    return [plain_words[0], *(word.replace("$$", "$") for word in plain_words[1:])]


@given(st.lists(odd, max_size=4))
def test_systemd_arguments_come_back(texts: list[str]) -> None:
    command = ["/opt/báo cáo %/python", *texts]
    assert read_exec(systemd.exec_line(command)) == command


def verify(folder: Path, made: dict[str, str]) -> str:
    """Let systemd read unit files; return what it understood of them."""
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    paths = [str(folder / name) for name in made]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *paths],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    complaints = [line for line in done.stderr.splitlines() if "kts-run" in line]
    assert (done.returncode, complaints) == (0, [])
    seen = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *paths],
        env={**os.environ, "SYSTEMD_LOG_LEVEL": "debug"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    return seen.stdout + seen.stderr


@needs_systemd
@pytest.mark.parametrize("system", [False, True])
def test_systemd_reads_the_units(tmp_path: Path, system: bool) -> None:
    """Every nasty text is one argument to systemd itself, and the folder is the folder."""
    folder = tmp_path / "Nam Định %h \\x41 'q\" $HOME"
    folder.mkdir()
    made = systemd.files(
        job(
            *NASTY,
            python=sys.executable,
            folder=str(folder),
            system=system,
            user=getpass.getuser(),
            zone="Asia/Ho_Chi_Minh",
            when=When(6, 30, (0, 4)),
        ),
        M,
    )
    seen = verify(tmp_path, made)
    (line,) = re.findall("Command Line: (.*)", seen)
    # systemd prints the line for a shell; shlex knows no escaped dollar sign.
    bare = re.sub(r"\\(.)", lambda m: m[1] if m[1] in "$`" else m[0], line)
    program, *words = shlex.split(bare)
    # Variables are put in later, so dollar signs are still double.
    doubled = [text.replace("$", "$$") for text in NASTY]
    assert program == sys.executable
    assert words == ["-m", "kts_analysis", "run", *doubled, "--log", "/srv/kts/kts-run.log"]
    assert re.findall(r"WorkingDirectory: (.*)", seen)[0] == str(folder)
    assert "OnCalendar=Mon,Fri *-*-* 06:30:00 Asia/Ho_Chi_Minh" in made[systemd.TIMER]
    assert ("User=" in made[systemd.SERVICE]) == system


@needs_systemd
@pytest.mark.parametrize("name", ["ends in blank ", "ends in backslash\\", "~", "-x", "%%"])
def test_systemd_reads_the_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    seen = verify(tmp_path, systemd.files(job(python=sys.executable, folder=str(folder)), M))
    found = re.findall(r"WorkingDirectory: (.*)", seen)[0]
    assert found.rstrip("/") == str(folder)
    assert "PYTHONUTF8=1" in seen  # the line after the folder's was not swallowed


@needs_systemd
def test_verify_notices_a_mistake(tmp_path: Path) -> None:
    """The tool used above does complain."""
    made = systemd.files(job(python=sys.executable, folder=str(tmp_path)), M)
    made[systemd.SERVICE] = made[systemd.SERVICE].replace("Nice=10", "Niece=10")
    with pytest.raises(AssertionError, match="Niece"):
        verify(tmp_path, made)


def test_systemd_units_say_what_an_unattended_run_needs() -> None:
    made = systemd.files(job(minutes=90), M)
    service, timer = made[systemd.SERVICE].splitlines(), made[systemd.TIMER].splitlines()
    for line in (
        *("Type=oneshot", "SuccessExitStatus=3 143", "TimeoutStartSec=90min", "KillMode=mixed"),
        *("Environment=PYTHONUTF8=1", "Nice=10", "IOSchedulingClass=idle"),
    ):
        assert line in service
    assert {"Persistent=true", "OnCalendar=*-*-* 06:30:00", "WantedBy=timers.target"} <= set(timer)


def test_systemd_cannot_start_a_path_with_a_dollar() -> None:
    with pytest.raises(KtsError, match=r"/opt/\$x/python"):
        systemd.files(job(python="/opt/$x/python"), M)


# --- cron -----------------------------------------------------------------------------------------


def cron_reads(command: str, *, doubled: bool) -> str:
    """Return what cron hands to the shell, by crontab(5).

    Parameters
    ----------
    doubled : bool
        Some crons also make one backslash of two.
    """
    result, index = "", 0
    while index < len(command):
        pair = command[index : index + 2]
        if pair[0] == "\\" and len(pair) == 2:
            undone = pair[1] == "%" or (doubled and pair[1] == "\\")
            result += pair[1] if undone else pair
            index += 2
        else:
            assert pair[0] != "%", "the rest would become standard input"
            result += pair[0]
            index += 1
    return result


@pytest.fixture(scope="module")
def stub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program in an odd place that writes down how it was called and ends with STUB_EXIT."""
    folder = tmp_path_factory.mktemp("stub") / "Nam Định 100% 'x' \\%"
    folder.mkdir()
    program = folder / "python"
    lines = ["#!/bin/sh", 'told=$(dirname "$0")/told', 'for a in "$PWD" "$PYTHONUTF8" "$@"; do']
    lines += ['printf "%s\\0" "$a"', 'done > "$told"', "echo result; echo complaint >&2"]
    lines += ['exit "${STUB_EXIT:-0}"']
    program.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    program.chmod(0o755)
    return program


def cron_calls(made: Job, *, doubled: bool = False, ends: int = 0) -> tuple[int, str, str]:
    """Run the line as cron would; return exit code and what cron would mail.

    The program must have run in the folder of the job with its very arguments.
    """
    told = Path(made.python).with_name("told")
    told.unlink(missing_ok=True)
    done = subprocess.run(
        ["/bin/sh", "-c", cron_reads(cron.command_line(made), doubled=doubled)],
        env={"PATH": "/usr/bin:/bin", "STUB_EXIT": str(ends)},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    called = told.read_text(encoding="utf-8").split("\0")[:-1]
    assert called == [made.folder, "1", *made.arguments]
    return done.returncode, done.stdout, done.stderr


@needs_posix
@pytest.mark.parametrize("doubled", [False, True])
def test_cron_arguments_come_back(stub: Path, doubled: bool) -> None:
    made = job(*NASTY, python=str(stub), folder=str(stub.parent))
    assert cron_calls(made, doubled=doubled) == (0, "", "")


@needs_posix
@settings(max_examples=40)
@given(st.lists(odd, max_size=4), st.booleans())
def test_odd_cron_arguments_come_back(stub: Path, texts: list[str], doubled: bool) -> None:
    made = job(*texts, python=str(stub), folder="/")
    assert cron_calls(made, doubled=doubled) == (0, "", "")


@needs_posix
@pytest.mark.parametrize(("ends", "code"), [(0, 0), (1, 1), (2, 1), (3, 0), (130, 1)])
def test_cron_mails_failures_and_another_run_is_none(stub: Path, ends: int, code: int) -> None:
    tools = {name: path for name in commands_schedule.TOOLS if (path := shutil.which(name))}
    made = job(python=str(stub), folder="/", tools=tools)
    mailed = "result\ncomplaint\n" if code else ""
    assert cron_calls(made, ends=ends) == (code, mailed, "")


@needs_posix
def test_cron_does_not_run_in_another_folder(stub: Path, tmp_path: Path) -> None:
    made = job(python=str(stub), folder=str(tmp_path / "gone"))
    done = subprocess.run(
        ["/bin/sh", "-c", cron_reads(cron.command_line(made), doubled=False)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0 and "gone" in done.stderr and "kts_analysis" not in done.stderr


def crontab_accepts(path: Path) -> bool:
    """Let crontab check a file without installing it (-T, in Debian 12 -n)."""
    for option in ("-T", "-n"):
        done = subprocess.run(
            ["crontab", option, path], capture_output=True, text=True, check=False
        )
        if "invalid option" not in done.stderr and "usage" not in done.stderr.lower():
            return done.returncode == 0
    pytest.skip("NOT RUN: this crontab cannot check a file")


@needs_crontab
@pytest.mark.parametrize("days", KNOWN_DAYS)
def test_crontab_accepts_the_line(tmp_path: Path, days: str) -> None:
    made = cron.files(job("100%", "Nam Định", when=parse_when("06:30", days)), M)
    path = tmp_path / "line"
    path.write_text(made[cron.FILE], encoding="utf-8", newline="\n")
    assert crontab_accepts(path)
    path.write_text(made[cron.FILE].replace("30 6 ", "30 66 "), encoding="utf-8", newline="\n")
    assert not crontab_accepts(path)


@needs_crontab
def test_the_longest_line_is_cron_s_own(tmp_path: Path) -> None:
    """What crontab takes we write, and not one byte more."""
    spare = cron.LONGEST - len(cron.command_line(job("")).encode())
    path = tmp_path / "line"
    fits = job("x" * (spare + 2))  # the empty argument stood there as two quotes
    path.write_text(cron.files(fits, M)[cron.FILE], encoding="utf-8", newline="\n")
    assert crontab_accepts(path)
    with pytest.raises(KtsError, match=f"{cron.LONGEST + 1} bytes"):
        cron.files(job("x" * (spare + 3)), M)


def test_system_wide_cron_names_the_user_and_has_no_dot_in_its_name() -> None:
    ((name, text),) = cron.files(job(system=True), M).items()
    assert text.splitlines()[1].startswith("30 6 * * * kts cd /srv/kts && ")
    assert "." not in name


def test_cron_limits_time_and_priority_where_it_can() -> None:
    tools = {"nice": "/bin/nice", "ionice": "/bin/ionice", "timeout": "/bin/timeout"}
    line = cron.command_line(job(tools=tools, minutes=5))
    assert "PYTHONUTF8=1 /bin/nice -n 10 /bin/ionice -c 3 /bin/timeout -k 60 300 /opt" in line
    assert "PYTHONUTF8=1 /opt/kts/bin/python -m" in cron.command_line(job())
    assert any("time limit" in step.text for step in cron.steps(job(), ".", M))


# --- Windows --------------------------------------------------------------------------------------

# Microsoft's schema: what an element may hold; "sequence" where the order counts.
SCHEMA: dict[str, tuple[str, list[str]]] = {
    "Task": ("all", ["RegistrationInfo", "Triggers", "Settings", "Data", "Principals", "Actions"]),
    "RegistrationInfo": ("all", ["URI", "Date", "Author", "Version", "Description"]),
    "Triggers": ("choice", ["CalendarTrigger", "TimeTrigger", "BootTrigger"]),
    "CalendarTrigger": (
        "sequence",
        [
            *("Enabled", "StartBoundary", "EndBoundary", "Repetition", "ExecutionTimeLimit"),
            *("RandomDelay", "ScheduleByDay", "ScheduleByWeek", "ScheduleByMonth"),
        ],
    ),
    "ScheduleByDay": ("all", ["DaysInterval"]),
    "ScheduleByWeek": ("all", ["WeeksInterval", "DaysOfWeek"]),
    "ScheduleByMonth": ("all", ["DaysOfMonth", "Months"]),
    "DaysOfWeek": ("all", list(windows.DAYS)),
    "DaysOfMonth": ("sequence", ["Day"]),
    "Months": ("all", list(windows.MONTHS)),
    "Principals": ("sequence", ["Principal"]),
    "Principal": ("all", ["UserId", "LogonType", "GroupId", "DisplayName", "RunLevel"]),
    "Settings": (
        "all",
        [
            *("AllowStartOnDemand", "RestartOnFailure", "MultipleInstancesPolicy"),
            *("DisallowStartIfOnBatteries", "StopIfGoingOnBatteries", "AllowHardTerminate"),
            *("StartWhenAvailable", "NetworkProfileName", "RunOnlyIfNetworkAvailable"),
            *("WakeToRun", "Enabled", "Hidden", "DeleteExpiredTaskAfter", "IdleSettings"),
            *("NetworkSettings", "ExecutionTimeLimit", "Priority", "RunOnlyIfIdle"),
        ],
    ),
    "Actions": ("choice", ["Exec"]),
    "Exec": ("all", ["Command", "Arguments", "WorkingDirectory"]),
}


def plain(element: ElementTree.Element) -> str:
    """Return the name of an element without its namespace."""
    space, _, name = element.tag.removeprefix("{").partition("}")
    assert space == windows.NAMESPACE
    return name


def task(made: Job) -> ElementTree.Element:
    """Return the task as Windows reads the stored bytes."""
    (text,) = windows.files(made, M).values()
    return ElementTree.fromstring(windows.encoded(text))


def schema_problems(element: ElementTree.Element) -> list[str]:
    """Return where an element departs from Microsoft's schema."""
    name, children = plain(element), [plain(child) for child in element]
    kind, allowed = SCHEMA.get(name, ("all", []))
    wrong = [f"{child} in {name}" for child in children if child not in allowed]
    if not wrong and kind == "sequence" and children != sorted(children, key=allowed.index):
        wrong.append(f"order of {name}")
    if kind == "all" and len(children) != len(set(children)):
        wrong.append(f"twice in {name}")
    return [*wrong, *(problem for child in element for problem in schema_problems(child))]


def read_windows_arguments(line: str) -> list[str]:
    """Read a command line by the rules of the Microsoft C runtime."""
    words: list[str] = []
    index = 0
    while index < len(line):
        if line[index] in " \t":
            index += 1
            continue
        word, quoted = "", False
        while index < len(line) and (quoted or line[index] not in " \t"):
            slashes = len(line) - index - len(line[index:].lstrip("\\"))
            index += slashes
            if index < len(line) and line[index] == '"':
                word += "\\" * (slashes // 2)
                if slashes % 2:
                    word += '"'
                else:
                    quoted = not quoted
                index += 1
            elif slashes:
                word += "\\" * slashes
            else:
                word += line[index]
                index += 1
        words.append(word)
    return words


@pytest.mark.parametrize("days", KNOWN_DAYS)
@pytest.mark.parametrize("system", [False, True])
def test_the_task_follows_the_schema(days: str, system: bool) -> None:
    made = task(job(when=parse_when("06:30", days), system=system))
    assert schema_problems(made) == []
    assert made.get("version") == "1.2"
    principal, actions = made.find("{*}Principals/{*}Principal"), made.find("{*}Actions")
    assert principal is not None and actions is not None
    assert principal.get("id") == actions.get("Context")
    assert principal.findtext("{*}LogonType") == ("S4U" if system else "InteractiveToken")


def test_the_schema_check_notices() -> None:
    made = task(job())
    trigger = made.find("{*}Triggers/{*}CalendarTrigger")
    assert trigger is not None
    trigger.insert(0, trigger[-1])
    del trigger[-1]
    trigger[0].append(trigger[1])
    assert schema_problems(made) == ["order of CalendarTrigger", "StartBoundary in ScheduleByDay"]


def test_the_task_says_what_an_unattended_run_needs() -> None:
    found = task(job(minutes=90)).find("{*}Settings")
    assert found is not None
    assert {plain(part): part.text for part in found} == {
        "MultipleInstancesPolicy": "IgnoreNew",
        "DisallowStartIfOnBatteries": "false",
        "StopIfGoingOnBatteries": "false",
        "StartWhenAvailable": "true",
        "ExecutionTimeLimit": "PT90M",
        "Priority": "7",
    }


def test_the_task_is_stored_in_the_encoding_it_names() -> None:
    (text,) = windows.files(job("Nam Định"), M).values()
    stored = windows.encoded(text)
    assert stored.startswith(b"\xff\xfe<\x00?\x00")
    assert stored.decode("utf-16") == text
    assert text.startswith('<?xml version="1.0" encoding="UTF-16"?>\n')


@given(st.lists(odd.filter(lambda text: "%" not in text and "$(" not in text), max_size=4))
def test_windows_arguments_come_back(texts: list[str]) -> None:
    made = job(*texts, python=r"C:\Báo cáo\python.exe", folder="D:\\x & <y>\\")
    action = task(made).find("{*}Actions/{*}Exec")
    assert action is not None
    assert action.findtext("{*}Command") == made.python
    assert action.findtext("{*}WorkingDirectory") == made.folder
    arguments = read_windows_arguments(action.findtext("{*}Arguments") or "")
    assert arguments == ["-X", "utf8", *made.arguments]


@pytest.mark.parametrize("text", [r"C:\%TEMP%\x", "$(Arg0)"])
def test_what_windows_would_replace_is_refused(text: str) -> None:
    for changed in (job(text), job(folder=text), job(python=text)):
        with pytest.raises(KtsError, match=re.escape(text)):
            windows.files(changed, M)
    windows.files(job("100% sure"), M)


# --- the command ----------------------------------------------------------------------------------


@pytest.mark.parametrize("maker", [cron, windows])
def test_a_time_zone_that_would_be_ignored_is_refused(maker: object) -> None:
    with pytest.raises(KtsError, match="machine's clock"):
        maker.files(job(zone="Asia/Ho_Chi_Minh"), M)  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\tb", "a\x00b", "a\x7fb", "\ud800", "\ufffe"])
def test_controls_are_refused(text: str) -> None:
    with pytest.raises(KtsError, match="control characters"):
        check_texts(["fine", text])


def test_run_understands_every_option() -> None:
    """The command of a schedule is parsed by `kts run` itself."""
    from kts_analysis.cli import app

    arguments = run_arguments(
        data=Path("/data"),
        out=Path("/out"),
        langs=["en"],
        jobs=3,
        plan="p",
        keep=4,
        on_failure="mail -s x",
        log=True,
        more={"--notebooks": Path("/nb"), "--memory": 512, "--pass-env": "A,B"},
    )
    assert arguments[:3] == ["-m", "kts_analysis", "run"]
    command = typer.main.get_command(app).commands["run"]  # type: ignore[attr-defined]
    read = command.make_context("run", arguments[3:], resilient_parsing=True).params
    assert (read["data"], str(read["out"]), read["lang"]) == (
        "/data",
        os.path.normpath("/out"),
        "en",
    )
    assert (read["jobs"], read["plan"], read["keep"]) == (3, "p", 4)
    assert (str(read["log"]), read["on_failure"]) == (
        os.path.normpath("/out/kts-run.log"),
        "mail -s x",
    )
    assert (read["notebooks"], read["memory"]) == (Path("/nb"), 512)
    assert list(read["pass_env"]) == ["A,B"]


def test_only_what_was_asked_for_is_passed_on() -> None:
    arguments = run_arguments(
        data=Path("d"),
        out=Path("o"),
        langs=["vi", "en"],
        jobs=None,
        plan=None,
        keep=10,
        on_failure="",
        log=False,
    )
    assert arguments[3:] == ["--data", "d", "--out", "o", "--lang", "vi,en", "--keep", "10"]


@pytest.mark.parametrize("kind", commands_schedule.KINDS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_files_are_written_and_explained(
    tmp_path: Path,
    data_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    kind: str,
    lang: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "lịch chạy"
    schedule(
        Messages(lang),
        kind=kind,
        data=str(data_folder),
        out=Path("báo cáo"),
        on_failure="notify 'x y'",
        write=folder,
    )
    said = capsys.readouterr()
    names = {"systemd": [systemd.SERVICE, systemd.TIMER], "cron": [cron.FILE]}
    written = names.get(kind, [windows.FILE])
    assert said.out.splitlines() == [str(folder / name) for name in written]
    text = "".join((folder / name).read_text(encoding=coding(kind)) for name in written)
    assert "--on-failure" in text and str(tmp_path) in text and "báo cáo" in text
    assert ("kts-run.log" in text) == (kind != "systemd")
    assert str(folder) in said.err and "KTS_EXIT_CODE" in said.err and "run.json" in said.err
    assert Messages(lang)("Nothing is installed yet.") in said.err


def coding(kind: str) -> str:
    return "utf-16" if kind == "windows" else "utf-8"


def test_printed_files_can_be_piped(data_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schedule(M, kind="cron", data=str(data_folder), days="daily")
    said = capsys.readouterr()
    lines = [line for line in said.out.splitlines() if line and not line.startswith("#")]
    assert len(lines) == 1 and lines[0].startswith("30 6 * * * cd ")
    assert shlex.quote(sys.executable) in lines[0]
    assert "--write" in said.err


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "launchd"},
        {"plan": "no-such-plan"},
        {"langs": ["vi", "fr"]},
        {"data": "no-such-folder"},
        {"zone": "Asia/Nowhere", "kind": "systemd"},
        {"zone": "../../etc/passwd", "kind": "systemd"},
        {"out": Path("a\nb")},
        {"on_failure": "a 'b"},
    ],
)
def test_what_would_fail_at_night_is_refused_now(
    data_folder: Path, tmp_path: Path, wrong: dict[str, object]
) -> None:
    given_: dict[str, object] = {"data": str(data_folder), "kind": "cron", "write": tmp_path / "x"}
    with pytest.raises(KtsError):
        schedule(M, **{**given_, **wrong})  # type: ignore[arg-type]
    assert not (tmp_path / "x").exists()


def test_usual_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    assert usual_kind() in commands_schedule.KINDS
    monkeypatch.setattr("platform.system", lambda: "Windows")
    assert usual_kind() == "windows"
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    assert usual_kind() == "cron" or Path("/run/systemd/system").is_dir()


# --- the log --------------------------------------------------------------------------------------

LINE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (INFO|WARNING|ERROR) "


def log_lines(path: Path) -> list[str]:
    """Return the lines of a log without their times."""
    lines = path.read_text(encoding="utf-8").split("\n")
    assert lines.pop() == ""
    assert all(re.match(LINE, line) for line in lines)
    return [line.split(" ", 1)[1] for line in lines]


def test_a_line_an_event(tmp_path: Path) -> None:
    path = tmp_path / "sâu" / "kts-run.log"
    with open_log(path) as log:
        log.started(2)
        log.done("p/356", 1.25)
        log.done("p/357", 0.0, reused=True)
        log.failed("p/358", 'ô "3"\nhỏng', cell=3)
        log.refused(3, "busy")
        log.note("x")
        log.finished(1, made=1, reused=1, failed=1, run=Path("r"), seconds=2.0)
    assert log_lines(path) == [
        "INFO start reports=2",
        'INFO done report="p/356" seconds=1.25',
        'INFO reused report="p/357" seconds=0.00',
        'ERROR failed report="p/358" cell=3 message="ô \\"3\\"\\nhỏng"',
        'WARNING refused exit_code=3 message="busy"',
        'WARNING note message="x"',
        'ERROR end exit_code=1 made=1 reused=1 failed=1 seconds=2.00 run="r"',
    ]


def test_the_time_is_utc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.0)
    monkeypatch.setenv("TZ", "Asia/Ho_Chi_Minh")
    with open_log(tmp_path / "log") as log:
        log.note("x")
    assert (tmp_path / "log").read_text(encoding="utf-8").startswith("2023-11-14T22:13:20Z ")


@given(st.text())
def test_no_message_forges_a_line(tmp_path_factory: pytest.TempPathFactory, message: str) -> None:
    path = tmp_path_factory.mktemp("log") / "log"
    with open_log(path) as log:
        log.failed("a", message)
        log.note("end")
    assert len(log_lines(path)) == 2
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2


def test_the_log_goes_on_and_stays_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_log, "BYTES", 2_000)
    path = tmp_path / "log"
    for number in range(30):
        with open_log(path) as log:
            for part in range(10):
                log.note(f"{number}-{part} " + "x" * 40)
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["log", "log.1", "log.2", "log.3", "log.4"]
    assert all(file.stat().st_size <= 2_000 for file in files)
    newest_last = [line for file in [*files[:0:-1], files[0]] for line in log_lines(file)]
    numbers = [re.findall(r"\d+-\d+", line)[0] for line in newest_last]
    every = [f"{number}-{part}" for number in range(30) for part in range(10)]
    assert numbers == every[-len(numbers) :]


def held(*arguments: object) -> None:
    """As on Windows while another program has the log open: it cannot be renamed."""
    raise PermissionError("held")


def not_closed(handler: RotatingFileHandler) -> None:
    """As when the disk fills up while the old file is closed."""
    handler.stream.close()
    raise OSError(28, "full")


@pytest.mark.parametrize(
    ("place", "name", "trouble"),
    [(os, "rename", held), (RotatingFileHandler, "doRollover", not_closed)],
)
def test_trouble_while_rotating_costs_no_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: object,
    name: str,
    trouble: Callable[..., None],
) -> None:
    monkeypatch.setattr(run_log, "BYTES", 200)
    monkeypatch.setattr(place, name, trouble)
    with open_log(tmp_path / "log") as log:
        for number in range(20):
            log.note(f"{number}")
    assert len(log_lines(tmp_path / "log")) == 20


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="NOT RUN: no /dev/full")
def test_a_full_disk_stops_no_run(capsys: pytest.CaptureFixture[str]) -> None:
    with open_log(Path("/dev/full")) as log:
        log.note("x")
        log.note("y")
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1 and said[0].startswith("/dev/full: ") and "28" in said[0]


def test_a_log_that_cannot_be_opened_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(KtsError, match="cannot be opened") as caught:
        open_log(tmp_path)
    assert caught.value.exit_code == 2


def test_without_a_file_nothing_is_written(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for log in (RunLog(), open_log(None)):
        log.note("x")
        log.close()
    assert capfd.readouterr() == ("", "")


# --- on failure -----------------------------------------------------------------------------------

TELL = """
import json, os, sys
told = {name: os.environ.get(name) for name in ("KTS_EXIT_CODE", "KTS_RUN", "KTS_FAILED")}
open(sys.argv[1], "w", encoding="utf-8").write(json.dumps([sys.argv[2:], told, sys.stdin.read()]))
print("said")
sys.exit(int(sys.argv[2]))
"""


@pytest.fixture
def teller(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A command that writes down how it was called, and where."""
    program, told = tmp_path / "tell me.py", tmp_path / "told.json"
    program.write_text(TELL, encoding="utf-8", newline="\n")
    words = [sys.executable, str(program), str(told)]
    yield shlex.join(words) if POSIX else subprocess.list2cmdline(words), told


def test_the_command_is_told_what_happened(
    teller: tuple[str, Path], capfd: pytest.CaptureFixture[str]
) -> None:
    command, told = teller
    notes: list[str] = []
    folder = Path("/out/Nam Định $(id) `id`; x")
    assert on_failure.call(f"{command} 0", 1, folder, 7, lang="en", say=notes.append) == 0
    facts = {"KTS_EXIT_CODE": "1", "KTS_RUN": str(folder), "KTS_FAILED": "7"}
    assert json.loads(told.read_text(encoding="utf-8")) == [["0"], facts, ""]
    assert notes == []
    said = capfd.readouterr()
    assert (said.out, said.err.strip()) == ("", "said")  # stdout is the run's


def test_no_run_folder_is_an_empty_text(teller: tuple[str, Path]) -> None:
    command, told = teller
    on_failure.call(f"{command} 0", 2, None, 0)
    assert json.loads(told.read_text(encoding="utf-8"))[1]["KTS_RUN"] == ""


@needs_posix
def test_no_shell_reads_the_command(teller: tuple[str, Path], tmp_path: Path) -> None:
    command, told = teller
    on_failure.call(f"{command} 0 'a b' $HOME ';' touch {tmp_path}/x", 1, None, 1)
    shown = json.loads(told.read_text(encoding="utf-8"))[0]
    assert shown == ["0", "a b", "$HOME", ";", "touch", f"{tmp_path}/x"]
    assert not (tmp_path / "x").exists()


def test_its_own_failure_is_said(teller: tuple[str, Path]) -> None:
    command, _ = teller
    notes: list[str] = []
    assert on_failure.call(f"{command} 9", 1, None, 1, lang="en", say=notes.append) == 9
    assert (
        on_failure.call("no-such-program-anywhere", 1, None, 1, lang="en", say=notes.append) == -1
    )
    assert notes[0] == "the command on failure ended with exit code 9"
    assert notes[1].startswith("the command on failure could not be started")


@needs_posix
def test_it_may_not_take_for_ever(tmp_path: Path) -> None:
    """The command and what it started are gone after the time-out."""
    pid = tmp_path / "pid"
    command = shlex.join(["sh", "-c", 'sleep 600 & echo $! > "$0"; wait', str(pid)])
    notes: list[str] = []
    assert on_failure.call(command, 1, None, 1, lang="en", say=notes.append, seconds=2.0) == -1
    assert notes == ["the command on failure took more than 2 s and was ended"]
    assert wait_until_gone(int(pid.read_text(encoding="utf-8")))


def wait_until_gone(pid: int) -> bool:
    """Return whether a process ends (or is only waiting to be collected) within ten seconds."""
    for _ in range(100):
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("command", ["", "  ", *(["a 'b"] if POSIX else [])])
def test_an_unreadable_command_is_refused_before_the_run(command: str) -> None:
    with pytest.raises(KtsError, match="command on failure"):
        on_failure.check(command)


def test_a_readable_command_is_not() -> None:
    on_failure.check("mail -s 'a b' x")
