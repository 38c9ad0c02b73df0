"""``kts revisions``: what was published again with another value, and what turns on it."""

from __future__ import annotations

import json
import sys
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kts_analysis.commands.options import (
    AsOf,
    Data,
    Lang,
    PlanId,
    messages_in,
    names_in,
    registry_of,
)
from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_, Messages
from kts_analysis.periods import period_start

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

Since = Annotated[
    str, typer.Option("--since", help="Chỉ sửa đổi từ ngày này / only revisions from this day on.")
]


def revisions(
    data: Data = None,
    plan: PlanId = None,
    area: Annotated[
        list[str] | None, typer.Option("--area", help="Mã địa bàn / area codes: A,B")
    ] = None,
    since: Since = "",
    as_of: AsOf = "",
    form: Annotated[str, typer.Option("--format", help="table, csv, json")] = "table",
    lang: Lang = "vi",
) -> None:
    """Số liệu công bố lại, kết luận đổi theo / figures published again, verdicts that turn."""
    import pandas as pd

    from kts_analysis.revisions import COLUMNS, revised_verdicts
    from kts_analysis.store import read_observations

    if form not in ("table", "csv", "json"):
        raise typer.BadParameter("table, csv, json", param_hint="--format")
    registry, m, first = registry_of(data), messages_in(lang), _first_day(since)
    chosen = [registry.plan(name) for name in ([plan] if plan else sorted(registry.plans))]
    known = read_observations(registry.root, as_of=as_of or None)
    areas = names_in(area)
    frames = [
        revised_verdicts(one, known, registry=registry, areas=areas, since=first) for one in chosen
    ]
    filled = [frame for frame in frames if len(frame)]
    table = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=list(COLUMNS))
    if form == "csv":
        table.to_csv(sys.stdout, index=False, lineterminator="\n")
    elif form == "json":
        print(json.dumps(_records(table), ensure_ascii=False, indent=1))
    else:
        _print_table(table, m)


def _first_day(since: str) -> date | None:
    """Return the first day of a date that may lack its day or month; None for an empty text."""
    try:
        return period_start(since) if since else None
    except ValueError:
        raise KtsError(N_("{found} is not a date like 2024-12-31"), found=since) from None


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows with missing numbers as null, never 0 or NaN."""
    return [
        {str(name): None if value != value else value for name, value in row.items()}
        for row in table.to_dict("records")
    ]


def _print_table(table: pd.DataFrame, m: Messages) -> None:
    """Print each revision on a line, and below it the verdicts that differ."""
    from kts_analysis.revisions import FIGURE_COLUMNS
    from kts_analysis.rows import rows_of

    if not len(table):
        print(m("No figure was published again with another value."))
    for _, group in groupby(rows_of(table), lambda row: [row[name] for name in FIGURE_COLUMNS]):
        rows = list(group)
        print(_figure_line(rows[0], m))
        for row in rows:
            print(f"    {_verdict_line(row, m)}")


def _figure_line(row: Any, m: Messages) -> str:
    """Return what became of a figure."""
    names = [row["area_code"], row["area_name"], row["indicator"], row["series"], row["breakdown"]]
    said = m(
        "{old} → {new} ({change}); published {old_day} → {new_day}; {old_source} → {new_source}",
        old=m.percent(row["old_value"], 2),
        new=m.percent(row["new_value"], 2),
        change=m.points(row["change"], 2),
        old_day=row["old_vintage"] or "—",
        new_day=row["new_vintage"] or "—",
        old_source=row["old_source"],
        new_source=row["new_source"],
    )
    mark = m("SYNTHETIC") if row["origin"] == "synthetic" else ""
    shown = [*(name for name in names if name), m.period(row["period"]), said, mark, row["plan_id"]]
    return "  ".join(cell for cell in shown if cell)


def _verdict_line(row: Any, m: Messages) -> str:
    """Return what became of a verdict."""
    from kts_analysis.wording import chance_text, status_text

    if not row["target_id"]:
        return m("no verdict changes")
    said = m(
        "{target} by {year}: {before} (chance {chance_before}) → {after} (chance {chance_after})",
        target=row["target_id"],
        year=row["deadline"][:4],
        before=status_text(row["status_before"], m),
        after=status_text(row["status_after"], m),
        chance_before=chance_text(row["probability_before"], m),
        chance_after=chance_text(row["probability_after"], m),
    )
    other = row["verdict_area"] != row["area_code"]
    return f"{row['verdict_area']} {row['verdict_area_name']}: {said}" if other else said
