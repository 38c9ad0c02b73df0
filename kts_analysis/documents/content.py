"""What a document holds, before it is Word or PDF: headings, paragraphs, tables, pictures.

Plain data. Texts are finished: in the document's language, numbers formatted, nothing missing
but an em dash. Who writes a file of them adds no word of his own but numbers of headings, tables
and pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Align = Literal["left", "center", "right"]


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is numbered I, II, III, level 2 numbered 1, 2, 3 within it."""

    text: str
    level: Literal[1, 2] = 1


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; ``note`` is smaller print beside the text proper."""

    text: str
    kind: Literal["body", "lead", "note"] = "body"


@dataclass(frozen=True)
class Item:
    """A line of a list, with the address it comes from if it has one."""

    text: str
    url: str = ""


@dataclass(frozen=True)
class Items:
    """A list of short texts."""

    items: tuple[Item, ...]


@dataclass(frozen=True)
class Column:
    """A column of a table: its head, its share of the width, where its cells stand."""

    head: str
    weight: float = 1.0
    align: Align = "left"


@dataclass(frozen=True)
class Table:
    """A table with one row of heads; the first cell of a row names it.

    Attributes
    ----------
    caption : str
        What it shows; of synthetic figures it says so.
    rows : tuple of tuple of str
        As many cells as columns.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        ragged = [row for row in self.rows if len(row) != len(self.columns)]
        if ragged:
            raise ValueError(f"{len(self.columns)} columns, but a row has {len(ragged[0])}")


@dataclass(frozen=True)
class Picture:
    """A chart with its caption, and the sentence that says the same to who cannot see it."""

    svg: str
    caption: str
    alt: str


Block = Heading | Paragraph | Items | Table | Picture


@dataclass(frozen=True)
class Annex:
    """A table too wide for the text: on pages of its own, landscape, numbered apart."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Letterhead:
    """The blanks of an official paper by Decree 30/2020/NĐ-CP, for the clerk's office to fill."""

    body_above: str
    body: str
    number: str
    state: str
    motto: str
    place_and_date: str
    attached: str
    recipients: str
    recipient_lines: tuple[str, ...]
    signer: str
    signature: str


@dataclass(frozen=True)
class Words:
    """The few words that who writes the file puts around the content."""

    table: str
    picture: str
    annex: str


@dataclass(frozen=True)
class Document:
    """A report as a document.

    Attributes
    ----------
    kind : str
        What sort of paper it is ("Báo cáo").
    title, subject : str
        What it is about, and its area: the subject of the paper.
    facts : tuple of (str, str)
        On which borders, of which day, for which deadline.
    stand : date
        Day it stands on: the date in the file's own metadata, so that no clock is asked.
    mark, warning : str
        The words that mark synthetic figures on each page, and the sentence that says what they
        are; empty when there are none.
    """

    lang: str
    stand: date
    kind: str
    title: str
    subject: str
    facts: tuple[tuple[str, str], ...]
    mark: str
    warning: str
    blocks: tuple[Block, ...]
    annexes: tuple[Annex, ...]
    letterhead: Letterhead
    words: Words

    @property
    def full_title(self) -> str:
        """The title as a file's own metadata hold it, marked if need be."""
        name = f"{self.kind}: {self.title} – {self.subject}"
        return f"{self.mark} – {name}" if self.mark else name

    @property
    def pictures(self) -> list[Picture]:
        """All pictures in order."""
        inside = [*self.blocks, *(block for annex in self.annexes for block in annex.blocks)]
        return [block for block in inside if isinstance(block, Picture)]
