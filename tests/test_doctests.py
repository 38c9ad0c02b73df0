"""The examples in docstrings are true, and the main public functions have one."""

from __future__ import annotations

import doctest
from importlib import import_module
from inspect import getdoc, isfunction
from pathlib import Path

import pytest

import kts_analysis as kts

PACKAGE = Path(kts.__file__).parent
# What shows something in a notebook has nothing to print; its example is the notebooks.
SHOWS = {
    *("backtest_report", "explorer", "friendly_errors", "hindsight_report", "province_forecast"),
    *("show", "start_page", "style"),
}
WRITES = {"save_scenario"}  # a file: its example is its test


def modules_with_examples() -> list[str]:
    paths = sorted(
        path for path in PACKAGE.rglob("*.py") if ">>> " in path.read_text(encoding="utf-8")
    )
    return [".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in paths]


@pytest.mark.parametrize("name", modules_with_examples())
def test_examples_are_true(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each example is run on the project's data, whatever the reader's own folder is."""
    monkeypatch.setenv("KTS_DATA", str(PACKAGE.parent / "data"))
    found = doctest.testmod(import_module(name), optionflags=doctest.ELLIPSIS)
    assert found.attempted > 0
    assert found.failed == 0


def test_public_functions_have_an_example() -> None:
    without = {
        name
        for name in kts.__all__
        if isfunction(thing := getattr(kts, name)) and ">>> " not in str(getdoc(thing))
    }
    assert without == SHOWS | WRITES
