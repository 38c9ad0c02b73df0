"""One file that somebody sent: opened, understood by template or mapping, read figure by figure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from kts_analysis.errors import Problem, ProblemsError
from kts_analysis.i18n import N_
from kts_analysis.ingest.cells import Grid, place_of
from kts_analysis.ingest.columns import scale_problems
from kts_analysis.ingest.grids import open_grids
from kts_analysis.ingest.mapped import Mapped, read_mapped
from kts_analysis.ingest.mapping import Mapping
from kts_analysis.ingest.meaning import Entry, Reader
from kts_analysis.ingest.statements import FIGURES, Statement
from kts_analysis.ingest.template_reading import RawRow, is_template, read_template
from kts_analysis.ingest.totals import total_problems
from kts_analysis.ingest.workbooks import UNSTORED
from kts_analysis.registry import Registry
from kts_analysis.vi import nfc


@dataclass
class Read:
    """What came of files.

    Attributes
    ----------
    entries : list of Entry
        Figures understood, in the order of the files.
    problems : list of Problem
    totals, sections, notes : int
        Rows left out: totals, headings inside a table, texts under it.
    """

    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    totals: int = 0
    sections: int = 0
    notes: int = 0


def read_files(
    paths: Iterable[Path],
    registry: Registry,
    reader: Reader,
    *,
    mapping: Mapping | None = None,
    encoding: str | None = None,
) -> Read:
    """Read files that were sent.

    Parameters
    ----------
    paths : iterable of Path
        Templates that came back or, with a mapping, any workbooks or CSV files.
    registry : Registry
    reader : Reader
    mapping : Mapping, optional
        Where things stand in files that are no templates.
    encoding : str, optional
        Of CSV files that are not UTF-8.

    Returns
    -------
    Read
        A file that cannot be read is a problem among the others.
    """
    found = Read()
    for path, label in labels_of(paths).items():
        try:
            grids = [_called(grid, label) for grid in open_grids(path, encoding=encoding)]
        except ProblemsError as error:
            found.problems += [replace(problem, file=label) for problem in error.problems]
            continue
        found.problems += _notes(grids)
        statements = _statements(grids, registry, reader, mapping, found)
        said = len(reader.problems)
        entries = [entry for one in statements if (entry := reader.read(one)) is not None]
        found.problems += reader.problems[said:]
        found.problems += scale_problems(entries) + _unseen(entries, grids)
        found.entries += entries
        if not statements and not any(problem.file == label for problem in found.problems):
            # One district that sent its template back empty must not keep out the others.
            severity = "warning" if is_template(grids) else "error"
            message = N_("no figure was found in this file")
            found.problems.append(Problem(label, message, severity=severity))
    return found


def labels_of(paths: Iterable[Path]) -> dict[Path, str]:
    """Return what to call each file: by its name, with its folder where another has that name.

    A file that is given twice is there once.
    """
    once = {path.resolve(): path for path in reversed(list(paths))}
    files = list(reversed(once.values()))
    names = [nfc(path.name) for path in files]
    return {
        path: nfc(str(path)) if names.count(name) > 1 else name
        for path, name in zip(files, names, strict=True)
    }


def _called(grid: Grid, label: str) -> Grid:
    """Return a grid under the name its file has among the others."""
    notes = tuple(replace(note, file=label) for note in grid.notes)
    return replace(grid, file=label, notes=notes)


def _notes(grids: Sequence[Grid]) -> list[Problem]:
    """Return what is to be said of sheets; a template's own formulas are not read."""
    notes = [note for grid in grids for note in grid.notes]
    ours = is_template(grids)
    return [note for note in notes if not (ours and note.message == UNSTORED)]


def _unseen(entries: Iterable[Entry], grids: Iterable[Grid]) -> list[Problem]:
    """Say once a sheet that figures were read from rows or columns nobody sees."""
    problems = []
    for grid in grids:
        cells = [
            cell.ref
            for entry in entries
            if entry.statement.sheet == grid.sheet
            for name, cell in entry.statement.cells.items()
            if name in FIGURES and cell.value is not None
        ]
        unseen = [ref for ref in cells if _is_hidden(grid, ref)]
        if unseen:
            problems.append(
                Problem(
                    grid.file,
                    N_("{n} filled cells in hidden rows or columns were read too, the first here"),
                    params={"n": len(unseen)},
                    severity="warning",
                    sheet=grid.sheet,
                    cell=unseen[0],
                    remedy=N_("show all rows and columns and look whether they are meant"),
                )
            )
    return problems


def _is_hidden(grid: Grid, ref: str) -> bool:
    row, column = place_of(ref)
    return row in grid.hidden_rows or column in grid.hidden_columns


def _statements(
    grids: Sequence[Grid],
    registry: Registry,
    reader: Reader,
    mapping: Mapping | None,
    found: Read,
) -> list[Statement]:
    """Return the statements of a file, by template or by mapping."""
    if is_template(grids):
        rows, problems = read_template(grids, registry)
        found.problems += problems
        return [_statement(row) for row in rows]
    if mapping is None:
        message = N_("this is none of our templates")
        remedy = N_("say by --mapping where its figures stand")
        found.problems.append(Problem(grids[0].file, message, remedy=remedy))
        return []
    mapped: Mapped = read_mapped(grids, mapping.tables, reader.is_area)
    found.problems += mapped.problems + total_problems(mapped.totals)
    found.totals += len(mapped.totals)
    found.sections += mapped.sections
    found.notes += mapped.notes
    return mapped.statements


def _statement(row: RawRow) -> Statement:
    """Return a template's row as a statement: its keys and chosen words are codes already."""
    about = {
        "area_code": row.area,
        "indicator": row.indicator,
        "breakdown": row.breakdown,
        "period": row.period,
    }
    cells = {name: cell for name, cell in row.cells.items() if name not in row.codes}
    return Statement(row.file, row.sheet, row.row, about | dict(row.codes), cells)
