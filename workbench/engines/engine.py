"""What a reader of the workbench holds: an Engine where tables live, and Stores of it that are one's own.

``Engine`` and ``Store`` here are those whose server the workbench runs itself (``dynamodb-local``, ``moto``); engines
that run elsewhere (aws.py, endpoint.py) are subclasses.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from workbench.engines.clients import empty, environment, make_client
from workbench.engines.lease import HostGoneError, Lease
from workbench.errors import EngineError

__all__ = ["ENGINES", "HOSTED", "Engine", "Store"]

HOSTED = ("dynamodb-local", "moto")  # what the workbench runs itself
ENGINES = ("auto", "aws", *HOSTED)
LEASE_SECONDS = 15.0


class Store:
    """Tables of one's own on an engine. Also a context manager: leaving it releases the store."""

    def __init__(self, engine: Engine, facts: dict[str, Any], *, name: str | None = None, lease: Lease | None = None):
        self.engine = engine
        self.name = name
        self.facts = facts
        self._lease = lease

    def __repr__(self) -> str:
        which = f"Store {self.name}" if self.name else "Store of its own" if self.isolated else "Shared store"
        return f"<{which} on {self.engine.title}>"

    @property
    def isolated(self) -> bool:
        """Whether nobody else sees this store: an unnamed one of an engine that the workbench runs."""
        return self._lease is not None and self.name is None

    def client(self, **config: Any) -> Any:
        """Return a boto3 DynamoDB client for this store; ``config`` overrides settings of botocore's Config."""
        return self._make_client("dynamodb", config)

    def streams_client(self, **config: Any) -> Any:
        """Return a boto3 client for the streams of this store's tables."""
        return self._make_client("dynamodbstreams", config)

    def environment(self) -> dict[str, str]:
        """Return environment variables with which a plain ``boto3.client("dynamodb")`` reaches this store.

        For a process of its own, as long as the store is held: with them nothing of the user's AWS set-up is read.
        """
        return environment(self.engine.endpoint, self.facts)

    def _make_client(self, service: str, config: dict[str, Any]) -> Any:
        self._check()
        client = make_client(service, self.engine.endpoint, self.facts, **config)
        client.workbench_store = self  # a client that is in use keeps its store from being taken back
        client.meta.events.register_first("before-call", self._check)
        client.meta.events.register_first("needs-retry", self._check_after)
        return client

    def _check(self, **_event: Any) -> None:
        """Raise EngineError when the store is not ours any more: its keys may be another's by now."""
        if self._lease is not None and not self._lease.is_alive():
            raise self._lease.failure(f"{self.engine.name}: this store is gone")

    def _check_after(self, caught_exception: Exception | None = None, **_event: Any) -> None:
        """Raise EngineError when a request failed because the server died under it, instead of trying it again."""
        if caught_exception is not None and self._lease is not None and self._lease.is_gone():
            raise self._lease.failure(f"{self.engine.name} died during a request") from caught_exception

    def empty(self) -> int:
        """Delete every table of the store, those with deletion protection too; return how many there were."""
        return empty(self.client())

    def release(self) -> None:
        """Give the store back; an unnamed one is emptied and used again, a named one stays. Twice does no harm."""
        if self._lease is not None:
            self._lease.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class Engine:
    """Where tables live. ``endpoint`` is its URL, ``facts`` what its server said at its start.

    ``is_near``: reads made to measure cost nothing here, since it is on this machine or in a private network.
    ``exact_capacity``: its capacity figures follow the data (with known defects, see defects.py).
    ``fallback_reason``: why it is not the engine that ``auto`` would rather have opened, or None.
    """

    def __init__(
        self,
        name: str,
        *,
        title: str,
        endpoint: str,
        is_near: bool = True,
        exact_capacity: bool = True,
        fallback_reason: str | None = None,
        hold: Lease | None = None,
    ) -> None:
        self.name = name
        self.title = title
        self.endpoint = endpoint
        self.is_near = is_near
        self.exact_capacity = exact_capacity
        self.fallback_reason = fallback_reason
        self.facts: dict[str, Any] = hold.facts if hold else {}
        self._hold = hold

    def __repr__(self) -> str:
        return f"<Engine {self.title}>"

    def lease(self, name: str | None = None, *, wait: float = LEASE_SECONDS) -> Store:
        """Return an empty store of one's own, or the named one, which stays as it is while the server runs.

        A named store may be leased by several. Raises EngineError when the server is gone, or when no store of the pool
        came free in ``wait`` seconds.
        """
        if self._hold is None:
            raise EngineError(f"{self.name}: this engine leases no stores")
        try:
            lease = Lease(self._hold.state)
        except HostGoneError as cause:
            raise self._hold.failure(f"{self.name}: no store can be leased") from cause
        try:
            store = lease.take_store(name, wait=wait)
        except BaseException:
            lease.release()
            raise
        return Store(self, store, name=name, lease=lease)

    def explain_failure(self) -> str:
        """Return, after a request to the engine failed, why: whether its server is gone, and its last log lines."""
        if self._hold is None:
            return f"{self.title} at {self.endpoint} could not be reached."
        return self._hold.explain()

    def is_alive(self) -> bool:
        """Say whether the server that this engine was opened on still runs."""
        return self._hold is None or self._hold.is_alive()

    def close(self, *, end: bool = False) -> None:
        """Let go of the server; it ends a while after nobody uses it any more, with ``end`` at once.

        Stores that are still leased keep it, and so does `workbench engine start`.
        """
        if self._hold is not None:
            (self._hold.finish if end else self._hold.release)()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
