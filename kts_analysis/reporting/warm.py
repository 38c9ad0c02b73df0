"""What the processes of a run share: figures read once, and what areas have in common."""

from __future__ import annotations

from kts_analysis.pages.context import stand
from kts_analysis.pages.prepare import prepare
from kts_analysis.pages.warm import warm_up


def load(as_of: str) -> None:
    """Read registry, observations and all that pages need; the first step of a warm process."""
    import nbformat

    warm_up()
    nbformat.validate(nbformat.v4.new_notebook())  # compiles the schema once for all
    stand(as_of or None, None)


def prepare_reports(plan: str, deadline: int, as_of: str) -> None:
    """Find what the reports of a plan share, so that each of them only reads it."""
    prepare(plan, deadlines=[deadline], as_of=as_of or None)
