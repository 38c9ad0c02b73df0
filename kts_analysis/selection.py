"""From observations to the dated points of one line: one method, one vintage, one border."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kts_analysis.border_points import BOUNDS, Wanted, loosest_qualifier, until
from kts_analysis.entries import Area, Target
from kts_analysis.figures import Figure, Figures, newest, table_of
from kts_analysis.registry import Registry
from kts_analysis.schema import join_flags, worst_origin

__all__ = [
    "BOUNDS",
    "WEIGHTS",
    "Line",
    "choose_series",
    "line_of",
    "loosest_qualifier",
    "newest",
    "series_line",
]

# How much a point counts in a fit: a figure the source itself calls loose or not final counts half,
# a bound (used only when it is the newest news) a quarter. Ours, by order of firmness.
WEIGHTS = {
    "exact": 1.0,
    "preliminary": 0.5,
    "estimate": 0.5,
    "about": 0.5,
    "at_least": 0.25,
    "at_most": 0.25,
}


@dataclass(frozen=True)
class Line:
    """The dated points of one area, one indicator, one series and one breakdown.

    Attributes
    ----------
    series : str
        Measuring method, empty when there are no data or none could be chosen.
    figures : tuple of Figure
        One a period in order of time, newest vintage first chosen; bounds included.
    rivals : tuple of str
        Other methods that have figures for the same area and indicator.
    borders : date or None
        Day whose borders the points stand on, when the area's borders changed.
    lost : tuple of str
        Periods left out because they could not be carried to those borders by counts.
    """

    area: Area
    indicator: str
    series: str
    breakdown: str
    figures: tuple[Figure, ...] = field(repr=False)
    rivals: tuple[str, ...] = ()
    borders: date | None = None
    lost: tuple[str, ...] = ()

    @cached_property
    def points(self) -> pd.DataFrame:
        """The figures as a table, one row a period."""
        return table_of(self.figures)

    @property
    def fit_points(self) -> pd.DataFrame:
        """The points a trend may use: those that are not bounds, from the newest break on.

        The newest figure is used even when it is a bound ("trên 87%"): a trend that ignores the
        newest news would contradict what is already known. Figures from before a change of method
        or definition (flag ``method_break``) never form one line with those after it.
        """
        return self.points.iloc[self._fitting]

    @cached_property
    def _fitting(self) -> list[int]:
        """Places of the points a trend may use."""
        broken, last = self.newest_break, len(self.figures) - 1
        return [
            place
            for place, figure in enumerate(self.figures)
            if (place == last or figure.qualifier not in BOUNDS) and figure.t >= broken
        ]

    @cached_property
    def fit_times(self) -> NDArray[np.float64]:
        """Dates (years) of the points a trend may use."""
        return np.array([self.figures[place].t for place in self._fitting], dtype=float)

    @cached_property
    def fit_values(self) -> NDArray[np.float64]:
        """Values of the points a trend may use, percent."""
        return np.array([self.figures[place].value for place in self._fitting], dtype=float)

    @cached_property
    def fit_weights(self) -> list[float]:
        """How much each point a trend may use counts."""
        return [WEIGHTS[self.figures[place].qualifier] for place in self._fitting]

    @property
    def newest_break(self) -> float:
        """Date (years) of the newest change of method or definition; -inf without one."""
        marked = [item for item in self.figures if item.flags]
        broken = [item.t for item in marked if "method_break" in item.flags.split(";")]
        return max(broken, default=float("-inf"))

    @cached_property
    def origin(self) -> str:
        """The origin a result from these points must carry."""
        return worst_origin({figure.origin for figure in self.figures})

    @property
    def flags(self) -> str:
        """All flags of the points, each once."""
        return join_flags([figure.flags for figure in self.figures])


def choose_series(
    table: pd.DataFrame | Figures, area: Area, indicator: str, wanted: str | None
) -> str:
    """Return the measuring method to follow.

    The plan's choice goes before all. Without one, a single method is taken; several are not
    chosen between, because rival methods differ by more than a year's movement.

    Returns
    -------
    str
        Series id; empty when the plan's choice has no figures, or several stand and none is named.
    """
    return _choice(_series_in(Figures.of(table).at(area.code, indicator)), wanted)


def _series_in(figures: Iterable[Figure]) -> list[str]:
    return list(dict.fromkeys(figure.series for figure in figures))


def _choice(present: list[str], wanted: str | None) -> str:
    if wanted:
        return wanted if wanted in present else ""
    return present[0] if len(present) == 1 else ""


def line_of(
    table: pd.DataFrame | Figures,
    registry: Registry,
    area: Area,
    target: Target,
    as_of: date,
    breakdown: str = "",
    before: date | None = None,
) -> Line:
    """Return the line a target of an area is judged on.

    Parameters
    ----------
    table : pandas.DataFrame or Figures
        Observations already limited to what was known on `as_of`.
    before : date, optional
        Only figures of periods that ended before this day.
    """
    book = Figures.of(table)
    rivals = _series_in(until(book.at(area.code, target.indicator), before))
    series = _choice(rivals, target.series.get(area.level))
    return series_line(
        book, registry, area, target.indicator, series, as_of, breakdown, rivals, before
    )


def series_line(
    table: pd.DataFrame | Figures,
    registry: Registry,
    area: Area,
    indicator: str,
    series: str,
    as_of: date,
    breakdown: str = "",
    rivals: Iterable[str] = (),
    before: date | None = None,
) -> Line:
    """Return the points of one named method on the borders the area had at the as-of date.

    No line crosses a day on which the area's borders changed (`Registry.border_days`): areas that
    were merged into it whole are added by their counts; where it received or gave a part, or its
    code was given to another area, the points before that day are left out and listed as lost.
    """
    wanted = Wanted(Figures.of(table), registry, indicator, series, breakdown, before)
    points, borders, lost = wanted.on_newest_borders(area.code, as_of)
    others = tuple(sorted(set(rivals) - {series}))
    return Line(area, indicator, series, breakdown, tuple(points), others, borders, tuple(lost))
