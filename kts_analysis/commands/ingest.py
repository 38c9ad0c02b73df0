"""``kts ingest``: figures from workbooks into the store, all of them or none."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kts_analysis.commands.options import (
    BAD_INPUT,
    Data,
    Lang,
    PlanId,
    messages_in,
    registry_of,
)
from kts_analysis.errors import KtsError, Problem
from kts_analysis.i18n import N_, Messages
from kts_analysis.vi import slug

if TYPE_CHECKING:
    from kts_analysis.ingest.intake import Intake


def ingest(
    files: Annotated[
        list[Path], typer.Argument(help="Mẫu đã điền, tệp Excel hoặc CSV / workbooks, CSV.")
    ],
    data: Data = None,
    into: Annotated[
        str | None,
        typer.Option("--into", help="Như --data / the same as --data.", show_default=False),
    ] = None,
    plan: PlanId = None,
    mapping: Annotated[
        Path | None,
        typer.Option(
            "--mapping", help="Tệp YAML chỉ chỗ của số liệu / mapping file.", show_default=False
        ),
    ] = None,
    series: Annotated[str, typer.Option("--series", help="Cách đo / measuring method.")] = "",
    source: Annotated[str, typer.Option("--source", help="Nguồn / source.")] = "",
    reported: Annotated[
        str, typer.Option("--reported", help="Ngày báo cáo / date reported: 2025-01-15.")
    ] = "",
    year: Annotated[
        int | None,
        typer.Option("--year", help="Năm của kỳ không ghi năm / year of periods without one."),
    ] = None,
    synthetic: Annotated[
        bool, typer.Option("--synthetic", help="Số liệu giả lập / the figures are made up.")
    ] = False,
    encoding: Annotated[
        str, typer.Option("--encoding", help="Bảng mã của CSV / of CSV files: cp1258.")
    ] = "",
    marked: Annotated[
        Path | None,
        typer.Option(
            "--marked",
            help="Thư mục cho bản sao đánh dấu lỗi (mặc định: cạnh tệp) / folder of marked copies.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Chỉ kiểm tra / only look, store nothing.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Chờ người khác ghi xong / wait for another writer.")
    ] = False,
    lang: Lang = "vi",
) -> None:
    """Nhập số liệu: tất cả hoặc không gì / add figures to the store: all of them or none."""
    from kts_analysis.ingest.intake import take_in
    from kts_analysis.ingest.mapping import load_mapping
    from kts_analysis.ingest.meaning import Defaults

    registry, m = registry_of(into or data), messages_in(lang)
    if series and series not in registry.series:
        known = ", ".join(sorted(registry.series))
        message = N_("there is no series {found}; there are {known}")
        raise KtsError(message, found=series, known=known)
    plans = [registry.plan(plan)] if plan else list(registry.plans.values())
    intake = take_in(
        files,
        registry,
        plans,
        defaults=Defaults(
            series=series,
            source=source,
            vintage=reported,
            origin="synthetic" if synthetic else "reported",
            year=year,
        ),
        mapping=load_mapping(mapping) if mapping else None,
        encoding=encoding or None,
        store=not dry_run,
        wait=wait,
    )
    _tell(intake.problems, m)
    for path in _marked_copies(files, intake.problems, marked, lang, encoding):
        print(m("every fault is marked in the copy {file}", file=path), file=sys.stderr)
    for line in _summary(intake, m, dry_run=dry_run):
        print(line)
    if intake.errors:
        raise typer.Exit(BAD_INPUT)


def _tell(problems: Iterable[Problem], m: Messages) -> None:
    """Print every problem, errors first."""
    for severity, word in (("error", m("error")), ("warning", m("warning"))):
        for problem in problems:
            if problem.severity == severity:
                print(f"{word}: {problem.text(m)}", file=sys.stderr)


def _marked_copies(
    files: Sequence[Path],
    problems: Sequence[Problem],
    folder: Path | None,
    lang: str,
    encoding: str,
) -> list[Path]:
    """Write a marked copy of each file with a fault in a cell; one that cannot be is told."""
    from kts_analysis.ingest.marked import write_marked

    written = []
    for file in files:
        mine = [problem for problem in problems if problem.file == file.name]
        if not any(problem.cell for problem in mine):
            continue
        place = folder or file.parent
        try:
            place.mkdir(parents=True, exist_ok=True)
            target = place / f"{slug(file.stem) or 'file'}-can-sua.xlsx"
            written.append(write_marked(file, mine, target, lang=lang, encoding=encoding or None))
        except (KtsError, OSError) as error:
            print(f"{file.name}: {error}", file=sys.stderr)
    return written


def _summary(intake: Intake, m: Messages, *, dry_run: bool) -> list[str]:
    """Return what came of it, in a few lines."""
    read = intake.read
    warnings = len(intake.problems) - len(intake.errors)
    lines = []
    if read.totals or read.sections or read.notes:
        lines.append(
            m(
                "left out of the tables: {totals} rows of totals, {sections} headings, {notes} "
                "rows of text",
                totals=m.count(read.totals),
                sections=m.count(read.sections),
                notes=m.count(read.notes),
            )
        )
    if intake.again:
        again = m.count(intake.again)
        lines.append(m("{n} figures are stored already, every cell the same", n=again))
    if intake.errors:
        lines.append(
            m(
                "nothing was stored: {errors} errors, {warnings} warnings in {rows} figures read",
                errors=m.count(len(intake.errors)),
                warnings=m.count(warnings),
                rows=m.count(len(read.entries)),
            )
        )
    elif intake.path is None:
        lines.append(
            m(
                "{n} figures would be stored, {warnings} warnings; nothing was written",
                n=m.count(len(intake.new)),
                warnings=m.count(warnings),
            )
            if dry_run
            else m("there is nothing new to store")
        )
    else:
        lines.append(
            m(
                "{n} figures stored in {file}, {warnings} warnings",
                n=m.count(len(intake.new)),
                file=intake.path.name,
                warnings=m.count(warnings),
            )
        )
    return lines
