"""What happened to borders on one day, walked through in either direction, and stated weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TypeVar

from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True)
class BorderWeights:
    """How large the overlaps of old and new areas are, stated by the caller for one change.

    Attributes
    ----------
    day : date
        Day of the change they belong to.
    overlaps : mapping of (str, str) to float
        Size (people, households, what the denominators count) of what an area before the change
        and one after it have in common, by (code before, code after). Only their proportions
        count. An area that goes on is a pair with itself.
    source : str
        Where the sizes are from; it is written beside every figure made with them.

    Raises
    ------
    KtsError
        A size below zero or no number, or no source.
    """

    day: date
    overlaps: Mapping[tuple[str, str], float]
    source: str

    def __post_init__(self) -> None:
        if not self.source.strip():
            raise KtsError(N_("weights need a source"))
        for pair, size in self.overlaps.items():
            if not 0 <= size < float("inf"):
                message = N_("the weight of {pair} is no size: {found}")
                raise KtsError(message, pair=" > ".join(pair), found=size)


@dataclass(frozen=True)
class Link:
    """What an area before a change and one after it have in common.

    Attributes
    ----------
    before, after : str
        Codes.
    share : float or None
        Part (0 to 1) of the counts of `before` that belongs to `after`.
    back : float or None
        Part of the counts of `after` that belongs to `before`: 1 where it comes from there alone.
    """

    before: str
    after: str
    share: float | None
    back: float | None


@dataclass(frozen=True)
class Change:
    """All that happened to borders on one day.

    Attributes
    ----------
    untold : frozenset of str
        Codes that name another area from that day on, without a line in the crosswalk.
    """

    day: date
    links: tuple[Link, ...]
    untold: frozenset[str]


@dataclass(frozen=True)
class Way:
    """A change walked through in one direction: from its near side to its far side."""

    change: Change
    forward: bool

    def near(self, link: Link) -> str:
        """Return the code one comes from."""
        return link.before if self.forward else link.after

    def far(self, link: Link) -> str:
        """Return the code one arrives at."""
        return link.after if self.forward else link.before

    def share(self, link: Link) -> float | None:
        """Return the part (0 to 1) of the near area's counts that belongs to the far one."""
        return link.share if self.forward else link.back

    def leaving(self, code: str) -> list[Link]:
        """Return the links of an area of the near side."""
        return self._near.get(code, [])

    def arriving(self, code: str) -> list[Link]:
        """Return the links of an area of the far side."""
        return self._far.get(code, [])

    @cached_property
    def _near(self) -> dict[str, list[Link]]:
        return grouped((self.near(link), link) for link in self.change.links)

    @cached_property
    def _far(self) -> dict[str, list[Link]]:
        return grouped((self.far(link), link) for link in self.change.links)


def share_of(way: Way, link: Link, weights: Iterable[BorderWeights]) -> float | None:
    """Return the part (0 to 1) of the near area's counts that belongs to the far one.

    The crosswalk goes before; where it is silent, the weights stated for that change, if they
    have the size of every overlap of the near area. None where nobody has said.
    """
    told = way.share(link)
    if told is not None or link.after in way.change.untold:
        return told
    beside = way.leaving(way.near(link))
    sizes = [size_of(way.change, each, weights) for each in beside]
    known = [size for size in sizes if size is not None]
    if len(known) < len(sizes) or sum(known) <= 0:
        return None
    return known[beside.index(link)] / sum(known)


def size_of(change: Change, link: Link, weights: Iterable[BorderWeights]) -> float | None:
    """Return the stated size of an overlap; None where none is stated."""
    found = (each.overlaps.get((link.before, link.after)) for each in _for(change, weights))
    return next((size for size in found if size is not None), None)


def _for(change: Change, weights: Iterable[BorderWeights]) -> list[BorderWeights]:
    return [each for each in weights if each.day == change.day]


def grouped(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, list[Value]]:
    """Return values by key, in the order they come."""
    found: dict[Key, list[Value]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found
