"""The words of a report: statuses, reasons, qualifiers, and the sentence that says a verdict.

Every text is a message id; its Vietnamese stands in the catalogue. Words before and after a
deadline are two vocabularies that never mix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from kts_analysis.attainment import LIKELY, UNLIKELY
from kts_analysis.entries import Indicator
from kts_analysis.figures import Figure
from kts_analysis.i18n import N_, Messages
from kts_analysis.rows import Row, missing, rows_of


@dataclass(frozen=True)
class StatusWord:
    """How a status shows: a word, a symbol and a colour class, never the colour alone."""

    text: str
    symbol: str
    css: str


STATUS_WORDS = {
    "likely": StatusWord(N_("Likely to be reached"), "▲", "good"),
    "possible": StatusWord(N_("May be reached"), "△", "fair"),
    "unlikely": StatusWord(N_("Hard to reach"), "▽", "poor"),
    "very_unlikely": StatusWord(N_("Very hard to reach"), "▼", "bad"),
    "reached_early": StatusWord(N_("Reached early, to be kept"), "★", "good"),
    "insufficient": StatusWord(N_("Not enough to judge"), "?", "open"),
    "not_measured": StatusWord(N_("Not measured at this level"), "–", "none"),
    "exceeded": StatusWord(N_("Exceeded"), "✔✔", "good"),
    "met": StatusWord(N_("Met"), "✔", "good"),
    "missed": StatusWord(N_("Missed"), "✘", "bad"),
    "unknown": StatusWord(N_("No figure yet"), "○", "open"),
}

# Where the reason says more than the status, the word is the reason's.
SPECIAL_WORDS = {
    ("unknown", "area_ended"): StatusWord(N_("Not applicable (area ended)"), "∅", "open"),
    ("insufficient", "area_ended"): StatusWord(N_("Not applicable (area ended)"), "∅", "open"),
    ("unknown", "no_figure_at_deadline"): StatusWord(N_("No figure at the deadline"), "○", "open"),
}

REASONS = {
    "level": N_("this indicator is not measured at the level of the area"),
    "no_threshold": N_("no threshold is known for this deadline, so nothing is judged"),
    "no_data": N_("no figure had been published by this date"),
    "not_carried": N_("the figures there are could not be carried to the borders asked for"),
    "rival_series": N_("several measuring methods have figures and the plan names none of them"),
    "one_point": N_("one figure only: no trend can be drawn"),
    "two_points": N_("two figures only: they show a direction, not a trend"),
    "missing_sectors": N_("some sectors have no figure, so the lowest sector is not known"),
    "area_ended": N_("the area ended before this date; the figures stand on its former borders"),
    "figure_before_deadline": N_("the newest figure already stands at the threshold"),
    "projection": N_("chance from the projection to the deadline"),
    "borrowed": N_(
        "chance from a projection that borrows pace and spread from other areas: two figures only"
    ),
    "figure_at_deadline": N_("judged on the figure dated at the deadline"),
    "bound_undecided": N_("the figure is only a bound and leaves the question open"),
    "no_figure_at_deadline": N_("the deadline has passed but no figure is dated at it"),
    "only_later_figure": N_("there is only a figure dated after the deadline"),
}

QUALIFIERS = {
    "exact": N_("exact"),
    "about": N_("about"),
    "at_least": N_("more than"),
    "at_most": N_("nearly"),
    "estimate": N_("estimate"),
    "preliminary": N_("preliminary"),
}

VERIFICATION = {
    "verified": N_("read in two or more published sources"),
    "one_source": N_("read in one published source"),
    "unverified": N_("needs confirmation: not found in a published source"),
    "unknown": N_("no value known"),
}

ORIGINS = {
    "published": N_("published"),
    "reported": N_("reported"),
    "derived": N_("derived"),
    "synthetic": N_("SYNTHETIC"),
}

FLAGS = {
    "weak_source": N_("weak source (copy or mirror)"),
    "derived_value": N_("worked out from two printed numbers"),
    "period_inferred": N_("year or month not printed by the source"),
    "vintage_assumed": N_("no publication date: period end plus the usual delay is assumed"),
    "over_100": N_("above 100%: accounts, subscriptions or turns stand for people"),
    "harmonised": N_("carried to the borders of this report by counts"),
    "doubtful": N_("asked about when it came in: unusual for this indicator"),
    "method_break": N_("method or definition changed from this figure on"),
}

METHODS = {
    "damped_drift": N_("newest figure plus the part of the pace expected to last"),
    "linear": N_("straight line"),
    "time_weighted": N_("straight line, recent years weigh more"),
    "logit": N_("straight line on the logit scale"),
    "none": N_("no projection"),
}

COUNTED = {
    "people": N_("people"),
    "workers": N_("workers"),
    "households": N_("households"),
    "enterprises": N_("enterprises"),
    "institutions": N_("institutions"),
    "schools": N_("schools"),
    "money": N_("money"),
}

COMPARATORS = {">": N_("above"), ">=": N_("at least"), "<": N_("below"), "<=": N_("at most")}

UNCONFIRMED = "*"  # set after a threshold that needs confirmation

BEFORE = ("reached_early", "likely", "possible", "unlikely", "very_unlikely", "insufficient")
AFTER = ("exceeded", "met", "missed", "unknown")


def word_of(row: Row) -> StatusWord:
    """Return the word, symbol and colour of a verdict."""
    return SPECIAL_WORDS.get((row["status"], row["reason"]), STATUS_WORDS[row["status"]])


def status_text(status: str, m: Messages) -> str:
    """Return the word of a status."""
    return m(STATUS_WORDS[status].text)


def is_provisional(row: Row) -> bool:
    """Return whether a past deadline is judged on a figure that is itself doubtful."""
    doubtful = {"weak_source", "period_inferred"} & set(row["latest_flags"].split(";"))
    return row["status"] in ("exceeded", "met", "missed") and bool(doubtful)


def threshold_text(row: Row, m: Messages) -> str:
    """Return "at least 80%" for a verdict's threshold, "—" when there is none.

    One that needs confirmation carries a star wherever it prints.
    """
    if missing(row["threshold"]):
        return "—"
    decimals = next(n for n in range(5) if n == 4 or round(row["threshold"], n) == row["threshold"])
    value = m.percent(row["threshold"], decimals)
    star = UNCONFIRMED if row["verification"] == "unverified" else ""
    return f"{m(COMPARATORS[row['comparator']])} {value}{star}"


def value_text(value: float, m: Messages, beside: float = float("nan")) -> str:
    """Return a figure with the digits it has, two decimals at most: 10%, 7,5%, 14,02%.

    A figure close to the threshold `beside` it gets as many decimals as tell the two apart.
    """
    decimals = next(n for n in (0, 1, 2) if n == 2 or round(value, n) == round(value, 2))
    while round(value, decimals) == beside and value != beside and decimals < 6:
        decimals += 1
    return m.percent(value, decimals)


def figure_text(value: float, qualifier: str, m: Messages, beside: float = float("nan")) -> str:
    """Return a figure with the word its source uses ("more than 85,5%")."""
    shown = value_text(value, m, beside)
    if qualifier in ("exact", ""):
        return shown
    if qualifier in ("estimate", "preliminary"):
        return f"{shown} ({m(QUALIFIERS[qualifier])})"
    return f"{m(QUALIFIERS[qualifier])} {shown}"


def chance_text(probability: float, m: Messages) -> str:
    """Return a chance (0 to 1) in percent; the ends are never certain, and no cut is rounded over.

    Whole percents are cut down, not rounded, so that 79,6% never reads as the 80% of "likely".
    """
    if missing(probability):
        return "—"
    if probability < 0.01:
        return f"{m(COMPARATORS['<'])} {m.percent(1, 0)}"
    if probability > 0.99:
        return f"{m(COMPARATORS['>'])} {m.percent(99, 0)}"
    return m.percent(int(100 * probability + 1e-9), 0)


def short_chance(probability: float, m: Messages) -> str:
    """Return a chance (0 to 1) for a narrow cell: "54%", ">99%", nothing where there is none."""
    if missing(probability):
        return ""
    if probability < 0.01:
        return f"<{m.percent(1, 0)}"
    if probability > 0.99:
        return f">{m.percent(99, 0)}"
    return chance_text(probability, m)


def chance_words(probability: float, m: Messages) -> str:
    """Return a chance as people say it: "52% (about 5 in 10)"."""
    percent = chance_text(probability, m)
    if not 0.05 <= probability <= 0.95:
        return percent
    return m("{percent} (about {tenths} in 10)", percent=percent, tenths=round(10 * probability))


def count_text(value: float, card: Indicator, m: Messages) -> str:
    """Return "12.300 people" for a number of what the denominator counts; "" when unknown."""
    if missing(value) or card.counted == "money":
        return ""
    return f"{m.count(value)} {m(COUNTED[card.counted])}"


def day(text: str, m: Messages) -> str:
    """Return an ISO date in the reader's form, "—" when empty."""
    return m.date(date.fromisoformat(text)) if text else "—"


def verdict_sentence(row: Row, m: Messages) -> str:
    """Return the verdict in a sentence made from the same numbers as the table."""
    return " ".join([*standing_sentences(row, m), *_pace_sentences(row, m)])


def standing_sentences(row: Row, m: Messages) -> list[str]:
    """Return what is judged, on which figure, and what is projected, each in a sentence."""
    parts = [f"{m(word_of(row).text)}: {m(REASONS[row['reason']])}."]
    if is_provisional(row):
        parts.append(m("Provisional: the source of this figure is weak or its period is inferred."))
    if not missing(row["latest"]):
        parts.append(
            m(
                "The figure of {date} is {latest}; the target by {deadline} is {threshold}.",
                date=day(row["latest_date"], m),
                latest=figure_text(row["latest"], row["latest_qualifier"], m, row["threshold"]),
                deadline=day(row["deadline"], m),
                threshold=threshold_text(row, m),
            )
        )
    if not missing(row["probability"]):
        parts.append(
            m(
                "The projection for the deadline is {projected} (80% interval {low} to {high}): "
                "the chance to stand at the threshold is {chance}.",
                projected=m.percent(row["projected"]),
                low=m.percent(row["lo80"]),
                high=m.percent(row["hi80"]),
                chance=chance_words(row["probability"], m),
            )
        )
    return parts


def _pace_sentences(row: Row, m: Messages) -> list[str]:
    parts = []
    if not missing(row["pace_required"]) and row["pace_required"] > 0:
        required = pace_text(row["pace_required"], m)
        parts.append(m("It takes {required} a year to the deadline.", required=required))
        if not missing(row["pace_observed"]):
            observed = pace_text(row["pace_observed"], m)
            parts.append(m("So far it was {observed} a year.", observed=observed))
    return parts


def pace_text(pace: float, m: Messages) -> str:
    """Return a pace in points; a slow one keeps two decimals."""
    return m.points(pace, pace_decimals(pace))


def pace_decimals(pace: float) -> int:
    """Return how many decimals a pace needs: 0,27 points a year is not 0,3."""
    return 2 if abs(pace) < 1 else 1


def headline(verdicts: pd.DataFrame | Sequence[Row], m: Messages, *, pairs: bool = False) -> str:
    """Return one sentence on where an area stands: how many targets have which status.

    Parameters
    ----------
    pairs : bool
        The rows are of several areas: say "area-target pairs", not "targets".
    """
    measured = [row for row in rows_of(verdicts) if row["status"] != "not_measured"]
    words = [m(word_of(row).text).lower() for row in measured]
    counts = {word: words.count(word) for word in dict.fromkeys(words)}
    if len(counts) == 1 and len(words) > 1:
        listed = [m("all {status}", status=words[0])]
    else:
        most_first = sorted(counts.items(), key=lambda item: -item[1])
        listed = [f"{m.count(count)} {word}" for word, count in most_first]
    if pairs:
        start = m("Of {n} judgements (areas × targets measured there)", n=m.count(len(measured)))
    else:
        start = m.n(
            "Of {n} target measured at this level",
            "Of {n} targets measured at this level",
            len(measured),
        )
    text = f"{start}: {'; '.join(listed)}."
    open_ = [row["probability"] for row in measured if row["status"] == "unknown"]
    chances = [chance for chance in open_ if not missing(chance)]
    if chances:
        text += " " + _trend_sentence(chances, m)
    return text


def _trend_sentence(chances: Sequence[float], m: Messages) -> str:
    """Say what the trends promised where the figure at the deadline is not there."""
    good = sum(chance >= LIKELY for chance in chances)
    bad = sum(chance < UNLIKELY for chance in chances)
    return m(
        "By the trend up to the newest figures, {good} of these had a chance of at least 80% and "
        "{bad} less than 20%.",
        good=m.count(good),
        bad=m.count(bad),
    )


def vintage_text(figure: Figure, m: Messages) -> str:
    """Return a publication date as precisely as it is known; an assumed one says so."""
    if figure.vintage:
        return m.period(figure.vintage)
    return m("{date} (assumed)", date=m.date(figure.vintage_date))
