"""Opening engines by name, and starting and stopping the servers that the workbench runs itself."""

from __future__ import annotations

import os
from typing import Any

from workbench.engines import control
from workbench.engines.dynamodb_local import find_java
from workbench.engines.engine import ENGINES, HOSTED, Engine
from workbench.engines.installation import Installation, Progress, find_installation
from workbench.engines.installation import install as install_jars
from workbench.errors import EngineError, UnknownNameError, did_you_mean

__all__ = ["engine_start", "engine_status", "engine_stop", "install", "open_engine"]


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
    if os.environ.get("WORKBENCH_DYNAMODB_LOCAL"):
        find_installation()  # a folder that was named and is wrong is an error, not a reason for another engine
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
