"""A whole run: every report with its own numbers, the same bytes again, faults that stay apart."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from IPython.display import HTML
from test_traced import METHOD_WORDS, dates, floats, numbers_in, printed, text_of

from kts_analysis.assessment import assess, judge_rows
from kts_analysis.cases import View, make_case
from kts_analysis.i18n import Messages
from kts_analysis.pages.context import stand
from kts_analysis.pages.prepare import stand_before
from kts_analysis.periods import parse_partial_date
from kts_analysis.registry import Registry
from kts_analysis.registry_files import load_registry
from kts_analysis.store import read_observations

ROOT = Path(__file__).resolve().parent.parent
PLAN = "nam-dinh-105"
FIGURE = re.compile(r'<script type="application/json" id="figure-\d+-data">(.*?)</script>')


def kts(*arguments: str | Path, data: Path = ROOT / "data") -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does, from another folder."""
    environment = os.environ | {"KTS_DATA": str(data), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "kts_analysis", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        check=False,
        cwd=Path(sys.prefix),
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run over everything bundled, in Vietnamese."""
    out = tmp_path_factory.mktemp("Báo cáo có dấu")
    done = kts("run", "--lang", "vi", "--formats", "xlsx", "--out", out)
    assert done.returncode == 0, done.stderr
    index = Path(done.stdout.strip().splitlines()[-1])
    assert index.is_file()
    assert (out / "latest.txt").read_text(encoding="utf-8").strip() == index.parent.name
    return index.parent


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry(ROOT / "data")


def figures(page: Path) -> list[dict]:
    return [json.loads(text) for text in FIGURE.findall(page.read_text(encoding="utf-8"))]


def test_index_links_to_a_report_for_every_area(whole: Path, registry: Registry) -> None:
    links = re.findall(r'<li><a href="([^"]+)"', (whole / "index.html").read_text("utf-8"))
    assert len(links) == 12 + 10  # ten districts, the province, the country; nine and a province
    assert all((whole / link).is_file() for link in links)
    assert sum(link.endswith("area_report.html") for link in links) == 11 + 9


def test_no_page_holds_a_path_a_clock_or_a_remote_asset(whole: Path) -> None:
    for path in whole.rglob("*"):
        if path.suffix not in (".html", ".ipynb", ".csv"):
            continue
        text = path.read_text(encoding="utf-8")
        assert str(ROOT) not in text and str(whole.parent) not in text, path.name
        assert "start_time" not in text and "end_time" not in text, path.name
        assert not re.search(r'<(script|link|img)[^>]+(src|href)="(https?:)?//', text), path.name


def test_each_report_holds_its_own_areas_figures_and_no_others(
    whole: Path, registry: Registry
) -> None:
    obs = read_observations(ROOT / "data")
    plan = registry.plan(PLAN)
    day = parse_partial_date(obs.attrs["as_of"])
    seen: dict[str, set[tuple[float, ...]]] = {}
    for code in plan.areas[1:]:
        area = registry.area(code)
        page = next(whole.glob(f"{code}-*/area_report.html"))
        drawn = {
            tuple(y for y in trace["y"] if y is not None)
            for figure in figures(page)
            for trace in figure["data"]
            if trace["name"] == "Số liệu"
        }
        view = View(registry, obs, day)
        cases = [make_case(view, area, plan, t, 2025) for t in plan.targets]
        own = {
            tuple(round(float(v), 2) for v in case.line.points["value"])
            for case in cases
            if len(case.line.points)
        }
        assert drawn == own, code
        seen[code] = drawn
        heading = re.search(r"<h1>(.*?)</h1>", page.read_text(encoding="utf-8"))
        assert heading is not None and heading[1] == area.name
    for code, lines in seen.items():
        others = set().union(*(seen[other] for other in seen if other != code))
        shared = {line for line in lines & others if len(line) > 2}
        assert not shared, f"{code} draws lines of another area: {shared}"


def test_verdicts_csv_equals_assess_and_marks_synthetic_rows(
    whole: Path, registry: Registry
) -> None:
    written = pd.read_csv(whole / "verdicts.csv", dtype={"area_code": str}, keep_default_na=False)
    obs = read_observations(ROOT / "data")
    fresh = assess(registry.plan(PLAN), obs, 2025, registry=registry)
    mine = written[written["plan_id"] == PLAN]
    assert len(mine) == 11 * 17 and len(written) == 12 * 17 + 10 * 4
    for column in ("area_code", "target_id", "status", "reason", "origin"):
        assert mine[column].tolist() == fresh[column].tolist()
    with_data = mine[(mine["n_points"].astype(int) > 0) & (mine["area_code"] != "36")]
    assert set(with_data["origin"]) == {"synthetic"}


def test_synthetic_pages_say_so_in_words_tables_and_charts(whole: Path) -> None:
    pages = [*whole.glob("3*/*.html"), *whole.glob("1*/*.html")]
    assert len(pages) == 11 + 10
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "SỐ LIỆU GIẢ LẬP." in text
        for figure in figures(page):
            notes = [note["text"] for note in figure["layout"].get("annotations", [])]
            assert "SỐ LIỆU GIẢ LẬP" in notes or not figure["data"], page.name
    country = (next(whole.glob("vn-*")) / "area_report.html").read_text(encoding="utf-8")
    assert "GIẢ LẬP" not in country


def test_each_report_and_the_index_link_to_the_documents_asked_for(whole: Path) -> None:
    made = sorted(path.relative_to(whole).as_posix() for path in whole.glob("*/*.xlsx"))
    assert len(made) == 12 + 10
    index = (whole / "index.html").read_text(encoding="utf-8")
    for name in made:
        assert f'<a href="{name}">Excel<' in index
        page = (whole / name).with_suffix(".html").read_text(encoding="utf-8")
        assert f'<a href="{Path(name).name}">Excel</a> · <a href="verdicts.csv">CSV</a>' in page
    linked = re.findall(r'<a href="([a-z]+\.(?:csv|json))">', index)
    assert "datapackage.json" in linked and all((whole / name).is_file() for name in linked)


def test_data_quality_stands_beside_the_reports_and_is_linked(whole: Path) -> None:
    text = (whole / "quality.html").read_text(encoding="utf-8")
    assert text.count("<h1>") == 1 and len(text.encode()) < 300_000
    plans = re.findall(r'<h2 id="([^"]+)">', text)
    assert plans == [PLAN, "quoc-gia-411", "yen-bai-231"]
    assert '<a href="quality.html">' in (whole / "index.html").read_text(encoding="utf-8")
    province = next(whole.glob("36-*/province_report.html")).read_text(encoding="utf-8")
    assert f'<a href="../quality.html#{PLAN}">' in province


def test_every_number_of_the_verdict_table_comes_from_its_row(whole: Path) -> None:
    from kts_analysis.i18n import Messages
    from kts_analysis.wording import chance_text, threshold_text

    m = Messages("vi")
    written = pd.read_csv(whole / "verdicts.csv", dtype={"area_code": str})
    text = next(whole.glob("366-*/area_report.html")).read_text(encoding="utf-8")
    first_table = text[text.index("<table>") : text.index("</table>")]
    rows = written[(written["area_code"] == "366") & (written["n_points"] > 0)]
    assert len(rows) == 11
    for _, row in rows.fillna({"comparator": ""}).iterrows():
        cells = re.search(rf'<th scope="row">{row["target_id"]} .*?</tr>', first_table, re.S)
        assert cells is not None
        body = cells[0]
        assert threshold_text(row, m) in body
        assert m.number(row["lo80"]) in body and m.number(row["hi80"]) in body
        assert chance_text(row["probability"], m) in body


def test_every_number_of_the_index_is_that_of_a_verdict(whole: Path) -> None:
    """Its matrices stand on the last day of areas that have ended, its cards on both days."""
    m, view = Messages("vi"), stand(None, str(ROOT / "data"))[0]
    rows: list = []
    for plan in view.registry.plans.values():
        day = stand_before(view, view.registry.area(plan.home), plan.deadlines[0])
        for one in (view, *([view.on(day)] if day else [])):
            codes = list(dict.fromkeys([plan.home, *plan.areas]))
            rows += judge_rows(one, plan, plan.deadlines[0], areas=codes)
    forms = printed(floats(rows), m) | dates([str(rows), view.as_of.isoformat()], m)
    forms |= {str(number) for number in range(18)}  # targets counted by status
    names = " ".join(plan.name.get("vi") for plan in view.registry.plans.values())
    text = text_of(HTML((whole / "index.html").read_text(encoding="utf-8")))
    shown = numbers_in(text)
    assert len(shown) > 300
    assert [one for one in shown if one not in forms | set(numbers_in(names)) | METHOD_WORDS] == []


def test_a_rerun_gives_the_same_bytes(whole: Path, tmp_path: Path) -> None:
    # With the district that became part of 356: pages link to one another where both are made.
    only = "356,358,36,VN"
    asked = ("--lang", "vi", "--only", only, "--formats", "xlsx", "--jobs", "1")
    done = kts("run", *asked, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    again = Path(done.stdout.strip().splitlines()[-1]).parent
    compared = 0
    for path in again.rglob("*"):
        if path.is_file() and path.parent != again:
            assert path.read_bytes() == (whole / path.relative_to(again)).read_bytes(), path.name
            compared += 1
    # four pages, notebooks, workbooks, three tables each, six assets, and one roll-up
    assert compared == 31


def test_parameters_are_injected_and_recorded(whole: Path) -> None:
    path = next(whole.glob("359-*/area_report.ipynb"))
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert notebook["metadata"]["papermill"]["parameters"]["area"] == "359"
    injected = [
        cell
        for cell in notebook["cells"]
        if "injected-parameters" in cell["metadata"].get("tags", [])
    ]
    assert 'area = "359"' in "".join(injected[0]["source"])


def broken_data(folder: Path) -> Path:
    """A copy of the data with three districts spoilt, each in its own way."""
    data = folder / "data"
    shutil.copytree(ROOT / "data", data)
    text = (data / "sample" / "361.csv").read_text(encoding="utf-8")
    lines = text.splitlines()
    assert lines[1].split(",")[5].replace(".", "").isdigit()
    cells = lines[1].split(",")
    cells[5] = "tám mươi"
    (data / "sample" / "361.csv").write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]))
    frame = pd.read_csv(data / "sample" / "362.csv", dtype=str, keep_default_na=False)
    frame.drop(columns="value").to_csv(data / "sample" / "362.csv", index=False)
    one = pd.read_csv(data / "sample" / "363.csv", dtype=str, keep_default_na=False)
    one[one["period"] == "2024"].to_csv(data / "sample" / "363.csv", index=False)
    return data


def test_broken_districts_stop_no_other(tmp_path: Path) -> None:
    data, out = broken_data(tmp_path), tmp_path / "out"
    names = "361,362,363,364,36"
    done = kts("run", "--lang", "vi", "--only", names, "--out", out, data=data)
    assert done.returncode == 1, done.stderr
    assert re.search(r"361-\S+ hỏng ở ô \d+: sample/361\.csv:2 \[value\]", done.stderr)
    assert "tám mươi" in done.stderr
    assert re.search(r"362-\S+ hỏng ở ô \d+: sample/362\.csv:1 \[value\]", done.stderr)
    place = Path(done.stdout.strip().splitlines()[-1]).parent
    assert place.name.endswith("-failed")  # never in the place of a whole run
    made = {path.parent.name[:3] for path in place.glob("*/*.html")}
    assert made == {"363", "364", "36-"}
    assert not (out / "latest.txt").exists()
    index = (place / "index.html").read_text(encoding="utf-8")
    assert "tám mươi" in index and "361.csv" in index
    verdicts = pd.read_csv(place / "verdicts.csv", dtype={"area_code": str})
    assert {"361", "362"}.isdisjoint(verdicts["area_code"])
    manifest = json.loads((place / "run.json").read_text(encoding="utf-8"))
    assert manifest["failed"] == 2
    assert not list(out.glob(".kts-staging*"))
    single = kts("assess", "--plan", PLAN, "--area", "363", "--as-of", "2025-06-30", data=data)
    assert single.returncode == 2  # assess refuses data with errors, and says which
    assert "361.csv:2" in single.stderr


def test_without_any_figure_every_report_says_so(tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(ROOT / "data", data, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for folder in ("sample", "published"):
        shutil.rmtree(data / folder)
    done = kts("run", "--lang", "vi", "--plan", PLAN, "--out", tmp_path / "out", data=data)
    assert done.returncode == 0, done.stderr
    place = Path(done.stdout.strip().splitlines()[-1]).parent
    for path in [place / "index.html", *place.glob("*/*.html")]:
        page = path.read_text(encoding="utf-8")
        assert "01/01/0001" not in page and "0001-01-01" not in page, path
    verdicts = pd.read_csv(place / "verdicts.csv", dtype=str, keep_default_na=False)
    assert set(verdicts["status"]) <= {"insufficient", "unknown", "not_measured"}


def test_a_failure_without_words_is_a_failure(tmp_path: Path) -> None:
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    text = (ROOT / "notebooks" / "area_report.ipynb").read_text(encoding="utf-8")
    assert '"report.header()"' in text
    spoilt = text.replace('"report.header()"', '"assert False"')
    (notebooks / "area_report.ipynb").write_text(spoilt, encoding="utf-8")
    names = ("--only", "VN", "--lang", "en", "--out", tmp_path / "out", "--notebooks", notebooks)
    done = kts("run", *names)
    assert done.returncode == 1
    assert "AssertionError" in done.stderr
    place = Path(done.stdout.strip().splitlines()[-1]).parent
    assert not list(place.glob("*/*.html"))
    index = (place / "index.html").read_text(encoding="utf-8")  # also in a run without Vietnamese
    assert "AssertionError" in index and "index.vi.html" not in index


def test_a_killed_process_fails_its_own_report_only(tmp_path: Path) -> None:
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    text = (ROOT / "notebooks" / "area_report.ipynb").read_text(encoding="utf-8")
    deadly = "import os\narea == '361' and os.kill(os.getppid(), 9)\nreport.header()"
    spoilt = text.replace('"report.header()"', json.dumps(deadly))
    assert spoilt != text
    (notebooks / "area_report.ipynb").write_text(spoilt, encoding="utf-8")
    names = ("--only", "361,362", "--lang", "vi", "--out", tmp_path / "out")
    done = kts("run", *names, "--notebooks", notebooks)
    assert done.returncode == 1
    assert "361-huyen-nghia-hung/area_report" in done.stderr and "tiến trình" in done.stderr
    place = Path(done.stdout.strip().splitlines()[-1]).parent
    assert [path.parent.name[:3] for path in place.glob("*/*.html")] == ["362"]


def test_one_year_only_gives_insufficient(tmp_path: Path) -> None:
    import shutil

    data = broken_data(tmp_path)
    for name in ("361.csv", "362.csv"):
        shutil.copy(ROOT / "data" / "sample" / name, data / "sample" / name)
    asked = ("assess", "--plan", PLAN, "--area", "363", "--as-of", "2025-06-30", "--format", "json")
    done = kts(*asked, data=data)
    assert done.returncode == 0, done.stderr
    rows = [row for row in json.loads(done.stdout) if row["n_points"] == 1]
    assert len(rows) >= 9
    early = {row["status"] for row in rows if row["gap"] <= 0}
    assert early <= {"reached_early"}
    assert {row["status"] for row in rows if row["gap"] > 0} == {"insufficient"}
    assert all(row["probability"] is None for row in rows)
