"""Which rows of an observation file need a closer look: most do not, and are cleared together.

`checks.row_problems` looks at one row after the other and finds the words for what is wrong. Here
the same limits are held against whole columns, so that it need not be asked about rows that have
nothing wrong: a row that is not named here has no problem and no warning.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from kts_analysis.checks import ROUNDING, flags_known, plan_sectors, such_a_day
from kts_analysis.registry import Registry

Columns = Mapping[str, Sequence[str]]
Marks = NDArray[np.bool_]


def suspects(columns: Columns, registry: Registry, hint: tuple[str, ...]) -> list[int]:
    """Return the places of the rows that `checks.row_problems` must look at.

    Parameters
    ----------
    columns : mapping of str to sequence of str
        The cells by column, every one of them as the schema wants it.
    registry : Registry
    hint : tuple of str
        Area the file's name speaks of, as in `row_problems`.

    Returns
    -------
    list of int
        In order; every row with a problem or a warning is among them, and few others.
    """
    marked = _unknown_names(columns, registry, hint) | _odd_numbers(columns, registry)
    return [int(place) for place in np.flatnonzero(marked)]


def _unknown_names(columns: Columns, registry: Registry, hint: tuple[str, ...]) -> Marks:
    """Rows with a code, a flag or a day there is not, or in the file of another area."""
    sectors = plan_sectors(registry)
    marked = np.zeros(len(columns["area_code"]), dtype=bool)

    def mark(name: str, wrong: Collection[str]) -> None:
        if wrong:
            np.logical_or(marked, [cell in wrong for cell in columns[name]], out=marked)

    codes = set(columns["area_code"])
    mark("area_code", {code for code in codes if not registry.has_area(code)})
    mark("area_code", codes - set(hint) if hint else ())
    mark("indicator", set(columns["indicator"]) - set(registry.indicators))
    mark("series", set(columns["series"]) - set(registry.series))
    mark("breakdown", set(columns["breakdown"]) - sectors - {""})
    mark("flags", {cell for cell in set(columns["flags"]) if not flags_known(cell)})
    for name in ("period", "vintage"):
        mark(name, {cell for cell in set(columns[name]) if not such_a_day(cell)})
    return marked


def _odd_numbers(columns: Columns, registry: Registry) -> Marks:
    """Rows whose value, numerator and denominator do not fit each other without a question."""
    value, above, below = (numbers(columns[name]) for name in ("value", "numerator", "denominator"))
    told, counted = ~np.isnan(value), ~(np.isnan(above) | np.isnan(below))
    with np.errstate(invalid="ignore", divide="ignore"):
        odd = ~told & ~counted
        odd |= (above < 0) | (below <= 0) | (above > below)
        odd |= (value < 0) | (value > 100)
        odd |= np.abs(value - 100 * above / below) > ROUNDING
    if not told.all():
        cards = registry.indicators
        uncounted = {code for code, card in cards.items() if card.function is None}
        odd |= ~told & np.array([code in uncounted for code in columns["indicator"]], dtype=bool)
    return np.asarray(odd, dtype=bool)


def numbers(cells: Sequence[str]) -> NDArray[np.float64]:
    """Return cells that hold a number or nothing as floats, NaN for nothing."""
    return np.array([float(cell) if cell else np.nan for cell in cells], dtype=float)
