"""Verdicts: what was checked about one example, whether it holds, and in words why not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["expectation", "oracle", "budget", "run", "coverage"]
NO_EXAMPLE = "(these arguments)"
Status = Literal["ok", "failed", "unproved"]


@dataclass(frozen=True)
class Verdict:
    """One verdict. ``subject`` is what was looked at (rows, first, read_units), ``cause`` why it is wrong."""

    kind: Kind
    pattern: str
    example: str
    ok: bool
    message: str
    subject: str = ""
    cause: str = ""

    def __str__(self) -> str:
        head = f"{self.subject}: {self.message}" if self.subject else self.message
        return f"{head}\n{self.cause}" if self.cause else head


@dataclass(frozen=True)
class Subject:
    """The pattern and example that verdicts are about; makes them."""

    pattern: str
    example: str = NO_EXAMPLE

    def verdict(self, kind: Kind, subject: str, wrong: str | None, right: str = "", *, cause: str = "") -> Verdict:
        """Return a verdict that is good when ``wrong`` is None."""
        ok = wrong is None
        return Verdict(
            kind, self.pattern, self.example, ok, right if wrong is None else wrong, subject, "" if ok else cause
        )


def status_of(verdicts: Iterable[Verdict]) -> Status:
    """Return failed where one verdict is bad, unproved where nothing was proved, else ok. A budget proves no answer."""
    listed = list(verdicts)
    if any(not verdict.ok for verdict in listed):
        return "failed"
    return "ok" if any(verdict.kind in ("expectation", "oracle") for verdict in listed) else "unproved"
