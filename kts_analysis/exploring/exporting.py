"""The picture and its data, to take along: a page that opens anywhere, CSV and XLSX, all marked.

The page holds plotly itself, so it needs no network; the camera button in it (and in JupyterLab)
saves the picture as SVG by the browser's own means.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
from IPython.display import HTML
from markupsafe import Markup

from kts_analysis.chart_base import PLOTLY_MIME, Chart
from kts_analysis.disk import write_bytes
from kts_analysis.fragments import render, stylesheet
from kts_analysis.i18n import Messages
from kts_analysis.vi import slug

LONGEST_NAME = 80  # letters of a file's name before its ending
OPENERS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would take such a text for a formula


class Shown(Protocol):
    """What can be taken along: a look, a comparison, an assumption."""

    @property
    def title(self) -> str: ...
    @property
    def synthetic(self) -> bool: ...
    @property
    def chart(self) -> Chart | None: ...
    def frame(self) -> pd.DataFrame: ...


@dataclass(frozen=True)
class Saved:
    """What was written.

    Attributes
    ----------
    files : tuple of Path
    """

    files: tuple[Path, ...]


def save(shown: Shown, folder: str | Path, m: Messages) -> Saved:
    """Write picture (``.html``) and data (``.csv``, ``.xlsx``) into a folder, named by the title.

    The same look gives the same bytes and the same names; another of the same title gets a number.

    Raises
    ------
    OSError
        The folder cannot be written.
    """
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    table = marked(shown.frame(), m, synthetic=shown.synthetic)
    contents = {
        ".csv": csv_text(table).encode(),
        ".xlsx": workbook_bytes(table, shown.title, m, synthetic=shown.synthetic),
    }
    chart = shown.chart
    if chart is not None:
        page = page_of(chart, shown.title, m, synthetic=shown.synthetic)
        contents = {".html": page.encode(), **contents}
    stem = _free_stem(place, file_stem(shown.title), contents)
    for ending, content in contents.items():
        write_bytes(place / f"{stem}{ending}", content)
    return Saved(tuple(place / f"{stem}{ending}" for ending in contents))


def _free_stem(folder: Path, stem: str, contents: Mapping[str, bytes]) -> str:
    """Return the first of ``stem``, ``stem-2``, … whose files are not there or hold just this."""
    for number in count(1):
        name = stem if number == 1 else f"{stem}-{number}"
        paths = {folder / f"{name}{ending}": content for ending, content in contents.items()}
        if all(not path.exists() or path.read_bytes() == paths[path] for path in paths):
            return name
    raise AssertionError("numbers do not end")


def file_stem(title: str) -> str:
    """Return a title as the stem of a file's name: letters of ASCII, digits and hyphens."""
    return slug(title)[:LONGEST_NAME].rstrip("-")


def marked(table: pd.DataFrame, m: Messages, *, synthetic: bool) -> pd.DataFrame:
    """Return a table with the mark of synthetic data in every row that rests on them."""
    found = table.copy()
    own = found["origin"] == "synthetic" if "origin" in found else synthetic
    if synthetic:
        found["mark"] = pd.Series(own, index=found.index).map(
            {True: m("SYNTHETIC DATA"), False: ""}
        )
    return found


def csv_text(table: pd.DataFrame) -> str:
    """Return a table as CSV that spreadsheets read as UTF-8 and in which no text is a formula."""
    safe = table.copy()
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe[name] = [_harmless(cell) for cell in safe[name]]
    return "\ufeff" + str(safe.to_csv(index=False, lineterminator="\n"))


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(OPENERS) else cell


def workbook_bytes(table: pd.DataFrame, title: str, m: Messages, *, synthetic: bool) -> bytes:
    """Return a table as a workbook: title and mark above it, numbers as numbers."""
    import xlsxwriter

    file = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties({"title": title, "created": datetime(2000, 1, 1)})  # same bytes again
        bold = book.add_format({"bold": True})
        red = book.add_format({"bold": True, "font_color": "#8A1C1C"})
        sheet = book.add_worksheet(m("Data"))
        sheet.write_string(0, 0, title, bold)
        if synthetic:
            sheet.write_string(1, 0, m("SYNTHETIC DATA"), red)
        for column, name in enumerate(table.columns):
            sheet.write_string(2, column, str(name), bold)
            for row, cell in enumerate(table[name], start=3):
                _write(sheet, row, column, cell)
        sheet.freeze_panes(3, 0)
        sheet.set_column(0, max(len(table.columns) - 1, 0), 14)
    return file.getvalue()


def _write(sheet: Any, row: int, column: int, cell: Any) -> None:
    """Write a cell; a missing number stays empty, never 0."""
    if isinstance(cell, str):
        sheet.write_string(row, column, cell)
    elif cell is not None and cell == cell:
        sheet.write_number(row, column, float(cell))


def page_of(chart: Chart, title: str, m: Messages, *, synthetic: bool) -> str:
    """Return a chart as one page that holds all it needs."""
    from plotly.offline import get_plotlyjs

    content = chart.to_plotly_json() | {"config": config_of(title)}
    figure = json.dumps(content, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")
    page = render(
        "picture.html",
        m,
        title=title,
        synthetic=synthetic,
        description=chart.description,
        style=Markup(stylesheet()),
        script=Markup(get_plotlyjs().replace("</script", "<\\/script")),
        figure=Markup(figure),
    )
    return f"{page}\n"


def config_of(title: str) -> dict[str, Any]:
    """Return plotly's settings: the camera button saves an SVG with a name that fits."""
    image = {"format": "svg", "filename": file_stem(title)}
    return {"displaylogo": False, "responsive": True, "toImageButtonOptions": image}


def bundles(parts: Sequence[Any], title: str) -> list[dict[str, Any]]:
    """Return parts as the outputs of a cell, for an output widget."""
    return [
        {"output_type": "display_data", "data": _bundle(part, title), "metadata": {}}
        for part in parts
    ]


def _bundle(part: Any, title: str) -> Mapping[str, Any]:
    if isinstance(part, HTML):
        return {"text/html": part.data, "text/plain": ""}
    assert isinstance(part, Chart)
    figure = part.to_plotly_json() | {"config": config_of(title)}
    return {PLOTLY_MIME: figure, "text/plain": part.description}
