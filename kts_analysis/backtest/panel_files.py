"""Panels from a file of anybody's: CSV read whole, every problem said at once."""

from __future__ import annotations

import csv
import gzip
import json
import math
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from kts_analysis.backtest.panels import KINDS, Panel, make_panel, panel_of_observations
from kts_analysis.errors import KtsError, Problem, ProblemsError
from kts_analysis.i18n import N_
from kts_analysis.schema import keep

COLUMNS = ("indicator", "unit", "year", "value")
FIRST_YEAR, LAST_YEAR = 1800, 2199


def panels_at(path: Path, *, as_of: str | None = None) -> list[Panel]:
    """Return the panels of a file, or of the observations in a data folder known on a day.

    Raises
    ------
    KtsError
        There is nothing at that place, or a day is given for a file, which knows none.
    ProblemsError
        Everything that is wrong with the data.
    """
    if not path.exists():
        raise KtsError(N_("there is no file or folder {path}"), path=path)
    if path.is_dir():
        return panel_of_observations(path, as_of=as_of)
    if as_of:
        raise KtsError(N_("{path}: a panel file has no publication dates to stand on"), path=path)
    return read_panels(path)


def read_panels(path: Path) -> list[Panel]:
    """Read a panel file.

    Parameters
    ----------
    path : Path
        CSV, or CSV packed as ``.gz``, with the columns ``indicator, unit, year, value``. A file of
        the same name ending in ``.json`` may give each indicator's ``lower``, ``upper`` (number or
        null), ``kind`` and ``desc``; without it an indicator is a percentage, 0-100.

    Returns
    -------
    list of Panel
        In the order in which the indicators first appear.

    Raises
    ------
    ProblemsError
        Everything that is wrong, each with file, row and column.
    """
    rows, problems = _read_rows(path)
    indicators = list(dict.fromkeys(rows["indicator"]))
    cards, wrong = _read_cards(_card_path(path), indicators)
    problems += wrong
    if not problems:
        problems = _outside(rows, cards, path.name)
    if problems:
        raise ProblemsError(problems)
    if not indicators:
        raise ProblemsError([Problem(path.name, N_("the file holds no figures"))])
    return [
        make_panel(part, str(name), **cards.get(str(name), {}))
        for name, part in rows.groupby("indicator", sort=False)
    ]


def _card_path(path: Path) -> Path:
    name = path.name.removesuffix(".gz").removesuffix(".csv")
    return path.with_name(f"{name}.json")


def _read_rows(path: Path) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the sound rows (with their line) and the problems of the others."""
    empty = pd.DataFrame({name: [] for name in (*COLUMNS, "line")})
    try:
        opened = gzip.open if path.name.endswith(".gz") else open
        with opened(path, "rt", encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle, restval="")
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or [])]
            records = [] if missing else [(reader.line_num, record) for record in reader]
    except FileNotFoundError:
        return empty, [Problem(path.name, N_("there is no such file"))]
    except (UnicodeDecodeError, csv.Error, EOFError, OSError, zlib.error) as error:
        message = N_("the file cannot be read as UTF-8 CSV: {detail}")
        return empty, [Problem(path.name, message, params={"detail": error})]
    if missing:
        message = N_("the column is missing; the header row must have it")
        return empty, [Problem(path.name, message, 1, name) for name in missing]
    rows, problems = [], []
    for line, record in records:
        wrong = _cell_problems(record, line, path.name)
        problems += wrong
        if not wrong and record["value"].strip():
            unit, year = record["unit"].strip(), int(record["year"])
            rows.append((record["indicator"].strip(), unit, year, float(record["value"]), line))
    table = pd.DataFrame(rows, columns=[*COLUMNS, "line"])
    twice = table[table.duplicated(["indicator", "unit", "year"])]
    message = N_("{found} stands twice; keep one row for an indicator, a unit and a year")
    for _, row in twice.iterrows():
        found = f"{row['indicator']} {row['unit']} {row['year']}"
        problems.append(Problem(path.name, message, int(row["line"]), "year", found))
    return table, problems


def _cell_problems(record: Mapping[str, str], line: int, file: str) -> list[Problem]:
    problems = []
    for name in ("indicator", "unit"):
        if not record[name].strip():
            problems.append(Problem(file, N_("this cell must not be empty"), line, name))
    year, value = record["year"].strip(), record["value"].strip()
    if not (year.isascii() and year.isdigit() and FIRST_YEAR <= int(year) <= LAST_YEAR):
        message = N_("found {found}; a year like 2024 is expected")
        problems.append(Problem(file, message, line, "year", repr(year)))
    if value and not _is_number(value):
        message = N_(
            "found {found}; a number with a decimal point is expected, or an empty cell if unknown"
        )
        problems.append(Problem(file, message, line, "value", repr(value)))
    return problems


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _read_cards(
    path: Path, indicators: list[str]
) -> tuple[dict[str, dict[str, Any]], list[Problem]]:
    """Return bounds, kind and description by indicator, and what is wrong with them."""
    if not path.is_file():
        return {}, []
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        message = N_("the file cannot be read as JSON: {detail}")
        return {}, [Problem(path.name, message, params={"detail": error})]
    if not isinstance(found, dict) or not all(isinstance(card, dict) for card in found.values()):
        return {}, [Problem(path.name, N_("one entry for each indicator is expected"))]
    problems, cards = [], {}
    for name, card in found.items():
        if indicators and name not in indicators:
            message = N_("indicator {found} has no row in the panel; correct or remove it")
            problems.append(Problem(path.name, message, column=name, found=repr(name)))
        problems += _card_problems(name, card, path.name)
        bounds = card.get("lower", 0.0), card.get("upper", 100.0)
        cards[name] = {
            "bounds": bounds,
            # without both bounds it is no percentage, and no error in points
            "kind": card.get("kind", "unbounded" if None in bounds else "share"),
            "description": str(card.get("desc", "")),
        }
    return cards, problems


def _card_problems(name: str, card: Mapping[str, Any], file: str) -> list[Problem]:
    problems, bounds = [], {}
    for side, usual in (("lower", 0.0), ("upper", 100.0)):
        bound = bounds[side] = card.get(side, usual)
        number = isinstance(bound, int | float) and not isinstance(bound, bool)
        if bound is not None and not (number and math.isfinite(bound)):
            message = N_("found {found}; a number is expected, or null where there is no bound")
            problems.append(Problem(file, message, column=f"{name}.{side}", found=repr(bound)))
            bounds[side] = None
    lower, upper = bounds["lower"], bounds["upper"]
    if lower is not None and upper is not None and not lower < upper:
        message = N_("the lower bound {found} is not below the upper bound {upper}")
        place, params = f"{name}.lower", {"upper": upper}
        problems.append(Problem(file, message, column=place, found=str(lower), params=params))
    if card.get("kind", "share") not in KINDS:
        message, allowed = N_("found {found}; allowed: {allowed}"), {"allowed": ", ".join(KINDS)}
        found = repr(card["kind"])
        problems.append(Problem(file, message, column=f"{name}.kind", found=found, params=allowed))
    return problems


def _outside(rows: pd.DataFrame, cards: Mapping[str, Any], file: str) -> list[Problem]:
    """Return values beyond their bounds: then the bounds are wrong, or the value is."""
    message = N_(
        "value {found} of {indicator} lies outside its bounds; correct it, or give lower and upper "
        "in {card}"
    )
    problems = []
    for name, part in rows.groupby("indicator", sort=False):
        lower, upper = cards.get(str(name), {}).get("bounds", (0.0, 100.0))
        low, high = -math.inf if lower is None else lower, math.inf if upper is None else upper
        for _, row in keep(part, ((part["value"] < low) | (part["value"] > high))).iterrows():
            params = {"indicator": name, "card": _card_path(Path(file)).name}
            found, line = str(row["value"]), int(row["line"])
            problems.append(Problem(file, message, line, "value", found, params))
    return problems
