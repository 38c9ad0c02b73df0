"""What a run makes: one unit = one notebook for one area in one language."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kts_analysis.border_changes import grouped
from kts_analysis.entries import Area, Plan
from kts_analysis.errors import KtsError
from kts_analysis.i18n import LANGUAGES, N_
from kts_analysis.moved_plans import border_day, registry_asked, registry_on
from kts_analysis.registry import Registry
from kts_analysis.report_names import unit_id
from kts_analysis.reporting.links import links_of
from kts_analysis.vi import sort_key

AREA_NOTEBOOK, HOME_NOTEBOOK = "area_report", "province_report"
HTML = "html"  # the form every report has: its page


@dataclass(frozen=True)
class Unit:
    """One report: its id is its folder, its line in ``kts list`` and its name in ``--only``.

    Attributes
    ----------
    id : str
        ``<code>-<slug of the name>``.
    parameters : dict
        Values injected into the notebook's parameters cell (codes as text).
    """

    id: str
    area: Area
    plan: Plan
    notebook: str
    lang: str
    parameters: dict[str, Any]
    langs: tuple[str, ...] = LANGUAGES  # languages of the run: what a page can link to
    formats: tuple[str, ...] = (HTML,)  # forms it is written in, the page among them
    links: tuple[str, ...] = ()  # ids of other reports of the run that a page can link to

    @property
    def where(self) -> dict[str, str]:
        """The day it stands on and, if asked for, borders and weights; as `stand` takes them."""
        names = ("as_of", "borders", "weights")
        return {name: self.parameters[name] for name in names if name in self.parameters}

    @property
    def stem(self) -> str:
        """File name without ending; the first language is the plain one."""
        return self.notebook if self.lang == LANGUAGES[0] else f"{self.notebook}.{self.lang}"

    @property
    def label(self) -> str:
        """How the log names it."""
        return f"{self.id}/{self.stem}"

    def as_json(self) -> dict[str, Any]:
        """Return the unit as it is sent to another process; see `unit_from`."""
        return {
            "id": self.id,
            "area": self.area.code,
            "plan": self.plan.id,
            "notebook": self.notebook,
            "lang": self.lang,
            "parameters": self.parameters,
            "langs": list(self.langs),
            "formats": list(self.formats),
            "links": list(self.links),
        }


def unit_from(facts: dict[str, Any], registry: Registry) -> Unit:
    """Return the unit that `Unit.as_json` wrote.

    Raises
    ------
    KtsError
        There is no such report here: the facts come from a file that somebody may have changed.
    """
    book = registry_asked(registry, facts["parameters"].get("borders", ""))
    area, plan = book.area(facts["area"]), book.plan(facts["plan"])
    known = facts["notebook"] in (AREA_NOTEBOOK, HOME_NOTEBOOK) and facts["lang"] in LANGUAGES
    if facts["id"] != unit_id(area, plan, book) or not known:
        raise KtsError(N_("no report is named {names}"), names=facts["id"])
    return Unit(
        id=facts["id"],
        area=area,
        plan=plan,
        notebook=facts["notebook"],
        lang=facts["lang"],
        parameters=facts["parameters"],
        langs=tuple(facts["langs"]),
        formats=tuple(facts["formats"]),
        links=tuple(facts["links"]),
    )


def plan_units(
    registry: Registry,
    plans: Iterable[str] | None = None,
    *,
    only: Iterable[str] | None = None,
    limit: int | None = None,
    deadline: int | None = None,
    as_of: str = "",
    langs: Iterable[str] = ("vi",),
    borders: str = "",
    weights: str = "",
    allocate: str = "",
    formats: Iterable[str] = (HTML,),
    scenario: Path | None = None,
) -> list[Unit]:
    """Return the reports a run makes, each plan's home area first.

    Parameters
    ----------
    registry : Registry
    plans : iterable of str, optional
        Plan ids; by default every plan of the data folder.
    only : iterable of str, optional
        Area codes or unit ids to keep.
    limit : int, optional
        At most this many areas.
    deadline, as_of, langs
        Passed on to the notebooks.
    borders : str
        A day (ISO): the reports are those of the plan's areas on its borders. Empty: the plan's
        own areas.
    weights : str
        Passed on to the notebooks with `borders`.
    allocate : str
        Method by which the reports of home areas share targets out; empty for none.
    formats : iterable of str
        Forms each report is written in, from `documents.formats.check_formats`.
    scenario : Path, optional
        A scenario file (checked): its name is passed on to the reports of areas of its plan.

    Raises
    ------
    KtsError
        Unknown plan, deadline, language, or a name in `only` that no report has.
    """
    languages = list(dict.fromkeys(langs))
    for lang in languages:
        if lang not in LANGUAGES:
            known = ", ".join(LANGUAGES)
            raise KtsError(N_("unknown language {lang}; choose of {known}"), lang=lang, known=known)
    where = {"as_of": as_of}
    if borders:
        where |= {"borders": border_day(borders).isoformat(), "weights": weights}
        registry = registry_on(registry, border_day(borders))
    names = plans or registry.plans or registry.refused
    chosen = _with_deadline([registry.plan(name) for name in names], deadline)
    places = [pair for plan in chosen for pair in _areas(plan, registry)]
    _no_name_twice(places, registry)
    if only is not None:
        places = _keep(places, list(only), registry)
    forms = tuple(dict.fromkeys((HTML, *formats)))
    places = places[:limit]
    listed = grouped((plan.id, area.code) for plan, area in places)
    made = {name: frozenset(codes) for name, codes in listed.items()}
    year = {plan.id: deadline or plan.deadlines[0] for plan, _ in places}
    units = [
        replace(
            _unit(registry, plan, area, year[plan.id], where, lang, languages, allocate),
            formats=forms,
            links=links_of(area, plan, registry, made[plan.id]),
        )
        for plan, area in places
        for lang in languages
    ]
    return units if scenario is None else with_scenario(units, scenario, registry)


def _no_name_twice(places: list[tuple[Plan, Area]], registry: Registry) -> None:
    """Refuse two areas whose reports would share a folder.

    Raises
    ------
    KtsError
        Names their codes.
    """
    seen: dict[str, str] = {}
    for plan, area in places:
        name = unit_id(area, plan, registry)
        if name in seen:
            codes = f"{seen[name]}, {area.code}"
            raise KtsError(
                N_("areas {codes} would share the folder {name}"), codes=codes, name=name
            )
        seen[name] = area.code


def _with_deadline(plans: list[Plan], deadline: int | None) -> list[Plan]:
    """Return the plans that have a deadline; none having it is an error."""
    having = [plan for plan in plans if deadline is None or deadline in plan.deadlines]
    if not having:
        known = sorted({year for plan in plans for year in plan.deadlines})
        raise KtsError(
            N_("plan {plan} has no deadline {year}; it has {known}"),
            plan=", ".join(plan.id for plan in plans),
            year=deadline,
            known=", ".join(map(str, known)),
        )
    return having


def _areas(plan: Plan, registry: Registry) -> list[tuple[Plan, Area]]:
    """Home first, then those beside it, then the others by name."""
    first = [registry.area(code) for code in (plan.home, *plan.beside)]
    others = [registry.area(code) for code in plan.areas if code != plan.home]
    return [(plan, area) for area in [*first, *sorted(others, key=lambda a: sort_key(a.name))]]


def _keep(
    places: list[tuple[Plan, Area]], wanted: list[str], registry: Registry
) -> list[tuple[Plan, Area]]:
    named = [({area.code, unit_id(area, plan, registry)}, plan, area) for plan, area in places]
    unknown = [name for name in wanted if not any(name in names for names, _, _ in named)]
    if unknown or not wanted:
        raise KtsError(
            N_("no report is named {names}; there are {known}"),
            names=", ".join(unknown) or '""',
            known=", ".join(unit_id(area, plan, registry) for plan, area in places),
        )
    return [(plan, area) for names, plan, area in named if names & set(wanted)]


def _unit(
    registry: Registry,
    plan: Plan,
    area: Area,
    deadline: int,
    where: dict[str, str],
    lang: str,
    langs: list[str],
    allocate: str,
) -> Unit:
    is_home = area.code == plan.home and len(plan.areas) > 1
    parameters: dict[str, Any] = {"plan": plan.id, "deadline": deadline, **where}
    parameters["lang"] = lang
    if not is_home:
        parameters["area"] = area.code
    elif allocate:
        parameters["allocate"] = allocate
    notebook = HOME_NOTEBOOK if is_home else AREA_NOTEBOOK
    name = unit_id(area, plan, registry)
    return Unit(name, area, plan, notebook, lang, parameters, tuple(langs))


def with_scenario(units: Iterable[Unit], file: Path, registry: Registry) -> list[Unit]:
    """Return the units with a scenario's name among the parameters of the reports it speaks of.

    Raises
    ------
    ProblemsError
        What is wrong with the scenario.
    """
    from kts_analysis.scenarios.files import load_scenario

    only = load_scenario(file, registry.root).plan
    return [
        replace(unit, parameters=unit.parameters | {"scenario": file.name})
        if only in (None, unit.plan.id)
        else unit
        for unit in units
    ]


def check_parameters(units: Iterable[Unit], folder: Path) -> None:
    """Refuse a parameter its notebook does not have: papermill would only warn and go on.

    Raises
    ------
    KtsError
        Names notebook and parameter, or the missing or unreadable notebook.
    """
    known: dict[str, set[str]] = {}
    for unit in units:
        path = folder / f"{unit.notebook}.ipynb"
        if unit.notebook not in known:
            if not path.is_file():
                raise KtsError(N_("there is no notebook {path}"), path=path.name)
            known[unit.notebook] = notebook_parameters(path)
        strange = sorted(set(unit.parameters) - known[unit.notebook])
        if strange:
            raise KtsError(
                N_("notebook {notebook} has no parameter {names}; it has {known}"),
                notebook=unit.notebook,
                names=", ".join(strange),
                known=", ".join(sorted(known[unit.notebook])),
            )


def notebook_parameters(path: Path) -> set[str]:
    """Return the names a notebook's parameters cell gives a value to.

    Read from the file itself: papermill's own inspection costs two seconds of imports. As in
    papermill, the first cell tagged ``parameters`` counts, and a notebook without one has none.

    Raises
    ------
    KtsError
        The file is no notebook, or the cell is not Python.
    """
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        tagged = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", ())]
        source = "".join(tagged[0]["source"]) if tagged else ""
        statements = ast.parse(source).body
    except (ValueError, KeyError, TypeError, SyntaxError) as error:
        raise KtsError(
            N_("notebook {path} cannot be read: {detail}"), path=path.name, detail=error
        ) from None
    names: set[str] = set()
    for statement in statements:
        if isinstance(statement, ast.Assign):
            names |= {target.id for target in statement.targets if isinstance(target, ast.Name)}
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            names.add(statement.target.id)
    return names
