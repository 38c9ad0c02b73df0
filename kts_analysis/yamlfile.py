"""YAML files read into typed models, every problem with its line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from kts_analysis.errors import Problem, ProblemsError
from kts_analysis.i18n import N_
from kts_analysis.vi import nfc

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class YamlFile:
    """A YAML file as read: content, the nodes that know the lines, and what is wrong with it."""

    label: str
    content: Any
    node: yaml.Node | None
    problems: list[Problem]


# pydantic's own wording is English only; the kinds a planner meets are said in our catalogues.
_WORDING = {
    "missing": N_("this field is required but missing"),
    "extra_forbidden": N_("unknown field (a spelling mistake?): found {found}"),
    "literal_error": N_("found {found}; allowed: {expected}"),
    "float_type": N_("found {found}; a number is expected (decimal point)"),
    "float_parsing": N_("found {found}; a number is expected (decimal point)"),
    "int_parsing": N_("found {found}; a whole number is expected"),
    "string_type": N_("found {found}; a text in quotes is expected"),
    "date_from_datetime_parsing": N_("found {found}; a date like 2025-12-31 is expected"),
}
_OTHER = N_("found {found}: {detail}")

DEEPEST = 100  # levels of lists in lists; ours: a plan has about ten


def read_yaml(path: Path, label: str) -> tuple[Any, yaml.Node | None]:
    """Return the content of a YAML file and its node tree (which knows the lines).

    Parameters
    ----------
    path : Path
        The file.
    label : str
        How messages name it.

    Raises
    ------
    ProblemsError
        The file is missing, not UTF-8 or not YAML.
    """
    try:
        return _parse(nfc(path.read_text(encoding="utf-8-sig")))
    except FileNotFoundError:
        raise ProblemsError([Problem(label, N_("there is no such file"))]) from None
    except OSError as error:
        message = N_("the file cannot be read: {detail}")
        problem = Problem(label, message, params={"detail": error.strerror})
        raise ProblemsError([problem]) from None
    except UnicodeDecodeError as error:
        problem = Problem(label, N_("the file is not UTF-8: {detail}"), params={"detail": error})
        raise ProblemsError([problem]) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = Problem(
            label,
            N_("the file is not valid YAML: {detail}"),
            row=mark.line + 1 if mark else None,
            params={"detail": getattr(error, "problem", None) or error},
        )
        raise ProblemsError([problem]) from None


def _parse(text: str) -> tuple[Any, yaml.Node | None]:
    """Return content and nodes, by libyaml's parser where PyYAML has it (ten times as fast).

    What that one refuses goes to PyYAML's own, so that messages are the same everywhere.
    """
    fast = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    if _too_deep(text, fast):
        raise yaml.YAMLError(f"nested deeper than {DEEPEST} levels")
    try:
        return _parse_with(fast, text)
    except yaml.YAMLError:
        return _parse_with(yaml.SafeLoader, text)


def _too_deep(text: str, loader: Any) -> bool:
    """Return whether lists in lists go deeper than `DEEPEST`: libyaml's own loader dies of it."""
    depth = 0
    try:
        for event in yaml.parse(text, Loader=loader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                return True
    except yaml.YAMLError:
        return False  # the reading that follows says what is wrong
    return False


def _parse_with(loader: Any, text: str) -> tuple[Any, yaml.Node | None]:
    # Read twice: making the content from the nodes would merge keys into the nodes.
    return yaml.load(text, Loader=loader), yaml.compose(text, Loader=loader)


def repeated_keys(node: yaml.Node | None, label: str) -> list[Problem]:
    """Return keys that stand twice in one mapping: YAML would silently keep the last."""
    problems: list[Problem] = []
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                message, line = N_("the field {found} stands twice"), key.start_mark.line + 1
                problems.append(Problem(label, message, line, found=str(key.value)))
            seen.add(key.value)
            problems += repeated_keys(value, label)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            problems += repeated_keys(value, label)
    return problems


def line_of(node: yaml.Node | None, location: tuple[int | str, ...]) -> int | None:
    """Return the line (from 1) of a place in a node tree, or of its nearest known parent."""
    if node is None:
        return None
    line = int(node.start_mark.line) + 1
    for step in location:
        child: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(step):
                    line, child = int(key.start_mark.line) + 1, value
        elif isinstance(node, yaml.SequenceNode) and int(step) < len(node.value):
            child = node.value[int(step)]
            line = int(child.start_mark.line) + 1
        if child is None:
            return line
        node = child
    return line


def model_problems(error: ValidationError, node: yaml.Node | None, label: str) -> list[Problem]:
    """Return pydantic's complaints as problems with line numbers."""
    problems = []
    for item in error.errors():
        location = tuple(item["loc"])
        problems.append(
            Problem(
                label,
                _WORDING.get(item["type"], _OTHER),
                row=line_of(node, location),
                column=".".join(str(step) for step in location) or None,
                found=repr(item.get("input")) if item["type"] != "missing" else None,
                params={
                    "expected": (item.get("ctx") or {}).get("expected", ""),
                    "detail": item["msg"],
                },
            )
        )
    return problems


def load_model(path: Path, model: type[Model], label: str) -> tuple[Model | None, YamlFile]:
    """Return a YAML file as a validated model, None where its form is wrong.

    Returns
    -------
    (model or None, YamlFile)
        The file keeps its content, its node tree for further checks, and every problem of form.

    Raises
    ------
    ProblemsError
        The file cannot be read at all.
    """
    content, node = read_yaml(path, label)
    file = YamlFile(label, content, node, repeated_keys(node, label))
    try:
        return model.model_validate(content), file
    except ValidationError as error:
        file.problems.extend(model_problems(error, node, label))
        return None, file
