"""Indicator functions of online services, health and education: counts in, percent out.

Each function takes a numerator and a denominator of the same area and date and returns a
percentage; missing counts give a missing rate (see :func:`kts_analysis.ratios.percentage`).
"""

from __future__ import annotations

from kts_analysis.ratios import Rates, percentage


def adults_using_online_services(adults_using: Rates, adults: Rates) -> Rates:
    """Adults who used online public services, percent of the adult population.

    Parameters
    ----------
    adults_using : float, Series or array
        Adults who used them in the period, duplicates removed.
    adults : float, Series or array
        Adult population of the same area at the end of the period.

    Returns
    -------
    float, Series or array
        Percent, 0-100; above 100 when dossiers or accounts stand for people, returned as it is.

    Raises
    ------
    ImpossibleInput
        A zero or negative denominator, or a negative or infinite count.

    Notes
    -----
    ``100 * adults_using / adults``.
    Source: No official definition text was found; this is the reading of the target's own wording.
    Trap: the share of dossiers handled online is another indicator; accounts are not users.
    """
    return percentage(adults_using, adults, name="adults_using_online_services", may_exceed=True)


def people_with_health_record(people_with_record: Rates, population: Rates) -> Rates:
    """People with an electronic health record, percent of the population.

    Parameters
    ----------
    people_with_record : float, Series or array
        People for whom an electronic health record has been created.
    population : float, Series or array
        Population of the same area and date.

    Returns
    -------
    float, Series or array
        Percent, 0-100; above 100 through duplicates, deaths and people who moved away, returned as
        it is.

    Raises
    ------
    ImpossibleInput
        A zero or negative denominator, or a negative or infinite count.

    Notes
    -----
    ``100 * people_with_record / population``.
    Source: No official definition text was found; this is the reading of the target's own wording.
    Trap: records created, integrated and in use are three numbers.
    """
    return percentage(
        people_with_record, population, name="people_with_health_record", may_exceed=True
    )


def adults_using_telehealth(adults_using: Rates, adults: Rates) -> Rates:
    """Adults who used online health advice or remote care, percent of adults.

    Parameters
    ----------
    adults_using : float, Series or array
        Adults who used it in the period, duplicates removed.
    adults : float, Series or array
        Adult population of the same area at the end of the period.

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
    ``100 * adults_using / adults``.
    Source: No official definition text was found; this is the reading of the target's own wording.
    Trap: consultations are not people; facilities offering it are another indicator.
    """
    return percentage(adults_using, adults, name="adults_using_telehealth")


def institutions_digitally_governed(institutions_done: Rates, institutions: Rates) -> Rates:
    """Higher and vocational institutions with digital governance and materials, percent of all.

    Parameters
    ----------
    institutions_done : float, Series or array
        Universities, colleges and vocational institutions that meet the criterion.
    institutions : float, Series or array
        All such institutions in the area; leave both empty where there is none.

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
    ``100 * institutions_done / institutions``.
    Source: No official definition text was found; this is the reading of the target's own wording.
    Trap: with n institutions only multiples of 100/n occur; one of them moves the rate by many
    points.
    """
    return percentage(institutions_done, institutions, name="institutions_digitally_governed")


def schools_digital(schools_done: Rates, schools: Rates) -> Rates:
    """Schools that run digital transformation and digital materials, percent of schools.

    Parameters
    ----------
    schools_done : float, Series or array
        Primary, lower and upper secondary schools that run such activities.
    schools : float, Series or array
        All primary, lower and upper secondary schools in the area.

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
    ``100 * schools_done / schools``.
    Source: No official definition text was found; this is the reading of the target's own wording.
    Trap: the school year is not the calendar year; only multiples of 100/n occur.
    """
    return percentage(schools_done, schools, name="schools_digital")
