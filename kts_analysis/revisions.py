"""Figures that were published again with another value, and the verdicts that turn on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from kts_analysis.assessment import judge
from kts_analysis.entries import Plan
from kts_analysis.figures import Figure, figures_of, newest_of
from kts_analysis.registry import Registry
from kts_analysis.schema import worst_origin
from kts_analysis.store import known_on, stood_on
from kts_analysis.trends import Method
from kts_analysis.views import View

KEY = ["area_code", "indicator", "series", "breakdown", "period"]
FIGURE_COLUMNS = (
    "plan_id", "area_code", "area_name", "indicator", "series", "breakdown", "period",
    "old_value", "new_value", "change", "old_vintage", "new_vintage", "old_source", "new_source",
    "known_from",
)  # fmt: skip
VERDICT_COLUMNS = (
    "verdict_area", "verdict_area_name", "target_id", "deadline", "status_before", "status_after",
    "probability_before", "probability_after", "flips",
)  # fmt: skip
COLUMNS = (*FIGURE_COLUMNS, *VERDICT_COLUMNS, "origin")


@dataclass(frozen=True)
class Revision:
    """A figure that another one of the same period took the place of.

    Attributes
    ----------
    old, new : Figure
        What was shown the day before `day`, and from `day` on; percent.
    day : date
        Day the new figure is known from: its publication, or the end of its period where it was
        printed before that.
    """

    old: Figure
    new: Figure
    day: date

    @property
    def key(self) -> tuple[str, ...]:
        """Area, indicator, series, breakdown and period."""
        return _key(self.new)

    @property
    def change(self) -> float:
        """Percentage points from the old to the new value."""
        return round(self.new.value - self.old.value, 4)


def find_revisions(known: pd.DataFrame, since: date | None = None) -> list[Revision]:
    """Return figures that were published again with another value.

    Of several figures of one period the one counts that a report would show (`newest_of`): a
    second source that prints another value on the same day is a rival, not a revision.

    Parameters
    ----------
    known : pandas.DataFrame
        Observations from `known_on`.
    since : date, optional
        Only those known from this day on.

    Returns
    -------
    list of Revision
        In order of time, then by area, indicator, series, breakdown and period.
    """
    groups: dict[tuple[str, ...], list[Figure]] = {}
    for figure in figures_of(known[known.duplicated(KEY, keep=False)]):
        groups.setdefault(_key(figure), []).append(figure)
    found = [one for figures in groups.values() for one in _of_period(figures)]
    wanted = (one for one in found if since is None or one.day >= since)
    return sorted(wanted, key=lambda one: (one.day, one.key))


def revised_verdicts(
    plan: Plan,
    obs: pd.DataFrame,
    *,
    registry: Registry,
    areas: Iterable[str] | None = None,
    since: date | None = None,
    as_of: str | date | None = None,
    method: Method = "auto",
) -> pd.DataFrame:
    """Return the revisions of a plan's figures, each with the verdicts that differ because of it.

    A verdict is given twice as of the day a revision is known from: with all that was known, and
    with the figures of that period published on that day left out. Nothing else differs, so the
    difference is the revision's.

    Parameters
    ----------
    plan : Plan
        Its areas, those merged into them, its targets and its deadlines.
    obs : pandas.DataFrame
        Observations from `read_observations`.
    registry : Registry
    areas : iterable of str, optional
        Only revisions of figures of these areas.
    since : date, optional
        Only revisions known from this day on.
    as_of : str or date, optional
        Nothing published later is used; by default the day `obs` stands on.
    method : str
        Projection method, see `kts_analysis.trends`.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`. A row for each verdict of the revised area that differs in status or
        chance (0 to 1), and for each of another area (it borrows pace from those beside it) that
        differs in status; one row with empty verdict columns for a revision that changes none.
        The vintages are those the sources print, empty where they print none; ``known_from`` is
        the day reckoned with. ``flips`` tells whether the status differs; ``origin`` is the worst
        of both figures and both verdicts.

    Raises
    ------
    KtsError
        Unknown area.
    """
    known = known_on(obs, as_of or stood_on(obs))
    mine = registry.made_of(plan.areas)
    if areas is not None:
        mine &= {registry.area(code).code for code in areas}
    known_areas = known[known["area_code"].isin(mine)]
    rows: list[dict[str, Any]] = []
    with_all: dict[tuple[date, str], pd.DataFrame] = {}
    for revision in find_revisions(known_areas, since):
        figures = known[known["indicator"] == revision.new.indicator]
        at = (revision.day, revision.new.indicator)
        if at not in with_all:
            with_all[at] = _verdicts(plan, registry, figures, *at, method)
        before = _verdicts(plan, registry, _without(figures, revision), *at, method)
        told = _figure_cells(plan, registry, revision)
        differing = list(_differing(before, with_all[at], revision))
        rows += [told | cells for cells in differing or [_no_verdict(revision)]]
    table = pd.DataFrame({name: [row[name] for row in rows] for name in COLUMNS})
    table.attrs["as_of"] = known.attrs["as_of"]
    return table


def _key(figure: Figure) -> tuple[str, ...]:
    return figure[:5]


def _known_from(figure: Figure) -> date:
    """Return the first day a figure counts: no figure counts before its period is over."""
    return max(figure.vintage_date, figure.period_end)


def _of_period(figures: Sequence[Figure]) -> Iterator[Revision]:
    """Yield the revisions among the figures of one period."""
    days = sorted({_known_from(figure) for figure in figures})
    shown = [newest_of(one for one in figures if _known_from(one) <= day)[0] for day in days]
    for old, new, day in zip(shown, shown[1:], days[1:], strict=False):
        if old.value != new.value:
            yield Revision(old, new, day)


def _without(figures: pd.DataFrame, revision: Revision) -> pd.DataFrame:
    """Return figures without those of the revised period that became known on its day."""
    same = pd.Series(True, index=figures.index)
    for name, cell in zip(KEY, revision.key, strict=True):
        same &= figures[name] == cell
    again = [_known_from(figure) == revision.day for figure in figures_of(figures[same])]
    return figures.drop(index=figures.index[same][again])


def _verdicts(
    plan: Plan,
    registry: Registry,
    figures: pd.DataFrame,
    day: date,
    indicator: str,
    method: Method,
) -> pd.DataFrame:
    """Return the verdicts of the targets on one indicator, as of a day."""
    targets = [target.id for target in plan.targets if target.indicator == indicator]
    view = View(registry, known_on(figures, day), day, method)
    return judge(view, plan, plan.deadlines, targets=targets)


def _figure_cells(plan: Plan, registry: Registry, revision: Revision) -> dict[str, Any]:
    old, new = revision.old, revision.new
    return {
        "plan_id": plan.id,
        **new._asdict(),
        "area_name": registry.area(new.area_code, new.period_end).name,
        "old_value": old.value,
        "new_value": new.value,
        "change": revision.change,
        "old_vintage": old.vintage,
        "new_vintage": new.vintage,
        "old_source": old.source,
        "new_source": new.source,
        "known_from": revision.day.isoformat(),
    }


def _differing(
    before: pd.DataFrame, after: pd.DataFrame, revision: Revision
) -> Iterator[dict[str, Any]]:
    """Yield what differs between the verdicts without and with a revision."""
    for old, new in zip(before.to_dict("records"), after.to_dict("records"), strict=True):
        flips = old["status"] != new["status"]
        own = new["area_code"] == revision.new.area_code
        chances = (old["probability"], new["probability"])
        if flips or (own and not _same(*chances)):
            yield {
                "verdict_area": new["area_code"],
                "verdict_area_name": new["area_name"],
                "target_id": new["target_id"],
                "deadline": new["deadline"],
                "status_before": old["status"],
                "status_after": new["status"],
                "probability_before": chances[0],
                "probability_after": chances[1],
                "flips": flips,
                "origin": _origin(revision, old["origin"], new["origin"]),
            }


def _no_verdict(revision: Revision) -> dict[str, Any]:
    empty: dict[str, Any] = dict.fromkeys(VERDICT_COLUMNS, "")
    nan = float("nan")
    chances = {"probability_before": nan, "probability_after": nan, "flips": False}
    return empty | chances | {"origin": _origin(revision)}


def _same(one: float, other: float) -> bool:
    """Whether two chances are the same; two that are missing are."""
    return one == other or (one != one and other != other)


def _origin(revision: Revision, *verdicts: str) -> str:
    return worst_origin({revision.old.origin, revision.new.origin, *verdicts})
