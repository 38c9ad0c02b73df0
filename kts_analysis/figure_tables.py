"""Tables of single figures: with their periods, counts, sources and remarks, as accessible HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from kts_analysis.figures import Figure
from kts_analysis.fragments import Cell, render, table
from kts_analysis.i18n import Messages
from kts_analysis.registry import Registry
from kts_analysis.schema import FLAGS
from kts_analysis.wording import FLAGS as FLAG_WORDS
from kts_analysis.wording import ORIGINS, figure_text, vintage_text


def points_table(points: Sequence[Figure], m: Messages, caption: str) -> Markup:
    """Return the figures a verdict rests on, one row a period, with what is known of each."""
    rows: list[list[Cell]] = [
        [
            m.period(point.period),
            figure_text(point.value, point.qualifier, m),
            m.count(point.numerator),
            m.count(point.denominator),
            vintage_text(point, m),
            m(ORIGINS[point.origin]),
            flags_text(point.flags, m),
        ]
        for point in points
    ]
    columns = [
        m("Period"),
        m("Figure"),
        m("Numerator"),
        m("Denominator"),
        m("Published"),
        m("Origin"),
        m("Remarks"),
    ]
    return table(m, caption, columns, rows, synthetic=has_synthetic(points), text_columns=(5, 6))


def published_table(
    points: Sequence[Figure], registry: Registry, m: Messages, caption: str
) -> Markup:
    """Return figures of several methods side by side; rival methods are listed, never joined."""
    rows: list[list[Cell]] = [
        [
            registry.indicators[point.indicator].name.get(m.lang),
            registry.series[point.series].name.get(m.lang),
            m.period(point.period),
            figure_text(point.value, point.qualifier, m),
            vintage_text(point, m),
            _link(point),
            flags_text(point.flags, m),
        ]
        for point in points
    ]
    columns = [
        m("Indicator"),
        m("Measuring method"),
        m("Period"),
        m("Figure"),
        m("Published"),
        m("Source"),
        m("Remarks"),
    ]
    synthetic = has_synthetic(points)
    return table(m, caption, columns, rows, synthetic=synthetic, text_columns=(1, 2, 5, 6))


def sources_list(points: Iterable[Figure], m: Messages) -> Markup:
    """Return the sources of a line's figures, each once, with its address and dates."""
    periods: dict[tuple[str, str], list[str]] = {}
    for point in points:
        periods.setdefault((point.source, point.source_url), []).append(m.period(point.period))
    items = [
        {"text": f"{source}: {', '.join(listed)}", "url": safe_url(url), "note": ""}
        for (source, url), listed in periods.items()
    ]
    return render("sources.html", m, items=items)


def flags_text(flags: str, m: Messages) -> str:
    """Return the flags of a figure as words."""
    return "; ".join(m(FLAG_WORDS[flag]) for flag in FLAGS if flag in flags.split(";"))


def has_synthetic(figures: Iterable[Figure]) -> bool:
    """Return whether any figure is synthetic."""
    return any(figure.origin == "synthetic" for figure in figures)


def safe_url(url: str) -> str:
    """Return an address a page may link to, else nothing: data must not run scripts."""
    return url if url.startswith(("http://", "https://")) else ""


def _link(point: Figure) -> Cell:
    if not safe_url(point.source_url):
        return str(point.source)
    return Markup('<a href="{}" rel="noreferrer">{}</a>').format(point.source_url, point.source)
