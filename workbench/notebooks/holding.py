"""The engine and the PostgreSQL server held up while a run lasts, so that its notebooks find them and start none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

__all__ = ["hold_services"]


@contextmanager
def hold_services(engine: str, tell: Callable[[str], None]) -> Iterator[str]:
    """Open both at once and give the engine's title; let go at the end.

    What was not up before is stopped at the end, unless somebody else uses it by then or asked it to stay.

    ``tell`` is told of downloads. Raises EngineError or DatabaseError when one of them cannot be reached.
    """
    from workbench.engines import control, open_engine
    from workbench.engines.postgres_server import Server, find_server

    def progress(done: int, total: int, file: str) -> None:
        tell(f"fetching DynamoDB Local: {done} of {total} files")

    def postgres() -> Server:
        server = find_server()
        with server.session():
            return server

    up_before = {kind for kind in ("dynamodb-local", "moto", "postgres") if control.is_running(kind)}
    with ExitStack() as stack, ThreadPoolExecutor(2) as pool:
        opening = pool.submit(open_engine, engine, progress=progress)
        database = pool.submit(postgres)
        try:
            opened = opening.result()
            stack.callback(opened.close, end=opened.name not in up_before)
        finally:
            if database.exception() is None:
                stack.callback(database.result().close, end="postgres" not in up_before)
        database.result()
        yield opened.title
