"""What was said of a deadline on earlier days, held against the figure that came."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pandas as pd

from kts_analysis.assessment import judge
from kts_analysis.entries import Plan
from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_
from kts_analysis.periods import parse_partial_date
from kts_analysis.rollup import below_home
from kts_analysis.views import View

CAME = {"exceeded": 1.0, "met": 1.0, "missed": 0.0}  # what the figure at the deadline decided
_FROM_THEN = ["status", "probability", "projected", "lo80", "hi80", "lo95", "hi95", "latest"]
_COLUMNS = [
    "said_on",
    "area_code",
    "target_id",
    *_FROM_THEN,
    "latest_date",
    "outcome",
    "came",
    "origin",
]
_FIGURES = [
    "latest_date",
    "statements",
    "not_judged",
    "expected",
    "came",
    "inside80",
    "inside95",
    "miss",
    "miss_no_change",
]


def look_back(view: View, plan: Plan, deadline: int, days: Iterable[date]) -> pd.DataFrame:
    """Return what was said on each day of each area and target, and what came.

    Parameters
    ----------
    view : View
        Where one stands now, after the deadline.
    plan : Plan
        Its areas below the home area are looked at.
    deadline : int
        Year.
    days : iterable of datetime.date
        Days before the deadline's end; nothing published after a day is used for what it says.

    Returns
    -------
    pandas.DataFrame
        One row a day, area and target: ``said_on, area_code, target_id``; as said then ``status,
        probability`` (0 to 1), ``projected, lo80, hi80, lo95, hi95, latest`` (percent),
        ``latest_date``; and what came: ``outcome`` (percent, the figure at the deadline), ``came``
        (1 reached, 0 not; both NaN where no figure decides), ``origin``.

    Raises
    ------
    KtsError
        A day lies after the deadline, or after the day of `view`.
    """
    last = min(parse_partial_date(deadline), view.as_of)
    frames = []
    for day in days:
        if day > last:
            message = N_("{day} is not before the deadline {deadline} and the newest figures")
            raise KtsError(message, day=day.isoformat(), deadline=str(deadline))
        codes = [area.code for area in below_home(plan, view.registry, day)]
        now = judge(view, plan, deadline, areas=codes)
        then = judge(view.on(day), plan, deadline, areas=codes)
        decided = now["status"].map(CAME).astype(float)
        table = then[["area_code", "target_id", *_FROM_THEN, "latest_date"]].copy()
        table["outcome"] = now["latest"].where(decided.notna())
        table["came"] = decided
        table["origin"] = now["origin"].where(now["origin"] != "", then["origin"])
        frames.append(table.assign(said_on=day.isoformat()))
    return (
        pd.concat(frames, ignore_index=True)[_COLUMNS] if frames else pd.DataFrame(columns=_COLUMNS)
    )


def summarise_days(said: pd.DataFrame) -> pd.DataFrame:
    """Return one row a day and target: how good the statements of that day were.

    Parameters
    ----------
    said : pandas.DataFrame
        From `look_back`.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``said_on, target_id``: ``latest_date`` of the newest figure used; how many
        ``statements`` (a chance was given and a figure at the deadline decided) and how many were
        ``not_judged`` then; ``expected``, what the chances add up to, and ``came``, how many did
        reach it; ``inside80, inside95``, the share (percent) of outcomes inside the interval;
        ``miss`` and ``miss_no_change``, the mean distance in points between the outcome and the
        projection, and between the outcome and the newest figure of that day.
    """
    rows = {key: _figures(part) for key, part in said.groupby(["said_on", "target_id"], sort=False)}
    index = pd.MultiIndex.from_tuples(list(rows), names=["said_on", "target_id"])
    return pd.DataFrame(list(rows.values()), index=index, columns=_FIGURES)


def _figures(part: pd.DataFrame) -> list[object]:
    stated = part[part["probability"].notna() & part["came"].notna()]
    inside = [
        100 * stated["outcome"].between(stated[f"lo{level}"], stated[f"hi{level}"]).mean()
        for level in (80, 95)
    ]
    return [
        part["latest_date"].max(),
        len(stated),
        int(part["probability"].isna().sum()),
        float(stated["probability"].sum()),
        int(stated["came"].sum()),
        *inside,
        float((stated["projected"] - stated["outcome"]).abs().mean()),
        float((stated["latest"] - stated["outcome"]).abs().mean()),
    ]


def as_chances(said: pd.DataFrame) -> pd.DataFrame:
    """Return the statements as `backtest.scores.reliability` reads them."""
    stated = said[said["probability"].notna() & said["came"].notna()]
    return pd.DataFrame(
        {
            "chance": stated["probability"],
            "came": stated["came"],
            "indicator": stated["target_id"],
            "unit": stated["area_code"],
        }
    )
