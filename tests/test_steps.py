"""Tables of steps: gaps, ends, changes of level, and the scale they are counted on."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kts_analysis.scales import Array
from kts_analysis.steps import (
    SHIFT_LEAST,
    SHIFT_POINTS,
    SHIFT_TIMES,
    TYPICAL_STEP,
    make_steps,
    working_scale,
)

NAN = math.nan
TIMES = np.array([2018.0, 2019.0, 2021.0, 2022.0, 2024.0])


def test_gaps_lie_on_the_straight_line_and_ends_stay_open() -> None:
    places = np.array([[0.0, NAN, 1.5, NAN, 3.0], [NAN, 1.0, NAN, 4.0, NAN], [NAN] * 5])
    steps = make_steps(TIMES, places)
    assert steps.places[0] == pytest.approx([0, 0.5, 1.5, 2, 3])
    assert steps.places[1] == pytest.approx([NAN, 1, 3, 4, NAN], nan_ok=True)
    assert np.isnan(steps.places[2]).all()
    assert steps.paces[0] == pytest.approx([0.5, 0.5, 0.5, 0.5])
    assert steps.paces[1] == pytest.approx([NAN, 1, 1, NAN], nan_ok=True)
    assert steps.lengths.tolist() == [1, 2, 1, 2]
    assert steps.known.tolist() == np.isfinite(places).tolist()
    assert places[0, 1] != places[0, 1], "what was given stays as it was"


def test_ends_spans_and_turns() -> None:
    places = np.array([[0.0, NAN, 1.5, NAN, 3.0], [NAN, 1.0, NAN, 4.0, NAN]])
    steps = make_steps(TIMES, places)
    assert steps.count.tolist() == [3, 2]
    assert steps.first.tolist() == [0, 1]
    assert steps.last.tolist() == [4, 3]
    assert steps.span.tolist() == [6, 3]
    assert steps.turns.tolist() == [[False, True, False], [True, False, True]]
    assert steps.newest(steps.places).tolist() == [3, 4]
    assert steps.last_step(steps.paces) == pytest.approx([0.5, 1])
    assert steps.newest(steps.weights).tolist() == [1, 1]


def jumping(jump: float, usual: float = 0.1, noise: float = 0.02, points: int = 7) -> Array:
    """One area whose steps are `usual` give or take `noise`, but the fourth `jump` more."""
    moves = usual + noise * np.array([1, -1, 0, 0, 0, 0, 0])[: points - 1]
    moves[3] += jump
    return np.concatenate([[0.0], np.cumsum(moves)])


@pytest.mark.parametrize("sign", [1, -1])
def test_a_change_of_level_is_taken_out_of_the_earlier_dates(sign: int) -> None:
    years, places = np.arange(7.0), jumping(sign * 2.0)
    steps = make_steps(years, places[None, :])
    assert steps.shifts[0] == pytest.approx([0, 0, 0, sign * 2.0, 0, 0])
    assert steps.places[0, 4:] == pytest.approx(places[4:])  # the newest keep their level
    assert steps.places[0, :4] == pytest.approx(places[:4] + sign * 2.0)
    assert steps.paces[0, 3] == pytest.approx(0.1)  # the usual pace


def test_only_a_jump_far_beyond_the_others_and_large_is_one() -> None:
    years = np.arange(7.0)
    noise = 0.1  # the other steps lie this far from the usual pace
    below, above = 0.99 * SHIFT_TIMES * noise, 1.01 * SHIFT_TIMES * noise
    assert not make_steps(years, jumping(below, noise=noise)[None, :]).shifts.any()
    assert make_steps(years, jumping(above, noise=noise)[None, :]).shifts.any()
    assert not make_steps(years, jumping(0.99 * SHIFT_LEAST, noise=0.001)[None, :]).shifts.any()
    assert make_steps(years, jumping(1.01 * SHIFT_LEAST, noise=0.001)[None, :]).shifts.any()


def test_with_few_points_no_step_is_told_from_the_others() -> None:
    few = jumping(5.0)[: SHIFT_POINTS - 1]
    few[3:] += 5.0
    assert not make_steps(np.arange(4.0), few[None, :]).shifts.any()
    assert make_steps(np.arange(5.0), jumping(5.0)[None, :5]).shifts.any()


def test_a_change_of_level_in_a_gap_is_found_and_the_gap_filled_anew() -> None:
    """Other areas report in the gap: the step across it is one step of this area all the same."""
    years, places = np.arange(8.0), jumping(2.0, points=8)
    holed = places.copy()
    holed[3] = NAN
    other = np.linspace(0, 1, 8)
    alone = make_steps(np.delete(years, 3), np.delete(holed, 3)[None, :])
    beside = make_steps(years, np.vstack([holed, other]))
    assert alone.shifts.sum() == pytest.approx(beside.shifts[0].sum())
    assert beside.shifts[0].sum() == pytest.approx(2.0, abs=0.05)
    known = np.isfinite(holed)
    assert beside.places[0, known] == pytest.approx(alone.places[0])
    assert beside.places[0, 3] == pytest.approx(beside.places[0, [2, 4]].mean())
    assert not beside.shifts[1].any()


def test_one_area_with_a_jump_leaves_the_others_alone() -> None:
    table = np.vstack([jumping(2.0), jumping(0.0), jumping(0.3)])
    steps = make_steps(np.arange(7.0), table)
    assert steps.shifts.any(axis=1).tolist() == [True, False, False]
    assert steps.places[1:] == pytest.approx(table[1:])


def test_both_bounds_give_the_logit_and_else_a_typical_step() -> None:
    times = np.array([2020.0, 2021.0, 2023.0])
    values = np.array([[10.0, 13.0, 21.0], [5.0, 5.0, 5.0], [0.0, NAN, NAN]])
    assert working_scale(times, values, (0.0, 100.0)).bounded
    plain = working_scale(times, values, (0.0, None))
    assert not plain.bounded
    typical = math.sqrt((3**2 + 4**2) / 2)  # paces 3 and 4 a year; who stands still is not asked
    assert plain.unit == pytest.approx(typical / TYPICAL_STEP)
    still = working_scale(times, values[1:], (None, None))
    assert still.unit == pytest.approx(1 / TYPICAL_STEP)


def test_a_change_of_level_is_no_typical_step() -> None:
    times = np.arange(2017.0, 2024.0)
    values = np.array([[20.0, 20.8, 21.7, 22.4, 62.0, 62.9, 63.7]])
    usual = math.sqrt(np.mean(np.square([0.8, 0.9, 0.7, 0.9, 0.8])))
    assert working_scale(times, values, (None, None)).unit < 3 * usual / TYPICAL_STEP


@settings(max_examples=60)
@given(st.lists(st.integers(1, 40), min_size=3, max_size=9), st.data())
def test_gaps_change_no_figure_and_no_overall_change(gaps: list[int], data: st.DataObject) -> None:
    times = np.cumsum(gaps) / 12
    cells = st.one_of(st.none(), st.floats(-5, 5))
    drawn = data.draw(st.lists(cells, min_size=len(times), max_size=len(times)))
    places = np.array([[NAN if value is None else value for value in drawn]])
    steps = make_steps(times, places)
    known = np.isfinite(places)
    if not steps.shifts.any():
        assert steps.places[known] == pytest.approx(places[known])
    whole = np.nansum(steps.paces * steps.lengths) + steps.shifts.sum()
    figures = places[known]
    change = figures[-1] - figures[0] if len(figures) else 0
    assert whole == pytest.approx(change, abs=1e-9)
    assert np.isfinite(steps.places[0, steps.first[0] : steps.last[0] + 1]).all() or not known.any()
