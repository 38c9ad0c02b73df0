"""One unit executed: papermill, a clean notebook, a page. Runs in a process of its own."""

from __future__ import annotations

import logging
import os
import re
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from kts_analysis.reporting.page import write_page
from kts_analysis.reporting.units import Unit

KERNEL = "python3"
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
# Names in papermill's metadata that hold run facts; they belong into the manifest only.
_RUN_FACTS = ("start_time", "end_time", "duration", "environment_variables", "version")


@dataclass(frozen=True)
class Result:
    """What became of a unit.

    Attributes
    ----------
    ok : bool
    seconds : float
        Wall time, for the manifest only.
    cell : int, optional
        Number of the failing cell, counted from 1 as a reader counts them.
    message : str
        What the failing cell said.
    """

    unit: Unit
    ok: bool
    seconds: float
    cell: int | None = None
    message: str = ""


def execute(unit: Unit, notebooks: Path, staging: Path, data: Path) -> Result:
    """Run a unit's notebook and write its page; a failure is a result, not an exception.

    Parameters
    ----------
    unit : Unit
    notebooks : Path
        Folder of the notebook templates.
    staging : Path
        Folder the run is built in.
    data : Path
        Data folder, handed to the kernel by the environment so that no path of this machine gets
        into the notebook.
    """
    import papermill
    from papermill.exceptions import PapermillExecutionError

    _quiet()
    os.environ["KTS_DATA"] = str(data)
    folder = staging / unit.id
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{unit.stem}.ipynb"
    begun = time.perf_counter()
    cell, message, ok = None, "", False
    try:
        papermill.execute_notebook(
            str(notebooks / f"{unit.notebook}.ipynb"),
            str(target),
            parameters=unit.parameters,
            kernel_name=KERNEL,
            progress_bar=False,
            log_output=False,
            extra_arguments=["--IPKernelApp.log_level=40"],  # no start-up chatter in the log
            shutdown_kernel="immediate",  # nothing in the kernel is worth a graceful end
        )
        tidy(target)
        write_page(target, folder / f"{unit.stem}.html", unit)
        ok = True
    except PapermillExecutionError as error:
        cell, message = error.cell_index + 1, _plain(f"{error.evalue}" or error.ename)
    except Exception as error:  # one unit must never stop the others
        message = _plain(f"{type(error).__name__}: {error}")
    if not ok and target.exists():
        tidy(target)
    seconds = round(time.perf_counter() - begun, 3)
    return Result(unit, ok=ok, seconds=seconds, cell=cell, message=message)


def tidy(path: Path) -> None:
    """Take run facts out of an executed notebook, so that the same inputs give the same bytes."""
    notebook = nbformat.read(path, as_version=4)
    facts: dict[str, Any] = notebook.metadata.get("papermill", {})
    for name in (*_RUN_FACTS, "input_path", "output_path"):
        facts.pop(name, None)
    for place, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{place + 1}"
        cell.metadata.pop("execution", None)
        for name in _RUN_FACTS:
            cell.metadata.get("papermill", {}).pop(name, None)
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")


def _plain(text: str) -> str:
    return _ANSI.sub("", str(text)).strip()


def _quiet() -> None:
    """Keep the kernels' start-up chatter out of the log; failures come back as results."""
    for name in ("papermill", "traitlets", "asyncio"):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="papermill|nbclient|jupyter_client|zmq|traitlets")
    os.environ.setdefault("PYTHONUTF8", "1")
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
