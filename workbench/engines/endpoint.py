"""An endpoint that runs already: a container, a server of a team, anything that speaks DynamoDB's protocol.

Whether it keeps each access key id's tables apart is tried out when it is opened. If it does, stores are unguessable
key ids from a pool that the processes of this user share; each is emptied before it is handed out. If it does not,
everybody sees the same tables, and only tables that were created here are ever dropped.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from workbench.engines.clients import make_client
from workbench.engines.engine import LEASE_SECONDS, Engine, Store
from workbench.engines.state import state_dir, whole_number, write_private
from workbench.errors import EngineError, GuardError, UsageError

if TYPE_CHECKING:
    from filelock import BaseFileLock

__all__ = ["EndpointEngine", "EndpointStore", "SharedStore", "is_near", "open_endpoint"]

REGION = "us-east-1"
DEFAULT_STORES = 32
PROBE = "workbench-probe-"
_AWS_HOSTS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")


class EndpointEngine(Engine):
    """A server at a URL. ``separates`` says whether it keeps each access key id's tables apart."""

    def __init__(self, url: str, *, name: str, title: str, separates: bool) -> None:
        super().__init__(name, title=title, endpoint=url, is_near=is_near(url), exact_capacity=name == "dynamodb-local")
        self.separates = separates

    def lease(self, name: str | None = None, *, wait: float = LEASE_SECONDS) -> Store:
        """Return an empty store of one's own, or the named one; on a shared endpoint always the one that all share.

        Raises EngineError when no store of the pool came free in ``wait`` seconds.
        """
        if not self.separates:
            return SharedStore(self, {"access_key": "workbench", "region": REGION}, name=name)
        if name is not None:
            return EndpointStore(self, _facts(self._folder / f"named-{_digest(name)}.json"), name=name)
        lock, facts = self._free(wait)
        store = EndpointStore(self, facts, lock=lock)
        try:
            store.empty()  # its last user may have been killed
        except BaseException:
            store.release()
            raise
        return store

    @property
    def _folder(self) -> Path:
        folder = state_dir() / "endpoints" / _digest(self.endpoint)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def _free(self, wait: float) -> tuple[BaseFileLock, dict[str, Any]]:
        """The first store that nobody holds. The kernel frees the lock of a process that was killed."""
        import filelock

        most = whole_number("WORKBENCH_STORES", DEFAULT_STORES)
        until = time.monotonic() + wait
        while True:
            for number in range(most):
                lock = filelock.FileLock(self._folder / f"{number:03d}.lock", thread_local=False)
                try:
                    lock.acquire(timeout=0)
                except filelock.Timeout:
                    continue
                return lock, _facts(self._folder / f"{number:03d}.json")
            if time.monotonic() > until:
                raise EngineError(
                    f"all {most} stores at {self.endpoint} are in use, and none came back in {wait:g} s; release one "
                    "(close a bench, or shut down a kernel), or set WORKBENCH_STORES to a higher number."
                )
            time.sleep(0.2)

    def explain_failure(self) -> str:
        """Return what to look at when a request did not reach the endpoint."""
        return f"nothing answers at {self.endpoint}: start the server, or give another URL."


class EndpointStore(Store):
    """The tables of one access key id on an endpoint that keeps them apart."""

    def __init__(
        self, engine: Engine, facts: dict[str, Any], *, name: str | None = None, lock: BaseFileLock | None = None
    ) -> None:
        super().__init__(engine, facts, name=name)
        self._held = lock

    @property
    def isolated(self) -> bool:
        """Whether nobody else sees this store: an unnamed one."""
        return self.name is None

    def _check(self, **_event: Any) -> None:
        """Raise EngineError when the store was released: its key may be another's by now."""
        if self.name is None and (self._held is None or not self._held.is_locked):
            raise EngineError(f"{self.engine.title}: this store was released; open the bench again.")

    def release(self) -> None:
        """Give the store back; it is emptied before the next one gets it. Twice does no harm."""
        if self._held is not None:
            self._held.release()


class SharedStore(Store):
    """The tables of an endpoint where everybody sees the same ones. Only those created here are dropped."""

    @property
    def isolated(self) -> bool:
        """Never."""
        return False

    def _make_client(self, service: str, config: dict[str, Any]) -> Any:
        client = make_client(service, self.engine.endpoint, self.facts, **config)
        client.meta.events.register("after-call.dynamodb.CreateTable", self._remember)
        client.meta.events.register("before-call.dynamodb.DeleteTable", self._only_own)
        return client

    def empty(self) -> int:
        """Drop the tables that were created here and are still the same; return how many there were."""
        client, dropped = self.client(), 0
        for name in self._created():
            if self._is_own(name):
                client.delete_table(TableName=name)
                dropped += 1
        self._write({})
        return dropped

    @property
    def _path(self) -> Path:
        folder = state_dir() / "endpoints"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder / f"{_digest(self.engine.endpoint)}.created.json"

    def _created(self) -> dict[str, str]:
        try:
            found = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self, created: Mapping[str, str]) -> None:
        write_private(self._path, dict(created))

    def _remember(self, parsed: Mapping[str, Any], **_: Any) -> None:
        table = parsed.get("TableDescription")
        if table:
            with _lock(self._path):
                self._write(self._created() | {table["TableName"]: _birth(table)})

    def _only_own(self, params: Mapping[str, Any], **_: Any) -> None:
        name = json.loads(params["body"])["TableName"]
        if not self._is_own(name):
            raise GuardError(
                f"The table {name} was left alone: {self.engine.endpoint} is shared, and the workbench did not "
                "create it."
            )

    def _is_own(self, name: str) -> bool:
        """Whether the table that is there now is the very one created here, told by its creation time."""
        known = self._created().get(name)
        if known is None:
            return False
        client = make_client("dynamodb", self.engine.endpoint, self.facts)
        try:
            return _birth(client.describe_table(TableName=name)["Table"]) == known
        except client.exceptions.ResourceNotFoundException:
            return True  # the request itself then says that it is not there
        except client.exceptions.ClientError:
            return False


def open_endpoint(url: str) -> EndpointEngine:
    """Return the server at a URL, after trying out whether it keeps access key ids apart.

    UsageError for a URL that cannot be one, holds a password, or is AWS's own; EngineError when nothing answers there.
    """
    address = _checked(url)
    separates, is_dynamodb_local = _probe(address)
    what = "DynamoDB Local" if is_dynamodb_local else "endpoint"
    title = f"{what} at {address}"
    if not separates:
        title += ": SHARED, everybody sees the same tables, and examples are not kept apart"
    return EndpointEngine(
        address, name="dynamodb-local" if is_dynamodb_local else "endpoint", title=title, separates=separates
    )


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or parts.scheme not in ("http", "https") or port == 0:
        raise UsageError(f"{url!r} is no endpoint; write http://HOST:PORT, for example http://localhost:8000.")
    if parts.username or parts.password:
        raise UsageError("An endpoint's URL must not hold a user or a password.")
    if host.endswith(_AWS_HOSTS):
        raise UsageError(f"{host} is AWS itself; open it as the engine 'aws', which is guarded.")
    return url.rstrip("/")


def is_near(url: str) -> bool:
    """Return whether the host of a URL is this machine or a private one, where requests cost nothing."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost" or "." not in host or host.endswith((".local", ".internal", ".localhost"))


def _probe(url: str) -> tuple[bool, bool]:
    """Create a table under one random key id and look for it under another."""
    from botocore.exceptions import BotoCoreError, ClientError

    table = f"{PROBE}{secrets.token_hex(8)}"
    config = {"connect_timeout": 3, "read_timeout": 15, "retries": {"total_max_attempts": 2}}
    one, other = (make_client("dynamodb", url, _new_facts(), **config) for _ in range(2))
    try:
        answer = one.create_table(
            TableName=table,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        try:
            separates = not _sees(other, table)
        finally:
            one.delete_table(TableName=table)
    except ClientError as error:
        raise EngineError(f"{url} does not let the workbench create a table: {error}") from error
    except BotoCoreError as error:
        raise EngineError(
            f"Nothing that speaks DynamoDB's protocol answers at {url}: {error}. Start the server, or give another URL."
        ) from error
    server = answer["ResponseMetadata"].get("HTTPHeaders", {}).get("server", "")
    return separates, server.startswith("Jetty")


def _sees(client: Any, table: str) -> bool:
    try:
        client.describe_table(TableName=table)
    except client.exceptions.ResourceNotFoundException:
        return False
    return True


def _new_facts() -> dict[str, Any]:
    return {"access_key": f"wb{secrets.token_hex(12)}", "region": REGION}


def _facts(path: Path) -> dict[str, Any]:
    """The key id of a store, made when it is asked for the first time; two that ask at one moment get the same."""
    with _lock(path):
        try:
            found = json.loads(path.read_text())
            return {"access_key": str(found["access_key"]), "region": str(found["region"])}
        except (OSError, ValueError, KeyError, TypeError):
            facts = _new_facts()
            write_private(path, facts)
            return facts


def _lock(path: Path) -> BaseFileLock:
    import filelock

    return filelock.FileLock(path.with_suffix(".file.lock"), timeout=10)


def _birth(table: Mapping[str, Any]) -> str:
    return str(table.get("TableId") or table["CreationDateTime"].timestamp())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
