"""What the province can be when parts are missing: coverage and bounds, not a silent mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from kts_analysis.entries import Area, Indicator, Plan, Target
from kts_analysis.figures import Figure
from kts_analysis.registry import Registry
from kts_analysis.rollup import addable, counted_parts, parts_on

Breaks = dict[str, tuple[date, ...]]
_COLUMNS = [
    "period",
    "period_end",
    "value",
    "counted",
    "expected",
    "missing",
    "coverage",
    "coverage_by",
    "hard_low",
    "hard_high",
    "exceedable",
    "likely_low",
    "likely_high",
]


@dataclass(frozen=True)
class _Sum:
    """Counts of the areas that gave them, and the sizes of those that did not (None: unknown)."""

    above: float
    below: float
    missing: dict[str, float | None]

    @property
    def unseen(self) -> float | None:
        """Denominators of the missing areas together; None when one of them is unknown."""
        sizes = [size for size in self.missing.values() if size is not None]
        return sum(sizes) if len(sizes) == len(self.missing) else None

    def at(self, rate: float | None) -> float:
        """Return the whole's rate (percent) with all missing areas at one rate."""
        if self.unseen is None or self.below + self.unseen <= 0:
            return float("nan")
        if rate is None:
            return 100 * self.above / self.below if not self.missing else float("nan")
        return (100 * self.above + rate * self.unseen) / (self.below + self.unseen)


def province_bounds(
    known: pd.DataFrame,
    plan: Plan,
    registry: Registry,
    target: Target,
    borders: date | None = None,
) -> pd.DataFrame:
    """Return between which values the home area lies when some parts gave no counts.

    A missing area counts with its own denominator of the nearest period on the same borders.

    Parameters
    ----------
    known, plan, registry, target, borders
        As in `rollup.add_up`.

    Returns
    -------
    pandas.DataFrame
        One row a period: ``period, period_end, value, counted, expected, missing``, where
        ``value`` is the rate of the areas that gave counts, and

        ``coverage, coverage_by``
            Part (percent) of the whole that gave counts: of the ``denominators`` where all are
            known, else of the number of ``areas``.
        ``hard_low, hard_high``
            The value (percent) with every missing area at the indicator's own lowest and highest
            value, 0 and 100 as a rule: nothing can lie outside. NaN where the indicator has no
            such end. Where a missing area's size is unknown, they are those ends themselves.
        ``exceedable``
            Whether reports of this indicator can exceed its upper end (subscriptions counted as
            people); then ``hard_high`` holds for the people, not for what is reported.
        ``likely_low, likely_high``
            The same with every missing area at the lowest and highest value that the areas
            counted have had up to then. Not sure bounds; NaN where a size is unknown.

    Examples
    --------
    >>> import kts_analysis as kts
    >>> registry, plan = kts.load_registry(), kts.load_plan("nam-dinh-105")
    >>> known = kts.read_observations(as_of="2025-06-30")
    >>> table = kts.province_bounds(known, plan, registry, plan.target("XHS09"))
    >>> table[["period", "counted", "expected", "coverage", "hard_low", "hard_high"]].round(1)
      period  counted  expected  coverage  hard_low  hard_high
    0   2023        7        10      73.0       9.9       36.9
    1   2024        9         9     100.0      20.5       20.5
    """
    by_period = counted_parts(known, plan, registry, target)
    history = [one for each in by_period.values() for one in each]
    card = registry.indicators[target.indicator]
    breaks = {code: () if borders else registry.border_days(code) for code in plan.areas}
    rows = []
    for _, figures in sorted(by_period.items(), key=lambda item: item[1][0].period_end):
        parts = parts_on(plan, registry, borders or figures[0].period_end)
        if parts:
            rows.append(_row(figures, parts, history, card, breaks))
    return pd.DataFrame(rows, columns=_COLUMNS)


def _row(
    figures: list[Figure],
    parts: list[Area],
    history: list[Figure],
    card: Indicator,
    breaks: Breaks,
) -> dict[str, object]:
    inside, end = addable(figures, parts), figures[0].period_end
    present = {one.area_code for one in inside}
    concept = inside[0].denominator_concept if inside else ""
    like: dict[str, list[Figure]] = {}
    for one in history:
        if one.denominator_concept == concept:
            like.setdefault(one.area_code, []).append(one)
    missing = [area.code for area in parts if area.code not in present]
    sizes = {code: _size(breaks[code], like.get(code, []), end) for code in missing}
    total = _Sum(
        float(sum(one.numerator for one in inside)),
        float(sum(one.denominator for one in inside)),
        sizes,
    )
    low, high = card.bounds.lower, card.bounds.upper
    own = [one.value for one in history if one.area_code in present and one.period_end <= end]
    known = total.unseen is not None
    return {
        "period": figures[0].period,
        "period_end": end,
        "value": 100 * total.above / total.below if total.below else float("nan"),
        "counted": len(present),
        "expected": len(parts),
        "missing": tuple(sizes),
        "coverage": _coverage(total, len(present), len(parts)),
        "coverage_by": "denominators" if known else "areas",
        "hard_low": total.at(low) if known else _or_nan(low),
        "hard_high": total.at(high) if known else _or_nan(high),
        "exceedable": card.bounds.reported_can_exceed,
        "likely_low": total.at(min(own, default=None)),
        "likely_high": total.at(max(own, default=None)),
    }


def _size(breaks: tuple[date, ...], own: list[Figure], end: date) -> float | None:
    """Return an area's denominator nearest to a day on the same borders; None without one."""
    same = [
        one
        for one in own
        if not any(min(one.period_end, end) < day <= max(one.period_end, end) for day in breaks)
    ]
    nearest = min(same, key=lambda one: (abs((one.period_end - end).days), one.t), default=None)
    return nearest.denominator if nearest else None


def _coverage(total: _Sum, counted: int, expected: int) -> float:
    """Part (percent) of the whole that gave counts."""
    if total.unseen is None or total.below + total.unseen <= 0:
        return 100 * counted / expected
    return 100 * total.below / (total.below + total.unseen)


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value
