"""Cleaning and folding of a cell's text, and what an Excel number format computes with."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kts_analysis.ingest.words import clean, fold, format_signs, plain_dashes, strip_notes


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("  Quý\u00a0II \n 2024\t", "Quý II 2024"),
        (unicodedata.normalize("NFD", "Hải Hậu"), "Hải Hậu"),
        ("１２，５％", "12,5%"),
        ("1\u202f234\u2009567", "1 234 567"),
        ("85\u200b%\ufeff", "85%"),
        ("Nam \u00d0ịnh", "Nam \u0110ịnh"),
        ("85¹", "85¹"),
    ],
)
def test_clean(raw: str, expected: str) -> None:
    assert clean(raw) == expected


@given(st.text(max_size=50))
def test_cleaning_twice_changes_nothing(raw: str) -> None:
    assert clean(clean(raw)) == clean(raw)


def test_fold_leaves_letters_without_diacritics() -> None:
    assert fold("Ước ĐẠT Quý tỷ lệ ¹") == "uoc dat quy ty le ¹"
    assert fold(unicodedata.normalize("NFD", "Đặng")) == "dang"


def test_every_dash_is_one() -> None:
    assert plain_dashes("−5 – 6 — 7 ‑ 8") == "-5 - 6 - 7 - 8"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("85,5*", "85,5"),
        ("85,5 (1)", "85,5"),
        ("85,5(2)**", "85,5"),
        ("85,5 [12]", "85,5"),
        ("85,5 ¹²", "85,5"),
        ("85 (90)", "85 (90)"),  # may be a second figure
        ("(1)", "(1)"),  # what is alone may be a figure
        ("* 85", "* 85"),
    ],
)
def test_notes_at_the_end_go(text: str, expected: str) -> None:
    assert strip_notes(text) == expected


@pytest.mark.parametrize(
    ("number_format", "expected"),
    [
        ("0.0%;-0.0%", "0.0%"),
        ('0"%"', "0"),
        (r"0\%", "0"),
        ("[Red]0%", "0%"),
        ('_(* #,##0_);"%"', "#,##0"),
        ("", ""),
    ],
)
def test_literals_of_a_format_are_not_signs(number_format: str, expected: str) -> None:
    assert format_signs(number_format).strip() == expected
