"""Links from one report to another: only those to reports that the same run makes stay."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

from kts_analysis.entries import Area, Plan
from kts_analysis.registry import Registry
from kts_analysis.report_names import LINK_CLASS, unit_id

_LINK = re.compile(rf'<a class="{LINK_CLASS}" href="\.\./([^/"]+)/[^"]*">(.*?)</a>', re.DOTALL)


def links_of(area: Area, plan: Plan, registry: Registry, made: Container[str]) -> tuple[str, ...]:
    """Return the ids of reports that the report of an area may link to.

    Parameters
    ----------
    made : container of str
        Codes of the plan's areas whose reports a run makes.

    Returns
    -------
    tuple of str
        In order: of its successors and what was merged into it; for the plan's home area of the
        areas below it that became part of another.
    """
    if area.code == plan.home:
        inside = set(plan.areas)
        related = {
            code
            for code in plan.areas
            if any(item.to_code in inside for item in registry.successors(code))
        }
    else:
        related = {item.to_code for item in registry.successors(area.code)}
        related |= {item.from_code for item in registry.predecessors(area.code)}
    codes = [code for code in related if code in made and code not in (plan.home, area.code)]
    return tuple(sorted(unit_id(registry.area(code), plan, registry) for code in codes))


def without_dead_links(text: str, links: Iterable[str]) -> str:
    """Return a page on which only links to some reports are left; of the others the words stay."""
    alive = set(links)
    return _LINK.sub(lambda found: found[0] if found[1] in alive else found[2], text)
