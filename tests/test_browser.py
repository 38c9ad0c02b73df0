"""Pages in a real browser without a network: no request, charts drawn, nothing on the console."""

from __future__ import annotations

import json
import re
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from kts_analysis.registry_files import load_registry
from kts_analysis.reporting.units import plan_units

pytestmark = pytest.mark.browser
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
    "36-tinh-nam-dinh/province_report.en.html": 20,
    "vn-ca-nuoc/area_report.html": 6,
}


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


def test_links_lead_somewhere(site: Path) -> None:
    for name in PAGES:
        text = (site / name).read_text(encoding="utf-8")
        links = set(re.findall(r'<(?:a|link|script)\b[^>]* (?:href|src)="([^"]+)"', text))
        assert len(links) > 5
        for href in links:
            if href.startswith(("http", "data:")):
                continue
            path, _, anchor = href.partition("#")
            there = (site / name).parent / path if path else site / name
            assert there.resolve().is_file(), f"{name}: {href}"
            if anchor:
                found = there.read_text(encoding="utf-8").count(f'id="{anchor}"')
                assert found == 1, f"{name}: {href}"


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


def test_a_default_run_is_small(site: Path) -> None:
    """Every report of the bundled data, each as large as those of its plan made here are."""
    units = {unit.id: (unit.plan.id, unit.notebook) for unit in plan_units(load_registry())}
    made = {name: folder_size(site / name) for name in units if (site / name).is_dir()}
    usual = {
        kind: mean(size for name, size in made.items() if units[name] == kind)
        for kind in units.values()
    }
    beside = folder_size(site) - sum(made.values())
    assert len(units) > 10 and beside + sum(usual[kind] for kind in units.values()) < 25_000_000


def folder_size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_charts_stand_before_the_chart_script_comes(visit: Any) -> None:
    """Seconds of script must not stand between a reader and the first chart."""
    page = visit("356-thanh-pho-nam-dinh/area_report.html", charts=False)
    boxes = page.locator(".kts-figure")
    assert boxes.count() == page.locator(".kts-sketch").count() >= 11
    assert page.evaluate("typeof window.Plotly") == "undefined"
    first = boxes.first
    seen = first.locator(".kts-sketch path[fill='#0072B2']").count()
    data = page.locator(f"#{first.get_attribute('data-figure')}")
    figures = json.loads(data.text_content())["data"]
    assert seen == len(figures[-1]["x"]) + 1  # and one in the legend
    assert "GIẢ LẬP" in first.inner_text()
    assert page.complaints == []


def test_the_chart_script_takes_the_place_of_the_sketches(visit: Any) -> None:
    page = visit("backtest.html")
    assert page.locator(".kts-sketch").count() == 0
    assert [url for url in page.requests if "plotly" in url] == [
        url for url in page.requests if url.startswith("file:") and "plotly" in url
    ]
