"""Indicator functions: numbers worked by hand, refusals, shapes and invariants."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kts_analysis import indicators
from kts_analysis.indicators import FUNCTIONS, MAY_EXCEED, ImpossibleInput, compute, flags

# Numerator, denominator and rate worked by hand.
WORKED = {
    "digital_economy_share": (13_170.0, 100_000.0, 13.17),
    "digital_share_by_sector": (450.0, 6_000.0, 7.5),
    "ecommerce_share_of_retail": (9_000.0, 75_000.0, 12.0),
    "enterprises_with_econtracts": (5_740, 7_000, 82.0),
    "smes_on_platforms": (3_321, 6_150, 54.0),
    "digital_labour_share": (21_000, 840_000, 2.5),
    "adults_with_smartphone": (1_099_530, 1_286_000, 85.5),
    "people_with_payment_account": (1_080_000, 1_350_000, 80.0),
    "adults_with_esignature": (321_500, 1_286_000, 25.0),
    "working_age_trained": (742_500, 990_000, 75.0),
    "households_passed_by_fibre": (48_400, 55_000, 88.0),
    "connected_people_protected": (910_000, 1_300_000, 70.0),
    "adults_using_online_services": (707_300, 1_286_000, 55.0),
    "people_with_health_record": (1_424_000, 1_780_000, 80.0),
    "adults_using_telehealth": (385_800, 1_286_000, 30.0),
    "institutions_digitally_governed": (11, 16, 68.75),
    "schools_digital": (21, 30, 70.0),
}
NEVER_ABOVE_100 = sorted(set(WORKED) - MAY_EXCEED)


@pytest.mark.parametrize(("name", "case"), WORKED.items())
def test_worked_numbers(name: str, case: tuple[float, float, float]) -> None:
    numerator, denominator, rate = case
    found = FUNCTIONS[name](numerator, denominator)
    assert type(found) is float
    assert found == pytest.approx(rate, rel=1e-12)
    assert compute(name, numerator, denominator) == found
    assert getattr(indicators, name) is FUNCTIONS[name]


def test_every_indicator_is_worked() -> None:
    assert set(WORKED) == set(FUNCTIONS)
    assert len(FUNCTIONS) == 17


@pytest.mark.parametrize("name", FUNCTIONS)
def test_docstrings_say_what_is_divided_by_what(name: str) -> None:
    text = FUNCTIONS[name].__doc__ or ""
    for part in ("Parameters", "Returns", "Raises", "``100 * ", "Source: ", "Trap: ", "ercent"):
        assert part in text


def test_a_threshold_met_exactly_is_exact() -> None:
    for part in range(101):
        assert compute("schools_digital", part, 100) == part
        assert compute("adults_with_smartphone", 7 * part, 700) == part


@pytest.mark.parametrize("name", sorted(MAY_EXCEED))
def test_rates_above_100_are_kept_and_flagged_where_they_occur(name: str) -> None:
    rate = compute(name, 1_234, 1_000)
    assert rate == pytest.approx(123.4)
    assert flags(name, rate) == "over_100"
    assert flags(FUNCTIONS[name], 100.0) == ""
    column = compute(name, pd.Series([90.0, 110.0, None]), pd.Series([100.0, 100.0, 100.0]))
    assert column.tolist()[:2] == pytest.approx([90, 110])
    assert flags(name, column).tolist() == ["", "over_100", ""]
    assert flags(name, column.to_numpy()).tolist() == ["", "over_100", ""]


@pytest.mark.parametrize("name", NEVER_ABOVE_100)
def test_a_part_above_its_whole_is_refused_elsewhere(name: str) -> None:
    with pytest.raises(ImpossibleInput, match="numerator above denominator") as error:
        compute(name, 101, 100)
    assert "numerator 101, denominator 100" in str(error.value)
    assert error.value.problems[0].rule == "numerator_above_denominator"
    with pytest.raises(ImpossibleInput, match="rate above 100"):
        flags(name, 100.5)
    assert flags(name, 100.0) == ""


def test_the_seven_functions_that_may_exceed_are_those_of_the_cards() -> None:
    assert set(MAY_EXCEED) == {
        "ecommerce_share_of_retail",
        "adults_with_smartphone",
        "people_with_payment_account",
        "working_age_trained",
        "households_passed_by_fibre",
        "adults_using_online_services",
        "people_with_health_record",
    }


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(
    ("numerator", "denominator", "rule"),
    [
        (0, 0, "denominator_zero"),
        (3, 0, "denominator_zero"),
        (None, 0, "denominator_zero"),
        (3, -4, "denominator_negative"),
        (-3, 4, "numerator_negative"),
        (3, math.inf, "not_finite"),
        (math.inf, 3, "not_finite"),
    ],
)
def test_impossible_counts_are_refused(
    name: str, numerator: Any, denominator: Any, rule: str
) -> None:
    with pytest.raises(ImpossibleInput) as error:
        compute(name, numerator, denominator)
    assert [problem.rule for problem in error.value.problems] == [rule]
    assert error.value.problems[0].position is None


def test_zero_denominator_says_to_leave_the_cells_empty() -> None:
    with pytest.raises(ImpossibleInput, match="leave numerator and denominator empty"):
        compute("institutions_digitally_governed", 0, 0)


def test_all_offending_rows_are_in_one_message_five_are_shown() -> None:
    codes = ["356", "358", "359", "360", "361", "362", "363"]
    numerator = pd.Series([1.0, 9.0, 9.0, 9.0, 9.0, 9.0, -1.0], index=codes)
    with pytest.raises(ImpossibleInput) as error:
        compute("schools_digital", numerator, pd.Series(5.0, index=codes))
    assert [problem.position for problem in error.value.problems] == codes[1:]
    text = str(error.value)
    assert "6 impossible" in text and "'362'" in text and "and 1 more" in text
    assert "'356'" not in text and "'363'" not in text


def test_array_positions_are_counted_from_zero() -> None:
    with pytest.raises(ImpossibleInput) as error:
        compute("schools_digital", np.array([1.0, 2.0]), np.array([2.0, 0.0]))
    assert [problem.position for problem in error.value.problems] == [1]


@pytest.mark.parametrize("missing", [None, math.nan, pd.NA, np.float64("nan")])
def test_missing_in_missing_out(missing: Any) -> None:
    assert math.isnan(compute("schools_digital", missing, 4))
    assert math.isnan(compute("schools_digital", 3, missing))


def test_a_series_keeps_its_index_and_its_gaps() -> None:
    index = pd.Index(["366", "356", "358"], name="area_code")
    numerator = pd.Series([3, pd.NA, 1], index=index, dtype="Int64")
    rate = compute("schools_digital", numerator, pd.Series([4, 4, 4], index=index))
    assert rate.index.equals(index)
    assert rate.dtype == np.float64
    assert rate.iloc[0] == 75 and math.isnan(rate.iloc[1]) and rate.iloc[2] == 25


def test_series_are_matched_by_label_or_refused() -> None:
    numerator = pd.Series({"356": 1.0, "358": 2.0})
    turned = pd.Series({"358": 4.0, "356": 10.0})
    assert compute("schools_digital", numerator, turned).to_dict() == {"356": 10.0, "358": 50.0}
    with pytest.raises(ValueError, match="359"):
        compute("schools_digital", numerator, pd.Series({"356": 4.0, "359": 4.0}))
    twice = pd.Series([1.0, 2.0], index=["356", "356"])
    with pytest.raises(ValueError, match="index labels"):
        compute("schools_digital", twice, numerator)


def test_lists_and_arrays_give_arrays() -> None:
    for kind in (list, np.array):
        rate: Any = compute("schools_digital", kind([1, 3]), kind([4, 4]))
        assert isinstance(rate, np.ndarray)
        assert rate.tolist() == [25.0, 75.0]
    assert compute("schools_digital", [1, None], [4, 4])[0] == 25  # type: ignore[type-var,index]
    with pytest.raises(ValueError, match="2 numerators but 3 denominators"):
        compute("schools_digital", np.ones(2), np.ones(3))


@pytest.mark.parametrize("text", ["3", pd.Series(["3", "4"]), ["3", "4"]])
def test_text_is_no_number(text: Any) -> None:
    with pytest.raises(TypeError, match="found the text '3'"):
        compute("schools_digital", text, text)


def test_inputs_are_not_changed() -> None:
    numerator, denominator = pd.Series([1.0, None]), pd.Series([4.0, 4.0])
    compute("schools_digital", numerator, denominator)
    pd.testing.assert_series_equal(numerator, pd.Series([1.0, None]))
    pd.testing.assert_series_equal(denominator, pd.Series([4.0, 4.0]))


def test_unknown_function_names_the_nearest() -> None:
    with pytest.raises(ValueError, match="schools_digital"):
        compute("school_digital", 1, 2)
    with pytest.raises(ValueError, match="no indicator function"):
        flags("no such thing", 1.0)


def test_flags_refuse_rates_that_cannot_be() -> None:
    with pytest.raises(ImpossibleInput, match="rate negative"):
        flags("adults_with_smartphone", np.array([1.0, -0.5]))
    assert flags("adults_with_smartphone", math.nan) == ""


def test_worst_sector_decides_and_names_the_gaps() -> None:
    shares = indicators.digital_share_by_sector(
        pd.Series({"agriculture": 1.0, "industry": 30.0, "services": None}),
        pd.Series({"agriculture": 50.0, "industry": 200.0, "services": 300.0}),
    )
    worst = indicators.worst_sector(shares)
    assert (worst.sector, worst.share, worst.missing) == ("agriculture", 2.0, ("services",))
    assert not worst.complete
    assert indicators.worst_sector(shares.dropna()).complete
    nothing = indicators.worst_sector(pd.Series({"services": math.nan}))
    assert nothing.sector is None and math.isnan(nothing.share)


counts = st.lists(
    st.tuples(st.integers(0, 10**7), st.integers(1, 10**7)).map(
        lambda pair: (min(pair), max(pair))
    ),
    min_size=1,
    max_size=20,
)


@given(counts, st.integers(2, 1000), st.sampled_from(sorted(WORKED)))
def test_scaling_both_counts_changes_no_rate(
    pairs: list[tuple[int, int]], factor: int, name: str
) -> None:
    numerator, denominator = np.array(pairs, dtype=float).T
    np.testing.assert_allclose(
        compute(name, factor * numerator, factor * denominator),
        compute(name, numerator, denominator),
        rtol=1e-12,
    )


@given(counts, st.randoms(use_true_random=False), st.sampled_from(sorted(WORKED)))
def test_order_of_rows_changes_nothing(
    pairs: list[tuple[int, int]], random: Any, name: str
) -> None:
    table = pd.DataFrame(pairs, columns=["numerator", "denominator"], dtype=float)
    turned = table.loc[random.sample(list(table.index), len(table))]
    pd.testing.assert_series_equal(
        compute(name, turned["numerator"], turned["denominator"]).sort_index(),
        compute(name, table["numerator"], table["denominator"]),
    )


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(1e-3, 1e12)), min_size=1, max_size=20),
    st.sampled_from(sorted(WORKED)),
)
def test_a_part_of_its_whole_is_between_0_and_100(
    pairs: list[tuple[float, float]], name: str
) -> None:
    share, denominator = np.array(pairs).T
    rate = compute(name, share * denominator, denominator)
    assert ((rate >= 0) & (rate <= 100)).all()
    assert (flags(name, rate) == "").all()


@given(st.integers(1, 10**7), st.integers(1, 10**7), st.sampled_from(sorted(MAY_EXCEED)))
def test_nothing_is_clipped(numerator: int, denominator: int, name: str) -> None:
    rate = compute(name, numerator, denominator)
    assert rate * denominator == pytest.approx(100 * numerator, rel=1e-12)
    assert flags(name, rate) == ("over_100" if numerator > denominator else "")
