"""What every page needs and a process keeps: had ready once, pages of children find it there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from kts_analysis.backtest.evidence import load_evidence
from kts_analysis.chart_base import plotly_template
from kts_analysis.fragments import environment, stylesheet
from kts_analysis.i18n import LANGUAGES, Messages
from kts_analysis.pace_records import pace_table


def warm_up(langs: Iterable[str] = LANGUAGES) -> None:
    """Read and compile what pages share: templates, catalogues, signs of numbers, evidence.

    Parameters
    ----------
    langs : iterable of {"vi", "en"}

    Raises
    ------
    ValueError
        For an unknown language.
    """
    jinja = environment()
    for name in jinja.list_templates(extensions=["html"]):
        jinja.get_template(name)
    for lang in langs:
        m = Messages(lang)
        m.number(0.5)
        m.date(date(2000, 1, 1))
    plotly_template()
    load_evidence()
    pace_table()
    stylesheet()
