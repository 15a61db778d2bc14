"""Sending one request: capacity asked for, time taken, failures explained."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.plans import Request
from workbench.results.failures import explained, is_failure

if TYPE_CHECKING:
    from workbench.results.session import Session

__all__ = ["Reply", "send"]


@dataclass(frozen=True)
class Reply:
    """A response as boto3 gives it, and the seconds that it took."""

    content: dict[str, Any]
    seconds: float


def send(session: Session, request: Request, name: str) -> Reply:
    """Send one request for the pattern ``name``, asking for the capacity of every index, and return the reply.

    Raises TableError, RequestError or EngineError, from boto3's own error.
    """
    call = getattr(session.client, request.method)
    start = time.perf_counter()
    try:
        content = call(**{"ReturnConsumedCapacity": "INDEXES", **request.kwargs})
    except Exception as error:
        if not is_failure(error):
            raise
        raise explained(error, request, session, name) from error
    return Reply(content, time.perf_counter() - start)
