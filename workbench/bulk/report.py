"""What a write came to: exact counts, consumed units, and a line for each row that is not in the table."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from workbench.bulk.operations import Refusal
from workbench.bulk.rows import key_values
from workbench.items import amount_text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FailedRow", "Progress", "WriteReport"]

_SHOWN = 5


@dataclass(frozen=True)
class FailedRow:
    """A row that the engine refused: its position (from 0), its key in Python form, AWS's code and reason."""

    row: int
    key: dict[str, Any]
    code: str
    reason: str

    def __str__(self) -> str:
        key = ", ".join(f"{name} = {value!r}" for name, value in self.key.items())
        return f"row {self.row:,} ({key}): {self.code}: {self.reason}"

    @classmethod
    def of(cls, refusal: Refusal) -> FailedRow:
        """Return the line of a refusal."""
        return cls(refusal.row.number, key_values(refusal.row.key), refusal.code, refusal.reason)


@dataclass(frozen=True)
class Progress:
    """How far a write is: items in the table of ``total``, units, seconds left; None what is not known."""

    items: int
    total: int | None
    units: Decimal | None
    seconds_left: float | None

    def __str__(self) -> str:
        of = f" of {self.total:,}" if self.total is not None else ""
        units = "WCU not known" if self.units is None else f"{amount_text(self.units)} WCU"
        left = "" if self.seconds_left is None else f", about {self.seconds_left:,.0f} s left"
        return f"{self.items:,} item{'s' * (self.items != 1)}{of}, {units}{left}"


@dataclass(frozen=True)
class WriteReport:
    """What became of the rows: ``rows`` = ``written`` + ``merged`` + ``already`` + ``len(failed)`` + ``unsent``.

    ``written`` rows were confirmed by the engine now, ``already`` by an earlier run with the same journal. ``merged``
    rows were not sent on their own, since another row of the same key stands for them. ``failed`` rows were refused.
    ``unsent`` rows are not confirmed, since the write ended before: it gave up (``gave_up`` says why), or failed.
    ``units`` are the write units that the engine reports, of everything that was written now; None where it was not
    asked for them, or did not say.
    """

    table: str
    operation: str
    rows: int = 0
    written: int = 0
    merged: int = 0
    already: int = 0
    failed: tuple[FailedRow, ...] = ()
    unsent: int = 0
    units: Decimal | None = Decimal(0)
    requests: int = 0
    repeated: int = 0
    seconds: float = field(default=0.0, compare=False)
    gave_up: str = ""
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every row is in the table, or out of it for a delete."""
        return not self.failed and not self.unsent

    @property
    def failed_frame(self) -> pd.DataFrame:
        """The failed rows: row, the key attributes, code, reason; in the order of the rows."""
        from workbench.frames import from_items

        items = [{"row": each.row, **each.key, "code": each.code, "reason": each.reason} for each in self.failed]
        return from_items(items, ["row"] if items else ["row", "code", "reason"])

    def __repr__(self) -> str:
        done = "deleted" if self.operation == "delete" else "written"
        counts = [f"{self.written:,} {done}"]
        counts += [f"{count:,} {word}" for count, word in (
            (self.merged, "merged"), (self.already, f"{done} before"), (len(self.failed), "failed"),
            (self.unsent, "not sent"),
        ) if count]  # fmt: skip
        units = "WCU not known" if self.units is None else f"{amount_text(self.units)} WCU"
        lines = [
            f"{self.table}: {self.rows:,} row{'s' * (self.rows != 1)}, {', '.join(counts)}; "
            f"{self.requests:,} request{'s' * (self.requests != 1)}, {units}"
        ]
        lines += [f"  {each}" for each in self.failed[:_SHOWN]]
        if len(self.failed) > _SHOWN:
            lines.append(f"  ... {len(self.failed) - _SHOWN:,} more in .failed")
        if self.gave_up:
            lines.append(f"  {self.gave_up}")
        return "\n".join([*lines, *(f"  {note}" for note in self.notes)])
