"""The relational side of a bench: one PostgreSQL database, opened when it is first asked something.

>>> database = open_database(model)                                            # doctest: +SKIP
>>> database.query("SELECT uuid FROM users WHERE handle = %(handle)s", {"handle": "mia"})   # doctest: +SKIP
"""

from __future__ import annotations

import os
import secrets
import threading
import weakref
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from workbench.engines.postgres_loading import content_hash, refusal
from workbench.engines.postgres_server import CLONE, Server, database_name, drop, find_server
from workbench.engines.postgres_templates import clone, own, sweep
from workbench.errors import DatabaseError, StatementError
from workbench.model import Model

if TYPE_CHECKING:
    from psycopg import Connection

__all__ = ["Database", "open_database"]

_NO_PARAMETERS: Mapping[str, Any] = {}


class Database:
    """One database with a model's schema and seed. Nothing is started or connected before the first question.

    An unnamed one is a clone of its own, dropped when it is closed, collected, or its process ends; a named one stays
    as it was left and may be opened by several.
    """

    def __init__(self, model: Model, *, name: str | None = None, dsn: str | None = None) -> None:
        self.model = model
        self.name = name
        self._dsn = dsn
        self._lock = threading.RLock()
        self._open: _Open | None = None
        self._full_name = database_name(model.name, name) if name else f"{CLONE}{secrets.token_hex(8)}"

    def __repr__(self) -> str:
        return f"<Database {self.name or 'of its own'} of {self.model.name}>"

    def query(self, sql: str, params: Mapping[str, Any] = _NO_PARAMETERS) -> list[dict[str, Any]]:
        """Return the rows of one statement, run in a READ ONLY transaction of at most 30 s.

        Parameters are written ``%(name)s`` and a percent sign ``%%``; parameters that the statement does not name are
        passed over. uuid comes as UUID, numeric as Decimal, timestamptz as a time in UTC. Raises DatabaseError.
        """
        with self._lock:
            return self._opened().run(sql, params, read_only=True)

    def query_one(self, sql: str, params: Mapping[str, Any] = _NO_PARAMETERS) -> dict[str, Any] | None:
        """Return the only row, or None when there is none. DatabaseError when there are more."""
        rows = self.query(sql, params)
        if len(rows) > 1:
            raise DatabaseError(f"A statement that must give one row gave {len(rows)}: {_short(sql)}")
        return rows[0] if rows else None

    def execute(self, sql: str, params: Mapping[str, Any] = _NO_PARAMETERS) -> int:
        """Run one statement that changes rows, in a transaction of its own; return how many rows it touched."""
        with self._lock:
            opened = self._opened()
            opened.run(sql, params, read_only=False)
            return opened.touched

    def execute_many(self, sql: str, rows: list[dict[str, Any]]) -> None:
        """Run one statement once for each row of parameters, all or nothing."""
        with self._lock:
            opened = self._opened()
            with opened.connection.transaction():
                for row in rows:
                    opened.run(sql, row, read_only=None)

    @property
    def dsn(self) -> str:
        """The full address, password included, for programs. To show it to people, take ``uri``."""
        with self._lock:
            return self._opened().server.uri(self._full_name, password=True)

    @property
    def uri(self) -> str:
        """The address without the password, for psql."""
        with self._lock:
            return self._opened().server.uri(self._full_name)

    @property
    def title(self) -> str:
        """The server in words, without any secret."""
        with self._lock:
            return self._opened().server.title

    @property
    def outdated(self) -> bool:
        """Whether a named database was made of another schema or seed than the model has now."""
        rows = self.query(
            "SELECT shobj_description(oid, 'pg_database') AS note FROM pg_database WHERE datname = current_database()"
        )
        return bool(rows[0]["note"] != f"workbench {content_hash(self.model)}")

    def close(self) -> None:
        """Drop an unnamed clone, leave a named one, and let go of the server. Twice does no harm."""
        with self._lock:
            if self._open is not None:
                self._open.close()
            self._open = None

    def _opened(self) -> _Open:
        if self._open is not None and self._open.process != os.getpid():
            self._open = None  # a forked child must not speak on its parent's connection
            self._full_name = self._full_name if self.name else f"{CLONE}{secrets.token_hex(8)}"
        if self._open is None:
            self._open = _open(self.model, self._full_name, clone_of_own=not self.name, dsn=self._dsn)
            weakref.finalize(self, self._open.close)
        return self._open

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Open:
    """The connections of one open database."""

    def __init__(self, server: Server, database: str, keeper: Connection[dict[str, Any]] | None) -> None:
        self.server = server
        self.database = database
        self.process = os.getpid()
        self.touched = 0
        self._keeper = keeper
        self.connection = server.connect(database)
        self._closed = False

    def run(self, sql: str, params: Mapping[str, Any], *, read_only: bool | None) -> list[dict[str, Any]]:
        """Run one statement; ``read_only`` None means: within the transaction that is open."""
        import psycopg

        try:
            if read_only is not None:
                self.connection.execute("BEGIN READ ONLY" if read_only else "BEGIN")
            # Prepared, since only then PostgreSQL refuses a second statement behind a semicolon ("COMMIT; DELETE ...").
            cursor = self.connection.execute(sql.encode(), params, prepare=True)
            self.touched = cursor.rowcount
            rows = cursor.fetchall() if cursor.description else []
            if read_only is not None:
                self.connection.execute("COMMIT")
        except psycopg.Error as error:
            raise self._refused(error, sql) from error
        finally:
            self._roll_back(read_only)
        return rows

    def _roll_back(self, read_only: bool | None) -> None:
        from psycopg.pq import TransactionStatus

        if read_only is not None and self.connection.info.transaction_status in (
            TransactionStatus.INERROR,
            TransactionStatus.INTRANS,
        ):
            self.connection.execute("ROLLBACK")

    def _refused(self, error: Any, sql: str) -> DatabaseError:
        import psycopg

        if self.connection.closed:
            why = self.server.lease.explain() if self.server.lease else self.server.scrub(str(error).strip())
            return DatabaseError(f"The connection to {self.server.title} broke; open the bench again. {why}")
        if isinstance(error, psycopg.errors.ReadOnlySqlTransaction):
            return StatementError(f"Only reading is allowed here, and this statement writes: {_short(sql)}")
        if isinstance(error, psycopg.errors.QueryCanceled):
            return StatementError(f"PostgreSQL gave this up after 30 s: {_short(sql)}")
        if error.sqlstate is None:  # the driver's own word: a parameter is missing, or a placeholder is malformed
            return StatementError(f"The statement was not sent: {error}. {_short(sql)}")
        return StatementError(f"{self.server.scrub(refusal(error, 'line', sql))} The statement: {_short(sql)}")

    def close(self) -> None:
        """Close both connections; the clone is dropped while its lock is still held."""
        import psycopg

        if self._closed or self.process != os.getpid():
            return
        self._closed = True
        self.connection.close()
        try:
            if self._keeper is not None:
                drop(self._keeper, self.database)
        except psycopg.Error:  # the server is gone; the next user's sweep drops it
            pass
        finally:
            if self._keeper is not None:
                self._keeper.close()
            self.server.close()


def _open(model: Model, database: str, *, clone_of_own: bool, dsn: str | None) -> _Open:
    import psycopg

    if model.database is None:
        raise DatabaseError(f"The model {model.name!r} declares no database; add `database:` to {model.path.name}.")
    server = find_server(dsn)
    try:
        keeper = server.connect()
        try:
            _provide(server, keeper, model, database, clone_of_own=clone_of_own)
            opened = _Open(server, database, keeper if clone_of_own else None)
        except BaseException:
            keeper.close()
            raise
        if not clone_of_own:
            keeper.close()
    except psycopg.Error as error:
        server.close()
        raise DatabaseError(f"{server.title} refused: {server.scrub(str(error).strip())}") from None
    except BaseException:
        server.close()
        raise
    return opened


def _provide(
    server: Server, keeper: Connection[dict[str, Any]], model: Model, database: str, *, clone_of_own: bool
) -> None:
    sweep(keeper)
    if clone_of_own:
        own(keeper, database)
        clone(server, keeper, model, database)
        return
    own(keeper, database)  # two that open the same name at one moment make it once
    there = keeper.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
    if there is None:
        clone(server, keeper, model, database)


def open_database(model: Model, *, name: str | None = None, dsn: str | None = None) -> Database:
    """Return a database with the model's schema and seed: a clone of its own, or the named one, made when need be.

    It lives on the server of ``dsn``, else of ``WORKBENCH_POSTGRES``, else on the embedded one. Nothing is started
    before its first use; DatabaseError is raised there.
    """
    return Database(model, name=name, dsn=dsn)


def _short(sql: str) -> str:
    words = " ".join(sql.split())
    return words if len(words) <= 120 else words[:117] + "..."
