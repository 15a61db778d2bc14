"""Strict YAML: a tree of plain values that knows the line of each of them.

Scalars are typed by the core schema of YAML 1.2: ``yes``, ``2026-03-02`` and ``012-3`` are text, ``012`` is twelve.
Numbers with a point are Decimal, never float. Duplicate keys, tags, several documents and aliases that grow without
bound are refused. Nothing in a file can run code: nodes are composed, never constructed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.resolver import BaseResolver
from yaml.scanner import Scanner

from workbench.errors import ModelError, Problem

_MOST_VALUES = 200_000
_TAG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"[-+]?[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+")
_DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Mark:
    """A position in the file; line and column count from 1."""

    line: int
    column: int


class Branch(dict[str, Any]):
    """A mapping that knows where it, its keys and its values stand."""

    mark: Mark
    keys_at: dict[str, Mark]
    values_at: dict[str, Mark]


class Row(list[Any]):
    """A list that knows where it and its members stand."""

    mark: Mark
    values_at: list[Mark]


class _Resolver(BaseResolver):
    """The implicit types of YAML 1.2's core schema."""


for _name, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", _INTEGER.pattern, "-+0123456789"),
    ("float", f"{_DECIMAL.pattern}|{_NOT_FINITE.pattern}", "-+0123456789."),
):
    _Resolver.add_implicit_resolver(_TAG + _name, re.compile(f"^(?:{_pattern})$"), list(_first))


class _Loader(Reader, Scanner, Parser, Composer, _Resolver):
    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        _Resolver.__init__(self)


def read(text: str, file: str) -> Branch:
    """Return the mapping that ``text`` writes; ModelError names each broken line, as a line of ``file``."""
    root = _compose(text, file)
    builder = _Builder(file)
    tree = builder.value(root, ()) if root is not None else None
    if not builder.problems and not isinstance(tree, Branch):
        builder.problems.append(Problem("a model file is a mapping; begin it with `model: NAME`", "", 1, 1, file))
    if builder.problems or not isinstance(tree, Branch):
        raise ModelError(sorted(builder.problems, key=lambda problem: (problem.line or 0, problem.column or 0)))
    return tree


def position(tree: Branch, path: Path, *, of_key: bool = False) -> Mark:
    """Return where the value (or its key) at ``path`` stands, or the nearest thing above it that does exist."""
    node: Any = tree
    mark = tree.mark
    for at, step in enumerate(path):
        last = of_key and at == len(path) - 1
        if isinstance(node, Branch) and step in node:
            mark = node.keys_at[str(step)] if last else node.values_at[str(step)]
            node = node[str(step)]
        elif isinstance(node, Row) and isinstance(step, int) and step < len(node):
            mark, node = node.values_at[step], node[step]
        else:
            break
    return mark


def _compose(text: str, file: str) -> yaml.Node | None:
    try:
        loader = _Loader(text)
        node: yaml.Node | None = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        words = " ".join(part for part in (error.context, error.problem) if part)
        line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
        raise ModelError([Problem(f"this is not YAML: {words}{_cure(words)}", "", line, column, file)]) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - text.rfind("\n", 0, error.position)
        told = (
            f"this is not YAML: the character U+{ord(text[error.position]):04X} is not allowed; write it as an escape"
        )
        raise ModelError([Problem(told, "", line, column, file)]) from None
    except RecursionError:
        raise ModelError([Problem("this is nested too deep to be a model", "", 1, 1, file)]) from None
    return node


def _cure(words: str) -> str:
    if "'\\t'" in words:
        return "; indent with spaces, not tabs"
    if "mapping values are not allowed" in words:
        return "; quote a text that holds ': '"
    if "but found another document" in words:
        return "; one file holds one model, take the '---' out"
    if "found character '`'" in words or "found character '@'" in words or "found character '%'" in words:
        return "; quote the text"
    return ""


class _Builder:
    """Turns nodes into values and collects what is wrong with them."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._count = 0
        self._open: list[yaml.Node] = []

    def value(self, node: yaml.Node, path: Path) -> Any:
        self._count += 1
        if self._count == _MOST_VALUES:
            self._refuse(node, path, f"the aliases of this file grow to more than {_MOST_VALUES:,} values")
        if self._count >= _MOST_VALUES:
            return None
        if any(node is other for other in self._open):
            return self._refuse(node, path, "an alias that holds itself")
        self._open.append(node)
        try:
            return self._of_kind(node, path)
        finally:
            self._open.pop()

    def _of_kind(self, node: yaml.Node, path: Path) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        if isinstance(node, yaml.SequenceNode) and node.tag == _TAG + "seq":
            row = Row(self.value(child, (*path, at)) for at, child in enumerate(node.value))
            row.mark, row.values_at = _mark(node), [_mark(child) for child in node.value]
            return row
        if isinstance(node, yaml.MappingNode) and node.tag == _TAG + "map":
            return self._mapping(node, path)
        return self._refuse(node, path, f"the tag {node.tag!r} is not allowed; a model holds plain values only")

    def _mapping(self, node: yaml.MappingNode, path: Path) -> Branch:
        branch = Branch()
        branch.mark, branch.keys_at, branch.values_at = _mark(node), {}, {}
        for key, child in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._refuse(key, path, "a key must be text")
            elif key.value in branch:
                first = branch.keys_at[key.value].line
                self._refuse(
                    key, path, f"the key {key.value!r} is there twice, first in line {first}; keep one of them"
                )
            elif key.value == "<<" and key.style is None:
                self._refuse(
                    key, path, "merge keys are not part of YAML 1.2; repeat the lines, or alias the whole value"
                )
            else:
                branch.keys_at[key.value], branch.values_at[key.value] = _mark(key), _mark(child)
                branch[key.value] = self.value(child, (*path, key.value))
        return branch

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> Any:
        kind = node.tag.removeprefix(_TAG)
        text = str(node.value)
        if kind == "str":
            return text
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind == "int" and _INTEGER.fullmatch(text):
            return int(text, 0) if text[:2] in ("0x", "0o") else int(text)
        if kind == "float" and _DECIMAL.fullmatch(text):
            return Decimal(text)
        if kind == "float":
            return self._refuse(node, path, f"{text} is not a finite number")
        return self._refuse(node, path, f"the tag {node.tag!r} is not allowed; a model holds plain values only")

    def _refuse(self, node: yaml.Node, path: Path, message: str) -> None:
        mark = _mark(node)
        self.problems.append(Problem(message, dotted(path), mark.line, mark.column, self.file))


def dotted(path: Iterable[str | int]) -> str:
    """Return a path as a person reads it: ``patterns.list-messages.key`` and ``actions[2].put``."""
    text = ""
    for step in path:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")


def _mark(node: yaml.Node) -> Mark:
    return Mark(node.start_mark.line + 1, node.start_mark.column + 1)
