"""Indicator functions of the digital economy: counts or values in, percent out.

Each function takes a numerator and a denominator of the same area and period and returns a
percentage; missing counts give a missing rate (see :func:`kts_analysis.ratios.percentage`).
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import NamedTuple

import pandas as pd

from kts_analysis.ratios import Rates, percentage


def digital_economy_share(value_added_digital: Rates, grdp: Rates) -> Rates:
    """Value added of the digital economy, percent of gross regional domestic product.

    Parameters
    ----------
    value_added_digital : float, Series or array
        Digital-economy value added created in the area in the period, current prices.
    grdp : float, Series or array
        Gross regional domestic product of the same area, period and prices.

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
    ``100 * value_added_digital / grdp``.
    Source: Nghị định 94/2022/NĐ-CP, formula and annual publication (one source, a damaged copy).
    Trap: the statistics office and the ministry measure differently; never join the two series.
    """
    return percentage(value_added_digital, grdp, name="digital_economy_share")


def digital_share_by_sector(value_added_digital: Rates, value_added: Rates) -> Rates:
    """Digital value added within each sector, percent of that sector's value added.

    Parameters
    ----------
    value_added_digital : float, Series or array
        Digital value added of each sector; a Series is labelled by sector.
    value_added : float, Series or array
        Value added of the same sectors, same period and prices.

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
    ``100 * value_added_digital / value_added``.
    Source: Quyết định 1354/QĐ-BTTTT (7/2022) lists it for ministries (one source, a press account);
    the formula is not verified.
    Trap: published sector contributions to GDP are points of GDP, not shares within a sector.
    """
    return percentage(value_added_digital, value_added, name="digital_share_by_sector")


def ecommerce_share_of_retail(ecommerce_sales: Rates, retail_sales: Rates) -> Rates:
    """Consumer e-commerce sales, percent of total retail sales.

    Parameters
    ----------
    ecommerce_sales : float, Series or array
        Business-to-consumer e-commerce sales in the area, same money unit as the denominator.
    retail_sales : float, Series or array
        Total retail sales of goods, with or without consumer services: state which.

    Returns
    -------
    float, Series or array
        Percent, 0-100; above 100 when sales counted above are not in the denominator, returned as
        it is.

    Raises
    ------
    ImpossibleInput
        A zero or negative denominator, or a negative or infinite count.

    Notes
    -----
    ``100 * ecommerce_sales / retail_sales``.
    Source: Quyết định 1354/QĐ-BTTTT (7/2022) lists it as a national indicator (one source, a press
    account); the formula is not verified.
    Trap: retail with and without consumer services are two denominators; mind billions and millions
    of đồng.
    """
    return percentage(
        ecommerce_sales, retail_sales, name="ecommerce_share_of_retail", may_exceed=True
    )


def enterprises_with_econtracts(users: Rates, active_enterprises: Rates) -> Rates:
    """Active enterprises that use electronic contracts, percent of active enterprises.

    Parameters
    ----------
    users : float, Series or array
        Active enterprises that use electronic contracts.
    active_enterprises : float, Series or array
        Enterprises active (not merely registered) in the area on the same date.

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
    ``100 * users / active_enterprises``.
    Source: Quyết định 1354/QĐ-BTTTT (7/2022) lists it (one source, a press account); the formula is
    not verified.
    Trap: registered against active enterprises; e-invoice rates reported in this column.
    """
    return percentage(users, active_enterprises, name="enterprises_with_econtracts")


def smes_on_platforms(users: Rates, active_smes: Rates) -> Rates:
    """Small and medium-sized enterprises using a digital platform, percent of active ones.

    Parameters
    ----------
    users : float, Series or array
        Small and medium-sized enterprises that use at least one digital platform.
    active_smes : float, Series or array
        Small and medium-sized enterprises active in the area on the same date.

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
    ``100 * users / active_smes``.
    Source: Quyết định 1354/QĐ-BTTTT (7/2022) lists it (one source, a press account); the formula is
    not verified.
    Trap: enterprises that tried or were reached by a programme are not users.
    """
    return percentage(users, active_smes, name="smes_on_platforms")


def digital_labour_share(digital_workers: Rates, labour_force: Rates) -> Rates:
    """People working in the digital economy, percent of the labour force.

    Parameters
    ----------
    digital_workers : float, Series or array
        People working in the digital economy.
    labour_force : float, Series or array
        Labour force aged 15 and over, same area and period.

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
    ``100 * digital_workers / labour_force``.
    Source: Quyết định 1354/QĐ-BTTTT (7/2022) lists two near relatives (one source, a press
    account); the formula is not verified.
    Trap: labour force, employed people and working-age population are three denominators.
    """
    return percentage(digital_workers, labour_force, name="digital_labour_share")


class WorstSector(NamedTuple):
    """The sector that decides a target set for every sector.

    Attributes
    ----------
    sector : hashable or None
        Label of the sector with the lowest share; None when no share is known.
    share : float
        Its share, percent; NaN when no share is known.
    missing : tuple
        Labels of the sectors without a share.
    """

    sector: Hashable | None
    share: float
    missing: tuple[Hashable, ...]

    @property
    def complete(self) -> bool:
        """Whether every sector has a share, so that the minimum is final."""
        return not self.missing


def worst_sector(shares: pd.Series[float]) -> WorstSector:
    """Lowest of the sector shares, with the sectors that have none.

    Parameters
    ----------
    shares : Series
        Percent, labelled by sector.

    Returns
    -------
    WorstSector
        Of equal shares the first one. With sectors missing, the true minimum may be lower: the
        result can show that a threshold is missed, never that it is reached.
    """
    missing = tuple(shares.index[shares.isna()].tolist())
    known = shares.dropna()
    if known.empty:
        return WorstSector(None, math.nan, missing)
    lowest = int(known.to_numpy(dtype=float).argmin())
    return WorstSector(known.index.tolist()[lowest], float(known.iloc[lowest]), missing)
