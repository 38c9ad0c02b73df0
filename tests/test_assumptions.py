"""The log of assumptions gives the values the code has, and names places that are there."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "assumptions.md").read_text(encoding="utf-8")
STATED = re.findall(r"`([a-z_.]+)\.([A-Z][A-Z_0-9]*) = ([^`]+)`", PAGE)
CONSTANT = re.compile(r"`([a-z_.]+)\.([A-Z][A-Z_0-9]*)`")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and "---" not in line]


def test_stated_values_are_those_of_the_code() -> None:
    assert len(STATED) >= 30
    found = {
        f"{module}.{name}": getattr(import_module(f"kts_analysis.{module}"), name)
        for module, name, _ in STATED
    }
    assert found == {f"{module}.{name}": ast.literal_eval(text) for module, name, text in STATED}


def test_every_assumption_says_where_why_and_what_would_change_it() -> None:
    heads = [row for row in ROWS if row.startswith("| Assumption")]
    assert len(heads) == 4
    for row in ROWS:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert len(cells) == 4 and all(cells), row
        if row not in heads:
            assert "`" in cells[1], row


def test_named_places_are_there() -> None:
    places = [place for row in ROWS for place in re.findall(r"`([a-z_./*-]+)`", row.split("|")[2])]
    assert places
    for place in places:
        if "*" in place:
            assert list(ROOT.glob(place)), place
        elif place.endswith((".yml", ".csv", ".json")):
            assert (ROOT / place).is_file() or (ROOT / "kts_analysis" / place).is_file(), place
        elif place not in ("lag_days", "vintage_assumed", "leans_on", "share"):
            assert import_module(f"kts_analysis.{place}"), place
    for module, name in CONSTANT.findall(PAGE):
        assert hasattr(import_module(f"kts_analysis.{module}"), name), (module, name)
