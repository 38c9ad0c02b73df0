"""Percentages from a numerator and a denominator, refused where they cannot be.

The shared core of the indicator functions. A missing count gives a missing rate; a count that
cannot be (a negative one, a part larger than its whole, a zero denominator) is an error that
shows where it stands, never a silently repaired number.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

# A scalar, a labelled column or an array in; the same kind out. Lists are taken as arrays.
Rates = TypeVar("Rates", float, "pd.Series[float]", FloatArray)

OVER_100 = "over_100"
SHOWN = 5  # enough to recognise the mistake, short enough to read

_WHAT_TO_DO = {
    "numerator_above_denominator": "a part cannot exceed its whole: check both counts, their "
    "date and whether events or accounts were counted instead of people",
    "denominator_zero": "nothing to divide by: leave numerator and denominator empty where the "
    "area has none",
    "denominator_negative": "a count cannot be negative: check the sign",
    "numerator_negative": "a count cannot be negative: check the sign",
    "not_finite": "an infinite number is no count: leave the cell empty if it is not known",
    "rate_above_100": "this rate cannot exceed 100: check the counts behind it",
    "rate_negative": "a rate cannot be negative: check the sign",
}


@dataclass(frozen=True)
class Impossible:
    """One impossible input: where it stands, which rule it breaks and what was found.

    Attributes
    ----------
    position : hashable
        Index label of a Series, position in an array (from 0), or None for a scalar.
    rule : str
        ``numerator_above_denominator``, ``denominator_zero``, ``denominator_negative``,
        ``numerator_negative``, ``not_finite``, ``rate_above_100`` or ``rate_negative``.
    found : str
        The value or values, as text.
    """

    position: Hashable
    rule: str
    found: str

    def __str__(self) -> str:
        place = "" if self.position is None else f"at {self.position!r}: "
        return f"{place}{self.rule.replace('_', ' ')} ({self.found}); {_WHAT_TO_DO[self.rule]}"


class ImpossibleInput(ValueError):  # noqa: N818 - says what happened, in the reader's words
    """Counts or rates that cannot be; every offending position is in one error.

    Attributes
    ----------
    problems : tuple of Impossible
        All of them; the message shows the first five.
    """

    def __init__(self, name: str, problems: Sequence[Impossible]) -> None:
        self.problems = tuple(problems)
        lines = [f"{name}: {len(self.problems)} impossible input(s)"]
        lines += [f"  {problem}" for problem in self.problems[:SHOWN]]
        if len(self.problems) > SHOWN:
            lines.append(f"  and {len(self.problems) - SHOWN} more")
        super().__init__("\n".join(lines))


def percentage(
    numerator: Rates, denominator: Rates, *, name: str, may_exceed: bool = False
) -> Rates:
    """Numerator as a percentage of the denominator.

    Parameters
    ----------
    numerator, denominator : float, Series or array
        Same length and, for two Series, the same index labels (any order). NaN, None and NA
        are missing. A scalar denominator applies to every numerator.
    name : str
        What is computed, for the error message.
    may_exceed : bool
        Whether the numerator may exceed the denominator, as when accounts are reported for
        people. The rate is then above 100 and is returned as it is.

    Returns
    -------
    float, Series or array
        ``100 * numerator / denominator`` in percent, 0-100 unless `may_exceed`; NaN where
        either count is missing. A Series keeps the numerator's index, a list gives an array.

    Raises
    ------
    ImpossibleInput
        Negative or infinite counts, a denominator of zero, or a numerator above the denominator
        where that cannot be.
    ValueError
        Different index labels or lengths.
    TypeError
        Text in place of a number.
    """
    index = _common_index(numerator, denominator)
    top, bottom = _numbers(numerator, index), _numbers(denominator, index)
    if top.ndim and bottom.ndim and top.shape != bottom.shape:
        raise ValueError(f"{name}: {top.size} numerators but {bottom.size} denominators")
    top, bottom = np.broadcast_arrays(top, bottom)
    problems = _count_problems(top, bottom, index, may_exceed)
    if problems:
        raise ImpossibleInput(name, problems)
    rate = 100.0 * top / bottom
    # 100 * x / x can round to a hair above 100; a part of its whole must not.
    rate = np.where(top <= bottom, np.minimum(rate, 100.0), rate)
    result: Rates = _like_input(rate, index)
    return result


def over_100_flags(rate: Rates, *, name: str, may_exceed: bool) -> Any:
    """Flag rates above 100; the rates themselves are left alone.

    Parameters
    ----------
    rate : float, Series or array
        Percent.
    name : str
        What the rate measures, for the error message.
    may_exceed : bool
        Whether reported rates above 100 occur.

    Returns
    -------
    str, Series or array of str
        ``over_100`` or an empty text, in the shape of the input.

    Raises
    ------
    ImpossibleInput
        A rate below 0 or infinite, or above 100 where that cannot be.
    """
    index = _common_index(rate)
    values = _numbers(rate, index)
    rules = {"rate_negative": values < 0, "not_finite": np.isinf(values)}
    if not may_exceed:
        rules["rate_above_100"] = values > 100
    problems = _collect(rules, index, lambda at: f"{np.atleast_1d(values)[at]:.10g}")
    if problems:
        raise ImpossibleInput(name, problems)
    flagged = np.where(values > 100, OVER_100, "")
    if index is not None:
        return pd.Series(flagged, index=index)
    return flagged if flagged.ndim else str(flagged)


def _count_problems(
    top: FloatArray, bottom: FloatArray, index: pd.Index[Any] | None, may_exceed: bool
) -> list[Impossible]:
    rules = {
        "not_finite": np.isinf(top) | np.isinf(bottom),
        "denominator_zero": bottom == 0,
        "denominator_negative": bottom < 0,
        "numerator_negative": top < 0,
    }
    if not may_exceed:
        rules["numerator_above_denominator"] = (top > bottom) & (bottom > 0) & np.isfinite(top)
    tops, bottoms = np.atleast_1d(top), np.atleast_1d(bottom)
    return _collect(
        rules, index, lambda at: f"numerator {tops[at]:.10g}, denominator {bottoms[at]:.10g}"
    )


def _collect(rules: dict[str, Any], index: pd.Index[Any] | None, found: Any) -> list[Impossible]:
    """All broken rules, in the order of the rows."""
    hits = [
        (int(at), rule)
        for rule, mask in rules.items()
        for at in np.flatnonzero(np.atleast_1d(mask))
    ]
    scalar = index is None and all(np.ndim(mask) == 0 for mask in rules.values())

    def position(at: int) -> Hashable:
        if index is not None:
            label: Hashable = index[at]
            return label.item() if isinstance(label, np.generic) else label
        return None if scalar else at

    return [Impossible(position(at), rule, found(at)) for at, rule in sorted(hits)]


def _common_index(*columns: Any) -> pd.Index[Any] | None:
    """Index of the first Series; a second one must carry the same labels."""
    indexes = [column.index for column in columns if isinstance(column, pd.Series)]
    for other in indexes[1:]:
        if not other.equals(indexes[0]):
            different = indexes[0].symmetric_difference(other)
            if len(different) or not (other.is_unique and indexes[0].is_unique):
                shown = ", ".join(str(label) for label in different[:SHOWN])
                raise ValueError(
                    "numerator and denominator must have the same index labels, each once; "
                    f"labels in only one of them: {shown or 'none, but some stand twice'}"
                )
    return indexes[0] if indexes else None


def _numbers(values: Any, index: pd.Index[Any] | None) -> FloatArray:
    """Floats with NaN for missing; text is refused, for 1.234 may mean 1234."""
    if isinstance(values, pd.Series):
        column = values if index is None or values.index.equals(index) else values.reindex(index)
        if pd.api.types.is_numeric_dtype(column.dtype):
            return column.to_numpy(dtype=np.float64, na_value=np.nan)
        return np.array([_number(cell) for cell in column], dtype=np.float64)
    array = np.asarray(values)
    if array.dtype.kind in "iuf":
        return array.astype(np.float64)
    if array.ndim == 0:
        return np.array(_number(values), dtype=np.float64)
    return np.array([_number(cell) for cell in values], dtype=np.float64)


def _number(cell: Any) -> float:
    if cell is None or cell is pd.NA:
        return math.nan
    if isinstance(cell, str):
        raise TypeError(f"a number is needed, found the text {cell!r}")
    return float(cell)


def _like_input(rate: FloatArray, index: pd.Index[Any] | None) -> Any:
    if index is not None:
        return pd.Series(rate, index=index)
    return rate if rate.ndim else float(rate)
