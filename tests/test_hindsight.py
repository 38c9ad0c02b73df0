"""Looking back at a deadline: only what was known then, held against the figure that came."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import numpy as np
import pytest

from kts_analysis.assessment import judge
from kts_analysis.entries import Plan
from kts_analysis.errors import KtsError
from kts_analysis.hindsight import as_chances, look_back, summarise_days
from kts_analysis.i18n import Messages
from kts_analysis.pages.hindsight import HindsightReport
from kts_analysis.registry import Registry
from kts_analysis.store import known_on
from kts_analysis.views import View
from tests.conftest import PlanOf, TableOf

AREAS = ("359", "360", "361", "362")
DAYS = [date(2022, 12, 31), date(2024, 12, 31)]


def toy(table_of: TableOf, registry: Registry, plan_of: PlanOf) -> tuple[View, Plan]:
    """Four districts, 2018 to 2025; the first two reach 80 in 2025, the last has no such figure."""
    starts = {"359": 50.0, "360": 45.0, "361": 20.0, "362": 30.0}
    rows = [
        {
            "area_code": code,
            "series": "provincial_report",
            "period": year,
            "value": round(start + 4.6 * (year - 2018) + (year % 2), 2),
            "vintage": f"{year + 1}-02-01",
        }
        for code, start in starts.items()
        for year in range(2018, 2026)
        if (code, year) != ("362", 2025)
    ]
    plan = plan_of(areas=("36", *AREAS))
    return View(registry, known_on(table_of(rows), date(2026, 6, 30)), date(2026, 6, 30)), plan


@pytest.fixture
def stood(table_of: TableOf, registry: Registry, plan_of: PlanOf) -> tuple[View, Plan]:
    return toy(table_of, registry, plan_of)


def test_then_is_what_a_report_of_that_day_says(stood: tuple[View, Plan]) -> None:
    view, plan = stood
    said = look_back(view, plan, 2025, DAYS)
    assert list(said["area_code"].unique()) == list(AREAS)  # the home area is not among its parts
    for day in DAYS:
        then = judge(View(view.registry, known_on(view.known, day), day), plan, 2025, areas=AREAS)
        mine = said[said["said_on"] == day.isoformat()]
        for name in ("status", "probability", "projected", "lo80", "hi95", "latest", "latest_date"):
            assert mine[name].tolist() == then[name].tolist()
    assert set(said["latest_date"]) == {"2021-12-31", "2023-12-31"}  # each year out in February


def test_what_came_is_decided_by_the_figure_at_the_deadline(stood: tuple[View, Plan]) -> None:
    view, plan = stood
    said = look_back(view, plan, 2025, DAYS[:1]).set_index("area_code")
    assert said["came"].tolist()[:3] == [1.0, 0.0, 0.0]
    assert said["outcome"].tolist()[:3] == [83.2, 78.2, 53.2]
    assert np.isnan(said.loc["362", "came"]) and np.isnan(said.loc["362", "outcome"])
    assert len(as_chances(said.reset_index())) == 3


def test_the_summary_is_worked_out_by_hand(stood: tuple[View, Plan]) -> None:
    view, plan = stood
    said = look_back(view, plan, 2025, DAYS)
    table = summarise_days(said)
    for (day, _), row in table.iterrows():
        mine = said[(said["said_on"] == day) & said["came"].notna()]
        assert row["statements"] == 3 and row["came"] == 1 and row["not_judged"] == 0
        assert row["expected"] == pytest.approx(sum(mine["probability"]))
        far = [abs(p - o) for p, o in zip(mine["projected"], mine["outcome"], strict=True)]
        assert row["miss"] == pytest.approx(sum(far) / 3)
        ends = zip(mine["lo80"], mine["outcome"], mine["hi80"], strict=True)
        held = [low <= outcome <= high for low, outcome, high in ends]
        assert row["inside80"] == pytest.approx(100 * sum(held) / 3)
    steps = [4 * 4.6, 2 * 4.6]  # from 2021 and from 2023 to 2025, odd years all
    assert table["miss_no_change"].tolist() == pytest.approx(steps)


def test_a_day_after_the_deadline_is_refused(stood: tuple[View, Plan]) -> None:
    with pytest.raises(KtsError, match="2026-01-01 is not before the deadline 2025"):
        look_back(*stood, 2025, [date(2026, 1, 1)])


def test_no_statement_is_no_number(stood: tuple[View, Plan]) -> None:
    """Standing before any figure: nobody is judged, and no mean is made of nothing."""
    view, plan = stood
    table = summarise_days(look_back(view, plan, 2025, [date(2018, 6, 30)]))
    [row] = [row for _, row in table.iterrows()]
    assert (row["statements"], row["not_judged"], row["expected"]) == (0, 4, 0.0)
    assert np.isnan(row["miss"]) and np.isnan(row["inside80"])


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_page_says_the_same_numbers(stood: tuple[View, Plan], lang: str) -> None:
    view, plan = stood
    m = Messages(lang)
    report = HindsightReport(view, plan, 2025, tuple(DAYS), m)
    table = summarise_days(report.said)
    shown = str(report.quality().data)
    for row in table.to_dict("records"):
        assert m.number(row["expected"], 1) in shown and m.number(row["miss"], 1) in shown
    parts: list[Any] = [report.statuses(), *report.reliability()[:1]]
    text = " ".join(re.sub(r"<[^>]+>", " ", str(part.data)) for part in parts)
    assert {"vi": "6 nhận định, 2 đã xảy ra.", "en": "6 statements, 2 came true."}[lang] in text
    assert not re.search(r"\bnan\b", shown + text, re.IGNORECASE)
    assert len(re.findall(r"\b10–20\b", text)) == 1
