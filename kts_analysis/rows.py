"""Rows of a table as mappings: what words and tables are made from, one row at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

Row = Mapping[str, Any]  # a row of a trajectory, of verdicts, of sums: see `kts_analysis.schema`


def rows_of(table: pd.DataFrame | Sequence[Row]) -> Sequence[Row]:
    """Return the rows of a table as mappings: asked often, they cost a hundredth of a Series."""
    if not isinstance(table, pd.DataFrame):
        return table
    names = list(table.columns)
    cells = zip(*(table[name].tolist() for name in names), strict=True)
    return [dict(zip(names, row, strict=True)) for row in cells]


def json_text(rows: Iterable[Row]) -> str:
    """Return rows as a JSON list, one row a line; a missing number is null, never 0 or NaN."""
    lines = (
        json.dumps({name: _known(cell) for name, cell in row.items()}, ensure_ascii=False)
        for row in rows
    )
    return "[" + ",".join(f"\n{line}" for line in lines) + "\n]\n"


def _known(cell: Any) -> Any:
    return None if cell != cell else cell


def missing(value: float | None) -> bool:
    """Tell whether a number is missing (None or NaN)."""
    return value is None or value != value
