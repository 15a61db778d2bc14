"""The grammar of a model file, with its shorthand forms. The JSON Schema that editors use is generated from it.

Every class forbids unknown keys. Cross references (does that index exist?) are the business of the modules beside it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Tag

from workbench.model.loading.forms import File, OneOrMore, Part, by_type
from workbench.model.loading.pattern_document import PatternDoc
from workbench.model.tables import KeyType, StreamView
from workbench.model.types import ValueType


class KeyAttributeDoc(Part):
    """A key attribute and its type."""

    name: str
    type: KeyType = "S"


KeyAttributeForm = Annotated[
    Annotated[str, Tag("=text")] | Annotated[KeyAttributeDoc, Tag("=map")],
    by_type(text="an attribute name", map="{name: ..., type: S, N or B}"),
]
KeyPartForm = Annotated[
    Annotated[str, Tag("=text")]
    | Annotated[KeyAttributeDoc, Tag("=map")]
    | Annotated[list[KeyAttributeForm], Tag("=list"), Field(min_length=1, max_length=4)],
    by_type(text="an attribute name", map="{name: ..., type: S, N or B}", list="a list of up to four of these"),
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
    by_type(text="on-demand", map="{mode: provisioned, read: 5, write: 5}"),
]
ProjectionForm = Annotated[
    Annotated[Literal["ALL", "KEYS_ONLY"], Tag("=text")]
    | Annotated[list[str], Tag("=list"), Field(min_length=1, max_length=100)],
    by_type(text="ALL, KEYS_ONLY", list="a list of attributes to include"),
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
    main: Annotated[bool, Field(description="the table that is meant where none is named")] = False
    indexes: dict[str, IndexDoc] = Field(default={})


class AttributeDoc(Part):
    """An attribute of an entity."""

    type: ValueType
    description: str = ""
    required: bool = True


AttributeForm = Annotated[
    Annotated[ValueType, Tag("=text")] | Annotated[AttributeDoc, Tag("=map")],
    by_type(text="a type such as string", map="{type: ..., description: ..., required: true}"),
]
TemplatesForm = Annotated[
    Annotated[str, Tag("=text")] | Annotated[list[str], Tag("=list"), Field(min_length=1, max_length=4)],
    by_type(text="a key template", list="a list of key templates"),
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
    fields: dict[str, ValueType] = Field(
        default={}, description="types of the fields of the key templates; string unless said"
    )
    attributes: dict[str, AttributeForm] = Field(default={})
    one_per: Annotated[
        str | None, Field(description="an attribute: a partition key has one item for each value, whose sort key moves")
    ] = None
    source: File | None = None


class CsvDoc(Part):
    """A CSV file that fills a PostgreSQL table."""

    table: str
    rows: File


SeedForm = Annotated[
    Annotated[File, Tag("=text")] | Annotated[CsvDoc, Tag("=map")],
    by_type(text="an SQL file", map="{table: NAME, rows: CSV FILE}"),
]


class DatabaseDoc(Part):
    """The relational side that the patterns are proved against."""

    schema_: list[File] = Field(default=[], alias="schema")
    seed: list[SeedForm] = Field(default=[])


class ModelDoc(Part):
    """A model file."""

    model: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", description="the model's name")
    description: str = ""
    database: DatabaseDoc | None = None
    tables: Annotated[dict[str, TableDoc], Field(min_length=1)]
    entities: dict[str, EntityDoc] = Field(default={})
    patterns: dict[str, PatternDoc] = Field(default={})
