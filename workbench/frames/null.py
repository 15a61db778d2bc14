"""NULL: the value of a DynamoDB attribute that is there and is null, unlike an attribute that is missing."""

from __future__ import annotations

from typing import Final

__all__ = ["NULL", "NullType"]


class NullType:
    """The type of NULL. There is one instance; it is false, and equal to nothing but itself."""

    def __new__(cls) -> NullType:
        """Return the one instance."""
        return NULL if "NULL" in globals() else super().__new__(cls)

    def __repr__(self) -> str:
        return "NULL"

    def __bool__(self) -> bool:
        return False

    def __reduce__(self) -> str:  # copies and pickles are the one instance again
        return "NULL"


NULL: Final = NullType()
