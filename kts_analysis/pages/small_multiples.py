"""One small trajectory an area, all on the same axes: who is where, and heading where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from IPython.display import HTML

from kts_analysis.cases import Case, make_case
from kts_analysis.entries import Target
from kts_analysis.fragments import fragment
from kts_analysis.i18n import Messages
from kts_analysis.pages.context import Context
from kts_analysis.periods import year_position
from kts_analysis.rows import Row, missing
from kts_analysis.schema import worst_origin
from kts_analysis.small_charts import shared_axes, trajectory_marks
from kts_analysis.tables import MOST, SHOWN
from kts_analysis.trajectories import trajectory_rows
from kts_analysis.vi import sort_key
from kts_analysis.wording import figure_text, short_chance, threshold_text


def small_multiples(
    context: Context, target: Target, home: Row, verdicts: Sequence[Row]
) -> list[HTML]:
    """Return a small trajectory for each area; of more than `MOST` areas those with most to go.

    Parameters
    ----------
    target : Target
        Of the page's plan.
    home : mapping
        Verdict of the home area: its threshold is drawn.
    verdicts : sequence of mapping
        Verdicts of the areas; those without a figure of this target are not shown.
    """
    c, m = context, context.m
    mine = [row for row in verdicts if row["target_id"] == target.id and row["n_points"] > 0]
    if len(mine) < 2:
        return []
    sentence = m("One picture an area; years and percent are the same in all of them.")
    if len(mine) > MOST:
        sentence += " " + m(
            "Shown are the {shown} areas of {n} with the most to go.",
            shown=m.count(SHOWN),
            n=m.count(len(mine)),
        )
        mine = sorted(mine, key=lambda row: (-_to_go(row), row["area_code"]))[:SHOWN]
    until = c.plan.outlook.deadline if c.plan.outlook and c.past else c.deadline
    found = []
    for row in sorted(mine, key=lambda row: sort_key(c.registry.area(row["area_code"]).name)):
        case = make_case(c.view, c.registry.area(row["area_code"]), c.plan, target, c.deadline)
        found.append((row, case, trajectory_rows(case, until)))
    threshold = None if missing(home["threshold"]) else float(home["threshold"])
    deadline = year_position(c.deadline_day)
    axes = shared_axes([path for _, _, path in found], threshold, deadline)
    if axes is None:
        return []
    sentence += " " + m(
        "Line: figures; dashed: projection with its 80% interval; long dashes: target "
        "({threshold}); dots: the deadline.",
        threshold=threshold_text(home, m),
    )
    part = fragment(
        "multiples.html",
        m,
        id=target.id,
        sentence=sentence,
        synthetic=worst_origin({case.origin for _, case, _ in found}) == "synthetic",
        areas=[_one(row, case, m) | trajectory_marks(path, axes) for row, case, path in found],
        goal=None if threshold is None else axes.y(threshold),
        till=axes.x(deadline),
        low=m.count(axes.low),
        high=m.count(axes.high),
        begin=int(axes.begin),
        end=int(axes.end),
    )
    return [part]


def _to_go(row: Row) -> float:
    return 0.0 if missing(row["gap"]) else float(row["gap"])


def _one(row: Row, case: Case, m: Messages) -> dict[str, Any]:
    """Return an area's name, and what its picture says."""
    text = figure_text(row["latest"], row["latest_qualifier"], m, row["threshold"])
    chance = short_chance(row["probability"], m)
    if chance:
        text = m("{figure}; chance {chance}", figure=text, chance=chance)
    return {"name": case.area.title(m.lang), "text": text}
