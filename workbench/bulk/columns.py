"""Columns as columns of JSON text: the writer of one column is chosen by its type, and rows are joined column-wise.

====================================  ===============================================================================
a column of                           becomes
====================================  ===============================================================================
text                                  S
whole numbers, booleans               N, BOOL
decimals                              N, exact
times with a zone, dates              S, fixed-width UTC text; a naive time, or nanoseconds, are refused
floats                                refused, unless ``floats="decimal"`` asks for the shortest decimal that
                                      reads back as the same float; NaN and infinities are refused all the same
anything else (objects, mixtures)     value by value, as ``items.to_wire`` says
====================================  ===============================================================================

A cell that is ``pandas.NA``, the missing value of its dtype, or an Arrow null leaves the attribute out.
In a DataFrame, as ``frames`` makes them, ``frames.NULL`` is NULL and a tuple is a set. None in an object column may
mean NULL or no value, so it is refused. The metadata of Arrow tables that ``frames`` made is honoured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from workbench.bulk.encoding import attribute_name, quoted, value_text
from workbench.errors import ItemError
from workbench.frames import Floats, to_items
from workbench.frames.arrow import NOTE
from workbench.frames.arrow_cells import arrow_reader
from workbench.frames.objects import cell_value, float_value, nested_value

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["arrow_texts", "noted_texts", "series_texts"]

_TO_ESCAPE = r'["\\\x00-\x1f]'


def series_texts(series: pd.Series, name: str, first: int, floats: Floats) -> pa.Array:
    """Return the texts ``"name":{"S":"x"}`` of one column of a DataFrame, null where the attribute is left out.

    ``first`` is the position of its first row, for messages. ItemError names row, column, value and cure.
    """
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    if isinstance(series.dtype, pd.SparseDtype):
        series = series.sparse.to_dense()
    dtype = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _category_texts(series, name, first, floats)
    if isinstance(dtype, np.dtype) and dtype.kind == "f":
        return _float_texts(series, name, first, floats)
    if dtype.kind in "iufbM" or isinstance(dtype, pd.StringDtype | pd.ArrowDtype):
        return arrow_texts(pa.array(series, from_pandas=True), name, first, floats)
    if str(dtype) != "object":  # Arrow has a form for periods and intervals that says no more what they were
        series = series.astype(object).where(series.notna().to_numpy(), pd.NA)
    return _by_value(series, name, first, lambda value: value_text(cell_value(value, floats), name))


def _float_texts(series: pd.Series, name: str, first: int, floats: Floats) -> pa.Array:
    """Return the texts of a column of numpy's floats, in which NaN is a value and no gap."""
    dtype = str(series.dtype)
    cells = series.tolist() if dtype == "float64" else series.to_numpy()
    return _by_value(cells, name, first, lambda value: value_text(float_value(value, name, dtype, floats), name))


def _category_texts(series: pd.Series, name: str, first: int, floats: Floats) -> pa.Array:
    """Return the texts of a column of categories; one without a category is missing, whatever the categories are."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    kind = series.cat.categories.dtype
    if kind == "object":
        return series_texts(series.astype(object).where(series.notna().to_numpy(), pd.NA), name, first, floats)
    if isinstance(kind, np.dtype) and kind.kind in "biuf":  # these have no missing value
        return arrow_texts(pa.array(series, from_pandas=True), name, first, floats)
    return series_texts(series.astype(kind), name, first, floats)


def arrow_texts(array: pa.Array | pa.ChunkedArray, name: str, first: int, floats: Floats) -> pa.Array:
    """Return the texts of one Arrow column, null where the attribute is left out; ItemError as in ``series_texts``."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    kind = array.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        array = array.cast(pa.large_string())
        if pc.any(pc.match_substring_regex(array, _TO_ESCAPE)).as_py():
            return _by_value(array.to_pylist(), name, first, lambda value: f'{{"S":{quoted(value)}}}')
        return _framed(array, name, '{"S":"', '"}')
    if pa.types.is_integer(kind):
        return _framed(array.cast(pa.large_string()), name, '{"N":"', '"}')
    if pa.types.is_boolean(kind):
        return _framed(array.cast(pa.large_string()), name, '{"BOOL":', "}")
    if pa.types.is_timestamp(kind):
        return _times(array, name, first)
    read = arrow_reader(kind, name)
    return _by_value(array.to_pylist(), name, first, lambda value: value_text(nested_value(read(value), floats), name))


def noted_texts(table: pa.Table, name: str, first: int) -> pa.Array | None:
    """Return the texts of a column that ``frames`` wrote in a form of its own; None where its Arrow type says all."""
    import pandas as pd
    import pyarrow as pa

    field = table.schema.field(name)
    note = (field.metadata or {}).get(NOTE)
    if note in (None, b"S", b"BOOL", b"B") or (note == b"N" and pa.types.is_integer(field.type)):
        return None
    cells = [item.get(name, pd.NA) for item in to_items(table.select([name]))]
    return _by_value(pd.Series(cells, dtype=object), name, first, lambda value: value_text(value, name))


def _times(array: pa.Array, name: str, first: int) -> pa.Array:
    """Return times as ``items`` writes them: UTC, six places of a second, Z."""
    import pyarrow as pa
    import pyarrow.compute as pc

    valid = pc.index(array.is_valid(), value=True).as_py()
    if array.type.tz is None and valid >= 0:
        raise ItemError(
            f"row {first + valid:,}, column {name!r}: {array[valid]} has no time zone; say which it is in: "
            f".dt.tz_localize('UTC')"
        )
    try:
        exact = array.cast(pa.timestamp("us", "UTC"))
    except pa.ArrowInvalid:
        lost = pc.not_equal(array, array.cast(pa.timestamp("us", "UTC"), safe=False).cast(array.type))
        row = pc.index(lost, value=True).as_py()
        raise ItemError(
            f"row {first + row:,}, column {name!r}: {array[row]} has nanoseconds, and text holds six places; round it: "
            f".dt.floor('us')"
        ) from None
    return _framed(pc.strftime(exact, "%Y-%m-%dT%H:%M:%SZ").cast(pa.large_string()), name, '{"S":"', '"}')


def _by_value(values: Iterable[Any], name: str, first: int, text: Callable[[Any], str]) -> pa.Array:
    import pandas as pd
    import pyarrow as pa

    gaps = (pd.NA, pd.NaT)
    prefix = f"{quoted(name)}:"
    texts: list[str | None] = []
    try:
        for value in values:
            gap = value is None and not isinstance(values, pd.Series)
            texts.append(None if gap or value is gaps[0] or value is gaps[1] else prefix + text(value))
    except ItemError as error:
        words = str(error).removeprefix(f"{name}: ")
        raise ItemError(f"row {first + len(texts):,}, column {name!r}: {words}") from None
    try:
        return pa.array(texts, pa.large_string())
    except UnicodeEncodeError:
        row = next(at for at, each in enumerate(texts) if each is not None and not _is_utf8(each))
        raise ItemError(
            f"row {first + row:,}, column {name!r}: holds half of a surrogate pair, which is not UTF-8; repair the "
            f"text, or store bytes"
        ) from None


def _framed(array: pa.Array, name: str, before: str, after: str) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    parts = [pa.scalar(each, pa.large_string()) for each in (f"{quoted(attribute_name(name))}:{before}", after, "")]
    return pc.binary_join_element_wise(parts[0], array, parts[1], parts[2])


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
