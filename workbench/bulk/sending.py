"""Sending bodies that are JSON already: with the boto3 client's credentials, endpoint, events and guards.

What botocore does for a request is done here too: the ``before-call`` handlers see it (the guard of ``engines.aws``
and the lease of a store are such handlers) and may refuse it, ``before-send`` handlers may answer it, it is signed, and
the CRC32 of its answer is checked. A client that cannot be used so, one that signs in another way say, is called in
the ordinary way instead, and ``note`` says so.
"""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from workbench.bulk.connections import Answer, Connections
from workbench.bulk.encoding import json_form, wire_form
from workbench.bulk.signing import Signature, SigningError, utc_stamp
from workbench.results.faults import boto_errors

__all__ = ["Awaited", "ClientSender", "QuickSender", "Sender", "sender_for"]

Json = dict[str, Any]
Awaited = Callable[[], Json]
_METHODS = {
    "BatchWriteItem": "batch_write_item",
    "PutItem": "put_item",
    "TransactWriteItems": "transact_write_items",
}


class Sender(Protocol):
    """Sends one operation's JSON and returns the answer's. ``note`` is a sentence where it is not the quick way.

    ``repeats``: a request without an answer was repeated by the sender itself already.
    """

    note: str
    repeats: bool

    def begin(self, operation: str, body: bytes) -> Awaited:
        """Send a request, and return the function that waits for its answer and returns it parsed; to be called once.

        That function raises botocore's ClientError or BotoCoreError, or what a guard raises. A sender that cannot
        send without waiting does both when it is called.
        """

    def close(self) -> None:
        """Close what was opened."""


def sender_for(client: Any, operation: str, table: str) -> Sender:
    """Return the quickest sender that does for ``client`` what it would do itself.

    Raises GuardError, before anything is sent, where the client's guard refuses the operation.
    """
    try:
        if _METHODS[operation] in vars(client):
            raise SigningError(f"its {_METHODS[operation]} was replaced by another")
        return QuickSender(client, operation, table)
    except (AttributeError, TypeError, SigningError) as error:
        return ClientSender(client, f"each request is made by the boto3 client, which is slower: {error}")


class ClientSender:
    """Sends by the client's own methods."""

    repeats = True

    def __init__(self, client: Any, note: str) -> None:
        self._client = client
        self.note = note

    def begin(self, operation: str, body: bytes) -> Awaited:
        """Return the call of the client's method; its answer is in the form of the API's JSON."""
        call = getattr(self._client, _METHODS[operation])

        def answer() -> Json:
            try:
                found: Json = json_form(call(**wire_form(json.loads(body))))
            except boto_errors() as error:
                if getattr(error, "response", None):
                    error.response = json_form(error.response)  # type: ignore[attr-defined]
                raise
            return found

        return answer

    def close(self) -> None:
        """Do nothing: the client is the caller's."""


class _Template:
    """A request as the client prepares it: URL, headers, and how it is signed."""

    def __init__(self, client: Any, operation: str, table: str) -> None:
        request = _prepared(client, operation, table)
        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        self.credentials = client._request_signer._credentials
        self.identity = _identity(self.credentials)
        frozen = self.credentials.get_frozen_credentials() if self.credentials else None
        body = request.body if isinstance(request.body, bytes) else str(request.body).encode()
        self.signature = Signature(request.url, headers, body, frozen.secret_key if frozen else "")
        self.url = request.url
        _, _, rest = request.url.partition("://")
        self.target = f"/{rest.partition('/')[2]}"
        self.headers = {"Host": headers.get("host", rest.partition("/")[0]), **_names_kept(request.headers)}

    def is_current(self) -> bool:
        """Say whether the client's credentials are still those of the template; refreshes them where they are due."""
        return _identity(self.credentials) == self.identity


class QuickSender:
    """Sends one operation on one table by connections and signatures of its own. For any number of threads."""

    repeats = False

    def __init__(self, client: Any, operation: str, table: str) -> None:
        self.note = ""
        self._client = client
        self._operation = operation
        self._table = table
        self._model = client.meta.service_model.operation_model(operation)
        self._events = client.meta.events
        self._lock = threading.Lock()
        self._template = _Template(client, operation, table)
        self._connections = Connections(client._endpoint.http_session, self._template.url)
        if not self._connections.is_quick:
            self.note = "each request goes through the client's own HTTP session, a proxy say, which is slower"

    def begin(self, operation: str, body: bytes) -> Awaited:
        """Send a request and return the function that waits for its answer; what went wrong is raised there."""
        try:
            template = self._current()
            stamp = utc_stamp()
            headers = {**template.headers, "X-Amz-Date": stamp}
            answered = self._before_call(template, headers, body)
            if answered is not None:
                response, content = answered
                return lambda: self._checked(operation, response.status_code, dict(response.headers), content)
            headers["Authorization"] = template.signature.authorization(body, stamp)
            sent = self._before_send(template, headers, body)
            waiting = self._connections.begin(template.target, headers, body) if sent is None else lambda: sent
        except Exception as error:  # noqa: BLE001 (raised where the answer is asked for)
            return _raising(error)

        def answer() -> Json:
            found = waiting()
            return self._checked(operation, found.status, found.headers, _content(found, template.url))

        return answer

    def close(self) -> None:
        """Close the connections."""
        self._connections.close()

    def _current(self) -> _Template:
        found = self._template
        if found.is_current():
            return found
        with self._lock:
            if not self._template.is_current():
                self._template = _Template(self._client, self._operation, self._table)
            return self._template

    def _before_call(self, template: _Template, headers: dict[str, str], body: bytes) -> Any:
        request = {
            "url_path": template.target, "query_string": "", "method": "POST", "headers": headers, "body": body,
            "url": template.url, "context": {},
        }  # fmt: skip
        _, answered = self._events.emit_until_response(
            f"before-call.dynamodb.{self._operation}", model=self._model, params=request,
            request_signer=self._client._request_signer, context=request["context"],
        )  # fmt: skip
        return answered

    def _before_send(self, template: _Template, headers: dict[str, str], body: bytes) -> Answer | None:
        from botocore.awsrequest import AWSPreparedRequest

        request = AWSPreparedRequest("POST", template.url, headers, body, False)
        for _, response in self._events.emit(f"before-send.dynamodb.{self._operation}", request=request):
            if response is not None:
                found = {str(name).lower(): str(value) for name, value in response.headers.items()}
                return Answer(response.status_code, found, response.content)
        return None

    def _checked(self, operation: str, status: int, headers: Mapping[str, str], content: Json) -> Json:
        """Return the answer's content; raises the client's exception of the error's code where it is a refusal."""
        if status < 300:
            return content
        code = str(content.get("__type") or status).rpartition("#")[2]
        message = str(content.get("message") or content.get("Message") or "no reason given")
        parsed = {
            **content,
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": dict(headers)},
        }
        raise self._client.exceptions.from_code(code)(parsed, operation)


def _raising(error: Exception) -> Awaited:
    def raise_it() -> Json:
        raise error

    return raise_it


def _content(answer: Answer, url: str) -> Json:
    """Return the parsed content; botocore's ConnectionClosedError where it was damaged on its way."""
    from botocore.exceptions import ConnectionClosedError

    wanted = answer.headers.get("x-amz-crc32")
    if wanted is not None and wanted.isdigit() and int(wanted) != zlib.crc32(answer.content):
        raise ConnectionClosedError(endpoint_url=url, error="the answer's CRC32 is not what its header says")
    try:
        content = json.loads(answer.content or b"{}")
    except ValueError:
        content = None
    if isinstance(content, dict):
        return content
    if answer.status < 300:
        raise ConnectionClosedError(endpoint_url=url, error="the answer is no JSON")
    return {"message": answer.content[:200].decode(errors="replace")}


def _prepared(client: Any, operation: str, table: str) -> Any:
    """Return a request of the client for an operation, signed and not sent; its guards run.

    The last handler before the call signs what botocore has made, keeps it, and answers in the place of the engine.
    """
    from botocore.awsrequest import AWSResponse

    me, caught = threading.get_ident(), []

    def catch(model: Any, params: Any, **_: Any) -> Any:
        if threading.get_ident() != me or model.name != operation:  # the client may be somebody else's too
            return None
        caught.append(client._endpoint.create_request(params, model))
        return AWSResponse(params["url"], 200, {}, None), {}

    events, name, own = client.meta.events, "before-call", f"workbench-bulk-{me}"
    try:
        events.register_last(name, catch, unique_id=own)
        getattr(client, _METHODS[operation])(**_example(operation, table))
    finally:
        events.unregister(name, unique_id=own)
    if not caught:
        raise SigningError("another handler answers in the place of the engine")
    return caught[0]


def _example(operation: str, table: str) -> Json:
    """Return arguments for a request on the table that is never sent: guards look at its table's name.

    Were it sent all the same, it would write nothing: the key is empty, which every engine refuses.
    """
    if operation == "BatchWriteItem":
        return {"RequestItems": {table: [{"DeleteRequest": {"Key": {}}}]}}
    if operation == "PutItem":
        return {"TableName": table, "Item": {}}
    return {"TransactItems": [{"Delete": {"TableName": table, "Key": {}}}], "ClientRequestToken": "k"}


_OWN = frozenset({"authorization", "content-length", "host", "x-amz-date"})


def _names_kept(headers: Mapping[str, Any]) -> dict[str, str]:
    return {name: _text(value) for name, value in headers.items() if name.lower() not in _OWN}


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _identity(credentials: Any) -> tuple[str, str | None]:
    if credentials is None:
        raise SigningError("the client has no credentials")
    frozen = credentials.get_frozen_credentials()
    return frozen.access_key, frozen.token
