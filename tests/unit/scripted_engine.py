"""A table behind a real boto3 client, in the place of the network, with faults that a test writes down."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError

import workbench
from workbench.bulk import Progress, WriteReport
from workbench.model import Index, KeyAttribute, KeySchema, Table
from workbench.results import Backoff

TABLE = Table("lines", KeySchema((KeyAttribute("pk"),)), {"by": Index("by", KeySchema((KeyAttribute("owner"),)))})
Item = dict[str, Any]
Reply = tuple[int, dict[str, Any] | str]
PAGE = "<html><body>Service Unavailable</body></html>"  # of a load balancer, before DynamoDB sees the request


def items(count: int, **more: Any) -> list[Item]:
    return [{"pk": f"P#{number}", "text": f"line {number}", **more} for number in range(count)]


class Raw:
    def __init__(self, content: bytes) -> None:
        self.content = content

    def stream(self) -> list[bytes]:
        return [self.content]


class Page:
    """A fault: an HTML page with a status, from somebody who is not DynamoDB."""

    def __init__(self, status: int) -> None:
        self.status = status


class Engine:
    """A table behind a real boto3 client, in the place of the network. ``faults`` say, request by request, what is
    wrong: a number of items left unprocessed, an AWS error code, a Page, or an exception; ``always``
    is the one after them. A batch that holds a key of ``poison`` is refused.
    """

    def __init__(self, *faults: Any, always: Any = None, poison: str | tuple[str, ...] = ()) -> None:
        self.faults = list(faults)
        self.always = always
        self.poison = {poison} if isinstance(poison, str) else set(poison)
        self.table: dict[str, Item] = {}
        self.sizes: list[int] = []
        self.history: list[list[str]] = []
        self.lock = threading.Lock()
        self.table_id = "id-1"
        self.counts = True  # units, where a request asks for them
        self.gate: Callable[[list[str]], None] = lambda keys: None
        self.client = boto3.client(
            "dynamodb", region_name="us-east-1", endpoint_url="http://127.0.0.1:9", aws_access_key_id="x",
            aws_secret_access_key="y", config=Config(retries={"total_max_attempts": 1}),
        )  # fmt: skip
        self.client.meta.events.register("before-send.dynamodb", self.answer)

    def answer(self, request: Any, **_: Any) -> AWSResponse:
        target = request.headers["X-Amz-Target"]
        operation = (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
        status, content = getattr(self, operation)(json.loads(request.body))
        text = content if isinstance(content, str) else json.dumps(content)
        return AWSResponse(request.url, status, {}, Raw(text.encode()))

    def _fault(self) -> Any:
        fault = self.faults.pop(0) if self.faults else self.always
        if isinstance(fault, BaseException):
            raise fault
        return fault

    def BatchWriteItem(self, request: dict[str, Any]) -> Reply:  # noqa: N802
        ((table, requests),) = request["RequestItems"].items()
        keys = [next(iter(next(iter(each.values())).values()))["pk"]["S"] for each in requests]
        self.gate(keys)
        with self.lock:
            assert len(requests) <= 25
            assert len(set(keys)) == len(keys), "DynamoDB refuses a batch that names a key twice"
            self.sizes.append(len(requests))
            fault = self._fault()
            if isinstance(fault, str):
                return 400, {"__type": f"x#{fault}", "message": "so it is"}
            if isinstance(fault, Page):
                return fault.status, PAGE
            if disliked := [key for key in keys if key in self.poison]:
                words = f"{disliked[0]} is not liked" if len(self.poison) == 1 else "a value is not liked"
                return 400, {"__type": "x#ValidationException", "message": words}
            left = min(fault or 0, len(requests))
            self.history.append(keys[left:])
            for each, key in zip(requests[left:], keys[left:], strict=True):
                if "PutRequest" in each:
                    self.table[key] = each["PutRequest"]["Item"]
                else:
                    self.table.pop(key, None)
            consumed = [{"TableName": table, "CapacityUnits": 1.0 * (len(requests) - left)}]
            unprocessed = {"UnprocessedItems": {table: requests[:left]} if left else {}}
            return 200, unprocessed | self._consumed(request, consumed)

    def PutItem(self, request: dict[str, Any]) -> Reply:  # noqa: N802
        with self.lock:
            self.sizes.append(1)
            key = request["Item"]["pk"]["S"]
            after = self.faults.pop(0) if self.faults else None
            if isinstance(after, str):
                return 400, {"__type": f"x#{after}", "message": "so it is"}
            if key in self.table and "attribute_not_exists" in request.get("ConditionExpression", ""):
                there = {"Item": self.table[key]}
                return 400, {"__type": "x#ConditionalCheckFailedException", "message": "it is there", **there}
            self.table[key] = request["Item"]
            if isinstance(after, BaseException):  # written, and the answer is lost
                raise after
            if isinstance(after, Page):
                return after.status, PAGE
            return 200, self._consumed(request, {"TableName": "lines", "CapacityUnits": 1.0})

    def TransactWriteItems(self, request: dict[str, Any]) -> Reply:  # noqa: N802
        puts = [each["Put"] for each in request["TransactItems"]]
        self.sizes.append(len(puts))
        after = self.faults.pop(0) if self.faults else None
        reasons = [
            {"Code": "ConditionalCheckFailed", "Message": "it is there", "Item": self.table[put["Item"]["pk"]["S"]]}
            if put["Item"]["pk"]["S"] in self.table else {"Code": "None"}
            for put in puts
        ]  # fmt: skip
        if any(each["Code"] != "None" for each in reasons):
            return 400, {"__type": "x#TransactionCanceledException", "message": "no", "CancellationReasons": reasons}
        self.table |= {put["Item"]["pk"]["S"]: put["Item"] for put in puts}
        if isinstance(after, BaseException):
            raise after
        return 200, self._consumed(request, [{"TableName": "lines", "CapacityUnits": 2.0 * len(puts)}])

    def _consumed(self, request: dict[str, Any], units: Any) -> dict[str, Any]:
        """What a request consumed, for the one that asks, as DynamoDB has it."""
        return {"ConsumedCapacity": units} if self.counts and request.get("ReturnConsumedCapacity") == "TOTAL" else {}

    def DescribeTable(self, request: dict[str, Any]) -> Reply:  # noqa: N802
        if request["TableName"].rpartition("table/")[2] != "lines":
            return 400, {"__type": "x#ResourceNotFoundException", "message": "no"}
        keys = {"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}  # fmt: skip
        return 200, {"Table": {"TableName": "lines", "TableId": self.table_id, **keys}}

    def write(self, rows: Any, **options: Any) -> WriteReport:
        own = {"in_flight": 1, "backoff": Waits().backoff, "units": True}
        return workbench.write(self.client, TABLE, rows, **own | options)


class Waits:
    """A Backoff that notes its waits instead of waiting; ``chance`` 1 shows the cap of the jitter."""

    def __init__(self, attempts: int = 8, chance: float = 1.0, cap: float = 2.0) -> None:
        self.seconds: list[float] = []
        self.backoff = Backoff(attempts, 0.05, cap, self.seconds.append, lambda: chance)


def cut() -> ConnectionClosedError:
    return ConnectionClosedError(endpoint_url="http://127.0.0.1:9")


def whole(report: WriteReport) -> bool:
    """The counts add up."""
    failed = len(report.failed)
    return report.rows == report.written + report.merged + report.already + failed + report.unsent


STREAMED = pytest.mark.parametrize("streamed", [False, True], ids=["held", "streamed"])
NEW = {"condition": "attribute_not_exists(pk)"}


def stopped(after: int) -> Callable[[Progress], None]:
    def interrupt(progress: Progress) -> None:
        if progress.items >= after:
            raise KeyboardInterrupt

    return interrupt


def interrupted(engine: Engine, rows: Any, journal: Path, after: int, **options: Any) -> None:
    with pytest.raises(KeyboardInterrupt):
        engine.write(rows, journal=journal, progress=stopped(after), **options)
