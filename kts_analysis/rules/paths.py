"""Scenario lines of WHO's Triple Billion: the path a target requires, year by year.

Source: github.com/gpw13/billionaiRe, `R/scenarios_*.R` and its tests, which these reproduce.
"""

from __future__ import annotations

from collections.abc import Mapping


def straight_path(base_year: int, base: float, target_year: int, target: float) -> dict[int, float]:
    """Return the straight line from base to target, one value a year, both ends included.

    Raises
    ------
    ValueError
        The target year is not after the base year.
    """
    years = _years(base_year, target_year)
    step = (target - base) / years
    return {base_year + n: base + step * n for n in range(years)} | {target_year: target}


def required_rate(base: float, target: float, years: float) -> float:
    """Return the compound change a year that lands on the target, as a fraction.

    ``(target / base) ** (1 / years) - 1``.

    Raises
    ------
    ValueError
        A value is not above zero, or no time lies between.
    """
    if base <= 0 or target <= 0 or years <= 0:
        raise ValueError("a rate of change needs values above zero and some years between")
    return float((target / base) ** (1 / years)) - 1


def rate_path(base_year: int, base: float, target_year: int, rate: float) -> dict[int, float]:
    """Return the path of a compound change a year (a fraction), both ends included."""
    years = _years(base_year, target_year)
    return {base_year + n: base * (1 + rate) ** n for n in range(years + 1)}


def percent_path(
    base_year: int, base: float, target_year: int, percent_change: float
) -> dict[int, float]:
    """Return the straight line that changes the base by a percentage (0-100) by the target year."""
    return straight_path(base_year, base, target_year, base * (1 + percent_change / 100))


def trimmed(
    path: Mapping[int, float], lower: float = 0.0, upper: float = 100.0
) -> dict[int, float]:
    """Return the path inside its bounds (percent 0-100)."""
    return {year: min(max(value, lower), upper) for year, value in path.items()}


def keep_better(
    path: Mapping[int, float], observed: Mapping[int, float], direction: int
) -> dict[int, float]:
    """Return the path with observed values where they are better than it.

    Parameters
    ----------
    direction : int
        +1 when an increase is wanted, -1 when a decrease is.
    """
    better = max if direction > 0 else min
    return {year: better(value, observed.get(year, value)) for year, value in path.items()}


def _years(base_year: int, target_year: int) -> int:
    if target_year <= base_year:
        raise ValueError(f"the target year {target_year} is not after the base year {base_year}")
    return target_year - base_year
