"""``kts allocate``: from figures to district targets, the table, the workbook, what is refused."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import openpyxl
import pandas as pd
import pytest

from kts_analysis.allocation import wording
from kts_analysis.allocation.answer import Answer, Request, allocate, goal_of_plan
from kts_analysis.allocation.methods import WAYS
from kts_analysis.allocation.parts import Goal
from kts_analysis.allocation.remedies import Remedy
from kts_analysis.allocation.rows import ShareRow, joint_chance, share_rows
from kts_analysis.allocation.wishes import Wishes
from kts_analysis.allocation.workbook import workbook_bytes
from kts_analysis.cli import main
from kts_analysis.commands.allocate_asked import goal_in, number_in, values_in, ways_in
from kts_analysis.entries import Plan
from kts_analysis.errors import KtsError
from kts_analysis.i18n import Messages
from kts_analysis.registry import Registry
from kts_analysis.rollup_beside import from_districts
from kts_analysis.store import known_on
from kts_analysis.views import View
from kts_analysis.wording import chance_text

TableOf = Callable[[list[dict[str, Any]]], pd.DataFrame]
PlanOf = Callable[..., Plan]
Output = pytest.CaptureFixture[str]
Ask = Callable[..., Answer]
DATA = str(Path(__file__).resolve().parent.parent / "data")
AS_OF = date(2024, 12, 31)


def counts(code: str, above: object, below: object, **more: Any) -> dict[str, Any]:
    base = {"area_code": code, "period": 2023, "vintage": "2024-02-14"}
    return base | {"numerator": above, "denominator": below} | more


@pytest.fixture
def ask(registry: Registry, table_of: TableOf, plan_of: PlanOf) -> Ask:
    """Return a function that shares 80% by the end of 2025 out to three districts."""

    def share(
        rows: list[dict[str, Any]],
        goal: Goal = Goal(80),  # noqa: B008 - frozen
        wishes: Wishes | None = None,
        plan: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Answer:
        made = plan_of(**{"areas": ("36", "359", "360", "361"), **(plan or {})})
        asked = {"deadline": 2025, "goal": goal, "wishes": wishes or Wishes()} | more
        request = Request(made, made.target("XHS01"), **asked)
        return allocate(View(registry, table_of(rows), AS_OF), request, ["proportional"])

    return share


def targets(answer: Answer) -> dict[str, float]:
    done = answer.allocations[0]
    return {part.code: done.target(part.code) for part in done.parts}


TWO = [counts("359", 50, 100), counts("360", 240, 300)]  # 72.5% together


# --- from figures to parts ------------------------------------------------------------------------


def test_rows_by_hand(ask: Ask) -> None:
    answer = ask([*TWO, counts("361", 100, 100)], Goal(80))
    # 390 of 500; 10 more heads are wanted, and 361 has no room
    assert targets(answer) == {"359": 52.5, "360": 82.5, "361": 100.0}
    first, _, full, total = share_rows(answer, answer.allocations[0])
    assert (first.newest, first.newest_date, first.denominator) == (50, "2023-12-31", 100)
    assert (first.rise, first.heads, first.per_year) == (2.5, 2.5, 2.5)
    assert (first.notes, full.notes) == (("no_distribution",), ("stays", "no_distribution"))
    assert (total.newest, total.target, total.heads, total.area_code) == (78, 80, 10, "")
    assert total.rise == pytest.approx(2) and total.chance != total.chance


def test_an_area_without_figures_gets_none_and_is_named(ask: Ask) -> None:
    answer = ask(TWO)
    assert targets(answer) == {"359": 57.5, "360": 87.5}
    assert [(one.area.code, one.reason) for one in answer.left_out] == [("361", "no_data")]


def test_a_given_target_counts_with_a_given_denominator_only(ask: Ask) -> None:
    uncounted = ask(TWO, wishes=Wishes(fixes={"361": 90}))
    assert [(one.area.code, one.reason) for one in uncounted.left_out] == [("361", "fix_uncounted")]
    assert "(90%)" in wording.left_out_texts(uncounted, Messages("en"))[0]
    counted = ask(TWO, wishes=Wishes(fixes={"361": 90}, denominators={"361": 100}))
    # 400 of 500 wanted, 90 given: 310 of 400 left, 5 points more than 72.5
    assert targets(counted) == {"359": 55.0, "360": 85.0, "361": 90.0}
    *_, given, total = share_rows(counted, counted.allocations[0])
    assert (given.newest_date, given.notes) == ("", ("fixed", "no_distribution"))
    assert all(
        number != number for number in (given.newest, given.heads, total.newest, total.heads)
    )


def test_rates_without_counts_and_other_denominators_carry_nothing(ask: Ask) -> None:
    rate = counts("361", "", "", value=60)
    assert [one.reason for one in ask([*TWO, rate]).left_out] == ["no_counts"]
    weighed = ask([*TWO, rate], wishes=Wishes(denominators={"361": 100}))
    assert targets(weighed)["361"] == 70.0  # 350 of 500 now, 400 wanted: ten points each
    other = counts("361", 60, 100, denominator_concept="households")
    assert [one.reason for one in ask([*TWO, other]).left_out] == ["other_denominator"]


def test_growth_of_the_denominators(ask: Ask) -> None:
    answer = ask(TWO, wishes=Wishes(growth=10))
    # two years from the end of 2023 to the end of 2025
    assert [part.denominator for part in answer.allocations[0].parts] == [121, 363]
    first = share_rows(answer, answer.allocations[0])[0]
    assert first.heads == pytest.approx(first.target / 100 * 121 - 50)


def test_the_common_cap_leaves_who_is_above_where_it_is(ask: Ask) -> None:
    answer = ask(TWO, Goal(75), Wishes(caps={"all": 70}))
    assert targets(answer) == {"359": 60.0, "360": 80.0}
    rows = share_rows(answer, answer.allocations[0])
    assert rows[1].notes == ("above_cap", "no_distribution")


def test_a_cap_of_its_own_goes_before_the_common_one(ask: Ask) -> None:
    answer = ask(TWO, Goal(80), Wishes(caps={"all": 82, "359": 90}))
    assert targets(answer) == {"359": 74.0, "360": 82.0}
    assert share_rows(answer, answer.allocations[0])[1].notes == ("at_cap", "no_distribution")


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        (Wishes(caps={"360": 75}), "stands at 80.0% already"),
        (Wishes(caps={"358": 75}), "not shared out to"),
        (Wishes(fixes={"359": 101}), "not a percentage"),
        (Wishes(fixes={"359": 60.25}), "at most 1 decimals"),
        (Wishes(fixes={"359": 70}, caps={"359": 60}), "lies above its cap"),
    ],
)
def test_wishes_that_cannot_be_granted(ask: Ask, wishes: Wishes, message: str) -> None:
    with pytest.raises(KtsError, match=message):
        ask(TWO, wishes=wishes)


def test_a_cap_below_the_newest_figure_where_targets_may_fall(ask: Ask) -> None:
    answer = ask(TWO, Goal(70), Wishes(caps={"360": 75}, may_fall=True))
    assert targets(answer) == {"359": 55.0, "360": 75.0}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"plan": {"comparator": "<="}}, "less is better"),
        ({"plan": {"scope": "worst_breakdown"}}, "worst sector"),
        ({"deadline": 2023}, "lies before"),
        ({"codes": ("359", "366")}, "366: not an area below 36"),
        ({"rows": [counts("359", "", "", value=60)]}, "no area below 36"),
    ],
)
def test_what_is_not_shared_out(ask: Ask, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(KtsError, match=message):
        ask(**{"rows": TWO, **changes})


def test_the_goal_of_the_plan(plan_of: PlanOf) -> None:
    plan = plan_of(value=60.0, comparator=">", areas=("36", "359"))
    assert goal_of_plan(plan, plan.target("XHS01"), 2025) == Goal(60, ">")
    with pytest.raises(KtsError, match="no threshold"):
        goal_of_plan(plan, plan.target("XHS01"), 2030)
    unknown = plan_of(value=None, areas=("36", "359"))
    with pytest.raises(KtsError, match="no threshold"):
        goal_of_plan(unknown, unknown.target("XHS01"), 2025)


# --- the bundled sample ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample(registry: Registry, obs: pd.DataFrame) -> Callable[..., Answer]:
    view = View(registry, known_on(obs, "2025-06-30"), date(2025, 6, 30))
    plan = registry.plan("nam-dinh-105")

    def share(goal: float, **wishes: Any) -> Answer:
        request = Request(plan, plan.target("XHS05"), 2025, Goal(goal), Wishes(**wishes))
        return allocate(view, request, WAYS)

    return share


def test_equal_effort_is_equally_likely_everywhere(sample: Callable[..., Answer]) -> None:
    effort = sample(90).allocations[1]
    rows = share_rows(sample(90), effort)[:-1]
    free = [row for row in rows if "stays" not in row.notes]
    assert len(free) >= 7
    for row, part in zip(rows, effort.parts, strict=True):
        assert part.projection is not None
        if row in free:
            exact = part.projection.probability(row.exact)
            assert 100 * exact == pytest.approx(effort.common, abs=1e-6)


def test_the_least_chance_holds_or_says_what_would_do(sample: Callable[..., Answer]) -> None:
    kept = sample(88, least_chance=20)
    assert all(row.chance >= 0.2 for row in share_rows(kept, kept.allocations[0])[:-1])
    short = sample(92, least_chance=20).shortfall
    assert short is not None
    assert {one.held for one in short.bindings} == {"chance"}
    lower = next(one for one in short.remedies if one.kind == "lower_chance")
    assert sample(92, least_chance=lower.value).shortfall is None
    assert sample(92, least_chance=lower.value + 1).shortfall is not None
    assert Remedy("later_deadline", "", 2026.0) in short.remedies


def test_the_row_of_all_areas_says_the_chance_to_reach_the_goal_together(
    sample: Callable[..., Answer], registry: Registry, obs: pd.DataFrame
) -> None:
    view = View(registry, known_on(obs, "2025-06-30"), date(2025, 6, 30))
    plan = registry.plan("nam-dinh-105")
    forecast = from_districts(view, plan, plan.target("XHS05"), 2025)
    assert forecast is not None and forecast.used is not None
    met = sample(80)  # the plan's own threshold, which the forecast is held against
    assert {share_rows(met, one)[-1].chance for one in met.allocations} == {forecast.used.chance}
    harder = [share_rows(answer, answer.allocations[0])[-1] for answer in (sample(88), sample(92))]
    assert 0 < harder[1].chance < harder[0].chance < forecast.used.chance


def test_an_area_without_a_distribution_leaves_no_joint_chance(
    sample: Callable[..., Answer],
) -> None:
    answer = sample(88)
    allocation = answer.allocations[0]
    blind = replace(allocation.parts[0], projection=None)
    assert np.isnan(joint_chance(answer, replace(allocation, parts=(blind, *allocation.parts[1:]))))
    few = replace(answer, standings=answer.standings[:2])  # one pair: only the two ends are known
    assert np.isnan(joint_chance(few, replace(allocation, parts=allocation.parts[:2])))


# --- the command ----------------------------------------------------------------------------------


def run(*more: str, target: str = "XHS05") -> int:
    plan = ["--data", DATA, "--plan", "nam-dinh-105", "--as-of", "2025-06-30"]
    return main(["allocate", *plan, "--target", target, *more])


def test_csv_adds_up_to_the_goal_by_every_method(capsys: Output) -> None:
    assert run("--to", "92", "--method", "all", "--format", "csv", "--fix", "359=90") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    for way in WAYS:
        *parts, total = [row for row in rows if row["method"] == way]
        assert len(parts) == 9 and total["area_code"] == ""
        heads = sum(float(row["denominator"]) for row in parts)
        reached = sum(float(row["denominator"]) * float(row["target"]) for row in parts) / heads
        assert 92 <= reached < 92.02
        assert float(total["target"]) == pytest.approx(reached)
        assert {row["origin"] for row in (*parts, total)} == {"synthetic"}
        assert all(float(row["target"]) >= float(row["newest"]) for row in parts)
        assert next(row["target"] for row in parts if row["area_code"] == "359") == "90.0"


def test_json_has_no_number_that_is_none(capsys: Output) -> None:
    assert run("--format", "json", "--method", "equal_effort", target="XHS09") == 0
    found = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert found["goal"] == {"value": 30.0, "comparator": ">"}  # the plan's own threshold
    assert found["methods"][0]["rows"][0]["chance"] is None
    assert found["methods"][0]["common"] is None
    assert found["methods"][0]["rows"][-1]["target"] > 30


def test_the_table_in_vietnamese(capsys: Output) -> None:
    assert run("--to", ">92") == 0
    said = capsys.readouterr().out
    assert "trên 92% đến 31/12/2025" in said
    assert "Thu hẹp khoảng cách đồng đều" in said
    assert len(re.findall("GIẢ LẬP", said)) == 11  # nine districts, their sum, the warning
    assert "Các địa bàn này chấm dứt trước 31/12/2025" in said


def test_a_sum_just_above_the_goal_never_reads_as_the_goal(ask: Ask) -> None:
    answer = ask([counts("359", 500, 1000), counts("360", 1, 1)], Goal(80, ">"))
    total = share_rows(answer, answer.allocations[0])[-1]
    assert 80 < total.target < 80.1
    shown = wording.cells(total, answer, Messages("vi"))[4]
    assert not shown.startswith(("80%", "80,0%", "80,00%")) and shown.endswith("(trên 80%)")


def test_out_of_reach_ends_with_one_and_writes_nothing(capsys: Output, tmp_path: Path) -> None:
    out = tmp_path / "giao.xlsx"
    assert run("--to", "92", "--cap", "all=90", "--cap", "356=95", "--out", str(out)) == 1
    said = capsys.readouterr().out
    assert "Không thể đạt: các địa bàn cộng lại chỉ đạt tối đa 90,87%" in said
    cap = re.search(r"nâng mọi mức trần dưới ([0-9,]+)%", said)
    assert cap is not None and not out.exists()
    assert run("--to", "92", "--cap", f"all={cap[1]}", "--cap", "356=95") == 0
    capsys.readouterr()
    assert run("--to", "92", "--cap", "all=90", "--format", "json") == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["methods"], found["shortfall"]["best"]) == ([], 90.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--method", "by_lot"], "by_lot"),
        (["--to", "1.234,5"], "không phải là số"),
        (["--to", "120"], "không quá 100"),
        (["--cap", "360"], "356=95"),
        (["--cap", "360=90", "--cap", "360=91"], "hai lần"),
        (["--deadline", "2030"], "không có ngưỡng"),
    ],
)
def test_wrong_usage_is_said(capsys: Output, arguments: list[str], message: str) -> None:
    assert run(*arguments) == 2
    assert message in capsys.readouterr().err


def test_numbers_of_a_refusal_have_the_reader_s_decimal_sign(capsys: Output) -> None:
    assert run("--to", "92", "--cap", "356=50") == 2
    assert capsys.readouterr().err.strip() == (
        "địa bàn 356 đã đạt 86,14%, cao hơn mức trần 50%: hãy nâng trần lên 86,2 hoặc cho phép "
        "giao thấp hơn hiện tại (--may-fall)"
    )
    assert run("--to", "92", "--cap", "356=50", "--lang", "en") == 2
    assert "stands at 86.14% already, above its cap 50%" in capsys.readouterr().err
    assert run("--to", "92", "--cap", "356=12,34") == 2
    assert "12,34 không phải tỷ lệ phần trăm từ 0 đến 100" in capsys.readouterr().err


def test_sectors_and_province_only_targets_are_refused(capsys: Output) -> None:
    assert run("--to", "50", target="KTS02") == 2
    assert run("--to", "50", target="KTS01") == 2
    said = capsys.readouterr().err
    assert "ngành thấp nhất" in said and "không đo ở các địa bàn" in said


def test_what_is_asked_is_read() -> None:
    assert [goal_in(text) for text in ("85", "> 85,5", ">=85.5")] == [
        Goal(85),
        Goal(85.5, ">"),
        Goal(85.5),
    ]
    assert values_in(["356=95", "all = 98,5"]) == {"356": 95, "all": 98.5}
    assert values_in(None) == {}
    assert number_in(" 7 ") == 7
    assert list(ways_in("all")) == list(WAYS)


# --- the workbook ---------------------------------------------------------------------------------


def test_the_workbook_is_ready_to_be_assigned(
    sample: Callable[..., Answer], registry: Registry
) -> None:
    answer = sample(92, caps={"356": 95}, fixes={"359": 90})
    content = workbook_bytes(answer, registry, Messages("vi"))
    assert content == workbook_bytes(answer, registry, Messages("vi"))
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == [
        "Thu hẹp khoảng cách đồng đều",
        "Nỗ lực ngang nhau",
        "Tỷ lệ theo mẫu số",
        "Cách tính",
    ]
    assert book.properties.created == datetime(2025, 6, 30)
    for sheet in book:
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
        assert sheet.page_setup.fitToHeight == 0 and sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.oddHeader.center.text == "&BGIẢ LẬP"
        assert any("GIẢ LẬP" in str(cell.value) for row in sheet.iter_rows() for cell in row)
    shown = list(book.worksheets[0].iter_rows(min_row=5, max_row=15, values_only=True))
    assert shown[0][:3] == ("STT", "Mã", "Địa bàn")
    assert shown[0][7] == "Chỉ tiêu giao năm 2025, %"
    rows: list[ShareRow] = share_rows(answer, answer.allocations[0])
    assert [cells[7] for cells in shown[1:-1]] == [row.target for row in rows[:-1]]
    assert [cells[1] for cells in shown[1:-1]] == [row.area_code for row in rows[:-1]]
    assert shown[-1][7] == "=SUMPRODUCT(H6:H14,F6:F14)/SUM(F6:F14)"
    values = openpyxl.load_workbook(io.BytesIO(content), data_only=True).worksheets[0]
    assert values["H15"].value == pytest.approx(rows[-1].target)
    assert shown[-1][12] == chance_text(rows[-1].chance, Messages("vi"))
    said = [row[0] for row in book["Cách tính"].iter_rows(values_only=True)]
    assert "Mức trần của địa bàn 356: 95%." in said
    assert "Mức giao sẵn của địa bàn 359: 90%." in said
    assert "Số liệu đã công bố đến ngày 30/06/2025." in said


def test_the_command_writes_the_workbook(capsys: Output, tmp_path: Path) -> None:
    out = tmp_path / "Giao chỉ tiêu.xlsx"
    assert run("--to", "92", "--out", str(out)) == 0
    with ZipFile(out) as file:
        assert file.testzip() is None


def test_missing_numbers_stay_empty_and_who_is_left_out_is_named(
    ask: Ask, registry: Registry
) -> None:
    answer = ask(TWO)
    sheet = openpyxl.load_workbook(
        io.BytesIO(workbook_bytes(answer, registry, Messages("en")))
    ).worksheets[0]
    assert sheet["L6"].value is None  # one figure: no pace so far
    assert sheet.oddHeader.center.text is None  # published figures carry no mark
    texts = [str(row[0].value) for row in sheet.iter_rows()]
    assert any(text.startswith("Not in the sum: 361") for text in texts)


def test_nothing_to_assign(ask: Ask, registry: Registry) -> None:
    answer = ask(TWO, Goal(95), Wishes(caps={"all": 90}))
    with pytest.raises(ValueError, match="nothing to assign"):
        workbook_bytes(answer, registry, Messages("vi"))
