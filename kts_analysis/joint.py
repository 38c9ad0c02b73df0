"""Several lines that must all reach a threshold: one chance from their joint distribution.

A target on the worst of several sectors is reached when every sector reaches it. The sectors'
chances are not independent (they share the area, the administration, the survey), so the chance
that all reach it lies between their product and the least of them. Where, is decided by one number,
the correlation of their errors, in a one-factor normal copula: each error is

    sqrt(rho) * common + sqrt(1 - rho) * own

and given the common part the sectors are independent (Li 2000, "On default correlation: a copula
function approach", Journal of Fixed Income 9:43-54; the one-factor form is Vasicek's). It needs the
sectors' own chances only, so each keeps its own distribution. Chances are 0 to 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from kts_analysis.attainment import Arrival, arrival_of
from kts_analysis.predictive import Projection
from kts_analysis.scales import Array
from kts_analysis.trend_fit import TrendFit

# Correlation of the sectors' forecast errors. No panel of sectors was at hand; what bounds it is
# measured in evidence/shared_errors.json, 1 to 5 years ahead: errors of different areas for one
# indicator (they share the indicator) and of different indicators for one area (they share the
# area). Sectors of one indicator in one area share both, so the two together.
SECTOR_RHO = 0.3
NODES, STEEPEST = 128, 0.9  # so many nodes are right to 1e-6 for a rho up to this
PRECISION = 1e-6  # of a quantile, in the unit of the values: far below any printed digit


def joint_chance(chances: ArrayLike, rho: float = SECTOR_RHO) -> float:
    """Return the chance (0 to 1) that all of several things come about.

    Parameters
    ----------
    chances : array_like, shape (sectors,)
        Chance of each, 0 to 1. A missing one (NaN) makes the result NaN: what is not known about
        one sector is not known about all.
    rho : float
        Correlation of their errors, 0 (independent: the product) to 1 (one common fate: the least).

    Raises
    ------
    ValueError
        No chance at all, one outside 0 to 1, or `rho` outside 0 to 1.
    """
    return float(joint_chances(np.asarray(chances, dtype=float)[:, None], rho)[0])


def joint_chances(chances: Array, rho: float = SECTOR_RHO) -> Array:
    """Return `joint_chance` for many cases at once: shape (sectors, cases) to (cases,)."""
    if not 0 <= rho <= 1:
        raise ValueError(f"a correlation of errors lies between 0 and 1 here, found {rho}")
    if not len(chances):
        raise ValueError("a chance that all come about needs at least one chance")
    if (chances < 0).any() or (chances > 1).any():
        raise ValueError("a chance lies between 0 and 1")
    # For errors that go together the truth lies between these two (Slepian; Frechet's upper bound).
    product, least = np.prod(chances, axis=0), np.min(chances, axis=0)
    if rho in (0, 1):
        return np.asarray(least if rho else product)
    common, weights = _nodes()
    places = ndtri(chances)[:, :, None]
    part = min(rho, STEEPEST)
    given = ndtr((places + np.sqrt(part) * common) / np.sqrt(1 - part))
    together = np.prod(given, axis=0) @ weights
    if rho > STEEPEST:  # what is short of the least goes like sqrt(1 - rho), as for equal chances
        together = least - (least - together) * np.sqrt((1 - rho) / (1 - STEEPEST))
    return np.asarray(np.clip(together, product, least), dtype=float)


@cache
def _nodes() -> tuple[Array, Array]:
    """Nodes and weights of the normal average (Gauss-Hermite)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    return nodes, weights / weights.sum()


@dataclass(frozen=True)
class Worst:
    """The worst of several sectors at one date.

    Attributes
    ----------
    chance : float
        Chance (0 to 1) that all sectors stand at the threshold.
    independent, common_fate : float
        The same chance at the two ends of what the correlation can be: 0 and 1.
    median, lo80, hi80, lo95, hi95 : float
        The worst sector's value and its prediction intervals, in the unit of the values.
    sectors : int
        How many there are.
    rho : float
        Correlation of the sectors' errors.
    """

    chance: float
    independent: float
    common_fate: float
    median: float
    lo80: float
    hi80: float
    lo95: float
    hi95: float
    sectors: int
    rho: float


def worst_sector(
    projections: Sequence[Projection],
    threshold: float,
    comparator: str = ">=",
    rho: float = SECTOR_RHO,
) -> Worst:
    """Return the joint answer of sectors that must all stand at a threshold.

    Parameters
    ----------
    projections : sequence of Projection
        One a sector, at the same date. One without a distribution makes every number NaN.
    threshold : float
        In the unit of the values.
    comparator : {">", ">=", "<", "<="}
        The worst sector is the lowest for a target to rise to, the highest for one to fall to.
    rho : float
        Correlation of their errors, 0 to 1.

    Raises
    ------
    ValueError
        As `joint_chance` and `Projection.probability`.
    """
    chances = np.array([each.probability(threshold, comparator) for each in projections])
    spot = partial(worst_quantile, projections, comparator=comparator, rho=rho)
    return Worst(
        chance=joint_chance(chances, rho),
        independent=joint_chance(chances, 0.0),
        common_fate=joint_chance(chances, 1.0),
        median=spot(0.5),
        lo80=spot(0.1),
        hi80=spot(0.9),
        lo95=spot(0.025),
        hi95=spot(0.975),
        sectors=len(projections),
        rho=rho,
    )


def worst_quantile(
    projections: Sequence[Projection],
    level: float,
    comparator: str = ">=",
    rho: float = SECTOR_RHO,
) -> float:
    """Return the value the worst sector does not exceed with chance `level` (0 to 1).

    The worst of a rising target lies above x when all sectors do, that of a falling one below x
    when all do. NaN when a sector has no distribution.
    """
    if not all(each.sufficient for each in projections):
        return float("nan")
    rising = comparator in (">", ">=")
    # Whatever the correlation is, the worst lies between these (Bonferroni; the worst single one).
    tail = (level if rising else 1 - level) / len(projections)
    if rising:
        low = min(each.quantile(tail) for each in projections)
        high = min(each.quantile(level) for each in projections)
    else:
        low = max(each.quantile(level) for each in projections)
        high = max(each.quantile(1 - tail) for each in projections)

    def excess(value: float) -> float:
        """Chance that the worst sector does not exceed a value, less the level."""
        relation = ">" if rising else "<="
        together = joint_chance([each.probability(value, relation) for each in projections], rho)
        return (1 - together if rising else together) - level

    from scipy.optimize import brentq  # slow to import, and few reports get as far as this

    if excess(low) >= 0:  # one sector alone decides, or a bound holds the whole level
        return low
    if excess(high) <= 0:
        return high
    return float(brentq(excess, low, high, xtol=PRECISION))


def all_arrive(
    fits: Sequence[TrendFit], threshold: float, comparator: str, rho: float = SECTOR_RHO
) -> Arrival:
    """Return when all sectors stand at a threshold, as a distribution of the date.

    Without a date when one of the sectors has no distribution.
    """
    if not fits or any(not fit.sufficient for fit in fits):
        return Arrival(None, None, None)
    together = partial(_all_stand, fits, threshold, comparator, rho)
    return arrival_of(together, max(float(fit.times[-1]) for fit in fits))


def _all_stand(
    fits: Sequence[TrendFit], threshold: float, comparator: str, rho: float, dates: Array
) -> Array:
    rows = [fit.chances(dates, threshold, comparator) for fit in fits]
    return joint_chances(np.array(rows), rho)
