"""Names of the pages and tables of a run."""

from __future__ import annotations

from collections.abc import Sequence

from kts_analysis.i18n import LANGUAGES

# Tables of a report and of a run.
VERDICTS, ROLLUP = "verdicts.csv", "rollup.csv"
TRAJECTORIES, OBSERVATIONS = "trajectories.csv", "observations.csv"
VERDICTS_JSON, PACKAGE = "verdicts.json", "datapackage.json"  # of a run only


def index_name(lang: str, langs: Sequence[str]) -> str:
    """Return the index page's name; the run's first language has the plain one."""
    return "index.html" if lang == langs[0] else f"index.{lang}.html"


def quality_page(lang: str) -> str:
    """Return the name of the data-quality page, in the run's folder."""
    return "quality.html" if lang == LANGUAGES[0] else f"quality.{lang}.html"
