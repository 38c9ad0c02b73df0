"""The way from a clone to a new indicator in CONTRIBUTING.md can be gone: its files fit."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
WAY = TEXT[TEXT.index("## From a clone") : TEXT.index("## Checks")]
PIECES = ROOT / "notebooks" / "tutorials" / "chi-tieu-moi"
FUNCTION = "households_with_computer"
LIKE = "households_passed_by_fibre"


def test_every_file_the_way_names_is_there() -> None:
    names = re.findall(r"(?:notebooks|kts_analysis|tests|tools|data)/[\w./-]+\.\w+", WAY)
    assert len(names) >= 10
    assert [name for name in names if not (ROOT / name).is_file()] == []


def add_to_lists(source: str) -> str:
    """Put the new function where its neighbour stands, as the way says."""
    source = re.sub(rf'^( +"?){LIKE}("?,)$', rf"\g<0>\n\1{FUNCTION}\2", source, flags=re.M)
    start = source.find("MAY_EXCEED: ")
    if start < 0:
        return source
    return source[:start] + source[start:].replace(f'        "{FUNCTION}",\n', "")


def test_the_way_leads_to_a_tested_function(tmp_path: Path) -> None:
    """Go it on a copy of the library and of the tests of indicators."""
    skip = shutil.ignore_patterns("__pycache__")
    package = shutil.copytree(ROOT / "kts_analysis", tmp_path / "kts_analysis", ignore=skip)
    with (package / "society_indicators.py").open("a", encoding="utf-8", newline="\n") as file:
        file.write((PIECES / "ham.txt").read_text(encoding="utf-8"))
    for name, lists in (("indicators.py", 3), ("indicator_names.py", 1)):
        path = package / name
        changed = add_to_lists(path.read_text(encoding="utf-8"))
        assert changed.count(FUNCTION) == lists
        path.write_text(changed, encoding="utf-8", newline="\n")
    [line] = re.findall(rf'^    "{FUNCTION}": .+,$', WAY, re.M)
    [count] = re.findall(r"len\(FUNCTIONS\) == \d+", WAY)
    tests = (ROOT / "tests" / "test_indicators.py").read_text(encoding="utf-8")
    tests = tests.replace("WORKED = {\n", f"WORKED = {{\n{line}\n")
    tests = re.sub(r"len\(FUNCTIONS\) == \d+", count, tests)
    (tmp_path / "test_indicators.py").write_text(tests, encoding="utf-8", newline="\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_indicators.py"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize("name", ["the.yml", "muc-tieu.yml"])
def test_the_pieces_are_yaml_that_can_be_appended(name: str) -> None:
    text = (PIECES / name).read_text(encoding="utf-8")
    assert text.startswith("  - ") and text.endswith("\n")
    [entry] = yaml.safe_load(text)
    assert entry.get("function", entry.get("indicator")) in (FUNCTION, "MAY-TINH")
