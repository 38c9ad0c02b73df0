"""How whole releases of a target's figures revised each other: a picture and a table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from kts_analysis.charts import vintages_figure
from kts_analysis.entries import Target
from kts_analysis.figure_tables import published_table
from kts_analysis.figures import Figure, newest_of
from kts_analysis.fragments import fragment
from kts_analysis.pages.context import Context
from kts_analysis.selection import Line
from kts_analysis.wording import vintage_text


def vintages_parts(context: Context, line: Line, target: Target) -> list[Any]:
    """Return the parts of a target's block on its vintages; nothing where no release revised one.

    Parameters
    ----------
    line : Line
        The line of the target that is judged.
    """
    vintages = _vintages(context, line)
    return _revisions(context, target, vintages) if vintages else []


def _vintages(context: Context, line: Line) -> dict[str, list[Figure]]:
    """Figures by publication date, when whole releases revise each other."""
    m = context.m
    published: dict[date, list[Figure]] = {}
    for figure in context.view.figures.at(line.area.code, line.indicator):
        if (figure.series, figure.breakdown) == (line.series, line.breakdown):
            published.setdefault(figure.vintage_date, []).append(figure)
    releases = {}
    for _, figures in sorted(published.items()):
        points = newest_of(figures)
        if len(points) > 1:
            releases[m("published {date}", date=vintage_text(figures[0], m))] = points
    return releases if len(releases) > 1 else {}


def _revisions(context: Context, target: Target, vintages: Mapping[str, list[Figure]]) -> list[Any]:
    m = context.m
    sentence = m(
        "{name}: the same years as published at different dates. A revision can be larger "
        "than a year's change.",
        name=target.name.get(m.lang),
    )
    rows = [figure for figures in vintages.values() for figure in figures]
    rows.sort(key=lambda figure: (figure.period_end, figure.vintage_date))
    caption = m("Vintages of {target}", target=target.id)
    body = published_table(rows, context.registry, m, caption)
    details = fragment(
        "details.html", m, sentence=sentence, parts=[(m("Figures by vintage"), body)]
    )
    return [vintages_figure(vintages, m, sentence), details]
