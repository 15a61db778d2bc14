"""What the command line does with named databases: create, drop, load schema and seed, all of it, look who is in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from workbench.engines.postgres_loading import Loaded, Progress, content_hash, load_schema, load_seed
from workbench.engines.postgres_server import OURS, Server, database_name, drop, find_server, names
from workbench.engines.postgres_templates import clone, create_empty, note, template
from workbench.errors import DatabaseError, UnknownNameError, did_you_mean
from workbench.model import Model, Rows

__all__ = [
    "create_database",
    "database_sessions",
    "drop_database",
    "keep_postgres",
    "load_database_schema",
    "named_databases",
    "seed_database",
    "setup_database",
]


@contextmanager
def _server(dsn: str | None) -> Iterator[Server]:
    import psycopg

    server = find_server(dsn)
    try:
        yield server
    except psycopg.Error as error:
        raise DatabaseError(f"{server.title} refused: {server.scrub(str(error).strip())}") from None
    finally:
        server.close()


def keep_postgres(dsn: str | None = None) -> bool:
    """Let the embedded server stay until ``workbench engine stop``; False when the server is the user's own."""
    with _server(dsn) as server:
        if server.lease is None:
            return False
        server.lease.keep()
        return True


def create_database(model: Model, name: str = "default", *, dsn: str | None = None) -> str:
    """Make an empty named database and return what it is called on the server. DatabaseError when it is there."""
    database = database_name(model.name, name)
    with _server(dsn) as server, server.session() as connection:
        create_empty(server, connection, database)
    return database


def drop_database(model: Model, name: str = "default", *, dsn: str | None = None) -> str:
    """Drop a named database, cutting off its sessions; return what it was called. UnknownNameError when not there."""
    database = database_name(model.name, name)
    with _server(dsn) as server, server.session() as connection:
        _must_be_there(names(connection), database)
        drop(connection, database)
    return database


def _must_be_there(known: list[str], database: str) -> None:
    if database not in known:
        named = [each for each in known if not each.startswith(f"{OURS}_")]
        raise UnknownNameError(
            f"There is no database {database}. {did_you_mean(database, named)} `workbench db setup` makes it."
        )


def load_database_schema(
    model: Model, name: str = "default", *, dsn: str | None = None, progress: Progress | None = None
) -> list[Loaded]:
    """Run the model's schema files in a named database, all or nothing; return them in order."""
    database = database_name(model.name, name)
    with _server(dsn) as server:
        _must_be_there(server.names(), database)
        with server.session(database) as connection:
            return load_schema(connection, model, progress)


def seed_database(
    model: Model, name: str = "default", *, dsn: str | None = None, progress: Progress | None = None
) -> list[Loaded]:
    """Run the model's seed in a named database, all or nothing; return its files with the rows of each, in order."""
    database = database_name(model.name, name)
    with _server(dsn) as server:
        _must_be_there(server.names(), database)
        with server.session(database) as connection:
            loaded = load_seed(connection, model, progress)
            note(connection, database, content_hash(model))
    return loaded


def setup_database(
    model: Model, name: str = "default", *, dsn: str | None = None, progress: Progress | None = None
) -> list[str]:
    """Make a named database anew, whatever was in it, with schema and seed; return the files that it is made of.

    The old one is dropped only when the new schema and seed have been loaded without an error.
    """
    if model.database is None:
        raise DatabaseError(f"The model {model.name!r} declares no database; add `database:` to {model.path.name}.")
    database = database_name(model.name, name)
    with _server(dsn) as server, server.session() as connection:
        template(server, connection, model, progress)
        drop(connection, database)
        clone(server, connection, model, database, progress)
    parts = (*model.database.schema, *model.database.seed)
    return [part.path.name if isinstance(part, Rows) else part.path for part in parts]


def named_databases(*, dsn: str | None = None) -> list[str]:
    """Return the named databases of the server, sorted."""
    with _server(dsn) as server:
        return [each for each in server.names() if not each.startswith(f"{OURS}_")]


def database_sessions(*, dsn: str | None = None) -> list[dict[str, Any]]:
    """Return who is connected to the workbench's databases: database, pid, user, application, client, state, query."""
    with _server(dsn) as server:
        return server.sessions()
