"""How fast a national store is read: the CSV files themselves, and forms that could stand beside.

    python benchmarks/store_speed.py                     # 3,321 areas: 1.35 million rows
    python benchmarks/store_speed.py --areas 300         # quick
    python benchmarks/store_speed.py --against CHECKOUT  # and the code of another checkout

Every way gives the whole table as `load_observations` does: 16 columns, numbers, dates, flags, the
place of each row. Each is read in a fresh process, the ways in turn, the round that took the least
CPU is shown. Texts are kept as on a PC without pyarrow, unless pyarrow reads the file. All figures
are made up and say so.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
SEED = 105
AREAS, YEARS, VINTAGES = 3321, range(2015, 2023), range(1, 4)
SOURCE = "Số liệu giả lập / synthetic data (benchmarks/store_speed.py)"
WAYS = {
    "cache": "`load_observations`, có bản nhớ / with its cache",
    "plain": "`load_observations`, chỉ từ CSV / from the CSV files alone",
    "former": "mã của bản đối chiếu, từ CSV / the code of the other checkout",
    "pandas": "pandas đọc CSV, không kiểm tra / pandas' C parser, nothing checked",
    "sqlite": "sqlite3",
    "feather": "Feather (pyarrow)",
    "parquet": "Parquet (pyarrow)",
}


def rows_of(areas: int, year: int, vintage: int, indicators: list[str]) -> Iterator[str]:
    """Yield the lines of one batch: every area and indicator, one year, one vintage."""
    rng = np.random.Generator(np.random.PCG64([SEED, year, vintage]))
    below = rng.integers(500, 60_000, (areas, len(indicators)))
    above = (below * (0.2 + 0.08 * (year - YEARS[0]) + 0.1 * rng.random(below.shape))).astype(int)
    for number in range(areas):
        for place, code in enumerate(indicators):
            top, bottom = int(above[number, place]), int(below[number, place])
            yield (
                f"{number + 1:05d},{code},district_report,,{year},{100 * top / bottom:.2f},{top},"
                f"{bottom},households,exact,{year + vintage}-02-15,synthetic,{SOURCE},,,giả lập\n"
            )


def write_store(out: Path, areas: int) -> int:
    """Write the data folder and return its number of rows.

    Parameters
    ----------
    out : Path
        A new folder.
    areas : int
        Number of made-up areas, 1 to 99,999.
    """
    shutil.copytree(ROOT / "data", out, ignore=shutil.ignore_patterns("sample", "published"))
    registry = (out / "areas.csv").read_text("utf-8").splitlines()
    for number in range(1, areas + 1):
        name = f"Xã giả lập {number:05d},Made-up commune {number:05d},xã,commune"
        registry.append(f"{number:05d},{name},VN,,,unverified,{SOURCE}")
    (out / "areas.csv").write_text("\n".join(registry) + "\n", encoding="utf-8", newline="\n")
    header = (ROOT / "data" / "published" / "observations.csv").read_text("utf-8").split("\n")[0]
    sys.path.insert(0, str(ROOT))
    from kts_analysis.registry_files import load_registry

    indicators = sorted(load_registry(out).indicators)[:17]
    (out / "reported").mkdir()
    batches = [(year, vintage) for year in YEARS for vintage in VINTAGES]
    for sequence, (year, vintage) in enumerate(batches, start=1):
        path = out / "reported" / f"{sequence:06d}-gia-lap-{year}-{vintage}.csv"
        with path.open("w", encoding="utf-8", newline="\n") as handle:
            handle.write(f"{header}\n")
            handle.writelines(rows_of(areas, year, vintage, indicators))
    return len(batches) * areas * len(indicators)


def read_by(way: str, data: Path, beside: Path) -> Any:
    """Return the whole table, read in one of the ways."""
    import pandas as pd

    if way not in ("feather", "parquet"):
        pd.set_option("mode.string_storage", "python")
    if way in ("cache", "plain", "former"):
        from kts_analysis.store import load_observations

        return load_observations(data).table
    if way == "pandas":
        files = sorted((data / "reported").glob("*.csv"))
        parts = [pd.read_csv(path, dtype="str", keep_default_na=False) for path in files]
        from kts_analysis.reading import typed
        from kts_analysis.registry_files import load_registry

        return typed(pd.concat(parts, ignore_index=True), load_registry(data))
    if way == "sqlite":
        import sqlite3

        with sqlite3.connect(beside / "store.sqlite") as base:
            table = pd.read_sql("SELECT * FROM observations", base, dtype=kinds(beside))
        return with_days(table)
    reader = pd.read_feather if way == "feather" else pd.read_parquet
    return with_days(reader(beside / f"store.{way}"))


def with_days(table: Any) -> Any:
    """Return a table with its two columns of dates as `load_observations` has them."""
    from datetime import date

    for name in ("period_end", "vintage_date"):
        days = {text: date.fromisoformat(text) for text in table[name].unique()}
        table[name] = table[name].map(days)
    return table


def kinds(beside: Path) -> dict[str, str]:
    """Return the types of the columns that are not dates."""
    return dict(json.loads((beside / "kinds.json").read_text("utf-8")))


def write_forms(data: Path, beside: Path) -> list[str]:
    """Write the table in the forms to compare; return the ways that can be measured here."""
    import sqlite3

    from kts_analysis.store import load_observations

    table = load_observations(data).table
    for name in ("period_end", "vintage_date"):
        table[name] = table[name].map(str).astype("str")
    named = {name: str(kind) for name, kind in table.dtypes.items()}
    (beside / "kinds.json").write_text(json.dumps(named), encoding="utf-8", newline="\n")
    with sqlite3.connect(beside / "store.sqlite") as base:
        table.to_sql("observations", base, index=False)
    if find_spec("pyarrow") is None:
        return ["sqlite"]
    table.to_feather(beside / "store.feather")
    table.to_parquet(beside / "store.parquet")
    return ["sqlite", "feather", "parquet"]


def measured(way: str, data: Path, beside: Path, code: Path) -> dict[str, float]:
    """Read the table in a fresh process; return seconds, CPU seconds, peak memory (MB), rows."""
    command = [sys.executable, str(Path(__file__).resolve()), "--way", way]
    command += ["--data", str(data), "--beside", str(beside)]
    environment = os.environ | {"PYTHONPATH": str(code), "PYTHONUTF8": "1"}
    if way == "plain":
        environment["KTS_STORE_CACHE"] = "no"
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def show_one(way: str, data: Path, beside: Path) -> None:
    """Read the table once and print what it cost; the libraries are loaded before."""
    import kts_analysis.store  # noqa: F401

    begun, used = time.perf_counter(), time.process_time()
    table = read_by(way, data, beside)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - used
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak": peak(), "rows": len(table)}))


def peak() -> float:
    """Return the most memory (MB) this process has had; 0 where the system does not say."""
    if sys.platform == "win32":
        return 0.0
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def compare(areas: int, rounds: int, against: Path | None, folder: Path) -> None:
    """Measure all ways and print the table."""
    data, beside = folder / "data", folder / "beside"
    beside.mkdir()
    # In a process of its own: a process begins with the peak memory of the one that starts it.
    with ProcessPoolExecutor(1) as other:
        rows = other.submit(write_store, data, areas).result()
        forms = other.submit(write_forms, data, beside).result()
    ways = ["cache", "plain", *(["former"] if against else []), "pandas"]
    ways += forms
    found: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            code = against if way == "former" and against else ROOT
            found[way].append(measured(way, data, beside, code))
            if found[way][-1]["rows"] != rows:
                raise RuntimeError(f"{way}: {found[way][-1]['rows']} of {rows} rows")
    best = {way: min(each, key=lambda one: one["cpu"]) for way, each in found.items()}
    files = {"sqlite": beside / "store.sqlite", "feather": beside / "store.feather"}
    files |= {"parquet": beside / "store.parquet", "cache": data / ".kts-cache"}
    print(f"{rows:,} dòng / rows, {rounds} vòng / rounds\n")
    told = ["cách / way", "giây / s", "CPU s", "MB bộ nhớ / memory", "MB trên đĩa / on disk"]
    print("| " + " | ".join([*told, "CPU so với CSV / over CSV"]) + " |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for way in ways:
        one, size = best[way], size_of(files.get(way, data / "reported"))
        ratio = one["cpu"] / best["plain"]["cpu"]
        cells = [WAYS[way], f"{one['seconds']:.2f}", f"{one['cpu']:.2f}", f"{one['peak']:.0f}"]
        print("| " + " | ".join([*cells, f"{size:.0f}", f"{ratio:.2f}"]) + " |")


def size_of(place: Path) -> float:
    """Return the size (MB) of a file or of the files of a folder."""
    files = [place] if place.is_file() else [path for path in place.glob("*") if path.is_file()]
    return sum(path.stat().st_size for path in files) / 1e6


def main(argv: list[str] | None = None) -> int:
    """Measure, or read once for the measuring process."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--areas", type=int, default=AREAS, help="số địa bàn / areas")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--against", type=Path, help="thư mục mã khác / another checkout")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--beside", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args(argv)
    if chosen.way:
        show_one(chosen.way, chosen.data, chosen.beside)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        compare(chosen.areas, chosen.rounds, chosen.against, Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
