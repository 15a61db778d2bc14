"""Frames and Arrow tables as rows: columns of text joined into items, keys looked at column-wise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from workbench.bulk.columns import arrow_texts, noted_texts, series_texts
from workbench.bulk.encoding import attribute_name
from workbench.bulk.rows import KeyCheck, Row
from workbench.errors import ItemError
from workbench.frames import Floats
from workbench.frames.restoring import check_index
from workbench.items import MAX_ITEM_SIZE

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["arrow_rows", "frame_rows"]

CHUNK = 10_000


def frame_rows(frame: pd.DataFrame, check: KeyCheck, floats: Floats) -> Iterator[Row]:
    """Yield a row for each row of a DataFrame, in order.

    ItemError names row (its position, from 0), column, value and cure; a named index, which would be lost, is refused.
    """
    check_index(frame)
    names = _names(list(frame.columns), check)

    def texts(at: int, first: int) -> pa.Array:
        return series_texts(frame.iloc[first : first + CHUNK, at], names[at], first, floats)

    yield from _rows(names, len(frame), texts, check)


def arrow_rows(table: pa.Table, check: KeyCheck, floats: Floats, before: int = 0) -> Iterator[Row]:
    """Yield a row for each row of an Arrow table, in order, counted from ``before``; ItemError as in ``frame_rows``."""
    names = _names(table.schema.names, check)

    def texts(at: int, first: int) -> pa.Array:
        part = table.slice(first, CHUNK)
        noted = noted_texts(part, names[at], before + first)
        return arrow_texts(part.column(at), names[at], before + first, floats) if noted is None else noted

    yield from _rows(names, table.num_rows, texts, check, before)


def _names(columns: list[Any], check: KeyCheck) -> list[str]:
    names = [attribute_name(name) for name in columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ItemError(f"the column {twice[0]!r} is there more than once; an item has a name once, rename one")
    strange = [name for name in names if name not in check.names] if check.keys_only else []
    if strange:
        raise ItemError(
            f"the column {strange[0]!r} is not in the key of {check.table.name}; a delete takes the key's columns "
            f"alone: frame[[{', '.join(map(repr, check.names))}]]"
        )
    return names


def _rows(
    names: list[str], length: int, texts: Callable[[int, int], pa.Array], check: KeyCheck, before: int = 0
) -> Iterator[Row]:
    for first in range(0, length, CHUNK):
        columns = {name: texts(at, first) for at, name in enumerate(names)}
        count = min(CHUNK, length - first)
        bodies = _joined(list(columns.values()), count)
        _look(columns, bodies, check, before + first)
        keys = _joined([columns[name] for name in check.names], count)
        numbers = range(before + first, before + first + count)
        yield from map(Row, numbers, _bytes(bodies), keys.to_numpy(zero_copy_only=False).tolist())


def _joined(columns: list[pa.Array], count: int) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    if not columns:
        return pa.array([""] * count, pa.large_string())
    comma = pa.scalar(",", pa.large_string())
    return pc.binary_join_element_wise(*columns, comma, null_handling="skip")


def _bytes(bodies: pa.Array) -> list[bytes]:
    import pyarrow as pa

    found: list[bytes] = bodies.cast(pa.large_binary()).to_numpy(zero_copy_only=False).tolist()
    return found


def _look(columns: dict[str, pa.Array], bodies: pa.Array, check: KeyCheck, first: int) -> None:
    """Look closely at every row whose keys are not legal at a glance, or that may be over the size of an item."""
    import pyarrow as pa
    import pyarrow.compute as pc

    doubtful = pc.greater(pc.binary_length(bodies), MAX_ITEM_SIZE)
    for name, watched in check.watched.items():
        if name not in columns:
            if name in check.names:
                doubtful = pa.array([True] * len(bodies), pa.bool_())
            continue
        column = columns[name]
        legal = pc.and_(pc.starts_with(column, pattern=watched.start), pc.not_equal(column, watched.empty))
        legal = pc.and_(legal, pc.less_equal(pc.binary_length(column), watched.longest))
        doubtful = pc.or_(doubtful, pc.invert(pc.fill_null(legal, name not in check.names)))
    for at in pc.indices_nonzero(doubtful).to_pylist():
        try:
            check.look(bodies[at].as_py().encode())
        except ItemError as error:
            raise ItemError(f"row {first + at:,}: {error}") from None
