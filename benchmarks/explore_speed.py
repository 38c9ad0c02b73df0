"""How long the explorer takes to answer a choice, once it has been drawn.

    python benchmarks/explore_speed.py
    python benchmarks/explore_speed.py --rounds 3

Every list and slider is changed in turn, on the bundled data (synthetic districts), without a
browser: what is timed is all that happens in the kernel, from the choice to the finished output.
The bar is 200 ms; a browser adds the drawing of the picture.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

from kts_analysis.exploring.choices import first_choice
from kts_analysis.exploring.widgets import Explorer
from kts_analysis.registry_files import load_registry

BAR = 200.0  # ms


def steps(explorer: Explorer) -> list[tuple[str, Any, list[Any]]]:
    """Return what is changed: name, widget, values taken in turn."""
    areas = [value for _, value in explorer.area.options]
    targets = [value for _, value in explorer.target.options]
    return [
        ("địa bàn / area", explorer.area, areas),
        ("chỉ tiêu / target", explorer.target, targets),
        ("ngày / day", explorer.as_of, ["2023-12-31", "2022-12-31", "", "2024-12-31"]),
        ("phương pháp / method", explorer.method, ["linear", "logit", "auto"]),
        ("chân trời / horizon", explorer.until, [2028, 2033, 2030]),
        ("so sánh / compare", explorer.tabs, [1]),
        ("bộ so sánh / kind", explorer.kind, ["targets", "days", "rules", "areas"]),
        ("giả định / assume", explorer.tabs, [2]),
        ("tốc độ gấp / times", explorer.times, [1.5, 3.0, 2.0]),
        ("quỹ đạo / trajectory", explorer.tabs, [0]),
    ]


def timed(widget: Any, value: Any) -> float:
    """Set a widget and return the milliseconds until everything is shown."""
    trait = "selected_index" if hasattr(widget, "selected_index") else "value"
    begun = time.perf_counter()
    setattr(widget, trait, value)
    return 1000 * (time.perf_counter() - begun)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    begun = time.perf_counter()
    choice = first_choice(load_registry(), "nam-dinh-105", target="XHS05", as_of="2024-12-31")
    explorer = Explorer(choice, "vi", None, "ket-qua")
    first = 1000 * (time.perf_counter() - begun)
    found: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, widget, values in steps(explorer):
            found.setdefault(name, []).extend(timed(widget, value) for value in values)
    print(f"lần đầu / first: {first:.0f} ms\n")
    print("| đổi gì / changed | lần / times | trung vị / median, ms | chậm nhất / slowest, ms |")
    print("| --- | ---: | ---: | ---: |")
    for name, times in found.items():
        median, slowest = statistics.median(times), max(times)
        print(f"| {name} | {len(times)} | {median:.0f} | {slowest:.0f} |")
    every = [each for times in found.values() for each in times]
    slow = sum(each > BAR for each in every)
    print(f"\n{len(every)} lần, {slow} lần quá {BAR:.0f} ms / {slow} above {BAR:.0f} ms")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
