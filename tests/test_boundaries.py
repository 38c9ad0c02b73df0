"""Boundaries from files, and the map drawn from them or without them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kts_analysis.boundaries import Boundary, boundaries_on, load_boundaries
from kts_analysis.errors import ProblemsError
from kts_analysis.map_shapes import MOST_LETTERS, WIDE, outlines, tiles
from kts_analysis.pages.province import province_report
from kts_analysis.registry_files import load_registry
from kts_analysis.reporting.manifest import given_files

DISTRICTS = ("356", "358", "359", "360", "361", "362", "363", "364", "365", "366")
SQUARE = [[106.0, 20.0], [106.1, 20.0], [106.1, 20.1], [106.0, 20.1], [106.0, 20.0]]


def feature(code: Any, ring: Any = None, **properties: Any) -> dict[str, Any]:
    geometry = {"type": "Polygon", "coordinates": [SQUARE if ring is None else ring]}
    return {"type": "Feature", "properties": {"code": code, **properties}, "geometry": geometry}


def moved(east: float, north: float = 0.0) -> list[list[float]]:
    return [[x + east, y + north] for x, y in SQUARE]


@pytest.fixture
def write(data_copy: Path) -> Callable[..., Path]:
    """Write a boundary file into a copy of the data folder; return the folder."""
    folder = data_copy / "boundaries"
    folder.mkdir()

    def make(*features: Any, name: str = "nam-dinh.geojson", text: str = "") -> Path:
        content = {"type": "FeatureCollection", "features": list(features)}
        (folder / name).write_text(text or json.dumps(content), encoding="utf-8")
        return data_copy

    return make


def problems(data: Path) -> list[str]:
    with pytest.raises(ProblemsError) as caught:
        load_boundaries(load_registry(data))
    return [problem.text() for problem in caught.value.problems]


def test_no_file_is_no_boundary(data_folder: Path) -> None:
    assert load_boundaries(load_registry(data_folder)) == ()


def test_shapes_are_read_with_holes_days_and_source(write: Callable[..., Path]) -> None:
    hole = [[106.04, 20.04], [106.06, 20.04], [106.06, 20.06], [106.04, 20.04]]
    many = feature("359", source="Sở TN&MT", valid_to="2025-06-30")
    many["geometry"] = {"type": "MultiPolygon", "coordinates": [[SQUARE, hole], [moved(1)]]}
    [one] = load_boundaries(load_registry(write(many)))
    assert (one.code, one.source, one.valid_to) == ("359", "Sở TN&MT", date(2025, 6, 30))
    assert [len(polygon) for polygon in one.polygons] == [2, 1]
    assert one.polygons[0][1][0] == (106.04, 20.04)
    assert one.holds_on(date(2025, 6, 30)) and not one.holds_on(date(2025, 7, 1))


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        (feature(359), "features.1.properties.code]: the property 'code' must be"),
        (feature(None), "features.1.properties.code]"),
        (feature("999999"), "unknown area code 999999"),
        (feature("359", [[1, 2], [3, 4], [1, 2]]), "a ring has four points or more"),
        (feature("359", [*SQUARE[:-1], [106.0, 20.05]]), "ends where it begins"),
        (feature("359", [[593000, 2260000]] * 4), "metres (VN-2000) must be converted"),
        (feature("359", [[y, x] for x, y in SQUARE]), "longitude stands before latitude"),
        (feature("359", [["106", "20"]] * 4), 'two numbers, not ["106", "20"]'),
        (feature("359", [[True, 20]] * 4), "a point is two numbers"),
        (feature("359") | {"geometry": None}, "a Polygon or MultiPolygon is expected, not null"),
        (feature("359") | {"geometry": {"type": "Point"}}, "expected, not Point"),
        (feature("359", valid_from="1/7/2025"), "a day such as 2025-07-01 is expected"),
        (
            feature("356"),
            "area 356 has a boundary already (boundaries/nam-dinh.geojson features.0)",
        ),
        ("nothing", "a feature with properties is expected"),
    ],
)
def test_a_spoilt_feature_is_named(write: Callable[..., Path], spoilt: Any, said: str) -> None:
    [text] = problems(write(feature("356"), spoilt))
    assert text.startswith("boundaries/nam-dinh.geojson [features.1") and said in text


def test_every_problem_of_every_file_is_told(write: Callable[..., Path]) -> None:
    write(text="{", name="a.geojson")
    write(text='{"type": "Feature"}', name="b.geojson")
    found = problems(write(feature("999999"), feature(7), name="c.geojson"))
    assert [text.partition(" ")[0].strip(":") for text in found] == [
        "boundaries/a.geojson", "boundaries/b.geojson", "boundaries/c.geojson",
        "boundaries/c.geojson",
    ]  # fmt: skip


def test_a_code_used_again_has_a_shape_for_each_time(write: Callable[..., Path]) -> None:
    data = write(
        feature("19", valid_to="2025-06-30"), feature("19", moved(1), valid_from="2025-07-01")
    )
    shapes = load_boundaries(load_registry(data))
    before = boundaries_on(shapes, ["19"], date(2025, 6, 30))["19"]
    after = boundaries_on(shapes, ["19"], date(2025, 7, 1))["19"]
    assert (before.polygons[0][0][0][0], after.polygons[0][0][0][0]) == (106.0, 107.0)


def test_a_run_reads_boundary_files(write: Callable[..., Path]) -> None:
    data = write(feature("356"))
    assert "data/boundaries/nam-dinh.geojson" in given_files(data, data)


# --- drawing --------------------------------------------------------------------------------------


def boundary(code: str, ring: list[list[float]]) -> Boundary:
    return Boundary(code, ((tuple((x, y) for x, y in ring),),))


def numbers(path: str) -> list[int]:
    return [int(part) for part in re.findall(r"-?\d+", path)]


def test_outlines_keep_north_up_and_proportions() -> None:
    south, north = boundary("a", moved(0)), boundary("b", moved(0.1, 0.1))
    drawing = outlines({"a": south, "b": north})
    assert drawing.places["a"].y > drawing.places["b"].y  # north is up
    assert drawing.places["a"].x < drawing.places["b"].x
    a, b = drawing.places["a"], drawing.places["b"]
    # 0.1 degrees east are 0.94 times as long as 0.1 degrees north at 20.1° N
    assert (b.x - a.x) / (a.y - b.y) == pytest.approx(0.939, abs=0.005)


def test_a_point_is_drawn_for_every_point_that_can_be_seen() -> None:
    ring = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.5, 1.0], [0.0, 1.0], [0.0, 0.0]]
    path = outlines({"a": boundary("a", ring)}).places["a"].path
    assert path.count("l") + path.count("M") == 5 and path.endswith("z")
    doubled = [point for point in ring[:-1] for _ in (0, 1)] + [ring[-1]]
    assert outlines({"a": boundary("a", doubled)}).places["a"].path == path


@given(
    st.lists(st.tuples(st.floats(102, 110), st.floats(8, 24)), min_size=3, max_size=12, unique=True)
)
def test_outlines_stay_inside_the_drawing(points: list[tuple[float, float]]) -> None:
    ring = [list(point) for point in [*points, points[0]]]
    drawing = outlines({"a": boundary("a", ring)})
    assert 0 < drawing.width <= WIDE + 1
    x, y = 0, 0
    steps = numbers(drawing.places["a"].path)
    for dx, dy in zip(steps[::2], steps[1::2], strict=True):
        x, y = x + dx, y + dy
        assert 0 <= x <= drawing.width and 0 <= y <= drawing.height


@pytest.mark.parametrize("count", [1, 2, 9, 60, 61, 706])
def test_tiles_never_overlap_and_follow_the_order(count: int) -> None:
    codes = [f"c{place:03}" for place in range(count)]
    drawing = tiles(codes)
    places = [drawing.places[code] for code in codes]
    assert len({(place.x, place.y) for place in places}) == count
    assert [(p.y, p.x) for p in places] == sorted((p.y, p.x) for p in places)
    assert all(0 < p.x < drawing.width and 0 < p.y < drawing.height for p in places)


def test_outlines_too_fine_for_a_page_are_told() -> None:
    ring = [[106 + i % 1000 / 1000, 20 + (i * 7 % 997) / 1000] for i in range(40_000)]
    drawing = outlines({"a": boundary("a", [*ring, ring[0]])})
    assert len(drawing.places["a"].path) > MOST_LETTERS and drawing.too_long


# --- on the page ----------------------------------------------------------------------------------


def html_of(data: Path, lang: str = "vi") -> str:
    [part] = province_report("nam-dinh-105", deadline=2025, lang=lang, data=str(data)).on_map()
    return str(part.data)


def test_the_page_claims_no_geography_without_boundaries(data_folder: Path) -> None:
    text = html_of(data_folder, "en")
    assert "says nothing about where the area lies" in text
    assert len(re.findall(r"<g class=\"\w+\" data-code=", text)) == 9
    assert "SYNTHETIC DATA" in text


def test_the_page_draws_what_the_province_supplied(write: Callable[..., Path]) -> None:
    codes = [code for code in DISTRICTS if code not in ("358", "366")]  # one merged, one left out
    shapes = [feature(code, moved(place / 5), source="x & y") for place, code in enumerate(codes)]
    text = html_of(write(*shapes), "en")
    assert "says nothing about where" not in text
    assert "Boundaries: x &amp; y" in text
    assert "Without a boundary, so not on the map: Hải Hậu District" in text
    assert len(re.findall(r"<g class=\"\w+\" data-code=", text)) == 8
    assert text.count("<title>") == 8


def test_a_faulty_file_stops_the_page(write: Callable[..., Path]) -> None:
    with pytest.raises(ProblemsError, match=r"features\.0\.properties\.code"):
        html_of(write(feature("nowhere")))
