"""A model of shelves and notes with a pattern for each operation, on DynamoDB Local."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from workbench.engines import Store
from workbench.items import item_to_wire
from workbench.model import (
    Action,
    Attribute,
    Entity,
    Index,
    KeyAttribute,
    KeyCondition,
    KeySchema,
    KeyTemplate,
    Lookup,
    Model,
    Parameter,
    Pattern,
    Source,
    Table,
)
from workbench.plans import Clock, build, table_request
from workbench.results import Result, Session, run

KEYS = KeySchema((KeyAttribute("pk"),), (KeyAttribute("sk", "N"),))
TABLES = {
    "shelves": Table(
        "shelves",
        KEYS,
        indexes={
            "by-colour": Index("by-colour", KeySchema((KeyAttribute("colour"),)), projection="KEYS_ONLY"),
            "by-weight": Index(
                "by-weight",
                KeySchema((KeyAttribute("pk"),), (KeyAttribute("weight", "N"),)),
                kind="local",
                projection="KEYS_ONLY",
            ),
        },
    ),
    "plain": Table("plain", KEYS),
}


def entity(name: str, table: str, prefix: str) -> Entity:
    keys = {"pk": KeyTemplate.of(prefix + "#{owner}"), "sk": KeyTemplate.of("{number}")}
    attributes = {
        "text": Attribute("text", "string", required=False),
        "colour": Attribute("colour", "string", required=False),
    }
    return Entity(name, table, keys, attributes, {"owner": "string", "number": "integer"})


ENTITIES = {"Box": entity("Box", "shelves", "BOX"), "Note": entity("Note", "plain", "NOTE")}
PARAMETERS: dict[str, Any] = {
    "owner": Parameter("owner", "string"),
    "number": Parameter("number", "integer", required=False),
    "text": Parameter("text", "string", required=False),
    "colour": Parameter("colour", "string", required=False),
}
EACH: dict[str, Any] = {
    "lookups": {"each_box": Lookup("each_box", Source("boxes.sql", "SELECT"), many=True)},
    "parameters": {"owner": PARAMETERS["owner"]},
}


def pattern(name: str, operation: Any, **more: Any) -> Pattern:
    return Pattern(name=name, question="?", operation=operation, **{"table": "plain", "parameters": PARAMETERS, **more})


def put(entity: str = "Note", **more: Any) -> Action:
    return Action("put", entity, **more)


NEW = "attribute_not_exists(pk)"
GET_EACH = Action("get", "Note", each="each_box")
WHOLE_KEY = {"pk": KeyTemplate.of("NOTE#{owner}")}
PATTERNS = {
    each.name: each
    for each in [
        pattern("put-note", "PutItem", actions=(put(),)),
        pattern("put-new-note", "PutItem", actions=(put(condition=NEW),)),
        pattern("put-box", "PutItem", table="shelves", actions=(put("Box"),)),
        pattern("append", "UpdateItem", actions=(Action("update", "Note", update="SET text = {text}"),)),
        pattern("drop", "DeleteItem", actions=(Action("delete", "Note"),)),
        pattern("get", "GetItem", actions=(Action("get", "Note"),)),
        pattern("get-text", "GetItem", actions=(Action("get", "Note"),), projection=("text",)),
        pattern("get-many", "BatchGetItem", actions=(GET_EACH,), **EACH),
        pattern("get-texts", "BatchGetItem", actions=(GET_EACH,), **EACH, projection=("text",)),
        pattern("get-at-once", "TransactGetItems", actions=(GET_EACH,), **EACH),
        pattern("put-many", "BatchWriteItem", actions=(put(each="each_box"),), **EACH),
        pattern("drop-many", "BatchWriteItem", actions=(Action("delete", "Note", each="each_box"),), **EACH),
        pattern("put-each", "PutItem", actions=(put(each="each_box", condition=NEW),), **EACH),
        pattern(
            "move", "TransactWriteItems",
            actions=(Action("check", "Note", condition="attribute_exists(pk)"), put("Box", condition=NEW)),
        ),
        pattern("move-all", "TransactWriteItems", actions=(put(each="each_box"),), **EACH),
        pattern("put-at-once", "TransactWriteItems", actions=(put(),)),
        pattern("notes", "Query", key=KeyCondition(WHOLE_KEY), limit=2),
        pattern("some-notes", "Query", key=KeyCondition(WHOLE_KEY), filter="text = {text}", projection=("text",)),
        pattern(
            "boxes-by-weight", "Query", table="shelves", index="by-weight",
            key=KeyCondition({"pk": KeyTemplate.of("BOX#{owner}")}), projection=("text",),
        ),
        pattern(
            "boxes-by-colour", "Query", table="shelves", index="by-colour",
            key=KeyCondition({"colour": KeyTemplate.of("{colour}")}),
        ),
    ]
}  # fmt: skip


class Rows:
    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows

    def query(self, sql: str, params: Any) -> list[dict[str, Any]]:
        return self.rows


def go(session: Session, name: str, rows: list[dict[str, Any]] | None = None, **arguments: Any) -> Result:
    asked = dataclasses.replace(session, database=Rows(rows or []))
    return run(asked, build(session.model, name, {"owner": "ann", **arguments}, clock=session.clock), pages=1)


def fill(session: Session, *numbers: int, text: str = "x", **more: Any) -> None:
    for number in numbers:
        item = item_to_wire({"pk": "NOTE#ann", "sk": number, "text": text, **more})
        session.client.put_item(TableName="plain", Item=item)


def session_of(store: Store, folder: Path) -> Session:
    """Return a session on empty tables of the model."""
    client = store.client()
    for table in TABLES.values():
        client.create_table(**table_request(table))
    model = Model("things", folder / "model.yaml", tables=TABLES, entities=ENTITIES, patterns=PATTERNS)
    return Session(model, client, Rows([]), store.engine, Clock.fixed())
