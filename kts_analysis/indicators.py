"""The indicator functions by name: one pure function per indicator, unit in, unit out.

Which function belongs to which indicator code is data (the indicator register), not code.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from kts_analysis.economy_indicators import (
    WorstSector,
    digital_economy_share,
    digital_labour_share,
    digital_share_by_sector,
    ecommerce_share_of_retail,
    enterprises_with_econtracts,
    smes_on_platforms,
    worst_sector,
)
from kts_analysis.ratios import OVER_100, Impossible, ImpossibleInput, Rates, over_100_flags
from kts_analysis.service_indicators import (
    adults_using_online_services,
    adults_using_telehealth,
    institutions_digitally_governed,
    people_with_health_record,
    schools_digital,
)
from kts_analysis.society_indicators import (
    adults_with_esignature,
    adults_with_smartphone,
    connected_people_protected,
    households_passed_by_fibre,
    people_with_payment_account,
    working_age_trained,
)

__all__ = [
    "FUNCTIONS",
    "MAY_EXCEED",
    "OVER_100",
    "Impossible",
    "ImpossibleInput",
    "WorstSector",
    "adults_using_online_services",
    "adults_using_telehealth",
    "adults_with_esignature",
    "adults_with_smartphone",
    "compute",
    "connected_people_protected",
    "digital_economy_share",
    "digital_labour_share",
    "digital_share_by_sector",
    "ecommerce_share_of_retail",
    "enterprises_with_econtracts",
    "flags",
    "households_passed_by_fibre",
    "institutions_digitally_governed",
    "people_with_health_record",
    "people_with_payment_account",
    "schools_digital",
    "smes_on_platforms",
    "working_age_trained",
    "worst_sector",
]

IndicatorFunction = Callable[[Any, Any], Any]

FUNCTIONS: Mapping[str, IndicatorFunction] = MappingProxyType(
    {
        function.__name__: function
        for function in (
            digital_economy_share,
            digital_share_by_sector,
            ecommerce_share_of_retail,
            enterprises_with_econtracts,
            smes_on_platforms,
            digital_labour_share,
            adults_with_smartphone,
            people_with_payment_account,
            adults_with_esignature,
            working_age_trained,
            households_passed_by_fibre,
            connected_people_protected,
            adults_using_online_services,
            people_with_health_record,
            adults_using_telehealth,
            institutions_digitally_governed,
            schools_digital,
        )
    }
)

# Reported rates above 100 occur here, for the reason each docstring gives. Such a rate is
# flagged and kept; everywhere else a numerator above its denominator is an error.
MAY_EXCEED: frozenset[str] = frozenset(
    {
        "ecommerce_share_of_retail",
        "adults_with_smartphone",
        "people_with_payment_account",
        "working_age_trained",
        "households_passed_by_fibre",
        "adults_using_online_services",
        "people_with_health_record",
    }
)


def compute(function_name: str, numerator: Rates, denominator: Rates) -> Rates:
    """Apply an indicator function chosen by name.

    Parameters
    ----------
    function_name : str
        A key of ``FUNCTIONS``.
    numerator, denominator : float, Series or array
        As the function's own docstring says.

    Returns
    -------
    float, Series or array
        Percent.

    Raises
    ------
    ValueError
        No such function; the message names the nearest ones.
    ImpossibleInput
        As the function.
    """
    result: Rates = FUNCTIONS[_known(function_name)](numerator, denominator)
    return result


def flags(function: str | IndicatorFunction, rate: Rates) -> Any:
    """Flag codes of computed or reported rates; no rate is ever changed.

    Parameters
    ----------
    function : str or callable
        A key of ``FUNCTIONS`` or the function itself.
    rate : float, Series or array
        Percent.

    Returns
    -------
    str, Series or array of str
        ``over_100`` where the rate is above 100, else empty, in the shape of `rate`.

    Raises
    ------
    ValueError
        No such function.
    ImpossibleInput
        A rate below 0, infinite, or above 100 where that cannot be.
    """
    name = function if isinstance(function, str) else getattr(function, "__name__", str(function))
    known = _known(name)
    return over_100_flags(rate, name=known, may_exceed=known in MAY_EXCEED)


def _known(name: str) -> str:
    if name not in FUNCTIONS:
        near = difflib.get_close_matches(name, FUNCTIONS, n=3, cutoff=0.5) or sorted(FUNCTIONS)
        raise ValueError(f"no indicator function {name!r}; did you mean {', '.join(near)}?")
    return name
