"""The words of the data-quality page: states of figures, and what to write to whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kts_analysis.figure_tables import flags_text
from kts_analysis.i18n import N_, Messages
from kts_analysis.quality_findings import NOT_HERE, Request, Turn
from kts_analysis.registry import Registry
from kts_analysis.rows import Row
from kts_analysis.wording import StatusWord, day, figure_text, status_text

STATE_WORDS = {
    "there": StatusWord(N_("there"), "✔", "good"),
    "qualified": StatusWord(N_("estimate, preliminary or a bound"), "≈", "fair"),
    "revised": StatusWord(N_("revised"), "↻", "fair"),
    "doubtful": StatusWord(N_("doubtful, to be confirmed"), "?", "poor"),
    "late": StatusWord(N_("late"), "✘", "bad"),
    "missing": StatusWord(N_("missing"), "○", "poor"),
    "other_method": StatusWord(N_("by another measuring method only"), "≠", "poor"),
    "partial": StatusWord(N_("in part so far"), "◐", "fair"),
    "not_due": StatusWord(N_("not yet due"), "…", "open"),
    "not_begun": StatusWord(N_("not reported in those years"), "·", "none"),
    "no_area": StatusWord(N_("the area did not exist then"), "∅", "open"),
    "not_measured": StatusWord(N_("not measured at this level"), "–", "none"),
}
COUNTED = {
    "late": STATE_WORDS["late"],
    "missing": STATE_WORDS["missing"],
    "suspicious": StatusWord(N_("to be confirmed"), "?", "poor"),
    "revised": STATE_WORDS["revised"],
}
HEIRS_NAMED = 6  # ours: a district became up to eight communes
NAMED_TOGETHER = 5  # ours: whoever confirms five figures of a line looks at the others too


def kind_of(finding: str) -> str:
    """Return what a finding is counted as: one by another method only is a missing one."""
    return "missing" if finding == "other_method" else finding


def indicator_text(code: str, registry: Registry, m: Messages) -> str:
    """Return an indicator's code and name."""
    return f"{code} {registry.indicators[code].name.get(m.lang)}"


def request_line(request: Request, registry: Registry, m: Messages) -> tuple[str, str]:
    """Return whom a request is for and about which area, and the wishes as a letter says them."""
    area = registry.area(request.area_code).title(m.lang)
    lead = f"{request.reporter or m('Reporter not known')} – {area}:"
    late = [row for row in request.send if row["finding"] == "late"]
    rest = [row for row in request.send if row["finding"] != "late"]
    wishes = []
    if late:
        items = _items(late, registry, m)
        wishes.append(m("Please send the figures that are late: {items}.", items=items))
    if rest:
        items = _items(rest, registry, m)
        wishes.append(m("Please send the figures that are missing: {items}.", items=items))
    if request.confirm:
        items = _items(request.confirm, registry, m)
        wishes.append(m("Please confirm: {items}.", items=items))
    return lead, " ".join(wishes)


def _items(rows: Iterable[Row], registry: Registry, m: Messages) -> str:
    """Return figures indicator by indicator, those that are said the same way together."""
    groups: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        remarks = groups.setdefault(row["indicator"], {})
        remarks.setdefault(_remark(row, m), []).append(_figure(row, m))
    return "; ".join(
        f"{indicator_text(code, registry, m)}: "
        + ", ".join(_said(remark, figures, m) for remark, figures in remarks.items())
        for code, remarks in groups.items()
    )


def _said(remark: str, figures: Sequence[str], m: Messages) -> str:
    """Return figures of one indicator with what is said of them all; of very many the newest."""
    said = ", ".join(figures[-NAMED_TOGETHER:])
    if len(figures) > NAMED_TOGETHER:
        said = m(
            "{figures} and {n} earlier", figures=said, n=m.count(len(figures) - NAMED_TOGETHER)
        )
    return f"{said} ({remark})" if remark else said


def _figure(row: Row, m: Messages) -> str:
    """Return a period, and the figure that is to be confirmed."""
    period = m.period(row["period"])
    if row["finding"] in NOT_HERE:
        return period
    value = figure_text(row["value"], row["qualifier"], m)
    return m("{value} of {period}", value=value, period=period)


def _remark(row: Row, m: Messages) -> str:
    """Return why a figure is asked about."""
    if row["finding"] == "late":
        return m("due {date}, assumed", date=day(row["due"], m))
    if row["finding"] == "other_method":
        return m("here by another measuring method only")
    if row["finding"] == "suspicious":
        return flags_text(row["flags"], m)
    if row["finding"] == "revised":
        return m("before: {value}", value=m.percent(row["old_value"], 2))
    return ""


def finding_text(row: Row, registry: Registry, m: Messages) -> str:
    """Return what is found about a figure in a few words; `row` is of `findings`."""
    kind = kind_of(row["finding"])
    texts = [m(COUNTED[kind].text)]
    if row["finding"] in ("suspicious", "revised"):
        texts.append(figure_text(row["value"], row["qualifier"], m))
    texts.append(_remark(row, m))
    if row["finding"] == "revised":
        turned = turns_text(row["turns"], registry, m)
        texts.append(m("verdicts that turn: {verdicts}", verdicts=turned))
    return "; ".join(text for text in texts if text)


def turns_text(turns: Sequence[Turn] | None, registry: Registry, m: Messages) -> str:
    """Return the verdicts that turn on a revision; None: too many revisions to judge them."""
    if turns is None:
        return m("see kts revisions")
    return "; ".join(
        m(
            "{area}, {target} by {year}: {before} → {after}",
            area=registry.area(turn.area_code).title(m.lang),
            target=turn.target_id,
            year=str(turn.deadline),
            before=status_text(turn.before, m),
            after=status_text(turn.after, m),
        )
        for turn in turns
    ) or m("none")


def ended_text(code: str, registry: Registry, m: Messages) -> str:
    """Return who can be asked about an area that has ended."""
    ended = registry.area(code).valid_to
    heirs = [registry.area(item.to_code).title(m.lang) for item in registry.successors(code)]
    if not heirs:
        return m("This area ended on {date}; crosswalk.csv names no successor.", date=m.date(ended))
    named = ", ".join(heirs[:HEIRS_NAMED])
    if len(heirs) > HEIRS_NAMED:
        named = m("{names} and {n} more", names=named, n=m.count(len(heirs) - HEIRS_NAMED))
    return m("This area ended on {date}; its successors: {names}.", date=m.date(ended), names=named)
