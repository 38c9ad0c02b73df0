"""The picture of the architecture fits the imports, and says so when it no longer does."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

import architecture_picture as drawing  # noqa: E402
from layered_layout import BOX, GAP, floors, lay_out  # noqa: E402

LONGEST_NAME, LONGEST_PURPOSE = 22, 36  # characters that fit into a box


def test_every_module_has_a_room() -> None:
    assert [name for name in drawing.module_names() if drawing.room_of(name) is None] == []
    assert drawing.room_of("brand_new") is None
    assert drawing.room_of("ingest.places") == "Words of a cell"
    assert drawing.room_of("ingest.intake") == "Ingest"


def test_arrows_go_one_way() -> None:
    graph = drawing.room_graph()
    assert [room for room in graph if room in drawing.below(graph, room)] == []
    assert "Commands" not in {one for near in graph.values() for one in near}


def test_the_committed_picture_fits_the_imports(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert drawing.main(["--check"]) == 0, capsys.readouterr().err
    old = tmp_path / "architecture.svg"
    old.write_text(drawing.picture().replace("Registry", "Register"), encoding="utf-8")
    monkeypatch.setattr(drawing, "PICTURE", old)
    assert drawing.main(["--check"]) == 1
    assert "python tools/architecture_picture.py" in capsys.readouterr().err
    assert drawing.main([]) == 0
    assert drawing.main(["--check"]) == 0


def test_texts_fit_into_their_boxes() -> None:
    for room in drawing.ROOMS:
        assert len(room.name) <= LONGEST_NAME
        assert len(room.purpose) <= LONGEST_PURPOSE


def test_an_arrow_that_repeats_a_way_is_left_out() -> None:
    graph = {"roof": {"wall", "ground"}, "wall": {"ground"}, "ground": set()}
    assert drawing.reduced(graph) == {"roof": {"wall"}, "wall": {"ground"}, "ground": set()}
    assert drawing.below(graph, "roof") == {"wall", "ground"}


def test_boxes_stand_apart_and_arrows_go_down() -> None:
    graph = {"a": {"c", "d", "e"}, "b": {"d"}, "c": {"e"}, "d": {"e"}, "e": set()}
    assert floors(graph) == {"a": 2, "b": 2, "c": 1, "d": 1, "e": 0}
    places, ways = lay_out(graph)
    assert len(ways) == 6
    for way in ways:  # a slot on every floor a long arrow passes
        assert [places[name][1] for name in way] == list(
            range(places[way[0]][1], places[way[-1]][1] - 1, -1)
        )
    for one in "abcde":
        for other in "abcde":
            if one < other and places[one][1] == places[other][1]:
                assert abs(places[one][0] - places[other][0]) >= BOX + GAP - 1e-6
    assert lay_out(graph) == (places, ways)
