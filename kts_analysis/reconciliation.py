"""A published total against the sum of its parts: the difference is shown, never papered over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_


@dataclass(frozen=True)
class Reconciliation:
    """A published total and the sum of its parts, in the unit of both.

    Attributes
    ----------
    published : float
        As printed.
    total : float
        Sum of the parts that are known.
    difference : float
        Published less sum; above zero where the parts do not make up the total.
    percent : float
        The difference in percent of the published total; NaN for a total of zero.
    missing : tuple of str
        Parts without a figure; they are not zero, so a difference proves nothing.
    agrees : bool or None
        Whether both are the same within the rounding allowed; None while parts are missing.
    """

    published: float
    total: float
    difference: float
    percent: float
    missing: tuple[str, ...]
    agrees: bool | None


def reconcile(
    published: float, parts: Mapping[str, float | None], *, rounding: float = 0.0
) -> Reconciliation:
    """Hold a published total against the sum of its parts.

    Parameters
    ----------
    published : float
        The printed total: a count, never a rate.
    parts : mapping of str to float or None
        The printed counts by part; None or NaN where there is none.
    rounding : float
        Difference that rounding of the printed numbers explains.

    Raises
    ------
    KtsError
        No parts, or no published total.

    Examples
    --------
    >>> import kts_analysis as kts
    >>> found = kts.reconcile(80.0, {"A": 30.0, "B": 49.0})
    >>> found.difference, found.percent, found.agrees
    (1.0, 1.25, False)
    >>> kts.reconcile(80.0, {"A": 30.0, "B": None}).missing
    ('B',)
    """
    if not parts or published != published:
        raise KtsError(N_("a reconciliation needs a published total and its parts"))
    known = {name: float(part) for name, part in parts.items() if part is not None and part == part}
    missing = tuple(name for name in parts if name not in known)
    total = float(sum(known.values()))
    printed = float(published)
    difference = printed - total
    return Reconciliation(
        published=printed,
        total=total,
        difference=difference,
        percent=100 * difference / printed if printed else float("nan"),
        missing=missing,
        agrees=None if missing else abs(difference) <= rounding,
    )
