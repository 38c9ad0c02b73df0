"""Figures that can be, but should be asked about: jumps, falls, another indicator's row.

All cuts are ours: they decide what a person is asked, never what is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kts_analysis.errors import Problem
from kts_analysis.figures import Figures
from kts_analysis.i18n import N_
from kts_analysis.ingest.meaning import Entry
from kts_analysis.periods import period_end, year_position
from kts_analysis.registry import Registry

FLAG = "doubtful"
JUMP_TIMES = 2.0  # times the largest yearly change ever seen of this indicator and method
JUMP_LEAST = 10.0  # points a year; smaller ones are nobody's question
JUMP_UNKNOWN = 40.0  # points a year, where fewer than KNOWN_CHANGES were ever seen
KNOWN_CHANGES = 5
OTHER_ROW_FAR, OTHER_ROW_NEAR = 15.0, 1.0  # points from its own line, and from another's
CONCEPT_CHANGE = 0.10  # of a denominator, from one figure to the next; concepts differ by 12-33%


_LINE = ["area_code", "indicator", "series", "breakdown"]


@dataclass(frozen=True)
class _Point:
    t: float
    value: float
    numerator: float
    denominator: float


def doubts(
    entries: Sequence[Entry], stored: pd.DataFrame, registry: Registry
) -> list[tuple[Entry, Problem]]:
    """Return what to ask about each figure, as warnings.

    Parameters
    ----------
    entries : sequence of Entry
        What is about to be stored.
    stored : pandas.DataFrame
        Typed observations, as `kts_analysis.store` reads them.
    registry : Registry

    Returns
    -------
    list of (Entry, Problem)
        The entry gets the flag "doubtful" when it is stored.
    """
    book = _Book(entries, stored)
    found = []
    for entry in entries:
        strange = _other_row(entry, book, registry) or _jump(entry, book)
        for problem in (strange, _fall(entry, book), _concept(entry, book)):
            if problem is not None:
                found.append((entry, problem))
    return found


class _Book:
    """Stored and new figures of the areas in question, by line; how fast indicators ever moved."""

    def __init__(self, entries: Sequence[Entry], stored: pd.DataFrame) -> None:
        self.lines: dict[tuple[str, ...], dict[float, _Point]] = {}
        figures = Figures(stored)
        for code in {entry.cells["area_code"] for entry in entries}:
            for mine in figures.of_area(code).values():
                for figure in sorted(mine, key=lambda one: one.vintage_date):  # the newest stays
                    line = (figure.area_code, figure.indicator, figure.series, figure.breakdown)
                    point = _Point(figure.t, figure.value, figure.numerator, figure.denominator)
                    self.lines.setdefault(line, {})[figure.t] = point
        self.changes = _changes(stored, {entry.cells["indicator"] for entry in entries})
        for entry in entries:
            point = _point(entry)
            self.lines.setdefault(_line(entry), {})[point.t] = point

    def before(self, entry: Entry) -> _Point | None:
        """Return the figure before an entry on its own line."""
        now = _point(entry).t
        points = self.lines[_line(entry)]
        earlier = [t for t in points if t < now]
        return points[max(earlier)] if earlier else None


def _changes(
    stored: pd.DataFrame, indicators: set[str]
) -> dict[tuple[str, str], tuple[int, float]]:
    """Return how many yearly changes of an indicator and method are known, and the largest.

    Points a year, over all areas: a figure may move as others of its kind have moved.
    """
    mine = stored[stored["indicator"].isin(indicators) & stored["value"].notna()]
    mine = mine.sort_values([*_LINE, "t", "vintage_date"], kind="stable")
    mine = mine.drop_duplicates([*_LINE, "t"], keep="last")
    same = (mine[_LINE] == mine[_LINE].shift()).all(axis=1)
    change = (mine["value"].diff().abs() / mine["t"].diff())[same]
    groups = change.groupby([mine["indicator"][same], mine["series"][same]])
    return {
        (str(indicator), str(series)): (len(values), float(values.max()))
        for (indicator, series), values in groups
    }


def _point(entry: Entry) -> _Point:
    return _Point(year_position(period_end(entry.cells["period"])), *_numbers(entry))


def _numbers(entry: Entry) -> tuple[float, float, float]:
    above, below = (_number(entry.cells[name]) for name in ("numerator", "denominator"))
    value = _number(entry.cells["value"])
    if value != value and below:
        value = 100 * above / below
    return value, above, below


def _number(text: str) -> float:
    return float(text) if text else float("nan")


def _line(entry: Entry) -> tuple[str, ...]:
    return tuple(entry.cells[name] for name in ("area_code", "indicator", "series", "breakdown"))


def _jump(entry: Entry, book: _Book) -> Problem | None:
    """A change beyond what this indicator has ever done anywhere."""
    before, now = book.before(entry), _point(entry)
    if before is None or now.value != now.value:
        return None
    change = abs(now.value - before.value) / (now.t - before.t)
    seen, largest = book.changes.get((entry.cells["indicator"], entry.cells["series"]), (0, 0.0))
    known = seen >= KNOWN_CHANGES
    most = max(JUMP_LEAST, JUMP_TIMES * largest) if known else JUMP_UNKNOWN
    if change <= most:
        return None
    remedy = N_("ask whether it is the same indicator, unit and method")
    if not seen:
        message = N_("{now:.2f}: {change:.1f} points a year from {before:.2f}")
        return _ask(entry, message, remedy, now=now.value, change=change, before=before.value)
    message = N_(
        "{now:.2f}: {change:.1f} points a year from {before:.2f}, "
        "the most seen so far is {most:.1f}"
    )
    numbers: dict[str, Any] = {
        "now": now.value,
        "change": change,
        "before": before.value,
        "most": largest,
    }
    return _ask(entry, message, remedy, **numbers)


def _fall(entry: Entry, book: _Book) -> Problem | None:
    """A count that was larger before; what counts up cannot fall."""
    before, now = book.before(entry), _point(entry)
    if before is None or not now.numerator < before.numerator:
        return None
    return _ask(
        entry,
        N_("the count {found} was {before:.0f} before; a count of all so far cannot fall"),
        N_("ask which figure is right, or what left the count"),
        column="numerator",
        before=before.numerator,
    )


def _concept(entry: Entry, book: _Book) -> Problem | None:
    """A denominator that changes as if it counted something else."""
    before, now = book.before(entry), _point(entry)
    if before is None or not before.denominator > 0 or not now.denominator > 0:
        return None
    change = now.denominator / before.denominator - 1
    if abs(change) <= CONCEPT_CHANGE:
        return None
    return _ask(
        entry,
        N_("the denominator {found} was {before:.0f} before: is the same population counted?"),
        N_("say what the denominator counts"),
        column="denominator",
        before=before.denominator,
    )


def _other_row(entry: Entry, book: _Book, registry: Registry) -> Problem | None:
    """A value far from its own line and on another indicator's."""
    before, now = book.before(entry), _point(entry)
    if before is None or not abs(now.value - before.value) > OTHER_ROW_FAR:
        return None
    area, indicator, *_ = _line(entry)
    for line, points in book.lines.items():
        if line[0] != area or line[1] == indicator:
            continue
        known = [point.value for t, point in points.items() if t <= now.t]
        if known and abs(known[-1] - now.value) <= OTHER_ROW_NEAR:
            return _ask(
                entry,
                N_("{now:.2f} is far from this indicator's {before:.2f} and near that of {other}"),
                N_("look whether it stands in the wrong row"),
                now=now.value,
                before=before.value,
                other=registry.indicators[line[1]].name.vi,
            )
    return None


def _ask(
    entry: Entry, message: str, remedy: str, *, column: str = "value", **params: object
) -> Problem:
    """Ask at the cell in doubt; a value worked out from counts stands at its numerator."""
    stands = entry.statement.cells.get(column)
    place = column if stands is not None and stands.value is not None else "numerator"
    areas = (entry.cells["area_code"],)
    return entry.statement.problem(
        place, message, remedy=remedy, severity="warning", areas=areas, **params
    )
