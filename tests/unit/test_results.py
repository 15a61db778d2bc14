"""What a reader gets from running a pattern, against a client of this test's own."""

from __future__ import annotations

import dataclasses
import json
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from workbench.errors import (
    DatabaseError,
    EngineError,
    LookupFailedError,
    RequestError,
    TableError,
    UnknownNameError,
    UsageError,
)
from workbench.items import item_size, item_to_wire
from workbench.model import Model, load_model
from workbench.plans import Clock, build
from workbench.results import Backoff, Result, Session, run, scan

SMALL = Path(__file__).parents[1] / "models" / "small" / "model.yaml"


def book(number: int, **more: Any) -> dict[str, Any]:
    item = {
        "pk": "SHELF#poetry",
        "sk": f"BOOK#{number:03d}",
        "author": "Ada",
        "year": 2000 + number,
        "title": f"T{number}",
    }
    return item_to_wire({**item, **more})


class Scripted:
    """A client that gives prepared responses, one a call, and remembers what it was asked."""

    def __init__(self, *responses: Any) -> None:
        self.responses = list(responses)
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, method: str) -> Any:
        def call(**kwargs: Any) -> Any:
            self.calls.append((method, kwargs))
            response = self.responses.pop(0)
            if isinstance(response, Exception):
                raise response
            return response

        return call


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


def session(model: Model, *responses: Any, local: bool = False, database: Any = None, engine: str = "fake") -> Session:
    words = "fake at nowhere could not be reached. Its last log lines: out of memory"
    made = SimpleNamespace(name=engine, is_near=local, explain_failure=lambda: words)
    return Session(model, Scripted(*responses), database, made, Clock.fixed())


def page(
    *items: dict[str, Any], scanned: int | None = None, last: dict[str, Any] | None = None, units: float = 0.5
) -> Any:
    return {
        "Items": list(items),
        "Count": len(items),
        "ScannedCount": len(items) if scanned is None else scanned,
        "ConsumedCapacity": {"TableName": "library", "CapacityUnits": units, "Table": {"CapacityUnits": units}},
        **({"LastEvaluatedKey": last} if last else {}),
    }


def key(number: int) -> dict[str, Any]:
    return {name: value for name, value in book(number).items() if name in ("pk", "sk")}


def refusal(code: str, message: str = "no", **more: Any) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}, **more}, "Query")


def shelf(model: Model, **more: Any) -> Any:
    return build(model, "list-shelf", {"shelf": "poetry", **more}, clock=Clock.fixed())


def test_the_repr_says_what_came_back_and_its_price_and_shows_the_rows(model: Model) -> None:
    result = run(session(model, page(book(1), book(2))), shelf(model))

    assert repr(result) == (
        "list-shelf: 2 items, 1 page, 2 read, 0.5 RCU (engine: 0.5)\n"
        "pk            sk        author  year  title\n"
        "SHELF#poetry  BOOK#001  Ada     2001  T1\n"
        "SHELF#poetry  BOOK#002  Ada     2002  T2"
    )
    assert repr(result) == repr(run(session(model, page(book(1), book(2))), shelf(model)))


def test_an_empty_answer_has_no_rows_and_still_a_price_and_columns(model: Model) -> None:
    result = run(session(model, page()), shelf(model))

    assert repr(result) == "list-shelf: 0 items, 1 page, 0 read, 0.5 RCU (engine: 0.5)"
    assert list(result.df.columns) == ["pk", "sk"]
    assert str(result.df["pk"].dtype) == "str"
    assert len(result) == 0


def test_one_page_is_read_unless_more_are_asked_for_and_the_cursor_leads_on(model: Model) -> None:
    first = run(session(model, page(book(1), book(2), last=key(2))), shelf(model, limit=2))
    following = session(model, page(book(3)))

    second = run(following, build(model, "list-shelf", {"shelf": "poetry", "limit": 2}, cursor=first.cursor))

    assert "note: more to read: hand result.cursor back for the next page" in repr(first)
    assert not first.incomplete
    assert following.client.calls[0][1]["ExclusiveStartKey"] == key(2)
    assert [row["sk"] for row in second] == ["BOOK#003"]
    assert second.cursor is None


def test_every_page_is_followed_and_each_is_priced_by_itself(model: Model) -> None:
    client = session(model, page(book(1), last=key(1)), page(book(2), last=key(2)), page(units=0.5))

    result = run(client, shelf(model), pages=10)

    assert [item["sk"] for item in result] == ["BOOK#001", "BOOK#002"]
    assert [call.get("ExclusiveStartKey") for _, call in client.client.calls] == [None, key(1), key(2)]
    assert (result.receipt.pages, str(result.receipt.computed.read), str(result.receipt.reported.read)) == (
        3,
        "1.5",
        "1.5",
    )
    assert result.cursor is None
    assert not result.incomplete


def test_at_the_bound_of_pages_the_result_says_that_it_is_incomplete_and_keeps_the_cursor(model: Model) -> None:
    result = run(session(model, page(book(1), last=key(1)), page(book(2), last=key(2))), shelf(model), pages=2)

    assert result.incomplete
    assert result.cursor is not None
    assert "INCOMPLETE: stopped at the bound of 2 pages; raise max_pages, or hand result.cursor back" in repr(result)
    with pytest.raises(UsageError, match="0 pages; ask for 1 or more"):
        run(session(model), shelf(model), pages=0)


def test_capacity_is_asked_for_by_index_and_the_request_is_else_the_plans(model: Model) -> None:
    client = session(model, page())

    plan = shelf(model)
    run(client, plan)

    assert client.client.calls == [("query", {**plan.request.kwargs, "ReturnConsumedCapacity": "INDEXES"})]


def filtered(model: Model) -> Any:
    pattern = dataclasses.replace(model.pattern("list-shelf"), filter="year > {limit}", projection=("title",))
    return build(model, pattern, {"shelf": "poetry"})


def test_what_a_filter_and_a_projection_hide_is_measured_by_a_shadow_read_on_this_machine(model: Model) -> None:
    books = [book(n, note="x" * 2000) for n in (1, 2, 3)]
    kept = {"title": {"S": "T3"}}
    client = session(
        model,
        page(kept, scanned=3, last=key(3), units=1.0),
        page(*books[:2], last=key(2)),
        page(books[2], last=key(3)),
        local=True,
    )

    result = run(client, filtered(model))

    shadow = client.client.calls[1][1]
    assert {"FilterExpression", "ProjectionExpression"}.isdisjoint(shadow)
    assert set(shadow["ExpressionAttributeNames"].values()) == {"pk", "sk"}
    assert len(shadow["ExpressionAttributeValues"]) == 2
    assert [call["Limit"] for _, call in client.client.calls[1:]] == [3, 1]
    assert repr(result).startswith("list-shelf: 1 item, 1 page, read 3, kept 1, 1.0 RCU (engine: 1.0)\ntitle\nT3")
    assert result.receipt.bytes_read == sum(map(item_size, books))
    assert result.receipt.requests == 1
    assert list(result.df.columns) == ["title"]


def test_elsewhere_no_shadow_read_is_paid_for_and_the_units_are_not_known(model: Model) -> None:
    client = session(model, page({"title": {"S": "T3"}}, scanned=3, units=1.0))

    result = run(client, filtered(model))

    assert len(client.client.calls) == 1
    assert result.receipt.computed is None
    assert "read 3, kept 1, RCU not known (engine: 1.0)" in repr(result)
    assert "note: units not computed: a filter, projection or count hides what was read" in repr(result)


def test_an_unexplained_difference_of_price_is_seen(model: Model) -> None:
    result = run(session(model, page(book(1), units=7.5)), shelf(model))

    assert result.receipt.differs
    assert "0.5 RCU (engine: 7.5, DIFFERS)" in repr(result)
    assert "computed 0.5 RCU, the engine says 7.5 RCU: UNEXPLAINED" in repr(result)
    assert result.receipt.to_dict()["differs"] is True


def test_an_engine_that_reports_nothing_is_no_difference(model: Model) -> None:
    response = page(book(1))
    del response["ConsumedCapacity"]

    result = run(session(model, response), shelf(model))

    assert not result.receipt.differs
    assert "0.5 RCU (engine: not said)" in repr(result)


def test_the_text_of_a_result_shows_its_keys_whole(model: Model) -> None:
    long = {"pk": {"S": "SHELF#poetry"}, "sk": {"S": "BOOK#" + "0" * 90}, "title": {"S": "t" * 90}}
    shown = repr(run(session(model, page(long)), shelf(model)))

    assert "BOOK#" + "0" * 90 in shown
    assert "t" * 37 + "..." in shown


def test_seconds_are_measured_and_shown_nowhere(model: Model) -> None:
    result = run(session(model, page(book(1))), shelf(model))

    assert result.receipt.seconds > 0
    assert "second" not in repr(result) + repr(result.receipt) + result.to_json()
    assert result == run(session(model, page(book(1))), shelf(model))


def test_attributes_stand_in_one_order_whatever_order_the_engine_gives(model: Model) -> None:
    item = book(1, zebra=1, apple={"b": 1, "a": [{"d": 1, "c": 2}]})
    backwards = dict(reversed(item.items()))

    one = run(session(model, page(item)), shelf(model))
    other = run(session(model, page(backwards)), shelf(model))

    assert list(one.items[0]) == ["pk", "sk", "author", "year", "title", "apple", "zebra"]
    assert repr(one) == repr(other)
    assert one.to_json() == other.to_json()
    assert list(one.items[0]["apple"]) == ["a", "b"]


def test_frames_by_entity_have_the_typed_fields_of_their_keys(model: Model) -> None:
    loan = item_to_wire({"pk": "READER#mia", "sk": "2026-03-02T09:00:00Z", "isbn": "002", "days": 14})
    stray = item_to_wire({"pk": "what", "sk": "ever", "entity": "own"})

    result = scan(session(model, page(book(1), loan, stray, book(2))), "library")
    frames = result.by_entity()

    assert list(frames) == ["Book", "Loan", "?"]
    assert list(frames["Book"].columns) == ["pk", "sk", "shelf", "isbn", "author", "year", "title", "lent_at"]
    assert list(frames["Book"]["isbn"]) == ["001", "002"]
    assert frames["Loan"].iloc[0].to_dict() == {
        "pk": "READER#mia", "sk": "2026-03-02T09:00:00Z", "reader": "mia", "lent_at": "2026-03-02T09:00:00.000000Z",
        "isbn": "002", "days": 14,
    }  # fmt: skip
    assert list(frames["?"]["entity"]) == ["own"]
    assert [row["entity"] for row in result.rows] == ["Book", "Loan", None, "Book"]
    assert result.rows[0]["shelf"] == "poetry"


def test_an_entity_that_did_not_come_back_has_an_empty_frame_and_an_unknown_one_is_an_error(model: Model) -> None:
    frames = run(session(model, page()), shelf(model)).by_entity()

    assert list(frames) == []
    assert list(frames["Loan"].columns) == ["pk", "sk", "reader", "lent_at", "isbn", "days"]
    assert str(frames["Loan"]["days"].dtype) == "Int64"
    with pytest.raises(UnknownNameError, match=r"small has no entity 'Lone'. Did you mean 'Loan'"):
        frames["Lone"]


def test_the_frame_is_a_new_one_each_time(model: Model) -> None:
    result = run(session(model, page(book(1))), shelf(model))

    mine = result.df
    mine.loc[0, "title"] = "changed"
    mine["new"] = 1

    assert list(result.df.columns) == ["pk", "sk", "author", "year", "title"]
    assert result.df["title"][0] == "T1"


def test_a_result_is_frozen(model: Model) -> None:
    result = run(session(model, page(book(1))), shelf(model))

    with pytest.raises(dataclasses.FrozenInstanceError):
        result.items = []  # type: ignore[misc]


def test_json_holds_the_answer_its_arguments_and_its_price(model: Model) -> None:
    result = run(session(model, page(book(1, price=Decimal("0.10")))), shelf(model))

    document = json.loads(result.to_json(), parse_float=Decimal)
    typed = json.loads(result.to_json(typed=True))

    assert document["pattern"] == "list-shelf"
    assert document["arguments"] == {"shelf": "poetry", "limit": 3}
    assert document["items"][0]["price"] == Decimal("0.1")
    assert document["receipt"]["computed"] == {"read": "0.5", "write": "0.0", "table": "0.5", "indexes": {}}
    assert document["cursor"] is None
    assert typed["items"] == [{**book(1), "price": {"N": "0.1"}}]


def test_files_come_from_the_frame(model: Model, tmp_path: Path) -> None:
    result = run(session(model, page(book(1))), shelf(model))

    assert result.to_csv() == "pk,sk,author,year,title\nSHELF#poetry,BOOK#001,Ada,2001,T1\n"
    assert result.to_markdown().splitlines()[1] == "| --- | --- | --- | ---: | --- |"
    assert result.to_parquet(tmp_path / "books.parquet").stat().st_size > 0


def test_verify_asks_the_verifier_that_a_bench_gave(model: Model) -> None:
    result = run(session(model, page(book(1))), shelf(model))

    def verifier(asked: Result) -> str:
        return f"checked {len(asked)}"

    assert dataclasses.replace(result, verifier=verifier).verify() == "checked 1"
    with pytest.raises(UsageError, match=r"knows no checks; get it from bench.pattern\('list-shelf'\).run"):
        result.verify()


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


def test_waits_grow_to_a_cap_with_full_jitter() -> None:
    waits: list[float] = []
    backoff = Backoff(base=0.05, cap=1.0, sleep=waits.append, chance=lambda: 0.5)

    for attempt in range(1, 8):
        backoff.wait(attempt)

    assert waits == [0.05, 0.1, 0.2, 0.4, 0.5, 0.5, 0.5]
