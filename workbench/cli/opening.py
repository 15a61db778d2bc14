"""Opening what a command works on: the named store ``default``, which stays from one command to the next."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from workbench.cli.output import progress_bar, remark

if TYPE_CHECKING:
    from workbench.bench import Bench
    from workbench.engines import Engine, Store
    from workbench.model import Model

__all__ = [
    "DEFAULT", "confirmation", "default_bench", "default_client", "default_engine", "default_store", "fresh_bench",
    "keep", "keep_database",
]  # fmt: skip

DEFAULT = "default"


def confirmation(engine: str, *, write: bool, confirm: str | None, tables: list[str] | None = None) -> dict[str, Any]:
    """Return the options of ``open_engine`` that allow or refuse writing; on AWS the account and tables are asked for.

    Nothing is asked where there is nobody to answer: the engine then refuses, and says what to confirm.
    """
    if engine != "aws":
        return {}
    if write and confirm is None and sys.stdin.isatty():
        remark("This writes to AWS.")
        account = click.prompt("Type the account's 12 digits", err=True)
        named = f" ({', '.join(tables)})" if tables else ""
        typed = click.prompt(f"Type the exact names of the tables to write to, separated by commas{named}", err=True)
        confirm = f"{account.strip()}:{','.join(part.strip() for part in typed.split(','))}"
    return {"write": write, "confirm": confirm}


def _open_engine(engine: str, options: dict[str, Any], *, announce: bool = True) -> Engine:
    from workbench.engines import open_engine

    with progress_bar("DynamoDB Local", unit="files") as advance:
        opened = open_engine(engine, progress=advance, **options)
    if announce and (opened.fallback_reason or not opened.is_near or "SHARED" in opened.title):
        remark(opened.title)
    return opened


def keep(engine: Engine) -> None:
    """Let a server of the workbench run on after this command, and say so where that is new."""
    from workbench.engines import Engine as Hosted
    from workbench.engines import engine_start, engine_status

    if type(engine) is not Hosted:  # AWS, or somebody else's server
        return
    if not any(status.kept for status in engine_status((engine.name,))):
        engine_start(engine.name)
        remark(f"{engine.title} keeps running with the store {DEFAULT!r}; `workbench engine stop` ends it.")


def keep_database() -> None:
    """Let the embedded PostgreSQL run on after this command, and say so where that is new."""
    from workbench.engines import engine_status, keep_postgres

    if not any(status.kept for status in engine_status(("postgres",))) and keep_postgres():
        remark("PostgreSQL keeps running; `workbench engine stop` ends it.")


@contextmanager
def default_client(engine: str, options: dict[str, Any]) -> Iterator[Any]:
    """Give a client of the store ``default`` for as long as a ``with`` block runs; the engine then runs on."""
    with default_store(engine, options) as store:
        yield store.client()


@contextmanager
def default_engine(engine: str, options: dict[str, Any]) -> Iterator[tuple[Engine, Any]]:
    """Give the engine and a client of its store ``default`` for as long as a ``with`` block runs; it then runs on."""
    with default_store(engine, options) as store:
        yield store.engine, store.client()


@contextmanager
def default_store(engine: str, options: dict[str, Any]) -> Iterator[Store]:
    """Give the store ``default`` for as long as a ``with`` block runs; the engine then runs on."""
    with _open_engine(engine, options) as opened, opened.lease(DEFAULT) as store:
        keep(opened)
        yield store


@contextmanager
def default_bench(model: Model, engine: str, options: dict[str, Any]) -> Iterator[Bench]:
    """Give a bench on the store and the database ``default``, which stay when the command ends."""
    with _open_engine(engine, options) as opened, _bench(model, opened, DEFAULT) as bench:
        keep(opened)
        if model.database is not None:
            keep_database()
            _warn_of_old_database(bench)
        yield bench


def _warn_of_old_database(bench: Bench) -> None:
    if bench.database.outdated:
        remark(
            f"The database {DEFAULT!r} was made of another schema or seed than {bench.model.path.name} has now; "
            f"`workbench db setup {bench.model.name}` makes it anew."
        )


@contextmanager
def fresh_bench(model: Model, engine: str, *, announce: bool = True) -> Iterator[Bench]:
    """Give a bench in an empty store of its own, gone when the ``with`` block ends.

    An engine that is not the usual one is remarked, unless ``announce`` is off: what is printed then names it.
    """
    with _open_engine(engine, {}, announce=announce) as opened, _bench(model, opened, None) as bench:
        yield bench


@contextmanager
def _bench(model: Model, engine: Engine, name: str | None) -> Iterator[Bench]:
    from workbench.bench import Bench
    from workbench.engines import open_database
    from workbench.plans import Clock
    from workbench.results import Session

    database = open_database(model, name=name) if model.database else None
    with engine.lease(name) as store:
        session = Session(model=model, client=store.client(), database=database, engine=engine, clock=Clock.system())
        with Bench(model, engine, store, session) as bench:
            yield bench
