"""Scenario files: read with every problem of a file in one error, and written by a planner's hand.

A scenario lies in ``scenarios/`` of the data folder, or anywhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kts_analysis.entries import Entry, Name, Text
from kts_analysis.errors import KtsError, Problem, ProblemsError
from kts_analysis.i18n import N_
from kts_analysis.registry import Registry
from kts_analysis.registry_files import load_registry
from kts_analysis.scenarios.entries import KINDS, Assumption, OtherTarget, Scenario
from kts_analysis.yamlfile import YamlFile, line_of, load_model, model_problems

FOLDER = "scenarios"  # under the data folder
Place = tuple[int | str, ...]


class _ScenarioFile(Entry):
    """The form of the file; its assumptions are read one by one, each by its kind."""

    id: Name
    name: Text
    plan: str | None = None
    assumptions: tuple[dict[str, Any], ...]


def load_scenario(
    file: str | os.PathLike[str], folder: str | os.PathLike[str] | None = None
) -> Scenario:
    """Read a scenario.

    Parameters
    ----------
    file : path
        A file, or the name of one in ``scenarios/`` of the data folder (with or without ``.yml``).
    folder : path, optional
        Data folder, for areas, plans and targets.

    Raises
    ------
    ProblemsError
        Every problem of the file, each with line and key.
    KtsError
        There is no such file.

    Examples
    --------
    >>> import kts_analysis as kts
    >>> scenario = kts.load_scenario("tang-toc-2025")
    >>> [assumption.kind for assumption in scenario.assumptions]
    ['pace', 'catch_up', 'chance', 'target']
    """
    registry = load_registry(folder)
    path = scenario_path(file, registry.root)
    form, content = load_model(path, _ScenarioFile, path.name)
    found, problems = _assumptions(content)
    problems = [*content.problems, *problems, *_strangers(content, registry)]
    if problems or form is None:
        raise ProblemsError(problems)
    return Scenario(id=form.id, name=form.name, plan=form.plan, assumptions=tuple(found))


def scenario_path(file: str | os.PathLike[str], root: Path) -> Path:
    """Return the path of a scenario that is named or given as a file.

    Raises
    ------
    KtsError
        Neither; the message lists those of the data folder.
    """
    given, name = Path(file), Path(file).name
    if given.is_file():
        return given
    for candidate in (root / FOLDER / name, root / FOLDER / f"{name}.yml"):
        if str(given) == name and candidate.is_file():
            return candidate
    known = ", ".join(path.name for path in sorted((root / FOLDER).glob("*.yml"))) or "—"
    message = N_("there is no scenario {found}; the data folder has {known}")
    raise KtsError(message, found=given.as_posix(), known=known)


def _assumptions(file: YamlFile) -> tuple[list[Assumption], list[Problem]]:
    """Return the assumptions of a file, and what is wrong with those that cannot be read."""
    found, problems = [], []
    for index, item in enumerate(_listed(file.content)):
        place: Place = ("assumptions", index)
        kind = item.get("kind")
        if kind not in KINDS:
            message = N_("found {found}; allowed: {expected}")
            expected = {"expected": ", ".join(KINDS)}
            problems.append(_problem(file, message, (*place, "kind"), kind, expected))
            continue
        try:
            assumption = KINDS[kind].model_validate(item)
        except ValidationError as error:
            for problem in model_problems(error, None, file.label):
                steps = tuple((problem.column or "").split("."))
                column = ".".join(("assumptions", str(index), *steps)).rstrip(".")
                line = line_of(file.node, (*place, *steps))
                problems.append(replace(problem, row=line, column=column))
            continue
        if isinstance(assumption, OtherTarget) and assumption.value is assumption.deadline is None:
            message = N_("a changed target needs 'value' or 'deadline'")
            problems.append(_problem(file, message, place, None))
        found.append(assumption)
    if isinstance(file.content, dict) and file.content.get("assumptions") == []:
        message = N_("the scenario has no assumption")
        problems.append(_problem(file, message, ("assumptions",), None))
    return found, problems


def _listed(content: Any) -> list[dict[str, Any]]:
    items = content.get("assumptions") if isinstance(content, dict) else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _problem(
    file: YamlFile, message: str, place: Place, found: Any, params: dict[str, Any] | None = None
) -> Problem:
    column, line = ".".join(map(str, place)), line_of(file.node, place)
    return Problem(file.label, message, line, column, str(found), params or {})


def _strangers(file: YamlFile, registry: Registry) -> Iterator[Problem]:
    """Yield plans, areas and targets that there are not."""
    content = file.content if isinstance(file.content, dict) else {}
    plan = content.get("plan")
    if isinstance(plan, str) and plan not in registry.plans:
        known = {"known": ", ".join(sorted(registry.plans))}
        yield _problem(file, N_("unknown plan {found}; there are {known}"), ("plan",), plan, known)
    plans = [registry.plans[plan]] if plan in registry.plans else registry.plans.values()
    targets = {target.id for each in plans for target in each.targets}
    for index, item in enumerate(_listed(content)):
        for key, message in (
            ("areas", N_("unknown area code {found} (not in areas.csv)")),
            ("targets", N_("no plan has a target {found}")),
        ):
            names = item.get(key)
            for place, name in enumerate(names if isinstance(names, list) else ()):
                known_name = registry.has_area(str(name)) if key == "areas" else name in targets
                if isinstance(name, str) and not known_name:
                    yield _problem(file, message, ("assumptions", index, key, place), name)


def scenario_text(scenario: Scenario) -> str:
    """Return a scenario as the text of its YAML file; `load_scenario` reads the same again."""
    import yaml

    content = scenario.model_dump(
        mode="json", by_alias=True, exclude_defaults=True, serialize_as_any=True
    )
    return str(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100))


def save_scenario(scenario: Scenario, path: str | os.PathLike[str]) -> Path:
    """Write a scenario to a file; one that is there already is not replaced.

    Raises
    ------
    KtsError
        The file is there already.
    """
    place = Path(path)
    try:
        with place.open("x", encoding="utf-8", newline="\n") as handle:
            handle.write(scenario_text(scenario))
    except FileExistsError:
        message = N_("{file} is there already; choose another name")
        raise KtsError(message, file=place.name) from None
    return place
