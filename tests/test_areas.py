"""Borders that move: the dated crosswalk, in both directions."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kts_analysis.areas import Crosswalk, Piece
from kts_analysis.border_changes import BorderWeights
from kts_analysis.entries import Area, Succession
from kts_analysis.errors import KtsError
from kts_analysis.registry import Registry

OLD, MERGED, WARDS = date(2022, 12, 31), date(2024, 9, 1), date(2025, 7, 1)
Line = tuple[str, str, int, float | None]


def made_up(spans: dict[str, tuple[int | None, int | None]], lines: list[Line]) -> Registry:
    """Return a registry of areas that begin and end with a year (first day, day before)."""
    areas = [
        Area(
            code=code,
            name=code,
            name_en=code,
            kind="x",
            level="district",
            valid_from=None if first is None else date(first, 1, 1),
            valid_to=None if end is None else date(end - 1, 12, 31),
            verification="unverified",
        )
        for code, (first, end) in spans.items()
    ]
    changes = [
        Succession(
            from_code=before,
            to_code=after,
            day=date(year, 1, 1),
            share=share,
            verification="unverified",
        )
        for before, after, year, share in lines
    ]
    return Registry(
        root=Path("nowhere"),
        indicators={},
        series={},
        area_list=tuple(areas),
        successions=tuple(changes),
        plans={},
    )


@pytest.fixture(scope="module")
def crosswalk(registry: Registry) -> Crosswalk:
    return Crosswalk(registry)


# --- the bundled crosswalk ------------------------------------------------------------------------


def test_the_merged_city_in_both_directions(crosswalk: Crosswalk) -> None:
    assert crosswalk.pieces("358", MERGED) == (Piece("356", 1),)
    assert crosswalk.pieces("356", MERGED, of=OLD) == (Piece("356", 1),)
    assert crosswalk.pieces("356", OLD) == (Piece("356", None), Piece("358", None))
    assert crosswalk.pieces("359", OLD) == (Piece("359", 1),)
    assert crosswalk.days == (MERGED, WARDS)


def test_districts_became_wards_and_communes(crosswalk: Crosswalk, registry: Registry) -> None:
    districts = ["356", *(str(code) for code in range(359, 367))]
    pieces = {code: crosswalk.pieces(code, WARDS) for code in districts}
    assert len({piece.code for found in pieces.values() for piece in found}) == 57
    assert {piece.share for found in pieces.values() for piece in found} == {None}
    astride = [
        area.code
        for area in registry.area_list
        if area.level == "commune" and len(crosswalk.pieces(area.code, date(2025, 6, 30))) > 1
    ]
    assert astride == ["13699", "13777", "13972", "13984"]
    # a ward of one district lies wholly in it, before the merger in one of two nobody named
    assert crosswalk.pieces("13741", date(2025, 6, 30)) == (Piece("359", 1),)
    assert crosswalk.pieces("13669", OLD) == (Piece("356", None), Piece("358", None))


def test_a_province_whose_code_goes_on_under_another_shape(crosswalk: Crosswalk) -> None:
    assert crosswalk.pieces("36", WARDS) == (Piece("37", 1),)
    assert crosswalk.pieces("37", WARDS, of=OLD) == (Piece("37", 1),)
    assert [piece.code for piece in crosswalk.pieces("37", OLD)] == ["35", "36", "37"]


def test_a_code_given_to_another_area_without_a_line_is_not_guessed(crosswalk: Crosswalk) -> None:
    assert crosswalk.pieces("24", WARDS, of=OLD) == (Piece("24", None),)
    assert crosswalk.pieces("24", OLD) == (Piece("24", None),)
    assert crosswalk.change(WARDS).untold >= {"19", "24", "25", "31", "79"}
    assert "37" not in crosswalk.change(WARDS).untold


def test_days_a_line_must_not_cross(crosswalk: Crosswalk) -> None:
    assert crosswalk.breaks("356") == (MERGED,)
    assert crosswalk.breaks("358") == ()  # it ended; it did not change
    assert crosswalk.breaks("37") == (WARDS,)
    assert crosswalk.breaks("24") == (WARDS,)
    assert crosswalk.breaks("359") == ()


# --- made-up borders ------------------------------------------------------------------------------


def test_through_several_changes() -> None:
    registry = made_up(
        {"A": (None, None), "B": (None, 2012), "C": (2014, None), "D": (2016, None)},
        [("B", "A", 2012, 1), ("A", "C", 2014, 0.25), ("A", "D", 2016, 0.4), ("C", "D", 2016, 0.5)],
    )
    crosswalk = Crosswalk(registry)
    ahead = crosswalk.pieces("B", date(2020, 1, 1))
    assert [piece.code for piece in ahead] == ["A", "C", "D"]
    assert [piece.share for piece in ahead] == pytest.approx([0.45, 0.125, 0.425])
    assert crosswalk.pieces("C", date(2013, 6, 1), of=date(2015, 6, 1)) == (Piece("A", 1),)
    assert crosswalk.pieces("D", date(2015, 6, 1)) == (Piece("A", None), Piece("C", None))
    assert crosswalk.breaks("A") == (date(2012, 1, 1), date(2014, 1, 1), date(2016, 1, 1))
    assert crosswalk.breaks("C") == (date(2014, 1, 1), date(2016, 1, 1))
    assert registry.made_of(["D"]) == {"A", "B", "C", "D"}


def test_a_part_of_nothing_is_no_part() -> None:
    lines: list[Line] = [("A", "B", 2012, 0), ("A", "C", 2012, 1)]
    spans = {"A": (None, 2012), "B": (None, None), "C": (2012, None)}
    crosswalk = Crosswalk(made_up(spans, lines))
    assert crosswalk.pieces("A", date(2013, 1, 1)) == (Piece("C", 1),)
    assert crosswalk.breaks("B") == ()


@pytest.mark.parametrize(
    ("shares", "said"),
    [((0.5, 0.4), "add up to 90.0%, not 100%"), ((0.5, 0.6), "add up to 110.0%: more than")],
)
def test_shares_that_do_not_add_up_are_refused(shares: tuple[float, float], said: str) -> None:
    lines: list[Line] = [("A", "B", 2012, shares[0]), ("A", "C", 2012, shares[1])]
    spans = {"A": (None, 2012), "B": (2012, None), "C": (2012, None)}
    with pytest.raises(KtsError, match=said):
        Crosswalk(made_up(spans, lines)).pieces("A", date(2013, 1, 1))


def test_an_area_is_asked_about_on_a_day_it_existed(crosswalk: Crosswalk) -> None:
    with pytest.raises(KtsError, match="there was no area 358 on 2024-09-01"):
        crosswalk.pieces("358", OLD, of=MERGED)
    with pytest.raises(KtsError, match="unknown area code 999"):
        crosswalk.pieces("999", OLD)


def test_weights_have_a_source_and_sizes() -> None:
    with pytest.raises(KtsError, match="weights need a source"):
        BorderWeights(WARDS, {("356", "13669"): 10}, " ")
    for size in (-1.0, float("nan"), float("inf")):
        with pytest.raises(KtsError, match="the weight of 356 > 13669 is no size"):
            BorderWeights(WARDS, {("356", "13669"): size}, "test")
