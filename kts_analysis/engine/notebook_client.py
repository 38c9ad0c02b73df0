"""papermill's client, less the check of each output on its own.

nbformat checks every output against its schema by a slow way when it is made. Whoever writes the
notebook checks the whole by a quick one.
"""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode, from_dict
from papermill.clientwrap import PapermillNotebookClient

_KINDS = ("display_data", "execute_result")


class NotebookClient(PapermillNotebookClient):  # type: ignore[misc]
    """Takes what cells show as it is; everything else as papermill's client does."""

    def output(
        self,
        outs: list[NotebookNode],
        msg: dict[str, Any],
        display_id: str | None,
        cell_index: int,
    ) -> NotebookNode | None:
        """Add what a message shows to a cell's outputs."""
        kind = msg["msg_type"]
        caught = self.output_hook_stack[msg["parent_header"].get("msg_id")]
        if kind not in _KINDS or caught or self.clear_before_next_output or display_id:
            usual: NotebookNode | None = super().output(outs, msg, display_id, cell_index)
            return usual
        content = msg["content"]
        shown = {"output_type": kind, "metadata": content["metadata"], "data": content["data"]}
        if kind == "execute_result":
            shown["execution_count"] = content["execution_count"]
        made: NotebookNode = from_dict(shown)
        outs.append(made)
        return made
