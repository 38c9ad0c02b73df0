"""The pool of processes: what became of each job is known, and no process is left behind."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from faults import SEEN, Site, wait_for_silence

from kts_analysis.engine import journal
from kts_analysis.engine.jobs import Job, Limits, Outcome
from kts_analysis.engine.limits import CellTimeLimitError, TimeLimits
from kts_analysis.engine.pool import Pool, can_fork

TESTS = Path(__file__).resolve().parent
KINDS = ["fork", "workers"] if can_fork() else ["workers"]
FORK = pytest.mark.skipif(not can_fork(), reason="NOT RUN: this platform cannot fork safely")
SHORT = Limits(cell_seconds=1, job_seconds=1, memory_mb=400)
PoolOf = Callable[..., Pool]


@pytest.fixture
def pool_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PoolOf]:
    """Make pools; in the end none of their processes may run."""
    site = Site(tmp_path)
    places = [str(TESTS), str(TESTS.parent)]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(places))
    monkeypatch.setenv(SEEN, str(tmp_path))
    made = []

    def make(kind: str, **options: Any) -> Pool:
        made.append(Pool(kind=kind, **options))
        return made[-1]

    yield make
    monkeypatch.delenv(SEEN)
    for pool in made:
        pool.close()
    assert wait_for_silence(site) == []


def job(folder: Path, name: str, function: str, **arguments: Any) -> Job:
    return Job(name, f"fault_jobs:{function}", arguments, folder / name)


def one(pool: Pool, folder: Path, function: str, **arguments: Any) -> Outcome:
    (outcome,) = pool.run([job(folder, "one", function, **arguments)])
    return outcome


@pytest.mark.parametrize("kind", KINDS)
def test_each_end_of_a_job_is_told(pool_of: PoolOf, tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "Thư mục {việc} có dấu"
    jobs = [
        job(folder, "value", "add", one=2, other=3),
        job(folder, "raised", "fail", words="không được"),
        job(folder, "left", "leave", code=3),
        job(folder, "nothing", "leave", code=0),
        job(folder, "missing", "there_is_no_such_job"),
    ]
    found = {outcome.job.id: outcome for outcome in pool_of(kind).run(jobs)}
    told = {name: (outcome.status, outcome.message) for name, outcome in found.items()}
    assert told == {
        "value": ("done", ""),
        "raised": ("raised", "ValueError: không được"),
        "left": ("killed", "exit code 3"),
        "nothing": ("killed", "exit code 0"),
        "missing": (
            "raised",
            "AttributeError: module 'fault_jobs' has no attribute 'there_is_no_such_job'",
        ),
    }
    assert found["value"].value == 5 and found["value"].cell is None
    assert found["raised"].stderr == "không được\n"
    assert found["left"].stderr == "trước khi thoát\n"


@FORK
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
def test_a_killed_job_names_the_signal(
    pool_of: PoolOf, tmp_path: Path, kind: str, number: int
) -> None:
    outcome = one(pool_of(kind), tmp_path, "kill", number=int(number))
    assert (outcome.status, outcome.message) == ("killed", f"signal {int(number)}")


@FORK
def test_a_hundred_quick_jobs_each_end_once_in_a_process_of_their_own(
    pool_of: PoolOf, tmp_path: Path
) -> None:
    jobs = [job(tmp_path, f"job-{number}", "place") for number in range(100)]
    outcomes = list(pool_of("fork", workers=4).run(jobs))
    assert sorted(o.job.id for o in outcomes) == sorted(j.id for j in jobs)
    assert {outcome.status for outcome in outcomes} == {"done"}
    numbers = [outcome.value[1] for outcome in outcomes]
    assert len(set(numbers)) == 100  # forked processes must not draw the same random numbers
    assert os.getpid() not in {outcome.value[0] for outcome in outcomes}


@pytest.mark.parametrize("kind", KINDS)
def test_outcomes_come_as_jobs_end(pool_of: PoolOf, tmp_path: Path, kind: str) -> None:
    sign = tmp_path / "sign"
    waits = job(tmp_path, "first", "wait_for", path=str(sign))
    outcomes = pool_of(kind).run([waits, job(tmp_path, "then", "add", one=1, other=1)])
    assert next(outcomes).job.id == "then"
    sign.touch()
    assert [outcome.job.id for outcome in outcomes] == ["first"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_id_used_again_never_gives_the_earlier_result(
    pool_of: PoolOf, tmp_path: Path, kind: str
) -> None:
    pool = pool_of(kind)
    assert one(pool, tmp_path, "add", one=2, other=3).value == 5
    assert one(pool, tmp_path, "leave", code=4).message == "exit code 4"
    assert one(pool, tmp_path, "add", one=1, other=1).value == 2
    with pytest.raises(ValueError, match="same id"):
        list(pool.run([job(tmp_path, "one", "add"), job(tmp_path, "one", "leave", code=1)]))


@FORK
def test_a_warm_process_killed_five_times_ends_the_job_and_no_other(
    pool_of: PoolOf, tmp_path: Path
) -> None:
    pool = pool_of("fork", workers=1)
    jobs = [job(tmp_path, "bad", "kill_parent"), job(tmp_path, "good", "add", one=1, other=1)]
    found = {outcome.job.id: outcome for outcome in pool.run(jobs)}
    assert (found["bad"].status, found["bad"].message) == ("killed", "signal 9")
    assert found["good"].value == 2
    assert one(pool, tmp_path, "add", one=2, other=2).value == 4


@FORK
def test_a_warm_process_killed_once_costs_no_job(pool_of: PoolOf, tmp_path: Path) -> None:
    pool = pool_of("fork", workers=2)
    jobs = [job(tmp_path, f"job-{number}", "wait", seconds=0.3) for number in range(4)]
    outcomes = pool.run(jobs)
    first = next(outcomes)
    os.kill(pool._hosts[0].process.pid, signal.SIGKILL)
    assert [o.status for o in (first, *outcomes)] == ["done"] * 4


@pytest.mark.parametrize("kind", KINDS)
def test_a_job_over_its_limit_is_ended(pool_of: PoolOf, tmp_path: Path, kind: str) -> None:
    pool = pool_of(kind, limits=SHORT)
    jobs = [job(tmp_path, "long", "wait", seconds=1000), job(tmp_path, "large", "grow")]
    found = {outcome.job.id: outcome for outcome in pool.run(jobs)}
    assert found["long"].status == "time_limit" and found["long"].value is None
    large = found["large"]
    assert large.status == "memory_limit" or large.message.startswith("MemoryError")


@FORK
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("then", ["end", "killed", "parent killed", "never"])
def test_what_a_job_started_ends_with_it(
    pool_of: PoolOf, tmp_path: Path, kind: str, then: str
) -> None:
    if then == "parent killed" and kind == "workers":
        pytest.skip("the parent of a worker is this process")
    # What a job puts into a session apart is lost sight of when the process that adopts it, the
    # warm process or the worker itself, is killed from outside.
    apart = then in ("end", "never") or (then == "killed" and kind == "fork")
    pool = pool_of(kind, limits=SHORT if then == "never" else Limits())
    outcome = one(pool, tmp_path, "start_others", then=then, apart=apart)
    assert outcome.status == {"end": "done", "never": "time_limit"}.get(then, "killed")


@pytest.mark.parametrize("kind", KINDS)
def test_a_caller_who_stops_listening_stops_the_jobs(
    pool_of: PoolOf, tmp_path: Path, kind: str
) -> None:
    pool = pool_of(kind)
    slow = job(tmp_path, "slow", "wait", seconds=1000)
    outcomes = pool.run([slow, job(tmp_path, "quick", "add", one=1, other=1)])
    assert next(outcomes).job.id == "quick"
    outcomes.close()
    assert [outcome.job.id for outcome in pool.run([job(tmp_path, "next", "place")])] == ["next"]


@FORK
@pytest.mark.parametrize("how", ["import", "prepare"])
def test_beside_threads_nothing_is_forked(
    pool_of: PoolOf, tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = tmp_path / "module_with_a_thread.py"
    module.write_text("import fault_jobs\nfault_jobs.start_thread()\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ['PYTHONPATH']}")
    pool = pool_of("auto", preload=[module.stem] if how == "import" else [])
    assert pool.kind == "fork"
    if how == "prepare":
        pool.prepare("fault_jobs:start_thread", {})
    jobs = [job(tmp_path, name, "place") for name in "abc"]
    outcomes = list(pool.run(jobs))
    assert [outcome.status for outcome in outcomes] == ["done"] * 3 and pool.kind == "workers"


@FORK
def test_the_libraries_of_a_report_start_no_thread(pool_of: PoolOf, tmp_path: Path) -> None:
    from kts_analysis.reporting.execute import NEEDS

    pool = pool_of("auto", preload=NEEDS)
    assert one(pool, tmp_path, "add", one=1, other=1).value == 2
    assert pool.kind == "fork"


@pytest.mark.parametrize("kind", KINDS)
def test_secrets_stay_with_the_parent(
    pool_of: PoolOf, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = ["MY_TOKEN", "DB_PASSWORD", "PRIVATE_NOTE", "KTS_API_KEY", "JUPYTER_TOKEN"]
    secrets += ["PYTHON_SECRET", "AWS_SECRET_ACCESS_KEY", "https_proxy"]
    for name in (*secrets, "HANDED_ON_TOKEN"):
        monkeypatch.setenv(name, "s3cret")
    seen = set(one(pool_of(kind, pass_on=["HANDED_ON_TOKEN"]), tmp_path, "place").value[2])
    assert seen & {*secrets, "HANDED_ON_TOKEN"} == {"HANDED_ON_TOKEN"}
    assert {"PATH", "PYTHONUTF8", "OMP_NUM_THREADS"} <= seen


@FORK
@pytest.mark.parametrize(
    ("cell", "whole", "said"),
    [(0.05, 100, "the cell ran longer than its 0.05 seconds"), (100, 0.05, "the notebook ran")],
)
def test_a_waiting_cell_is_ended_by_its_own_limit_or_the_notebooks(
    cell: float, whole: float, said: str
) -> None:
    limits = TimeLimits(Limits(cell_seconds=cell, job_seconds=whole))
    with pytest.raises(CellTimeLimitError, match=said), limits.cell():
        time.sleep(100)


@FORK
def test_an_error_that_is_being_told_is_not_cut_short() -> None:
    told = []

    def showtraceback() -> None:  # the name of IPython's method
        end = time.monotonic() + 0.2
        while time.monotonic() < end:
            time.sleep(0.02)
        told.append("whole")

    with TimeLimits(Limits(cell_seconds=0.05)).cell():
        showtraceback()
    assert told == ["whole"]


def test_a_journal_outlives_odd_line_ends_and_a_torn_line(tmp_path: Path) -> None:
    said = {"output_type": "stream", "name": "stdout", "text": "một\u2028hai\x85ba"}
    cells = [{"cell_type": "code", "metadata": {}, "source": "", "outputs": []} for _ in range(3)]
    journal.note_start(tmp_path, {"cells": cells, "metadata": {}})
    journal.note_running(tmp_path, 0)
    journal.note_cell(tmp_path, 0, cells[0] | {"outputs": [said]})
    journal.note_running(tmp_path, 1)
    with (tmp_path / journal.NAME).open("ab") as handle:
        handle.write('{"cell":1,"content":"tiếng'.encode()[:-1])  # killed inside a letter
    found = journal.rebuild(tmp_path, "killed")
    assert found is not None and journal.running_cell(tmp_path) == 1
    assert [len(cell["outputs"]) for cell in found["cells"]] == [1, 1, 0]
    assert found["cells"][0]["outputs"] == [said]
    assert found["cells"][1]["metadata"]["papermill"] == {"exception": True, "status": "failed"}
    assert found["metadata"]["papermill"] == {"exception": True}


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no such kind"):
        Pool(kind="threads")
