"""Figures that cannot stand on the borders asked for: listed with the reason, never dropped."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Refusal:
    """A figure that cannot stand on the borders asked for, and why.

    Attributes
    ----------
    area_code : str
        Area of the borders asked for; the figure's own area where it did not exist in its period.
    message, params
        As in `errors.Problem`.
    """

    area_code: str
    indicator: str
    series: str
    breakdown: str
    period: str
    message: str
    params: dict[str, Any] = field(default_factory=dict)

    def text(self, translate: Any = None) -> str:
        """Return the reason in the language of `translate` (a Messages object), else English."""
        if translate:
            return str(translate(self.message, **self.params))
        return self.message.format_map(self.params)


def refusal_table(table: pd.DataFrame, translate: Any = None) -> pd.DataFrame:
    """Return what `harmonise` refused: ``area_code, indicator, series, breakdown, period, reason``.

    Parameters
    ----------
    table : pandas.DataFrame
        From `harmonise`.
    translate : Messages, optional
        Language of the reasons; English without it.

    Examples
    --------
    >>> from datetime import date
    >>> import kts_analysis as kts
    >>> crosswalk = kts.Crosswalk(kts.load_registry())
    >>> known = kts.read_observations(as_of="2025-06-30")
    >>> city = known.query("indicator == 'XHS05' and area_code == '356' and period == '2024'")
    >>> table = kts.harmonise(city, crosswalk, date(2025, 7, 1))
    >>> len(table), kts.refusal_table(table)["reason"].iloc[0]
    (0, 'how 356 was divided on 2025-07-01 is not known; state weights with a source')
    """
    rows = [
        (one.area_code, one.indicator, one.series, one.breakdown, one.period, one.text(translate))
        for one in table.attrs["refused"]
    ]
    names = ["area_code", "indicator", "series", "breakdown", "period", "reason"]
    return pd.DataFrame(rows, columns=names, dtype="str")
