"""How far districts' errors go together, from their own steps."""

from __future__ import annotations

import json
from importlib import resources

import numpy as np
import pytest

from kts_analysis.dependence import AREA_RHO, PRIOR_STEPS, dependence, deviations

NAN = float("nan")


def test_the_expectation_is_the_measured_one() -> None:
    place = resources.files("kts_analysis").joinpath("evidence", "shared_errors.json")
    measured = json.loads(place.read_text(encoding="utf-8"))
    assert measured["mean"]["one_indicator"]["3"] == AREA_RHO


def test_deviations_by_hand() -> None:
    times = np.array([2020.0, 2021.0, 2023.0, 2024.0])
    places = np.array([[0.0, 1.0, 5.0, 8.0], [1.0, NAN, 2.0, 5.0], [NAN] * 4])
    found = deviations(times, places)
    assert found[0].tolist() == [-1, 0, 1]  # 1, 2, 3 a year: two years count by the year
    assert np.isnan(found[1][:2]).all() and found[1][2] == 0  # no step over a gap
    assert np.isnan(found[2]).all()


def test_average_correlation_is_drawn_towards_what_was_measured() -> None:
    one = np.array([-1.0, 0.0, 1.0, 0.0])
    found = dependence(np.array([one, 2 * one, 5 * one]))
    assert (found.raw, found.pairs, found.steps, found.source) == (
        pytest.approx(1), 3, 4, "residuals",
    )  # fmt: skip
    assert found.rho == pytest.approx((4 * 1 + PRIOR_STEPS * AREA_RHO) / (4 + PRIOR_STEPS))
    apart = dependence(np.array([one, -one, one * [1, 0, 0, 0], -one]))
    assert 0 <= apart.rho < AREA_RHO


def test_below_nothing_is_nothing() -> None:
    one = np.tile([-1.0, 1.0], 50)
    found = dependence(np.array([one, -one, np.roll(one, 1), one]))
    assert found.raw < 0
    assert found.rho == 0


@pytest.mark.parametrize(
    "table",
    [
        np.array([[-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0]]),  # one pair
        np.array([[-1.0, 1.0, NAN], [NAN, 1.0, -1.0], [1.0, NAN, -1.0]]),  # too few common steps
        np.zeros((4, 5)),  # nothing moves
        np.empty((0, 3)),
    ],
)
def test_too_few_pairs_say_nothing(table: np.ndarray) -> None:
    found = dependence(table)
    assert np.isnan(found.rho)
    assert found.source == "bounded"
    assert found.pairs < 3


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_a_known_correlation_is_found(rho: float) -> None:
    rng = np.random.default_rng(7)
    common, own = rng.standard_normal(400), rng.standard_normal((9, 400))
    found = dependence(np.sqrt(rho) * common + np.sqrt(1 - rho) * own)
    assert found.rho == pytest.approx(rho, abs=0.05)
    assert (found.pairs, found.steps) == (36, 400)
