"""``kts quality``: what is late, missing, doubtful or revised, area by area."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kts_analysis.commands.options import AsOf, Data, Lang, PlanId, messages_in, registry_of
from kts_analysis.i18n import Messages

if TYPE_CHECKING:
    import pandas as pd

    from kts_analysis.quality_findings import Turn
    from kts_analysis.registry import Registry


def quality(
    data: Data = None,
    plan: PlanId = None,
    as_of: AsOf = "",
    form: Annotated[str, typer.Option("--format", help="table, csv, json")] = "table",
    lang: Lang = "vi",
) -> None:
    """Số liệu trễ, thiếu, đáng ngờ, đã sửa / figures late, missing, doubtful, revised."""
    from datetime import date

    import pandas as pd

    from kts_analysis.quality_findings import COLUMNS, findings
    from kts_analysis.store import read_observations
    from kts_analysis.views import View

    if form not in ("table", "csv", "json"):
        raise typer.BadParameter("table, csv, json", param_hint="--format")
    registry, m = registry_of(data), messages_in(lang)
    known = read_observations(registry.root, as_of=as_of or None)
    view = View(registry, known, date.fromisoformat(known.attrs["as_of"]))
    chosen = [registry.plan(name) for name in ([plan] if plan else sorted(registry.plans))]
    frames = [frame for one in chosen if len(frame := findings(view, one))]
    table = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(COLUMNS))
    if form == "csv":
        plain = table.assign(
            turns=[_turns(turns) for turns in table["turns"]],
            days_late=table["days_late"].astype("Int64"),
        )
        plain.to_csv(sys.stdout, index=False, lineterminator="\n")
    elif form == "json":
        print(json.dumps(_records(table), ensure_ascii=False, indent=1))
    else:
        _print_table(table, registry, m)


def _turns(turns: Sequence[Turn] | None) -> str:
    """Return verdicts that turn as one cell; where they were not judged it says so."""
    if turns is None:
        return "not judged"
    return "; ".join(
        f"{turn.area_code} {turn.target_id} {turn.deadline}: {turn.before} > {turn.after}"
        for turn in turns
    )


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows with missing numbers as null, never 0 or NaN."""
    return [
        {str(name): _plain(str(name), value) for name, value in row.items()}
        for row in table.to_dict("records")
    ]


def _plain(name: str, value: Any) -> Any:
    if name == "turns":
        return None if value is None else [turn._asdict() for turn in value]
    if value != value:
        return None
    return int(value) if name == "days_late" else value


def _print_table(table: pd.DataFrame, registry: Registry, m: Messages) -> None:
    """Print one line a finding."""
    from kts_analysis.pages.quality_words import finding_text
    from kts_analysis.rows import rows_of

    if not len(table):
        print(m("Nothing to ask about."))
    for row in rows_of(table):
        mark = m("SYNTHETIC") if row["origin"] == "synthetic" else ""
        area = registry.area(row["area_code"]).title(m.lang)
        said = finding_text(row, registry, m)
        cells = [row["area_code"], area, row["indicator"], m.period(row["period"]), said]
        print("  ".join(cell for cell in [*cells, mark, row["plan_id"]] if cell))
