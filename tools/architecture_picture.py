"""Draw docs/architecture.svg from the imports: ``python tools/architecture_picture.py [--check]``.

The picture shows rooms (packages and groups of modules), not modules, and an arrow from a room to
each room it builds on. An arrow that only repeats a way round through other rooms is left out.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from layered_layout import BOX, lay_out

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "kts_analysis"
PICTURE = ROOT / "docs" / "architecture.svg"


@dataclass(frozen=True)
class Room:
    """A group of modules: a name, what it is for, and its modules (``x.`` is a whole package)."""

    name: str
    purpose: str
    modules: tuple[str, ...]


# From the ground up. A module belongs to the first room that names it, a package's other modules to
# the room that names the package.
ROOMS = (
    Room("Basics", "dates, Vietnamese, errors, files",
         ("periods", "vi", "i18n", "errors", "disk", "yamlfile", "stamps", "schema")),
    Room("Indicators", "counts in, percent out",
         ("ratios", "economy_indicators", "society_indicators", "service_indicators",
          "indicators", "indicator_names")),
    Room("Registry", "plans, targets, areas of data/",
         ("entries", "registry", "report_names", "border_changes", "areas", "moved_plans",
          "plan_checks", "registry_files", "weights_file", "boundaries", "map_shapes")),
    Room("Words of a cell", "numbers, periods, places as written",
         ("ingest.words", "ingest.numerals", "ingest.number_words", "ingest.number_text",
          "ingest.quantities", "ingest.period_text", "ingest.moments", "ingest.place_words",
          "ingest.places")),
    Room("Store", "observations, checked; as of a day",
         ("columns", "cell_checks", "checks", "screening", "reading", "store_cache", "store",
          "batches")),
    Room("Lines", "one method, vintage and border",
         ("figures", "border_points", "selection", "refusals", "harmonising", "moved_targets",
          "moved_registry")),
    Room("Projection", "one distribution a series and date",
         ("scales", "predictive", "steps", "pooling", "drift", "trend_fit", "trends", "panel")),
    Room("Attainment", "gap, date, required pace",
         ("attainment", "windows", "paces", "pace_records", "joint")),
    Room("Rules", "official rule sets, side by side", ("rules.",)),
    Room("Verdicts", "a row an area, target, deadline",
         ("rows", "neighbours", "views", "cases", "verdicts", "assessment", "revisions",
          "trajectories")),
    Room("Scenarios", "what if the pace were another", ("scenarios.",)),
    Room("Province", "districts added up, with bounds",
         ("rollup", "moved_views", "rollup_bounds", "dependence", "rollup_forecast",
          "rollup_beside", "reconciliation", "published_against", "hindsight")),
    Room("Allocation", "a target shared out", ("allocation.",)),
    Room("Backtest", "how good past projections were", ("backtest.", "hindsight")),
    Room("Words and pictures", "sentences, charts, tables",
         ("wording", "fragments", "chart_base", "charts", "tables", "rollup_tables",
          "figure_tables", "quality", "quality_findings", "backtest.figures", "small_charts",
          "status_tables", "scenarios.words", "documents.content",
          "documents.chart_axes", "documents.chart_marks", "documents.chart_svg",
          "documents.phrases", "documents.verdict_tables")),
    Room("Pages", "what a report says", ("pages.", "exploring", "exploring.")),
    Room("Documents", "Word, PDF, Excel from one content",
         ("documents.", "reporting.units", "reporting.links", "reporting.files")),
    Room("Engine", "notebooks run apart, within limits", ("engine.",)),
    Room("Reporting", "a run: units, keys, manifest, index",
         ("reporting.", "on_failure", "run_log")),
    Room("Ingest", "workbooks in, templates out", ("ingest.",)),
    Room("Lessons", "a desk for the tutorials", ("tutorials.",)),
    Room("Scheduling", "timers", ("scheduling.",)),
    Room("Commands", "what a terminal can ask", ("commands.", "cli", "__main__")),
)  # fmt: skip


def module_names() -> list[str]:
    """Return every module of the package, ``__init__`` files left out."""
    paths = (path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))
    return sorted(".".join(p.with_suffix("").parts) for p in paths if p.name != "__init__.py")


def room_of(module: str, rooms: Iterable[Room] = ROOMS) -> str | None:
    """Return the name of a module's room, None when no room takes it."""
    by_package = None
    for room in rooms:
        if module in room.modules:
            return room.name
        if by_package is None and f"{module.partition('.')[0]}." in room.modules:
            by_package = room.name
    return by_package if "." in module else None


def imports_of(module: str, known: Iterable[str]) -> set[str]:
    """Return the modules of the package that a module imports, at any depth of its code."""
    source = (PACKAGE / (module.replace(".", "/") + ".py")).read_text(encoding="utf-8")
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name.removeprefix("kts_analysis.") for name in names} & set(known)


def room_graph() -> dict[str, set[str]]:
    """Return the rooms every room builds on."""
    known = module_names()
    in_use = {room_of(module) for module in known}
    graph: dict[str, set[str]] = {room.name: set() for room in ROOMS if room.name in in_use}
    for module in known:
        home = room_of(module)
        for other in imports_of(module, known):
            there = room_of(other)
            if home and there and home != there:
                graph[home].add(there)
    return graph


def below(graph: Mapping[str, set[str]], room: str) -> set[str]:
    """Return every room that a room builds on, directly or not."""
    found: set[str] = set()
    waiting = list(graph[room])
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(graph[name])
    return found


def reduced(graph: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Return the graph without arrows that only repeat a longer way."""
    return {
        room: {one for one in near if not any(one in below(graph, other) for other in near - {one})}
        for room, near in graph.items()
    }


HIGH, STEP, EDGE = 54.0, 98.0, 28.0  # a box; from floor to floor; round the picture
STYLE = """
text { font-family: system-ui, "Segoe UI", sans-serif; text-anchor: middle; fill: #1b1f24 }
.name { font-size: 15px; font-weight: 600 }
.purpose { font-size: 11.5px; fill: #4b5563 }
.room { fill: #ffffff; stroke: #9aa5b1; stroke-width: 1 }
.way { fill: none; stroke: #0b4f7d; stroke-opacity: .55; stroke-width: 1.4 }
""".strip()


def picture() -> str:
    """Return the picture as SVG text."""
    graph = reduced(room_graph())
    places, ways = lay_out(graph)
    floors = 1 + max(floor for _, floor in places.values())
    left = min(x for x, _ in places.values()) - BOX / 2 - EDGE
    wide = max(x for x, _ in places.values()) + BOX / 2 + EDGE - left
    high = floors * STEP - (STEP - HIGH) + 2 * EDGE
    spot = {
        name: (round(x - left, 1), round(EDGE + (floors - 1 - floor) * STEP, 1))
        for name, (x, floor) in places.items()
    }
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.0f} {high:.0f}" role="img" '
        'aria-labelledby="title what">',
        '<title id="title">The rooms of kts_analysis and what each builds on</title>',
        f'<desc id="what">{escape(described(graph))}</desc>',
        f"<style>\n{STYLE}\n</style>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#0b4f7d"/></marker></defs>',
        f'<rect width="{wide:.0f}" height="{high:.0f}" rx="10" fill="#f5f7f9"/>',
        *(_arrow([spot[name] for name in way]) for way in ways),
        *(line for room in ROOMS if room.name in graph for line in _box(room, *spot[room.name])),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def described(graph: Mapping[str, set[str]]) -> str:
    """Return in words what the arrows say, for readers who cannot see them."""
    return " ".join(
        f"{room} builds on {', '.join(sorted(near))}." if near else f"{room} builds on no other."
        for room, near in graph.items()
    )


def _box(room: Room, x: float, y: float) -> list[str]:
    return [
        f'<rect class="room" x="{x - BOX / 2:.1f}" y="{y}" width="{BOX:.0f}" height="{HIGH:.0f}" '
        'rx="7"/>',
        f'<text class="name" x="{x}" y="{y + 23}">{escape(room.name)}</text>',
        f'<text class="purpose" x="{x}" y="{y + 41}">{escape(room.purpose)}</text>',
    ]


def _arrow(spots: list[tuple[float, float]]) -> str:
    """Return an arrow from under the first box, past the slots, to the top of the last."""
    x, y = spots[0]
    path, y = f"M{x} {y + HIGH:.1f}", y + HIGH
    for n, (to_x, top) in enumerate(spots[1:], start=1):
        half = (top - y) / 2
        path += f"C{x} {y + half:.1f} {to_x} {top - half:.1f} {to_x} {top}"
        x, y = to_x, top
        if n < len(spots) - 1:
            y = top + HIGH
            path += f"L{x} {y:.1f}"
    return f'<path class="way" marker-end="url(#tip)" d="{path}"/>'


def main(arguments: list[str] | None = None) -> int:
    """Write the picture, or with ``--check`` return 1 if the committed one is another."""
    parser = argparse.ArgumentParser(description="Draw docs/architecture.svg from the imports.")
    parser.add_argument("--check", action="store_true", help="compare only, exit 1 if different")
    text = picture()
    if not parser.parse_args(arguments).check:
        PICTURE.write_text(text, encoding="utf-8", newline="\n")
    elif not PICTURE.is_file() or PICTURE.read_text(encoding="utf-8") != text:
        advice = "run python tools/architecture_picture.py"
        print(f"docs/architecture.svg does not fit the imports: {advice}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
