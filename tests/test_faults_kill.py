"""A run that is ended from outside, at any moment: the last good run stands, the next goes on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from faults import (
    AREAS,
    END,
    NOTE,
    PATIENCE,
    Site,
    ended,
    facts,
    left_behind,
    new_site,
    processes,
    show,
    shown,
    write_notebook,
    wrong_with,
)

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(sys.platform != "linux", reason="NOT RUN: signals and groups of Linux"),
]
ALL = ("--only", ",".join(AREAS), "--jobs", "1")
WAIT = 'import os, time\nwhile not os.path.exists("{go}"):\n    time.sleep(0.02)'


def version(number: int) -> list[str]:
    """Cells that tell which version of the notebook made a page."""
    return [NOTE, show(f"version {number}")]


def published(site: Site) -> list[Path]:
    return [path for path in site.out.iterdir() if path.is_dir() and path.name[0] != "."]


def taken_down(site: Site) -> set[str]:
    """The areas whose reports killed runs have noted as made."""
    lists = site.out.glob(".kts-staging-*/.done.jsonl")
    lines = [line for path in lists for line in path.read_text(encoding="utf-8").splitlines()]
    return {json.loads(line)["id"][:2].upper() for line in lines}


# Where the parent is killed, in the order of a run: the call it is about to make, a part of its
# words, and how many times before. Each run takes up what those before it have made.
MOMENTS = [
    ("os.mkdir", "/.kts-staging-", 1),
    ("shutil.copyfile", "/notebooks/", 1),
    ("subprocess.Popen", "engine.template", 1),
    ("open", "/keys/result.json", 1),
    ("open", "/.done.jsonl a", 1),  # one report made, not noted: made again
    ("open", "/.done.jsonl a", 2),  # from here on one is noted and kept
    ("shutil.copyfile", "/area_report.html", 1),
    ("shutil.rmtree", "/.kts-staging-", 1),  # taken over, the older staging folder still there
    ("open", "/.done.jsonl a", 3),
    ("open", "/finish/result.json", 1),
    ("shutil.rmtree", "/.inputs", 1),
    ("os.rename", "/.run.json.", 1),
    ("os.rename", "/out/2025-", 1),  # the move into place
    ("os.remove", "/.done.jsonl", 1),  # published, latest.txt not yet written
    ("open", "/.latest.txt.", 1),
    ("os.rename", "/latest.txt", 1),
]


@pytest.mark.slow
def test_a_parent_killed_at_any_moment_loses_nothing_and_mixes_nothing(tmp_path: Path) -> None:
    site = new_site(tmp_path / "site", version(1))
    assert site.run(*ALL).code == 0
    first = site.latest()
    write_notebook(site.notebooks, version(2))
    for moment in MOMENTS:
        kept, before = taken_down(site), len(site.tally)
        done = site.until(*moment[:2], *ALL, nth=moment[2])
        assert done.code == -signal.SIGKILL, (moment, done)
        assert left_behind(site, killed=True) == [], moment
        assert not kept & set(site.tally[before:]), f"{moment}: made again what was made"
        assert site.latest() == first, moment
        for run in published(site):
            assert wrong_with(run) == [] and len(shown(run)) == 1, moment
    before = len(site.tally)
    done = site.run(*ALL)
    assert done.code == 0 and len(site.tally) == before and left_behind(site) == []
    assert site.latest() == done.folder != first
    assert (shown(first), shown(done.folder)) == ({"1"}, {"2"})
    assert {unit["reused"] for unit in facts(done.folder)["units"]} == {True}


def test_what_a_killed_run_made_is_not_mixed_with_newer_inputs(tmp_path: Path) -> None:
    site = new_site(tmp_path / "site", version(1))
    assert site.until("open", "/.done.jsonl a", *ALL, nth=3).code == -signal.SIGKILL
    assert len(taken_down(site)) == 2
    write_notebook(site.notebooks, version(2))
    done = site.run(*ALL)
    assert done.code == 0 and shown(done.folder) == {"2"} and left_behind(site) == []
    assert {unit["reused"] for unit in facts(done.folder)["units"]} == {False}


def test_an_edit_in_the_middle_of_a_run_changes_nothing_in_it(tmp_path: Path) -> None:
    go = tmp_path / "go"
    site = new_site(tmp_path / "site", [NOTE, WAIT.format(go=go), show("version 1")])
    process = site.start(*ALL)
    until(lambda: site.tally, process)
    write_notebook(site.notebooks, version(2))
    go.touch()
    done = ended(process)
    assert done.code == 0 and shown(done.folder) == {"1"}
    assert site.run(*ALL).code == 0 and shown(site.latest()) == {"2"}


def until(there: Callable[[], object], process: subprocess.Popen[str]) -> None:
    """Wait until something is there, as long as the process runs."""
    end = time.monotonic() + PATIENCE
    while not there():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)


# --- Ctrl-C and SIGTERM ---------------------------------------------------------------------------

INTERRUPTS = [
    (signal.SIGINT, True, 130),
    (signal.SIGINT, False, 130),
    (signal.SIGTERM, False, 143),
]


@pytest.fixture(scope="module")
def before_interrupts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with a good run; the second run's cells never end, and leave processes behind."""
    site = new_site(tmp_path_factory.mktemp("interrupts") / "site", version(1))
    assert site.run(*ALL).code == 0
    others = "import subprocess, time\nsubprocess.Popen(['sleep', '1000'])\n"
    write_notebook(site.notebooks, [others + NOTE + "\ntime.sleep(1000)"])
    return site.folder


@pytest.mark.parametrize("engine", ["fork", "workers", "kernels"])
@pytest.mark.parametrize(("number", "group", "code"), INTERRUPTS)
def test_an_interrupt_ends_everything(
    before_interrupts: Path, tmp_path: Path, engine: str, number: int, group: bool, code: int
) -> None:
    if engine != "fork" and not (group and number == signal.SIGINT):
        pytest.skip("one way is enough for the other engines")
    site = Site(Path(shutil.copytree(before_interrupts, tmp_path / "site")))
    good, before = site.latest(), len(site.tally)
    process = site.start("--only", ",".join(AREAS), "--jobs", "2", "--engine", engine)
    until(lambda: len(site.tally) == before + 2, process)
    if group:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    done = ended(process)
    assert (done.code, done.out) == (code, "")
    assert "Traceback" not in done.err
    assert left_behind(site) == []
    assert site.latest() == good and wrong_with(good) == []


@pytest.mark.parametrize(
    ("event", "words"),
    [("os.mkdir", "/.kts-staging-"), ("open", "/keys/result.json"), ("open", "/.latest.txt.")],
)
def test_an_interrupt_at_a_bad_moment_leaves_no_staging(
    tmp_path: Path, event: str, words: str
) -> None:
    site = new_site(tmp_path / "site", version(1))
    done = site.until(event, words, "--only", "A1", signal=signal.SIGINT)
    assert done.code == 130 and "Traceback" not in done.err
    assert left_behind(site) == []


# --- processes killed by somebody else ------------------------------------------------------------


@pytest.mark.parametrize("engine", ["fork", "workers"])
def test_a_run_outlives_its_processes(tmp_path: Path, engine: str) -> None:
    """Kill the warm process, or every worker, once, in the middle of the reports."""
    go = tmp_path / "go"
    site = new_site(tmp_path / "site", [NOTE, WAIT.format(go=go), show("version 1")])
    process = site.start("--only", "A1,A2", "--jobs", "2", "--engine", engine)
    until(lambda: len(site.tally) == 2, process)
    name = {"fork": "engine.template", "workers": "engine.worker"}[engine]
    for line in processes(site):
        number = int(line.split()[0])
        if name in line and psutil.Process(number).ppid() == process.pid:
            os.kill(number, signal.SIGKILL)
    go.touch()
    done = ended(process)
    assert done.code == 0 and shown(done.folder) == {"1"} and left_behind(site) == []
    assert sorted(site.tally) == ["A1", "A1", "A2", "A2"]


# --- two runs, and readers ------------------------------------------------------------------------


def test_two_runs_at_once(tmp_path: Path) -> None:
    go = tmp_path / "go"
    site = new_site(tmp_path / "site", [NOTE, WAIT.format(go=go), show("version 1")])
    site.out.mkdir()
    (site.out / ".kts-run.lock").write_text("4711", encoding="utf-8")  # of a dead run: no lock
    first = site.start(*ALL)
    until(lambda: site.tally, first)
    second = site.run(*ALL)
    assert (second.code, second.out) == (3, "")
    assert "--wait" in second.err.strip().splitlines()[-1] and "Traceback" not in second.err
    third = site.start(*ALL, "--wait")
    go.touch()
    done, waited = ended(first), ended(third)
    assert (done.code, waited.code) == (0, 0) and waited.index == done.index
    assert "không có gì thay đổi" in waited.err and len(site.tally) == len(AREAS)
    assert left_behind(site) == []


def test_readers_never_see_a_torn_file(tmp_path: Path) -> None:
    site = new_site(tmp_path / "site", version(1))
    assert site.run(*ALL).code == 0
    over, looks, torn = threading.Event(), [0], []

    def look() -> None:
        name = (site.out / "latest.txt").read_text(encoding="utf-8")
        if not (name.endswith("\n") and (site.out / name.strip() / "index.html").is_file()):
            torn.append(f"latest.txt: {name!r}")
        for path in [Path(place, name) for place, _, names in os.walk(site.out) for name in names]:
            if path.name.startswith("."):
                continue
            try:
                text = path.read_text(encoding="utf-8") if path.is_file() else None
            except (FileNotFoundError, NotADirectoryError):
                continue  # of a run that has just been retired or moved
            if text is None or path.suffix not in (".html", ".json", ".ipynb", ".txt"):
                continue
            looks[0] += 1
            if path.suffix in (".json", ".ipynb"):
                try:
                    json.loads(text)
                except ValueError:
                    torn.append(f"{path}: {text[-50:]!r}")
            elif path.suffix == ".html" and not text.endswith(END):
                torn.append(f"{path}: {text[-50:]!r}")

    def read() -> None:
        while not over.is_set():
            look()

    with ThreadPoolExecutor(1) as threads:
        reading = threads.submit(read)
        codes = [site.run(*ALL, "--force").code for _ in range(2)]
        over.set()
        reading.result()
    assert codes == [0, 0] and torn == [] and looks[0] > 100
