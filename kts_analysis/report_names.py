"""The names that reports go by: their folder in a run, and the pages that link to one another."""

from __future__ import annotations

from kts_analysis.entries import Area, Plan
from kts_analysis.i18n import LANGUAGES
from kts_analysis.registry import Registry
from kts_analysis.vi import slug

LONGEST_NAME = 80  # letters of an area's name in a folder's name; some systems take no more
AREA_PAGE = "area_report"
LINK_CLASS = "kts-report"  # of a link to another report


def unit_id(area: Area, plan: Plan, registry: Registry) -> str:
    """Return the id of an area's report; an area of several plans has the plan's id in it."""
    name = f"{slug(area.code)}-{slug(area.name)[:LONGEST_NAME].rstrip('-')}"
    shared = sum(area.code in other.areas for other in registry.plans.values()) > 1
    return f"{name}.{plan.id}" if shared else name


def link_to(area: Area, plan: Plan, registry: Registry, lang: str) -> str:
    """Return the address of an area's page as seen from another report of the plan.

    Empty where no run of the plan makes that page: the area is not one of the plan's, or it is
    its home. Whether this very run makes it is not known here; see `reporting.links`.
    """
    if area.code not in (*plan.areas, *plan.beside) or area.code == plan.home:
        return ""
    stem = AREA_PAGE if lang == LANGUAGES[0] else f"{AREA_PAGE}.{lang}"
    return f"../{unit_id(area, plan, registry)}/{stem}.html"
