"""The one object that a reader meets: a model, opened on an engine, in a store of its own."""

from workbench.bench.bench import Bench
from workbench.bench.opening import open  # noqa: A004
from workbench.bench.patterns import BoundPattern
from workbench.bench.tables import BoundTable
from workbench.bench.views import ItemCollection, StoredItem, View

__all__ = ["Bench", "BoundPattern", "BoundTable", "ItemCollection", "StoredItem", "View", "open"]
