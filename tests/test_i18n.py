"""Message catalogues: complete on the tree, and the checker finds what is planted."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from kts_analysis import i18n

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    sys.modules.pop("messages", None)
    import messages

    return messages


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small project with strings in code, a template and a notebook."""
    package = tmp_path / "kts_analysis"
    templates = package / "templates" / "pages"
    templates.mkdir(parents=True)
    (tmp_path / "notebooks").mkdir()
    write(
        package / "page.py",
        "LATER = N_('Likely')\n"
        "def title(m, self):\n"
        "    return m('Gap to {target}', target=m('Likely')) + self.m('Inner '\n"
        "        'text') + m.n('{n} area', '{n} areas', 3) + m.p('month', 'May') + m(LATER)\n",
    )
    write(templates / "area.html", "<h1>{{ m('Targets') }}</h1>{{ m.n('a year', 'years', k) }}")
    notebook = {
        "cells": [
            {"cell_type": "markdown", "source": ["m('Not code')"]},
            {"cell_type": "code", "source": ["%load_ext x\n", "m('From a notebook')"]},
        ]
    }
    write(tmp_path / "notebooks" / "one.ipynb", json.dumps(notebook))
    return tmp_path


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def catalogue(tree: Path, lang: str) -> Path:
    return tree / "kts_analysis" / "locale" / lang / "LC_MESSAGES" / "kts.po"


def translate_all(tool: ModuleType, tree: Path) -> None:
    """Give every Vietnamese message a text that keeps its fields."""
    old = tool.read_catalogue(tree, "vi")
    for message in old:
        if message.id:
            plural = not isinstance(message.id, str)
            message.string = ("vi " + message.id[1],) if plural else "vi " + message.id
    write(catalogue(tree, "vi"), tool.as_text(old))


def test_the_catalogues_of_this_project_are_complete(tool: ModuleType) -> None:
    assert tool.problems(ROOT) == []


def test_every_kind_of_call_is_found(tool: ModuleType, tree: Path) -> None:
    found = {(item.file.rpartition("/")[2], item.line, item.msgid) for item in tool.collect(tree)}
    assert found == {
        ("page.py", 1, "Likely"),
        ("page.py", 3, "Gap to {target}"),
        ("page.py", 3, "Likely"),
        ("page.py", 3, "Inner text"),
        ("page.py", 4, ("{n} area", "{n} areas")),
        ("page.py", 4, "May"),
        ("area.html", 1, "Targets"),
        ("area.html", 1, ("a year", "years")),
        ("one.ipynb#cell2", 2, "From a notebook"),
    }


def test_update_then_translate_leaves_nothing_to_complain_about(
    tool: ModuleType, tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tool.main(["check", "--root", str(tree)]) == 1
    assert "page.py:3: missing in vi: 'Gap to {target}'" in capsys.readouterr().out
    assert tool.main(["update", "--root", str(tree)]) == 0
    assert {line.split(": ")[1] for line in tool.problems(tree)} == {"untranslated in vi"}
    translate_all(tool, tree)
    assert tool.problems(tree) == []


def test_update_is_stable_and_keeps_translations(tool: ModuleType, tree: Path) -> None:
    tool.update(tree, prune=False)
    translate_all(tool, tree)
    tool.update(tree, prune=False)
    once = [catalogue(tree, lang).read_bytes() for lang in ("vi", "en")]
    page = tree / "kts_analysis" / "page.py"
    write(page, "\n\n" + page.read_text(encoding="utf-8"))  # lines move, strings do not
    tool.update(tree, prune=False)
    assert [catalogue(tree, lang).read_bytes() for lang in ("vi", "en")] == once
    assert b"Date" not in once[0] and b":1" not in once[0] and b"\r" not in once[0]
    assert 'msgctxt "month"\nmsgid "May"\nmsgstr "vi May"' in once[0].decode("utf-8")


def test_english_repeats_its_ids(tool: ModuleType, tree: Path) -> None:
    tool.update(tree, prune=False)
    path = catalogue(tree, "en")
    text = path.read_text(encoding="utf-8")
    assert 'msgid "Targets"\nmsgstr "Targets"' in text
    write(path, text.replace('msgstr "Targets"', 'msgstr "Goals"'))
    assert any("en text differs from its id: 'Targets'" in line for line in tool.problems(tree))


def test_an_unused_text_is_found_kept_for_its_return_and_pruned(
    tool: ModuleType, tree: Path
) -> None:
    tool.update(tree, prune=False)
    translate_all(tool, tree)
    page = tree / "kts_analysis" / "page.py"
    before = page.read_text(encoding="utf-8")
    write(page, before.replace("'Gap to {target}'", "'Distance to {target}'"))
    lines = tool.problems(tree)
    assert any("kts.po" in line and "unused: 'Gap to {target}'" in line for line in lines)
    assert any("missing in vi: 'Distance to {target}'" in line for line in lines)
    tool.update(tree, prune=False)
    assert any("unused: 'Gap to {target}'" in line for line in tool.problems(tree))
    write(page, before)
    tool.update(tree, prune=True)
    assert tool.problems(tree) == []  # the old translation came back, the new id is gone


@pytest.mark.parametrize(
    ("translation", "complaint"),
    [
        ("", "untranslated in vi"),
        ("vi Gap", "fields [], expected ['target']"),
        ("vi Gap to {targt}", "fields ['targt'], expected ['target']"),
        ("vi Gap to {target", "unbalanced braces"),
    ],
)
def test_a_damaged_translation_is_found(
    tool: ModuleType, tree: Path, translation: str, complaint: str
) -> None:
    tool.update(tree, prune=False)
    translate_all(tool, tree)
    path = catalogue(tree, "vi")
    text = path.read_text(encoding="utf-8")
    write(path, text.replace('msgstr "vi Gap to {target}"', f'msgstr "{translation}"'))
    lines = tool.problems(tree)
    assert len(lines) == 1
    assert "page.py:3: " in lines[0] and complaint in lines[0]


@pytest.mark.parametrize("source", ["m(f'Gap {x}')\n", "m.n('a', f'b {x}', 2)\n", "m('a'\n"])
def test_sources_that_cannot_be_read_leave_the_catalogues_alone(
    tool: ModuleType, tree: Path, source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tool.update(tree, prune=False)
    before = catalogue(tree, "vi").read_bytes()
    write(tree / "kts_analysis" / "bad.py", source)
    assert tool.main(["update", "--root", str(tree)]) == 2
    assert "kts_analysis/bad.py:1: " in capsys.readouterr().err
    assert catalogue(tree, "vi").read_bytes() == before


def test_placeholders_are_the_same_in_every_language(tool: ModuleType) -> None:
    for lang in i18n.LANGUAGES:
        for message in tool.by_key(tool.read_catalogue(ROOT, lang)).values():
            assert not tool.translated(message) or tool.field_problem(message) is None, message.id


def test_unknown_language_names_the_languages() -> None:
    with pytest.raises(ValueError, match=r"'fr'.*vi, en"):
        i18n.translator("fr")
    with pytest.raises(ValueError, match="'fr'"):
        i18n.Messages("fr")


def test_translator_is_read_once() -> None:
    assert i18n.translator("vi") is i18n.translator("vi")


def test_messages_speak_their_language() -> None:
    vietnamese, english = i18n.Messages("vi"), i18n.Messages("en")
    assert vietnamese("points") == "điểm %"
    assert english("points") == "points"
    assert vietnamese.points(1.2) == "+1,2 điểm %"
    assert english.points(1.2) == "+1.2 points"
    assert english.points(1.2, signed=False) == "1.2 points"
    assert vietnamese.percent(85.5) == "85,5%"
    assert english.number(1234.5) == "1,234.5"
    assert vietnamese.count(1234567) == "1.234.567"
    assert vietnamese.date(date(2025, 12, 5)) == "05/12/2025"
    assert english.period("2024-Q2") == "Q2 2024"
    assert N_round_trip() == "Later"


def N_round_trip() -> str:  # noqa: N802 - named after the marker
    return i18n.N_("Later")


def test_fields_are_filled_and_a_missing_one_is_named() -> None:
    english = i18n.Messages("en")
    assert english("Gap to {target}: {gap}", target="A", gap=2) == "Gap to A: 2"
    assert english("set {a, b}") == "set {a, b}"
    assert english("") == ""
    with pytest.raises(ValueError, match="needs 'gap'; given: target"):
        english("Gap to {target}: {gap}", target="A")


def test_counted_texts_choose_their_form() -> None:
    english = i18n.Messages("en")
    assert english.n("{n} area", "{n} areas", 1) == "1 area"
    assert english.n("{n} area", "{n} areas", 1200) == "1,200 areas"
    assert english.n("{n} area in {place}", "{n} areas in {place}", 0, place="A") == "0 areas in A"
    assert english.p("month", "May") == "May"
