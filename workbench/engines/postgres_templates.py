"""Templates and clones: schema and seed are loaded once, every database after that is a copy of the template.

A template is built under another name and renamed when it is whole, so a half-built one is never used. A clone belongs
to the connection that holds the advisory lock of its name: when that user is gone, however it went, the lock is free
and the next one to clone drops what was left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.engines.postgres_loading import Progress, content_hash, load_schema, load_seed
from workbench.engines.postgres_server import CLONE, NEW, TEMPLATE, Server, drop
from workbench.errors import DatabaseError, StatementError
from workbench.model import Model

if TYPE_CHECKING:
    from psycopg import Connection

__all__ = ["clone", "create_empty", "note", "own", "sweep", "template"]

TEMPLATES_KEPT = 6
_KEY = "hashtextextended(%s, 0)"
_DEAD = (
    "WITH ours AS MATERIALIZED (SELECT datname FROM pg_database WHERE starts_with(datname, %s))"
    " SELECT datname FROM ours WHERE pg_try_advisory_lock(hashtextextended(datname, 0))"
)


def template(server: Server, keeper: Connection[dict[str, Any]], model: Model, progress: Progress | None = None) -> str:
    """Return the name of the template of the model's schema and seed, built by one process when there is none."""
    digest = content_hash(model)
    wanted = f"{TEMPLATE}{digest}"
    if _is_there(keeper, wanted):
        return wanted
    keeper.execute("SET statement_timeout = 0")  # another process may be building it
    keeper.execute(f"SELECT pg_advisory_lock({_KEY})", [wanted])
    try:
        if not _is_there(keeper, wanted):
            _build(server, keeper, model, digest, progress)
            _forget_old(keeper)
    finally:
        keeper.execute(f"SELECT pg_advisory_unlock({_KEY})", [wanted])
    return wanted


def _is_there(keeper: Connection[dict[str, Any]], database: str) -> bool:
    return keeper.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone() is not None


def _build(
    server: Server, keeper: Connection[dict[str, Any]], model: Model, digest: str, progress: Progress | None
) -> None:
    building = f"{NEW}{digest}"
    drop(keeper, building)  # what a process that was killed left
    create_empty(server, keeper, building)
    try:
        with server.session(building) as connection:
            load_schema(connection, model, progress)
            load_seed(connection, model, progress)
            connection.execute("ANALYZE")
    except BaseException:
        drop(keeper, building)
        raise
    note(keeper, building, digest)
    _run(keeper, "ALTER DATABASE {} ALLOW_CONNECTIONS false", building)  # a template must have no other connection
    _run(keeper, "ALTER DATABASE {} RENAME TO {}", building, f"{TEMPLATE}{digest}")


def _forget_old(keeper: Connection[dict[str, Any]]) -> None:
    rows = keeper.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY oid DESC OFFSET %s",
        [TEMPLATE, TEMPLATES_KEPT],
    ).fetchall()
    for row in rows:
        drop(keeper, row["datname"])


def clone(
    server: Server, keeper: Connection[dict[str, Any]], model: Model, database: str, progress: Progress | None = None
) -> None:
    """Make ``database`` as a copy of the model's template. Raises DatabaseError when it is there already."""
    import psycopg

    for attempt in (1, 2):
        source = template(server, keeper, model, progress)
        try:
            _create(keeper, database, source)
        except psycopg.errors.InvalidCatalogName:  # another process dropped the template, for it was old
            if attempt == 2:
                raise
            continue
        break
    note(keeper, database, content_hash(model))


def create_empty(server: Server, keeper: Connection[dict[str, Any]], database: str) -> None:
    """Make an empty database where text sorts by code point, as DynamoDB sorts it. DatabaseError when it is there."""
    more = ""
    if server.lease is None:  # the embedded server's databases are made so anyway
        provider = " LOCALE_PROVIDER libc" if keeper.info.server_version >= 150_000 else ""
        more = f" ENCODING 'UTF8'{provider} LC_COLLATE 'C'"
    _create(keeper, database, "template0", more)


def _create(keeper: Connection[dict[str, Any]], database: str, source: str, more: str = "") -> None:
    import psycopg

    try:
        _run(keeper, "CREATE DATABASE {} TEMPLATE {}" + more, database, source)
    except psycopg.errors.DuplicateDatabase:
        raise StatementError(
            f"The database {database} is there already; `workbench db setup` makes it anew, "
            "`workbench db drop` drops it."
        ) from None
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseError(
            f"The server does not let this user make databases ({error.diag.message_primary}). "
            "Let an administrator run: ALTER ROLE ... CREATEDB."
        ) from None


def _run(keeper: Connection[dict[str, Any]], statement: str, *identifiers: str) -> None:
    from psycopg import sql

    keeper.execute(sql.SQL(statement).format(*map(sql.Identifier, identifiers)))


def note(keeper: Connection[dict[str, Any]], database: str, digest: str) -> None:
    """Write on a database which schema and seed it was made of."""
    from psycopg import sql

    keeper.execute(
        sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(database), sql.Literal(f"workbench {digest}"))
    )


def own(keeper: Connection[dict[str, Any]], database: str) -> None:
    """Hold the lock that says: this clone has a user, for as long as the connection is open."""
    keeper.execute(f"SELECT pg_advisory_lock({_KEY})", [database])


def sweep(keeper: Connection[dict[str, Any]]) -> list[str]:
    """Drop the clones whose users are gone; return their names, sorted."""
    import psycopg

    dead = sorted(row["datname"] for row in keeper.execute(_DEAD, [CLONE]).fetchall())
    for database in dead:
        try:
            drop(keeper, database, force=False)
        except psycopg.errors.ObjectInUse:  # its user lost the lock's connection, yet works on
            continue
        finally:
            keeper.execute(f"SELECT pg_advisory_unlock({_KEY})", [database])
    return dead
