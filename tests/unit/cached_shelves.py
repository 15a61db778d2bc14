"""A cache before a table that is a dict, on a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from workbench.cache import Cached
from workbench.items import item_to_wire
from workbench.model import Model, load_model
from workbench.plans import Clock
from workbench.results import Session

SMALL = load_model(Path(__file__).parents[1] / "models" / "small" / "model.yaml")
POETRY = Cached("list-shelf", ttl=60)


class Shelves:
    """A client with a few books in memory, which counts the queries that it answers."""

    def __init__(self) -> None:
        self.titles: dict[str, list[str]] = {"poetry": ["Leaves"], "cooking": []}
        self.queries = 0
        self.consistent: list[bool] = []
        self.during: Callable[[], None] = lambda: None

    def query(self, **request: Any) -> dict[str, Any]:
        self.queries += 1
        self.consistent.append(request.get("ConsistentRead", False))
        shelf = request["ExpressionAttributeValues"][":v0"]["S"].removeprefix("SHELF#")
        items = [book(shelf, at, title) for at, title in enumerate(self.titles[shelf])]
        self.during()
        return {"Items": items, "Count": len(items), "ScannedCount": len(items)}

    def put(self, shelf: str, title: str) -> dict[str, Any]:
        """Store a book and return the stream's record of it."""
        self.titles[shelf].append(title)
        return record(book(shelf, len(self.titles[shelf]) - 1, title))


def book(shelf: str, number: int, title: str) -> dict[str, Any]:
    key = {"pk": f"SHELF#{shelf}", "sk": f"BOOK#{number:03d}"}
    return item_to_wire({**key, "author": "Ada", "year": 2000 + number, "title": title})


def record(image: dict[str, Any], event: str = "INSERT") -> dict[str, Any]:
    keys = {name: image[name] for name in ("pk", "sk")}
    return {"eventName": event, "dynamodb": {"Keys": keys, "NewImage": image}}


def made(model: Model, client: Any, database: Any = None) -> Session:
    engine = SimpleNamespace(name="fake", is_near=True, explain_failure=str)
    return Session(model, client, database, engine, Clock.fixed())
