"""Shared fixtures: the data folder, a copy of it to spoil, and small made-up observation tables."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kts_analysis.entries import Plan
from kts_analysis.registry import Registry
from kts_analysis.registry_files import load_registry
from kts_analysis.schema import OBSERVATION_COLUMNS
from kts_analysis.store import known_on, load_observations, typed

ROOT = Path(__file__).resolve().parents[1]
TableOf = Callable[[Iterable[Mapping[str, Any]]], pd.DataFrame]
PlanOf = Callable[..., Plan]


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The project's data folder (read only)."""
    return ROOT / "data"


@pytest.fixture
def data_copy(tmp_path: Path, data_folder: Path) -> Path:
    """A copy of the data folder that a test may spoil."""
    return Path(shutil.copytree(data_folder, tmp_path / "data"))


@pytest.fixture(scope="session")
def registry(data_folder: Path) -> Registry:
    """The registry of the project's data folder."""
    return load_registry(data_folder)


@pytest.fixture(scope="session")
def obs(data_folder: Path) -> pd.DataFrame:
    """All observations of the project's data folder."""
    loaded = load_observations(data_folder)
    assert loaded.errors == []
    return known_on(loaded.table)


@pytest.fixture(scope="session")
def table_of(registry: Registry) -> TableOf:
    """Return a function that makes typed observations from rows with the usual cells filled in."""
    usual = dict.fromkeys(OBSERVATION_COLUMNS, "") | {
        "area_code": "VN",
        "indicator": "XHS01",
        "series": "provincial_report",
        "qualifier": "exact",
        "origin": "published",
        "source": "made up for a test",
    }

    def make(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
        texts = [{**usual, **{key: str(value) for key, value in row.items()}} for row in rows]
        table = typed(pd.DataFrame(texts, columns=OBSERVATION_COLUMNS, dtype="str"), registry)
        table["row"] = [f"test:{number}" for number in range(len(table))]
        return table

    return make


@pytest.fixture(scope="session")
def plan_of(registry: Registry) -> PlanOf:
    """Return a function that makes a plan with one target, on the first adopted plan's wording."""

    def make(
        value: float | None = 80.0,
        comparator: str = ">=",
        areas: tuple[str, ...] = ("VN",),
        **target: Any,
    ) -> Plan:
        model = registry.plan("quoc-gia-411")
        threshold = {
            "deadline": 2025,
            "value": value,
            "comparator": comparator,
            "verification": "unknown" if value is None else "unverified",
        }
        entry = model.target("XHS01").model_dump() | {
            "series": dict.fromkeys(("country", "province", "district"), "provincial_report"),
            "thresholds": [threshold],
            "direction": f"{'lower' if '<' in comparator else 'higher'}_is_better",
        }
        changes = {"id": "toy", "home": areas[0], "areas": areas, "targets": [entry | target]}
        return Plan.model_validate(model.model_dump() | changes)

    return make
