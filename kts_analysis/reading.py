"""Reading one observation file: its good rows, typed, and every problem of the others."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
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
from kts_analysis.vi import nfc


@dataclass(frozen=True)
class Part:
    """The good rows of one file."""

    label: str
    rows: Sequence[Row] = ()


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
            reader = csv.DictReader(handle, restval="")
            header = [nfc(name or "").strip() for name in reader.fieldnames or []]
            reader.fieldnames = header
            rows = [(reader.line_num, record) for record in reader]
            records = [(line, row) for line, row in rows if any(row.values())]
    except FileNotFoundError:
        return Part(label), [Problem(label, N_("there is no such file"), areas=hint)]
    except OSError as error:
        message, params = N_("the file cannot be read: {detail}"), {"detail": error.strerror}
        return Part(label), [Problem(label, message, params=params, areas=hint)]
    except (UnicodeDecodeError, csv.Error) as error:
        message = N_("the file cannot be read as UTF-8 CSV: {detail}")
        return Part(label), [Problem(label, message, params={"detail": error}, areas=hint)]
    if len(header) == 1 and ";" in header[0]:
        message = N_("the columns are separated by ';'; save the file as CSV with commas")
        return Part(label), [Problem(label, message, 1, areas=hint)]
    codes = {str(record.get("area_code") or "").strip() for _, record in records}
    areas = tuple(sorted(code for code in codes if registry.has_area(code))) or hint
    problems = header_problems(header, label, areas)
    if problems:
        return Part(label), problems
    problems = extra_cells(records, label, areas)
    found = [
        Row(line, {name: texts[record[name]] for name in OBSERVATION_COLUMNS})
        for line, record in records
    ]
    problems += cell_problems(found, label, registry, hint)
    problems += row_problems(found, label, registry, hint)
    bad = {problem.row for problem in problems if problem.severity == "error"}
    return Part(label, [row for row in found if row.line not in bad]), problems


class Texts(dict[str, str]):
    """Cells' texts, composed and without blanks around them; most cells repeat another."""

    def __missing__(self, cell: str) -> str:
        self[cell] = nfc(cell.strip())
        return self[cell]


def table_of_parts(parts: Sequence[Part], registry: Registry) -> pd.DataFrame:
    """Return the rows of some files as one typed table."""
    cells = [row.cells for part in parts for row in part.rows]
    raw = pd.DataFrame(
        {name: pd.Series([one[name] for one in cells], dtype="str") for name in OBSERVATION_COLUMNS}
    )
    table = typed(raw, registry)
    places = [f"{part.label}:{row.line}" for part in parts for row in part.rows]
    table["row"] = pd.Series(places, dtype="str")
    return table


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
    periods, published = table["period"].tolist(), table["vintage"].tolist()
    ends = [period_end(period) for period in periods]
    lags = [registry.series[name].lag_days for name in table["series"].tolist()]
    vintages = [
        parse_partial_date(text) if text else end + timedelta(days=lag)
        for text, end, lag in zip(published, ends, lags, strict=True)
    ]
    added = [
        ["vintage_assumed" if not text else "", "over_100" if value > 100 else ""]
        for text, value in zip(published, table["value"].tolist(), strict=True)
    ]
    flags = [
        join_flags([old, *new]) for old, new in zip(table["flags"].tolist(), added, strict=True)
    ]
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


def _area_from_name(path: Path, registry: Registry) -> tuple[str, ...]:
    """Return the area code a file's name begins with (``356.csv``), if it is one."""
    found = re.match(r"^([0-9A-Za-z]+)(?=[-_.])", path.name)
    return (found[1],) if found and registry.has_area(found[1]) else ()
