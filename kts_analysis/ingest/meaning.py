"""Statements become observations: every cell read, every doubt said, nothing guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from kts_analysis.entries import Plan
from kts_analysis.errors import Problem
from kts_analysis.i18n import N_
from kts_analysis.ingest.cells import Cell, CellValue
from kts_analysis.ingest.figure_cells import qualifier_of, read_figures, settled, written
from kts_analysis.ingest.figure_words import HALVES, LACKING, PERIOD_TROUBLES, UNKNOWN
from kts_analysis.ingest.moments import Moment, read_period
from kts_analysis.ingest.names import (
    Names,
    indicator_names,
    qualifier_names,
    sector_names,
    series_names,
)
from kts_analysis.ingest.places import Gazetteer
from kts_analysis.ingest.quantities import Quantity
from kts_analysis.ingest.statements import Complaints, Statement
from kts_analysis.ingest.template_layout import as_text
from kts_analysis.ingest.words import clean
from kts_analysis.periods import period_end
from kts_analysis.registry import Registry
from kts_analysis.schema import OBSERVATION_COLUMNS

PLAIN = ("denominator_concept", "source", "source_url", "note")  # free text


@dataclass(frozen=True)
class Defaults:
    """What holds for every figure of a file that does not say it itself.

    Attributes
    ----------
    series, source, vintage : str
        Observation columns; empty: the file must say, or the plan does.
    origin : {"reported", "synthetic"}
    year : int, optional
        Year of periods that name none.
    """

    series: str = ""
    source: str = ""
    vintage: str = ""
    origin: str = "reported"
    year: int | None = None


@dataclass
class Entry:
    """One figure understood: the observation it makes and the cells it came from.

    Attributes
    ----------
    statement : Statement
    cells : dict
        The 16 observation columns as text.
    figures : dict
        How each cell of figures was read.
    """

    statement: Statement
    cells: dict[str, str]
    figures: dict[str, Quantity] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """What must not stand twice."""
        names = ("area_code", "indicator", "series", "breakdown", "period", "vintage")
        return tuple(self.cells[name] for name in names)


class Reader:
    """Reads statements against a registry.

    Parameters
    ----------
    registry : Registry
    plans : iterable of Plan
        Whose targets and sectors may be named.
    defaults : Defaults
    """

    def __init__(self, registry: Registry, plans: Iterable[Plan], defaults: Defaults) -> None:
        self._registry, self._plans, self._defaults = registry, list(plans), defaults
        self._gazetteers: dict[date | None, Gazetteer] = {}
        self._indicators = indicator_names(registry, self._plans)
        self._series = series_names(registry)
        self._sectors = sector_names(self._plans)
        self._qualifiers = qualifier_names()
        self.complaints = Complaints()

    @property
    def problems(self) -> list[Problem]:
        """Everything that was wrong so far."""
        return self.complaints.problems

    def is_area(self, text: str) -> bool:
        """Return whether a text names an area of any time."""
        place = self._gazetteer(None).find(text)
        return bool(place.code or place.candidates)

    def read(self, statement: Statement) -> Entry | None:
        """Return the figure of a statement; None when it holds none or cannot be understood.

        What is wrong is added to `problems`.
        """
        before = len(self.problems)
        figures = read_figures(statement, self.complaints)
        if not any(one.value is not None or one.readings for one in figures.values()):
            return None  # nothing said, or each cell has its problem
        cells = dict.fromkeys(OBSERVATION_COLUMNS, "")
        cells["period"] = self._period(statement)
        cells["indicator"] = self._named(statement, "indicator", self._indicators)
        cells["area_code"] = self._area(statement, cells["period"])
        cells["breakdown"] = self._named(statement, "breakdown", self._sectors, needed=False)
        cells["series"] = self._method(statement, cells)
        cells["vintage"] = self._vintage(statement)
        cells["origin"] = self._defaults.origin
        cells |= {name: self._text(statement, name) for name in PLAIN}
        cells["source"] = cells["source"] or self._defaults.source
        if not cells["source"]:
            self.complaints.add(
                statement, "source", N_("no source is given"), N_("say who reports the figure")
            )
        card = self._registry.indicators.get(cells["indicator"])
        for name, quantity in figures.items():
            figures[name] = sure = settled(statement, name, quantity, card, self.complaints)
            if sure.value is not None:
                cells[name] = written(sure.value)
        self._check_halves(statement, figures)
        column = self._named(statement, "qualifier", self._qualifiers, needed=False)
        rough = self._moment(statement).preliminary
        cells["qualifier"] = qualifier_of(
            statement, figures, column, self.complaints, preliminary=rough
        )
        if any(problem.severity == "error" for problem in self.problems[before:]):
            return None
        return Entry(statement, cells, figures)

    def _check_halves(self, statement: Statement, figures: Mapping[str, Quantity]) -> None:
        """Say that one count lacks the other, where no rate stands beside it."""
        given = [name for name, one in figures.items() if one.value is not None or one.readings]
        if len(given) == 1 and given[0] in HALVES:
            remedy = N_("give both counts or the rate; if they are not known, leave the row empty")
            self.complaints.add(statement, given[0], HALVES[given[0]], remedy)

    # --- what the figure is about -----------------------------------------------------------------

    def _area(self, statement: Statement, period: str) -> str:
        known = statement.known.get("area_code")
        if known is not None:
            if not self._registry.has_area(known):
                message = N_("unknown area code {found} (not in areas.csv)")
                self.complaints.add(statement, "area_code", message, None)
            return known
        cell = _cell(statement, "area_code")
        if cell.blank:
            self.complaints.add(statement, "area_code", LACKING["area_code"], None)
            return ""
        day = period_end(period) if period else None
        place = self._gazetteer(day).find(cell.value)
        if place.code:
            return place.code
        remedy: str | None
        if place.ended or place.not_yet:
            message = N_("{found} did not exist at the end of {period}: {names}")
            codes = place.ended or place.not_yet
            remedy = N_("report the figure for the area that existed then")
        elif place.candidates:
            message = N_("{found} can be several areas: {names}")
            codes, remedy = place.candidates, N_("write the area's code, or its kind before it")
        else:
            message = N_("no area is called {found}; the nearest names are {names}")
            codes, remedy = place.nearest, N_("write the name or the code as in areas.csv")
        names = ", ".join(f"{self._registry.area(code).name} ({code})" for code in codes) or "—"
        self.complaints.add(
            statement, "area_code", message, remedy, names=names, period=period or "—"
        )
        return ""

    def _gazetteer(self, day: date | None) -> Gazetteer:
        if day not in self._gazetteers:
            self._gazetteers[day] = Gazetteer(self._registry.area_list, day)
        return self._gazetteers[day]

    def _moment(self, statement: Statement) -> Moment:
        cell = _cell(statement, "period")
        year = self._defaults.year
        known = statement.known.get("period")
        if known:
            return read_period(known, default_year=year)
        return read_period(cell.value, default_year=year, number_format=cell.number_format)

    def _period(self, statement: Statement) -> str:
        moment = self._moment(statement)
        if moment.readings:
            message = N_("{found} can mean several periods: {both}")
            remedy = N_("write it as 2024, 2024-06 or 2024-06-30")
            both = " / ".join(moment.readings)
            self.complaints.add(statement, "period", message, remedy, both=both)
        elif moment.trouble:
            words = PERIOD_TROUBLES[moment.trouble]
            self.complaints.add(statement, "period", *words, months=moment.months)
        return str(moment.period)

    def _named(
        self, statement: Statement, column: str, names: Names, *, needed: bool = True
    ) -> str:
        """Return the code that a column names."""
        text = statement.known.get(column) or as_text(_cell(statement, column).value)
        if not text:
            if needed:
                self.complaints.add(statement, column, LACKING[column], None)
            return ""
        found = names.find(text)
        if not found.code:
            alike = ", ".join(found.candidates or found.nearest) or "—"
            remedy = N_("write the code, or say in the mapping file what it means")
            self.complaints.add(statement, column, UNKNOWN[column], remedy, alike=alike)
        return found.code

    def _method(self, statement: Statement, cells: Mapping[str, str]) -> str:
        """Return the measuring method: as said, by default, or as the plan reads the target."""
        if statement.known.get("series") or not _cell(statement, "series").blank:
            return self._named(statement, "series", self._series)
        if self._defaults.series:
            return self._defaults.series
        if not cells["area_code"] or not cells["indicator"]:
            return ""
        level = self._registry.area(cells["area_code"]).level
        read = {
            target.series[level]
            for plan in self._plans
            for target in plan.targets
            if target.indicator == cells["indicator"] and level in target.series
        }
        if len(read) == 1:
            return read.pop()
        message = N_("no measuring method is given, and the plan names none for this level")
        self.complaints.add(statement, "series", message, N_("name one of series.yml"))
        return ""

    def _vintage(self, statement: Statement) -> str:
        """Return the day of publication: a date, a month or a year, or empty."""
        cell = _cell(statement, "vintage")
        known = statement.known.get("vintage", "")
        if not known and cell.blank:
            return self._defaults.vintage
        day = day_in(known or cell.value, cell.number_format)
        if not day:
            message = N_("{found} is not a date like 2024-12-31")
            self.complaints.add(statement, "vintage", message, None)
        return day

    def _text(self, statement: Statement, column: str) -> str:
        return clean(statement.known.get(column) or as_text(_cell(statement, column).value))


def _cell(statement: Statement, column: str) -> Cell:
    return statement.cells.get(column, Cell())


def day_in(raw: CellValue, number_format: str = "") -> str:
    """Return the day, month or year of publication a cell or an option names; empty: none."""
    moment = read_period(raw, number_format=number_format)
    plain = moment.period.replace("-", "").isdigit() and not moment.trouble
    return moment.period if plain else ""
