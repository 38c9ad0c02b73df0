"""What the fault tests share: a small site of data and notebooks, runs of the command line that
can be killed at a chosen moment, and what must hold after each of them.

A moment is a call to the system that the running process is about to make: an audit hook in the
process looks at each and sends the signal there, so that no test waits for a lucky second.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import yaml

ROOT = Path(__file__).resolve().parent.parent
PARAMETERS = 'area = "A1"\nplan = ""\ndeadline = 2025\nas_of = ""\nlang = "vi"'
PATIENCE = 300  # seconds; only so that a hang is a failure and not a hang
# Names the site's folder to every process of the site: it is handed on to all children, which
# get little else of the environment.
SEEN = "XDG_STATE_HOME"
AREAS = {"A1": "Xã Một", "A2": "Xã Hai", "A3": "Xã Ba"}
END = "</html>\n"
SHOW = "from IPython.display import HTML"

# Runs in the parent process alone: kills it before the n-th call whose words fit.
HOOK = """
import json, os, signal, sys
wanted = os.environ.get("KTS_FAULTS_MOMENT")
if wanted and "kts_analysis" in sys.orig_argv and "run" in sys.orig_argv:
    event, words, left, number, group = json.loads(wanted)
    def look(name, arguments):
        global left
        if name == event and left and words in " ".join(map(str, arguments)).replace(os.sep, "/"):
            left -= 1
            if not left:
                if group:
                    os.killpg(0, number)
                else:
                    os.kill(os.getpid(), number)
    sys.addaudithook(look)
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def index(self) -> Path:
        """The index page a run printed."""
        return Path(self.out.strip().splitlines()[-1])

    @property
    def folder(self) -> Path:
        """The folder of the run."""
        return self.index.parent

    def unit(self, area: str) -> dict[str, Any]:
        """What run.json says of an area's report."""
        return next(unit for unit in facts(self.folder)["units"] if unit["area"] == area)


def _interruptible() -> None:
    """Heed interrupts, also where a shell started these tests in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@dataclass
class Site:
    """A folder with data, notebooks, results and a folder for temporary files."""

    folder: Path
    root: Path = ROOT  # where the package is taken from

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    @property
    def notebooks(self) -> Path:
        """The folder of notebook templates."""
        return self.folder / "notebooks"

    @property
    def out(self) -> Path:
        """The output folder."""
        return self.folder / "out"

    @property
    def tmp(self) -> Path:
        """Where the processes of this site put temporary files."""
        return self.folder / "tmp"

    @property
    def tally(self) -> list[str]:
        """What the cells have noted with `NOTE`, in order."""
        path = self.folder / "tally.txt"
        return path.read_text(encoding="utf-8").split() if path.exists() else []

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment of a command."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KTS_")}
        own = {
            SEEN: str(self.folder),
            "PYTHONPATH": os.pathsep.join([str(self.folder / "hook"), str(self.root)]),
            "TMPDIR": str(self.tmp),
            "JUPYTER_RUNTIME_DIR": str(self.tmp / "jupyter"),
        }
        return kept | own | dict(more or {})

    def start(
        self,
        *options: str | Path,
        env: Mapping[str, str] | None = None,
        before: Sequence[str] = (),
        command: str = "run",
        out: Path | None = None,
        **popen: Any,
    ) -> subprocess.Popen[str]:
        """Start a command in a group of its own."""
        words: list[str | Path] = [*before, sys.executable, "-m", "kts_analysis", command]
        words += ["--data", self.data, "--notebooks", self.notebooks]
        if command == "run":
            words += ["--out", out or self.out]
            if "--lang" not in options:
                words += ["--lang", "vi"]
        return subprocess.Popen(
            [*map(str, words), *map(str, options)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="surrogateescape",
            env=self.environment(env),
            cwd=self.folder,
            start_new_session=True,
            **{"preexec_fn": _interruptible, **popen},
        )

    def run(self, *options: str | Path, **how: Any) -> Ended:
        """Run a command to its end."""
        return ended(self.start(*options, **how))

    def verify(self, folder: Path, *options: str) -> Ended:
        """Run ``kts verify``."""
        return self.run(folder, *options, command="verify")

    def until(
        self,
        event: str,
        words: str,
        *options: str,
        nth: int = 1,
        signal: int = 9,
        group: bool = False,
        **how: Any,
    ) -> Ended:
        """Run until a call to the system is about to be made, and send a signal there."""
        moment = json.dumps([event, words, nth, signal, group])
        return self.run(*options, env={"KTS_FAULTS_MOMENT": moment} | how.pop("env", {}), **how)

    def latest(self) -> Path:
        """The run that latest.txt names."""
        return self.out / (self.out / "latest.txt").read_text(encoding="utf-8").strip()


def ended(process: subprocess.Popen[str]) -> Ended:
    """Wait for a command."""
    try:
        out, err = process.communicate(timeout=PATIENCE)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    return Ended(process.returncode, out, err)


NOTE = textwrap.dedent(
    """\
    import os
    place = os.path.join(os.environ["XDG_STATE_HOME"], "tally.txt")
    with open(place, "a", encoding="utf-8") as handle:
        handle.write(f"{area}\\n")"""
)


def show(text: str) -> str:
    """A cell that shows a text (an f-string may name the parameters)."""
    return f"{SHOW}\nHTML(f'<p>{text}</p>')"


def by_area(cells: Mapping[str, str], otherwise: str = "pass") -> str:
    """A cell that does something else in each area."""
    lines = []
    for code, source in cells.items():
        lines += [f"if area == {code!r}:", textwrap.indent(textwrap.dedent(source).strip(), "    ")]
    return "\n".join([*lines, f"if area not in {list(cells)!r}:", f"    {otherwise}"])


def write_notebook(folder: Path, cells: Iterable[str], parameters: str = PARAMETERS) -> None:
    """Write ``area_report.ipynb`` of a parameters cell and these cells."""
    empty = {"cell_type": "code", "execution_count": None, "outputs": []}
    made: list[dict[str, Any]] = [
        empty | {"id": "given", "metadata": {"tags": ["parameters"]}, "source": parameters}
    ]
    for place, source in enumerate(cells):
        made.append(empty | {"id": f"own-{place}", "metadata": {}, "source": source})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    content = {"cells": made, "metadata": {"kernelspec": kernel}, "nbformat": 4}
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content | {"nbformat_minor": 5}, ensure_ascii=False)
    (folder / "area_report.ipynb").write_text(text, encoding="utf-8", newline="\n")


def write_data(folder: Path, areas: Mapping[str, str] = AREAS, value: float = 60.0) -> None:
    """Write a data folder: one target, a plan for some areas, figures of the first three."""
    source = ROOT / "data"
    (folder / "plans").mkdir(parents=True)
    (folder / "reported").mkdir()
    for name in ("indicators.yml", "series.yml"):
        (folder / name).write_bytes((source / name).read_bytes())
    model = yaml.safe_load((source / "plans" / "nam-dinh-105.yml").read_text(encoding="utf-8"))
    target = next(item for item in model["targets"] if "district" in item["series"])
    plan = {"id": "thu", "name": {"vi": "Kế hoạch thử", "en": "Plan of a test"}}
    plan |= {"document": plan["name"], "home": "NHA", "areas": ["NHA", *areas]}
    plan |= {"deadlines": [2025], "targets": [target | {"leans_on": []}]}
    text = yaml.safe_dump(plan, allow_unicode=True, sort_keys=False)
    (folder / "plans" / "thu.yml").write_text(text, encoding="utf-8")
    header = (source / "areas.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    with (folder / "areas.csv").open("w", encoding="utf-8", newline="\n") as handle:
        rows = csv.DictWriter(handle, header, lineterminator="\n")
        rows.writeheader()
        usual = {"kind": "xã", "level": "district", "verification": "unverified"}
        home = {"code": "NHA", "name": "Nhà", "name_en": "Home", "level": "province"}
        rows.writerow(usual | home)
        for code, name in areas.items():
            rows.writerow(usual | {"code": code, "name": name, "name_en": name, "parent": "NHA"})
    line = (source / "crosswalk.csv").read_text(encoding="utf-8").splitlines()[0]
    (folder / "crosswalk.csv").write_text(f"{line}\n", encoding="utf-8")
    for place, code in enumerate(list(areas)[:3]):
        write_figures(folder, code, target["indicator"], value + place)


def write_figures(folder: Path, code: str, indicator: str, value: float) -> None:
    """Write an area's figures of two years."""
    sample = next((ROOT / "data" / "sample").glob("*.csv"))
    header = sample.read_text(encoding="utf-8").splitlines()[0].split(",")
    with (folder / "reported" / f"{code}.csv").open("w", encoding="utf-8", newline="\n") as handle:
        rows = csv.DictWriter(handle, header, lineterminator="\n", restval="")
        rows.writeheader()
        for year in (2023, 2024):
            facts = {"area_code": code, "indicator": indicator, "series": "district_report"}
            facts |= {"period": str(year), "value": f"{value + year - 2024:g}"}
            facts |= {"qualifier": "exact", "vintage": f"{year + 1}-02-01"}
            rows.writerow(facts | {"origin": "synthetic", "source": "made up for a test"})


def new_site(folder: Path, cells: Iterable[str], areas: Mapping[str, str] = AREAS) -> Site:
    """Make a site."""
    site = Site(folder)
    site.tmp.mkdir(parents=True)
    (folder / "hook").mkdir()
    (folder / "hook" / "sitecustomize.py").write_text(HOOK, encoding="utf-8")
    write_data(site.data, areas)
    write_notebook(site.notebooks, cells)
    return site


# --- what must hold -------------------------------------------------------------------------------


def facts(folder: Path) -> dict[str, Any]:
    """Return run.json of a run."""
    found: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return found


def tree(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file in a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def processes(site: Site) -> list[str]:
    """Return the processes that the site's commands have started and that still run."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(SEEN) == str(site.folder) and process.pid != os.getpid():
                found.append(f"{process.pid} {' '.join(process.cmdline())[:200]}")
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess, OSError):
            continue
    return found


def wait_for_silence(site: Site) -> list[str]:
    """Give processes that have been told to end the moment they need; return those that stay."""
    for _ in range(100):
        if not (found := processes(site)):
            return []
        time.sleep(0.1)
    return found


def left_behind(site: Site, *, killed: bool = False) -> list[str]:
    """Return what a run has left that should be gone: processes, temporary and hidden files.

    A killed run may leave its staging folder: the next one takes its reports over and sweeps it.
    """
    found = wait_for_silence(site)
    # Jupyter keeps its runtime folder; files in it belong to kernels.
    found += [str(path) for path in site.tmp.rglob("*") if path != site.tmp / "jupyter"]
    if killed:
        return found
    hidden = (path for path in site.out.rglob(".*") if path.name != ".kts-run.lock")
    return found + [str(path) for path in hidden]


def wrong_with(run: Path) -> list[str]:
    """Return what keeps a published run from being whole: bytes not as recorded, torn pages."""
    recorded = facts(run)["files"]
    found = {name: value for name, value in tree(run).items() if name != "run.json"}
    found.pop(".done.jsonl", None)  # hidden; a run that is killed right here leaves it
    wrong = [name for name in recorded | found if recorded.get(name) != found.get(name)]
    torn = [path for path in run.rglob("*.html") if not path.read_text("utf-8").endswith(END)]
    return wrong + [str(page) for page in torn]


def shown(run: Path) -> set[str]:
    """Return what the pages of a run show in ``<p>version …</p>``."""
    texts = [path.read_text(encoding="utf-8") for path in run.glob("*/*.html")]
    return {text.split("<p>version ")[1].split("</p>")[0] for text in texts}


@contextmanager
def nothing_outside(site: Site) -> Iterator[None]:
    """Assert that a run writes nothing beside its output folder."""
    before, around = _beside_output(site), {path.name for path in site.folder.parent.iterdir()}
    yield
    changed = _beside_output(site) ^ before
    assert changed <= {"tally.txt"}, changed
    assert {path.name for path in site.folder.parent.iterdir()} == around


def _beside_output(site: Site) -> set[str]:
    """Return the files of a site that are not output, nor Python's own compiled hook."""
    ours = ("out/", "hook/__pycache__/")
    return {name for name in tree(site.folder) if not name.startswith(ours)}
