"""Every error the workbench raises, in one tree.

::

    WorkbenchError
    ├── ModelError (ValueError)            a model file is wrong; .problems names file, line and cure
    ├── KeyTemplateError (ValueError)      a value cannot be put into, or read out of, a key
    ├── UsageError (ValueError)            the caller asked for something that cannot be meant
    │   ├── ArgumentError                  a pattern's argument is missing, unknown or of the wrong type
    │   └── UnknownNameError (KeyError)    no model, table, index, entity, pattern or notebook of that name
    ├── ItemError (ValueError)             a value that DynamoDB cannot hold
    ├── GuardError (PermissionError)       a write to AWS, or to data that is not ours, was refused
    ├── UnreachableError (ConnectionError) an engine or a database cannot be reached or started
    │   ├── EngineError                    DynamoDB Local, moto, AWS or another endpoint
    │   └── DatabaseError                  PostgreSQL
    │       └── StatementError             PostgreSQL is there and refuses a statement, or rows, of the model
    ├── TableError                         a table is missing, or is there with other keys
    ├── RequestError                       the engine refused a request; .code is AWS's error code
    ├── LookupFailedError (LookupError)    SQL that must give a row gave none (an unknown handle, say)
    ├── SeedError                          rows that cannot become items, or items that were not written
    ├── JournalError (ValueError)          a journal of something else, damaged, or in use by another process
    ├── WriteError                         rows that were not written; .report counts them and says why
    ├── StreamError                        a stream cannot be read on, or its handler failed for good
    ├── CheckError (AssertionError)        an answer is not what the example or the oracle says
    └── NotebookError                      a notebook failed, or cannot be run

Every class has an ``exit_code`` for the command line: 1 a check or notebook failed, 2 wrong usage or a
broken model file, 3 an engine or a database could not be reached.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, ClassVar

__all__ = [
    "ArgumentError",
    "CheckError",
    "DatabaseError",
    "EngineError",
    "GuardError",
    "ItemError",
    "JournalError",
    "KeyTemplateError",
    "LookupFailedError",
    "ModelError",
    "NotebookError",
    "Problem",
    "RequestError",
    "SeedError",
    "StatementError",
    "StreamError",
    "TableError",
    "UnknownNameError",
    "UnreachableError",
    "UsageError",
    "WorkbenchError",
    "WriteError",
    "did_you_mean",
]


class WorkbenchError(Exception):
    """Base of every error that the workbench raises on purpose. The message says what happened and what to do."""

    exit_code: ClassVar[int] = 1
    report: Any = None  # a ``bulk.WriteReport`` where the error ended a write: what was written, what was refused


@dataclass(frozen=True)
class Problem:
    """One mistake in a model file: where it is and what was meant. ``line`` and ``column`` count from 1."""

    message: str
    place: str = ""
    line: int | None = None
    column: int | None = None
    file: str = ""

    def __str__(self) -> str:
        at = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        return ": ".join(part for part in (at, self.place, self.message) if part)


class ModelError(WorkbenchError, ValueError):
    """A model file is wrong. ``problems`` holds every mistake found, in the order of the file."""

    exit_code = 2

    def __init__(self, problems: list[Problem] | str) -> None:
        self.problems = [Problem(problems)] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class KeyTemplateError(WorkbenchError, ValueError):
    """A value cannot be rendered into a key template, or a stored key does not fit one."""

    exit_code = 2


class UsageError(WorkbenchError, ValueError):
    """The caller asked for something that cannot be meant."""

    exit_code = 2


class ArgumentError(UsageError):
    """An argument of an access pattern is missing, unknown, or not of its declared type."""


class UnknownNameError(UsageError, KeyError):
    """No model, table, index, entity, pattern, example or notebook has that name."""

    def __str__(self) -> str:  # KeyError would show the repr of the message
        return str(self.args[0]) if self.args else ""


class ItemError(WorkbenchError, ValueError):
    """A value that DynamoDB cannot hold: a float, NaN, 39 digits, an empty set, an item over 400 KB."""

    exit_code = 2


class GuardError(WorkbenchError, PermissionError):
    """A write was refused because it would touch AWS, or data that does not belong to the workbench."""

    exit_code = 2


class UnreachableError(WorkbenchError, ConnectionError):
    """An engine or a database could not be reached or started."""

    exit_code = 3


class EngineError(UnreachableError):
    """DynamoDB Local, moto, AWS or another endpoint could not be reached or started; ends with its last log lines."""


class DatabaseError(UnreachableError):
    """PostgreSQL could not be reached or started."""


class StatementError(DatabaseError):
    """PostgreSQL is there and refuses a statement or rows of the model; trying again won't help."""

    exit_code = 2


class TableError(WorkbenchError):
    """A table is missing, or is there with other keys, indexes or types than the model says."""


class RequestError(WorkbenchError):
    """The engine refused a request. ``code`` is AWS's error code, ``operation`` the API's name.

    ``receipt`` is what was paid all the same (a ``results.Receipt``), None where that is not known.
    """

    def __init__(self, message: str, *, code: str = "", operation: str = "", receipt: Any = None) -> None:
        self.code = code
        self.operation = operation
        self.receipt = receipt
        super().__init__(message)


class LookupFailedError(WorkbenchError, LookupError):
    """SQL that must give a row gave none: an unknown handle, a person who is no member."""


class SeedError(WorkbenchError):
    """Rows that cannot become items, or items that were not written; the message names the first of them."""


class JournalError(WorkbenchError, ValueError):
    """A journal cannot be used: it is of something else, it is damaged, or another process holds it."""

    exit_code = 2


class WriteError(WorkbenchError):
    """Rows that were not written. ``report`` (a ``bulk.WriteReport``) has exact counts and a line for each of them."""

    def __init__(self, message: str, *, report: Any = None) -> None:
        self.report = report
        super().__init__(message)


class StreamError(WorkbenchError):
    """A stream cannot be read on (records are gone, no stream is there), or its handler failed for good.

    The message says up to where records were handled, and what to do."""


class CheckError(WorkbenchError, AssertionError):
    """An answer is not what the example or its SQL oracle says; the message shows the difference."""


class NotebookError(WorkbenchError):
    """A notebook failed, or cannot be run as asked."""


def did_you_mean(name: str, known: list[str] | tuple[str, ...]) -> str:
    """Return a sentence that helps after an unknown name: the nearest known one, or all of them."""
    near = get_close_matches(name, known, n=1)
    if near:
        return f"Did you mean {near[0]!r}?"
    return f"Known: {', '.join(sorted(known))}." if known else "There are none."
