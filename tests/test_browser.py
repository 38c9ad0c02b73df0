"""Pages in a real browser without a network: no request, charts drawn, nothing on the console."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = os.environ.get("KTS_CHROMIUM", "")
SWITCHES = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PAGES = {
    "index.html": 0,
    "index.en.html": 0,
    "backtest.html": 2,
    "backtest.en.html": 2,
    "quality.html": 0,
    "quality.en.html": 0,
    "356-thanh-pho-nam-dinh/area_report.html": 11,
    "356-thanh-pho-nam-dinh/area_report.en.html": 11,
    "36-tinh-nam-dinh/province_report.html": 20,
    "vn-ca-nuoc/area_report.html": 6,
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one district, the province and the country, in both languages."""
    out = tmp_path_factory.mktemp("USB của tôi")
    environment = os.environ | {"KTS_DATA": str(ROOT / "data"), "PYTHONPATH": str(ROOT)}
    command = ["run", "--only", "356,36,VN", "--out", str(out)]
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


@pytest.fixture(scope="module")
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
    context = browser.new_context(offline=True, viewport={"width": 1200, "height": 900})

    def go(name: str, width: int = 1200) -> Any:
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        page.requests, page.complaints = [], []
        page.on("request", lambda request: page.requests.append(request.url))
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto((site / name).as_uri())
        wanted = page.locator(".kts-figure").count()
        page.wait_for_function(
            f"document.querySelectorAll('.kts-figure .main-svg').length >= {wanted}", timeout=30000
        )
        return page

    yield go
    context.close()


@pytest.mark.parametrize(("name", "figures"), PAGES.items())
def test_opens_offline_with_charts_drawn(visit: Any, name: str, figures: int) -> None:
    page = visit(name)
    strangers = [url for url in page.requests if not url.startswith(("file:", "data:"))]
    assert strangers == []
    assert page.complaints == []
    boxes = page.locator(".kts-figure")
    assert boxes.count() >= figures
    for place in range(boxes.count()):
        marks = boxes.nth(place).locator(".scatterlayer .points path").count()
        assert marks > 0, f"chart {place} of {name} has no marks"
        assert boxes.nth(place).get_attribute("aria-label")


def test_synthetic_mark_is_seen_in_every_chart_of_a_district(visit: Any) -> None:
    page = visit("356-thanh-pho-nam-dinh/area_report.html")
    boxes = page.locator(".kts-figure")
    for place in range(boxes.count()):
        assert "GIẢ LẬP" in boxes.nth(place).inner_text()


def test_links_lead_somewhere(visit: Any, site: Path) -> None:
    for name in PAGES:
        page = visit(name)
        folder = (site / name).parent
        for link in page.locator("a[href]").all():
            href = link.get_attribute("href")
            if href.startswith("#"):
                assert page.locator(href).count() == 1, f"{name}: {href}"
            elif not href.startswith("http"):
                path, _, anchor = href.partition("#")
                assert (folder / path).resolve().is_file(), f"{name}: {href}"
                if anchor:
                    there = (folder / path).resolve().read_text(encoding="utf-8")
                    assert there.count(f'id="{anchor}"') == 1, f"{name}: {href}"


def test_no_control_hides_inside_a_picture(visit: Any) -> None:
    page = visit("356-thanh-pho-nam-dinh/area_report.html")
    inside = page.locator(".kts-figure a, .kts-figure button, .kts-figure [tabindex]")
    assert inside.count() == 0


def test_status_strip_names_all_seventeen_targets(visit: Any) -> None:
    page = visit("356-thanh-pho-nam-dinh/area_report.html")
    assert page.locator(".kts-strip li").count() == 17


def test_printing_shows_tables_sources_and_the_whole_stamp(visit: Any) -> None:
    page = visit("356-thanh-pho-nam-dinh/area_report.html")
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.wait_for_timeout(500)
    assert page.locator("details:not([open])").count() == 0
    widths = page.evaluate(
        "[...document.querySelectorAll('.kts-figure .main-svg')].map(e => e.clientWidth)"
    )
    assert widths and max(widths) <= 700
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 0


@pytest.mark.parametrize("name", list(PAGES))
def test_nothing_overflows_on_a_phone(visit: Any, name: str) -> None:
    page = visit(name, width=360)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_pages_are_small_beside_the_shared_script(site: Path) -> None:
    for name in PAGES:
        assert (site / name).stat().st_size <= 300_000, name
    assert len(list((site / "assets").glob("plotly-*.min.js"))) == 1
