"""Items to DataFrames, without losing anything: no float, no guessed type, no row whose NULL became missing.

A column's dtype is decided by the values it holds and the type declared for it, never by the order of the items or
by the page they came with:

=============================  ==========================================================================
every value is                 the column is
=============================  ==========================================================================
S                              ``str`` (missing: NaN)
N, whole, below 2**63          ``Int64`` (missing: NA)
N otherwise                    object of ``Decimal``; so is every column declared ``number``
BOOL                           ``boolean``
anything else, or a mixture    object of exact Python values: bytes, list, dict, sorted tuple for a set
=============================  ==========================================================================

In an object column a missing attribute is ``pandas.NA`` and a DynamoDB NULL is ``frames.NULL``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from workbench.errors import ItemError
from workbench.frames.null import NULL

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["from_items"]

_DECLARED = {
    "string": "str",
    "uuid": "str",
    "timestamp": "str",
    "date": "str",
    "integer": "Int64",
    "boolean": "boolean",
}
_MISSING: Any = object()


def from_items(
    items: Iterable[Mapping[str, Any]], keys: Sequence[str] = (), *, types: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Return one row an item, in order; columns: those of ``keys``, then of ``types``, then by first appearance.

    ``items`` are in Python form (``items.item_from_wire``). The columns of ``keys`` and ``types`` are there even when
    no item has them. ``types`` maps attribute names to the model's value types, which settle the dtype of a column
    without values, and of numbers that are whole by chance; a value of another type is kept exactly all the same.
    Raises ItemError where a value is not one of the Python form, such as a float.
    """
    import pandas as pd

    types = types or {}
    rows = list(items)
    columns: dict[str, list[Any]] = {name: [_MISSING] * len(rows) for name in (*keys, *types)}
    for row, item in enumerate(rows):
        for name, value in item.items():
            if name not in columns:
                columns[name] = [_MISSING] * len(rows)
            columns[name][row] = _exact(value, name, row)
    series = {name: _series(values, types.get(name, "any")) for name, values in columns.items()}
    return pd.DataFrame(series, index=pd.RangeIndex(len(rows)), columns=pd.Index(list(columns), dtype="str"))


def _exact(value: Any, name: str, row: int) -> Any:
    """Return the value as it stands in a cell; NULL differs from None at the top only, where it can be missing."""
    if value is None:
        return NULL
    if isinstance(value, list | tuple):
        return [None if each is None else _exact(each, name, row) for each in value]
    if isinstance(value, Mapping):
        return {key: None if each is None else _exact(each, name, row) for key, each in value.items()}
    if isinstance(value, frozenset | set):
        return tuple(sorted(_exact(each, name, row) for each in value))
    if isinstance(value, bool | str | bytes):
        return value
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, Decimal) and value.is_finite():
        return value
    raise ItemError(
        f"row {row}, attribute {name!r}: {value!r} ({type(value).__name__}) is no value DynamoDB can hold; "
        f"give items as item_from_wire returns them"
    )


def _series(values: list[Any], declared: str) -> pd.Series:
    import pandas as pd

    dtype = _dtype(values, declared)
    if dtype is None:
        return _objects(values)
    plain = [pd.NA if each is _MISSING else int(each) if dtype == "Int64" else each for each in values]
    return pd.Series(pd.array(plain, dtype=dtype))


def _dtype(values: list[Any], declared: str) -> str | None:
    """Return the dtype that holds every value exactly, or None for an object column."""
    kinds = {type(each) for each in values if each is not _MISSING}
    if not kinds:
        return _DECLARED.get(declared)
    if kinds == {str}:
        return "str"
    if kinds == {bool}:
        return "boolean"
    if kinds == {Decimal} and declared != "number" and all(_whole(each) for each in values if each is not _MISSING):
        return "Int64"
    return None


def _whole(number: Decimal) -> bool:
    return number.adjusted() < 19 and abs(int(number)) < 2**63 and number == int(number)


def _objects(values: list[Any]) -> pd.Series:
    import numpy as np
    import pandas as pd

    cells = np.empty(len(values), dtype=object)  # filled one by one, so that no list is taken for a row of cells
    for at, value in enumerate(values):
        cells[at] = pd.NA if value is _MISSING else value
    return pd.Series(cells, dtype=object)
