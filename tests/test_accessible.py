"""Pages for everybody: axe-core, the keyboard alone, without scripts, on paper."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_browser import PAGES

from kts_analysis.registry_files import load_registry
from kts_analysis.reporting.execute import Result
from kts_analysis.reporting.index import write_index
from kts_analysis.reporting.parts import read_verdicts
from kts_analysis.reporting.units import unit_from

pytestmark = pytest.mark.browser
DISTRICT = "356-thanh-pho-nam-dinh/area_report.html"
PROVINCE = "36-tinh-nam-dinh/province_report.html"
GRAVE = ("serious", "critical")

FAULTY = """<!doctype html><html><head><title></title></head><body>
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=">
<p style="color:#bbb;background:#fff">pale</p><input type="text"><button></button>
<select><option>1</option></select><table><tr><td><a href="#x"></a></td></tr></table>
<div style="height:2em;width:9em;overflow:auto"><p style="width:99em;height:9em">wide</p></div>
<div role="img"></div><ul><p>no item</p></ul></body></html>"""


def grave(page: Any) -> dict[str, list[str]]:
    """Return what axe-core finds serious or critical: the rule to the places."""
    playwright_axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="NOT RUN: no axe-core"
    )
    wanted = {"resultTypes": ["violations"]}  # of the rest one place each
    found = playwright_axe.Axe().run(page, options=wanted).response
    assert len(found["passes"]) > 10  # it has looked
    return {
        one["id"]: [" ".join(map(str, node["target"])) for node in one["nodes"]]
        for one in found["violations"]
        if one["impact"] in GRAVE
    }


@pytest.fixture(scope="module")
def failed(site: Path) -> Iterator[str]:
    """The index of the same run with one report failed, in the same folder."""
    facts = json.loads((site / "run.json").read_text(encoding="utf-8"))
    registry = load_registry()
    results = [
        Result(unit_from(unit, registry), ok=place > 0, cell=5 - 5 * place, message="KtsError: <x>")
        for place, unit in enumerate(facts["units"])
        if unit["lang"] == "vi"
    ]
    shelter = site / "failed"
    shelter.mkdir()
    write_index(shelter, registry, results, read_verdicts(site / "verdicts.csv"), "vi", ["vi"])
    name = "failed.html"
    shutil.move(shelter / "index.html", site / name)
    shelter.rmdir()
    yield name
    (site / name).unlink()


@pytest.mark.parametrize("name", list(PAGES))
def test_axe_finds_nothing_grave(visit: Any, name: str) -> None:
    assert grave(visit(name, charts=False)) == {}


def test_axe_finds_nothing_grave_where_a_report_failed(visit: Any, failed: str) -> None:
    page = visit(failed, charts=False)
    assert page.locator(".kts-failed").count() == 1
    assert grave(page) == {}


@pytest.mark.parametrize("name", [PROVINCE, DISTRICT])
def test_axe_finds_nothing_grave_with_everything_open_on_a_phone(visit: Any, name: str) -> None:
    page = visit(name, width=360, charts=False)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert grave(page) == {}
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_axe_finds_planted_faults(browser: Any) -> None:
    page = browser.new_page()
    page.set_content(FAULTY)
    planted = {
        "image-alt", "color-contrast", "label", "button-name", "html-has-lang", "document-title",
        "select-name", "link-name", "scrollable-region-focusable", "role-img-alt", "list",
    }  # fmt: skip
    assert planted - set(grave(page)) == set()
    page.close()


# --- the keyboard ---------------------------------------------------------------------------------

SEEN = """() => [...document.querySelectorAll(
  "a[href], button, input, select, summary, [tabindex='0']")].filter(one => one.checkVisibility()
  && getComputedStyle(one).visibility !== 'hidden').length"""
NOW = """() => { const one = document.activeElement, style = getComputedStyle(one);
  one.dataset.been = 'yes';
  return [one.tagName, style.outlineStyle, parseFloat(style.outlineWidth), one.textContent]; }"""


@pytest.mark.parametrize("name", ["index.html", PROVINCE, "quality.html"])
def test_the_keyboard_reaches_everything_and_shows_where_it_is(visit: Any, name: str) -> None:
    page = visit(name, charts=False)
    wanted = page.evaluate(SEEN)
    for _ in range(wanted):
        page.keyboard.press("Tab")
        tag, style, width, _text = page.evaluate(NOW)
        assert tag != "BODY"
        assert style != "none" and width >= 2, tag
    assert page.locator("[data-been]").count() == wanted


def test_the_first_stop_leads_past_the_links(visit: Any) -> None:
    page = visit(PROVINCE, charts=False)
    page.keyboard.press("Tab")
    link = page.locator(".kts-skip")
    assert link.evaluate("one => one === document.activeElement")
    assert link.bounding_box()["x"] >= 0  # it comes into sight
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def area_names(page: Any) -> list[str]:
    rows = page.locator(".kts-matrix tbody tr:visible th")
    return [text.strip() for text in rows.all_inner_texts()]


def test_the_matrix_is_sorted_by_keyboard_and_says_so(visit: Any) -> None:
    page = visit("index.html")
    before = area_names(page)
    heading = page.locator(".kts-matrix thead th", has_text="XHS03")
    heading.locator("button").focus()
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "ascending"
    assert page.locator(".kts-matrix [aria-sort]").count() == 1
    assert page.locator(".kts-said").inner_text() == (
        "Đang hiện 3 trong 3 địa bàn. Xếp theo XHS03, xuôi."
    )
    values = page.locator(".kts-matrix tbody tr td:nth-child(10) small").all_inner_texts()
    assert area_names(page)[0] == "Thành phố Nam Định"  # reached early; the others are far behind
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "descending"
    again = page.locator(".kts-matrix tbody tr td:nth-child(10) small").all_inner_texts()
    assert again == values[::-1] and len(set(values)) == 3
    page.locator(".kts-matrix thead th button").first.press("Enter")
    assert area_names(page) == before


def test_the_matrix_is_filtered_by_area_target_and_status(visit: Any) -> None:
    page = visit(PROVINCE, charts=False)
    everyone = area_names(page)
    assert len(everyone) == 9
    page.locator("[name=area]").fill("hai hau")  # without marks
    assert area_names(page) == ["Huyện Hải Hậu"]
    assert page.locator(".kts-said").inner_text() == "Đang hiện 1 trong 9 địa bàn."
    page.get_by_role("button", name="Hiện tất cả").click()
    assert area_names(page) == everyone
    place = page.evaluate("""() => [...document.querySelectorAll('.kts-matrix thead th')]
        .findIndex(one => one.textContent.includes('XHS03')) - 1""")
    page.locator("[name=target]").select_option(str(place))
    assert page.locator(".kts-matrix thead th:visible").count() == 2
    page.locator("[name=status]").select_option(label="▼ Rất khó đạt")
    left = page.locator(".kts-matrix tbody tr:visible")
    words = left.locator("td:visible .kts-hidden").all_inner_texts()
    assert 0 < left.count() < 9 and set(words) == {"Rất khó đạt"}


def test_the_map_shows_the_share_and_any_target(visit: Any) -> None:
    page = visit(PROVINCE, charts=False)
    city = page.locator(".kts-map g[data-code='356']")
    assert city.locator(".sign").text_content() == "10/11"
    words = page.locator(".kts-matrix tr", has_text="Thành phố Nam Định").locator("td")
    good = {"Đã đạt sớm, cần giữ", "Dự kiến đạt"}
    assert sum(word in good for word in words.locator(".kts-hidden").all_inner_texts()) == 10
    page.locator(".kts-pick select").select_option("9")  # the tenth: as in the matrix
    told = words.nth(9).locator("small").text_content()
    assert (
        city.locator("title").text_content() == f"Thành phố Nam Định: Đã đạt sớm, cần giữ ({told}%)"
    )
    assert city.get_attribute("class") == "good"
    assert "GIẢ LẬP" in page.locator(".kts-map svg").text_content()
    page.locator(".kts-pick select").select_option("")
    assert city.locator(".sign").text_content() == "10/11"


# --- without scripts, on paper --------------------------------------------------------------------


@pytest.mark.parametrize("name", ["index.html", PROVINCE])
def test_without_scripts_everything_is_there(visit: Any, name: str) -> None:
    page = visit(name, java_script_enabled=False)
    assert page.locator(".kts-matrix tbody tr:visible").count() == (3 if name != PROVINCE else 9)
    assert page.locator("form:visible, select:visible, button:visible").count() == 0
    if name == PROVINCE:
        assert page.locator(".kts-map g[data-code]:visible").count() == 9


@pytest.mark.parametrize(("landscape", "width"), [(False, 700), (True, 1030)])
def test_on_paper_nothing_is_cut(visit: Any, landscape: bool, width: int) -> None:
    """A4 less the margins is 186 × 273 mm: 703 × 1032 pixels of a style sheet."""
    page = visit(PROVINCE, width=width, charts=False)
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    cut = page.evaluate(
        """() => [...document.querySelectorAll('.kts-table table, svg')]
        .filter(one => one.getBoundingClientRect().right > innerWidth + 1).length"""
    )
    assert cut == 0
    hidden = page.locator(".kts-filter:visible, .kts-bar:visible, .kts-pick:visible")
    assert hidden.count() == 0
    assert page.locator("thead").first.evaluate("one => getComputedStyle(one).display") == (
        "table-header-group"  # printed again on every sheet
    )
    badges = page.locator(".kts-legend:visible .kts-badge").all_inner_texts()
    assert any("Rất khó đạt" in text for text in badges)  # words, not colours
