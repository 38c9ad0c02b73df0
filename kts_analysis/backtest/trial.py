"""A whole backtest: every method on the same cases, one table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from kts_analysis.backtest.bootstrap import bootstrap
from kts_analysis.backtest.cases import PER_INDICATOR, choose_cases
from kts_analysis.backtest.methods import BASELINE, Method
from kts_analysis.backtest.panels import PERCENT_KINDS, Panel
from kts_analysis.backtest.rolling import Outcomes, run_method
from kts_analysis.backtest.scores import FIGURES, summarise
from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_


@dataclass(frozen=True)
class Trial:
    """What came of a backtest.

    Attributes
    ----------
    panels : list of Panel
        Those whose errors are averaged.
    left_out : tuple of str
        Indicators not averaged: not a percentage while others are, or without any case.
    cases : pandas.DataFrame
        From `cases.choose_cases`.
    methods : list of Method
    outcomes : dict
        Method name to its Outcomes, all of the same cases.
    gaps : bool
        Whether a year was taken out of each window.
    """

    panels: list[Panel]
    left_out: tuple[str, ...]
    cases: pd.DataFrame
    methods: list[Method]
    outcomes: dict[str, Outcomes]
    gaps: bool

    @property
    def synthetic(self) -> bool:
        """Whether any figure was made by a script."""
        return any(panel.synthetic for panel in self.panels)


def run_trial(
    panels: Sequence[Panel],
    methods: Sequence[Method],
    *,
    per_indicator: int = PER_INDICATOR,
    gaps: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Trial:
    """Run methods on the cases of some panels.

    Parameters
    ----------
    panels : sequence of Panel
        Errors in points can be averaged over percentages only: where there are any, other kinds
        are left out.
    methods : sequence of Method
        The baseline is compared with if it is among them.
    per_indicator : int
        Cases wanted of each indicator.
    gaps : bool
        See `rolling.run_method`.
    progress : callable, optional
        Told each method's name before it starts.

    Raises
    ------
    KtsError
        There is no case: no series has three consecutive years and one after them.
    """
    cases = choose_cases(panels, per_indicator=per_indicator)
    if set(cases["kind"]) & set(PERCENT_KINDS):
        cases = cases[cases["kind"].isin(PERCENT_KINDS)]
    used = set(cases["indicator"])
    if not used:
        raise KtsError(
            N_(
                "nothing can be tested: no series has 3 consecutive years with a figure and one "
                "after them, without standing still or at a bound"
            )
        )
    outcomes = {}
    for method in methods:
        if progress:
            progress(method.name)
        outcomes[method.name] = run_method(panels, cases, method, gaps=gaps)
    return Trial(
        panels=[panel for panel in panels if panel.indicator in used],
        left_out=tuple(panel.indicator for panel in panels if panel.indicator not in used),
        cases=cases,
        methods=list(methods),
        outcomes=outcomes,
        gaps=gaps,
    )


def overall(trial: Trial) -> pd.DataFrame:
    """Return each method's measures, their bootstrap intervals, and the same as ratios.

    Returns
    -------
    pandas.DataFrame
        One row for each method, measure and form (``figure``, or ``ratio`` to the baseline):
        ``method, form, measure, value, low, high``. The calibration error, coverage and the share
        of abstentions have no ratio; the latter has no interval.
    """
    base = trial.outcomes.get(BASELINE)
    rows = []
    for name, outcomes in trial.outcomes.items():
        figures = summarise(outcomes).iloc[0]
        parts = [("figure", figures, bootstrap(outcomes))]
        if base is not None:
            ratios = figures / summarise(base).iloc[0]
            parts.append(("ratio", ratios, bootstrap(outcomes, base)))
        for form, values, spread in parts:
            ends = spread.reindex(FIGURES) if form == "figure" else spread
            for measure, (low, high) in ends.iterrows():
                rows.append((name, form, str(measure), float(values[str(measure)]), low, high))
    columns = ["method", "form", "measure", "value", "low", "high"]
    return pd.DataFrame(rows, columns=columns)
