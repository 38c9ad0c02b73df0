"""Vietnamese order, slugs, numbers and dates, and periods on the yearly axis."""

from __future__ import annotations

import math
import random
import unicodedata
from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kts_analysis import periods, vi

# In Vietnamese order; real place names and the textbook pairs of tones and letters.
IN_ORDER = [
    "An Giang",
    "Ân Thi",
    "Bà Rịa",
    "Ba Vì",
    "Bắc Ninh",
    "Cần Thơ",
    "Cồn",
    "Côn Đảo",
    "Dĩ An",
    "Duy Tiên",
    "Đà Lạt",
    "Đà Nẵng",
    "Đồng Nai",
    "Giao Thủy",
    "Hà Nam",
    "Hải Hậu",
    "Mỹ Lộc",
    "Nam Định",
    "Nam Trực",
    "Nghĩa Hưng",
    "Ô Môn",
    "Phường 2",
    "Quảng Ngãi",
    "Trực Ninh",
    "Uông Bí",
    "Vụ Bản",
    "Xuân Trường",
    "Ý Yên",
]


@pytest.mark.parametrize("seed", range(5))
def test_place_names_sort_as_in_a_vietnamese_list(seed: int) -> None:
    shuffled = random.Random(seed).sample(IN_ORDER, len(IN_ORDER))
    assert sorted(shuffled, key=vi.sort_key) == IN_ORDER


def test_tones_decide_only_between_equal_letters() -> None:
    words = ["ma", "mà", "mả", "mã", "má", "mạ", "mab"]
    assert sorted(reversed(words), key=vi.sort_key) == words
    assert sorted(["Hòa Bình", "Hoa Lư", "Hóa An"], key=vi.sort_key) == [
        "Hóa An",
        "Hòa Bình",
        "Hoa Lư",
    ]


def test_letters_come_in_the_order_of_the_alphabet() -> None:
    alphabet = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
    assert "".join(sorted(alphabet[::-1], key=vi.sort_key)) == alphabet
    assert sorted(["Cồn", "Côn Đảo", "Con"], key=vi.sort_key) == ["Con", "Cồn", "Côn Đảo"]


def test_case_blanks_and_digits() -> None:
    assert sorted(["Ba", "ba", "Bà", "bà"], key=vi.sort_key) == ["ba", "Ba", "bà", "Bà"]
    assert sorted(["Nama", "Nam Định", "Nam1"], key=vi.sort_key) == ["Nam Định", "Nam1", "Nama"]


def test_order_does_not_depend_on_the_unicode_form() -> None:
    for name in IN_ORDER:
        assert vi.sort_key(unicodedata.normalize("NFD", name)) == vi.sort_key(name)
    assert vi.sort_key("Ðà Lạt")[:3] == vi.sort_key("Đà Lạt")[:3]  # Eth typed for Đ


def test_order_agrees_with_icu() -> None:
    icu = pytest.importorskip("icu", reason="NOT RUN: PyICU is not installed")
    collator = icu.Collator.createInstance(icu.Locale("vi_VN"))
    words = [*IN_ORDER, "ma", "mà", "mả", "mã", "má", "mạ", "mab", "Ba", "ba", "ươm", "Ưu", "uy"]
    assert sorted(words, key=vi.sort_key) == sorted(words, key=collator.getSortKey)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thành phố Nam Định", "thanh-pho-nam-dinh"),
        ("Đà Nẵng", "da-nang"),
        ("Ðà Nẵng", "da-nang"),  # Eth, U+00D0
        ("  Huyện  Ý Yên (cũ) ", "huyen-y-yen-cu"),
        ("Phường 2", "phuong-2"),
        ("Cồn", "con-0"),  # Windows refuses a folder named "con"
        ("Thị trấn Cồn", "thi-tran-con"),
        (unicodedata.normalize("NFD", "Xuân Trường"), "xuan-truong"),
    ],
)
def test_slug(text: str, expected: str) -> None:
    assert vi.slug(text) == expected
    assert vi.slug(expected) == expected


def test_slug_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="'—'"):
        vi.slug("—")


def test_nfc_makes_equal_names_equal() -> None:
    decomposed = unicodedata.normalize("NFD", "Huyện Chợ Mới")
    assert decomposed != "Huyện Chợ Mới"
    assert vi.nfc(decomposed) == "Huyện Chợ Mới"


@pytest.mark.parametrize(
    ("value", "decimals", "vietnamese", "english"),
    [
        (1234.5, 1, "1.234,5", "1,234.5"),
        (1234567.891, 3, "1.234.567,891", "1,234,567.891"),
        (0, 0, "0", "0"),
        (-0.04, 1, "0,0", "0.0"),
        (-1234.56, 1, "-1.234,6", "-1,234.6"),
        (12.25, 1, "12,3", "12.3"),
        (2.675, 2, "2,68", "2.68"),
        (np.float64(79.96), 1, "80,0", "80.0"),
        (np.int64(1000), 0, "1.000", "1,000"),
        (math.inf, 1, "∞", "∞"),
        (None, 1, "—", "—"),
        (math.nan, 1, "—", "—"),
        (pd.NA, 1, "—", "—"),
    ],
)
def test_format_number(value: object, decimals: int, vietnamese: str, english: str) -> None:
    assert vi.format_number(value, decimals, "vi") == vietnamese  # type: ignore[arg-type]
    assert vi.format_number(value, decimals, "en") == english  # type: ignore[arg-type]


def test_percent_points_and_counts() -> None:
    assert vi.format_percent(85.5) == "85,5%"
    assert vi.format_percent(100, 0, "en") == "100%"
    assert vi.format_percent(None) == "—"
    assert vi.format_points(1.2, "điểm %") == "+1,2 điểm %"
    assert vi.format_points(-1.2, "points", lang="en") == "-1.2 points"
    assert vi.format_points(0.04, "điểm %") == "0,0 điểm %"
    assert vi.format_points(1.2, "điểm %", signed=False) == "1,2 điểm %"
    assert vi.format_points(math.nan, "điểm %") == "—"
    assert vi.format_count(1234567) == "1.234.567"
    assert vi.format_count(1234567, "en") == "1,234,567"


def test_dates_and_periods() -> None:
    assert vi.format_date(date(2025, 12, 5)) == "05/12/2025"
    assert vi.format_date(date(2025, 12, 5), "en") == "5 December 2025"
    assert vi.format_date(pd.NaT) == "—"
    expected = {
        "2024": ("2024", "2024"),
        "2024-Q2": ("Quý II/2024", "Q2 2024"),
        "2024-Q4": ("Quý IV/2024", "Q4 2024"),
        "2024-06": ("tháng 6/2024", "June 2024"),
        "2024-06-30": ("30/06/2024", "30 June 2024"),
        "": ("—", "—"),
    }
    for text, (vietnamese, english) in expected.items():
        assert vi.format_period(text, "vi") == vietnamese
        assert vi.format_period(text, "en") == english


def test_unknown_language_and_bad_decimals() -> None:
    for call in (vi.format_number, vi.format_percent):
        with pytest.raises(ValueError, match=r"'fr'.*vi, en"):
            call(1.0, 1, "fr")
    with pytest.raises(ValueError, match="'fr'"):
        vi.format_date(None, "fr")
    with pytest.raises(ValueError, match="decimals"):
        vi.format_number(1.0, -1)


@pytest.mark.parametrize(
    ("text", "start", "end", "kind"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31), "year"),
        (2024, date(2024, 1, 1), date(2024, 12, 31), "year"),
        ("2024-Q1", date(2024, 1, 1), date(2024, 3, 31), "quarter"),
        ("2024-Q2", date(2024, 4, 1), date(2024, 6, 30), "quarter"),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "month"),
        (" 2024-06-30 ", date(2024, 6, 30), date(2024, 6, 30), "day"),
    ],
)
def test_parse_period(text: str | int, start: date, end: date, kind: str) -> None:
    period = periods.parse_period(text)
    assert (period.start, period.end, period.kind) == (start, end, kind)
    assert (periods.period_start(text), periods.period_end(text)) == (start, end)


@pytest.mark.parametrize(
    "text", ["", "24", "2024-13", "2024-Q5", "2024-6", "2024-02-30", "30/06/2024", "2024.0", "9999"]
)
def test_bad_periods_are_named_with_the_accepted_forms(text: str) -> None:
    with pytest.raises(ValueError, match="2024-Q2") as error:
        periods.parse_period(text)
    assert repr(text) in str(error.value)


def test_partial_dates_mean_their_last_day() -> None:
    assert periods.parse_partial_date(2025) == date(2025, 12, 31)
    assert periods.parse_partial_date("2025-06") == date(2025, 6, 30)
    assert periods.parse_partial_date(date(2025, 6, 1)) == date(2025, 6, 1)
    assert type(periods.parse_partial_date(datetime(2025, 6, 1, 12))) is date


def test_year_position_puts_year_ends_on_whole_years() -> None:
    assert periods.year_position(date(2024, 12, 31)) == 2024.0
    assert periods.year_position(date(2023, 12, 31)) == 2023.0
    assert periods.year_position(date(2024, 6, 30)) == pytest.approx(2023 + 182 / 366)
    assert periods.date_at(2025.0) == date(2025, 12, 31)
    for bad in (math.nan, math.inf, 0.0, 99999.0):
        with pytest.raises(ValueError, match="no date at position"):
            periods.date_at(bad)


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 30)))
def test_position_and_date_are_inverse_and_increasing(day: date) -> None:
    position = periods.year_position(day)
    assert periods.date_at(position) == day
    assert periods.year_position(date.fromordinal(day.toordinal() + 1)) > position


@given(st.text(max_size=30), st.text(max_size=30))
def test_sort_keys_are_comparable_and_equal_only_for_equal_text(one: str, other: str) -> None:
    first, second = vi.sort_key(one), vi.sort_key(other)
    assert (first < second) or (second < first) or vi.nfc(one) == vi.nfc(other)
