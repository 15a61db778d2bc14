"""What a template can name: arguments, columns of looked-up rows, and the row that an ``each`` is at."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from workbench.errors import ArgumentError, KeyTemplateError, LookupFailedError, ModelError, did_you_mean
from workbench.model import KeyTemplate, Lookup, Pattern, format_timestamp
from workbench.model.keys import Field

Row = Mapping[str, Any]


class Unresolved(str):
    """Words in place of a value that a lookup will give: ``<me.user_uuid>``. A request that holds one can't be sent."""

    __slots__ = ()


class _Nothing:
    def __repr__(self) -> str:
        return "NOTHING"


NOTHING: Final = _Nothing()


@dataclass(frozen=True)
class Scope:
    """The values that templates of a pattern see. ``rows`` holds the rows of every lookup that was made."""

    pattern: Pattern
    arguments: Mapping[str, Any]
    rows: Mapping[str, list[Row]] = field(default_factory=dict)
    each: str | None = None
    row: Row | None = None

    def scopes(self, each: str | None) -> list[Scope]:
        """Return one scope a row of the lookup ``each``; this one when there is no ``each``."""
        if each is None:
            return [self]
        lookup = self._lookup(each)
        if not lookup.many:
            raise self._wrong(f"each: {each} gives one row; give the lookup `rows: many`, or leave `each` out")
        if each not in self.rows:
            return [replace(self, each=each, row=None)]
        return [replace(self, each=each, row=row) for row in self.rows[each]]

    def value(self, name: str) -> Any:
        """Return the value of ``{name}`` or ``{lookup.column}``; None for an optional argument that was left out."""
        lookup, dot, column = name.partition(".")
        if dot:
            return self._column(lookup, column)
        if name not in self.pattern.parameters:
            raise self._wrong(f"{{{name}}} is no parameter. {did_you_mean(name, list(self.pattern.parameters))}")
        return self.arguments.get(name)

    def same_name(self, name: str) -> Any:
        """Return the argument, or the column of the ``each`` row, of that name; NOTHING where there is neither.

        Where both are there and differ, which one is meant can't be known: ModelError says how to write it.
        """
        argument = self.arguments.get(name, NOTHING)
        column = self._of_row(name) if self.row is not None else NOTHING
        if argument is NOTHING or column is NOTHING:
            return argument if column is NOTHING else column
        if str(argument) != str(natural(column)):
            raise self._wrong(
                f"{name} is a parameter and a column of {self.each}; say which under values: {name}: "
                f'"{{{name}}}" or "{{{self.each}.{name}}}"'
            )
        return argument

    def open_row(self) -> bool:
        """Return whether the rows of this scope's ``each`` are not known yet."""
        return self.each is not None and self.row is None

    def render(self, template: KeyTemplate) -> Any:
        """Return the value of a template: natural type for one bare field, else text; Unresolved before the rows."""
        found = {name: self.value(name) for name in template.fields}
        for name, value in found.items():
            if value is None:
                raise ArgumentError(f"{self.pattern.name}: {name} has no value, and {template.text!r} needs one")
        if any(isinstance(value, Unresolved) for value in found.values()):
            return in_words(template, found)
        try:
            return template.render(found)
        except KeyTemplateError as error:
            raise KeyTemplateError(f"{self.pattern.name}: {error}") from None

    def _lookup(self, name: str) -> Lookup:
        if name not in self.pattern.lookups:
            raise self._wrong(f"there is no lookup {name!r}. {did_you_mean(name, list(self.pattern.lookups))}")
        return self.pattern.lookups[name]

    def _column(self, name: str, column: str) -> Any:
        lookup = self._lookup(name)
        if name == self.each:
            found = self._of_row(column)
            return self._no_column(name, column, self.row or {}) if found is NOTHING else found
        if lookup.many:
            raise self._wrong(f"{{{name}.{column}}}: {name} gives many rows; use it in an action with `each: {name}`")
        if name not in self.rows:
            return Unresolved(f"<{name}.{column}>")
        row = self.rows[name][0]
        return natural(row[column]) if column in row else self._no_column(name, column, row)

    def _of_row(self, column: str) -> Any:
        if self.each is None:
            return NOTHING
        if self.row is None:
            return Unresolved(f"<{self.each}.{column}>")
        return natural(self.row[column]) if column in self.row else NOTHING

    def _no_column(self, name: str, column: str, row: Row) -> Any:
        raise self._wrong(f"lookup {name} gives no column {column!r}. {did_you_mean(column, list(row))}")

    def _wrong(self, message: str) -> ModelError:
        return ModelError(f"{self.pattern.name}: {message}")


def check_rows(pattern: Pattern, rows: Mapping[str, list[Row]], arguments: Mapping[str, Any]) -> None:
    """Raise LookupFailedError where a lookup of one row gave none or several; ModelError for an unknown lookup."""
    for name, found in rows.items():
        if name not in pattern.lookups:
            near = did_you_mean(name, list(pattern.lookups))
            raise ModelError(f"{pattern.name}: rows for {name!r}, which is no lookup of it. {near}")
        lookup = pattern.lookups[name]
        if lookup.many or len(found) == 1:
            continue
        if found:
            raise LookupFailedError(f"{pattern.name}: lookup {name} gave {len(found)} rows; it must give exactly one")
        raise LookupFailedError(f"{pattern.name}: {_missing(lookup, arguments)}")


def natural(value: Any) -> Any:
    """Return a column of SQL as a value of DynamoDB: uuids, times and dates become text, the rest stays."""
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, dt.datetime):
        return format_timestamp(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    return bytes(value) if isinstance(value, memoryview | bytearray) else value


def in_words(template: KeyTemplate, values: Mapping[str, Any]) -> Unresolved:
    """Return a template with its known values put in, and words such as ``<me.user_uuid>`` for the others."""
    return Unresolved("".join(_part(part, values) for part in template.parts))


def _part(part: str | Field, values: Mapping[str, Any]) -> str:
    if isinstance(part, str):
        return part
    value = values[part.name]
    return f"{value:0{part.width}d}" if part.width and isinstance(value, int) else str(value)


def _missing(lookup: Lookup, arguments: Mapping[str, Any]) -> str:
    if not lookup.missing:
        given = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
        return f"lookup {lookup.name} ({lookup.source.path}) gave no row for {given or 'no arguments'}"
    template = KeyTemplate.of(lookup.missing)
    return "".join(part if isinstance(part, str) else str(arguments.get(part.name, "")) for part in template.parts)
