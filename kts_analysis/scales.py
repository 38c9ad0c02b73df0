"""Scales that know the bounds of an indicator: where a step is a step, and nothing leaves them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

Bounds = tuple[float | None, float | None]
Array = NDArray[np.float64]

# Published rates are rounded to about half a point, so half a point from a bound is the bound:
# the scale reaches 0 and 100 at a finite place, and a rate of exactly 0 or 100 has one.
EDGE = 0.005


@dataclass(frozen=True)
class Scale:
    """A monotone map from values to a working scale and back.

    With both bounds it is the logit of the share of the way between them (stretched by `EDGE` so
    that the bounds themselves are finite); otherwise the values themselves, held inside the one
    bound there is.

    Parameters
    ----------
    lower, upper : float or None
        Bounds of the values, in the values' own unit.
    bend : bool
        Use the logit where both bounds are known; ``False`` keeps the plain scale.
    unit : float
        Value of one step on the plain scale, so that steps there are as large as on the logit.
    """

    lower: float | None
    upper: float | None
    bend: bool = True
    unit: float = 1.0

    @property
    def bounded(self) -> bool:
        """Whether the logit is used."""
        return self.bend and self.lower is not None and self.upper is not None

    def forward(self, values: ArrayLike) -> Array:
        """Return values on the working scale; values beyond a bound are taken as at it."""
        held = self.hold(values)
        if not self.bounded:
            return held / self.unit
        assert self.lower is not None and self.upper is not None
        share = (held - self.lower) / (self.upper - self.lower)
        return np.asarray(logit(EDGE + (1 - 2 * EDGE) * share), dtype=float)

    def back(self, places: ArrayLike) -> Array:
        """Return values of places on the working scale; nothing leaves the bounds."""
        places = np.asarray(places, dtype=float)
        if not self.bounded:
            return self.hold(places * self.unit)
        assert self.lower is not None and self.upper is not None
        share = (expit(places) - EDGE) / (1 - 2 * EDGE)
        return self.hold(self.lower + (self.upper - self.lower) * share)

    def hold(self, values: ArrayLike) -> Array:
        """Return values held inside the bounds."""
        low = -np.inf if self.lower is None else self.lower
        high = np.inf if self.upper is None else self.upper
        held: Array = np.clip(np.asarray(values, dtype=float), low, high)
        return held
