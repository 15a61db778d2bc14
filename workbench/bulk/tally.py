"""What a write has come to so far: counts, and the progress, the report and the words that they make."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from workbench.bulk.confirmed import Confirmed
from workbench.bulk.duplicates import Duplicates
from workbench.bulk.operations import Outcome, Refusal, added
from workbench.bulk.report import FailedRow, Progress, WriteReport
from workbench.bulk.rows import Row
from workbench.errors import WorkbenchError

__all__ = ["Tally"]


class Tally:
    """Counts of one write, in the caller's thread. ``total`` and ``due``: rows given, and to be confirmed, if known.

    ``note`` is the sender's, for the report.
    """

    def __init__(
        self, table: str, kind: str, duplicates: Duplicates, confirmed: Confirmed | None, clock: Callable[[], float],
        note: str,
    ) -> None:  # fmt: skip
        self.given = self.written = self.merged = self.requests = self.repeated = self.due = 0
        self.total: int | None = None
        self.units: Decimal | None = Decimal(0)
        self.gave_up = ""
        self.error: BaseException | None = None
        self.whole: Exception | None = None  # the refusal of a whole request, not looked at yet
        self._refused: dict[int, Refusal] = {}  # by the row's number
        self._unnamed = 0  # requests whose units no answer named
        self._table, self._kind = table, kind
        self._duplicates, self._confirmed = duplicates, confirmed
        self._clock, self._began = clock, clock()
        self._note = note

    @property
    def already(self) -> int:
        """Rows that an earlier run confirmed."""
        return self._confirmed.before if self._confirmed is not None else 0

    def take(self, outcome: Outcome, earlier: Sequence[Row], *, again: bool) -> None:
        """Count what an attempt came to; ``earlier`` rows are settled by it, and no failed rows any more."""
        self.units = added(self.units, outcome.units)
        self.requests += outcome.requests
        self.repeated += again and bool(outcome.left)
        self.written += len(outcome.done)
        self.merged += len(earlier)
        self.whole = self.whole or outcome.whole
        self._unnamed += outcome.billed
        for row in earlier:
            self._refused.pop(row.number, None)
        self._refused.update((each.row.number, each) for each in outcome.refused)

    def progress(self) -> Progress:
        """Return how far the write is."""
        items = self.written + self.merged + self._duplicates.merged + self.already
        left = None
        if self.total is not None and self.written:
            seconds = self._clock() - self._began
            left = seconds / self.written * (self.due - self.written - len(self._refused))
        return Progress(items, self.total, self.units, left)

    def report(self) -> WriteReport:
        """Return the report of a write that ends here."""
        failed = tuple(FailedRow.of(self._refused[number]) for number in sorted(self._refused))
        merged = self.merged + self._duplicates.merged
        journal = self._confirmed.journal.said if self._confirmed is not None else ""
        return WriteReport(
            self._table, self._kind, self.given, self.written, merged, self.already, failed,
            self.given - self.written - merged - self.already - len(failed), self.units, self.requests, self.repeated,
            self._clock() - self._began, self.gave_up, tuple(filter(None, (self._note, journal, self._billed()))),
        )  # fmt: skip

    def told(self, error: WorkbenchError) -> WorkbenchError:
        """Return an error that broke the write off with the report, and with a sentence on what was written before."""
        done = self.written + self.already
        if not self.requests:
            return self._with_report(error, "Nothing was sent.")
        return self._with_report(error, f"Before it, {done:,} item{'s were' if done != 1 else ' was'} written.")

    def reported(self, error: BaseException) -> BaseException:
        """Return the error that a request met with the report, and with a sentence on refused rows, if any."""
        refused = len(self._refused)
        words = f"{refused:,} row{'s were' if refused != 1 else ' was'} refused before it: error.report.failed"
        return self._with_report(error, words if refused else "") if isinstance(error, WorkbenchError) else error

    def words(self, done: int) -> str:
        """Return a sentence on how many items are written."""
        total = f" of {self.total:,}" if self.total is not None else ""
        return f"{done:,}{total} items are written."

    def _with_report(self, error: WorkbenchError, words: str) -> WorkbenchError:
        error.report = self.report()
        if words:
            error.args = (f"{str(error).rstrip('.')}. {words}", *error.args[1:])
        return error

    def _billed(self) -> str:
        """Return a sentence on requests that are billed without a word in their answers; empty where none is missed."""
        if not self._unnamed or self.units is None:
            return ""
        are = "requests whose conditions failed are" if self._unnamed > 1 else "request whose condition failed is"
        return f"{self._unnamed:,} {are} billed like a write; no answer says the units, and they are not counted here"
