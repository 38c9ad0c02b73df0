"""Printed totals against the rows they add up: shown where they differ, never papered over."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from kts_analysis.errors import Problem
from kts_analysis.i18n import N_
from kts_analysis.ingest.cells import Cell
from kts_analysis.ingest.figure_cells import written
from kts_analysis.ingest.mapped import Total
from kts_analysis.ingest.quantities import read_quantity

ADDED = ("numerator", "denominator")  # rates do not add up
ROUNDING = Decimal("0.5")  # a row; counts printed in thousands or with a comma


def total_problems(totals: Iterable[Total]) -> list[Problem]:
    """Return printed totals that are not the sum of the rows above them, as warnings.

    A total of which a row is missing or unreadable is not compared.
    """
    problems = []
    for total in totals:
        for column in total.columns:
            if column.figures.field not in ADDED:
                continue
            printed = _count(total.grid.at(total.row, column.number))
            parts = [_count(total.grid.at(row, column.number)) for row in total.rows]
            known = [part for part in parts if part is not None]
            if printed is None or len(known) < len(parts) or len(known) < 2:
                continue
            added = sum(known, Decimal(0))
            if abs(added - printed) > ROUNDING * len(known):
                problems.append(_problem(total, column.number, printed, added))
    return problems


def _problem(total: Total, column: int, printed: Decimal, added: Decimal) -> Problem:
    cell = total.grid.at(total.row, column)
    return Problem(
        total.grid.file,
        N_("the total printed is {found}, the {n} rows above add up to {added}"),
        found=written(printed),
        params={"added": added, "n": len(total.rows)},
        severity="warning",
        sheet=total.grid.sheet,
        cell=cell.ref,
        remedy=N_("ask which of them is right; the total itself is not stored"),
    )


def _count(cell: Cell) -> Decimal | None:
    if not cell.stored:
        return None
    return read_quantity(cell.value, number_format=cell.number_format).value
