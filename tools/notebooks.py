"""Re-execute the notebooks in place, without run facts: ``python tools/notebooks.py [NAMES]``.

Those of ``examples/`` need the open tables in ``../shared`` and are left alone without them; the
tables of ``docs/second-plan.md`` are taken from their outputs.

The notebooks are committed with their outputs and compared by nbval, so an output holds no clock,
no random id and no path of this machine.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import doc_tables
import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (ROOT / "notebooks", ROOT / "notebooks" / "tutorials")
EXAMPLES = ROOT / "examples"


def execute(path: Path) -> None:
    """Run one notebook and write it back with tidy metadata."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, kernel_name="python3", resources={"metadata": {"path": path.parent}}
    )
    client.execute()
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    for place, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{place + 1}"
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell["outputs"] = [each for each in cell["outputs"] if not is_widget(each)]
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")


def is_widget(output: dict[str, Any]) -> bool:
    """Tell whether an output is a widget: it has a random id, and lives with its kernel only."""
    return "application/vnd.jupyter.widget-view+json" in output.get("data", {})


def main(names: list[str]) -> int:
    """Execute the named notebooks, or all."""
    os.environ.setdefault("PYTHONPATH", str(ROOT))
    shared = (ROOT.parent / "shared" / "validation").is_dir()
    for path in (
        path for folder in (*FOLDERS, EXAMPLES) for path in sorted(folder.glob("*.ipynb"))
    ):
        if names and path.stem not in names:
            continue
        here = path.parent != EXAMPLES or shared
        name = path.relative_to(ROOT).as_posix()
        print(name if here else f"{name}: NOT RUN, ../shared/validation is not here")
        if here:
            execute(path)
    doc_tables.write()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
