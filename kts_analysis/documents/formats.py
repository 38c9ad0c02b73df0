"""The forms a report can be had in beside its page: the closed list, and writing those asked for.

A form is written by a module of its own, imported only when the form is asked for, so that a run of
pages alone needs none of their packages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_
from kts_analysis.reporting.units import HTML, Unit


@dataclass(frozen=True)
class Format:
    """One form of a report.

    Attributes
    ----------
    name : str
        As in ``--formats``, and the ending of the file.
    title : str
        What readers call it: the name of the program that opens it.
    module : str
        Writes it: ``write(unit, folder)`` returns the SHA-256 of each file by its name.
    extra : str
        Extra of the package that brings what it needs; empty when that always comes along.
    packages : dict
        What it needs: names to import, and of the distributions.
    """

    name: str
    title: str
    module: str
    extra: str
    packages: dict[str, str]


FORMATS = (
    Format(
        "docx",
        "Word",
        "kts_analysis.documents.docx",
        "documents",
        {"docx": "python-docx", "typst": "typst"},
    ),
    Format(
        "pdf",
        "PDF",
        "kts_analysis.documents.pdf",
        "documents",
        {"typst": "typst"},
    ),
    Format("xlsx", "Excel", "kts_analysis.documents.xlsx", "", {"xlsxwriter": "xlsxwriter"}),
)


def check_formats(names: Iterable[str]) -> tuple[str, ...]:
    """Return the forms asked for in the order of the list, the page first: it is always made.

    Raises
    ------
    KtsError
        Names every form that there is not, or whose packages are not installed, and the extra to
        install.
    """
    asked = set(names)
    known = (HTML, *(each.name for each in FORMATS))
    unknown = sorted(asked - set(known))
    if unknown:
        raise KtsError(
            N_("unknown format {names}; choose of {known}"),
            names=", ".join(unknown),
            known=", ".join(known),
        )
    absent = [each for each in _wanted(asked) if _missing(each)]
    if absent:
        raise KtsError(
            N_("not installed: {packages}, needed for {names}; install with: {command}"),
            packages=", ".join(dict.fromkeys(name for each in absent for name in _missing(each))),
            names=", ".join(each.name for each in absent),
            command=_command(absent),
        )
    return tuple(name for name in known if name == HTML or name in asked)


def write_documents(unit: Unit, folder: Path) -> dict[str, str]:
    """Write a unit's documents, ``<stem>.<form>`` each, into its folder.

    Returns
    -------
    dict
        SHA-256 of each file by its name.
    """
    files: dict[str, str] = {}
    for each in _wanted(unit.formats):
        files |= import_module(each.module).write(unit, folder)
    return files


def document_links(unit: Unit) -> list[dict[str, str]]:
    """Return name and address of a unit's documents, seen from its page."""
    return [
        {"name": each.title, "href": f"{unit.stem}.{each.name}"} for each in _wanted(unit.formats)
    ]


def modules_of(names: Iterable[str]) -> list[str]:
    """Return the modules that write these forms, for a process that imports ahead."""
    return [each.module for each in _wanted(names)]


def distributions_of(names: Iterable[str]) -> list[str]:
    """Return the distributions whose versions can change these forms."""
    needed = (name for each in _wanted(names) for name in each.packages.values())
    return list(dict.fromkeys(needed))


def _wanted(names: Iterable[str]) -> list[Format]:
    asked = set(names)
    return [each for each in FORMATS if each.name in asked]


def _missing(form: Format) -> list[str]:
    return [name for module, name in form.packages.items() if find_spec(module) is None]


def _command(absent: Sequence[Format]) -> str:
    extras = ",".join(sorted({each.extra for each in absent} - {""}))
    return f'pip install "kts-analysis[{extras}]"' if extras else "pip install kts-analysis"
