"""The papermill engine named ``kts``: cells run in this process's own shell, without a kernel.

``papermill NOTEBOOK OUT --engine kts`` works as with the stock engine. Inside a job of
`kts_analysis.engine.pool` the process is there for this notebook alone and the cells run right
here. Anywhere else the engine starts a process of its own for each notebook, so that nothing one
notebook leaves behind is seen by the next.
"""

from __future__ import annotations

import ast
import atexit
import os
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from papermill.engines import Engine, NotebookExecutionManager

from kts_analysis.engine import channel, journal
from kts_analysis.engine.jobs import Limits
from kts_analysis.engine.limits import TimeLimits
from kts_analysis.engine.surroundings import ONE_THREAD

if TYPE_CHECKING:
    from kts_analysis.engine.pool import Pool


# Imported once for all notebooks that name them; harmless, and dear to import.
HEAVY = {"kts_analysis", "matplotlib", "numpy", "pandas", "plotly", "scipy", "statsmodels"}
NO_LIMIT = 1e7  # seconds; outside ``kts run`` a notebook may take its time, as with stock papermill
_ONE_AT_A_TIME = threading.Lock()


class JournalManager(NotebookExecutionManager):  # type: ignore[misc]
    """papermill's book-keeping with one journal line a cell instead of a whole file twice a cell.

    Parameters
    ----------
    folder : Path, optional
        Where the journal goes; none is kept without.
    """

    def __init__(self, nb: Any, *, folder: Path | None = None, **options: Any) -> None:
        self.folder = folder
        super().__init__(nb, autosave_cell_every=0, **options)

    def save(self, **options: Any) -> None:
        """Do nothing: the caller of papermill writes the whole notebook once, at the end."""

    def notebook_start(self, **options: Any) -> None:
        """Clear what an earlier run left, and begin the journal."""
        super().notebook_start(**options)
        if self.folder is not None:
            journal.note_start(self.folder, self.nb)

    def cell_start(self, cell: Any, cell_index: int | None = None, **options: Any) -> None:
        """Note which cell begins."""
        super().cell_start(cell, cell_index, **options)
        channel.tell({"cell": cell_index})
        if self.folder is not None and cell_index is not None:
            journal.note_running(self.folder, cell_index)

    def cell_complete(self, cell: Any, cell_index: int | None = None, **options: Any) -> None:
        """Note what a cell said."""
        super().cell_complete(cell, cell_index, **options)
        if self.folder is not None and cell_index is not None and cell.cell_type == "code":
            journal.note_cell(self.folder, cell_index, cell)


class KtsEngine(Engine):  # type: ignore[misc]
    """The engine papermill finds by the entry point ``papermill.engine``."""

    @classmethod
    def execute_notebook(
        cls,
        nb: Any,
        kernel_name: str,
        output_path: str | None = None,
        progress_bar: bool | dict[str, Any] = True,
        log_output: bool = False,
        autosave_cell_every: int = 30,
        **options: Any,
    ) -> Any:
        """Execute a notebook; see `papermill.engines.Engine.execute_notebook`.

        Parameters
        ----------
        journal_folder : str, optional
            Where the journal of cells goes.
        keep : list, optional
            Gets the executed notebook, also when a cell fails. The caller writes it: what
            papermill then gets to write is the notebook without outputs, unless one is an error.
        limits : Limits, optional
            Time of a cell and of the notebook.
        """
        keep: list[Any] | None = options.pop("keep", None)
        folder = options.pop("journal_folder", None)
        language = nb.metadata.get("kernelspec", {}).get("language", "python")
        if language.lower() != "python":
            raise ValueError(f"the engine kts runs Python, not {language} (kernel {kernel_name})")
        if not channel.in_job():
            asked = options.get("execution_timeout") or options.get("timeout") or -1
            seconds = asked if asked > 0 else NO_LIMIT  # as nbclient reads it
            given = Limits(cell_seconds=seconds, job_seconds=NO_LIMIT, memory_mb=0)
            return _in_own_process(nb, options.get("limits") or given)
        manager = JournalManager(
            nb,
            folder=Path(folder) if folder else None,
            output_path=output_path,
            progress_bar=progress_bar,
            log_output=log_output,
        )
        if keep is not None:
            keep.append(nb)
        manager.notebook_start()
        try:
            cls.execute_managed_notebook(manager, kernel_name, log_output=log_output, **options)
        finally:
            manager.cleanup_pbar()
            manager.notebook_complete()
        return manager.nb if keep is None else _without_outputs(manager.nb)

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        log_output: bool = False,
        limits: Limits | None = None,
        **options: Any,
    ) -> Any:
        """Run the cells in this process's shell."""
        from kts_analysis.engine.notebook_client import NotebookClient
        from kts_analysis.engine.shell import InProcessClient, InProcessManager, new_shell

        client = InProcessClient(new_shell(), TimeLimits(limits) if limits else None)
        known = {name: options[name] for name in ("stdout_file", "stderr_file") if name in options}
        return NotebookClient(
            nb_man,
            km=InProcessManager(client),
            kernel_name=kernel_name,
            log_output=log_output,
            **known,
        ).execute(cleanup_kc=False)


def _without_outputs(nb: Any) -> Any:
    """Return a notebook without what its cells said; with an error in it, as it is."""
    import nbformat

    cells = [dict(cell, outputs=[]) if "outputs" in cell else cell for cell in nb.cells]
    said = [output for cell in nb.cells for output in cell.get("outputs", [])]
    if any(output.output_type == "error" for output in said):
        return nb  # papermill looks for it
    return nbformat.from_dict(dict(nb, cells=cells))


def _in_own_process(nb: Any, limits: Limits) -> Any:
    """Run a notebook in a process started for it, and put what it said into the given notebook.

    Raises
    ------
    RuntimeError
        The process ended before the first cell.
    """
    import tempfile

    import nbformat

    from kts_analysis.engine.jobs import DONE, Job

    with tempfile.TemporaryDirectory(prefix="kts-") as place:
        folder = Path(place)
        (folder / "in.ipynb").write_text(nbformat.writes(nb), encoding="utf-8")
        arguments = {
            "folder": place,
            "cwd": os.getcwd(),
            "environment": dict(os.environ),
            "limits": limits.as_json(),
        }
        job = Job("notebook", f"{__name__}:run_file", arguments, folder)
        with _ONE_AT_A_TIME:
            pool = _shared_pool(tuple(_heavy(nb)), limits, os.getpid())
            outcome = next(iter(list(pool.run([job]))))
        if outcome.status == DONE:
            executed = nbformat.read(folder / "out.ipynb", as_version=4)
        else:
            rebuilt = journal.rebuild(folder, outcome.message or outcome.status)
            if rebuilt is None:
                raise RuntimeError(f"the notebook did not begin: {outcome.message}")
            executed = nbformat.from_dict(rebuilt)
            executed.metadata.papermill["exception"] = True
    nb.cells, nb.metadata = executed.cells, executed.metadata
    return nb


@cache
def _shared_pool(preload: tuple[str, ...], limits: Limits, process: int) -> Pool:
    """Return the pool of this process for notebooks that need the same libraries."""
    from kts_analysis.engine.pool import Pool

    needed = ("kts_analysis.engine.shell:new_shell", "papermill", *preload)
    pool = Pool(workers=1, preload=needed, limits=limits)
    atexit.register(pool.close)
    return pool


def _heavy(nb: Any) -> list[str]:
    """Return the heavy libraries a notebook names; a module of its own is imported by itself."""
    return [name for name in sorted(_imported(nb)) if name.partition(".")[0] in HEAVY]


def _imported(nb: Any) -> set[str]:
    """Return the modules a notebook imports by name."""
    names = set()
    for cell in nb.cells:
        if cell.cell_type != "code":
            continue
        try:
            tree = ast.parse(cell.source)
        except SyntaxError:  # magics
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module)
    return names


def run_file(folder: str, cwd: str, environment: dict[str, str], limits: dict[str, Any]) -> None:
    """Execute ``in.ipynb`` of a folder into ``out.ipynb``: the job of `_in_own_process`."""
    import nbformat

    os.environ.clear()
    os.environ.update(environment | dict.fromkeys(ONE_THREAD, "1"))
    os.chdir(cwd)
    nb = nbformat.read(Path(folder) / "in.ipynb", as_version=4)
    KtsEngine.execute_notebook(
        nb, "python3", progress_bar=False, journal_folder=folder, limits=Limits(**limits)
    )
    (Path(folder) / "out.ipynb").write_text(nbformat.writes(nb), encoding="utf-8")
