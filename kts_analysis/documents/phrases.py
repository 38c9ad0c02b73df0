"""Paragraphs on a target that a clerk can paste: what is judged, what is projected, what it takes.

Made from the verdict row, in the words of the page and with its numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from kts_analysis.entries import Indicator
from kts_analysis.i18n import Messages
from kts_analysis.rows import Row, missing
from kts_analysis.wording import count_text, pace_text, standing_sentences


def standing_paragraph(row: Row, m: Messages) -> str:
    """Return status, newest figure, threshold, and the projection with its chance."""
    return " ".join(standing_sentences(row, m))


def effort_paragraph(row: Row, card: Indicator, m: Messages) -> str:
    """Return the gap and the paces, in points and in what the indicator counts; "" if unknown.

    Parameters
    ----------
    row : mapping
        A verdict.
    card : Indicator
        What its denominator counts.
    """
    return " ".join([*_gap(row, card, m), *_paces(row, card, m)])


def dates_sentence(dates: Iterable[tuple[str, str]]) -> str:
    """Return the dates of a target, a sentence each; "" without any."""
    listed = ". ".join(f"{label}: {text}" for label, text in dates)
    return f"{listed}." if listed else ""


def marked(text: str, m: Messages, *, synthetic: bool) -> str:
    """Return a caption, with the mark of synthetic data before it where it needs one."""
    return f"{m('SYNTHETIC DATA')} – {text}" if synthetic else text


def unmeasured_sentence(rows: Sequence[Row], m: Messages) -> str:
    """Return the targets that are not measured at this level, named once; "" when all are."""
    codes = [row["target_id"] for row in rows if row["status"] == "not_measured"]
    if not codes:
        return ""
    return m(
        "Not measured at this level, so no figure is invented for them: {targets}.",
        targets=", ".join(codes),
    )


def _gap(row: Row, card: Indicator, m: Messages) -> list[str]:
    if missing(row["gap"]):
        return []
    points = m.points(abs(row["gap"]), signed=False)
    if row["gap"] == 0:
        return [m("The newest figure is the very value of the threshold.")]
    if row["gap"] < 0:
        return [m("The newest figure is past the threshold by {points}.", points=points)]
    heads = count_text(row["gap_count"], card, m)
    if heads:
        text = m(
            "Still missing to the threshold: {points}, or {heads}.", points=points, heads=heads
        )
    else:
        text = m("Still missing to the threshold: {points}.", points=points)
    return [text]


def _paces(row: Row, card: Indicator, m: Messages) -> list[str]:
    parts = []
    if row["pace_required"] > 0:
        pace = pace_text(row["pace_required"], m)
        heads = count_text(row["pace_required_count"], card, m)
        if heads:
            text = m(
                "To be there by the deadline takes {pace} a year, or {heads} a year.",
                pace=pace,
                heads=heads,
            )
        else:
            text = m("To be there by the deadline takes {pace} a year.", pace=pace)
        parts.append(text)
    if not missing(row["pace_observed"]):
        parts.append(
            m("So far it was {observed} a year.", observed=pace_text(row["pace_observed"], m))
        )
    return parts


def plain(note: str) -> str:
    """Return a page's note without its links: paper has none."""
    return note.striptags() if isinstance(note, Markup) else note
