"""Writes on an engine where reading an item again would be billed: only what the write itself returns is used."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from workbench.errors import RequestError
from workbench.items import item_to_wire
from workbench.model import (
    Action,
    Attribute,
    Entity,
    KeyAttribute,
    KeySchema,
    KeyTemplate,
    Model,
    Parameter,
    Pattern,
    Table,
)
from workbench.plans import Clock, build
from workbench.results import Result, Session, run

KEYS = {"pk": KeyTemplate.of("N#{number}")}
NOTE = Entity("Note", "notes", KEYS, {"text": Attribute("text", "string", required=False)}, {"number": "string"})
PARAMETERS: Any = {"number": Parameter("number", "string"), "text": Parameter("text", "string", required=False)}
MODEL = Model(
    "notes",
    Path("model.yaml"),
    tables={"notes": Table("notes", KeySchema((KeyAttribute("pk"),)))},
    entities={"Note": NOTE},
)
OLD = item_to_wire({"pk": "N#1", "text": "x" * 2000})


class Client:
    def __init__(self, response: Any) -> None:
        self.response = response
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, method: str) -> Any:
        def call(**kwargs: Any) -> Any:
            self.calls.append((method, kwargs))
            if isinstance(self.response, Exception):
                raise self.response
            return self.response

        return call


def go(operation: Any, action: Action, response: Any) -> tuple[Result, Client]:
    client = Client(response)
    session = Session(MODEL, client, None, SimpleNamespace(name="aws", is_near=False), Clock.fixed())
    pattern = Pattern("write", "?", operation, "notes", actions=(action,), parameters=PARAMETERS)
    return run(session, build(MODEL, pattern, {"number": "1", "text": "new"})), client


def consumed(units: float) -> dict[str, Any]:
    return {"TableName": "notes", "CapacityUnits": units, "Table": {"CapacityUnits": units}}


def test_a_put_asks_for_the_old_item_and_reads_nothing() -> None:
    result, client = go("PutItem", Action("put", "Note"), {"Attributes": OLD, "ConsumedCapacity": consumed(2.0)})

    assert [call for call, _ in client.calls] == ["put_item"]
    assert client.calls[0][1]["ReturnValues"] == "ALL_OLD"
    assert result.receipt.price == "2.0 WCU (engine: 2.0)"
    assert result.items == [{"pk": "N#1", "text": "new"}]
    assert result.changes[0].before == {"pk": "N#1", "text": "x" * 2000}


def test_an_operation_without_pages_says_so_and_json_calls_the_engines_units_as_a_check_does() -> None:
    receipt = go("PutItem", Action("put", "Note"), {"Attributes": OLD, "ConsumedCapacity": consumed(2.0)})[0].receipt
    told = receipt.to_dict()

    assert (receipt.pages, receipt.requests, receipt.reach) == (None, 1, "1 request")
    assert (told["pages"], told["requests"]) == (None, 1)
    assert told["engine"] == told["computed"] == {"read": "0.0", "write": "2.0", "table": "2.0", "indexes": {}}
    assert "reported" not in told
    assert repr(receipt).startswith("PutItem: 1 request, 1 written")


def test_a_delete_knows_what_was_there() -> None:
    deleted, _ = go("DeleteItem", Action("delete", "Note"), {"Attributes": OLD, "ConsumedCapacity": consumed(2.0)})
    nothing, _ = go("DeleteItem", Action("delete", "Note"), {"ConsumedCapacity": consumed(1.0)})

    assert deleted.receipt.price == "2.0 WCU (engine: 2.0)"
    assert nothing.receipt.price == "1.0 WCU (engine: 1.0)"
    assert deleted.items == []


def test_an_update_gives_the_new_item_and_admits_that_its_price_is_not_known() -> None:
    new = item_to_wire({"pk": "N#1", "text": "new"})

    action = Action("update", "Note", update="SET text = {text}")
    result, client = go("UpdateItem", action, {"Attributes": new, "ConsumedCapacity": consumed(2.0)})

    assert client.calls[0][1]["ReturnValues"] == "ALL_NEW"
    assert result.items == [{"pk": "N#1", "text": "new"}]
    assert result.receipt.price == "WCU not known (engine: 2.0)"
    assert "units not computed: the engine does not tell the items before and after" in result.receipt.notes[0]
    assert not result.changes[0].known


def test_batches_and_transactions_know_what_was_put_and_not_what_it_cost() -> None:
    for operation in ("BatchWriteItem", "TransactWriteItems"):
        result, client = go(operation, Action("put", "Note"), {"ConsumedCapacity": [consumed(1.0)]})

        assert len(client.calls) == 1
        assert result.items == [{"pk": "N#1", "text": "new"}]
        assert result.receipt.computed is None


def test_a_failed_condition_is_priced_by_the_item_that_the_refusal_shows() -> None:
    error = ClientError({"Error": {"Code": "ConditionalCheckFailedException", "Message": "no"}, "Item": OLD}, "PutItem")

    with pytest.raises(RequestError, match="the condition does not hold") as caught:
        go("PutItem", Action("put", "Note", condition="attribute_not_exists(pk)"), error)

    assert str(caught.value.receipt.computed.write) == "2.0"
    assert "a failed condition is charged by the item that is there" in caught.value.receipt.notes[0]
