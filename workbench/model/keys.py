"""Key templates: ``MSG#{message_group_uuid}`` renders values into a key and reads them back, never ambiguously.

A field is ``{name}``, ``{lookup.column}`` or, for integers, ``{name:08d}`` (zero-padded, so that text order is
number order). ``{{`` and ``}}`` stand for braces. A value that would make the key readable in two ways is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from workbench.errors import KeyTemplateError
from workbench.model.types import ValueType, parse

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")
_FIELD = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?)(?::0([1-9][0-9]?)d)?")


@dataclass(frozen=True)
class Field:
    """One field of a template; ``width`` is the digits an integer is padded to."""

    name: str
    width: int | None = None


@dataclass(frozen=True)
class KeyTemplate:
    """A template: literals and fields in turn. Make one with ``KeyTemplate.of(text)``."""

    text: str
    parts: tuple[str | Field, ...]

    @classmethod
    def of(cls, text: str) -> KeyTemplate:
        """Return the template that ``text`` writes; KeyTemplateError says what is wrong with it."""
        parts: list[str | Field] = []
        for match in _TOKEN.finditer(text):
            part = _part(match.group(0), match.group(1), text)
            if isinstance(part, str) and parts and isinstance(parts[-1], str):
                parts[-1] += part
            elif isinstance(part, Field) and parts and isinstance(parts[-1], Field):
                raise KeyTemplateError(
                    f"key template {text!r}: {{{parts[-1].name}}} and {{{part.name}}} touch, so a key could not be "
                    f"read back; put a separator such as '#' between them"
                )
            else:
                parts.append(part)
        if not parts:
            raise KeyTemplateError("a key template is empty; write a literal, a {field}, or both")
        return cls(text, tuple(parts))

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields, in order, each once."""
        return tuple(dict.fromkeys(part.name for part in self.parts if isinstance(part, Field)))

    @property
    def prefix(self) -> str:
        """The literal that every rendered key starts with, or an empty string."""
        return self.parts[0] if isinstance(self.parts[0], str) else ""

    @cached_property
    def only_field(self) -> str | None:
        """The field's name where the template is one bare field, whose value then keeps its type; else None."""
        part = self.parts[0]
        return part.name if len(self.parts) == 1 and isinstance(part, Field) and part.width is None else None

    def render(self, values: Mapping[str, Any]) -> Any:
        """Return the key made of ``values``: text, or the value itself where the template is one bare field.

        Raises KeyTemplateError where a field has no value, or a value holds the separator that follows it.
        """
        if self.only_field is not None:
            return self._value(self.only_field, values)
        rendered = "".join(part if isinstance(part, str) else self._text(part, values) for part in self.parts)
        self._refuse_ambiguous(rendered, values)
        return rendered

    def parse(self, key: Any, types: Mapping[str, ValueType] | None = None) -> dict[str, Any]:
        """Return the values of the fields that ``key`` was rendered from, as their declared types.

        Raises KeyTemplateError where the key does not fit the template.
        """
        types = types or {}
        if self.only_field is not None:
            return {self.only_field: self._typed(self.only_field, key, types)}
        match = self._pattern.fullmatch(key) if isinstance(key, str) else None
        if match is None or "" in match.groups():  # no value renders to nothing
            raise KeyTemplateError(f"key {key!r} does not fit the template {self.text!r}")
        found: dict[str, Any] = {}
        for field, text in zip((part for part in self.parts if isinstance(part, Field)), match.groups(), strict=True):
            value = self._typed(field.name, text, {**types, field.name: "integer"} if field.width else types)
            if found.setdefault(field.name, value) != value:
                raise KeyTemplateError(f"key {key!r}: {field.name} is {found[field.name]!r} and {value!r} at once")
        return found

    def matches(self, key: Any, types: Mapping[str, ValueType] | None = None) -> bool:
        """Return whether ``key`` could have been rendered from this template."""
        try:
            self.parse(key, types)
        except KeyTemplateError:
            return False
        return True

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        last = len(self.parts) - 1
        return re.compile(
            "".join(
                re.escape(part) if isinstance(part, str) else _group(part, last=at == last)
                for at, part in enumerate(self.parts)
            ),
            re.DOTALL,
        )

    def _value(self, name: str, values: Mapping[str, Any]) -> Any:
        if values.get(name) is None:
            raise KeyTemplateError(f"key template {self.text!r} needs a value for {{{name}}}")
        return values[name]

    def _text(self, field: Field, values: Mapping[str, Any]) -> str:
        value = self._value(field.name, values)
        if field.width is not None:
            return self._padded(field, value)
        if isinstance(value, bool | float | bytes | list | dict | set | frozenset):
            raise KeyTemplateError(
                f"key template {self.text!r}: {field.name} is a {type(value).__name__}; only text and exact numbers "
                f"can be part of a key"
            )
        text = _plain(value) if isinstance(value, Decimal) else str(value)
        if not text:
            raise KeyTemplateError(f"key template {self.text!r}: the value of {{{field.name}}} is empty")
        return text

    def _padded(self, field: Field, value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, int) or value < 0 or len(str(value)) > (field.width or 0):
            raise KeyTemplateError(
                f"key template {self.text!r}: {field.name} = {value!r} does not fit {field.width} digits, so keys "
                f"would no longer sort as numbers; use a wider field"
            )
        return f"{value:0{field.width}d}"

    def _refuse_ambiguous(self, rendered: str, values: Mapping[str, Any]) -> None:
        match = self._pattern.fullmatch(rendered)
        fields = [part for part in self.parts if isinstance(part, Field)]
        for field, text in zip(fields, match.groups() if match else (), strict=True):
            wanted = self._text(field, values)
            if text != wanted:
                at = self.parts.index(field)
                following = self.parts[at + 1] if at + 1 < len(self.parts) else ""
                raise KeyTemplateError(
                    f"key template {self.text!r}: the value {wanted!r} of {{{field.name}}} holds the separator "
                    f"{following!r} and could not be read back; use a value without it, or another separator"
                )

    def _typed(self, name: str, value: Any, types: Mapping[str, ValueType]) -> Any:
        try:
            return parse(types[name], value) if name in types else value
        except ValueError as error:
            raise KeyTemplateError(f"key template {self.text!r}: {name}: {error}") from None


def _group(field: Field, *, last: bool) -> str:
    if field.width is not None:
        return f"([0-9]{{{field.width}}})"
    return "(.*)" if last else "(.*?)"


def _plain(number: Decimal) -> str:
    """Return one text for one number, whichever way it was written: 1, 1.0 and 1E0 make the same key."""
    if not number:
        return "0"
    text = f"{number:f}"  # normalize() would round to the 28 digits of the usual context
    return text.rstrip("0").rstrip(".") if "." in text else text


def _part(token: str, inside: str | None, text: str) -> str | Field:
    if token in ("{{", "}}"):
        return token[0]
    if inside is None:
        if token in ("{", "}"):
            raise KeyTemplateError(f"key template {text!r}: a lone {token!r}; write {token * 2} for one brace")
        return token
    match = _FIELD.fullmatch(inside)
    if match is None:
        raise KeyTemplateError(f"key template {text!r}: {{{inside}}} is no field; write {{name}} or {{name:08d}}")
    return Field(match[1], int(match[2]) if match[2] else None)
