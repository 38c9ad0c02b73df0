"""The province's predictive distribution from its districts' own.

The province is the mean of its districts, weighted by their newest denominators. Each district
keeps its own distribution; how far their errors go together is one number, the correlation of a
one-factor normal copula, as for sectors in `kts_analysis.joint`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri, stdtrit

from kts_analysis.dependence import Dependence
from kts_analysis.predictive import Projection
from kts_analysis.scales import Array

DRAWS = 2**13  # evenly spread: quantiles right to about a hundredth of the interval's width
MANY = 100  # districts beyond which a quarter of the draws must do: a country has hundreds
SEED = 105  # of the spread of the draws: the same data give the same numbers


@dataclass(frozen=True)
class Spread:
    """A distribution of the province's value for one correlation of the districts' errors.

    Attributes
    ----------
    rho : float
        The correlation, 0 to 1.
    median, lo80, hi80, lo95, hi95 : float
        In the unit of the values.
    chance : float
        Chance (0 to 1) to stand in the asked relation to the threshold; NaN without one.
    """

    rho: float
    median: float
    lo80: float
    hi80: float
    lo95: float
    hi95: float
    chance: float


@dataclass(frozen=True)
class ProvinceForecast:
    """The province from its districts at one date.

    Attributes
    ----------
    used : Spread or None
        With the estimated correlation; None where only its two ends are known.
    independent, common_fate : Spread
        With the two ends of what the correlation can be, 0 and 1: a band.
    dependence : Dependence
        The correlation used and what it rests on.
    areas : int
        Districts in it.
    coverage : float
        Part (percent) of the province's denominators that those districts have; NaN when the size
        of a district left out is not known.
    missing : tuple of str
        Districts left out: no distribution of their own, or no denominator.
    """

    used: Spread | None
    independent: Spread
    common_fate: Spread
    dependence: Dependence
    areas: int
    coverage: float = 100.0
    missing: tuple[str, ...] = ()


def province_spread(
    projections: Sequence[Projection],
    weights: ArrayLike,
    rho: float,
    threshold: float | None = None,
    comparator: str = ">=",
) -> Spread:
    """Return the distribution of the weighted mean of districts.

    Parameters
    ----------
    projections : sequence of Projection
        One a district, at the same date, each with a distribution.
    weights : array_like, shape (districts,)
        Their denominators, above zero; only proportions count.
    rho : float
        Correlation of their errors, 0 to 1.
    threshold : float, optional
        In the unit of the values.
    comparator : {">", ">=", "<", "<="}

    Raises
    ------
    ValueError
        No districts, one without a distribution, a weight that is not above zero, `rho` outside
        0 to 1, or a comparator that is none of the four.
    """
    if comparator not in (">", ">=", "<", "<="):
        raise ValueError(f"comparator {comparator!r} is none of >, >=, <, <=")
    values = province_draws(projections, weights, rho)
    lo95, lo80, median, hi80, hi95 = np.quantile(values, [0.025, 0.1, 0.5, 0.9, 0.975]).tolist()
    reached = float("nan")
    if threshold is not None:
        compare = {
            ">": np.greater,
            ">=": np.greater_equal,
            "<": np.less,
            "<=": np.less_equal,
        }[comparator]
        reached = float(compare(values, threshold).mean())
    return Spread(rho, median, lo80, hi80, lo95, hi95, reached)


def province_draws(projections: Sequence[Projection], weights: ArrayLike, rho: float) -> Array:
    """Return evenly spread values of the weighted mean; see `province_spread`."""
    sizes = np.asarray(weights, dtype=float)
    if not projections or not all(each.sufficient for each in projections):
        raise ValueError("every district needs a distribution, and there is at least one")
    if sizes.shape != (len(projections),) or not (sizes > 0).all() or not np.isfinite(sizes).all():
        raise ValueError("every district needs a weight above zero")
    if not 0 <= rho <= 1:
        raise ValueError(f"a correlation of errors lies between 0 and 1 here, found {rho}")
    common, own = _normals(len(projections))
    errors = np.sqrt(rho) * common[:, None] + np.sqrt(1 - rho) * own
    total = np.zeros(len(common))
    for column, (each, share) in enumerate(zip(projections, sizes / sizes.sum(), strict=True)):
        place = each.location + each.spread * stdtrit(each.df, ndtr(errors[:, column]))
        total += share * each.scale.back(place)
    return total


@cache
def _normals(districts: int) -> tuple[Array, Array]:
    """Normal draws, evenly spread (Sobol): the common part, and one column a district."""
    from scipy.stats.qmc import Sobol

    draws = DRAWS if districts <= MANY else DRAWS // 4
    points = Sobol(districts + 1, seed=SEED).random(draws)
    normal = ndtri(np.clip(points, 0.5 / draws**2, 1 - 0.5 / draws**2))
    return normal[:, 0], normal[:, 1:]


def province_forecast(
    projections: Sequence[Projection],
    weights: ArrayLike,
    dependence: Dependence,
    threshold: float | None = None,
    comparator: str = ">=",
    *,
    coverage: float = 100.0,
    missing: tuple[str, ...] = (),
) -> ProvinceForecast:
    """Return the province's distribution, with the band of what the correlation can be.

    Parameters
    ----------
    projections, weights, threshold, comparator
        See `province_spread`.
    dependence : Dependence
        From `dependence.dependence`.
    coverage, missing
        What is left out, see `ProvinceForecast`.

    Raises
    ------
    ValueError
        As `province_spread`.
    """

    def spread(rho: float) -> Spread:
        return province_spread(projections, weights, rho, threshold, comparator)

    known = dependence.rho == dependence.rho
    return ProvinceForecast(
        used=spread(dependence.rho) if known else None,
        independent=spread(0.0),
        common_fate=spread(1.0),
        dependence=dependence,
        areas=len(projections),
        coverage=coverage,
        missing=missing,
    )
