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
from kts_analysis.vi import nfc, slug

LONGEST_NAME = 60  # characters of a batch's name; file systems take no endless ones
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
    stored = _stored(entries, registry)
    new = [entry for entry, known in zip(entries, stored, strict=True) if not known]
    problems = read.problems + repeated + _held_against(new, registry)
    table = load_observations(registry.root).table
    refused = {(p.file, p.sheet, p.cell) for p in problems if p.severity == "error"}
    sound = [entry for entry in new if not refused & _places(entry)]
    asked = doubts(sound, table, registry)
    for entry, _ in asked:
        entry.cells["flags"] = FLAG
    problems += [problem for _, problem in asked]
    problems = _distinct(problems + _beside_synthetic(new, Figures(table), paths))
    failed = any(problem.severity == "error" for problem in problems)
    path = None
    if store and new and not failed:
        rows, name = [entry.cells for entry in new], _batch_name(paths[0])
        path = append(rows, registry.root, name=name, wait=wait)
    return Intake(read, problems, new, sum(stored), path)


def _stored(entries: Sequence[Entry], registry: Registry) -> list[bool]:
    """Return which figures stand in the store as they are, or with the flag they got there."""
    plain = [entry.cells for entry in entries]
    flagged = [cells | {"flags": FLAG} for cells in plain]
    known = already_stored(plain + flagged, registry.root)
    return [
        one or other for one, other in zip(known[: len(plain)], known[len(plain) :], strict=True)
    ]


def _batch_name(path: Path) -> str:
    """Return what to call the batch of a file; a name of signs alone makes no file name."""
    try:
        return slug(path.stem)[:LONGEST_NAME]
    except ValueError:
        return "figures"


def _distinct(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems without those that say the same of the same cell: a heading has many rows."""
    seen: dict[tuple[object, ...], Problem] = {}
    for one in problems:
        shown = (one.file, one.sheet, one.cell, one.severity, one.row, one.text())
        seen.setdefault(shown, one)
    return list(seen.values())


def _once(entries: Iterable[Entry]) -> tuple[list[Entry], list[Problem]]:
    """Return entries without those that say the same twice; two that differ are a problem."""
    seen: dict[tuple[str, ...], Entry] = {}
    problems = []
    for entry in entries:
        first = seen.setdefault(entry.key, entry)
        if first is entry:
            continue
        at = first.statement
        place = f"{at.file}, {at.sheet}, {at.ref('value')}"
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
        cell=entry.statement.ref(problem.column or "value"),
        row=None,
        column=None,
    )


def _places(entry: Entry) -> set[tuple[str, str | None, str | None]]:
    """Return the cells of a figure."""
    at = entry.statement
    return {(at.file, at.sheet, cell.ref) for cell in at.cells.values() if cell.ref}


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
        nfc(paths[0].name), message, found=", ".join(mixed), severity="warning", remedy=remedy
    )
    return [problem]
