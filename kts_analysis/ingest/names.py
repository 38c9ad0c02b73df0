"""What people call indicators, methods, sectors and qualifiers, and the codes they mean."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kts_analysis.entries import Plan
from kts_analysis.i18n import LANGUAGES, Messages
from kts_analysis.ingest.words import MAX_LENGTH, clean, fold, strip_notes
from kts_analysis.registry import Registry
from kts_analysis.wording import QUALIFIERS

NEAREST_AT_MOST = 3
LIKENESS = 0.6  # of `difflib`: twice the letters in common over all letters


@dataclass(frozen=True)
class Found:
    """What a name means: a code, several that fit equally, or none and the nearest names."""

    code: str = ""
    candidates: tuple[str, ...] = ()
    nearest: tuple[str, ...] = ()


class Names:
    """Codes of one kind, found by code or by any name, marks and case aside.

    Parameters
    ----------
    names : mapping
        Code to its names.
    """

    def __init__(self, names: Mapping[str, Iterable[str]]) -> None:
        self._codes: dict[str, dict[str, None]] = {}
        self._shown: dict[str, str] = {}
        for code, texts in names.items():
            for text in (code, *texts):
                self._codes.setdefault(_plain(text), {})[code] = None
                self._shown.setdefault(_plain(text), text)

    def find(self, text: str) -> Found:
        """Return what a text means."""
        plain = _plain(text[: MAX_LENGTH * 2])
        codes = tuple(self._codes.get(plain, {}))
        if codes:
            return Found(codes[0]) if len(codes) == 1 else Found(candidates=codes)
        alike = difflib.get_close_matches(plain, self._codes, n=NEAREST_AT_MOST, cutoff=LIKENESS)
        return Found(nearest=tuple(self._shown[one] for one in alike))


def indicator_names(registry: Registry, plans: Iterable[Plan]) -> Names:
    """Return the indicators by code, by name, and by id and name of the targets of some plans."""
    names: dict[str, list[str]] = {
        code: [card.name.vi, card.name.en] for code, card in registry.indicators.items()
    }
    for plan in plans:
        for target in plan.targets:
            if target.id not in registry.indicators:
                names[target.indicator].append(target.id)
            names[target.indicator] += [target.name.vi, target.name.en]
    return Names(names)


def series_names(registry: Registry) -> Names:
    """Return the measuring methods."""
    found = registry.series.values()
    return Names({series.id: [series.name.vi, series.name.en] for series in found})


def sector_names(plans: Iterable[Plan]) -> Names:
    """Return the sectors of some plans."""
    sectors = [part for plan in plans if plan.structure for part in plan.structure.sectors]
    return Names({part.id: [part.name.vi, part.name.en] for part in sectors})


def qualifier_names() -> Names:
    """Return how a figure can be qualified."""
    languages = [Messages(lang) for lang in LANGUAGES]
    return Names({code: [m(word) for m in languages] for code, word in QUALIFIERS.items()})


def _plain(text: str) -> str:
    return fold(strip_notes(clean(text))).strip(" .:;")
