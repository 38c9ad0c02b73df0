"""A report as an Excel workbook: verdicts, trajectories, and the figures behind them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from kts_analysis import rollup
from kts_analysis.documents.rows import figures_shown, paths_shown, verdicts_shown
from kts_analysis.documents.sheet_columns import (
    BOUNDS,
    FIGURES_PRINTED,
    PRINTED,
    figure_columns,
    path_columns,
    share_columns,
    sum_columns,
    verdict_columns,
    way_columns,
)
from kts_analysis.documents.sheets import Sheet
from kts_analysis.documents.workbook import Line, workbook
from kts_analysis.entries import Target
from kts_analysis.i18n import Messages
from kts_analysis.pages.area import area_report
from kts_analysis.pages.context import Context
from kts_analysis.pages.other_borders import borders_fact
from kts_analysis.pages.province import ProvinceReport, province_report
from kts_analysis.pages.rollup_ways import WaysBlock
from kts_analysis.reporting.files import write_bytes
from kts_analysis.reporting.units import AREA_NOTEBOOK, Unit
from kts_analysis.rollup_bounds import province_bounds
from kts_analysis.rows import Row, rows_of


def write(unit: Unit, folder: Path) -> dict[str, str]:
    """Write a unit's workbook into its folder.

    Returns
    -------
    dict
        SHA-256 by file name.
    """
    if unit.notebook == AREA_NOTEBOOK:
        content = area_workbook(**unit.parameters)
    else:
        content = province_workbook(**unit.parameters)
    name = f"{unit.stem}.xlsx"
    return {name: write_bytes(folder / name, content)}


def area_workbook(area: str, plan: str, **asked: Any) -> bytes:
    """Return the workbook of an area.

    Parameters
    ----------
    area, plan
        As in `pages.area.area_report`; so are the others, by name.
    """
    report = area_report(area, plan, **asked)
    context, m = report.context, report.context.m
    here = (context.view, context.plan, report.area, context.deadline)
    sheets = [
        Sheet(
            m("Verdicts"),
            m("One row a target and deadline: where it stands, what pace it takes, what chance."),
            verdict_columns(context.registry, m)[1:],  # every row is of the one area
            verdicts_shown(*here),
            printed=PRINTED - 1,
        ),
        Sheet(
            m("Trajectories"),
            m("The points behind each chart: figures, trend line, projection with intervals."),
            path_columns(context.plan, m),
            paths_shown(*here),
        ),
        _figures_sheet(context, figures_shown(*here)),
    ]
    facts = [(m("Borders"), report.borders_text())]
    return workbook(context, report.area, sheets, facts + _notes(report.notes(), m))


def province_workbook(plan: str, **asked: Any) -> bytes:
    """Return the workbook of a plan's home area and the areas below it.

    Parameters
    ----------
    plan
        As in `pages.province.province_report`; so are the others, by name.
    """
    report = province_report(plan, **asked)
    context, m = report.context, report.context.m
    added, _ = report.whole
    at_home = (report.whole_view, added, report.home, context.deadline)
    here = (context.view, context.plan, report.home, context.deadline)
    columns = verdict_columns(context.registry, m)
    sheets = [
        Sheet(
            m("Areas"),
            m("One row an area and target: where it stands, what pace it takes, what chance."),
            columns,
            rows_of(report.verdicts),
            held=3,
            printed=PRINTED,
        ),
        Sheet(
            m("Province, added up"),
            m("Verdicts on numerators and denominators of all areas added up."),
            columns,
            rows_of(report.home_verdicts),
            held=3,
            printed=PRINTED,
        ),
        _shares_sheet(report),
        _sums_sheet(report),
        _ways_sheet(report),
        Sheet(
            m("Trajectories"),
            m("The points behind each chart of the province, added up from its areas."),
            path_columns(context.plan, m),
            paths_shown(*at_home),
        ),
        _figures_sheet(context, figures_shown(*here)),
    ]
    borders = borders_fact(context)
    facts = [(m("Areas"), m.count(len(report.standing)))]
    facts = [(m("Borders"), borders), *facts] if borders else facts
    return workbook(context, report.home, sheets, facts + _notes(report.notes(), m))


def _notes(texts: Iterable[str], m: Messages) -> list[Line]:
    return [(m("Note"), text) for text in texts]


def _figures_sheet(context: Context, figures: Sequence[Row]) -> Sheet:
    m = context.m
    return Sheet(
        m("Figures"),
        m("Every figure of the area that is judged or shown beside, with source and date."),
        figure_columns(context.registry, m),
        figures,
        printed=FIGURES_PRINTED,
    )


def _shares_sheet(report: ProvinceReport) -> Sheet:
    context, m = report.context, report.context.m
    rows = [
        {**row, "target_id": target.id}
        for target in context.plan.targets
        for row in rows_of(rollup.contributions(report.verdicts, target.id, report.standing))
    ]
    return Sheet(
        m("Contributions"),
        m("Who holds a target back: what each area still misses to the threshold."),
        share_columns(context.plan, context.registry, m),
        rows,
        held=3,
    )


def _sums_sheet(report: ProvinceReport) -> Sheet:
    context, m = report.context, report.context.m
    rows = [
        row for target in context.plan.targets for row in sums_with_bounds(report.context, target)
    ]
    return Sheet(
        m("Sums"),
        m("What the areas add up to, period by period; where areas are missing, bounds."),
        sum_columns(context.plan, context.registry, m),
        rows,
    )


def sums_with_bounds(context: Context, target: Target) -> list[Row]:
    """Return what the areas add up to, one row a period, with bounds where areas are missing."""
    asked = (context.known, context.plan, context.registry, target)
    holes = {
        row["period"]: {name: row[name] for name in BOUNDS}
        for row in rows_of(province_bounds(*asked))
        if row["counted"] < row["expected"]
    }
    none = dict.fromkeys(BOUNDS, float("nan"))
    return [
        {**row, "target_id": target.id, **holes.get(row["period"], none)}
        for row in rows_of(rollup.add_up(*asked))
    ]


def _ways_sheet(report: ProvinceReport) -> Sheet:
    context, m = report.context, report.context.m
    rows = []
    for target in context.plan.targets:
        block = WaysBlock(context, target, "", "")
        about = {"target_id": target.id, "deadline": context.deadline_day, "origin": block.origin}
        rows += [{**row, **about} for row in block.ways]
    return Sheet(
        m("Forecasts"),
        m("The province at the deadline, forecast in several ways: from its areas, from its sums."),
        way_columns(context.plan, context.registry, m),
        rows,
    )
