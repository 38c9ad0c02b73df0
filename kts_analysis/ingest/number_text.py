"""A number among words and signs: which numbers it can be, and what the words say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from kts_analysis.ingest.number_words import Token, tokens_of
from kts_analysis.ingest.numerals import numeral_readings

# A bound is not a point, so it outweighs all else; an estimate is not yet an observation.
_WEIGHTIEST_FIRST = ("at_least", "at_most", "estimate", "preliminary", "about")
_RANGE_SIGNS = ("-", "~")
_PUNCTUATION = ("(", ")", ";", ":")


@dataclass(frozen=True)
class Figure:
    """The number of a cell and its words; fields as in `quantities.Quantity`.

    ``readings`` has one number, several when it can be several, none when there is a `trouble`.
    """

    readings: tuple[Decimal, ...] = ()
    qualifier: str = "exact"
    percent: bool = False
    unit: str = ""
    power: int = 0
    trouble: str = ""


def read_figure(folded: str) -> Figure:
    """Read a folded text that is neither a sign of a missing figure nor a date.

    A number read needs every word and sign around it to be known; else it has a trouble.
    """
    tokens = tokens_of(folded.removesuffix("."))
    places = [place for place, token in enumerate(tokens) if token.is_number]
    if not places:
        return Figure(trouble="not_a_number")
    trouble = _other_figure(tokens, places)
    if trouble:
        return Figure(trouble=trouble)
    number = tokens[places[0]]
    after = tokens[places[0] + 1 :]
    signs, before = _signs(tokens[: places[0]], number, after)
    if not _understood(before, after):
        return Figure(trouble="other_words")
    power = sum(int(value) for value in _values(after, "power"))
    readings = _readings(number.text, power, signs)
    if not readings:
        return Figure(trouble="bad_grouping")
    return Figure(
        readings,
        _qualifier([*before, *after]),
        bool(_values(after, "percent")),
        "".join(_values(after, "unit")),
        power,
    )


def _other_figure(tokens: Sequence[Token], places: Sequence[int]) -> str:
    """Return why the cell is not one level: a range, a share of a plan, several numbers …"""
    first = places[0]
    behind = [token for token in tokens[first + 1 :] if not token.is_kind("percent")]
    if behind and behind[0].is_kind("plan"):
        return "share_of_plan"
    if len(places) > 1:
        between = behind[0].is_kind("range") or behind[0].text in _RANGE_SIGNS
        return "range" if len(places) == 2 and between and behind[1].is_number else "two_numbers"
    if any(token.is_kind("plan") for token in tokens[:first]):
        return "aim"
    return "change" if any(token.is_kind("change") for token in tokens) else ""


def _signs(
    before: Sequence[Token], number: Token, after: Sequence[Token]
) -> tuple[tuple[str, ...], Sequence[Token]]:
    """Return the signs the number can have, and the tokens before it without the sign.

    A dash with a blank behind it can open a list as well as mean minus, and bookkeepers' brackets
    mean minus: both signs are possible then.
    """
    last = before[-1].text if before else ""
    if last == "+":
        return ("",), before[:-1]
    if last == "-":
        dash, rest = before[-1], before[:-1]
        touches = dash.end == number.start
        free = not rest or rest[-1].end < dash.start or rest[-1].text == "("
        return (("-",) if touches and free else ("", "-")), rest
    behind = [token.text for token in after if not token.is_kind("percent")]
    enclosed = last == "(" and behind[:1] == [")"]
    return (("", "-") if enclosed else ("",)), before


def _understood(before: Sequence[Token], after: Sequence[Token]) -> bool:
    """Tell whether each word and sign is known, in its place, and at odds with no other."""
    known = all(
        _is_punctuation(side, place)
        or (token.meaning is not None and getattr(token.meaning, where))
        for side, where in ((before, "before"), (after, "after"))
        for place, token in enumerate(side)
    )
    percents, powers = _values(after, "percent"), _values(after, "power")
    single = len(percents) + bool(powers) <= 1 and len(_values(after, "unit")) <= 1
    bounds = {*_values(before, "qualifier"), *_values(after, "qualifier")}
    return known and single and len(powers) <= 2 and not {"at_least", "at_most"} <= bounds


def _is_punctuation(tokens: Sequence[Token], place: int) -> bool:
    """Tell whether a sign only parts words: ``85% - sơ bộ``, but not the comma of ``85,``."""
    token, rest = tokens[place], tokens[place + 1 :]
    if token.text == ",":
        return bool(rest) and token.end < rest[0].start
    if token.text == "-":
        return bool(rest) and rest[0].meaning is not None
    return token.text in _PUNCTUATION


def _readings(numeral: str, power: int, signs: Sequence[str]) -> tuple[Decimal, ...]:
    numbers = numeral_readings(numeral, power)
    # copy_negate keeps every digit, where unary minus rounds to the context's precision.
    signed = [n.copy_negate() if sign and n else n for n in numbers for sign in signs]
    return tuple(dict.fromkeys(signed))


def _values(tokens: Sequence[Token], kind: str) -> list[str]:
    return [token.meaning.value for token in tokens if token.meaning and token.meaning.kind == kind]


def _qualifier(tokens: Sequence[Token]) -> str:
    said = _values(tokens, "qualifier")
    return next((name for name in _WEIGHTIEST_FIRST if name in said), "exact")
