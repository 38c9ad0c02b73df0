"""What a file says of one figure: codes that are settled, and cells that must still be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kts_analysis.errors import Problem
from kts_analysis.ingest.cells import Cell
from kts_analysis.ingest.template_layout import FIGURES as FIGURES
from kts_analysis.ingest.template_layout import shown


@dataclass(frozen=True)
class Statement:
    """One figure as a file has it.

    Attributes
    ----------
    file, sheet : str
    row : int
        Line of the sheet.
    known : mapping
        Observation columns that are codes already (from a template, or stated by a mapping).
    cells : mapping
        Observation columns that stand in cells, as they stand there.
    factor : int
        1, or 100 where whoever maps the file says that its values are fractions of one.
    """

    file: str
    sheet: str
    row: int
    known: Mapping[str, str]
    cells: Mapping[str, Cell] = field(repr=False)
    factor: int = 1

    def problem(
        self,
        column: str,
        message: str,
        *,
        remedy: str | None = None,
        severity: str = "error",
        areas: tuple[str, ...] = (),
        **params: Any,
    ) -> Problem:
        """Return a problem with what this figure says in one column, at the cell that says it.

        What no cell says (a mapping, the name of the sheet) is told at the figure itself.
        """
        said = self.cells[column].value if column in self.cells else self.known.get(column)
        return Problem(
            self.file,
            message,
            found=shown(said),
            params=params,
            areas=areas,
            severity=severity,
            sheet=self.sheet,
            cell=self.ref(column),
            remedy=remedy,
        )

    def ref(self, column: str) -> str | None:
        """Return the cell a column stands in, else the first cell of the figure."""
        figures = (self.cells[name] for name in FIGURES if name in self.cells)
        own = self.cells.get(column, Cell())
        filled = next((cell.ref for cell in figures if not cell.blank), "")
        return own.ref or filled or next((c.ref for c in self.cells.values() if c.ref), None)


@dataclass
class Complaints:
    """Collects what is wrong with statements."""

    problems: list[Problem] = field(default_factory=list)

    def add(
        self,
        statement: Statement,
        column: str,
        message: str,
        remedy: str | None,
        severity: str = "error",
        **params: Any,
    ) -> None:
        """Note a problem of one column of a statement."""
        self.problems.append(
            statement.problem(column, message, remedy=remedy, severity=severity, **params)
        )
