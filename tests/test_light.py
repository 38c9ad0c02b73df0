"""Only what is needed is imported, and quick ways say the same as the slow ones they replace."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import nbformat
import plotly.graph_objects as go
import pytest
import yaml
from babel import dates, numbers
from hypothesis import given
from hypothesis import strategies as st
from IPython.display import HTML, display
from IPython.utils.capture import capture_output

from kts_analysis import vi, yamlfile
from kts_analysis.assessment import judge, judge_rows
from kts_analysis.chart_base import PLOTLY_MIME, Chart, base_layout
from kts_analysis.charts import GAP, dots_figure, trajectory_figure
from kts_analysis.errors import KtsError, ProblemsError
from kts_analysis.i18n import Messages
from kts_analysis.indicator_names import INDICATOR_FUNCTIONS
from kts_analysis.indicators import FUNCTIONS
from kts_analysis.pages.beside import behind_most
from kts_analysis.pages.context import show, stand
from kts_analysis.pages.warm import warm_up
from kts_analysis.reporting.execute import notebook_text
from kts_analysis.reporting.page import page_text, part_of
from kts_analysis.reporting.parts import rows_text, table_text
from kts_analysis.reporting.units import notebook_parameters, plan_units
from kts_analysis.rollup_tables import contribution_table, names_text
from kts_analysis.status_tables import status_counts
from kts_analysis.tables import MOST, SHOWN

ROOT = Path(__file__).resolve().parents[1]
DATA = str(ROOT / "data")
LIBRARIES = {
    *("numpy", "pandas", "pandera", "scipy", "statsmodels", "pyarrow"),
    *("plotly", "papermill", "nbformat", "nbclient", "nbconvert", "IPython", "jinja2"),
}
READING = {"pydantic", "yaml"}  # what reading the registry takes


def loaded_by(program: str) -> set[str]:
    """Run a program in a fresh interpreter and return the libraries it ends with."""
    ending = "\nimport json, sys\nprint(json.dumps(sorted(sys.modules)), file=sys.__stderr__)"
    done = subprocess.run(
        [sys.executable, "-c", program + ending],
        capture_output=True,
        cwd=ROOT,
        env=os.environ | {"KTS_DATA": DATA, "PYTHONUTF8": "1"},
        encoding="utf-8",
        check=True,
    )
    modules = json.loads(done.stderr.strip().splitlines()[-1])
    return {str(name).partition(".")[0] for name in modules}


def command(*arguments: str) -> str:
    return f"from kts_analysis.cli import main\nassert main({list(arguments)!r}) == 0"


# --- imports --------------------------------------------------------------------------------------


def test_import_and_help_take_nothing_but_the_command_line() -> None:
    assert loaded_by("import kts_analysis") & (LIBRARIES | READING | {"typer", "babel"}) == set()
    assert loaded_by(command("--help")) & (LIBRARIES | READING | {"babel"}) == set()


@pytest.mark.parametrize("arguments", [["list"], ["run", "--dry-run"]])
def test_listing_reads_the_registry_and_no_more(arguments: list[str]) -> None:
    loaded = loaded_by(command(*arguments))
    assert loaded & LIBRARIES == set()
    assert loaded >= READING


def test_planning_a_run_needs_no_library_of_reports() -> None:
    program = """
from pathlib import Path
from kts_analysis.registry_files import load_registry
from kts_analysis.reporting.units import check_parameters, plan_units
units = plan_units(load_registry())
check_parameters(units, Path("notebooks"))
assert units
"""
    assert loaded_by(program) & LIBRARIES == set()


def test_checking_and_assessing_draw_nothing() -> None:
    unused = {"plotly", "papermill", "nbformat", "nbclient", "IPython", "jinja2", "statsmodels"}
    if find_spec("dask"):  # pandera imports dask where it is installed, and dask jinja2
        unused.remove("jinja2")
    assert loaded_by(command("check")) & unused == set()
    assert loaded_by(command("assess", "--plan", "quoc-gia-411")) & unused == set()


def test_a_page_needs_no_plotly_objects_and_no_statsmodels() -> None:
    program = "import sys, kts_analysis.pages.target, kts_analysis.exploring.looking\n"
    program += "assert 'kts_analysis.charts' in sys.modules"
    assert loaded_by(program) & {"plotly", "statsmodels", "papermill", "nbformat"} == set()


def test_the_registry_knows_every_indicator_function() -> None:
    assert set(FUNCTIONS) == INDICATOR_FUNCTIONS


# --- parameters of a notebook ---------------------------------------------------------------------


def notebook(tmp_path: Path, source: str | list[str], tags: list[str]) -> Path:
    cell = {"cell_type": "code", "metadata": {"tags": tags}, "source": source, "outputs": []}
    plain = cell | {"metadata": {}, "source": "later = 1"}
    path = tmp_path / "sổ tay.ipynb"
    path.write_text(json.dumps({"cells": [plain, cell]}), encoding="utf-8", newline="\n")
    return path


def test_parameters_are_the_names_given_a_value(tmp_path: Path) -> None:
    source = ['area: str = "356"  # mã\n', "plan = home = 'x'\n", "if plan:\n    inner = 1\n"]
    assert notebook_parameters(notebook(tmp_path, source, ["parameters"])) == {
        "area",
        "plan",
        "home",
    }
    assert notebook_parameters(notebook(tmp_path, source, ["other"])) == set()


@pytest.mark.parametrize("name", ["area_report", "province_report", "explore"])
def test_parameters_are_those_papermill_finds(name: str) -> None:
    import papermill

    path = ROOT / "notebooks" / f"{name}.ipynb"
    assert notebook_parameters(path) == set(papermill.inspect_notebook(str(path)))


def test_a_notebook_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(KtsError, match=r"sổ tay\.ipynb"):
        notebook_parameters(notebook(tmp_path, "%matplotlib inline", ["parameters"]))
    path = tmp_path / "half.ipynb"
    path.write_text('{"cells": [', encoding="utf-8", newline="\n")
    with pytest.raises(KtsError, match=r"half\.ipynb"):
        notebook_parameters(path)


# --- numbers, dates, YAML -------------------------------------------------------------------------

NUMBERS = st.floats(-1e15, 1e15) | st.floats(-200, 200) | st.integers(-(10**12), 10**12)


@given(NUMBERS, st.integers(0, 5), st.sampled_from(["vi", "en"]))
def test_numbers_are_those_of_babel(value: float, decimals: int, lang: str) -> None:
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    rounded = vi._round(value, decimals)
    expected = numbers.format_decimal(rounded, format=pattern, locale=vi.LOCALES[lang])
    assert vi.format_number(value, decimals, lang) == expected


@given(st.integers(0, 100_000), st.sampled_from(["vi", "en"]))
def test_dates_are_those_of_babel(days: int, lang: str) -> None:
    when = date(1900, 1, 1) + timedelta(days=days)
    expected = dates.format_date(when, format=vi.DATE_PATTERNS[lang], locale=vi.LOCALES[lang])
    assert vi.format_date(when, lang) == expected


def test_both_yaml_parsers_give_the_same_content_and_lines() -> None:
    def lines(node: Any) -> Any:
        inside = node.value if isinstance(node.value, list) else []
        flat = [part for item in inside for part in (item if isinstance(item, tuple) else (item,))]
        return node.start_mark.line, [lines(part) for part in flat]

    for path in [*(ROOT / "data").glob("*.yml"), *(ROOT / "data" / "plans").glob("*.yml")]:
        text = path.read_text(encoding="utf-8")
        content, node = yamlfile._parse(text)
        assert content == yaml.safe_load(text)
        assert lines(node) == lines(yaml.compose(text, Loader=yaml.SafeLoader))


def test_a_yaml_error_has_one_wording_with_either_parser(tmp_path: Path) -> None:
    path = tmp_path / "plan.yml"
    path.write_text("id: x\nname: a: b\n", encoding="utf-8", newline="\n")
    with pytest.raises(ProblemsError) as raised:
        yamlfile.read_yaml(path, "plan.yml")
    assert str(raised.value) == (
        "plan.yml:2: the file is not valid YAML: mapping values are not allowed here"
    )


# --- charts and pages -----------------------------------------------------------------------------


def path_rows() -> list[dict[str, Any]]:
    blank = dict.fromkeys(("lo50", "hi50", "lo80", "hi80", "lo95", "hi95"), float("nan"))
    base = {"qualifier": "exact", "origin": "synthetic", **blank}
    ahead = {"lo50": 60.0, "hi50": 64.0, "lo80": 58.0, "hi80": 66.0, "lo95": 55.0, "hi95": 70.0}
    return [
        {**base, "kind": "observed", "date": "2020-12-31", "value": 40.0},
        {**base, "kind": "observed", "date": "2021-12-31", "value": 48.0},
        {**base, "kind": "observed", "date": "2023-12-31", "value": 55.456, "qualifier": "about"},
        {**base, "kind": "observed", "date": "2024-12-31", "value": 60.0, "qualifier": "at_least"},
        {**base, "kind": "fitted", "date": "2020-12-31", "value": 41.0},
        {**base, "kind": "projected", "date": "2025-12-31", "value": 62.0, **ahead},
    ]


def charts() -> list[Chart]:
    m = Messages("vi")
    return [
        trajectory_figure(
            path_rows(),
            m,
            threshold=80.0,
            threshold_label="trên 80%",
            deadline="2025-12-31",
            description="Một câu.",
        ),
        dots_figure(
            ["A", "B"], [61.234, 90.0], m, threshold=80.0, threshold_label="80%", synthetic=True
        ),
    ]


@pytest.mark.parametrize("chart", charts())
def test_plotly_takes_a_chart_as_it_is(chart: Chart) -> None:
    """Plotly checks every property, and what it makes of a chart is the chart."""
    for axis in ("xaxis", "yaxis"):
        if chart.layout[axis].get("title") == {}:  # plotly leaves an empty one out
            del chart.layout[axis]["title"]
    assert json.loads(chart.figure().to_json()) == json.loads(json.dumps(chart.to_plotly_json()))


def test_a_picture_brings_its_own_small_template_and_every_colour() -> None:
    for chart in charts():
        assert len(json.dumps(chart.layout["template"])) < 300  # plotly's own: 7 kB a figure
        for trace in chart.data:
            parts = [trace.get("line"), trace.get("marker"), {"color": trace.get("fillcolor")}]
            hidden = trace.get("mode") == "none" or trace.get("line", {}).get("width") == 0
            assert hidden or any((part or {}).get("color") for part in parts), trace


def test_lines_across_a_chart_are_those_of_plotly() -> None:
    chart = Chart(base_layout(Messages("en"), "x"))
    chart.level(80.0, {"width": 2})
    chart.upright(2025.0, {"width": 1})
    figure = go.Figure()
    figure.add_hline(y=80.0, line={"width": 2})
    figure.add_vline(x=2025.0, line={"width": 1})
    assert chart.layout["shapes"] == json.loads(figure.to_json())["layout"]["shapes"]


def test_a_gap_is_a_break_and_a_bound_is_no_point_of_the_line() -> None:
    chart = charts()[0]
    line = next(trace for trace in chart.data if trace["mode"] == "lines+markers")
    assert line["x"] == [2020.0, 2021.0, None, 2023.0]
    assert line["y"] == [40.0, 48.0, None, 55.46]
    bound = next(trace for trace in chart.data if "triangle-up-open" in str(trace.get("marker")))
    assert (bound["x"], bound["y"]) == ([2024.0], [60.0])
    assert any(note["text"] == "SỐ LIỆU GIẢ LẬP" for note in chart.layout["annotations"])


def test_a_notebook_shows_a_chart_with_its_sentence() -> None:
    chart = charts()[0]
    assert chart._repr_mimebundle_() == {
        PLOTLY_MIME: chart.to_plotly_json(),
        "text/plain": "Một câu.",
    }


def page_of(outputs: list[dict[str, Any]], registry: Any) -> str:
    unit = plan_units(registry, only=["356"])[0]
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [{"data": one}]} for one in outputs]
    return page_text({"cells": cells}, unit)


def test_a_page_holds_each_figure_as_its_notebook_has_it(registry: Any) -> None:
    figures = [chart._repr_mimebundle_() for chart in charts()]
    page = page_of(figures, registry)
    found = re.findall(r'<script type="application/json" id="figure-\d+-data">(.*?)</script>', page)
    assert [json.loads(text) for text in found] == [figure[PLOTLY_MIME] for figure in figures]


def test_text_in_a_figure_ends_no_script() -> None:
    figure = {"data": [{"name": "</script><b>"}], "layout": {}}
    part = str(part_of({PLOTLY_MIME: figure}, 0))
    assert part.count("</script>") == 1 and "\\u003c/script>" in part


def test_hundreds_of_areas_are_cut_to_those_behind_and_the_page_says_so() -> None:
    few = [{"area_code": f"{n:05}", "status": "missed"} for n in range(MOST)]
    assert behind_most(few, Messages("en")) == (few, [])
    rows = [
        {"area_code": f"{n:05}", "status": "missed" if n >= 400 or place == 0 else "met"}
        for n in range(705)
        for place in range(2)
    ]
    shown, notes = behind_most(rows, Messages("en"))
    codes = list(dict.fromkeys(row["area_code"] for row in shown))
    assert codes == [f"{n:05}" for n in range(400, 400 + SHOWN)]
    assert len(shown) == 2 * SHOWN
    assert len(notes) == 1 and "705" in notes[0] and str(SHOWN) in notes[0]


def test_very_many_reports_stand_in_a_table_with_their_counts(registry: Any) -> None:
    plan = registry.plan("nam-dinh-105")
    hrefs = {code: f"{code}/area_report.html" for code in plan.areas if code != plan.home}
    row = {"area_code": "356", "status": "likely", "reason": "projection", "origin": "synthetic"}
    rows = [row, row | {"status": "not_measured"}, row]
    html = str(status_counts(rows, plan, registry, Messages("en"), hrefs))
    lines = re.findall(r"<tr data-s=.*?</tr>", html, re.S)
    assert len(lines) == len(hrefs) and "SYNTHETIC" in html
    [first] = [line for line in lines if 'href="356/area_report.html"' in line]
    assert ">2</td>" in first
    assert not status_counts([], plan, registry, Messages("en"), {})


def test_those_not_listed_stand_together_in_the_last_row(registry: Any) -> None:
    shares = [
        {"area_code": "356", "latest": 40.0, "latest_date": "2024-12-31", "gap": 40.0,
         "gap_count": heads, "home_points": heads / 100, "share": share, "origin": "synthetic"}
        for heads, share in ((600.0, 60.0), (300.0, 30.0), (100.0, 10.0), (0.0, 0.0))
    ]  # fmt: skip
    english = Messages("en")
    card = "XHS01"
    html = str(contribution_table(shares[:1], registry, english, "x", card, shares[1:]))
    last = re.findall(r"<tr>.*?</tr>", html, re.S)[-1]
    assert "The other 3 areas together" in last and "400" in last and "40.0%" in last
    assert ">4.00</td>" in last
    assert "together" not in str(contribution_table(shares, registry, english, "x", card))


def test_a_cut_between_dots_is_a_row_of_its_own() -> None:
    chart = dots_figure(["A", "B", "C", "D"], [1.0, 2.0, 8.0, 9.0], Messages("vi"), cut_after=2)
    assert chart.layout["yaxis"]["categoryarray"] == ["A", "B", GAP, "C", "D"]
    assert chart.data[0]["y"] == ["A", "B", "C", "D"]


def test_very_many_missing_areas_are_counted_not_named(registry: Any) -> None:
    codes = ["356"] * (MOST + 1)
    said = names_text(codes, registry, Messages("en"))
    assert said.count("Nam Định") == SHOWN
    assert said.endswith(f"and {MOST + 1 - SHOWN} more")
    assert names_text(codes[:MOST], registry, Messages("en")).count("Nam Định") == MOST


def test_warming_up_leaves_nothing_to_read_for_a_page() -> None:
    program = """
import sys
from datetime import date
import kts_analysis as kts
from kts_analysis.backtest.evidence import load_evidence
from kts_analysis.fragments import render
from kts_analysis.i18n import Messages
from kts_analysis.pages.context import show, stand
from kts_analysis.pages.warm import warm_up
from kts_analysis.reporting.execute import Result, notebook_text
from kts_analysis.reporting.index import write_index
warm_up(["vi"])
opened = []
sys.addaudithook(lambda event, args: opened.append(args[0]) if event == "open" else None)
m = Messages("vi")
assert m.number(0.5) == "0,5" and m.date(date(2024, 5, 6)) == "06/05/2024"
assert "<li>" in render("sources.html", m, items=[{"text": "x", "url": "", "note": ""}])
load_evidence()
assert opened == [], opened
"""
    assert "jinja2" in loaded_by(program)


def test_warming_up_knows_the_languages() -> None:
    with pytest.raises(ValueError, match="unknown language"):
        warm_up(["xx"])


def test_rows_make_the_same_csv_as_their_table(registry: Any) -> None:
    view, _ = stand(None, DATA)
    plan = registry.plan("nam-dinh-105")
    asked = {"areas": [*plan.areas, plan.home], "deadline": [2025, 2030]}
    rows = judge_rows(view, plan, **asked)
    assert len(rows) == 2 * len(plan.targets) * (len(plan.areas) + 1)
    assert rows_text(rows) == table_text(judge(view, plan, **asked))


def test_showing_is_what_display_shows(capsys: pytest.CaptureFixture[str]) -> None:
    parts = [HTML("<p>x</p>"), charts()[0]]
    with capture_output() as quick:
        show(parts)
    with capture_output() as slow:
        for part in parts:
            display(part)
    assert [shown.data for shown in quick.outputs] == [shown.data for shown in slow.outputs]


def test_a_notebook_is_written_a_line_a_cell_and_read_as_it_was() -> None:
    said = [{"output_type": "stream", "name": "stdout", "text": "một\nhai\n"}]
    cell = nbformat.v4.new_code_cell("print(1)\nprint(2)", outputs=said, execution_count=1)
    notebook = nbformat.v4.new_notebook(cells=[cell, nbformat.v4.new_markdown_cell("# Đề mục")])
    text = notebook_text(notebook)
    assert nbformat.reads(text, 4) == notebook
    assert len(text.splitlines()) == 2 + 3


def test_what_no_notebook_can_hold_is_not_written() -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("")])
    notebook.cells[0].outputs.append({"output_type": "display_data", "data": 5, "metadata": {}})
    with pytest.raises(nbformat.ValidationError):
        notebook_text(notebook)
