"""Turn an open table into a data folder that ``kts run --data`` reads.

    python examples/make_data.py sweden TABLE... --out FOLDER [--columns FILE.yml]

The folder gets the example's registry (plan, indicator cards, areas) and the table's rows as
observations.  ``FILE.yml`` says what the table's columns are called; by default the example's
``table.yml``.  A table is a CSV file (also ``.gz``) or an answer of Kolada's API saved as JSON.
Nothing is downloaded, nothing is filled in: a row without a value is left out, an area or an
indicator that the example does not know is counted and left out.
"""

from __future__ import annotations

import argparse
import atexit
import csv
import gzip
import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_
from kts_analysis.schema import OBSERVATION_COLUMNS

EXAMPLES = Path(__file__).resolve().parent
Record = dict[str, str]


def read_table(path: Path) -> Iterator[Record]:
    """Yield the rows of a CSV file, or of an answer of Kolada's API saved as JSON."""
    if path.suffix == ".json":
        yield from kolada_rows(json.loads(path.read_text(encoding="utf-8")))
        return
    opened: Any = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as handle:
        yield from csv.DictReader(handle)


def kolada_rows(answer: dict[str, Any]) -> Iterator[Record]:
    """Yield unit, year, indicator and value of both sexes together ("T")."""
    for item in answer["values"]:
        for cell in item["values"]:
            if cell["gender"] == "T" and cell["value"] is not None:
                yield {
                    "unit": str(item["municipality"]),
                    "year": str(item["period"]),
                    "indicator": str(item["kpi"]),
                    "value": str(cell["value"]),
                }


def observations(
    rows: Iterable[Record], form: dict[str, Any], areas: set[str], name: str
) -> tuple[list[Record], Counter[str]]:
    """Return the rows as observations, in order, and how many were left out for which reason.

    Parameters
    ----------
    rows : iterable of dict
        Rows of the table.
    form : dict
        ``columns`` (names of area, year, indicator, value), ``indicators`` (code in the table:
        code here), ``series``, ``source``, ``source_url``; ``only``: column and the value to keep.
    areas : set of str
        Codes of the areas wanted.
    name : str
        The table's file name, for messages.

    Raises
    ------
    KtsError
        The table has no column of that name.
    """
    columns, only = form["columns"], form.get("only", {})
    made: dict[tuple[str, str, str], Record] = {}
    left: Counter[str] = Counter()
    for row in rows:
        for column in [*columns.values(), *only]:
            if column not in row:
                message = N_("{file} has no column {column}; it has {known}")
                raise KtsError(message, file=name, column=column, known=", ".join(row))
        code = form["indicators"].get(row[columns["indicator"]])
        if code is None or any(row[column] != str(value) for column, value in only.items()):
            continue  # another indicator or another unit of the same table: not asked for
        area, value = row[columns["area"]], row[columns["value"]].strip()
        if area not in areas:
            left["area not in areas.csv"] += 1
        elif not value or value == ":":
            left["no value"] += 1
        else:
            key = area, code, row[columns["year"]]
            made[key] = _observation(key, value, form)
    return [made[key] for key in sorted(made)], left


def _observation(key: tuple[str, str, str], value: str, form: dict[str, Any]) -> Record:
    area, code, year = key
    filled = {
        "area_code": area,
        "indicator": code,
        "series": form["series"],
        "period": year,
        "value": value,
        "qualifier": "exact",
        "origin": "published",
        "source": form["source"],
        "source_url": form["source_url"],
    }
    return dict.fromkeys(OBSERVATION_COLUMNS, "") | filled


def make_data(
    example: str, tables: list[Path], out: Path, form: Path | None = None
) -> Counter[str]:
    """Write the data folder of an example; return how many rows were left out for which reason.

    Raises
    ------
    KtsError
        The folder is there already, a table lacks a column, or nothing in it is asked for.
    """
    if out.exists():
        raise KtsError(N_("{folder} is there already; name another folder"), folder=out.name)
    registry = EXAMPLES / example / "registry"
    chosen = form or EXAMPLES / example / "table.yml"
    asked = yaml.safe_load(chosen.read_text(encoding="utf-8"))
    with (registry / "areas.csv").open(encoding="utf-8", newline="") as handle:
        areas = {row["code"] for row in csv.DictReader(handle)}
    rows: list[Record] = []
    left: Counter[str] = Counter()
    for path in tables:
        found, missed = observations(read_table(path), asked, areas, path.name)
        rows += found
        left += missed
    if not rows:
        known = ", ".join(asked["indicators"])
        raise KtsError(N_("no row with an indicator of {known}"), known=known)
    shutil.copytree(registry, out)
    (out / "published").mkdir()
    target = out / "published" / "observations.csv"
    with target.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, OBSERVATION_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    left["made"] = len(rows)
    return left


def data_folder(example: str, tables: list[str]) -> str:
    """Return a data folder made for this session only, and taken away at its end."""
    place = Path(tempfile.mkdtemp(prefix="kts-example-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    make_data(example, [Path(table) for table in tables], place / "data")
    return str(place / "data")


def main(argv: list[str] | None = None) -> int:
    """Make the folder and say what was done."""
    parser = argparse.ArgumentParser(description="An open table as a data folder for kts.")
    known = sorted(path.parent.name for path in EXAMPLES.glob("*/table.yml"))
    parser.add_argument("example", choices=known)
    parser.add_argument("tables", nargs="+", type=Path, help="CSV, CSV.gz or Kolada's JSON")
    parser.add_argument("--out", type=Path, required=True, help="data folder to make")
    parser.add_argument("--columns", type=Path, help="what the table's columns are called")
    asked = parser.parse_args(argv)
    try:
        left = make_data(asked.example, asked.tables, asked.out, asked.columns)
    except (KtsError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{left.pop('made')} observations")
    for reason, count in sorted(left.items()):
        print(f"{count} rows left out: {reason}", file=sys.stderr)
    print(f"kts run --data {asked.out.as_posix()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
