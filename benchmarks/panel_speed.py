"""How fast a whole country is projected: all areas at once against one regression a series.

    python benchmarks/panel_speed.py
    python benchmarks/panel_speed.py --areas 300 --rounds 3

The figures are made up, with a seed: 3,321 areas × 17 indicators, six yearly points. Each round
takes the ways in turn, so that a busy machine is busy for all of them; the medians of the rounds
and of their ratios are printed. The ways that go series by series are timed on a sample, and what
they would take for all series is extrapolated from it (and marked so).
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from statsmodels.regression.linear_model import OLS

from kts_analysis.panel import fit_panel, project_panel
from kts_analysis.trends import fit_series, project_series

Array = NDArray[np.float64]

AREAS, INDICATORS, SAMPLE, ROUNDS, SEED = 3321, 17, 400, 5, 105
YEARS = np.arange(2019.0, 2025.0)
TARGET_YEAR, THRESHOLD = 2027.0, 80.0
ENOUGH = 100.0  # times faster: the claim that is checked


def make_panels(areas: int, indicators: int, seed: int = SEED) -> Array:
    """Return made-up percentages, shape (indicators, areas, years): rates that rise unevenly."""
    rng = np.random.default_rng(seed)
    start = rng.normal(-1.0, 1.0, (indicators, areas, 1))
    pace = rng.normal(0.35, 0.15, (indicators, areas, 1))
    news = rng.normal(0.0, 0.15, (indicators, areas, len(YEARS)))
    places = start + pace * (YEARS - YEARS[0]) + np.cumsum(news, axis=2)
    rates: Array = np.round(100 / (1 + np.exp(-places)), 1)
    return rates


def whole_panels(panels: Array) -> None:
    """Median, 80% and 95% interval and one chance of every series, an indicator at a time."""
    for table in panels:
        many = project_panel(YEARS, table, TARGET_YEAR)
        many.median, many.interval(0.8), many.interval(0.95), many.probability(THRESHOLD)


def series_alone(rows: Array) -> None:
    """The same, one series at a time and without its neighbours."""
    for row in rows:
        one = project_series(YEARS, row, TARGET_YEAR)
        one.median, one.interval(0.8), one.interval(0.95), one.probability(THRESHOLD)


def series_in_group(panels: Array, rows: Array) -> None:
    """The same, one series at a time within the first indicator's areas."""
    group = fit_panel(YEARS, panels[0]).group
    for row in rows:
        one = fit_series(YEARS, row, group=group).at(TARGET_YEAR)
        one.median, one.interval(0.8), one.interval(0.95), one.probability(THRESHOLD)


def regression_lines(rows: Array) -> None:
    """One ordinary least-squares fit of statsmodels with two prediction intervals a series."""
    design = np.column_stack([np.ones(len(YEARS)), YEARS - YEARS[-1]])
    wanted = np.array([[1.0, TARGET_YEAR - YEARS[-1]]])
    for row in rows:
        made = OLS(row, design).fit().get_prediction(wanted)
        made.predicted_mean, made.conf_int(obs=True, alpha=0.2), made.conf_int(obs=True, alpha=0.05)


def seconds(work: Callable[[], None]) -> float:
    """Return how long some work takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def peak_memory(work: Callable[[], None]) -> float:
    """Return the most memory (MB) that some work holds at once, beyond what there was."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def measure(panels: Array, sample: int, rounds: int) -> dict[str, Array]:
    """Return seconds a series of each way, one number a round, the ways taken in turn."""
    everything = panels.reshape(-1, len(YEARS))
    picked = np.random.default_rng(SEED).choice(len(everything), sample, replace=False)
    rows, own = everything[picked], panels[0, :sample]
    ways: dict[str, tuple[Callable[[], None], int]] = {
        "project_panel": (lambda: whole_panels(panels), len(everything)),
        "statsmodels OLS": (lambda: regression_lines(rows), len(rows)),
        "project_series": (lambda: series_alone(rows), len(rows)),
        "fit_series in its group": (lambda: series_in_group(panels, own), len(own)),
    }
    for work, _ in ways.values():  # what is done once (imports, caches) is not timed
        work()
    taken = [[seconds(work) / count for work, count in ways.values()] for _ in range(rounds)]
    return dict(zip(ways, np.array(taken).T, strict=True))


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--areas", type=int, default=AREAS)
    parser.add_argument("--indicators", type=int, default=INDICATORS)
    parser.add_argument("--sample", type=int, default=SAMPLE, help="series timed one at a time")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    chosen = parser.parse_args()
    panels = make_panels(chosen.areas, chosen.indicators)
    count = panels.shape[0] * panels.shape[1]
    sample = min(chosen.sample, chosen.areas)
    taken = measure(panels, sample, chosen.rounds)

    print(f"{count:,} series of {len(YEARS)} points, {chosen.rounds} interleaved rounds")
    print(f"{'way':<24} {'µs a series':>12} {'s for all':>10}   note")
    for way, times in taken.items():
        middle = float(np.median(times))
        note = "timed on all" if way == "project_panel" else f"extrapolated from {sample}"
        print(f"{way:<24} {middle * 1e6:>12.2f} {middle * count:>10.2f}   {note}")
    ratios = taken["statsmodels OLS"] / taken["project_panel"]
    spread = f"rounds {ratios.min():.0f} to {ratios.max():.0f}"
    verdict = "at least" if np.median(ratios) >= ENOUGH else "NOT at least"
    print(f"project_panel is {np.median(ratios):.0f} times faster ({spread})")
    print(f"that is {verdict} {ENOUGH:.0f} times")
    one = peak_memory(lambda: whole_panels(panels[:1]))
    everything = peak_memory(lambda: whole_panels(panels))
    print(f"peak memory: {one:.1f} MB for one indicator, {everything:.1f} MB for all, one by one")
    print(f"(the figures themselves: {panels.nbytes / 1e6:.1f} MB)")


if __name__ == "__main__":
    main()
