"""Cells that name a period: exact forms, and no guess at a year, a month or a window."""

from __future__ import annotations

import time
import unicodedata
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kts_analysis import vi
from kts_analysis.ingest.moments import TROUBLES, Moment, read_period
from kts_analysis.ingest.words import MAX_LENGTH
from kts_analysis.periods import parse_period

FRAGMENTS = [
    *"0123456789/.-– ()*IVQTHxX",
    *("2024", "30/6/2024", "Năm ", "năm học ", "Quý ", "tháng ", "6 tháng ", "đầu năm ", "ước "),
    *("cuối năm ", "đến ", "tính đến ngày ", "kế hoạch ", "sơ bộ ", "\u00a0", "２０２４", "00:00"),
]


def check(found: Moment) -> None:
    """What holds of every moment."""
    assert [bool(found.period), bool(found.readings), bool(found.trouble)].count(True) == 1
    assert found.trouble in ("", *TROUBLES)
    for period in filter(None, (found.period, *found.readings)):
        assert 1990 <= parse_period(period).year <= 2100
    assert (found.trouble == "cumulative_months") == bool(found.months) == bool(found.year)


@pytest.mark.parametrize(
    ("raw", "period"),
    [
        (2024, "2024"),
        (2024.0, "2024"),
        ("2024", "2024"),
        ("２０２４", "2024"),
        ("Năm 2024", "2024"),
        ("năm\u00a02024", "2024"),
        ("NĂM 2024", "2024"),
        (unicodedata.normalize("NFD", "Năm 2024"), "2024"),
        ("2024 (1)", "2024"),
        ("2024*", "2024"),
        ("Cả năm 2024", "2024"),
        ("12 tháng năm 2024", "2024"),
        ("tính đến hết năm 2024", "2024"),
        ("Thực hiện năm 2024", "2024"),
        ("Quý II/2024", "2024-Q2"),
        ("Quý Ⅱ/2024", "2024-Q2"),
        ("Quý 2 năm 2024", "2024-Q2"),
        ("quy 2 nam 2024", "2024-Q2"),
        ("Quý IV năm 2024", "2024-Q4"),
        ("Q2/2024", "2024-Q2"),
        ("Q.II-2024", "2024-Q2"),
        ("QII/2024", "2024-Q2"),
        ("II/2024", "2024-Q2"),
        ("2024-Q2", "2024-Q2"),
        ("3 tháng đầu năm 2024", "2024-Q1"),
        ("3 tháng cuối năm 2024", "2024-Q4"),
        ("6 tháng đầu năm 2024", "2024-H1"),
        ("06 tháng đầu năm 2024", "2024-H1"),
        ("Sáu tháng đầu năm 2024", "2024-H1"),
        ("6T/2024", "2024-H1"),
        ("6 tháng cuối năm 2024", "2024-H2"),
        ("Nửa đầu năm 2024", "2024-H1"),
        ("H2/2024", "2024-H2"),
        ("2024-H2", "2024-H2"),
        ("tháng 9/2024", "2024-09"),
        ("Tháng 09 năm 2024", "2024-09"),
        ("T9/2024", "2024-09"),
        ("9/2024", "2024-09"),
        ("04/2024", "2024-04"),
        ("12.2024", "2024-12"),
        ("2024-06", "2024-06"),
        ("đến hết tháng 6/2024", "2024-06"),
        ("30/6/2024", "2024-06-30"),
        ("30-06-2024", "2024-06-30"),
        ("30.6.2024", "2024-06-30"),
        ("03/04/2024", "2024-04-03"),  # day first
        ("2024-06-30", "2024-06-30"),
        ("2024-06-30 00:00:00", "2024-06-30"),
        ("ngày 30 tháng 6 năm 2024", "2024-06-30"),
        ("đến 31/12/2024", "2024-12-31"),
        ("tính đến ngày 31/12/2024", "2024-12-31"),
        ("29/2/2024", "2024-02-29"),
        (date(2024, 6, 30), "2024-06-30"),
        (datetime(2024, 6, 30, 7, 30), "2024-06-30"),
        ("1990", "1990"),
        ("2100", "2100"),
    ],
)
def test_period(raw: object, period: str) -> None:
    found = read_period(raw)
    assert (found.period, found.preliminary) == (period, False)
    check(found)


@pytest.mark.parametrize(
    ("raw", "period"),
    [
        ("ước năm 2024", "2024"),
        ("Ước TH 2024", "2024"),
        ("2024 (ước)", "2024"),
        ("sơ bộ 2024", "2024"),
        ("Sơ bộ - Prel. 2024", "2024"),
        ("Ước 6 tháng đầu năm 2024", "2024-H1"),
        ("Quý II/2024 (sơ bộ)", "2024-Q2"),
    ],
)
def test_preliminary(raw: str, period: str) -> None:
    found = read_period(raw)
    assert (found.period, found.preliminary) == (period, True)


@pytest.mark.parametrize(
    ("raw", "trouble"),
    [
        (None, "blank"),
        (" ", "blank"),
        (float("nan"), "blank"),
        (True, "boolean"),
        (24, "short_year"),
        ("24", "short_year"),
        ("6/24", "short_year"),
        ("30/6/24", "short_year"),
        ("Quý II/24", "short_year"),
        ("6 tháng đầu năm", "no_year"),
        ("Quý II", "no_year"),
        ("tháng 6", "no_year"),
        ("30/6", "no_year"),
        ("1989", "year_out_of_range"),
        ("2101", "year_out_of_range"),
        ("9 tháng 1985", "year_out_of_range"),
        (date(1985, 6, 30), "year_out_of_range"),
        ("13/2024", "no_such_month"),
        ("tháng 0/2024", "no_such_month"),
        ("31/2/2024", "no_such_day"),
        ("2024-12-32", "no_such_day"),
        ("12/31/2024", "month_first"),
        ("năm học 2023-2024", "school_year"),
        ("NH 2023-2024", "school_year"),
        ("2023-2024", "several_periods"),
        ("giai đoạn 2021-2025", "several_periods"),
        ("KH 2024", "aim"),
        ("Mục tiêu đến năm 2025", "aim"),
        ("đến năm 2025", "aim"),
        ("dự kiến 2025", "aim"),
        ("6 tháng giữa năm 2024", "not_a_period"),
        ("9 tháng cuối năm 2024", "not_a_period"),
        ("Quý V/2024", "not_a_period"),
        ("V/2024", "not_a_period"),
        ("Huyện", "not_a_period"),
        ("ước", "not_a_period"),
        (2024.5, "not_a_period"),
        (45473, "not_a_period"),  # a serial only when the caller says so
        (float("inf"), "not_a_period"),
        ("2" * (MAX_LENGTH + 1), "too_long"),
        (10**400, "too_long"),
    ],
)
def test_trouble(raw: object, trouble: str) -> None:
    found = read_period(raw)
    assert (found.trouble, found.period) == (trouble, "")
    check(found)


@pytest.mark.parametrize(
    "raw", ["9 tháng 2024", "9T/2024", "9 tháng đầu năm 2024", "chín tháng 2024"]
)
def test_months_from_january_are_no_period_of_ours(raw: str) -> None:
    assert read_period(raw) == Moment(trouble="cumulative_months", months=9, year=2024, text=raw)


@pytest.mark.parametrize(
    ("raw", "period"),
    [
        ("6 tháng đầu năm", "2024-H1"),
        ("Quý II", "2024-Q2"),
        ("tháng 6", "2024-06"),
        ("30/6", "2024-06-30"),
        ("Năm 2023", "2023"),  # a year that is named wins
    ],
)
def test_the_year_the_caller_knows(raw: str, period: str) -> None:
    assert read_period(raw, default_year=2024).period == period


def test_a_two_digit_year_stays_unread_beside_a_known_year() -> None:
    assert read_period("6/24", default_year=2024).trouble == "short_year"
    assert read_period("24", default_year=2024).trouble == "short_year"


@pytest.mark.parametrize(
    ("number_format", "period", "readings"),
    [
        ("dd/mm/yyyy", "2024-04-01", ()),
        ("mmm-yy", "2024-04", ()),
        ("mm/yyyy", "2024-04", ()),
        ("yyyy", "2024", ()),
        ("", "", ("2024-04-01", "2024-04")),
        ("General", "", ("2024-04-01", "2024-04")),
    ],
)
def test_a_date_cell_is_as_fine_as_it_shows(
    number_format: str, period: str, readings: tuple[str, ...]
) -> None:
    found = read_period(datetime(2024, 4, 1), number_format=number_format)
    assert (found.period, found.readings) == (period, readings)
    check(found)


@pytest.mark.parametrize(
    ("raw", "period"),
    [(45473, "2024-06-30"), (45473.75, "2024-06-30"), (2024, "2024"), (32874, "1990-01-01")],
)
def test_serials_when_the_caller_says_so(raw: float, period: str) -> None:
    assert read_period(raw, serial=True).period == period


def test_serials_outside_the_years_read() -> None:
    assert read_period(32873, serial=True).trouble == "not_a_period"
    assert read_period(73415, serial=True).period == "2100-12-31"
    assert read_period(73416, serial=True).trouble == "not_a_period"


# --- properties -----------------------------------------------------------------------------------


@given(
    st.one_of(st.text(max_size=MAX_LENGTH + 20), st.lists(st.sampled_from(FRAGMENTS)).map("".join))
)
def test_any_text_is_read_or_has_one_trouble(raw: str) -> None:
    check(read_period(raw))
    check(read_period(raw, default_year=2024))


@given(
    st.one_of(st.floats(), st.integers(), st.booleans(), st.none(), st.dates(), st.datetimes()),
    st.booleans(),
    st.text(),
)
def test_any_typed_cell(raw: object, serial: bool, number_format: str) -> None:
    check(read_period(raw, serial=serial, number_format=number_format))


@given(
    st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 12, 31)),
    st.sampled_from(["year", "half", "quarter", "month", "day"]),
)
def test_a_period_as_our_pages_print_it_is_read_back(day: date, kind: str) -> None:
    period = {
        "year": f"{day.year}",
        "half": f"{day.year}-H{(day.month + 5) // 6}",
        "quarter": f"{day.year}-Q{(day.month + 2) // 3}",
        "month": f"{day.year}-{day.month:02}",
        "day": day.isoformat(),
    }[kind]
    assert read_period(vi.format_period(period)).period == period
    assert read_period(period).period == period


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 12, 31)))
def test_serials_count_days(day: date) -> None:
    serial = (day - date(1899, 12, 30)) // timedelta(days=1)
    assert read_period(serial, serial=True).period == day.isoformat()


@pytest.mark.parametrize("piece", [" ", "1", "1/", "i", "t ", "den ", "uoc ", "(", "-", "2024 "])
def test_repeated_pieces_take_no_time(piece: str) -> None:
    started = time.process_time()
    for tail in ("", "!", "2024"):
        check(read_period((piece * MAX_LENGTH)[: MAX_LENGTH - 4] + tail))
    assert time.process_time() - started < 1
