"""Where an area stands among those of its level, on one target: a row of dots, its own marked."""

from __future__ import annotations

from statistics import median

from IPython.display import HTML

from kts_analysis.cases import Case
from kts_analysis.fragments import fragment
from kts_analysis.i18n import Messages
from kts_analysis.rows import Row, missing
from kts_analysis.small_charts import row_place, span
from kts_analysis.wording import threshold_text, value_text

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
    lines = [line for line in case.neighbours if line.figures]
    if len(lines) < FEWEST:
        return []
    newest = {line.area.code: line.figures[-1].value for line in lines}
    own = newest[case.area.code]
    lower_is_better = case.target.direction == "lower_is_better"
    better = sum(value < own if lower_is_better else value > own for value in newest.values())
    values = sorted(newest.values())
    sentence = m(
        "By the newest figures: place {place} of {n} areas side by side (lowest {low}, middle "
        "{middle}, highest {high}).",
        place=m.count(better + 1),
        n=m.count(len(values)),
        low=value_text(values[0], m),
        middle=value_text(round(median(values), 2), m),
        high=value_text(values[-1], m),
    )
    threshold = None if missing(verdict["threshold"]) else float(verdict["threshold"])
    low, high = span([*values, *([] if threshold is None else [threshold])])
    goal = None if threshold is None else row_place(threshold, low, high)
    place = row_place(own, low, high)
    part = fragment(
        "standing.html",
        m,
        sentence=sentence,
        synthetic=case.neighbours.origin == "synthetic",
        others=[
            row_place(value, low, high)
            for code, value in sorted(newest.items())
            if code != case.area.code
        ],
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


def _anchor(place: float) -> str:
    """Return how a text is set so that it stays inside the row."""
    if place < 25:
        return "start"
    return "end" if place > 75 else "middle"
