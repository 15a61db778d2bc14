"""Filling a database: a model's SQL files and CSV rows, in their order, with errors that name file and line."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.errors import StatementError
from workbench.model import Model, Rows, Source

if TYPE_CHECKING:
    from psycopg import Connection, Error

__all__ = ["Loaded", "Progress", "content_hash", "load_schema", "load_seed"]

FORMAT = "1"  # changes when templates made by earlier versions must not be used any more
Progress = Callable[[str], None]
"""Told the file that is loaded next."""


@dataclass(frozen=True)
class Loaded:
    """One step of loading: the file, and how many rows it wrote (None where that has no meaning)."""

    file: str
    rows: int | None = None


def content_hash(model: Model) -> str:
    """Return a hash of everything that a model's schema and seed put into a database."""
    digest = hashlib.sha256(FORMAT.encode())
    if model.database is None:
        return digest.hexdigest()[:16]
    for part in (*model.database.schema, *model.database.seed):
        named = f"{part.table}\0" if isinstance(part, Rows) else "sql\0"
        content = _content(part) if isinstance(part, Rows) else part.sql.encode()
        digest.update(f"{named}{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


def load_schema(connection: Connection[dict[str, Any]], model: Model, progress: Progress | None = None) -> list[Loaded]:
    """Run the model's schema files, all or nothing. Raises DatabaseError with file and line of a refused statement."""
    parts = model.database.schema if model.database else ()
    return _load(connection, parts, progress)


def load_seed(connection: Connection[dict[str, Any]], model: Model, progress: Progress | None = None) -> list[Loaded]:
    """Run the model's seed files and copy its CSV rows, all or nothing. Raises DatabaseError with file and line."""
    parts = model.database.seed if model.database else ()
    return _load(connection, parts, progress)


def _load(
    connection: Connection[dict[str, Any]], parts: tuple[Source | Rows, ...], progress: Progress | None
) -> list[Loaded]:
    loaded = []
    with connection.transaction():
        connection.execute("SET LOCAL statement_timeout = 0")
        for part in parts:
            if progress:
                progress(_title(part))
            loaded.append(_copy(connection, part) if isinstance(part, Rows) else _run(connection, part))
    return loaded


def _title(part: Source | Rows) -> str:
    return part.path.name if isinstance(part, Rows) else part.path


def _run(connection: Connection[dict[str, Any]], source: Source) -> Loaded:
    """Run a file of statements as it is: without parameters, so that a percent sign is one."""
    import psycopg

    if not source.sql.strip():
        return Loaded(source.path)
    try:
        connection.execute(source.sql.encode())
    except psycopg.Error as error:
        raise StatementError(refusal(error, source.path, source.sql)) from error
    return Loaded(source.path)


def refusal(error: Error, file: str, text: str) -> str:
    """Return in words why a statement was refused: file and line where known, PostgreSQL's message, detail and hint."""
    position = error.diag.statement_position
    line = text.count("\n", 0, int(position) - 1) + 1 if position else None
    place = f"{file}:{line}" if line else file
    said = [error.diag.message_primary or str(error).strip(), error.diag.message_detail, error.diag.message_hint]
    if line is None and error.diag.context:
        said.append(error.diag.context.splitlines()[0])
    return f"{place}: PostgreSQL refused this: " + " ".join(_sentence(part) for part in said if part)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _copy(connection: Connection[dict[str, Any]], rows: Rows) -> Loaded:
    import psycopg
    from psycopg import sql

    content = _content(rows)
    table = sql.Identifier(*rows.table.split("."))
    columns = sql.SQL(", ").join(map(sql.Identifier, _header(rows, content)))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, HEADER true, ENCODING 'UTF8')").format(table, columns)
    try:
        with connection.cursor() as cursor:
            with cursor.copy(statement) as copy:
                copy.write(content)
            return Loaded(rows.path.name, cursor.rowcount)
    except psycopg.Error as error:
        raise StatementError(_refused_rows(error, rows)) from error


def _content(rows: Rows) -> bytes:
    try:
        return rows.path.read_bytes().removeprefix(b"\xef\xbb\xbf")  # spreadsheets write a byte order mark
    except OSError as error:
        raise StatementError(
            f"{rows.path.name}, the rows of {rows.table}, cannot be read: {error.strerror}."
        ) from error


def _header(rows: Rows, content: bytes) -> list[str]:
    try:
        first = next(csv.reader([content.split(b"\n", 1)[0].decode().rstrip("\r")]), [])
    except UnicodeDecodeError:
        raise StatementError(f"{rows.path.name}:1: the header is not UTF-8; save the file as UTF-8.") from None
    if not first or not all(first):
        raise StatementError(f"{rows.path.name}:1: the first line must name the columns of {rows.table}.")
    return first


def _refused_rows(error: Error, rows: Rows) -> str:
    """``context`` is such as ``COPY books, line 3, column year: "abc"``; a constraint's detail names the values."""
    where = (error.diag.context or "").partition(", ")[2]
    line, _, column = where.partition(", ")
    number = line.partition("line ")[2].partition(":")[0]
    place = f"{rows.path.name}:{number}" if number.isdigit() else rows.path.name
    said = [error.diag.message_primary or str(error), error.diag.message_detail]
    if column.startswith("column"):
        said.append(column)
    return f"{place}: PostgreSQL refused a row for {rows.table}: " + " ".join(_sentence(part) for part in said if part)
