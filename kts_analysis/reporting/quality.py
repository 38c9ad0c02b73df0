"""The page that says which figures are late, missing, doubtful or revised, and whom to ask."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from kts_analysis.fragments import render
from kts_analysis.i18n import Messages
from kts_analysis.pages.grounds import proof_page
from kts_analysis.pages.quality import data_quality, quality_header
from kts_analysis.reporting.files import write_whole
from kts_analysis.reporting.page import language_links, part_of, plotly_asset
from kts_analysis.reporting.page_names import index_name, quality_page
from kts_analysis.reporting.units import Unit


def write_quality(staging: Path, units: Iterable[Unit], lang: str, langs: Sequence[str]) -> None:
    """Write the data-quality page of one language: every plan of the run, on the run's day."""
    m = Messages(lang)
    # Also of a run on other borders: what is late or missing is asked of those who report.
    days = {unit.plan.id: unit.parameters["as_of"] for unit in units}
    reports = [data_quality(plan, as_of=day or None, lang=lang) for plan, day in days.items()]
    shown = [quality_header(reports), *(part for report in reports for part in report.parts())]
    text = render(
        "page.html",
        m,
        title=m("Data quality"),
        plan="kts_analysis",
        root="",
        index=index_name(lang, langs),
        proof=proof_page(lang),
        quality="",
        switches=language_links({other: quality_page(other) for other in langs}, lang),
        parts=[part_of({"text/html": part.data}, number) for number, part in enumerate(shown)],
        plotly=plotly_asset(),
        notebook="",
        documents=[],
    )
    write_whole(staging / quality_page(lang), f"{text}\n")
