"""The cells of figures of a statement: read, and settled where only one reading is possible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal

from kts_analysis.entries import Indicator
from kts_analysis.i18n import N_
from kts_analysis.ingest.figure_words import REMEDIES, TROUBLES
from kts_analysis.ingest.quantities import Quantity, read_quantity, resolve
from kts_analysis.ingest.statements import FIGURES, Complaints, Statement
from kts_analysis.wording import QUALIFIERS

TURNS = "person-turns"
LIMIT = Decimal(10) ** 15  # what a figure of an observation file can be; see `schema`
DECIMALS = Decimal("1e-10")


def read_figures(statement: Statement, complaints: Complaints) -> dict[str, Quantity]:
    """Return how the cells of figures read; what cannot be read is a problem."""
    found = {}
    for name in FIGURES:
        cell = statement.cells.get(name)
        if cell is None:
            continue
        if not cell.stored:
            message = N_("the formula here has no stored result")
            remedy = N_("open the file, save it once, and send it again; or type the number")
            complaints.add(statement, name, message, remedy)
            continue
        quantity = read_quantity(cell.value, number_format=cell.number_format)
        if quantity.trouble:
            complaints.add(statement, name, *TROUBLES[quantity.trouble])
            continue
        if quantity.missing == "nil":
            message = N_("{found} is read as no figure, not as 0")
            complaints.add(statement, name, message, N_("write 0 if it is 0"), "warning")
        found[name] = _scaled(quantity, statement.factor) if name == "value" else quantity
    return found


def settled(
    statement: Statement,
    name: str,
    quantity: Quantity,
    card: Indicator | None,
    complaints: Complaints,
) -> Quantity:
    """Return a figure settled: of two readings the only possible one, or a problem."""
    if quantity.readings:
        sure = _within_bounds(quantity, card) if name == "value" else quantity
        if sure.value is not None:
            message = N_("{found} is read as {value}: nothing else fits between the bounds")
            complaints.add(statement, name, message, None, "warning", value=sure.value)
            return sure
        message = N_("{found} can mean several numbers: {both}")
        remedy = N_("write it without the point or comma for thousands, or as a number cell")
        complaints.add(statement, name, message, remedy, both=quantity.readings)
    if quantity.percent and name != "value":
        message = N_("{found} is a percentage where a count belongs")
        complaints.add(statement, name, message, REMEDIES["count"])
    if quantity.unit == TURNS and card is not None and card.counted != "money":
        message = N_("{found} counts turns, and one person can come several times")
        remedy = N_("ask for the number of persons, or of whatever the indicator counts")
        complaints.add(statement, name, message, remedy)
    if quantity.value is not None and abs(quantity.value) >= LIMIT:
        message = N_("{found} is larger than any figure can be")
        complaints.add(statement, name, message, REMEDIES["number"])
    return quantity


def qualifier_of(
    statement: Statement,
    figures: Mapping[str, Quantity],
    column: str,
    complaints: Complaints,
    *,
    preliminary: bool,
) -> str:
    """Return how a figure is qualified: in its own column, or by words in its cells.

    Parameters
    ----------
    column : str
        What the qualifier's own column says; empty: nothing.
    preliminary : bool
        The period's heading says so (``2024 (ước)``).
    """
    said = {one.qualifier for one in figures.values() if one.value is not None} - {"exact"}
    words = tuple(QUALIFIERS[code] for code in QUALIFIERS if code in said)
    if column:
        if said - {column}:
            message = N_("the figure itself says {words}, the column beside it {found}")
            complaints.add(statement, "qualifier", message, None, words=words)
        return column
    if len(said) > 1:
        message = N_("rate and counts are stated differently: {words}")
        complaints.add(statement, "value", message, None, words=words)
    return min(said, default="preliminary" if preliminary else "exact")


def written(value: Decimal) -> str:
    """Return a number as observation files hold it: a decimal point, ten decimals at most."""
    if abs(value) < LIMIT:
        value = value.quantize(DECIMALS, ROUND_HALF_EVEN)
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _within_bounds(quantity: Quantity, card: Indicator | None) -> Quantity:
    """Return a share with the one reading its indicator's bounds allow, if there is just one."""
    if card is None or card.bounds.reported_can_exceed:
        return quantity
    return resolve(quantity, card.bounds.lower, card.bounds.upper)


def _scaled(quantity: Quantity, factor: int) -> Quantity:
    """Return a value of a column of fractions in percent; with a % sign it is that already."""
    if factor == 1 or quantity.percent:
        return quantity
    value = None if quantity.value is None else quantity.value * factor
    return replace(quantity, value=value, readings=tuple(r * factor for r in quantity.readings))
