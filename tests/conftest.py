"""Shared fixtures: the data folder, a copy of it to spoil, and small made-up observation tables."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import settings

from kts_analysis.entries import Plan
from kts_analysis.registry import Registry
from kts_analysis.registry_files import load_registry
from kts_analysis.schema import OBSERVATION_COLUMNS
from kts_analysis.store import known_on, load_observations, typed

ROOT = Path(__file__).resolve().parents[1]
TableOf = Callable[[Iterable[Mapping[str, Any]]], pd.DataFrame]
PlanOf = Callable[..., Plan]

# No example fails because the machine is slow, and every run draws the same examples.
settings.register_profile("kts", deadline=None, derandomize=True)
settings.load_profile("kts")


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


# --- pages in a browser ---------------------------------------------------------------------------

CHROMIUM = os.environ.get("KTS_CHROMIUM", "")
SWITCHES = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of some districts, both provinces and the country, in both languages.

    358 was merged into 356, whose page leads to it.
    """
    out = tmp_path_factory.mktemp("USB của tôi")
    environment = os.environ | {"KTS_DATA": str(ROOT / "data"), "PYTHONPATH": str(ROOT)}
    command = ["run", "--only", "356,358,366,36,132,15,VN", "--out", str(out)]
    done = subprocess.run(
        [sys.executable, "-m", "kts_analysis", *command],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip().splitlines()[-1]).parent


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium; without one the checks are skipped, which the test command reports as not run."""
    if not CHROMIUM:
        pytest.skip("NOT RUN: no Chromium (set KTS_CHROMIUM)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Any, site: Path) -> Iterator[Any]:
    """Open a page offline; remember its requests and what it says on the console."""
    contexts = []

    def go(name: str, width: int = 1200, *, charts: bool = True, **options: Any) -> Any:
        context = browser.new_context(
            offline=True, viewport={"width": width, "height": 900}, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.requests, page.complaints = [], []
        if not charts:  # the chart script comes empty: the sketches stay
            page.route("**/plotly-*", lambda route: route.fulfill(body=""))
        page.on("request", lambda request: page.requests.append(request.url))
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto((site / name).as_uri())
        if charts and options.get("java_script_enabled", True):
            page.wait_for_function(
                "[...document.querySelectorAll('.kts-figure')]"
                ".every(box => box.querySelector('.main-svg'))",
                timeout=30000,
            )
        return page

    yield go
    for context in contexts:
        context.close()
