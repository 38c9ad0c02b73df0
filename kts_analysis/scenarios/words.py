"""Scenarios in words: each assumption in a sentence, its answer in a row."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from kts_analysis.entries import Indicator, Target
from kts_analysis.fragments import Cell, table
from kts_analysis.i18n import N_, Messages
from kts_analysis.periods import date_at
from kts_analysis.registry import Registry
from kts_analysis.rows import missing
from kts_analysis.scenarios.answers import Answer
from kts_analysis.scenarios.asking import TargetAnswers
from kts_analysis.scenarios.digest import Digest
from kts_analysis.scenarios.entries import Assumption, CatchUp, Faster, OtherTarget, Wanted
from kts_analysis.vi import MISSING
from kts_analysis.wording import COMPARATORS, chance_text, count_text, pace_text, value_text

NOTES = {
    "insufficient": N_("not enough to judge, or the deadline is past: nothing can be assumed"),
    "no_progress": N_("no progress is expected, so there is no pace to multiply"),
    "begins_late": N_("the assumption begins after the deadline and changes nothing"),
    "leads": N_("it is itself the one expected to be best, so nothing changes"),
    "standing_still": N_("even without any progress from then on the chance is no less than that"),
    "out_of_reach": N_("twenty times the expected pace would not be enough"),
    "deadline_past": N_("the newest figure is not older than that deadline"),
}


def assumption_text(each: Answer, registry: Registry, m: Messages) -> str:
    """Return the assumption of an answer as a sentence without its full stop."""
    stated = each.assumption
    if stated is None:
        return m("No change: as projected")
    text = _stated(stated, each, registry, m)
    return f"{text} ({m(NOTES[each.note])})" if each.note else text


def _stated(stated: Assumption, each: Answer, registry: Registry, m: Messages) -> str:
    if isinstance(stated, Faster):
        return m(
            "Assumed: from {year} on, {times} times the expected pace",
            year=str(stated.begin),
            times=_times(stated.times, m),
        )
    if isinstance(stated, CatchUp):
        if not each.best:
            return m(
                "Assumed: level with the area expected to be best by the end of {year}",
                year=str(stated.by),
            )
        return m(
            "Assumed: level with {area}, expected to be best, by the end of {year}",
            area=registry.area(each.best).title(m.lang),
            year=str(stated.by),
        )
    if isinstance(stated, Wanted):
        text = m(
            "For a chance of {percent}, from {year} on",
            percent=_percent(stated.chance_percent, m),
            year=str(stated.begin),
        )
        if missing(each.times) or each.times == 0:  # the note says it better than "0 times"
            return text
        return m(
            "{wanted}: {times} times the expected pace", wanted=text, times=_times(each.times, m)
        )
    assert isinstance(stated, OtherTarget)
    if stated.value is None:
        return m("Assumed: the deadline is the end of {year}", year=str(stated.deadline))
    threshold = _threshold(each, m)
    if stated.deadline is None:
        return m("Assumed: the target is {threshold}", threshold=threshold)
    return m(
        "Assumed: the target is {threshold} by the end of {year}",
        threshold=threshold,
        year=str(stated.deadline),
    )


def answers_table(found: TargetAnswers, registry: Registry, m: Messages) -> Markup:
    """Return the answers of one target as a table, no change first."""
    card = registry.indicators[found.target.indicator]
    caption = m("{target}: assumptions beside no change", target=_title(found.target, m))
    columns = [
        m("What is assumed"),
        m("Threshold"),
        m("Median"),
        m("80% interval"),
        m("95% interval"),
        m("Chance"),
        m("Pace it means"),
    ]
    rows = [_cells(each, registry, card, m) for each in found.answers]
    synthetic = any(each.origin == "synthetic" for each in found.answers)
    return table(m, caption, columns, rows, synthetic=synthetic, text_columns=(1, 6))


def digest_table(found: Sequence[Digest], registry: Registry, m: Messages) -> Markup:
    """Return one target's digests over many areas as a table."""
    caption = m(
        "{target}: areas expected at the target, unchanged and as assumed",
        target=_title(found[0].target, m),
    )
    columns = [
        m("What is assumed"),
        m("Areas with a projection"),
        m("Expected there, no change"),
        m("Expected there, as assumed"),
        m("With a chance of 80% or more"),
        m("Points a year it means, middle area (lowest–highest)"),
    ]
    rows: list[list[Cell]] = [
        [
            assumption_text(each.stated, registry, m),
            m("{some} of {all}", some=m.count(each.answered), all=m.count(each.areas)),
            m.number(each.unchanged),
            m.number(each.assumed),
            m.count(each.likely),
            _paces(each, m),
        ]
        for each in found
    ]
    synthetic = any(each.origin == "synthetic" for each in found)
    return table(m, caption, columns, rows, synthetic=synthetic)


def _paces(each: Digest, m: Messages) -> str:
    if missing(each.pace):
        return MISSING
    ends = f"{m.number(each.least)}–{m.number(each.most)}"
    return f"{m.number(each.pace)} ({ends})"


def answer_lines(found: TargetAnswers, registry: Registry, m: Messages) -> list[str]:
    """Return the answers of one target as lines of text, its name first."""
    head = f"{found.area.title(m.lang)} – {_title(found.target, m)}"
    if not found.answers:
        return [f"{head}: {m(NOTES['insufficient'])}"]
    if any(each.origin == "synthetic" for each in found.answers):
        head = f"{head} [{m('SYNTHETIC')}]"
    card = registry.indicators[found.target.indicator]
    lines = [head]
    for each in found.answers:
        text = assumption_text(each, registry, m)
        if each.sufficient:
            text = m(
                "{assumed}: {median} ({low}–{high}), chance {chance} to be {threshold} on {date}",
                assumed=text,
                median=m.percent(each.median),
                low=m.number(each.lo80),
                high=m.number(each.hi80),
                chance=chance_text(each.chance, m),
                threshold=_threshold(each, m),
                date=m.date(each.deadline),
            )
            pace = pace_words(each, card, m)
            text = text if pace == MISSING else f"{text}; {pace}"
        lines.append(f"  {text}")
    return lines


def _cells(each: Answer, registry: Registry, card: Indicator, m: Messages) -> list[Cell]:
    target = m("{threshold} by {date}", threshold=_threshold(each, m), date=m.date(each.deadline))
    if not each.sufficient:
        return [assumption_text(each, registry, m), target, *([MISSING] * 5)]
    return [
        assumption_text(each, registry, m),
        target,
        m.percent(each.median),
        f"{m.number(each.lo80)}–{m.number(each.hi80)}",
        f"{m.number(each.lo95)}–{m.number(each.hi95)}",
        chance_text(each.chance, m),
        pace_words(each, card, m),
    ]


def pace_words(each: Answer, card: Indicator, m: Messages) -> str:
    """Return the pace an answer means, in points and heads a year, and from when; "—" without."""
    if missing(each.pace):
        return MISSING
    text = m("{pace} a year", pace=pace_text(each.pace, m))
    heads = count_text(each.pace_count, card, m)
    if heads:
        text = f"{text} ({heads})"
    return m("{pace}, from {date}", pace=text, date=m.date(date_at(each.since)))


def _threshold(each: Answer, m: Messages) -> str:
    return f"{m(COMPARATORS[each.comparator])} {value_text(each.threshold, m)}"


def _title(target: Target, m: Messages) -> str:
    return f"{target.id} {target.name.get(m.lang)}"


def _times(times: float, m: Messages) -> str:
    """Return a multiple with the digits it takes: 2, 1,5, 0,35."""
    return m.number(times, 0 if times == int(times) else 1 if times >= 1 else 2)


def _percent(percent: float, m: Messages) -> str:
    return m.percent(percent, 0 if percent == int(percent) else 1)
