"""Observations: read every file of the data folder, checked cell by cell, as of a date."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from kts_analysis.checks import (
    cell_problems,
    duplicates,
    early_figures,
    extra_cells,
    future_figures,
    header_problems,
    row_problems,
)
from kts_analysis.errors import KtsError, Problem, ProblemsError
from kts_analysis.i18n import N_
from kts_analysis.indicators import compute
from kts_analysis.periods import parse_partial_date, period_end, year_position
from kts_analysis.registry import Registry
from kts_analysis.registry_files import load_registry
from kts_analysis.schema import OBSERVATION_COLUMNS, join_flags, keep
from kts_analysis.vi import nfc

FOLDERS = ("published", "sample", "reported")  # where observation files lie under data/


@dataclass(frozen=True)
class Loaded:
    """All observations that could be read, and everything that could not.

    Attributes
    ----------
    table : pandas.DataFrame
        Typed observations; ``row`` says file and line of each.
    problems : list of Problem
        Errors (their rows are left out of `table`) and warnings (their rows are in it).
    """

    table: pd.DataFrame
    problems: list[Problem]

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
        One area's bad file never takes another area's figures with it.
    """
    registry = load_registry(folder)
    frames, problems = [], []
    for path in observation_files(registry) if files is None else files:
        frame, found = read_file(path, registry)
        frames.append(frame)
        problems += found
    table = pd.concat(frames, ignore_index=True) if frames else typed(_empty(), registry)
    ahead = future_figures(table, date.today())
    table = table[~table["row"].isin({f"{p.file}:{p.row}" for p in ahead})]
    problems += ahead
    twice, rows = duplicates(table)
    table = table[~table["row"].isin(rows)].reset_index(drop=True)
    return Loaded(table, problems + twice + early_figures(table))


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
    if as_of is None:
        day = max(table["vintage_date"], default=date.min)
    else:
        try:
            day = parse_partial_date(as_of)
        except ValueError:
            message = N_("{found} is not a date like 2024-12-31")
            raise KtsError(message, found=as_of) from None
    dates = zip(table["vintage_date"], table["period_end"], strict=True)
    known = keep(table, (vintage <= day and end <= day for vintage, end in dates)).copy()
    known.attrs["as_of"] = day.isoformat()
    return known


def read_file(path: Path, registry: Registry) -> tuple[pd.DataFrame, list[Problem]]:
    """Read one observation file: the good rows typed, and all problems of the others."""
    inside = path.resolve().is_relative_to(registry.root)
    label = path.resolve().relative_to(registry.root).as_posix() if inside else path.name
    hint = _area_from_name(path, registry)
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle, restval="")
            header = [nfc(name or "").strip() for name in reader.fieldnames or []]
            reader.fieldnames = header
            rows = [(reader.line_num, record) for record in reader]
            records = [(line, row) for line, row in rows if any(row.values())]
    except FileNotFoundError:
        problem = Problem(label, N_("there is no such file"), areas=hint)
        return typed(_empty(), registry), [problem]
    except OSError as error:
        problem = Problem(
            label,
            N_("the file cannot be read: {detail}"),
            params={"detail": error.strerror},
            areas=hint,
        )
        return typed(_empty(), registry), [problem]
    except (UnicodeDecodeError, csv.Error) as error:
        message = N_("the file cannot be read as UTF-8 CSV: {detail}")
        problem = Problem(label, message, params={"detail": error}, areas=hint)
        return typed(_empty(), registry), [problem]
    if len(header) == 1 and ";" in header[0]:
        message = N_("the columns are separated by ';'; save the file as CSV with commas")
        return typed(_empty(), registry), [Problem(label, message, 1, areas=hint)]
    codes = {str(record.get("area_code") or "").strip() for _, record in records}
    areas = tuple(sorted(code for code in codes if registry.has_area(code))) or hint
    problems = header_problems(header, label, areas)
    if problems:
        return typed(_empty(), registry), problems
    problems = extra_cells(records, label, areas)
    lines = [line for line, _ in records]
    raw = pd.DataFrame(
        [[nfc(str(record.get(name) or "").strip()) for name in header] for _, record in records],
        columns=header,
        index=lines,
        dtype="str",
    )[OBSERVATION_COLUMNS]
    problems += cell_problems(raw, label, registry, hint)
    problems += row_problems(raw, label, registry, hint)
    bad = {problem.row for problem in problems if problem.severity == "error"}
    good = keep(raw, (line not in bad for line in raw.index))
    table = typed(good, registry)
    table["row"] = [f"{label}:{line}" for line in good.index]
    return table, problems


def typed(raw: pd.DataFrame, registry: Registry) -> pd.DataFrame:
    """Return checked text rows with numbers, dates and the place on the time axis.

    ``t`` is in years with a year's end at the whole number; ``vintage_date`` of a figure without
    one is the period's end plus its series' lag, flagged ``vintage_assumed``.
    """
    table = raw.reset_index(drop=True)
    for name in ("value", "numerator", "denominator"):
        table[name] = pd.to_numeric(table[name].where(table[name] != "", None), errors="raise")
        table[name] = table[name].astype(float)
    table["value"] = table["value"].where(table["value"].notna(), _from_counts(table, registry))
    ends = [period_end(period) for period in table["period"]]
    lags = [registry.series[name].lag_days for name in table["series"]]
    vintages = [
        parse_partial_date(text) if text else end + timedelta(days=lag)
        for text, end, lag in zip(table["vintage"], ends, lags, strict=True)
    ]
    added = [
        ["vintage_assumed" if not text else "", "over_100" if value > 100 else ""]
        for text, value in zip(table["vintage"], table["value"], strict=True)
    ]
    flags = [join_flags([old, *new]) for old, new in zip(table["flags"], added, strict=True)]
    table["flags"] = pd.Series(flags, dtype="str")
    table["period_end"] = pd.Series(ends, dtype=object)
    table["t"] = pd.Series([year_position(end) for end in ends], dtype=float)
    table["vintage_date"] = pd.Series(vintages, dtype=object)
    table["row"] = pd.Series([""] * len(table), dtype="str")
    return table


def _from_counts(table: pd.DataFrame, registry: Registry) -> pd.Series:
    """Return each row's rate from its counts, by the function its indicator card names."""
    rates = pd.Series(float("nan"), index=table.index)
    for code, rows in table.groupby("indicator"):
        name = registry.indicators[str(code)].function
        if name is not None:
            rates[rows.index] = compute(name, rows["numerator"], rows["denominator"])
    return rates


def _empty() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="str") for name in OBSERVATION_COLUMNS})


def _area_from_name(path: Path, registry: Registry) -> tuple[str, ...]:
    """Return the area code a file's name begins with (``356.csv``), if it is one."""
    found = re.match(r"^([0-9A-Za-z]+)(?=[-_.])", path.name)
    return (found[1],) if found and registry.has_area(found[1]) else ()
