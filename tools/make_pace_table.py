"""Count the paces kept in panels of adoption indicators: ``kts_analysis/evidence/paces.json``.

    python tools/make_pace_table.py PANEL.csv.gz --digital NAME,NAME --sources "who published it"

The panel has the columns indicator, unit, year, value; ``PANEL.json`` beside it gives kind, lower,
upper and desc of each indicator. Only kind "adoption" between 0 and 100 is counted. The file made
holds counts and quantiles, no row of the panel, in two groups: the indicators named by --digital
(use of and access to networks) and the others, which move at another pace. The same panel gives
the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # works without an installed package, too

from kts_analysis.scales import EDGE, Array, Scale  # noqa: E402
from kts_analysis.windows import Windows, windows_of  # noqa: E402

MADE = ROOT / "kts_analysis" / "evidence" / "paces.json"
LENGTHS = range(1, 7)  # years
BANDS = [(0, 10), (10, 25), (25, 50), (50, 75), (75, 90), (90, 100)]  # starting level, percent
# Steps of the working scale, a year. A step of 0.025 is 0.6 points a year at 50%.
STEPS = np.round(np.arange(-0.5, 2.0001, 0.025), 3)
QUANTILES = (10, 25, 50, 75, 90, 95, 99)
SCALE = Scale(0.0, 100.0)
ABOUT = (
    "Stretches (windows) of 1 to 6 years of adoption indicators, by the pace kept: change a year "
    "on the logit of the share between 0 and 100, stretched so that half a point from a bound "
    "counts as the bound. counts[years][band][step] of a group: windows whose pace lies between "
    "edges[step] and edges[step + 1]; band is the starting level in percent. quantiles: the pace "
    "at the percentage of windows that were slower. Windows that start within half a point of 0 "
    "or 100 are left out. Windows overlap."
)


def panels(path: Path) -> dict[str, tuple[str, Array, Array]]:
    """Return description, years and values (units x years) of each adoption indicator."""
    about = json.loads(path.with_name(path.name.split(".")[0] + ".json").read_text("utf-8"))
    table = pd.read_csv(path, dtype={"indicator": str, "unit": str})
    found = {}
    for name, rows in table.groupby("indicator"):
        card = about[str(name)]
        if card["kind"] == "adoption" and (card["lower"], card["upper"]) == (0, 100):
            wide = rows.pivot(index="unit", columns="year", values="value").sort_index(axis=1)
            found[str(name)] = (
                card["desc"],
                wide.columns.to_numpy(dtype=float),
                wide.to_numpy(dtype=float),
            )
    return found


def inside(windows: Windows) -> Windows:
    """Return the windows that start off both bounds: at one, nothing began or nothing is left."""
    edge = 100 * EDGE
    return windows.keep((windows.start > edge) & (windows.start < 100 - edge))


def pace_table(path: Path, digital: set[str], sources: str) -> dict[str, Any]:
    """Return the whole table, ready to be written.

    Raises
    ------
    SystemExit
        An indicator named in `digital` is not among the adoption indicators of the panel, or the
        panel's paces all lie inside the steps.
    """
    chosen = panels(path)
    if digital - set(chosen):
        raise SystemExit(f"not an adoption indicator: {', '.join(sorted(digital - set(chosen)))}")
    found = {
        name: {years: inside(windows_of(when, values, years)) for years in LENGTHS}
        for name, (_, when, values) in chosen.items()
    }
    edges = _edges(np.concatenate([w.paces(SCALE) for of in found.values() for w in of.values()]))
    groups = {"digital": sorted(digital), "other": sorted(set(chosen) - digital)}
    return {
        "about": ABOUT,
        "bands": BANDS,
        "edges": np.round(edges, 4).tolist(),
        "file": path.name,
        "groups": {
            group: _group([found[name] for name in names], edges) for group, names in groups.items()
        },
        "indicators": {
            name: {
                "description": text,
                "group": "digital" if name in digital else "other",
                "units": len(values),
                "windows": {str(years): len(found[name][years]) for years in LENGTHS},
                "years": f"{when[0]:.0f}-{when[-1]:.0f}",
            }
            for name, (text, when, values) in chosen.items()
        },
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "sources": sources,
    }


def _edges(paces: Array) -> Array:
    """Steps of the table; the outermost hold the slowest and the fastest window."""
    slowest, fastest = np.floor(paces.min() * 1e4) / 1e4, np.ceil(paces.max() * 1e4) / 1e4
    if not slowest < STEPS[0] < STEPS[-1] < fastest:
        raise SystemExit(f"the panel's paces, {slowest} to {fastest}, lie inside the steps")
    return np.array([slowest, *STEPS, fastest])


def _group(found: list[dict[int, Windows]], edges: Array) -> dict[str, Any]:
    """Return counts and quantiles of a group of indicators by length and starting level."""
    counts: dict[str, list[list[int]]] = {}
    quantiles: dict[str, dict[str, dict[str, float | int]]] = {}
    for years in LENGTHS:
        starts = np.concatenate([windows[years].start for windows in found])
        paces = np.concatenate([windows[years].paces(SCALE) for windows in found])
        bands = {f"{low}-{high}": paces[(low <= starts) & (starts < high)] for low, high in BANDS}
        counts[str(years)] = [np.histogram(band, edges)[0].tolist() for band in bands.values()]
        quantiles[str(years)] = {name: _quantiles(band) for name, band in bands.items()}
    return {"counts": counts, "quantiles": quantiles}


def _quantiles(paces: Array) -> dict[str, float | int]:
    shown: dict[str, float | int] = {"windows": len(paces)}
    if len(paces):
        for level in QUANTILES:
            shown[str(level)] = round(float(np.quantile(paces, level / 100)), 4)
    return shown


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("panel", type=Path, help="CSV or CSV.gz: indicator, unit, year, value")
    parser.add_argument("--digital", required=True, help="digital indicators, by commas")
    parser.add_argument("--sources", required=True, help="who published the figures")
    parser.add_argument("--out", type=Path, default=MADE)
    options = parser.parse_args()
    if not options.panel.is_file():
        print(f"NOT RUN: there is no panel {options.panel}", file=sys.stderr)
        return 2
    table = pace_table(options.panel, set(options.digital.split(",")), options.sources)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(table, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    options.out.write_text(text.replace('],"', '],\n"') + "\n", encoding="utf-8", newline="\n")
    print(f"{options.out.name}: {len(table['indicators'])} indicators")
    return 0


if __name__ == "__main__":
    sys.exit(main())
