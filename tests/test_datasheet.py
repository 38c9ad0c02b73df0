"""The datasheet's counts are those of the files."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
PAGE = " ".join((ROOT / "docs" / "datasheet.md").read_text(encoding="utf-8").split())


def rows(pattern: str) -> list[dict[str, str]]:
    found = []
    for path in sorted(DATA.glob(pattern)):
        with path.open(encoding="utf-8-sig", newline="") as handle:
            found += list(csv.DictReader(handle))
    return found


def stated(file: str) -> int:
    found = re.search(rf"\| `{re.escape(file)}` \|[^|]*\| ([\d,]+) \|", PAGE)
    assert found, file
    return int(found[1].replace(",", ""))


def test_rows_are_counted_right() -> None:
    samples = ("sample/3*.csv", "sample/1*.csv")
    assert sum(len(rows(file)) for file in samples) == len(rows("sample/*.csv"))
    for file in ("published/observations.csv", "published/context.csv", *samples):
        assert stated(file) == len(rows(file)), file


def test_what_is_said_of_the_published_figures_is_so() -> None:
    table = rows("published/observations.csv")
    origins = Counter(row["origin"] for row in table)
    flags = Counter(flag for row in table for flag in row["flags"].split(";"))
    assert f"Of the observations {origins['published']} are printed" in PAGE
    assert f"and {origins['derived']} are worked out" in PAGE
    assert f"{flags['weak_source']} come from a weak source" in PAGE
    assert f"{flags['period_inferred']} have a year" in PAGE
    areas = {row["area_code"] for row in table} - {"VN"}
    years = sorted({row["period"][:4] for row in table})
    assert f"the country and {len(areas)} provinces, {years[0]} to {years[-1]}" in PAGE
    targets = {row["indicator"] for row in table if not row["indicator"].startswith("context")}
    named = re.search(r"only (.+?) have any", PAGE)
    assert named and set(re.findall(r"[KX][TH]S\d\d", named[1])) == targets


def test_what_is_said_of_the_sample_is_so() -> None:
    for file, count, word in (("sample/3*.csv", 10, "ten"), ("sample/1*.csv", 9, "nine")):
        table = rows(file)
        assert {row["origin"] for row in table} == {"synthetic"}
        assert len({row["area_code"] for row in table}) == count
        years = sorted({row["period"] for row in table})
        assert f"{word} districts, {years[0]} to {years[-1]}" in PAGE
