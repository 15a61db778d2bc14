"""A PostgreSQL server that the workbench may make databases in: the user's own by connection string, or the embedded.

Every database of the workbench is called ``workbench_...``, and no other is ever made, changed or dropped:

==============================  =====================================================================================
``workbench_<model>_<name>``    a named database: it stays until it is dropped
``workbench__clone_<id>``       the database of one user, dropped when that user is done or gone
``workbench__tpl_<hash>``       the template of one schema and seed, cloned for each of the others
``workbench__new_<hash>``       a template being built
==============================  =====================================================================================
"""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from workbench.errors import DatabaseError, GuardError, UsageError

if TYPE_CHECKING:
    from psycopg import Connection

    from workbench.engines.lease import Lease

__all__ = ["CLONE", "NEW", "OURS", "TEMPLATE", "Server", "database_name", "find_server"]

VARIABLE = "WORKBENCH_POSTGRES"
OURS = "workbench_"
CLONE, TEMPLATE, NEW = "workbench__clone_", "workbench__tpl_", "workbench__new_"
LONGEST_NAME = 63
CONNECT_SECONDS = "10"
STATEMENT_SECONDS = 30
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class Server:
    """A server: how it is reached (as libpq's keywords, the password among them) and, when embedded, our hold on it."""

    parameters: dict[str, str] = field(repr=False)
    maintenance: str = "postgres"
    lease: Lease | None = field(default=None, repr=False)

    @property
    def title(self) -> str:
        """The server in words: embedded, or host and port; never the password."""
        if self.lease is not None:
            return f"embedded PostgreSQL {self.lease.facts.get('version', '')}".rstrip()
        host = self.parameters.get("host") or self.parameters.get("hostaddr") or "this machine"
        return f"PostgreSQL at {host}:{self.parameters.get('port', '5432')}"

    def connect(self, database: str | None = None) -> Connection[dict[str, Any]]:
        """Return an autocommit connection whose rows are dicts, times UTC and JSON numbers Decimal.

        ``database`` is left out for the one in which others are made. Raises DatabaseError when it cannot be reached.
        """
        import psycopg
        from psycopg.conninfo import make_conninfo
        from psycopg.rows import dict_row
        from psycopg.types.json import set_json_loads

        wanted = {"connect_timeout": CONNECT_SECONDS, "application_name": "workbench"} | self.parameters
        try:
            connection = psycopg.connect(
                make_conninfo(**(wanted | {"dbname": database or self.maintenance})),
                autocommit=True,
                row_factory=dict_row,
            )
        except psycopg.Error as error:
            raise self._unreachable(error) from None  # the chain would show what the driver was given
        set_json_loads(functools.partial(json.loads, parse_float=Decimal), connection)
        connection.execute(
            "SELECT set_config('timezone', 'UTC', false), set_config('statement_timeout', %s, false),"
            " set_config('client_min_messages', 'error', false)",
            [f"{STATEMENT_SECONDS}s"],
        )
        return connection

    def _unreachable(self, error: Exception) -> DatabaseError:
        if self.lease is not None and not self.lease.is_alive():
            return DatabaseError(f"The embedded PostgreSQL is gone: {self.lease.explain()}")
        cause = self.scrub(str(error))
        cure = (
            "Run `workbench engine stop`, then try again."
            if self.lease is not None
            else f"Start it, or correct {VARIABLE}, or unset {VARIABLE} to use the embedded server."
        )
        return DatabaseError(f"{self.title} could not be reached. {cure}\n{cause}")

    def scrub(self, text: str) -> str:
        """Return text without the password."""
        password = self.parameters.get("password")
        return re.sub(rf"(?<!\w){re.escape(password)}(?!\w)", "***", text) if password else text

    @contextmanager
    def session(self, database: str | None = None) -> Iterator[Connection[dict[str, Any]]]:
        """Give a connection for as long as a ``with`` block runs."""
        connection = self.connect(database)
        try:
            yield connection
        finally:
            connection.close()

    def uri(self, database: str, *, password: bool = False) -> str:
        """Return the address of a database for psql and other programs, without the password unless it is asked for."""
        given = self.parameters
        secret = f":{quote(given['password'], safe='')}" if password and "password" in given else ""
        user = f"{quote(given['user'], safe='')}{secret}@" if "user" in given else ""
        host, port = given.get("host", ""), given.get("port")
        rest = {key: value for key, value in given.items() if key not in ("user", "password", "host", "port", "dbname")}
        if host.startswith("/"):
            rest, host = {"host": host} | rest, ""
        query = "&".join(f"{key}={quote(value, safe='')}" for key, value in rest.items())
        at = f"{host}:{port}" if port else host
        return f"postgresql://{user}{at}/{quote(database)}{'?' + query if query else ''}"

    def names(self, prefix: str = OURS) -> list[str]:
        """Return the names of the databases that begin with ``prefix``, sorted."""
        with self.session() as connection:
            return names(connection, prefix)

    def drop(self, database: str) -> bool:
        """Drop a database of the workbench, cutting off its sessions; return whether it was there."""
        with self.session() as connection:
            there = database in names(connection)
            drop(connection, database)
        return there

    def sessions(self) -> list[dict[str, Any]]:
        """Return who is connected to databases of the workbench, this call left out, by database and process id."""
        with self.session() as connection:
            return connection.execute(
                "SELECT datname AS database, pid, usename AS user, application_name AS application,"
                " coalesce(client_addr::text, 'socket') AS client, state, left(query, 80) AS query"
                " FROM pg_stat_activity WHERE starts_with(datname, %s) AND pid <> pg_backend_pid() ORDER BY 1, 2",
                [OURS],
            ).fetchall()

    def close(self, *, end: bool = False) -> None:
        """Let go of the embedded server; with ``end`` it ends at once when nobody else uses it."""
        if self.lease is not None:
            (self.lease.finish if end else self.lease.release)()


def names(connection: Connection[dict[str, Any]], prefix: str = OURS) -> list[str]:
    """Return the names of the databases that begin with ``prefix``, sorted by code point."""
    rows = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]).fetchall()
    return sorted(row["datname"] for row in rows)


def drop(connection: Connection[dict[str, Any]], database: str, *, force: bool = True) -> None:
    """Drop a database if it is there. GuardError for one that is not the workbench's."""
    from psycopg import sql

    if not database.startswith(OURS):
        raise GuardError(f"{database} was left alone: databases of the workbench are called {OURS}...")
    statement = "DROP DATABASE IF EXISTS {}" + (" WITH (FORCE)" if force else "")
    connection.execute(sql.SQL(statement).format(sql.Identifier(database)))


def database_name(model: str, name: str) -> str:
    """Return what a model's named database is called on the server. UsageError for a name that cannot be one."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} cannot name a database: use letters, digits, '.', '-' and '_'.")
    full = f"{OURS}{model}_{name}"
    if len(full.encode()) > LONGEST_NAME:
        raise UsageError(f"{full!r} is too long for PostgreSQL: {len(full.encode())} bytes, {LONGEST_NAME} at most.")
    return full


def find_server(dsn: str | None = None) -> Server:
    """Return the server of ``dsn``, else of ``WORKBENCH_POSTGRES``, else the embedded one, started when need be.

    Raises DatabaseError for a connection string that is none, or when the embedded server cannot be started; whether
    the other one answers shows at its first use.
    """
    given = dsn or os.environ.get(VARIABLE)
    if given:
        parameters = _parse(given, "the connection string" if dsn else VARIABLE)
        return Server(parameters, parameters.get("dbname") or "postgres")
    from workbench.engines.control import connect

    lease = connect("postgres", error=DatabaseError)
    return Server({"host": str(lease.facts["host"]), "user": str(lease.facts["user"])}, lease=lease)


def _parse(dsn: str, source: str) -> dict[str, str]:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        parameters = {key: str(value) for key, value in conninfo_to_dict(dsn).items()}
    except psycopg.Error:
        parameters = {}
    if not parameters or "@" in parameters.get("host", "") or not _is_port(parameters.get("port", "5432")):
        # Neither the string nor libpq's complaint is shown: both may hold the password.
        raise DatabaseError(
            f"{source} cannot be read. Write postgresql://user:password@host:5432/database; in the password, write "
            "@ as %40, / as %2F and % as %25."
        ) from None
    return parameters


def _is_port(text: str) -> bool:
    return all(part.isdigit() and 0 < int(part) < 65536 for part in text.split(","))
