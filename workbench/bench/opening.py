"""Opening a bench: a model on an engine, in a store of its own, with its relational database beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.bench.bench import Bench
from workbench.bench.fresh import new_session
from workbench.engines import open_engine
from workbench.errors import ModelError
from workbench.model import load_model
from workbench.plans import Clock, check_expressions

if TYPE_CHECKING:
    from workbench.model import Model


def open(  # noqa: A001 (the name a reader meets is wb.open)
    model: str | Path | Model,
    *,
    engine: str = "auto",
    store: str | None = None,
    clock: Clock | None = None,
    write: bool = False,
    **options: Any,
) -> Bench:
    """Return a bench: ``model`` on ``engine`` in an isolated store, empty until its schema is loaded and seeded.

    ``model`` is a name under data/models or a path. ``engine`` is ``auto`` (DynamoDB Local, or moto with a word
    of warning where it cannot be had), ``dynamodb-local``, ``moto``, ``aws`` or an endpoint URL. ``store`` names a
    store that others may open too. On ``aws`` nothing is written unless ``write`` is given with what the engine asks
    to have confirmed in ``options``.

    Raises ModelError for a broken model file, EngineError where the engine cannot be started or reached.
    """
    design = _design(model)
    chosen = open_engine(engine, write=write, **options)
    leased = chosen.lease(store)
    return Bench(design, chosen, leased, new_session(design, chosen, leased, clock or Clock.system(), database=store))


def _design(model: str | Path | Model) -> Model:
    design = load_model(model) if isinstance(model, str | Path) else model
    if problems := check_expressions(design):
        raise ModelError(problems)
    return design
