"""What to say of a cell that cannot be read: what is wrong, and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kts_analysis.i18n import N_

Words = Mapping[str, tuple[str, str | None]]

REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        "number": N_("write one number, or leave the cell empty if it is not known"),
        "count": N_("write how many there are, not which share"),
        "period": N_("write 2024, 2024-H1, 2024-Q2, 2024-06 or 2024-06-30"),
    }
)

# Codes of `quantities.TROUBLES`.
TROUBLES: Words = MappingProxyType(
    {
        "not_a_number": (N_("{found} is not a number"), REMEDIES["number"]),
        "other_words": (
            N_("{found} holds words that may change what its number means"),
            N_("write the number alone and put the words in the note"),
        ),
        "bad_grouping": (
            N_("the points and commas of {found} make no number"),
            N_("write 1.234,5 or 1234,5"),
        ),
        "two_numbers": (N_("{found} holds more than one number"), REMEDIES["number"]),
        "range": (
            N_("{found} is a range, not a figure"),
            N_("ask for the figure; a range cannot be judged"),
        ),
        "share_of_plan": (
            N_("{found} is a share of the plan, not the level reached"),
            N_("ask for the level itself"),
        ),
        "aim": (
            N_("{found} is an aim or a forecast, not an observed figure"),
            N_("leave the cell empty until the figure is there"),
        ),
        "change": (
            N_("{found} says by how much it rose or fell, not where it stands"),
            N_("ask for the level itself"),
        ),
        "date_in_number_cell": (
            N_("{found} is a date where a number belongs"),
            N_("type the number again with the cell's format set to Number"),
        ),
        "error_value": (
            N_("the cell shows the error {found}"),
            N_("mend the formula, or type the number"),
        ),
        "formula_text": (
            N_("{found} is a formula typed as text"),
            N_("type the number itself"),
        ),
        "boolean": (N_("{found} is true or false, not a number"), REMEDIES["number"]),
        "too_long": (N_("this is a text, not a number"), REMEDIES["number"]),
    }
)

# By observation column: what to say of a name that is not known, and of one that is not there.
UNKNOWN: Mapping[str, str] = MappingProxyType(
    {
        "indicator": N_("no indicator is called {found}; the nearest are: {alike}"),
        "breakdown": N_("no sector is called {found}; the nearest are: {alike}"),
        "series": N_("no measuring method is called {found}; the nearest are: {alike}"),
        "qualifier": N_("{found} does not say how the figure is stated; the nearest are: {alike}"),
    }
)
LACKING: Mapping[str, str] = MappingProxyType(
    {
        "indicator": N_("nothing says which indicator this figure is of"),
        "area_code": N_("nothing says which area this figure is of"),
    }
)
# By the count that is there.
HALVES: Mapping[str, str] = MappingProxyType(
    {
        "numerator": N_("the numerator {found} has no denominator beside it"),
        "denominator": N_("the denominator {found} has no numerator beside it"),
    }
)

# Codes of `moments.TROUBLES`.
PERIOD_TROUBLES: Words = MappingProxyType(
    {
        "blank": (N_("the period is missing"), REMEDIES["period"]),
        "not_a_period": (N_("{found} is not a period"), REMEDIES["period"]),
        "no_year": (N_("{found} does not say of which year"), REMEDIES["period"]),
        "short_year": (N_("{found} has a year of two digits"), REMEDIES["period"]),
        "year_out_of_range": (N_("the year in {found} cannot be"), REMEDIES["period"]),
        "no_such_month": (N_("{found} names a month that there is not"), REMEDIES["period"]),
        "no_such_day": (N_("{found} names a day that there is not"), REMEDIES["period"]),
        "month_first": (
            N_("{found} has the month before the day"),
            N_("write day/month/year, or 2024-12-31"),
        ),
        "cumulative_months": (
            N_("{found} runs over {months} months, which is none of the periods kept here"),
            N_("give the figure of the half year or the year, or of a day"),
        ),
        "school_year": (
            N_("{found} is a school year, which lies in two calendar years"),
            N_("give the day the figure stands at, such as 2024-06-30"),
        ),
        "several_periods": (N_("{found} names several periods"), REMEDIES["period"]),
        "aim": (
            N_("{found} is the year of a plan or a forecast, not of an observed figure"),
            N_("give only figures that have been observed"),
        ),
        "boolean": (N_("{found} is not a period"), REMEDIES["period"]),
        "too_long": (N_("this is a text, not a period"), REMEDIES["period"]),
    }
)
