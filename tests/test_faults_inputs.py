"""What goes in and what comes out: hostile plans and names, what is made again, ``kts verify``."""

from __future__ import annotations

import csv
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from faults import (
    AREAS,
    NOTE,
    PARAMETERS,
    Ended,
    Site,
    facts,
    left_behind,
    new_site,
    nothing_outside,
    show,
    shown,
    tree,
    write_notebook,
    wrong_with,
)

pytestmark = pytest.mark.faults

ALL = ("--only", ",".join(AREAS))
CELLS = [NOTE, show("version 1")]


def made(site: Site, done: Ended) -> set[str]:
    """The areas whose reports a run made itself."""
    units = facts(done.folder)["units"]
    return {unit["area"] for unit in units if not unit["reused"]}


# --- names and plans of others --------------------------------------------------------------------

CODES = {
    "00165": "Xã <script>alert(1)</script>",
    "1_000": "../../Xã {x} {0} {area}",
    "1e5": "Xã \"ngoặc\" & 'nháy' `rm -rf .`",
    "nan": "N/A",
    "01.50": "Xã " + "dài " * 30,
    "NULL": "Cồn",
    "-5": "=1+1",
    "True": "/etc/passwd",
}


def test_codes_stay_text_and_names_do_nothing(tmp_path: Path) -> None:
    """Administrative codes that look like numbers, names that look like anything else."""
    told = "from IPython.display import HTML\nfrom html import escape\n"
    told += "HTML(f'<p>version {escape(repr(area))}</p>')"
    site = new_site(tmp_path / "site", [told], CODES)
    with nothing_outside(site):
        done = site.run("--only", ",".join(CODES), "--lang", "vi,en")
    assert done.code == 0, done.err
    assert left_behind(site) == [] and wrong_with(done.folder) == []
    assert shown(done.folder) == {f"&#x27;{code}&#x27;" for code in CODES}
    for unit in facts(done.folder)["units"]:
        assert unit["parameters"]["area"] == unit["area"]
        (path,) = (done.folder / unit["id"]).glob("area_report.ipynb")
        notebook = json.loads(path.read_text(encoding="utf-8"))
        assert notebook["metadata"]["papermill"]["parameters"]["area"] == unit["area"]
        injected = ["".join(cell["source"]) for cell in notebook["cells"]]
        assert f'area = "{unit["area"]}"' in injected[1].splitlines()
    for page in done.folder.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "<script>alert(1)" not in text
        assert "`rm -rf .`" not in text or "&#39;nháy&#39;" in text
    with (done.folder / "verdicts.csv").open(encoding="utf-8", newline="") as handle:
        assert {row["area_code"] for row in csv.DictReader(handle)} == set(CODES)


@pytest.mark.parametrize(
    ("name", "field", "value", "said"),
    [
        ("thu.yml", "id", "../../x", "plans/thu.yml"),
        ("thu.yml", "id", "/tmp/x", "plans/thu.yml"),
        ("thu.yml", "id", "{x}", "plans/thu.yml"),
        ("thu.yml", "id", "a\0b", "plans/thu.yml"),
        ("thu.yml", "areas", ["NHA", "../A1"], "plans/thu.yml"),
    ],
)
def test_a_plan_cannot_name_a_place(
    tmp_path: Path, name: str, field: str, value: Any, said: str
) -> None:
    site = new_site(tmp_path / "site", CELLS)
    path = site.data / "plans" / name
    plan = yaml.safe_load(path.read_text(encoding="utf-8")) | {field: value}
    path.write_text(yaml.safe_dump(plan, allow_unicode=True), encoding="utf-8")
    with nothing_outside(site):
        done = site.run(*ALL)
    assert (done.code, done.out) == (2, "") and said in done.err
    assert "Traceback" not in done.err and not site.out.exists()


@pytest.mark.parametrize(
    ("parameters", "options", "said"),
    [
        ('ma = "A1"\nplan = deadline = as_of = lang = ""', (), "area"),
        (PARAMETERS, ("--engine", "threads"), "fork"),
        (PARAMETERS, ("--only", "../A1"), "../A1"),
        (PARAMETERS, ("--as-of", "hôm qua"), "hôm qua"),
        ("area = = 1", (), "area_report.ipynb"),
    ],
)
def test_what_cannot_be_is_refused_in_one_message(
    tmp_path: Path, parameters: str, options: tuple[str, ...], said: str
) -> None:
    site = new_site(tmp_path / "site", CELLS)
    write_notebook(site.notebooks, CELLS, parameters)
    done = site.run(*(options if "--only" in options else (*ALL, *options)))
    assert (done.code, done.out) == (2, "")
    assert said in done.err and "Traceback" not in done.err
    assert left_behind(site) == [] and site.tally == []


# --- what has to be made again --------------------------------------------------------------------


def test_only_what_changed_is_made_again(tmp_path: Path) -> None:
    """One site, one change after another; each names the reports it must cost."""
    site = new_site(tmp_path / "site", CELLS)
    first = site.run(*ALL)
    assert first.code == 0 and made(site, first) == set(AREAS)
    assert (same := site.run(*ALL)).code == 0 and same.index == first.index
    assert "không có gì thay đổi" in same.err and len(site.tally) == 3

    fewer = site.run("--only", "A2,A1")  # another choice of the same reports
    assert fewer.code == 0 and made(site, fewer) == set() and len(site.tally) == 3
    path = site.data / "reported" / "A2.csv"
    text = path.read_text(encoding="utf-8")
    assert ",61," in text
    path.write_text(text.replace(",61,", ",70.5,"), encoding="utf-8")
    changed = site.run(*ALL)
    assert changed.code == 0 and "A2" in made(site, changed)
    before, after = (
        (run.folder / "a2-xa-hai" / "verdicts.csv").read_text(encoding="utf-8")
        for run in (first, changed)
    )
    assert "70.5" in after and "70.5" not in before
    assert wrong_with(first.folder) == wrong_with(fewer.folder) == []
    assert site.latest() == changed.folder


@pytest.mark.parametrize(
    ("name", "costs"),
    [
        ("notebooks/area_report.ipynb", True),
        ("notebooks/province_report.ipynb", False),
        ("kts_analysis/vi.py", True),
        ("kts_analysis/locale/vi/LC_MESSAGES/kts.po", True),
        ("data/plans/thu.yml", True),
        ("data/areas.csv", True),
    ],
)
def test_a_key_is_made_of_all_that_goes_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, costs: bool
) -> None:
    from kts_analysis.registry_files import load_registry
    from kts_analysis.reporting.keys import unit_keys
    from kts_analysis.reporting.manifest import input_hashes
    from kts_analysis.reporting.units import plan_units

    site = new_site(tmp_path / "site", CELLS)
    (site.notebooks / "province_report.ipynb").write_text("{}", encoding="utf-8")
    monkeypatch.setenv("KTS_DATA", str(site.data))
    registry = load_registry(site.data)
    asked = [unit.as_json() for unit in plan_units(registry, only=AREAS)]
    hashes = input_hashes(site.data, site.notebooks)
    assert name in hashes
    before, again = unit_keys(asked, hashes)["keys"], unit_keys(asked, dict(hashes))["keys"]
    after = unit_keys(asked, hashes | {name: "0" * 64})["keys"]
    assert before == again and len(set(before.values())) == len(AREAS)
    assert {before[unit] != after[unit] for unit in before} == {costs}
    past = [unit.as_json() for unit in plan_units(registry, only=AREAS, as_of="2024-06-30")]
    assert not set(unit_keys(past, hashes)["keys"].values()) & set(before.values())


def test_a_mended_cause_costs_only_what_failed(tmp_path: Path) -> None:
    """A report fails for want of a file outside; when it is there the good reports are kept."""
    wanted = tmp_path / "cần.txt"
    cell = f"if area == 'A2':\n    open({str(wanted)!r}).close()"
    site = new_site(tmp_path / "site", [NOTE, cell, show("version 1")])
    failed = site.run(*ALL)
    assert failed.code == 1 and failed.unit("A2")["cell"] == 4
    assert "cần.txt" in failed.unit("A2")["message"]
    wanted.touch()
    done = site.run(*ALL)
    assert done.code == 0 and made(site, done) == {"A2"} and shown(done.folder) == {"1"}
    assert sorted(site.tally) == ["A1", "A2", "A2", "A3"]
    assert site.latest() == done.folder and wrong_with(done.folder) == []
    assert left_behind(site) == []


def test_keep_removes_the_oldest_by_sequence_not_by_the_clock(tmp_path: Path) -> None:
    site = new_site(tmp_path / "site", CELLS)
    model = site.run("--only", "A1").folder
    runs = [model.with_name(f"older-{number}") for number in range(3)]
    for number, run in enumerate(runs):  # made before it, by clocks that were set wrong
        shutil.copytree(model, run)
        told = facts(model) | {"code": f"code-{number}", "sequence": number - 10}
        told |= {"started": "2099-01-01T00:00:00+00:00", "finished": "2099-01-01T00:00:09+00:00"}
        (run / "run.json").write_text(json.dumps(told), encoding="utf-8")
        for path in (run / "run.json", run / "index.html", run):
            os.utime(path, (4e9, 4e9))
    done = site.run("--only", "A1,A2", "--keep", "3")
    assert done.code == 0 and site.latest() == done.folder
    assert facts(done.folder)["sequence"] == facts(model)["sequence"] + 1
    assert [run.exists() for run in (*runs, model)] == [False, False, True, True]
    write_notebook(site.notebooks, [NOTE, "raise ValueError"])
    failed = site.run("--only", "A1", "--keep", "1")
    assert failed.code == 1 and site.latest() == done.folder  # the last good run is never removed
    left = {path for path in site.out.iterdir() if path.is_dir()}
    assert left == {done.folder, failed.folder}
    assert wrong_with(done.folder) == [] and left_behind(site) == []


# --- verify ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site with a good run."""
    site = new_site(tmp_path_factory.mktemp("verify") / "site", CELLS)
    assert site.run("--only", "A1").code == 0
    return site


@pytest.fixture
def copy(good: Site, tmp_path: Path) -> Iterator[Site]:
    """A copy of it to spoil."""
    yield Site(Path(shutil.copytree(good.folder, tmp_path / "site")))


def test_verify_makes_a_run_again_with_each_engine(good: Site) -> None:
    before = tree(good.out)
    for engine in ("fork", "workers", "kernels") if sys.platform == "linux" else ("workers",):
        done = good.verify(good.latest(), "--engine", engine)
        assert done.code == 0, (engine, done)
        assert "từng byte" in done.out or "mọi byte" in done.out
    assert tree(good.out) == before and left_behind(good) == []


def test_verify_finds_a_byte_and_a_missing_file(copy: Site) -> None:
    page = copy.latest() / "a1-xa-mot" / "area_report.html"
    page.write_bytes(page.read_bytes().replace(b"version 1", b"version 7"))
    (copy.latest() / "rollup.csv").unlink()
    done = copy.verify(copy.latest())
    assert done.code == 1
    lines = done.out.splitlines()
    assert len(lines) == 2
    assert any("a1-xa-mot/area_report.html" in line for line in lines)
    assert any("rollup.csv" in line for line in lines)


def test_verify_names_changed_inputs(copy: Site) -> None:
    path = copy.data / "reported" / "A3.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",exact,", ",about,"), "utf-8")
    done = copy.verify(copy.latest())
    assert done.code == 2 and "data/reported/A3.csv" in done.out
    assert "Traceback" not in done.err


def test_verify_wants_a_run(copy: Site) -> None:
    done = copy.verify(copy.data)
    assert done.code == 2 and "run.json" in done.err
