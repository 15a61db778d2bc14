"""The grammar of a model file, with its shorthand forms. The JSON Schema that editors use is generated from it.

Every class forbids unknown keys. Cross references (does that index exist?) are the business of the modules beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

from workbench.model.patterns import Operation, SortOperator
from workbench.model.tables import KeyType, StreamView
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


class Part(BaseModel):
    """Base of every part: strict types, no unknown keys."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _name_unknown_keys(cls, value: Any, info: ValidationInfo) -> Any:
        """Hand unknown keys to the reader that asked, which knows their lines, and go on without them."""
        known = [field.alias or name for name, field in cls.model_fields.items()]
        if info.context is None or not isinstance(value, dict) or all(key in known for key in value):
            return value
        note: Callable[[dict[str, Any], list[str]], None] = info.context
        note(value, known)
        return {key: inner for key, inner in value.items() if key in known}


def _by_type(**tags: str) -> Discriminator:
    """Return the chooser of a shorthand form: by the type of what is written. Tags begin with '=', as no key does."""

    def choose(value: Any) -> str | None:
        kind = {str: "text", dict: "map", list: "list"}
        for type_, name in kind.items():
            if isinstance(value, type_) and name in tags:
                return f"={name}"
        return "=map" if isinstance(value, BaseModel) else None

    words = " or ".join(tags.values())
    return Discriminator(choose, custom_error_type="wrong_form", custom_error_message=f"write {words}")


def _as_text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | Decimal) else value


def _as_decimal(value: Any) -> Any:
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


Template = Annotated[
    str,
    BeforeValidator(_as_text),
    WithJsonSchema({"type": ["string", "number", "boolean"], "description": "a template: text with {fields}"}),
]
Units = Annotated[Decimal, BeforeValidator(_as_decimal), Field(ge=0), WithJsonSchema({"type": "number", "minimum": 0})]
Count = Annotated[int, Field(ge=0)]
OneOrMore = Annotated[int, Field(ge=1)]
File = Annotated[str, Field(description="a file beside the model file", min_length=1)]
RowDoc = dict[str, Any]


class KeyAttributeDoc(Part):
    """A key attribute and its type."""

    name: str
    type: KeyType = "S"


KeyAttributeForm = Annotated[
    Annotated[str, Tag("=text")] | Annotated[KeyAttributeDoc, Tag("=map")],
    _by_type(text="an attribute name", map="{name: ..., type: S, N or B}"),
]
KeyPartForm = Annotated[
    Annotated[str, Tag("=text")]
    | Annotated[KeyAttributeDoc, Tag("=map")]
    | Annotated[list[KeyAttributeForm], Tag("=list"), Field(min_length=1, max_length=4)],
    _by_type(text="an attribute name", map="{name: ..., type: S, N or B}", list="a list of up to four of these"),
]


class KeysDoc(Part):
    """The key of a table or an index."""

    partition: KeyPartForm
    sort: KeyPartForm | None = None


class BillingDoc(Part):
    """Capacity a second, bought in advance or on demand."""

    mode: Literal["on-demand", "provisioned"]
    read: OneOrMore | None = None
    write: OneOrMore | None = None


BillingForm = Annotated[
    Annotated[Literal["on-demand"], Tag("=text")] | Annotated[BillingDoc, Tag("=map")],
    _by_type(text="on-demand", map="{mode: provisioned, read: 5, write: 5}"),
]
ProjectionForm = Annotated[
    Annotated[Literal["ALL", "KEYS_ONLY"], Tag("=text")]
    | Annotated[list[str], Tag("=list"), Field(min_length=1, max_length=100)],
    _by_type(text="ALL, KEYS_ONLY", list="a list of attributes to include"),
]


class IndexDoc(Part):
    """A secondary index."""

    keys: KeysDoc
    projection: ProjectionForm = "ALL"
    kind: Literal["global", "local"] = "global"
    billing: BillingForm | None = None


class TableDoc(Part):
    """A table: keys, indexes, billing, stream, TTL."""

    keys: KeysDoc
    billing: BillingForm = "on-demand"
    stream: StreamView | None = None
    ttl: Annotated[str | None, Field(description="the attribute that holds the time to live")] = None
    deletion_protection: bool = False
    indexes: dict[str, IndexDoc] = {}


class AttributeDoc(Part):
    """An attribute of an entity."""

    type: ValueType
    description: str = ""
    required: bool = True


AttributeForm = Annotated[
    Annotated[ValueType, Tag("=text")] | Annotated[AttributeDoc, Tag("=map")],
    _by_type(text="a type such as string", map="{type: ..., description: ..., required: true}"),
]
TemplatesForm = Annotated[
    Annotated[str, Tag("=text")] | Annotated[list[str], Tag("=list"), Field(min_length=1, max_length=4)],
    _by_type(text="a key template", list="a list of key templates"),
]


class EntityKeysDoc(Part):
    """The key templates of an entity."""

    partition: TemplatesForm
    sort: TemplatesForm | None = None


class EntityDoc(Part):
    """An item type."""

    table: str | None = None
    description: str = ""
    keys: EntityKeysDoc
    fields: dict[str, ValueType] = Field({}, description="types of the fields of the key templates; string unless said")
    attributes: dict[str, AttributeForm] = {}
    source: File | None = None


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
    | Annotated[dict[str, ConditionForm], Tag("=attributes"), Field(min_length=1)],
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
    values: dict[str, Template] = {}
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


class ParameterDoc(Part):
    """A parameter of a pattern. A default of $now or $uuid is made when the pattern runs."""

    type: ValueType
    default: Any = None
    required: bool | None = None
    description: str = ""


ParameterForm = Annotated[
    Annotated[ValueType, Tag("=text")] | Annotated[ParameterDoc, Tag("=map")],
    _by_type(text="a type such as uuid", map="{type: ..., default: ..., description: ...}"),
]


class LookupDoc(Part):
    """SQL that turns arguments into values before the request is made."""

    sql: File
    rows: Literal["one", "many"] = "one"
    missing: Annotated[str, Field(description="the sentence for the error when there is no row")] = ""


LookupForm = Annotated[
    Annotated[File, Tag("=text")] | Annotated[LookupDoc, Tag("=map")],
    _by_type(text="an SQL file", map="{sql: FILE, rows: one or many, missing: ...}"),
]
RateForm = Annotated[str, BeforeValidator(_as_text), WithJsonSchema({"type": ["string", "number"]})]


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
    contains: list[RowDoc] = []
    first: RowDoc | None = None
    last: RowDoc | None = None
    entities: dict[str, Count] | None = None
    more: Annotated[bool | None, Field(description="whether a further page exists")] = None
    error: Annotated[str | None, Field(description="the AWS error code, or the workbench's error class")] = None


class ExampleDoc(Part):
    """Arguments that a pattern is run with, and what must come back."""

    arguments: dict[str, Any] = {}
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
    parameters: dict[str, ParameterForm] = {}
    lookups: dict[str, LookupForm] = {}
    put: PutDoc | None = None
    update: UpdateDoc | None = None
    delete: DeleteDoc | None = None
    get: GetDoc | None = None
    actions: Annotated[list[ActionDoc], Field(min_length=1)] | None = None
    oracle: File | None = None
    rate: RateDoc | None = None
    budget: BudgetDoc | None = None
    examples: dict[str, ExampleDoc] = {}


class CsvDoc(Part):
    """A CSV file that fills a PostgreSQL table."""

    table: str
    rows: File


SeedForm = Annotated[
    Annotated[File, Tag("=text")] | Annotated[CsvDoc, Tag("=map")],
    _by_type(text="an SQL file", map="{table: NAME, rows: CSV FILE}"),
]


class DatabaseDoc(Part):
    """The relational side that the patterns are proved against."""

    schema_: list[File] = Field([], alias="schema")
    seed: list[SeedForm] = []


class ModelDoc(Part):
    """A model file."""

    model: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", description="the model's name")
    description: str = ""
    database: DatabaseDoc | None = None
    tables: Annotated[dict[str, TableDoc], Field(min_length=1)]
    entities: dict[str, EntityDoc] = {}
    patterns: dict[str, PatternDoc] = {}
