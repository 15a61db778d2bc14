"""Capacity units of reads, from sizes in bytes. Pure arithmetic, and exact whatever the decimal context is.

Sizes are of the items that DynamoDB evaluates: before a filter, before a projection. A read unit is 4 KB strongly
consistent; eventually consistent costs half, transactional double. Writes are in ``writes``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal

READ_BLOCK = 4096
WRITE_BLOCK = 1024
_EXACT = Context(prec=60)
ZERO = Decimal("0.0")


@dataclass(frozen=True)
class Units:
    """Capacity units of one request or many. ``read + write`` is everything; so is ``table`` plus all of ``indexes``.

    Each figure has one decimal place, so that ``str`` of it is what AWS prints: 0.5, 1.0. ``indexes`` holds only
    indexes that were charged, by name.
    """

    read: Decimal = ZERO
    write: Decimal = ZERO
    table: Decimal = ZERO
    indexes: dict[str, Decimal] = field(default_factory=dict)

    def __add__(self, other: Units) -> Units:
        """Return the units of both; indexes in alphabetical order."""
        names = sorted({*self.indexes, *other.indexes})
        return Units(
            read=_EXACT.add(self.read, other.read),
            write=_EXACT.add(self.write, other.write),
            table=_EXACT.add(self.table, other.table),
            indexes={name: _EXACT.add(self.indexes.get(name, ZERO), other.indexes.get(name, ZERO)) for name in names},
        )

    @property
    def total(self) -> Decimal:
        """Read and write units together."""
        return _EXACT.add(self.read, self.write)


def query_units(pages: Sequence[Sequence[int]], *, consistent: bool = False, index: str | None = None) -> Units:
    """Return the units of a Query or Scan: the sizes of each page's evaluated items, rounded once a page.

    An empty page costs the minimum, like a page of up to 4 KB. With ``index`` the units stand on that index's arm.
    """
    halves = sum(_halves(sum(page), consistent) for page in pages)
    return read_units(halves, index=index)


def get_units(size: int | None, *, consistent: bool = False) -> Units:
    """Return the units of a GetItem; ``size`` None, a missing item, costs the minimum."""
    return read_units(_halves(size or 0, consistent))


def batch_get_units(sizes: Sequence[int | None], *, consistent: bool = False) -> Units:
    """Return the units of a BatchGetItem: every item rounded on its own, None (missing) at the minimum."""
    return read_units(sum(_halves(size or 0, consistent) for size in sizes))


def transact_get_units(sizes: Sequence[int | None]) -> Units:
    """Return the units of a TransactGetItems: twice the strongly consistent read of each item, missing ones too."""
    return read_units(sum(2 * _halves(size or 0, True) for size in sizes))


def lsi_fetch_units(
    pages: Sequence[Sequence[int]], fetched: Sequence[int], *, index: str, consistent: bool = False
) -> Units:
    """Return the units of a Query on a local index that asks for attributes it does not project.

    ``pages`` are the sizes of the index entries, ``fetched`` of the whole items fetched from the table: each of those
    is rounded on its own and stands on the table's arm.
    """
    return query_units(pages, consistent=consistent, index=index) + batch_get_units(fetched, consistent=consistent)


def replayed_transaction_units(sizes: Sequence[int | None]) -> Units:
    """Return the units of a TransactWriteItems sent again with the same token: billed as a transactional read.

    ``sizes`` are the larger of each item's images.
    """
    return transact_get_units(sizes)


def read_units(halves: int, *, index: str | None = None) -> Units:
    """Return ``halves`` half read units, on the table's arm or on the arm of ``index``."""
    amount = half_units(halves)
    if index is not None and halves:
        return Units(read=amount, indexes={index: amount})
    return Units(read=amount, table=amount)


def amount_text(amount: Decimal | str) -> str:
    """Return capacity units as they are printed everywhere: with one decimal place, or more where there are more."""
    whole, _, places = f"{Decimal(amount):f}".partition(".")
    return f"{whole}.{places.rstrip('0') or '0'}"


def half_units(halves: int) -> Decimal:
    """Return a count of half units as a Decimal with one decimal place."""
    return Decimal(f"{halves // 2}.{5 * (halves % 2)}")


def blocks(size: int, block: int) -> int:
    """Return how many blocks of bytes ``size`` fills, the last one counted whole; at least one."""
    return max(1, -(-size // block))


def _halves(size: int, consistent: bool) -> int:
    return blocks(size, READ_BLOCK) * (2 if consistent else 1)
