"""Borders that move: which areas of one day's borders an area of another day's is made of.

A line of the crosswalk says which part of an area's counts went to another area on a day. What an
area gave to nobody stays with it as long as its code goes on. Read forward, a merger adds areas up
and a split shares one out; read backward, a split adds up and a merger shares out. The crosswalk
knows the shares of one direction only: how a merged area's counts fall into its former parts has
to be stated by whoever wants it (`border_changes.BorderWeights`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from kts_analysis.border_changes import Change, Link, Way, grouped
from kts_analysis.entries import Succession
from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_
from kts_analysis.registry import Registry

WHOLE = 1e-9  # shares that add up to one as near as this add up to one


@dataclass(frozen=True)
class Piece:
    """An area that another one corresponds to on other borders.

    Attributes
    ----------
    code : str
        Area of the borders asked about.
    share : float or None
        Part (0 to 1) of the counts of the area asked about that belongs to it; None where nobody
        has said.
    """

    code: str
    share: float | None


class Crosswalk:
    """The dated crosswalk of a registry.

    Parameters
    ----------
    registry : Registry
        Its areas and successions.
    """

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._changes: dict[date, Change] = {}
        self._ways: dict[tuple[date, bool], Way] = {}

    @cached_property
    def days(self) -> tuple[date, ...]:
        """Days on which borders changed, oldest first."""
        return tuple(sorted({*self._lines, *self._renewals}))

    def breaks(self, code: str) -> tuple[date, ...]:
        """Return the days a line of an area must not cross, oldest first.

        See `Registry.border_days`; `selection.line_of` obeys them.
        """
        return self.registry.border_days(code)

    def pieces(self, code: str, on: date, *, of: date | None = None) -> tuple[Piece, ...]:
        """Return the areas of the borders of a day that an area corresponds to, by code.

        Parameters
        ----------
        code : str
            The area.
        on : date
            Day whose borders are asked about, before or after the area's own.
        of : date, optional
            Day on whose borders the area is meant (codes are reused, and the same code had other
            borders before a merger). By default its newest borders.

        Returns
        -------
        tuple of Piece
            Their shares add up to 1 where all are known.

        Raises
        ------
        KtsError
            No such area, none on the day `of`, or a crosswalk whose shares do not add up.

        Examples
        --------
        >>> from datetime import date
        >>> import kts_analysis as kts
        >>> crosswalk = kts.Crosswalk(kts.load_registry())
        >>> crosswalk.pieces("358", date(2024, 9, 1), of=date(2022, 12, 31))
        (Piece(code='356', share=1.0),)
        """
        own = self.registry.area(code, of)
        day = of or own.valid_to or max([*self.days, own.valid_from or date.min])
        if not own.exists_on(day):
            raise KtsError(N_("there was no area {code} on {day}"), code=code, day=day.isoformat())
        found: dict[str, float | None] = {code: 1.0}
        for way in self.ways(day, on):
            found = _walk(found, way)
        return tuple(Piece(name, share) for name, share in sorted(found.items()))

    def ways(self, start: date, end: date) -> list[Way]:
        """Return the changes between the borders of two days, in the order they are met."""
        low, high = min(start, end), max(start, end)
        met = [self._way(day, start < end) for day in self.days if low < day <= high]
        return met if start < end else met[::-1]

    def _way(self, day: date, forward: bool) -> Way:
        """Return one object a way: it keeps what it has grouped."""
        if (day, forward) not in self._ways:
            self._ways[day, forward] = Way(self.change(day), forward)
        return self._ways[day, forward]

    def change(self, day: date) -> Change:
        """Return what happened to borders on a day.

        Raises
        ------
        KtsError
            The shares of an area add up to more than the whole, or to less though it ended.
        """
        if day not in self._changes:
            self._changes[day] = self._change(day)
        return self._changes[day]

    def _change(self, day: date) -> Change:
        lines = self._lines.get(day, [])
        shares: dict[tuple[str, str], float | None] = {
            (line.from_code, line.to_code): line.share for line in lines
        }
        told = {code for pair in shares for code in pair}
        untold = self._renewals.get(day, frozenset()) - told
        shares |= {(code, code): None for code in untold}
        for code in sorted(told):
            given = [share for pair, share in shares.items() if pair[0] == code]
            fault = share_fault(self.registry, code, day, given)
            if fault is not None:
                raise fault
            if goes_on(self.registry, code, day):
                shares[code, code] = None if None in given else 1 - sum(filter(None, given))
        kept = {pair: share for pair, share in shares.items() if share is None or share > WHOLE}
        sources = grouped((after, before) for before, after in kept)
        links = [
            Link(*pair, share, 1.0 if len(sources[pair[1]]) == 1 and pair[1] in told else None)
            for pair, share in sorted(kept.items())
        ]
        return Change(day, tuple(links), untold)

    @cached_property
    def _lines(self) -> dict[date, list[Succession]]:
        return grouped((line.day, line) for line in self.registry.successions)

    @cached_property
    def _renewals(self) -> dict[date, frozenset[str]]:
        """Codes that were given to another area on a day, by day."""
        starts = ((area.valid_from, area.code) for area in self.registry.area_list)
        begun = grouped((day, code) for day, code in starts if day is not None)
        renewed = {
            day: frozenset(code for code in codes if goes_on(self.registry, code, day))
            for day, codes in begun.items()
        }
        return {day: codes for day, codes in renewed.items() if codes}


def goes_on(registry: Registry, code: str, day: date) -> bool:
    """Return whether a code stood on a day and on the day before."""
    eve = day - timedelta(days=1)
    return all(registry.area(code, when).exists_on(when) for when in (eve, day))


def share_fault(
    registry: Registry, code: str, day: date, given: Sequence[float | None]
) -> KtsError | None:
    """Return what is wrong with the shares an area gave on a day; None where nothing is.

    They add up to more than the whole, or, all known, to less though the area ended: then some of
    its counts would go to nobody.
    """
    known = sum(share for share in given if share is not None)
    found = round(100 * known, 6)
    if known > 1 + WHOLE:
        message = N_("the shares of {code} add up to {found}%: more than the whole")
        return KtsError(message, code=code, found=found)
    lost = given and None not in given and known < 1 - WHOLE
    if lost and not goes_on(registry, code, day):
        message = N_("{code} ended on {day}, but its shares add up to {found}%, not 100%")
        return KtsError(message, code=code, day=day.isoformat(), found=found)
    return None


def _walk(found: Mapping[str, float | None], way: Way) -> dict[str, float | None]:
    """Take shares through one change; what is not known stays unknown."""
    result: dict[str, float | None] = {}
    for code, part in found.items():
        links = way.leaving(code)
        if not links:
            result[code] = part
        for link in links:
            share = way.share(link)
            step = None if part is None or share is None else part * share
            before = result.get(way.far(link), 0.0)
            result[way.far(link)] = None if before is None or step is None else before + step
    return result
