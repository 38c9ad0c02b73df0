"""What a scenario file says: assumptions of four kinds, each for some areas and targets."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from kts_analysis.entries import Entry, Name, Text, Year

MOST_TIMES = 20.0  # beyond so many times the expected pace nobody plans, and nothing is solved


class Assumption(Entry):
    """Base of all assumptions.

    Attributes
    ----------
    areas, targets : tuple of str
        Codes and ids it holds for; empty: all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    areas: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()

    def holds_for(self, area: str, target: str) -> bool:
        """Return whether it says something of an area's target."""
        here = not self.areas or area in self.areas
        return here and (not self.targets or target in self.targets)


class Faster(Assumption):
    """The expected pace is multiplied from the beginning of a year on.

    ``times`` 1 changes nothing, 0 stands still from then on.
    """

    kind: Literal["pace"]
    times: Annotated[float, Field(ge=0, le=MOST_TIMES)]
    begin: Annotated[Year, Field(alias="from")]


class CatchUp(Assumption):
    """By the end of a year the area stands where the best area beside it is expected to stand."""

    kind: Literal["catch_up"]
    by: Year


class Wanted(Assumption):
    """What pace from the beginning of a year on gives this chance (percent, 0-100)?"""

    kind: Literal["chance"]
    chance_percent: Annotated[float, Field(gt=0, lt=100)]
    begin: Annotated[Year, Field(alias="from")]


class OtherTarget(Assumption):
    """Another threshold (percent 0-100), another deadline (end of a year), or both."""

    kind: Literal["target"]
    value: Annotated[float | None, Field(ge=0, le=100)] = None
    deadline: Year | None = None


KINDS: dict[str, type[Assumption]] = {
    "pace": Faster,
    "catch_up": CatchUp,
    "chance": Wanted,
    "target": OtherTarget,
}


class Scenario(Entry):
    """Assumptions that are shown side by side with no change.

    ``plan`` limits it to one plan; empty: every plan.
    """

    id: Name
    name: Text
    plan: str | None = None
    assumptions: tuple[Assumption, ...] = Field(min_length=1)

    def of(self, plan: str, area: str, target: str) -> tuple[Assumption, ...]:
        """Return the assumptions that hold for an area's target, in the order of the file."""
        if self.plan is not None and self.plan != plan:
            return ()
        return tuple(each for each in self.assumptions if each.holds_for(area, target))
