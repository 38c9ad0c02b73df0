"""What pace gives a chance: the assumption "pace times k" turned round."""

from __future__ import annotations

from collections.abc import Callable

TIGHT = 1e-12  # of the number looked for: chances then agree to far more digits than are printed


def least_giving(chance: Callable[[float], float], level: float, most: float) -> float | None:
    """Return the least number from 0 to `most` at which a rising chance comes to a level.

    Parameters
    ----------
    chance : callable
        From a number (times the pace, or a move on the working scale) to a chance, 0 to 1; it
        never falls.
    level : float
        0 to 1.
    most : float
        Where the search ends.

    Returns
    -------
    float or None
        0 where the chance is there from the start; None where even `most` does not give it.
    """
    if chance(0.0) >= level:
        return 0.0
    if not chance(most) >= level:
        return None
    from scipy.optimize import brentq  # slow to import, and most reports solve nothing

    return float(brentq(lambda number: chance(number) - level, 0.0, most, xtol=TIGHT))
