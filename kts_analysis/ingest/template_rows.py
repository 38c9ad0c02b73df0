"""Which rows a reporting template has (area, indicator, sector, period) and which stay closed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Literal

from kts_analysis.entries import Area, Indicator, Part, Plan, Target
from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_
from kts_analysis.periods import ACCEPTED_FORMS, Period, parse_period
from kts_analysis.registry import Registry

if TYPE_CHECKING:
    import pandas as pd

    from kts_analysis.figures import Figure, Figures

State = Literal["open", "not_measured", "ended", "not_begun"]

MAX_ROWS = 100_000  # a template beyond that is not filled in by people

_YEARS = re.compile(r"((?:19|20|21)[0-9]{2})-((?:19|20|21)[0-9]{2})")


@dataclass(frozen=True)
class TemplateRow:
    """One row of a template.

    Attributes
    ----------
    area, card : Area, Indicator
    sector : Part or None
        For an indicator that is judged over the plan's sectors.
    period : str
    state : {"open", "not_measured", "ended", "not_begun"}
        Only an open row may be filled in.
    day : date or None
        When the area ended or begins.
    series : str
        Measuring method to offer; empty when the plan names none.
    figure : Figure or None
        What is stored already.
    """

    area: Area
    card: Indicator
    sector: Part | None
    period: str
    state: State
    day: date | None
    series: str
    figure: Figure | None = None

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Area, indicator, sector and period: what tells rows apart."""
        return self.area.code, self.card.code, self.breakdown, self.period

    @property
    def breakdown(self) -> str:
        """Id of the sector, or empty."""
        return self.sector.id if self.sector else ""


def periods_in(texts: Iterable[str]) -> list[str]:
    """Return the periods of ``2021-2025`` and ``2024-Q2,2024-Q3``, each once, in order of time.

    Raises
    ------
    KtsError
        Not periods.
    """
    found: dict[str, Period] = {}
    for text in (part.strip() for item in texts for part in item.split(",") if part.strip()):
        years = _YEARS.fullmatch(text)
        if years and int(years[1]) <= int(years[2]):
            names = [str(year) for year in range(int(years[1]), int(years[2]) + 1)]
        else:
            names = [text]
        for name in names:
            try:
                found[name] = parse_period(name)
            except ValueError:
                message = N_("{found} is not a period; write {forms}, or years like 2021-2025")
                raise KtsError(message, found=repr(name), forms=ACCEPTED_FORMS) from None
    if not found:
        raise KtsError(N_("name at least one period, for example 2021-2025 or 2024-Q2"))
    return sorted(found, key=lambda name: (found[name].end, found[name].start))


def template_rows(
    registry: Registry,
    plan: Plan,
    areas: Sequence[str] | None,
    periods: Sequence[str],
    stored: Figures | None = None,
) -> list[TemplateRow]:
    """Return the rows of a template: areas in the plan's order, then its targets, then periods.

    Parameters
    ----------
    areas : sequence of str, optional
        Codes; by default all areas of the plan.
    periods : sequence of str
        As `periods_in` gives them.
    stored : Figures, optional
        Figures known on the day the template is made for.

    Raises
    ------
    KtsError
        An area that is not the plan's, or more rows than people fill in.
    """
    codes = list(dict.fromkeys(areas)) if areas is not None else list(plan.areas)
    strangers = [code for code in codes if code not in plan.areas]
    if strangers or not codes:
        message = N_("plan {plan} has no area {found}; it has {known}")
        known = ", ".join(plan.areas)
        raise KtsError(message, plan=plan.id, found=", ".join(strangers) or "''", known=known)
    asked = [(target, sector) for target in _once(plan) for sector in _sectors(plan, target)]
    if len(codes) * len(asked) * len(periods) > MAX_ROWS:
        message = N_("the template would have more than {limit} rows; name fewer areas or periods")
        raise KtsError(message, limit=MAX_ROWS)
    rows = [
        _row(registry, plan, code, target, sector, period, stored)
        for code in codes
        for target, sector in asked
        for period in periods
    ]
    return list({row.key: row for row in map(_without_idle_sector, rows)}.values())


def _once(plan: Plan) -> list[Target]:
    """Return the plan's targets, each indicator once (two targets may share one)."""
    return list({target.indicator: target for target in reversed(plan.targets)}.values())[::-1]


def _sectors(plan: Plan, target: Target) -> Sequence[Part | None]:
    over_sectors = target.scope == "worst_breakdown" and plan.structure is not None
    return (plan.structure.sectors if over_sectors and plan.structure else ()) or (None,)


def _row(
    registry: Registry,
    plan: Plan,
    code: str,
    target: Target,
    sector: Part | None,
    period: str,
    stored: Figures | None,
) -> TemplateRow:
    end = parse_period(period).end
    area, card = registry.area(code, end), registry.indicators[target.indicator]
    state, day = _state(area, card, end)
    series = _usual_series(plan, target, area)
    row = TemplateRow(area, card, sector, period, state, day, series)
    figure = _stored(stored, row) if stored is not None and state == "open" else None
    return replace(row, figure=figure)


def _state(area: Area, card: Indicator, end: date) -> tuple[State, date | None]:
    """Return whether a row may be filled in: a stock stands at the end of its period."""
    if not card.measured_at(area.level):
        return "not_measured", None
    if area.valid_to is not None and area.valid_to < end:
        return "ended", area.valid_to
    if area.valid_from is not None and end < area.valid_from:
        return "not_begun", area.valid_from
    return "open", None


def _without_idle_sector(row: TemplateRow) -> TemplateRow:
    """Return a row that is not measured without its sector: one such row a period says it all."""
    return replace(row, sector=None) if row.state == "not_measured" else row


def _usual_series(plan: Plan, target: Target, area: Area) -> str:
    """Return the method the plan follows for a target at a level, else its most usual there."""
    if area.level in target.series:
        return target.series[area.level]
    named = Counter(item.series[area.level] for item in plan.targets if area.level in item.series)
    return named.most_common(1)[0][0] if named else ""


def _stored(stored: Figures, row: TemplateRow) -> Figure | None:
    """Return the newest stored figure of a row by its method; of several methods none is chosen."""
    from kts_analysis.figures import newest_of

    fitting = [
        figure
        for figure in stored.at(row.area.code, row.card.code)
        if (figure.breakdown, figure.period) == (row.breakdown, row.period)
    ]
    series = row.series or (fitting[0].series if fitting else "")
    if not row.series and any(figure.series != series for figure in fitting):
        return None
    newest = newest_of(figure for figure in fitting if figure.series == series)
    return newest[-1] if newest else None


def concepts_in_use(table: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return what the stored figures of each indicator call their denominators, by alphabet."""
    named = table[table["denominator_concept"] != ""]
    return {
        str(indicator): tuple(sorted(set(rows["denominator_concept"])))
        for indicator, rows in named.groupby("indicator")
    }


def concepts_of(card: Indicator, in_use: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """Return what a denominator may be called: as in the stored figures, else as on the card.

    The card's word is only offered where no figure names any: one denominator under two names
    would keep areas from being added up.
    """
    return in_use.get(card.code) or (card.counted,)
