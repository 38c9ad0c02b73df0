"""Where one stands on other borders: figures carried there, and what could not be carried."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import pandas as pd

from kts_analysis.areas import Crosswalk
from kts_analysis.border_changes import BorderWeights
from kts_analysis.entries import Plan, Target
from kts_analysis.figures import Figures
from kts_analysis.harmonising import harmonise
from kts_analysis.moved_plans import registry_on
from kts_analysis.moved_registry import registry_with_targets
from kts_analysis.refusals import Refusal
from kts_analysis.registry import Registry
from kts_analysis.rollup import PARTS_MARK, add_up, as_observations, parts_on, undivided
from kts_analysis.schema import keep
from kts_analysis.views import View


@dataclass(frozen=True)
class MovedView(View):
    """A view on the borders of another day; pages and verdicts see it as any other.

    Attributes
    ----------
    own : View
        The same day on the borders as they were and are.
    borders : datetime.date
        The day whose borders these are.
    weights : tuple of BorderWeights
        Overlaps that somebody stated.
    refused : tuple of Refusal
        Figures that could not be carried here, with the reason.
    """

    own: View = field(kw_only=True)
    borders: date = date.min
    weights: tuple[BorderWeights, ...] = ()
    refused: tuple[Refusal, ...] = ()

    def sources(self, code: str) -> frozenset[str]:
        """Return the areas, of whatever day, whose figures can go into those of an area."""
        crosswalk = Crosswalk(self.own.registry)
        found = {code}
        if self.own.registry.area(code, self.borders).exists_on(self.borders):
            days = [when for day in crosswalk.days for when in (day - timedelta(days=1), day)]
            for day in days:
                found |= {piece.code for piece in crosswalk.pieces(code, day, of=self.borders)}
        return frozenset(found)

    def lacks(self, code: str, indicator: str) -> bool:
        """Whether figures of an area could not be carried to these borders."""
        return (code, indicator) in self._lacking

    @cached_property
    def _lacking(self) -> frozenset[tuple[str, str]]:
        return frozenset((one.area_code, one.indicator) for one in self.refused)

    def _made_on(self, day: date) -> View:
        """Carry what was known on an earlier day; targets stay as they stand today."""
        return _carried(self.own.on(day), self.registry, self.borders, self.weights)


def view_on(own: View, borders: date, weights: Sequence[BorderWeights] = ()) -> MovedView:
    """Return a view on the borders of a day.

    Figures of areas whose borders moved are carried by `harmonising.harmonise`, all others stand
    as they are. Of a period whose parts cannot all be told apart on these borders, the home
    area's sum is taken from the areas as they were: its own borders did not move.

    Parameters
    ----------
    own : View
        On the borders as they were and are.
    borders : datetime.date
    weights : sequence of BorderWeights
        How large the overlaps are where the crosswalk does not say.

    Raises
    ------
    KtsError
        As `Crosswalk.change`.
    """
    registry = registry_with_targets(own.registry, borders, own.figures)
    return _carried(own, registry, borders, tuple(weights))


def _carried(
    own: View, registry: Registry, borders: date, weights: tuple[BorderWeights, ...]
) -> MovedView:
    crosswalk = Crosswalk(own.registry)
    moving = _moving(crosswalk)
    codes = own.known["area_code"]
    table = harmonise(
        own.known[codes.isin(moving)].reset_index(drop=True), crosswalk, borders, weights=weights
    )
    refused: tuple[Refusal, ...] = table.attrs.pop("refused")
    table = table[[registry.has_area(code) for code in table["area_code"]]]
    known = pd.concat([table, _still(own, registry, moving, borders)], ignore_index=True)
    known.attrs = dict(own.known.attrs)
    known = _with_sums(known, own, registry)
    return MovedView(
        registry=registry,
        known=known,
        as_of=own.as_of,
        method=own.method,
        own=own,
        borders=borders,
        weights=weights,
        refused=refused,
    )


def _moving(crosswalk: Crosswalk) -> frozenset[str]:
    """Return the codes whose borders ever moved."""
    links = (link for day in crosswalk.days for link in crosswalk.change(day).links)
    return frozenset(code for link in links for code in (link.before, link.after))


def _still(own: View, registry: Registry, moving: frozenset[str], borders: date) -> pd.DataFrame:
    """Return the figures that stand as they are: of areas that never moved, and of former homes.

    A home area that became part of a larger one has no figures of the larger one's days.
    """
    homes = [own.registry.area(plan.home, borders) for plan in registry.plans.values()]
    ended = {area.code: area.valid_to for area in homes if not area.exists_on(borders)}
    rows = zip(own.known["area_code"], own.known["period_end"], strict=True)

    def stands(code: str, end: date) -> bool:
        if code in ended:
            last = ended[code]
            return last is None or end <= last
        return code not in moving and registry.has_area(code)

    return keep(own.known, (stands(code, end) for code, end in rows))


def _with_sums(known: pd.DataFrame, own: View, registry: Registry) -> pd.DataFrame:
    """Add the home areas' sums of periods that the parts on these borders do not make up."""
    frames, book = [known], Figures(known)
    for name, moved in registry.plans.items():
        if len(moved.areas) > 1:
            then = _plans_then(own, own.registry.plan(name))
            for target in moved.targets:
                after = add_up(book, moved, registry, target)
                have = set(after.loc[after["counted"] == after["expected"], "period"])
                frames += _lacking_sums(known, own, moved, target, then, have)
    joined = pd.concat([frame for frame in frames if len(frame)] or [known], ignore_index=True)
    joined.attrs = dict(known.attrs)
    return joined


def _plans_then(own: View, plan: Plan) -> dict[date, Plan]:
    """Return, by period's end, the plan with the areas that stood at that time.

    A time on whose borders the plan cannot stand is left out: it has no sums then.
    """
    crosswalk, found = Crosswalk(own.registry), dict[date, Plan]()
    by_borders: dict[tuple[date, ...], Plan | None] = {}
    for end in sorted(set(own.known["period_end"])):
        past = tuple(day for day in crosswalk.days if day <= end)
        if past not in by_borders:
            by_borders[past] = registry_on(own.registry, end).plans.get(plan.id)
        then = by_borders[past]
        if then is not None:
            found[end] = then
    return found


def _lacking_sums(
    known: pd.DataFrame,
    own: View,
    moved: Plan,
    target: Target,
    then: dict[date, Plan],
    have: set[str],
) -> Iterator[pd.DataFrame]:
    """Yield the sums of other periods that are whole on the borders of their time."""
    for plan in {id(plan): plan for plan in then.values()}.values():
        sums = add_up(own.figures, plan, own.registry, target)
        sums = sums[~sums["period"].isin(have)]
        sums = keep(sums, (then.get(end) is plan for end in sums["period_end"]))
        rows = as_observations(sums, known, moved, target)
        parts = [parts_on(plan, own.registry, end) for end in rows["period_end"]]
        rows["row"] = [PARTS_MARK.join(area.code for area in areas) for areas in parts]
        yield keep(rows.assign(area_code=undivided(moved)), (bool(areas) for areas in parts))
