"""Requests that work on items in bulk: sent as they are, failures told in the workbench's errors."""

from __future__ import annotations

from typing import Any

from workbench.errors import EngineError, RequestError, TableError, WorkbenchError

THROTTLES = frozenset(
    {
        "InternalFailure",
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingException",
        "TransactionConflictException",
    }
)
SERVER_ERROR = 500


def boto_errors() -> tuple[type[Exception], ...]:
    """Return what boto3 raises: the engine's refusal, or a request that could not be made."""
    from botocore.exceptions import BotoCoreError, ClientError

    return BotoCoreError, ClientError


def code_of(error: BaseException) -> str | None:
    """Return AWS's error code, or None when it was not the engine that refused."""
    from botocore.exceptions import ClientError

    return str(error.response["Error"].get("Code", "")) if isinstance(error, ClientError) else None


def is_throttle(error: BaseException) -> bool:
    """Return whether the same request may succeed a little later."""
    return code_of(error) in THROTTLES or is_server_error(error)


def is_server_error(error: BaseException) -> bool:
    """Return whether the server failed, be it without a code (a load balancer's page): what was asked may be done."""
    from botocore.exceptions import ClientError

    if not isinstance(error, ClientError):
        return False
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0) >= SERVER_ERROR


def explained(error: Exception, operation: str, table: str, told: str = "") -> WorkbenchError:
    """Return the workbench's error for what boto3 raised; ``told`` is a sentence on what was done before."""
    code = code_of(error)
    place = f"{operation} on {table}"
    if code is None:
        return EngineError(
            f"{place}: the engine did not answer: {error} {told}Run it again when the engine is up; "
            f"`workbench engine status` says whether it is."
        )
    if code == "ResourceNotFoundException":
        return TableError(
            f"{place}: there is no such table in this store. {told}Load the schema first "
            f"(`workbench ddb schema-load MODEL`)."
        )
    message = str(error.response["Error"].get("Message") or "no reason given")  # type: ignore[attr-defined]
    if told:
        message = f"{message.rstrip('.')}. {told}"
    return RequestError(f"{place}: {code}: {message}".rstrip(), code=code, operation=operation)


def send(client: Any, method: str, operation: str, table: str, **kwargs: Any) -> dict[str, Any]:
    """Return the engine's answer. Raises TableError, RequestError or EngineError from boto3's own error."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer: dict[str, Any] = getattr(client, method)(**kwargs)
    except (BotoCoreError, ClientError) as error:
        raise explained(error, operation, table) from error
    return answer
