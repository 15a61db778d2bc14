"""Lookups that fail, and refusals: what happened, in words, and the cure."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from tests.unit.scripted import SMALL, session, shelf
from workbench.errors import DatabaseError, EngineError, LookupFailedError, RequestError, TableError
from workbench.model import Model, load_model
from workbench.plans import Clock, build
from workbench.results import run


class Rows:
    """A database with one answer to every question."""

    def __init__(self, *rows: dict[str, Any]) -> None:
        self.rows = list(rows)
        self.asked: list[dict[str, Any]] = []

    def query(self, sql: str, params: dict[str, Any]) -> list[dict[str, Any]]:
        self.asked.append(params)
        return self.rows


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model(SMALL)


def refusal(code: str, message: str = "no", **more: Any) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}, **more}, "Query")


def lend(model: Model) -> Any:
    return build(model, "lend-book", {"reader": "mia", "isbn": "002"}, clock=Clock.fixed())


def test_a_lookup_without_a_row_fails_in_the_models_own_words_and_nothing_is_sent(model: Model) -> None:
    client = session(model, database=Rows())

    with pytest.raises(LookupFailedError, match="lend-book: no book has the isbn 002"):
        run(client, lend(model))
    with pytest.raises(LookupFailedError, match="lookup book gave 2 rows; it must give exactly one"):
        run(session(model, database=Rows({"shelf": "a"}, {"shelf": "b"})), lend(model))
    with pytest.raises(DatabaseError, match=r"the lookup book asks SQL, and this session has no database"):
        run(session(model), lend(model))
    assert client.client.calls == []


def test_a_lookup_sees_every_parameter_those_left_out_as_null(model: Model) -> None:
    rows = Rows({"shelf": "poetry"})
    client = session(model, {}, database=rows)

    run(client, lend(model))

    assert rows.asked == [{"reader": "mia", "isbn": "002", "lent_at": "2026-03-02T09:00:00.000000Z"}]
    sent = client.client.calls[0][1]["TransactItems"]
    assert sent[1]["Update"]["Key"]["pk"] == {"S": "SHELF#poetry"}


@pytest.mark.parametrize(
    ("failure", "kind", "message"),
    [
        (
            refusal("ResourceNotFoundException"), TableError,
            r"list-shelf: Query: no table 'library' in this store; .* \(`workbench ddb schema-load MODEL`\)$",
        ),
        (
            refusal("ValidationException", "The table does not have the specified index: by-author"), RequestError,
            r"ValidationException: The table does not have the specified index: by-author",
        ),
        (refusal("ProvisionedThroughputExceededException"), RequestError, "faster than the capacity allows; wait"),
        (refusal("AccessDeniedException"), RequestError, "look at the credentials"),
        (EndpointConnectionError(endpoint_url="loopback"), EngineError, "could not be sent. fake .* out of memory"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_happened_and_the_cure(model: Model, failure: Exception, kind: type, message: str) -> None:
    with pytest.raises(kind, match=message) as caught:
        run(session(model, failure), shelf(model))

    assert caught.value.__cause__ is failure


def test_a_missing_index_is_named_with_its_cure(model: Model) -> None:
    failure = refusal("ValidationException", "The table does not have the specified index: by-author")

    with pytest.raises(RequestError, match=r"library has no index 'by-author' here; .* bench.drop_schema") as caught:
        run(session(model, failure), build(model, "books-of-author", {"author": "Ada"}))

    assert (caught.value.code, caught.value.operation) == ("ValidationException", "Query")


def test_an_error_that_is_not_boto3s_is_left_alone(model: Model) -> None:
    with pytest.raises(ZeroDivisionError):
        run(session(model, ZeroDivisionError()), shelf(model))
