"""What can be wrong with an observation file (header, cells, rows): all of it at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from kts_analysis.cell_checks import COUNTS, Row
from kts_analysis.entries import Indicator
from kts_analysis.errors import Problem
from kts_analysis.i18n import N_
from kts_analysis.indicators import MAY_EXCEED
from kts_analysis.registry import Registry
from kts_analysis.schema import FLAGS, OBSERVATION_COLUMNS, keep

ROUNDING = 0.06  # a printed value and its counts may differ by the rounding of one decimal

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass
class _Complaints:
    """Collects the problems of one file; `hint` is the area its name speaks of."""

    label: str
    registry: Registry
    hint: tuple[str, ...] = ()
    problems: list[Problem] = field(default_factory=list)

    def add(
        self,
        row: Row,
        column: str,
        message: str,
        severity: str = "error",
        **params: object,
    ) -> None:
        """Note a problem of a row."""
        line, found, code = row.line, row.cells[column], row.cells["area_code"]
        # A mistyped code must not hide whose figure is missing: then the file's name speaks.
        areas = (code,) if self.registry.has_area(code) else self.hint
        problem = Problem(self.label, message, line, column, found, params, areas, severity)
        self.problems.append(problem)


def header_problems(header: list[str], label: str, areas: tuple[str, ...]) -> list[Problem]:
    """Return missing, unknown and repeated columns."""
    problems = []
    for name in OBSERVATION_COLUMNS:
        if name not in header:
            message = N_("the column is missing; the header row must have it")
            problems.append(Problem(label, message, 1, name, areas=areas))
    for name in header:
        if name not in OBSERVATION_COLUMNS:
            message = N_("unknown column; remove it or correct its name")
            problems.append(Problem(label, message, 1, name, found=name, areas=areas))
        elif header.count(name) > 1:
            message = N_("the column stands twice in the header row")
            problems.append(Problem(label, message, 1, name, found=name, areas=areas))
    return problems


def extra_cells(
    found: Iterable[tuple[int, str]], label: str, areas: tuple[str, ...]
) -> list[Problem]:
    """Return rows with more cells than the header has columns (often an unquoted comma).

    Parameters
    ----------
    found : iterable of (int, str)
        Line and first cell too many of each such row.
    """
    message = N_("more cells than columns, from {found} on; put a text with a comma in quotes")
    return [Problem(label, message, line, found=repr(cell), areas=areas) for line, cell in found]


def row_problems(
    rows: Iterable[Row], label: str, registry: Registry, hint: tuple[str, ...]
) -> list[Problem]:
    """Return what is wrong across the cells of a row, or against the registry."""
    complaints = _Complaints(label, registry, hint)
    sectors = plan_sectors(registry)
    for row in rows:
        _check_codes(row, registry, complaints)
        _check_place(row, hint, sectors, complaints)
        card = registry.indicators.get(row.cells["indicator"])
        _check_numbers(row, card, complaints)
    return complaints.problems


def plan_sectors(registry: Registry) -> set[str]:
    """Return the ids of the sectors of all plans."""
    return {sector for plan in registry.plans.values() for sector in plan.sector_ids()}


def flags_known(cell: str) -> bool:
    """Return whether a cell of flags holds none but those there are."""
    return all(flag in FLAGS for flag in cell.split(";") if flag)


def such_a_day(cell: str) -> bool:
    """Return whether a cell that has the form of a day is one of the calendar."""
    if not _DAY.fullmatch(cell):
        return True
    try:
        date.fromisoformat(cell)
    except ValueError:
        return False
    return True


def _check_codes(row: Row, registry: Registry, complaints: _Complaints) -> None:
    if row.cells["area_code"] and not registry.has_area(row.cells["area_code"]):
        complaints.add(row, "area_code", N_("unknown area code {found} (not in areas.csv)"))
    if row.cells["indicator"] and row.cells["indicator"] not in registry.indicators:
        message = N_("unknown indicator {found} (not in indicators.yml)")
        complaints.add(row, "indicator", message)
    if row.cells["series"] and row.cells["series"] not in registry.series:
        complaints.add(row, "series", N_("unknown series {found} (not in series.yml)"))
    if not flags_known(row.cells["flags"]):
        message = N_("found {found}; allowed: {allowed}")
        complaints.add(row, "flags", message, allowed=", ".join(FLAGS))
    for name in ("period", "vintage"):
        if not such_a_day(row.cells[name]):
            complaints.add(row, name, N_("there is no such day: {found}"))


def _check_place(
    row: Row, hint: tuple[str, ...], sectors: set[str], complaints: _Complaints
) -> None:
    """Check that a row lies in the right file and speaks of a sector that exists."""
    if (
        hint
        and row.cells["area_code"] not in hint
        and complaints.registry.has_area(row.cells["area_code"])
    ):
        message = N_("{found} stands in the file of area {area}; put it into its own")
        complaints.add(row, "area_code", message, area=hint[0])
    if row.cells["breakdown"] and row.cells["breakdown"] not in sectors:
        message = N_("unknown sector {found}; the plans have {known}")
        complaints.add(row, "breakdown", message, known=", ".join(sorted(sectors)) or "—")


def _check_numbers(row: Row, card: Indicator | None, complaints: _Complaints) -> None:
    """Check value, numerator and denominator of a row against each other."""
    try:
        value, above, below = (
            float(row.cells[name]) if row.cells[name] else None for name in COUNTS
        )
    except ValueError:
        return  # the schema has said so
    if value is None and (above is None or below is None):
        message = N_("neither a value nor both counts are given; leave the row out instead")
        complaints.add(row, "value", message)
    elif above is not None and above < 0:
        complaints.add(row, "numerator", N_("found {found}; a count is not below 0"))
    elif value is None and card is not None and card.function is None:
        message = N_("counts without a value: no function says how to make {indicator} from counts")
        complaints.add(row, "value", message, indicator=row.cells["indicator"])
    elif below is not None and below <= 0:
        message = N_("the denominator {found} must be above zero; leave it empty if there is none")
        complaints.add(row, "denominator", message)
    else:
        can_exceed = card is not None and card.bounds.reported_can_exceed
        if card is not None and card.function is not None:
            can_exceed = can_exceed and card.function in MAY_EXCEED
        _check_counts(row, value, above, below, can_exceed, complaints)
        _check_range(row, value, can_exceed, complaints)


def _check_counts(
    row: Row,
    value: float | None,
    above: float | None,
    below: float | None,
    can_exceed: bool,
    complaints: _Complaints,
) -> None:
    if above is None or below is None:
        return
    if above > below and not can_exceed:
        message = N_("numerator {found} is above denominator {below}")
        complaints.add(row, "numerator", message, below=row.cells["denominator"])
    elif value is not None and abs(value - 100 * above / below) > ROUNDING:
        message = N_("value {found} does not follow from its counts, which give {computed:.2f}")
        complaints.add(row, "value", message, computed=100 * above / below)
    elif value is None and above > below:
        message = N_(
            "numerator {found} is above denominator {below}: do subscriptions, accounts or turns "
            "stand for people?"
        )
        complaints.add(row, "numerator", message, "warning", below=row.cells["denominator"])


def _check_range(row: Row, value: float | None, can_exceed: bool, complaints: _Complaints) -> None:
    if value is None:
        return
    if value < 0:
        complaints.add(row, "value", N_("found {found}; a percentage is not below 0"))
    elif value > 100 and can_exceed:
        message = N_("{found} is above 100: do subscriptions, accounts or turns stand for people?")
        complaints.add(row, "value", message, "warning")
    elif value > 100:
        complaints.add(row, "value", N_("{found} is above 100, which cannot be here"))


def early_figures(table: pd.DataFrame) -> list[Problem]:
    """Return figures printed before their period was over: estimates of what is to come."""
    early = keep(
        table, (a < b for a, b in zip(table["vintage_date"], table["period_end"], strict=True))
    )
    message = N_("published on {found}, before its period ended on {end}: it counts from that day")
    problems = []
    for _, row in early.iterrows():
        file, line = row["row"].rsplit(":", 1)
        params = {"end": row["period_end"].isoformat()}
        found, areas = row["vintage_date"].isoformat(), (row["area_code"],)
        problems.append(
            Problem(file, message, int(line), "vintage", found, params, areas, "warning")
        )
    return problems


def future_figures(table: pd.DataFrame, today: date) -> list[Problem]:
    """Return figures dated after today: a mistyped year would move the day everything stands on.

    The clock only refuses here; no result depends on it.
    """
    problems = []
    names = ("vintage", "period_end", "vintage_date", "row", "area_code")
    cells = zip(*(table[name].tolist() for name in names), strict=True)
    for vintage, end, published, row, code in cells:
        day = published if vintage else end
        if day > today:
            file, line = row.rsplit(":", 1)
            column = "vintage" if vintage else "period"
            message = N_("{found} lies in the future")
            problems.append(Problem(file, message, int(line), column, str(day), areas=(code,)))
    return problems


def duplicates(table: pd.DataFrame) -> tuple[list[Problem], set[str]]:
    """Return reported figures that stand twice, and all their rows: neither can be trusted.

    Published figures may stand twice: several carriers print the same number.
    """
    key = ["area_code", "indicator", "series", "breakdown", "period", "vintage"]
    reported = table[table["origin"] != "published"]
    message = N_(
        "{found} stands twice with the same publication date; a revision needs a later one"
    )
    problems = []
    for _, row in reported[reported.duplicated(key, keep="first")].iterrows():
        file, line = row["row"].rsplit(":", 1)
        found = f"{row['area_code']} {row['indicator']} {row['period']}"
        areas = (row["area_code"],)
        problems.append(Problem(file, message, int(line), found=found, areas=areas))
    return problems, set(reported[reported.duplicated(key, keep=False)]["row"])
