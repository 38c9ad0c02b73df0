"""Where an area stands among those of its level, on one target: a row of dots, its own marked."""

from __future__ import annotations

import numpy as np
from IPython.display import HTML

from kts_analysis.cases import Case
from kts_analysis.fragments import fragment
from kts_analysis.i18n import Messages
from kts_analysis.rows import Row, missing
from kts_analysis.small_charts import DOT, crowd, row_place, span
from kts_analysis.wording import threshold_text, value_text

MOST_DOTS = 100  # ours: more would hide one another, and make a page of a country's areas heavy
FEWEST = 3  # two areas are no field to stand in


def standing_row(case: Case, verdict: Row, m: Messages) -> list[HTML]:
    """Return the newest figures of the areas side by side; nothing where they are fewer than three.

    Parameters
    ----------
    case : Case
        Its neighbours are the areas of its level with figures by the same method.
    verdict : mapping
        Its row of the verdict table, for the threshold.
    """
    newest, values = case.neighbours.newest, case.neighbours.newest_sorted
    if len(values) < FEWEST:
        return []
    own = newest[case.area.code]
    if case.target.direction == "lower_is_better":
        better = int(np.searchsorted(values, own, side="left"))
    else:
        better = len(values) - int(np.searchsorted(values, own, side="right"))
    sentence = m(
        "By the newest figures: place {place} of {n} areas side by side (lowest {low}, middle "
        "{middle}, highest {high}).",
        place=m.count(better + 1),
        n=m.count(len(values)),
        low=value_text(float(values[0]), m),
        middle=value_text(round(float(np.median(values)), 2), m),
        high=value_text(float(values[-1]), m),
    )
    threshold = None if missing(verdict["threshold"]) else float(verdict["threshold"])
    ends = [float(values[0]), float(values[-1])]
    low, high = span([*ends, *([] if threshold is None else [threshold])])
    goal = None if threshold is None else row_place(threshold, low, high)
    place = row_place(own, low, high)
    part = fragment(
        "standing.html",
        m,
        sentence=sentence,
        synthetic=case.neighbours.origin == "synthetic",
        others=_dots(case, low, high),
        crowded=len(values) > MOST_DOTS,
        own=place,
        own_text=f"{case.area.title(m.lang)} {value_text(own, m)}",
        own_anchor=_anchor(place),
        goal=goal,
        goal_text=threshold_text(verdict, m),
        anchor=_anchor(goal or 0),
        low=m.percent(low, 0),
        high=m.percent(high, 0),
    )
    return [part]


def _dots(case: Case, low: float, high: float) -> list[tuple[float, str]]:
    """Return place and radius of the other areas' dots; of very many those near share one."""
    newest = case.neighbours.newest
    if len(newest) > MOST_DOTS:
        many = crowd(case.neighbours.newest_sorted, low, high)
        return [(place, f"{radius:g}") for place, radius in many]
    others = (value for code, value in newest.items() if code != case.area.code)
    return [(row_place(value, low, high), f"{DOT:g}") for value in others]


def _anchor(place: float) -> str:
    """Return how a text is set so that it stays inside the row."""
    if place < 25:
        return "start"
    return "end" if place > 75 else "middle"
