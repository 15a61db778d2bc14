"""Requests that work on items in bulk: sent as they are, failures told in the workbench's errors."""

from __future__ import annotations

from typing import Any

from workbench.errors import EngineError, RequestError, TableError, WorkbenchError
from workbench.results.faults import boto_errors, code_of, is_server_error, is_throttle, is_unanswered
from workbench.results.raw import method_of

__all__ = ["boto_errors", "code_of", "explained", "is_server_error", "is_throttle", "is_unanswered", "send"]


def explained(error: Exception, operation: str, table: str, told: str = "") -> WorkbenchError:
    """Return the workbench's error for what boto3 raised; ``told`` is a sentence on what was done before."""
    from botocore.exceptions import ParamValidationError

    code = code_of(error)
    place = f"{operation} on {table}"
    told = f"{told.strip()} " if told else ""
    if isinstance(error, ParamValidationError):
        words = f"{place} was not sent: {str(error).rstrip('.')}. {told}".rstrip()
        return RequestError(words, code="ParamValidationError", operation=operation)
    if code is None:
        return EngineError(
            f"{place}: the engine did not answer: {str(error).rstrip('.')}. {told}Run it again when the engine is up; "
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
    call = method_of(client, method)
    try:
        answer: dict[str, Any] = call(**kwargs)
    except boto_errors() as error:
        raise explained(error, operation, table) from error
    return answer
