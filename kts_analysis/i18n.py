"""Message catalogues: every sentence a reader sees, per language.

The English source text is the message id. Catalogues are plain ``.po`` files beside this
module, read as they are (no compile step); ``tools/messages.py`` keeps them complete.
In code a :class:`Messages` object is called ``m``: ``m("Gap to {target}", target=…)``.
"""

from __future__ import annotations

import datetime as dt
import io
import os
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from kts_analysis import vi

if TYPE_CHECKING:
    from babel.support import Translations

LANGUAGES: tuple[str, ...] = tuple(vi.LOCALES)
DOMAIN = "kts"


def N_(text: str) -> str:  # noqa: N802 - the usual name of this marker
    """Mark a text for the catalogue without translating it now; it is returned unchanged."""
    return text


def spoken(lang: str = "") -> str:
    """Return the language asked for or, left empty, the one ``kts lab`` was started in.

    That is kept in the environment variable ``KTS_LANG``; without it the first language.
    """
    asked = lang or os.environ.get("KTS_LANG", "")
    return asked if lang or asked in LANGUAGES else LANGUAGES[0]


@cache
def translator(lang: str) -> Translations:
    """Translations of one language, read once.

    Parameters
    ----------
    lang : {"vi", "en"}

    Returns
    -------
    babel.support.Translations
        With ``gettext``, ``ngettext`` and ``pgettext``. A text that is not in the catalogue
        comes back in English.

    Raises
    ------
    ValueError
        For an unknown language; the message names the languages.
    """
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po
    from babel.support import Translations

    vi.locale_of(lang)
    source = resources.files("kts_analysis").joinpath("locale", lang, "LC_MESSAGES", f"{DOMAIN}.po")
    compiled = io.BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file, locale=lang, domain=DOMAIN))
    compiled.seek(0)
    return Translations(compiled, domain=DOMAIN)


class Messages:
    """Texts, numbers and dates in one language.

    Parameters
    ----------
    lang : {"vi", "en"}

    Raises
    ------
    ValueError
        For an unknown language.
    """

    def __init__(self, lang: str) -> None:
        self._translations = translator(lang)
        self.lang = lang

    def __repr__(self) -> str:
        return f"Messages({self.lang!r})"

    def __call__(self, msgid: str, /, **fields: object) -> str:
        """Translate a text and fill its ``{fields}``.

        Raises
        ------
        ValueError
            When the text names a field that is not given.
        """
        return self._fill(self._translations.gettext(msgid) if msgid else "", fields)

    def n(self, singular: str, plural: str, number: int, /, **fields: object) -> str:
        """Translate a text that depends on a count; ``{n}`` is the count, formatted."""
        text = str(self._translations.ngettext(singular, plural, number))
        return self._fill(text, {"n": self.count(number), **fields})

    def p(self, context: str, msgid: str, /, **fields: object) -> str:
        """Translate a text that needs a context to be understood (same word, other meaning)."""
        return self._fill(str(self._translations.pgettext(context, msgid)), fields)

    def _fill(self, text: str, fields: dict[str, object]) -> str:
        """Fill fields; a bare decimal number gets this language's comma or point."""
        return _fill(text, {name: self._field(value) for name, value in fields.items()})

    def _field(self, value: object) -> object:
        if isinstance(value, Decimal):
            text = format(value, "f")
            return text.replace(".", ",") if self.lang == "vi" else text
        return _Number(value, self.lang) if isinstance(value, float) else value

    def either(self, values: tuple[str | Decimal, ...]) -> str:
        """Several words (message ids) or numbers side by side: ``1234 / 1,234`` (vi)."""
        return " / ".join(
            self(value) if isinstance(value, str) else str(self._field(value)) for value in values
        )

    def number(self, value: vi.Number, decimals: int = 1) -> str:
        """Number with this language's separators; see :func:`kts_analysis.vi.format_number`."""
        return vi.format_number(value, decimals, self.lang)

    def count(self, value: vi.Number) -> str:
        """Whole number; see :func:`kts_analysis.vi.format_count`."""
        return vi.format_count(value, self.lang)

    def percent(self, value: vi.Number, decimals: int = 1) -> str:
        """Percent, 0-100, with its sign; see :func:`kts_analysis.vi.format_percent`."""
        return vi.format_percent(value, decimals, self.lang)

    def points(self, value: vi.Number, decimals: int = 1, *, signed: bool = True) -> str:
        """Percentage points, ``+1,2 điểm %``; see :func:`kts_analysis.vi.format_points`."""
        unit = self(N_("points"))
        return vi.format_points(value, unit, decimals, self.lang, signed=signed)

    def date(self, when: dt.date | None) -> str:
        """Day; see :func:`kts_analysis.vi.format_date`."""
        return vi.format_date(when, self.lang)

    def period(self, text: str | int | None) -> str:
        """Period of observation; see :func:`kts_analysis.vi.format_period`."""
        return vi.format_period(text, self.lang)


class _Number(float):
    """A number that a text shows with its language's decimal sign; a whole one shows none."""

    def __new__(cls, value: float, lang: str) -> _Number:
        made = super().__new__(cls, value)
        made.lang = lang
        return made

    lang: str

    def __format__(self, form: str) -> str:
        text = super().__format__(form)
        text = text if form else text.removesuffix(".0")
        return text.replace(".", ",") if self.lang == "vi" else text


def _fill(text: str, fields: dict[str, object]) -> str:
    """Put the fields into the text; a text without fields is taken as it stands."""
    if not fields:
        return text
    try:
        return text.format_map(fields)
    except KeyError as error:
        raise ValueError(
            f"the text {text!r} needs {error.args[0]!r}; given: {', '.join(fields)}"
        ) from error
