"""Reading one observation file: its good rows, typed, and every problem of the others."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kts_analysis.cell_checks import COUNTS, Row, cell_problems
from kts_analysis.checks import extra_cells, header_problems, row_problems
from kts_analysis.columns import Codes, Column, Columns, Texts
from kts_analysis.errors import Problem
from kts_analysis.i18n import N_
from kts_analysis.indicators import compute
from kts_analysis.periods import parse_partial_date, period_end, year_position
from kts_analysis.registry import Registry
from kts_analysis.schema import OBSERVATION_COLUMNS, join_flags
from kts_analysis.screening import suspects
from kts_analysis.vi import nfc

BLOCK = 256  # rows turned into columns at a time


class CsvReader(Protocol):
    """What `csv.reader` gives: rows, and the line the last of them ended on."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...


@dataclass(frozen=True)
class Part:
    """The good rows of one file, as text.

    Attributes
    ----------
    label : str
        The file, relative to the data folder.
    lines : array of int32, shape (rows,)
        Line of each row in the file, the first line being 1.
    columns : mapping of str to Column
        The cells by column, in the order of `lines`.
    """

    label: str
    lines: Codes = field(default_factory=lambda: np.empty(0, np.int32))
    columns: Columns = field(default_factory=dict)


def read_file(path: Path, registry: Registry) -> tuple[pd.DataFrame, list[Problem]]:
    """Read one observation file: the good rows typed, and all problems of the others."""
    part, problems = read_rows(path, registry, Texts())
    return table_of_parts([part], registry), problems


def read_rows(path: Path, registry: Registry, texts: Texts) -> tuple[Part, list[Problem]]:
    """Read one observation file: the good rows as text, and all problems of the others."""
    inside = path.resolve().is_relative_to(registry.root)
    label = path.resolve().relative_to(registry.root).as_posix() if inside else path.name
    hint = _area_from_name(path, registry)
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            return rows_from(handle, label, hint, registry, texts)
    except FileNotFoundError:
        return Part(label), [Problem(label, N_("there is no such file"), areas=hint)]
    except OSError as error:
        message, params = N_("the file cannot be read: {detail}"), {"detail": error.strerror}
        return Part(label), [Problem(label, message, params=params, areas=hint)]


def rows_from(
    handle: Iterable[str], label: str, hint: tuple[str, ...], registry: Registry, texts: Texts
) -> tuple[Part, list[Problem]]:
    """Read the lines of one observation file, as `read_rows` does.

    Parameters
    ----------
    handle : iterable of str
        Lines with their ends, as a file opened with ``newline=""`` gives them.
    label : str
        What to call the file.
    hint : tuple of str
        Area the file's name speaks of, if it does.
    """
    reader = csv.reader(handle)
    try:
        header = [nfc(name).strip() for name in next(reader, [])]
        if sorted(header) != sorted(OBSERVATION_COLUMNS):
            return Part(label), _unreadable(header, reader, label, hint, registry)
        part, extra = _columns(header, reader, label, texts)
    except (UnicodeDecodeError, csv.Error) as error:
        message = N_("the file cannot be read as UTF-8 CSV: {detail}")
        return Part(label), [Problem(label, message, params={"detail": error}, areas=hint)]
    areas = _known_areas(part.columns["area_code"].different, registry) if extra else ()
    return _good_rows(part, extra_cells(extra, label, areas or hint), registry, hint)


def _unreadable(
    header: list[str],
    records: Iterable[list[str]],
    label: str,
    hint: tuple[str, ...],
    registry: Registry,
) -> list[Problem]:
    """Return what is wrong with a header, and whose rows stand below it."""
    places = {name: place for place, name in enumerate(header)}
    place = places.get("area_code", len(header))
    codes = {record[place].strip() for record in records if len(record) > place}
    if len(header) == 1 and ";" in header[0]:
        message = N_("the columns are separated by ';'; save the file as CSV with commas")
        return [Problem(label, message, 1, areas=hint)]
    return header_problems(header, label, _known_areas(codes, registry) or hint)


def _columns(
    header: list[str], reader: CsvReader, label: str, texts: Texts
) -> tuple[Part, list[tuple[int, str]]]:
    """Return all rows by column, and line and first cell of what stands beyond the columns.

    Rows are turned into columns some hundred at a time: all rows of a large file at once would
    push each other out of the processor's memory, which takes twice as long.
    """
    width, lines, extra = len(header), [], []
    vocabularies = [texts[name] for name in header]
    codes: list[list[Codes]] = [[np.empty(0, np.int32)] for _ in header]
    block: list[list[str]] = []

    def turn() -> None:
        for found, words, cells in zip(codes, vocabularies, zip(*block, strict=True), strict=True):
            found.append(np.fromiter(map(words.__getitem__, cells), np.int32, len(block)))
        block.clear()

    for record in reader:
        if len(record) != width:
            if len(record) > width:
                extra.append((reader.line_num, record[width]))
            record = [*record[:width], *[""] * (width - len(record))]
        if record[0] or any(record) or (extra and extra[-1][0] == reader.line_num):
            block.append(record)
            lines.append(reader.line_num)
        if len(block) == BLOCK:
            turn()
    if block:
        turn()
    columns = {
        name: Column(np.concatenate(found), texts[name])
        for name, found in zip(header, codes, strict=True)
    }
    return Part(label, np.array(lines, np.int32), columns), extra


def _known_areas(codes: Iterable[str], registry: Registry) -> tuple[str, ...]:
    return tuple(sorted(code for code in set(codes) if registry.has_area(code)))


def _good_rows(
    part: Part, problems: list[Problem], registry: Registry, hint: tuple[str, ...]
) -> tuple[Part, list[Problem]]:
    """Return the rows without an error, and the problems of all after those given."""
    columns, lines = part.columns, part.lines.tolist()
    wrong = cell_problems(columns, lines, part.label, registry, hint)
    places = range(len(lines)) if wrong else suspects(columns, registry, hint)
    looked_at = (
        Row(lines[place], {name: columns[name][place] for name in OBSERVATION_COLUMNS})
        for place in places
    )
    found = [*problems, *wrong, *row_problems(looked_at, part.label, registry, hint)]
    bad = {problem.row for problem in found if problem.severity == "error"}
    if not bad:
        return part, found
    good = np.array([place for place, line in enumerate(lines) if line not in bad], np.intp)
    kept = {name: column.take(good) for name, column in columns.items()}
    return Part(part.label, part.lines[good], kept), found


def table_of_parts(parts: Sequence[Part], registry: Registry) -> pd.DataFrame:
    """Return the rows of some files as one typed table.

    Parameters
    ----------
    parts : sequence of Part
        All read with the same `Texts`.
    registry : Registry
    """
    filled = [part for part in parts if len(part.lines)]
    raw = pd.DataFrame({name: _joined(filled, name) for name in OBSERVATION_COLUMNS})
    table = typed(raw, registry)
    table["row"] = pd.Series(places_of(filled), dtype="str")
    return table


def places_of(parts: Iterable[Part]) -> list[str]:
    """Return file and line of all rows, as ``reported/359.csv:2``."""
    return [f"{part.label}:{line}" for part in parts for line in part.lines.tolist()]


def _joined(parts: Sequence[Part], name: str) -> pd.Series:
    if not parts:
        return pd.Series([], dtype="str")
    words = pd.array(parts[0].columns[name].vocabulary.texts, dtype="str")
    return pd.Series(words.take(np.concatenate([part.columns[name].codes for part in parts])))


def typed(raw: pd.DataFrame, registry: Registry) -> pd.DataFrame:
    """Return checked text rows with numbers, dates and the place on the time axis.

    ``t`` is in years with a year's end at the whole number; ``vintage_date`` of a figure without
    one is the period's end plus its series' lag, flagged ``vintage_assumed``.
    """
    table = raw.reset_index(drop=True)
    for name in COUNTS:
        table[name] = _each(table[name], lambda text: float(text) if text else np.nan, float)
    untold = table[table["value"].isna()]
    if len(untold):
        table.loc[untold.index, "value"] = _from_counts(untold, registry)
    table["flags"] = _flags(table)
    table["period_end"] = _each(table["period"], period_end, object)
    table["t"] = _each(table["period"], lambda text: year_position(period_end(text)), float)
    table["vintage_date"] = _print_days(table, registry)
    table["row"] = pd.Series([""] * len(table), dtype="str")
    return table


def _each(cells: pd.Series, function: Callable[[str], Any], kind: type) -> pd.Series:
    """Return what a function gives for each cell, asking it once a text."""
    codes, texts = pd.factorize(cells)
    found: NDArray[Any] = np.empty(len(texts), dtype=kind)
    found[:] = [function(text) for text in texts]
    return pd.Series(found[codes], index=cells.index, dtype=kind)


def _print_days(table: pd.DataFrame, registry: Registry) -> pd.Series:
    """Return each row's publication date; without one, the period's end plus the series' lag."""
    days = _each(table["vintage"], lambda text: parse_partial_date(text) if text else None, object)
    undated = table.index[table["vintage"] == ""]
    names, ends = table["series"][undated].tolist(), table["period_end"][undated].tolist()
    days[undated] = [
        end + timedelta(days=registry.series[name].lag_days)
        for name, end in zip(names, ends, strict=True)
    ]
    return days


def _flags(table: pd.DataFrame) -> pd.Series:
    """Return each row's flags, with those that its own cells tell."""
    flags = table["flags"].copy()
    undated, above = table["vintage"] == "", table["value"] > 100
    some = table.index[(flags != "") | undated | above]
    cells = zip(flags[some].tolist(), undated[some].tolist(), above[some].tolist(), strict=True)
    flags[some] = [
        join_flags([old, "vintage_assumed" if assumed else "", "over_100" if over else ""])
        for old, assumed, over in cells
    ]
    return flags


def _from_counts(table: pd.DataFrame, registry: Registry) -> pd.Series:
    """Return each row's rate from its counts, by the function its indicator card names."""
    rates = pd.Series(float("nan"), index=table.index)
    for code, rows in table.groupby("indicator"):
        name = registry.indicators[str(code)].function
        if name is not None:
            rates[rows.index] = compute(name, rows["numerator"], rows["denominator"])
    return rates


def _area_from_name(path: Path, registry: Registry) -> tuple[str, ...]:
    """Return the area code a file's name begins with (``356.csv``), if it is one."""
    found = re.match(r"^([0-9A-Za-z]+)(?=[-_.])", path.name)
    return (found[1],) if found and registry.has_area(found[1]) else ()
