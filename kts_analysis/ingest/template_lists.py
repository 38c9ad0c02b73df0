"""The drop-down lists of a reporting template: words for people, each beside its code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kts_analysis.i18n import N_, Messages
from kts_analysis.ingest.cells import ref_of
from kts_analysis.ingest.template_layout import LISTS_SHEET, OPEN
from kts_analysis.ingest.template_rows import TemplateRow, concepts_of
from kts_analysis.registry import Registry
from kts_analysis.wording import COUNTED, QUALIFIERS

# Words for what a denominator counts; a code of the data that has none here stands for itself.
CONCEPT_WORDS: Mapping[str, str] = {
    **COUNTED,
    "smes": N_("small and medium enterprises"),
    "adults": N_("adults"),
    "population": N_("population"),
    "population_15plus": N_("population aged 15 and over"),
    "working_age": N_("population of working age"),
}


def list_name(field: str, indicator: str) -> str:
    """Return the name of the list of a field: what a denominator counts differs by indicator."""
    return f"{field}:{indicator}" if field == "denominator_concept" else field


@dataclass(frozen=True)
class DropDown:
    """One list.

    Attributes
    ----------
    source : str
        Its cells, as a drop-down names them.
    words : mapping
        Words by code.
    """

    source: str
    words: Mapping[str, str]


def write_lists(
    sheet: Any,
    rows: Sequence[TemplateRow],
    registry: Registry,
    concepts: Mapping[str, Sequence[str]],
    m: Messages,
) -> dict[str, DropDown]:
    """Write the lists on their hidden sheet, two columns each (words, codes), and return them."""
    told: dict[str, Mapping[str, str]] = {
        "qualifier": {code: m(word) for code, word in QUALIFIERS.items()},
        "series": {series.id: series.name.get(m.lang) for series in registry.series.values()},
    }
    for card in {row.card.code: row.card for row in rows if row.state == OPEN}.values():
        codes = concepts_of(card, concepts)
        words = {code: m(CONCEPT_WORDS[code]) if code in CONCEPT_WORDS else code for code in codes}
        told[list_name("denominator_concept", card.code)] = words
    lists = {}
    for number, (name, plain) in enumerate(told.items()):
        words, column = _apart(plain), 2 * number
        sheet.write_string(0, column, name)
        for line, (code, word) in enumerate(words.items(), start=1):
            sheet.write_string(line, column, word)
            sheet.write_string(line, column + 1, code)
        letters = ref_of(1, column + 1)[:-1]
        source = f"={LISTS_SHEET}!${letters}$2:${letters}${len(words) + 1}"
        lists[name] = DropDown(source, words)
    return lists


def _apart(words: Mapping[str, str]) -> dict[str, str]:
    """Return words by code; where two codes have the same word, each with its code."""
    lower = [word.lower() for word in words.values()]
    return {
        code: f"{word} [{code}]" if lower.count(word.lower()) > 1 else word
        for code, word in words.items()
    }
