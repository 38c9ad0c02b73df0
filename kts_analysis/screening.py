"""Which rows of an observation file need a closer look: most do not, and are cleared together.

`checks.row_problems` looks at one row after the other and finds the words for what is wrong. Here
the same limits are held against whole columns, so that it need not be asked about rows that have
nothing wrong: a row that is not named here has no problem and no warning.
"""

from __future__ import annotations

import numpy as np

from kts_analysis.cell_checks import COUNTS
from kts_analysis.checks import ROUNDING, flags_known, plan_sectors, such_a_day
from kts_analysis.columns import Columns, Marks
from kts_analysis.registry import Registry


def suspects(columns: Columns, registry: Registry, hint: tuple[str, ...]) -> list[int]:
    """Return the places of the rows that `checks.row_problems` must look at.

    Parameters
    ----------
    columns : mapping of str to Column
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
    sectors = plan_sectors(registry) | {""}
    known = {
        "area_code": lambda cell: registry.has_area(cell) and (not hint or cell in hint),
        "indicator": registry.indicators.__contains__,
        "series": registry.series.__contains__,
        "breakdown": sectors.__contains__,
        "flags": flags_known,
        "period": such_a_day,
        "vintage": such_a_day,
    }
    marked = np.zeros(len(columns["area_code"]), dtype=bool)
    for name, test in known.items():
        if not all(test(text) for text in columns[name].different):
            marked |= ~columns[name].marks(test)
    return marked


def _odd_numbers(columns: Columns, registry: Registry) -> Marks:
    """Rows whose value, numerator and denominator do not fit each other without a question."""
    value, above, below = (columns[name].numbers() for name in COUNTS)
    told, counted = ~np.isnan(value), ~(np.isnan(above) | np.isnan(below))
    with np.errstate(invalid="ignore", divide="ignore"):
        odd = ~told & ~counted
        odd |= (above < 0) | (below <= 0) | (above > below)
        odd |= (value < 0) | (value > 100)
        odd |= np.abs(value - 100 * above / below) > ROUNDING
    if not told.all():
        cards = registry.indicators.items()
        uncounted = {code for code, card in cards if card.function is None}
        odd |= ~told & columns["indicator"].marks(uncounted.__contains__)
    return np.asarray(odd, dtype=bool)
