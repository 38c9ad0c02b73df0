"""Will each area reach each target by its deadline, how sure are we, and what pace does it take?

The names a notebook needs, loaded when first used so that ``import kts_analysis`` stays light::

    import kts_analysis as kts

    plan = kts.load_plan("nam-dinh-105")
    obs = kts.read_observations(as_of="2024-12-31")
    verdicts = kts.assess(plan, obs, deadline=2025)
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "BorderWeights": "border_changes",
    "Crosswalk": "areas",
    "area_report": "pages.area",
    "assess": "assessment",
    "backtest_report": "pages.backtest",
    "data_quality": "pages.quality",
    "deadline_table": "verdicts",
    "explorer": "exploring.widgets",
    "friendly_errors": "exploring.friendly",
    "harmonise": "harmonising",
    "hindsight_report": "pages.hindsight",
    "load_observations": "store",
    "load_plan": "registry_files",
    "load_registry": "registry_files",
    "load_scenario": "scenarios.files",
    "milestones_on": "moved_targets",
    "plan_on": "moved_plans",
    "plot_trajectory": "exploring.drawing",
    "project": "trajectories",
    "project_panel": "panel",
    "project_series": "trends",
    "province_bounds": "rollup_bounds",
    "province_forecast": "rollup_forecast",
    "province_forecast_table": "rollup_beside",
    "province_report": "pages.province",
    "read_observations": "store",
    "reconcile": "reconciliation",
    "refusal_table": "refusals",
    "save_scenario": "scenarios.files",
    "show": "pages.context",
    "start_page": "exploring.landing",
    "style": "fragments",
    "target_on": "moved_targets",
    "what_if": "scenarios.asking",
}

_PACKAGES = ("rules",)

__all__ = ["__version__", *_PACKAGES, *sorted(_HOMES)]


def __getattr__(name: str) -> Any:
    if name in _PACKAGES:
        return import_module(f"{__name__}.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return list(__all__)
