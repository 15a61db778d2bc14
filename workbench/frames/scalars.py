"""numpy's scalars in Python form, where they have one that is exact."""

from __future__ import annotations

from typing import Any

from workbench.errors import ItemError

__all__ = ["is_scalar", "plain_scalar"]


def is_scalar(value: Any) -> bool:
    """Say whether a value is one of numpy's scalars, or an array without dimensions; without importing numpy."""
    return type(value).__module__ == "numpy" and hasattr(value, "item") and getattr(value, "ndim", 1) == 0


def plain_scalar(value: Any) -> Any:
    """Return a numpy scalar as Python's int, float, bool, str or bytes.

    A float of 16 or 32 bits becomes the float that is written with the same digits, not the one of the same value.
    Raises ItemError for times and spans of time: they have no zone, and their ``item()`` may be a number, or None.
    """
    kind = value.dtype.kind
    if kind == "M":
        raise ItemError(f"{value!r} has no time zone; give pandas.Timestamp(value, tz='UTC'), or pandas.NA for none")
    if kind == "m":
        raise ItemError(f"{value!r} is a span of time; give a number of seconds, or pandas.NA for none")
    if kind == "f" and value.dtype.itemsize < 8:
        return float(str(value))
    return value.item()
