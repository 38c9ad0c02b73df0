"""What to ask about: figures that are late, missing, suspicious or revised, one row each.

Only figures by the measuring method a target is read by, and of the years of `quality.coverage`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from kts_analysis.entries import Plan
from kts_analysis.figures import Figure
from kts_analysis.quality import coverage, indicators_of, shown_figures
from kts_analysis.revisions import find_revisions, revised_verdicts
from kts_analysis.rows import Row, rows_of
from kts_analysis.schema import worst_origin
from kts_analysis.views import View

KINDS = ("late", "missing", "other_method", "suspicious", "revised")
NOT_HERE = ("late", "missing", "other_method")
# What makes a figure suspicious, the most urgent question first.
SUSPICIOUS = (
    "doubtful", "over_100", "method_break", "weak_source", "period_inferred", "vintage_assumed",
    "derived_value",
)  # fmt: skip
TURNS_JUDGED = 30  # ours: for each revision all areas are judged twice
COLUMNS = (
    "plan_id", "area_code", "area_name", "finding", "indicator", "series", "breakdown", "period",
    "value", "qualifier", "due", "days_late", "flags", "old_value", "change", "turns", "reporter",
    "origin",
)  # fmt: skip


class Turn(NamedTuple):
    """A verdict whose status differs because of a revision.

    Attributes
    ----------
    deadline : int
        Year.
    before, after : str
        Statuses (`kts_analysis.schema.STATUSES`) without and with the revision.
    """

    area_code: str
    target_id: str
    deadline: int
    before: str
    after: str


@dataclass(frozen=True)
class Request:
    """What to ask one reporter about one area.

    Attributes
    ----------
    area_code : str
    reporter : str
        From the indicator's card; empty where it names none.
    send, confirm : tuple of mapping
        Rows of `findings`: figures that are not here, and figures to be confirmed.
    """

    area_code: str
    reporter: str
    send: tuple[Row, ...]
    confirm: tuple[Row, ...]


def findings(view: View, plan: Plan, *, areas: Iterable[str] | None = None) -> pd.DataFrame:
    """Return everything there is to ask about the figures of a plan.

    Parameters
    ----------
    view : View
        Where one stands: figures known on a day.
    plan : Plan
    areas : iterable of str, optional
        Codes of areas of the plan; by default all.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`, areas in the order given, then by kind (`KINDS`), indicator and period.
        ``value``, ``old_value`` percent 0-100 and ``change`` percentage points, NaN where there
        is none; ``due`` the last day in time, assumed from the delay of the series, empty where
        the series is not known; ``days_late`` days after it; ``turns`` a tuple of `Turn`, None
        where there are more than `TURNS_JUDGED` revisions; ``origin`` the worst of what a row
        rests on.
    """
    codes = list(plan.areas if areas is None else areas)
    cells = coverage(view, plan, areas=codes)
    used = _used_figures(view, cells)
    rows = [
        *_not_here(view, plan, cells),
        *_suspicious(view, plan, used),
        *_revised(view, plan, codes, {figure[:5] for figure in used}),
    ]
    place = {code: number for number, code in enumerate(codes)}
    order = {code: number for number, code in enumerate(indicators_of(plan))}
    rows.sort(
        key=lambda row: (
            place[row["area_code"]],
            KINDS.index(row["finding"]),
            order[row["indicator"]],
            row["period"],
        )
    )
    return pd.DataFrame({name: [row[name] for row in rows] for name in COLUMNS})


def by_urgency(found: pd.DataFrame) -> list[str]:
    """Return the areas there is something to ask about, the most urgent first.

    By the number of late figures, then of doubtful ones, then of missing ones, then of all; ties
    by code.
    """
    counts: dict[str, list[int]] = {}
    for row in rows_of(found):
        mine = counts.setdefault(row["area_code"], [0, 0, 0, 0])
        mine[0] += row["finding"] == "late"
        mine[1] += "doubtful" in row["flags"].split(";")
        mine[2] += row["finding"] in NOT_HERE
        mine[3] += 1
    return sorted(counts, key=lambda code: ([-number for number in counts[code]], code))


def requests(found: pd.DataFrame) -> list[Request]:
    """Return what to ask of whom: one request an area and reporter, the most urgent area first.

    Of an area's reporters the one with the most late figures comes first, then the one with the
    most to send, then the one with the most to confirm.
    """
    places = {code: place for place, code in enumerate(by_urgency(found))}
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows_of(found):
        groups.setdefault((row["area_code"], row["reporter"]), []).append(row)
    made = [
        Request(
            code,
            reporter,
            tuple(row for row in rows if row["finding"] in NOT_HERE),
            tuple(row for row in rows if row["finding"] not in NOT_HERE),
        )
        for (code, reporter), rows in groups.items()
    ]
    return sorted(
        made,
        key=lambda one: (
            places[one.area_code],
            -sum(row["finding"] == "late" for row in one.send),
            -len(one.send),
            -len(one.confirm),
        ),
    )


def _used_figures(view: View, cells: pd.DataFrame) -> list[Figure]:
    """Return the figures a report may rest on: of the method and the years asked for."""
    first = int(cells["year"].min()) if len(cells) else 0
    lines = cells[["area_code", "indicator", "series"]].drop_duplicates()
    return [
        figure
        for line in rows_of(lines)
        for figure in shown_figures(view, line["area_code"], line["indicator"])
        if line["series"] in ("", figure.series) and figure.period_end.year >= first
    ]


def _not_here(view: View, plan: Plan, cells: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for cell in rows_of(cells[cells["state"].isin(NOT_HERE)]):
        told = {"period": str(cell["year"]), "series": cell["series"], "origin": cell["origin"]}
        if cell["due"] is not None:
            late = (view.as_of - cell["due"]).days
            told |= {"due": cell["due"].isoformat(), "days_late": late}
        yield _row(view, plan, cell["area_code"], cell["indicator"], cell["state"], told)


def _suspicious(view: View, plan: Plan, used: Iterable[Figure]) -> Iterator[dict[str, Any]]:
    for figure in used:
        flags = [one for one in SUSPICIOUS if one in figure.flags.split(";")]
        if flags:
            told = figure._asdict() | {"flags": ";".join(flags)}
            yield _row(view, plan, figure.area_code, figure.indicator, "suspicious", told)


def _revised(
    view: View, plan: Plan, codes: Sequence[str], used: set[tuple[str, ...]]
) -> Iterator[dict[str, Any]]:
    revisions = find_revisions(view.known[view.known["area_code"].isin(codes)])
    mine = [one for one in revisions if one.key in used]
    judged = len(revisions) <= TURNS_JUDGED
    turns = _turns(view, plan, codes) if judged and mine else {}
    for one in mine:
        turned = tuple(turns.get((*one.key, one.day.isoformat()), ()))
        told = one.new._asdict() | {
            "flags": "",
            "old_value": one.old.value,
            "change": one.change,
            "turns": turned if judged else None,
            "origin": worst_origin({one.old.origin, one.new.origin}),
        }
        yield _row(view, plan, one.new.area_code, one.new.indicator, "revised", told)


def _turns(view: View, plan: Plan, codes: Sequence[str]) -> dict[tuple[str, ...], list[Turn]]:
    """Return the verdicts that turn on each revision, by its key and the day it is known from."""
    table = revised_verdicts(
        plan, view.known, registry=view.registry, areas=codes, as_of=view.as_of, method=view.method
    )
    found: dict[tuple[str, ...], list[Turn]] = {}
    names = ("area_code", "indicator", "series", "breakdown", "period", "known_from")
    for row in rows_of(table[table["flips"].astype(bool)]):
        turn = Turn(
            row["verdict_area"],
            row["target_id"],
            int(row["deadline"][:4]),
            row["status_before"],
            row["status_after"],
        )
        found.setdefault(tuple(row[name] for name in names), []).append(turn)
    return found


def _row(
    view: View, plan: Plan, code: str, indicator: str, finding: str, told: dict[str, Any]
) -> dict[str, Any]:
    numbers = dict.fromkeys(("value", "days_late", "old_value", "change"), float("nan"))
    row = dict.fromkeys(COLUMNS, "") | numbers | {"turns": ()}
    row |= {name: told[name] for name in COLUMNS if name in told}
    return row | {
        "plan_id": plan.id,
        "area_code": code,
        "area_name": view.registry.area(code).name,
        "indicator": indicator,
        "finding": finding,
        "reporter": view.registry.indicators[indicator].reporter.strip(),
    }
