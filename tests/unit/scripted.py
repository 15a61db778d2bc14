"""A session whose engine answers what a test has written down."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from workbench.items import item_to_wire
from workbench.model import Model
from workbench.plans import Clock, build
from workbench.results import Session

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


def shelf(model: Model, **more: Any) -> Any:
    return build(model, "list-shelf", {"shelf": "poetry", **more}, clock=Clock.fixed())
