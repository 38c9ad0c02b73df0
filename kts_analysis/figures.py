"""Figures one by one, found by area and indicator without looking through the whole table."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from typing import NamedTuple

import numpy as np
import pandas as pd

NUMBERS = ("value", "numerator", "denominator", "t")
DAYS = ("period_end", "vintage_date")

# Among several publications of one period on one day, the firmer statement is shown.
FIRMNESS = {
    "exact": 0,
    "preliminary": 1,
    "estimate": 2,
    "about": 3,
    "at_least": 4,
    "at_most": 4,
}


class Figure(NamedTuple):
    """One observation: a row of the table from `store.typed`, with its columns in their order."""

    area_code: str
    indicator: str
    series: str
    breakdown: str
    period: str
    value: float
    numerator: float
    denominator: float
    denominator_concept: str
    qualifier: str
    vintage: str
    origin: str
    source: str
    source_url: str
    flags: str
    note: str
    period_end: date
    t: float
    vintage_date: date
    row: str


class Figures:
    """The figures of a table by area and indicator; an area's are taken out when first asked for.

    Parameters
    ----------
    table : pandas.DataFrame
        Typed observations; not to be changed afterwards.
    """

    def __init__(self, table: pd.DataFrame) -> None:
        self._table = table
        self._rows = _rows_by_area(table)
        self._areas: dict[str, dict[str, list[Figure]]] = {}
        self._area_digests: dict[str, str] = {}
        self._digests: dict[frozenset[str], str] = {}

    def known_on(self, day: date) -> Figures:
        """Return the figures known on a day, as `store.known_on` limits a table."""
        return _Earlier(self, day)

    @classmethod
    def of(cls, table: pd.DataFrame | Figures) -> Figures:
        """Return the figures of a table, or the ones given."""
        return table if isinstance(table, Figures) else cls(table)

    @property
    def areas(self) -> list[str]:
        """Codes of the areas that have figures."""
        return sorted(self._rows)

    def at(self, code: str, indicator: str) -> list[Figure]:
        """Return the figures of an area for one indicator, in the order of the table."""
        return self.of_area(code).get(indicator, [])

    def of_area(self, code: str) -> dict[str, list[Figure]]:
        """Return the figures of an area by indicator, in the order of the table."""
        if code not in self._areas:
            found: dict[str, list[Figure]] = {}
            for figure in self._of_area(code):
                found.setdefault(figure.indicator, []).append(figure)
            self._areas[code] = found
        return self._areas[code]

    def digest(self, codes: frozenset[str]) -> str:
        """Return a SHA-256 (hexadecimal) over all figures of some areas.

        Another digest means other figures, or that another of several like ones is shown; the
        lines of the file they stand on do not count.
        """
        if codes not in self._digests:
            parts = (f"{code} {self._digest(code)}" for code in sorted(codes))
            self._digests[codes] = sha256("\n".join(parts).encode()).hexdigest()
        return self._digests[codes]

    def _digest(self, code: str) -> str:
        """SHA-256 over the figures of one area, in their order and in order of precedence."""
        if code not in self._area_digests:
            told = [
                ([one[:-1] for one in figures], _by_rank([_rank_of(one) for one in figures]))
                for _, figures in sorted(self.of_area(code).items())
            ]  # without the last field, the row
            self._area_digests[code] = sha256(repr(told).encode()).hexdigest()
        return self._area_digests[code]

    def _of_area(self, code: str) -> Iterable[Figure]:
        return figures_of(self._table.iloc[self._rows[code]]) if code in self._rows else ()


class _Earlier(Figures):
    """The figures of others that were known on a day."""

    def __init__(self, whole: Figures, day: date) -> None:
        self._whole, self._day = whole, day
        self._areas, self._area_digests, self._digests = {}, {}, {}

    @property
    def areas(self) -> list[str]:
        return [code for code in self._whole.areas if self.of_area(code)]

    def _of_area(self, code: str) -> Iterable[Figure]:
        for figures in self._whole.of_area(code).values():
            for figure in figures:
                if figure.vintage_date <= self._day and figure.period_end <= self._day:
                    yield figure


def _rows_by_area(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the rows of each area, in one pass over the table."""
    numbers, codes = pd.factorize(table["area_code"])
    order = np.argsort(numbers, kind="stable")
    ends = np.cumsum(np.bincount(numbers, minlength=len(codes))).tolist()
    starts = [0, *ends][: len(ends)]
    cuts = zip(codes, starts, ends, strict=True)
    return {str(code): order[start:end] for code, start, end in cuts}


def figures_of(table: pd.DataFrame) -> list[Figure]:
    """Return the rows of a table of typed observations as figures."""
    columns = [table[name].tolist() for name in Figure._fields]
    return [Figure._make(cells) for cells in zip(*columns, strict=True)]


def table_of(figures: Iterable[Figure]) -> pd.DataFrame:
    """Return figures as a table of typed observations."""
    columns = list(zip(*figures, strict=True)) or [()] * len(Figure._fields)
    return pd.DataFrame(
        {
            name: pd.Series(list(cells), dtype=_dtype(name))
            for name, cells in zip(Figure._fields, columns, strict=True)
        }
    )


def _dtype(name: str) -> str:
    if name in NUMBERS:
        return "float64"
    return "object" if name in DAYS else "str"


def newest_of(figures: Iterable[Figure]) -> list[Figure]:
    """Return one figure a period: the newest known vintage, the better source, the firmer word.

    A publication date that is only assumed ranks behind every known one.
    """
    kept: dict[date, Figure] = {}
    for figure in sorted(figures, key=_rank_of):
        kept.setdefault(figure.period_end, figure)
    return list(kept.values())


def newest(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a table that `newest_of` keeps, in order of time."""
    names = ("period_end", "flags", "vintage_date", "qualifier", "row")
    cells = zip(*(rows[name].tolist() for name in names), strict=True)
    ranks = [_rank(*each) for each in cells]
    kept: dict[date, int] = {}
    for place in _by_rank(ranks):
        kept.setdefault(ranks[place][0], place)
    return rows.iloc[list(kept.values())].reset_index(drop=True)


Rank = tuple[date, bool, int, bool, int, str]


def _by_rank(ranks: list[Rank]) -> list[int]:
    """Return the places of ranks, the lowest first."""
    return sorted(range(len(ranks)), key=ranks.__getitem__)


def _rank_of(figure: Figure) -> Rank:
    return _rank(figure.period_end, figure.flags, figure.vintage_date, figure.qualifier, figure.row)


def _rank(end: date, flags: str, published: date, qualifier: str, row: str) -> Rank:
    """By period; within one, what is shown comes first."""
    marks = flags.split(";")
    return (
        end,
        "vintage_assumed" in marks,
        -published.toordinal(),
        "weak_source" in marks,
        FIRMNESS[qualifier],
        row,
    )
