"""Notebooks that misbehave, each in its own way, in one run: one failing report stops no other.

What cannot be prevented, because a notebook is a program with its user's rights: it can write
files anywhere that user can. Run notebooks of strangers as a user of their own.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from faults import Ended, Site, by_area, facts, left_behind, new_site, show, wrong_with
from filelock import FileLock
from markupsafe import escape

LINUX = sys.platform == "linux"
pytestmark = [
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.skipif(not LINUX, reason="NOT RUN: signals and groups of Linux"),
]
SECRETS = {"MY_TOKEN": "bi-mat-1", "DB_PASSWORD": "bi-mat-2", "PRIVATE_NOTE": "bi-mat-3"}
HANDED = {"HANDED_ON_KEY": "trao-tay"}
SAID = "sai số liệu <b>{x}</b> 'ngoặc'"
SLEEPER = "[sys.executable, '-c', 'import time; time.sleep(1000)']"
OTHERS = f"""
import os, subprocess, sys
subprocess.Popen({SLEEPER})
subprocess.Popen({SLEEPER}, start_new_session=True)
"""
# What the third cell of each area does. A second set breaks the time limits, in runs of its own,
# so that on a slow machine no other cell can break them too.
CELLS = {
    "GOOD": "done = True",
    "RAISES": f"""
        import os
        surroundings = dict(os.environ)
        print(surroundings)
        raise ValueError({SAID!r})""",
    "GROWS": "kept = []\nwhile True:\n    kept.append(bytearray(20 << 20))",
    "KILLED": "import os\nprint('trước khi chết', flush=True)\nos.kill(os.getpid(), 9)",
    "OTHERS": OTHERS,
}
MORE = {
    "ARRAY": "import numpy\nnumpy.ones(10**9)",
    "LEAVES": "import os\nos._exit(0)",
    "CRASHES": "import ctypes\nprint('\\u2028 và \\x85')\nctypes.string_at(0)",
    "TORN": "print('\\udcff')",
    "QUITS": "import sys\nsys.exit('thôi')",
    "SHOWS": "print('không phải HTML')",
}
LONG = {
    "SLEEPS": "import time\ntime.sleep(1000)",
    "STUBBORN": """
        import time
        while True:
            try:
                while True:
                    time.sleep(0.01)
            except BaseException:
                pass""",
}
LONGER = {
    "SPINS": "while True:\n    pass",
    "DEAF": """
        import ctypes, signal
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))
        ctypes.PyDLL(None).sleep(1000)""",
}
RUNS = {
    "fork": ("fork", "en", CELLS | MORE),
    "workers": ("workers", "vi", CELLS),
    "kernels": ("kernels", "vi", CELLS),
    "fork, long": ("fork", "vi", LONG | LONGER),
    "kernels, long": ("kernels", "en", LONG),
}
MEMORY, SECONDS = ("--memory", "600"), ("--cell-seconds", "2")
TOO_LONG = {
    "en": "it ran too long (limits: 2 seconds a cell, 600 seconds a report)",
    "vi": "chạy quá lâu (giới hạn: 2 giây một ô, 600 giây một báo cáo)",
}
TOO_LARGE = {"en": "it used more than 600 MB of memory", "vi": "dùng quá 600 MB bộ nhớ"}
DIED = {
    "en": "the process that made this report was killed ({})",
    "vi": "tiến trình làm báo cáo này bị dừng đột ngột ({})",
}


@dataclass(frozen=True)
class Made:
    """A run, its site and language, and what each area's cell did."""

    site: Site
    done: Ended
    lang: str
    cells: dict[str, str]

    @property
    def units(self) -> dict[str, dict[str, Any]]:
        """run.json's entry of each area."""
        return {unit["area"]: unit for unit in facts(self.done.folder)["units"]}

    @property
    def failing(self) -> dict[str, dict[str, Any]]:
        """Those that must fail."""
        return {code: unit for code, unit in self.units.items() if code not in FINE}


FINE = {"GOOD", "OTHERS"}
CELLS_RUNS = ("fork", "workers", "kernels")


def site_of(folder: Path) -> Site:
    return Site(folder / "site")


def make(folder: Path, engine: str, lang: str, cells: dict[str, str]) -> Ended:
    work = [show("version 1"), by_area(cells), "last = True"]
    site = site_of(folder)
    new_site(site.folder, work, {code: f"Xã {code}" for code in cells})
    limits = SECONDS if "SLEEPS" in cells else MEMORY
    options = ("--only", ",".join(cells), "--engine", engine, *limits)
    more = ("--lang", lang, "--pass-env", "HANDED_ON_KEY", "--log", site.folder / "run.log")
    return site.run(*options, *more, env=SECRETS | HANDED)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Made]:
    """Every run, two at a time; made once, also when several processes run these tests."""
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "faults-cells"
    told = place / "ended.json"
    with FileLock(f"{place}.lock"):
        if not told.exists():
            with ThreadPoolExecutor(2) as threads:
                started = {
                    name: threads.submit(make, place / name, *how) for name, how in RUNS.items()
                }
            done = {name: vars(future.result()) for name, future in started.items()}
            told.write_text(json.dumps(done), encoding="utf-8")
    ends = json.loads(told.read_text(encoding="utf-8"))
    return {
        name: Made(site_of(place / name), Ended(**ends[name]), lang, cells)
        for name, (_, lang, cells) in RUNS.items()
    }


@pytest.fixture(params=list(RUNS))
def made(request: pytest.FixtureRequest, runs: dict[str, Made]) -> Made:
    return runs[request.param]


def partial(made: Made, unit: dict[str, Any]) -> dict[str, Any]:
    """The notebook of a failing report."""
    (path,) = (made.done.folder / unit["id"]).glob("*.ipynb")
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


def test_one_failing_report_stops_no_other(made: Made) -> None:
    assert made.done.code == 1
    status = {code: unit["status"] for code, unit in made.units.items()}
    assert status == {code: "done" if code in FINE else "failed" for code in made.cells}
    assert facts(made.done.folder)["failed"] == len(made.failing)


def test_nothing_is_left_behind(made: Made) -> None:
    assert left_behind(made.site) == []
    assert wrong_with(made.done.folder) == []


def test_a_failed_run_is_not_the_latest(made: Made) -> None:
    assert made.done.folder.name.endswith("-failed")
    assert not (made.site.out / "latest.txt").exists()


def test_no_page_is_made_of_a_failing_report(made: Made) -> None:
    pages = {path.parent.name for path in made.done.folder.glob("*/*.html")}
    assert pages == {unit["id"] for code, unit in made.units.items() if code in FINE}


def test_each_failure_is_named_in_words(made: Made) -> None:
    said = {code: unit["message"] for code, unit in made.failing.items()}
    signal_9 = {DIED[made.lang].format("signal 9"), DIED[made.lang].format("Kernel died")}
    expected = {
        "RAISES": {SAID},
        "GROWS": {TOO_LARGE[made.lang]},
        "KILLED": signal_9,
        "ARRAY": {TOO_LARGE["en"]},
        "LEAVES": {DIED["en"].format("exit code 0")},
        "CRASHES": {DIED["en"].format("signal 11")},
        "QUITS": {"thôi"},
        **{code: {TOO_LONG[made.lang]} for code in LONG | LONGER},
    }
    for code in set(said) & set(expected):
        assert said[code] in expected[code], code


def test_the_failing_cell_is_marked_and_the_file_never_looks_whole(made: Made) -> None:
    for code, unit in made.failing.items():
        if code in ("SHOWS", "TORN"):  # every cell ran; one shows what a page cannot hold
            assert "not for a page" in unit["message"]
            notebook = partial(made, unit)
            assert code in notebook["cells"][unit["cell"] - 1]["source"]
            continue
        notebook = partial(made, unit)
        assert notebook["metadata"]["papermill"]["exception"] is True, code
        cell = notebook["cells"][unit["cell"] - 1]
        assert code in cell["source"] and cell["metadata"]["papermill"]["status"] == "failed"
        assert "error" in {out["output_type"] for out in cell["outputs"]}, code
        assert notebook["cells"][-1]["outputs"] == [], code
        shown = [cell for cell in notebook["cells"] if "version 1" in cell["source"]]
        assert shown[0]["outputs"], f"{code}: what came before the failure is lost"


def test_kernels_name_the_same_cell_as_the_own_engine(runs: dict[str, Made]) -> None:
    for code in CELLS:
        assert len({runs[engine].units[code]["cell"] for engine in CELLS_RUNS}) == 1


def test_the_index_names_area_notebook_cell_and_message(made: Made) -> None:
    page = (made.done.folder / "index.html").read_text(encoding="utf-8")
    words, title = {
        "vi": ("ô", "Báo cáo không lập được"),
        "en": ("cell", "Reports that could not be made"),
    }[made.lang]
    assert title in page
    for code, unit in made.failing.items():
        cell = f", {words} {unit['cell']}" if unit["cell"] else ""
        assert f"<b>Xã {code}</b> (area_report{cell})" in page
        assert f"<pre>{escape(unit['message'])}</pre>" in page
    assert SAID not in page


def test_stderr_names_each_failure_on_one_line(made: Made) -> None:
    for unit in made.failing.values():
        (line,) = [text for text in made.done.err.splitlines() if f"{unit['id']}/" in text]
        assert unit["message"] in line


def test_no_secret_is_in_any_output(made: Made) -> None:
    said = [made.done.out, made.done.err, (made.site.folder / "run.log").read_text("utf-8")]
    said += [
        path.read_text(encoding="utf-8") for path in made.site.out.rglob("*") if path.is_file()
    ]
    assert not [text for text in said for secret in SECRETS.values() if secret in text]
    assert not [name for name in SECRETS if any(name in text for text in said)]
    if "RAISES" in made.cells:  # it printed its whole environment
        assert any(HANDED["HANDED_ON_KEY"] in text for text in said)


def test_the_log_has_a_line_for_each_failure(made: Made) -> None:
    lines = (made.site.folder / "run.log").read_text(encoding="utf-8").splitlines()
    failed = [line for line in lines if " ERROR failed " in line]
    assert len(failed) == len(made.failing)
