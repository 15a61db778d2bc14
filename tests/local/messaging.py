"""The messaging model, seeded, in a store and a database of a test's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from workbench.engines import Engine, Store, open_database
from workbench.model import load_model
from workbench.plans import Clock
from workbench.results import Session
from workbench.seeding import load_schema, seed


@contextmanager
def seeded_session(engine: Engine, store: Store) -> Iterator[Session]:
    """Give a session on the seeded model, at a fixed time; its database is closed at the end."""
    model = load_model("messaging")
    with open_database(model) as database:
        made = Session(model, store.client(), database, engine, Clock.fixed())
        load_schema(made.client, model)
        seed(made)
        yield made
