"""Columns of text cells as numbers into a vocabulary: most cells of a column repeat another.

A national store has a million rows and more. Kept as texts they cost seconds and gigabytes to
check; kept this way a question is asked once of each different text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from kts_analysis.schema import OBSERVATION_COLUMNS
from kts_analysis.vi import nfc

Codes = NDArray[np.int32]
Marks = NDArray[np.bool_]
Value = TypeVar("Value")


class Vocabulary(dict[str, int]):
    """The texts of a column, composed and without blanks around them, and the number of each.

    Asked for a cell it has not met, it takes it in.

    Attributes
    ----------
    texts : list of str
        The text of each number.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self.texts = list(texts)
        super().__init__({text: code for code, text in enumerate(self.texts)})

    def __missing__(self, cell: str) -> int:
        text = nfc(cell.strip())
        if text not in self:
            self[text] = len(self.texts)
            self.texts.append(text)
        self[cell] = self[text]
        return self[cell]


class Texts(dict[str, Vocabulary]):
    """The vocabularies of an observation table's columns, shared by the files it is read from."""

    def __init__(self) -> None:
        super().__init__({name: Vocabulary() for name in OBSERVATION_COLUMNS})


@dataclass(frozen=True, eq=False)
class Column:
    """Cells of a column.

    Attributes
    ----------
    codes : array of int32, shape (rows,)
        Number of each cell's text.
    vocabulary : Vocabulary
    """

    codes: Codes
    vocabulary: Vocabulary

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, place: int) -> str:
        return self.vocabulary.texts[int(self.codes[place])]

    @cached_property
    def _distinct(self) -> tuple[list[str], NDArray[np.intp]]:
        """The different texts, and which of them each cell holds."""
        codes, places = np.unique(self.codes, return_inverse=True)
        return [self.vocabulary.texts[code] for code in codes.tolist()], places

    @property
    def different(self) -> list[str]:
        """The different texts, each once."""
        return self._distinct[0]

    def cells(self) -> list[str]:
        """Return all cells as texts."""
        return self.each(str)

    def each(self, function: Callable[[str], Value]) -> list[Value]:
        """Return what a function gives for each cell, asking it once a text."""
        texts, places = self._distinct
        found = [function(text) for text in texts]
        return [found[place] for place in places.tolist()]

    def marks(self, test: Callable[[str], bool]) -> Marks:
        """Return which cells pass a test, asking it once a text."""
        texts, places = self._distinct
        return np.array([test(text) for text in texts], dtype=bool)[places]

    def numbers(self) -> NDArray[np.float64]:
        """Return cells that hold a number or nothing as floats, NaN for nothing."""
        texts, places = self._distinct
        return np.array([float(text) if text else np.nan for text in texts], dtype=float)[places]

    def take(self, places: NDArray[np.intp]) -> Column:
        """Return the cells at some places."""
        return Column(self.codes[places], self.vocabulary)


Columns = Mapping[str, Column]
