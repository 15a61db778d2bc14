"""One attribute over all pages of an answer: its profile, and the column of a frame that follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Any

from workbench.frames.decoding import Chunk
from workbench.frames.digits import Digits, Numbers, numbers_of
from workbench.frames.documents import ABSENT, document_texts, document_values, plain_values
from workbench.frames.null import NULL
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
        tags = {tag for chunk in self.chunks if chunk for tag in (*chunk.plain, *chunk.documents)}
        digits = Digits()
        for numbers in self.numbers:
            digits |= numbers.digits if numbers else Digits()
        return Profile(frozenset(tags), digits)

    @cached_property
    def numbers(self) -> list[Numbers | None]:
        """The numbers of each page, None where it has none."""
        return [numbers_of(chunk.plain["N"]) if chunk and "N" in chunk.plain else None for chunk in self.chunks]

    def plain(self, tag: str) -> pa.ChunkedArray:
        """Return the values of one plain type as an Arrow array over all pages, null where an item has none.

        Numbers are 64-bit integers where all of the column are, else texts.
        """
        if tag != "N":
            return self._joined([chunk.plain.get(tag) if chunk else None for chunk in self.chunks])
        whole = self.profile.digits.whole
        return self._joined([(each.integers if whole else each.texts) if each else None for each in self.numbers])

    def _joined(self, arrays: Sequence[pa.Array | None]) -> pa.ChunkedArray:
        import pyarrow as pa

        type_ = next(each.type for each in arrays if each is not None)
        made = [
            pa.nulls(length, type_) if array is None else array
            for length, array in zip(self.lengths, arrays, strict=True)
        ]
        return pa.chunked_array(made, type_)

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
        return [value for chunk in self.plain(tag).chunks for value in plain_values(tag, chunk, cells=True)]

    def texts(self, tag: str) -> pa.ChunkedArray:
        """Return lists or maps (the tag ``L`` or ``M``) as DynamoDB JSON text, null where an item has none."""
        import pyarrow as pa

        made = []
        for length, chunk in zip(self.lengths, self.chunks, strict=True):
            there = chunk is not None and tag in chunk.documents
            texts = document_texts(chunk.documents[tag], tag) if chunk and there else [None] * length
            made.append(pa.array(texts, pa.string()))
        return pa.chunked_array(made, pa.string())

    def first_row(self) -> int:
        """Return the number of the first item that has the attribute."""
        before = 0
        for length, chunk in zip(self.lengths, self.chunks, strict=True):
            if chunk is not None:
                return before + min(map(_first_valid, (*chunk.plain.values(), *chunk.documents.values())))
            before += length
        return before

    def array(self, declared: str = "any") -> pd.api.extensions.ExtensionArray | Any:
        """Return the column of a frame, by the rule of ``profile.form_of``."""
        match form_of(self.profile, declared):
            case "str":
                return _texts(self.plain("S")) if self.profile.tags else _empty(self.lengths, "str")
            case "Int64":
                return _integers(self.plain("N")) if self.profile.tags else _empty(self.lengths, "Int64")
            case "boolean":
                return _booleans(self.plain("BOOL")) if self.profile.tags else _empty(self.lengths, "boolean")
        return _objects(self.values(cells=True))


def _chunk_values(chunk: Chunk, numbers: Numbers | None, length: int, cells: bool) -> list[Any]:
    parts = [_plain_values(tag, content, numbers, cells) for tag, content in chunk.plain.items()]
    parts += [document_values(documents, tag, cells=cells) for tag, documents in chunk.documents.items()]
    return reduce(_overlaid, parts)


def _plain_values(tag: str, content: pa.Array, numbers: Numbers | None, cells: bool) -> list[Any]:
    if tag == "NULL":
        return [(NULL if cells else None) if there else ABSENT for there in content.is_valid().to_pylist()]
    values = numbers.decimals() if numbers and tag == "N" else plain_values(tag, content, cells=cells)
    return [ABSENT if value is None else value for value in values] if content.null_count else values


def _overlaid(under: list[Any], over: list[Any]) -> list[Any]:
    return [below if above is ABSENT else above for below, above in zip(under, over, strict=True)]


def _first_valid(values: Any) -> int:
    if isinstance(values, list):
        return next(at for at, value in enumerate(values) if value is not None)
    if not values.null_count:
        return 0
    import pyarrow.compute as pc

    return int(pc.index(values.is_valid(), True).as_py())


def _texts(values: pa.ChunkedArray) -> Any:
    import numpy as np
    import pandas as pd

    return pd.arrays.ArrowStringArray(values, dtype=pd.StringDtype("pyarrow", na_value=np.nan))


def _integers(whole: pa.ChunkedArray) -> Any:
    import pandas as pd

    return pd.arrays.IntegerArray(whole.fill_null(0).to_numpy(), whole.is_null().to_numpy())


def _booleans(values: pa.ChunkedArray) -> Any:
    import pandas as pd

    return pd.arrays.BooleanArray(values.fill_null(False).to_numpy(), values.is_null().to_numpy())


def _objects(values: list[Any]) -> Any:
    import numpy as np
    import pandas as pd

    cells = np.empty(len(values), dtype=object)  # filled one by one, so that no list is taken for a row of cells
    for at, value in enumerate(values):
        cells[at] = pd.NA if value is ABSENT else value
    return cells


def _empty(lengths: Sequence[int], dtype: str) -> Any:
    import pandas as pd

    return pd.array([pd.NA] * sum(lengths), dtype=dtype)
