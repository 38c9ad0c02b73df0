"""The tables of a run as Table Schemas (datapackage.org): types, units, meanings, closed lists.

Types, meanings and closed lists are read from `kts_analysis.schema`; only what that does not hold
stands here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kts_analysis.documents.rows import ROLES
from kts_analysis.schema import Observations, Trajectories, Verdicts
from kts_analysis.wording import COMPARATORS, COUNTED, METHODS, QUALIFIERS, REASONS, VERIFICATION

Field = dict[str, Any]

UNITS = {  # unit to the columns that stand in it
    "percent 0-100": (
        *("value", "threshold", "latest", "projected"),
        *("lo50", "hi50", "lo80", "hi80", "lo95", "hi95"),
    ),
    "points": ("gap",),
    "points a year": ("pace_observed", "pace_required"),
    "percent a year": ("pace_compound", "pace_log"),
    "logits a year": ("pace_logit",),
    "times": (
        *("acceleration", "acceleration_compound"),
        *("acceleration_log", "acceleration_logit"),
    ),
    "chance 0-1": ("probability",),
    "count": ("numerator", "denominator"),
    "what `counted` says": ("gap_count",),
    "what `counted` says, a year": ("pace_required_count",),
    "years": ("horizon_years",),
    "figures": ("n_points",),
}
DATES = (
    *("date", "deadline", "as_of", "latest_date", "period_end", "known_from"),
    *("attainment_date", "earliest", "latest_likely"),
)
VERDICT_DATES = (*DATES, "vintage")  # of figures it may be a month or a year alone
NUMBERS = ("value", "numerator", "denominator")  # of observations: text in the store
CLOSED = {
    "comparator": COMPARATORS,
    "verification": VERIFICATION,
    "latest_qualifier": QUALIFIERS,
    "counted": COUNTED,
    "reason": REASONS,
    "method": METHODS,
}
ENDS = {"probability": {"minimum": 0, "maximum": 1}}
ALWAYS = {  # never empty
    *("area_code", "plan_id", "target_id", "indicator", "deadline", "as_of", "status", "reason"),
    *("date", "kind", "value", "period", "series", "qualifier", "origin", "source"),
    *("period_end", "known_from", "role", "n_points", "horizon_years"),
}
MAY_LACK = {  # table: columns that are empty where there is no figure
    "verdicts": {"series", "origin", "source", "value"},
    "trajectories": {"qualifier"},
    "observations": {"value"},
}


def verdict_fields() -> list[Field]:
    """Return the fields of verdict tables."""
    return [_field("verdicts", *each) for each in Verdicts.to_schema().columns.items()]


def trajectory_fields() -> list[Field]:
    """Return the fields of the trajectories of a run: the plan stands first."""
    columns = Trajectories.to_schema().columns
    return [verdict_fields()[2], *(_field("trajectories", *each) for each in columns.items())]


def observation_fields() -> list[Field]:
    """Return the fields of the observations a run rests on, and what they are used for."""
    columns = Observations.to_schema().columns
    return [
        *(_field("observations", *each) for each in columns.items()),
        _own("period_end", "date", "ISO date the period ends on"),
        _own("known_from", "date", "ISO date from which the figure counts as known"),
        _own(
            "role",
            "string",
            "judged: a verdict rests on it; beside: another method or a proxy, never joined",
            enum=list(ROLES),
        ),
    ]


def _field(table: str, name: str, column: Any) -> Field:
    """Return a column of a pandera schema as a field."""
    kind = _kind(table, name, column)
    limits: dict[str, Any] = {}
    if name in ALWAYS - MAY_LACK[table]:
        limits["required"] = True
    closed = _closed(name, column.checks)
    if closed:
        limits["enum"] = closed
    if kind == "string":
        limits |= _pattern(column.checks)
    if name == "n_points":
        limits["minimum"] = 0
    return _own(name, kind, column.description, **limits | ENDS.get(name, {}))


def _kind(table: str, name: str, column: Any) -> str:
    if name in (VERDICT_DATES if table == "verdicts" else DATES):
        return "date"
    if "int" in str(column.dtype):
        return "integer"
    if "float" in str(column.dtype) or (table == "observations" and name in NUMBERS):
        return "number"
    return "string"


def _closed(name: str, checks: Iterable[Any]) -> list[str]:
    """Return the closed list of a column: the schema's own, else that of the words for it."""
    for check in checks:
        if check.name == "isin":
            return [str(value) for value in check.statistics["allowed_values"] if value]
    return list(CLOSED.get(name, ()))


def _pattern(checks: Iterable[Any]) -> dict[str, str]:
    found = [str(each.statistics["pattern"]) for each in checks if each.name == "str_matches"]
    return {"pattern": found[0]} if found else {}


def _own(name: str, kind: str, meaning: str, **limits: Any) -> Field:
    """Return a field; a number says its unit."""
    unit = {"unit": _unit(name)} if kind in ("number", "integer") else {}
    constraints = {"constraints": limits} if limits else {}
    return {"name": name, "type": kind, "description": meaning} | unit | constraints


def _unit(name: str) -> str:
    """Return the unit of a column; a number without one is a mistake of ours."""
    return next(unit for unit, names in UNITS.items() if name in names)
