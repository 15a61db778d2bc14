"""Sending one request: capacity asked for, time taken, failures explained, and what may pass by waiting sent again."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from workbench.errors import RequestError
from workbench.plans import Request
from workbench.results.backoff import Backoff
from workbench.results.failures import explained, may_pass
from workbench.results.faults import boto_errors
from workbench.results.raw import Body, raw_call

if TYPE_CHECKING:
    from workbench.results.session import Session

T = TypeVar("T")

__all__ = ["RawReply", "Reply", "send", "send_patiently", "send_raw"]


@dataclass(frozen=True)
class Reply:
    """A response as boto3 gives it, and the seconds that it took."""

    content: dict[str, Any]
    seconds: float


@dataclass(frozen=True)
class RawReply:
    """A response whose items nobody has parsed, and the seconds that it took."""

    body: Body
    seconds: float


def send(session: Session, request: Request, name: str) -> Reply:
    """Send one request for the pattern ``name``, asking for the capacity of every index, and return the reply.

    Raises TableError, RequestError or EngineError, from boto3's own error.
    """
    content, seconds = _timed(session, request, name, _parsed_call)
    return Reply(content, seconds)


def send_raw(session: Session, request: Request, name: str) -> RawReply:
    """Send a Query or Scan as ``send`` does, and return its response with the items as bytes."""
    body, seconds = _timed(session, request, name, raw_call)
    return RawReply(body, seconds)


def _parsed_call(client: Any, request: Request) -> dict[str, Any]:
    content: dict[str, Any] = getattr(client, request.method)(**request.kwargs)
    return content


def _timed(session: Session, request: Request, name: str, call: Callable[[Any, Request], T]) -> tuple[T, float]:
    asked = replace(request, kwargs={"ReturnConsumedCapacity": "INDEXES", **request.kwargs})
    start = time.perf_counter()
    try:
        content = call(session.client, asked)
    except boto_errors() as error:
        raise explained(error, request, session, name) from error
    return content, time.perf_counter() - start


def send_patiently(session: Session, request: Request, name: str, backoff: Backoff) -> Reply:
    """Send one request, again after a throttle or a conflict with another transaction, by which nothing was written.

    After an error of the server too, where doing it twice does no harm: a transaction has one token for all attempts,
    by which AWS does it once. An update, or a put or delete with a condition, is not sent again then.
    Raises what ``send`` raises; after ``backoff.attempts`` the last refusal, which then says how often it was tried.
    """
    request = _with_token(request)
    for attempt in range(1, backoff.attempts):
        try:
            return send(session, request, name)
        except RequestError as error:
            if not may_pass(error, request):
                raise
        backoff.wait(attempt)
    try:
        return send(session, request, name)
    except RequestError as error:
        if not may_pass(error, request):
            raise
        message = f"{error} (tried {backoff.attempts} times)"
        raise RequestError(message, code=error.code, operation=error.operation) from error.__cause__


def _with_token(request: Request) -> Request:
    if request.operation != "TransactWriteItems":
        return request
    return replace(request, kwargs={"ClientRequestToken": str(uuid.uuid4()), **request.kwargs})
