"""Items to DataFrames, without losing anything: no float, no guessed type, no row whose NULL became missing.

A column's dtype is decided by the values it holds and the type declared for it, never by the order of the items or
by the page they came with:

=============================  ==========================================================================
every value is                 the column is
=============================  ==========================================================================
S                              ``str`` (missing: NaN)
N, whole, in 64 bits           ``Int64`` (missing: NA), unless declared ``number``
N otherwise                    object of ``Decimal``
BOOL                           ``boolean``
anything else, or a mixture    object of exact Python values: bytes, list, dict, sorted tuple for a set
=============================  ==========================================================================

In an object column a missing attribute is ``pandas.NA`` and a DynamoDB NULL is ``frames.NULL``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from workbench.errors import ItemError, UsageError, did_you_mean
from workbench.frames.digits import Digits, decimal_digits
from workbench.frames.null import NULL
from workbench.frames.profile import Profile, form_of
from workbench.items import from_wire, number_text, to_wire
from workbench.model.types import TYPES

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["cell_of", "framed", "from_items"]

_TAGS: dict[type, str] = {str: "S", Decimal: "N", bool: "BOOL"}
_MISSING: Any = object()
Cell = Callable[[Any, str, int], Any]


def from_items(
    items: Iterable[Mapping[str, Any]], keys: Sequence[str] = (), *, types: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Return one row an item, in order; columns: those of ``keys``, then of ``types``, then by first appearance.

    ``items`` are in Python form (``items.item_from_wire``). The columns of ``keys`` and ``types`` are there even when
    no item has them. ``types`` maps attribute names to the model's value types, which settle the dtype of a column
    without values, and of numbers that are whole by chance; a value of another type is kept exactly all the same.
    What ``items`` would write as another form, such as a UUID, has that form. Raises ItemError with row, attribute
    and cure where DynamoDB cannot hold a value, such as a float or an empty set; UsageError for what holds no items.
    """
    _check_columns(keys, types)
    return framed(_checked(items), keys, types, cell_of)


def framed(
    items: Iterable[Mapping[str, Any]], keys: Sequence[str], types: Mapping[str, str] | None, cell: Cell
) -> pd.DataFrame:
    """Return the frame of ``from_items`` with cells made by ``cell`` from a value, the attribute's name and the row."""
    import pandas as pd

    types = types or {}
    rows = list(items)
    columns: dict[str, list[Any]] = {name: [_MISSING] * len(rows) for name in (*keys, *types)}
    for row, item in enumerate(rows):
        for name, value in item.items():
            if name not in columns:
                columns[_text(name, row)] = [_MISSING] * len(rows)
            columns[name][row] = cell(value, name, row)
    series = {name: _series(values, types.get(name, "any")) for name, values in columns.items()}
    return pd.DataFrame(series, index=pd.RangeIndex(len(rows)), columns=pd.Index(list(columns), dtype="str"))


def cell_of(value: Any, name: str, row: int, *, sql: bool = False) -> Any:
    """Return the value as it stands in a cell; NULL differs from None at the top only, where it can be missing.

    Raises ItemError for what DynamoDB cannot hold, but for numbers of ``sql``, which may have any digits.
    """
    if value is None:
        return NULL
    if isinstance(value, list | tuple):
        return [None if each is None else cell_of(each, name, row, sql=sql) for each in value]
    if isinstance(value, Mapping):
        return {
            _text(key, row): None if each is None else cell_of(each, name, row, sql=sql) for key, each in value.items()
        }
    if isinstance(value, frozenset | set):
        return _members(value, name, row)
    if isinstance(value, bool | str | bytes):
        return value
    if isinstance(value, int):
        value = Decimal(int(value))
    place = f"row {row}, attribute {name!r}"
    if not isinstance(value, Decimal):
        return cell_of(from_wire(to_wire(value, place)), name, row)
    try:
        return value if sql and value.is_finite() else _number(value)
    except ItemError as error:
        raise ItemError(f"{place}: {error}") from None


def _number(value: Decimal) -> Decimal:
    number_text(value)  # refuses what DynamoDB cannot hold; the digits stay as they are written
    return value


def _check_columns(keys: Any, types: Any) -> None:
    if isinstance(keys, str):
        raise UsageError(f"keys={keys!r}: give a list of names, [{keys!r}] for one")
    if types is not None and not isinstance(types, Mapping):
        raise UsageError(f"types={types!r}: give a dict of names and value types, such as {{'price': 'number'}}")
    for name, type_ in (types or {}).items():
        if type_ not in TYPES:
            raise UsageError(f"types: {name!r} has the type {type_!r}. {did_you_mean(str(type_), TYPES)}")


def _checked(items: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the items; UsageError for what is no list or iterator of any, ItemError for one that is no mapping."""
    if isinstance(items, str | bytes | Mapping) or hasattr(items, "columns") or not isinstance(items, Iterable):
        raise UsageError(
            f"a {type(items).__name__} holds no items in Python form; give a list or iterator of dicts: [item] for one"
        )
    for row, item in enumerate(items):
        if not isinstance(item, Mapping):
            raise ItemError(f"row {row}: {item!r} is a {type(item).__name__}, not an item; give a dict of names")
        yield item


def _members(value: Iterable[Any], name: str, row: int) -> tuple[Any, ...]:
    members = [cell_of(each, name, row) for each in value]
    if not members:
        raise ItemError(
            f"row {row}, attribute {name!r}: an empty set; DynamoDB has none, leave the attribute out, or store an "
            f"empty list"
        )
    if not any(all(isinstance(each, kind) for each in members) for kind in (str, Decimal, bytes)):
        raise ItemError(
            f"row {row}, attribute {name!r}: {value!r}: a set has only text, only numbers or only bytes; give a list"
        )
    return tuple(sorted(members))


def _text(name: Any, row: int) -> str:
    if not isinstance(name, str):
        raise ItemError(f"row {row}: the name {name!r} is a {type(name).__name__}; names are text, give str(name)")
    return name


def _series(values: list[Any], declared: str) -> pd.Series:
    import pandas as pd

    there = [each for each in values if each is not _MISSING]
    digits = decimal_digits(there) if there and all(type(each) is Decimal for each in there) else Digits()
    form = form_of(Profile(frozenset(map(_tag, there)), digits), declared)
    if form == "object":
        return _objects(values)
    plain = [None if each is _MISSING else int(each) if form == "Int64" else each for each in values]
    return pd.Series(pd.array([pd.NA if each is None else each for each in plain], dtype=form))


def _tag(value: Any) -> str:
    """Return the type tag of a cell; of lists, maps and sets only that it is none of the plain ones."""
    return _TAGS.get(type(value), "other")


def _objects(values: list[Any]) -> pd.Series:
    import numpy as np
    import pandas as pd

    cells = np.empty(len(values), dtype=object)  # filled one by one, so that no list is taken for a row of cells
    for at, value in enumerate(values):
        cells[at] = pd.NA if value is _MISSING else value
    return pd.Series(cells, dtype=object)
