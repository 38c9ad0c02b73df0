"""The sentence at the top of a page: how many targets stand how."""

from __future__ import annotations

import math

from kts_analysis.i18n import Messages
from kts_analysis.wording import headline


def said(lang: str, *statuses: str) -> str:
    rows = [{"status": status, "reason": "", "probability": math.nan} for status in statuses]
    return headline(rows, Messages(lang))


def test_it_counts_each_status_the_most_frequent_first() -> None:
    text = said("en", "missed", "met", "met", "not_measured")
    assert text == "Of 3 targets measured at this level: 2 met; 1 missed."


def test_a_single_status_is_said_of_all() -> None:
    assert said("en", "met", "met") == "Of 2 targets measured at this level: all met."
    assert said("vi", "met", "met") == "Trong 2 chỉ tiêu đo được ở cấp này: tất cả đạt."
    assert said("en", "missed") == "Of 1 target measured at this level: 1 missed."
