"""How far the districts' forecast errors go together: estimated from their own steps.

A district's one-step deviation is its change over one step, a year, on the working scale less its
own mean change. Steps that all districts make too large together are what makes the province's
error larger than the mean of independent errors; the average correlation of the deviations over
all pairs of districts says how much. Few steps say little, so the estimate is drawn towards what
was measured on published panels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kts_analysis.scales import Array

# Mean correlation of the forecast errors of different areas for one indicator, 3 years ahead:
# evidence/shared_errors.json, mean.one_indicator.
AREA_RHO = 0.27
PRIOR_STEPS = 2.0  # common steps that this expectation is worth
LEAST_STEPS, LEAST_PAIRS = 3, 3  # below, nothing is estimated: the two ends are shown instead


@dataclass(frozen=True)
class Dependence:
    """The correlation of the districts' errors, and what it rests on.

    Attributes
    ----------
    rho : float
        0 to 1; NaN when there are too few pairs: then only its two ends, 0 and 1, are known.
    raw : float
        Average pairwise correlation before it was drawn towards `AREA_RHO`; NaN without pairs.
    pairs : int
        Pairs of districts with `LEAST_STEPS` common steps or more.
    steps : float
        Common steps of such a pair, on average.
    """

    rho: float
    raw: float
    pairs: int
    steps: float

    @property
    def source(self) -> str:
        """``residuals`` where it was estimated, ``bounded`` where only the ends are known."""
        return "residuals" if self.rho == self.rho else "bounded"


def deviations(times: Array, places: Array) -> Array:
    """Return every district's one-step deviations.

    Parameters
    ----------
    times : array, shape (dates,)
        Dates in years, rising.
    places : array, shape (areas, dates)
        Figures on the working scale, NaN where missing.

    Returns
    -------
    array, shape (areas, dates - 1)
        Change a year less the district's own mean change; NaN where a step has not both figures.
    """
    paces = np.diff(places, axis=1) / np.diff(times)
    known = np.isfinite(paces)
    counts = np.maximum(known.sum(axis=1), 1)
    means = np.where(known, paces, 0.0).sum(axis=1) / counts
    return np.asarray(paces - means[:, None])


def dependence(table: Array) -> Dependence:
    """Return how far deviations go together.

    Parameters
    ----------
    table : array, shape (areas, steps)
        From `deviations`.

    Returns
    -------
    Dependence
        The average pairwise correlation r, over pairs with T common steps each on average, drawn
        towards `AREA_RHO`: (T r + `PRIOR_STEPS` x `AREA_RHO`) / (T + `PRIOR_STEPS`), held within
        0 to 1.
    """
    known = np.isfinite(table).astype(float)
    values = np.where(known > 0, table, 0.0)
    common = known @ known.T  # steps that both of a pair have
    own = values**2 @ known.T  # sum of squares of the first over those steps
    sizes = np.sqrt(own * own.T)
    pairs = np.triu((common >= LEAST_STEPS) & (sizes > 0), k=1)
    found = (values @ values.T)[pairs] / sizes[pairs]
    lengths = common[pairs]
    raw = float(np.mean(found)) if found.size else float("nan")
    steps = float(np.mean(lengths)) if found.size else 0.0
    if len(found) < LEAST_PAIRS:
        return Dependence(float("nan"), raw, len(found), steps)
    drawn = (steps * raw + PRIOR_STEPS * AREA_RHO) / (steps + PRIOR_STEPS)
    return Dependence(min(max(drawn, 0.0), 1.0), raw, len(found), steps)
