"""Every number of the data-quality page comes from a figure, a finding, or a count of findings."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

from test_traced import dates, floats, numbers_in, printed, text_of, traced

from kts_analysis.i18n import Messages
from kts_analysis.pages.quality import LISTED, QualityReport, data_quality, quality_header
from kts_analysis.pages.quality_words import COUNTED, kind_of

ROOT = Path(__file__).resolve().parents[1]
PLAN, AS_OF = "nam-dinh-105", "2024-12-31"


@cache
def report() -> QualityReport:
    return data_quality(PLAN, as_of=AS_OF, lang="vi", data=str(ROOT / "data"))


@cache
def allowed() -> frozenset[str]:
    made, m = report(), Messages("vi")
    c = made.context
    own = c.known[c.known["area_code"].isin(made.plan.areas)]
    kinds = [kind_of(finding) for finding in made.findings["finding"]]
    each = [
        Counter(kind_of(finding) for finding in mine["finding"])
        for _, mine in made.findings.groupby("area_code")
    ]
    counts = [len(own), len(made.plan.areas), len(made.shown), LISTED]
    counts += [kinds.count(kind) for kind in COUNTED]
    counts += [number for one in each for number in one.values()]
    used = set(own["series"]) | set(made.findings["series"])
    delays = [c.registry.series[name].lag_days for name in used - {""}]
    rows = [made.findings.to_dict("records"), own.to_dict("records")]
    forms = printed([*counts, *delays, *floats(rows)], m)
    forms |= dates([str(rows), made.findings.to_csv(), own.to_csv(), AS_OF], m)
    forms |= {str(year) for year in range(own["period_end"].min().year, c.as_of.year + 2)}
    named = [area.title("vi") for area in map(c.registry.area, made.plan.areas)]
    named += [made.plan.name.get("vi"), *(s.name.get("vi") for s in c.registry.series.values())]
    named += [f"{i.name.get('vi')} {i.reporter}" for i in c.registry.indicators.values()]
    return frozenset(forms | {one for text in named for one in numbers_in(text)})


def test_every_number_in_the_text_has_a_source() -> None:
    assert traced([quality_header([report()]), *report().parts()], allowed()) > 200


def test_the_counts_at_the_top_are_those_of_the_findings() -> None:
    text = " ".join(text_of(report().summary()).split())
    m = Messages("vi")
    kinds = [kind_of(finding) for finding in report().findings["finding"]]
    for kind, word in COUNTED.items():
        [count] = re.findall(rf"{re.escape(m(word.text))}: (\d+(?:\.\d{3})*)", text)
        assert count == m.count(kinds.count(kind))


def test_a_figure_of_the_lists_is_the_stored_one() -> None:
    """A changed digit in a value of the page would be found."""
    texts = text_of(report().suspicious()) + text_of(report().revised())
    decimals = [one for one in numbers_in(texts) if "," in one]
    assert decimals, "the sample has doubtful and revised figures"
    found = [f"{one}7" for one in decimals if f"{one}7" not in allowed()]
    assert len(found) >= 0.9 * len(decimals)
