"""What can be wrong with single cells of an observation file: all that the schema says of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import pandas as pd
import pandera.errors

from kts_analysis.columns import Columns
from kts_analysis.errors import Problem
from kts_analysis.i18n import N_
from kts_analysis.registry import Registry
from kts_analysis.schema import OBSERVATION_COLUMNS, Observations

COUNTS = ("value", "numerator", "denominator")

_CELL_WORDING = {
    "number": N_(
        "found {found}; a number with a decimal point is expected, or an empty cell if unknown"
    ),
    "period": N_(
        "found {found}; a period is expected: 2024, 2024-H1, 2024-Q2, 2024-06 or 2024-06-30"
    ),
    "str_length": N_("this cell must not be empty"),
    "isin": N_("found {found}; allowed: {allowed}"),
}


class Row(NamedTuple):
    """One line of an observation file: its number and its cells, as text."""

    line: int
    cells: dict[str, str]


def cell_problems(
    columns: Columns,
    lines: Sequence[int],
    label: str,
    registry: Registry,
    hint: tuple[str, ...],
) -> list[Problem]:
    """Return what the schema says of single cells, in our words."""
    if _cells_fit(columns):
        return []
    cells = {name: columns[name].cells() for name in OBSERVATION_COLUMNS}
    raw = pd.DataFrame(cells, index=list(lines), dtype="str")
    try:
        Observations.validate(raw, lazy=True)
    except pandera.errors.SchemaErrors as error:
        cases = [case for _, case in error.failure_cases.iterrows()]
        return [_cell_problem(case, raw, label, registry, hint) for case in cases]
    return []


def _cells_fit(columns: Columns) -> bool:
    """Whether every cell holds what the schema asks of it.

    The schema's own validation takes 20 ms a file; most files have nothing wrong, and most cells
    repeat another.
    """
    for name, tests in _cell_tests().items():
        if tests and not all(test(cell) for cell in columns[name].different for test in tests):
            return False
    return True


@cache
def _cell_tests() -> dict[str, list[Callable[[str], bool]]]:
    """Return the schema's checks of each column as plain functions."""
    columns = Observations.to_schema().columns
    return {name: [_cell_test(check) for check in columns[name].checks] for name in columns}


def _cell_test(check: Any) -> Callable[[str], bool]:
    known = check.statistics
    if check.name == "str_matches":
        pattern = re.compile(known["pattern"])
        return lambda cell: pattern.match(cell) is not None
    if check.name == "isin":
        allowed = set(known["allowed_values"])
        return lambda cell: cell in allowed
    if check.name == "str_length" and known["max_value"] is known["exact_value"] is None:
        return lambda cell: len(cell) >= known["min_value"]
    return lambda cell: False  # a check of another kind: let the schema itself decide


def _cell_problem(
    case: pd.Series, raw: pd.DataFrame, label: str, registry: Registry, hint: tuple[str, ...]
) -> Problem:
    name, kind = str(case["column"]), str(case["check"]).split("(")[0]
    allowed = ""
    if kind == "str_matches":
        kind = "number" if name in COUNTS else "period"
    if kind == "isin":
        checks = Observations.to_schema().columns[name].checks
        allowed = ", ".join(map(str, checks[0].statistics["allowed_values"]))
    row = int(case["index"])
    code = str(raw.loc[row, "area_code"])
    areas = (code,) if registry.has_area(code) else hint
    found = repr(case["failure_case"])
    return Problem(label, _CELL_WORDING[kind], row, name, found, {"allowed": allowed}, areas)
