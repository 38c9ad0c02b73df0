"""The evidence that ships with the package, and the sentence it allows beside a chance."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from markupsafe import Markup

from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_, Messages

BINS = 10
HORIZON_GROUPS = ((1, 2), (3, 4), (5, 6))  # years ahead that are counted together
LEAST_COUNT = 30  # fewer statements than this do not make a percentage
PROOF_PAGE = "backtest.html"  # the page that shows the evidence
MAIN_METHODS = ("panel", "series")  # the projections of the reports, best first


@cache
def load_evidence() -> Mapping[str, Any]:
    """Return the evidence file shipped with the package, read once.

    Raises
    ------
    KtsError
        It is not there.
    """
    source = resources.files("kts_analysis").joinpath("evidence", "backtest.json")
    if not source.is_file():
        message = N_("there is no evidence file; make one with kts backtest --save {path}")
        raise KtsError(message, path="kts_analysis/evidence/backtest.json")
    found: Mapping[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    return found


def main_method(evidence: Mapping[str, Any]) -> str:
    """Return the name of the method whose evidence speaks for the reports."""
    names = (*MAIN_METHODS, *evidence["order"])
    return str(next(name for name in names if name in evidence["methods"]))


def group_name(low: int, high: int) -> str:
    """Return the name of a group of horizons in the evidence file."""
    return f"h{low}-{high}"


def calibration_line(
    probability: float,
    m: Messages,
    evidence: Mapping[str, Any] | None = None,
    horizon: float | None = None,
    *,
    method: str | None = None,
) -> str:
    """Return what became of past statements like this one.

    Parameters
    ----------
    probability : float
        The chance given now, 0 to 1.
    m : Messages
    evidence : mapping, optional
        From `load_evidence` (the default).
    horizon : float, optional
        Years ahead: only statements about as far ahead are counted.
    method : str, optional
        By default the projection of the reports.

    Returns
    -------
    str
        "When we said 70–80%, it came true in 74% of 312 cases (…)"; that there are too few, below
        30 cases or beyond the horizons tested; "" for a missing chance.

    Raises
    ------
    ValueError
        `probability` is outside 0 to 1, or the evidence lacks the method.
    """
    if probability != probability:
        return ""
    if not 0 <= probability <= 1:
        raise ValueError(f"a chance lies between 0 and 1, found {probability}")
    known = load_evidence() if evidence is None else evidence
    name = method or main_method(known)
    if name not in known["methods"]:
        raise ValueError(f"the evidence has no method {name!r}")
    group = _group(horizon)
    if group is None:
        return m(
            "Projections more than {years} years ahead were not checked against what came.",
            years=HORIZON_GROUPS[-1][1],
        )
    place = min(int(probability * BINS), BINS - 1)
    found = known["methods"][name]["reliability"][group][place]
    low, high = m.number(10 * place, 0), m.percent(10 * (place + 1), 0)
    if found["count"] < LEAST_COUNT:
        return m(
            "How often {low}–{high} came true cannot be said: only {count} such cases were "
            "checked ({data}).",
            low=low,
            high=high,
            count=m.count(found["count"]),
            data=data_text(known, m),
        )
    fields = {
        "low": low,
        "high": high,
        "said": m.percent(100 * found["said"], 0),
        "share": m.percent(100 * found["came"] / found["count"], 0),
        "count": m.count(found["count"]),
        "data": data_text(known, m),
    }
    if horizon is None:
        return m(
            "When we said {low}–{high} ({said} on average), it came true in {share} of {count} "
            "cases ({data}).",
            **fields,
        )
    return m(
        "When we looked {years} years ahead and said {low}–{high} ({said} on average), it came "
        "true in {share} of {count} cases ({data}).",
        years=group[1:].replace("-", "–"),
        **fields,
    )


def data_text(evidence: Mapping[str, Any], m: Messages) -> str:
    """Return in a few words what the evidence was computed on, and when."""
    about = evidence["about"]
    text = m(
        "tried on {indicators} indicators in {units} areas of other countries, {date}",
        indicators=m.count(about["indicators"]),
        units=m.count(about["units"]),
        date=m.date(date.fromisoformat(about["date"])),
    )
    return f"{m('SYNTHETIC')}: {text}" if about["synthetic"] else text


def calibration_note(
    probability: float,
    m: Messages,
    evidence: Mapping[str, Any] | None = None,
    horizon: float | None = None,
    *,
    method: str | None = None,
    href: str = PROOF_PAGE,
) -> Markup:
    """Return `calibration_line` as HTML with a link to the page that shows the evidence."""
    line = calibration_line(probability, m, evidence, horizon, method=method)
    if not line:
        return Markup("")
    return Markup('{} <a href="{}">{}</a>').format(line, href, m("How this was checked"))


def _group(horizon: float | None) -> str | None:
    """Return the group of a horizon, None when it is farther than any tested."""
    if horizon is None:
        return "all"
    for low, high in HORIZON_GROUPS:
        if horizon <= high:
            return group_name(low, high)
    return None
