"""Access patterns: a named question, the operation that answers it, its parameters, examples and expectations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from workbench.model.entities import Source
from workbench.model.keys import KeyTemplate
from workbench.model.types import ValueType

Operation = Literal[
    "GetItem",
    "Query",
    "Scan",
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "BatchGetItem",
    "BatchWriteItem",
    "TransactGetItems",
    "TransactWriteItems",
]
READS: frozenset[str] = frozenset({"GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems"})
WRITES: frozenset[str] = frozenset({"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"})
SortOperator = Literal[
    "equals", "begins_with", "less_than", "less_or_equal", "greater_than", "greater_or_equal", "between"
]


@dataclass(frozen=True)
class Parameter:
    """A parameter of a pattern. ``default`` is a value, or ``$now`` or ``$uuid`` to be made by the bench's clock."""

    name: str
    type: ValueType
    required: bool = True
    default: Any = None
    description: str = ""


@dataclass(frozen=True)
class Lookup:
    """SQL that turns arguments into values before the request is made.

    ``many`` is False for a lookup of exactly one row, whose columns templates name as ``{lookup.column}``.
    ``missing`` is the sentence, a template over the arguments, for the error when there is no row.
    """

    name: str
    source: Source
    many: bool = False
    missing: str = ""


@dataclass(frozen=True)
class SortCondition:
    """A condition on one sort attribute; ``between`` has two templates, every other operator one."""

    attribute: str
    operator: SortOperator
    values: tuple[KeyTemplate, ...]


@dataclass(frozen=True)
class KeyCondition:
    """Equality on each partition attribute, and conditions on sort attributes from left to right."""

    partition: dict[str, KeyTemplate]
    sort: tuple[SortCondition, ...] = ()


@dataclass(frozen=True)
class Action:
    """One part of a write, a batch or a transaction, or one key of a batch or transactional get.

    ``entity`` gives the key templates (and, for a put, the attributes). ``values`` are templates by attribute or
    key field; what is not named there is taken from the argument of the same name. ``each`` names a lookup of many
    rows: the action is made once for every row, whose columns are then known by ``{lookup.column}``.
    """

    kind: Literal["put", "update", "delete", "check", "get"]
    entity: str
    values: dict[str, KeyTemplate] = field(default_factory=dict)
    update: str | None = None
    condition: str | None = None
    each: str | None = None


@dataclass(frozen=True)
class Unless:
    """What is looked for before a write, and what is run instead where it is there.

    ``finds`` names a pattern that reads; ``then`` one that writes. Both get the arguments of the same names, and
    ``then`` gets the columns ``takes`` of the row that was found in place of the arguments of those names.
    """

    finds: str
    then: str
    takes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Expectation:
    """What an example must give; a field that is None is not checked.

    ``rows`` is exact; without ``rows`` (or ``error``) an empty answer fails. ``ordered_by`` is (column, direction).
    ``keys`` is the exact list of keys in order, ``contains`` rows (column to value) that must be there, ``first``
    and ``last`` one row each. ``entities`` counts rows by entity. ``more`` says whether a further page exists.
    ``deleted`` counts, by entity, the items that a write took away. ``error`` is the AWS error code, or the
    workbench's error class, that the example must meet.
    """

    rows: int | None = None
    ordered_by: tuple[str, Literal["ascending", "descending"]] | None = None
    keys: tuple[dict[str, Any], ...] | None = None
    contains: tuple[dict[str, Any], ...] = ()
    first: dict[str, Any] | None = None
    last: dict[str, Any] | None = None
    entities: dict[str, int] | None = None
    deleted: dict[str, int] | None = None
    pages: int | None = None
    items_read: int | None = None
    read_units: str | None = None
    write_units: str | None = None
    more: bool | None = None
    error: str | None = None


@dataclass(frozen=True)
class Budget:
    """The most that one run of the pattern may cost. Units are decimal numbers as text."""

    read_units: str | None = None
    write_units: str | None = None
    pages: int | None = None
    items_read: int | None = None


@dataclass(frozen=True)
class Rate:
    """How often the pattern runs, requests a second."""

    average: float | None = None
    peak: float | None = None


@dataclass(frozen=True)
class Example:
    """Arguments that a pattern is run with, and what must come back. ``all_pages`` reads every page."""

    name: str
    arguments: dict[str, Any]
    expect: Expectation = Expectation()
    all_pages: bool = False


@dataclass(frozen=True)
class Pattern:
    """A named question and the operation that answers it. ``line`` is where the model file declares it."""

    name: str
    question: str
    operation: Operation
    table: str
    index: str | None = None
    key: KeyCondition | None = None
    actions: tuple[Action, ...] = ()
    unless: Unless | None = None
    filter: str | None = None
    projection: tuple[str, ...] = ()
    order: Literal["ascending", "descending"] = "ascending"
    limit: int | str | None = None
    consistent: bool = False
    parameters: dict[str, Parameter] = field(default_factory=dict)
    lookups: dict[str, Lookup] = field(default_factory=dict)
    oracle: Source | None = None
    rate: Rate | None = None
    budget: Budget | None = None
    examples: dict[str, Example] = field(default_factory=dict)
    description: str = ""
    line: int | None = None

    def __repr__(self) -> str:
        """Say in one line what is asked of what."""
        asked = f"({', '.join(self.parameters)})" if self.parameters else ""
        return f"{self.name}{asked}: {self.operation} on {self.index or self.table}: {self.question}"

    @property
    def writes(self) -> bool:
        """Whether the operation changes items."""
        return self.operation in WRITES
