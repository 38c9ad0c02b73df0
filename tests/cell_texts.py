"""Cells as officials type them, and what else can stand in one, for the tests that read them."""

from __future__ import annotations

import random
from datetime import date, datetime
from typing import Any

from kts_analysis.ingest.cells import Cell

FIGURES: tuple[Any, ...] = (
    0, 1, 5, 85, 99.5, 100, 101, 120, -3, 0.85, 1 / 3, 1e300, 10**18, True, False,
    "85%", "85,5", "85.5", "1.234", "1,234", "1.234.567", "1 234", "12.34.56", "0,85", " 85 ",
    "85,5 %", "trên 80%", "gần 90", "khoảng 85", "80-85%", "ước 85", "85 (ước)", "85*", "85(1)",
    "700 người", "700 lượt người", "1,2 triệu", "1,2 tỷ đồng", "12 nghìn hộ", "90% KH",
    "tăng 5%", "…", "...", "-", "x", "KAD", "n/a", "không có", "chưa có số liệu", "", " ", "\n",
    "#DIV/0!", "#N/A", "=1+1", "abc", "tám mươi", "2024-06-30", "30/6/2024", "9" * 16, "9" * 500,
    "85\n90", "(85)", "+85", "−85", "８５", "٨٥", "85,", ",5", "1e5", "NaN", "inf", "'85",
    date(2024, 6, 30), datetime(2024, 6, 30, 8, 30),
)  # fmt: skip
AREAS: tuple[Any, ...] = (
    "Vụ Bản", "H. Vụ Bản", "huyện Ý Yên", "TP. Nam Định", "Nam Trực", "359", 359, 360.0, "Ý Yênn",
    "Nam", "Huyện Mỹ Lộc", "1", "Tổng cộng", "TỔNG SỐ", "Cộng", "Chung", "Toàn tỉnh", "Cộng Hòa",
    "I. Khu vực thành thị", "II", "A. Nông thôn", "Ghi chú: số liệu ước", "", None, True, "?",
    date(2024, 1, 1), "x" * 500,
)  # fmt: skip
HEADINGS: tuple[Any, ...] = (
    "Năm 2022", "Năm 2023", 2023, "2024", "6 tháng đầu năm 2023", "Quý II/2024", "KH 2024",
    "2023 (ước)", "9 tháng 2024", "Năm", "Năm 23", "", None, date(2024, 1, 1), "2199", "abc", 85.5,
)  # fmt: skip
SIGNS = "0123456789.,- %()…xX/ \n\t\u00a0\u200bđĐếạởABCabc'\"=+*²₫️\U0001f600"


def odd_value(chance: random.Random, real: tuple[Any, ...]) -> Any:
    """Return a real cell, one with a few signs changed, or signs at random."""
    value = chance.choice(real)
    kind = chance.random()
    if kind < 0.5:
        return value
    if kind < 0.9:
        signs = list(str("" if value is None else value))
        for _ in range(chance.randrange(1, 4)):
            place = chance.randrange(len(signs) + 1)
            signs[place : place + chance.randrange(2)] = chance.choice(SIGNS)
        return "".join(signs)
    return "".join(chance.choice(SIGNS) for _ in range(chance.randrange(1, 30)))


def cell(chance: random.Random, value: Any, ref: str) -> Cell:
    """Return a cell with a value, sometimes a formula, sometimes one without its result."""
    kind = chance.random()
    formats = ("General", "0%", '0"%"', "0.00", "dd/mm/yyyy", "mm/yyyy")
    number_format = "General" if kind < 0.8 else chance.choice(formats)
    if kind > 0.98:
        return Cell(None, formula=True, stored=False, ref=ref)
    return Cell(value, formula=kind > 0.95, number_format=number_format, ref=ref)
