"""What a run makes: one unit = one notebook for one area in one language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import papermill

from kts_analysis.errors import KtsError
from kts_analysis.i18n import LANGUAGES, N_
from kts_analysis.registry import Area, Plan, Registry
from kts_analysis.vi import slug, sort_key

AREA_NOTEBOOK, HOME_NOTEBOOK = "area_report", "province_report"


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

    @property
    def stem(self) -> str:
        """File name without ending; the first language is the plain one."""
        return self.notebook if self.lang == LANGUAGES[0] else f"{self.notebook}.{self.lang}"

    @property
    def label(self) -> str:
        """How the log names it."""
        return f"{self.id}/{self.stem}"


def plan_units(
    registry: Registry,
    plans: Iterable[str] | None = None,
    *,
    only: Iterable[str] | None = None,
    limit: int | None = None,
    deadline: int | None = None,
    as_of: str = "",
    langs: Iterable[str] = ("vi",),
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

    Raises
    ------
    KtsError
        Unknown plan, deadline, language, or a name in `only` that no report has.
    """
    languages = list(langs)
    for lang in languages:
        if lang not in LANGUAGES:
            known = ", ".join(LANGUAGES)
            raise KtsError(N_("unknown language {lang}; choose of {known}"), lang=lang, known=known)
    chosen = [registry.plan(name) for name in (plans or sorted(registry.plans))]
    places = [pair for plan in chosen for pair in _areas(plan, registry)]
    if only is not None:
        places = _keep(places, list(only))
    units = []
    for plan, area in places[:limit]:
        year = deadline or plan.deadlines[0]
        if year not in plan.deadlines:
            raise KtsError(
                N_("plan {plan} has no deadline {year}; it has {known}"),
                plan=plan.id,
                year=year,
                known=", ".join(map(str, plan.deadlines)),
            )
        units += [_unit(plan, area, year, as_of, lang) for lang in languages]
    return units


def _areas(plan: Plan, registry: Registry) -> list[tuple[Plan, Area]]:
    """Home first, then the others by name."""
    home = registry.area(plan.home)
    others = [registry.area(code) for code in plan.areas if code != plan.home]
    return [(plan, area) for area in [home, *sorted(others, key=lambda a: sort_key(a.name))]]


def _keep(places: list[tuple[Plan, Area]], wanted: list[str]) -> list[tuple[Plan, Area]]:
    known = {name for _, area in places for name in (area.code, unit_id(area))}
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise KtsError(
            N_("no report is named {names}; there are {known}"),
            names=", ".join(unknown),
            known=", ".join(unit_id(area) for _, area in places),
        )
    return [(plan, area) for plan, area in places if {area.code, unit_id(area)} & set(wanted)]


def unit_id(area: Area) -> str:
    """Return the id of an area's report."""
    return f"{slug(area.code)}-{slug(area.name)}"


def _unit(plan: Plan, area: Area, deadline: int, as_of: str, lang: str) -> Unit:
    is_home = area.code == plan.home and len(plan.areas) > 1
    parameters: dict[str, Any] = {"plan": plan.id, "deadline": deadline, "as_of": as_of}
    parameters["lang"] = lang
    if not is_home:
        parameters["area"] = area.code
    notebook = HOME_NOTEBOOK if is_home else AREA_NOTEBOOK
    return Unit(unit_id(area), area, plan, notebook, lang, parameters)


def check_parameters(units: Iterable[Unit], folder: Path) -> None:
    """Refuse a parameter its notebook does not have: papermill would only warn and go on.

    Raises
    ------
    KtsError
        Names notebook and parameter, or the missing notebook.
    """
    known: dict[str, set[str]] = {}
    for unit in units:
        path = folder / f"{unit.notebook}.ipynb"
        if unit.notebook not in known:
            if not path.is_file():
                raise KtsError(N_("there is no notebook {path}"), path=path.name)
            known[unit.notebook] = set(papermill.inspect_notebook(str(path)))
        strange = sorted(set(unit.parameters) - known[unit.notebook])
        if strange:
            raise KtsError(
                N_("notebook {notebook} has no parameter {names}; it has {known}"),
                notebook=unit.notebook,
                names=", ".join(strange),
                known=", ".join(sorted(known[unit.notebook])),
            )
