"""The methods a backtest can run, by name; each maps a matrix to one distribution a unit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from kts_analysis.backtest import lines, statsforecast_peers
from kts_analysis.backtest.cases import HORIZONS
from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_
from kts_analysis.panel import project_panel
from kts_analysis.predictive import Projection, Projections
from kts_analysis.scales import Array, Bounds
from kts_analysis.trends import project_series

BASELINE = "line"  # what the others' errors are divided by


class Forecasts(Protocol):
    """One distribution a unit, in the unit of the values; NaN where the method abstains."""

    @property
    def median(self) -> Array:
        """Medians, shape (units,)."""

    def interval(self, level: float) -> tuple[Array, Array]:
        """Return the central interval with chance `level` (0 to 1) of each unit."""

    def probability(self, threshold: Array, comparator: str = ">=") -> Array:
        """Return the chance (0 to 1) of each unit against its threshold, shape (units,)."""


# (years, values of shape (units, years), target year, bounds) -> one distribution a unit
Predict = Callable[[Array, Array, float, Bounds], Forecasts]


@dataclass(frozen=True)
class Method:
    """A method under test.

    Attributes
    ----------
    name : str
    label : str
        Message id of its name for readers.
    predict : callable
        ``(years, values, target_year, bounds) -> Forecasts``, `values` of shape (units, years)
        with NaN where a year is missing.
    shares : bool
        Whether it learns from the other units of the panel; one that does not is shown only the
        units asked about.
    peers : int, optional
        Units in each panel (the case's own among them); all of them by default.
    """

    name: str
    label: str
    predict: Predict
    shares: bool = False
    peers: int | None = None


@dataclass(frozen=True)
class SeparateForecasts:
    """Projections made one series at a time (or picked from many), as one set."""

    parts: Sequence[Projection]

    @property
    def median(self) -> Array:
        """Medians, shape (units,)."""
        return np.array([part.median for part in self.parts], dtype=float)

    def interval(self, level: float) -> tuple[Array, Array]:
        """Return the central interval with chance `level` (0 to 1) of each unit."""
        pairs = np.array([part.interval(level) for part in self.parts], dtype=float)
        return pairs[:, 0], pairs[:, 1]

    def probability(self, threshold: Array, comparator: str = ">=") -> Array:
        """Return the chance (0 to 1) of each unit; NaN where its threshold is NaN."""
        chances = np.full(len(self.parts), np.nan)
        for place, part in enumerate(self.parts):
            if np.isfinite(threshold[place]):
                chances[place] = part.probability(float(threshold[place]), comparator)
        return chances


def series_method(
    years: Array, values: Array, target_year: float, bounds: Bounds
) -> SeparateForecasts:
    """`trends.project_series` on one series after another."""
    return SeparateForecasts(
        [project_series(years, row, target_year, bounds=bounds) for row in values]
    )


def panel_method(years: Array, values: Array, target_year: float, bounds: Bounds) -> Projections:
    """`panel.project_panel` on a whole panel."""
    return project_panel(years, values, target_year, bounds=bounds)


_OWN = (
    Method("panel", N_("our projection, areas sharing strength"), panel_method, shares=True),
    Method("series", N_("our projection, one area alone"), series_method),
    Method("no_change", N_("no change: the last figure stays"), lines.no_change),
    Method("line", N_("straight line"), lines.line),
    Method("time_weighted", N_("straight line, recent years weigh more"), lines.time_weighted_line),
)
_STATSFORECAST = (
    ("statsforecast-drift", N_("statsforecast: random walk with drift"), "RandomWalkWithDrift"),
    ("statsforecast-ets", N_("statsforecast: AutoETS"), "AutoETS"),
    ("statsforecast-theta", N_("statsforecast: DynamicOptimizedTheta"), "DynamicOptimizedTheta"),
)


def choose_methods(names: Iterable[str], *, peers: int | None = None) -> list[Method]:
    """Return methods by name, each once, in the order given.

    Parameters
    ----------
    names : iterable of str
        Names of `method_names`; ``panel-10`` is ``panel`` with ten units to each panel.
    peers : int, optional
        Cut every panel to this many units, where the name does not say how many.

    Raises
    ------
    KtsError
        An unknown name; the message lists the known ones.
    """
    known = {entry.name: entry for entry in _all_methods()}
    chosen = []
    for name in dict.fromkeys(names):
        base, size = name, re.fullmatch(r"(panel)-([1-9][0-9]*)", name)
        if size:
            base = size[1]
        if base not in known:
            message = N_("unknown method {found}; there are {known}")
            raise KtsError(message, found=name, known=", ".join(method_names()))
        found = known[base]
        if found.shares:
            found = replace(found, name=name, peers=int(size[2]) if size else peers)
        chosen.append(found)
    return chosen


def method_names() -> list[str]:
    """Return the names a caller may ask for."""
    return [entry.name for entry in _all_methods()]


def available(method: Method) -> bool:
    """Return whether the packages a method needs are installed."""
    return not method.name.startswith("statsforecast-") or statsforecast_peers.installed()


def _all_methods() -> list[Method]:
    """Every method; made anew, because statsforecast's keep what they forecast last."""
    peers = [
        Method(name, label, statsforecast_peers.StatsforecastModel(model, HORIZONS))
        for name, label, model in _STATSFORECAST
    ]
    return [*_OWN, *peers]
