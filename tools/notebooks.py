"""Re-execute the notebooks in place, without run facts: ``python tools/notebooks.py [NAMES]``.

The notebooks are committed with their outputs and compared by nbval, so an output holds no clock,
no random id and no path of this machine.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "notebooks"


def execute(path: Path) -> None:
    """Run one notebook and write it back with tidy metadata."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, kernel_name="python3", resources={"metadata": {"path": FOLDER}}
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
    for path in sorted(FOLDER.glob("*.ipynb")):
        if not names or path.stem in names:
            print(path.name)
            execute(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
