"""How soon a page shows its first chart, and when the chart script has drawn them all.

    KTS_CHROMIUM=/usr/bin/chromium python benchmarks/page_speed.py reports/RUN [--rounds 5]

Milliseconds from the start of the navigation, medians of several rounds, each in a fresh browser
context, offline. The first chart is a sketch drawn by a small script; plotly's takes its place.
"""

from __future__ import annotations

import argparse
import os
import statistics
from pathlib import Path

WATCH = """new MutationObserver(() => {
  if (!window.sketched && document.querySelector('.kts-sketch')) {
    window.sketched = true;
    requestAnimationFrame(() => setTimeout(() => { window.first = performance.now(); }));
  }
  const boxes = [...document.querySelectorAll('.kts-figure')];
  if (boxes.length && boxes.every(box => box.querySelector('.main-svg'))) {
    window.last = window.last || performance.now();
  }
}).observe(document, {childList: true, subtree: true});"""


def main() -> None:
    """Measure every kind of page of a run and print a Markdown table."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    pages = [*sorted(asked.run.glob("*/province_report.html"))[:1]]
    pages += [*sorted(asked.run.glob("*/area_report.html"))[:1], asked.run / "backtest.html"]
    print("| page | first chart, ms | all charts by plotly, ms | kB |")
    print("| --- | ---: | ---: | ---: |")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("KTS_CHROMIUM"), args=["--no-sandbox"]
        )
        for path in pages:
            times = []
            for _ in range(asked.rounds):
                context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
                page = context.new_page()
                page.add_init_script(WATCH)
                page.goto(path.resolve().as_uri())
                page.wait_for_function("window.last", timeout=120_000)
                times.append(page.evaluate("[window.first, window.last]"))
                context.close()
            first, last = (statistics.median(column) for column in zip(*times, strict=True))
            size = path.stat().st_size / 1000
            print(f"| {path.relative_to(asked.run)} | {first:.0f} | {last:.0f} | {size:.0f} |")
        browser.close()


if __name__ == "__main__":
    main()
