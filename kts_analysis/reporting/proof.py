"""The page that every claim about certainty links to: what past projections were worth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kts_analysis.chart_base import PLOTLY_MIME, Chart
from kts_analysis.fragments import render
from kts_analysis.i18n import Messages
from kts_analysis.pages.backtest import backtest_report
from kts_analysis.pages.grounds import proof_page
from kts_analysis.reporting.page import language_links, part_of, plotly_asset
from kts_analysis.reporting.page_names import index_name, quality_page


def write_proof(staging: Path, lang: str, langs: Sequence[str]) -> None:
    """Write the proof page of one language, from the evidence file that ships."""
    m = Messages(lang)
    report = backtest_report(lang=lang)
    shown: list[Any] = [report.header(), report.summary(), report.figures()]
    shown += report.reliability()
    shown += [*report.horizons(), report.coverage()]
    text = render(
        "page.html",
        m,
        title=m("What past projections were worth"),
        plan="kts_analysis",
        root="",
        index=index_name(lang, langs),
        proof=proof_page(lang),
        quality=quality_page(lang),
        switches=language_links({other: proof_page(other) for other in langs}, lang),
        parts=[part_of(_data(part), number) for number, part in enumerate(shown)],
        plotly=plotly_asset(),
        notebook="",
        documents=[],
    )
    path = staging / proof_page(lang)
    path.write_text(str(text) + "\n", encoding="utf-8", newline="\n")


def _data(part: Any) -> dict[str, Any]:
    """Return a part as a notebook cell would hold it."""
    if isinstance(part, Chart):
        return {PLOTLY_MIME: part.to_plotly_json()}
    return {"text/html": part.data}
