"""Reads key templates and checks that the fields they name exist and have a type that the key can hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from workbench.errors import KeyTemplateError
from workbench.model.keys import Field, KeyTemplate
from workbench.model.loading.lines import Path
from workbench.model.loading.problems import Problems
from workbench.model.tables import KeyAttribute
from workbench.model.types import DYNAMODB_TYPE, ValueType

_HOLE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")


def read_template(text: str, path: Path, problems: Problems) -> KeyTemplate | None:
    """Return the template, or None after adding what is wrong with it."""
    try:
        return KeyTemplate.of(text)
    except KeyTemplateError as error:
        problems.add(path, str(error))
        return None


def check_names(
    names: Iterable[str], known: Iterable[str], lookups: Mapping[str, bool], path: Path, problems: Problems
) -> None:
    """Add a problem for each name that is neither known nor a column of a lookup.

    ``lookups`` maps the lookups of one row, and the one that ``each`` goes through, to True; the others to False.
    """
    for name in names:
        lookup, dot, _ = name.partition(".")
        if not dot:
            if name not in known:
                problems.unknown(path, "parameter", name, [*known, *(f"{each}.column" for each in lookups)])
        elif lookup not in lookups:
            problems.unknown(path, "lookup", lookup, lookups)
        elif not lookups[lookup]:
            problems.add(path, f"lookup {lookup!r} gives many rows, so {{{name}}} has no one value; use it with `each`")


def names_in(expression: str) -> list[str]:
    """Return the names in braces of a filter, condition or update expression, each once, in order."""
    found = (match[1] for match in _HOLE.finditer(expression))
    return list(dict.fromkeys(name.split(":")[0] for name in found if name))


def check_key_type(
    template: KeyTemplate, attribute: KeyAttribute, types: Mapping[str, ValueType], path: Path, problems: Problems
) -> None:
    """Add a problem where the template cannot make a key attribute of its type: a number key of text, say."""
    if template.only_field is not None:
        type_ = types.get(template.only_field)
        made = DYNAMODB_TYPE.get(type_ or "any", attribute.type)
        if made != attribute.type:
            problems.add(
                path,
                f"the key attribute {attribute.name!r} has type {attribute.type}, and {{{template.only_field}}} is "
                f"{_an(type_ or 'any')}, which is stored as {made}",
            )
    elif attribute.type == "N" and not _NUMBER.fullmatch(template.text):
        problems.add(
            path, f"the key attribute {attribute.name!r} is a number; write one bare {{field}} of type integer"
        )
    elif attribute.type == "B":
        problems.add(path, f"the key attribute {attribute.name!r} is binary; write one bare {{field}} of type binary")


def check_field_types(template: KeyTemplate, types: Mapping[str, ValueType], path: Path, problems: Problems) -> None:
    """Add a problem where a padded field is no integer, or a field of several characters cannot be text."""
    for part in template.parts:
        type_ = types.get(part.name) if isinstance(part, Field) else None
        if not isinstance(part, Field) or type_ is None or template.only_field is not None:
            continue
        if part.width is not None and type_ != "integer":
            problems.add(path, f"{{{part.name}:0{part.width}d}} pads an integer, and {part.name!r} is {_an(type_)}")
        if DYNAMODB_TYPE.get(type_, "S") not in ("S", "N"):
            problems.add(path, f"{part.name!r} is {_an(type_)}, which cannot be part of a key")


def _an(type_: str) -> str:
    return f"an {type_}" if type_[0] in "aeiou" and type_ != "uuid" else f"a {type_}"
