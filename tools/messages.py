"""Keep the message catalogues complete.

    python tools/messages.py update     write new strings into both catalogues
    python tools/messages.py update --prune     and forget translations nobody uses any more
    python tools/messages.py check      list what is missing, untranslated or unused; exit 1

Strings are found in calls ``m("…")``, ``m.n("one", "many", count)``, ``m.p("context", "…")``,
``N_("…")`` and ``_("…")`` in the package, the page templates and the notebooks. The English
source text is the message id. The catalogues carry no clock time and no line numbers, so that
they change only when a string does.
"""

from __future__ import annotations

import argparse
import io
import string
import sys
from collections.abc import Sequence
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from message_sources import PACKAGE, Found, Key, SourceError, collect

LANGUAGES = ("vi", "en")
SOURCE_LANGUAGE = "en"


def catalogue_path(root: Path, lang: str) -> Path:
    """Return the place of a language's catalogue."""
    return root / PACKAGE / "locale" / lang / "LC_MESSAGES" / "kts.po"


def read_catalogue(root: Path, lang: str) -> Catalog:
    """Read a catalogue; a missing file is an empty one."""
    path = catalogue_path(root, lang)
    if not path.exists():
        return Catalog(locale=lang)
    with path.open("rb") as file:
        return read_po(file, locale=lang)


def first(texts: str | Sequence[str]) -> str:
    """Return the singular of a message id."""
    return texts if isinstance(texts, str) else texts[0]


def every(texts: str | Sequence[str] | None) -> list[str]:
    """Return all forms of a text."""
    return [texts] if isinstance(texts, str) else list(texts or ())


def by_key(catalogue: Catalog) -> dict[Key, Message]:
    """Return the messages in use, without the header."""
    return {(item.context, first(item.id)): item for item in catalogue if item.id}


def forgotten(catalogue: Catalog) -> dict[Key, Message]:
    """Return the messages kept although no longer in use."""
    return {(item.context, first(item.id)): item for item in catalogue.obsolete.values()}


def merged(strings: list[Found], old: Catalog, lang: str, *, prune: bool) -> Catalog:
    """Make a catalogue of the strings, keeping the translations there are."""
    new = Catalog(locale=lang)
    known = {**forgotten(old), **by_key(old)}
    files: dict[Key, set[str]] = {}
    plurals: dict[Key, Found] = {}
    for item in strings:
        files.setdefault(item.key, set()).add(item.file)
        if item.key not in plurals or not isinstance(item.msgid, str):
            plurals[item.key] = item
    for key, item in plurals.items():
        text = translation(item, known.pop(key, None), lang, new.num_plurals)
        places = [(file, 1) for file in sorted(files[key])]
        new.add(item.msgid, text, locations=places, context=item.context)
    if not prune:
        for key, message in known.items():
            if translated(message):
                new.obsolete[str(key)] = message
    return new


def translation(item: Found, old: Message | None, lang: str, forms: int) -> str | tuple[str, ...]:
    """Return the text for a catalogue: the source language repeats the id."""
    if lang == SOURCE_LANGUAGE:
        return item.msgid
    plural = not isinstance(item.msgid, str)
    if old is not None and not old.fuzzy and isinstance(old.string, str) != plural:
        return old.string if isinstance(old.string, str) else tuple(every(old.string))
    return ("",) * forms if plural else ""


def translated(message: Message) -> bool:
    """Tell whether every form of a message has a text."""
    forms = every(message.string)
    return bool(forms) and all(forms)


def as_text(catalogue: Catalog) -> str:
    """Return the ``.po`` text, sorted, with a header free of clock times."""
    body = io.BytesIO()
    write_po(body, catalogue, width=0, omit_header=True, sort_output=True, include_lineno=False)
    header = "\n".join(
        [
            'msgid ""',
            'msgstr ""',
            f'"Language: {catalogue.locale_identifier}\\n"',
            '"MIME-Version: 1.0\\n"',
            '"Content-Type: text/plain; charset=utf-8\\n"',
            '"Content-Transfer-Encoding: 8bit\\n"',
            f'"Plural-Forms: {catalogue.plural_forms}\\n"',
        ]
    )
    text = body.getvalue().decode("utf-8").strip("\n")
    return f"{header}\n\n{text}\n" if text else f"{header}\n"


def fields(text: str) -> set[str]:
    """Return the names in braces of a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def field_problem(message: Message) -> str | None:
    """Say which ``{fields}`` of the translation differ from those of the message id."""
    try:
        wanted = [fields(text) for text in every(message.id)]
        given = [fields(text) for text in every(message.string)]
    except ValueError as error:
        return f"unbalanced braces ({error})"
    # A singular may say "one area" without {n}; the translation may use whichever form fits.
    if all(any(form == need for need in wanted) for form in given):
        return None
    return f"fields {sorted(set().union(*given))}, expected {sorted(set().union(*wanted))}"


def problems(root: Path) -> list[str]:
    """List everything that is wrong with the catalogues, one line each."""
    strings = collect(root)
    used = {item.key for item in strings}
    result: list[str] = []
    for lang in LANGUAGES:
        catalogue = read_catalogue(root, lang)
        messages, label = by_key(catalogue), catalogue_path(root, lang).relative_to(root).as_posix()
        reported: set[Key] = set()
        for item in strings:
            message, shown = messages.get(item.key), repr(first(item.msgid))
            if item.key in reported:
                continue
            reported.add(item.key)
            if message is None:
                result.append(f"{item.place}: missing in {lang}: {shown}")
            elif message.fuzzy or not translated(message):
                result.append(f"{item.place}: untranslated in {lang}: {shown}")
            elif not isinstance(item.msgid, str) and isinstance(message.id, str):
                result.append(f"{item.place}: plural form missing in {lang}: {shown}")
            elif lang == SOURCE_LANGUAGE and every(message.string) != every(message.id):
                result.append(f"{item.place}: {lang} text differs from its id: {shown}")
            elif (wrong := field_problem(message)) is not None:
                result.append(f"{item.place}: {lang} translation of {shown} has {wrong}")
        unused = [message for key, message in messages.items() if key not in used]
        for message in [*unused, *forgotten(catalogue).values()]:
            result.append(f"{label}:{message.lineno or 1}: unused: {first(message.id)!r}")
    return result


def update(root: Path, *, prune: bool) -> None:
    """Write the strings of the sources into both catalogues."""
    strings = collect(root)
    for lang in LANGUAGES:
        path = catalogue_path(root, lang)
        text = as_text(merged(strings, read_catalogue(root, lang), lang, prune=prune))
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return 0, or 1 when `check` finds something, or 2 for unreadable sources."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    parser = argparse.ArgumentParser(description="Keep the message catalogues complete.")
    parser.add_argument("command", choices=["update", "check"])
    parser.add_argument("--prune", action="store_true", help="forget unused translations")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    options = parser.parse_args(arguments)
    try:
        if options.command == "update":
            update(options.root, prune=options.prune)
            return 0
        lines = problems(options.root)
    except SourceError as error:
        print(error, file=sys.stderr)
        return 2
    for line in lines:
        print(line)
    return 1 if lines else 0


if __name__ == "__main__":
    raise SystemExit(main())
