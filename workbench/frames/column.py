"""One attribute over all pages of an answer: its profile, and the column of a frame that follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from workbench.frames.digits import Digits, Numbers, numbers_of
from workbench.frames.documents import ABSENT, document_texts, document_values, plain_values
from workbench.frames.null import NULL
from workbench.frames.page import Chunk, Values, arrow_type, listed
from workbench.frames.profile import Profile, form_of

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["Column"]


@dataclass(frozen=True)
class Column:
    """The values of one attribute, page after page; None stands for a page in which no item has it."""

    name: str
    lengths: Sequence[int]
    chunks: Sequence[Chunk | None]

    @cached_property
    def profile(self) -> Profile:
        """What the column holds, over all pages."""
        tags = frozenset(tag for chunk in self.chunks if chunk for tag in (*chunk.plain, *chunk.documents))
        digits = [each.digits for each in self.numbers if each] if "N" in tags else []
        return Profile(tags, reduce(or_, digits) if digits else Digits())

    @cached_property
    def numbers(self) -> list[Numbers | None]:
        """The numbers of each page, None where it has none."""
        return [numbers_of(chunk.plain["N"]) if chunk and "N" in chunk.plain else None for chunk in self.chunks]

    def plain(self, tag: str) -> pa.ChunkedArray:
        """Return the values of one plain type as an Arrow array over all pages, null where an item has none.

        Numbers are 64-bit integers where all of the column are, else texts.
        """
        import pyarrow as pa

        whole = tag == "N" and self.profile.digits.whole
        type_ = pa.int64() if whole else arrow_type(tag)
        parts = zip(self.lengths, self._parts(tag, whole=whole), strict=True)
        return pa.chunked_array([_in_arrow(values, length, type_) for length, values in parts], type_)

    def _parts(self, tag: str, *, whole: bool) -> list[Values | None]:
        """Return the values of one plain type, page by page; None for a page that has none."""
        if tag == "N":
            return [(each.integers if whole else each.texts) if each else None for each in self.numbers]
        return [chunk.plain.get(tag) if chunk else None for chunk in self.chunks]

    def values(self, *, cells: bool) -> list[Any]:
        """Return the values in Python, ABSENT where an item has not the attribute.

        With ``cells`` as they stand in a frame's object column: NULL is ``frames.NULL``, sets are sorted tuples;
        without, in the Python form of ``items.from_wire``.
        """
        found: list[Any] = []
        for length, chunk, numbers in zip(self.lengths, self.chunks, self.numbers, strict=True):
            found += [ABSENT] * length if chunk is None else _chunk_values(chunk, numbers, length, cells)
        return found

    def python(self, tag: str) -> list[Any]:
        """Return the values of one plain type in Python, None where an item has none; sets are sorted tuples."""
        found: list[Any] = []
        for length, values in zip(self.lengths, self._parts(tag, whole=False), strict=True):
            found += [None] * length if values is None else plain_values(tag, values, cells=True)
        return found

    def texts(self, tag: str) -> pa.ChunkedArray:
        """Return lists or maps (the tag ``L`` or ``M``) as DynamoDB JSON text, null where an item has none."""
        import pyarrow as pa

        made = []
        for length, chunk in zip(self.lengths, self.chunks, strict=True):
            there = chunk is not None and tag in chunk.documents
            texts = document_texts(chunk.documents[tag], tag) if chunk and there else [None] * length
            made.append(pa.array(texts, pa.string()))
        return pa.chunked_array(made, pa.string())

    def array(self, declared: str = "any") -> pd.api.extensions.ExtensionArray | Any:
        """Return the column of a frame, by the rule of ``profile.form_of``."""
        match form_of(self.profile, declared):
            case "str":
                return self._texts() if self.profile.tags else _empty(self.lengths, "str")
            case "Int64":
                return self._masked("N") if self.profile.tags else _empty(self.lengths, "Int64")
            case "boolean":
                return self._masked("BOOL") if self.profile.tags else _empty(self.lengths, "boolean")
        return _objects(self.values(cells=True))

    def _masked(self, tag: str) -> Any:
        """Return whole numbers or booleans in pandas' form: values, and where there is none."""
        import numpy as np
        import pandas as pd

        dtype, none = (np.int64, 0) if tag == "N" else (np.bool_, False)
        made = pd.arrays.IntegerArray if tag == "N" else pd.arrays.BooleanArray
        parts = self._parts(tag, whole=True)
        if len(parts) == 1 and isinstance(parts[0], list):
            mask = np.array([value is None for value in parts[0]])
            return made(np.array([none if value is None else value for value in parts[0]], dtype), mask)
        values = self.plain(tag)
        data, mask = values.fill_null(none).to_numpy(), values.is_null().to_numpy()
        own = (each if each.flags.writeable else each.copy() for each in (data, mask))  # Arrow's cannot be written to
        return made(*own)

    def _texts(self) -> Any:
        """Return texts in pandas' form, which of one list are made as pandas holds them: it spares a cast."""
        import pandas as pd
        import pyarrow as pa

        parts = self._parts("S", whole=False)
        if len(parts) == 1 and isinstance(parts[0], list):
            return pd.arrays.ArrowStringArray(pa.array(parts[0], pa.large_string()), dtype=_text_dtype())
        return pd.arrays.ArrowStringArray(self.plain("S"), dtype=_text_dtype())


def _in_arrow(values: Values | None, length: int, type_: pa.DataType) -> pa.Array:
    import pyarrow as pa

    if values is None:
        return pa.nulls(length, type_)
    return pa.array(values, type_) if isinstance(values, list) else values


def _chunk_values(chunk: Chunk, numbers: Numbers | None, length: int, cells: bool) -> list[Any]:
    parts = [_plain_values(tag, content, numbers, cells) for tag, content in chunk.plain.items()]
    parts += [document_values(documents, tag, cells=cells) for tag, documents in chunk.documents.items()]
    return reduce(_overlaid, parts)


def _plain_values(tag: str, content: Values, numbers: Numbers | None, cells: bool) -> list[Any]:
    if tag == "NULL":
        return [ABSENT if each is None else (NULL if cells else None) for each in listed(content)]
    values = numbers.decimals() if numbers and tag == "N" else plain_values(tag, content, cells=cells)
    full = not isinstance(content, list) and not content.null_count
    return values if full else [ABSENT if value is None else value for value in values]


def _overlaid(under: list[Any], over: list[Any]) -> list[Any]:
    return [below if above is ABSENT else above for below, above in zip(under, over, strict=True)]


@cache
def _text_dtype() -> pd.StringDtype:
    import numpy as np
    import pandas as pd

    return pd.StringDtype("pyarrow", na_value=np.nan)


def _objects(values: list[Any]) -> Any:
    import numpy as np
    import pandas as pd

    cells = [pd.NA if value is ABSENT else value for value in values]
    return np.fromiter(cells, dtype=object, count=len(cells))  # one by one: no list is taken for a row of cells


def _empty(lengths: Sequence[int], dtype: str) -> Any:
    import pandas as pd

    return pd.array([pd.NA] * sum(lengths), dtype=dtype)
