"""What a plan file says, held against the other files and against itself, line by line.

It works on the file's plain content, so that these faults come in one error together with the
faults of form.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

from kts_analysis.entries import Plan
from kts_analysis.errors import Problem
from kts_analysis.i18n import N_
from kts_analysis.registry import Registry
from kts_analysis.yamlfile import YamlFile, line_of

UNKNOWN_AREA = N_("unknown area code {found} (not in areas.csv)")
Place = tuple[int | str, ...]


class _Checker:
    """Collects the problems of one plan file."""

    def __init__(self, file: YamlFile, registry: Registry) -> None:
        self.file, self.registry = file, registry
        self.problems: list[Problem] = []

    def complain(self, message: str, place: Place, found: Any, **params: Any) -> None:
        """Note a problem at a place of the file."""
        column = ".".join(str(step) for step in place)
        line = line_of(self.file.node, place)
        self.problems.append(Problem(self.file.label, message, line, column, str(found), params))

    def known(self, value: Any, choices: Container[Any], message: str, place: Place) -> None:
        """Complain about a value that is not among the choices (a missing one is form's affair)."""
        if isinstance(value, (str, int)) and value not in choices:
            self.complain(message, place, value)

    def area(self, value: Any, place: Place) -> None:
        """Complain about an area code that no area has."""
        if isinstance(value, (str, int)) and not self.registry.has_area(str(value)):
            self.complain(UNKNOWN_AREA, place, value)


def check_plan(file: YamlFile, registry: Registry) -> list[Problem]:
    """Return references to nothing, repeated ids and deadlines the plan does not have."""
    content = file.content if isinstance(file.content, dict) else {}
    checker = _Checker(file, registry)
    listed = _list(content, "areas")
    for index, code in enumerate(listed):
        checker.area(code, ("areas", index))
        if code in listed[:index]:
            checker.complain(N_("area {found} stands twice"), ("areas", index), code)
    for index, code in enumerate(_list(content, "beside")):
        checker.area(code, ("beside", index))
        if code in listed:
            checker.complain(N_("area {found} stands twice"), ("beside", index), code)
    checker.area(content.get("home"), ("home",))
    _check_targets(content, checker)
    return checker.problems


def check_outlook(file: YamlFile, plan: Plan, plans: dict[str, Plan]) -> list[Problem]:
    """Return an outlook to a plan there is not, or to a deadline that plan does not have."""
    outlook = plan.outlook
    if outlook is None:
        return []
    line = line_of(file.node, ("outlook",))
    if outlook.plan not in plans:
        message = N_("there is no plan {found}")
        return [Problem(file.label, message, line, "outlook.plan", outlook.plan)]
    deadlines = plans[outlook.plan].deadlines
    if outlook.deadline not in deadlines:
        message = N_("deadline {found} is not among the plan's deadlines {known}")
        params = {"known": ", ".join(map(str, deadlines))}
        found = str(outlook.deadline)
        return [Problem(file.label, message, line, "outlook.deadline", found, params)]
    return []


def _check_targets(content: dict[str, Any], checker: _Checker) -> None:
    parts, seen = set(_part_ids(content)), set()
    for index, target in enumerate(_list(content, "targets")):
        if not isinstance(target, dict):
            continue
        here: Place = ("targets", index)
        name = str(target.get("id"))
        if name in seen:
            checker.complain(N_("target {found} stands twice"), (*here, "id"), name)
        seen.add(name)
        checker.known(
            target.get("indicator"),
            checker.registry.indicators,
            N_("unknown indicator {found} (not in indicators.yml)"),
            (*here, "indicator"),
        )
        series = target.get("series")
        for level, name in (series if isinstance(series, dict) else {}).items():
            message = N_("unknown series {found} (not in series.yml)")
            checker.known(name, checker.registry.series, message, (*here, "series", level))
        for place, name in enumerate(_list(target, "leans_on")):
            message = N_("the plan's structure has no part {found}")
            checker.known(name, parts, message, (*here, "leans_on", place))
        _check_thresholds(target, here, _list(content, "deadlines"), checker)
        for place, step in enumerate(_list(target, "milestones")):
            for number, code in enumerate(_list(step, "areas") if isinstance(step, dict) else []):
                checker.area(code, (*here, "milestones", place, "areas", number))


def _check_thresholds(
    target: dict[str, Any], here: Place, deadlines: list[Any], checker: _Checker
) -> None:
    stated: set[tuple[str, str]] = set()
    for place, threshold in enumerate(_list(target, "thresholds")):
        if not isinstance(threshold, dict):
            continue
        spot: Place = (*here, "thresholds", place)
        deadline = threshold.get("deadline")
        if isinstance(deadline, int) and deadline not in deadlines:
            message = N_("deadline {found} is not among the plan's deadlines {known}")
            known = ", ".join(map(str, deadlines))
            checker.complain(message, (*spot, "deadline"), deadline, known=known)
        codes = _list(threshold, "areas")
        for number, code in enumerate(codes):
            checker.area(code, (*spot, "areas", number))
        for code in map(str, codes or [""]):
            if (str(deadline), code) in stated:
                message = N_("there is already a threshold for deadline {found}")
                checker.complain(message, (*spot, "deadline"), deadline)
            stated.add((str(deadline), code))


def _part_ids(content: dict[str, Any]) -> Iterator[Any]:
    structure = content.get("structure")
    for name in ("foundations", "sectors", "solutions", "carried_out_by"):
        for part in _list(structure if isinstance(structure, dict) else {}, name):
            yield str(part.get("id")) if isinstance(part, dict) else None


def _list(content: dict[str, Any], name: str) -> list[Any]:
    value = content.get(name)
    return value if isinstance(value, list) else []
