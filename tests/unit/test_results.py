"""What a reader gets from running a pattern, against a client of this test's own."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.unit.scripted import SMALL, book, page, session, shelf
from workbench.errors import UsageError
from workbench.items import item_size
from workbench.model import Model, load_model
from workbench.plans import build
from workbench.results import Backoff, Result, run


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model(SMALL)


def key(number: int) -> dict[str, Any]:
    return {name: value for name, value in book(number).items() if name in ("pk", "sk")}


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


def test_seconds_are_measured_and_shown_nowhere(model: Model) -> None:
    result = run(session(model, page(book(1))), shelf(model))

    assert result.receipt.seconds > 0
    assert "second" not in repr(result) + repr(result.receipt) + result.to_json()
    assert result == run(session(model, page(book(1))), shelf(model))


def test_verify_asks_the_verifier_that_a_bench_gave(model: Model) -> None:
    result = run(session(model, page(book(1))), shelf(model))

    def verifier(asked: Result) -> str:
        return f"checked {len(asked)}"

    assert dataclasses.replace(result, verifier=verifier).verify() == "checked 1"
    with pytest.raises(UsageError, match=r"knows no checks; get it from bench.pattern\('list-shelf'\).run"):
        result.verify()


def test_waits_grow_to_a_cap_with_full_jitter() -> None:
    waits: list[float] = []
    backoff = Backoff(base=0.05, cap=1.0, sleep=waits.append, chance=lambda: 0.5)

    for attempt in range(1, 8):
        backoff.wait(attempt)

    assert waits == [0.05, 0.1, 0.2, 0.4, 0.5, 0.5, 0.5]
