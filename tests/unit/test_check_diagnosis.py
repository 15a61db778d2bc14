"""Why an answer is empty: the store is looked at, and the cause is told in words."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from workbench.checks.diagnosis import MOST_SCANNED, why_empty
from workbench.items import item_to_wire
from workbench.model import Action, KeyCondition, KeyTemplate, Model, load_model
from workbench.plans import build, scan

SMALL = load_model(Path(__file__).parents[1] / "models" / "small")


class Client:
    """A table in a list: as much of Scan and Query as a diagnosis asks for."""

    def __init__(self, items: list[dict[str, Any]]) -> None:
        self.items = [item_to_wire(item) for item in items]
        self.reads = 0

    def scan(self, *, TableName: str, Limit: int, IndexName: str | None = None, **start: Any) -> dict[str, Any]:  # noqa: N803
        self.reads += 1
        at = int(start.get("ExclusiveStartKey", {"at": 0})["at"])
        items = self.indexed(TableName, IndexName)
        page = items[at : at + min(Limit, 500)]
        more = {"LastEvaluatedKey": {"at": at + len(page)}} if at + len(page) < len(items) else {}
        return {"Items": page, **more}

    def query(self, *, TableName: str, IndexName: str | None = None, **kwargs: Any) -> dict[str, Any]:  # noqa: N803
        names, values = kwargs["ExpressionAttributeNames"], kwargs["ExpressionAttributeValues"]
        expression = kwargs["KeyConditionExpression"]
        assert set(names) == set(re.findall(r"#\w+", expression))
        assert set(values) == set(re.findall(r":\w+", expression))
        wanted = {names[name]: values[value] for name, value in re.findall(r"(#\w+) = (:\w+)", expression)}
        starts = {
            names[name]: values[value]["S"] for name, value in re.findall(r"begins_with\((#\w+), (:\w+)\)", expression)
        }
        found = [
            item
            for item in self.indexed(TableName, IndexName)
            if all(item[name] == value for name, value in wanted.items())
            and all(item[name]["S"].startswith(text) for name, text in starts.items())
        ]
        return {"Items": found, "Count": len(found)}

    def indexed(self, table: str, index: str | None) -> list[dict[str, Any]]:
        if index is None:
            return self.items
        return [item for item in self.items if all(name in item for name in SMALL.index(table, index).keys.names)]


def book(shelf: str, isbn: str, **more: Any) -> dict[str, Any]:
    return {"pk": f"SHELF#{shelf}", "sk": f"BOOK#{isbn}", "author": "Ada", "year": 1999, "title": "Rain", **more}


BOOKS = [book("poetry", "001"), book("poetry", "002"), book("travel", "005")]
LOAN = {"pk": "READER#noa", "sk": "2026-01-05T10:00:00.000000Z", "isbn": "003"}


def why(
    items: list[dict[str, Any]], pattern: str, model: Model = SMALL, *, local: bool = True, **arguments: Any
) -> str:
    session: Any = SimpleNamespace(model=model, client=Client(items), engine=SimpleNamespace(is_near=local))
    return why_empty(session, build(model, pattern, arguments))


def with_key(pattern: str, attribute: str, template: str) -> Model:
    """The small model with another template in a pattern's key."""
    old = SMALL.pattern(pattern)
    assert old.key is not None
    key = KeyCondition({attribute: KeyTemplate.of(template)}, old.key.sort)
    return replace(SMALL, patterns={**SMALL.patterns, pattern: replace(old, key=key)})


def test_an_empty_table_was_not_seeded() -> None:
    assert why([], "list-shelf", shelf="poetry") == "table library is empty: nothing was seeded"


def test_a_wrong_prefix_is_named_with_the_partitions_that_are_there() -> None:
    told = why([*BOOKS, LOAN], "list-shelf", with_key("list-shelf", "pk", "SHELVE#{shelf}"), shelf="poetry")

    assert told == (
        "nothing under pk = 'SHELVE#poetry'; table library holds partitions that begin with "
        "SHELF# (3 items), READER# (1 item). "
        "'SHELF#poetry' is there: is the prefix of the key template right?"
    )


def test_a_prefix_that_nothing_has_is_doubted_even_when_the_value_is_not_there() -> None:
    told = why(BOOKS, "list-shelf", with_key("list-shelf", "pk", "GRP#{shelf}"), shelf="nowhere")

    assert told.endswith("begin with SHELF# (3 items), and none with GRP#: is the prefix of the key template right?")


def test_an_unknown_value_under_a_right_prefix_is_not_blamed_on_the_template() -> None:
    told = why(BOOKS, "list-shelf", shelf="cooking")

    assert told == "nothing under pk = 'SHELF#cooking'; table library holds partitions that begin with SHELF# (3 items)"


def test_a_sort_condition_that_excludes_everything_is_named_with_the_range_that_is_there() -> None:
    items = [{**item, "sk": item["sk"].replace("BOOK#", "B#")} for item in BOOKS]

    assert why(items, "list-shelf", shelf="poetry") == (
        "the partition pk = 'SHELF#poetry' has 2 items, and the sort condition excludes all of them: "
        "sk begins with 'BOOK#'; sk goes from 'B#001' to 'B#002'"
    )


def test_a_filter_that_lets_nothing_through_is_named() -> None:
    pattern = replace(SMALL.pattern("list-shelf"), filter="author = 'Eve'")
    model = replace(SMALL, patterns={"list-shelf": pattern})

    assert why(BOOKS, "list-shelf", model, shelf="poetry") == (
        "the key condition finds 2 items, and the filter lets none through: author = 'Eve'"
    )


def test_an_item_that_is_in_the_table_and_not_in_the_index_is_named_with_what_it_lacks() -> None:
    items = [{name: value for name, value in book("poetry", "001").items() if name != "title"}, LOAN]

    assert why(items, "books-of-author", author="Ada") == (
        "1 item with author = 'Ada' in table library, but not in index by-author: without title an item is not indexed "
        "(a sparse index)"
    )


def test_an_index_whose_attribute_no_item_has_is_named() -> None:
    assert why([LOAN], "books-of-author", author="Ada") == (
        "no item of table library has the attribute author, so index by-author is empty"
    )


def test_an_index_partition_that_is_not_there_names_the_nearest() -> None:
    assert why(BOOKS, "books-of-author", author="Adda") == (
        "nothing under author = 'Adda'; index by-author holds 1 partitions; the nearest: 'Ada'"
    )


def test_a_get_of_a_missing_item_names_the_nearest_key_of_its_partition() -> None:
    assert why(BOOKS, "get-book", shelf="poetry", isbn="003") == (
        "the partition pk = 'SHELF#poetry' has 2 items, none with sk = 'BOOK#003'; the nearest is 'BOOK#002'"
    )
    assert "nothing under pk = 'SHELF#cooking'" in why(BOOKS, "get-book", shelf="cooking", isbn="001")


@pytest.mark.parametrize("operation", ["BatchGetItem", "TransactGetItems"])
def test_a_batch_of_missing_keys_is_told_by_its_first_key(operation: Any) -> None:
    get = replace(SMALL.pattern("get-book"), operation=operation, key=None, actions=(Action("get", "Book"),))
    model = replace(SMALL, patterns={"get-book": get})

    assert "none with sk = 'BOOK#003'" in why(BOOKS, "get-book", model, shelf="poetry", isbn="003")


def test_a_scan_tells_a_filter_from_an_empty_index() -> None:
    session: Any = SimpleNamespace(model=SMALL, client=Client([LOAN]), engine=SimpleNamespace(is_near=True))

    assert why_empty(session, scan(SMALL, "library", filter="isbn = '9'")) == (
        "the filter let none of the items through: isbn = '9'"
    )
    assert "index by-author is empty" in why_empty(session, scan(SMALL, "library", "by-author"))


def test_a_diagnosis_reads_a_bounded_number_of_items() -> None:
    items = [book(f"s{number}", "1") for number in range(MOST_SCANNED + 5000)]
    session: Any = SimpleNamespace(model=SMALL, client=Client(items), engine=SimpleNamespace(is_near=True))
    told = why_empty(session, build(SMALL, "list-shelf", {"shelf": "nowhere"}))

    assert "of which 2,000 items were read, holds partitions that begin with SHELF# (2000 items)" in told
    assert session.client.reads <= 2 + MOST_SCANNED // 500


def test_nothing_is_read_on_an_engine_that_costs_money() -> None:
    assert why(BOOKS, "list-shelf", local=False, shelf="cooking") == ""


@pytest.mark.parametrize("code", ["ValidationException", "ResourceNotFoundException"])
def test_a_diagnosis_that_the_engine_refuses_says_nothing(code: str) -> None:
    from botocore.exceptions import ClientError

    class Refusing:
        def scan(self, **_: Any) -> Any:
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, "Scan")

    session: Any = SimpleNamespace(model=SMALL, client=Refusing(), engine=SimpleNamespace(is_near=True))

    assert why_empty(session, build(SMALL, "list-shelf", {"shelf": "x"})) == ""
