"""Stated weights from a file: how large the overlaps of former and present areas are, by whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from pydantic import Field

from kts_analysis.areas import Crosswalk
from kts_analysis.border_changes import BorderWeights, Link, grouped
from kts_analysis.entries import Entry
from kts_analysis.errors import KtsError, Problem, ProblemsError
from kts_analysis.i18n import N_
from kts_analysis.registry import Registry
from kts_analysis.registry_files import read_entries

FOLDER = "weights"  # of the data folder, so that a run copies what it was made from


class Overlap(Entry):
    """A line of a weights file.

    ``size`` is how many (people, households, what the denominators count) the area ``code_from``
    before a change of borders and the area ``code_to`` after it have in common; ``source`` says
    who counted. ``day`` is that of the change, needed only where the two met in several.
    """

    code_from: str
    code_to: str
    size: float = Field(ge=0, allow_inf_nan=False)
    source: str = Field(min_length=1)
    day: date | None = None


def weights_in(registry: Registry, name: str) -> tuple[BorderWeights, ...]:
    """Return the weights of a file in the folder ``weights`` of the data folder.

    Parameters
    ----------
    registry : Registry
        On the borders as they were and are.
    name : str
        File name; empty for no weights.

    Raises
    ------
    ProblemsError
        Everything wrong in the file, or that there is none.
    """
    return read_weights(registry.root / FOLDER / name, Crosswalk(registry)) if name else ()


def weights_name(registry: Registry, given: str) -> str:
    """Return the name of a weights file that a user named, with or without its folder.

    Raises
    ------
    KtsError
        It does not lie in the folder ``weights`` of the data folder.
    """
    folder = registry.root / FOLDER
    path = Path(given)
    inside = path.name == given or path.resolve().parent == folder.resolve()
    if inside and (folder / path.name).is_file():
        return path.name
    message = N_(
        "there is no {file} in {folder}: put the weights there, so that a run can be made again"
    )
    raise KtsError(message, file=path.name, folder=f"{registry.root.name}/{FOLDER}")


def read_weights(path: Path, crosswalk: Crosswalk) -> tuple[BorderWeights, ...]:
    """Read a weights file: a table of `Overlap`, one a line.

    Returns
    -------
    tuple of BorderWeights
        One a change and source.

    Raises
    ------
    ProblemsError
        All problems, with line and column: cells that cannot be, pairs of areas that never met in
        a change, pairs that stand twice, areas of which not every overlap is stated.
    """
    lines = read_entries(path, Overlap)
    links = _links(crosswalk)
    placed, problems = _placed(lines, links, path.name)
    stated = {(day, item.code_from, item.code_to) for day, item in placed}
    problems += _missing(stated, links, path.name)
    problems += _empty(placed, links, path.name)
    if problems:
        raise ProblemsError(problems)
    by_source = grouped(((day, item.source), item) for day, item in placed)
    return tuple(
        BorderWeights(day, {(one.code_from, one.code_to): one.size for one in items}, source)
        for (day, source), items in by_source.items()
    )


Key = tuple[date, str, str]  # day of a change, code before, code after


def _links(crosswalk: Crosswalk) -> dict[Key, Link]:
    """Return what met in every change of borders."""
    return {
        (day, link.before, link.after): link
        for day in crosswalk.days
        for link in crosswalk.change(day).links
    }


def _placed(
    lines: tuple[Overlap, ...], links: dict[Key, Link], file: str
) -> tuple[list[tuple[date, Overlap]], list[Problem]]:
    """Return the lines with the day of their change, and those that belong to none."""
    placed: list[tuple[date, Overlap]] = []
    problems, seen = [], set[Key]()
    for row, item in enumerate(lines, start=2):
        pair = (item.code_from, item.code_to)
        found = f"{item.code_from} > {item.code_to}"
        days = [day for day, *met in links if tuple(met) == pair and item.day in (None, day)]
        if len(days) != 1:
            message = N_("{found}: these two areas met in no change of borders (crosswalk.csv)")
            if days:
                message = N_("{found}: they met in several changes of borders; state the day")
            problems.append(Problem(file, message, row, "code_to", found))
            continue
        if (days[0], *pair) in seen:
            message = N_("{found}: this pair stands twice")
            problems.append(Problem(file, message, row, "code_to", found))
        seen.add((days[0], *pair))
        placed.append((days[0], item))
    return placed, problems


def _beside(key: Key, links: dict[Key, Link]) -> list[Key]:
    """Return the overlaps that one stated overlap needs beside it: all of the area it shares out.

    Where the crosswalk says how the former area was divided, weights share out the present one.
    """
    day, before, after = key
    place, code = (1, before) if links[key].share is None else (2, after)
    return [other for other in links if other[0] == day and other[place] == code]


def _missing(stated: set[Key], links: dict[Key, Link], file: str) -> Iterator[Problem]:
    """Yield the overlaps that are not stated though others of the same area are."""
    needed = {other for key in stated for other in _beside(key, links)}
    for day, before, after in sorted(needed - stated):
        message = N_("the overlap {found} of {day} is not stated, though others of its area are")
        params = {"day": day.isoformat()}
        yield Problem(file, message, found=f"{before} > {after}", params=params)


def _empty(
    placed: list[tuple[date, Overlap]], links: dict[Key, Link], file: str
) -> Iterator[Problem]:
    """Yield the areas whose overlaps are all of size zero."""
    sizes = {(day, item.code_from, item.code_to): item.size for day, item in placed}
    told: set[Key] = set()
    for key in sizes:
        group = [other for other in _beside(key, links) if other in sizes]
        if not told & set(group) and sum(sizes[other] for other in group) <= 0:
            told |= set(group)
            message = N_("the overlaps of {found} are all zero: nothing can be shared out by them")
            yield Problem(file, message, found=f"{key[1]} > {key[2]}")
