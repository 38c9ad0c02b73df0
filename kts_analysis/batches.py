"""The store that figures are appended to: batches under ``data/reported/``, one file each.

A batch is a CSV file of the observation columns named by a running number and what it is. It is
written once, whole, and never changed: a figure that is corrected comes again in a later batch with
a later publication date, so what was known on an earlier day stays what it was.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path

import pandas as pd

from kts_analysis.checks import duplicates, early_figures, future_figures, header_problems
from kts_analysis.columns import Texts
from kts_analysis.disk import hold, sweep_parts, write_new
from kts_analysis.errors import KtsError, LockedError, Problem, ProblemsError
from kts_analysis.i18n import N_
from kts_analysis.reading import read_rows, rows_from, table_of_parts
from kts_analysis.registry import Registry
from kts_analysis.registry_files import load_registry
from kts_analysis.schema import OBSERVATION_COLUMNS
from kts_analysis.store import load_observations
from kts_analysis.vi import nfc, slug

FOLDER = "reported"
LOCK = ".kts-store.lock"
DIGITS = 6  # of a batch's number; files sort in the order they were written in
_NUMBERED = re.compile(rf"(\d{{{DIGITS},}})-.*\.csv")

Cells = Mapping[str, str]
Known = frozenset[tuple[str, ...]]


def append(
    rows: Sequence[Cells],
    data: str | os.PathLike[str] | None,
    *,
    name: str,
    wait: bool = False,
) -> Path:
    """Store rows as one new batch, all of them or none.

    Parameters
    ----------
    rows : sequence of mapping of str to str
        The observation columns (`kts_analysis.schema.Observations`) as text, percent 0-100. Blanks
        around a cell are taken off and letters composed (NFC), as reading does.
    data : path or None
        Data folder; by default the one `data_root` finds.
    name : str
        What the batch is, for its file name: ``Báo cáo quý I`` gives ``000001-bao-cao-quy-i.csv``.
    wait : bool
        Wait for another writer instead of giving up.

    Returns
    -------
    Path
        The new file. When this returns, the rows are on the disk; a process that is killed earlier
        leaves the whole batch or nothing.

    Raises
    ------
    ProblemsError
        Every reason why reading would set a row aside, with the line it would have in the new file;
        rows that are stored already; and what is wrong with what is stored of the same areas.
    LockedError
        Another writer is at work and `wait` is False.
    KtsError
        There are no rows, the name has no letter, or the folder cannot be written.
    """
    if not rows:
        raise KtsError(N_("there are no rows to store"))
    registry = load_registry(data)
    content = _csv_of(rows)
    with _writing(registry.root, wait=wait):
        folder = registry.root / FOLDER
        folder.mkdir(exist_ok=True)
        sweep_parts(folder)
        path = _next_path(folder, registry, _slug_of(name))
        label = path.relative_to(registry.root).as_posix()
        found = _problems(content, len(rows), label, registry)
        errors = [problem for problem in found if problem.severity == "error"]
        if errors:
            raise ProblemsError(errors)
        write_new(path, content)
    return path


def problems_of(
    rows: Sequence[Cells], data: str | os.PathLike[str] | None, *, label: str
) -> list[Problem]:
    """Return all that `append` would say of rows, warnings too, and store nothing.

    Parameters
    ----------
    rows, data
        As in `append`.
    label : str
        What to call the rows; the first stands in line 2.
    """
    if not rows:
        return []
    return _problems(_csv_of(rows), len(rows), label, load_registry(data))


def already_stored(rows: Sequence[Cells], data: str | os.PathLike[str] | None = None) -> list[bool]:
    """Return, for each row, whether the very same row (all cells) is in the store.

    Parameters
    ----------
    rows, data
        As in `append`.

    Returns
    -------
    list of bool
        In the order of `rows`; those that are can be left out of a batch.
    """
    registry = load_registry(data)
    stored = load_observations(registry.root).table
    cells = [_cells_of(row) for row in rows]
    known = _same_cells(stored, {one[0] for one in cells}, registry)
    return [one in known for one in cells]


def _csv_of(rows: Sequence[Cells]) -> bytes:
    """Return rows as the bytes of an observation file."""
    for number, row in enumerate(rows, start=2):
        problems = header_problems(list(row), FOLDER, ())
        if problems:
            raise ProblemsError(replace(problem, row=number) for problem in problems)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(OBSERVATION_COLUMNS)
    writer.writerows(map(_cells_of, rows))
    try:
        return text.getvalue().encode("utf-8")
    except UnicodeEncodeError as error:
        message = N_("a cell holds a character that cannot be written: {detail}")
        raise KtsError(message, detail=error.reason) from None


def _cells_of(row: Cells) -> tuple[str, ...]:
    """Return the cells of a row in column order, as reading gives them back."""
    return tuple(nfc(row[column].strip()) for column in OBSERVATION_COLUMNS)


@contextmanager
def _writing(root: Path, *, wait: bool) -> Iterator[None]:
    """Hold the store for one writer; what the system refuses is said in words."""
    message = N_("another program is writing to the figures in {folder}: try again later")
    try:
        with hold(root / LOCK, LockedError(message, folder=root), wait=wait):
            yield
    except OSError as error:
        message = N_("the figures cannot be stored in {folder}: {detail}; nothing was changed")
        raise KtsError(message, folder=root / FOLDER, detail=error.strerror or error) from error


def _slug_of(name: str) -> str:
    try:
        return slug(name)
    except ValueError:
        message = N_("{found} is not a name for a batch: it has no letter and no digit")
        raise KtsError(message, found=repr(name)) from None


def _next_path(folder: Path, registry: Registry, words: str) -> Path:
    """Return the path of the next batch."""
    found = (_NUMBERED.fullmatch(path.name) for path in folder.glob("*.csv"))
    last = max((int(match[1]) for match in found if match), default=0)
    numbers = (f"{number:0{DIGITS}d}" for number in count(last + 1))
    # A file whose name begins with an area's code is read as that area's alone.
    number = next(number for number in numbers if not registry.has_area(number))
    return folder / f"{number}-{words}.csv"


def _problems(content: bytes, rows: int, label: str, registry: Registry) -> list[Problem]:
    """Hold a batch against all that reading will hold against it, alone and with what is stored."""
    lines = io.StringIO(content.decode("utf-8"), newline="")
    part, problems = rows_from(lines, label, (), registry, Texts())
    table = table_of_parts([part], registry)
    problems += future_figures(table, date.today()) + early_figures(table)
    loaded = load_observations(registry.root)
    codes = set(table["area_code"])
    problems += [problem for problem in loaded.errors if problem.concerns(codes)]
    stored = loaded.table[loaded.table["area_code"].isin(codes)]
    problems += _repeats(table, stored, content, label, registry)
    if len(table) != rows and not any(problem.severity == "error" for problem in problems):
        message = N_("{stored} of {rows} rows would come back: one is empty or cannot be written")
        raise KtsError(message, stored=len(table), rows=rows)
    return problems


def _repeats(
    table: pd.DataFrame, stored: pd.DataFrame, content: bytes, label: str, registry: Registry
) -> list[Problem]:
    """Return new rows that stand in the store already, or twice among themselves."""
    lines = io.StringIO(content.decode("utf-8"), newline="")
    known = _same_cells(stored, set(table["area_code"]), registry)
    message = N_("{found} is stored already, every cell the same")
    problems: list[Problem] = []
    again: set[int | None] = set()
    reader = csv.reader(lines)
    for cells in reader:
        if tuple(cells) in known:
            found = f"{cells[0]} {cells[1]} {cells[4]}"
            again.add(reader.line_num)
            problems.append(
                Problem(label, message, reader.line_num, found=found, areas=(cells[0],))
            )
    twice, _ = duplicates(pd.concat([stored, table], ignore_index=True))
    return problems + [problem for problem in twice if problem.row not in again]


def _same_cells(stored: pd.DataFrame, codes: set[str], registry: Registry) -> Known:
    """Return the stored rows of some areas, every cell as its file has it."""
    mine = stored[stored["area_code"].isin(codes)]
    files = sorted({place.rsplit(":", 1)[0] for place in mine["row"].tolist()})
    found: set[tuple[str, ...]] = set()
    for file in files:
        part, _ = read_rows(registry.root / file, registry, Texts())
        found.update(
            zip(*(part.columns[name].cells() for name in OBSERVATION_COLUMNS), strict=True)
        )
    return frozenset(found)
