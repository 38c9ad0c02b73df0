"""Which past moments a projection is tested at: cases picked by a hash, the same for every method.

A case is an indicator, a unit and an origin (a year): a run of consecutive years ends there, and at
least one later year is known. From it the last n = 3, 4, 5, 6 or 8 points are shown to a method,
which projects 1 to 6 years ahead wherever the outcome is known. Left out are runs that do not move
and runs that end at a bound: there is nothing to project.

Of all cases, `PER_INDICATOR` an indicator are taken in the order of a hash of their names, first
among those with a full run (8 points behind, 3 years ahead); shorter ones fill up an indicator
that has few. No random number and no clock is asked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kts_analysis.backtest.panels import Panel
from kts_analysis.scales import Array

WINDOWS = (3, 4, 5, 6, 8)  # points shown to a method
HORIZONS = 6  # years projected at most
PER_INDICATOR = 60
SEED = "v1"
LEVEL_FACTOR = 4  # a panel of levels holds unlike series, so it gives more cases
FULL_RUN, FULL_AHEAD = 8, 3
STILL = 0.1  # points: a percentage that moves less over its whole run counts as constant
NEAR_TOP = 0.5  # points below the upper bound that count as at it
# Thresholds asked about: round numbers within reach of the last value, and where the last value
# would come at back, half, same and double the indicator's typical pace.
ROUND_THRESHOLDS = (50.0, 70.0, 80.0, 90.0)
REACH = 25.0
PACES = (-0.5, 0.5, 1.0, 2.0)

Integers = NDArray[np.int64]


def hash_number(*parts: object) -> int:
    """Return a whole number that depends on the parts alone (a picking order, not a secret)."""
    text = "|".join(map(str, parts)).encode()
    return int(hashlib.md5(text, usedforsecurity=False).hexdigest()[:12], 16)


def choose_cases(
    panels: Iterable[Panel], *, per_indicator: int = PER_INDICATOR, seed: str = SEED
) -> pd.DataFrame:
    """Pick the cases of some panels.

    Parameters
    ----------
    panels : iterable of Panel
    per_indicator : int
        Cases wanted of each indicator (four times as many of a panel of levels).
    seed : str
        Another text picks other cases.

    Returns
    -------
    pandas.DataFrame
        One row a case: ``case`` (its number), ``indicator``, ``kind``, ``unit``, ``row`` and
        ``column`` (its place in the panel's values), ``behind`` (points up to the origin, 8 at
        most), ``ahead`` (years known after it, 6 at most), ``last`` (value at the origin) and
        ``scale`` (the mean yearly change by which errors are divided).
    """
    rows: list[dict[str, object]] = []
    for panel in panels:
        behind, ahead = runs(panel.values)
        usual = panel.typical_change
        for row, column in _pick(panel, behind, ahead, per_indicator, seed):
            scale = _own_change(panel.values[row, : column + 1]) if _levels(panel) else usual
            if scale > 0:
                rows.append(
                    {
                        "case": len(rows),
                        "indicator": panel.indicator,
                        "kind": panel.kind,
                        "unit": panel.units[row],
                        "row": row,
                        "column": column,
                        "behind": int(behind[row, column]),
                        "ahead": int(ahead[row, column]),
                        "last": float(panel.values[row, column]),
                        "scale": scale,
                    }
                )
    columns = ["case", "indicator", "kind", "unit", "row", "column", "behind", "ahead", "last"]
    return pd.DataFrame(rows, columns=[*columns, "scale"])


def runs(values: Array) -> tuple[Integers, Integers]:
    """Return, for each cell, how many consecutive years are known up to it and after it.

    Parameters
    ----------
    values : array, shape (units, years)

    Returns
    -------
    behind, ahead : arrays of int, shape (units, years)
        ``behind`` counts the cell itself and is 8 at most; ``ahead`` is 6 at most. Both are 0
        where the cell is unknown.
    """
    known = np.isfinite(values)
    behind, after = np.zeros(known.shape, np.int64), np.zeros(known.shape, np.int64)
    for column in range(1, known.shape[1] + 1):
        earlier = behind[:, column - 2] if column > 1 else 0
        behind[:, column - 1] = (earlier + 1) * known[:, column - 1]
        if column > 1:
            after[:, -column] = (after[:, -column + 1] + 1) * known[:, -column + 1]
    return np.minimum(behind, FULL_RUN), np.minimum(after, HORIZONS) * known


def thresholds(panel: Panel, last: Array, scale: Array, horizon: int) -> Array:
    """Return the thresholds each case is asked about, NaN where one does not apply.

    Parameters
    ----------
    last, scale : arrays, shape (cases,)
    horizon : int
        Years ahead.

    Returns
    -------
    array, shape (cases, 8)
        The round numbers (only where the upper bound is 100), then the paces.
    """
    lower, upper = panel.bounds
    fixed = np.broadcast_to(np.array(ROUND_THRESHOLDS), (len(last), len(ROUND_THRESHOLDS)))
    near = (np.abs(fixed - last[:, None]) <= REACH) & (upper == 100)
    paced = last[:, None] + np.array(PACES) * scale[:, None] * horizon
    inside = paced > (-np.inf if lower is None else lower)
    inside &= paced < (np.inf if upper is None else upper)
    return np.hstack([np.where(near, fixed, np.nan), np.where(inside, paced, np.nan)])


def _pick(
    panel: Panel, behind: Integers, ahead: Integers, per_indicator: int, seed: str
) -> Iterator[tuple[int, int]]:
    """Yield row and column of the cases taken, in the order of their hash."""
    possible = (behind >= min(WINDOWS)) & (ahead >= 1) & _moving(panel, behind)
    full = (behind >= FULL_RUN) & (ahead >= FULL_AHEAD)
    long, short = [], []
    for row, column in np.argwhere(possible):
        order = hash_number(seed, panel.indicator, panel.units[row], column)
        entry = (order, int(row), int(column))
        if full[row, column]:
            long.append(entry)
        elif behind[row, column] >= 4 or ahead[row, column] >= 2:  # 3 points and 1 year is little
            short.append(entry)
    taken = sorted(long)[: per_indicator * (LEVEL_FACTOR if _levels(panel) else 1)]
    if len(taken) < per_indicator // 2:
        taken = (taken + sorted(short))[:per_indicator]
    for _, row, column in taken:
        yield row, column


def _moving(panel: Panel, behind: Integers) -> NDArray[np.bool_]:
    """Return which runs move, and do not end at a bound."""
    lower, upper = panel.bounds
    values = panel.values
    high, low = values.copy(), values.copy()
    for back in range(1, FULL_RUN):
        earlier = np.full(values.shape, np.nan)
        earlier[:, back:] = values[:, :-back]
        earlier[behind <= back] = np.nan
        high, low = np.fmax(high, earlier), np.fmin(low, earlier)
    with np.errstate(invalid="ignore"):
        moving = high - low >= 1e-9 + (STILL if upper == 100 else 0.0)
        if upper is not None:
            moving &= values < upper - NEAR_TOP
        if lower is not None:
            moving &= values > lower
        if _levels(panel):
            moving &= low > 0
    return moving


def _levels(panel: Panel) -> bool:
    return panel.kind == "level"


def _own_change(values: Array) -> float:
    """Mean absolute change between a unit's own figures so far."""
    known = values[np.isfinite(values)]
    return float(np.mean(np.abs(np.diff(known))))
