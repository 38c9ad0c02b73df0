"""Reading the registry's files, with every problem of every file in one error."""

from __future__ import annotations

import csv
import os
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from kts_analysis.errors import KtsError, Problem, ProblemsError
from kts_analysis.i18n import N_
from kts_analysis.registry import Area, Entry, Indicator, Plan, Registry, Series, Succession
from kts_analysis.yamlfile import line_of, load_model, model_problems

Row = TypeVar("Row", bound=Entry)


class _IndicatorFile(Entry):
    indicators: tuple[Indicator, ...]


class _SeriesFile(Entry):
    series: tuple[Series, ...]


def data_root(folder: str | os.PathLike[str] | None = None) -> Path:
    """Return the data folder: the one given, else ``KTS_DATA``, ``./data``, or the checkout's.

    Raises
    ------
    KtsError
        None of them holds a ``plans`` folder.
    """
    checkout = Path(__file__).resolve().parent.parent / "data"
    given = folder or os.environ.get("KTS_DATA")
    choices = [Path(given)] if given else [Path("data"), Path("..") / "data", checkout]
    for choice in choices:
        if (choice / "plans").is_dir():
            return choice.resolve()
    raise KtsError(
        N_("no data folder (one with a 'plans' folder in it) at {places}; name it with --data"),
        places=", ".join(choice.as_posix() for choice in choices),
    )


def load_registry(folder: str | os.PathLike[str] | None = None) -> Registry:
    """Read the registry of a data folder (kept in memory until a file changes).

    Raises
    ------
    ProblemsError
        All problems of all registry files, each with file and line.
    """
    root = data_root(folder)
    files = [*root.glob("*.yml"), *root.glob("plans/*.yml"), *root.glob("*.csv")]
    stamp = tuple(sorted((str(path), path.stat().st_mtime_ns) for path in files))
    return _load(root, stamp)


def load_plan(plan_id: str, folder: str | os.PathLike[str] | None = None) -> Plan:
    """Return one plan of a data folder."""
    return load_registry(folder).plan(plan_id)


@lru_cache(maxsize=8)
def _load(root: Path, _stamp: tuple[tuple[str, int], ...]) -> Registry:
    problems: list[Problem] = []

    def attempt(read: Any, *arguments: Any) -> Any:
        try:
            return read(*arguments)
        except ProblemsError as error:
            problems.extend(error.problems)
            return None

    indicators = attempt(load_model, root / "indicators.yml", _IndicatorFile, "indicators.yml")
    series = attempt(load_model, root / "series.yml", _SeriesFile, "series.yml")
    areas = attempt(_read_rows, root / "areas.csv", Area) or ()
    successions = attempt(_read_rows, root / "crosswalk.csv", Succession) or ()
    registry = Registry(
        root=root,
        indicators={item.code: item for item in indicators[0].indicators} if indicators else {},
        series={item.id: item for item in series[0].series} if series else {},
        area_list=areas,
        successions=successions,
        plans={},
    )
    plans: dict[str, Plan] = {}
    for path in sorted((root / "plans").glob("*.yml")):
        label = f"plans/{path.name}"
        loaded = attempt(load_model, path, Plan, label)
        if loaded is None:
            continue
        plan, node = loaded
        plans[plan.id] = plan
        if indicators and series and areas:
            problems.extend(_cross_check(plan, node, label, registry))
    if problems:
        raise ProblemsError(problems)
    return registry.model_copy(update={"plans": plans})


def _read_rows(path: Path, model: type[Row]) -> tuple[Row, ...]:
    """Read a CSV file into models; an empty cell is a missing value."""
    rows, problems = [], []
    try:
        handle = path.open(encoding="utf-8-sig", newline="")
    except FileNotFoundError:
        raise ProblemsError([Problem(path.name, N_("there is no such file"))]) from None
    with handle:
        reader = csv.DictReader(handle)
        for record in reader:
            given = {key: value for key, value in record.items() if value not in ("", None)}
            try:
                rows.append(model.model_validate(given))
            except ValidationError as error:
                problems += [
                    Problem(
                        item.file,
                        item.message,
                        row=reader.line_num,
                        column=item.column,
                        found=item.found,
                        params=item.params,
                    )
                    for item in model_problems(error, None, path.name)
                ]
    if problems:
        raise ProblemsError(problems)
    return tuple(rows)


def _cross_check(plan: Plan, node: Any, label: str, registry: Registry) -> list[Problem]:
    """Check what one plan says against the other files and against itself."""
    problems: list[Problem] = []

    def complain(message: str, *location: int | str, **params: Any) -> None:
        column = ".".join(str(step) for step in location)
        line = line_of(node, location)
        found = params.pop("found", None)
        problems.append(Problem(label, message, line, column, found, params))

    unknown_area = N_("unknown area code {found} (not in areas.csv)")
    for index, code in enumerate(plan.areas):
        if not registry.has_area(code):
            complain(unknown_area, "areas", index, found=code)
    if not registry.has_area(plan.home):
        complain(unknown_area, "home", found=plan.home)
    seen: set[str] = set()
    for index, target in enumerate(plan.targets):
        here = ("targets", index)
        if target.id in seen:
            complain(N_("target {found} stands twice"), *here, "id", found=target.id)
        seen.add(target.id)
        if target.indicator not in registry.indicators:
            message = N_("unknown indicator {found} (not in indicators.yml)")
            complain(message, *here, "indicator", found=target.indicator)
        for level, name in target.series.items():
            if name not in registry.series:
                message = N_("unknown series {found} (not in series.yml)")
                complain(message, *here, "series", level, found=name)
        for place, threshold in enumerate(target.thresholds):
            spot = (*here, "thresholds", place)
            if threshold.deadline not in plan.deadlines:
                message = N_("deadline {found} is not among the plan's deadlines {known}")
                known = ", ".join(map(str, plan.deadlines))
                complain(message, *spot, "deadline", found=str(threshold.deadline), known=known)
            for number, code in enumerate(threshold.areas):
                if not registry.has_area(code):
                    complain(unknown_area, *spot, "areas", number, found=code)
        for place, name in enumerate(target.leans_on):
            if plan.structure is None or plan.structure.part(name) is None:
                message = N_("the plan's structure has no part {found}")
                complain(message, *here, "leans_on", place, found=name)
    if plan.outlook and not (registry.root / "plans" / f"{plan.outlook.plan}.yml").is_file():
        complain(N_("there is no plan {found}"), "outlook", "plan", found=plan.outlook.plan)
    return problems
