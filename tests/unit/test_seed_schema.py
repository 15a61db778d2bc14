"""Tables are created, found again, compared, dropped; an interrupted start is mended by the next."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from workbench.errors import EngineError, TableError, UnknownNameError
from workbench.model import Index, KeyAttribute, KeySchema, Model, Table
from workbench.seeding import drop_schema, load_schema

TABLE = Table(
    "readings",
    KeySchema((KeyAttribute("pk"),), (KeyAttribute("sk", "N"),)),
    {"by-place": Index("by-place", KeySchema((KeyAttribute("place"),), (KeyAttribute("sk", "N"),)))},
    ttl="gone_at",
)


def model(*tables: Table) -> Model:
    return Model("weather", Path("model.yaml"), tables={table.name: table for table in tables})


def refused(code: str, message: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Any")


class FakeTables:
    """Describes what was created. ``slow`` is how often a new table is still CREATING when it is described."""

    def __init__(self, slow: int = 0) -> None:
        self.slow = slow
        self.tables: dict[str, dict[str, Any]] = {}
        self.ttl: dict[str, str] = {}
        self.calls: list[str] = []
        self.protected = False

    def describe_table(self, TableName: str) -> dict[str, Any]:  # noqa: N803
        self.calls.append("describe")
        if TableName not in self.tables:
            raise refused("ResourceNotFoundException")
        status = "CREATING" if self.slow > 0 else "ACTIVE"
        self.slow -= 1
        return {"Table": {**self.tables[TableName], "TableStatus": status}}

    def create_table(self, **request: Any) -> dict[str, Any]:
        self.calls.append("create")
        if request["TableName"] in self.tables:
            raise refused("ResourceInUseException")
        self.tables[request["TableName"]] = request
        return {}

    def delete_table(self, TableName: str) -> dict[str, Any]:  # noqa: N803
        if TableName not in self.tables:
            raise refused("ResourceNotFoundException")
        if self.protected:
            raise refused("ValidationException", "Resource cannot be deleted as it is currently protected")
        del self.tables[TableName]
        return {}

    def describe_time_to_live(self, TableName: str) -> dict[str, Any]:  # noqa: N803
        return {"TimeToLiveDescription": {"AttributeName": self.ttl[TableName]} if TableName in self.ttl else {}}

    def update_time_to_live(self, TableName: str, TimeToLiveSpecification: dict[str, Any]) -> None:  # noqa: N803
        self.calls.append("ttl")
        self.ttl[TableName] = TimeToLiveSpecification["AttributeName"]


def steps(report: Any) -> list[tuple[str, str]]:
    return [(step.table, step.done) for step in report]


def test_a_missing_table_is_created_and_found_the_second_time() -> None:
    client = FakeTables()

    assert steps(load_schema(client, model(TABLE))) == [("readings", "created")]
    assert steps(load_schema(client, model(TABLE))) == [("readings", "there")]
    assert client.calls.count("create") == 1
    assert client.calls.count("ttl") == 1


def test_a_table_is_waited_for_until_it_can_be_used() -> None:
    waits: list[float] = []

    load_schema(FakeTables(slow=3), model(TABLE), sleep=waits.append)

    assert len(waits) == 3


def test_a_table_that_never_becomes_active_is_an_error_after_a_bound() -> None:
    with pytest.raises(TableError, match="still CREATING after 300 s"):
        load_schema(FakeTables(slow=10_000), model(TABLE), sleep=lambda _: None)


@pytest.mark.parametrize(
    ("other", "difference"),
    [
        (
            replace(TABLE, keys=KeySchema((KeyAttribute("id"),))),
            r"key is id \(S, HASH\), and the model says pk \(S, HASH\) and sk \(N, RANGE\)",
        ),
        (
            replace(TABLE, keys=KeySchema((KeyAttribute("pk", "B"),), (KeyAttribute("sk", "N"),))),
            r"key is pk \(B, HASH\)",
        ),
        (replace(TABLE, indexes={}), r"index by-place is not there, and the model says place"),
        (
            replace(TABLE, indexes={"by-place": replace(TABLE.indexes["by-place"], projection="KEYS_ONLY")}),
            r"projecting KEYS_ONLY, and the model says .* projecting ALL",
        ),
        (
            replace(TABLE, indexes={**TABLE.indexes, "old": Index("old", KeySchema((KeyAttribute("place"),)))}),
            r"index old is place \(S, HASH\) projecting ALL, and the model says not there",
        ),
    ],
)
def test_a_table_with_other_keys_or_indexes_is_refused_and_left_alone(other: Table, difference: str) -> None:
    client = FakeTables()
    load_schema(client, model(other))

    with pytest.raises(TableError, match=difference):
        load_schema(client, model(TABLE))
    assert client.calls.count("create") == 1


def test_a_table_made_by_another_process_at_the_same_moment_is_taken_as_there() -> None:
    class Raced(FakeTables):
        def create_table(self, **request: Any) -> dict[str, Any]:
            super().create_table(**request)
            return super().create_table(**request)

    assert steps(load_schema(Raced(), model(TABLE))) == [("readings", "there")]


def test_a_start_cut_off_before_ttl_was_set_is_mended_by_the_next() -> None:
    client = FakeTables()
    load_schema(client, model(replace(TABLE, ttl=None)))

    assert steps(load_schema(client, model(TABLE))) == [("readings", "there")]
    assert client.ttl == {"readings": "gone_at"}


def test_dropping_says_what_was_there() -> None:
    client = FakeTables()
    load_schema(client, model(TABLE))

    assert repr(drop_schema(client, model(TABLE))) == "readings: dropped"
    assert repr(drop_schema(client, model(TABLE))) == "readings: missing"


def test_dropping_a_table_that_the_model_does_not_have_drops_nothing() -> None:
    client = FakeTables()
    load_schema(client, model(TABLE))

    with pytest.raises(UnknownNameError, match="Did you mean 'readings'"):
        drop_schema(client, model(TABLE), ["readings", "reading"])
    assert list(client.tables) == ["readings"]


def test_a_protected_table_is_not_dropped_and_the_cure_is_told() -> None:
    client = FakeTables()
    load_schema(client, model(TABLE))
    client.protected = True

    with pytest.raises(TableError, match=r"protected against deletion.*deletion_protection: false"):
        drop_schema(client, model(TABLE))


def test_an_engine_that_is_down_is_an_engine_error() -> None:
    from botocore.exceptions import EndpointConnectionError

    class Down(FakeTables):
        def describe_table(self, TableName: str) -> dict[str, Any]:  # noqa: N803
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    with pytest.raises(EngineError, match="the engine did not answer"):
        load_schema(Down(), model(TABLE))
