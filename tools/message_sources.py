"""Find the translatable strings of the package, the page templates and the notebooks.

They stand in calls ``m("…")``, ``m.n("one", "many", count)``, ``m.p("context", "…")``,
``N_("…")`` and ``_("…")``. Babel's own extractors do not tell ``m.n`` from another ``n`` and the
one for Jinja skips it, hence these few lines on the syntax trees.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError, nodes

PACKAGE = "kts_analysis"
PLAIN_NAMES = frozenset({"m", "N_", "_"})
TEMPLATE_SUFFIXES = (".html", ".j2")

Id = str | tuple[str, str]
Key = tuple[str | None, str]  # context, singular


class SourceError(Exception):
    """A source file that cannot be read for strings."""


@dataclass(frozen=True)
class Found:
    """A translatable text and the place where it stands."""

    file: str
    line: int
    msgid: Id
    context: str | None = None

    @property
    def key(self) -> Key:
        return self.context, first(self.msgid)

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"


def first(msgid: Id) -> str:
    """Return the singular form."""
    return msgid if isinstance(msgid, str) else msgid[0]


def message_of(name: str, method: str | None, arguments: Sequence[object]) -> tuple[Id, str | None]:
    """Return message id and context of a call whose literal arguments are given.

    Raises
    ------
    ValueError
        When the call is one of ours but its text is not a literal string.
    LookupError
        When the call is not one of ours.
    """
    if method is None and name in PLAIN_NAMES:
        needed = 1
    elif name == "m" and method in {"n", "p"}:
        needed = 2
    else:
        raise LookupError
    texts = arguments[:needed]
    if len(texts) < needed or not all(isinstance(text, str) and text for text in texts):
        raise ValueError
    literals = [str(text) for text in texts]
    if needed == 1:
        return literals[0], None
    return (literals[1], literals[0]) if method == "p" else ((literals[0], literals[1]), None)


def python_strings(source: str, file: str) -> Iterator[Found]:
    """Find the strings of a Python source text.

    ``m(variable)`` is allowed (its text is marked with ``N_`` elsewhere); an f-string is not,
    because it can never match the catalogue.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise SourceError(f"{file}:{error.lineno}: not valid Python: {error.msg}") from error
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name, method = _python_name(node.func)
        line = node.lineno
        if any(isinstance(argument, ast.JoinedStr) for argument in node.args[:2]) and (
            (method is None and name in PLAIN_NAMES) or (name == "m" and method in {"n", "p"})
        ):
            raise SourceError(f"{file}:{line}: an f-string cannot be translated; use {{fields}}")
        arguments = [
            argument.value if isinstance(argument, ast.Constant) else None for argument in node.args
        ]
        try:
            msgid, context = message_of(name, method, arguments)
        except (LookupError, ValueError):
            continue
        yield Found(file, line, msgid, context)


def _python_name(function: ast.expr) -> tuple[str, str | None]:
    """Name and method of a call: ``m`` and ``self.m`` are the same, ``m.n`` has a method."""
    if isinstance(function, ast.Name):
        return function.id, None
    if isinstance(function, ast.Attribute):
        inner, _ = _python_name(function.value)
        if inner == "m" and function.attr in {"n", "p"}:
            return inner, function.attr
        return (function.attr, None) if function.attr == "m" else ("", None)
    return "", None


def template_strings(source: str, file: str) -> Iterator[Found]:
    """Find the strings of a Jinja template."""
    try:
        tree = Environment(extensions=["jinja2.ext.do"], autoescape=True).parse(source)
    except TemplateSyntaxError as error:
        raise SourceError(f"{file}:{error.lineno}: {error.message}") from error
    for node in tree.find_all(nodes.Call):
        target, name, method = node.node, "", None
        if isinstance(target, nodes.Name):
            name = target.name
        elif isinstance(target, nodes.Getattr) and isinstance(target.node, nodes.Name):
            name, method = target.node.name, target.attr
        arguments = [arg.value if isinstance(arg, nodes.Const) else None for arg in node.args]
        try:
            msgid, context = message_of(name, method, arguments)
        except (LookupError, ValueError):
            continue
        yield Found(file, node.lineno, msgid, context)


def notebook_strings(source: str, file: str) -> Iterator[Found]:
    """Find the strings of a notebook's code cells; the line is counted inside its cell."""
    try:
        cells = json.loads(source)["cells"]
    except (ValueError, KeyError) as error:
        raise SourceError(f"{file}: not a notebook: {error}") from error
    for number, cell in enumerate(cells, start=1):
        if cell["cell_type"] == "code":
            lines = "".join(cell["source"]).splitlines()
            code = "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in lines)
            yield from python_strings(code, f"{file}#cell{number}")


def collect(root: Path) -> list[Found]:
    """Find every translatable string of the project, in a fixed order.

    Raises
    ------
    SourceError
        When a file cannot be read for strings.
    """
    found: list[Found] = []
    package = root / PACKAGE
    readers: list[tuple[Path, Callable[[str, str], Iterator[Found]]]] = [
        (path, python_strings) for path in package.rglob("*.py")
    ]
    templates = package / "templates"
    readers += [
        (path, template_strings)
        for path in templates.rglob("*")
        if path.suffix in TEMPLATE_SUFFIXES
    ]
    readers += [(path, notebook_strings) for path in (root / "notebooks").rglob("*.ipynb")]
    for path, reader in readers:
        if ".ipynb_checkpoints" not in path.parts:
            text = path.read_text(encoding="utf-8")
            found += reader(text, path.relative_to(root).as_posix())
    return sorted(found, key=lambda item: (item.file, item.line, first(item.msgid)))
