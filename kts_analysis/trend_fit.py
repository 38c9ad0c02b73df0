"""A fitted series: its parts, its line, and its predictive distribution at any date."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from kts_analysis.drift import MIN_POINTS, TAIL_DF, Drift
from kts_analysis.pooling import Common
from kts_analysis.predictive import Projection, chance
from kts_analysis.scales import Array, Scale
from kts_analysis.steps import SHIFT_LEAST

if TYPE_CHECKING:
    from statsmodels.regression.linear_model import RegressionResultsWrapper

ODD_TIMES = 3.0  # a step this many times any other is shown to the reader


@dataclass(frozen=True)
class Group:
    """The areas that one area shares strength with: their dates, scale and common evidence."""

    times: Array
    scale: Scale
    common: Common | None
    progress: int = 1


@dataclass(frozen=True)
class StraightLine:
    """A weighted least-squares line, as ``statsmodels`` fits it.

    The figures of every report are here, computed as ``WLS(...).fit()`` computes them and to the
    same last digit (a test compares them); `results` is statsmodels' own object with all the rest,
    made when asked for: importing it costs more than all the fits of a report.

    Attributes
    ----------
    places, weights : arrays, shape (n,)
        Values on the working scale and how much each counts.
    exog : array, shape (n, 2)
        Ones, and dates less the newest one (`design`).
    """

    places: Array
    exog: Array
    weights: Array

    @cached_property
    def params(self) -> Array:
        """Place at the newest date, and slope a year."""
        return np.asarray(self._inverse @ self._wendog)

    @cached_property
    def wresid(self) -> Array:
        """Residuals times the square root of the weights."""
        return np.asarray(self._wendog - self._wexog @ self.params)

    @property
    def df_resid(self) -> float:
        """Degrees of freedom of the residuals."""
        return float(len(self.places) - 2)

    @cached_property
    def scale(self) -> float:
        """Variance of the residuals."""
        return float(self.wresid @ self.wresid / self.df_resid)

    @cached_property
    def bse(self) -> Array:
        """Standard errors of `params`."""
        return np.asarray(np.sqrt(np.diag(self._inverse @ self._inverse.T * self.scale)))

    @cached_property
    def fittedvalues(self) -> Array:
        """The line at the dates of the points."""
        return np.asarray(self.exog @ self.params)

    def predict(self, exog: Array) -> tuple[Array, Array]:
        """Return mean and standard error of a new figure at the rows of a design matrix.

        What ``results.get_prediction`` gives for a figure of weight 1.
        """
        covariance = self._inverse @ self._inverse.T * self.scale
        variance = ((exog @ covariance) * exog).sum(axis=1)
        return np.asarray(exog @ self.params), np.asarray(np.sqrt(variance + self.scale))

    @cached_property
    def results(self) -> RegressionResultsWrapper:
        """The fit of statsmodels, with its tests, intervals and summary."""
        from statsmodels.regression.linear_model import WLS

        return WLS(self.places, self.exog, weights=self.weights).fit()

    @cached_property
    def _wendog(self) -> Array:
        return np.asarray(self.places * np.sqrt(self.weights))

    @cached_property
    def _wexog(self) -> Array:
        return np.asarray(np.sqrt(self.weights)[:, None] * self.exog)

    @cached_property
    def _inverse(self) -> Array:
        """Pseudo-inverse by singular values, step by step as statsmodels' `pinv_extended`."""
        left, sizes, right = np.linalg.svd(self._wexog, full_matrices=False)
        large = sizes > 1e-15 * sizes.max()
        inverted = np.where(large, 1.0 / np.where(large, sizes, 1.0), 0.0)
        return np.asarray(np.dot(right.T, np.multiply(inverted[:, None], left.T)))


@dataclass(frozen=True)
class Diagnostics:
    """What the residuals of the statsmodels line say; NaN where the points are too few.

    Attributes
    ----------
    residual_sd : float
        Standard deviation of the residuals on the working scale.
    memory : float
        Lag-one correlation of the residuals (four points or more).
    largest : float
        Largest residual in standard deviations.
    """

    residual_sd: float
    memory: float
    largest: float


@dataclass(frozen=True)
class TrendFit:
    """A fitted series, ready to be asked about any date.

    Attributes
    ----------
    times, values : arrays, shape (n,)
        The dated points used (repeated dates averaged), in years and in the unit of the values.
    method : str
        Method used, ``none`` when the points are too few.
    pace, pace_se : float
        Slope of the statsmodels fit on the working scale, per year, and its standard error.
    line : StraightLine
        The weighted least-squares line, ``line.results`` with all that statsmodels says of it;
        None below three points.
    path : Drift
        Parts of the default method (own weight, damping, straightness, error); None for others.
    n_areas : int
        Areas whose figures it rests on, itself included; 1 alone.
    shift : (float, float) or None
        Date after which the level changed and by how much (in the unit of the values): the change
        is not taken for pace.
    notes : tuple of str
        What was done to the points (codes: ``repeated_dates``, ``beyond_bound``, ``constant``,
        ``level_shift``, ``borrowed``).
    """

    times: Array
    values: Array
    method: str
    scale: Scale
    pace: float
    pace_se: float
    line: StraightLine | None = field(repr=False)
    path: Drift | None = field(repr=False)
    n_areas: int = 1
    shift: tuple[float, float] | None = None
    notes: tuple[str, ...] = ()

    @property
    def sufficient(self) -> bool:
        """Whether there is a distribution at all."""
        return self.method != "none"

    @property
    def direction(self) -> int:
        """Sign of the change from the first to the last point."""
        return int(np.sign(self.values[-1] - self.values[0])) if len(self.values) > 1 else 0

    @property
    def borrowed(self) -> float:
        """Part of pace and spread (percent, 0-100) that comes from the other areas."""
        return 100 * (1 - float(self.path.own_weight[0])) if self.path else 0.0

    @property
    def df(self) -> float:
        """Degrees of freedom of the predictive distribution."""
        if self.path is not None or self.line is None:
            return TAIL_DF
        return float(self.line.df_resid)

    @property
    def diagnostics(self) -> Diagnostics:
        """What the residuals of the line say."""
        if self.line is None:
            return Diagnostics(float("nan"), float("nan"), float("nan"))
        residuals = np.asarray(self.line.wresid)
        size = float(np.sqrt(self.line.scale))
        square = float(residuals @ residuals)
        lagged = float(residuals[1:] @ residuals[:-1])
        memory = lagged / square if len(residuals) > MIN_POINTS and square > 0 else float("nan")
        largest = float(np.abs(residuals).max()) / size if size > 0 else 0.0
        return Diagnostics(size, memory, largest)

    @property
    def odd_step(self) -> float | None:
        """Date of a step so much larger than the others that it should be checked, if there is one.

        It is still taken for a real change: only a larger one is a change of level (`shift`).
        """
        if len(self.times) < MIN_POINTS or self.shift is not None:
            return None
        steps = np.abs(np.diff(self.scale.forward(self.values)))
        largest = int(steps.argmax())
        others = np.delete(steps, largest)
        if steps[largest] > max(ODD_TIMES * float(others.max()), SHIFT_LEAST):
            return float(self.times[largest + 1])
        return None

    def fitted(self) -> Array:
        """Return the fitted line at the observed dates, in the unit of the values."""
        if self.line is None:
            return np.full(len(self.times), np.nan)
        return self.scale.back(self.line.fittedvalues)

    def at(self, date: float) -> Projection:
        """Return the predictive distribution at a date (years)."""
        location, spread = self._parameters(np.array([date], dtype=float))
        last = self.times[-1] if len(self.times) else float("nan")
        return Projection(
            date=float(date),
            method=self.method,
            n_points=len(self.times),
            horizon=float(date - last),
            direction=self.direction,
            scale=self.scale,
            location=float(location[0]),
            spread=float(spread[0]),
            df=self.df,
        )

    def chances(self, dates: ArrayLike, threshold: float, comparator: str = ">=") -> Array:
        """Return the chance (0 to 1) at each date, as `Projection.probability` gives it."""
        when = np.atleast_1d(np.asarray(dates, dtype=float))
        locations, spreads = self._parameters(when)
        return chance(self.scale, locations, spreads, self.df, threshold, comparator)

    def _parameters(self, dates: Array) -> tuple[Array, Array]:
        """Centre and width of the distribution on the working scale, at each date."""
        if not self.sufficient:
            return np.full(len(dates), np.nan), np.full(len(dates), np.nan)
        if self.path is not None:
            return self.path.at(dates)
        assert self.line is not None
        return self.line.predict(design(dates, self.times[-1]))


def design(times: Array, origin: float) -> Array:
    """Design matrix of a line; the origin keeps large years from spoiling the arithmetic."""
    return np.column_stack([np.ones(len(times)), np.asarray(times, dtype=float) - origin])
