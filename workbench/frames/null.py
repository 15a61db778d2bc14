"""NULL: the value of a DynamoDB attribute that is there and is null, unlike an attribute that is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NULL", "NullType", "is_null"]


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


def is_null(column: pd.Series) -> pd.Series:
    """Return where a column of a frame is NULL, as booleans, never missing ones, under the column's index and name.

    ``column == NULL`` says the same of an object column; one that has no NULL in it may be of a dtype that cannot be
    compared with it.
    """
    import pandas as pd

    return pd.Series([value is NULL for value in column], index=column.index, name=column.name, dtype=bool)
