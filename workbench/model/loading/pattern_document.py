"""The grammar of an access pattern: key conditions, actions, parameters, lookups, budgets and examples."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from workbench.model.loading.forms import Count, File, OneOrMore, Part, Template, Units, as_text, by_type
from workbench.model.patterns import Operation, SortOperator
from workbench.model.types import ValueType

OPERATORS: tuple[SortOperator, ...] = (
    "equals",
    "begins_with",
    "less_than",
    "less_or_equal",
    "greater_than",
    "greater_or_equal",
    "between",
)
_NOT_OPERATORS: dict[str, Any] = {"propertyNames": {"not": {"enum": list(OPERATORS)}}}
RowDoc = dict[str, Any]


class ComparisonDoc(Part):
    """One condition on a sort attribute."""

    equals: Template | None = None
    begins_with: Template | None = None
    less_than: Template | None = None
    less_or_equal: Template | None = None
    greater_than: Template | None = None
    greater_or_equal: Template | None = None
    between: Annotated[list[Template], Field(min_length=2, max_length=2)] | None = None


def _sort_form(value: Any) -> str | None:
    if isinstance(value, dict):
        operator = any(key in OPERATORS for key in value) or any(isinstance(inner, list) for inner in value.values())
        return "=operators" if operator else "=attributes"
    return (
        "=operators" if isinstance(value, BaseModel) else None if value is None or isinstance(value, list) else "=text"
    )


_SORT = "write a template, {begins_with: TEMPLATE}, {between: [A, B]}, or these by attribute for keys of several"
ConditionForm = Annotated[
    Annotated[Template, Tag("=text")] | Annotated[ComparisonDoc, Tag("=operators")],
    Discriminator(
        lambda value: "=operators" if isinstance(value, dict | BaseModel) else "=text",
        custom_error_type="wrong_form",
        custom_error_message=_SORT,
    ),
]
SortForm = Annotated[
    Annotated[Template, Tag("=text")]
    | Annotated[ComparisonDoc, Tag("=operators")]
    | Annotated[dict[str, ConditionForm], Tag("=attributes"), Field(min_length=1, json_schema_extra=_NOT_OPERATORS)],
    Discriminator(_sort_form, custom_error_type="wrong_form", custom_error_message=_SORT),
]
PartitionForm = Annotated[
    Annotated[Template, Tag("=text")] | Annotated[dict[str, Template], Tag("=map"), Field(min_length=1)],
    Discriminator(
        lambda value: (
            "=map" if isinstance(value, dict) else None if value is None or isinstance(value, list) else "=text"
        ),
        custom_error_type="wrong_form",
        custom_error_message="write a template, or {attribute: TEMPLATE, ...} for a key of several",
    ),
]


class KeyDoc(Part):
    """The key condition of a Query, or the key of a GetItem."""

    partition: PartitionForm
    sort: SortForm | None = None


class GetDoc(Part):
    """A key to read."""

    entity: str
    values: dict[str, Template] = Field(default={})
    each: Annotated[str | None, Field(description="a lookup of many rows; one action is made for every row")] = None


class DeleteDoc(GetDoc):
    """An item to delete."""

    condition: str | None = None


class PutDoc(DeleteDoc):
    """An item to put; attributes come from values, else from the argument of the same name."""


class CheckDoc(DeleteDoc):
    """A condition that must hold for the transaction to be done."""

    condition: str


class UpdateDoc(DeleteDoc):
    """An item to update; `set` is the whole update expression."""

    set: str


class ActionDoc(Part):
    """One action of a batch or transaction: exactly one of put, update, delete, check, get."""

    put: PutDoc | None = None
    update: UpdateDoc | None = None
    delete: DeleteDoc | None = None
    check: CheckDoc | None = None
    get: GetDoc | None = None


class UnlessDoc(Part):
    """A pattern that is asked before the write; where it finds a row, another pattern is run instead."""

    finds: Annotated[str, Field(description="a pattern that reads")]
    then: Annotated[str, Field(description="the pattern that is run instead where a row was found")]
    takes: Annotated[list[str], Field(description="columns of the row that was found, arguments of `then`")] = Field(
        default=[]
    )


class ParameterDoc(Part):
    """A parameter of a pattern. A default of $now or $uuid is made when the pattern runs."""

    type: ValueType
    default: Any = None
    required: bool | None = None
    description: str = ""


ParameterForm = Annotated[
    Annotated[ValueType, Tag("=text")] | Annotated[ParameterDoc, Tag("=map")],
    by_type(text="a type such as uuid", map="{type: ..., default: ..., description: ...}"),
]


class LookupDoc(Part):
    """SQL that turns arguments into values before the request is made."""

    sql: File
    rows: Literal["one", "many"] = "one"
    missing: Annotated[str, Field(description="the sentence for the error when there is no row")] = ""


LookupForm = Annotated[
    Annotated[File, Tag("=text")] | Annotated[LookupDoc, Tag("=map")],
    by_type(text="an SQL file", map="{sql: FILE, rows: one or many, missing: ...}"),
]
RateForm = Annotated[str, BeforeValidator(as_text), WithJsonSchema({"type": ["string", "number"]})]


class RateDoc(Part):
    """How often the pattern runs: 40/s, 10/min, 5/h."""

    average: RateForm | None = None
    peak: RateForm | None = None


class BudgetDoc(Part):
    """The most that one run may cost."""

    read_units: Units | None = None
    write_units: Units | None = None
    pages: Count | None = None
    items_read: Count | None = None


class ExpectDoc(BudgetDoc):
    """What an example must give."""

    rows: Count | None = None
    ordered_by: Annotated[str | None, Field(description="COLUMN, COLUMN ascending or COLUMN descending")] = None
    keys: list[RowDoc] | None = None
    contains: list[RowDoc] = Field(default=[])
    first: RowDoc | None = None
    last: RowDoc | None = None
    entities: dict[str, Count] | None = None
    deleted: Annotated[dict[str, Count] | None, Field(description="items that the write took away, by entity")] = None
    more: Annotated[bool | None, Field(description="whether a further page exists")] = None
    error: Annotated[str | None, Field(description="the AWS error code, or the workbench's error class")] = None


class ExampleDoc(Part):
    """Arguments that a pattern is run with, and what must come back."""

    arguments: dict[str, Any] = Field(default={})
    all_pages: bool = False
    expect: ExpectDoc | None = None


LimitForm = Annotated[
    Annotated[OneOrMore, Tag("=count")] | Annotated[str, Tag("=text"), Field(pattern=r"^\{[A-Za-z_]\w*\}$")],
    Discriminator(
        lambda value: "=count" if type(value) is int else "=text" if isinstance(value, str) else None,
        custom_error_type="wrong_form",
        custom_error_message="write a whole number, or '{parameter}'",
    ),
]


class PatternDoc(Part):
    """An access pattern: a question, and the operation that answers it."""

    question: str = Field(min_length=1)
    description: str = ""
    operation: Operation
    table: str | None = None
    index: str | None = None
    key: KeyDoc | None = None
    filter: str | None = None
    projection: Annotated[list[str], Field(min_length=1)] | None = None
    order: Literal["ascending", "descending"] | None = None
    limit: LimitForm | None = None
    consistent: bool | None = None
    parameters: dict[str, ParameterForm] = Field(default={})
    lookups: dict[str, LookupForm] = Field(default={})
    put: PutDoc | None = None
    update: UpdateDoc | None = None
    delete: DeleteDoc | None = None
    get: GetDoc | None = None
    actions: Annotated[list[ActionDoc], Field(min_length=1)] | None = None
    unless: UnlessDoc | None = None
    oracle: File | None = None
    rate: RateDoc | None = None
    budget: BudgetDoc | None = None
    examples: dict[str, ExampleDoc] = Field(default={})
