"""``kts list`` and ``kts check``: what there is, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kts_analysis.commands.options import (
    BAD_INPUT,
    Borders,
    Data,
    Lang,
    PlanId,
    messages_in,
    registry_of,
    say_refused,
)
from kts_analysis.commands.sent import report
from kts_analysis.errors import Problem
from kts_analysis.i18n import Messages

if TYPE_CHECKING:
    from kts_analysis.registry import Registry


def list_(data: Data = None, plan: PlanId = None, borders: Borders = "", lang: Lang = "vi") -> None:
    """Kế hoạch, mục tiêu, địa bàn, báo cáo / plans, targets, areas, reports a run would make."""
    from kts_analysis.moved_plans import registry_asked
    from kts_analysis.reporting.units import plan_units

    registry, m = registry_of(data), messages_in(lang)
    standing = registry_asked(registry, borders)
    if not plan:
        say_refused(standing, m)
    for plan_id in [plan] if plan else sorted(standing.plans):
        chosen = registry.plan(plan_id)
        deadlines = ", ".join(map(str, chosen.deadlines))
        print(f"{chosen.id} [{deadlines}]  {chosen.name.get(lang)}")
        print(f"  {m('Targets')}:")
        for target in chosen.targets:
            print(f"    {target.id}  {target.name.get(lang)}")
        print(f"  {m('Reports')}:")
        for unit in plan_units(registry, [plan_id], langs=[lang], borders=borders):
            print(f"    {unit.id}  {unit.area.title(lang)}  ({unit.notebook})")


def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Tệp CSV của kho, mẫu đã điền (mặc định: cả kho) / CSV files, workbooks."
        ),
    ] = None,
    data: Data = None,
    lang: Lang = "vi",
) -> None:
    """Mọi lỗi của dữ liệu / every problem of the data; exit code 2 if any is an error."""
    registry, m = registry_of(data), messages_in(lang)
    sent = [file for file in files or () if file.suffix.lower() != ".csv"]
    kept = [file for file in files or () if file not in sent]
    wrong = bool(sent) and _is_sent_wrong(sent, registry, m)
    if kept or not sent:
        wrong = _is_kept_wrong(kept or None, registry, m) or wrong
    if wrong:
        raise typer.Exit(BAD_INPUT)


def _is_sent_wrong(files: list[Path], registry: Registry, m: Messages) -> bool:
    """Say what storing workbooks would say, and return whether anything would keep them out."""
    from kts_analysis.ingest.intake import take_in

    intake = take_in(files, registry, registry.plans.values(), store=False)
    report(intake, files, m, looked=True)
    return bool(intake.errors)


def _is_kept_wrong(files: list[Path] | None, registry: Registry, m: Messages) -> bool:
    """Say what is wrong with files of the store, and return whether any of it is an error."""
    from kts_analysis.boundaries import load_boundaries
    from kts_analysis.store import load_observations

    if files is None:
        load_boundaries(registry)
    loaded = load_observations(registry.root, files=files)
    for problem in loaded.problems:
        print(f"{_severity(problem, m)}: {problem.text(m)}")
    print(
        m(
            "{files} files, {rows} figures read; {errors} errors, {warnings} warnings",
            files=len({row.rsplit(":", 1)[0] for row in loaded.table["row"]}),
            rows=len(loaded.table),
            errors=len(loaded.errors),
            warnings=len(loaded.problems) - len(loaded.errors),
        )
    )
    return bool(loaded.errors)


def _severity(problem: Problem, m: Messages) -> str:
    return m("error") if problem.severity == "error" else m("warning")
