"""Placeholders: every attribute name becomes ``#n0``, ``#n1`` ..., every value ``:v0``, ``:v1`` ..., as they appear.

Which placeholder stands where depends on the pattern alone, never on the values.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from workbench.errors import ItemError, ModelError
from workbench.items import number_text, to_wire
from workbench.plans.scope import Scope, Unresolved
from workbench.plans.syntax import Node, Value, write

MAX_EXPRESSION = 4096
MOST_SHOWN = 120
Wire = dict[str, Any]


@dataclass
class Placeholders:
    """The placeholders of one request, or of one action of a transaction; made anew for each."""

    scope: Scope
    names: dict[str, str] = field(default_factory=dict)
    values: dict[str, Wire] = field(default_factory=dict)
    _sources: dict[tuple[str, str], str] = field(default_factory=dict)

    def name(self, name: str) -> str:
        """Return the placeholder of an attribute name; the same name gets the same one."""
        for placeholder, known in self.names.items():
            if known == name:
                return placeholder
        placeholder = f"#n{len(self.names)}"
        self.names[placeholder] = name
        return placeholder

    def value(self, value: Value) -> str:
        """Return the placeholder of a value; the same text in the model gets the same one."""
        return self.wire(wire_of(value, self.scope), source=value.template.text if value.template else value.source)

    def wire(self, wire: Wire, *, source: str) -> str:
        """Return the placeholder of a wire value that the model writes as ``source``."""
        key = (source, next(iter(wire)))
        if key not in self._sources:
            self._sources[key] = f":v{len(self.values)}"
            self.values[self._sources[key]] = wire
        return self._sources[key]

    def write(self, node: Node, what: str) -> str:
        """Return an expression with placeholders; ModelError when it is longer than DynamoDB takes."""
        text = write(node, self)
        if len(text.encode()) > MAX_EXPRESSION:
            raise ModelError(f"{self.scope.pattern.name}: {what}: longer than {MAX_EXPRESSION} bytes; split it")
        return text

    def kwargs(self) -> dict[str, Any]:
        """Return the two arguments of a request that say what the placeholders stand for; none that is empty."""
        names = {"ExpressionAttributeNames": dict(self.names)} if self.names else {}
        values = {"ExpressionAttributeValues": dict(self.values)} if self.values else {}
        return names | values


@dataclass(frozen=True)
class Words:
    """Writes an expression in words: odd names in backticks, values as they will be sent."""

    scope: Scope

    def name(self, name: str) -> str:
        """Return the name, in backticks where it is odd."""
        return name if name.isidentifier() else "`" + name.replace("`", "``") + "`"

    def value(self, value: Value) -> str:
        """Return the value in words."""
        return in_words(wire_of(value, self.scope))


def wire_of(value: Value, scope: Scope) -> Wire:
    """Return the wire form of a value of an expression."""
    try:
        return _wire_of(value, scope)
    except ItemError as error:
        raise ItemError(f"{scope.pattern.name}: {value.source}: {error}") from None


def wire(value: Any, kind: str = "S") -> Wire:
    """Return a value in wire form; words in place of a value that is not known are of type ``kind``."""
    if isinstance(value, Unresolved):
        return {kind if kind in ("S", "N", "B") else "S": value}
    return to_wire(value)


def in_words(wire: Mapping[str, Any]) -> str:
    """Return a wire value as a person writes it: ``'text'``, ``12``, ``true``, ``null``, ``[1, 2]``."""
    kind, content = next(iter(wire.items()))
    match kind:
        case "S":
            return "'" + _shortened(str(content).replace("'", "''")) + "'"
        case "N":
            return str(content)
        case "BOOL":
            return "true" if content else "false"
        case "NULL":
            return "null"
        case "L":
            return f"[{', '.join(in_words(each) for each in content)}]"
        case "M":
            return "{" + ", ".join(f"{name}: {in_words(each)}" for name, each in content.items()) + "}"
        case "SS" | "NS" | "BS":
            return "{" + ", ".join(in_words({kind[0]: each}) for each in content) + "}"
        case _:
            return _shortened(f"base64 {b64encode(content).decode()}" if isinstance(content, bytes) else str(content))


def _shortened(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 1]}…"


def _wire_of(value: Value, scope: Scope) -> Wire:
    if value.members is not None:
        return {"L": [_wire_of(member, scope) for member in value.members]}
    if value.template is None:
        return wire(value.literal)
    found = scope.render(value.template)
    return wire(_text(found) if value.source.startswith("'") else found)


def _text(value: Any) -> Any:
    """Return what a template in quotes gives: text, also where it is one bare field that holds a number."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return value
    return number_text(Decimal(value))
