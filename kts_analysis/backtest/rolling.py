"""Run a method over all cases: what it said, and what came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from kts_analysis.backtest.cases import WINDOWS, Integers, hash_number, thresholds
from kts_analysis.backtest.lines import no_change
from kts_analysis.backtest.methods import Forecasts, Method
from kts_analysis.backtest.panels import Panel
from kts_analysis.scales import Array

LEVELS = (0.5, 0.8, 0.95)  # of the intervals looked at
ENDS = tuple(f"{side}{level * 100:.0f}" for level in LEVELS for side in ("lo", "hi"))
FIRST_GAP_WINDOW = 4  # a window of three points has none to spare


class Outcomes(NamedTuple):
    """What a method said about all cases, and what came.

    Attributes
    ----------
    forecasts : pandas.DataFrame
        One row for each case, window and horizon: ``case, indicator, kind, unit, n`` (points
        shown), ``h`` (years ahead), ``value`` (what came), ``median``, ``lo50 hi50 lo80 hi80 lo95
        hi95``, ``scale``, ``abstained`` (the method gave nothing: no change stands in).
    chances : pandas.DataFrame
        One row for each of these and each threshold: ``case, indicator, unit, n, h, threshold``,
        ``chance`` (0 to 1, that the value is at the threshold or above), ``came`` (0 or 1).
    """

    forecasts: pd.DataFrame
    chances: pd.DataFrame


@dataclass(frozen=True)
class Batch:
    """Cases of one indicator and one origin that are answered by one call.

    Attributes
    ----------
    shown : array, shape (units, n)
        What the method sees.
    own : array, shape (cases, n)
        The cases' own windows, without gaps.
    rows : array of int, shape (cases,)
        The row of `shown` that is each case.
    cases : pandas.DataFrame
    """

    years: Array
    shown: Array
    own: Array
    rows: Integers
    cases: pd.DataFrame


def run_method(
    panels: Sequence[Panel],
    cases: pd.DataFrame,
    method: Method,
    *,
    gaps: bool = False,
    windows: Sequence[int] = WINDOWS,
) -> Outcomes:
    """Ask a method about every case.

    Parameters
    ----------
    panels : sequence of Panel
    cases : pandas.DataFrame
        From `cases.choose_cases`, or some of its rows.
    method : Method
    gaps : bool
        Take one year out of every window of four points and more (never the first, nor the last
        two).
    windows : sequence of int
        Numbers of points shown.

    Returns
    -------
    Outcomes
        Points and intervals are held inside the panel's bounds. Nothing of the future is shown.
    """
    by_name = {panel.indicator: panel for panel in panels}
    forecasts, chances = [], []
    for (name, column), part in cases.groupby(["indicator", "column"], sort=False):
        panel = by_name[str(name)]
        for n in windows:
            fitting = part[part["behind"] >= n]
            for batch in _batches(panel, int(str(column)), fitting, method, n, gaps):
                for h in range(1, int(batch.cases["ahead"].max()) + 1):
                    said, asked = _ask(panel, batch, method, n, h)
                    forecasts.append(said)
                    chances.append(asked)
    return Outcomes(_stack(forecasts, _FORECASTS, cases), _stack(chances, _CHANCES, cases))


_FORECASTS = ("case", "n", "h", "value", "median", *ENDS, "scale", "abstained")
_CHANCES = ("case", "n", "h", "threshold", "chance", "came")


def _batches(
    panel: Panel, column: int, cases: pd.DataFrame, method: Method, n: int, gaps: bool
) -> Iterator[Batch]:
    """Yield what is asked in one call: a whole panel, one cut to the case's peers, or the cases."""
    if not len(cases):
        return
    window = panel.values[:, column - n + 1 : column + 1]
    years = panel.first_year + np.arange(column - n + 1, column + 1, dtype=float)
    rows = cases["row"].to_numpy(int)
    holed = gaps and n >= FIRST_GAP_WINDOW
    if not method.shares:
        shown = window[rows]
        if holed:
            shown = _with_gaps(shown, [("gap", case, n) for case in cases["case"]])
        yield Batch(years, shown, window[rows], np.arange(len(rows)), cases)
        return
    complete = np.flatnonzero(np.isfinite(window).all(axis=1))
    if method.peers is None:
        shown = window[complete]
        if holed:
            keys = [("gap", panel.indicator, column, n, unit) for unit in complete]
            shown = _with_gaps(shown, keys)
        yield Batch(years, shown, window[rows], np.searchsorted(complete, rows), cases)
        return
    for place, row in enumerate(rows):
        one = cases.iloc[place : place + 1]
        case = one["case"].iloc[0]
        order = [hash_number("peer", case, unit) for unit in complete]
        ranked = np.lexsort((order, complete != row))[: method.peers]  # the case's own unit first
        shown = window[complete[ranked]]
        if holed:
            shown = _with_gaps(shown, [("gap", case, n, other) for other in ranked])
        yield Batch(years, shown, window[rows[place : place + 1]], np.array([0]), one)


def _with_gaps(window: Array, keys: Sequence[tuple[object, ...]]) -> Array:
    """Take one year out of each row, picked by the row's key; not the first nor the last two."""
    holed = window.copy()
    n = window.shape[1]
    places = [1 + hash_number(*key) % (n - 3) for key in keys]
    holed[np.arange(len(holed)), places] = np.nan
    return holed


def _ask(panel: Panel, batch: Batch, method: Method, n: int, h: int) -> tuple[Array, Array]:
    """Return rows of forecasts and of chances, as numbers in the order of the columns."""
    known = batch.cases["ahead"].to_numpy(int) >= h
    cases, rows = batch.cases[known], batch.rows[known]
    last, scale = cases["last"].to_numpy(float), cases["scale"].to_numpy(float)
    target = float(batch.years[-1] + h)
    wanted = np.full((len(batch.shown), 8), np.nan)
    wanted[rows] = thresholds(panel, last, scale, h)
    made = method.predict(batch.years, batch.shown, target, panel.bounds)
    numbers, chances = _answers(made, wanted, rows)
    silent = ~np.isfinite(numbers).all(axis=1)
    if silent.any():
        fallback = no_change(batch.years, batch.own[known][silent], target, panel.bounds)
        everything = np.arange(int(silent.sum()))
        numbers[silent], chances[silent] = _answers(fallback, wanted[rows][silent], everything)
    lower, upper = panel.bounds
    numbers = np.clip(numbers, -np.inf if lower is None else lower, upper)
    origin = cases["column"].to_numpy(int)
    came = panel.values[cases["row"].to_numpy(int), origin + h]
    number = cases["case"].to_numpy(float)
    ones = np.ones(len(cases))
    said = np.column_stack([number, n * ones, h * ones, came, numbers, scale, silent])
    where, which = np.nonzero(np.isfinite(wanted[rows]))
    limits = wanted[rows][where, which]
    asked = [number[where], n * ones[where], h * ones[where], limits, chances[where, which]]
    return said, np.column_stack([*asked, came[where] >= limits])


def _answers(made: Forecasts, wanted: Array, rows: Integers) -> tuple[Array, Array]:
    """Return median and interval ends, and the chances against each row's thresholds."""
    ends = [end[rows] for level in LEVELS for end in made.interval(level)]
    numbers = np.column_stack([made.median[rows], *ends])
    asked = np.flatnonzero(np.isfinite(wanted).any(axis=0))
    chances = np.full((len(rows), wanted.shape[1]), np.nan)
    for place in asked:
        chances[:, place] = made.probability(wanted[:, place], ">=")[rows]
    return numbers, np.clip(chances, 0.0, 1.0)


def _stack(blocks: Sequence[Array], columns: Sequence[str], cases: pd.DataFrame) -> pd.DataFrame:
    """Return blocks of numbers as one table, with the names that belong to each case."""
    numbers = np.concatenate(blocks) if blocks else np.empty((0, len(columns)))
    table = pd.DataFrame(numbers, columns=list(columns))
    whole = [name for name in ("case", "n", "h") if name in columns]
    table = table.astype(dict.fromkeys(whole, "int64"))
    names = cases.set_index("case")[["indicator", "kind", "unit"]]
    return table.join(names, on="case")
