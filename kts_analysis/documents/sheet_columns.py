"""Columns of the tables of a workbook: verdicts, trajectories, figures, sums, contributions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from kts_analysis.documents.sheets import Cell, Column, Kind
from kts_analysis.entries import Plan
from kts_analysis.figure_tables import flags_text
from kts_analysis.figures import Figure
from kts_analysis.i18n import N_, Messages
from kts_analysis.registry import Registry
from kts_analysis.rows import Row
from kts_analysis.wording import (
    COMPARATORS,
    COUNTED,
    METHODS,
    ORIGINS,
    QUALIFIERS,
    REASONS,
    VERIFICATION,
    chance_words,
    is_provisional,
    vintage_text,
    word_of,
)

KINDS = {
    "observed": N_("figure"),
    "fitted": N_("trend line of the figures"),
    "projected": N_("projection"),
}
ROLE_WORDS = {
    "judged": N_("judged"),
    "beside": N_("shown beside, never joined"),
}
WAYS = {  # bases of `rollup_beside.province_forecast_table`
    "districts": N_("the areas' own forecasts, their errors together as estimated"),
    "districts_independent": N_("the areas' own forecasts, if their errors were independent"),
    "districts_common_fate": N_("the areas' own forecasts, if all errors went together"),
    "published": N_("the published series"),
    "summed": N_("the areas' counts added up"),
}
BOUNDS = ("coverage", "hard_low", "hard_high", "likely_low", "likely_high")
# First columns of the widest tables: what a reader of the paper asks for.
PRINTED, FIGURES_PRINTED = 17, 13


def verdict_columns(registry: Registry, m: Messages) -> list[Column]:
    """Return the columns of the verdict table; the first `PRINTED` are printed."""

    def area(row: Row) -> str:
        return registry.area(row["area_code"]).title(m.lang)

    def target(row: Row) -> str:
        return registry.plan(row["plan_id"]).target(row["target_id"]).name.get(m.lang)

    def status(row: Row) -> str:
        word = word_of(row)
        text = f"{word.symbol} {m(word.text)}"
        return f"{text}, {m('provisional')}" if is_provisional(row) else text

    return [
        Column(m("Area"), "text", area, 20),
        Column(m("Target"), "text", _of("target_id"), 9),
        Column(m("What is to be reached"), "text", target, 38),
        Column(m("Deadline"), "date", _day("deadline"), 11),
        Column(m("How compared"), "text", _word("comparator", COMPARATORS, m), 9),
        Column(m("Threshold, %"), _confirmed, _of("threshold"), 10),
        Column(m("Newest figure, %"), "percent", _of("latest"), 10),
        Column(m("As its source says"), "text", _word("latest_qualifier", QUALIFIERS, m), 11),
        Column(m("Dated"), "date", _day("latest_date"), 11),
        Column(m("Gap, points (below 0: past it)"), "points", _of("gap"), 11),
        Column(m("Pace so far, points a year"), "points", _of("pace_observed"), 11),
        Column(m("Pace required, points a year"), "points", _of("pace_required"), 11),
        Column(m("Projection at the deadline, %"), "percent", _of("projected"), 11),
        Column(m("80% interval from, %"), "percent", _of("lo80"), 10),
        Column(m("80% interval to, %"), "percent", _of("hi80"), 10),
        Column(m("Chance"), "chance", _of("probability"), 9),
        Column(m("Status"), "text", status, 26),
        Column(m("Why this status"), "line", _word("reason", REASONS, m), 40),
        Column(m("Chance in words"), "line", _chance(m), 22),
        Column(m("95% interval from, %"), "percent", _of("lo95"), 10),
        Column(m("95% interval to, %"), "percent", _of("hi95"), 10),
        Column(m("Required against so far, times"), "ratio", _of("acceleration"), 11),
        Column(m("What is counted"), "line", _word("counted", COUNTED, m), 12),
        Column(m("Gap in heads"), "count", _of("gap_count"), 11),
        Column(m("Pace required, heads a year"), "count", _of("pace_required_count"), 12),
        Column(m("Hardly before (1 chance in 10)"), "date", _day("earliest"), 12),
        Column(m("Even chance to reach it by"), "date", _day("attainment_date"), 12),
        Column(m("Likely by (9 chances in 10)"), "date", _day("latest_likely"), 12),
        Column(m("Threshold confirmed?"), "line", _word("verification", VERIFICATION, m), 26),
        Column(m("Lowest sector"), "line", _of("breakdown"), 14),
        Column(m("Measuring method"), "line", _series(registry, m), 22),
        Column(m("Projection method"), "line", _word("method", METHODS, m), 26),
        Column(m("Figures used"), "count", _of("n_points"), 9),
        Column(m("Origin"), "line", _word("origin", ORIGINS, m), 17),
        Column(m("Newest publication used"), "date", _day("vintage"), 12),
        Column(m("Remarks"), "line", _flags(m), 26),
        Column(m("Source of the newest figure"), "line", _of("source"), 30),
        Column(m("Address of the source"), "link", _of("source_url"), 30),
        Column(m("Plan"), "line", _of("plan_id"), 15),
        Column(m("Area code"), "line", _of("area_code"), 8),
    ]


def path_columns(plan: Plan, m: Messages) -> list[Column]:
    """Return the columns of the trajectory table."""

    def target(row: Row) -> str:
        return plan.target(row["target_id"]).name.get(m.lang)

    def horizon(row: Row) -> Cell:
        return row["horizon_years"] if row["kind"] == "projected" else None

    return [
        Column(m("Target"), "text", _of("target_id"), 9),
        Column(m("What is to be reached"), "line", target, 38),
        Column(m("Sector"), "line", _of("breakdown"), 12),
        Column(m("Date"), "date", _day("date"), 11),
        Column(m("Kind"), "line", _word("kind", KINDS, m), 22),
        Column(m("Value, % (median of a projection)"), "percent", _of("value"), 12),
        Column(m("As its source says"), "line", _word("qualifier", QUALIFIERS, m), 12),
        Column(m("50% interval from, %"), "percent", _of("lo50"), 10),
        Column(m("50% interval to, %"), "percent", _of("hi50"), 10),
        Column(m("80% interval from, %"), "percent", _of("lo80"), 10),
        Column(m("80% interval to, %"), "percent", _of("hi80"), 10),
        Column(m("95% interval from, %"), "percent", _of("lo95"), 10),
        Column(m("95% interval to, %"), "percent", _of("hi95"), 10),
        Column(m("Years past the newest figure"), "ratio", horizon, 11),
        Column(m("Figures used"), "count", _of("n_points"), 9),
        Column(m("Projection method"), "line", _word("method", METHODS, m), 26),
        Column(m("Origin"), "line", _word("origin", ORIGINS, m), 17),
    ]


def figure_columns(registry: Registry, m: Messages) -> list[Column]:
    """Return the columns of the figures of a report, from `documents.rows.figures_shown`."""

    def name(row: Row) -> str:
        return registry.indicators[row["indicator"]].name.get(m.lang)

    def published(row: Row) -> Cell:
        known = {name: row[name] for name in Figure._fields}
        return vintage_text(Figure(**known), m)

    return [
        Column(m("Indicator"), "text", _of("indicator"), 10),
        Column(m("What is measured"), "line", name, 36),
        Column(m("Use in the report"), "line", _word("role", ROLE_WORDS, m), 14),
        Column(m("Sector"), "line", _of("breakdown"), 12),
        Column(m("Period"), "line", _period(m), 12),
        Column(m("Value, %"), "percent", _of("value"), 9),
        Column(m("As its source says"), "line", _word("qualifier", QUALIFIERS, m), 11),
        Column(m("Numerator"), "count", _of("numerator"), 13),
        Column(m("Denominator"), "count", _of("denominator"), 13),
        Column(m("Published"), "line", published, 13),
        Column(m("Origin"), "line", _word("origin", ORIGINS, m), 17),
        Column(m("Remarks"), "line", _flags(m), 22),
        Column(m("Source"), "line", _of("source"), 30),
        Column(m("Period ends"), "date", _of("period_end"), 11),
        Column(m("What the denominator is"), "line", _of("denominator_concept"), 18),
        Column(m("Measuring method"), "line", _series(registry, m), 20),
        Column(m("Address of the source"), "link", _of("source_url"), 30),
        Column(m("Note"), "line", _of("note"), 30),
        Column(m("Area code"), "line", _of("area_code"), 8),
    ]


def sum_columns(plan: Plan, registry: Registry, m: Messages) -> list[Column]:
    """Return the columns of what the areas add up to."""
    return [
        Column(m("Target"), "text", _of("target_id"), 9),
        Column(m("What is to be reached"), "line", _target(plan, m), 38),
        Column(m("Period"), "line", _period(m), 12),
        Column(m("Period ends"), "date", _of("period_end"), 11),
        Column(m("Rate, %"), "percent", _of("value"), 9),
        Column(m("Numerator"), "count", _of("numerator"), 14),
        Column(m("Denominator"), "count", _of("denominator"), 14),
        Column(m("Areas counted"), "count", _of("counted"), 9),
        Column(m("Of areas"), "count", _of("expected"), 9),
        Column(m("Without figures"), "text", _left_out(registry, m), 36),
        Column(m("Coverage, %"), "percent", _of("coverage"), 10),
        Column(m("Surely from, %"), "percent", _of("hard_low"), 9),
        Column(m("Surely to, %"), "percent", _of("hard_high"), 9),
        Column(m("Likely from, %"), "percent", _of("likely_low"), 9),
        Column(m("Likely to, %"), "percent", _of("likely_high"), 9),
        Column(m("As its source says"), "line", _word("qualifier", QUALIFIERS, m), 12),
        Column(m("Origin"), "line", _word("origin", ORIGINS, m), 17),
    ]


def way_columns(plan: Plan, registry: Registry, m: Messages) -> list[Column]:
    """Return the columns of the ways a province is forecast."""
    return [
        Column(m("Target"), "text", _of("target_id"), 9),
        Column(m("What is to be reached"), "line", _target(plan, m), 38),
        Column(m("Deadline"), "date", _of("deadline"), 11),
        Column(m("Made from"), "text", _word("basis", WAYS, m), 36),
        Column(m("Median, %"), "percent", _of("median"), 9),
        Column(m("80% interval from, %"), "percent", _of("lo80"), 10),
        Column(m("80% interval to, %"), "percent", _of("hi80"), 10),
        Column(m("95% interval from, %"), "percent", _of("lo95"), 10),
        Column(m("95% interval to, %"), "percent", _of("hi95"), 10),
        Column(m("Chance"), "chance", _of("probability"), 9),
        Column(m("Correlation of errors"), "ratio", _of("rho"), 11),
        Column(m("Areas used"), "count", _of("areas"), 9),
        Column(m("Coverage, %"), "percent", _of("coverage"), 10),
        Column(m("Figures used"), "count", _of("n_points"), 9),
        Column(m("Left out"), "text", _left_out(registry, m), 30),
        Column(m("Origin"), "line", _word("origin", ORIGINS, m), 17),
    ]


def share_columns(plan: Plan, registry: Registry, m: Messages) -> list[Column]:
    """Return the columns of who holds a target back."""

    def area(row: Row) -> str:
        return registry.area(row["area_code"]).title(m.lang)

    def counted(row: Row) -> str:
        return m(COUNTED[registry.indicators[plan.target(row["target_id"]).indicator].counted])

    return [
        Column(m("Target"), "text", _of("target_id"), 9),
        Column(m("What is to be reached"), "line", _target(plan, m), 38),
        Column(m("Area"), "line", area, 20),
        Column(m("Newest figure, %"), "percent", _of("latest"), 10),
        Column(m("Dated"), "date", _day("latest_date"), 11),
        Column(m("Gap, points (below 0: past it)"), "points", _of("gap"), 11),
        Column(m("Still missing, heads"), "count", _of("gap_count"), 12),
        Column(m("What is counted"), "line", counted, 12),
        Column(m("Share of all missing, %"), "percent", _of("share"), 11),
        Column(m("Origin"), "line", _word("origin", ORIGINS, m), 17),
    ]


def _confirmed(row: Row) -> Kind:
    """Return how a threshold shows: one that needs confirmation carries a star."""
    return "starred" if row["verification"] == "unverified" else "percent"


def _of(name: str) -> Callable[[Row], Cell]:
    return lambda row: row[name]


def _day(name: str) -> Callable[[Row], Cell]:
    """Return a cell that is a date where a whole date is known, else the text."""
    return lambda row: date.fromisoformat(row[name]) if len(row[name]) == 10 else row[name]


def _word(name: str, words: Mapping[str, str], m: Messages) -> Callable[[Row], Cell]:
    """Return a cell in the reader's words for a code of a closed list."""
    return lambda row: m(words[row[name]]) if row[name] in words else row[name]


def _left_out(registry: Registry, m: Messages) -> Callable[[Row], Cell]:
    return lambda row: ", ".join(registry.area(code).title(m.lang) for code in row["missing"])


def _flags(m: Messages) -> Callable[[Row], Cell]:
    return lambda row: flags_text(row["flags"], m)


def _period(m: Messages) -> Callable[[Row], Cell]:
    return lambda row: m.period(row["period"])


def _chance(m: Messages) -> Callable[[Row], Cell]:
    return lambda row: (
        chance_words(row["probability"], m) if row["probability"] == row["probability"] else ""
    )


def _series(registry: Registry, m: Messages) -> Callable[[Row], Cell]:
    known = registry.series
    return lambda row: (
        known[row["series"]].name.get(m.lang) if row["series"] in known else row["series"]
    )


def _target(plan: Plan, m: Messages) -> Callable[[Row], Cell]:
    return lambda row: plan.target(row["target_id"]).name.get(m.lang)
