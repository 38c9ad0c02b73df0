"""What a report depends on, as one hash: equal keys, equal bytes, so it need not be made again."""

from __future__ import annotations

from typing import Any

from kts_analysis.boundaries import load_boundaries
from kts_analysis.pages.context import stand
from kts_analysis.pages.prepare import rows_keys
from kts_analysis.registry_files import load_registry
from kts_analysis.reporting.manifest import SCENARIOS, digest, formats_of, versions
from kts_analysis.reporting.units import HOME_NOTEBOOK, Unit, unit_from


def unit_keys(units: list[dict[str, Any]], hashes: dict[str, str]) -> dict[str, Any]:
    """Return the day a run stands on and the key of each unit.

    Parameters
    ----------
    units : list of dict
        From `Unit.as_json`.
    hashes : dict
        SHA-256 of every input file, from `manifest.input_hashes`.

    Returns
    -------
    dict
        ``day`` (ISO date, or "no-data"), ``keys`` (label of the unit to its key), and ``waiting``:
        some figure is refused only because its day has not come.
    """
    registry = load_registry()
    chosen = [unit_from(facts, registry) for facts in units]
    where = chosen[0].where
    view, errors = stand(data=None, **where)
    common = digest([_shared_inputs(hashes), versions(formats_of(chosen))])
    maps = {name: value for name, value in hashes.items() if name.startswith("data/boundaries/")}
    load_boundaries(registry)  # a faulty file stops the run before any report is made
    rows = _rows(chosen, where)
    return {
        "day": view.as_of.isoformat() if len(view.known) else "no-data",
        "waiting": any("future" in problem.message for problem in errors),
        "keys": {
            unit.label: digest(
                [
                    common,
                    maps if unit.notebook == HOME_NOTEBOOK else {},
                    hashes[f"notebooks/{unit.notebook}.ipynb"],
                    unit.as_json(),
                    rows[unit.plan.id, unit.area.code],
                    hashes.get(f"{SCENARIOS}/{unit.parameters.get('scenario', '')}", ""),
                ]
            )
            for unit in chosen
        },
    }


def _rows(units: list[Unit], where: dict[str, str]) -> dict[tuple[str, str], str]:
    """Return a hash of the figures each report can depend on, by plan and area."""
    areas: dict[str, list[str]] = {}
    for unit in units:
        areas.setdefault(unit.plan.id, []).append(unit.area.code)
    return {
        (plan, area): key
        for plan, codes in areas.items()
        for area, key in rows_keys(plan, dict.fromkeys(codes), **where).items()
    }


def _shared_inputs(hashes: dict[str, str]) -> dict[str, str]:
    """Return the hashes of what every report is made from: library, plans, areas, indicators."""
    return {
        name: value
        for name, value in hashes.items()
        if name.startswith(("kts_analysis/", "data/plans/"))
        or (name.startswith("notebooks/") and not name.endswith(".ipynb"))
        or (name.startswith("data/") and name.count("/") == 1)
    }
