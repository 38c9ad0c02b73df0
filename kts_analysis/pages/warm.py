"""What every page needs and a process keeps: had ready once, pages of children find it there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from datetime import date

from kts_analysis.backtest.evidence import load_evidence
from kts_analysis.errors import KtsError
from kts_analysis.fragments import environment, stylesheet
from kts_analysis.i18n import LANGUAGES, Messages
from kts_analysis.moved_plans import registry_asked
from kts_analysis.pace_records import pace_table
from kts_analysis.pages.area import area_report
from kts_analysis.registry_files import load_registry


def rehearse(
    plan: str, deadline: int, as_of: str | None, borders: str = "", weights: str = ""
) -> None:
    """Make the parts of one area's report and forget them: what is found by the way is kept.

    An area whose data are broken, or a plan without areas, leaves it to the reports to say so.
    """
    areas = registry_asked(load_registry(), borders).plan(plan).areas
    if not areas:
        return
    with contextlib.suppress(KtsError):
        report = area_report(
            areas[0], plan, deadline=deadline, as_of=as_of, borders=borders, weights=weights
        )
        shown = [report.header(), report.summary(), report.table(), report.method()]
        for parts in (report.before_deadline, report.changes, report.outlook, report.targets):
            shown += parts()
        shown += report.not_measured()


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
    load_evidence()
    pace_table()
    stylesheet()
