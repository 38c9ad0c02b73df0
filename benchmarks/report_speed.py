"""What a report costs: ours against stock papermill + nbconvert, and against the bare cells.

    python benchmarks/report_speed.py --areas 10,40 --rounds 3 --national 705
    python benchmarks/report_speed.py --quick

The ways take turns within a round, so that a busy machine is busy for all of them; medians of the
rounds are printed. All run on the same made-up data folder (``benchmarks/national.py``), the same
notebook and the same environment. Ours includes its checks, its index and its verdict tables.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measuring import (
    Cost,
    biggest_page,
    environment,
    folder_size,
    machine_facts,
    measure,
    program,
)
from national import PLAN, code_of, write_national
from report_table import Result, report

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = ROOT / "notebooks" / "area_report.ipynb"
LANG, DEADLINE, JOBS = "vi", 2025, 2
SAMPLE_OF_A_NATION = 6  # stock reports made on the national folder, the rest extrapolated


@dataclass
class Bench:
    """Where a run of the benchmark works, and with what.

    Attributes
    ----------
    work : Path
        Scratch folder.
    sample : int, optional
        Reports made by the stock ways; the rest is extrapolated.
    """

    work: Path
    sample: int | None

    def data(self, areas: int) -> Path:
        """Return the data folder of `areas` districts, made when first asked for."""
        folder = self.work / f"data-{areas}"
        if not folder.is_dir():
            write_national(folder, areas)
        return folder

    def measure(self, command: list[str], areas: int) -> Cost:
        """Run a command on the data folder of `areas` districts."""
        return measure(command, environment(self.data(areas)), self.work / "errors.txt")

    def made_by_stock(self, areas: int) -> int:
        """Return how many reports a stock way makes."""
        return areas if self.sample is None else min(self.sample, areas)

    def fresh(self, name: str) -> Path:
        """Return an empty folder for what a way makes."""
        folder = self.work / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder


def parameters_of(number: int) -> dict[str, Any]:
    """Return the parameters of one district's report."""
    area = code_of(number)
    return {"area": area, "plan": PLAN, "deadline": DEADLINE, "as_of": "", "lang": LANG}


def parameters_file(bench: Bench, count: int) -> Path:
    """Write the parameters of the first `count` reports into a file."""
    path = bench.work / "parameters.json"
    wanted = [parameters_of(number) for number in range(1, count + 1)]
    path.write_text(json.dumps(wanted), encoding="utf-8")
    return path


# --- the ways -------------------------------------------------------------------------------------


def stock(bench: Bench, areas: int) -> Result:
    """(a) The commands a user types, one after the other."""
    out, made = bench.fresh("stock"), bench.made_by_stock(areas)
    costs = []
    for number in range(1, made + 1):
        target = out / f"{code_of(number)}.ipynb"
        given: list[str] = []
        for name, value in parameters_of(number).items():
            given += ["-p" if isinstance(value, int) else "-r", name, str(value)]
        costs.append(
            bench.measure(
                [program("papermill"), str(NOTEBOOK), str(target), "-k", "python3", *given], areas
            )
            + bench.measure(
                [program("jupyter"), "nbconvert", "--to", "html", "--no-input", str(target)], areas
            )
        )
    each = [cost.cpu for cost in costs]
    cost = sum(costs[1:], start=costs[0])
    return Result("stock", areas, made, cost, folder_size(out), biggest_page(out), each)


def pool(bench: Bench, areas: int) -> Result:
    """(b) papermill's and nbconvert's own interfaces in a pool of processes."""
    out, made = bench.fresh("pool"), bench.made_by_stock(areas)
    command = [sys.executable, str(ROOT / "benchmarks" / "report_ways.py"), "pool"]
    command += ["--notebook", str(NOTEBOOK), "--out", str(out), "--jobs", str(JOBS)]
    cost = bench.measure([*command, "--parameters", str(parameters_file(bench, made))], areas)
    return Result("pool", areas, made, cost, folder_size(out), biggest_page(out))


def floor(bench: Bench, areas: int, way: str = "floor") -> Result:
    """(c) The bare cells in one warm process; "apart": each report's in a process of its own."""
    command = [sys.executable, str(ROOT / "benchmarks" / "report_ways.py"), way]
    command += ["--notebook", str(NOTEBOOK)]
    cost = bench.measure([*command, "--parameters", str(parameters_file(bench, areas))], areas)
    each = json.loads(cost.output.splitlines()[-1])
    return Result(way, areas, areas, cost, 0.0, 0.0, each)


def ours(bench: Bench, areas: int, name: str, jobs: int, *more: str) -> Result:
    """Our own run, everything made anew."""
    return _ours(bench, areas, name, bench.fresh(name), jobs, "--force", *more)


def unchanged(bench: Bench, areas: int) -> Result:
    """Our own run a second time, with nothing changed since."""
    out = bench.fresh("unchanged")
    _ours(bench, areas, "unchanged", out, JOBS)
    return _ours(bench, areas, "unchanged", out, JOBS)


def _ours(bench: Bench, areas: int, name: str, out: Path, jobs: int, *more: str) -> Result:
    codes = ",".join(code_of(number) for number in range(1, areas + 1))
    command = [sys.executable, "-m", "kts_analysis", "run", "--data", str(bench.data(areas))]
    command += ["--notebooks", str(NOTEBOOK.parent), "--plan", PLAN, "--only", codes]
    command += ["--lang", LANG, "--jobs", str(jobs), "--out", str(out), *more]
    cost = bench.measure(command, areas)
    return Result(name, areas, areas, cost, folder_size(out), biggest_page(out))


def ways(bench: Bench, areas: int, *, national: bool, smallest: bool) -> list[Callable[[], Result]]:
    """Return what is measured for one number of areas, in turn."""
    chosen: list[Callable[[], Result]] = [
        lambda: stock(bench, areas),
        lambda: ours(bench, areas, "ours1", 1),
        lambda: floor(bench, areas),
        *([lambda: floor(bench, areas, "apart")] if hasattr(os, "fork") else []),
        lambda: ours(bench, areas, "ours2", JOBS),
        lambda: pool(bench, areas),
    ]
    if smallest:
        chosen.append(lambda: ours(bench, areas, "workers", JOBS, "--engine", "workers"))
    if not national:
        chosen.append(lambda: unchanged(bench, areas))
    return chosen


def rounds(bench: Bench, sizes: list[int], national: int | None, count: int) -> list[Result]:
    """Run everything, `count` times in turn; the national size once."""
    for warm_up in (stock, pool, floor):  # what is done once (compiled modules) is not measured
        warm_up(Bench(bench.work, 1), min(sizes))
    ours(bench, min(sizes), "ours1", 1)
    results = []
    for number in range(1, count + 1):
        for areas in sizes:
            for way in ways(bench, areas, national=False, smallest=areas == min(sizes)):
                results.append(_told(way(), f"{number}/{count}"))
    if national:
        cut = Bench(bench.work, min(bench.sample or SAMPLE_OF_A_NATION, national))
        for way in ways(cut, national, national=True, smallest=False):
            results.append(_told(way(), "1/1"))
    return results


def _told(result: Result, turn: str) -> Result:
    cost = result.cost
    print(
        f"{turn} {result.way} N={result.areas} (made {result.made}): CPU {cost.cpu:.1f} s, "
        f"wall {cost.wall:.1f} s, peak {cost.peak:.0f} MB, parent {cost.parent_peak:.0f} MB, "
        f"sampled CPU {cost.sampled_cpu:.1f} s",
        file=sys.stderr,
        flush=True,
    )
    return result


def numbers(text: str) -> list[int]:
    """Return the numbers of ``10,40``, the smallest first."""
    return sorted({int(part) for part in text.split(",")})


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--areas", type=numbers, default=[10, 40], help="10,40")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--national", type=int, help="705; một lần / once")
    parser.add_argument("--stock-sample", type=int, help="(a), (b): K reports, then scaled")
    parser.add_argument("--quick", action="store_true", help="--areas 4,10 --rounds 1, sample 2")
    parser.add_argument("--save", type=Path, help="docs/benchmarks.md")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.areas, chosen.rounds, chosen.stock_sample = [4, 10], 1, chosen.stock_sample or 2
    with tempfile.TemporaryDirectory(prefix="kts-benchmark-") as place:
        bench = Bench(Path(place), chosen.stock_sample)
        results = rounds(bench, chosen.areas, chosen.national, chosen.rounds)
    text = report(results, chosen.rounds, command_of(chosen), machine_facts())
    print(text, end="")
    if chosen.save:
        chosen.save.write_text(text, encoding="utf-8", newline="\n")


def command_of(chosen: argparse.Namespace) -> str:
    """Return the command that makes the same table."""
    parts = [f"--areas {','.join(map(str, chosen.areas))} --rounds {chosen.rounds}"]
    parts += [f"--national {chosen.national}"] if chosen.national else []
    parts += [f"--stock-sample {chosen.stock_sample}"] if chosen.stock_sample else []
    return f"python benchmarks/report_speed.py {' '.join(parts)}"


if __name__ == "__main__":
    main()
