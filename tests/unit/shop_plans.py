"""The shop's patterns with arguments and rows for each, and what botocore says of the requests."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
from botocore.validate import ParamValidator

from workbench.model import load_model
from workbench.plans import Clock, Plan, Request, build

SHOP = load_model(Path(__file__).parents[1] / "models" / "shop" / "model.yaml")
ARGUMENTS: dict[str, dict[str, Any]] = {
    "get-customer": {"customer_id": "c1"},
    "list-orders": {"customer_id": "c1"},
    "all-orders": {"customer_id": "c1"},
    "urgent-orders": {"region": "north", "status": "open", "priority": 1},
    "large-orders": {"customer_id": "c1", "total": "9.50"},
    "every-paid-order": {},
    "place-order": {"email": "a@example.org", "order_no": 7, "total": "9.50"},
    "count-visit": {"customer_id": "c1"},
    "forget-order": {"customer_id": "c1", "order_no": 7},
    "close-orders": {"customer_id": "c1"},
    "get-orders": {"customer_id": "c1"},
    "stock-shelf": {"customer_id": "c1", "sku": 5, "bin": b"\x01", "count": 3},
    "read-together": {"customer_id": "c1", "order_no": 7},
    "sell": {"customer_id": "c1", "order_no": 7, "sku": 5, "bin": b"\x01"},
}
ROWS: dict[str, list[dict[str, Any]]] = {
    "customer": [{"customer_id": "c1"}],
    "orders": [{"customer_id": "c1", "order_no": number} for number in (1, 2, 3)],
}


def plan(name: str, *, resolved: bool = True, **others: Any) -> Plan:
    pattern = SHOP.pattern(name)
    rows = {lookup: ROWS[lookup] for lookup in pattern.lookups} if resolved else {}
    return build(SHOP, pattern, {**ARGUMENTS[name], **others}, rows=rows, clock=Clock.fixed())


@cache
def input_shape(operation: str) -> Any:
    return botocore.session.get_session().get_service_model("dynamodb").operation_model(operation).input_shape


def assert_botocore_takes(request: Request) -> None:
    report = ParamValidator().validate(request.kwargs, input_shape(request.operation))
    assert not report.has_errors(), report.generate_report()
