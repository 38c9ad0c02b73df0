"""Area pages across a change of borders: since when, the break in the chart, links on."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kts_analysis.cases import line_for
from kts_analysis.chart_base import Chart
from kts_analysis.charts import trajectory_figure
from kts_analysis.cli import main
from kts_analysis.i18n import Messages
from kts_analysis.pages.area import AreaReport, area_report
from kts_analysis.pages.borders import break_text, breaks_of
from kts_analysis.periods import parse_partial_date, year_position
from kts_analysis.published_against import published_against_parts
from kts_analysis.registry import Registry
from kts_analysis.report_names import link_to
from kts_analysis.reporting.links import without_dead_links
from kts_analysis.reporting.units import check_parameters, plan_units

PLAN, DAY = "nam-dinh-105", "2025-06-30"
ROOT = Path(__file__).resolve().parent.parent
TableOf = Callable[[list[dict[str, Any]]], pd.DataFrame]
MERGED = parse_partial_date("2024-09-01")


def page(area: str, data: Path, as_of: str | None = DAY, lang: str = "en") -> AreaReport:
    return area_report(area, PLAN, as_of=as_of, lang=lang, data=str(data))


def words(part: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", part)).split())


def test_the_city_says_since_when_and_marks_the_break(data_folder: Path) -> None:
    report = page("356", data_folder)
    head = report.header().data
    assert "<dt>Borders</dt><dd>of 1 September 2024 and since</dd>" in head
    link = '<a class="kts-report" href="../358-huyen-my-loc/area_report.en.html">'
    assert f"{link}Mỹ Lộc District</a> was merged" in head
    ended = page("356", data_folder, as_of=None).header().data
    assert "<dd>of 1 September 2024 to 30 June 2025</dd>" in ended
    charts = [part for part in report.targets() if isinstance(part, Chart)]
    assert len(charts) == 11
    for chart in charts:
        rules = [
            s for s in chart.layout["shapes"] if s["x0"] == s["x1"] and s["line"]["width"] == 1
        ]
        when = round(year_position(MERGED), 3)
        assert [s["x0"] for s in rules if s["line"]["dash"] == "dash"] == [when]
        labels = [note["text"] for note in chart.layout["annotations"]]
        assert "new borders 1 September 2024" in labels
        assert "Borders changed on 1 September 2024 (upright line)." in chart.description
    assert "Added up by counts: 2021, 2022, 2023." in charts[0].description


def test_an_area_whose_borders_stayed_has_no_break(data_folder: Path) -> None:
    report = page("359", data_folder)
    assert "<dd>as of 30 June 2025</dd>" in report.header().data
    charts = [part for part in report.targets() if isinstance(part, Chart)]
    assert charts and all("Borders changed" not in chart.description for chart in charts)
    assert all("autorangeoptions" not in chart.layout["xaxis"] for chart in charts)


def test_points_that_cannot_be_carried_over_are_listed(data_copy: Path) -> None:
    path = data_copy / "sample" / "358.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    gone = (table["indicator"] == "KTS04") & (table["period"] == "2022")
    table[~gone].to_csv(path, index=False)
    report = page("356", data_copy)
    line = line_for(report.context.view, report.area, report.context.plan.target("KTS04"), "",
                    report.context.deadline_day)  # fmt: skip
    said = break_text(report.context, line)
    assert "Added up by counts: 2021, 2023." in said
    assert said.endswith("Left out, not to be carried over by counts: 2022.")
    assert breaks_of(report.context.registry, line) == [MERGED]


def test_a_line_without_a_figure_on_the_new_borders_says_so(data_copy: Path) -> None:
    with (data_copy / "crosswalk.csv").open("a", encoding="utf-8", newline="\n") as handle:
        handle.write("359,360,2025-03-01,0.3,unverified,\n")
    report = page("359", data_copy)
    assert "<dd>of 1 March 2025 and since</dd>" in report.header().data
    charts = [part for part in report.targets() if isinstance(part, Chart)]
    said = (
        "There is no figure on the borders of 1 March 2025 yet: the line stands on the former ones."
    )
    assert charts and all(chart.description.endswith(said) for chart in charts)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_an_ended_district_links_to_the_report_of_its_successor(
    data_folder: Path, registry: Registry, lang: str
) -> None:
    note = page("358", data_folder, lang=lang).header().data
    [address] = re.findall(r'href="\.\./([^"]+)"', note)
    units = plan_units(registry, [PLAN], langs=["vi", "en"])
    made = [f"{u.id}/{u.stem}.html" for u in units if u.area.code == "356" and u.lang == lang]
    assert [address] == made
    wards = words(page("359", data_folder, as_of=None, lang=lang).header().data)
    heirs = [registry.area(one.to_code).title(lang) for one in registry.successors("359")]
    assert len(heirs) > 3 and all(name in wards for name in heirs)
    assert "href" not in page("359", data_folder, as_of=None, lang=lang).header().data
    assert link_to(registry.area("36"), registry.plan(PLAN), registry, lang) == ""


def test_only_links_to_reports_of_the_same_run_stay(registry: Registry) -> None:
    def links(*only: str) -> dict[str, tuple[str, ...]]:
        units = plan_units(registry, [PLAN], only=only or None)
        return {unit.area.code: unit.links for unit in units}

    old, city = "358-huyen-my-loc", "356-thanh-pho-nam-dinh"
    whole = links()
    assert (whole["358"], whole["356"], whole["36"]) == ((city,), (old,), (old,))
    assert not any(found for code, found in whole.items() if code not in ("358", "356", "36"))
    assert links("36", "356") == {"36": (), "356": ()}
    text = f'<a class="kts-report" href="../{old}/area_report.html">Mỹ Lộc</a> <a href="x">y</a>'
    assert without_dead_links(text, whole["356"]) == text
    assert without_dead_links(text, ()) == 'Mỹ Lộc <a href="x">y</a>'


def test_the_axis_reaches_to_a_break_before_the_first_point() -> None:
    chart = trajectory_figure([], Messages("vi"), breaks=[MERGED])
    when = round(year_position(MERGED), 3)
    assert chart.layout["xaxis"]["autorangeoptions"] == {"include": [when]}
    assert chart.layout["annotations"][0]["text"] == "địa giới mới 01/09/2024"


def test_published_beside_parts_by_hand(registry: Registry, table_of: TableOf) -> None:
    plan = registry.plan(PLAN)

    def row(code: str, above: object, below: object, **more: Any) -> dict[str, Any]:
        cells = {
            "area_code": code,
            "series": "district_report",
            "period": 2023,
            "indicator": "XHS03",
        }
        return cells | {"numerator": above, "denominator": below, "vintage": "2024-02-14"} | more

    codes = ("356", "358", "359", "360", "361", "362", "363", "364", "365", "366")
    parts = [row(code, 10, 40) for code in codes]
    own = {"area_code": "36", "series": "provincial_report"}
    found = published_against_parts(
        table_of([*parts, row("36", 102, 400, **own)]), plan, registry, plan.target("XHS03")
    )
    assert [(one.kind, one.published, one.total, one.difference, one.agrees) for one in found] == [
        ("numerator", 102, 100, 2, False),
        ("denominator", 400, 400, 0, True),
    ]
    for value, qualifier, agrees in (
        (25, "exact", True), (25.1, "exact", False), (24.9, "at_least", True),
        (25.1, "at_least", False), (25.1, "at_most", True), (24, "about", None),
    ):  # fmt: skip
        rate = row("36", "", "", value=value, qualifier=qualifier, **own)
        [one] = published_against_parts(
            table_of([*parts, rate]), plan, registry, plan.target("XHS03")
        )
        assert (one.kind, one.total, one.agrees) == ("rate", 25, agrees)
        [holed] = published_against_parts(
            table_of([*parts[1:], rate]), plan, registry, plan.target("XHS03")
        )
        assert (holed.missing, holed.agrees) == (("356",), None)
    other = row("36", 102, 400, denominator_concept="everybody", **own)
    assert published_against_parts(
        table_of([*parts, other]), plan, registry, plan.target("XHS03")
    ) == []  # fmt: skip


def test_a_run_hands_the_method_of_sharing_out_to_home_pages_only(
    registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    units = plan_units(registry, [PLAN], allocate="equal_effort")
    asked = {unit.area.code for unit in units if "allocate" in unit.parameters}
    assert asked == {"36"} and len(units) == 11
    check_parameters(units, ROOT / "notebooks")
    assert all("allocate" not in unit.parameters for unit in plan_units(registry, [PLAN]))
    assert main(["run", "--data", str(ROOT / "data"), "--allocate", "fair", "--dry-run"]) == 2
    assert "fair" in capsys.readouterr().err
