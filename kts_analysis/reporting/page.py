"""An executed notebook as a page that opens from a folder: no network, one shared chart script."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from kts_analysis.chart_base import PLOTLY_MIME
from kts_analysis.documents.formats import document_links
from kts_analysis.fragments import render
from kts_analysis.i18n import LANGUAGES, Messages
from kts_analysis.pages.grounds import proof_page
from kts_analysis.reporting.links import without_dead_links
from kts_analysis.reporting.page_names import VERDICTS, index_name, quality_page
from kts_analysis.reporting.units import Unit

LAB_ONLY = "lab-only"  # tag of cells that only serve a reader in JupyterLab


class NotForAPageError(ValueError):
    """A cell shows what a page cannot hold.

    Attributes
    ----------
    cell : int
        Number of the cell, counted from 1.
    """

    def __init__(self, message: str, cell: int) -> None:
        super().__init__(message)
        self.cell = cell


def plotly_asset() -> str:
    """Return the file name of the chart script, with the version it holds."""
    from plotly.offline import get_plotlyjs_version

    return f"plotly-{get_plotlyjs_version()}.min.js"


def page_text(notebook: Mapping[str, Any], unit: Unit) -> str:
    """Return the page of an executed notebook.

    Parameters
    ----------
    notebook : mapping
        nbformat's node or its JSON form.

    Raises
    ------
    NotForAPageError
        A cell shows something a page cannot hold: better no page than one with a hole.
    """
    m = Messages(unit.lang)
    parts: list[Markup] = []
    for place, cell in enumerate(notebook["cells"], 1):
        if cell["cell_type"] != "code" or LAB_ONLY in cell["metadata"].get("tags", []):
            continue
        for output in cell["outputs"]:
            try:
                parts.append(part_of(output.get("data", {}), len(parts)))
            except ValueError as error:
                raise NotForAPageError(str(error), place) from error
    pages = {lang: f"{_stem(unit, lang)}.html" for lang in unit.langs}
    text = render(
        "page.html",
        m,
        title=unit.area.title(unit.lang),
        plan=unit.plan.name.get(unit.lang),
        root="../",
        index=index_name(unit.lang, unit.langs),
        proof=proof_page(unit.lang),
        quality=f"{quality_page(unit.lang)}#{unit.plan.id}",
        switches=language_links(pages, unit.lang),
        parts=parts,
        plotly=plotly_asset(),
        notebook=f"{unit.stem}.ipynb",
        documents=[*document_links(unit), {"name": "CSV", "href": VERDICTS}],
    )
    return without_dead_links(f"{text}\n", unit.links)


def _stem(unit: Unit, lang: str) -> str:
    return unit.notebook if lang == LANGUAGES[0] else f"{unit.notebook}.{lang}"


def language_links(pages: Mapping[str, str], lang: str) -> list[dict[str, str]]:
    """Return the links from a page to the same page in the other languages."""
    names = {"vi": "Tiếng Việt", "en": "English"}
    others = [other for other in pages if other != lang]
    return [{"href": pages[other], "name": names[other], "lang": other} for other in others]


def part_of(data: Mapping[str, Any], number: int) -> Markup:
    """Return one output as HTML: a fragment as it is, a figure as data for the chart script.

    Raises
    ------
    ValueError
        It is neither: better no page than one with a hole.
    """
    if PLOTLY_MIME in data:
        return _figure(data[PLOTLY_MIME], number)
    if "text/html" in data:
        return Markup("".join(data["text/html"]))
    raise ValueError(f"a report cell shows {sorted(data)}: not for a page")


def _figure(figure: Mapping[str, Any], number: int) -> Markup:
    layout = figure.get("layout", {})
    description = layout.get("meta", {}).get("description", "")
    return Markup(
        '<div class="kts-figure" id="figure-{n}" data-figure="figure-{n}-data" role="img" '
        'aria-label="{label}" style="min-height:{height}px"></div>\n'
        '<script type="application/json" id="figure-{n}-data">{body}</script>'
    ).format(
        n=number,
        label=description,
        height=layout.get("height", 340),
        body=_script_json({"data": figure["data"], "layout": layout}),
    )


def _script_json(content: Mapping[str, Any]) -> Markup:
    """Return JSON that can stand in a script element."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))
