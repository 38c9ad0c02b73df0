"""Plans of other countries: the same program, other files. The data stay outside the project."""

from __future__ import annotations

import csv
import importlib
import importlib.util
import json
import re
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from kts_analysis.assessment import assess
from kts_analysis.errors import KtsError
from kts_analysis.hindsight import look_back, summarise_days
from kts_analysis.i18n import Messages
from kts_analysis.pages.context import stand
from kts_analysis.pages.hindsight import hindsight_report
from kts_analysis.pages.province import province_report
from kts_analysis.registry import Registry
from kts_analysis.registry_files import load_registry
from kts_analysis.reporting.page_names import index_name
from kts_analysis.reporting.run import Options, run
from kts_analysis.reporting.units import plan_units
from kts_analysis.rollup import add_up, below_home, counted_parts, parts_on
from kts_analysis.store import read_observations
from tests.conftest import PlanOf, TableOf

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
SWEDEN = ROOT.parent / "shared" / "validation" / "public.csv.gz"
ITALY = ROOT.parent / "shared" / "reference" / "validation" / "italy_regions_isoc.csv"
no_sweden = pytest.mark.skipif(not SWEDEN.is_file(), reason="NOT RUN: no ../shared/validation")
no_italy = pytest.mark.skipif(
    not ITALY.is_file(), reason="NOT RUN: no ../shared/reference/validation"
)
HEADER = "unit,year,indicator,value\n"


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    """The script that turns a table into a data folder."""
    spec = importlib.util.spec_from_file_location("make_data", EXAMPLES / "make_data.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def made(maker: ModuleType, tmp_path: Path, text: str, name: str = "table.csv") -> Path:
    """A data folder of the Swedish example, from a table made up for a test."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    maker.make_data("sweden", [tmp_path / name], tmp_path / "data")
    return tmp_path / "data"


def rows_in(folder: Path) -> list[dict[str, str]]:
    path = folder / "published" / "observations.csv"
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


# --- the step from a table to observations -------------------------------------------------------


def test_rows_are_taken_as_they_stand_and_others_are_counted(
    maker: ModuleType, tmp_path: Path
) -> None:
    text = HEADER + (
        "0115,2010,k_bb100,19.537\n0114,2011,k_bb100,56.2\n0114,2010,k_bb100,55.7\n"
        "0180,2010,k_bb100,80.1\n"  # Stockholm is not in the panel
        "0114,2012,k_bb100,\n"  # no value: not a zero
        "0114,2010,k_tertiary,40.0\n"  # another indicator: not asked for
    )
    (tmp_path / "table.csv").write_text(text, encoding="utf-8")
    left = maker.make_data("sweden", [tmp_path / "table.csv"], tmp_path / "data")
    assert dict(left) == {"area not in areas.csv": 1, "no value": 1, "made": 3}
    cells = [(r["area_code"], r["period"], r["value"]) for r in rows_in(tmp_path / "data")]
    assert cells == [("0114", "2010", "55.7"), ("0114", "2011", "56.2"), ("0115", "2010", "19.537")]
    obs = read_observations(tmp_path / "data", as_of="2011-06-30")
    assert obs["period"].tolist() == ["2010", "2010"]  # 2011 comes out in March 2012


def test_an_answer_of_the_publisher_gives_the_same(maker: ModuleType, tmp_path: Path) -> None:
    cell = {"gender": "T", "value": 55.7, "count": 1, "status": ""}
    women = cell | {"gender": "K", "value": 1.0}
    item = {"kpi": "N07900", "municipality": "0114", "period": 2010}
    empty = item | {"period": 2011, "values": [cell | {"value": None}]}
    answer = {"values": [item | {"values": [women, cell]}, empty], "count": 2}
    [row] = rows_in(made(maker, tmp_path, json.dumps(answer), "kolada.json"))
    assert (row["area_code"], row["period"], row["value"]) == ("0114", "2010", "55.7")


def test_a_table_in_the_form_of_eurostat(maker: ModuleType, tmp_path: Path) -> None:
    text = (
        "freq,indic_is,unit,geo,TIME_PERIOD,OBS_VALUE\n"
        "A,I_IUX,PC_IND,ITC1,2012,34.99\nA,I_IUX,PC_IND_IU3,ITC1,2012,1.0\nA,I_IUX,PC_IND,ITC1,2013,:\n"
    )
    (tmp_path / "estat.csv").write_text(text, encoding="utf-8")
    form = EXAMPLES / "italy" / "eurostat.yml"
    left = maker.make_data("italy", [tmp_path / "estat.csv"], tmp_path / "data", form)
    assert dict(left) == {"no value": 1, "made": 1}
    assert [r["indicator"] for r in rows_in(tmp_path / "data")] == ["IUX"]


def test_what_is_wrong_is_said_in_one_line(
    maker: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(KtsError, match=r"table.csv has no column unit; it has area, year"):
        made(maker, tmp_path, "area,year\n0114,2010\n")
    with pytest.raises(KtsError, match="no row with an indicator of k_bb100, N07900"):
        made(maker, tmp_path, HEADER + "0114,2010,k_tertiary,40.0\n")
    (tmp_path / "data").mkdir()
    with pytest.raises(KtsError, match="data is there already"):
        made(maker, tmp_path, HEADER)
    assert maker.main(["sweden", "none.csv", "--out", str(tmp_path / "x")]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "none.csv" in line


# --- the registries ------------------------------------------------------------------------------


def test_no_data_of_others_lie_in_the_examples() -> None:
    names = {path.name for path in EXAMPLES.rglob("*.csv")}
    assert names == {"areas.csv", "crosswalk.csv"}
    for notebook in EXAMPLES.glob("*.ipynb"):
        text = notebook.read_text(encoding="utf-8")
        names_of = csv.DictReader((EXAMPLES / "sweden/registry/areas.csv").open(encoding="utf-8"))
        places = [row["name"] for row in names_of if len(row["name"]) > 4 and row["code"] != "SE"]
        assert [name for name in places if re.search(rf"\b{name}\b", text)] == []


def test_the_plans_are_read_and_name_their_areas() -> None:
    sweden = load_registry(EXAMPLES / "sweden" / "registry")
    assert len(sweden.plan("sweden-broadband").areas) == 145
    assert sweden.area("1256").title("vi") == sweden.area("1256").title("en") == "Östra Göinge"
    assert plan_units(sweden)[0].id == "se-thuy-dien"
    italy = load_registry(EXAMPLES / "italy" / "registry")
    levels = [italy.area(code).level for code in italy.plan("italy-digital-agenda").areas]
    assert (levels.count("province"), levels.count("district")) == (5, 21)
    regions = [area for area in italy.area_list if area.level == "district"]
    assert all(area.code.startswith(str(area.parent)) for area in regions)


def test_areas_inside_others_are_no_parts_of_their_own() -> None:
    """Counts of regions and of the macro-areas they lie in: each place counts once."""
    registry = load_registry(EXAMPLES / "italy" / "registry")
    plan = registry.plan("italy-digital-agenda")
    day = date(2015, 12, 31)
    assert len(below_home(plan, registry, day)) == 26
    assert [area.code for area in parts_on(plan, registry, day)] == [
        "ITC", "ITF", "ITG", "ITH", "ITI",
    ]  # fmt: skip


def test_counts_of_two_levels_are_added_up_once(
    table_of: TableOf, plan_of: PlanOf, registry: Registry
) -> None:
    """A province, and two of its districts beside it: the districts' people are among its own."""
    sizes = {"36": (60, 100), "359": (10, 20), "360": (15, 20)}
    rows = [
        {"area_code": code, "series": "provincial_report", "period": 2022, "vintage": "2023-02-01"}
        | {"value": 100 * n / d, "numerator": n, "denominator": d}
        for code, (n, d) in sizes.items()
    ]
    known, plan = table_of(rows), plan_of(areas=("VN", *sizes))
    [sums] = add_up(known, plan, registry, plan.targets[0]).to_dict("records")
    assert (sums["numerator"], sums["denominator"], sums["counted"]) == (60, 100, 1)
    assert (sums["expected"], sums["missing"]) == (1, ())
    flat = plan_of(areas=("36", "359", "360"))
    [sums] = add_up(known, flat, registry, flat.targets[0]).to_dict("records")
    assert (sums["numerator"], sums["denominator"], sums["counted"]) == (25, 40, 2)


def test_rates_without_counts_are_shown_but_not_added_up(maker: ModuleType, tmp_path: Path) -> None:
    rows = [
        f"{c},{y},k_bb100,{v + 3 * (y - 2010)}"
        for c, v in (("0114", 50), ("0115", 20))
        for y in range(2010, 2016)
    ]
    folder = made(maker, tmp_path, HEADER + "\n".join(rows) + "\n")
    report = province_report("sweden-broadband", as_of="2016-12-31", lang="en", data=str(folder))
    c = report.context
    assert counted_parts(c.known, c.plan, c.registry, c.plan.target("BB100")) == {}
    said = str(report.home_table().data)
    assert "Not added up: BB100. The areas give rates without counts" in said
    assert "nothing is said of Sweden as a whole" in said and "<table" not in said
    blocks = [str(getattr(part, "data", part)) for part in report.targets()]
    assert any("only stand side by side" in block for block in blocks)
    table = next(block for block in blocks if "Who holds BB100 back" in block)
    assert "Still missing" not in table and "Share of all missing" not in table
    assert table.index("Vallentuna") < table.index("Upplands Väsby")  # the most points missing


def test_a_home_area_that_the_plan_does_not_list_has_its_report(
    maker: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        f"{c},{y},k_bb100,{20 + 3 * (y - 2010)}"
        for c in ("0114", "0115")
        for y in range(2010, 2016)
    ]
    folder = made(maker, tmp_path, HEADER + "\n".join(rows) + "\n")
    monkeypatch.setenv("KTS_DATA", str(folder))
    registry = load_registry(folder)
    units = plan_units(registry, only=["SE", "0114"], as_of="2016-12-31")
    done = run(units, registry, ROOT / "notebooks", tmp_path / "out", Options(jobs=1))
    assert done.failed == []
    verdicts = (done.index.parent / "verdicts.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[0] for line in verdicts[1:4]] == ["SE", "0114", "0115"]
    assert len(verdicts) == 1 + 146


# --- the notebook and the page of the docs -------------------------------------------------------


def shown(name: str) -> list[str]:
    """The HTML that the committed notebook shows in the cell of a table."""
    cells = json.loads((EXAMPLES / "second_plan.ipynb").read_text(encoding="utf-8"))["cells"]
    [cell] = [cell for cell in cells if f"table:{name}" in cell["metadata"].get("tags", ())]
    return ["".join(output["data"].get("text/html", "")) for output in cell["outputs"]]


def test_the_page_shows_the_tables_of_the_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    tool = importlib.import_module("doc_tables")
    assert tool.write(check=True) == 0
    page = tool.PAGE.read_text(encoding="utf-8")
    cells = tool.tables_of(tool.NOTEBOOK)
    assert len(cells) == 6 and all("| --- |" in text for text in cells.values())
    assert tool.filled(page.replace("| 145 |", "| 144 |"), cells) == page
    with pytest.raises(ValueError, match="begin planted"):
        tool.filled(page, {"planted": "x"})


# --- on the real tables --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sweden(maker: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("sweden") / "data"
    assert maker.make_data("sweden", [SWEDEN], folder)["made"] == 2030
    return folder


@pytest.fixture(scope="module")
def italy(maker: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("italy") / "data"
    assert maker.make_data("italy", [ITALY], folder)["made"] == 1448
    return folder


@no_sweden
@pytest.mark.validation
def test_the_swedish_index_opens_with_145_reports(
    sweden: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KTS_DATA", str(sweden))
    registry = load_registry(sweden)
    units = plan_units(registry, as_of="2016-12-31", langs=["vi", "en"])
    done = run(units, registry, ROOT / "notebooks", tmp_path / "out", Options(jobs=1))
    assert done.failed == []
    for lang in ("vi", "en"):
        index = done.index.with_name(index_name(lang, ["vi", "en"])).read_text(encoding="utf-8")
        links = set(re.findall(r'href="([^"/]+/area_report[^"]*\.html)"', index))
        assert len(links) == 145
        assert all((done.index.parent / link).is_file() for link in links)
        assert {"Östra Göinge", "Malung-Sälen"} <= set(re.findall(r">([^<>]+)</a>", index))
        assert Messages(lang)("SYNTHETIC") not in index


@no_sweden
@pytest.mark.validation
def test_what_was_said_of_sweden_and_what_came(sweden: Path) -> None:
    view, _ = stand(None, str(sweden))
    plan = view.registry.plan("sweden-broadband")
    said = look_back(view, plan, 2020, [date(2016, 12, 31), date(2018, 12, 31)])
    table = summarise_days(said).round(1)
    assert table["statements"].tolist() == [145, 145]
    assert table["came"].tolist() == [6, 6]
    assert table["latest_date"].tolist() == ["2015-12-31", "2017-12-31"]
    assert (table["miss"] < table["miss_no_change"] / 2).all()
    assert (table["inside80"] >= 80).all() and (table["expected"].between(3, 12)).all()
    now = assess(plan, view.known, 2020, registry=view.registry)
    assert now["status"].value_counts().to_dict() == {"missed": 139, "met": 6}


@no_sweden
@no_italy
@pytest.mark.validation
def test_the_committed_notebook_shows_what_is_computed_now(sweden: Path, italy: Path) -> None:
    stands = {
        "sweden": ("sweden-broadband", ["2016-12-31", "2018-12-31"], sweden),
        "italy": ("italy-digital-agenda", ["2012-12-31", "2013-12-31"], italy),
    }
    for name, (plan, days, data) in stands.items():
        report = hindsight_report(plan, days, lang="vi", data=str(data))
        assert shown(f"{name}-status") == [report.statuses().data]
        assert shown(f"{name}-quality") == [report.quality().data]
        assert shown(f"{name}-reliability")[0] == report.reliability()[0].data


@no_italy
@pytest.mark.validation
def test_italy_in_two_levels(italy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KTS_DATA", str(italy))
    registry = load_registry(italy)
    units = plan_units(registry, as_of="2012-12-31", langs=["vi"])
    done = run(units, registry, ROOT / "notebooks", tmp_path / "out", Options(jobs=1))
    assert done.failed == [] and len(done.results) == 27
    obs = read_observations(italy, as_of="2012-12-31")
    plan = registry.plan("italy-digital-agenda")
    table = assess(plan, obs, 2015, registry=registry).set_index(["area_code", "target_id"])
    # Emilia-Romagna and Marche got new codes: one figure each by then.
    assert table.loc[("ITH5", "IUSE"), "status"] == "insufficient"
    assert set(table.loc["ITC1", "status"]) == {"very_unlikely", "insufficient"}
