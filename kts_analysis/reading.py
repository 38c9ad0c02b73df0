"""Reading one observation file: its good rows, typed, and every problem of the others."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain
from pathlib import Path

import pandas as pd

from kts_analysis.cell_checks import Row, cell_problems
from kts_analysis.checks import extra_cells, header_problems, row_problems
from kts_analysis.errors import Problem
from kts_analysis.i18n import N_
from kts_analysis.indicators import compute
from kts_analysis.periods import parse_partial_date, period_end, year_position
from kts_analysis.registry import Registry
from kts_analysis.schema import OBSERVATION_COLUMNS, join_flags
from kts_analysis.screening import numbers, suspects
from kts_analysis.vi import nfc


@dataclass(frozen=True)
class Part:
    """The good rows of one file, as text.

    Attributes
    ----------
    label : str
        The file, relative to the data folder.
    lines : sequence of int
        Line of each row in the file, the first line being 1.
    columns : mapping of str to sequence of str
        The cells by column, in the order of `lines`.
    """

    label: str
    lines: Sequence[int] = ()
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)


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
    records, lines = [], []
    try:
        header = [nfc(name).strip() for name in next(reader, [])]
        for record in reader:
            if any(record) or len(record) > len(header):
                records.append(record)
                lines.append(reader.line_num)
    except (UnicodeDecodeError, csv.Error) as error:
        message = N_("the file cannot be read as UTF-8 CSV: {detail}")
        return Part(label), [Problem(label, message, params={"detail": error}, areas=hint)]
    if len(header) == 1 and ";" in header[0]:
        message = N_("the columns are separated by ';'; save the file as CSV with commas")
        return Part(label), [Problem(label, message, 1, areas=hint)]
    places = {name: place for place, name in enumerate(header)}
    areas = _areas_of(records, places.get("area_code"), registry) or hint
    problems = header_problems(header, label, areas)
    if problems:
        return Part(label), problems
    width = len(header)
    extra = [
        (line, record[width])
        for line, record in zip(lines, records, strict=True)
        if len(record) > width
    ]
    full = [
        record if len(record) >= width else record + [""] * (width - len(record))
        for record in records
    ]
    columns = {
        name: [texts[record[places[name]]] for record in full] for name in OBSERVATION_COLUMNS
    }
    problems = extra_cells(extra, label, areas)
    return _good_rows(Part(label, lines, columns), problems, registry, hint)


def _areas_of(
    records: Sequence[list[str]], place: int | None, registry: Registry
) -> tuple[str, ...]:
    """Return the areas there are that some rows name."""
    if place is None:
        return ()
    codes = {record[place].strip() for record in records if len(record) > place}
    return tuple(sorted(code for code in codes if registry.has_area(code)))


def _good_rows(
    part: Part, problems: list[Problem], registry: Registry, hint: tuple[str, ...]
) -> tuple[Part, list[Problem]]:
    """Return the rows without an error, and the problems of all after those given."""
    wrong = cell_problems(part.columns, part.lines, part.label, registry, hint)
    places = range(len(part.lines)) if wrong else suspects(part.columns, registry, hint)
    looked_at = (
        Row(part.lines[place], {name: cells[place] for name, cells in part.columns.items()})
        for place in places
    )
    found = [*problems, *wrong, *row_problems(looked_at, part.label, registry, hint)]
    bad = {problem.row for problem in found if problem.severity == "error"}
    if not bad:
        return part, found
    good = [place for place, line in enumerate(part.lines) if line not in bad]
    columns = {name: [cells[place] for place in good] for name, cells in part.columns.items()}
    return Part(part.label, [part.lines[place] for place in good], columns), found


class Texts(dict[str, str]):
    """Cells' texts, composed and without blanks around them; most cells repeat another."""

    def __missing__(self, cell: str) -> str:
        self[cell] = nfc(cell.strip())
        return self[cell]


def table_of_parts(parts: Sequence[Part], registry: Registry) -> pd.DataFrame:
    """Return the rows of some files as one typed table."""
    filled = [part for part in parts if part.lines]
    raw = pd.DataFrame(
        {
            name: pd.Series(
                list(chain.from_iterable(part.columns[name] for part in filled)), dtype="str"
            )
            for name in OBSERVATION_COLUMNS
        }
    )
    table = typed(raw, registry)
    places = [f"{part.label}:{line}" for part in filled for line in part.lines]
    table["row"] = pd.Series(places, dtype="str")
    return table


def typed(raw: pd.DataFrame, registry: Registry) -> pd.DataFrame:
    """Return checked text rows with numbers, dates and the place on the time axis.

    ``t`` is in years with a year's end at the whole number; ``vintage_date`` of a figure without
    one is the period's end plus its series' lag, flagged ``vintage_assumed``.
    """
    table = raw.reset_index(drop=True)
    for name in ("value", "numerator", "denominator"):
        table[name] = pd.Series(numbers(table[name].tolist()), dtype=float)
    table["value"] = table["value"].where(table["value"].notna(), _from_counts(table, registry))
    periods, published = table["period"].tolist(), table["vintage"].tolist()
    last_days = {period: period_end(period) for period in set(periods)}
    print_days = {text: parse_partial_date(text) for text in set(published) if text}
    lags = {name: timedelta(days=series.lag_days) for name, series in registry.series.items()}
    ends = [last_days[period] for period in periods]
    vintages = [
        print_days[text] if text else end + lags[name]
        for text, end, name in zip(published, ends, table["series"].tolist(), strict=True)
    ]
    positions = {end: year_position(end) for end in last_days.values()}
    table["flags"] = pd.Series(_flags(table), dtype="str")
    table["period_end"] = pd.Series(ends, dtype=object)
    table["t"] = pd.Series([positions[end] for end in ends], dtype=float)
    table["vintage_date"] = pd.Series(vintages, dtype=object)
    table["row"] = pd.Series([""] * len(table), dtype="str")
    return table


def _flags(table: pd.DataFrame) -> list[str]:
    """Return each row's flags, with those that its own cells tell."""
    assumed, over = (table["vintage"] == "").tolist(), (table["value"] > 100).tolist()
    told = list(zip(table["flags"].tolist(), assumed, over, strict=True))
    joined = {
        (old, undated, above): join_flags(
            [old, "vintage_assumed" if undated else "", "over_100" if above else ""]
        )
        for old, undated, above in set(told)
    }
    return [joined[each] for each in told]


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
