"""The library reference: built without a complaint, complete, and open without a network."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import kts_analysis as kts

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference"
DOCUMENTED = re.compile(r"^\.\. auto(?:function|class|exception):: (\S+)$", re.M)
# What a browser fetches by itself; a link a reader may click is none of it.
FETCHED = (
    r"<(?:script|img|iframe|source)\b[^>]*\bsrc=[\"']?(?:https?:)?//",
    r"<link\b(?![^>]*rel=[\"']?(?:canonical|author))[^>]*\bhref=[\"']?(?:https?:)?//",
    r"@import\s+(?:url\()?[\"']?(?:https?:)?//",
    r"url\([\"']?(?:https?:)?//",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference, built as `python make.py docs` does."""
    pytest.importorskip("furo", reason="the extra docs is not installed: NOT RUN")
    pytest.importorskip("myst_parser", reason="the extra docs is not installed: NOT RUN")
    sys.path.insert(0, str(ROOT / "tools"))
    from make_docs import sphinx_arguments

    out = tmp_path_factory.mktemp("reference")
    done = subprocess.run(
        [sys.executable, *sphinx_arguments(out)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return out


def test_every_public_name_stands_on_one_page() -> None:
    documented = [
        name
        for path in sorted(REFERENCE.glob("*.md"))
        for name in DOCUMENTED.findall(path.read_text(encoding="utf-8"))
    ]
    assert len(documented) == len(set(documented))
    public = {
        f"kts_analysis.{name}" for name in kts.__all__ if name not in ("__version__", "rules")
    }
    rules = {f"kts_analysis.rules.{name}" for name in kts.rules.__all__ if name != "RULES"}
    assert (public | rules) - set(documented) == set()


def test_the_pages_follow_the_pipeline() -> None:
    index = (REFERENCE / "index.md").read_text(encoding="utf-8")
    order = re.findall(r"^([a-z]+)$", index, re.M)
    assert order[:6] == ["data", "ingest", "indicators", "borders", "projections", "verdicts"]
    assert set(order) == {path.stem for path in REFERENCE.glob("*.md")} - {"index"}


def test_every_page_is_in_the_index_once() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    listed = re.findall(r"^([a-z-]+)$", index, re.M)
    pages = {path.stem for path in (ROOT / "docs").glob("*.md")} - {"index"}
    assert sorted(listed) == sorted(pages)


def fetches(text: str) -> list[str]:
    return [found[0] for pattern in FETCHED for found in [re.search(pattern, text)] if found]


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="//fonts.example/css">',
        "@import url('https://fonts.example/css')",
        "src: url(http://fonts.example/x.woff2)",
    ],
)
def test_a_fetch_from_the_network_is_noticed(text: str) -> None:
    assert len(fetches(text)) >= 1
    assert fetches('<a href="https://example.org">x</a> <script src="_static/x.js">') == []


@pytest.mark.apart
def test_nothing_is_fetched_from_the_network(built: Path) -> None:
    pages = [path for kind in ("*.html", "*.css") for path in built.rglob(kind)]
    assert len(pages) > 20
    found = {path.name: fetches(path.read_text(encoding="utf-8")) for path in pages}
    assert {name: hits for name, hits in found.items() if hits} == {}


@pytest.mark.apart
def test_the_search_index_knows_the_functions(built: Path) -> None:
    text = (built / "searchindex.js").read_text(encoding="utf-8")
    index = json.loads(text.removeprefix("Search.setIndex(").removesuffix(")"))
    names = {entry[-1] or place for place, entries in index["objects"].items() for entry in entries}
    assert {"harmonise", "assess", "project_series"} <= set(index["terms"]) | names
    pages = (built / "reference" / "verdicts.html").read_text(encoding="utf-8")
    assert "Judge every area of a plan against every target" in pages
    assert "0.66" in pages  # the example, with its real output


@pytest.mark.apart
def test_a_search_in_a_browser_without_a_network(built: Path, browser: Any) -> None:
    page = browser.new_page()
    outside: list[str] = []
    page.on("request", lambda request: outside.append(request.url))
    page.goto((built / "search.html").as_uri() + "?q=harmonise")
    page.wait_for_selector("#search-results li a")
    titles = page.locator("#search-results li a").all_inner_texts()
    page.close()
    assert any("harmonise" in title for title in titles)
    assert [url for url in outside if not url.startswith("file:")] == []


def test_the_container_sets_up_by_a_command_there_is() -> None:
    text = (ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8")
    container = json.loads(text)
    minor = re.fullmatch(r"python:3\.(\d+)", container["image"])
    assert minor and int(minor[1]) >= 11
    assert container["postCreateCommand"] == "python make.py docs"
    assert "://" not in text
