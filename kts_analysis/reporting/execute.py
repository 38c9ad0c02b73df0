"""One report: the notebook executed by papermill, tidied, made a page. The job of one process."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kts_analysis.engine import journal
from kts_analysis.engine.jobs import KILLED, MEMORY_LIMIT, TIME_LIMIT, Limits
from kts_analysis.reporting.files import write_whole
from kts_analysis.reporting.units import Unit, unit_from

KERNEL = "python3"
NEEDS = (  # imported by the warm process before the first report
    "kts_analysis.engine.shell:new_shell",  # first: plotly looks for the shell when imported
    "papermill",
    "kts_analysis.engine.papermill_engine",
    "kts_analysis.engine.notebook_client",
    "kts_analysis.pages.area",
    "kts_analysis.pages.province",
    "kts_analysis.reporting.page",
    "kts_analysis.reporting.parts",
)
# Names in papermill's metadata that hold run facts; they belong into the manifest only.
_RUN_FACTS = ("start_time", "end_time", "duration", "environment_variables", "version")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_LIMITS = {
    "CellTimeLimitError": TIME_LIMIT,
    "MemoryError": MEMORY_LIMIT,
    "_ArrayMemoryError": MEMORY_LIMIT,  # numpy's own
    "CellTimeoutError": TIME_LIMIT,  # these two: stock kernels
    "DeadKernelError": KILLED,
}
_STOCK = "stock.ipynb"  # in a job's folder: what papermill saves cell by cell with a stock kernel


@dataclass(frozen=True)
class Result:
    """What became of a unit.

    Attributes
    ----------
    ok, reused : bool
        Whether there is a report; whether an earlier run made it.
    seconds : float
        Wall time, for the manifest only.
    cell : int, optional
        Number of the failing cell, counted from 1 as a reader counts them.
    message : str
        What the failing cell said.
    files : dict
        SHA-256 of each file made, by its name in the unit's folder.
    """

    unit: Unit
    ok: bool
    seconds: float = 0.0
    cell: int | None = None
    message: str = ""
    files: dict[str, str] | None = None
    reused: bool = False


def make_report(
    unit: dict[str, Any],
    notebooks: str,
    staging: str,
    scratch: str,
    limits: dict[str, Any],
    stock: bool = False,
) -> dict[str, Any]:
    """Run a unit's notebook and write its page; a failing cell is a result, not an exception.

    Parameters
    ----------
    unit : dict
        From `Unit.as_json`.
    notebooks, staging, scratch : str
        Folders: templates, the run being built, the job's own small files.
    limits : dict
        Of `kts_analysis.engine.jobs.Limits`.
    stock : bool
        Use papermill's own engine and a kernel.

    Returns
    -------
    dict
        ``ok`` and ``files``; of a failure ``cell``, ``message`` and ``limit`` (which one, or "").
    """
    from kts_analysis.documents.formats import write_documents
    from kts_analysis.registry_files import load_registry
    from kts_analysis.reporting.page import NotForAPageError, page_text
    from kts_analysis.reporting.parts import write_parts

    chosen = unit_from(unit, load_registry())
    folder = Path(staging) / chosen.id
    folder.mkdir(parents=True, exist_ok=True)
    source = Path(notebooks) / f"{chosen.notebook}.ipynb"
    notebook, failure = _execute(source, chosen, Path(scratch), Limits(**limits), stock=stock)
    tidy(notebook)
    name = f"{chosen.stem}.ipynb"
    files = {name: write_whole(folder / name, notebook_text(notebook))}
    if failure is None:
        page = f"{chosen.stem}.html"
        try:
            text = page_text(notebook, chosen)
        except NotForAPageError as error:
            said = {"cell": error.cell, "message": str(error), "limit": ""}
            return {"ok": False, "files": files} | said
        files |= write_parts(chosen, folder) | write_documents(chosen, folder)
        files[page] = write_whole(folder / page, text)  # last: a page says that all is there
    return {"ok": failure is None, "files": files} | (failure or {})


def _execute(
    source: Path, unit: Unit, scratch: Path, limits: Limits, *, stock: bool
) -> tuple[Any, dict[str, Any] | None]:
    """Return the executed notebook and, when a cell failed, which one and what it said."""
    import papermill
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import remove_error_markers

    executed: list[Any] = []
    options: dict[str, Any] = {"engine_name": "kts", "keep": executed, "limits": limits}
    options |= {"journal_folder": str(scratch)}
    if stock:
        options = {
            "extra_arguments": ["--IPKernelApp.log_level=40"],  # no start-up chatter in the log
            "shutdown_kernel": "immediate",  # nothing in the kernel is worth a graceful end
            "execution_timeout": int(limits.cell_seconds) + 1,
        }
    try:
        notebook = papermill.execute_notebook(
            _literal(str(source)),
            _literal(str(scratch / _STOCK)) if stock else None,
            parameters=unit.parameters,
            kernel_name=KERNEL,
            progress_bar=False,
            **options,
        )
        return executed[0] if executed else notebook, None
    except PapermillExecutionError as error:
        notebook = executed[0] if executed else _read(scratch / _STOCK)
        message = _ANSI.sub("", str(error.evalue) or error.ename).strip()
        limit = _LIMITS.get(error.ename, "")
        # papermill adds cells of its own that point to the failing one, and shift the numbers.
        notebook = remove_error_markers(notebook)
        return notebook, {"cell": error.cell_index + 1, "message": message, "limit": limit}
    except (TimeoutError, RuntimeError) as error:  # nbclient's: the cell took too long, or died
        name = type(error).__name__
        place = stock_cell(scratch)
        if not stock or name not in _LIMITS or place is None:
            raise
        message = str(error).strip().splitlines()[0]
        notebook = _read(scratch / _STOCK)
        journal.mark_failed(notebook, place - 1, message, name)
        return notebook, {"cell": place, "message": message, "limit": _LIMITS[name]}


def stock_cell(scratch: Path) -> int | None:
    """Return the number of the cell that a stock kernel began last, counted from 1, if any."""
    try:
        cells = json.loads((scratch / _STOCK).read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError):
        return None
    begun = [
        place
        for place, cell in enumerate(cells, 1)
        if cell["metadata"].get("papermill", {}).get("start_time")
    ]
    return begun[-1] if begun else None


def _literal(path: str) -> str:
    """Return a path in whose braces papermill will not look for parameters."""
    return path.replace("{", "{{").replace("}", "}}")


def tidy(notebook: Any) -> None:
    """Take run facts out of an executed notebook, so that the same inputs give the same bytes."""
    facts: dict[str, Any] = notebook["metadata"].get("papermill", {})
    for name in (*_RUN_FACTS, "input_path", "output_path"):
        facts.pop(name, None)
    for place, cell in enumerate(notebook["cells"]):
        cell["id"] = f"cell-{place + 1}"
        cell["metadata"].pop("execution", None)
        for name in _RUN_FACTS:
            cell["metadata"].get("papermill", {}).pop(name, None)


def clear_outputs(path: Path) -> None:
    """Take the outputs out of a notebook that is about to run: no report has to read them."""
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell["outputs"], cell["execution_count"] = [], None
    except (ValueError, KeyError, TypeError):  # papermill says what is wrong with it
        return
    write_whole(path, json.dumps(notebook, ensure_ascii=False))


def notebook_text(notebook: Any) -> str:
    """Return a notebook as it is written to a file: one line a cell.

    nbformat indents by Python's slow encoder, a third of a report's time, and copies all first.

    Raises
    ------
    nbformat.ValidationError
        An output is none that a notebook can hold.
    """
    import nbformat

    nbformat.validate(notebook)
    cells = ",\n".join(_line(cell) for cell in notebook["cells"])
    rest = {name: content for name, content in sorted(notebook.items()) if name != "cells"}
    return f'{{"cells": [\n{cells}\n],\n{_line(rest)[1:]}\n'


def _line(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ": "))


def salvage(unit: dict[str, Any], staging: str, scratch: str, message: str) -> dict[str, str]:
    """Write the partial notebook of a report whose process was killed; return its SHA-256."""
    from kts_analysis.registry_files import load_registry

    chosen = unit_from(unit, load_registry())
    notebook = journal.rebuild(Path(scratch), message)
    place = stock_cell(Path(scratch))
    if notebook is None and place is not None:
        notebook = _read(Path(scratch) / _STOCK)
        journal.mark_failed(notebook, place - 1, message, "KernelDied")
    if notebook is None:
        return {}
    tidy(notebook)
    folder = Path(staging) / chosen.id
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{chosen.stem}.ipynb"
    return {name: write_whole(folder / name, notebook_text(notebook))}


def _read(path: Path) -> Any:
    import nbformat

    return nbformat.read(path, as_version=4)
