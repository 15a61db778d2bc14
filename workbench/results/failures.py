"""Failures of a request, in words: what happened, to which table and key, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.errors import EngineError, RequestError, TableError, WorkbenchError
from workbench.results.faults import CONFLICTS, THROTTLES, is_server_error
from workbench.results.touches import touches

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

    from workbench.plans import Request
    from workbench.results.session import Session

__all__ = ["explained", "is_unmet", "may_pass"]

_PASSING = frozenset({"None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
_WHO = ("AccessDeniedException", "UnrecognizedClientException", "ExpiredTokenException", "InvalidSignatureException")
_UNSURE = ". The server failed, and what was asked may be done all the same; look before you ask again"
_SCHEMA_AGAIN = (
    "the store's table is older than the model: bench.drop_schema(), then bench.load_schema() and bench.seed() "
    "(`workbench ddb drop MODEL`, `schema-load MODEL`, `seed MODEL`)"
)


def reasons(error: RequestError) -> list[str]:
    """Return why a transaction was cancelled, one of AWS's words for each action; empty for any other error."""
    response = getattr(error.__cause__, "response", None) or {}
    return [str(each.get("Code", "None")) for each in response.get("CancellationReasons") or []]


def may_pass(error: RequestError, request: Request) -> bool:
    """Return whether the same request may succeed a little later, and does no harm then.

    After a throttle or a conflict nothing was written. After an error of the server it may be, so only what comes to
    the same when it is done twice is sent again.
    """
    if is_server_error(error.__cause__):
        return _is_repeatable(request)
    if error.code == "TransactionCanceledException":
        said = set(reasons(error))
        return said <= _PASSING and said != {"None"} and bool(said)
    return error.code in THROTTLES | CONFLICTS


def _is_repeatable(request: Request) -> bool:
    """Say whether a request done twice leaves what it leaves done once, and is not refused for the first time."""
    if request.operation == "TransactWriteItems":
        return "ClientRequestToken" in request.kwargs
    whole = request.operation in ("PutItem", "DeleteItem", "BatchWriteItem")
    return whole and "ConditionExpression" not in request.kwargs


def is_unmet(error: RequestError) -> bool:
    """Return whether a condition of the request did not hold, so that nothing was written."""
    if error.code == "TransactionCanceledException":
        return "ConditionalCheckFailed" in reasons(error)
    return error.code == "ConditionalCheckFailedException"


def explained(error: Exception, request: Request, session: Session, name: str) -> WorkbenchError:
    """Return the error of the workbench's tree for what boto3 raised while pattern ``name`` sent ``request``."""
    from botocore.exceptions import ClientError, ParamValidationError

    if isinstance(error, ClientError):
        return _refused(error, request, session, name)
    if isinstance(error, ParamValidationError):
        message = f"{name}: {request.operation} was not sent: {error}"
        return RequestError(message, code="ParamValidationError", operation=request.operation)
    return EngineError(f"{name}: {request.operation} could not be sent. {_engine_words(error, session)}")


def _engine_words(error: Exception, session: Session) -> str:
    explain = getattr(session.engine, "explain_failure", None)
    return str(explain()) if explain is not None else f"{error} Is the engine up? `workbench engine status` says."


def _refused(error: ClientError, request: Request, session: Session, name: str) -> WorkbenchError:
    code = str(error.response["Error"].get("Code", ""))
    message = str(error.response["Error"].get("Message") or error.response.get("message") or "no reason given")
    place = f"{name}: {request.operation}"
    if code == "ResourceNotFoundException":
        tables = " or ".join(repr(table) for table in _tables(request))
        cure = "bench.load_schema() creates it (`workbench ddb schema-load MODEL`)"
        return TableError(f"{place}: no table {tables} in this store; {cure}")
    if code == "TransactionCanceledException":
        text = _cancelled(error, request, session, place)
    elif code == "ConditionalCheckFailedException":
        text = f"{place}: the condition does not hold: {_conditions(request, session)}. Nothing was written by it"
    else:
        unsure = _UNSURE if is_server_error(error) else ""
        text = f"{place}: {code}: {message}{_cure(code, message, request)}{unsure}"
    return RequestError(text, code=code, operation=request.operation)


def _tables(request: Request) -> list[str]:
    kwargs = request.kwargs
    if "TableName" in kwargs:
        return [kwargs["TableName"]]
    if "RequestItems" in kwargs:
        return list(kwargs["RequestItems"])
    parts = [next(iter(action.values())) for action in kwargs.get("TransactItems", [])]
    return list(dict.fromkeys(part["TableName"] for part in parts))


def _conditions(request: Request, session: Session) -> str:
    return "; ".join(f"{touch.words} wants {written(request.kwargs)}" for touch in touches(request, session.model))


def written(part: dict[str, Any]) -> str:
    """Return a condition with its placeholders put back in: what the model's author wrote."""
    text = str(part.get("ConditionExpression", ""))
    named: dict[str, Any] = dict(part.get("ExpressionAttributeNames", {}))
    values = {key: next(iter(value.values())) for key, value in part.get("ExpressionAttributeValues", {}).items()}
    for placeholder in sorted({**named, **values}, key=len, reverse=True):
        value = named[placeholder] if placeholder in named else repr(values[placeholder])
        text = text.replace(placeholder, str(value))
    return text


def _cancelled(error: ClientError, request: Request, session: Session, place: str) -> str:
    reasons = error.response.get("CancellationReasons") or []
    touched = touches(request, session.model)
    parts = [next(iter(action.values())) for action in request.kwargs["TransactItems"]]
    lines = []
    for number, (touch, part, reason) in enumerate(zip(touched, parts, reasons, strict=False), start=1):
        if reason.get("Code", "None") != "None":
            wanted = f", wants {written(part)}" if reason["Code"] == "ConditionalCheckFailed" else ""
            said = f": {reason['Message']}" if reason.get("Message") and not wanted else ""
            lines.append(f"  action {number}, {touch.words}: {reason['Code']}{said}{wanted}")
    detail = "\n".join(lines) or f"  {error.response['Error'].get('Message', '')}"
    return f"{place}: cancelled, nothing was written:\n{detail}"


def _cure(code: str, message: str, request: Request) -> str:
    if code == "ValidationException" and "index" in message.lower() and request.kwargs.get("IndexName"):
        return f". The table {_tables(request)[0]} has no index {request.kwargs['IndexName']!r} here; {_SCHEMA_AGAIN}"
    if code == "ValidationException" and "Type mismatch" in message:
        return f". {_SCHEMA_AGAIN[0].upper()}{_SCHEMA_AGAIN[1:]}"
    if code in THROTTLES:
        return ". It was asked for faster than the capacity allows; wait, or raise the table's units"
    if code in _WHO:
        return ". The engine did not accept who asks; look at the credentials, and at the engine's name"
    if code == "TransactionConflictException":
        return ". Another transaction holds the item; run it again"
    return ""
