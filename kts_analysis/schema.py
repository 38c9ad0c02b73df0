"""The three tables everything is made of: observations, trajectories, verdicts.

Column names stand here once, with what each means; the data dictionary is generated from them.
Percent is 0-100. Missing is empty, never 0.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

QUALIFIERS = ("exact", "about", "at_least", "at_most", "estimate", "preliminary")
ORIGINS = ("published", "reported", "derived", "synthetic")
FLAGS = (
    "weak_source",  # a copy, mirror, forum or unrelated carrier of the figure
    "derived_value",  # arithmetic on two printed numbers, or the middle of a printed range
    "period_inferred",  # the source prints no year or month
    "vintage_assumed",  # published without a date: period end plus the series' lag
    "over_100",  # subscriptions, accounts or turns stand for people; kept, never clipped
    "harmonised",  # carried to other borders by counts
    "doubtful",  # a check asked about it when it came in (a jump, a fall, a wrong row)
    "method_break",  # method or definition changed from this figure on: no line across it
)
STATUSES = (
    "likely",
    "possible",
    "unlikely",
    "very_unlikely",
    "reached_early",
    "insufficient",
    "not_measured",
    "exceeded",
    "met",
    "missed",
    "unknown",
)

_NUMBER = r"^(-?[0-9]{1,15}(\.[0-9]{1,10})?)?$"
_PERIOD = r"^(19|20|21)[0-9][0-9](-(H[12]|Q[1-4]|(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?))?$"
_PARTIAL = r"^((19|20|21)[0-9][0-9](-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?)?$"


class Observations(pa.DataFrameModel):
    """One row = one published or reported figure, as text, exactly as the file holds it."""

    area_code: Series[str] = pa.Field(
        str_length={"min_value": 1}, description="area code as text (areas.csv)"
    )
    indicator: Series[str] = pa.Field(
        str_length={"min_value": 1}, description="indicator code (indicators.yml)"
    )
    series: Series[str] = pa.Field(
        str_length={"min_value": 1},
        description="measuring method (series.yml); two methods never form one line",
    )
    breakdown: Series[str] = pa.Field(description="sector of the plan where there is one")
    period: Series[str] = pa.Field(
        str_matches=_PERIOD,
        description="2024, 2024-H1, 2024-Q2, 2024-06 or 2024-06-30; a stock at its end",
    )
    value: Series[str] = pa.Field(str_matches=_NUMBER, description="percent 0-100, decimal point")
    numerator: Series[str] = pa.Field(str_matches=_NUMBER, description="count above the line")
    denominator: Series[str] = pa.Field(str_matches=_NUMBER, description="count below the line")
    denominator_concept: Series[str] = pa.Field(
        description="which population or register the denominator is"
    )
    qualifier: Series[str] = pa.Field(
        isin=QUALIFIERS, description="how the source qualifies the value; a bound is not a point"
    )
    vintage: Series[str] = pa.Field(
        str_matches=_PARTIAL, description="publication date (year or month when no more is known)"
    )
    origin: Series[str] = pa.Field(
        isin=ORIGINS, description="synthetic anywhere in a result marks the whole page"
    )
    source: Series[str] = pa.Field(
        str_length={"min_value": 1}, description="who published or reported the figure"
    )
    source_url: Series[str] = pa.Field(description="address of the source")
    flags: Series[str] = pa.Field(description="closed codes separated by ';'")
    note: Series[str] = pa.Field(description="everything else")

    class Config:
        """No column more, none less."""

        strict = True


class Trajectories(pa.DataFrameModel):
    """One row = one point of one area's line to one target."""

    area_code: Series[str] = pa.Field(description="area code")
    target_id: Series[str] = pa.Field(description="target of the plan")
    breakdown: Series[str] = pa.Field(description="sector where there is one, else empty")
    date: Series[str] = pa.Field(description="ISO date the point stands at")
    kind: Series[str] = pa.Field(
        isin=("observed", "fitted", "projected"), description="what kind of point"
    )
    value: Series[float] = pa.Field(description="percent; the median of a projection")
    qualifier: Series[str] = pa.Field(description="qualifier of an observed point, else empty")
    lo50: Series[float] = pa.Field(nullable=True, description="50% prediction interval, lower")
    hi50: Series[float] = pa.Field(nullable=True, description="50% prediction interval, upper")
    lo80: Series[float] = pa.Field(nullable=True, description="80% prediction interval, lower")
    hi80: Series[float] = pa.Field(nullable=True, description="80% prediction interval, upper")
    lo95: Series[float] = pa.Field(nullable=True, description="95% prediction interval, lower")
    hi95: Series[float] = pa.Field(nullable=True, description="95% prediction interval, upper")
    method: Series[str] = pa.Field(description="method of the projection")
    n_points: Series[int] = pa.Field(ge=0, description="points the projection rests on")
    horizon_years: Series[float] = pa.Field(description="years past the last observed point")
    origin: Series[str] = pa.Field(isin=ORIGINS, description="worst origin of the points used")

    class Config:
        """No column more, none less; empty columns get their type too."""

        strict = True
        coerce = True


class Verdicts(pa.DataFrameModel):
    """One row = the answer for one area, one target and one deadline."""

    area_code: Series[str] = pa.Field(description="area code")
    area_name: Series[str] = pa.Field(description="area name in Vietnamese")
    plan_id: Series[str] = pa.Field(description="plan the target belongs to")
    target_id: Series[str] = pa.Field(description="target of the plan")
    indicator: Series[str] = pa.Field(description="indicator the target is about")
    series: Series[str] = pa.Field(description="measuring method judged, empty without data")
    breakdown: Series[str] = pa.Field(description="worst sector, for a target over sectors")
    deadline: Series[str] = pa.Field(description="ISO date of the deadline")
    as_of: Series[str] = pa.Field(description="ISO date stood on: nothing published later is used")
    threshold: Series[float] = pa.Field(nullable=True, description="value to reach, percent")
    comparator: Series[str] = pa.Field(description="> and >= differ")
    verification: Series[str] = pa.Field(
        description="how well the threshold is confirmed; 'unverified' needs confirmation"
    )
    latest: Series[float] = pa.Field(nullable=True, description="newest figure, percent")
    latest_date: Series[str] = pa.Field(description="ISO date the newest figure stands at")
    latest_qualifier: Series[str] = pa.Field(description="qualifier of the newest figure")
    latest_flags: Series[str] = pa.Field(description="flags of the newest figure")
    gap: Series[float] = pa.Field(
        nullable=True, description="points still missing to the threshold; negative when past it"
    )
    pace_observed: Series[float] = pa.Field(
        nullable=True, description="points a year from the first to the newest figure"
    )
    pace_required: Series[float] = pa.Field(
        nullable=True, description="points a year from the as-of date to the deadline"
    )
    acceleration: Series[float] = pa.Field(
        nullable=True, description="required pace / observed pace; empty when not above zero"
    )
    pace_compound: Series[float] = pa.Field(
        nullable=True, description="required pace as compound growth, percent a year"
    )
    pace_log: Series[float] = pa.Field(
        nullable=True, description="required pace as logarithmic growth, percent a year"
    )
    pace_logit: Series[float] = pa.Field(
        nullable=True, description="required pace as change of the logit a year"
    )
    acceleration_compound: Series[float] = pa.Field(
        nullable=True, description="required / observed pace, both as compound growth"
    )
    acceleration_log: Series[float] = pa.Field(
        nullable=True, description="required / observed pace, both as logarithmic growth"
    )
    acceleration_logit: Series[float] = pa.Field(
        nullable=True, description="required / observed pace, both on the logit"
    )
    counted: Series[str] = pa.Field(description="what the denominator counts")
    denominator: Series[float] = pa.Field(nullable=True, description="newest denominator")
    gap_count: Series[float] = pa.Field(nullable=True, description="gap in heads")
    pace_required_count: Series[float] = pa.Field(
        nullable=True, description="required pace in heads a year"
    )
    projected: Series[float] = pa.Field(
        nullable=True,
        description="median of the predictive distribution at the deadline (of the worst sector)",
    )
    lo80: Series[float] = pa.Field(nullable=True, description="80% prediction interval, lower")
    hi80: Series[float] = pa.Field(nullable=True, description="80% prediction interval, upper")
    lo95: Series[float] = pa.Field(nullable=True, description="95% prediction interval, lower")
    hi95: Series[float] = pa.Field(nullable=True, description="95% prediction interval, upper")
    probability: Series[float] = pa.Field(
        nullable=True,
        description="chance of reaching the threshold at the deadline (all sectors), 0 to 1",
    )
    attainment_date: Series[str] = pa.Field(
        description="date the median reaches the threshold; empty: not within 25 years"
    )
    earliest: Series[str] = pa.Field(description="not before: 1 chance in 10 to have reached it")
    latest_likely: Series[str] = pa.Field(description="9 chances in 10 to have reached it")
    status: Series[str] = pa.Field(isin=STATUSES, description="one word of the closed list")
    reason: Series[str] = pa.Field(description="why this status (closed list)")
    method: Series[str] = pa.Field(description="method of the projection")
    n_points: Series[int] = pa.Field(ge=0, description="points the projection rests on")
    origin: Series[str] = pa.Field(description="worst origin of the points used; empty: no data")
    vintage: Series[str] = pa.Field(description="newest publication date used")
    flags: Series[str] = pa.Field(description="flags of the points used, separated by ';'")
    source: Series[str] = pa.Field(description="source of the newest figure")
    source_url: Series[str] = pa.Field(description="address of that source")

    class Config:
        """No column more, none less; empty columns get their type too."""

        strict = True
        coerce = True


OBSERVATION_COLUMNS = list(Observations.to_schema().columns)
TRAJECTORY_COLUMNS = list(Trajectories.to_schema().columns)
VERDICT_COLUMNS = list(Verdicts.to_schema().columns)

VERDICT_NUMBERS = [
    name for name, c in Verdicts.to_schema().columns.items() if "float" in str(c.dtype)
]
VERDICT_COUNTS = [name for name, c in Verdicts.to_schema().columns.items() if "int" in str(c.dtype)]


def verdict_dtype(name: str) -> str:
    """Return the type of a column of the verdict table, as its schema makes it."""
    if name in VERDICT_NUMBERS:
        return "float64"
    return "int64" if name in VERDICT_COUNTS else "str"


def keep(table: pd.DataFrame, wanted: Iterable[bool]) -> pd.DataFrame:
    """Return the rows wanted, one flag a row (a bare empty list would select columns instead)."""
    return table[np.fromiter(wanted, dtype=bool, count=len(table))]


def worst_origin(origins: set[str]) -> str:
    """Return the origin a result must carry: one synthetic figure makes it synthetic."""
    for name in ("synthetic", "derived", "reported", "published"):
        if name in origins:
            return name
    return ""


def join_flags(cells: list[str]) -> str:
    """Return the flags of several rows as one cell, each once, in the order of `FLAGS`."""
    present = {flag for cell in cells if cell for flag in cell.split(";") if flag}
    if not present:
        return ""
    return ";".join(flag for flag in FLAGS if flag in present)
