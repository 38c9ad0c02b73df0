"""Weights stated in a file: read whole, or refused with everything that is wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from test_areas import made_up

from kts_analysis.areas import Crosswalk
from kts_analysis.border_changes import BorderWeights
from kts_analysis.errors import KtsError, ProblemsError
from kts_analysis.i18n import Messages
from kts_analysis.registry_files import load_registry
from kts_analysis.weights_file import read_weights, weights_in, weights_name

HEAD = "code_from,code_to,size,source"
SPLIT = made_up(
    {"A": (None, 2012), "D": (None, None), "B": (2012, None), "C": (2012, None)},
    [("A", "B", 2012, None), ("A", "C", 2012, None), ("D", "C", 2012, None)],
)


@pytest.fixture
def read(tmp_path: Path):  # type: ignore[no-untyped-def]
    def read_lines(*lines: str, registry=SPLIT, head: str = HEAD):  # type: ignore[no-untyped-def]
        path = tmp_path / "trọng số.csv"
        path.write_text("\n".join([head, *lines, ""]), encoding="utf-8-sig")
        return read_weights(path, Crosswalk(registry))

    return read_lines


def test_lines_become_weights_a_change_and_a_source(read) -> None:  # type: ignore[no-untyped-def]
    found = read("A,B,30,tổng điều tra", "A,C,10,tổng điều tra", "D,C,5,xã báo", "D,D,45,xã báo")
    day = date(2012, 1, 1)
    assert found == (
        BorderWeights(day, {("A", "B"): 30, ("A", "C"): 10}, "tổng điều tra"),
        BorderWeights(day, {("D", "C"): 5, ("D", "D"): 45}, "xã báo"),
    )


def test_one_area_alone_is_enough(read) -> None:  # type: ignore[no-untyped-def]
    [found] = read("A,B,1,x", "A,C,1,x")
    assert set(found.overlaps) == {("A", "B"), ("A", "C")}


def test_all_problems_come_at_once_with_their_lines(read) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ProblemsError) as caught:
        read("A,B,3,x", "A,Z,1,x", "D,C,1,x", "A,B,4,x")
    assert caught.value.text().splitlines() == [
        "trọng số.csv:3 [code_to]: A > Z: these two areas met in no change of borders "
        "(crosswalk.csv)",
        "trọng số.csv:5 [code_to]: A > B: this pair stands twice",
        "trọng số.csv: the overlap A > C of 2012-01-01 is not stated, though others of its area "
        "are",
        "trọng số.csv: the overlap D > D of 2012-01-01 is not stated, though others of its area "
        "are",
    ]
    assert "không gặp nhau" in caught.value.text(Messages("vi"))


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("A,B,-1,x", "size"),
        ("A,B,nhiều,x", "size"),
        ("A,B,nan,x", "size"),
        ("A,B,inf,x", "size"),
        ("A,B,,x", "size"),
        ("A,B,1,", "source"),
        (",B,1,x", "code_from"),
    ],
)
def test_a_cell_that_cannot_be_is_named(line: str, column: str, read) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ProblemsError) as caught:
        read("A,C,1,x", line)
    assert [(one.row, one.column) for one in caught.value.problems] == [(3, column)]


def test_overlaps_of_size_zero_share_out_nothing(read) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ProblemsError, match="all zero"):
        read("A,B,0,x", "A,C,0,x")
    [some] = read("A,B,0,x", "A,C,2,x")
    assert some.overlaps["A", "B"] == 0


TWICE = made_up(
    {"A": (None, None), "B": (None, None)}, [("A", "B", 2010, None), ("A", "B", 2015, None)]
)


def test_the_day_is_asked_for_where_two_areas_met_twice(read) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ProblemsError, match="state the day"):
        read("A,B,1,x", "A,A,3,x", registry=TWICE)
    [found] = read("A,B,1,x,2015-01-01", "A,A,3,x,2015-01-01", registry=TWICE, head=f"{HEAD},day")
    assert (found.day, found.overlaps) == (date(2015, 1, 1), {("A", "B"): 1, ("A", "A"): 3})


MERGER = made_up({"A": (None, None), "B": (None, 2012)}, [("B", "A", 2012, 1)])


def test_a_merger_is_shared_out_backwards_by_all_its_parts(read) -> None:  # type: ignore[no-untyped-def]
    [found] = read("A,A,3,x", "B,A,1,x", registry=MERGER)
    assert found.overlaps == {("A", "A"): 3, ("B", "A"): 1}
    with pytest.raises(ProblemsError, match="A > A of 2012-01-01 is not stated"):
        read("B,A,1,x", registry=MERGER)


def test_the_file_lies_where_a_run_finds_it_again(data_copy: Path, tmp_path: Path) -> None:
    registry = load_registry(data_copy)
    (data_copy / "weights").mkdir()
    inside = data_copy / "weights" / "gộp.csv"
    inside.write_text(f"{HEAD}\n356,356,3,x\n358,356,1,x\n", encoding="utf-8")
    assert weights_name(registry, "gộp.csv") == weights_name(registry, str(inside)) == "gộp.csv"
    assert [item.day for item in weights_in(registry, "gộp.csv")] == [date(2024, 9, 1)]
    assert weights_in(registry, "") == ()
    outside = tmp_path / "gộp.csv"
    outside.write_bytes(inside.read_bytes())
    with pytest.raises(KtsError, match=r"there is no gộp\.csv in data/weights: put the weights"):
        weights_name(registry, str(outside))
    with pytest.raises(ProblemsError, match="no such file"):
        weights_in(registry, "không.csv")
