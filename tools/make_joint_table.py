"""Measure how far forecast errors go together: ``kts_analysis/evidence/shared_errors.json``.

    python tools/make_joint_table.py PANEL.csv.gz --sources "who published it"

The panel is that of ``make_pace_table.py``; kinds "adoption" and "share" from 0 to 100 are used.
An error is the place of what came in the predictive distribution made from the five figures before
it, as a normal score, which is the scale the joint chance of `kts_analysis.joint` works on. Given
are the correlations of errors of different units for one indicator and year, and of different
indicators for one unit and year. The same panel and model give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # works without an installed package, too

from kts_analysis.scales import Array  # noqa: E402
from kts_analysis.trends import fit_series  # noqa: E402

MADE = ROOT / "kts_analysis" / "evidence" / "shared_errors.json"
POINTS = 5
HORIZONS = (1, 3, 5)
SMALLEST = 0.001  # chance at which a surprise is cut off: normal score 3.1
FEWEST = 100  # pairs of errors below which a correlation is not given
ABOUT = (
    "Correlation (uncentred) of forecast errors as normal scores, by years ahead. one_indicator: "
    "different units, same indicator and origin. one_unit: different indicators, same unit and "
    "origin; null below 100 pairs."
)


def errors(table: pd.DataFrame, horizon: int) -> pd.DataFrame:
    """Return the normal scores of what came: units x origins, NaN where there is none."""
    years = range(int(table.columns.min()), int(table.columns.max()) + 1)
    wide = table.reindex(columns=years)
    scores = pd.DataFrame(np.nan, index=wide.index, columns=years)
    for unit, row in zip(wide.index, wide.to_numpy(dtype=float), strict=True):
        for last in range(POINTS - 1, len(row) - horizon):
            seen = row[last - POINTS + 1 : last + 1]
            came = row[last + horizon]
            # A series at rest or at a bound says nothing about how errors go together.
            if not np.isfinite([*seen, came]).all() or np.ptp(seen) < 0.1:
                continue
            if not 0.5 < seen[-1] < 99.5:
                continue
            ahead = fit_series(years[last - POINTS + 1 : last + 1], seen).at(years[last + horizon])
            chance = np.clip(ahead.probability(came, "<="), SMALLEST, 1 - SMALLEST)
            scores.loc[unit, years[last]] = stats.norm.ppf(chance)
    return scores


def between_units(scores: Array) -> float:
    """Return the mean product of two units' errors of one origin, by the mean square."""
    products, squares = 0.0, 0.0
    for column in scores.T:
        known = column[np.isfinite(column)]
        if len(known) > 1:
            square = float(np.sum(known**2))
            products += (float(known.sum()) ** 2 - square) / (len(known) - 1)
            squares += square
    return round(products / squares, 2)


def between_indicators(first: pd.DataFrame, second: pd.DataFrame) -> float | None:
    """Return the correlation of two indicators' errors for the same unit and origin."""
    pairs = pd.concat([first.stack(), second.stack()], axis=1, join="inner").dropna().to_numpy()
    if len(pairs) < FEWEST:
        return None
    one, two = pairs.T
    return round(float(np.mean(one * two) / np.sqrt(np.mean(one**2) * np.mean(two**2))), 2)


def joint_table(path: Path, sources: str) -> dict[str, Any]:
    """Return the whole table, ready to be written."""
    about = json.loads(path.with_name(path.name.split(".")[0] + ".json").read_text("utf-8"))
    rows = pd.read_csv(path, dtype={"indicator": str, "unit": str})
    names = [
        name
        for name, card in sorted(about.items())
        if card["kind"] in ("adoption", "share") and (card["lower"], card["upper"]) == (0, 100)
    ]
    panels = {
        name: rows[rows["indicator"] == name].pivot(index="unit", columns="year", values="value")
        for name in names
    }
    one_indicator: dict[str, dict[str, float]] = {}
    one_unit: dict[str, dict[str, float | None]] = {}
    for horizon in HORIZONS:
        scores = {name: errors(panel, horizon) for name, panel in panels.items()}
        one_indicator[str(horizon)] = {
            name: between_units(each.to_numpy()) for name, each in scores.items()
        }
        one_unit[str(horizon)] = {
            f"{a} {b}": between_indicators(scores[a], scores[b])
            for a, b in combinations(names, 2)
            if about[a]["family"] == about[b]["family"]
        }
    return {
        "about": ABOUT,
        "file": path.name,
        "mean": {
            "one_indicator": {h: _mean(found.values()) for h, found in one_indicator.items()},
            "one_unit": {h: _mean(found.values()) for h, found in one_unit.items()},
        },
        "one_indicator": one_indicator,
        "one_unit": one_unit,
        "points": POINTS,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "sources": sources,
    }


def _mean(found: Any) -> float:
    return round(float(np.mean([each for each in found if each is not None])), 2)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("panel", type=Path, help="CSV or CSV.gz: indicator, unit, year, value")
    parser.add_argument("--sources", required=True, help="who published the figures")
    parser.add_argument("--out", type=Path, default=MADE)
    options = parser.parse_args()
    if not options.panel.is_file():
        print(f"NOT RUN: there is no panel {options.panel}", file=sys.stderr)
        return 2
    table = joint_table(options.panel, options.sources)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(table, ensure_ascii=False, sort_keys=True, indent=1)
    options.out.write_text(text + "\n", encoding="utf-8", newline="\n")
    print(f"{options.out.name}: {table['mean']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
