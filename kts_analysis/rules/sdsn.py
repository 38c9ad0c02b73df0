"""SDSN Sustainable Development Report: straight pace so far over straight pace required.

Source: dashboards.sdgindex.org/chapters/methodology; the four words are read, the cuts at 50 and
100 percent of the required pace only remembered.
"""

from __future__ import annotations

from kts_analysis.rules.grade import Grade, Question, band, ends_of, no_grade
from kts_analysis.rules.words import Evidence

CUTS = ((1.0, "on_track"), (0.5, "moderately_improving"))  # only remembered


def sdsn(q: Question) -> Grade:
    """Grade by ``pace / needed``: points a year from base to newest over those to the target.

    ``needed = (T - y0) / (tT - t0)``. SDSN's target here is its "green threshold"; its window of
    recent years is not known to us, so the pace runs from the base year.

    Edge cases: a newest figure at the target is "on track or maintaining" whatever the pace; a
    pace of zero or away is "decreasing", also where the target was reached in the base year and
    no longer is; then, and where the target equals the base, there is no number.
    """
    ends = ends_of(q)
    if isinstance(ends, str):
        return no_grade(q, "sdsn", ends, "unverified", None)
    if q.target is None or q.target_year is None:
        return no_grade(q, "sdsn", "no_target", "unverified", ends)
    pace = q.direction * (ends.value - ends.base) / ends.years
    needed = q.direction * (q.target - ends.base) / (q.target_year - ends.base_year)
    ratio = pace / needed if needed > 0 else None

    def graded(status: str, reason: str, evidence: Evidence) -> Grade:
        years = ends.base_year, ends.year
        return Grade("sdsn", status, reason, ratio, None, *years, evidence)

    if q.reaches(ends.value):
        held = "held_since_base" if q.reaches(ends.base) else "target_reached"
        return graded("on_track", held, "read")
    if pace <= 0 or ratio is None:
        reason = "lost_since_base" if q.reaches(ends.base) else "computed"
        return graded("decreasing", reason, "read")
    return graded(band(ratio, CUTS, "stagnating"), "computed", "unverified")
