"""UN ESCAP: how much of the way is done (current status), and will it be (anticipated progress).

Source: ESCAP, "Progress assessment methodology" (data.unescap.org/resource-guides); the current
status formula as in a public script of UNICEF's Middle East and North Africa office. No published
numeric example of either index was found, so neither can be called ESCAP's own result.
"""

from __future__ import annotations

import numpy as np

from kts_analysis.rules.grade import Grade, Question, ends_of, no_grade
from kts_analysis.rules.words import Evidence

FULL_WAY = 10.0  # read
EXTRA_EFFORT, REVERSE = 10.0, 100.0  # percent of the way still missing: only remembered


def escap_csi(q: Question) -> Grade:
    """Grade how far the newest figure is on the way: ``10 d (y - y0) / |T - y0|``.

    Below zero is a step back (read). The cap of 10 at the target and the marker, ``10 (t - t0) /
    (tT - t0)``, that says where it should be today are only remembered, and so are the words.
    Edge cases: a target that equals the base gives no grade unless it still holds; one that was
    reached in the base year and no longer is has a negative index. A base year without a figure
    is the next year with one.
    """
    ends = ends_of(q)
    if isinstance(ends, str):
        return no_grade(q, "escap_csi", ends, "unverified", None)
    if q.target is None or q.target_year is None:
        return no_grade(q, "escap_csi", "no_target", "unverified", ends)

    def graded(status: str, reason: str, index: float, evidence: Evidence) -> Grade:
        years = ends.base_year, ends.year
        return Grade("escap_csi", status, reason, index, index, *years, evidence)

    if q.reaches(ends.value):
        held = "held_since_base" if q.reaches(ends.base) else "target_reached"
        return graded("target_reached", held, FULL_WAY, "unverified")
    if q.target == ends.base:
        return no_grade(q, "escap_csi", "target_equals_base", "unverified", ends)
    index = FULL_WAY * q.direction * (ends.value - ends.base) / abs(q.target - ends.base)
    if index < 0:
        reason = "lost_since_base" if q.reaches(ends.base) else "computed"
        return graded("regressed", reason, index, "read")
    marker = FULL_WAY * ends.years / (q.target_year - ends.base_year)
    status = "at_marker" if index >= marker else "behind_marker"
    return graded(status, "computed", index, "unverified")


def escap_api(q: Question) -> Grade:
    """Grade the part of the way still missing at the deadline.

    The number is ``100 |T - yT| / |T - y0|``, percent.
    ``yT`` stands on a straight line through all figures, weighted by the time since an origin (see
    :func:`weighted_line`); 0 when it reaches the target. To 10 % "maintain", to 100 %
    "accelerate", above "reverse". The formula and the cuts are only remembered: every grade is
    marked unverified. The origin decides verdicts: it is the first year minus 1 unless given, and
    the grade carries it.

    Edge cases: two figures of weight above zero are needed; a line that ends on the wrong side of
    the base is "reverse" also where the target was reached in the base year; a target that equals
    the base gives no grade unless the line holds it.
    """
    ends = ends_of(q)
    if isinstance(ends, str):
        return no_grade(q, "escap_api", ends, "unverified", None)
    if q.target is None or q.target_year is None:
        return no_grade(q, "escap_api", "no_target", "unverified", ends)
    origin = q.figures[0][0] - 1 if q.origin is None else q.origin
    projected = weighted_line(q.figures, q.target_year, origin)
    if projected is None:
        return no_grade(q, "escap_api", "one_figure", "unverified", ends)

    def graded(status: str, reason: str, missing: float) -> Grade:
        years = ends.base_year, ends.year
        return Grade(
            "escap_api", status, reason, missing, None, *years, "unverified", projected, origin
        )

    was_there = q.reaches(ends.base)
    if q.reaches(projected):
        return graded("maintain", "held_since_base" if was_there else "computed", 0.0)
    if q.target == ends.base:
        return no_grade(q, "escap_api", "target_equals_base", "unverified", ends)
    missing = 100 * abs(q.target - projected) / abs(q.target - ends.base)
    if q.direction * (projected - ends.base) < 0:
        return graded("reverse", "lost_since_base" if was_there else "computed", missing)
    if missing <= EXTRA_EFFORT:
        return graded("maintain", "computed", missing)
    return graded("accelerate" if missing <= REVERSE else "reverse", "computed", missing)


def weighted_line(
    figures: tuple[tuple[float, float], ...], year: float, origin: float
) -> float | None:
    """Return the value at `year` of the line whose figures weigh ``t - origin``.

    Weighted least squares ignores a common factor, so ``t / T`` and ``t / sum(t)`` give the same
    line; only the origin matters. That weights grow with time is read, their form is remembered
    (ESCAP working paper SD/WP/04).

    Returns
    -------
    float or None
        None when fewer than two figures have a weight above zero.

    Raises
    ------
    ValueError
        The origin lies after the first figure: a weight would be negative.
    """
    times, values = np.array(figures, dtype=float).T
    weights = times - origin
    if (weights < 0).any():
        raise ValueError(f"the origin {origin:g} lies after the first figure, {times[0]:g}")
    if np.count_nonzero(weights) < 2:
        return None
    centre = float(np.average(times, weights=weights))
    middle = float(np.average(values, weights=weights))
    away = times - centre
    slope = float((weights * away * (values - middle)).sum() / (weights * away**2).sum())
    return middle + slope * (year - centre)
