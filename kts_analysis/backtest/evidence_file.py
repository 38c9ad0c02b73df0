"""The evidence file: what a backtest found, kept with what it was found on and when."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from kts_analysis import __version__
from kts_analysis.backtest import statsforecast_peers
from kts_analysis.backtest.bootstrap import DRAWS, LEVEL, SEED
from kts_analysis.backtest.cases import PER_INDICATOR
from kts_analysis.backtest.evidence import HORIZON_GROUPS, group_name
from kts_analysis.backtest.methods import BASELINE
from kts_analysis.backtest.panels import data_hash
from kts_analysis.backtest.rolling import Outcomes
from kts_analysis.backtest.scores import FIGURES, reliability, summarise
from kts_analysis.backtest.trial import Trial, overall
from kts_analysis.i18n import LANGUAGES

DIGITS = 4  # decimals kept
CELL_FIGURES = ("mae", "wis", "cover50", "cover80", "cover95")  # for each n and h together


def make_evidence(
    trial: Trial, data: Path, day: date, notes: Sequence[str], *, per_indicator: int = PER_INDICATOR
) -> dict[str, Any]:
    """Return all figures of a backtest as plain data; no figure of the panel itself is among them.

    Parameters
    ----------
    trial : Trial
    data : Path
        The panel file or data folder; its name and hash are kept, not its place.
    day : date
        Day of the computation (the clock is not asked).
    notes : sequence of str
        Where the data come from, and their licence: in Vietnamese, then in English; one alone
        stands for both.
    per_indicator : int
        Cases wanted of each indicator.
    """
    numbers = overall(trial)
    units = {(panel.indicator, unit) for panel in trial.panels for unit in panel.units}
    about = {
        "baseline": BASELINE,
        "bootstrap": {"draws": DRAWS, "level": LEVEL, "seed": SEED},
        "cases": len(trial.cases),
        "data": data.name,
        "date": day.isoformat(),
        "gaps": trial.gaps,
        "indicators": len(trial.panels),
        "indicators_left_out": len(trial.left_out),
        "note": {lang: notes[min(place, len(notes) - 1)] for place, lang in enumerate(LANGUAGES)}
        if notes
        else {},
        "package": __version__,
        "per_indicator": per_indicator,
        "series_in_cases": len(trial.cases.drop_duplicates(["indicator", "unit"])),
        "sha256": data_hash(data),
        "synthetic": trial.synthetic,
        "units": len({unit for _, unit in units}),
    }
    if any(method.name.startswith("statsforecast-") for method in trial.methods):
        about["statsforecast"] = statsforecast_peers.version()
    methods = {
        method.name: {
            "label": method.label,
            "peers": method.peers,
            "shares": method.shares,
            "overall": _overall(numbers, method.name, "figure"),
            "ratio": _overall(numbers, method.name, "ratio"),
            **_tables(trial.outcomes[method.name]),
        }
        for method in trial.methods
    }
    return {"about": about, "methods": methods, "order": [method.name for method in trial.methods]}


def write_evidence(evidence: dict[str, Any], path: Path) -> None:
    """Write evidence as JSON: the same evidence is the same bytes."""
    text = json.dumps(evidence, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
    text = re.sub(r"\{\s+([^{}\[\]]*?)\s+\}", _on_one_line, text)  # a row of figures is one line
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _overall(numbers: pd.DataFrame, method: str, form: str) -> dict[str, Any]:
    rows = numbers[(numbers["method"] == method) & (numbers["form"] == form)]
    return {
        row["measure"]: {name: _number(row[name]) for name in ("value", "low", "high")}
        for _, row in rows.iterrows()
    }


def _tables(outcomes: Outcomes) -> dict[str, Any]:
    """Return the measures by points and years ahead, and what became of the chances given."""
    chances = outcomes.chances
    counts = {"all": reliability_rows(chances)}
    for low, high in HORIZON_GROUPS:
        counts[group_name(low, high)] = reliability_rows(chances[chances["h"].between(low, high)])
    for n, part in chances.groupby("n"):
        counts[f"n{n}"] = reliability_rows(part)
    return {
        "by_h": _rows(summarise(outcomes, ["h"])),
        "by_n": _rows(summarise(outcomes, ["n"])),
        "by_n_h": _rows(summarise(outcomes, ["n", "h"]), CELL_FIGURES),
        "reliability": counts,
    }


def reliability_rows(chances: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the ten bins of a reliability table as plain data."""
    table = reliability(chances)
    return [
        {
            "came": int(row["came"]),
            "count": int(row["count"]),
            "said": _number(row["said"]),
            "series": int(row["series"]),
        }
        for _, row in table.iterrows()
    ]


def _rows(table: pd.DataFrame, figures: Sequence[str] = FIGURES) -> list[dict[str, Any]]:
    rows = []
    for _, row in table.reset_index().iterrows():
        whole = [name for name in ("n", "h", "forecasts", "statements") if name in row.index]
        numbers = {name: _number(row[name]) for name in figures}
        rows.append({name: int(row[name]) for name in whole} | numbers)
    return rows


def _number(value: Any) -> float | None:
    """Return a number with the decimals kept; what is missing or infinite is missing."""
    return round(float(value), DIGITS) if math.isfinite(value) else None


def _on_one_line(found: re.Match[str]) -> str:
    return "{" + re.sub(r"\n\s*", " ", found[1]) + "}"
