"""``kts backtest``: how good past projections would have been."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kts_analysis.commands.options import AsOf, Lang, messages_in, names_in


def backtest(
    panel: Annotated[
        Path,
        typer.Option(
            "--panel", help="Tệp bảng số liệu hoặc thư mục dữ liệu / panel file or data folder."
        ),
    ],
    method: Annotated[
        list[str] | None,
        typer.Option("--method", help="Phương pháp / methods: A,B; all; panel-10."),
    ] = None,
    peers: Annotated[
        int | None,
        typer.Option("--peers", min=1, help="Số địa bàn mỗi bảng / areas in each panel."),
    ] = None,
    gaps: Annotated[
        bool, typer.Option("--gaps", help="Bỏ một năm trong mỗi quãng / one year missing.")
    ] = False,
    per_indicator: Annotated[
        int, typer.Option("--per-indicator", min=1, help="Số trường hợp mỗi chỉ tiêu / cases.")
    ] = 60,
    save: Annotated[
        Path | None, typer.Option("--save", help="Ghi tệp bằng chứng / write the evidence file.")
    ] = None,
    day: Annotated[
        str, typer.Option("--date", help="Ngày tính, cần khi ghi / day, needed with --save.")
    ] = "",
    note: Annotated[
        list[str] | None,
        typer.Option("--data-note", help="Nguồn, giấy phép: tiếng Việt, rồi tiếng Anh / vi, en."),
    ] = None,
    as_of: AsOf = "",
    lang: Lang = "vi",
) -> None:
    """Dự báo trước đây đáng tin đến đâu / how good past projections would have been."""
    from kts_analysis.commands.backtest_tables import backtest as run_backtest

    run_backtest(
        panel,
        messages_in(lang),
        methods=names_in(method),
        peers=peers,
        gaps=gaps,
        per_indicator=per_indicator,
        save=save,
        day=day,
        notes=note or (),
        as_of=as_of,
    )
