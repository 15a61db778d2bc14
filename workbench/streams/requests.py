"""Requests to DynamoDB Streams: throttles waited out, failures told in the workbench's errors."""

from __future__ import annotations

from typing import Any

from workbench.errors import EngineError, RequestError
from workbench.results import Backoff
from workbench.results.faults import code_of, is_server_error, is_throttle

__all__ = ["ask"]

_METHODS = {
    "DescribeStream": "describe_stream",
    "GetRecords": "get_records",
    "GetShardIterator": "get_shard_iterator",
}


def ask(client: Any, operation: str, place: str, backoff: Backoff, **kwargs: Any) -> dict[str, Any]:
    """Return the engine's answer; after throttles and errors of the server it is asked again.

    ``backoff`` says how often. Raises RequestError, whose ``code`` is AWS's, and EngineError where the engine did not
    answer. ``place`` names the stream or shard in their messages.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    for attempt in range(backoff.attempts):
        if attempt:
            backoff.wait(attempt)
        try:
            answer: dict[str, Any] = getattr(client, _METHODS[operation])(**kwargs)
        except ClientError as error:
            if _may_pass(error) and attempt + 1 < backoff.attempts:
                continue
            raise _refused(error, operation, place, backoff) from error
        except BotoCoreError as error:
            raise EngineError(
                f"{operation} on {place}: the engine did not answer: {error} Run it again when it is up; "
                "`workbench engine status` says whether it is."
            ) from error
        return answer
    raise AssertionError("a Backoff allows one attempt or more")


def _may_pass(error: BaseException) -> bool:
    return is_throttle(error) or is_server_error(error)


def _refused(error: Any, operation: str, place: str, backoff: Backoff) -> RequestError:
    code = code_of(error) or ""
    message = str(error.response["Error"].get("Message") or "no reason given").rstrip(".")
    tried = f" {backoff.attempts} attempts were made; run it again later." if _may_pass(error) else ""
    return RequestError(f"{operation} on {place}: {code}: {message}.{tried}", code=code, operation=operation)
