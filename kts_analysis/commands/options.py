"""What the commands share: their options, and reading them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kts_analysis.errors import KtsError
from kts_analysis.i18n import LANGUAGES, N_, Messages

if TYPE_CHECKING:
    from kts_analysis.registry import Registry

DONE, SOME_FAILED, BAD_INPUT = 0, 1, 2

Data = Annotated[
    str | None, typer.Option("--data", help="Thư mục dữ liệu / data folder.", show_default=False)
]
PlanId = Annotated[
    str | None, typer.Option("--plan", help="Kế hoạch (mặc định: tất cả) / plan (default: all).")
]
Lang = Annotated[str, typer.Option("--lang", help="Ngôn ngữ / language: vi, en.")]
Notebooks = Annotated[
    Path | None, typer.Option("--notebooks", help="Thư mục sổ tay / notebooks.", show_default=False)
]
AsOf = Annotated[
    str, typer.Option("--as-of", help="Chỉ dùng số liệu công bố đến ngày này / known on this day.")
]
Borders = Annotated[
    str,
    typer.Option("--borders", help="Trên địa giới của ngày này / on the borders of this day."),
]
Weights = Annotated[
    str,
    typer.Option(
        "--weights", help="Tệp trọng số trong data/weights, cùng --borders / sizes of overlaps."
    ),
]
Deadlines = Annotated[
    list[str] | None,
    typer.Option("--deadline", help="Năm, một hay nhiều / years of the deadlines: 2025,2030."),
]
Deadline = Annotated[
    int | None,
    typer.Option("--deadline", min=1900, max=2199, help="Năm / year of the deadline."),
]

ScenarioFile = Annotated[
    str | None,
    typer.Option(
        "--scenario",
        help="Tệp giả định, đặt cạnh không thay đổi / scenario file, beside no change.",
        show_default=False,
    ),
]


def registry_of(data: str | None) -> Registry:
    """Return the registry of a data folder, by default of the one that is found."""
    from kts_analysis.registry_files import load_registry

    return load_registry(data)


def weights_asked(registry: Registry, borders: str, weights: str) -> str:
    """Return the name of the weights file asked for; empty for none.

    Raises
    ------
    KtsError
        No borders to use it on, or it does not lie where a run finds it again.
    """
    from kts_analysis.weights_file import weights_name

    if weights and not borders:
        raise KtsError(N_("weights share out figures on other borders: name the day, --borders"))
    return weights_name(registry, weights) if weights else ""


def scenario_file(given: str | None, registry: Registry) -> Path | None:
    """Return the path of a scenario given as a file or by its name in the data folder.

    Raises
    ------
    KtsError
        There is no such file.
    """
    if given is None:
        return None
    from kts_analysis.scenarios.files import scenario_path

    return scenario_path(given, registry.root)


def say_refused(registry: Registry, m: Messages) -> None:
    """Say on stderr which plans cannot stand on the borders asked for, when none was named."""
    for error in registry.refused.values():
        print(error.text(m), file=sys.stderr)


def names_in(texts: list[str] | None) -> list[str] | None:
    """Return the parts of ``A,B``, given once or several times (None when not given).

    Raises
    ------
    KtsError
        Given, but empty.
    """
    if not texts:
        return None
    parts = [part.strip() for text in texts for part in text.split(",") if part.strip()]
    if not parts:
        raise KtsError(N_("an option that takes names was given none"))
    return parts


def years_in(texts: list[str] | None) -> list[int] | None:
    """Return the years of ``2025,2030`` (None when not given).

    Raises
    ------
    KtsError
        Not years.
    """
    parts = names_in(texts)
    if parts is None:
        return None
    wrong = [part for part in parts if not (part.isdecimal() and 1900 <= int(part) <= 2199)]
    if wrong:
        raise KtsError(N_("{found} is not a year like 2025"), found=", ".join(wrong))
    return [int(part) for part in parts]


def messages_in(lang: str) -> Messages:
    """Return the messages of a language.

    Raises
    ------
    KtsError
        There is no such language.
    """
    if lang not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise KtsError(N_("unknown language {lang}; choose of {known}"), lang=lang, known=known)
    return Messages(lang)
