"""Sessions: a model, a client for one store, and the relational database beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from workbench import seeding
from workbench.engines.postgres import open_database
from workbench.errors import UsageError
from workbench.results import Session

if TYPE_CHECKING:
    from workbench.engines import Engine, Store
    from workbench.model import Model
    from workbench.plans import Clock


def new_session(model: Model, engine: Engine, store: Store, clock: Clock, *, database: str | None = None) -> Session:
    """Return a session in ``store``, as it is, with a database of the given name or a clone of its own."""
    relational = open_database(model, name=database) if model.database else None
    return Session(model=model, client=store.client(), database=relational, engine=engine, clock=clock)


@contextmanager
def fresh_session(model: Model, engine: Engine, clock: Clock) -> Iterator[Session]:
    """Give a session in an empty store of its own, with schema loaded and seeded, for as long as the block runs."""
    with engine.lease() as store:
        if not store.isolated:
            raise UsageError(
                f"{engine.title}: its tables are everybody's, and examples write: they need a store of their own. "
                "Use the engine dynamodb-local, or start the endpoint's server without -sharedDb."
            )
        session = new_session(model, engine, store, clock)
        try:
            seeding.load_schema(session.client, model)
            seeding.seed(session)
            yield session
        finally:
            if session.database is not None:
                session.database.close()
