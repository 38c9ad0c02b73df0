"""HTML fragments: small Jinja templates filled with escaped data, shown in a notebook cell."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import Any

import jinja2
from IPython.display import HTML
from markupsafe import Markup

from kts_analysis.i18n import Messages

Cell = str | Markup


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """Return the templates: all from data is escaped, a missing name is an error."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("kts_analysis", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,  # they come with the package: no need to look whether they changed
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


def render(template: str, m: Messages, **values: Any) -> Markup:
    """Return a template filled in, as safe HTML."""
    return Markup(environment().get_template(template).render(m=m, **values))


def fragment(template: str, m: Messages, **values: Any) -> HTML:
    """Return a template filled in, ready to be shown by a notebook cell."""
    return HTML(str(render(template, m, **values)))


def table(
    m: Messages,
    caption: str,
    columns: list[str],
    rows: list[list[Cell]],
    *,
    synthetic: bool,
    numeric_from: int = 1,
    text_columns: tuple[int, ...] = (),
) -> Markup:
    """Return an accessible table: caption, scoped headers, numbers to the right.

    Parameters
    ----------
    caption : str
        What the table shows; synthetic data are named in it.
    columns : list of str
        Header texts; the first column heads the rows.
    rows : list of list
        Cells in order.
    synthetic : bool
        Whether any figure in it is synthetic.
    numeric_from : int
        First column set to the right.
    text_columns : tuple of int
        Later columns that are words all the same.
    """
    return render(
        "table.html",
        m,
        caption=caption,
        columns=columns,
        rows=rows,
        synthetic=synthetic,
        numeric_from=numeric_from,
        text_columns=text_columns,
    )


def style() -> HTML:
    """Return the style sheet for looking at fragments inside JupyterLab."""
    return HTML(f"<style>{stylesheet()}</style>")


def stylesheet() -> str:
    """Return the text of the style sheet that pages link to."""
    return asset("kts.css")


def asset(name: str) -> str:
    """Return the text of a file shipped in ``assets``."""
    return resources.files("kts_analysis").joinpath("assets", name).read_text(encoding="utf-8")
