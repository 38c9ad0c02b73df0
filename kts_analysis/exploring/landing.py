"""The first page in JupyterLab: what one can do, and the notebooks there are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from IPython.display import HTML

from kts_analysis.fragments import fragment
from kts_analysis.i18n import N_, Messages, spoken

START = "start.ipynb"
TUTORIALS = "tutorials"
FIRST = ("explore.ipynb",)  # before all others, which stand in the order of their names
ABOUT = {
    "explore.ipynb": N_(
        "Choose a plan, an area, a target and a day; compare; try out assumptions; save the "
        "picture and its data."
    ),
    "area_report.ipynb": N_("The report of one area, as kts run makes it for every one."),
    "province_report.ipynb": N_("The report of the whole province."),
    "data_quality.ipynb": N_("What is late, missing, doubtful or revised, and whom to ask."),
    "backtest.ipynb": N_("How far past projections could be trusted."),
}


@dataclass(frozen=True)
class Link:
    """A notebook one can open.

    Attributes
    ----------
    href : str
        From the folder of the first page.
    title, about : str
    """

    href: str
    title: str
    about: str = ""


def start_page(folder: str = ".", *, lang: str = "") -> HTML:
    """Return the first page: links to the notebooks of a folder and to its tutorials.

    Parameters
    ----------
    folder : str
        Where the notebooks lie; by default where the kernel stands.
    lang : {"vi", "en", ""}
        Empty: the language ``kts lab`` was started in.
    """
    m = Messages(spoken(lang))
    groups = [
        (m("Explore and report"), notebooks_in(Path(folder), m)),
        (m("Tutorials"), tutorials_in(Path(folder), m)),
    ]
    return fragment("start.html", m, groups=[group for group in groups if group[1]])


def notebooks_in(folder: Path, m: Messages) -> list[Link]:
    """Return the notebooks of a folder but the first page itself, exploring first."""
    names = sorted(path.name for path in _notebooks(folder) if path.name != START)
    names.sort(key=lambda name: name not in FIRST)
    return [
        Link(name, title_of(folder / name, m.lang), m(ABOUT[name]) if name in ABOUT else "")
        for name in names
    ]


def tutorials_in(folder: Path, m: Messages) -> list[Link]:
    """Return the tutorials there are, in the order of their names."""
    names = sorted(path.name for path in _notebooks(folder / TUTORIALS))
    return [
        Link(f"{TUTORIALS}/{name}", title_of(folder / TUTORIALS / name, m.lang)) for name in names
    ]


def _notebooks(folder: Path) -> Iterator[Path]:
    return (path for path in folder.glob("*.ipynb") if not path.name.startswith("."))


def title_of(path: Path, lang: str) -> str:
    """Return a notebook's first heading; of "Tiếng Việt / English" the one of the language."""
    try:
        cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        lines = (line for text in texts for line in text.splitlines())
        heading = next(line[2:].strip() for line in lines if line.startswith("# "))
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return path.stem
    first, _, second = heading.partition(" / ")
    return second if lang == "en" and second else first
