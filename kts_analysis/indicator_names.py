"""The names of the indicator functions, for what only asks whether there is one.

The functions themselves (`kts_analysis.indicators`) need numpy and pandas; a registry is read
without them.
"""

from __future__ import annotations

INDICATOR_FUNCTIONS: frozenset[str] = frozenset(
    {
        "digital_economy_share",
        "digital_share_by_sector",
        "ecommerce_share_of_retail",
        "enterprises_with_econtracts",
        "smes_on_platforms",
        "digital_labour_share",
        "adults_with_smartphone",
        "people_with_payment_account",
        "adults_with_esignature",
        "working_age_trained",
        "households_passed_by_fibre",
        "connected_people_protected",
        "adults_using_online_services",
        "people_with_health_record",
        "adults_using_telehealth",
        "institutions_digitally_governed",
        "schools_digital",
    }
)
