"""``kts assess``: the verdict table."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kts_analysis.commands.options import (
    AsOf,
    Borders,
    Data,
    Deadlines,
    Lang,
    PlanId,
    ScenarioFile,
    Weights,
    messages_in,
    names_in,
    registry_of,
    say_refused,
    weights_asked,
    years_in,
)
from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_, Messages

if TYPE_CHECKING:
    import pandas as pd

    from kts_analysis.registry import Registry


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
    borders: Borders = "",
    weights: Weights = "",
    form: Annotated[str, typer.Option("--format", help="table, csv, json")] = "table",
    out: Annotated[
        Path | None, typer.Option("--out", help="Cả bảng thành tệp Excel / all as .xlsx.")
    ] = None,
    lang: Lang = "vi",
    scenario: ScenarioFile = None,
) -> None:
    """Bảng đánh giá / the verdict table, without any notebook."""
    import pandas as pd

    from kts_analysis.assessment import assess as assess_plan
    from kts_analysis.rows import json_text, rows_of
    from kts_analysis.store import read_observations

    if form not in ("table", "csv", "json"):
        raise typer.BadParameter("table, csv, json", param_hint="--format")
    registry, m = registry_of(data), messages_in(lang)
    if plan:
        registry.plan(plan)  # first of all: what is misspelt is said before anything is read
    weights = weights_asked(registry, borders, weights)
    if scenario is not None:
        from kts_analysis.commands.assumed import print_assumed

        if borders or out:
            raise KtsError(N_("--scenario goes neither with --borders nor with --out"))
        asked = (years_in(deadline), names_in(area), names_in(target))
        print_assumed(registry, scenario, plan, asked, as_of, form, m)
        return
    known = read_observations(registry.root, as_of=as_of or None)
    if borders:
        registry, known = _carried(registry, known, borders, weights)
    if not plan:
        say_refused(registry, m)
    frames = []
    for chosen in [registry.plan(name) for name in ([plan] if plan else sorted(registry.plans))]:
        table = assess_plan(
            chosen,
            known,
            years_in(deadline),
            areas=names_in(area) or [*chosen.areas, *chosen.beside],
            targets=names_in(target),
            registry=registry,
        )
        frames.append(table)
    verdicts = pd.concat(frames, ignore_index=True)
    if out is not None:
        _write(out, verdicts, registry, date.fromisoformat(known.attrs["as_of"]), m)
    if form == "csv":
        verdicts.to_csv(sys.stdout, index=False, lineterminator="\n")
    elif form == "json":
        print(json_text(rows_of(verdicts)), end="")
    else:
        _print_table(verdicts, m)


def _write(out: Path, verdicts: pd.DataFrame, registry: Registry, as_of: date, m: Messages) -> None:
    from kts_analysis.disk import write_bytes
    from kts_analysis.documents.verdict_book import verdict_workbook
    from kts_analysis.rows import rows_of

    if out.suffix.lower() != ".xlsx":
        raise KtsError(N_("{found}: the name of the workbook must end in .xlsx"), found=out.name)
    write_bytes(out, verdict_workbook(rows_of(verdicts), registry, as_of, m))


def _carried(
    registry: Registry, known: pd.DataFrame, borders: str, weights: str
) -> tuple[Registry, pd.DataFrame]:
    """Return plans and figures on the borders of a day."""
    from kts_analysis.moved_plans import border_day
    from kts_analysis.moved_views import view_on
    from kts_analysis.store import stood_on
    from kts_analysis.views import View
    from kts_analysis.weights_file import weights_in

    own = View(registry, known, stood_on(known) or date.min)
    view = view_on(own, border_day(borders), weights_in(registry, weights))
    return view.registry, view.known


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
