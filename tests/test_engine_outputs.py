"""Our engine against stock papermill, cell by cell; and nothing leaks from notebook to notebook."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from papermill.exceptions import PapermillExecutionError
from torture_cells import CELLS, Cell

from kts_analysis.engine.jobs import DONE, Job, Outcome
from kts_analysis.engine.pool import Pool, can_fork

ROOT = Path(__file__).resolve().parents[1]
KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
TIMES = ("start_time", "end_time", "duration")
# Cells whose outputs differ from a stock kernel's, and why that is right.
KNOWN = {
    "arguments": "a stock kernel's own arguments name its connection file; there is none here",
}
# What notebooks import is ready in a warm process; it must not matter that it was imported there.
WARM = ["kts_analysis.engine.papermill_engine", "numpy", "pandas", "plotly.io", "ipywidgets"]
WARM += ["matplotlib.pyplot"]
needs_fork = pytest.mark.skipif(not can_fork(), reason="NOT RUN: this platform cannot fork safely")
KINDS = [pytest.param("fork", marks=needs_fork), "workers"]


def notebook_of(cells: Iterable[Cell]) -> nbformat.NotebookNode:
    """Return a notebook of some cells, behind a parameters cell; each is tagged with its name."""
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": KERNELSPEC})
    notebook.cells.append(nbformat.v4.new_markdown_cell("# Tra tấn / torture"))
    parameters = nbformat.v4.new_code_cell('area = "00165"', metadata={"tags": ["parameters"]})
    notebook.cells.append(parameters)
    for cell in cells:
        tags = [cell.name, *(["raises-exception"] if cell.raises else [])]
        source = textwrap.dedent(cell.source).strip("\n")
        notebook.cells.append(nbformat.v4.new_code_cell(source, metadata={"tags": tags}))
    return notebook


def fitting(cells: Iterable[Cell]) -> list[Cell]:
    """Return the cells that can run here."""
    return [
        cell
        for cell in cells
        if (not cell.needs or importlib.util.find_spec(cell.needs))
        and (os.name == "posix" or not cell.posix)
    ]


def arguments(folder: Path, **more: Any) -> dict[str, Any]:
    """Return papermill's arguments for ``in.ipynb`` of a folder."""
    return {
        "input_path": str(folder / "in.ipynb"),
        "output_path": str(folder / "out.ipynb"),
        "parameters": {"area": "02"},
        "kernel_name": "python3",
        "progress_bar": False,
        "cwd": str(folder),
        **more,
    }


def write(folder: Path, cells: Iterable[Cell]) -> Path:
    folder.mkdir(parents=True)
    nbformat.write(notebook_of(cells), folder / "in.ipynb")
    return folder


def executed(folder: Path) -> nbformat.NotebookNode:
    return nbformat.read(folder / "out.ipynb", as_version=4)


def by_stock(folder: Path, cells: Iterable[Cell]) -> nbformat.NotebookNode:
    """Run cells with stock papermill and a stock kernel."""
    write(folder, cells)
    with pytest.MonkeyPatch.context() as patch:
        # A kernel that sees this variable does not take over its descriptors, as it else would.
        patch.delenv("PYTEST_CURRENT_TEST", raising=False)
        with contextlib.suppress(PapermillExecutionError):  # said of cells meant to raise, too
            papermill.execute_notebook(**arguments(folder))
    return executed(folder)


def in_pool(kind: str, folders: Iterable[Path], **more: Any) -> list[Outcome]:
    """Run the ``in.ipynb`` of some folders, one after the other, in processes of one pool."""
    jobs = [
        Job(
            f"job-{number}",
            "papermill:execute_notebook",
            arguments(folder, engine_name="kts"),
            folder / "job",
        )
        for number, folder in enumerate(folders)
    ]
    preload = ["kts_analysis.engine.shell:new_shell", "papermill", *WARM]
    with Pool(workers=1, kind=kind, preload=preload, **more) as pool:
        done = {outcome.job.id: outcome for outcome in pool.run(jobs)}
        assert pool.kind == kind  # a pool that cannot fork safely goes on with workers
    return [done[job.id] for job in jobs]


def plain(cell: nbformat.NotebookNode) -> dict[str, Any]:
    """Return all of a cell that must be the same: source, outputs, count, tags, papermill's marks.

    Left out are times, the cell's id, and what `masked` leaves out. Stream outputs
    of one name in a row are joined: a stock kernel cuts them where a timer happens to fire.
    """
    outputs: list[dict[str, Any]] = []
    for output in json.loads(json.dumps(cell.get("outputs", []))):
        before = outputs[-1] if outputs else {}
        if output["output_type"] == "stream" and before.get("name") == output["name"]:
            before["text"] += output["text"]
        else:
            outputs.append(output)
    metadata = json.loads(json.dumps(cell.metadata))
    metadata.pop("execution", None)
    for name in TIMES:
        metadata.get("papermill", {}).pop(name, None)
    return {
        "type": cell.cell_type,
        "source": cell.source,
        "count": cell.get("execution_count"),
        "outputs": json.loads(masked(json.dumps(outputs, sort_keys=True))),
        "metadata": metadata,
    }


def masked(text: str) -> str:
    """Return a text without process numbers, addresses and the random names of widgets."""
    for found, put in (
        (r"ipykernel_\d+", "ipykernel_PID"),
        (r"0x[0-9a-fA-F]+", "0xADDRESS"),
        (r"[0-9a-f]{32}", "RANDOM"),
    ):
        text = re.sub(found, put, text)
    return text


def name_of(cell: nbformat.NotebookNode, place: int) -> str:
    return str(next(iter(cell.metadata.get("tags", [])), f"cell {place}"))


def differing(
    ours: nbformat.NotebookNode, stock: nbformat.NotebookNode
) -> dict[str, tuple[Any, Any]]:
    """Return the cells that are not the same, by name: ours and stock papermill's."""
    assert [cell.source for cell in ours.cells] == [cell.source for cell in stock.cells]
    pairs = enumerate(zip(ours.cells, stock.cells, strict=True))
    return {
        name_of(left, place): (plain(left), plain(right))
        for place, (left, right) in pairs
        if plain(left) != plain(right)
    }


def notebook_facts(notebook: nbformat.NotebookNode) -> dict[str, Any]:
    """Return the notebook's metadata without times and paths; widgets without their names."""
    facts = json.loads(json.dumps(notebook.metadata))
    for name in (*TIMES, "output_path", "input_path"):
        facts["papermill"].pop(name, None)
    for kept in facts.get("widgets", {}).values():
        kept["state"] = sorted(masked(json.dumps(model)) for model in kept["state"].values())
    return dict(facts)


# --- the torture notebook -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> nbformat.NotebookNode:
    """The torture notebook by stock papermill."""
    return by_stock(tmp_path_factory.mktemp("torture") / "stock", fitting(CELLS))


def test_names_of_cells_are_their_own() -> None:
    names = [cell.name for cell in CELLS]
    assert len(set(names)) == len(names) >= 39
    assert set(KNOWN) <= set(names)


@pytest.mark.parametrize("kind", KINDS)
def test_torture_cells_are_as_stock(
    stock: nbformat.NotebookNode, tmp_path: Path, kind: str
) -> None:
    folder = write(tmp_path / "notebook", fitting(CELLS))
    [outcome] = in_pool(kind, [folder])
    assert outcome.message.startswith("PapermillExecutionError"), (outcome.message, outcome.stderr)
    ours = executed(folder)
    different = differing(ours, stock)
    assert set(different) - set(KNOWN) == set(), {
        name: pair for name, pair in different.items() if name not in KNOWN
    }
    here = {cell.name for cell in fitting(CELLS)}
    assert set(different) == set(KNOWN) & here  # none that is no difference any more
    facts = notebook_facts(stock)
    assert notebook_facts(ours) == facts
    assert facts["kernelspec"] == KERNELSPEC and facts["language_info"]["name"] == "python"
    assert "application/vnd.jupyter.widget-state+json" in facts["widgets"]


def test_a_comparison_notices_each_part(stock: nbformat.NotebookNode) -> None:
    """The comparison itself can fail: one changed letter, count, tag or output is seen."""
    place = next(n for n, cell in enumerate(stock.cells) if name_of(cell, n) == "history")

    def spoil(change: str) -> nbformat.NotebookNode:
        copy = nbformat.from_dict(json.loads(json.dumps(stock)))
        cell = copy.cells[place]
        if change == "output":
            cell.outputs[0]["data"]["text/plain"] = "43"
        elif change == "count":
            cell["execution_count"] += 1
        elif change == "tags":
            cell.metadata["tags"].append("more")
        elif change == "outputs":
            cell["outputs"] = []
        return copy

    assert differing(spoil("nothing"), stock) == {}
    for change in ("output", "count", "tags", "outputs"):
        assert set(differing(spoil(change), stock)) == {"history"}, change


# --- papermill by name ----------------------------------------------------------------------------


def papermill_command(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run the ``papermill`` command as a user does."""
    command = [sys.executable, "-m", "papermill", "in.ipynb", "out.ipynb", "-r", "area", "00165"]
    return subprocess.run(
        [*command, "-k", "python3", "--no-progress-bar", *more],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONUTF8": "1"},
        check=False,
    )


def test_papermill_finds_the_engine_by_its_name() -> None:
    [found] = entry_points(group="papermill.engine", name="kts")
    assert found.value == "kts_analysis.engine.papermill_engine:KtsEngine"


def test_papermill_command_gives_what_the_stock_engine_gives(tmp_path: Path) -> None:
    cells = [Cell("code", "area"), Cell("say", "print(area, type(area).__name__)")]
    ours, stock_ = write(tmp_path / "ours", cells), write(tmp_path / "stock", cells)
    done = papermill_command(ours, "--engine", "kts")
    assert done.returncode == 0, done.stderr
    assert papermill_command(stock_).returncode == 0
    assert differing(executed(ours), executed(stock_)) == {}
    assert notebook_facts(executed(ours)) == notebook_facts(executed(stock_))
    assert "00165 str" in executed(ours).cells[-1].outputs[0]["text"]


def test_papermill_command_fails_as_the_stock_engine_does(tmp_path: Path) -> None:
    cells = [Cell("good", "1"), Cell("bad", "1 / 0"), Cell("never", "print('never')")]
    ours, stock_ = write(tmp_path / "ours", cells), write(tmp_path / "stock", cells)
    done, usual = papermill_command(ours, "--engine", "kts"), papermill_command(stock_)
    assert done.returncode == usual.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    assert differing(executed(ours), executed(stock_)) == {}
    assert executed(ours).cells[-1].outputs == []


@pytest.mark.skipif(os.name != "posix", reason="NOT RUN: needs SIGKILL")
def test_a_killed_notebook_never_looks_completed(tmp_path: Path) -> None:
    deadly = "print('last words', flush=True)\nimport os\nos.kill(os.getpid(), 9)"
    cells = [Cell("good", "6 * 7"), Cell("deadly", deadly), Cell("never", "print('never')")]
    folder = write(tmp_path / "notebook", cells)
    done = papermill_command(folder, "--engine", "kts")
    assert done.returncode != 0
    named = {name_of(cell, n): cell for n, cell in enumerate(executed(folder).cells)}
    assert named["good"].outputs[0]["data"]["text/plain"] == "42"
    assert named["good"].metadata["papermill"]["status"] == "completed"
    assert named["deadly"].outputs[-1]["output_type"] == "error"
    assert named["deadly"].metadata["papermill"]["status"] == "failed"
    assert named["never"].outputs == []
    assert named["never"].metadata["papermill"].get("status") != "completed"
    assert executed(folder).metadata["papermill"]["exception"] is True


# --- the project's own notebooks ------------------------------------------------------------------


@pytest.mark.parametrize(("code", "name"), [("361", "area_report"), ("36", "province_report")])
def test_reports_are_as_stock(tmp_path: Path, code: str, name: str) -> None:
    """What ``kts run`` makes is what stock papermill makes: no exceptions here."""
    command = [sys.executable, "-m", "kts_analysis", "run", "--data", str(ROOT / "data")]
    command += ["--only", code, "--lang", "vi", "--jobs", "1", "--out", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    [made] = (tmp_path / "out").glob(f"*/{code}-*/{name}.ipynb")
    ours = nbformat.read(made, as_version=4)
    manifest = json.loads((made.parents[1] / "run.json").read_text(encoding="utf-8"))
    [given] = [unit["parameters"] for unit in manifest["units"]]  # in their order
    assert given == ours.metadata["papermill"]["parameters"]
    theirs = tmp_path / "stock.ipynb"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KTS_DATA", str(ROOT / "data"))
        papermill.execute_notebook(
            str(ROOT / "notebooks" / f"{name}.ipynb"),
            str(theirs),
            parameters=given,
            kernel_name="python3",
            progress_bar=False,
        )
    stock_ = nbformat.read(theirs, as_version=4)
    assert differing(ours, stock_) == {}
    assert ours.metadata["kernelspec"] == stock_.metadata["kernelspec"]
    assert ours.metadata["language_info"] == stock_.metadata["language_info"]
    assert sum(len(cell.get("outputs", [])) for cell in ours.cells) > 20


# --- nothing leaks --------------------------------------------------------------------------------

SPOIL = """
import builtins, decimal, gc, json, locale, logging, os, random, signal, socket, sys, warnings
import numpy as np, pandas as pd
builtins.leak = 1
os.environ["LEAK"] = "1"; os.environ["KTS_DATA"] = "elsewhere"
pd.set_option("display.max_rows", 3); pd.DataFrame.leak = 1
np.random.seed(1); random.seed(1); np.set_printoptions(precision=1)
os.chdir("/"); os.umask(0o77)
sys.path.insert(0, "leak"); sys.modules["leak"] = sys; sys.setrecursionlimit(4321)
real_dumps = json.dumps; json.dumps = lambda *a, **k: real_dumps(*a, **k)
warnings.simplefilter("ignore"); logging.getLogger().setLevel(1); gc.disable()
decimal.getcontext().prec = 3; socket.setdefaulttimeout(1)
signal.signal(signal.SIGINT, signal.SIG_IGN)
get_ipython().set_custom_exc((Exception,), lambda *a, **k: None)
leak = 1
"""
LOOK = """
import builtins, decimal, gc, json, logging, os, random, signal, socket, sys, warnings
import numpy as np, pandas as pd
umask = os.umask(0o22); os.umask(umask)
seen = [
    hasattr(builtins, "leak"), os.environ.get("LEAK"), os.environ.get("KTS_DATA"),
    pd.get_option("display.max_rows"), hasattr(pd.DataFrame, "leak"),
    np.get_printoptions()["precision"], os.path.basename(os.getcwd()), umask,
    "leak" in sys.path, "leak" in sys.modules, sys.getrecursionlimit(),
    json.dumps.__module__, len(warnings.filters), logging.getLogger().level, gc.isenabled(),
    decimal.getcontext().prec, socket.getdefaulttimeout(), str(signal.getsignal(signal.SIGINT)),
    get_ipython().custom_exceptions, "leak" in globals(), get_ipython().execution_count,
]
seen
"""
DRAW = """
import random, secrets, uuid
import numpy as np
[
    str(np.random.random()), str(np.random.default_rng().random()), str(np.random.rand()),
    str(random.random()), str(uuid.uuid4()), str(random.Random().random()), secrets.token_hex(8),
]
"""


def results(folder: Path) -> str:
    """Return the value that a notebook's last cell shows."""
    [output] = executed(folder).cells[-1].outputs
    return str(output["data"]["text/plain"])


@pytest.mark.parametrize("kind", KINDS)
def test_no_notebook_sees_what_another_left(tmp_path: Path, kind: str) -> None:
    def look(name: str) -> Path:
        return write(tmp_path / name / "same", [Cell("look", LOOK)])

    alone = look("alone")
    assert [outcome.status for outcome in in_pool(kind, [alone])] == [DONE]
    spoilt = write(tmp_path / "spoilt", [Cell("spoil", SPOIL), Cell("look", LOOK)])
    others = [look("first"), spoilt, look("second"), look("third")]
    outcomes = in_pool(kind, others)
    assert [outcome.status for outcome in outcomes] == [DONE] * 4, outcomes
    assert results(spoilt) != results(alone)  # looking notices what was spoilt
    assert [results(folder) for folder in (others[0], *others[2:])] == [results(alone)] * 3


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_notebooks_draw_the_same_number(tmp_path: Path, kind: str) -> None:
    folders = [write(tmp_path / str(number), [Cell("draw", DRAW)]) for number in range(3)]
    assert [outcome.status for outcome in in_pool(kind, folders)] == [DONE] * 3
    drawn = [tuple(re.findall(r"'([^']+)'", results(folder))) for folder in folders]
    assert {len(draws) for draws in drawn} == {7}
    for draws in zip(*drawn, strict=True):
        assert len(set(draws)) == 3
