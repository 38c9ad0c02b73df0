"""The words of the official rules: names, grades with their common meaning and rank, reasons.

A grade keeps its own office's word. Beside it stands a common meaning of four steps, so that the
words of different offices can be held against each other:

``on_track``
    The target is reached or is being reached at the pace so far.
``behind``
    Moving the right way, too slowly: the office's word asks for more speed.
``far_behind``
    Hardly moving, standing still or moving away.
``no_grade``
    The rule gives none, or its figures do not allow one.

The common meaning is ours; the cuts between an office's own words are the office's.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from kts_analysis.i18n import N_

Step = Literal["on_track", "behind", "far_behind", "no_grade"]
Evidence = Literal["verified", "read", "unverified"]

NO_STATUS = "not_available"


class Word(NamedTuple):
    """A grade's English text, its common meaning, and its rank among the rule's own (0 best)."""

    label: str
    step: Step
    rank: int


RULE_NAMES = {
    "statcan": N_("Statistics Canada / Open SDG"),
    "eurostat": N_("Eurostat"),
    "eustat": N_("Eustat (Basque Country)"),
    "unsd": N_("UN Statistics Division 2024-2026"),
    "unsd_2023": N_("UN Statistics Division 2023"),
    "sdsn": N_("SDSN pace"),
    "escap_csi": N_("UN ESCAP: current status"),
    "escap_api": N_("UN ESCAP: anticipated progress"),
    "jmp": N_("WHO/UNICEF JMP"),
    "aarr": N_("UNICEF AARR"),
    "igme": N_("UN IGME"),
}

# What the progress number of a rule is. Numbers are the offices' own: a ratio of 1 is the pace
# that is needed; ESCAP's gap and the JMP estimate are percent 0-100.
MEASURES = {
    "statcan": N_("growth so far / growth required"),
    "eurostat": N_("growth so far / growth required"),
    "eustat": N_("growth so far / growth required"),
    "unsd": N_("projected change / required change"),
    "unsd_2023": N_("projected change / required change"),
    "sdsn": N_("pace so far / pace required"),
    "escap_csi": N_("part of the way done, 0-10"),
    "escap_api": N_("part of the way still missing at the deadline"),
    "jmp": N_("estimate for the deadline"),
    "aarr": N_("yearly reduction so far / required"),
    "igme": N_("yearly reduction so far / required"),
}

_GROWTH_GRADES: dict[str, Word] = {
    "significant_progress": Word(N_("Significant progress"), "on_track", 0),
    "moderate_progress": Word(N_("Moderate progress"), "behind", 1),
    "insufficient_progress": Word(N_("Insufficient progress"), "far_behind", 2),
    "movement_away": Word(N_("Movement away"), "far_behind", 3),
    "no_change": Word(N_("No change"), "far_behind", 2),  # the three below: without a target only
    "moderate_deterioration": Word(N_("Moderate deterioration"), "far_behind", 3),
    "significant_deterioration": Word(N_("Significant deterioration"), "far_behind", 4),
}

GRADES: dict[str, dict[str, Word]] = {
    "statcan": {
        "target_achieved": Word(N_("At the target now"), "on_track", 0),
        "substantial_progress": Word(N_("Substantial progress"), "on_track", 1),
        "moderate_progress": Word(N_("Moderate progress"), "behind", 2),
        "limited_progress": Word(N_("Limited progress"), "far_behind", 3),
        "deterioration": Word(N_("Deterioration"), "far_behind", 4),
    },
    "eurostat": _GROWTH_GRADES,
    "eustat": _GROWTH_GRADES,
    "unsd": {
        "on_track": Word(N_("On track"), "on_track", 0),
        "moderate_progress": Word(N_("Moderate progress"), "behind", 1),
        "marginal_progress": Word(N_("Marginal progress"), "far_behind", 2),
        "stagnation": Word(N_("Stagnation"), "far_behind", 3),
        "regression": Word(N_("Regression"), "far_behind", 4),
    },
    "unsd_2023": {
        "on_track": Word(N_("On track"), "on_track", 0),
        "fair_progress": Word(N_("Fair progress"), "behind", 1),
        "stagnation_or_regression": Word(N_("Stagnation or regression"), "far_behind", 2),
    },
    "sdsn": {
        "on_track": Word(N_("On track or maintaining"), "on_track", 0),
        "moderately_improving": Word(N_("Moderately improving"), "behind", 1),
        "stagnating": Word(N_("Stagnating"), "far_behind", 2),
        "decreasing": Word(N_("Decreasing"), "far_behind", 3),
    },
    "escap_csi": {
        "target_reached": Word(N_("At the target now"), "on_track", 0),
        "at_marker": Word(N_("Where it should be by now"), "on_track", 1),
        "behind_marker": Word(N_("Behind where it should be by now"), "behind", 2),
        "regressed": Word(N_("Behind where it began"), "far_behind", 3),
    },
    "escap_api": {
        "maintain": Word(N_("Gets there at this pace or with little more"), "on_track", 0),
        "accelerate": Word(N_("Must speed up"), "behind", 1),
        "reverse": Word(N_("Must turn the trend round"), "far_behind", 2),
    },
    "jmp": {},
    "aarr": {
        "on_track": Word(N_("On track"), "on_track", 0),
        "off_track": Word(N_("Off track"), "behind", 1),
    },
    "igme": {
        "target_reached": Word(N_("At the target now"), "on_track", 0),
        "on_track": Word(N_("Gets there at this pace"), "on_track", 1),
        "accelerate": Word(N_("Must speed up"), "behind", 2),
    },
}

NO_GRADE = Word(N_("No grade"), "no_grade", -1)

STEPS: dict[Step, str] = {
    "on_track": N_("on track"),
    "behind": N_("behind"),
    "far_behind": N_("far behind or moving away"),
    "no_grade": N_("no grade"),
}

# Why a grade is what it is, or why there is none. A closed list.
REASONS = {
    "computed": N_("by the rule's formula"),
    "target_reached": N_("the newest figure stands at the target"),
    "held_since_base": N_("at the target in the base year and still"),
    "lost_since_base": N_("at the target in the base year, no longer"),
    "within_one_point": N_("within one point of a target of 0 or 100 percent"),
    "starts_at_limit": N_("the series starts at its natural limit"),
    "zero_replaced": N_("0.001 stands for zero, as the rule does"),
    "no_figures": N_("no figure by the deadline"),
    "no_base": N_("no figure in the base year or after it"),
    "one_figure": N_("one figure only"),
    "no_target": N_("the rule needs a target"),
    "deadline_before_base": N_("the deadline is not after the base year"),
    "target_equals_base": N_("the target equals the base value: no pace is required"),
    "zero_base": N_("the base value is zero: growth is not defined"),
    "zero_target": N_("the target is zero: growth is not defined"),
    "zero_value": N_("a value of zero has no logarithm"),
    "negative_value": N_("negative values have no growth rate"),
    "mixed_signs": N_("values on both sides of zero have no growth rate"),
    "no_time_left": N_("no time is left to the deadline"),
    "falling_only": N_("the rule is for falling indicators"),
    "gives_no_grade": N_("the rule estimates and gives no grade"),
    "too_far": N_("too far past the last figure for this rule"),
}

EVIDENCE: dict[Evidence, str] = {
    "verified": N_("verified against published results"),
    "read": N_("as read in the organisation's text or in code that follows it"),
    "unverified": N_("unverified"),
}
