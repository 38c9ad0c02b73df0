"""The forms of a report: what there is, what is not installed, what is asked for and linked."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from kts_analysis.cli import main
from kts_analysis.documents import formats
from kts_analysis.documents.formats import (
    Format,
    check_formats,
    document_links,
    modules_of,
    write_documents,
)
from kts_analysis.errors import KtsError
from kts_analysis.registry import Registry
from kts_analysis.reporting.manifest import versions
from kts_analysis.reporting.page import page_text
from kts_analysis.reporting.units import Unit, plan_units, unit_from

ROOT = Path(__file__).resolve().parents[1]
NOTE = Format("note", "Sổ", "kts_test_note", "documents", {"json": "pandas"})
ABSENT = Format("scroll", "Cuộn", "kts_test_scroll", "documents", {"no_such_module": "no-such"})


@pytest.fixture
def two_forms(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One form that can be written and one whose package is not there; what gets written."""
    written: list[str] = []

    def write(unit: Unit, folder: Path) -> dict[str, str]:
        written.append(unit.label)
        return {f"{unit.stem}.note": "0" * 64}

    monkeypatch.setitem(sys.modules, "kts_test_note", SimpleNamespace(write=write))
    monkeypatch.setattr(formats, "FORMATS", (NOTE, ABSENT))
    return written


def unit(registry: Registry, *names: str) -> Unit:
    (found,) = plan_units(registry, only=["356"], langs=["en"], formats=names)
    return found


def test_the_closed_list_names_module_and_extra_of_each() -> None:
    assert [each.name for each in formats.FORMATS] == ["docx", "pdf", "xlsx"]
    assert {each.extra for each in formats.FORMATS} == {"documents", ""}
    assert modules_of(["xlsx", "html"]) == ["kts_analysis.documents.xlsx"]


def test_the_page_is_always_made_and_order_is_the_lists(two_forms: list[str]) -> None:
    assert check_formats([]) == ("html",)
    assert check_formats(["note", "html", "note"]) == ("html", "note") == check_formats(["note"])


def test_every_unknown_form_is_named_with_those_there_are(two_forms: list[str]) -> None:
    with pytest.raises(KtsError) as caught:
        check_formats(["odt", "note", "epub"])
    assert str(caught.value) == "unknown format epub, odt; choose of html, note, scroll"


def test_what_is_not_installed_names_the_extra(two_forms: list[str]) -> None:
    with pytest.raises(KtsError) as caught:
        check_formats(["note", "scroll"])
    assert str(caught.value) == (
        "not installed: no-such, needed for scroll; "
        'install with: pip install "kts-analysis[documents]"'
    )


def test_the_command_refuses_before_anything_runs(
    two_forms: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--data", str(ROOT / "data")]
    out = ["--out", str(tmp_path / "reports")]
    assert main(["run", "--formats", "html,scroll", *out, *data, "--lang", "vi"]) == 2
    assert 'pip install "kts-analysis[documents]"' in capsys.readouterr().err
    assert main(["run", "--formats", "doc", *out, *data, "--dry-run"]) == 2
    assert list(tmp_path.iterdir()) == []


def test_only_what_is_asked_for_is_written(registry: Registry, two_forms: list[str]) -> None:
    assert write_documents(unit(registry), ROOT) == {} and two_forms == []
    made = write_documents(unit(registry, "note"), ROOT)
    assert made == {"area_report.en.note": "0" * 64}
    assert two_forms == [unit(registry).label]


def test_forms_are_part_of_a_unit_and_travel_with_it(registry: Registry) -> None:
    plain, rich = unit(registry), unit(registry, "xlsx")
    assert (plain.formats, rich.formats) == (("html",), ("html", "xlsx"))
    assert plain.as_json() != rich.as_json()
    assert unit_from(rich.as_json(), registry) == rich


def test_a_page_links_to_its_own_documents(registry: Registry, two_forms: list[str]) -> None:
    shown = {"data": {"text/html": "<h1>Ý Yên</h1>"}, "output_type": "display_data"}
    notebook = {"cells": [{"cell_type": "code", "metadata": {}, "outputs": [shown]}]}
    text = page_text(notebook, unit(registry, "note"))
    assert '<a href="area_report.en.note">Sổ</a> · <a href="verdicts.csv">CSV</a>' in text
    assert ">Sổ<" not in page_text(notebook, unit(registry))
    assert document_links(unit(registry)) == []


def test_versions_of_a_forms_packages_count_only_when_it_is_asked_for(
    two_forms: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kts_analysis.reporting.manifest.LIBRARIES", ())
    assert set(versions()) == {"python", "kts_analysis"}
    assert set(versions(["html", "note"])) == {"python", "kts_analysis", "pandas"}
    assert set(versions(["scroll"])) == {"python", "kts_analysis"}  # not installed: no version
