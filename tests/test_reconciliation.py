"""A published total against its parts, with the printed numbers of a yearbook."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kts_analysis.errors import KtsError
from kts_analysis.reconciliation import reconcile


@pytest.fixture(scope="module")
def telephones(data_folder: Path) -> pd.DataFrame:
    """Telephones of one province and its eleven districts, as its yearbook prints them."""
    context = pd.read_csv(data_folder / "published" / "context.csv", dtype="str")
    return context[context["series"] == "hoa_binh_yearbook"]


def of_year(table: pd.DataFrame, year: str) -> tuple[float, dict[str, float]]:
    rows = table[table["period"] == year]
    total = rows[rows["area_level"] == "province"]["value"].astype(float)
    parts = rows[rows["area_level"] == "district"]
    return total.iloc[0], dict(zip(parts["area_name"], parts["value"].astype(float), strict=True))


def test_the_total_of_2009_is_not_the_sum_of_its_districts(telephones: pd.DataFrame) -> None:
    printed, parts = of_year(telephones, "2009")
    found = reconcile(printed, parts)
    assert (found.published, found.total) == (61_877, 63_877)
    assert found.difference == -2_000
    assert found.percent == pytest.approx(-3.2322, abs=1e-4)
    assert (found.agrees, found.missing, len(parts)) == (False, (), 11)
    assert reconcile(printed, parts, rounding=2_000).agrees is True
    assert reconcile(printed, parts, rounding=1_999).agrees is False


@pytest.mark.parametrize(("year", "total"), [("2006", 41_096), ("2007", 49_975), ("2008", 56_665)])
def test_the_years_before_agree(telephones: pd.DataFrame, year: str, total: int) -> None:
    found = reconcile(*of_year(telephones, year))
    assert (found.published, found.total, found.agrees) == (total, total, True)
    assert (found.difference, found.percent) == (0, 0)


def test_a_missing_part_is_not_zero() -> None:
    found = reconcile(100, {"A": 40, "B": None, "C": float("nan")})
    assert (found.total, found.difference, found.missing) == (40, 60, ("B", "C"))
    assert found.agrees is None


def test_nothing_to_hold_against_each_other() -> None:
    for published, parts in ((float("nan"), {"A": 1.0}), (5.0, {})):
        with pytest.raises(KtsError, match="needs a published total and its parts"):
            reconcile(published, parts)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=20), st.integers(-500, 500))
def test_the_difference_is_what_was_put_in(counts: list[int], off: int) -> None:
    parts = {str(number): float(count) for number, count in enumerate(counts)}
    found = reconcile(sum(counts) + off, parts)
    assert found.difference == off
    assert found.agrees is (off == 0)
