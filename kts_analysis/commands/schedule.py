"""``kts schedule``: a timer for ``kts run``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kts_analysis.commands.options import Data, Notebooks, PlanId, messages_in, names_in
from kts_analysis.i18n import LANGUAGES


def schedule(
    kind: Annotated[
        str,
        typer.Option(
            "--kind",
            help="systemd, cron, windows (mặc định: theo máy / default: this machine's).",
            show_default=False,
        ),
    ] = "",
    at: Annotated[str, typer.Option("--at", help="Giờ chạy / time of day.")] = "06:30",
    days: Annotated[
        str,
        typer.Option("--days", help="daily; mon-fri; mon,thu; weekly:mon; monthly:1 (1-28)."),
    ] = "mon-fri",
    zone: Annotated[
        str,
        typer.Option(
            "--time-zone",
            help="Múi giờ, chỉ systemd / time zone, systemd only: Asia/Ho_Chi_Minh.",
            show_default=False,
        ),
    ] = "",
    data: Data = None,
    out: Annotated[Path, typer.Option("--out", help="Thư mục kết quả / output.")] = Path("reports"),
    lang: Annotated[str, typer.Option("--lang", help="vi,en")] = "vi,en",
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, help="Báo cáo cùng lúc / at a time.")
    ] = None,
    plan: PlanId = None,
    keep: Annotated[int, typer.Option("--keep", min=1, help="Giữ N lần chạy / keep N runs.")] = 10,
    on_failure: Annotated[
        str, typer.Option("--on-failure", help="Lệnh gọi khi hỏng / command when it fails.")
    ] = "",
    minutes: Annotated[
        int,
        typer.Option("--time-limit", min=1, help="Phút, dài nhất / minutes a run may take."),
    ] = 360,
    notebooks: Notebooks = None,
    memory: Annotated[
        int | None,
        typer.Option("--memory", min=256, help="MB một báo cáo / a report.", show_default=False),
    ] = None,
    pass_env: Annotated[
        str,
        typer.Option("--pass-env", help="Biến môi trường / variables: A,B.", show_default=False),
    ] = "",
    system: Annotated[
        bool,
        typer.Option(
            "--system/--user",
            help="Chạy cả khi không ai đăng nhập / also while nobody is signed in.",
        ),
    ] = False,
    write: Annotated[
        Path | None,
        typer.Option("--write", help="Ghi tệp vào thư mục / write files here.", show_default=False),
    ] = None,
) -> None:
    """Hẹn giờ cho kts run / a timer for kts run: systemd, cron, Windows; installs nothing."""
    from kts_analysis.scheduling.command import schedule as make_schedule

    langs = names_in([lang]) or list(LANGUAGES)
    make_schedule(
        messages_in(langs[0]),
        kind=kind,
        at=at,
        days=days,
        zone=zone,
        data=data,
        out=out,
        langs=langs,
        jobs=jobs,
        plan=plan,
        keep=keep,
        on_failure=on_failure,
        minutes=minutes,
        system=system,
        write=write,
        more={
            "--notebooks": notebooks and notebooks.resolve(),
            "--memory": memory,
            "--pass-env": pass_env or None,
        },
    )
