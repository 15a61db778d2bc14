"""Faults: what boto3 raised, sorted by what may be done about it. Every room that asks again asks this module first.

- A **throttle**: the engine did nothing, since it was asked too fast or another transaction held the item. The same
  request may succeed a little later.
- A **server error**: a 5xx, with one of AWS's codes or without any (the page of a load balancer). The same request may
  succeed a little later too, but what was asked may be done already.
- **No answer**: the engine was not reached, or the connection broke. Whether it is done is not known.

Anything else is a refusal that stays one. The codes are those of the API references of DynamoDB and of DynamoDB
Streams under "Common Errors" and "Errors" of each operation, and ``Throttling``, which AWS sends for its own limits.
"""

from __future__ import annotations

__all__ = ["CONFLICTS", "SERVER_CODES", "THROTTLES", "boto_errors", "code_of", "is_server_error", "is_throttle",
           "is_unanswered"]  # fmt: skip

# Asked too fast. LimitExceededException is, of DynamoDB Streams, too many readers of one shard.
THROTTLES = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "Throttling",
        "ThrottlingException",
    }
)
CONFLICTS = frozenset({"TransactionConflictException", "TransactionInProgressException"})
SERVER_CODES = frozenset({"InternalFailure", "InternalServerError", "ServiceUnavailable"})
_SERVER_STATUS = 500


def boto_errors() -> tuple[type[Exception], ...]:
    """Return what boto3 raises: the engine's refusal, or a request that could not be made or was not answered."""
    from botocore.exceptions import BotoCoreError, ClientError

    return BotoCoreError, ClientError


def code_of(error: BaseException | None) -> str | None:
    """Return AWS's error code, "" for an answer without one, or None when it was not the engine that refused."""
    from botocore.exceptions import ClientError

    return str(error.response["Error"].get("Code", "")) if isinstance(error, ClientError) else None


def is_throttle(error: BaseException | None) -> bool:
    """Return whether nothing was done and the same request may succeed a little later."""
    return code_of(error) in THROTTLES | CONFLICTS


def is_server_error(error: BaseException | None) -> bool:
    """Return whether the server failed, be it without a code: what was asked may be done all the same."""
    from botocore.exceptions import ClientError

    if not isinstance(error, ClientError):
        return False
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)
    return status >= _SERVER_STATUS or code_of(error) in SERVER_CODES


def is_unanswered(error: BaseException | None) -> bool:
    """Return whether the engine was not reached, or broke off before its answer was whole."""
    from botocore.exceptions import ConnectionError as NotConnected
    from botocore.exceptions import HTTPClientError

    return isinstance(error, NotConnected | HTTPClientError)
