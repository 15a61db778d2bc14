"""Cells in Python form: what the objects in a frame mean, and what is refused since it may mean two things.

==================================  =================================================================================
a cell                              means
==================================  =================================================================================
``NULL``                            NULL; a bare None is refused, except within a list or a map, where nothing is
                                    missing
a tuple, a set                      a set
numpy's scalars                     the number, text or truth that they hold
pandas' Timestamp                   that time; without a zone, or with nanoseconds, it is refused
a float                             with ``floats="decimal"`` the digits that Python prints for it, else it is refused
==================================  =================================================================================
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from workbench.errors import ItemError
from workbench.frames.null import NULL
from workbench.frames.scalars import is_scalar, plain_scalar

__all__ = ["Floats", "cell_value", "float_value", "nested_value", "with_decimals"]

Floats = Literal["refuse", "decimal"]
_EXACT = frozenset((str, Decimal, bytes, bool, int))
_NO_NAN = "DynamoDB has no NaN and no infinity"
_NAN_CURE = f"{_NO_NAN}; where it means a missing attribute, as after concat, say .fillna(pandas.NA)"
_INFINITY_CURE = f"{_NO_NAN}; leave it missing (pandas.NA)"
_FLOAT_CURE = "floats are not exact: make it a column of Decimal or Int64, or say floats='decimal'"


def cell_value(value: Any, floats: Floats) -> Any:
    """Return one cell of an object column in Python form, where it is not missing. ItemError says value and cure."""
    if type(value) in _EXACT:
        return value
    if value is None:
        raise ItemError("None may be a NULL or a missing attribute; give frames.NULL, or pandas.NA")
    return nested_value(value, floats)


def nested_value(value: Any, floats: Floats) -> Any:
    """Return a value, or one within a list or a map, in Python form: there None is NULL."""
    if type(value) in _EXACT:
        return value
    if value is None or value is NULL:
        return None
    if isinstance(value, dict):
        return {name: nested_value(each, floats) for name, each in value.items()}
    if isinstance(value, list):
        return [nested_value(each, floats) for each in value]
    if isinstance(value, tuple | set | frozenset):
        return _members(value, floats)
    if is_scalar(value):
        return nested_value(plain_scalar(value), floats)
    if isinstance(value, float):
        return _exact(value, floats)
    return _time(value) if type(value).__module__.startswith("pandas") and hasattr(value, "nanosecond") else value


def float_value(value: Any, name: str, dtype: str, floats: Floats) -> Any:
    """Return one cell of a column of floats of pandas or numpy, in which a NaN may be meant to be missing."""
    if value == value:
        return nested_value(value, floats)
    if floats == "refuse":
        raise ItemError(f"NaN in a column of floats; {_FLOAT_CURE}")
    nullable = "Float64" if dtype == "float64" else "Float32"
    cure = f"frame.astype({{{name!r}: {nullable!r}}})"
    raise ItemError(f"NaN in a column of floats; {_NO_NAN}; where it means a missing attribute, say {cure}")


def with_decimals(value: Any) -> Any:
    """Return a value in Python form with its floats, nested ones too, as the decimals that Python prints for them.

    NaN and infinities are left for ``items`` to refuse.
    """
    if isinstance(value, float) and value - value == 0:
        return Decimal(float.__repr__(value))  # numpy's float64 is one, and prints itself with its type's name
    if isinstance(value, dict):
        return {name: with_decimals(each) for name, each in value.items()}
    if isinstance(value, list):
        return [with_decimals(each) for each in value]
    if isinstance(value, tuple | set | frozenset) and any(isinstance(each, float) for each in value):
        return (tuple if isinstance(value, tuple) else frozenset)(map(with_decimals, value))
    return value


def _exact(value: float, floats: Floats) -> Decimal:
    if value != value:
        raise ItemError(f"{value!r} is a float; {_NAN_CURE}")
    if value - value != 0:
        raise ItemError(f"{value!r} is a float; {_INFINITY_CURE}")
    if floats == "refuse":
        raise ItemError(f"{value!r} is a float; {_FLOAT_CURE}")
    return Decimal(repr(value))


def _members(value: Any, floats: Floats) -> frozenset[Any]:
    try:
        members = frozenset(nested_value(each, floats) for each in value)
    except TypeError:
        raise ItemError(
            f"{value!r}: a {type(value).__name__} stands for a set, and a set has no lists, maps and sets; give a list"
        ) from None
    if len(members) < len(value):
        raise ItemError(f"{value!r}: a tuple stands for a set, and has a member twice; give a list, or each once")
    return members


def _time(value: Any) -> Any:
    if value.tzinfo is None:
        raise ItemError(f"{value} has no time zone; say which it is in: .dt.tz_localize('UTC')")
    if value.nanosecond:
        raise ItemError(f"{value} has nanoseconds, and items hold microseconds; round it: .dt.floor('us')")
    return value.to_pydatetime()
