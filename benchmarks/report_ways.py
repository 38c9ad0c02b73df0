"""Two ways to make reports that are measured beside ours; each is a program of its own.

    python benchmarks/report_ways.py pool  --notebook NB --parameters FILE --out FOLDER --jobs 2
    python benchmarks/report_ways.py floor --notebook NB --parameters FILE

FILE is a JSON list of parameters, one entry a report. ``pool`` is papermill's own interface in a
pool of processes, its saving tuned, with nbconvert's exporter kept from report to report. ``floor``
runs the notebook's cells in one warm shell and keeps nothing: the least these cells can cost.
"""

from __future__ import annotations

import argparse
import json
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
    import nbformat
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    import_module("kts_analysis.pages.area")  # what the cells would import
    cells = [cell for cell in nbformat.read(notebook, 4).cells if cell.cell_type == "code"]
    shell = InteractiveShell.instance()
    seconds = []
    for parameters in wanted:
        begun = time.process_time()
        with capture_output():
            for cell in cells:
                shell.run_cell(cell.source).raise_error()
                if PARAMETERS in cell.metadata.get("tags", []):
                    shell.user_ns.update(parameters)
        seconds.append(time.process_time() - begun)
    return seconds


def main() -> None:
    """Run one way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("way", choices=("pool", "floor"))
    parser.add_argument("--notebook", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--parameters", type=Path, required=True)
    chosen = parser.parse_args()
    wanted = json.loads(chosen.parameters.read_text(encoding="utf-8"))
    if chosen.way == "pool":
        pool(chosen.notebook, chosen.out, chosen.jobs, wanted)
    else:
        print(json.dumps(floor(chosen.notebook, wanted)))


if __name__ == "__main__":
    main()
