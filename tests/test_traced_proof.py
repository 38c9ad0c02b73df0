"""Every number of the proof page comes from the evidence file that ships with the product."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from IPython.display import HTML
from test_traced import dates, floats, numbers_in, printed, text_of, traced

from kts_analysis.backtest.evidence import HORIZON_GROUPS, load_evidence
from kts_analysis.i18n import Messages
from kts_analysis.pages.backtest import BacktestReport, backtest_report

ROOT = Path(__file__).resolve().parents[1]


@cache
def report() -> BacktestReport:
    return backtest_report(lang="vi", data=str(ROOT / "data"))


def shown() -> list[Any]:
    made = report()
    several = (made.reliability(), made.horizons())
    single = (made.header(), made.figures(), made.summary(), made.coverage())
    return [*single, *(part for some in several for part in some)]


@cache
def allowed() -> frozenset[str]:
    m, evidence = Messages("vi"), load_evidence()
    shares = [  # of one bin of chances: how many of so many came true
        entry["came"] / entry["count"]
        for method in evidence["methods"].values()
        for group in method["reliability"].values()
        for entry in group
        if entry["count"]
    ]
    numbers = [*floats(evidence), *shares, *range(0, 101, 10)]
    numbers += [year for group in HORIZON_GROUPS for year in group]
    return frozenset(printed(numbers, m) | dates([str(evidence)], m))


def test_every_number_in_the_text_is_in_the_evidence() -> None:
    assert traced(shown(), allowed()) > 200


def test_a_wrong_count_is_found() -> None:
    counts = {
        one for part in shown() if isinstance(part, HTML) for one in numbers_in(text_of(part))
    }
    counts = {one for one in counts if "." in one and "," not in one}
    found = [one for one in counts if one[:-1] + str((int(one[-1]) + 1) % 10) not in allowed()]
    assert len(counts) > 20 and len(found) >= 0.7 * len(counts)
