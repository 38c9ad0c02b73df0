"""What whoever shares a target out may ask for: caps, fixed targets, denominators, limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kts_analysis.allocation.parts import Grid
from kts_analysis.entries import Area, Bounds
from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_

ALL = "all"  # the cap of every area


@dataclass(frozen=True)
class Wishes:
    """What whoever shares a target out asks for.

    Attributes
    ----------
    caps : mapping of str to float
        Highest target (percent) by area code; under ``all`` that of every area without its own.
    fixes : mapping of str to float
        Given target (percent) by area code; it goes before floor and cap.
    denominators : mapping of str to float
        Denominator at the deadline by area code, instead of the newest one.
    growth : float
        Percent a year by which every other denominator grows from its figure to the deadline.
    least_chance : float
        No target is set that the area's own distribution reaches with less than this chance
        (percent); 0 for no such limit.
    may_fall : bool
        Whether a target may lie below the newest figure.
    grid : Grid
    """

    caps: Mapping[str, float] = field(default_factory=dict)
    fixes: Mapping[str, float] = field(default_factory=dict)
    denominators: Mapping[str, float] = field(default_factory=dict)
    growth: float = 0.0
    least_chance: float = 0.0
    may_fall: bool = False
    grid: Grid = field(default_factory=Grid)

    def ceiling(self, bound: float) -> float:
        """Return the common ceiling (percent): the highest cap anybody can have."""
        return max([self.caps.get(ALL, bound), *self.caps.values()])


def check_wishes(wishes: Wishes, bounds: Bounds, areas: Iterable[Area]) -> None:
    """Refuse wishes that cannot be granted whatever the figures are.

    Raises
    ------
    KtsError
        An area that is not shared out to; a cap or fixed target beyond the bounds or with more
        decimals than targets have; a fixed target above the area's own cap.
    """
    known = {area.code for area in areas}
    named = set(wishes.caps) - {ALL} | set(wishes.fixes) | set(wishes.denominators)
    if named - known:
        raise KtsError(
            N_("{found}: a cap, fixed target or denominator for an area that is not shared out to"),
            found=", ".join(sorted(named - known)),
        )
    lower, upper = bounds.lower or 0.0, bounds.upper or 0.0
    for value in (*wishes.caps.values(), *wishes.fixes.values()):
        if not lower <= value <= upper or not wishes.grid.holds(value):
            raise KtsError(
                N_("{found} is not a percentage from {low} to {high} with at most {n} decimals"),
                found=value,
                low=lower,
                high=upper,
                n=wishes.grid.decimals,
            )
    for code in sorted(set(wishes.fixes) & set(wishes.caps)):
        if wishes.fixes[code] > wishes.caps[code]:
            raise KtsError(
                N_("area {code}: its fixed target {fix} lies above its cap {cap}"),
                code=code,
                fix=wishes.fixes[code],
                cap=wishes.caps[code],
            )
