"""The predictive distribution of one series, or of many, at one date.

Median, quantiles, intervals and chances all come from one Student-t distribution on the working
scale, so they cannot contradict each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from kts_analysis.scales import Array, Scale


@dataclass(frozen=True)
class Projection:
    """The predictive distribution of one series at one date.

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
    scale, location, spread, df
        The Student-t distribution: centre and width on the working scale, degrees of freedom.
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
        place = self.location + self.spread * _t_quantile(level, self.df)
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


@dataclass(frozen=True)
class Projections:
    """The predictive distributions of many series at one date, in the order of the areas.

    Every array has shape (areas,); an area with too few points has NaN. ``many[i]`` is the
    `Projection` of area i.

    Attributes
    ----------
    date : float
        Place on the time axis, in years.
    methods : sequence of str
        Method of each area; ``none`` when there are too few points.
    n_points, horizons, directions : arrays
        As in `Projection`.
    borrowed : array
        Part of each area's pace and spread (percent, 0-100) that comes from the other areas.
    scale, locations, spreads, df
        As in `Projection`.
    """

    date: float
    methods: tuple[str, ...]
    n_points: Array
    horizons: Array
    directions: Array
    borrowed: Array
    scale: Scale
    locations: Array
    spreads: Array
    df: float

    def __len__(self) -> int:
        return len(self.locations)

    def __getitem__(self, area: int) -> Projection:
        return Projection(
            date=self.date,
            method=self.methods[area],
            n_points=int(self.n_points[area]),
            horizon=float(self.horizons[area]),
            direction=int(self.directions[area]),
            scale=self.scale,
            location=float(self.locations[area]),
            spread=float(self.spreads[area]),
            df=self.df,
        )

    def __iter__(self) -> Iterator[Projection]:
        return (self[area] for area in range(len(self)))

    @property
    def median(self) -> Array:
        """Medians, in the unit of the values."""
        return self.quantile(0.5)

    def quantile(self, level: float) -> Array:
        """Return the values that are not exceeded with chance `level` (0 to 1).

        Raises
        ------
        ValueError
            `level` is not strictly between 0 and 1.
        """
        return self.scale.back(self.locations + self.spreads * _t_quantile(level, self.df))

    def interval(self, level: float = 0.8) -> tuple[Array, Array]:
        """Return the ends of the central prediction intervals that hold with chance `level`."""
        tail = (1 - level) / 2
        return self.quantile(tail), self.quantile(1 - tail)

    def probability(self, threshold: float | Array, comparator: str = ">=") -> Array:
        """Return the chances (0 to 1) against one threshold, or one threshold an area.

        Raises
        ------
        ValueError
            The comparator is none of ``>``, ``>=``, ``<``, ``<=``.
        """
        return chance(self.scale, self.locations, self.spreads, self.df, threshold, comparator)


def _t_quantile(level: float, df: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"a quantile level lies between 0 and 1, found {level}")
    return float(stdtrit(df, level))


def chance(
    scale: Scale,
    locations: Array,
    spreads: Array,
    df: float,
    threshold: float | Array,
    comparator: str,
) -> Array:
    """Return the chance (0 to 1) that values stand in a relation to a threshold.

    The comparators differ at a bound, where the distribution has a point mass. NaN where there is
    no distribution or no threshold.

    Raises
    ------
    ValueError
        The comparator is none of the four.
    """
    if comparator not in (">", ">=", "<", "<="):
        raise ValueError(f"comparator {comparator!r} is none of >, >=, <, <=")
    including = comparator in (">", "<=")  # what is not above includes the threshold itself
    limit = np.asarray(threshold, dtype=float)
    place = scale.forward(limit)
    with np.errstate(divide="ignore", invalid="ignore"):
        smooth = stdtr(df, (place - locations) / spreads)
    certain = (locations <= place) if including else (locations < place)
    below = np.where(spreads == 0, certain.astype(float), smooth)
    if scale.upper is not None:
        beyond = (limit > scale.upper) | ((limit == scale.upper) & including)
        below = np.where(beyond, 1.0, below)
    if scale.lower is not None:
        beyond = (limit < scale.lower) | ((limit == scale.lower) & (not including))
        below = np.where(beyond, 0.0, below)
    below = np.where(np.isfinite(locations) & np.isfinite(limit), below, np.nan)
    return below if comparator in ("<", "<=") else 1 - below
