"""What a reader of the workbench holds: an Engine where tables live, and Stores of it that are one's own.

``Engine`` and ``Store`` here are those whose server the workbench runs itself (``dynamodb-local``, ``moto``); engines
that run elsewhere (aws.py, endpoint.py) are subclasses.
"""

from __future__ import annotations

import os
from types import TracebackType
from typing import Any, Self

from workbench.engines import control
from workbench.engines.clients import empty, make_client
from workbench.engines.dynamodb_local import find_java
from workbench.engines.installation import Installation, Progress, find_installation
from workbench.engines.installation import install as install_jars
from workbench.engines.lease import HostGoneError, Lease
from workbench.errors import EngineError, UnknownNameError, did_you_mean

__all__ = [
    "ENGINES",
    "Engine",
    "Store",
    "engine_start",
    "engine_status",
    "engine_stop",
    "install",
    "open_engine",
]

ENGINES = ("auto", "aws", "dynamodb-local", "moto")
HOSTED = ("dynamodb-local", "moto")
LEASE_SECONDS = 15.0


class Store:
    """Tables of one's own on an engine. Also a context manager: leaving it releases the store."""

    def __init__(self, engine: Engine, facts: dict[str, Any], *, name: str | None = None, lease: Lease | None = None):
        self.engine = engine
        self.name = name
        self.facts = facts
        self._lease = lease

    def __repr__(self) -> str:
        return f"<Store {self.name or 'of its own'} on {self.engine.title}>"

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

    ``is_local``: it runs on this machine and costs nothing, so shadow reads are free. ``exact_capacity``: its capacity
    figures follow the data (with known defects, see defects.py). ``fallback_reason``: why it is not the engine that
    ``auto`` would rather have opened, or None.
    """

    def __init__(
        self,
        name: str,
        *,
        title: str,
        endpoint: str,
        is_local: bool = True,
        exact_capacity: bool = True,
        fallback_reason: str | None = None,
        hold: Lease | None = None,
    ) -> None:
        self.name = name
        self.title = title
        self.endpoint = endpoint
        self.is_local = is_local
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

    def close(self) -> None:
        """Let go of the server; it ends when nobody else uses it. Stores that are still leased keep it."""
        if self._hold is not None:
            self._hold.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_engine(
    name: str = "auto",
    *,
    write: bool = False,
    port: int | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> Engine:
    """Return the engine of that name, started when need be: one of ENGINES, or the URL of an endpoint.

    ``auto`` is ``WORKBENCH_DYNAMODB_ENDPOINT`` when that is set, else DynamoDB Local, else (no jars and no network, or
    no Java) moto, which then says why in ``title`` and ``fallback_reason``. ``write`` and ``options`` are for ``aws``.
    ``progress`` is told of jars being fetched. Raises EngineError when it cannot be reached or started.
    """
    if name == "auto":
        return _open_auto(port, progress)
    if name in HOSTED:
        return _open_hosted(name, port=port, progress=progress)
    if name == "aws":
        from workbench.engines.aws import open_aws

        return open_aws(write=write, **options)
    if name.startswith(("http://", "https://")):
        from workbench.engines.endpoint import open_endpoint

        return open_endpoint(name)
    raise UnknownNameError(f"There is no engine {name!r}. {did_you_mean(name, ENGINES)} An endpoint's URL works too.")


def _open_auto(port: int | None, progress: Progress | None) -> Engine:
    if endpoint := os.environ.get("WORKBENCH_DYNAMODB_ENDPOINT"):
        return open_engine(endpoint)
    reason = None if control.is_running("dynamodb-local") else _missing(progress)
    if reason is None:
        return _open_hosted("dynamodb-local", port=port, progress=progress)
    return _open_hosted("moto", port=port, fallback_reason=reason)


def _missing(progress: Progress | None) -> str | None:
    """What DynamoDB Local lacks on this machine, or None. One that is there and does not start is an error instead."""
    try:
        find_java()
        install(progress)
    except EngineError as error:
        return str(error)
    return None


def _open_hosted(
    kind: str, *, port: int | None = None, progress: Progress | None = None, fallback_reason: str | None = None
) -> Engine:
    if kind == "dynamodb-local" and not control.is_running(kind):
        install(progress)
    hold = control.connect(kind, port=port)
    return Engine(
        kind,
        title=_title(kind, hold.facts, fallback_reason),
        endpoint=hold.facts["endpoint"],
        exact_capacity=kind == "dynamodb-local",
        fallback_reason=fallback_reason,
        hold=hold,
    )


def _title(kind: str, facts: dict[str, Any], fallback_reason: str | None) -> str:
    if kind == "dynamodb-local":
        return f"DynamoDB Local {facts['version']}"
    title = f"moto {facts['version']}: small data only, its capacity figures are constants"
    if fallback_reason is None:
        return title
    return f"{title}. FALLBACK, DynamoDB Local could not be used: {fallback_reason.splitlines()[0]}"


def install(progress: Progress | None = None) -> Installation:
    """Return DynamoDB Local's installation, fetching it when there is none; ``progress(done, total, file)`` is told.

    Raises EngineError when it cannot be fetched.
    """
    return find_installation() or install_jars(progress)


def engine_start(
    kind: str = "dynamodb-local",
    *,
    port: int | None = None,
    keep: bool = True,
    progress: Progress | None = None,
) -> control.HostStatus:
    """Start the engine, or find it, and let it stay until ``engine_stop`` when ``keep``; return its status.

    Raises EngineError when it cannot be started, or runs on another port than the one asked for.
    """
    if kind not in HOSTED:
        raise UnknownNameError(f"There is no engine {kind!r} to start. {did_you_mean(kind, HOSTED)}")
    with _open_hosted(kind, port=port, progress=progress) as engine:
        if keep and engine._hold is not None:
            engine._hold.keep()
    status = control.status(kind)
    if status is None:
        raise EngineError(f"{kind} ended right after its start: {engine.explain_failure()}")
    return status


def engine_stop(kinds: tuple[str, ...] = (*HOSTED, "postgres")) -> list[control.HostStatus]:
    """Stop every server that the workbench runs, whoever uses it; return what each was, in the order of ``kinds``."""
    return [stopped for kind in kinds if (stopped := control.stop(kind)) is not None]


def engine_status(kinds: tuple[str, ...] = (*HOSTED, "postgres")) -> list[control.HostStatus]:
    """Return the status of every server that the workbench runs, in the order of ``kinds``."""
    return [found for kind in kinds if (found := control.status(kind)) is not None]
