"""The entries of the registry: plans with their targets, indicators, areas, measuring methods.

Nothing here knows a province or a target; those are files under ``data/``. Another province is
another plan file.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_

Comparator = Literal[">", ">=", "<", "<="]
Verification = Literal["verified", "one_source", "unverified", "unknown"]
Level = Literal["country", "province", "district", "commune"]
Year = Annotated[int, Field(ge=1900, le=2199)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]  # safe in paths and pages
LEVELS: tuple[Level, ...] = ("country", "province", "district", "commune")  # from large to small


class Entry(BaseModel):
    """Base of all registry entries: frozen, and a misspelt field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Entry):
    """The same words in both languages."""

    vi: str
    en: str

    def get(self, lang: str) -> str:
        """Return the words in `lang` ("vi" or "en")."""
        return self.vi if lang == "vi" else self.en


class Bounds(Entry):
    """What values can be: percent 0-100 for a rate; ``upper`` empty where nothing limits it."""

    lower: float | None = 0.0
    upper: float | None = 100.0
    reported_can_exceed: bool = False
    note: str | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Bounds:
        if self.lower is not None and self.upper is not None and self.lower >= self.upper:
            raise ValueError("lower must be below upper")
        return self


class Indicator(Entry):
    """What is measured: one card a reader can check.

    ``function`` names the pure function in `kts_analysis.indicators`; ``counted`` is what the
    denominator counts (people, households, enterprises …), which lets a pace be said in heads.
    """

    code: str
    name: Text
    numerator: Text
    denominator: Text
    function: str | None
    counted: Literal[
        "people", "workers", "households", "enterprises", "institutions", "schools", "money"
    ]
    kind: Literal["share", "rate", "vector_share"]
    bounds: Bounds
    lowest_level: Level
    district_measure: Literal["realistic", "weak", "not_measurable"]
    frequency: str
    reporter: str
    definition_verification: Verification
    sources: tuple[str, ...] = ()
    proxy_for: str | None = None
    traps: tuple[str, ...] = ()

    def measured_at(self, level: Level) -> bool:
        """Return whether it is measured at a level (a province-only indicator is not below)."""
        if level == "district":
            return self.district_measure != "not_measurable"
        return LEVELS.index(level) <= LEVELS.index(self.lowest_level)


class Series(Entry):
    """A measuring method. Two methods never form one line.

    ``lag_days`` dates a figure published without a date: period end plus this lag.
    """

    id: str
    name: Text
    lag_days: int = Field(ge=0, le=3650)
    lag_basis: str


class Area(Entry):
    """A place with dated borders. Codes are text, and are reused: a code needs a date."""

    code: str
    name: str
    name_en: str
    kind: str
    level: Level
    parent: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    verification: Verification
    source: str | None = None

    def title(self, lang: str) -> str:
        """Return the area's name in `lang`."""
        return self.name if lang == "vi" else self.name_en

    def exists_on(self, day: date) -> bool:
        """Return whether the area existed on a day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)


class Succession(Entry):
    """A line of the crosswalk: what (part of) an area became.

    ``share`` is the part of the old area's counts that goes to the new one; empty where unknown.
    """

    from_code: str
    to_code: str
    day: date
    share: float | None = Field(default=None, ge=0, le=1)
    verification: Verification
    source: str | None = None


class Threshold(Entry):
    """A value to reach by a deadline, with its source and how well it is confirmed.

    ``value`` is percent 0-100; empty when the plan has no number for that deadline, which must
    then not be judged. ``areas`` limits the threshold to some areas (a district with its own).
    """

    deadline: Year
    value: float | None = Field(ge=0, le=100, strict=True)
    comparator: Comparator | None
    verification: Verification
    sources: tuple[str, ...] = ()
    basis: str | None = None
    areas: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Threshold:
        if self.value is not None and self.comparator is None:
            raise ValueError("a threshold with a value needs a comparator (> or >=)")
        if self.value is None and self.verification != "unknown":
            raise ValueError("a threshold without a value has verification 'unknown'")
        if self.verification in ("verified", "one_source") and not self.sources:
            raise ValueError("a verified threshold needs at least one source")
        return self


class Milestone(Entry):
    """A yearly step on the way to a deadline (percent 0-100)."""

    year: Year
    value: float = Field(ge=0, le=100, strict=True)
    verification: Verification
    source: str | None = None
    areas: tuple[str, ...] = ()


class Target(Entry):
    """An indicator with what is to be reached, by when, and who owns it in the plan."""

    id: Name
    indicator: str
    pillar: str
    name: Text
    direction: Literal["higher_is_better", "lower_is_better"]
    scope: Literal["single_value", "worst_breakdown"]
    wording_verification: Verification
    series: dict[Level, str] = Field(default_factory=dict)
    series_reading: Text | None = None
    leans_on: tuple[str, ...] = ()
    thresholds: tuple[Threshold, ...]
    milestones: tuple[Milestone, ...] = ()
    notes: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _one_direction(self) -> Target:
        wanted = (">", ">=") if self.direction == "higher_is_better" else ("<", "<=")
        for threshold in self.thresholds:
            if threshold.comparator is not None and threshold.comparator not in wanted:
                raise ValueError(f"{self.direction} goes with {' or '.join(wanted)}")
        return self

    def threshold(self, deadline: int, area_code: str) -> Threshold | None:
        """Return the threshold for a deadline; one stated for the area goes before the plan's."""
        found = [item for item in self.thresholds if item.deadline == deadline]
        own = [item for item in found if area_code in item.areas]
        common = [item for item in found if not item.areas]
        return next(iter(own or common), None)

    def steps(self, area_code: str) -> list[Milestone]:
        """Return the yearly milestones of an area by year; its own go before the plan's."""
        common = {item.year: item for item in self.milestones if not item.areas}
        own = {item.year: item for item in self.milestones if area_code in item.areas}
        return [step for _, step in sorted((common | own).items())]


class Part(Entry):
    """A part of the plan's own structure (a foundation, a sector, a solution group, a body)."""

    id: str
    name: Text


class Structure(Entry):
    """How the plan itself is built, so that a lagging target points to the part that owns it."""

    foundations: tuple[Part, ...] = ()
    sectors: tuple[Part, ...] = ()
    solutions: tuple[Part, ...] = ()
    carried_out_by: tuple[Part, ...] = ()
    verification: Verification
    source: str | None = None
    reading_note: Text

    def part(self, part_id: str) -> Part | None:
        """Return the part with an id, if the plan has it."""
        everything = self.foundations + self.sectors + self.solutions + self.carried_out_by
        return next((item for item in everything if item.id == part_id), None)


class Outlook(Entry):
    """Whose later thresholds a report looks ahead to when the plan itself has none."""

    plan: str
    deadline: Year


class Plan(Entry):
    """A plan: targets for a set of areas by one or more deadlines.

    ``areas`` add up to ``home``; those of ``beside`` get a report too and are no part of the sum.
    """

    id: Name
    name: Text
    document: Text
    document_sources: tuple[str, ...] = ()
    home: str
    areas: tuple[str, ...]
    beside: tuple[str, ...] = ()
    deadlines: tuple[Year, ...] = Field(min_length=1)
    outlook: Outlook | None = None
    structure: Structure | None = None
    targets: tuple[Target, ...] = Field(min_length=1)

    def target(self, target_id: str) -> Target:
        """Return a target by id.

        Raises
        ------
        KtsError
            The plan has no such target; the message lists those it has.
        """
        by_id = {target.id: target for target in self.targets}  # not kept: copies change targets
        if target_id not in by_id:
            raise KtsError(
                N_("plan {plan} has no target {target}; it has {known}"),
                plan=self.id,
                target=target_id,
                known=", ".join(by_id),
            )
        return by_id[target_id]

    def sector_ids(self) -> list[str]:
        """Return the ids of the plan's sectors: the breakdown of a worst-sector target."""
        return [part.id for part in self.structure.sectors] if self.structure else []
