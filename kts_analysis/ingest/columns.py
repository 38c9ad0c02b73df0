"""Columns of values looked at as a whole: percent, fractions of one, or a mixture."""

from __future__ import annotations

from collections.abc import Iterable

from kts_analysis.errors import Problem
from kts_analysis.i18n import N_
from kts_analysis.ingest.cells import place_of
from kts_analysis.ingest.meaning import Entry
from kts_analysis.ingest.quantities import scale_of


def scale_problems(entries: Iterable[Entry]) -> list[Problem]:
    """Return values that may be fractions of one (0,85) where percent (85) is meant.

    A column that is all fractions, or a mixture, is asked about at each cell up to 1: nothing here
    multiplies by itself. Values that follow from counts beside them need no question.
    """
    columns: dict[tuple[str, str, int], list[Entry]] = {}
    for entry in entries:
        cell = entry.statement.cells.get("value")
        if cell is None or not cell.ref or entry.statement.factor != 1 or _has_counts(entry):
            continue
        place = (entry.statement.file, entry.statement.sheet, place_of(cell.ref)[1])
        columns.setdefault(place, []).append(entry)
    problems = []
    for column in columns.values():
        scale = scale_of(entry.figures["value"] for entry in column if "value" in entry.figures)
        if scale not in ("fraction", "mixed"):
            continue
        for entry in column:
            quantity = entry.figures.get("value")
            if quantity is not None and quantity.value is not None and _may_be_fraction(entry):
                message = (
                    N_("{found}: the whole column lies below 1: percent (85) or fractions (0,85)?")
                    if scale == "fraction"
                    else N_("{found} stands in a column with values like 85: 0,85 or 85 percent?")
                )
                remedy = N_("write it with a % sign, or say scale: fraction in the mapping file")
                problems.append(entry.statement.problem("value", message, remedy=remedy))
    return problems


def _may_be_fraction(entry: Entry) -> bool:
    quantity = entry.figures["value"]
    return quantity.value is not None and 0 < quantity.value <= 1 and not quantity.percent


def _has_counts(entry: Entry) -> bool:
    return bool(entry.cells["numerator"] and entry.cells["denominator"])
