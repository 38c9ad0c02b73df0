"""Required pace in four definitions, each beside the pace so far.

Progress rules differ in what they call a pace: points a year, a compound or a logarithmic rate of
growth, or the logit. One target can look near by one and far by another, so all four stand side by
side, each with the observed pace and the acceleration in the same definition. Required is counted
from the as-of date and the newest figure (as IGME does), not from a base year (as Eurostat does);
observed from the first to the newest figure. All paces are positive towards the target.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from kts_analysis.attainment import SHORTEST_YEARS, acceleration, gap
from kts_analysis.i18n import N_
from kts_analysis.scales import Array, Bounds

NAN = float("nan")

DEFINITIONS = {
    "points": N_("points a year"),
    "compound": N_("compound growth, % a year"),
    "log": N_("logarithmic growth, % a year"),
    "logit": N_("logit a year"),
}

PACE_REASONS = {
    "": "",
    "last_month": N_("less than a month is left"),
    "not_positive": N_("a rate of growth needs a figure and a target above zero"),
    "at_bound": N_("the figure or the target is at a bound, where the logit has no value"),
    "no_bounds": N_("the logit needs both bounds"),
    "one_figure": N_("one dated figure only: no pace so far"),
    "no_progress": N_("no progress so far that could be multiplied"),
}


@dataclass(frozen=True)
class RequiredPace:
    """A required pace in one definition, beside the pace so far in the same definition.

    Attributes
    ----------
    definition : str
        A key of `DEFINITIONS`.
    required : float
        From the newest figure, as-of date to deadline; 0 when the target is already reached.
    observed : float
        From the first to the newest figure.
    acceleration : float
        Required / observed; NaN when there was no progress.
    reason : str
        A key of `PACE_REASONS`: why a number is missing (the first reason), else empty.
    """

    definition: str
    required: float
    observed: float
    acceleration: float
    reason: str = ""


def required_paces(
    latest: float,
    threshold: float,
    comparator: str,
    years_left: float,
    times: ArrayLike,
    values: ArrayLike,
    bounds: Bounds = (0.0, 100.0),
) -> tuple[RequiredPace, ...]:
    """Return the required pace in the four definitions of `DEFINITIONS`, in that order.

    With y the newest figure, T the threshold and n the years left: points (T - y) / n; compound
    100 ((T / y)^(1/n) - 1); log 100 ln(T / y) / n; logit (logit T - logit y) / n on the share of
    the way between the bounds. Compound is the required CAGR of Open SDG's progress rule
    (https://open-sdg.readthedocs.io/en/latest/progress-methodology/); log is UN IGME's annual
    rate, ARR = ln(y0 / y1) / (t1 - t0).

    Parameters
    ----------
    latest, threshold : float
        In the unit of the values, e.g. percent 0-100.
    comparator : {">", ">=", "<", "<="}
        ``<`` and ``<=`` are targets to fall to; their paces count as positive downwards.
    years_left : float
        From the as-of date to the deadline.
    times, values : array_like, shape (n,)
        The dated figures in order of time, for the pace so far.
    bounds : (lower, upper)
        Natural bounds, either may be None.

    Returns
    -------
    tuple of RequiredPace
        A target already reached needs 0 in every definition. NaN with its reason: less than a
        month left; growth from or to zero or below; the logit of a bound or without bounds.
    """
    toward = 1.0 if comparator in (">", ">=") else -1.0
    needed, why = _needed(latest, threshold, comparator, years_left, bounds)
    so_far = _observed(np.asarray(times, dtype=float), np.asarray(values, dtype=float), bounds)
    result = []
    for name in DEFINITIONS:
        required, observed = toward * needed[name], toward * so_far[name]
        faster = acceleration(required, observed)
        reason = why.get(name, "")
        if not reason and np.isnan(observed):
            reason = "one_figure" if np.isnan(so_far["points"]) else _undefined(name, bounds)
        elif not reason and np.isnan(faster):
            reason = "no_progress"
        result.append(RequiredPace(name, required + 0.0, observed + 0.0, faster, reason))
    return tuple(result)


def _needed(
    latest: float, threshold: float, comparator: str, years_left: float, bounds: Bounds
) -> tuple[dict[str, float], dict[str, str]]:
    """Required change a year in each definition, and why one is missing."""
    if not years_left >= SHORTEST_YEARS:
        return dict.fromkeys(DEFINITIONS, NAN), dict.fromkeys(DEFINITIONS, "last_month")
    if gap(latest, threshold, comparator) <= 0:
        return dict.fromkeys(DEFINITIONS, 0.0), {}
    paces = _change(latest, threshold, years_left, bounds)
    return paces, {name: _undefined(name, bounds) for name in paces if np.isnan(paces[name])}


def _observed(times: Array, values: Array, bounds: Bounds) -> dict[str, float]:
    """Change a year from the first to the last figure in each definition."""
    if len(times) < 2 or times[-1] == times[0]:
        return dict.fromkeys(DEFINITIONS, NAN)
    return _change(float(values[0]), float(values[-1]), float(times[-1] - times[0]), bounds)


def _change(start: float, end: float, years: float, bounds: Bounds) -> dict[str, float]:
    """Change a year from one value to another in each definition; NaN where it has no value."""
    growth = np.log(end / start) / years if start > 0 and end > 0 else NAN
    bend = (_logit(end, bounds) - _logit(start, bounds)) / years
    return {
        "points": (end - start) / years,
        "compound": float(100 * np.expm1(growth)),
        "log": float(100 * growth),
        "logit": bend,
    }


def _logit(value: float, bounds: Bounds) -> float:
    lower, upper = bounds
    if lower is None or upper is None or not lower < value < upper:
        return NAN
    return float(np.log((value - lower) / (upper - value)))


def _undefined(definition: str, bounds: Bounds) -> str:
    """Reason why a definition has no value for these figures."""
    if definition != "logit":
        return "not_positive"
    return "no_bounds" if None in bounds else "at_bound"
