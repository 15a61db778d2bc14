"""A messages table in memory, with an index that lags as long as a test wants: for properties over many small tables.

It knows what the handlers of pattern E ask for, and nothing else; tests/local/test_inbox_handlers.py compares it with
DynamoDB Local.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

Item = dict[str, Any]
Key = tuple[str, str]


class TransactionCanceledException(ClientError):  # noqa: N818 (boto3's name)
    """As boto3 raises it."""


class FakeTable:
    """The client: query, put_item, delete_item and transact_write_items on one table.

    ``lag()`` is asked at each Query of the index: so many writes ago is the state that it shows.
    """

    class exceptions:  # noqa: N801 (boto3's name)
        TransactionCanceledException = TransactionCanceledException

    def __init__(self, lag: Callable[[], int] = lambda: 0) -> None:
        self.items: dict[Key, Item] = {}
        self.past: list[dict[Key, Item]] = []  # the states before each write, oldest first
        self.writes: list[str] = []
        self._lag = lag

    def query(self, **request: Any) -> dict[str, Any]:
        """Return a page with every item that is asked for, in key order."""
        values = request["ExpressionAttributeValues"]
        name, value = request["KeyConditionExpression"].split(" = ")
        items = self._shown() if "IndexName" in request else self.items
        assert ("IndexName" in request) == (name == "message_group_uuid")
        assert not ("IndexName" in request and request.get("ConsistentRead"))
        found = [item for item in items.values() if item.get(name) == values[value]]
        if "FilterExpression" in request:
            name, value = request["FilterExpression"].split(" = ")
            found = [item for item in found if item.get(name) == values[value]]
        return {"Items": copy.deepcopy(sorted(found, key=lambda item: item["sk"]["S"]))}

    def _shown(self) -> dict[Key, Item]:
        lag = min(self._lag(), len(self.past))
        return self.past[-lag] if lag else self.items

    def put_item(self, **request: Any) -> dict[str, Any]:
        """Put without a condition."""
        return self._write("put", [{"Put": request}])

    def delete_item(self, **request: Any) -> dict[str, Any]:
        """Delete without a condition."""
        return self._write("delete", [{"Delete": request}])

    def transact_write_items(self, **request: Any) -> dict[str, Any]:
        """Put and delete, all or nothing."""
        return self._write("transaction", request["TransactItems"])

    def _write(self, word: str, actions: list[dict[str, Any]]) -> dict[str, Any]:
        reasons = [self._reason(*next(iter(action.items()))) for action in actions]
        if any(reason["Code"] != "None" for reason in reasons):
            error = {"Error": {"Code": "TransactionCanceledException", "Message": "cancelled"}}
            raise TransactionCanceledException({**error, "CancellationReasons": reasons}, "TransactWriteItems")  # type: ignore[arg-type]
        self.past.append(dict(self.items))
        self.writes.append(word)
        for action in actions:
            if "Put" in action:
                item = copy.deepcopy(action["Put"]["Item"])
                self.items[item["pk"]["S"], item["sk"]["S"]] = item
            else:
                key = action["Delete"]["Key"]
                self.items.pop((key["pk"]["S"], key["sk"]["S"]), None)
        return {}

    def _reason(self, kind: str, action: dict[str, Any]) -> dict[str, Any]:
        key = action["Item"] if kind == "Put" else action["Key"]
        there = self.items.get((key["pk"]["S"], key["sk"]["S"]))
        if all(self._holds(part, action, there) for part in action.get("ConditionExpression", "").split(" AND ")):
            return {"Code": "None"}
        told = {"Item": copy.deepcopy(there)} if there and "ReturnValuesOnConditionCheckFailure" in action else {}
        return {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed", **told}

    def _holds(self, part: str, action: dict[str, Any], there: Item | None) -> bool:
        if not part:
            return True
        if found := re.fullmatch(r"attribute_not_exists\((\w+)\)", part):
            return there is None or found[1] not in there
        name, value = part.split(" = ")
        name = action["ExpressionAttributeNames"][name]
        return there is not None and there.get(name) == action["ExpressionAttributeValues"][value]
