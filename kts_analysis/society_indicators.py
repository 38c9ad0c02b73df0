"""Indicator functions of digital access, skills and protection: counts in, percent out.

Each function takes a numerator and a denominator of the same area and date and returns a
percentage; missing counts give a missing rate (see :func:`kts_analysis.ratios.percentage`).
"""

from __future__ import annotations

from kts_analysis.ratios import Rates, percentage


def adults_with_smartphone(adults_with_phone: Rates, adults: Rates) -> Rates:
    """Adults who have a smartphone, percent of the adult population.

    Parameters
    ----------
    adults_with_phone : float, Series or array
        Adults (persons, not subscriptions) who have a smartphone.
    adults : float, Series or array
        Adult population of the same area and date; say which age counts as adult.

    Returns
    -------
    float, Series or array
        Percent, 0-100; above 100 when subscriptions stand for persons, returned as it is.

    Raises
    ------
    ImpossibleInput
        A zero or negative denominator, or a negative or infinite count.

    Notes
    -----
    ``100 * adults_with_phone / adults``.
    Source: No official definition text was found; this is the reading of the target's own wording.
    Trap: smartphones per subscription is another indicator; the age of an adult is not stated.
    """
    return percentage(adults_with_phone, adults, name="adults_with_smartphone", may_exceed=True)


def people_with_payment_account(people_with_account: Rates, people_15_plus: Rates) -> Rates:
    """People aged 15 and over with a payment account, percent of that age group.

    Parameters
    ----------
    people_with_account : float, Series or array
        People aged 15 and over with at least one account, duplicates removed.
    people_15_plus : float, Series or array
        Population aged 15 and over of the same area and date.

    Returns
    -------
    float, Series or array
        Percent, 0-100; above 100 when accounts stand for people, returned as it is.

    Raises
    ------
    ImpossibleInput
        A zero or negative denominator, or a negative or infinite count.

    Notes
    -----
    ``100 * people_with_account / people_15_plus``.
    Source: No official definition text was found; this is the reading of the target's own wording.
    Trap: accounts are not people; opened is not active; branches count by place of opening.
    """
    return percentage(
        people_with_account, people_15_plus, name="people_with_payment_account", may_exceed=True
    )


def adults_with_esignature(adults_with_valid_signature: Rates, adults: Rates) -> Rates:
    """Adults with a valid personal digital or electronic signature, percent of adults.

    Parameters
    ----------
    adults_with_valid_signature : float, Series or array
        Adults holding a personal signature that is valid on the date.
    adults : float, Series or array
        Adult population of the same area and date.

    Returns
    -------
    float, Series or array
        Percent, 0-100.

    Raises
    ------
    ImpossibleInput
        A numerator above the denominator, a zero or negative denominator, or a negative or infinite
        count.

    Notes
    -----
    ``100 * adults_with_valid_signature / adults``.
    Source: No official definition text was found; this is the reading of the target's own wording.
    Trap: certificates issued to date include expired ones, officials' and firms'.
    """
    return percentage(adults_with_valid_signature, adults, name="adults_with_esignature")


def working_age_trained(people_trained: Rates, working_age_people: Rates) -> Rates:
    """Working-age people trained in basic digital skills, percent of that age group.

    Parameters
    ----------
    people_trained : float, Series or array
        Working-age people already trained, duplicates removed.
    working_age_people : float, Series or array
        Working-age population of the same area and date.

    Returns
    -------
    float, Series or array
        Percent, 0-100; above 100 when training turns stand for people, returned as it is.

    Raises
    ------
    ImpossibleInput
        A zero or negative denominator, or a negative or infinite count.

    Notes
    -----
    ``100 * people_trained / working_age_people``.
    Source: No official definition text was found; this is the reading of the target's own wording.
    Trap: training turns (lượt) are not people; since the start is not this year.
    """
    return percentage(
        people_trained, working_age_people, name="working_age_trained", may_exceed=True
    )


def households_passed_by_fibre(households_passed: Rates, households: Rates) -> Rates:
    """Households covered (passed) by fibre broadband, percent of all households.

    Parameters
    ----------
    households_passed : float, Series or array
        Households that a fibre network covers, subscribed or not.
    households : float, Series or array
        All households of the same area and date.

    Returns
    -------
    float, Series or array
        Percent, 0-100; above 100 when subscriptions, firms included, stand for households, returned
        as it is.

    Raises
    ------
    ImpossibleInput
        A zero or negative denominator, or a negative or infinite count.

    Notes
    -----
    ``100 * households_passed / households``.
    Source: No official definition text was found; this is the reading of the target's own wording.
    Trap: covered (được phủ) is not subscribed; household counts change with mergers.
    """
    return percentage(
        households_passed, households, name="households_passed_by_fibre", may_exceed=True
    )


def connected_people_protected(people_protected: Rates, people_connected: Rates) -> Rates:
    """Connected people protected at a basic level, percent of connected people.

    Parameters
    ----------
    people_protected : float, Series or array
        Connected people who are protected at a basic level.
    people_connected : float, Series or array
        People connected to the network, same area and date.

    Returns
    -------
    float, Series or array
        Percent, 0-100.

    Raises
    ------
    ImpossibleInput
        A numerator above the denominator, a zero or negative denominator, or a negative or infinite
        count.

    Notes
    -----
    ``100 * people_protected / people_connected``.
    Source: No official definition text was found; this is the reading of the target's own wording.
    Trap: the basic level is defined in no text found; expect estimates or blanks.
    """
    return percentage(people_protected, people_connected, name="connected_people_protected")
