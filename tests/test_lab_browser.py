"""JupyterLab itself, as a planner meets it: first page, explorer, widgets, files; no network.

A server on the loopback address with a token, in a folder of its own; it and its kernels are
ended afterwards, and the test fails if one is left.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import pytest

pytestmark = pytest.mark.apart
ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = os.environ.get("KTS_CHROMIUM", "")
TOKEN = "for-this-test-only"
SETTLED = 4_000  # milliseconds after the first picture; until then JupyterLab itself still starts
PATIENCE = 120_000  # milliseconds; a kernel on a busy machine takes its time
# Choose an option of a list and say how long (ms) the new text takes to stand in the output, with
# the picture drawn.
CHOOSE = r"""async ([label, value, text]) => {
  const box = document.querySelector('.kts-explorer');
  const list = [...box.querySelectorAll('.widget-dropdown')].find(
      each => each.querySelector('label').textContent === label).querySelector('select');
  const plain = each => each.textContent.replaceAll('\u00a0', ' ');
  const option = [...list.options].findIndex(each => plain(each).includes(value));
  if (option < 0) throw new Error(`${label} has no ${value}`);
  const there = () => [...box.querySelectorAll('.jp-OutputArea')].some(
      each => each.textContent.includes(text)) && box.querySelector('.main-svg');
  if (there()) throw new Error(`${text} stands there already`);
  const begun = performance.now();
  list.selectedIndex = option;
  list.dispatchEvent(new Event('change', {bubbles: true}));
  while (!there()) {
    if (performance.now() - begun > 60000) return -2;
    await new Promise(go => setTimeout(go, 5));
  }
  return performance.now() - begun;
}"""


@dataclass
class Lab:
    """A running JupyterLab."""

    address: str
    folder: Path

    def url(self, path: str) -> str:
        return f"{self.address}{path}?token={TOKEN}&reset"  # no tabs left from before


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def end(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """End a process with all it has started; return those that would not end."""
    if process.poll() is not None:
        return []
    first = psutil.Process(process.pid)
    everyone = [*first.children(recursive=True), first]
    for one in everyone:
        with suppress(psutil.NoSuchProcess):
            one.terminate()
    _, alive = psutil.wait_procs(everyone, timeout=10)
    for one in alive:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    process.wait(timeout=10)
    return psutil.wait_procs(alive, timeout=10)[1]


def started(
    command: list[str], home: Path, own: dict[str, str]
) -> tuple[subprocess.Popen[bytes], Path]:
    """Start a server in a folder of its own; return it and its log."""
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    own = {name: str(home / name.lower()) for name in names} | own
    environment = os.environ | own | {"JUPYTER_TOKEN": TOKEN, "PYTHONPATH": str(ROOT)}
    path = home / "log.txt"
    with path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *command], env=environment, stdout=log, stderr=log, cwd=home
        )
    return process, path


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab by ``kts lab`` on copies of notebooks and data."""
    if not CHROMIUM:
        pytest.skip("NOT RUN: no Chromium (set KTS_CHROMIUM)")
    home = tmp_path_factory.mktemp("Sổ tay")
    notebooks = Path(shutil.copytree(ROOT / "notebooks", home / "notebooks"))
    shutil.copytree(ROOT / "data", home / "data")
    port = free_port()
    command = ["-m", "kts_analysis", "lab", "--no-browser", "--port", str(port)]
    command += ["--data", str(home / "data"), "--notebooks", str(notebooks)]
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # in a container
        command += ["--", "--allow-root"]
    process, log = started(command, home, {})
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/api/status?token={TOKEN}", process, log)
        yield Lab(address, notebooks)
    finally:
        left = end(process)
    assert left == []


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text("utf-8", "replace")
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except urllib.error.HTTPError:
            return  # it answers
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(log.read_text("utf-8", "replace"))


@pytest.fixture(scope="module")
def page(lab: Lab, browser: Any) -> Iterator[Any]:
    """A page that remembers its requests and may reach this machine only."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000}, accept_downloads=True)
    found = context.new_page()
    found.set_default_timeout(PATIENCE)
    found.requests = []
    found.on("request", lambda request: found.requests.append(request.url))
    strangers = lambda url: not url.startswith((lab.address, "data:", "blob:"))  # noqa: E731
    context.route(strangers, lambda route: route.abort())
    yield found
    context.close()


def run_all(page: Any, done: Any) -> None:
    """Choose Run › Run All Cells, as the first page says; again if there was no kernel yet."""
    from playwright.sync_api import TimeoutError as TimedOut

    page.locator(".jp-NotebookPanel .jp-CodeCell").first.wait_for()
    for _ in range(PATIENCE // 20_000):
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        with suppress(TimedOut):
            done.first.wait_for(timeout=20_000)
            return
    raise AssertionError("running all cells did not show what it should")


def open_explorer(page: Any, lab: Lab) -> None:
    page.goto(lab.url("/lab/tree/explore.ipynb"))
    run_all(page, page.locator(".kts-explorer .main-svg"))


def test_the_first_page_leads_to_the_explorer(page: Any, lab: Lab) -> None:
    page.goto(lab.url("/"))  # the plain address opens the first page
    page.locator(".jp-NotebookPanel .jp-CodeCell").first.wait_for()
    link = page.locator(".jp-NotebookPanel a", has_text="Khám phá").first
    link.click()
    tab = page.locator(".lm-TabBar-tabLabel", has_text="explore.ipynb")
    tab.first.wait_for()
    assert page.get_by_text("official Jupyter news").count() == 0  # it does not even ask


def test_choosing_updates_words_picture_and_table(page: Any, lab: Lab) -> None:
    open_explorer(page, lab)
    assert page.locator(".kts-explorer").inner_text().count("GIẢ LẬP") >= 2
    steps = [
        ("Địa bàn", "Thành phố Nam Định", "Thành phố Nam Định"),
        ("Địa bàn", "Huyện Ý Yên", "Huyện Ý Yên"),
        ("Chỉ tiêu", "XHS01", "XHS01 ·"),
        ("Số liệu biết đến", "31/12/2023", "tại 31/12/2022 là"),
        ("Phương pháp", "đường thẳng", "đường thẳng"),
        ("Số liệu biết đến", "31/12/2024", "tại 31/12/2023 là"),
        ("Phương pháp", "quy tắc đã ghi", "phần tốc độ có thể kéo dài"),
        ("Chỉ tiêu", "KTS04", "KTS04 ·"),
    ]
    page.wait_for_timeout(SETTLED)
    taken = [page.evaluate(CHOOSE, list(step)) for step in steps]
    print("ms from choice to picture:", [round(each) for each in taken])
    assert -2 not in taken, "an output was never updated"
    assert page.locator(".kts-explorer [role=alert]").count() == 0


def test_tabs_compare_and_assume(page: Any, lab: Lab) -> None:
    page.locator(".kts-explorer .lm-TabBar-tab", has_text="So sánh").click()
    page.locator(".kts-explorer").get_by_text("đặt cạnh nhau").first.wait_for()
    page.locator(".kts-explorer .lm-TabBar-tab", has_text="Nếu như").click()
    page.locator(".kts-explorer").get_by_text("tốc độ gấp 2 lần").first.wait_for()
    assert "không phải dự báo" in page.locator(".kts-explorer").inner_text()


def test_saving_writes_beside_the_notebook(page: Any, lab: Lab) -> None:
    page.get_by_role("button", name="Lưu biểu đồ và số liệu").click()
    page.locator(".kts-explorer").get_by_text("Đã lưu").wait_for()
    endings = {path.suffix for path in (lab.folder / "ket-qua").iterdir()}
    assert endings == {".html", ".csv", ".xlsx"}


def test_the_camera_button_gives_an_svg_with_its_mark(page: Any, lab: Lab, tmp_path: Path) -> None:
    picture = page.locator(".kts-explorer .js-plotly-plot:visible").first
    picture.hover()
    with page.expect_download() as waiting:
        picture.locator(".modebar-btn[data-title*='ownload']").first.click()
    waiting.value.save_as(tmp_path / "picture.svg")
    text = (tmp_path / "picture.svg").read_text(encoding="utf-8")
    assert waiting.value.suggested_filename.endswith(".svg")
    assert text.startswith("<svg") and "SỐ LIỆU GIẢ LẬP" in text


def test_an_error_is_one_sentence(page: Any, lab: Lab) -> None:
    text = (lab.folder / "explore.ipynb").read_text(encoding="utf-8")
    path = lab.folder / "sai.ipynb"
    path.write_text(text.replace('plan = \\"nam-dinh-105\\"', 'plan = \\"khong-co\\"'), "utf-8")
    page.goto(lab.url("/lab/tree/sai.ipynb"))
    error = page.locator("[data-mime-type='application/vnd.jupyter.stderr'], .jp-RenderedText")
    said = error.filter(has_text="không có kế hoạch khong-co").first
    run_all(page, said)
    assert "Traceback" not in said.inner_text()
    assert len(said.inner_text().strip().splitlines()) == 1


def test_nothing_was_asked_of_the_network(page: Any, lab: Lab) -> None:
    own = (lab.address, lab.address.replace("http", "ws"), "data:", "blob:")
    assert [url for url in page.requests if not url.startswith(own)] == []
    assert len(page.requests) > 50


def test_voila_serves_the_explorer_without_code(page: Any, tmp_path: Path) -> None:
    if find_spec("voila") is None:
        pytest.skip("NOT RUN: no Voilà (the extra 'voila')")
    port = free_port()
    shutil.copyfile(ROOT / "notebooks" / "explore.ipynb", tmp_path / "explore.ipynb")
    command = ["-m", "voila", "explore.ipynb", "--no-browser", f"--port={port}"]
    command += ["--Voila.ip=127.0.0.1"]
    process, log = started(command, tmp_path, {"KTS_DATA": str(ROOT / "data")})
    try:
        wait_for(f"http://127.0.0.1:{port}/static/", process, log)
        mine = page.context.browser.new_page()
        own = (f"http://127.0.0.1:{port}", "data:", "blob:")
        strangers: list[str] = []

        def refuse(route: Any) -> None:
            strangers.append(route.request.url)
            route.abort()

        mine.route(lambda url: not url.startswith(own), refuse)
        mine.goto(own[0], timeout=PATIENCE)
        mine.locator(".kts-explorer .main-svg").first.wait_for(timeout=PATIENCE)
        text = mine.locator("body").inner_text()
        assert "GIẢ LẬP" in text and "kts.explorer" not in text  # the page, not its code
        # Voilà's own page asks for icons of its own; it does without them, as here.
        assert {url for url in strangers if "/fontawesome-free" not in url} == set()
        mine.close()
    finally:
        left = end(process)
    assert left == []
