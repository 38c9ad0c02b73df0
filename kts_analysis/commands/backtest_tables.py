"""What ``kts backtest`` does: run methods on a panel, print the table, keep the figures."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from kts_analysis.backtest.cases import PER_INDICATOR
from kts_analysis.backtest.evidence_file import make_evidence, write_evidence
from kts_analysis.backtest.methods import BASELINE, Method, available, choose_methods, method_names
from kts_analysis.backtest.panel_files import panels_at
from kts_analysis.backtest.trial import Trial, overall, run_trial
from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_, Messages

USUAL = ("panel", "series", "no_change", "time_weighted", BASELINE)
# Column of the printed table: measure, form, decimals, header.
COLUMNS = (
    ("mae", "figure", 2, N_("MAE")),
    ("wis", "figure", 2, N_("WIS")),
    ("scaled_wis", "figure", 2, N_("scaled WIS")),
    ("brier", "figure", 3, N_("Brier")),
    ("log_score", "figure", 3, N_("log score")),
    ("cover50", "figure", 0, N_("50% holds")),
    ("cover80", "figure", 0, N_("80% holds")),
    ("cover95", "figure", 0, N_("95% holds")),
    ("calibration_error", "figure", 3, N_("ECE")),
    ("abstained", "figure", 0, N_("abstained")),
)
RATIOS = (
    ("mae", "ratio", 2, N_("MAE")),
    ("scaled_error", "ratio", 2, N_("scaled MAE")),
    ("wis", "ratio", 2, N_("WIS")),
    ("scaled_wis", "ratio", 2, N_("scaled WIS")),
    ("brier", "ratio", 2, N_("Brier")),
    ("log_score", "ratio", 2, N_("log score")),
)
PERCENTS = ("cover50", "cover80", "cover95", "abstained")
Column = tuple[str, str, int, str]


def backtest(
    panel: Path,
    m: Messages,
    *,
    methods: list[str] | None = None,
    peers: int | None = None,
    gaps: bool = False,
    per_indicator: int = PER_INDICATOR,
    save: Path | None = None,
    day: str = "",
    notes: Sequence[str] = (),
    as_of: str = "",
) -> None:
    """Run methods over the cases of a panel, print the table and keep the evidence.

    Parameters
    ----------
    panel : Path
        Panel file, or a data folder of the project.
    m : Messages
    methods : list of str, optional
        Names (``all``: every one); the line is always run, to be compared with.
    peers : int, optional
        Units in each panel.
    gaps : bool
        Take a year out of each window.
    per_indicator : int
        Cases wanted of each indicator.
    save : Path, optional
        Evidence file to write; needs `day`.
    day : str
        ISO date written into it: the clock is not asked.
    notes : sequence of str
        Source and licence of the data.
    as_of : str
        Of a data folder: nothing published later is used.

    Raises
    ------
    KtsError
        Anything the user can put right.
    """
    written_on = _day(day) if save else None
    names = method_names() if methods == ["all"] else [*(methods or USUAL)]
    chosen = _installed(choose_methods([*names, BASELINE], peers=peers), m)
    trial = run_trial(
        panels_at(panel, as_of=as_of or None),
        chosen,
        per_indicator=per_indicator,
        gaps=gaps,
        progress=lambda name: print(name, file=sys.stderr),
    )
    print("\n".join(report_lines(trial, m)))
    if save and written_on:
        evidence = make_evidence(trial, panel, written_on, notes, per_indicator=per_indicator)
        save.parent.mkdir(parents=True, exist_ok=True)
        write_evidence(evidence, save)
        print(m("Kept in {path}", path=save))


def report_lines(trial: Trial, m: Messages) -> list[str]:
    """Return the printed report: what was tested, the figures, the ratios to the line."""
    numbers = overall(trial)
    lines = [*_heading(trial, m), "", *_figures(trial, numbers, COLUMNS, m)]
    if BASELINE in trial.outcomes:
        title = m("Ratio to the straight line (below 1 is better; in brackets 95% over areas)")
        lines += ["", title, *_figures(trial, numbers, RATIOS, m, spread=True)]
    return lines


def _heading(trial: Trial, m: Messages) -> list[str]:
    lines = [
        m(
            "{cases} cases of {indicators} indicators, {forecasts} projections, {statements} "
            "chances checked",
            cases=m.count(len(trial.cases)),
            indicators=m.count(len(trial.panels)),
            forecasts=m.count(max(len(part.forecasts) for part in trial.outcomes.values())),
            statements=m.count(max(len(part.chances) for part in trial.outcomes.values())),
        )
    ]
    if trial.synthetic:
        lines.append(m("SYNTHETIC DATA: this shows how the test works, not how good it is."))
    if trial.left_out:
        names = ", ".join(trial.left_out)
        lines.append(m("Not in the averages (no percentage, or no case): {names}", names=names))
    if trial.gaps:
        lines.append(m("One year is taken out of every window of four points and more."))
    return lines


def _figures(
    trial: Trial,
    numbers: pd.DataFrame,
    columns: tuple[Column, ...],
    m: Messages,
    *,
    spread: bool = False,
) -> list[str]:
    """Return an aligned table, one line a method."""
    rows = {(row["method"], row["form"], row["measure"]): row for _, row in numbers.iterrows()}
    table = [["", *(m(header) for *_, header in columns)]]
    for method in trial.methods:
        named = method.peers is None or method.name.endswith(f"-{method.peers}")
        name = method.name if named else f"{method.name} ({method.peers})"
        cells = [name]
        for measure, form, decimals, _ in columns:
            row = rows[method.name, form, measure]
            shown = m.percent if measure in PERCENTS else m.number
            text = shown(row["value"], decimals)
            if spread:
                low, high = m.number(row["low"], decimals), m.number(row["high"], decimals)
                text = f"{text} ({low}–{high})"
            cells.append(text)
        table.append(cells)
    widths = [max(len(row[place]) for row in table) for place in range(len(table[0]))]
    return [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in table
    ]


def _installed(methods: list[Method], m: Messages) -> list[Method]:
    """Return the methods that can run; say which cannot, and what to install."""
    for method in methods:
        if not available(method):
            message = m(
                "{method} is skipped: the package statsforecast is not installed",
                method=method.name,
            )
            print(message, file=sys.stderr)
    return [method for method in methods if available(method)]


def _day(text: str) -> date:
    """Return the day of an evidence file.

    Raises
    ------
    KtsError
        It is missing, or not an ISO date.
    """
    if not text:
        raise KtsError(N_("--save needs --date, the day of the computation (2024-12-31)"))
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise KtsError(N_("{found} is not a date like 2024-12-31"), found=text) from None
