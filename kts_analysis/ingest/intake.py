"""From files to the store: everything read, everything asked, all of it stored or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kts_analysis.batches import already_stored, append, problems_of
from kts_analysis.entries import Plan
from kts_analysis.errors import Problem
from kts_analysis.figures import Figures
from kts_analysis.i18n import N_
from kts_analysis.ingest.doubts import FLAG, doubts
from kts_analysis.ingest.files import Read, read_files
from kts_analysis.ingest.mapping import Mapping
from kts_analysis.ingest.meaning import Defaults, Entry, Reader
from kts_analysis.registry import Registry
from kts_analysis.store import load_observations

_NEW = "new"  # what the rows about to be stored are called until their cells are named


@dataclass(frozen=True)
class Intake:
    """What came of taking files in.

    Attributes
    ----------
    read : Read
        What the files hold.
    problems : list of Problem
        All problems, those of cells in the order of the files.
    new : list of Entry
        Figures that are, or without errors would be, stored.
    again : int
        Figures left out because the very same are stored already.
    path : Path, optional
        The new batch; None when nothing was stored.
    """

    read: Read
    problems: list[Problem]
    new: list[Entry]
    again: int
    path: Path | None

    @property
    def errors(self) -> list[Problem]:
        """The problems that keep everything out."""
        return [problem for problem in self.problems if problem.severity == "error"]


def take_in(
    paths: Sequence[Path],
    registry: Registry,
    plans: Iterable[Plan],
    *,
    defaults: Defaults | None = None,
    mapping: Mapping | None = None,
    encoding: str | None = None,
    store: bool = True,
    wait: bool = False,
) -> Intake:
    """Read files, check all they say, and store it as one batch if nothing is wrong.

    Parameters
    ----------
    paths : sequence of Path
    registry : Registry
        Of the data folder that is written to.
    plans : iterable of Plan
        Whose targets and sectors the files may name.
    defaults : Defaults, optional
        What holds for figures that do not say it themselves.
    mapping, encoding
        As in `read_files`.
    store : bool
        False: only look.
    wait : bool
        Wait for another writer.

    Returns
    -------
    Intake
        With an error nothing at all is stored. Figures with a warning of `doubts` are stored with
        the flag "doubtful".

    Raises
    ------
    KtsError
        The store cannot be written, or (LockedError) another writer holds it.
    """
    reader = Reader(registry, plans, defaults or Defaults())
    read = read_files(paths, registry, reader, mapping=mapping, encoding=encoding)
    entries, repeated = _once(read.entries)
    stored = already_stored([entry.cells for entry in entries], registry.root)
    new = [entry for entry, known in zip(entries, stored, strict=True) if not known]
    problems = read.problems + repeated + _held_against(new, registry)
    known = Figures(load_observations(registry.root).table)
    refused = {(p.file, p.sheet, p.cell) for p in problems if p.severity == "error"}
    sound = [entry for entry in new if not refused & _places(entry)]
    asked = doubts(sound, known, registry)
    for entry, _ in asked:
        entry.cells["flags"] = FLAG
    problems += [problem for _, problem in asked]
    problems += _beside_synthetic(new, known, paths)
    failed = any(problem.severity == "error" for problem in problems)
    path = None
    if store and new and not failed:
        path = append(
            [entry.cells for entry in new], registry.root, name=Path(paths[0]).stem, wait=wait
        )
    return Intake(read, problems, new, sum(stored), path)


def _once(entries: Iterable[Entry]) -> tuple[list[Entry], list[Problem]]:
    """Return entries without those that say the same twice; two that differ are a problem."""
    seen: dict[tuple[str, ...], Entry] = {}
    problems = []
    for entry in entries:
        first = seen.setdefault(entry.key, entry)
        if first is entry:
            continue
        at = first.statement
        place = f"{at.file}, {at.sheet}, {_ref(first, 'value')}"
        if first.cells == entry.cells:
            message, severity = (
                N_("the same figure stands at {place}; stored once"),
                "warning",
            )
        else:
            message, severity = N_("another figure for the same stands at {place}"), "error"
        problems.append(entry.statement.problem("value", message, severity=severity, place=place))
    return list(seen.values()), problems


def _held_against(entries: Sequence[Entry], registry: Registry) -> list[Problem]:
    """Return what the store has to say of new rows, each problem at the cell it is about."""
    found = problems_of([entry.cells for entry in entries], registry.root, label=_NEW)
    return [_at_cell(problem, entries) for problem in found]


def _at_cell(problem: Problem, entries: Sequence[Entry]) -> Problem:
    if problem.file != _NEW or problem.row is None:
        return problem
    entry = entries[problem.row - 2]  # the first row stands below the header
    return replace(
        problem,
        file=entry.statement.file,
        sheet=entry.statement.sheet,
        cell=_ref(entry, problem.column or "value"),
        row=None,
    )


def _places(entry: Entry) -> set[tuple[str, str | None, str | None]]:
    """Return the cells of a figure."""
    at = entry.statement
    return {(at.file, at.sheet, cell.ref) for cell in at.cells.values() if cell.ref}


def _ref(entry: Entry, column: str) -> str | None:
    """Return the cell a column came from, else the first cell of the figure."""
    cells = entry.statement.cells
    chosen = cells[column].ref if column in cells else ""
    return chosen or next((cell.ref for cell in cells.values() if cell.ref), None)


def _beside_synthetic(
    entries: Sequence[Entry], known: Figures, paths: Sequence[Path]
) -> list[Problem]:
    """Say that real figures will stand beside made-up ones, which mark every result."""
    if not any(entry.cells["origin"] != "synthetic" for entry in entries):
        return []
    mixed = sorted(
        {
            entry.cells["area_code"]
            for entry in entries
            for figure in known.at(entry.cells["area_code"], entry.cells["indicator"])
            if figure.origin == "synthetic"
        }
    )
    if not mixed:
        return []
    message = N_("the store holds synthetic figures of the same areas: {found}")
    remedy = N_("reports stay marked as synthetic until the sample is taken out of the data folder")
    problem = Problem(
        paths[0].name, message, found=", ".join(mixed), severity="warning", remedy=remedy
    )
    return [problem]
