"""How often a required pace was ever kept: here, and in comparable panels elsewhere.

Whether a required pace is plausible is answered by counting past windows of that length from a
comparable level. Windows overlap, so their number says how much was looked at, not how many
independent cases there are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kts_analysis.i18n import N_, Messages
from kts_analysis.scales import Bounds, Scale
from kts_analysis.windows import ROUNDING, comparable, scale_pace, window_length, windows_of

GROUPS = {
    "digital": N_("panels of internet use, 3G and broadband"),
    "other": N_("panels of other services taken up"),
}
LEAST_WINDOWS = 5  # fewer stretches than this compare with nothing
FEW_WINDOWS = 100  # below this a share is shown as its two counts: one window is a percent or more


@dataclass(frozen=True)
class PaceRecord:
    """How often a required pace was kept in the past windows of a panel.

    Attributes
    ----------
    required : float
        Points a year needed, positive towards the target.
    needed_years, years : float
        Length needed, and length of the windows counted (another when there is none of that).
    windows, kept : int
        Windows from a comparable level, and how many of them kept at least that pace.
    areas, areas_kept : int
        Areas with such a window, and areas that kept the pace at least once.
    best_area : int or None
        Row of the area with the fastest of these windows on the working scale.
    best_pace : float
        Its pace in points a year, positive towards the target; NaN without windows.
    """

    required: float
    needed_years: float
    years: float
    windows: int
    kept: int
    areas: int
    areas_kept: int
    best_area: int | None
    best_pace: float


def pace_record(
    times: ArrayLike,
    matrix: ArrayLike,
    required_points_per_year: float,
    years: float,
    *,
    level: float,
    bounds: Bounds = (0.0, 100.0),
    comparator: str = ">=",
) -> PaceRecord:
    """Return how often the areas of one indicator kept a pace, from a comparable level.

    Five points a year are not the same at 90% as at 50%. So the pace is compared on the working
    scale of the projections (the logit between the bounds, `kts_analysis.scales`): the required
    one is that of the whole way from `level` to where it leads in `years`. Counted are windows
    that start at a comparable level (odds within a factor of three, `COMPARABLE_ODDS`) and not
    at the bound on the target's side, where nothing is left to gain. Without two bounds the
    comparison is in plain points, from any level.

    Parameters
    ----------
    times : array_like, shape (dates,)
        Dates in years, rising.
    matrix : array_like, shape (areas, dates)
        One row an area, NaN where missing.
    required_points_per_year : float
        Positive towards the target, from `attainment.pace_required`.
    years : float
        Years left to the deadline.
    level : float
        Newest figure of the area in question.
    bounds : (lower, upper)
        Natural bounds, either may be None.
    comparator : {">", ">=", "<", "<="}
        Direction of the target.

    Raises
    ------
    ValueError
        `years` is not above zero, or the required pace or the level is not a number.
    """
    if not years > 0:
        raise ValueError(f"a pace needs a time above zero, found {years} years")
    if not (np.isfinite(required_points_per_year) and np.isfinite(level)):
        raise ValueError("a required pace and a level must be numbers")
    rising = comparator in (">", ">=")
    scale, toward = Scale(*bounds), 1.0 if rising else -1.0
    goal = level + toward * required_points_per_year * years
    required = toward * scale_pace(level, goal, years, bounds)
    length = window_length(times, matrix, years)
    found = windows_of(times, matrix, length)
    found = found.keep(comparable(found.start, level, scale, rising))
    paces = toward * found.paces(scale)
    kept = paces >= required - ROUNDING
    best = int(np.argmax(paces)) if len(paces) else None
    return PaceRecord(
        required=float(required_points_per_year),
        needed_years=float(years),
        years=length,
        windows=len(found),
        kept=int(kept.sum()),
        areas=len(np.unique(found.area)),
        areas_kept=len(np.unique(found.area[kept])),
        best_area=None if best is None else int(found.area[best]),
        best_pace=float("nan") if best is None else float(toward * found.points[best]),
    )


@dataclass(frozen=True)
class PaceElsewhere:
    """How often a pace was kept in comparable panels elsewhere.

    Attributes
    ----------
    percent : float
        Windows that kept at least that pace, percent 0-100 of all; NaN without windows.
    windows, kept : int
        Counts behind it.
    years : int
        Length of the windows.
    band : (float, float)
        Starting levels counted, percent.
    group : str
        Which panels: a key of `GROUPS`.
    """

    percent: float
    windows: int
    kept: int
    years: int
    band: tuple[float, float]
    group: str


@cache
def pace_table() -> Mapping[str, Any]:
    """Return the shipped counts of paces kept elsewhere (``evidence/paces.json``)."""
    place = resources.files("kts_analysis").joinpath("evidence", "paces.json")
    table: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    return table


def record_elsewhere(
    required_scale_pace: float,
    years: float,
    level: float,
    *,
    group: str = "digital",
    table: Mapping[str, Any] | None = None,
) -> PaceElsewhere:
    """Return how often a rising percentage kept a pace in the panels of the shipped table.

    Parameters
    ----------
    required_scale_pace : float
        On the working scale, a year: `scale_pace` from the newest figure to the threshold.
    years : float
        Years left; the table's nearest length is taken (1 to 6 years).
    level : float
        Newest figure, percent 0-100; decides the band of starting levels.
    group : {"digital", "other"}
        Digital indicators (internet use, 3G, broadband), or the other adoption indicators of the
        table (electricity, sanitation, health cover …), of which far fewer windows are fast.
    table : mapping, optional
        By default the shipped one.

    Returns
    -------
    PaceElsewhere
        From the counts in steps of the working scale; within a step the count is spread evenly.

    Raises
    ------
    ValueError
        The pace or the level is not a number.
    """
    if not (np.isfinite(required_scale_pace) and np.isfinite(level)):
        raise ValueError("a required pace and a level must be numbers")
    book = pace_table() if table is None else table
    counted = book["groups"][group]["counts"]
    lengths = sorted(int(text) for text in counted)
    length = min(lengths, key=lambda each: (abs(each - years), -each))
    bands = [(float(low), float(high)) for low, high in book["bands"]]
    number = next((i for i, (_, high) in enumerate(bands) if level < high), len(bands) - 1)
    counts = np.asarray(counted[str(length)][number], dtype=float)
    total = int(counts.sum())
    if not total:
        return PaceElsewhere(float("nan"), 0, 0, length, bands[number], group)
    edges = np.asarray(book["edges"], dtype=float)
    above = np.append(np.cumsum(counts[::-1])[::-1], 0.0)  # windows at or above each edge
    kept = float(np.interp(required_scale_pace, edges, above))
    percent = 100 * kept / total
    return PaceElsewhere(percent, total, round(kept), length, bands[number], group)


def pace_sentence(record: PaceRecord, elsewhere: PaceElsewhere | None, m: Messages) -> str:
    """Return what pace is needed and how often such a pace was ever kept; "" if none is needed.

    Counts always stand with a share; a share of few windows is given as its counts only.
    """
    if record.required <= 0:
        return ""
    decimals = 2 if record.required < 1 else 1
    pace = m.points(record.required, decimals, signed=False)
    needed = _length(record.needed_years, m)
    parts = [m("It takes {pace} a year over {length}.", pace=pace, length=needed), _here(record, m)]
    if elsewhere is not None and elsewhere.windows:
        parts.append(_there(elsewhere, m))
    return " ".join(parts)


def _here(record: PaceRecord, m: Messages) -> str:
    if record.windows < LEAST_WINDOWS:
        return m("There are too few earlier stretches from a comparable level to compare with.")
    length = _length(record.years, m)
    windows = m.n("{n} stretch", "{n} stretches", record.windows)
    areas = m.n("{n} area", "{n} areas", record.areas)
    fields = {"windows": windows, "length": length, "areas": areas}
    if not record.kept:
        return m(
            "Of {windows} of {length} from a comparable level in {areas}, none kept that pace.",
            **fields,
        )
    return m(
        "Of {windows} of {length} from a comparable level in {areas}, {kept} kept that pace.",
        kept=m.count(record.kept),
        **fields,
    )


def _there(elsewhere: PaceElsewhere, m: Messages) -> str:
    windows = m.n("{n} stretch", "{n} stretches", elsewhere.windows)
    length = _length(float(elsewhere.years), m)
    if elsewhere.windows < FEW_WINDOWS or not elsewhere.kept:
        share = m.count(elsewhere.kept)
    else:
        share = m.percent(elsewhere.percent, 0 if elsewhere.percent >= 10 else 1)
    return m(
        "In {panels} elsewhere, from a level of {low} to {high}: {share} of {windows} of {length}.",
        panels=m(GROUPS[elsewhere.group]),
        low=m.percent(elsewhere.band[0], 0),
        high=m.percent(elsewhere.band[1], 0),
        share=share,
        windows=windows,
        length=length,
    )


def _length(years: float, m: Messages) -> str:
    if round(years, 1) == round(years):
        return m.n("{n} year", "{n} years", round(years))
    return m("{years} years", years=m.number(years))
