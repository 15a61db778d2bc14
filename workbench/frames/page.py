"""One page of an answer in columns: for each attribute its values by type tag, as Arrow arrays or as Python lists.

A small page stays in the lists that Python's JSON parser gave, since a call into Arrow costs as much as a loop over so
few values. Whoever wants one form asks for it: ``listed``, or ``arrow_of``, which is also what checks the values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from workbench.errors import EngineError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Chunk", "Page", "Values", "arrow_of", "arrow_type", "listed"]

Values = Any  # a pa.Array, or a list of what JSON says; null or None where an item has no such value


@dataclass(frozen=True)
class Chunk:
    """One attribute of one page: by type tag, as many values as the page has rows, none where an item has another type.

    Texts, numbers and base64 of binary are strings; sets are lists of them. Documents are nested Arrow arrays, or
    Python lists of the JSON values.
    """

    plain: dict[str, Values]
    documents: dict[str, Values] = field(default_factory=dict)

    @cached_property
    def first(self) -> int:
        """The number of the first row that has the attribute."""
        return min(map(_first, (*self.plain.values(), *self.documents.values())))

    def slice(self, start: int, length: int) -> Chunk | None:
        """Return the chunk of some rows; None where none of them has the attribute."""
        plain, documents = (_cut(values, start, length) for values in (self.plain, self.documents))
        return Chunk(plain, documents) if plain or documents else None

    def packed(self) -> Chunk:
        """Return the chunk with its plain values as Arrow arrays. Raises EngineError as ``arrow_of`` does."""
        return Chunk({tag: arrow_of(tag, values) for tag, values in self.plain.items()}, self.documents)


@dataclass(frozen=True)
class Page:
    """The items of one page in columns, and the attributes that Python had to take apart."""

    rows: int
    chunks: Mapping[str, Chunk]
    by_hand: frozenset[str] = frozenset()

    def slice(self, start: int, length: int) -> Page:
        """Return some rows as a page."""
        cut = {name: chunk.slice(start, length) for name, chunk in self.chunks.items()}
        chunks = {name: chunk for name, chunk in cut.items() if chunk is not None}
        return Page(length, chunks, self.by_hand & chunks.keys())

    def packed(self) -> Page:
        """Return the page with its plain values as Arrow arrays, which take less room. Raises as ``arrow_of`` does."""
        return Page(self.rows, {name: chunk.packed() for name, chunk in self.chunks.items()}, self.by_hand)


def listed(values: Values) -> list[Any]:
    """Return values as a Python list, None where there is none."""
    return values if isinstance(values, list) else values.to_pylist()


def arrow_of(tag: str, values: Values) -> pa.Array:
    """Return the values of a plain type as an Arrow array; EngineError where they are not of that type."""
    if not isinstance(values, list):
        return values
    import pyarrow as pa

    try:
        return pa.array(values, type=arrow_type(tag))
    except (pa.ArrowException, TypeError, UnicodeError) as error:
        raise EngineError(f"a response holds values that DynamoDB does not have: {error}") from error


def arrow_type(tag: str) -> pa.DataType:
    """Return the type of the Arrow array that holds values of a plain type as they are sent."""
    import pyarrow as pa

    if tag in ("BOOL", "NULL"):
        return pa.bool_()
    return pa.list_(pa.string()) if tag in ("SS", "NS", "BS") else pa.string()


def _cut(by_tag: Mapping[str, Values], start: int, length: int) -> dict[str, Values]:
    found = {}
    for tag, values in by_tag.items():
        cut = values[start : start + length] if isinstance(values, list) else values.slice(start, length)
        if any(value is not None for value in cut) if isinstance(cut, list) else cut.null_count < len(cut):
            found[tag] = cut
    return found


def _first(values: Values) -> int:
    if isinstance(values, list):
        return next(at for at, value in enumerate(values) if value is not None)
    if not values.null_count:
        return 0
    import pyarrow.compute as pc

    return int(pc.index(values.is_valid(), True).as_py())
