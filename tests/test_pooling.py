"""What areas have in common: steps of uneven length, few reporters, and made-up truths."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from kts_analysis import pooling as p
from kts_analysis.pooling import Common, common_evidence, own_error, own_evidence, shared_error
from kts_analysis.scales import Array
from kts_analysis.steps import Steps, make_steps

NAN = math.nan


def common_of(steps: Steps) -> Common:
    """What the areas have in common, which there is."""
    found = common_evidence(steps, own_evidence(steps))
    assert found is not None
    return found


def between(prior: float, weight: float, found: float, count: float) -> float:
    return math.exp((weight * math.log(prior) + count * math.log(found)) / (weight + count))


# --- an area's own evidence ---------------------------------------------------------------------


def test_points_of_one_year_are_not_believed_like_points_of_many() -> None:
    """Eight points within a year count as the three that belief begins with."""
    places = np.array([[0.0, 0.1, 0.3, 0.35, 0.5, 0.6, 0.65, 0.8]])
    quick = own_evidence(make_steps(np.arange(8) / 8, places))
    slow = own_evidence(make_steps(np.arange(8.0), places))
    for own, believed in ((quick, p.BELIEF_3), (slow, p.BELIEF_8)):
        span = 7 / 8 if own is quick else 7.0
        noisy = p.PACE_SPREAD**2 + p.PACE_NOISE * own.noise[0] / span
        assert own.belief[0] == pytest.approx(believed * p.PACE_SPREAD**2 / noisy)
    assert quick.pace[0] == pytest.approx(8 * slow.pace[0])


def test_noise_is_a_years_variance_whatever_the_length_of_the_steps() -> None:
    times, places = np.array([0.0, 2.0, 3.0, 3.5]), np.array([[0.0, 0.8, 1.0, 1.4]])
    own = own_evidence(make_steps(times, places))
    slope = np.polyfit(times, places[0], 1)[0]
    paces = np.array([0.4, 0.2, 0.8])
    assert own.pace[0] == pytest.approx(slope)
    assert own.noise[0] == pytest.approx(((paces - slope) ** 2 @ [2, 1, 0.5]) / 2)
    second = (0.2 - 0.4) ** 2 + (0.8 - 0.2) ** 2
    first = (0.4**2 + 0.2**2) / 2 + (0.2**2 + 0.8**2) / 2
    assert own.log_bend[0] == pytest.approx(math.log(second / (first + 1e-7) + p.BEND_LEAST))
    assert own.turns[0] == 2


def test_a_straight_line_needs_less_error_than_a_crooked_one() -> None:
    steps = make_steps(np.arange(5.0), np.array([[0, 0.2, 0.4, 0.6, 0.8], [0, 0.5, 0.3, 0.9, 0.8]]))
    own = own_evidence(steps)
    plain, straight = own_error(own, steps, np.zeros(2)), own_error(own, steps, np.ones(2))
    assert plain[0] < plain[1]
    part = (1 - p.ERROR_STRAIGHT) ** (2 * p.ERROR_WEIGHT / (p.ERROR_WEIGHT + 4))
    assert straight == pytest.approx(plain * part)


# --- what areas have in common ------------------------------------------------------------------


def test_one_area_with_a_pace_has_nothing_in_common_with_anyone() -> None:
    steps = make_steps(np.arange(3.0), np.array([[0, 1, 2.0], [NAN, NAN, 1.0]]))
    assert common_evidence(steps, own_evidence(steps)) is None


def test_a_step_that_one_area_reports_says_nothing_about_deviations() -> None:
    """The first two steps are one area's own: its median is itself, no deviation at all."""
    table = np.array([[0.0, 0.9, 1.1, 1.3, 1.6], [NAN, NAN, 0.5, 0.6, 1.0]])
    common = common_of(make_steps(np.arange(5.0), table))
    assert common.reporting.tolist() == [1, 1, 2, 2]
    moves = np.array([[0.2, 0.3], [0.1, 0.4]])
    apart = moves - moves.mean(axis=0)
    squares = (apart**2).sum(axis=1) * 2 / 2  # two steps each; two areas pull the middle: × 2
    typical = np.sqrt(squares).mean() ** 2
    prior = p.SHARED_FLOOR**2 + p.SHARED_OF_PACE**2 * common.slope**2
    wanted = between(prior, p.SHARED_WEIGHT, typical + 1e-8, 4 / 2)
    assert common.error == pytest.approx(wanted)


def test_uneven_steps_by_hand() -> None:
    """Half a year, two years, one year: carry-over and catching up are a year's, not a step's."""
    times = np.array([0.0, 0.5, 2.5, 3.0])
    z = np.array([[0.0, 0.1, 0.9, 1.2], [1.0, 1.05, 1.4, 1.5], [-0.5, -0.2, 0.8, 1.0]])
    steps = make_steps(times, z)
    common = common_of(steps)
    lengths = np.array([0.5, 2.0, 0.5])
    paces = np.diff(z, axis=1) / lengths
    moves, levels = np.median(paces, axis=0), np.median(z, axis=0)
    apart = paces - moves
    precision = 1 / shared_error(common, steps)

    together = alone = towards = width = 0.0
    for row in range(3):
        for k in range(2):
            together += precision[row] * apart[row, k] * apart[row, k + 1]
            alone += precision[row] * apart[row, k] ** 2
        for k in range(3):
            distance = z[row, k] - levels[k]
            towards -= precision[row] * distance * apart[row, k] * lengths[k]
            width += precision[row] * distance**2 * lengths[k]
    part = together / (alone + p.CARRY_WEIGHT * alone / 6)
    carry = math.copysign(abs(part) ** (1 / 0.5), part)
    catch_up = towards / (width + p.CATCH_UP_WEIGHT * width / 9)
    assert 0.001 < abs(carry) < p.MOST_CARRY
    assert 0.001 < catch_up < p.MOST_CATCH_UP
    assert common.carry == pytest.approx(carry)
    assert common.catch_up == pytest.approx(catch_up)
    slopes = [np.polyfit(times, row, 1)[0] for row in z]
    assert common.slope == pytest.approx(np.median(slopes))
    newest = (1 - p.WHOLE_WINDOW) * moves[-1]
    assert common.pace == pytest.approx(p.WHOLE_WINDOW * np.median(slopes) + newest)


def made(areas: int, dates: int, seed: int, *, carry: float = 0.0, catch_up: float = 0.0) -> Array:
    """Areas about a common rise of 0.3 a year, whose deviations carry over or close up."""
    rng = np.random.default_rng(seed)
    places = np.empty((areas, dates))
    places[:, 0] = rng.normal(0, 1, areas)
    deviation = rng.normal(0, 0.1, areas)
    for year in range(1, dates):
        deviation = carry * deviation + rng.normal(0, 0.1, areas)
        middle = np.median(places[:, year - 1])
        closing = catch_up * (places[:, year - 1] - middle)
        places[:, year] = places[:, year - 1] + 0.3 + deviation - closing
    return places


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_made_up_truths_are_found_again(seed: int) -> None:
    times = np.arange(6.0)
    plain = common_of(make_steps(times, made(400, 6, seed)))
    assert plain.pace == pytest.approx(0.3, abs=0.02)
    assert math.sqrt(plain.error) == pytest.approx(0.1, rel=0.1)
    assert plain.carry == pytest.approx(0, abs=0.06)
    assert plain.catch_up == pytest.approx(0, abs=0.02)
    carrying = common_of(make_steps(times, made(400, 6, seed, carry=0.5)))
    assert carrying.carry == pytest.approx(0.5, abs=0.07)
    closing = common_of(make_steps(times, made(400, 6, seed, catch_up=0.15)))
    assert closing.catch_up == pytest.approx(0.15, abs=0.03)


def test_few_areas_are_believed_less_than_many() -> None:
    """The same carry-over is hardly believed of four areas, and almost whole of four hundred."""
    times = np.arange(4.0)
    few = np.mean([common_of(make_steps(times, made(4, 4, s, carry=0.6))).carry for s in range(40)])
    many = common_of(make_steps(times, made(400, 4, 1, carry=0.6))).carry
    assert abs(few) < 0.4 * many
    assert many > 0.45


def test_an_areas_error_lies_between_its_own_and_the_typical() -> None:
    table = made(60, 6, 4)
    wild = np.random.default_rng(9).normal(0, 0.5, 5)
    table[0, 1:] += wild - wild.mean()
    steps = make_steps(np.arange(6.0), table)
    common = common_of(steps)
    errors = shared_error(common, steps)
    own = np.mean((np.diff(table[0]) - common.moves) ** 2)
    assert common.error < errors[0] < own
    assert errors[0] > 2 * np.median(errors)
    doubled = shared_error(replace(common, error=2 * common.error), steps)
    assert (doubled > errors).all()
