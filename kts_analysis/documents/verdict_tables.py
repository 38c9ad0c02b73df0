"""Tables of verdicts for a document: every target, areas by status, areas × targets."""

from __future__ import annotations

from collections.abc import Sequence

from kts_analysis.documents.content import Column, Table
from kts_analysis.documents.phrases import marked, unmeasured_sentence
from kts_analysis.entries import Plan
from kts_analysis.i18n import Messages
from kts_analysis.registry import Registry
from kts_analysis.rows import Row, missing
from kts_analysis.tables import gap_text, is_synthetic, unconfirmed_note
from kts_analysis.vi import MISSING, sort_key
from kts_analysis.wording import (
    chance_text,
    count_text,
    day,
    figure_text,
    pace_decimals,
    threshold_text,
    value_text,
    word_of,
)


def summary_table(rows: Sequence[Row], plan: Plan, m: Messages, caption: str) -> Table:
    """Return where each target stands, in five columns: for who has a minute."""
    columns = (
        Column(m("Target"), 4.2),
        Column(m("Threshold"), 1.8),
        Column(m("Newest figure"), 1.8, "right"),
        Column(m("Chance"), 1.2, "right"),
        Column(m("Status"), 2.2),
    )
    cells = tuple(
        (
            _name(row, plan, m),
            threshold_text(row, m),
            _latest(row, m),
            chance_text(row["probability"], m),
            m(word_of(row).text),
        )
        for row in _measured(rows)
    )
    return Table(marked(caption, m, synthetic=is_synthetic(rows)), columns, cells, _notes(rows, m))


def annex_table(
    rows: Sequence[Row], plan: Plan, registry: Registry, m: Messages, caption: str
) -> Table:
    """Return everything the verdicts say of each target, in points and in what it counts."""
    columns = (
        Column(m("No."), 0.75, "center"),
        Column(m("Target"), 4.3),
        Column(m("Threshold"), 1.6),
        Column(m("Newest figure"), 1.5, "right"),
        Column(m("Dated"), 1.7, "right"),
        Column(m("Gap, points"), 1.5, "right"),
        Column(m("Pace so far, points a year"), 1.35, "right"),
        Column(m("Pace required, points a year"), 1.9, "right"),
        Column(m("Projection (80% interval)"), 2.0, "right"),
        Column(m("Chance"), 1.2, "right"),
        Column(m("Status"), 1.9),
    )
    cells = tuple(
        (str(place), *_annex_cells(row, plan, registry, m))
        for place, row in enumerate(_measured(rows), 1)
    )
    return Table(marked(caption, m, synthetic=is_synthetic(rows)), columns, cells, _notes(rows, m))


def _annex_cells(row: Row, plan: Plan, registry: Registry, m: Messages) -> tuple[str, ...]:
    card = registry.indicators[plan.target(row["target_id"]).indicator]
    projection = MISSING
    if not missing(row["projected"]):
        low, high = m.number(row["lo80"]), m.number(row["hi80"])
        projection = f"{m.percent(row['projected'])} ({low}–{high})"
    gap = gap_text(row["gap"], m)
    if row["gap"] > 0:
        gap = _with(gap, count_text(row["gap_count"], card, m))
    required = _pace(row["pace_required"], m)
    if row["pace_required"] > 0:
        required = _with(required, count_text(row["pace_required_count"], card, m))
    return (
        _name(row, plan, m),
        threshold_text(row, m),
        _latest(row, m),
        day(row["latest_date"], m),
        gap,
        _pace(row["pace_observed"], m),
        required,
        projection,
        chance_text(row["probability"], m),
        m(word_of(row).text),
    )


def areas_table(rows: Sequence[Row], registry: Registry, m: Messages, caption: str) -> Table:
    """Return how many targets of each area have which status; areas in alphabetical order."""
    measured = _measured(rows)
    words = list(dict.fromkeys(word_of(row).text for row in measured))
    by_area: dict[str, list[str]] = {row["area_code"]: [] for row in rows}
    for row in measured:
        by_area[row["area_code"]].append(word_of(row).text)
    columns = (
        Column(m("Area"), 3.0),
        Column(m("Targets measured"), 1.2, "right"),
        *(Column(m(word), 1.2, "right") for word in words),
    )
    cells = tuple(
        (
            registry.area(code).title(m.lang),
            m.count(len(by_area[code])),
            *(m.count(by_area[code].count(word)) for word in words),
        )
        for code in _ordered(by_area, registry)
    )
    return Table(marked(caption, m, synthetic=is_synthetic(rows)), columns, cells)


def matrix_table(rows: Sequence[Row], registry: Registry, m: Messages, caption: str) -> Table:
    """Return areas × targets: symbol of the status and newest figure, with what symbols mean."""
    measured = _measured(rows)
    targets = list(dict.fromkeys(row["target_id"] for row in measured))
    cells = {(row["area_code"], row["target_id"]): row for row in measured}
    areas = _ordered(dict.fromkeys(row["area_code"] for row in rows), registry)
    columns = (
        Column(m("Area"), 2.4),
        *(Column(target, 1.0, "center") for target in targets),
    )
    body = tuple(
        (
            registry.area(code).title(m.lang),
            *(_matrix_cell(cells.get((code, target)), m) for target in targets),
        )
        for code in areas
    )
    legend = dict.fromkeys((word_of(row).symbol, m(word_of(row).text)) for row in measured)
    notes = [
        m("Newest figures in percent. {legend}.", legend="; ".join(f"{a} {b}" for a, b in legend))
    ]
    silent = {row["target_id"] for row in rows} - set(targets)
    unmeasured = [row for row in rows if row["target_id"] in silent][: len(silent)]
    notes += [text for text in [unmeasured_sentence(unmeasured, m)] if text]
    shown = marked(caption, m, synthetic=is_synthetic(rows))
    return Table(shown, columns, body, tuple(notes))


def _matrix_cell(row: Row | None, m: Messages) -> str:
    if row is None:
        return MISSING
    symbol = word_of(row).symbol
    if missing(row["latest"]):
        return symbol
    return f"{symbol} {value_text(row['latest'], m, row['threshold'])[:-1]}"


def _measured(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["status"] != "not_measured"]


def _ordered(codes: dict[str, object] | dict[str, list[str]], registry: Registry) -> list[str]:
    return sorted(codes, key=lambda code: sort_key(registry.area(code).name))


def _name(row: Row, plan: Plan, m: Messages) -> str:
    return f"{row['target_id']} {plan.target(row['target_id']).name.get(m.lang)}"


def _latest(row: Row, m: Messages) -> str:
    if missing(row["latest"]):
        return MISSING
    return figure_text(row["latest"], row["latest_qualifier"], m, row["threshold"])


def _pace(pace: float, m: Messages) -> str:
    return m.number(pace, pace_decimals(pace))


def _with(text: str, heads: str) -> str:
    return f"{text} ({heads})" if heads else text


def _notes(rows: Sequence[Row], m: Messages) -> tuple[str, ...]:
    """Return what must be said under a table: stars, and targets that are not measured here."""
    stars = any(row["verification"] == "unverified" for row in _measured(rows))
    notes = [unconfirmed_note(m)] if stars else []
    silent = unmeasured_sentence(rows, m)
    return tuple([*notes, silent] if silent else notes)
