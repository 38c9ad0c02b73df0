"""The words of a goal out of reach: how far one gets, what binds, what would do."""

from __future__ import annotations

from kts_analysis.allocation.answer import Answer
from kts_analysis.allocation.remedies import Remedy
from kts_analysis.allocation.wording import decimals_of, left_out_texts
from kts_analysis.entries import Indicator
from kts_analysis.i18n import N_, Messages
from kts_analysis.registry import Registry
from kts_analysis.wording import COUNTED

REMEDIES = {
    "raise_cap": N_("raise the cap of {area} to {value}"),
    "raise_fix": N_("raise the given target of {area} to {value}"),
    "raise_caps": N_("raise every cap below {value} to {value}"),
    "lower_goal": N_("lower the common target to {value}"),
    "lower_chance": N_("allow targets with a chance of only {value} (--min-chance)"),
    "later_deadline": N_("put the deadline off to the end of {value}"),
}

HELD = {
    "cap": N_("its own cap"),
    "common_cap": N_("the cap of all areas"),
    "chance": N_("the least chance allowed"),
    "fix": N_("its given target"),
}  # fmt: skip


def shortfall_texts(answer: Answer, registry: Registry, card: Indicator, m: Messages) -> list[str]:
    """Return why a goal is out of reach, what holds it back and what would do."""
    short = answer.shortfall
    if short is None:
        return []
    lines = [
        m(
            "Out of reach: the areas can reach {best} together at most; {short} points "
            "({heads} {unit}) are missing.",
            best=m.percent(short.best, 2),
            short=m.number(short.short, 2),
            heads=m.count(short.short_heads),
            unit=m(COUNTED[card.counted]),
        )
    ]
    for one in short.bindings:
        lines.append(
            m(
                "{area} is held at {value} by {held}: {heads} {unit} below the bound.",
                area=f"{one.code} {registry.area(one.code).title(m.lang)}",
                value=m.percent(one.value, decimals_of(one.value)),
                held=m(HELD[one.held]),
                heads=m.count(one.heads),
                unit=m(COUNTED[card.counted]),
            )
        )
    lines += left_out_texts(answer, m)
    return [*lines, *(_remedy(one, registry, m) for one in short.remedies)]


def _remedy(one: Remedy, registry: Registry, m: Messages) -> str:
    value = m.percent(one.value, decimals_of(one.value))
    if one.kind == "later_deadline":
        value = str(int(one.value))
    area = f"{one.code} {registry.area(one.code).title(m.lang)}" if one.code else ""
    return m("This alone would do: {remedy}.", remedy=m(REMEDIES[one.kind], area=area, value=value))
