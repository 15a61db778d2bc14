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
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from workbench.bulk.encoding import attribute_name, quoted, value_text
from workbench.errors import ItemError
from workbench.frames import NULL, to_items
from workbench.frames.arrow import NOTE
from workbench.frames.scalars import is_scalar, plain_scalar

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["Floats", "arrow_texts", "noted_texts", "python_cell", "series_texts"]

_TO_ESCAPE = r'["\\\x00-\x1f]'
_EXACT = (str, Decimal, bytes, bool, int)


class Floats:
    """What becomes of a float: refused, or turned into the shortest decimal that reads back as the same float."""

    def __init__(self, rule: str) -> None:
        self.allowed = rule == "decimal"

    def exact(self, value: Any) -> Any:
        """Return the value with its floats, nested ones too, turned into Decimals where that is asked for."""
        if not self.allowed:
            return value
        if isinstance(value, float) and value - value == 0:
            return Decimal(float.__repr__(value))  # numpy's float64 is one, and prints itself with its type's name
        if isinstance(value, dict):
            return {name: self.exact(each) for name, each in value.items()}
        if isinstance(value, tuple) and any(isinstance(each, float) for each in value):
            return tuple(map(self.exact, value))
        return [self.exact(each) for each in value] if isinstance(value, list) else value


def series_texts(series: pd.Series, name: str, first: int, floats: Floats) -> pa.Array:
    """Return the texts ``"name":{"S":"x"}`` of one column of a DataFrame, null where the attribute is left out.

    ``first`` is the position of its first row, for messages. ItemError names row, column, value and cure.
    """
    import pandas as pd
    import pyarrow as pa

    if series.dtype == object:
        return _by_value(series, name, first, lambda value: value_text(floats.exact(python_cell(value)), name))
    if isinstance(series.dtype, pd.CategoricalDtype):
        return _category_texts(series, name, first, floats)
    if isinstance(series.dtype, pd.DatetimeTZDtype) or series.dtype.kind == "M":
        return arrow_texts(pa.array(series, from_pandas=True), name, first, floats)
    if series.dtype.kind == "f" and not isinstance(series.dtype, pd.ArrowDtype | pd.api.extensions.ExtensionDtype):
        return arrow_texts(pa.array(series.to_numpy()), name, first, floats)  # here NaN is a value, not a gap
    try:
        array = pa.array(series, from_pandas=True)
    except (pa.ArrowException, TypeError):
        return _by_value(series, name, first, lambda value: value_text(value, name))
    return arrow_texts(array, name, first, floats)


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
    if kind in (pa.float16(), pa.float32()) and floats.allowed:  # the shortest decimal is not that of a wider float
        array = pa.array([None if each is None else plain_scalar(each) for each in _narrow(array)], pa.float64())
    maps = {"maps_as_pydicts": "strict"} if pa.types.is_nested(kind) else {}
    return _by_value(array.to_pylist(**maps), name, first, lambda value: value_text(floats.exact(value), name))


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


def python_cell(value: Any) -> Any:
    """Return a cell of an object column in Python form: NULL as None, a tuple as a set; what may be two is refused.

    Raises ItemError for None, which may mean NULL or nothing, and for a tuple with a member twice.
    """
    if type(value) in _EXACT:
        return value
    if value is None:
        raise ItemError("None may mean NULL or no value; give workbench.frames.NULL, or pandas.NA for no value")
    return _nested(value)


def _nested(value: Any) -> Any:
    if type(value) in _EXACT:
        return value
    if value is NULL:
        return None
    if isinstance(value, tuple):
        members = frozenset(map(_nested, value))
        if len(members) < len(value):
            raise ItemError(f"{value!r}: a tuple stands for a set, and has a member twice; give a list, or each once")
        return members
    if isinstance(value, dict):
        return {name: _nested(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_nested(each) for each in value]
    if is_scalar(value):
        return plain_scalar(value)
    return _time(value) if type(value).__module__.startswith("pandas") and hasattr(value, "nanosecond") else value


def _time(value: Any) -> Any:
    if value.nanosecond:
        raise ItemError(f"{value} has nanoseconds, and text holds six places; round it: .floor('us')")
    return value.to_pydatetime()


def _narrow(array: pa.Array) -> Iterable[Any]:
    """Yield floats as numpy has them, in their own width."""
    for number, valid in zip(array.to_numpy(zero_copy_only=False), array.is_valid().to_pylist(), strict=True):
        yield number if valid else None


def _times(array: pa.Array, name: str, first: int) -> pa.Array:
    """Return times as ``items`` writes them: UTC, six places of a second, Z."""
    import pyarrow as pa
    import pyarrow.compute as pc

    valid = pc.index(array.is_valid(), value=True).as_py()
    if array.type.tz is None and valid >= 0:
        raise ItemError(
            f"row {first + valid:,}, column {name}: {array[valid]} has no time zone; say which it is in: "
            f".dt.tz_localize('UTC')"
        )
    try:
        exact = array.cast(pa.timestamp("us", "UTC"))
    except pa.ArrowInvalid:
        lost = pc.not_equal(array, array.cast(pa.timestamp("us", "UTC"), safe=False).cast(array.type))
        row = pc.index(lost, value=True).as_py()
        raise ItemError(
            f"row {first + row:,}, column {name}: {array[row]} has nanoseconds, and text holds six places; round it: "
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
        raise ItemError(f"row {first + len(texts):,}, column {name}: {words}") from None
    try:
        return pa.array(texts, pa.large_string())
    except UnicodeEncodeError:
        row = next(at for at, each in enumerate(texts) if each is not None and not _is_utf8(each))
        raise ItemError(
            f"row {first + row:,}, column {name}: holds half of a surrogate pair, which is not UTF-8; repair the text, "
            f"or store bytes"
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
