"""What is there, late, missing, doubtful, revised; what to ask of whom; the page that says it."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import PlanOf, TableOf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kts_analysis.cli import main
from kts_analysis.entries import Plan
from kts_analysis.pages.quality import LISTED, QualityReport, data_quality
from kts_analysis.pages.quality_words import STATE_WORDS
from kts_analysis.quality import STATES, coverage, newest_year
from kts_analysis.quality_findings import (
    COLUMNS,
    KINDS,
    NOT_HERE,
    Turn,
    by_urgency,
    findings,
    requests,
)
from kts_analysis.registry import Registry
from kts_analysis.store import known_on
from kts_analysis.tables import SHOWN
from kts_analysis.views import View

ROOT = Path(__file__).resolve().parents[1]
DATA = str(ROOT / "data")
PLAN = "nam-dinh-105"
Output = pytest.CaptureFixture[str]
Rows = Iterable[Mapping[str, Any]]


def view_of(table: pd.DataFrame, registry: Registry, day: str) -> View:
    return View(registry, known_on(table, day), date.fromisoformat(day))


def states(view: View, plan: Plan) -> dict[int, str]:
    """The states of a plan with one area and one target, by year."""
    cells = coverage(view, plan)
    return dict(zip(cells["year"], cells["state"], strict=True))


def yearly(*years: int, **cells: str) -> list[dict[str, str]]:
    return [
        {"period": str(year), "value": "50", "vintage": f"{year + 1}-01-31", **cells}
        for year in years
    ]


@pytest.fixture(scope="module")
def sample(registry: Registry, obs: pd.DataFrame) -> View:
    return View(registry, obs, date.fromisoformat(obs.attrs["as_of"]))


# --- one word a year ------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "state"), [("2024-03-30", "not_due"), ("2024-03-31", "late")])
def test_late_only_after_the_end_of_the_year_and_the_delay_of_the_series(
    table_of: TableOf, plan_of: PlanOf, registry: Registry, day: str, state: str
) -> None:
    assert registry.series["provincial_report"].lag_days == 90  # 2023 is due on 30 March 2024
    view = view_of(table_of(yearly(2021, 2022)), registry, day)
    assert states(view, plan_of()) == {2021: "there", 2022: "there", 2023: state}


def test_a_year_passed_over_is_missing_and_not_late(
    table_of: TableOf, plan_of: PlanOf, registry: Registry
) -> None:
    view = view_of(table_of(yearly(2020, 2022)), registry, "2024-12-31")
    assert states(view, plan_of()) == {
        2020: "there", 2021: "missing", 2022: "there", 2023: "late", 2024: "not_due",
    }  # fmt: skip


def test_what_is_there_says_what_a_reader_must_know_first(
    table_of: TableOf, plan_of: PlanOf, registry: Registry
) -> None:
    again = {"period": "2022", "value": "48", "vintage": "2023-09-01"}
    rows = [
        *yearly(2020, qualifier="estimate"),
        *yearly(2021, 2022),
        again,
        *yearly(2023, qualifier="preliminary", flags="doubtful"),
    ]
    plan = plan_of()
    assert states(view_of(table_of(rows), registry, "2024-01-31"), plan) == {
        2020: "qualified", 2021: "there", 2022: "revised", 2023: "doubtful",
    }  # fmt: skip
    earlier = states(view_of(table_of(rows), registry, "2023-08-31"), plan)
    assert earlier[2022] == "there"  # nobody knew of the revision yet


def test_half_a_year_is_a_part_until_the_year_is_due(
    table_of: TableOf, plan_of: PlanOf, registry: Registry
) -> None:
    half = {"period": "2023-H1", "value": "55", "vintage": "2023-07-15"}
    table = table_of([*yearly(2022), half])
    assert states(view_of(table, registry, "2023-12-30"), plan_of())[2023] == "partial"
    assert states(view_of(table, registry, "2024-03-30"), plan_of())[2023] == "partial"
    assert states(view_of(table, registry, "2024-03-31"), plan_of())[2023] == "late"


def test_the_end_of_the_year_counts_whatever_the_period_is_called(
    table_of: TableOf, plan_of: PlanOf, registry: Registry
) -> None:
    for period in ("2023", "2023-H2", "2023-Q4", "2023-12", "2023-12-31"):
        row = {"period": period, "value": "55", "vintage": "2024-01-05"}
        view = view_of(table_of([row]), registry, "2024-06-30")
        assert states(view, plan_of())[2023] == "there", period


def test_another_method_does_not_stand_for_the_plans_own(
    table_of: TableOf, plan_of: PlanOf, registry: Registry
) -> None:
    rows = [*yearly(2021, 2022), *yearly(2023, series="government_report")]
    view = view_of(table_of(rows), registry, "2024-12-31")
    assert states(view, plan_of())[2023] == "other_method"
    assert states(view, plan_of(series={}))[2023] == "there"  # the plan names no method


def test_without_a_known_method_nothing_is_called_late(
    table_of: TableOf, plan_of: PlanOf, registry: Registry
) -> None:
    rows = [*yearly(2021), *yearly(2021, series="government_report")]
    view = view_of(table_of(rows), registry, "2024-12-31")
    cells = coverage(view, plan_of(series={}))
    assert dict(zip(cells["year"], cells["state"], strict=True)) == {
        2021: "there", 2022: "missing", 2023: "missing", 2024: "not_due",
    }  # fmt: skip
    assert set(cells["due"]) == {None} and set(cells["series"]) == {""}


def test_what_nobody_ever_reported_is_asked_for_once(
    table_of: TableOf, plan_of: PlanOf, registry: Registry
) -> None:
    other = yearly(2019, 2020, 2021, 2022, 2023, indicator="KTS01", series="nso_gdp")
    view = view_of(table_of(other), registry, "2024-06-30")
    assert states(view, plan_of()) == {2023: "missing"}


def test_sectors_are_all_needed(table_of: TableOf, plan_of: PlanOf, registry: Registry) -> None:
    plan = registry.plan(PLAN).model_copy(
        update={"areas": ("VN",), "targets": plan_of(scope="worst_breakdown").targets}
    )
    sectors = plan.sector_ids()
    assert len(sectors) > 1
    some = [row for one in sectors[1:] for row in yearly(2022, 2023, breakdown=one)]
    view = view_of(table_of([*some, *yearly(2022, breakdown=sectors[0])]), registry, "2024-06-30")
    assert states(view, plan) == {2022: "there", 2023: "late"}


def test_areas_that_do_not_exist_or_do_not_measure(sample: View, registry: Registry) -> None:
    cells = coverage(sample, registry.plan(PLAN))
    state = {(c.area_code, c.indicator, c.year): c.state for c in cells.itertuples()}
    assert state["358", "XHS05", 2023] == "there"
    assert state["358", "XHS05", 2024] == "no_area"  # merged on 1 September 2024
    assert state["360", "XHS05", 2025] == "no_area"
    assert state["360", "KTS01", 2024] == "not_measured"
    assert state["36", "XHS05", 2024] == "not_begun"  # its areas add up to it
    assert state["36", "KTS01", 2024] == "missing"  # nobody below measures it


def test_nothing_known_gives_no_cells(
    table_of: TableOf, plan_of: PlanOf, registry: Registry
) -> None:
    view = View(registry, table_of([]), date.min)
    assert len(coverage(view, plan_of())) == 0
    assert len(findings(view, plan_of())) == 0


def test_the_sample_is_counted_row_by_row(sample: View, registry: Registry) -> None:
    """Cells with a figure are just the area, indicator and year combinations of the files."""
    files = sorted((ROOT / "data" / "sample").glob("3*.csv"))  # the plan's districts
    rows = [row for file in files for row in csv.DictReader(io.StringIO(file.read_text("utf-8")))]
    written = {(row["area_code"], row["indicator"], int(row["period"])) for row in rows}
    cells = coverage(sample, registry.plan(PLAN))
    here = cells[cells["state"].isin(STATES[:4]) & (cells["area_code"] != "36")]
    found = set(zip(here["area_code"], here["indicator"], here["year"], strict=True))
    assert found == written
    assert Counter(here["state"]) == {"there": 478, "qualified": 1, "revised": 1}


YEARS = st.sets(st.integers(2015, 2024), min_size=1)


@given(years=YEARS, later=YEARS, day=st.dates(date(2016, 1, 1), date(2026, 12, 31)))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_cell_contradicts_its_figures(
    table_of: TableOf,
    plan_of: PlanOf,
    registry: Registry,
    years: set[int],
    later: set[int],
    day: date,
) -> None:
    table = table_of(yearly(*sorted(years)))
    view = View(registry, known_on(table, day), day)
    cells = coverage(view, plan_of())
    known = {end.year for end in view.known["period_end"]}
    assert cells["year"].tolist() == list(range(cells["year"].min(), newest_year(view) + 1))
    for cell in cells.itertuples():
        assert (cell.state == "there") == (cell.year in known)
        over = date(cell.year, 12, 31) + timedelta(days=90)
        if cell.state in NOT_HERE:
            assert over < day
        if cell.state == "late":
            assert known and cell.year > max(known)
    unknown = [{**row, "vintage": "2099-01-01"} for row in yearly(*sorted(later))]
    more = table_of([*yearly(*sorted(years)), *unknown])
    assert coverage(View(registry, known_on(more, day), day), plan_of()).equals(cells)


# --- what to ask ----------------------------------------------------------------------------------


def test_findings_of_the_sample(sample: View, registry: Registry) -> None:
    found = findings(sample, registry.plan(PLAN))
    assert list(found.columns) == list(COLUMNS)
    assert Counter(found["finding"]) == {"missing": 21, "late": 6, "suspicious": 2, "revised": 1}
    told = [
        (row.finding, row.indicator, row.period, row.due, row.origin)
        for row in found[found["area_code"] == "361"].itertuples()
    ]
    assert told == [
        ("late", "XHS02", "2023", "2024-02-14", "synthetic"),
        ("late", "XHS02", "2024", "2025-02-14", "synthetic"),
        ("missing", "KTS05", "2021", "2022-02-14", "synthetic"),
        ("missing", "XHS02", "2021", "2022-02-14", "synthetic"),
        ("missing", "XHS09", "2023", "2024-02-14", "synthetic"),
    ]
    [late] = found[(found["area_code"] == "363") & (found["finding"] == "late")].to_dict("records")
    assert late["days_late"] == 410 and late["value"] != late["value"]
    [revised] = found[found["finding"] == "revised"].to_dict("records")
    assert (revised["area_code"], revised["indicator"], revised["period"]) == (
        "360", "KTS05", "2023",
    )  # fmt: skip
    assert (revised["old_value"], revised["value"], revised["change"]) == (45.06, 41.46, -3.6)
    assert revised["turns"] == ()
    assert by_urgency(found)[:4] == ["36", "361", "365", "363"]


def test_a_verdict_that_turns_is_told(
    table_of: TableOf, plan_of: PlanOf, registry: Registry
) -> None:
    rows = [
        {"period": "2024", "value": "75", "vintage": "2025-01-10"},
        {"period": "2025", "value": "82", "vintage": "2026-01-10"},
        {"period": "2025", "value": "79.5", "vintage": "2026-03-05"},
    ]
    view = view_of(table_of(rows), registry, "2026-03-31")
    [row] = findings(view, plan_of(80.0)).to_dict("records")
    assert row["finding"] == "revised"
    assert Turn("VN", "XHS01", 2025, "met", "missed") in row["turns"]


def test_only_figures_a_report_may_rest_on_are_asked_about(
    table_of: TableOf, plan_of: PlanOf, registry: Registry
) -> None:
    rows = [
        *yearly(2020, flags="weak_source"),  # replaced below by a better one
        {"period": "2020", "value": "51", "vintage": "2021-06-30"},
        *yearly(2021, flags="over_100;vintage_assumed"),
        *yearly(2021, series="government_report", flags="weak_source"),
        *yearly(2022, flags="harmonised"),
    ]
    found = findings(view_of(table_of(rows), registry, "2023-01-31"), plan_of())
    told = [(row.finding, row.period, row.flags) for row in found.itertuples()]
    assert told == [("suspicious", "2021", "over_100;vintage_assumed"), ("revised", "2020", "")]


def test_requests_go_to_the_reporter_of_each_indicator(sample: View, registry: Registry) -> None:
    made = requests(findings(sample, registry.plan(PLAN)))
    assert [one.area_code for one in made][:8] == ["36"] * 8
    asked = 0
    for one in made:
        for row in (*one.send, *one.confirm):
            asked += 1
            assert row["area_code"] == one.area_code
            assert registry.indicators[row["indicator"]].reporter == one.reporter
            assert (row["finding"] in NOT_HERE) == (row in one.send)
    assert asked == 30
    late = [sum(row["finding"] == "late" for row in one.send) for one in made if one.send]
    assert late[0] == 2


def test_doubtful_goes_before_missing_and_late_before_all(
    table_of: TableOf, registry: Registry
) -> None:
    def row(area: str, **cells: str) -> dict[str, Any]:
        blank = dict.fromkeys(COLUMNS, "") | {"area_code": area, "reporter": "R"}
        return blank | cells

    found = pd.DataFrame(
        [
            *(row("a", finding="missing") for _ in range(3)),
            row("b", finding="suspicious", flags="doubtful"),
            row("c", finding="late"),
            row("d", finding="revised"),
        ]
    )
    assert by_urgency(found) == ["c", "b", "a", "d"]


# --- the page -------------------------------------------------------------------------------------


def page(**how: Any) -> str:
    report = data_quality(PLAN, data=DATA, **how)
    return "".join(part.data for part in [report.header(), *report.parts()])


def test_a_line_can_be_pasted_into_a_letter() -> None:
    text = page()
    assert (
        "<p><b>Sở Y tế – Huyện Vụ Bản:</b> Đề nghị bổ sung số liệu còn thiếu: XHS09 Tỷ lệ dân số "
        "trưởng thành dùng dịch vụ tư vấn sức khỏe trực tuyến, khám chữa bệnh từ xa: 2023.</p>"
    ) in text
    assert "2023 (hạn giả định 14/02/2024), 2024 (hạn giả định 14/02/2025)" in text
    assert "41,46% của kỳ 2023 (trước đó: 45,06%)" in text
    assert "chấm dứt ngày 30/06/2025; đơn vị kế thừa: Xã Nghĩa Hưng" in text
    assert "41.46% of 2023 (before: 45.06%)" in page(lang="en")


def test_a_reporter_nobody_knows_is_not_invented(
    table_of: TableOf, plan_of: PlanOf, registry: Registry
) -> None:
    card = registry.indicators["XHS01"].model_copy(update={"reporter": " "})
    nobody = registry.model_copy(update={"indicators": {**registry.indicators, "XHS01": card}})
    view = view_of(table_of(yearly(2021)), nobody, "2023-06-30")
    [one] = requests(findings(view, plan_of()))
    assert one.reporter == ""
    report = QualityReport(context_of(view, plan_of()))
    assert "Chưa rõ cơ quan báo cáo – Cả nước:" in report.requests().data


def context_of(view: View, plan: Plan) -> Any:
    from kts_analysis.i18n import Messages
    from kts_analysis.pages.context import Context

    return Context(plan, 2025, view, [], Messages("vi"))


def test_every_state_has_a_word_a_symbol_and_is_never_colour_alone() -> None:
    assert set(STATE_WORDS) == set(STATES)
    symbols = [word.symbol for word in STATE_WORDS.values()]
    assert len(set(symbols)) == len(symbols) and all(symbols)
    body = data_quality(PLAN, data=DATA).coverage().data
    cells = re.findall(r"<td class=\"\w+\">(.)<i>([^<]+)</i></td>", body)
    assert len(cells) == body.count("<td") == 127 * 7  # 11 indicators × 11 areas, 6 × 1; years
    assert {symbol for symbol, _ in cells} <= set(symbols)


def test_synthetic_figures_are_named_in_every_table() -> None:
    for part in data_quality(PLAN, data=DATA).parts():
        for table in re.findall(r"<table>.*?</table>", part.data, re.S):
            districts = "Huyện" in table
            assert ("GIẢ LẬP" in table) == districts
    assert "GIẢ LẬP" not in "".join(p.data for p in data_quality("quoc-gia-411").parts())


def test_before_the_reports_came_nothing_later_is_shown() -> None:
    text = page(as_of="2024-12-31")
    assert "2025 (hạn" not in text and '<th scope="col">2025</th>' not in text
    assert "chấm dứt ngày 30/06/2025" not in text  # those areas still stood
    assert "chưa đến hạn" in text


def test_areas_with_errors_are_said_and_not_called_late(data_copy: Path) -> None:
    file = data_copy / "sample" / "361.csv"
    file.write_text(file.read_text("utf-8").replace("exact", "exactly", 1), "utf-8", newline="\n")
    report = data_quality(PLAN, data=str(data_copy))
    assert "361" not in set(report.findings["area_code"])
    assert "361.csv:2" in report.header().data
    assert "Chưa xét cho đến khi sửa xong lỗi: Huyện Nghĩa Hưng." in report.summary().data
    body = "".join(part.data for part in report.parts()[1:])
    assert "Nghĩa Hưng" not in body and "Huyện Giao Thủy" in body


def test_an_error_of_nobody_knows_whose_figures_is_said(data_copy: Path) -> None:
    (data_copy / "sample" / "z.csv").write_text("area_code,indicator\n", "utf-8", newline="\n")
    text = data_quality(PLAN, data=str(data_copy), lang="en").summary().data
    assert "a figure asked about here may have been sent" in text
    assert "may have been sent" not in data_quality(PLAN, data=DATA, lang="en").summary().data


def test_of_hundreds_of_areas_those_with_most_to_ask_in_a_small_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    script = import_module("national")
    monkeypatch.setitem(sys.modules, "national", script)
    folder = tmp_path / "many"
    script.write_national(folder, 40)
    for file in (folder / "sample").glob("*.csv"):  # the worst: every figure is doubted
        rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8"))))
        with file.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(row | {"flags": "doubtful;weak_source"} for row in rows)
    report = data_quality("gia-lap", data=str(folder))
    assert len(report.sound) > 30 and len(report.shown) == SHOWN
    assert set(report.shown) == set(by_urgency(report.findings)[:SHOWN])
    assert f"{SHOWN} địa bàn cần hỏi nhiều nhất" in report.summary().data
    assert report.suspicious().data.count("<tr>") == LISTED + 1
    parts = [report.header(), *report.parts()]
    assert sum(len(part.data.encode()) for part in parts) < 260_000


# --- the command ----------------------------------------------------------------------------------


def test_command_gives_the_findings_as_rows(
    capsys: Output, sample: View, registry: Registry
) -> None:
    arguments = ["quality", "--data", DATA, "--plan", PLAN, "--format"]
    assert main([*arguments, "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    found = findings(sample, registry.plan(PLAN))
    assert list(rows[0]) == list(COLUMNS)
    keys = ("area_code", "finding", "indicator", "period", "due", "reporter", "origin")
    for name in keys:
        assert [row[name] for row in rows] == found[name].tolist()
    assert {row["finding"] for row in rows} <= set(KINDS)
    assert [row["days_late"] for row in rows if row["area_code"] == "363"] == ["410", "1506"]
    assert main([*arguments, "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert len(told) == len(rows)
    assert told[0]["value"] is None and told[0]["turns"] == [] and told[0]["days_late"] == 731


def test_command_says_each_finding_in_a_line(capsys: Output) -> None:
    assert main(["quality", "--data", DATA, "--plan", PLAN]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 30
    assert (
        "360  Huyện Ý Yên  KTS05  2023  đã điều chỉnh; 41,46%; trước đó: 45,06%; kết luận đổi "
        "theo: không có  GIẢ LẬP  nam-dinh-105"
    ) in lines
    assert main(["quality", "--data", DATA, "--as-of", "2020-12-31", "--lang", "en"]) == 0
    assert "2021" not in capsys.readouterr().out
    assert main(["quality", "--data", DATA, "--as-of", "soon"]) == 2
    assert main(["quality", "--data", DATA, "--format", "xml"]) == 2
