"""An access pattern on a bench: shown without I/O, explained without I/O, run when asked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from workbench import checks
from workbench.bulk import run_with_journal
from workbench.errors import CheckError, UsageError
from workbench.plans import build
from workbench.results import DEFAULT_MAX_PAGES, Result, Session, run

if TYPE_CHECKING:
    from workbench.model import Model, Pattern
    from workbench.plans import Clock, Explanation, Plan


@dataclass(frozen=True)
class BoundPattern:
    """One access pattern of a bench. Its repr is the pattern as the model declares it; nothing is sent."""

    model: Model
    pattern: Pattern
    session: Session = field(repr=False)

    @property
    def name(self) -> str:
        """The pattern's name in the model."""
        return self.pattern.name

    def plan(self, **arguments: Any) -> Plan:
        """Return the exact requests that these arguments make. No I/O; ArgumentError names a wrong argument."""
        return build(self.model, self.pattern, arguments, clock=self._clock)

    def explain(self, **arguments: Any) -> Explanation:
        """Return what is key and what is filter, the boto3 request, and the bytes and units to expect. No I/O."""
        return self.plan(**arguments).explain()

    def run(self, *, cursor: str | None = None, journal: str | Path | None = None, **arguments: Any) -> Result:
        """Return one page of the answer; ``result.cursor``, handed back here, gives the next page.

        A pattern that writes may be given a ``journal``, a file that notes each step: killed and run again with the
        same arguments and journal, it does what is left, and ends as one run would have.
        """
        if journal is None:
            return self._result(arguments, cursor, pages=1)
        if cursor is not None:
            raise UsageError(f"{self.name}: a journal is for a write, and a cursor for a read; give one of them")
        result = run_with_journal(self.session, self.plan(**arguments), journal, given=arguments)
        return replace(result, verifier=self._verify)

    def all(self, *, cursor: str | None = None, max_pages: int = DEFAULT_MAX_PAGES, **arguments: Any) -> Result:
        """Return every page in one result; at ``max_pages`` it stops, says so, and keeps the cursor."""
        return self._result(arguments, cursor, pages=max_pages)

    def example(self, name: str) -> Result:
        """Return what the model's example of that name gives, in this bench's store as it is now."""
        example = self.model.example(self.name, name)
        return self.all(**example.arguments) if example.all_pages else self.run(**example.arguments)

    def _result(self, arguments: dict[str, Any], cursor: str | None, pages: int) -> Result:
        plan = build(self.model, self.pattern, arguments, clock=self._clock, cursor=cursor)
        return replace(run(self.session, plan, pages=pages), verifier=self._verify)

    @property
    def _clock(self) -> Clock:
        return self.session.clock

    def _verify(self, result: Result) -> Any:
        report = checks.verify(self.session, result)
        if not report.ok:
            raise CheckError(report.text())
        return report

    def __bool__(self) -> NoReturn:
        raise TypeError(f"the pattern {self.name!r} is neither true nor false; run it: pattern.run(...)")

    def __iter__(self) -> NoReturn:
        raise TypeError(f"the pattern {self.name!r} holds no rows; run it: pattern.run(...).items")

    def __repr__(self) -> str:
        return repr(self.pattern)
