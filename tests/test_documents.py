"""What documents hold: the verdict rows' numbers, charts that stand where the page's stand."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from document_units import HOSTILE, MARK, document_of, tables_of, unit_of

from kts_analysis.assessment import judge_rows
from kts_analysis.chart_base import BLUE, VERMILLION, Chart, base_layout
from kts_analysis.charts import dots_figure, trajectory_figure
from kts_analysis.documents.area_content import AreaContent
from kts_analysis.documents.chart_axes import axis_for, ticks
from kts_analysis.documents.chart_marks import runs, symbol
from kts_analysis.documents.chart_svg import AXIS, chart_svg
from kts_analysis.documents.content import Column, Document, Heading, Paragraph, Picture, Table
from kts_analysis.documents.phrases import effort_paragraph
from kts_analysis.documents.pictures import png_pictures
from kts_analysis.i18n import LANGUAGES, Messages
from kts_analysis.pages.area import area_report
from kts_analysis.pages.context import stand
from kts_analysis.registry import Registry
from kts_analysis.rows import Row, missing
from kts_analysis.vi import format_number, format_percent
from kts_analysis.wording import STATUS_WORDS

SVG = "{http://www.w3.org/2000/svg}"


def texts_of(document: Document) -> list[str]:
    """Return every text of a document."""
    found = [document.kind, document.title, document.subject]
    for block in (*document.blocks, *(one for annex in document.annexes for one in annex.blocks)):
        if isinstance(block, Heading | Paragraph):
            found.append(block.text)
        elif isinstance(block, Table):
            found += [block.caption, *block.notes, *(cell for row in block.rows for cell in row)]
        elif isinstance(block, Picture):
            found += [block.caption, block.alt]
        else:
            found += [item.text for item in block.items]
    return found


def rows_of_area(code: str, plan: str) -> list[Row]:
    view, _ = stand(None, None)
    return judge_rows(view, view.registry.plan(plan), 2025, areas=[code])


# --- content ------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["356", "VN"])
def test_annex_holds_the_numbers_of_the_verdict_rows(code: str) -> None:
    document = document_of(code)
    rows = rows_of_area(code, unit_of(code, "vi").plan.id)
    (table,) = document.annexes[0].blocks
    assert isinstance(table, Table)
    measured = [row for row in rows if row["status"] != "not_measured"]
    assert len(table.rows) == len(measured)
    m = Messages("vi")
    for cells, row in zip(table.rows, measured, strict=True):
        assert cells[1].startswith(f"{row['target_id']} ")
        assert (cells[3] == "—") == missing(row["latest"])
        if not missing(row["latest"]):
            written = re.sub(r"[^\d,]", "", cells[3].split("%")[0])
            assert float(written.replace(",", ".")) == round(row["latest"], 2)
        if missing(row["gap"]):
            assert cells[5] == "—"
        else:
            assert format_number(abs(row["gap"]), 1) in cells[5]
        if missing(row["projected"]):
            assert cells[8] == cells[9] == "—"
        else:
            low, high = format_number(row["lo80"]), format_number(row["hi80"])
            assert cells[8] == f"{format_percent(row['projected'])} ({low}–{high})"
        if row["reason"] not in ("area_ended", "no_figure_at_deadline"):
            assert cells[10] == m(STATUS_WORDS[row["status"]].text)


def test_targets_not_measured_are_named_once_a_table_and_have_no_row() -> None:
    rows = rows_of_area("356", "nam-dinh-105")
    silent = [row["target_id"] for row in rows if row["status"] == "not_measured"]
    assert silent == ["KTS01", "KTS02", "KTS03", "KTS06", "XHS06", "XHS10"]
    for table in tables_of(document_of("356")):
        named = [note for note in table.notes if ", ".join(silent) in note]
        assert len(named) == 1
        assert not [row for row in table.rows for code in silent if code in " ".join(row)]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", ["356", "36"])
def test_synthetic_figures_are_marked_in_every_caption(code: str, lang: str) -> None:
    document = document_of(code, lang)
    assert document.mark == MARK[lang]
    assert document.full_title.startswith(MARK[lang])
    published = [table for table in tables_of(document) if not table.caption.startswith(MARK[lang])]
    assert len(published) == (1 if code == "36" else 0)  # the two figures published for a province
    for picture in document.pictures:
        assert picture.caption.startswith(MARK[lang])
        assert picture.alt.startswith(MARK[lang])
        assert MARK[lang] in picture.svg


def test_published_figures_carry_no_mark() -> None:
    document = document_of("VN")
    assert document.mark == document.warning == ""
    assert not [text for text in texts_of(document) if MARK["vi"] in text]
    assert not [picture for picture in document.pictures if MARK["vi"] in picture.svg]


def test_both_deadlines_and_the_day_before_are_annexed() -> None:
    titles = [annex.title for annex in document_of("356", "en").annexes]
    assert titles == [
        "All targets at a glance",
        "What could be said before the deadline",
        "Looking ahead to 2030",
    ]
    referred = [text for text in texts_of(document_of("356", "en")) if text.startswith("Details")]
    assert referred == [f"Details: Annex {number}." for number in ("I", "II", "III")]


def test_a_forecast_never_says_met() -> None:
    """The look before the deadline is a forecast: no word of a result stands in it."""
    (table,) = document_of("356").annexes[1].blocks
    assert isinstance(table, Table)
    m = Messages("vi")
    results = {m(STATUS_WORDS[name].text) for name in ("met", "exceeded", "missed")}
    assert results.isdisjoint(row[10] for row in table.rows)


def test_province_lists_its_standing_areas_and_who_holds_back() -> None:
    document = document_of("36", "en")
    first, *_ = tables_of(document)
    assert len(first.rows) == 9  # Mỹ Lộc was merged and is counted in the city
    assert "Mỹ Lộc District" not in [row[0] for row in first.rows]
    holding = next(table for table in tables_of(document) if "Who holds KTS04" in table.caption)
    shares = [float(row[5].rstrip("%")) for row in holding.rows]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(100, abs=0.5)


def test_sums_stand_year_by_year_with_bounds_where_areas_are_missing() -> None:
    document = document_of("36", "en")
    tables = [table for table in tables_of(document) if "added up, year by year" in table.caption]
    assert len(tables) == 11
    (smartphones,) = [table for table in tables if "XHS01" in table.caption]
    heads = [column.head for column in smartphones.columns]
    for row in smartphones.rows:
        cells = dict(zip(heads, row, strict=True))
        rate = 100 * _count(cells["Numerator"]) / _count(cells["Denominator"])
        assert float(row[1].rstrip("%")) == pytest.approx(rate, abs=0.005)
        counted, expected = cells["Areas counted"].split("/")
        assert (counted == expected) == (cells["Without figures"] == "—")


def _count(text: str) -> int:
    return int(text.replace(",", ""))


def test_an_area_without_figures_gives_a_short_document(data_copy: Path) -> None:
    (data_copy / "sample" / "359.csv").unlink()
    report = area_report("359", "nam-dinh-105", lang="vi", as_of="2024-12-31", data=str(data_copy))
    document = AreaContent(report).document()
    assert document.pictures == []
    assert document.mark == ""
    (table,) = document.annexes[0].blocks
    assert isinstance(table, Table)
    assert {row[3] for row in table.rows} == {"—"}
    assert {row[10] for row in table.rows} == {"Chưa đủ cơ sở đánh giá"}
    assert not [cell for row in table.rows for cell in row[3:10] if cell != "—"]


def test_effort_says_points_and_what_is_counted(registry: Registry) -> None:
    card = registry.indicators["XHS01"]
    nan = float("nan")
    row = {
        "gap": 12.34, "gap_count": 1234.0, "comparator": ">=", "pace_required": 3.21,
        "pace_required_count": 321.0, "pace_observed": 1.5,
    }  # fmt: skip
    m = Messages("en")
    assert effort_paragraph(row, card, m) == (
        "Still missing to the threshold: 12.3 points, or 1,234 people. "
        "To be there by the deadline takes +3.2 points a year, or 321 people a year. "
        "So far it was +1.5 points a year."
    )
    past = row | {"gap": -2.0, "pace_required": nan, "pace_observed": nan}
    for comparator in (">=", "<="):
        turned = effort_paragraph(past | {"comparator": comparator}, card, m)
        assert turned == "The newest figure is past the threshold by 2.0 points."
    assert effort_paragraph(past | {"gap": nan}, card, m) == ""
    assert "very value" in effort_paragraph(past | {"gap": 0.0}, card, m)


def test_a_ragged_table_is_refused() -> None:
    with pytest.raises(ValueError, match="2 columns, but a row has 1"):
        Table("x", (Column("a"), Column("b")), (("1",),))


# --- charts -------------------------------------------------------------------------------------


def drawing(chart: Chart) -> ElementTree.Element:
    return ElementTree.fromstring(chart_svg(chart))


def row_of(kind: str, day: str, value: float, **more: object) -> Row:
    blank = dict.fromkeys(("lo50", "hi50", "lo80", "hi80", "lo95", "hi95"), float("nan"))
    usual = {"kind": kind, "date": day, "value": value, "qualifier": "exact", "origin": "published"}
    return usual | blank | more


def trajectory() -> list[Row]:
    fan = {"lo50": 60.0, "hi50": 70.0, "lo80": 55.0, "hi80": 75.0, "lo95": 50.0, "hi95": 80.0}
    return [
        row_of("observed", "2021-12-31", 40.0),
        row_of("observed", "2022-12-31", 50.0),
        row_of("observed", "2024-12-31", 60.0, qualifier="at_least"),
        row_of(
            "projected",
            "2024-12-31",
            60.0,
            lo50=60.0,
            hi50=60.0,
            lo80=60.0,
            hi80=60.0,
            lo95=60.0,
            hi95=60.0,
        ),
        row_of("projected", "2025-12-31", 65.0, **fan),
    ]


def test_a_drawn_chart_stands_on_its_axes() -> None:
    """Marks and lines stand where the written values of the axis say they do."""
    chart = trajectory_figure(
        trajectory(), Messages("en"), threshold=60.0, threshold_label="60%", deadline="2025-12-31"
    )
    root = drawing(chart)
    at = {
        text.text: (float(text.get("x", "")), float(text.get("y", "")))
        for text in root.iter(f"{SVG}text")
    }
    height = {
        int(name[:-1]): y - 5 for name, (_, y) in at.items() if re.fullmatch(r"\d+%", str(name))
    }
    place = {int(name): x for name, (x, _) in at.items() if re.fullmatch(r"20\d\d", str(name))}
    circles = [
        (float(one.get("cx", "")), float(one.get("cy", ""))) for one in root.iter(f"{SVG}circle")
    ]
    # year 2021's end stands at 2021 on the axis; the last circle is the legend's
    assert circles[0] == pytest.approx((place[2021], height[40]), abs=0.2)
    assert circles[1] == pytest.approx((place[2022], height[50]), abs=0.2)
    assert len(circles) == 3
    lines = [one for one in root.iter(f"{SVG}path") if one.get("stroke") == VERMILLION]
    target, deadline = (re.findall(r"[\d.]+", one.get("d", "")) for one in lines)
    assert float(target[1]) == float(target[3]) == pytest.approx(height[60], abs=0.2)
    assert float(deadline[0]) == pytest.approx(place[2025], abs=0.2)
    assert lines[0].get("stroke-dasharray") != lines[1].get("stroke-dasharray")
    bands = [one for one in root.iter(f"{SVG}path") if one.get("fill-opacity")]
    assert len(bands) == sum("fill" in trace for trace in chart.data)


def test_a_bound_is_an_open_arrow_joined_to_nothing() -> None:
    root = drawing(trajectory_figure(trajectory(), Messages("en")))
    arrows = [
        one.get("d", "")
        for one in root.iter(f"{SVG}path")
        if one.get("fill") == "#ffffff" and one.get("stroke") == BLUE
    ]
    assert len(arrows) == 2  # the figure and its sample in the legend
    assert all(arrow.endswith("Z") for arrow in arrows)


@pytest.mark.parametrize(
    ("anchor", "above"), [({"yanchor": "bottom"}, 4), ({}, -5), ({"yanchor": "top"}, -14)]
)
def test_a_note_stands_above_on_or_below_its_place(anchor: dict[str, str], above: float) -> None:
    chart = trajectory_figure(trajectory(), Messages("en"))
    chart.note(x=2024.0, y=0, yref="paper", text="new borders", **anchor)
    root = drawing(chart)
    (note,) = [one for one in root.iter(f"{SVG}text") if one.text == "new borders"]
    axis = max(
        float(re.findall(r"[\d.]+", one.get("d", ""))[1])
        for one in root.iter(f"{SVG}path")
        if one.get("stroke") == AXIS
    )
    assert axis - float(note.get("y", "")) == pytest.approx(above)


def test_a_gap_breaks_the_line() -> None:
    assert runs([(0, 0), (1, 1), None, (3, 3), None, (5, 5), (6, 6)]) == [
        [(0, 0), (1, 1)],
        [(5, 5), (6, 6)],
    ]


def test_numbers_on_an_axis_follow_the_language() -> None:
    rows = [row_of("observed", f"{year}-12-31", 10 + year / 1e4) for year in (2021, 2022, 2023)]
    shown = {
        lang: [
            one.text for one in drawing(trajectory_figure(rows, Messages(lang))).iter(f"{SVG}text")
        ]
        for lang in LANGUAGES
    }
    assert "10,15%" in shown["vi"]
    assert "10.15%" in shown["en"]


def test_long_names_take_two_lines_and_hostile_ones_stay_text() -> None:
    name = "Khu kinh tế Ninh Cơ và các xã ven biển huyện Nghĩa Hưng ABC"
    assert len(name) > 57
    chart = dots_figure([name, HOSTILE], [1.0, 2.0], Messages("vi"), threshold=1.5)
    texts = [one.text or "" for one in drawing(chart).iter(f"{SVG}text")]
    joined = " ".join(texts)
    assert name in joined
    assert name not in texts
    assert all(part in joined for part in HOSTILE.split())


def test_a_chart_that_cannot_be_drawn_is_refused() -> None:
    chart = Chart(base_layout(Messages("en"), ""), [{"type": "pie", "x": [], "y": []}])
    with pytest.raises(ValueError, match="pie"):
        chart_svg(chart)
    with pytest.raises(KeyError, match="star"):
        symbol(0, 0, {"symbol": "star", "color": BLUE})


def test_every_chart_of_a_page_can_be_drawn() -> None:
    """Whatever the pages learn to show has to be drawn here too."""
    for code in ("356", "36", "VN"):
        for picture in document_of(code).pictures:
            root = ElementTree.fromstring(picture.svg)
            width, height = float(root.get("width", "")), float(root.get("height", ""))
            inside = [
                (float(one.get("x", "0")), float(one.get("y", "0")))
                for one in root.iter(f"{SVG}text")
            ]
            assert all(0 <= x <= width and 0 <= y <= height for x, y in inside)


@pytest.mark.parametrize(
    ("low", "high", "step", "expected"),
    [
        (0.0, 100.0, None, (0, 20, 40, 60, 80, 100)),
        (10.1, 10.5, None, (10.1, 10.2, 10.3, 10.4, 10.5)),
        (2020.7, 2030.2, 1.0, (2021, 2022, 2023, 2024, 2025, 2026, 2027, 2028, 2029, 2030)),
        (2013.0, 2031.0, 1.0, (2014, 2016, 2018, 2020, 2022, 2024, 2026, 2028, 2030)),
    ],
)
def test_ticks_are_round(
    low: float, high: float, step: float | None, expected: tuple[float, ...]
) -> None:
    assert ticks(low, high, 11 if step else 7, step) == expected


def test_an_axis_without_values_and_with_one() -> None:
    assert axis_for([], 0, 100, many=5).at(0.0) == 0
    one = axis_for([50.0], 0, 100, many=5)
    assert one.low < 50 < one.high
    assert axis_for([0.0, 10.0], 0, 100, many=5).low == 0  # no share below nothing


def test_pictures_are_the_same_bytes_again() -> None:
    svg = chart_svg(trajectory_figure(trajectory(), Messages("vi")))
    first, again = png_pictures([svg, svg])
    assert first == again == png_pictures([svg])[0]
    assert first.startswith(b"\x89PNG")
    assert png_pictures([]) == []
