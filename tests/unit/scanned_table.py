"""A table in memory that is scanned in segments, and may throttle or refuse."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from workbench.bulk import to_parquet
from workbench.items import item_to_wire

Item = dict[str, Any]


def items(count: int) -> list[Item]:
    """Items whose attribute ``n`` is a whole number, later a decimal one, later text: a column that grows."""
    values: list[Any] = [Decimal(1), Decimal("0.25"), "text", None, frozenset({Decimal(2)}), {"a": [Decimal(1)]}]
    return [
        {"pk": f"P{number:04d}", "n": values[number * len(values) // count], f"only{number % 3}": number % 2 == 0}
        for number in range(count)
    ]


class Table:
    """A table in the place of a client: a segment holds a range of the items, a page ``per_page`` of them.

    ``fault`` is called with the request before each answer, and may raise.
    """

    def __init__(self, held: list[Item], per_page: int = 3, fault: Callable[[Item], None] = lambda request: None):
        self.held = held
        self.per_page = per_page
        self.fault = fault
        self.id = "id-1"
        self.requests: list[Item] = []
        self.lock = threading.Lock()

    def describe_table(self, TableName: str) -> Item:  # noqa: N803
        return {
            "Table": {
                "TableName": TableName, "TableId": self.id, "ItemCount": len(self.held), "TableSizeBytes": 4096 * 8,
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            }
        }  # fmt: skip

    def scan(self, **request: Any) -> Item:
        with self.lock:
            self.requests.append(request)
            self.fault(request)
        segment, segments = request.get("Segment", 0), request.get("TotalSegments", 1)
        first, end = (len(self.held) * each // segments for each in (segment, segment + 1))
        if start := request.get("ExclusiveStartKey"):
            first = 1 + next(at for at, item in enumerate(self.held) if item["pk"] == start["pk"]["S"])
        page = self.held[first : min(first + self.per_page, end)]
        more = {"LastEvaluatedKey": {"pk": {"S": page[-1]["pk"]}}} if first + self.per_page < end else {}
        units = {"ConsumedCapacity": {"TableName": request["TableName"], "CapacityUnits": 2.0}}
        return {"Items": [item_to_wire(item) for item in page], "Count": len(page), "ScannedCount": len(page)} | (
            units | more
        )


def wire(found: list[Item]) -> list[Item]:
    return [item_to_wire(item) for item in found]


def export(table: Table, folder: Path, **more: Any) -> Any:
    return to_parquet(table, folder, **{"TableName": "lines", "segments": 3, "part_bytes": 400, **more})
