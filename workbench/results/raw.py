"""Response bodies as the engine sent them, through an ordinary boto3 client.

Credentials, signing, endpoint rules, retries, events and errors stay the client's own: only the parsing of a good
response is left out, by the event that botocore sends before it (``before-parse``). The body is checked against its
CRC32, which botocore's standard retry mode does not do.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet

from workbench.errors import EngineError, UsageError
from workbench.frames import json_of_wire, split
from workbench.plans import Request

__all__ = ["RAW_OPERATIONS", "Body", "Items", "method_of", "raw_call"]

RAW_OPERATIONS = ("Query", "Scan", "BatchGetItem", "ExecuteStatement")
_ID = "workbench-raw-body"
_TRIES = 3
_wanted: ContextVar[bool] = ContextVar("workbench-raw-body", default=False)
_registering = threading.Lock()  # botocore's emitter looks an id up and takes it in two steps
_registered: WeakSet[Any] = WeakSet()  # the emitters of clients

Items = bytes | list[dict[str, Any]]


@dataclass(frozen=True)
class Body:
    """A response without its items (``facts``, keys in DynamoDB JSON), and the items by table; of no name, None.

    Items are the bytes that came, or a list in boto3's form from a client that is none of botocore's.
    """

    facts: dict[str, Any]
    items: Mapping[str | None, Items]


def raw_call(client: Any, request: Request) -> Body:
    """Send one request of ``RAW_OPERATIONS`` and return its response, the items as bytes.

    Raises what the client raises, and EngineError where the body does not fit its checksum three times in a row.
    """
    call, operation, kwargs = method_of(client, request.method), request.operation, request.kwargs
    events = getattr(getattr(client, "meta", None), "events", None)
    if events is None:  # a stand-in, such as the client of DAX
        return _parsed(call(**kwargs))
    if events not in _registered:
        with _registering:
            events.register("before-parse.dynamodb", _keep_body, unique_id=_ID)  # once, however often it is said
            _registered.add(events)
    for _ in range(_TRIES):
        token = _wanted.set(True)
        try:
            response = call(**kwargs)
        finally:
            _wanted.reset(token)
        body = response["RawBody"]
        if _intact(body, response["ResponseMetadata"]["HTTPHeaders"].get("x-amz-crc32")):
            envelope = split(body)
            return Body(envelope.facts, envelope.items)
    raise EngineError(f"{operation}: {_TRIES} responses in a row did not fit their checksum; is a proxy changing them?")


def method_of(client: Any, name: str) -> Callable[..., Any]:
    """Return a method of a DynamoDB client; UsageError for what is none, such as a resource or a client of S3."""
    found: Callable[..., Any] | None = getattr(client, name, None)
    if found is None:
        raise UsageError(
            f"a {type(client).__name__} was given as the client; give boto3.client('dynamodb'), or of a bench "
            f"bench.store.client()"
        )
    return found


def _parsed(response: Mapping[str, Any]) -> Body:
    facts = {name: value for name, value in response.items() if name not in ("Items", "Responses")}
    if key := facts.get("LastEvaluatedKey"):
        facts["LastEvaluatedKey"] = {name: json_of_wire(av) for name, av in key.items()}
    return Body(facts, response.get("Responses") or {None: response.get("Items", [])})


def _keep_body(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_event: Any) -> None:
    """Take the body of a good response away from botocore's parser, while a raw call is under way in this context."""
    if _wanted.get() and response_dict["status_code"] < 300:
        customized_response_dict["RawBody"] = response_dict["body"]
        response_dict["body"] = b"{}"


def _intact(body: bytes, checksum: str | None) -> bool:
    return checksum is None or zlib.crc32(body) == int(checksum)
