"""The columns of figures of a mapped table: which they are, and what their headings say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kts_analysis.errors import Problem
from kts_analysis.i18n import N_
from kts_analysis.ingest.cells import Cell, Grid, ref_of
from kts_analysis.ingest.mapping import Figures, Table, columns_in
from kts_analysis.ingest.words import clean, fold


@dataclass(frozen=True)
class Column:
    """A column of figures: which kind, and what its headings say."""

    number: int
    figures: Figures
    said: Mapping[str, Cell]  # observation column to the heading that says it

    @property
    def letters(self) -> str:
        """What the column is called."""
        return ref_of(1, self.number)[:-1]


Group = tuple[Column, ...]  # columns whose headings say the same: value and counts of one figure


def figure_groups(grid: Grid, table: Table) -> tuple[list[Group], list[Problem]]:
    """Return the columns of figures, those of one figure together, and what is wrong with them.

    With a problem no figure of the table can be trusted to be what its column says.
    """
    problems: list[Problem] = []
    columns: list[Column] = []
    for figures in table.figures:
        chosen = _chosen(grid, table, figures)
        if not chosen:
            message = N_("no column has the heading {found} in the header rows {rows}")
            rows = ", ".join(map(str, table.header_rows))
            problems.append(_problem(grid, message, figures.heading or "", rows=rows))
        columns += [Column(number, figures, _headings(grid, table, number)) for number in chosen]
    groups = _grouped(columns)
    return groups, problems + _clashes(grid, columns, groups)


def _chosen(grid: Grid, table: Table, figures: Figures) -> list[int]:
    """Return the columns of one kind of figure."""
    numbers = columns_in(figures.columns) if figures.columns else range(1, 1 + grid.last_column)
    if figures.heading is None:
        return list(numbers)
    wanted = fold(clean(figures.heading))
    return [
        number
        for number in numbers
        if any(
            wanted in fold(clean(str(grid.at(row, number).value or "")))
            for row in table.header_rows
        )
    ]


def _headings(grid: Grid, table: Table, number: int) -> dict[str, Cell]:
    """Return what the headings above a column say."""
    return {
        key: grid.at(where.header, number)
        for key, where in table.where.items()
        if where.header is not None
    }


def _grouped(columns: list[Column]) -> list[Group]:
    groups: dict[tuple[object, ...], list[Column]] = {}
    for column in columns:
        said = tuple((key, cell.value) for key, cell in sorted(column.said.items()))
        groups.setdefault(said, []).append(column)
    return [tuple(group) for group in groups.values()]


def _clashes(grid: Grid, columns: list[Column], groups: list[Group]) -> list[Problem]:
    """Return columns that are taken for two things, and columns nothing tells apart."""
    problems = []
    numbers = [column.number for column in columns]
    remedy = N_("say in the mapping file which columns or headings are meant")
    for letters in dict.fromkeys(c.letters for c in columns if numbers.count(c.number) > 1):
        message = N_("column {found} is taken for more than one kind of figure")
        problems.append(_problem(grid, message, letters, remedy))
    for group in groups:
        fields = [column.figures.field for column in group]
        alike = [column.letters for column in group if fields.count(column.figures.field) > 1]
        if len(set(alike)) > 1:
            message = N_("nothing tells the figures of the columns {found} apart")
            problems.append(_problem(grid, message, ", ".join(alike), remedy))
    return problems


def _problem(
    grid: Grid, message: str, found: str, remedy: str | None = None, **params: object
) -> Problem:
    return Problem(grid.file, message, found=found, params=params, sheet=grid.sheet, remedy=remedy)
