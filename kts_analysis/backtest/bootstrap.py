"""How far the measures would move with other areas: bootstrap over whole units.

The forecasts of one area hang together (its origins overlap, its horizons follow one another), so
areas are drawn with replacement and keep all their forecasts. An area keeps its place in every
indicator that it has.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kts_analysis.backtest.rolling import Outcomes
from kts_analysis.backtest.scores import BINS, ERRORS, bin_of, chance_errors, errors
from kts_analysis.scales import Array

DRAWS = 1000
SEED = 105
LEVEL = 95.0  # percent of the draws that the interval holds
CHANCE_ERRORS = ("brier", "log_score")


def bootstrap(
    outcomes: Outcomes, baseline: Outcomes | None = None, *, draws: int = DRAWS, seed: int = SEED
) -> pd.DataFrame:
    """Return 95% intervals of the overall measures, or of their ratios to a baseline.

    Parameters
    ----------
    outcomes, baseline : Outcomes
        Of the same cases. With a baseline the measures are divided by its own, draw by draw, so
        that luck which both share cancels; coverage and calibration are not (no ratio of them
        means anything).
    draws, seed : int
        The same seed draws the same areas on every machine.

    Returns
    -------
    pandas.DataFrame
        Columns ``low``, ``high``, one row a measure.
    """
    units = sorted(set(outcomes.forecasts["unit"]))
    # RandomState's stream is frozen for good, a Generator's may change with numpy.
    random = np.random.RandomState(seed)
    picked = random.randint(0, len(units), size=(draws, len(units)))
    weights = np.stack([np.bincount(row, minlength=len(units)) for row in picked]).astype(float)
    drawn = _means(outcomes, units, weights)
    if baseline is None:
        drawn["calibration_error"] = _calibration(outcomes, units, weights)
    else:
        below = _means(baseline, units, weights)
        names = [name for name in drawn if not name.startswith("cover")]
        drawn = {name: drawn[name] / below[name] for name in names}
    tail = (100.0 - LEVEL) / 2
    ends = {name: np.nanpercentile(values, [tail, 100 - tail]) for name, values in drawn.items()}
    return pd.DataFrame.from_dict(ends, orient="index", columns=["low", "high"])


def _means(outcomes: Outcomes, units: list[str], weights: Array) -> dict[str, Array]:
    """Return each measure's macro average, by draw."""
    parts = (
        (errors(outcomes.forecasts), ERRORS),
        (chance_errors(outcomes.chances), CHANCE_ERRORS),
    )
    means = {}
    for table, names in parts:
        index = pd.MultiIndex.from_arrays([table["unit"], table["indicator"]])
        counts = weights @ _square(pd.Series(1.0, index=index), units)
        for name in names:
            sums = weights @ _square(pd.Series(table[name].to_numpy(float), index=index), units)
            inside = np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)
            drawn = (counts > 0).sum(
                axis=1
            )  # an indicator none of whose areas is drawn is left out
            means[name] = inside.sum(axis=1) / np.where(drawn > 0, drawn, np.nan)
    return means


def _square(values: pd.Series, units: list[str]) -> Array:
    """Return sums by unit (rows, in the order of `units`) and indicator (columns)."""
    sums = values.groupby(level=[0, 1]).sum().unstack(fill_value=0)
    return sums.reindex(units, fill_value=0.0).to_numpy(float)


def _calibration(outcomes: Outcomes, units: list[str], weights: Array) -> Array:
    """Return the calibration error, by draw."""
    table = outcomes.chances[outcomes.chances["chance"].notna()]
    place = {unit: number for number, unit in enumerate(units)}
    chance = table["chance"].to_numpy(float)
    cell = table["unit"].map(place).to_numpy(int) * BINS + bin_of(chance)
    misses = chance - table["came"].to_numpy(float)
    size = len(units) * BINS
    counts = np.bincount(cell, minlength=size).reshape(-1, BINS)
    sums = np.bincount(cell, weights=misses, minlength=size).reshape(-1, BINS)
    result: Array = np.abs(weights @ sums).sum(axis=1) / (weights @ counts).sum(axis=1)
    return result
