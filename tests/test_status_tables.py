"""Statuses side by side, small pictures, and what the newest figures changed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kts_analysis.i18n import Messages
from kts_analysis.pages.area import area_report
from kts_analysis.pages.context import gather
from kts_analysis.pages.prepare import newest_round
from kts_analysis.pages.province import province_report
from kts_analysis.pages.standing import standing_row
from kts_analysis.rows import rows_of
from kts_analysis.small_charts import Axes, crowd, row_place, shared_axes, span, trajectory_marks
from kts_analysis.status_tables import letters, ranked_words, status_counts, status_matrix
from kts_analysis.wording import SPECIAL_WORDS, STATUS_WORDS, short_chance

PLAN = "nam-dinh-105"


def test_every_word_has_its_own_letter_best_first() -> None:
    ranks = ranked_words()
    assert set(ranks) == {*STATUS_WORDS.values(), *SPECIAL_WORDS.values()}
    assert len(set(ranks.values())) == len(ranks)
    order = ["exceeded", "met", "reached_early", "likely", "possible", "unlikely", "very_unlikely"]
    found = [ranks[STATUS_WORDS[name]] for name in [*order, "missed", "insufficient"]]
    assert found == sorted(found)
    assert max(ranks.values()) == ranks[STATUS_WORDS["not_measured"]]


@pytest.mark.parametrize(
    ("chance", "said"), [(0.005, "<1%"), (0.796, "79%"), (0.995, ">99%"), (float("nan"), "")]
)
def test_a_chance_in_a_narrow_cell(chance: float, said: str) -> None:
    assert short_chance(chance, Messages("vi")) == said


@pytest.fixture(scope="module")
def report(data_folder: Path):  # type: ignore[no-untyped-def]
    return province_report(PLAN, deadline=2025, as_of="2025-06-30", data=str(data_folder))


def test_the_matrix_holds_every_area_and_target(report) -> None:  # type: ignore[no-untyped-def]
    rows, c = rows_of(report.verdicts), report.context
    text = str(status_matrix(rows, c.plan, c.registry, c.m, {"359": "359/a.html"}))
    assert text.count("<tr data-s=") == 9 and text.count("<td ") == 9 * 17
    assert text.count('<a href="359/a.html">') == text.count("<a ") == 1
    codes = re.findall(r'data-s="(\w+)"', text)
    assert sorted(codes) == sorted(
        letters([row for row in rows if row["area_code"] == code]) for code in report.standing
    )
    assert {len(code) for code in codes} == {17}


def test_very_many_areas_are_counted_by_status(report) -> None:  # type: ignore[no-untyped-def]
    rows, c = rows_of(report.verdicts), report.context
    hrefs = {code: f"{code}.html" for code in ("359", "366")}
    text = str(status_counts(rows, c.plan, c.registry, c.m, hrefs))
    assert text.count("<tr data-s=") == 2
    numbers = [int(n) for n in re.findall(r'<td class="num">(\d+)</td>', text)]
    assert sum(numbers) == 2 * 11  # six of the seventeen are not measured in districts
    assert status_counts(rows, c.plan, c.registry, c.m, {}) == ""


# --- small pictures -------------------------------------------------------------------------------


def test_the_scale_is_whole_tens() -> None:
    assert span([31.2, 78.9]) == (30, 80)
    assert span([50, 50]) == (50, 60)
    assert (
        row_place(30, 30, 80) == 3 and row_place(80, 30, 80) == 97 and row_place(55, 30, 80) == 50
    )


@given(st.lists(st.floats(0, 100), min_size=1), st.floats(0, 100))
def test_every_value_stands_on_the_row(values: list[float], value: float) -> None:
    low, high = span([*values, value])
    assert 3 <= row_place(value, low, high) <= 97


def path(years: Iterable[int], ahead: Iterable[int] = ()) -> list[dict[str, object]]:
    blank = {"lo80": float("nan"), "hi80": float("nan")}
    seen = [{"kind": "observed", "date": f"{y}-12-31", "value": 40.0, **blank} for y in years]
    later = [
        {"kind": "projected", "date": f"{y}-12-31", "value": 60.0, "lo80": 50.0, "hi80": 70.0}
        for y in ahead
    ]
    return [*seen, *later]


def test_a_year_without_a_figure_breaks_the_line() -> None:
    axes = Axes(2020, 2030, 0, 100)
    whole = trajectory_marks(path([2020, 2021, 2022]), axes)["seen"]
    broken = trajectory_marks(path([2020, 2022]), axes)["seen"]
    assert (whole.count("M"), whole.count("L")) == (1, 2)
    assert (broken.count("M"), broken.count("L")) == (2, 0)


def test_the_fan_goes_out_and_back() -> None:
    axes = shared_axes([path([2020], [2021, 2022])], 80, 2025.0)
    assert axes == Axes(2020, 2025, 40, 80)
    marks = trajectory_marks(path([2020], [2021, 2022]), axes)
    assert marks["fan"].count("L") == 3 and marks["fan"].endswith("z")
    assert trajectory_marks(path([2020]), axes)["fan"] == ""
    assert shared_axes([[]], 80, 2025.0) is None


def test_small_pictures_say_what_the_verdicts_say(report) -> None:  # type: ignore[no-untyped-def]
    [part] = [p for p in report.targets() if 'id="many-XHS05"' in str(getattr(p, "data", ""))]
    said = re.findall(r"<li><p><b>(.*?)</b><br>(.*?)</p>", part.data)
    c = report.context
    rows = [row for row in rows_of(report.verdicts) if row["target_id"] == "XHS05"]
    assert len(said) == len(rows) == 9
    by_name = {c.registry.area(row["area_code"]).name: row for row in rows}
    for name, text in said:
        assert short_chance(by_name[name]["probability"], c.m).replace(">", "&gt;") in text
    assert "GIẢ LẬP" in part.data


# --- one area -------------------------------------------------------------------------------------


def test_an_area_is_placed_among_its_like(data_folder: Path) -> None:
    report = area_report("359", PLAN, deadline=2025, as_of="2025-06-30", data=str(data_folder))
    [text] = [
        part.data
        for part in report.targets()
        if "kts-row" in str(getattr(part, "data", "")) and "trên 80%" in part.data
    ]
    # KTS04: 90,63 88,65 86,73 84,07 (Vụ Bản) and five lower
    assert (
        "đứng thứ 4 trong 9 địa bàn cùng cấp (thấp nhất 61,64%, trung vị 75,37%, cao nhất" in text
    )
    assert text.count('class="other"') == 8 and "Huyện Vụ Bản 84,07%" in text
    assert "GIẢ LẬP" in text


def test_two_areas_are_no_field(data_folder: Path) -> None:
    report = area_report("VN", "quoc-gia-411", deadline=2025, data=str(data_folder))
    assert not [p for p in report.targets() if "kts-row" in str(getattr(p, "data", ""))]
    assert standing_row.__doc__


def test_the_newest_figures_are_set_against_the_day_before(data_folder: Path) -> None:
    c = gather(PLAN, ["359"], deadline=2025, as_of=None, lang="vi", data=str(data_folder))
    found = newest_round(c.view, c.plan, c.registry.area("359"))
    assert found is not None
    assert (found.first, found.last) == (date(2025, 2, 12), date(2025, 2, 14))
    assert (found.before.as_of, found.after.as_of) == (date(2025, 2, 11), date(2025, 2, 14))
    report = area_report("359", PLAN, deadline=2025, data=str(data_folder))
    [part] = report.changes()
    assert "12/02/2025–14/02/2025" in part.data
    line = re.search(r'<th scope="row">XHS07.*?</tr>', part.data, re.S)
    assert line is not None
    figures = re.findall(r'<td class="num">(.*?)</td>', line.group())
    assert [figure.partition(" ")[2] for figure in figures] == ["(31/12/2023)", "(31/12/2024)"]
    assert "số liệu mới" in line.group()


def test_the_first_figures_changed_nothing(data_folder: Path) -> None:
    report = area_report("359", PLAN, deadline=2025, as_of="2020-02-01", data=str(data_folder))
    assert report.changes() == []


def test_a_release_without_news_for_an_area_says_so(data_copy: Path) -> None:
    more = "359,XHS05,district_report,,2025-06,88.0,,,,exact,2025-07-20,synthetic,x,,,\n"
    with (data_copy / "sample" / "359.csv").open("a", encoding="utf-8") as handle:
        handle.write(more)
    report = area_report("360", PLAN, deadline=2025, as_of="2025-08-01", data=str(data_copy))
    [part] = report.changes()
    assert "20/07/2025" in part.data and "không trạng thái nào đổi" in part.data


def test_of_very_many_areas_those_near_share_a_dot() -> None:
    values = np.sort(np.r_[np.full(400, 50.0), np.linspace(0, 100, 305)])
    dots = crowd(values, 0.0, 100.0)
    places = [place for place, _ in dots]
    assert places == sorted(set(places)) and (places[0], places[-1]) == (3.0, 97.0)
    largest = max(dots, key=lambda dot: dot[1])
    assert largest == (50.0, 5.0) and min(radius for _, radius in dots) >= 1.5
