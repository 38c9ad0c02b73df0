"""A run on several machines: a real cluster of processes here, its workers killed in mid-run."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psutil
import pytest
from faults import SEEN, Site, ended, facts, left_behind, new_site, show, tree
from hypothesis import given
from hypothesis import strategies as st

from kts_analysis.cli import main
from kts_analysis.engine.jobs import Limits
from kts_analysis.engine.pool import can_fork
from kts_analysis.engine.processes import kill_tree
from kts_analysis.errors import KtsError
from kts_analysis.registry import Registry
from kts_analysis.registry_files import load_registry
from kts_analysis.reporting import dask_task, making, on_dask
from kts_analysis.reporting.chunk import ORDER, RESULTS, code_facts, differences, pack
from kts_analysis.reporting.execute import Result
from kts_analysis.reporting.manifest import input_hashes
from kts_analysis.reporting.units import Unit, plan_units

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 120.0  # seconds; only so that a hang is a failure and not a hang
AREAS = {"A1": "Xã Một", "A2": "Xã Hai", "A3": "Xã Ba", "A4": "Xã Bốn", "A5": "Xã Năm"}
# Notes its area and process, waits as long as the test wants it to, then does as its area does.
CELL = """
import os, psutil, time
from pathlib import Path
place = Path(PLACE)
with open(place / "tally.txt", "a", encoding="utf-8") as handle:
    handle.write(f"{area}:{os.getpid()}:{os.getppid()}\\n")
while (place / f"hold-{area}").exists():
    time.sleep(0.05)
if area == "A4":
    raise ValueError("số liệu lạ")
if area == "A5":
    [me.kill() for me in psutil.Process().parents() if "spawn_main" in " ".join(me.cmdline())]
    time.sleep(60)
"""

needs_dask = pytest.mark.skipif(
    find_spec("distributed") is None, reason="NOT RUN: distributed is not installed"
)
needs_signals = pytest.mark.skipif(
    os.name == "nt", reason="NOT RUN: no signal reaches another process on Windows"
)


@dataclasses.dataclass
class Cluster:
    """A scheduler and two workers."""

    site: Site
    address: str

    def options(self, areas: str) -> list[str]:
        """Options of a run on the cluster, a report a task."""
        return [
            *("--only", areas, "--executor", "dask", "--scheduler", self.address, "--chunk", "1")
        ]

    def still_running(self) -> list[int]:
        """Notebooks of this site that still run, and the warm processes they came from."""
        pids = {int(pid) for note in self.site.tally for pid in note.split(":")[1:]}
        return [pid for pid in pids if not gone(pid)]

    def pid_of(self, run: subprocess.Popen[str], area: str, known: int = 0) -> int:
        """Wait until an area's notebook runs and return its process."""
        found: list[str] = []

        def seen() -> bool:
            assert run.poll() is None, ended(run)
            found[:] = [note for note in self.site.tally if note.startswith(f"{area}:")]
            return len(found) > known

        until(seen)
        return int(found[-1].split(":")[1])


def until(true: Callable[[], bool]) -> None:
    """Wait."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Five areas; one fails, one takes its worker along."""
    folder = tmp_path_factory.mktemp("máy")
    cells = [CELL.replace("PLACE", repr(str(folder))), show("{area} của {plan}")]
    return new_site(folder, cells, areas=AREAS)


@pytest.fixture(scope="module")
def cluster(site: Site) -> Iterator[Cluster]:
    """A scheduler and two workers as processes of their own, on loopback."""
    (site.folder / "machines").mkdir()
    environment = site.environment(
        {
            SEEN: "",  # no process of a run
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
            "TMPDIR": str(site.folder / "machines"),  # dask keeps files of its own there
        }
    )
    file = site.folder / "scheduler.json"
    common = ["--scheduler-file", str(file), "--no-dashboard"]
    started = [
        subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{name}", *common, *more],
            env=environment,
            cwd=site.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for name, *more in (
            ("dask_scheduler", "--host", "127.0.0.1", "--port", "0"),
            ("dask_worker", "--nworkers", "2", "--local-directory", str(site.folder / "workers")),
        )
    ]
    try:
        until(file.exists)
        address = json.loads(file.read_text(encoding="utf-8"))["address"]
        yield Cluster(site, address)
    finally:
        for process in started:
            kill_tree(process.pid)
            process.wait(timeout=PATIENCE)


@contextmanager
def held(site: Site, area: str) -> Iterator[None]:
    """Have an area's notebook wait."""
    hold = site.folder / f"hold-{area}"
    hold.touch()
    try:
        yield
    finally:
        hold.unlink()


def gone(pid: int) -> bool:
    """Whether a process runs no more."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def worker_of(pid: int) -> psutil.Process:
    """Return the dask worker under which a notebook runs."""
    above = psutil.Process(pid).parents()
    return next(process for process in above if "spawn_main" in " ".join(process.cmdline()))


# --- on a cluster ---------------------------------------------------------------------------------


@needs_dask
def test_a_worker_killed_in_mid_run_changes_no_byte(cluster: Cluster) -> None:
    site = cluster.site
    with held(site, "A1"):
        run = site.start(*cluster.options("A1,A3,A4"))
        notebook = cluster.pid_of(run, "A1")
        worker_of(notebook).kill()
        assert cluster.pid_of(run, "A1", known=1) != notebook
        until(lambda: gone(notebook))
    over = ended(run)
    assert over.code == 1, over.err
    assert "a4-xa-bon" in over.err and "số liệu lạ" in over.err

    local = site.run("--only", "A1,A3,A4", out=site.folder / "local")
    assert local.code == 1, local.err
    assert over.folder.name == local.folder.name
    mine, theirs = tree(over.folder), tree(local.folder)
    assert mine.pop("run.json") and theirs.pop("run.json")
    assert mine == theirs and len(mine) > 10
    units, others = (facts(folder)["units"] for folder in (over.folder, local.folder))
    assert sorted(unit["area"] for unit in units) == ["A1", "A3", "A4"]
    assert [unit | {"seconds": 0} for unit in units] == [unit | {"seconds": 0} for unit in others]
    assert left_behind(site) == []
    until(lambda: not cluster.still_running())
    until(lambda: not list((site.folder / "workers").rglob("kts-*")))


@needs_dask
def test_a_report_that_takes_its_workers_along_fails_alone(
    cluster: Cluster, tmp_path: Path
) -> None:
    site = cluster.site
    made = results_on(cluster, tmp_path, "A1", "A5")
    with held(site, "A5"):
        first = next(made)
        assert (first.unit.area.code, first.ok) == ("A1", True)
        assert (tmp_path / "a1-xa-mot" / "area_report.html").is_file()
    (second,) = made
    assert (second.unit.area.code, second.ok, second.files) == ("A5", False, None)
    assert second.message
    assert len([note for note in site.tally if note.startswith("A5:")]) == 2  # tried again, once
    until(lambda: not cluster.still_running())


@needs_dask
@needs_signals
def test_an_interrupt_ends_what_the_workers_have_started(cluster: Cluster) -> None:
    site = cluster.site
    with held(site, "A2"):
        run = site.start(*cluster.options("A2"), out=site.folder / "out-interrupt")
        notebook = cluster.pid_of(run, "A2")
        assert not gone(notebook)
        run.send_signal(signal.SIGINT)
        assert ended(run).code == 130
        until(lambda: gone(notebook))
    until(lambda: not cluster.still_running())
    until(lambda: not list((site.folder / "workers").rglob("kts-*")))
    assert left_behind(site) == []
    assert not list((site.folder / "out-interrupt").glob(".kts-staging-*"))


@needs_dask
def test_a_worker_with_another_library_is_refused(cluster: Cluster, tmp_path: Path) -> None:
    with pytest.raises(KtsError) as caught:
        list(results_on(cluster, tmp_path, "A3", hashes={"kts_analysis/verdicts.py": "0"}))
    assert "kts_analysis/verdicts.py" in str(caught.value)
    assert caught.value.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def results_on(
    cluster: Cluster, staging: Path, *areas: str, hashes: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Result]:
    site = cluster.site
    known = input_hashes(site.data, site.notebooks) | dict(hashes)
    inputs = staging.with_name(f"{staging.name}-inputs")
    for folder in (site.data, site.notebooks):
        shutil.copytree(folder, inputs / folder.name)
    here = making.Site(inputs, staging, staging, Limits())
    units = plan_units(load_registry(site.data), only=areas)
    return on_dask.make_units_on_dask(units, here, known, cluster.address, chunk=1)


def order(folder: Path, unit: Unit) -> Path:
    folder.mkdir()
    (folder / ORDER).write_text(json.dumps([unit.as_json()]), encoding="utf-8")
    return folder


def test_a_program_stays_warm_and_then_ends_by_itself(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_task, "_LOOK_EVERY", 0.02)
    hashes = input_hashes(site.data, site.notebooks)
    (unit,) = plan_units(load_registry(site.data), only=["A3"])
    setting = {"code": code_facts(hashes), "where": unit.where, "limits": Limits().as_json()}
    setting |= {"engine": "auto", "jobs": 1, "pass_on": [], "formats": []}
    paths = [path for name in ("data", "notebooks") for path in (site.folder / name).rglob("*.*")]
    inputs = pack(
        (path.relative_to(site.folder).as_posix(), path.read_bytes()) for path in sorted(paths)
    )
    before = len(site.tally)
    program = dask_task.Program("", tmp_path, inputs, setting)
    replies = [program.make(order(tmp_path / name, unit), lambda: True) for name in "ab"]
    assert replies[0] is not None and replies[1] is not None
    for reply in replies:
        with zipfile.ZipFile(io.BytesIO(reply["made"])) as archive:
            assert json.loads(archive.read(RESULTS))["units"][unit.label]["ok"]
    ran = [note.split(":") for note in site.tally[before:]]
    assert [area for area, _, _ in ran] == ["A3", "A3"]
    assert ran[0][1] != ran[1][1]  # a process for each report
    if can_fork():
        assert ran[0][2] == ran[1][2]  # of one warm process
    until(lambda: not program.runs())
    assert program.make(order(tmp_path / "c", unit), lambda: True) is None  # a fresh one is asked
    assert not list(tmp_path.glob("kts-program-*"))


def test_a_program_that_cannot_work_says_why(tmp_path: Path) -> None:
    program = dask_task.Program("", tmp_path, b"no archive", {"limits": {}})
    reply = program.make(tmp_path, lambda: True)
    assert reply is not None and "BadZipFile" in reply["failed"]
    assert not program.runs() and list(tmp_path.iterdir()) == []


# --- without one ----------------------------------------------------------------------------------


def refusal(site: Site, staging: Path, scheduler: str) -> str:
    """Ask for a report of a cluster that cannot be had; return what is said."""
    units = plan_units(load_registry(site.data), only=["A3"])
    here = making.Site(site.folder, staging, staging, Limits())
    with pytest.raises(KtsError) as caught:
        list(on_dask.make_units_on_dask(units, here, {}, scheduler))
    assert caught.value.exit_code == 2
    return str(caught.value)


@needs_dask
def test_a_scheduler_that_does_not_answer_is_named(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_dask, "_CONNECT", 0.5)
    assert "tcp://127.0.0.1:9" in refusal(site, tmp_path, "tcp://127.0.0.1:9")
    assert "nowhere" in refusal(site, tmp_path, "nowhere")


def test_without_dask_its_name_is_said(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    said = refusal(site, tmp_path, "tcp://127.0.0.1:9")
    assert "pip install kts-analysis[dask]" in said


@pytest.mark.parametrize(
    ("executor", "said"), [("dask", "--scheduler tcp://"), ("ray", "local, dask")]
)
def test_a_cluster_has_an_address(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], executor: str, said: str
) -> None:
    given = {"--data": site.data, "--notebooks": site.notebooks, "--out": tmp_path}
    words = [str(word) for pair in given.items() for word in pair]
    assert main(["run", *words, "--only", "A3", "--executor", executor]) == 2
    assert said in capsys.readouterr().err


def test_nothing_to_make_needs_no_cluster(tmp_path: Path) -> None:
    here = making.Site(tmp_path, tmp_path, tmp_path, Limits())
    assert list(on_dask.make_units_on_dask([], here, {}, "")) == []


def test_a_run_here_imports_no_dask() -> None:
    program = (
        "import sys, kts_analysis.reporting.run, kts_analysis.reporting.on_dask\n"
        "print([name for name in ('dask', 'distributed', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


# --- parts ----------------------------------------------------------------------------------------


@given(st.integers(0, 60), st.integers(1, 30), st.integers(0, 8), st.randoms())
def test_chunks_hold_each_unit_once_and_keep_plans_together(
    registry: Registry, count: int, largest: int, places: int, random: Any
) -> None:
    plans = list(registry.plans.values())
    units = [
        Unit(f"u{number}", registry.area("VN"), random.choice(plans), "area_report", "vi", {})
        for number in range(count)
    ]
    chunks = on_dask.chunks_of(units, largest, places)
    flat = [unit for chunk in chunks for unit in chunk]
    assert sorted(unit.id for unit in flat) == sorted(unit.id for unit in units)
    assert all(1 <= len(chunk) <= largest for chunk in chunks)
    assert len(chunks) >= min(count, 2 * places)
    order = [unit.plan.id for unit in flat]
    assert (
        sum(one != other for one, other in pairwise(order)) <= len(plans) - 1
    )  # each plan's in one go
    assert all(len(chunk) == len(chunks[0]) for chunk in chunks[:-1])


def test_forty_units_on_two_machines_are_four_tasks(registry: Registry) -> None:
    unit = plan_units(registry, only=["356"])[0]
    assert [len(chunk) for chunk in on_dask.chunks_of([unit] * 40, 25, 2)] == [10] * 4
    assert [len(chunk) for chunk in on_dask.chunks_of([unit] * 130, 25, 2)] == [25] * 5 + [5]


def test_a_difference_is_named_with_both_versions() -> None:
    here = {
        "python": "3.11.7",
        "pandas": "3.1.1",
        "kts_analysis/vi.py": "a",
        "kts_analysis/b.py": "b",
    }
    there = {"python": "3.11.7", "pandas": "3.0.0", "kts_analysis/vi.py": "c"}
    assert differences(there, here) == [
        "pandas 3.0.0 ≠ 3.1.1",
        "kts_analysis/b.py",
        "kts_analysis/vi.py",
    ]
    assert differences(here, here) == []
    facts_here = code_facts({"data/areas.csv": "1", "kts_analysis/vi.py": "2"})
    assert "data/areas.csv" not in facts_here and facts_here["kts_analysis/vi.py"] == "2"
    assert "pandas" in facts_here


def test_equal_files_give_equal_archives() -> None:
    files = [("data/a.csv", "ă".encode()), ("notebooks/b.ipynb", b"{}")]
    assert pack(files) == pack(iter(files)) != pack(reversed(files))
    with zipfile.ZipFile(io.BytesIO(pack(files))) as archive:
        assert archive.read("data/a.csv").decode() == "ă"


def reply_of(unit: Unit, content: bytes, sha256: str) -> dict[str, bytes]:
    name = f"{unit.stem}.html"
    what = {"ok": True, "seconds": 1.5, "cell": None, "message": "", "files": {name: sha256}}
    results = json.dumps({"units": {unit.label: what}}).encode()
    return {"made": pack([(RESULTS, results), (f"{unit.label}/{name}", content)])}


def test_bytes_that_changed_on_their_way_make_no_report(registry: Registry, tmp_path: Path) -> None:
    unit = plan_units(registry, only=["356"])[0]
    here = making.Site(tmp_path, tmp_path / "staging", tmp_path, Limits())
    right = "362a07bbb5c74b982bed644b9f7e298837d7a3a232c964d039bb7e49ebea825f"  # of b"page\n"
    (good,) = on_dask.results_of(reply_of(unit, b"page\n", right), [unit], here)
    assert good.ok and good.seconds == 1.5 and good.files == {"area_report.html": right}
    page = here.staging / unit.id / "area_report.html"
    assert page.read_bytes() == b"page\n"
    page.unlink()
    (bad,) = on_dask.results_of(reply_of(unit, b"pag\n", right), [unit], here)
    assert not bad.ok and "area_report.html" in bad.message and not bad.files
    assert not page.exists()


def test_a_machine_that_fails_fails_its_own_reports(registry: Registry, tmp_path: Path) -> None:
    units = plan_units(registry, only=["356", "358"])
    here = making.Site(tmp_path, tmp_path, tmp_path, Limits())
    results = list(on_dask.results_of({"failed": "OSError: No space left"}, units, here))
    assert [(result.unit.id, result.ok) for result in results] == [
        (unit.id, False) for unit in units
    ]
    assert all("No space left" in result.message for result in results)
    lost = list(on_dask.results_of(None, units, here))
    assert [result.ok for result in lost] == [False, False] and lost[0].message
