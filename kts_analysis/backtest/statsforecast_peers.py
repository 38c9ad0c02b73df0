"""Nixtla's statsforecast as a peer, where it is installed (an optional extra)."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from kts_analysis.scales import Array, Bounds

LEVELS = (0.5, 0.8, 0.95)
LEAST_SPREAD = 1e-9


def installed() -> bool:
    """Return whether the package can be imported."""
    return find_spec("statsforecast") is not None


def version() -> str:
    """Return the package's version."""
    return str(import_module("statsforecast").__version__)


@dataclass(frozen=True)
class LevelForecasts:
    """What statsforecast gives: a mean and the intervals at three levels.

    Its models give no chances; `probability` is a normal's with the width of the 80% interval.

    Attributes
    ----------
    median : array, shape (units,)
    ends : dict
        Level (0 to 1) to the lower and upper ends.
    """

    median: Array
    ends: dict[float, tuple[Array, Array]]

    def interval(self, level: float) -> tuple[Array, Array]:
        """Return the interval of one of the three levels.

        Raises
        ------
        KeyError
            Another level.
        """
        return self.ends[level]

    def probability(self, threshold: Array, comparator: str = ">=") -> Array:
        """Return the chance (0 to 1) of each unit against its threshold."""
        low, high = self.ends[0.8]
        spread = np.maximum((high - low) / 2 / ndtri(0.9), LEAST_SPREAD)
        below = np.asarray(ndtr((threshold - self.median) / spread), dtype=float)
        return below if comparator in ("<", "<=") else 1 - below


class StatsforecastModel:
    """One of its models as a method; the forecasts of a series are kept for its other horizons.

    Parameters
    ----------
    model : str
        Name in ``statsforecast.models``.
    horizons : int
        Years ahead that are ever asked about.
    """

    def __init__(self, model: str, horizons: int) -> None:
        self.model = model
        self.horizons = horizons
        self._shown: Array | None = None
        self._made: Array = np.empty(0)

    def __call__(
        self, years: Array, values: Array, target_year: float, bounds: Bounds
    ) -> LevelForecasts:
        """Return the forecasts of each row; NaN where the model refuses the series."""
        if self._shown is None or not np.array_equal(self._shown, values, equal_nan=True):
            self._shown = values.copy()
            self._made = np.stack([self._forecast(years, row) for row in values])
        step = round(target_year - years[-1]) - 1
        made = self._made[:, :, step]
        ends = {
            level: (made[:, 1 + 2 * place], made[:, 2 + 2 * place])
            for place, level in enumerate(LEVELS)
        }
        return LevelForecasts(made[:, 0], ends)

    def _forecast(self, years: Array, row: Array) -> Array:
        """Return mean and interval ends by year ahead; a gap is filled by a line, as it must be."""
        known = np.isfinite(row)
        filled = np.interp(years, years[known], row[known])
        levels = [round(100 * level) for level in LEVELS]
        keys = [f"{side}-{level}" for level in levels for side in ("lo", "hi")]
        try:
            model: Any = getattr(import_module("statsforecast.models"), self.model)()
            made = model.forecast(y=filled, h=self.horizons, level=levels)
        except Exception:  # its refusals have no class of their own; they are counted as such
            return np.full((1 + len(keys), self.horizons), np.nan)
        return np.array([made["mean"], *(made[key] for key in keys)], dtype=float)
