"""Every number of an area's page comes from a row behind it, and those from the figures' file.

The page is read as a reader reads it: its text without the markup. Each number in it must be the
printed form of a number in a verdict row, a trajectory row, an observation, the plan, the fit, a
rule's result; the newest figure and the pace of every verdict
are worked out again from the district's file, read without the library.
"""

from __future__ import annotations

import csv
import dataclasses
import html
import json
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from IPython.display import HTML

from kts_analysis.assessment import judge_rows
from kts_analysis.chart_base import Chart
from kts_analysis.i18n import Messages
from kts_analysis.pages.area import AreaReport, area_report
from kts_analysis.pages.prepare import stand_before
from kts_analysis.pages.rules import rule_results
from kts_analysis.pages.target import TargetBlock
from kts_analysis.trajectories import trajectory_rows

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample"
AREA, PLAN, DEADLINE = "366", "nam-dinh-105", 2025
NUMBER = re.compile(r"\d{1,2}/\d{1,2}/\d{4}|\d+(?:\.\d{3})*(?:,\d+)?")
NAMES = re.compile(
    r"[A-Za-zÀ-ỹ/_.-]*[A-Za-zÀ-ỹ_]\d[\w./-]*|\d+[/-]\w*[A-ZĐ][\w-]*|https?://\S+|[\w./]+\.py"
)


@cache
def report() -> AreaReport:
    return area_report(AREA, PLAN, deadline=DEADLINE, lang="vi", data=str(ROOT / "data"))


@cache
def blocks() -> list[TargetBlock]:
    made = report()
    rows = [row for row in made.rows if row["status"] != "not_measured"]
    return [TargetBlock(made.context, made.area, row) for row in rows]


def parts() -> list[Any]:
    made = report()
    several = (made.before_deadline(), made.changes(), made.outlook(), made.targets())
    return [made.header(), made.summary(), made.table(), *(one for some in several for one in some)]


def text_of(part: HTML) -> str:
    """Return a part's words, without the lines on past projections: `test_backtest` holds those."""
    told = re.sub(r'<p class="kts-record">.*?</p>', " ", str(part.data), flags=re.S)
    return html.unescape(re.sub(r"<[^>]+>", " ", told))


def numbers_in(text: str) -> list[str]:
    return NUMBER.findall(NAMES.sub(" ", text))


def traced(parts: Iterable[Any], allowed: Container[str]) -> int:
    """Fail on a number in the words of some parts that is none of those allowed; count them all."""
    seen = 0
    for part in parts:
        if isinstance(part, HTML):
            text = text_of(part)
            seen += len(numbers_in(text))
            strange = [one for one in numbers_in(text) if one not in allowed]
            assert not strange, f"{strange} in: {' '.join(text.split())[:800]}"
    return seen


def floats(thing: Any, depth: int = 0) -> Iterator[float]:
    """Yield every number in a structure, and the texts that are numbers."""
    if isinstance(thing, bool) or thing is None or depth > 6:
        return
    if isinstance(thing, int | float | np.number):
        yield float(thing)
    elif isinstance(thing, np.ndarray):
        yield from (float(one) for one in thing.ravel())
    elif isinstance(thing, Mapping):
        for one in thing.values():
            yield from floats(one, depth + 1)
    elif dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        for item in dataclasses.fields(thing):
            yield from floats(getattr(thing, item.name), depth + 1)
    elif isinstance(thing, str):
        yield from (float(one) for one in re.findall(r"-?\d+(?:\.\d+)?", thing))
    elif isinstance(thing, Iterable):
        for one in thing:
            yield from floats(one, depth + 1)


def printed(values: Iterable[float], m: Messages) -> set[str]:
    """Return the forms in which numbers may be printed; a chance from 0 to 1 also in percent."""
    found = set()
    for value in values:
        if not np.isfinite(value):
            continue
        for scaled in (value, 100 * value) if abs(value) <= 1 else (value,):
            found |= {m.number(abs(scaled), decimals) for decimals in range(5)}
            found |= {m.count(abs(scaled)), str(int(abs(scaled)))}
    return found


def dates(texts: Iterable[str], m: Messages) -> set[str]:
    found = set()
    for text in texts:
        for iso in re.findall(r"\d{4}-\d{2}-\d{2}", text):
            found |= set(numbers_in(m.date(date.fromisoformat(iso))))
        for iso in re.findall(r"\b\d{4}-(?:0[1-9]|1[0-2])\b", text):
            found |= set(numbers_in(m.period(iso)))
        found |= set(re.findall(r"\d{4}", text))
    return found


@cache
def sources() -> dict[str, list[Any]]:
    """Return what numbers of the page may come from, by kind."""
    made = report()
    c = made.context
    view, plan = c.view, c.plan
    day = stand_before(view, made.area, c.deadline)
    assert day is not None and plan.outlook is not None
    later = c.registry.plan(plan.outlook.plan)
    years = (c.deadline, plan.outlook.deadline)
    views = [view, view.on(day)]
    verdicts = [
        row
        for one in views
        for chosen, year in ((plan, years[0]), (later, years[1]))
        for row in judge_rows(one, chosen, year, areas=[AREA])
    ]
    cases = [block.case for block in blocks()]
    return {
        "verdicts": [dict(row) for row in verdicts],
        "newest figures of the others": [
            row["latest"] for row in judge_rows(view, plan, years[0], areas=list(plan.areas))
        ],
        "trajectories": [dict(row) for case in cases for row in trajectory_rows(case, years[1])],
        "observations": file_rows(),
        "days of all districts' figures": [
            row["vintage"] for path in sorted(SAMPLE.glob("*.csv")) for row in file_rows(path.stem)
        ],
        "plan": [target.model_dump(mode="json") for target in (*plan.targets, *later.targets)],
    }


@cache
def grounds() -> list[Any]:
    """Return what the details of a block are made of besides: fits and rules."""
    cases = [block.case for block in blocks()]
    fits = [[case.fit, case.projection, case.line.figures, case.neighbours] for case in cases]
    made_of = [
        [
            case.fit.pace,
            case.fit.pace_se,
            case.fit.path,
            case.fit.diagnostics,
            case.fit.path.error**0.5,
        ]
        for case in cases
        if case.fit.path is not None
    ]
    ruled = [rule_results(case, report().context.view.figures) for case in cases]
    return [fits, made_of, ruled]


@cache
def file_rows(area: str = AREA) -> list[dict[str, str]]:
    with (SAMPLE / f"{area}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@cache
def allowed() -> frozenset[str]:
    """Return every printed form of a number that the page's sources hold."""
    m = Messages("vi")
    known = list(sources().values())
    texts = json.dumps(known, default=str, ensure_ascii=False)
    forms = printed(floats([known, grounds()]), m) | dates([texts], m)
    registry = report().context.registry
    named = " ".join(plan.document.get("vi") for plan in registry.plans.values())
    years = {str(year) for year in range(2014, 2051)}
    return frozenset(forms | years | set(numbers_in(named)))


# Numbers that are words of the method, not results: cuts, interval widths, scales, lists.
METHOD_WORDS = {"0", "1", "2", "3", "5", "9", "10", "20", "25", "50", "80", "95", "99", "100"}


def strange_numbers(text: str) -> list[str]:
    return [one for one in numbers_in(text) if one not in allowed() and one not in METHOD_WORDS]


def test_every_number_in_the_text_has_a_source() -> None:
    """Headline, strip, tables, sentences, facts, details and rules of an area's page."""
    counts = {str(n) for n in range(len(report().rows) + 1)}
    seen = 0
    for part in parts():
        if isinstance(part, HTML):
            text = text_of(part)
            seen += len(numbers_in(text))
            strange = [one for one in strange_numbers(text) if one not in counts]
            assert not strange, f"{strange} in: {' '.join(text.split())[:600]}"
    assert seen > 1000  # the page was read


def test_a_wrong_number_is_found() -> None:
    """A figure of the verdict table changed by a little is in no source, but for rare chances."""
    text = text_of(report().table())
    decimals = [one for one in numbers_in(text) if re.fullmatch(r"\d+,\d+", one)]
    wrong = [f"{one}7" for one in decimals]
    found = strange_numbers(" ".join(wrong))
    assert len(decimals) > 50 and len(found) >= 0.9 * len(wrong)


def test_every_point_of_every_chart_is_a_row_or_the_year_of_one() -> None:
    m = Messages("vi")
    for block in blocks():
        rows = block.path
        values = {round(one, 2) for row in rows for one in floats(dict(row)) if one == one}
        charts = [part for part in block.parts() if isinstance(part, Chart)]
        assert charts
        for chart in charts[:1]:
            drawn = [y for trace in chart.data for y in trace["y"] if y is not None]
            assert drawn and {round(y, 2) for y in drawn} <= values
            assert not strange_numbers(text_of(HTML(chart.description)))
    assert m.lang == "vi"


@pytest.mark.parametrize("place", range(11))
def test_a_verdict_is_that_of_the_district_s_own_file(place: int) -> None:
    """Newest figure, its day, and the pace so far, worked out anew from the CSV file."""
    block = blocks()[place]
    row = block.verdict
    mine = [one for one in file_rows() if one["indicator"] == block.target.indicator]
    newest: dict[str, dict[str, str]] = {}
    for one in sorted(mine, key=lambda one: one["vintage"]):
        if one["vintage"] <= row["as_of"]:
            newest[one["period"]] = one
    periods = sorted(newest)
    figures = [value_of(newest[period]) for period in periods]
    assert row["latest_date"] == f"{periods[-1]}-12-31"
    assert row["latest"] == pytest.approx(figures[-1], abs=0.006)
    years = int(periods[-1]) - int(periods[0])
    assert row["pace_observed"] == pytest.approx((figures[-1] - figures[0]) / years, abs=0.01)
    threshold = block.target.threshold(DEADLINE, AREA)
    assert threshold is not None and threshold.value is not None
    assert row["gap"] == pytest.approx(threshold.value - figures[-1], abs=0.006)


def value_of(line: Mapping[str, str]) -> float:
    if line["numerator"] and line["denominator"]:
        return 100 * float(line["numerator"]) / float(line["denominator"])
    return float(line["value"])
