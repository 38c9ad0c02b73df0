"""Households with a computer: worked by hand, missing, refused."""

import math

import pytest

from kts_analysis.indicators import ImpossibleInput, compute

NAME = "households_with_computer"


def test_a_number_worked_by_hand() -> None:
    assert compute(NAME, 13_600, 54_400) == 25.0


def test_a_missing_count_is_a_missing_rate() -> None:
    assert math.isnan(compute(NAME, None, 54_400))


def test_more_households_than_there_are_is_refused() -> None:
    with pytest.raises(ImpossibleInput, match="numerator above denominator"):
        compute(NAME, 101, 100)
