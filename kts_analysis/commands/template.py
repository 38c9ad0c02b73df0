"""``kts template``: a workbook in which districts fill in what a plan asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kts_analysis.commands.options import AsOf, Data, Lang, messages_in, names_in, registry_of
from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_


def template(
    plan: Annotated[str, typer.Option("--plan", help="Kế hoạch / plan.")],
    out: Annotated[Path, typer.Option("--out", help="Tệp .xlsx để ghi / workbook to write.")],
    areas: Annotated[
        list[str] | None, typer.Option("--areas", help="Mã địa bàn / area codes: A,B")
    ] = None,
    periods: Annotated[
        list[str] | None,
        typer.Option(
            "--periods",
            help="Kỳ (mặc định: năm của hạn chót đầu tiên) / periods: 2021-2025, 2024-Q2,2024-Q3.",
        ),
    ] = None,
    one_sheet: Annotated[
        bool, typer.Option("--one-sheet", help="Mọi địa bàn trên một trang / all on one sheet.")
    ] = False,
    blank: Annotated[
        bool, typer.Option("--blank", help="Không điền số đã có / without stored figures.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Ghi đè tệp đã có / replace an existing file.")
    ] = False,
    as_of: AsOf = "",
    lang: Lang = "vi",
    data: Data = None,
) -> None:
    """Mẫu báo cáo Excel để huyện điền / an Excel template for districts to fill in."""
    from kts_analysis.ingest.template import write_template
    from kts_analysis.ingest.template_rows import concepts_in_use, periods_in
    from kts_analysis.store import read_observations

    registry, m = registry_of(data), messages_in(lang)
    chosen = registry.plan(plan)
    wanted = periods_in(periods if periods else [str(chosen.deadlines[0])])
    if out.suffix.lower() != ".xlsx":
        raise KtsError(N_("{found}: the name of the template must end in .xlsx"), found=out.name)
    if out.exists() and not force:
        raise KtsError(N_("{found} exists already; choose another name or use --force"), found=out)
    known = read_observations(registry.root, as_of=as_of or None)
    write_template(
        out,
        registry,
        chosen,
        areas=names_in(areas),
        periods=wanted,
        one_sheet=one_sheet,
        lang=lang,
        stored=None if blank else known,
        concepts=concepts_in_use(known),
    )
    print(m("template written: {file}", file=out))
