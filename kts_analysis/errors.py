"""What goes wrong, said once and well: a problem names its place, what was found and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kts_analysis.i18n import N_

SHOWN_AT_MOST = 50  # more than this is a broken file, not a list anybody reads


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one place in the input.

    Attributes
    ----------
    file : str
        File name relative to the data folder.
    message : str
        Message id (English source text, translated by the catalogues), with ``{found}`` and other
        fields in braces taken from `params`.
    row : int, optional
        Line number in the file, the first line being 1.
    column : str, optional
        Column name, or the path inside a YAML file (``targets.3.thresholds.0.value``).
    found : str, optional
        What stands there.
    params : mapping
        Further fields of the message. A tuple holds words (message ids) or numbers (Decimal) that
        are shown side by side.
    areas : tuple of str
        Codes of the areas whose data this is, so that the others can go on without it; empty
        when that cannot be told, which concerns everybody.
    severity : {"error", "warning"}
    sheet : str, optional
        Sheet of a workbook.
    cell : str, optional
        Cell of that sheet (``B7``).
    remedy : str, optional
        Message id that says how to mend it, with the same fields as `message`.
    """

    file: str
    message: str
    row: int | None = None
    column: str | None = None
    found: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    areas: tuple[str, ...] = ()
    severity: str = "error"
    sheet: str | None = None
    cell: str | None = None
    remedy: str | None = None

    def concerns(self, codes: Iterable[str]) -> bool:
        """Return whether this problem touches the data of any of these areas."""
        return not self.areas or not set(self.areas).isdisjoint(codes)

    def place(self, translate: Any = None) -> str:
        """Return ``file:row [column]``, in a workbook ``file, sheet 'X', B7``, as far as known."""
        if self.sheet is None and self.cell is None:
            text = self.file if self.row is None else f"{self.file}:{self.row}"
        else:
            sheet = self._said(N_("sheet '{sheet}'"), translate) if self.sheet is not None else None
            text = ", ".join(part for part in (self.file, sheet, self.cell) if part)
        return text if self.column is None else f"{text} [{self.column}]"

    def text(self, translate: Any = None) -> str:
        """Return the message in the language of `translate` (a Messages object), else English."""
        return f"{self.place(translate)}: {self.said(translate)}"

    def said(self, translate: Any = None) -> str:
        """Return what is wrong and, where it is known, how to mend it, without the place."""
        texts = [self.message] if self.remedy is None else [self.message, self.remedy]
        return "; ".join(self._said(text, translate) for text in texts)

    def _said(self, text: str, translate: Any) -> str:
        values = {"found": self.found, "sheet": self.sheet, **self.params}
        for name, value in values.items():
            if isinstance(value, tuple):
                values[name] = translate.either(value) if translate else _either(value)
        return str(translate(text, **values)) if translate else text.format_map(values)


def _either(values: Iterable[object]) -> str:
    return " / ".join(map(str, values))


class KtsError(Exception):
    """An error a user can act on; the command line prints it without a traceback.

    Parameters
    ----------
    message : str
        Message id, fields in braces.
    **params
        Values of the fields.
    """

    exit_code = 2

    def __init__(self, message: str, **params: Any) -> None:
        self.message = message
        self.params = params
        super().__init__(message.format_map(params))

    def text(self, translate: Any = None) -> str:
        """Return the message in the language of `translate`, else English."""
        return str(translate(self.message, **self.params)) if translate else str(self)


class LockedError(KtsError):
    """Somebody else is writing in the same folder; exit code 3."""

    exit_code = 3


class ProblemsError(KtsError):
    """All problems of an input in one error.

    Attributes
    ----------
    problems : list of Problem
    """

    def __init__(self, problems: Iterable[Problem], translate: Any = None) -> None:
        self.problems = list(problems)
        super().__init__("{lines}", lines=self.text(translate))

    def text(self, translate: Any = None) -> str:
        """Return one line a problem, in the language of `translate` (else English)."""
        shown = [problem.text(translate) for problem in self.problems[:SHOWN_AT_MOST]]
        left = len(self.problems) - len(shown)
        return "\n".join([*shown, f"(+{left})"] if left else shown)
