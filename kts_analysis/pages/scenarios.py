"""The part of a page that shows a scenario: assumptions side by side with no change."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from IPython.display import HTML
from markupsafe import Markup

from kts_analysis.assessment import pick_areas
from kts_analysis.entries import Area, Plan
from kts_analysis.fragments import fragment
from kts_analysis.i18n import Messages
from kts_analysis.pages.context import Context, ahead_of
from kts_analysis.periods import parse_partial_date
from kts_analysis.scenarios.asking import TargetAnswers, ask
from kts_analysis.scenarios.digest import Digest, digest
from kts_analysis.scenarios.entries import Scenario
from kts_analysis.scenarios.words import answers_table, digest_table


def scenario_parts(context: Context, area: Area, scenario: Scenario) -> list[HTML]:
    """Return one section for the scenario; nothing where it says nothing of the area.

    A scenario is about what is still ahead: where the page's deadline is past, the plan's later
    ones stand in its place.
    """
    parts = []
    for plan, year in _ahead(context):
        [place] = pick_areas(plan, context.registry, [area.code])
        asked = (ask(context.view, place, plan, each, year, scenario) for each in plan.targets)
        found = [each for each in asked if each is not None]
        if found:
            parts.append(_section(context, scenario, year, found))
    return parts


def scenario_over_areas(context: Context, codes: Sequence[str], scenario: Scenario) -> list[HTML]:
    """Return one section on what a scenario gives for many areas; nothing where it says nothing.

    Parameters
    ----------
    codes : sequence of str
        Areas that stand side by side.
    """
    parts = []
    for plan, year in _ahead(context):
        known = [code for code in codes if code in plan.areas]
        areas = pick_areas(plan, context.registry, known)
        asked = (
            ask(context.view, area, plan, target, year, scenario)
            for target in plan.targets
            for area in areas
        )
        found = digest((each for each in asked if each is not None), scenario)
        if found:
            parts.append(_digest_section(context, scenario, year, found))
    return parts


def _ahead(context: Context) -> list[tuple[Plan, int]]:
    """Return the plans and deadlines a scenario can be asked about."""
    if not context.past:
        return [(context.plan, context.deadline)]
    return [
        (context.registry.plan(name), year)
        for name, year in ahead_of(context.plan, context.deadline)
        if parse_partial_date(year) > context.as_of
    ][:1]


def _digest_section(
    context: Context, scenario: Scenario, year: int, found: Sequence[Digest]
) -> HTML:
    m = context.m
    about = m(
        "Expected there: the sum of the areas' chances. An area without a projection is in neither "
        "number. Each area's own answers are in its report."
    )
    tables = [
        digest_table(list(mine), context.registry, m)
        for _, mine in groupby(found, key=lambda each: each.target.id)
    ]
    return _titled(context, scenario, year, [_what_it_is(m), about], tables)


def _section(context: Context, scenario: Scenario, year: int, found: list[TargetAnswers]) -> HTML:
    m = context.m
    answered = [each for each in found if each.answers]
    silent = [each.target.id for each in found if not each.answers]
    texts = [_what_it_is(m)]
    if silent:
        texts.append(
            m("Not enough to judge, so nothing is assumed: {targets}.", targets=", ".join(silent))
        )
    tables = [answers_table(each, context.registry, m) for each in answered]
    return _titled(context, scenario, year, texts, tables)


def _what_it_is(m: Messages) -> str:
    return m(
        "These are assumptions to discuss, not forecasts. Under each of them the middle of the "
        "same projection is moved, on the scale on which it was made; how unsure it is stays "
        "as it was. No change is the projection of this page."
    )


def _titled(
    context: Context, scenario: Scenario, year: int, texts: list[str], tables: list[Markup]
) -> HTML:
    m = context.m
    title = m(
        "What if (assumed): {name}, to {year}", name=scenario.name.get(m.lang), year=str(year)
    )
    body = Markup("").join(tables)
    return fragment("section.html", m, id="", title=title, body=body, paragraphs=texts)
