"""Makes examples and expectations of their documents: arguments canonical, columns known, values of their type."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Literal

from workbench import errors
from workbench.errors import did_you_mean
from workbench.model.entities import Entity
from workbench.model.loading.lines import Path
from workbench.model.loading.pattern_document import BudgetDoc, ExampleDoc, ExpectDoc, PatternDoc
from workbench.model.loading.problems import Problems
from workbench.model.patterns import WRITES, Example, Expectation, Parameter
from workbench.model.tables import Table
from workbench.model.types import ValueType, parse

Direction = Literal["ascending", "descending"]
CODES = (
    "AccessDeniedException", "ConditionalCheckFailedException", "DuplicateItemException",
    "IdempotentParameterMismatchException", "InternalServerError", "ItemCollectionSizeLimitExceededException",
    "LimitExceededException", "ProvisionedThroughputExceededException", "ReplicatedWriteConflictException",
    "RequestLimitExceeded", "ResourceInUseException", "ResourceNotFoundException", "ThrottlingException",
    "TransactionCanceledException", "TransactionConflictException", "TransactionInProgressException",
    "ValidationException",
)  # fmt: skip
PAGED = ("Query", "Scan")
_READS_KEYS = ("GetItem", "BatchGetItem", "TransactGetItems")
_KEY_TYPE: dict[str, ValueType] = {"S": "string", "N": "number", "B": "binary"}


def read_examples(
    doc: PatternDoc,
    parameters: dict[str, Parameter],
    stored: list[Entity],
    table: Table,
    path: Path,
    problems: Problems,
) -> dict[str, Example]:
    """Return the examples in the order of the file. ``stored`` are the entities that can be in the answer."""
    columns = _columns(stored, table)
    found: dict[str, Example] = {}
    for name, example in doc.examples.items():
        here = (*path, "examples", name)
        arguments = _arguments(example, parameters, (*here, "arguments"), problems)
        if example.all_pages and doc.operation not in PAGED:
            problems.add((*here, "all_pages"), f"{doc.operation} has no pages; Query and Scan do", at_key=True)
        check_pages(example.expect, doc.operation, (*here, "expect"), problems)
        if example.expect is not None and example.expect.deleted is not None and doc.operation not in WRITES:
            problems.add((*here, "expect", "deleted"), f"{doc.operation} deletes nothing; leave it out", at_key=True)
        expect = _Expectations(columns, [entity.name for entity in stored], problems).read(
            example.expect or ExpectDoc(), (*here, "expect")
        )
        found[name] = Example(name, arguments, expect, example.all_pages)
    return found


def check_pages(doc: BudgetDoc | None, operation: str, path: Path, problems: Problems) -> None:
    """Report `pages:` of a budget or expectation on an operation whose answer does not come in pages."""
    if doc is not None and doc.pages is not None and operation not in PAGED:
        cure = "leave it out, or bound items_read" if operation in _READS_KEYS else "leave it out"
        problems.add((*path, "pages"), f"{operation} has no pages; Query and Scan do: {cure}", at_key=True)


def units_text(units: Decimal | None) -> str | None:
    """Return capacity units as the model keeps them: decimal text without needless zeros."""
    return None if units is None else f"{units.normalize():f}"


def _arguments(doc: ExampleDoc, parameters: dict[str, Parameter], path: Path, problems: Problems) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in doc.arguments.items():
        if name not in parameters:
            problems.unknown((*path, name), "parameter", name, parameters, at_key=True)
            continue
        try:
            found[name] = parse(parameters[name].type, value)
        except ValueError as error:
            problems.add((*path, name), str(error))
    for name, parameter in parameters.items():
        if parameter.required and name not in doc.arguments:
            problems.add(path, f"a value for the parameter {name!r} is missing", at_key=True)
    return found


def _columns(stored: list[Entity], table: Table) -> dict[str, list[ValueType]]:
    """Return the types that each column of an answer may have: key attributes, attributes and key fields."""
    found: dict[str, list[ValueType]] = {"entity": ["string"]} if stored else {}
    for entity in stored:
        typed = {**{name: attribute.type for name, attribute in entity.attributes.items()}, **entity.fields}
        for name, type_ in typed.items():
            found.setdefault(name, []).append(type_)
        for name in entity.keys:
            found.setdefault(name, []).append("any")
    for attribute in table.keys.attributes if stored else ():
        if attribute.type != "S":
            found[attribute.name] = [_KEY_TYPE[attribute.type]]
    return found


class _Expectations:
    def __init__(self, columns: dict[str, list[ValueType]], entities: list[str], problems: Problems) -> None:
        self.columns, self.entities, self.problems = columns, entities, problems

    def read(self, doc: ExpectDoc, path: Path) -> Expectation:
        self._check_error(doc, path)
        for part in ("entities", "deleted"):
            for name in getattr(doc, part) or {}:
                if name not in self.entities:
                    self.problems.unknown((*path, part, name), "entity", name, self.entities, at_key=True)
        return Expectation(
            rows=doc.rows,
            ordered_by=self._order(doc.ordered_by, (*path, "ordered_by")),
            keys=None if doc.keys is None else self._rows(doc.keys, (*path, "keys")),
            contains=self._rows(doc.contains, (*path, "contains")),
            first=None if doc.first is None else self._row(doc.first, (*path, "first")),
            last=None if doc.last is None else self._row(doc.last, (*path, "last")),
            entities=None if doc.entities is None else dict(doc.entities),
            deleted=None if doc.deleted is None else dict(doc.deleted),
            pages=doc.pages,
            items_read=doc.items_read,
            read_units=units_text(doc.read_units),
            write_units=units_text(doc.write_units),
            more=doc.more,
            error=doc.error,
        )

    def _check_error(self, doc: ExpectDoc, path: Path) -> None:
        known = [*CODES, *(name for name in errors.__all__ if name.endswith("Error"))]
        if doc.error is not None and doc.error not in known:
            message = f"{doc.error!r} is no error code of DynamoDB. {did_you_mean(doc.error, known)}"
            self.problems.add((*path, "error"), message)
        answers = ("rows", "ordered_by", "keys", "first", "last", "entities", "deleted", "more")
        also = [name for name in answers if getattr(doc, name) is not None] + (["contains"] if doc.contains else [])
        if doc.error is not None and also:
            self.problems.add(
                (*path, "error"), f"an error gives no answer, so {', '.join(also)} cannot be expected too"
            )

    def _order(self, text: str | None, path: Path) -> tuple[str, Direction] | None:
        if text is None:
            return None
        column, _, word = text.strip().partition(" ")
        direction: dict[str, Direction] = {"": "ascending", "ascending": "ascending", "descending": "descending"}
        if word.strip() not in direction:
            self.problems.add(
                path, f"{word.strip()!r} is no direction; write '{column} ascending' or '{column} descending'"
            )
            return None
        self._check_columns([column], path)
        return column, direction[word.strip()]

    def _rows(self, rows: list[dict[str, Any]], path: Path) -> tuple[dict[str, Any], ...]:
        return tuple(self._row(row, (*path, at)) for at, row in enumerate(rows))

    def _row(self, row: dict[str, Any], path: Path) -> dict[str, Any]:
        return {name: self._value(name, value, (*path, name)) for name, value in row.items()}

    def _value(self, name: str, value: Any, path: Path) -> Any:
        self._check_columns([name], path, at_key=True)
        if value is None:
            return None
        wrong = ""
        for type_ in self.columns.get(name, ["any"]):
            try:
                return parse(type_, value)
            except ValueError as error:
                wrong = str(error)
        self.problems.add(path, wrong)
        return value

    def _check_columns(self, names: Iterable[str], path: Path, *, at_key: bool = False) -> None:
        for name in names:
            if self.columns and name not in self.columns:
                self.problems.unknown(path, "column", name, self.columns, at_key=at_key)
