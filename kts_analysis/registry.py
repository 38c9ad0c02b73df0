"""The registry: every entry under ``data/``, found by its code, its id or its day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from kts_analysis.entries import Area, Indicator, Plan, Series, Succession
from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_


class Registry(BaseModel):
    """Everything under ``data/`` that is not an observation.

    Attributes
    ----------
    refused : dict of str to KtsError
        Plans that cannot stand on the borders asked for, with the reason (`moved_plans`).
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    root: Path
    indicators: dict[str, Indicator]
    series: dict[str, Series]
    area_list: tuple[Area, ...]
    successions: tuple[Succession, ...]
    plans: dict[str, Plan]
    refused: dict[str, KtsError] = Field(default_factory=dict)

    @cached_property
    def _areas(self) -> dict[str, list[Area]]:
        """Areas by code, the oldest first."""
        by_code: dict[str, list[Area]] = {}
        for item in self.area_list:
            by_code.setdefault(item.code, []).append(item)
        for items in by_code.values():
            items.sort(key=lambda item: item.valid_from or date.min)
        return by_code

    @cached_property
    def _children(self) -> dict[str | None, list[Area]]:
        codes: dict[str | None, set[str]] = {}
        for item in self.area_list:
            codes.setdefault(item.parent, set()).add(item.code)
        return {name: [self.area(code) for code in sorted(found)] for name, found in codes.items()}

    @cached_property
    def _came_from(self) -> dict[str, list[Succession]]:
        return _by_code((item.to_code, item) for item in self.successions)

    @cached_property
    def _became(self) -> dict[str, list[Succession]]:
        return _by_code((item.from_code, item) for item in self.successions)

    def has_area(self, code: str) -> bool:
        """Return whether a code was ever used."""
        return code in self._areas

    def area(self, code: str, on: date | None = None) -> Area:
        """Return the area with a code, on a day (codes are reused), else the newest one.

        Raises
        ------
        KtsError
            No area has that code.
        """
        items = self._areas.get(code)
        if not items:
            raise KtsError(N_("unknown area code {code}"), code=code)
        standing = [item for item in items if on is not None and item.exists_on(on)]
        return (standing or items)[-1]

    def children(self, parent: str | None) -> list[Area]:
        """Return the areas of a parent, by code; each as it newest was."""
        return list(self._children.get(parent, []))

    def plan(self, plan_id: str) -> Plan:
        """Return a plan by id.

        Raises
        ------
        KtsError
            No such plan; the message lists those there are. Or it is among the refused ones.
        """
        if plan_id in self.refused:
            raise self.refused[plan_id]
        if plan_id not in self.plans:
            raise KtsError(
                N_("unknown plan {plan}; there are {known}"),
                plan=plan_id,
                known=", ".join(sorted(self.plans)),
            )
        return self.plans[plan_id]

    def successors(self, code: str) -> list[Succession]:
        """Return what an area became, oldest change first."""
        return list(self._became.get(code, ()))

    def predecessors(self, code: str) -> list[Succession]:
        """Return what was merged into an area, oldest change first."""
        return list(self._came_from.get(code, ()))

    def made_of(self, codes: Iterable[str]) -> frozenset[str]:
        """Return areas and all those that were merged into them, at whatever remove."""
        found: set[str] = set()
        fresh = set(codes)
        while fresh:
            found |= fresh
            fresh = {item.from_code for code in fresh for item in self.predecessors(code)} - found
        return frozenset(found)

    def border_days(self, code: str) -> tuple[date, ...]:
        """Return the days on which an area's borders changed while its code went on.

        It received another area or a part of one, gave a part away, or its code was given to
        another area. Figures from before such a day and from after it are of different places.
        """
        changes = [*self._came_from.get(code, ()), *self._became.get(code, ())]
        days = {item.day for item in changes if item.share != 0}
        entries = self._areas.get(code, [])
        days.update(item.valid_from for item in entries[1:] if item.valid_from is not None)
        return tuple(day for day in sorted(days) if any(item.exists_on(day) for item in entries))


def _by_code(pairs: Iterable[tuple[str, Succession]]) -> dict[str, list[Succession]]:
    """Return successions by code, in order of time."""
    found: dict[str, list[Succession]] = {}
    for code, item in pairs:
        found.setdefault(code, []).append(item)
    for items in found.values():
        items.sort(key=lambda item: item.day)
    return found
