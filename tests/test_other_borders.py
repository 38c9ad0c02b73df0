"""The same plan on other borders: the province stays what it is, whatever its parts are."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_areas import made_up
from test_harmonising import counts, figure, histories
from test_run import ROOT, kts

from kts_analysis.areas import Crosswalk
from kts_analysis.assessment import judge
from kts_analysis.chart_base import Chart
from kts_analysis.cli import main
from kts_analysis.entries import Area, Milestone, Plan, Threshold
from kts_analysis.errors import KtsError, ProblemsError
from kts_analysis.figures import table_of as figure_table
from kts_analysis.moved_plans import registry_on, report_plan_on
from kts_analysis.moved_registry import registry_with_targets
from kts_analysis.moved_views import MovedView, view_on
from kts_analysis.neighbours import Neighbours
from kts_analysis.pages.area import area_report
from kts_analysis.pages.context import stand
from kts_analysis.pages.prepare import rows_keys
from kts_analysis.pages.province import province_report
from kts_analysis.periods import period_end
from kts_analysis.registry import Registry
from kts_analysis.registry_files import load_registry
from kts_analysis.reporting.units import plan_units, unit_from
from kts_analysis.rollup import add_up, rollup_plan, with_rollup
from kts_analysis.store import known_on
from kts_analysis.views import View
from kts_analysis.weights_file import weights_in

TableOf = Callable[[list[dict[str, Any]]], pd.DataFrame]
PlanOf = Callable[..., Plan]
PLAN = "nam-dinh-105"
OLD, MERGED, WARDS = date(2022, 12, 31), date(2024, 9, 1), date(2025, 7, 1)
TOTALS = ["numerator", "denominator", "value"]
MADE_UP = "TRỌNG SỐ GIẢ ĐỊNH, chỉ để kiểm thử / weights made up for a test"


@pytest.fixture(scope="module")
def weighted(tmp_path_factory: pytest.TempPathFactory, data_folder: Path) -> Path:
    """A copy of the data with made-up weights for both changes of borders, marked as such."""
    import shutil

    data = Path(shutil.copytree(data_folder, tmp_path_factory.mktemp("d") / "data"))
    (data / "weights").mkdir()
    crosswalk = Crosswalk(load_registry(data))
    for name, days in (("cu.csv", [MERGED]), ("xa.csv", [WARDS])):
        links = [link for day in days for link in crosswalk.change(day).links]
        mine = [link for link in links if link.after != "37"]
        lines = [
            f'{link.before},{link.after},{700 + 100 * (number % 5)},"{MADE_UP}"'
            for number, link in enumerate(mine)
        ]
        text = "\n".join(["code_from,code_to,size,source", *lines, ""])
        (data / "weights" / name).write_text(text, encoding="utf-8")
    return data


@pytest.fixture(scope="module")
def own(weighted: Path) -> View:
    view, errors = stand("2025-06-30", str(weighted))
    assert errors == []
    return view


@pytest.fixture(scope="module")
def views(own: View) -> dict[str, View]:
    """The sample on each of the borders asked for, with and without weights."""
    return {
        "own": own,
        "2022": view_on(own, OLD),
        "2022 weighted": view_on(own, OLD, weights_in(own.registry, "cu.csv")),
        "2024-09": view_on(own, MERGED),
        "2025-07": view_on(own, WARDS),
        "2025-07 weighted": view_on(own, WARDS, weights_in(own.registry, "xa.csv")),
    }


def sums(view: View, target: str) -> pd.DataFrame:
    """The home area's complete sums."""
    plan = view.registry.plan(PLAN)
    table = add_up(view.known, plan, view.registry, plan.target(target))
    return table[table["counted"] == table["expected"]].set_index("period")


def home_verdicts(view: View, deadline: int = 2025) -> pd.DataFrame:
    plan = view.registry.plan(PLAN)
    summed = with_rollup(view.known, plan, view.registry)
    whole = View(view.registry, summed, view.as_of)
    return judge(whole, rollup_plan(plan, view.registry), deadline, areas=[plan.home])


# --- the province is what it is -------------------------------------------------------------------

CASES = ["2022", "2022 weighted", "2024-09", "2025-07", "2025-07 weighted"]


@pytest.mark.parametrize("case", CASES)
def test_the_province_s_totals_are_the_same_on_all_borders(
    views: dict[str, View], case: str
) -> None:
    compared = 0
    for target in views["own"].registry.plan(PLAN).targets:
        before, after = sums(views["own"], target.id), sums(views[case], target.id)
        pd.testing.assert_frame_equal(before[TOTALS], after[TOTALS], check_exact=False, rtol=1e-12)
        compared += len(after)
    assert compared == 38


@pytest.mark.parametrize("case", CASES)
def test_and_so_is_its_verdict(views: dict[str, View], case: str) -> None:
    before, after = home_verdicts(views["own"]), home_verdicts(views[case])
    assert after["area_code"].unique().tolist() == ["36"]
    names = ["target_id", "latest", "latest_date", "gap_count", "denominator", "projected",
             "lo80", "hi80", "probability", "threshold", "status", "reason"]  # fmt: skip
    pd.testing.assert_frame_equal(before[names], after[names], check_exact=False, rtol=1e-6)
    assert before["status"].value_counts()["reached_early"] > 2


def test_one_total_by_hand(views: dict[str, View]) -> None:
    for case in CASES:
        row = sums(views[case], "XHS01").loc["2024"]
        assert row["numerator"] == pytest.approx(1124666, abs=1e-6)
        assert row["denominator"] == pytest.approx(1312705, abs=1e-6)
        made_of = {"2022": 9, "2022 weighted": 10, "2024-09": 9, "2025-07": 9}
        assert row["expected"] == made_of.get(case, 57)


@pytest.mark.parametrize(
    ("borders", "weights", "areas"),
    [("2022-12-31", "cu.csv", 10), ("2024-09-01", "", 9), ("2025-07-01", "xa.csv", 57)],
)
def test_through_the_command_line(
    borders: str,
    weights: str,
    areas: int,
    weighted: Path,
    own: View,
    capsys: pytest.CaptureFixture[str],
) -> None:
    known = own.known
    known = known[known["area_code"].isin(own.registry.plan(PLAN).areas)]
    mine = known[(known["indicator"] == "XHS05") & (known["period"] == "2024")]
    reported = mine[mine["series"] == "district_report"][TOTALS[:2]].sum()
    assert reported.tolist() == [465473, 555806]
    asked = ["--borders", borders, *(["--weights", weights] if weights else [])]
    given = ["--plan", PLAN, "--as-of", "2025-06-30", "--target", "XHS05", "--data", str(weighted)]
    assert main(["assess", *given, *asked, "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    parts = [row for row in rows if row["area_code"] not in ("36", "37")]
    assert len(parts) == areas
    assert {row["latest_date"] for row in parts} == {"2024-12-31"}
    assert sum(row["denominator"] for row in parts) == pytest.approx(
        reported["denominator"], abs=0.05
    )
    heads = sum(row["denominator"] * row["latest"] / 100 for row in parts)
    assert heads == pytest.approx(
        reported["numerator"], abs=28
    )  # rates are printed to two decimals


# --- what an area says ----------------------------------------------------------------------------


def test_a_commune_without_weights_gets_no_figure_and_the_reason(views: dict[str, View]) -> None:
    view = views["2025-07"]
    rows = judge(view, view.registry.plan(PLAN), areas=["13669"])
    measured = rows[rows["status"] != "not_measured"]
    assert measured["target_id"].tolist() == ["XHS01", "XHS04", "XHS05", "XHS08"]
    assert set(measured["status"]) == {"insufficient"}
    assert set(measured["reason"]) == {"not_carried"}
    assert measured["latest"].isna().all()


def test_a_commune_with_weights_has_its_district_s_rate_and_the_source(
    views: dict[str, View], own: View
) -> None:
    view = views["2025-07 weighted"]
    assert isinstance(view, MovedView)
    [row] = judge(
        view, view.registry.plan(PLAN), areas=["13741"], targets=["XHS01"]
    ).to_dict("records")  # fmt: skip
    [district] = judge(own, own.registry.plan(PLAN), areas=["359"], targets=["XHS01"]).to_dict(
        "records"
    )
    assert row["latest"] == pytest.approx(district["latest"], abs=0.01)
    assert (row["flags"], row["origin"]) == ("harmonised", "synthetic")
    assert row["source"].endswith(f"shared out by weights: {MADE_UP}")
    pieces = [p for p in Crosswalk(own.registry).pieces("359", WARDS) if p.code == "13741"]
    assert pieces[0].share is None  # nobody has said in the crosswalk


def test_copies_of_one_district_lend_as_one(views: dict[str, View], own: View) -> None:
    """57 communes are no more evidence than the nine districts they were made of."""
    view = views["2025-07 weighted"]
    plan = view.registry.plan(PLAN)
    [beside] = [
        found
        for key, by_method in view.beside.items()
        for found in by_method.values()
        if key[2] == "XHS04"
    ] or [_beside(view, plan)]
    assert len(beside) == 57
    assert len(beside.distinct) == 9 + 4  # and the wards that lie in two of them
    wide = judge(own, own.registry.plan(PLAN), areas=["359"], targets=["XHS04"]).iloc[0]
    narrow = judge(view, plan, areas=["13741"], targets=["XHS04"]).iloc[0]
    ratio = (narrow["hi80"] - narrow["lo80"]) / (wide["hi80"] - wide["lo80"])
    assert 0.88 < ratio < 1.1


def _beside(view: View, plan: Plan) -> Neighbours:
    from kts_analysis.cases import make_case

    area = view.registry.area("13741")
    return make_case(view, area, plan, plan.target("XHS04"), 2025).neighbours


def test_figures_that_a_commune_reports_are_used_as_they_are(
    registry: Registry, table_of: TableOf
) -> None:
    rows = [
        {"area_code": "13669", "series": "district_report", "period": f"2025-{month:02}",
         "numerator": 60 + month, "denominator": 100, "denominator_concept": "adults",
         "vintage": "2026-01-15"}
        for month in (7, 9, 11)
    ]  # fmt: skip
    known = known_on(table_of(rows), "2026-01-31")
    view = view_on(View(registry, known, date(2026, 1, 31)), WARDS)
    line = view.figures.at("13669", "XHS01")
    assert [one.value for one in line] == [67, 69, 71]
    assert {one.flags for one in line} == {""}
    assert view.refused == ()


def test_the_new_province_stands_beside_and_is_not_judged(views: dict[str, View]) -> None:
    view = views["2025-07"]
    plan = view.registry.plan(PLAN)
    assert (plan.home, plan.beside, len(plan.areas)) == ("36", ("37",), 58)
    assert view.registry.area("37").title("en") == "Ninh Bình Province (new)"
    rows = judge(view, plan, areas=["37"])
    assert set(rows["status"]) == {"insufficient"}
    assert set(rows["reason"]) == {"no_threshold"}
    assert "37" not in add_up(view.known, plan, view.registry, plan.target("XHS01"))["missing"]


def test_earlier_days_are_carried_anew(views: dict[str, View]) -> None:
    view = views["2024-09"]
    then = view.on(date(2022, 6, 30))
    assert isinstance(then, MovedView)
    assert max(then.known["vintage_date"]) <= date(2022, 6, 30)
    periods = {one.period for one in then.figures.at("356", "XHS01")}
    assert periods == {"2019", "2020", "2021"}
    assert then.registry is view.registry


# --- properties on made-up borders ----------------------------------------------------------------


@settings(max_examples=40)
@given(histories(), st.data())
def test_totals_are_conserved_on_any_borders_in_any_order(
    registry: Registry, plan_of: PlanOf, history: Any, data: Any
) -> None:
    made, codes = history
    home = Area(
        code="H", name="H", name_en="H", kind="x", level="province", verification="verified"
    )
    plan = plan_of(areas=("H", *codes))
    book = made.model_copy(
        update={
            "area_list": (*made.area_list, home),
            "plans": {"toy": plan},
            "indicators": registry.indicators,
            "series": registry.series,
        }
    )
    figures, expected = [], {}
    for year in (2000, 2003, 2006):
        end = period_end(str(year))
        living = [area.code for area in made.area_list if area.exists_on(end)]
        pairs = data.draw(st.lists(counts, min_size=len(living), max_size=len(living)))
        more = {"indicator": "XHS01", "series": "provincial_report"}
        figures += [
            figure(code, year, *pair, **more) for code, pair in zip(living, pairs, strict=True)
        ]
        expected[str(year)] = [sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)]
    known = figure_table(figures)
    known.attrs["as_of"] = "2007-12-31"
    own = View(book, known, date(2007, 12, 31))
    for year in data.draw(st.lists(st.integers(2000, 2007), min_size=1, max_size=3)):
        view = view_on(own, date(year, 6, 1))
        moved = view.registry.plan("toy")
        table = add_up(view.known, moved, view.registry, moved.target("XHS01")).set_index("period")
        for period, totals in expected.items():
            assert table.loc[period, "missing"] == ()
            assert table.loc[period, TOTALS[:2]].tolist() == pytest.approx(totals, rel=1e-9)


# --- targets --------------------------------------------------------------------------------------


def test_thresholds_and_milestones_of_changed_areas(registry: Registry, own: View) -> None:
    plan = registry.plan(PLAN)
    target = plan.target("XHS01")
    lower = target.thresholds[0].model_copy(update={"value": 60.0, "areas": ("358",)})
    steps = (
        Milestone(year=2023, value=50, verification="verified"),
        Milestone(year=2024, value=70, verification="verified"),
        Milestone(year=2024, value=30, verification="verified", areas=("358",)),
    )
    changed = target.model_copy(
        update={"thresholds": (*target.thresholds, lower), "milestones": steps}
    )
    mine = plan.model_copy(
        update={"targets": tuple(changed if t.id == "XHS01" else t for t in plan.targets)}
    )
    book = registry.model_copy(update={"plans": {PLAN: mine}})
    moved = registry_with_targets(book, MERGED, own.figures).plan(PLAN).target("XHS01")
    whole = moved.threshold(2025, "356")
    assert whole is not None
    assert whole.value == pytest.approx(_mean(own, 80, 60))
    assert moved.threshold(2025, "359").value == 80  # type: ignore[union-attr]
    assert [(step.year, step.value) for step in moved.steps("356")] == [
        (2023, 50),
        (2024, pytest.approx(_mean(own, 70, 30))),
    ]
    assert [(step.year, step.value) for step in moved.steps("359")] == [(2023, 50), (2024, 70)]
    same = registry_with_targets(book, OLD, own.figures).plan(PLAN)
    assert same.target("XHS01") is changed  # its own borders: nothing to carry


def _mean(own: View, city: float, district: float) -> float:
    sizes = [
        next(one for one in own.figures.at(code, "XHS01") if one.period == "2023").denominator
        for code in ("356", "358")
    ]
    return (city * sizes[0] + district * sizes[1]) / sum(sizes)


def test_a_home_whose_code_names_a_larger_area_is_refused(registry: Registry) -> None:
    made = made_up(
        {"A": (None, None), "B": (None, 2010), "C": (None, 2010), "D": (2010, None)},
        [("B", "A", 2010, 1), ("C", "D", 2010, 1)],
    )
    plan = registry.plan(PLAN).model_copy(update={"home": "A", "areas": ("A", "C")})
    with pytest.raises(KtsError, match="on the borders of 2011-01-01 A names a larger area"):
        report_plan_on(plan, Crosswalk(made), date(2011, 1, 1))
    assert report_plan_on(plan, Crosswalk(made), date(2009, 1, 1)).areas == ("A", "C")


def test_a_plan_of_which_nobody_knows_what_became_stops_no_other(registry: Registry) -> None:
    plan = registry.plan(PLAN).model_copy(update={"id": "ha-giang", "home": "02", "areas": ("02",)})
    book = registry.model_copy(update={"plans": {PLAN: registry.plan(PLAN), "ha-giang": plan}})
    moved = registry_on(book, WARDS)
    assert list(moved.plans) == [PLAN]
    with pytest.raises(KtsError, match="does not say what became of 02"):
        moved.plan("ha-giang")
    assert len(plan_units(book, borders="2025-07-01")) == 59
    with pytest.raises(KtsError, match="plan ha-giang cannot stand on the borders of 2025-07-01"):
        plan_units(book, ["ha-giang"], borders="2025-07-01")
    assert [unit.area.code for unit in plan_units(book, ["ha-giang"], borders="2024-09-01")] == [
        "02"
    ]


def test_the_same_day_gives_the_same_registry(registry: Registry) -> None:
    assert registry_on(registry, WARDS) is registry_on(registry, WARDS)
    assert registry_on(registry, WARDS).border_days("356") == ()
    assert registry_on(registry, OLD).has_area("13669") is False


# --- reports --------------------------------------------------------------------------------------


def text_of(parts: Any) -> str:
    plain = re.sub(r"<[^>]+>", " ", " ".join(str(part.data) for part in parts))
    return re.sub(r"\s+", " ", plain)


def test_the_commune_s_page_says_what_is_missing_and_what_would_help(weighted: Path) -> None:
    page = area_report(
        "13699", PLAN, as_of="2025-06-30", lang="en", data=str(weighted), borders="2025-07-01"
    )
    said = text_of([page.header()])
    assert "as of 1 July 2025, as asked" in said
    assert (
        "Not carried to these borders: XHS01, XHS04, XHS05, XHS08, 2019–2024: how Nam Định City, "
        "Vụ Bản District was divided on 1 July 2025 is not known" in said
    )
    assert "What would help: the sizes of the overlaps with their source" in said
    assert "figures these areas report themselves from 1 July 2025 on" in said
    assert text_of([page.summary()]).count("Not enough to judge") == 4
    blocks = [part for part in page.targets() if not isinstance(part, Chart)]
    assert text_of(blocks).count("could not be carried to the borders asked for") == 4
    assert len(blocks) == 1 + 4 + 0  # a title, and four short blocks without a chart


def test_the_commune_s_page_with_weights_names_their_source_everywhere(weighted: Path) -> None:
    page = area_report(
        "13741", PLAN, as_of="2025-06-30", lang="en", data=str(weighted), borders="2025-07-01",
        weights="xa.csv",
    )  # fmt: skip
    said = text_of([page.header()])
    assert f"shared out by stated weights ({MADE_UP})" in said
    assert "it does not measure the parts" in said
    assert "SYNTHETIC" in said
    parts = list(page.targets())
    tables = text_of([part for part in parts if not isinstance(part, Chart)])
    assert tables.count("carried to the borders of this report by counts") >= 6
    charts = [part for part in parts if isinstance(part, Chart)]
    assert charts
    for chart in charts:
        assert MADE_UP in json.dumps(chart._repr_mimebundle_(), ensure_ascii=False)


def test_the_province_s_page_says_what_it_adds_up(weighted: Path) -> None:
    page = province_report(
        PLAN, as_of="2025-06-30", lang="en", data=str(weighted), borders="2025-07-01"
    )
    said = text_of([page.header()])
    assert "On these borders Nam Định Province is a part of Ninh Bình Province (new)." in said
    assert "Only that part is added up here" in said
    assert "SYNTHETIC" in said  # the sums are, though no commune has a figure
    assert "(2019–2024), the sum is that of the areas as they were then" in said
    assert "1,124,666" in text_of([part for part in page.targets() if not isinstance(part, Chart)])


def test_a_district_on_its_former_borders_points_to_what_came(weighted: Path) -> None:
    page = area_report(
        "358", PLAN, as_of="2025-06-30", lang="en", data=str(weighted), borders="2022-12-31"
    )
    said = text_of([page.header()])
    assert "This area ended on 31 August 2024. Its successors: Nam Định City." in said
    assert "Not carried to these borders" in said
    assert "figures these areas report themselves" not in said  # they never will again


def test_an_area_that_did_not_stand_is_said(weighted: Path) -> None:
    with pytest.raises(KtsError, match="there was no area 358 on 2024-09-01"):
        area_report("358", PLAN, data=str(weighted), borders="2024-09-01")


def test_errors_in_what_an_area_is_made_of_stop_it(tmp_path: Path, data_copy: Path) -> None:
    sample = data_copy / "sample" / "358.csv"
    sample.write_text(sample.read_text(encoding="utf-8").replace(",106,410,", ",906,410,"),
                      encoding="utf-8")  # fmt: skip
    for code in ("356", "13669"):
        borders = "2024-09-01" if code == "356" else "2025-07-01"
        with pytest.raises(ProblemsError, match="358"):
            area_report(code, PLAN, data=str(data_copy), borders=borders)
    area_report("13741", PLAN, data=str(data_copy), borders="2025-07-01")


# --- a run ----------------------------------------------------------------------------------------


def test_units_carry_the_borders_and_are_read_again(registry: Registry) -> None:
    units = plan_units(registry, [PLAN], borders="2025-07", weights="xa.csv")
    assert len(units) == len({unit.id for unit in units}) == 59
    assert [unit.id for unit in units[:2]] == ["36-tinh-nam-dinh", "37-tinh-ninh-binh"]
    assert units[0].where == {"as_of": "", "borders": "2025-07-31", "weights": "xa.csv"}
    assert [unit.notebook for unit in units[:2]] == ["province_report", "area_report"]
    assert [unit_from(unit.as_json(), registry) for unit in units] == units
    plain = plan_units(registry, [PLAN])
    assert "borders" not in plain[0].parameters
    with pytest.raises(KtsError, match="no report is named 358"):
        plan_units(registry, [PLAN], borders="2025-07-01", only=["358"])


def test_keys_know_borders_weights_and_targets(weighted: Path) -> None:
    def keys(**more: Any) -> dict[str, str]:
        given = {"as_of": "2025-06-30", "data": str(weighted)} | more
        return rows_keys(PLAN, ["36", "359"], **given)

    plain, old = keys(), keys(borders="2022-12-31")
    shared = keys(borders="2022-12-31", weights="cu.csv")
    for code in ("36", "359"):
        assert len({plain[code], old[code], shared[code]}) == 3
    file = weighted / "weights" / "cu.csv"
    text = file.read_text(encoding="utf-8")
    try:
        file.write_text(text.replace(",700,", ",710,"), encoding="utf-8")
        assert keys(borders="2022-12-31", weights="cu.csv")["36"] != shared["36"]
    finally:
        file.write_text(text, encoding="utf-8")


def test_a_run_on_other_borders_and_again(weighted: Path, tmp_path: Path) -> None:
    out = tmp_path / "reports"
    asked = ["run", "--plan", PLAN, "--as-of", "2025-06-30", "--lang", "vi", "--out", out,
             "--notebooks", ROOT / "notebooks", "--borders", "2025-07-01", "--weights", "xa.csv",
             "--only", "36,13699"]  # fmt: skip
    done = kts(*asked, data=weighted)
    assert done.returncode == 0, done.stderr
    made = Path(done.stdout.strip().splitlines()[-1]).parent
    facts = json.loads((made / "run.json").read_text(encoding="utf-8"))
    assert "data/weights/xa.csv" in facts["inputs"]
    assert {unit["parameters"]["weights"] for unit in facts["units"]} == {"xa.csv"}
    rollup = pd.read_csv(made / "rollup.csv", dtype=str).set_index("target_id")
    assert rollup.loc["XHS01", ["area_code", "latest"]].tolist() == ["36", "85.6755"]
    index = (made / "index.html").read_text(encoding="utf-8")
    assert "theo địa giới ngày 01/07/2025" in index
    verdicts = pd.read_csv(made / "verdicts.csv", dtype=str)
    assert verdicts["area_code"].nunique() == 1 + 57
    again = kts("verify", made, "--notebooks", ROOT / "notebooks", data=weighted)
    assert again.returncode == 0, again.stdout + again.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--borders", "hôm qua"], "hôm qua is not a date"),
        (["--weights", "xa.csv"], "name the day, --borders"),
        (
            ["--borders", "2025-07-01", "--weights", "không-có.csv"],
            "no không-có.csv in data/weights",
        ),
    ],
)
def test_what_cannot_be_asked(
    arguments: list[str], said: str, weighted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (["assess"], ["run", "--dry-run"]):
        assert main([*command, "--lang", "en", "--data", str(weighted), *arguments]) == 2
        assert said in capsys.readouterr().err


def test_a_threshold_that_is_none_says_why(registry: Registry, own: View) -> None:
    plan = registry_with_targets(registry, WARDS, own.figures).plan(PLAN)
    found = plan.target("XHS01").threshold(2025, "37")
    assert isinstance(found, Threshold)
    assert (found.value, found.verification) == (None, "unknown")
    assert found.basis == "no common threshold: plan nam-dinh-105 says nothing of 35, 37"
