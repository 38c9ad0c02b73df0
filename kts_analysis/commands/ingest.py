"""``kts ingest``: figures from workbooks into the store, all of them or none."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kts_analysis.commands.options import (
    BAD_INPUT,
    Data,
    Lang,
    PlanId,
    messages_in,
    registry_of,
)
from kts_analysis.commands.sent import report
from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_


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
    from kts_analysis.ingest.meaning import Defaults, day_in

    registry, m = registry_of(into or data), messages_in(lang)
    if series and series not in registry.series:
        known = ", ".join(sorted(registry.series))
        message = N_("there is no series {found}; there are {known}")
        raise KtsError(message, found=series, known=known)
    if reported and not day_in(reported):
        raise KtsError(N_("{found} is not a date like 2024-12-31"), found=reported)
    plans = [registry.plan(plan)] if plan else list(registry.plans.values())
    intake = take_in(
        files,
        registry,
        plans,
        defaults=Defaults(
            series=series,
            source=source,
            vintage=day_in(reported),
            origin="synthetic" if synthetic else "reported",
            year=year,
        ),
        mapping=load_mapping(mapping) if mapping else None,
        encoding=encoding or None,
        store=not dry_run,
        wait=wait,
    )
    report(intake, files, m, looked=dry_run, marked=marked, encoding=encoding)
    if intake.errors:
        raise typer.Exit(BAD_INPUT)
