"""Holds a tree against the grammar and says in words, with the line, where it does not fit."""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from workbench.errors import did_you_mean
from workbench.model.loading.document import ModelDoc
from workbench.model.loading.lines import Branch, Path
from workbench.model.loading.problems import Problems

_SECTIONS = ("tables", "entities", "patterns")


def fit(tree: Branch, problems: Problems) -> tuple[ModelDoc | None, frozenset[Path]]:
    """Return the document, without the tables, entities and patterns that do not fit, and the paths of those.

    The document is None when the rest does not fit. Every misfit is added to ``problems``.
    """
    where = {id(branch): path for branch, path in _branches(tree, ())}

    def note(part: dict[str, Any], known: list[str]) -> None:
        for key in part:
            if key not in known and id(part) in where:
                message = f"unknown key {key!r}. {did_you_mean(key, known)}"
                problems.add((*where[id(part)], key), message, at_key=True)

    try:
        return ModelDoc.model_validate(tree, context=note), frozenset()
    except ValidationError as error:
        paths = [_add(detail, tree, problems) for detail in error.errors(include_url=False)]
    broken = frozenset(path[:2] for path in paths if len(path) > 1 and path[0] in _SECTIONS)
    try:
        return ModelDoc.model_validate(_without(tree, broken)), broken
    except ValidationError:
        return None, broken


def _branches(node: Any, path: Path) -> list[tuple[Branch, Path]]:
    if isinstance(node, Branch):
        inner = [each for key, child in node.items() for each in _branches(child, (*path, key))]
        return [(node, path), *inner]
    if isinstance(node, list):
        return [each for at, child in enumerate(node) for each in _branches(child, (*path, at))]
    return []


def _without(tree: Branch, broken: frozenset[Path]) -> dict[str, Any]:
    known = {key: value for key, value in tree.items() if key in ModelDoc.model_fields}
    for section in _SECTIONS:
        if isinstance(known.get(section), dict):
            known[section] = {name: part for name, part in known[section].items() if (section, name) not in broken}
    return known


def _add(detail: ErrorDetails, tree: Branch, problems: Problems) -> Path:
    path = _path(detail["loc"], tree)
    kind = detail["type"]
    if kind == "missing":
        problems.add(path[:-1], f"{path[-1]!r} is missing", at_key=True)
    elif kind != "extra_forbidden":  # named by note(), with the nearest known key
        problems.add(path, _message(kind, detail))
    return path


def _path(loc: tuple[int | str, ...], tree: Branch) -> Path:
    """Return the part of a pydantic location that is in the file: without tags, and with the missing last key."""
    path: list[str | int] = []
    node: Any = tree
    for step in loc:
        if isinstance(step, str) and (step.startswith("=") or step == "[key]"):
            continue
        path.append(step)
        inside = isinstance(node, dict) and step in node
        listed = isinstance(node, list) and isinstance(step, int) and step < len(node)
        node = node[step] if inside or listed else None
    return tuple(path)


def _message(kind: str, detail: ErrorDetails) -> str:
    value, context = detail["input"], detail.get("ctx", {})
    if kind == "literal_error":
        known = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        if isinstance(value, str):
            return f"{value!r} is none of the words that fit. {_nearest(value, known)}"
        return f"must be one of {', '.join(known)}, not {_kind(value)}"
    if kind == "wrong_form":
        return f"{detail['msg']}, not {_kind(value)}"
    if kind in _WANTED:
        return f"must be {_WANTED[kind]}, not {_kind(value)}"
    if kind == "string_pattern_mismatch":
        return f"{value!r} does not fit {context.get('pattern')}"
    if kind == "greater_than_equal":
        return f"{value} is too small; the least is {context.get('ge')}"
    if kind in ("too_short", "string_too_short"):
        return f"is too short; the least is {context.get('min_length')}"
    if kind == "too_long":
        return f"is too long; the most is {context.get('max_length')}"
    return detail["msg"]


_WANTED = {
    "string_type": "text (quote it)", "int_type": "a whole number", "bool_type": "true or false",
    "dict_type": "a mapping", "model_type": "a mapping", "model_attributes_type": "a mapping", "list_type": "a list",
    "is_instance_of": "a number", "decimal_type": "a number", "decimal_parsing": "a number",
}  # fmt: skip


def _nearest(value: str, known: list[str]) -> str:
    near = did_you_mean(value, known)
    folded = {word.casefold(): word for word in known}
    return f"Did you mean {folded[value.casefold()]!r}?" if value.casefold() in folded else near


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing; give a value or leave the key out"
    return f"{value!r}" if isinstance(value, str | bool) else str(value)
