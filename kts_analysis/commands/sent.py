"""What is said of files that were sent: every problem, marked copies, what came of it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

from kts_analysis.errors import KtsError, Problem
from kts_analysis.i18n import Messages
from kts_analysis.vi import slug

if TYPE_CHECKING:
    from kts_analysis.ingest.intake import Intake

SHOWN_AT_MOST = 200  # of errors, and of warnings; the marked copies hold them all
LONGEST_NAME = 60  # characters of a file's name in that of its marked copy


def report(
    intake: Intake,
    files: Sequence[Path],
    m: Messages,
    *,
    looked: bool,
    marked: Path | None = None,
    encoding: str = "",
) -> None:
    """Print all problems to stderr, write marked copies, and print to stdout what came of it.

    Parameters
    ----------
    intake : Intake
    files : sequence of Path
        As they were taken in.
    m : Messages
    looked : bool
        Nothing was to be stored.
    marked : Path, optional
        Folder of the marked copies; by default each lies beside its file.
    encoding : str
        Of CSV files.
    """
    _tell(intake.problems, m)
    for path in _marked_copies(files, intake.problems, marked, m, encoding):
        print(m("every fault is marked in the copy {file}", file=path), file=sys.stderr)
    for line in _summary(intake, m, looked=looked):
        print(line)


def _tell(problems: Sequence[Problem], m: Messages) -> None:
    """Print problems, errors first."""
    for severity, word in (("error", m("error")), ("warning", m("warning"))):
        mine = [problem for problem in problems if problem.severity == severity]
        for problem in mine[:SHOWN_AT_MOST]:
            print(f"{word}: {problem.text(m)}", file=sys.stderr)
        left = len(mine) - SHOWN_AT_MOST
        if left > 0:
            print(m("{word}: {n} more", word=word, n=m.count(left)), file=sys.stderr)


def _marked_copies(
    files: Iterable[Path],
    problems: Sequence[Problem],
    folder: Path | None,
    m: Messages,
    encoding: str,
) -> list[Path]:
    """Write a marked copy of each file with a fault in a cell; one that cannot be is told."""
    from kts_analysis.ingest.files import labels_of
    from kts_analysis.ingest.marked import write_marked

    written = []
    for file, label in labels_of(files).items():
        mine = [problem for problem in problems if problem.file == label]
        if not any(problem.cell for problem in mine):
            continue
        place = folder or file.parent
        try:
            place.mkdir(parents=True, exist_ok=True)
            target = _free_path(place, file.stem)
            written.append(write_marked(file, mine, target, lang=m.lang, encoding=encoding or None))
        except (KtsError, OSError) as error:
            detail = error.text(m) if isinstance(error, KtsError) else error.strerror
            text = m(
                "the marked copy of {file} cannot be written in {folder}: {detail}; choose another "
                "folder with --marked",
                file=label,
                folder=place,
                detail=detail,
            )
            print(text, file=sys.stderr)
    return written


def _free_path(folder: Path, stem: str) -> Path:
    """Return where a marked copy goes: an earlier one may hold somebody's corrections already."""
    try:
        words = slug(stem)[:LONGEST_NAME]
    except ValueError:
        words = "file"
    numbered = (f"{words}-can-sua-{number}.xlsx" for number in count(2))
    names = chain([f"{words}-can-sua.xlsx"], numbered)
    return next(folder / name for name in names if not (folder / name).exists())


def _summary(intake: Intake, m: Messages, *, looked: bool) -> list[str]:
    """Return what came of it, in a few lines."""
    read, lines = intake.read, []
    warnings = m.count(len(intake.problems) - len(intake.errors))
    new = m.count(len(intake.new))
    if read.totals or read.sections or read.notes:
        lines.append(
            m(
                "left out of the tables: {totals} rows of totals, {sections} headings, {notes} "
                "rows of text",
                totals=m.count(read.totals),
                sections=m.count(read.sections),
                notes=m.count(read.notes),
            )
        )
    if intake.again:
        again = m.count(intake.again)
        lines.append(m("{n} figures are stored already, every cell the same", n=again))
    if intake.errors:
        text = m(
            "nothing was stored: {errors} errors, {warnings} warnings in {rows} figures read",
            errors=m.count(len(intake.errors)),
            warnings=warnings,
            rows=m.count(len(read.entries)),
        )
    elif not intake.new:
        text = m("there is nothing new to store")
    elif looked:
        text = m(
            "{n} figures would be stored, {warnings} warnings; nothing was written",
            n=new,
            warnings=warnings,
        )
    else:
        assert intake.path is not None
        text = m(
            "{n} figures stored in {file}, {warnings} warnings",
            n=new,
            file=intake.path.name,
            warnings=warnings,
        )
    return [*lines, text]
