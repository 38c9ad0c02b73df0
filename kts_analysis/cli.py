"""The command line: ``kts list``, ``check``, ``assess``, ``run``, ``backtest``.

Results go to stdout, the log to stderr. Exit codes: 0 done, 1 some reports failed, 2 bad input or
usage. Heavy modules are imported by the command that needs them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kts_analysis import __version__
from kts_analysis.errors import KtsError, Problem
from kts_analysis.i18n import LANGUAGES, N_, Messages

if TYPE_CHECKING:
    import pandas as pd

    from kts_analysis.registry import Registry
    from kts_analysis.reporting.execute import Result

DONE, SOME_FAILED, BAD_INPUT = 0, 1, 2

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Mục tiêu, hạn chót, khả năng đạt / Targets, deadlines, chances.",
)

Data = Annotated[
    str | None, typer.Option("--data", help="Thư mục dữ liệu / data folder.", show_default=False)
]
PlanId = Annotated[
    str | None, typer.Option("--plan", help="Kế hoạch (mặc định: tất cả) / plan (default: all).")
]
Lang = Annotated[str, typer.Option("--lang", help="Ngôn ngữ / language: vi, en.")]
AsOf = Annotated[
    str, typer.Option("--as-of", help="Chỉ dùng số liệu công bố đến ngày này / known on this day.")
]
Deadlines = Annotated[
    list[str] | None,
    typer.Option("--deadline", help="Năm, một hay nhiều / years of the deadlines: 2025,2030."),
]
Deadline = Annotated[
    int | None,
    typer.Option("--deadline", min=1900, max=2199, help="Năm / year of the deadline."),
]


@app.command("list")
def list_(data: Data = None, plan: PlanId = None, lang: Lang = "vi") -> None:
    """Kế hoạch, mục tiêu, địa bàn, báo cáo / plans, targets, areas, reports a run would make."""
    from kts_analysis.reporting.units import plan_units

    registry, m = _registry(data), _messages(lang)
    for plan_id in [plan] if plan else sorted(registry.plans):
        chosen = registry.plan(plan_id)
        deadlines = ", ".join(map(str, chosen.deadlines))
        print(f"{chosen.id} [{deadlines}]  {chosen.name.get(lang)}")
        print(f"  {m('Targets')}:")
        for target in chosen.targets:
            print(f"    {target.id}  {target.name.get(lang)}")
        print(f"  {m('Reports')}:")
        for unit in plan_units(registry, [plan_id], langs=[lang]):
            print(f"    {unit.id}  {unit.area.title(lang)}  ({unit.notebook})")


@app.command()
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Tệp CSV (mặc định: mọi tệp) / CSV files.")
    ] = None,
    data: Data = None,
    lang: Lang = "vi",
) -> None:
    """Mọi lỗi của dữ liệu / every problem of the data; exit code 2 if any is an error."""
    from kts_analysis.store import load_observations

    registry, m = _registry(data), _messages(lang)
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
    if loaded.errors:
        raise typer.Exit(BAD_INPUT)


def _severity(problem: Problem, m: Messages) -> str:
    return m("error") if problem.severity == "error" else m("warning")


@app.command()
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
) -> None:
    """Bảng đánh giá / the verdict table, without any notebook."""
    import pandas as pd

    from kts_analysis.assessment import assess as assess_plan
    from kts_analysis.store import read_observations

    if form not in ("table", "csv", "json"):
        raise typer.BadParameter("table, csv, json", param_hint="--format")
    registry, m = _registry(data), _messages(lang)
    known = read_observations(registry.root, as_of=as_of or None)
    frames = [
        assess_plan(
            registry.plan(name),
            known,
            _years(deadline),
            areas=_split(area),
            targets=_split(target),
            registry=registry,
        )
        for name in ([plan] if plan else sorted(registry.plans))
    ]
    verdicts = pd.concat(frames, ignore_index=True)
    if form == "csv":
        verdicts.to_csv(sys.stdout, index=False, lineterminator="\n")
    elif form == "json":
        print(json.dumps(_records(verdicts), ensure_ascii=False, indent=1))
    else:
        _print_table(verdicts, m)


@app.command()
def run(
    data: Data = None,
    plan: PlanId = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help="Mã hoặc tên báo cáo / codes or report ids: A,B"),
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Số địa bàn / areas.")] = None,
    deadline: Deadline = None,
    as_of: AsOf = "",
    lang: Annotated[str, typer.Option("--lang", help="vi,en")] = "vi,en",
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Số tiến trình / processes.")] = 2,
    out: Annotated[Path, typer.Option("--out", help="Thư mục kết quả / output.")] = Path("reports"),
    notebooks: Annotated[
        Path | None, typer.Option("--notebooks", help="Thư mục sổ tay / notebooks.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Chỉ liệt kê / only list.")] = False,
) -> None:
    """Làm mọi báo cáo / make every report: index, province, areas, country."""
    from kts_analysis.reporting.run import run as run_units
    from kts_analysis.reporting.units import plan_units

    registry = _registry(data)
    langs = _split([lang]) or [LANGUAGES[0]]
    units = plan_units(
        registry,
        [plan] if plan else None,
        only=_split(only),
        limit=limit,
        deadline=deadline,
        as_of=as_of,
        langs=langs,
    )
    if dry_run:
        for unit in units:
            print(unit.label)
        return
    m = Messages(langs[0])
    title = m.n("{n} report", "{n} reports", len(units))
    with typer.progressbar(length=len(units), label=title, file=sys.stderr) as bar:
        finished = run_units(
            units,
            registry,
            notebooks or notebook_folder(registry),
            out,
            jobs=jobs,
            as_of=as_of,
            progress=lambda result: bar.update(1),
        )
    for result in finished.failed:
        print(_failure_line(result, m), file=sys.stderr)
    print(finished.index)
    if finished.failed:
        raise typer.Exit(SOME_FAILED)


@app.command()
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
    lang: Lang = "vi",
) -> None:
    """Dự báo trước đây đáng tin đến đâu / how good past projections would have been."""
    from kts_analysis.commands_backtest import backtest as run_backtest

    run_backtest(
        panel,
        _messages(lang),
        methods=_split(method),
        peers=peers,
        gaps=gaps,
        per_indicator=per_indicator,
        save=save,
        day=day,
        notes=note or (),
    )


def _failure_line(result: Result, m: Messages) -> str:
    if result.cell is None:
        return m("{report} failed: {message}", report=result.unit.label, message=result.message)
    return m(
        "{report} failed in cell {cell}: {message}",
        report=result.unit.label,
        cell=result.cell,
        message=result.message,
    )


def notebook_folder(registry: Registry) -> Path:
    """Return the folder of the notebook templates: beside the data, else beside the package."""
    beside = registry.root.parent / "notebooks"
    checkout = Path(__file__).resolve().parent.parent / "notebooks"
    return beside if beside.is_dir() else checkout


def _registry(data: str | None) -> Registry:
    from kts_analysis.registry_files import load_registry

    return load_registry(data)


def _split(texts: list[str] | None) -> list[str] | None:
    """Return the parts of ``A,B``, given once or several times (None when not given).

    Raises
    ------
    KtsError
        Given, but empty.
    """
    if not texts:
        return None
    parts = [part.strip() for text in texts for part in text.split(",") if part.strip()]
    if not parts:
        raise KtsError(N_("an option that takes names was given none"))
    return parts


def _years(texts: list[str] | None) -> list[int] | None:
    """Return the years of ``2025,2030`` (None when not given).

    Raises
    ------
    KtsError
        Not years.
    """
    parts = _split(texts)
    if parts is None:
        return None
    wrong = [part for part in parts if not (part.isdecimal() and 1900 <= int(part) <= 2199)]
    if wrong:
        raise KtsError(N_("{found} is not a year like 2025"), found=", ".join(wrong))
    return [int(part) for part in parts]


def _messages(lang: str) -> Messages:
    """Return the messages of a language.

    Raises
    ------
    KtsError
        There is no such language.
    """
    if lang not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise KtsError(N_("unknown language {lang}; choose of {known}"), lang=lang, known=known)
    return Messages(lang)


def _records(verdicts: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows with missing numbers as null, never 0 or NaN."""
    return [
        {str(name): None if value != value else value for name, value in row.items()}
        for row in verdicts.to_dict("records")
    ]


def _print_table(verdicts: pd.DataFrame, m: Messages) -> None:
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
        for _, row in verdicts.iterrows()
    ]
    widths = [max(len(str(row[place])) for row in shown) for place in range(len(shown[0]))]
    for row in shown:
        cells = [str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)]
        print("  ".join(cells).rstrip())


def version_callback(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=version_callback, is_eager=True)
    ] = False,
) -> None:
    """Options of every command."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; an error a user can act on is one message."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")  # Vietnamese, whatever the console's code page
    try:
        code = app(args=arguments, standalone_mode=False)
    except KtsError as error:
        print(error.text(Messages("vi")), file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return BAD_INPUT
    except typer.Exit as stop:
        return stop.exit_code
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except Exception as error:
        if hasattr(error, "show"):  # click's own usage errors
            error.show()
            return BAD_INPUT
        raise
    return int(code or DONE)
