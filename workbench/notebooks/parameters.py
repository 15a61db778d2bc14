"""A notebook's parameters: the literals of its ``parameters`` cell, read as Python reads them, and values for them.

papermill reads that cell with a regular expression, which takes ``#`` and ``=`` inside a string for a comment and an
assignment; and its command line turns ``007`` into ``7``. Here the default's own type says how a value is read.
"""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import ArgumentError, NotebookError, did_you_mean
from workbench.notebooks.documents import Notebook, code_cells, read_notebook, source_of, tags_of
from workbench.notebooks.redaction import HIDDEN, holds_a_secret

__all__ = ["Parameter", "assign_values", "declared_parameters"]

_TYPES = {"str": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict}


@dataclass(frozen=True)
class Parameter:
    """A name that a run may set. ``type`` is None where the default is no literal, so that no value can be read."""

    name: str
    type: type | None
    default: Any = None
    optional: bool = False

    @property
    def type_name(self) -> str:
        """The type in Python's words."""
        name = self.type.__name__ if self.type else "no literal"
        return f"{name} or None" if self.optional else name


def declared_parameters(path: Path, notebook: Notebook | None = None) -> dict[str, Parameter]:
    """Return the parameters of a notebook by name, in its order; none where no cell is tagged ``parameters``.

    NotebookError for two such cells, or one that is not Python.
    """
    cells = [
        (place, source_of(cell))
        for place, cell in code_cells(notebook or read_notebook(path))
        if "parameters" in tags_of(cell)
    ]
    if len(cells) > 1:
        raise NotebookError(f"{path.name} has {len(cells)} cells tagged 'parameters'; leave one of them the tag.")
    found: dict[str, Parameter] = {}
    for place, source in cells:
        try:
            tree = ast.parse("\n".join(_without_magic(line) for line in source.splitlines()))
        except SyntaxError as error:
            raise NotebookError(f"{path.name}, cell {place}, line {error.lineno}: {error.msg}: {error.text}") from error
        for statement in tree.body:
            found |= {parameter.name: parameter for parameter in _assigned(statement)}
    return found


def _without_magic(line: str) -> str:
    return "" if line.lstrip().startswith(("%", "!")) else line


def _assigned(statement: ast.stmt) -> list[Parameter]:
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
        return [_parameter(statement.target.id, statement.value, statement.annotation)]
    if isinstance(statement, ast.Assign):
        return [
            _parameter(target.id, statement.value, None) for target in statement.targets if isinstance(target, ast.Name)
        ]
    return []


def _parameter(name: str, value: ast.expr, annotation: ast.expr | None) -> Parameter:
    try:
        default = ast.literal_eval(value)
    except ValueError:
        return Parameter(name, None)
    words = re.findall(r"\w+", ast.unparse(annotation)) if annotation is not None else []
    named = next((_TYPES[word] for word in words if word in _TYPES), None)
    if default is None:
        return Parameter(name, named or str, default, optional=True)
    optional = bool({"None", "Optional"} & set(words))
    kind = float if named is float and type(default) is int else type(default)
    return Parameter(name, kind if kind in _TYPES.values() else None, default, optional)


def assign_values(
    notebooks: Sequence[Path], given: Mapping[str, Any], declared: Mapping[Path, Mapping[str, Parameter]] | None = None
) -> dict[Path, dict[str, Any]]:
    """Return for each notebook the values of those given parameters that it declares, read by their types.

    ArgumentError for a name that no notebook declares, or a value that does not fit, with notebook, type and value.
    """
    known = declared if declared is not None else {path: declared_parameters(path) for path in notebooks}
    names = sorted({name for parameters in known.values() for name in parameters})
    for name in given:
        if name not in names:
            which = notebooks[0].name if len(notebooks) == 1 else f"none of the {len(notebooks)} notebooks"
            verb = "has no" if len(notebooks) == 1 else "has a"
            raise ArgumentError(f"{which} {verb} parameter {name!r}. {did_you_mean(name, names)}")
    return {
        path: {name: _read(path, known[path][name], value) for name, value in given.items() if name in known[path]}
        for path in notebooks
    }


def _read(path: Path, parameter: Parameter, value: Any) -> Any:
    text = value if isinstance(value, str) else json.dumps(value)
    shown = HIDDEN if holds_a_secret(parameter.name, text) else repr(text)
    default = HIDDEN if holds_a_secret(parameter.name, str(parameter.default)) else repr(parameter.default)
    if parameter.type is None:
        raise ArgumentError(
            f"{path.name}: the default of {parameter.name!r} is no literal that a run can replace; make it a string, "
            "a number, true or false, a list or a dict."
        )
    try:
        return _value(parameter, text)
    except (ValueError, SyntaxError) as error:
        raise ArgumentError(
            f"{path.name}: the parameter {parameter.name!r} is {_article(parameter.type_name)}, and {shown} is not "
            f"one (its default: {default})."
        ) from error


def _article(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def _value(parameter: Parameter, text: str) -> Any:
    if parameter.type is str:
        return text
    if parameter.optional and text.strip().lower() in ("none", "null"):
        return None
    if parameter.type is int:
        if not re.fullmatch(r"[+-]?[0-9]+", text.strip()):
            raise ValueError(text)
        return int(text)
    if parameter.type is float:
        if "_" in text or not math.isfinite(float(text)):
            raise ValueError(text)
        return float(text)
    if parameter.type is bool:
        return ["false", "true"].index(text.strip().lower()) == 1
    return _collection(parameter, text)


def _collection(parameter: Parameter, text: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        value = ast.literal_eval(text.strip())
    if type(value) is not parameter.type:
        raise ValueError(text)
    json.dumps(value, allow_nan=False)
    return value
