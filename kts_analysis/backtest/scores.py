"""How far off, how wide, how often right: the measures of a backtest.

Every measure is averaged within an indicator first, then over the indicators, each weighing the
same, so that a large panel does not drown a small one; calibration (`calibration_error`,
`reliability`) is counted over all statements together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from kts_analysis.backtest.rolling import Outcomes
from kts_analysis.scales import Array

BINS = 10
SURE = 0.005  # chances nearer to 0 or 1 count as this in the log score, which would be infinite
TOUCH = 1e-9  # an outcome on the end of an interval is inside it
ERRORS = ("mae", "scaled_error", "wis", "scaled_wis", "cover50", "cover80", "cover95")
FIGURES = (*ERRORS, "brier", "log_score", "calibration_error", "abstained")


def interval_score(value: ArrayLike, low: ArrayLike, high: ArrayLike, level: float) -> Array:
    """Return the interval score: the width, and a fine for each outcome outside.

    Parameters
    ----------
    value, low, high : array_like
        Outcomes and interval ends, in one unit.
    level : float
        Chance (0 to 1) that the interval claims to hold the value; ``alpha = 1 - level``.

    Returns
    -------
    array
        ``(high - low) + 2/alpha * max(low - value, 0) + 2/alpha * max(value - high, 0)``, after
        Gneiting and Raftery (2007), doi:10.1198/016214506000001437.
    """
    what, low, high = (np.asarray(part, dtype=float) for part in (value, low, high))
    fine = 2 / (1 - level)
    outside = np.maximum(low - what, 0.0) + np.maximum(what - high, 0.0)
    return np.asarray(high - low + fine * outside, dtype=float)


def weighted_interval_score(
    value: ArrayLike, median: ArrayLike, intervals: Mapping[float, tuple[ArrayLike, ArrayLike]]
) -> Array:
    """Return the weighted interval score, in the unit of the values; smaller is better.

    Parameters
    ----------
    intervals : mapping
        Level (0 to 1) to lower and upper ends.

    Returns
    -------
    array
        ``(0.5*|value - median| + sum(alpha/2 * interval score)) / (K + 0.5)`` over K intervals,
        after Bracher et al. (2021), doi:10.1371/journal.pcbi.1008618.
    """
    what, middle = np.asarray(value, dtype=float), np.asarray(median, dtype=float)
    total = 0.5 * np.abs(what - middle)
    for level, (low, high) in intervals.items():
        total = total + (1 - level) / 2 * interval_score(what, low, high, level)
    return np.asarray(total / (len(intervals) + 0.5), dtype=float)


def errors(forecasts: pd.DataFrame, *, levels: Sequence[float] = (0.8, 0.95)) -> pd.DataFrame:
    """Return the forecasts with one column for each of `ERRORS`.

    Parameters
    ----------
    forecasts : pandas.DataFrame
        From `rolling.run_method`.
    levels : sequence of float
        Intervals in the weighted interval score; 0.5 may be added.

    Returns
    -------
    pandas.DataFrame
        ``mae`` and ``wis`` in points, the ``scaled_`` ones divided by the indicator's mean yearly
        change; ``cover…`` is 100 where the interval held the outcome, else 0.
    """
    table = forecasts.copy()
    value, scale = table["value"], table["scale"]
    pairs = {level: _ends(table, level) for level in levels}
    table["mae"] = (value - table["median"]).abs()
    table["scaled_error"] = table["mae"] / scale
    table["wis"] = weighted_interval_score(value, table["median"], pairs)
    table["scaled_wis"] = table["wis"] / scale
    for level in (0.5, 0.8, 0.95):
        low, high = _ends(table, level)
        held = (value >= low - TOUCH) & (value <= high + TOUCH)
        table[f"cover{level * 100:.0f}"] = 100.0 * held
    return table


def chance_errors(chances: pd.DataFrame) -> pd.DataFrame:
    """Return the statements that give a chance, with ``brier`` and ``log_score`` of each.

    Brier score ``(p - came)^2``; log score ``-log`` of the chance given to what came, chances held
    inside 0.005 to 0.995.
    """
    table = chances[chances["chance"].notna()].copy()
    said, came = table["chance"], table["came"]
    table["brier"] = (said - came) ** 2
    held = said.clip(SURE, 1 - SURE)
    table["log_score"] = -np.log(np.where(came == 1, held, 1 - held))
    return table


def summarise(outcomes: Outcomes, by: Sequence[str] = ()) -> pd.DataFrame:
    """Return the measures over all cases, or by ``n`` and ``h``.

    Parameters
    ----------
    outcomes : Outcomes
    by : sequence of {"n", "h"}
        Empty: one row for everything.

    Returns
    -------
    pandas.DataFrame
        Columns `FIGURES` (coverage and ``abstained`` in percent, 0-100; the Brier score and the
        calibration error on the scale of chances), ``forecasts`` and ``statements``: how many of
        them; indexed by `by`.
    """
    keys = list(by)
    forecasts, chances = errors(outcomes.forecasts), chance_errors(outcomes.chances)
    if not keys:
        keys = ["all"]
        forecasts, chances = forecasts.assign(all=0), chances.assign(all=0)
    forecasts["abstained"] = 100.0 * forecasts["abstained"]
    table = _macro(forecasts, keys, list(ERRORS))
    table = table.join(_macro(chances, keys, ["brier", "log_score"]))
    grouped = [(key, calibration_error(part)) for key, part in chances.groupby(keys)]
    calibration = {key if len(keys) > 1 else key[0]: value for key, value in grouped}
    table["calibration_error"] = pd.Series(calibration, dtype=float)
    table["abstained"] = forecasts.groupby(keys)["abstained"].mean()
    table["forecasts"] = forecasts.groupby(keys).size()
    table["statements"] = chances.groupby(keys).size().reindex(table.index, fill_value=0)
    return table


def calibration_error(chances: pd.DataFrame) -> float:
    """Return the expected calibration error, on the scale of chances (0 to 1).

    The mean distance, over ten equal bins, between the mean chance said and the share that came,
    each bin weighing as many statements as it holds (Naeini et al. 2015). NaN without statements.
    """
    table = reliability(chances)
    known = table[table["count"] > 0]
    if not len(known):
        return float("nan")
    distance = (known["said"] - known["came"] / known["count"]).abs()
    return float((distance * known["count"]).sum() / known["count"].sum())


def reliability(chances: pd.DataFrame) -> pd.DataFrame:
    """Return what became of the statements, by the chance they gave.

    Parameters
    ----------
    chances : pandas.DataFrame
        With ``chance`` (0 to 1), ``came`` (0 or 1), ``indicator`` and ``unit``.

    Returns
    -------
    pandas.DataFrame
        Ten rows, one a bin (0: 0-10%, …, 9: 90-100%): ``count`` of statements, how many ``came``
        true, mean chance ``said`` (0 to 1; NaN in an empty bin), and ``series``: how many different
        series (indicator and unit) they are about.
    """
    table = chances[chances["chance"].notna()]
    places = bin_of(table["chance"].to_numpy(float))
    count = np.bincount(places, minlength=BINS)
    came = np.bincount(places, weights=table["came"].to_numpy(float), minlength=BINS)
    said = np.bincount(places, weights=table["chance"].to_numpy(float), minlength=BINS)
    series = table.assign(bin=places).drop_duplicates(["bin", "indicator", "unit"])
    return pd.DataFrame(
        {
            "count": count,
            "came": came.astype(int),
            "said": np.where(count > 0, said / np.maximum(count, 1), np.nan),
            "series": np.bincount(series["bin"].to_numpy(int), minlength=BINS),
        },
        index=pd.RangeIndex(BINS, name="bin"),
    )


def bin_of(chance: Array) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the bin (0 to 9) of each chance; a chance of 1 belongs to the last."""
    return np.minimum((np.atleast_1d(chance) * BINS).astype(np.int64), BINS - 1)


def _ends(table: pd.DataFrame, level: float) -> tuple[pd.Series, pd.Series]:
    return table[f"lo{level * 100:.0f}"], table[f"hi{level * 100:.0f}"]


def _macro(table: pd.DataFrame, keys: list[str], columns: list[str]) -> pd.DataFrame:
    """Mean within each indicator, then over the indicators."""
    means = table.groupby([*keys, "indicator"])[columns].mean()
    return means.groupby(keys).mean()
