"""Observations: read every file of the data folder, checked cell by cell, as of a date."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from kts_analysis.checks import duplicates, early_figures, future_figures
from kts_analysis.columns import Texts
from kts_analysis.errors import KtsError, Problem, ProblemsError
from kts_analysis.i18n import N_
from kts_analysis.periods import parse_partial_date
from kts_analysis.reading import read_file as read_file
from kts_analysis.reading import read_rows, table_of_parts
from kts_analysis.reading import typed as typed
from kts_analysis.registry import Registry
from kts_analysis.registry_files import data_root, load_registry, registry_stamp
from kts_analysis.schema import keep
from kts_analysis.stamps import stamp_of
from kts_analysis.store_cache import key_of, read_cache, write_cache

FOLDERS = ("published", "sample", "reported")  # where observation files lie under data/
KEPT_FOLDERS = 3  # data folders whose figures are kept in memory until a file changes
_kept: dict[tuple[Any, ...], Loaded] = {}


@dataclass(frozen=True)
class Loaded:
    """All observations that could be read, and everything that could not.

    Attributes
    ----------
    table : pandas.DataFrame
        Typed observations; ``row`` says file and line of each.
    problems : list of Problem
        Errors (their rows are left out of `table`) and warnings (their rows are in it).
    stamp : tuple
        What was read, from outside; the same stamp, the same table. Empty for files named one
        by one.
    """

    table: pd.DataFrame
    problems: list[Problem]
    stamp: tuple[Any, ...] = ()

    @property
    def errors(self) -> list[Problem]:
        """The problems that keep rows out."""
        return [problem for problem in self.problems if problem.severity == "error"]

    @property
    def sound(self) -> pd.DataFrame:
        """The figures of areas without any error: half an area's figures would mislead."""
        broken = {code for problem in self.errors for code in problem.areas}
        return self.table[~self.table["area_code"].isin(broken)].reset_index(drop=True)


def observation_files(registry: Registry) -> list[Path]:
    """Return every observation file of the data folder, in a fixed order.

    A CSV file without the first two observation columns (context tables) is not one.
    """
    files = []
    for folder in FOLDERS:
        for path in sorted((registry.root / folder).glob("*.csv")):
            if path.name != "context.csv":
                files.append(path)
    return files


def load_observations(
    folder: str | os.PathLike[str] | None = None, *, files: Iterable[Path] | None = None
) -> Loaded:
    """Read all observation files, setting bad rows aside.

    Parameters
    ----------
    folder : path, optional
        Data folder; by default the one `data_root` finds.
    files : iterable of Path, optional
        Read these instead of the folder's own.

    Returns
    -------
    Loaded
        One area's bad file never takes another area's figures with it. The folder's own files
        are kept in memory until one changes; the table is the caller's to change.

    Examples
    --------
    >>> import kts_analysis as kts
    >>> kts.load_observations().errors
    []
    """
    if files is not None:
        return _load(load_registry(folder), files)
    root, today = data_root(folder), date.today()  # figures of a day still to come are refused
    stamp = (root, registry_stamp(root), stamp_of(root, FOLDERS, (".csv",)), today)
    if stamp not in _kept:
        registry = load_registry(root)
        _kept[stamp] = replace(_load_folder(registry, today), stamp=stamp)
    _kept[stamp] = kept = _kept.pop(stamp)  # the newest stands last
    while len(_kept) > KEPT_FOLDERS:
        del _kept[next(iter(_kept))]
    return Loaded(kept.table.copy(deep=False), list(kept.problems), stamp)


def _load_folder(registry: Registry, today: date) -> Loaded:
    """Read the folder's own files, or what has been kept of the very same files."""
    files = observation_files(registry)
    key = key_of(registry.root, files)
    found = read_cache(registry.root, key, today) if key else None
    if found is not None:
        return Loaded(*found)
    loaded = _load(registry, files)
    # An edit while the files were read would be kept under the wrong key.
    if key and not loaded.errors and key == key_of(registry.root, files):
        write_cache(registry.root, key, loaded.table, loaded.problems)
    return loaded


def _load(registry: Registry, files: Iterable[Path]) -> Loaded:
    texts = Texts()
    parts = [read_rows(path, registry, texts) for path in files]
    table = table_of_parts([part for part, _ in parts], registry)
    problems = [problem for _, found in parts for problem in found]
    ahead = future_figures(table, date.today())
    if ahead:
        table = table[~table["row"].isin({f"{p.file}:{p.row}" for p in ahead})]
    twice, rows = duplicates(table)
    table = table[~table["row"].isin(rows)].reset_index(drop=True)
    return Loaded(table, problems + ahead + twice + early_figures(table))


def read_observations(
    folder: str | os.PathLike[str] | None = None, *, as_of: str | date | None = None
) -> pd.DataFrame:
    """Return the observations known on a day.

    Parameters
    ----------
    folder : path, optional
        Data folder.
    as_of : str or date, optional
        Nothing published later is used. By default the date of the newest figure: the clock is
        never asked, so the same data give the same answer.

    Returns
    -------
    pandas.DataFrame
        Typed observations; ``attrs["as_of"]`` holds the day stood on.

    Raises
    ------
    ProblemsError
        All problems of all files.

    Examples
    --------
    >>> import kts_analysis as kts
    >>> known = kts.read_observations(as_of="2022-12-31")
    >>> known.attrs["as_of"]
    '2022-12-31'
    >>> known["vintage_date"].max().isoformat() <= "2022-12-31"
    True
    """
    loaded = load_observations(folder)
    if loaded.errors:
        raise ProblemsError(loaded.errors)
    return known_on(loaded.table, as_of)


def known_on(table: pd.DataFrame, as_of: str | date | None = None) -> pd.DataFrame:
    """Return what was known on a day (default: the day of the newest publication).

    Rows published later are left out, and so are figures of a period that had not ended yet: a
    year's figure printed before the year is over is a forecast, not an observation.
    """
    day = max(table["vintage_date"], default=date.min) if as_of is None else day_of(as_of)
    dates = zip(table["vintage_date"], table["period_end"], strict=True)
    known = keep(table, (vintage <= day and end <= day for vintage, end in dates)).copy()
    known.attrs["as_of"] = day.isoformat()
    return known


def stood_on(table: pd.DataFrame) -> date | None:
    """Return the day a table from `known_on` stands on; without any figure the first of all days.

    None for a table that was never limited to a day.
    """
    stood = table.attrs.get("as_of")
    return date.fromisoformat(stood) if stood else None


def day_of(as_of: str | date) -> date:
    """Return the day to stand on.

    Raises
    ------
    KtsError
        The text is not a date.
    """
    try:
        return parse_partial_date(as_of)
    except ValueError:
        message = N_("{found} is not a date like 2024-12-31")
        raise KtsError(message, found=as_of) from None
