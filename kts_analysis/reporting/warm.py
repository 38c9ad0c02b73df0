"""What the processes of a run share: figures read once, and what areas have in common."""

from __future__ import annotations

from typing import Any

from kts_analysis.pages.context import stand
from kts_analysis.pages.prepare import prepare
from kts_analysis.pages.warm import rehearse, warm_up
from kts_analysis.reporting.execute import notebook_text
from kts_analysis.reporting.page import plotly_asset


def load(as_of: str, borders: str = "", weights: str = "") -> None:
    """Read registry, observations and all that pages need; the first step of a warm process."""
    import nbformat
    import papermill
    from IPython.core.getipython import get_ipython

    warm_up()
    plotly_asset()
    shell: Any = get_ipython()
    if shell is not None:
        shell.display_formatter.format("")  # makes the formatters
    empty = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("a = 1")])
    empty.cells[0].metadata.tags = ["parameters"]
    empty.metadata.kernelspec = {"name": "python3", "language": "python", "display_name": ""}
    prepared = papermill.execute_notebook(
        nbformat.reads(nbformat.writes(empty), 4), None, parameters={"a": ""}, prepare_only=True
    )
    notebook_text(prepared)  # compiles the schema
    stand(as_of or None, None, borders, weights)


def prepare_reports(
    plan: str, deadline: int, as_of: str, borders: str = "", weights: str = ""
) -> None:
    """Find what the reports of a plan share, so that each of them only reads it."""
    prepare(plan, deadlines=[deadline], as_of=as_of or None, borders=borders, weights=weights)
    rehearse(plan, deadline, as_of or None, borders, weights)
