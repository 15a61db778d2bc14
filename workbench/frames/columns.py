"""An answer in columns: pages of DynamoDB JSON in, DataFrames, Arrow tables and items out; nothing is lost."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from workbench.frames.arrow import arrow_table
from workbench.frames.column import Column
from workbench.frames.documents import ABSENT
from workbench.frames.libraries import to_duckdb, to_polars
from workbench.frames.page import Page
from workbench.items import item_to_wire

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["Columns", "first_rows", "in_order"]


@dataclass(frozen=True, eq=False)
class Columns:
    """The items of some pages, in order. ``keys`` come first among the columns, the others by first appearance."""

    pages: Sequence[Page]
    keys: Sequence[str] = ()
    types: Mapping[str, str] = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        """Return whether both hold the same items under the same columns, wherever their pages were cut."""
        if not isinstance(other, Columns):
            return NotImplemented
        if self.names != other.names or len(self) != len(other):
            return False
        mine, others = (map(item_to_wire, columns.items) for columns in (self, other))  # in Python, true is 1
        return all(one == two for one, two in zip(mine, others, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __len__(self) -> int:
        return sum(page.rows for page in self.pages)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the columns: keys, then by first appearance, those of one item by name."""
        return tuple(dict.fromkeys((*self.keys, *in_order(self.pages))))

    @cached_property
    def _lengths(self) -> list[int]:
        return [page.rows for page in self.pages]

    def column(self, name: str) -> Column:
        """Return one column; one that no item has is empty."""
        return Column(name, self._lengths, [page.chunks.get(name) for page in self.pages])

    @property
    def df(self) -> pd.DataFrame:
        """The items as a DataFrame, with the dtypes of ``frames.from_items``; a new one each time."""
        return self.frame()

    def frame(self, names: Iterable[str] | None = None) -> pd.DataFrame:
        """Return the named columns as a DataFrame, all of them where no names are given."""
        import pandas as pd

        wanted = list(self.names if names is None else names)
        index = pd.RangeIndex(len(self))
        if not wanted:
            return pd.DataFrame(index=index, columns=pd.Index([], dtype="str"))
        with _no_collecting():
            made = {name: _as_column(self.column(name).array(self.types.get(name, "any")), index) for name in wanted}
            return pd.DataFrame(made, index=index, copy=False)

    @property
    def arrow(self) -> pa.Table:
        """The items as an Arrow table of the forms in ``frames.arrow``; written to a file it loses nothing."""
        return arrow_table({name: self.column(name) for name in self.names}, len(self))

    def polars(self) -> Any:
        """Return the items as a polars DataFrame. Raises UsageError where polars is not installed."""
        return to_polars(self.arrow)

    def duckdb(self) -> Any:
        """Return the items as a DuckDB relation. Raises UsageError where DuckDB is not installed."""
        return to_duckdb(self.arrow)

    @property
    def items(self) -> list[dict[str, Any]]:
        """The items in Python form (as ``items.item_from_wire`` gives them), attributes in the order of the columns."""
        names = self.names
        with _no_collecting():
            rows = zip(*(self.column(name).values(cells=False) for name in names), strict=True)
            found = [
                {name: value for name, value in zip(names, row, strict=True) if value is not ABSENT} for row in rows
            ]
        return found if names else [{} for _ in range(len(self))]

    def item(self, row: int) -> dict[str, Any]:
        """Return one item, the first being 0, without a look at the others."""
        before = 0
        for page in self.pages:
            if row < before + page.rows:
                return Columns([page.slice(row - before, 1)], self.keys).items[0]
            before += page.rows
        raise IndexError(f"row {row} of {len(self)}")

    def head(self, rows: int) -> Columns:
        """Return the first rows, without a look at the others; the columns are those of the whole."""
        pages, left = [], rows
        for page in self.pages:
            if left <= 0:
                break
            pages.append(page.slice(0, min(left, page.rows)))
            left -= page.rows
        return Columns(pages, self.names, self.types)

    @property
    def by_hand(self) -> tuple[str, ...]:
        """The attributes that the fast parser could not hold and Python took apart: exact as the others, but slower."""
        return tuple(sorted({name for page in self.pages for name in page.by_hand}))

    @property
    def remarks(self) -> list[str]:
        """What a person who looks at the columns should know: which attributes were slow to read, if any."""
        if not self.by_hand:
            return []
        return [f"{', '.join(self.by_hand)}: too varied for the fast reader, read by Python; exact, slower"]


def in_order(pages: Sequence[Page]) -> tuple[str, ...]:
    """Return the attributes by first appearance, those of one item by name: one order, whoever decoded which page."""
    first = first_rows(pages)
    return tuple(sorted(first, key=lambda name: (first[name], name)))


def first_rows(pages: Sequence[Page]) -> dict[str, int]:
    """Return for each attribute the number of the first item that has it, over all pages."""
    first: dict[str, int] = {}
    before = 0
    for page in pages:
        for name in page.chunks.keys() - first.keys():
            first[name] = before + page.chunks[name].first
        before += page.rows
    return first


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Keep Python's cyclic collector out while many objects are made, none of which is garbage."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _as_column(array: Any, index: pd.Index) -> Any:
    """Return an array as the DataFrame takes it without a look at its values: an object column stays one."""
    import pandas as pd

    return pd.Series(array, index=index, dtype=object, copy=False) if array.dtype == object else array
