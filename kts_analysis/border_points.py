"""The points of one area on its newest borders: no line crosses a day on which they changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from kts_analysis.entries import Succession
from kts_analysis.figures import FIRMNESS, Figure, Figures, newest_of
from kts_analysis.registry import Registry
from kts_analysis.schema import join_flags, worst_origin

BOUNDS = ("at_least", "at_most")  # qualifiers that say a bound; a bound is not a point


@dataclass(frozen=True)
class Wanted:
    """One method's figures of one indicator, by area.

    Attributes
    ----------
    before : date or None
        Only figures of periods that ended before this day.
    """

    book: Figures
    registry: Registry
    indicator: str
    series: str
    breakdown: str
    before: date | None

    def figures(self, code: str) -> list[Figure]:
        """Return the newest figures of one area, in order of time."""
        return newest_of(
            figure
            for figure in until(self.book.at(code, self.indicator), self.before)
            if figure.series == self.series and figure.breakdown == self.breakdown
        )

    def on_newest_borders(
        self, code: str, until: date
    ) -> tuple[list[Figure], date | None, list[str]]:
        """Return points on the newest borders up to a day, that border's day, and lost periods."""
        points = self.figures(code)
        borders: date | None = None
        lost: list[str] = []
        for day in self.registry.border_days(code):
            if day > until or not points:
                break
            if self._cut(code, day) and points[0].period_end >= day:
                continue  # nothing stands on the former borders
            crosses = points[-1].period_end >= day
            for merged in self._merged(code, day):
                if merged or crosses:
                    points, dropped = _merge(points, merged, day)
                    borders, lost = day, lost + dropped
        return points, borders, lost

    def _cut(self, code: str, day: date) -> bool:
        """Whether an area's former counts cannot be carried over a day, whatever was merged."""
        gave = (item.share != 0 for item in self.registry.successors(code) if item.day == day)
        return any(gave) or not self._came(code, day)

    def _came(self, code: str, day: date) -> list[Succession]:
        found = self.registry.predecessors(code)
        return [item for item in found if item.day == day and item.share != 0]

    def _merged(self, code: str, day: date) -> list[list[Figure]]:
        """Return the points of each area merged into one on a day; none where counts cannot tell.

        An area that was itself made of others brings them along.
        """
        if self._cut(code, day):
            return [[]]
        eve = day - timedelta(days=1)
        return [
            self.on_newest_borders(item.from_code, eve)[0] if item.share == 1 else []
            for item in self._came(code, day)
        ]


def until(figures: Sequence[Figure], before: date | None) -> Sequence[Figure]:
    """Return the figures of periods that ended before a day; all of them without one."""
    if before is None:
        return figures
    return [figure for figure in figures if figure.period_end < before]


def _merge(points: list[Figure], merged: list[Figure], day: date) -> tuple[list[Figure], list[str]]:
    """Add a merged area's counts to the points before the merger day; never average rates.

    Returns the points on the new borders and the periods lost for want of counts.
    """
    old = {figure.period: figure for figure in points if figure.period_end < day}
    other = {figure.period: figure for figure in merged}
    whole = [
        _sum(figure, other[period])
        for period, figure in old.items()
        if period in other and _addable(figure, other[period])
    ]
    lost = sorted({*old, *other} - {figure.period for figure in whole})
    new = [figure for figure in points if figure.period_end >= day]
    return sorted([*whole, *new], key=lambda figure: figure.period_end), lost


def _addable(one: Figure, other: Figure) -> bool:
    """Whether two areas' counts are all there and count the same thing."""
    counts = (one.numerator, one.denominator, other.numerator, other.denominator)
    known = all(count == count for count in counts)
    return known and one.denominator_concept == other.denominator_concept


def _sum(one: Figure, other: Figure) -> Figure:
    """Return the figure of two areas together."""
    above, below = one.numerator + other.numerator, one.denominator + other.denominator
    return one._replace(
        value=100 * above / below,
        numerator=above,
        denominator=below,
        qualifier=loosest_qualifier({one.qualifier, other.qualifier}),
        origin=worst_origin({one.origin, other.origin, "derived"}),
        source=one.source if one.source == other.source else f"{one.source}; {other.source}",
        flags=join_flags([one.flags, other.flags, "harmonised"]),
        vintage_date=max(one.vintage_date, other.vintage_date),
        row=f"{one.row} + {other.row}",
    )


def loosest_qualifier(words: set[str]) -> str:
    """Return the qualifier of a sum: a bound stays a bound, and opposite bounds leave "about"."""
    bounds = words & set(BOUNDS)
    if len(bounds) > 1:
        return "about"
    return bounds.pop() if bounds else max(words, key=lambda word: FIRMNESS[word])
