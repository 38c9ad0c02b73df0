"""Where one stands: the figures known on a day, and what has been found in them already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from kts_analysis.entries import Plan
from kts_analysis.figures import Figures
from kts_analysis.neighbours import Neighbours
from kts_analysis.registry import Registry
from kts_analysis.selection import Line
from kts_analysis.store import known_on
from kts_analysis.trends import Method

EARLIER_DAYS = 8  # kept in memory beside the day itself


@dataclass(frozen=True)
class View:
    """Where one stands: the figures known on a day.

    Attributes
    ----------
    known : pandas.DataFrame
        Observations published on or before `as_of` (from `store.known_on`); not to be changed.
    method : str
        Projection method, see `kts_analysis.trends`.
    lines, beside, cases, circles, verdicts, earlier : dict
        What has been found once, so that areas side by side, and the parts of a page, need not
        look for it again.
    """

    registry: Registry
    known: pd.DataFrame
    as_of: date
    method: Method = "auto"
    lines: dict[tuple[Any, ...], Line] = field(default_factory=dict, compare=False, repr=False)
    beside: dict[tuple[Any, ...], dict[str, Neighbours]] = field(
        default_factory=dict, compare=False, repr=False
    )
    cases: dict[tuple[Any, ...], Any] = field(default_factory=dict, compare=False, repr=False)
    circles: dict[tuple[Any, ...], frozenset[str]] = field(
        default_factory=dict, compare=False, repr=False
    )
    verdicts: dict[tuple[Any, ...], tuple[Plan | None, Mapping[str, Any]]] = field(
        default_factory=dict, compare=False, repr=False
    )
    earlier: dict[date, View] = field(default_factory=dict, compare=False, repr=False)
    book: Figures | None = field(default=None, compare=False, repr=False)

    @cached_property
    def figures(self) -> Figures:
        """The figures known, by area and indicator."""
        return self.book or Figures(self.known)

    def on(self, day: date) -> View:
        """Return the view of another day, with nothing published after it."""
        if day not in self.earlier:
            self.earlier[day] = self._made_on(day)
        while len(self.earlier) > EARLIER_DAYS:
            del self.earlier[next(iter(self.earlier))]
        return self.earlier[day]

    def lacks(self, code: str, indicator: str) -> bool:
        """Whether figures of an area could not be carried to the borders one stands on."""
        return False

    def _made_on(self, day: date) -> View:
        return View(
            registry=self.registry,
            known=known_on(self.known, day),
            as_of=day,
            method=self.method,
            book=self.figures.known_on(day),
        )


SHARED_VIEWS = 4  # kept in memory: a page stands on one day, a notebook on few
_shared: dict[tuple[Any, ...], View] = {}


def share_view(key: tuple[Any, ...], make: Callable[[], View]) -> View:
    """Return the view kept under a key, made when first asked for; the oldest is let go."""
    if key not in _shared:
        _shared[key] = make()
    _shared[key] = _shared.pop(key)  # the newest stands last
    while len(_shared) > SHARED_VIEWS:
        del _shared[next(iter(_shared))]
    return _shared[key]


def figures_known(known: pd.DataFrame | Figures) -> Figures:
    """Return the figures of a table: those of the shared view it belongs to, else found anew."""
    if isinstance(known, Figures):
        return known
    shared = (view.figures for view in _shared.values() if view.known is known)
    return next(shared, None) or Figures(known)
