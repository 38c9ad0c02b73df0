"""``kts allocate``: a target shared out to the areas below, as a table and a workbook."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kts_analysis.commands.allocate_asked import goal_in, values_in, ways_in
from kts_analysis.commands.options import (
    SOME_FAILED,
    AsOf,
    Data,
    Deadline,
    Lang,
    messages_in,
    names_in,
    registry_of,
)
from kts_analysis.i18n import Messages

if TYPE_CHECKING:
    from kts_analysis.allocation.answer import Answer
    from kts_analysis.registry import Registry

Values = list[str] | None


def allocate(
    plan: Annotated[str, typer.Option("--plan", help="Kế hoạch / plan.")],
    target: Annotated[str, typer.Option("--target", help="Mục tiêu / target.")],
    to: Annotated[
        str, typer.Option("--to", help="85, >85; mặc định: ngưỡng của kế hoạch / plan's threshold.")
    ] = "",
    deadline: Deadline = None,
    method: Annotated[
        str, typer.Option("--method", help="equal_gap, equal_effort, proportional, all")
    ] = "equal_gap",
    cap: Annotated[Values, typer.Option("--cap", help="Trần / cap: 356=95, all=98")] = None,
    fix: Annotated[Values, typer.Option("--fix", help="Giao sẵn / fixed: 359=80")] = None,
    denominator: Annotated[
        Values, typer.Option("--denominator", help="Mẫu số / denominator: 359=120000")
    ] = None,
    growth: Annotated[
        float, typer.Option("--growth", min=-20, max=20, help="Mẫu số tăng, %/năm / growth.")
    ] = 0.0,
    least: Annotated[
        float, typer.Option("--min-chance", min=0, max=99, help="Khả năng tối thiểu, % / chance.")
    ] = 0.0,
    may_fall: Annotated[
        bool, typer.Option("--may-fall", help="Cho phép thấp hơn hiện tại / below the newest.")
    ] = False,
    decimals: Annotated[
        int, typer.Option("--decimals", min=0, max=3, help="Số chữ số thập phân / decimals.")
    ] = 1,
    areas: Annotated[Values, typer.Option("--areas", help="Mã địa bàn / area codes: A,B")] = None,
    as_of: AsOf = "",
    form: Annotated[str, typer.Option("--format", help="table, csv, json")] = "table",
    out: Annotated[
        Path | None, typer.Option("--out", help="Tệp Excel để giao / workbook to assign (.xlsx).")
    ] = None,
    lang: Lang = "vi",
    data: Data = None,
) -> None:
    """Giao chỉ tiêu của tỉnh xuống huyện / share a target out to the areas below."""
    from datetime import date

    from kts_analysis.allocation.answer import Request, goal_of_plan
    from kts_analysis.allocation.answer import allocate as share
    from kts_analysis.allocation.parts import Grid
    from kts_analysis.allocation.wishes import Wishes
    from kts_analysis.store import read_observations
    from kts_analysis.views import View

    if form not in ("table", "csv", "json"):
        raise typer.BadParameter("table, csv, json", param_hint="--format")
    ways, m, registry = ways_in(method), messages_in(lang), registry_of(data)
    chosen = registry.plan(plan)
    wanted, year = chosen.target(target), deadline or chosen.deadlines[0]
    wishes = Wishes(
        caps=values_in(cap),
        fixes=values_in(fix),
        denominators=values_in(denominator),
        growth=growth,
        least_chance=least,
        may_fall=may_fall,
        grid=Grid(decimals),
    )
    goal = goal_in(to) if to else goal_of_plan(chosen, wanted, year)
    codes = names_in(areas)
    request = Request(chosen, wanted, year, goal, wishes, None if codes is None else tuple(codes))
    known = read_observations(registry.root, as_of=as_of or None)
    view = View(registry, known, date.fromisoformat(known.attrs["as_of"]))
    answer = share(view, request, ways)
    if out is not None and answer.shortfall is None:
        _write(out, answer, registry, m)
    _print(answer, registry, m, form)
    if answer.shortfall is not None:
        raise typer.Exit(SOME_FAILED)


def _write(out: Path, answer: Answer, registry: Registry, m: Messages) -> None:
    from kts_analysis.allocation.workbook import workbook_bytes
    from kts_analysis.disk import write_bytes

    write_bytes(out, workbook_bytes(answer, registry, m))


def _print(answer: Answer, registry: Registry, m: Messages, form: str) -> None:
    if form == "csv":
        _print_csv(answer)
    elif form == "json":
        print(json.dumps(_record(answer), ensure_ascii=False, indent=1))
    else:
        _print_tables(answer, registry, m)


def _print_csv(answer: Answer) -> None:
    """Print the rows of every method; why a goal is out of reach goes to the log."""
    from dataclasses import asdict, fields

    from kts_analysis.allocation.rows import ShareRow, share_rows

    writer = csv.DictWriter(sys.stdout, [one.name for one in fields(ShareRow)], lineterminator="\n")
    writer.writeheader()
    for allocation in answer.allocations:
        for row in share_rows(answer, allocation):
            cells = asdict(row) | {"notes": ";".join(row.notes)}
            writer.writerow({name: _known(cell, "") for name, cell in cells.items()})


def _record(answer: Answer) -> dict[str, object]:
    """Return the answer as one mapping, missing numbers as null."""
    from dataclasses import asdict

    from kts_analysis.allocation.rows import share_rows

    request = answer.request
    return {
        "plan": request.plan.id,
        "target": request.target.id,
        "deadline": answer.last_day.isoformat(),
        "as_of": answer.as_of.isoformat(),
        "goal": asdict(request.goal),
        "origin": answer.origin,
        "not_in_the_sum": [
            {"area_code": one.area.code, "reason": one.reason} for one in answer.left_out
        ],
        "methods": [
            {
                "method": allocation.way,
                "common": _known(allocation.common, None),
                "total": allocation.total,
                "standing_in": allocation.standing_in,
                "reached": allocation.reached,
                "rows": [
                    {name: _known(cell, None) for name, cell in asdict(row).items()}
                    for row in share_rows(answer, allocation)
                ],
            }
            for allocation in answer.allocations
        ],
        "shortfall": asdict(answer.shortfall) if answer.shortfall else None,
    }


def _known(cell: object, otherwise: object) -> object:
    """Return a cell; a missing number (NaN) as something else."""
    return otherwise if cell != cell else cell


def _print_tables(answer: Answer, registry: Registry, m: Messages) -> None:
    from kts_analysis.allocation import wording
    from kts_analysis.allocation.out_of_reach import shortfall_texts
    from kts_analysis.allocation.rows import share_rows

    card = registry.indicators[answer.request.target.indicator]
    print(wording.title(answer, registry, m))
    for allocation in answer.allocations:
        print()
        print(wording.way_text(allocation, m))
        shown = [wording.cells(row, answer, m) for row in share_rows(answer, allocation)]
        _print_columns([wording.columns(answer, card, m), *shown])
        for remark in wording.remarks(answer, allocation, m):
            print(f"- {remark}")
    for line in shortfall_texts(answer, registry, card, m):
        print(f"- {line}")


def _print_columns(shown: list[list[str]]) -> None:
    widths = [max(len(row[place]) for row in shown) for place in range(len(shown[0]))]
    for row in shown:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        print("  ".join(cells).rstrip())
