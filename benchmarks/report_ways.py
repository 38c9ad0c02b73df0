"""Ways to make reports that are measured beside ours; each is a program of its own.

    python benchmarks/report_ways.py pool  --notebook NB --parameters FILE --out FOLDER --jobs 2
    python benchmarks/report_ways.py floor --notebook NB --parameters FILE
    python benchmarks/report_ways.py apart --notebook NB --parameters FILE

FILE is a JSON list of parameters, one entry a report. ``pool`` is papermill's own interface in a
pool of processes, its saving tuned, with nbconvert's exporter kept from report to report. ``floor``
runs the notebook's cells in one warm shell and keeps nothing: the least these cells can cost.
``apart`` does the same, but each report has a process of its own, forked from the warm one: what
the cells cost when nothing of one report can leak into the next.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import time
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any

PARAMETERS = "parameters"  # tag of the cell that papermill replaces


def pool(notebook: Path, out: Path, jobs: int, wanted: list[dict[str, Any]]) -> None:
    """Make executed notebooks and pages with papermill and nbconvert in a pool of processes."""
    context = get_context("spawn")
    with ProcessPoolExecutor(max_workers=jobs, mp_context=context) as workers:
        tasks = [
            workers.submit(report, notebook, out / f"{parameters['area']}.ipynb", parameters)
            for parameters in wanted
        ]
        for task in tasks:
            task.result()


def report(notebook: Path, target: Path, parameters: dict[str, Any]) -> None:
    """Execute one notebook and write its page beside it."""
    import papermill

    executed = papermill.execute_notebook(
        str(notebook),
        str(target),
        parameters=parameters,
        kernel_name="python3",
        progress_bar=False,
        log_output=False,
        request_save_on_cell_execute=False,
        autosave_cell_every=0,
        shutdown_kernel="immediate",
    )
    page, _ = exporter().from_notebook_node(executed)
    target.with_suffix(".html").write_text(page, encoding="utf-8", newline="\n")


@cache
def exporter() -> Any:
    """Return this process's HTML exporter, made once."""
    made: Any = import_module("nbconvert").HTMLExporter
    return made(exclude_input=True, exclude_input_prompt=True, exclude_output_prompt=True)


def floor(notebook: Path, wanted: list[dict[str, Any]]) -> list[float]:
    """Run the notebook's cells once a report in one shell; return each one's CPU seconds.

    The imports are done before the first is timed. Outputs are made and thrown away.
    """
    cells = bare_cells(notebook)
    return [seconds(cells, parameters) for parameters in wanted]


def apart(notebook: Path, wanted: list[dict[str, Any]]) -> list[float]:
    """Do as `floor` for the first report, and fork a process for each of the others."""
    cells = bare_cells(notebook)
    times = [seconds(cells, wanted[0])]
    gc.collect()
    gc.freeze()
    for parameters in wanted[1:]:
        ours, theirs = os.pipe()
        child = os.fork()
        if not child:
            seconds(cells, parameters)
            spent = os.times()  # the whole life of this process: copied pages cost, too
            os.write(theirs, repr(spent.user + spent.system).encode())
            os._exit(0)
        os.close(theirs)
        with os.fdopen(ours) as told:
            times.append(float(told.read()))
        os.waitpid(child, 0)
    return times


def bare_cells(notebook: Path) -> list[Any]:
    """Import what the cells would import; return them."""
    import nbformat

    import_module("kts_analysis.pages.area")
    return [cell for cell in nbformat.read(notebook, 4).cells if cell.cell_type == "code"]


def seconds(cells: list[Any], parameters: dict[str, Any]) -> float:
    """Run the cells of one report in this process's shell; return the CPU seconds they took."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    shell = InteractiveShell.instance()
    begun = time.process_time()
    with capture_output():
        for cell in cells:
            shell.run_cell(cell.source).raise_error()
            if PARAMETERS in cell.metadata.get("tags", []):
                shell.user_ns.update(parameters)
    return time.process_time() - begun


def main() -> None:
    """Run one way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("way", choices=("pool", "floor", "apart"))
    parser.add_argument("--notebook", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--parameters", type=Path, required=True)
    chosen = parser.parse_args()
    wanted = json.loads(chosen.parameters.read_text(encoding="utf-8"))
    if chosen.way == "pool":
        pool(chosen.notebook, chosen.out, chosen.jobs, wanted)
    else:
        way = floor if chosen.way == "floor" else apart
        print(json.dumps(way(chosen.notebook, wanted)))


if __name__ == "__main__":
    main()
