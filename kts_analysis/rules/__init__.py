"""Official progress rules side by side over one series and one target.

::

    from kts_analysis import rules

    rules.evaluate("statcan", {2015: 14.5, 2023: 10.4}, target=7.25, target_year=2030,
                   base_year=2015, direction=-1)
    rules.side_by_side({2020: 41.0, 2023: 62.5}, target=80, target_year=2025, direction=1)
"""

from kts_analysis.rules.compare import (
    Stability,
    by_step,
    disagree,
    past_years,
    side_by_side,
    stability,
    yearly,
)
from kts_analysis.rules.evaluation import RULES, evaluate
from kts_analysis.rules.grade import Grade
from kts_analysis.rules.statcan import aggregate

__all__ = [
    "RULES",
    "Grade",
    "Stability",
    "aggregate",
    "by_step",
    "disagree",
    "evaluate",
    "past_years",
    "side_by_side",
    "stability",
    "yearly",
]
