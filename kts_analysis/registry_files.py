"""Reading the registry's files, with every problem of every file in one error."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from kts_analysis.areas import share_fault
from kts_analysis.entries import Area, Entry, Indicator, Plan, Series, Succession
from kts_analysis.errors import KtsError, Problem, ProblemsError
from kts_analysis.i18n import N_
from kts_analysis.indicator_names import INDICATOR_FUNCTIONS
from kts_analysis.plan_checks import check_outlook, check_plan
from kts_analysis.registry import Registry
from kts_analysis.stamps import stamp_of
from kts_analysis.vi import nfc
from kts_analysis.yamlfile import YamlFile, load_model, model_problems

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

    Examples
    --------
    >>> import kts_analysis as kts
    >>> registry = kts.load_registry()
    >>> registry.area("VN").title("en")
    'Viet Nam'
    """
    root = data_root(folder)
    return _load(root, registry_stamp(root))


def registry_stamp(root: Path) -> str:
    """Return what the registry's files look like from outside: another stamp, another registry."""
    return stamp_of(root, ("", "plans"), (".yml", ".csv"))


def load_plan(plan_id: str, folder: str | os.PathLike[str] | None = None) -> Plan:
    """Return one plan of a data folder.

    Examples
    --------
    >>> import kts_analysis as kts
    >>> plan = kts.load_plan("quoc-gia-411")
    >>> plan.deadlines
    (2025, 2030)
    >>> plan.target("KTS03").threshold(2025, "VN").comparator
    '>'
    """
    return load_registry(folder).plan(plan_id)


@lru_cache(maxsize=8)
def _load(root: Path, _stamp: str) -> Registry:
    problems: list[Problem] = []

    def read(reader: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return reader(*arguments)
        except ProblemsError as error:
            problems.extend(error.problems)
            return None

    def model(name: str, kind: type[Entry]) -> tuple[Any, YamlFile | None]:
        loaded, file = read(load_model, root / name, kind, name) or (None, None)
        problems.extend(file.problems if file else [])
        return loaded, file

    indicators, _ = model("indicators.yml", _IndicatorFile)
    series, _ = model("series.yml", _SeriesFile)
    areas = read(read_entries, root / "areas.csv", Area)
    successions = read(read_entries, root / "crosswalk.csv", Succession)
    registry = Registry(
        root=root,
        indicators={item.code: item for item in indicators.indicators} if indicators else {},
        series={item.id: item for item in series.series} if series else {},
        area_list=areas or (),
        successions=successions or (),
        plans={},
    )
    problems.extend(_check_cards(indicators, series))
    problems.extend(_check_crosswalk(registry))
    problems.extend(_check_shares(registry))
    plans: dict[str, Plan] = {}
    files: dict[str, YamlFile] = {}
    for path in sorted((root / "plans").glob("*.yml")):
        plan, file = model(f"plans/{path.name}", Plan)
        if file is not None and indicators and series and areas:
            problems.extend(check_plan(file, registry))
        if plan is not None and plan.id in plans:
            message = N_("another plan file has the id {found} already")
            problems.append(Problem(f"plans/{path.name}", message, 1, "id", plan.id))
        if plan is not None and file is not None:
            plans[plan.id], files[plan.id] = plan, file
    broken = {path.stem for path in (root / "plans").glob("*.yml")} - set(plans)
    for name, plan in plans.items():
        if plan.outlook is not None and plan.outlook.plan not in broken:
            problems.extend(check_outlook(files[name], plan, plans))
    if problems:
        raise ProblemsError(problems)
    return registry.model_copy(update={"plans": plans})


def _check_cards(indicators: _IndicatorFile | None, series: _SeriesFile | None) -> list[Problem]:
    """Return ids that stand twice and functions there are not."""
    problems = []
    lists = [("indicators.yml", [i.code for i in indicators.indicators] if indicators else [])]
    lists.append(("series.yml", [s.id for s in series.series] if series else []))
    for file, names in lists:
        for name in sorted({name for name in names if names.count(name) > 1}):
            problems.append(Problem(file, N_("{found} stands twice"), found=name))
    for card in indicators.indicators if indicators else ():
        if card.function is not None and card.function not in INDICATOR_FUNCTIONS:
            message = N_("{indicator}: there is no function {found}")
            params = {"indicator": card.code}
            problems.append(Problem("indicators.yml", message, found=card.function, params=params))
    return problems


def _check_crosswalk(registry: Registry) -> list[Problem]:
    """Return lines of the crosswalk that name no area, an area itself, or stand twice."""
    problems, seen = [], set()
    for row, item in enumerate(registry.successions, start=2):
        key = (item.from_code, item.to_code, item.day)
        for code in key[:2]:
            if registry.area_list and not registry.has_area(code):
                message = N_("unknown area code {found} (not in areas.csv)")
                problems.append(Problem("crosswalk.csv", message, row, found=code))
        if item.from_code == item.to_code or key in seen:
            message = N_("{found}: a line stands twice, or an area follows itself")
            found = f"{item.from_code} > {item.to_code}"
            problems.append(Problem("crosswalk.csv", message, row, found=found))
        seen.add(key)
    return problems


def _check_shares(registry: Registry) -> list[Problem]:
    """Return areas whose shares are more than the whole, or less though they ended."""
    gave: dict[tuple[date, str], list[tuple[int, float | None]]] = {}
    for row, item in enumerate(registry.successions, start=2):
        if registry.has_area(item.from_code):
            gave.setdefault((item.day, item.from_code), []).append((row, item.share))
    problems = []
    for (day, code), lines in gave.items():
        fault = share_fault(registry, code, day, [share for _, share in lines])
        if fault is not None:
            rows, shares = zip(*lines, strict=True)
            found = " + ".join(f"{share:g}" for share in shares if share is not None)
            problems.append(
                Problem("crosswalk.csv", fault.message, rows[-1], "share", found, fault.params)
            )
    return problems


def read_entries(path: Path, model: type[Row]) -> tuple[Row, ...]:
    """Read a CSV file into models; an empty cell is a missing value.

    Raises
    ------
    ProblemsError
        All problems of the file, with line and column.
    """
    rows, problems = [], []
    try:
        handle = path.open(encoding="utf-8-sig", newline="")
    except FileNotFoundError:
        raise ProblemsError([Problem(path.name, N_("there is no such file"))]) from None
    except OSError as error:
        message = N_("the file cannot be read: {detail}")
        problem = Problem(path.name, message, params={"detail": error.strerror})
        raise ProblemsError([problem]) from None
    with handle:
        reader = csv.DictReader(handle)
        for record in _records(reader, path.name):
            given = {key: nfc(value) for key, value in record.items() if value not in ("", None)}
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


def _records(reader: csv.DictReader[str], label: str) -> Iterator[dict[str, Any]]:
    try:
        yield from reader
    except (UnicodeDecodeError, csv.Error) as error:
        message = N_("the file is not UTF-8: {detail}")
        raise ProblemsError([Problem(label, message, params={"detail": error})]) from None
