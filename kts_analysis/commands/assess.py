"""``kts assess``: the verdict table."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from kts_analysis.commands.options import (
    AsOf,
    Data,
    Deadlines,
    Lang,
    PlanId,
    ScenarioFile,
    messages_in,
    names_in,
    records,
    registry_of,
    years_in,
)
from kts_analysis.i18n import Messages

if TYPE_CHECKING:
    import pandas as pd


def assess(
    data: Data = None,
    plan: PlanId = None,
    area: Annotated[
        list[str] | None, typer.Option("--area", help="Mã địa bàn / area codes: A,B")
    ] = None,
    target: Annotated[
        list[str] | None, typer.Option("--target", help="Mục tiêu / targets: A,B")
    ] = None,
    deadline: Deadlines = None,
    as_of: AsOf = "",
    form: Annotated[str, typer.Option("--format", help="table, csv, json")] = "table",
    lang: Lang = "vi",
    scenario: ScenarioFile = None,
) -> None:
    """Bảng đánh giá / the verdict table, without any notebook."""
    import pandas as pd

    from kts_analysis.assessment import assess as assess_plan
    from kts_analysis.store import read_observations

    if form not in ("table", "csv", "json"):
        raise typer.BadParameter("table, csv, json", param_hint="--format")
    registry, m = registry_of(data), messages_in(lang)
    if scenario is not None:
        from kts_analysis.commands.assumed import print_assumed

        asked = (years_in(deadline), names_in(area), names_in(target))
        print_assumed(registry, scenario, plan, asked, as_of, form, m)
        return
    known = read_observations(registry.root, as_of=as_of or None)
    frames = [
        assess_plan(
            registry.plan(name),
            known,
            years_in(deadline),
            areas=names_in(area),
            targets=names_in(target),
            registry=registry,
        )
        for name in ([plan] if plan else sorted(registry.plans))
    ]
    verdicts = pd.concat(frames, ignore_index=True)
    if form == "csv":
        verdicts.to_csv(sys.stdout, index=False, lineterminator="\n")
    elif form == "json":
        print(json.dumps(records(verdicts), ensure_ascii=False, indent=1))
    else:
        _print_table(verdicts, m)


def _print_table(verdicts: pd.DataFrame, m: Messages) -> None:
    from kts_analysis.rows import rows_of
    from kts_analysis.wording import chance_text, figure_text, status_text, threshold_text

    several = verdicts["deadline"].nunique() > 1
    shown = [
        [
            row["area_code"],
            row["area_name"],
            row["target_id"],
            *([row["deadline"][:4]] if several else []),
            threshold_text(row, m),
            "—" if row["latest"] != row["latest"] else figure_text(row["latest"], "exact", m),
            chance_text(row["probability"], m),
            status_text(row["status"], m),
            m("SYNTHETIC") if row["origin"] == "synthetic" else "",
        ]
        for row in rows_of(verdicts)
    ]
    widths = [max(len(str(row[place])) for row in shown) for place in range(len(shown[0]))]
    for row in shown:
        cells = [str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)]
        print("  ".join(cells).rstrip())
