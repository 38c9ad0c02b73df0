"""Which area a cell names: by name in any usual spelling, or by code."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from kts_analysis.entries import Area, Level
from kts_analysis.ingest.place_words import Spelling, spelling, typed_names
from kts_analysis.ingest.words import MAX_LENGTH, clean

NEAREST_AT_MOST = 3
LIKENESS = 0.7  # of `difflib`: twice the letters in common over all letters

_CODE = re.compile(r"'?([0-9]{1,6})(?:\.0)?")


@dataclass(frozen=True)
class Place:
    """What area a cell names. Without a `code` a person must say.

    Attributes
    ----------
    code : str
        The area's code; "" when none, or more than one, is meant.
    candidates : tuple of str
        Codes of the areas that fit equally, when several do; or of just one, when an ended area
        of another level had the same name and nothing tells which of them is meant (a commune
        named after its former district).
    ended, not_yet : tuple of str
        Codes of areas of that name whose last day is past, or whose first has not come. Codes are
        reused: on that day such a code may be another area's.
    nearest : tuple of str
        Up to three codes of areas with a similar name, the most similar first.
    text : str
        The cell's text, cleaned.
    """

    code: str = ""
    candidates: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    not_yet: tuple[str, ...] = ()
    nearest: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True)
class _Name:
    """A name of an area: with its kind left off, or in English."""

    spelling: Spelling
    area: Area


class Gazetteer:
    """The areas a table can speak of, found by what people type.

    Parameters
    ----------
    areas : iterable of Area
        For example ``registry.area_list``.
    on : date, optional
        The day the table speaks of; first and last day of an area are inside. Without it an area
        of any time fits.
    """

    def __init__(self, areas: Iterable[Area], on: date | None = None) -> None:
        self._on = on
        self._by_code: dict[str, list[Area]] = {}
        self._by_letters: dict[str, list[_Name]] = {}
        for area in areas:
            self._by_code.setdefault(_code_key(area.code), []).append(area)
            for name in dict.fromkeys((_short_name(area), area.name_en)):
                found = _Name(spelling(name), area)
                self._by_letters.setdefault(found.spelling.with_i, []).append(found)

    def find(self, text: object, level: Level | None = None) -> Place:
        """Find the area a cell names.

        A kind before the name (``TP.``, ``huyện``, ``H.``) must be the area's own; English ones
        follow it. Case, blanks, composed or decomposed text, place of the tone, eth for Đ,
        numbering before and notes behind do not matter. Diacritics may be left out, but none may
        be another one. A name with y for i, or i for y, is found when just one area has it.

        Parameters
        ----------
        text : str, int, float or None
            A cell. A number is a code that may have lost its leading zeros.
        level : {"country", "province", "district", "commune"}, optional
            Which area is meant where the name alone fits areas of several levels.

        Returns
        -------
        Place
            Never raises.
        """
        shown = _shown(text)
        if not shown or len(shown) > MAX_LENGTH:
            return Place(text=shown[:MAX_LENGTH])
        areas = self._with_code(shown, exactly=isinstance(text, str))
        if areas:
            return replace(self._settled(areas, level), text=shown)
        for names in typed_names(shown):
            areas, other_letter = self._with_names(names)
            if areas:
                place = replace(self._settled(areas, level), text=shown)
                likely = place.candidates[:NEAREST_AT_MOST]
                return replace(place, candidates=(), nearest=likely) if other_letter else place
        return Place(nearest=self._nearest(shown), text=shown)

    def _with_code(self, shown: str, *, exactly: bool) -> list[Area]:
        match = _CODE.fullmatch(shown)
        digits = match[1] if match else shown
        areas = self._by_code.get(_code_key(digits), [])
        same = [area for area in areas if area.code.casefold() == digits.casefold()]
        return same if exactly and same else areas

    def _with_names(self, names: list[tuple[str, tuple[str, ...]]]) -> tuple[list[Area], bool]:
        """Return the areas with one of these names, and whether only y for i makes them fit."""
        areas: list[Area] = []
        same_letters = False
        for name, kinds in names:
            typed = spelling(name)
            if not kinds and not any(char.isalpha() for char in typed.letters):
                continue  # "1" alone is a place in a list, not a quarter of a city
            fitting = [
                known
                for known in self._by_letters.get(typed.with_i, [])
                if typed.abridges(known.spelling) and (not kinds or known.area.kind in kinds)
            ]
            same = [known for known in fitting if known.spelling.letters == typed.letters]
            exact = [known for known in same if known.spelling == typed and not typed.is_plain]
            areas += [known.area for known in exact or same or fitting]
            same_letters = same_letters or bool(same)
        return areas, not same_letters

    def _settled(self, areas: list[Area], level: Level | None) -> Place:
        """Return the one area meant, by level first and then by day, or all that may be."""
        areas = [area for area in areas if area.level == level] or areas
        day = self._on
        standing = [area for area in areas if day is None or area.exists_on(day)]
        codes = _codes(standing)
        if day is None:
            return Place(code=codes[0]) if len(codes) == 1 else Place(candidates=codes)
        ended = [area for area in areas if area.valid_to and area.valid_to < day]
        if standing:
            levels = {area.level for area in standing}
            namesakes = _codes(area for area in ended if area.level not in levels)
            if len(codes) == 1 and not namesakes:
                return Place(code=codes[0])
            return Place(candidates=codes, ended=namesakes)
        return Place(
            ended=_codes(ended),
            not_yet=_codes(area for area in areas if area.valid_from and area.valid_from > day),
        )

    def _nearest(self, shown: str) -> tuple[str, ...]:
        """Return codes of areas with a similar name, by the standard library's `difflib`."""
        name, kinds = min(typed_names(shown)[-1], key=lambda item: len(item[0]))
        letters = spelling(name).with_i
        alike = difflib.get_close_matches(
            letters, self._by_letters, n=NEAREST_AT_MOST, cutoff=LIKENESS
        )
        areas = [known.area for one in alike for known in self._by_letters[one]]
        standing = [area for area in areas if self._on is None or area.exists_on(self._on)]
        standing.sort(key=lambda area: bool(kinds) and area.kind not in kinds)
        return _codes(standing)[:NEAREST_AT_MOST]


def _shown(text: object) -> str:
    """Return a cell as text; a whole number without its decimals, anything else unread as ""."""
    if isinstance(text, str):
        return clean(text) if len(text) <= MAX_LENGTH else clean(text[: MAX_LENGTH + 1])
    if isinstance(text, bool) or not isinstance(text, int | float):
        return ""
    if not math.isfinite(text) or text < 0 or text >= 10**6 or text != int(text):
        return ""
    return str(int(text))


def _short_name(area: Area) -> str:
    """Return the name without its kind in front."""
    name, kind = clean(area.name), clean(area.kind)
    if name.casefold().startswith(f"{kind.casefold()} "):
        return name[len(kind) + 1 :]
    return name


def _code_key(code: str) -> str:
    return code.casefold().lstrip("0")


def _codes(areas: Iterable[Area]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(area.code for area in areas))
