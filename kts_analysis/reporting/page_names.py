"""Names of the pages of a run."""

from __future__ import annotations

from collections.abc import Sequence


def index_name(lang: str, langs: Sequence[str]) -> str:
    """Return the index page's name; the run's first language has the plain one."""
    return "index.html" if lang == langs[0] else f"index.{lang}.html"
