"""The predictive distribution of one series at one date: median, interval, chance, all from one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from kts_analysis.scales import Array, Scale


@dataclass(frozen=True)
class Projection:
    """The predictive distribution of one series at one date.

    Median, quantiles, intervals and probabilities all come from one Student-t distribution on the
    working scale, so they cannot contradict each other.

    Attributes
    ----------
    date : float
        Place on the time axis, in years.
    method : str
        Method used; ``none`` when there are too few points.
    n_points : int
        Dated points it rests on.
    horizon : float
        Years past the last point.
    direction : int
        Sign of the change so far: 1 up, -1 down, 0 none or unknown.
    """

    date: float
    method: str
    n_points: int
    horizon: float
    direction: int
    scale: Scale
    location: float
    spread: float
    df: float

    @property
    def sufficient(self) -> bool:
        """Whether there is a distribution at all."""
        return bool(np.isfinite(self.location))

    @property
    def median(self) -> float:
        """Median, in the unit of the values; NaN when insufficient."""
        return self.quantile(0.5)

    def quantile(self, level: float) -> float:
        """Return the value that is not exceeded with chance `level` (0 to 1).

        Raises
        ------
        ValueError
            `level` is not strictly between 0 and 1.
        """
        if not 0 < level < 1:
            raise ValueError(f"a quantile level lies between 0 and 1, found {level}")
        if not self.sufficient:
            return float("nan")
        place = self.location + self.spread * float(stats.t.ppf(level, self.df))
        return float(self.scale.back(place))

    def interval(self, level: float = 0.8) -> tuple[float, float]:
        """Return the central prediction interval that holds the value with chance `level`."""
        tail = (1 - level) / 2
        return self.quantile(tail), self.quantile(1 - tail)

    def probability(self, threshold: float, comparator: str = ">=") -> float:
        """Return the chance (0 to 1) that the value stands in a relation to a threshold.

        Parameters
        ----------
        threshold : float
            In the unit of the values.
        comparator : {">", ">=", "<", "<="}
            They differ at a bound, where the distribution has a point mass.

        Raises
        ------
        ValueError
            The comparator is none of the four.
        """
        location, spread = np.array([self.location]), np.array([self.spread])
        return float(chance(self.scale, location, spread, self.df, threshold, comparator)[0])


def chance(
    scale: Scale,
    locations: Array,
    spreads: Array,
    df: float,
    threshold: float,
    comparator: str,
) -> Array:
    """Return the chance (0 to 1) that values stand in a relation to a threshold.

    The comparators differ at a bound, where the distribution has a point mass.

    Raises
    ------
    ValueError
        The comparator is none of the four.
    """
    if comparator not in (">", ">=", "<", "<="):
        raise ValueError(f"comparator {comparator!r} is none of >, >=, <, <=")
    including = comparator in (">", "<=")  # what is not above includes the threshold itself
    low, high = scale.lower, scale.upper
    if high is not None and (threshold > high or (threshold == high and including)):
        below = np.where(np.isfinite(locations), 1.0, np.nan)
    elif low is not None and (threshold < low or (threshold == low and not including)):
        below = np.where(np.isfinite(locations), 0.0, np.nan)
    else:
        place = float(scale.forward(threshold))
        side = 1.0 if including else 0.0
        with np.errstate(divide="ignore", invalid="ignore"):
            smooth = stats.t.cdf((place - locations) / spreads, df)
        certain = np.where(locations == place, side, (locations < place).astype(float))
        below = np.where(spreads == 0, certain, smooth)
    return below if comparator in ("<", "<=") else 1 - below
