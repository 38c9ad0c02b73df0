"""Tables of a province made from its areas: sums and bounds, ways to forecast, who holds back."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from markupsafe import Markup

from kts_analysis.fragments import Cell, table
from kts_analysis.i18n import N_, Messages
from kts_analysis.published_against import Beside
from kts_analysis.registry import Registry
from kts_analysis.rows import Row, missing, rows_of
from kts_analysis.tables import MOST, SHOWN, gap_text, is_synthetic
from kts_analysis.vi import MISSING
from kts_analysis.wording import (
    QUALIFIERS,
    chance_text,
    count_text,
    day,
    figure_text,
    value_text,
)


def rollup_table(
    sums: pd.DataFrame, bounds: pd.DataFrame, registry: Registry, m: Messages, caption: str
) -> Markup:
    """Return what the areas add up to, period by period, with who is missing.

    Parameters
    ----------
    sums : pandas.DataFrame
        From `rollup.add_up`.
    bounds : pandas.DataFrame
        From `rollup_bounds.province_bounds`: coverage and bounds of the periods in which areas are
        missing; their columns stand only where there is such a period.
    """
    columns, rows = rollup_cells(sums, bounds, registry, m)
    synthetic = is_synthetic(sums)
    return table(m, caption, columns, rows, synthetic=synthetic, text_columns=(len(columns) - 1,))


def rollup_cells(
    sums: pd.DataFrame, bounds: pd.DataFrame, registry: Registry, m: Messages
) -> tuple[list[str], list[list[Cell]]]:
    """Return head and rows of `rollup_table`, for whoever sets them."""
    holes = {row["period"]: row for row in rows_of(bounds) if row["counted"] < row["expected"]}
    rows: list[list[Cell]] = []
    for row in rows_of(sums):
        cells: list[Cell] = [
            m.period(row["period"]),
            value_text(round(row["value"], 2), m),
            m.count(row["numerator"]),
            m.count(row["denominator"]),
            f"{row['counted']}/{row['expected']}",
        ]
        if holes:
            cells += _hole_cells(holes.get(row["period"]), m)
        rows.append([*cells, names_text(row["missing"], registry, m)])
    columns = [
        m("Period"),
        m("Rate of the areas counted") if holes else m("Rate"),
        m("Numerator"),
        m("Denominator"),
        m("Areas counted"),
        *([m("Coverage"), m("All areas: surely"), m("All areas: likely")] if holes else []),
        m("Without figures"),
    ]
    return columns, rows


def _hole_cells(row: Row | None, m: Messages) -> list[Cell]:
    if row is None:
        return [m.percent(100, 0), MISSING, MISSING]
    return [
        m.percent(row["coverage"]),
        range_text(row["hard_low"], row["hard_high"], m),
        range_text(row["likely_low"], row["likely_high"], m),
    ]


def range_text(low: float, high: float, m: Messages) -> str:
    """Return "49,9–59,6%"; a dash where an end is not known."""
    if missing(low) or missing(high):
        return MISSING
    return f"{m.number(low)}–{m.percent(high)}"


def names_text(codes: Sequence[str], registry: Registry, m: Messages) -> str:
    """Return the names of areas; of very many, the first and how many more there are."""
    shown = codes if len(codes) <= MOST else codes[:SHOWN]
    names = ", ".join(registry.area(code).title(m.lang) for code in shown)
    left = len(codes) - len(shown)
    return m("{names} and {n} more", names=names, n=m.count(left)) if left else names


def forecast_table(
    rows: Sequence[Row], labels: Sequence[str], m: Messages, caption: str, *, synthetic: bool
) -> Markup:
    """Return the whole's forecasts side by side, one row a basis.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of `rollup_beside.province_forecast_table`.
    labels : sequence of str
        Each basis in plain words.
    """
    cells: list[list[Cell]] = [
        [
            label,
            m.percent(row["median"]),
            range_text(row["lo80"], row["hi80"], m),
            chance_text(row["probability"], m),
        ]
        for row, label in zip(rows, labels, strict=True)
    ]
    columns = [m("Made from"), m("Median"), m("80% interval"), m("Chance")]
    return table(m, caption, columns, cells, synthetic=synthetic)


KINDS = {
    "numerator": N_("Numerator"),
    "denominator": N_("Denominator"),
    "rate": N_("Rate (no counts published)"),
}
AGREES = {True: N_("in agreement"), False: N_("not in agreement"), None: N_("cannot be told")}


def published_against_table(
    pairs: Sequence[Beside], registry: Registry, m: Messages, caption: str
) -> Markup:
    """Return published numbers beside the sums of the areas, with the difference."""
    rows: list[list[Cell]] = [
        [
            m.period(pair.figure.period),
            registry.series[pair.figure.series].name.get(m.lang),
            m(KINDS[pair.kind]),
            _published(pair, m),
            value_text(round(pair.total, 2), m) if pair.kind == "rate" else m.count(pair.total),
            difference_text(pair, m),
            m(AGREES[pair.agrees]),
            names_text(pair.missing, registry, m),
        ]
        for pair in pairs
    ]
    columns = [
        m("Period"),
        m("Measuring method"),
        m("Quantity"),
        m("Published"),
        m("Sum of the areas"),
        m("Published less sum"),
        m("The two are"),
        m("Without figures"),
    ]
    synthetic = any(pair.origin == "synthetic" for pair in pairs)
    return table(m, caption, columns, rows, synthetic=synthetic, text_columns=(1, 2, 6, 7))


def _published(pair: Beside, m: Messages) -> str:
    if pair.kind == "rate":
        return figure_text(pair.published, pair.figure.qualifier, m)
    count = m.count(pair.published)
    exact = pair.figure.qualifier in ("exact", "")
    return count if exact else f"{count} ({m(QUALIFIERS[pair.figure.qualifier])})"


def difference_text(pair: Beside, m: Messages) -> str:
    """Return a difference with its sign, in counts or points."""
    if pair.kind == "rate":
        return m.points(pair.difference, 2)
    return f"{'+' if pair.difference > 0 else ''}{m.count(pair.difference)}"


def contribution_table(
    rows: Sequence[Row],
    registry: Registry,
    m: Messages,
    caption: str,
    card: str,
    others: Sequence[Row] = (),
) -> Markup:
    """Return who holds a target back: points and heads missing, largest first.

    `others` are areas not listed; what they miss stands in a last row, so that the shares add up.
    Where no area has counts, only the points are shown.
    """
    unit = registry.indicators[card]
    counted = any(not missing(row["gap_count"]) for row in (*rows, *others))
    cells: list[list[Cell]] = [
        [
            registry.area(row["area_code"]).title(m.lang),
            value_text(row["latest"], m),
            day(row["latest_date"], m),
            gap_text(row["gap"], m),
            count_text(row["gap_count"], unit, m),
            m.number(row["home_points"], 2),
            m.percent(row["share"]),
        ]
        for row in rows
    ]
    if others and counted:
        behind = [row for row in others if row["gap_count"] > 0]
        heads, points, share = (
            sum(row[name] for row in behind) for name in ("gap_count", "home_points", "share")
        )
        name = m("The other {n} areas together", n=m.count(len(others)))
        cells.append(
            [
                name,
                *[MISSING] * 3,
                count_text(heads, unit, m),
                m.number(points, 2),
                m.percent(share),
            ]
        )
    columns = [
        m("Area"),
        m("Newest figure"),
        m("Dated"),
        m("Own gap, points"),
        m("Still missing"),
        m("Points of the whole"),
        m("Share of all missing"),
    ]
    if not counted:
        columns, cells = columns[:4], [row[:4] for row in cells]
    return table(m, caption, columns, cells, synthetic=is_synthetic(rows))
