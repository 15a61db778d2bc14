"""What is sent again: throttles and conflicts, by which nothing was written; a failed condition never is."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from workbench.errors import RequestError
from workbench.plans import Clock, Request
from workbench.results import Backoff, Session
from workbench.results.failures import is_unmet, may_pass
from workbench.results.faults import CONFLICTS, THROTTLES
from workbench.results.sending import send_patiently

WRITE = Request("TransactWriteItems", {"TransactItems": []})


def refusal(code: str, *reasons: str, status: int = 400) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    if reasons:
        response["CancellationReasons"] = [{"Code": each} for each in reasons]
    return ClientError(response, "TransactWriteItems")


class Client:
    def __init__(self, *answers: Any) -> None:
        self.answers, self.calls, self.tokens = list(answers), 0, []

    def _answered(self, **asked: Any) -> Any:
        self.calls += 1
        self.tokens.append(asked.get("ClientRequestToken"))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    transact_write_items = put_item = update_item = delete_item = batch_write_item = _answered


def go(client: Client, waits: list[float], attempts: int = 4, request: Request = WRITE) -> Any:
    model: Any = SimpleNamespace(table=lambda name: None)
    session = Session(model, client, None, SimpleNamespace(name="fake", is_near=False), Clock.fixed())
    return send_patiently(session, request, "write", Backoff(attempts=attempts, sleep=waits.append, chance=lambda: 1.0))


@pytest.mark.parametrize(
    "error",
    [
        refusal("TransactionCanceledException", "None", "TransactionConflict"),
        refusal("TransactionCanceledException", "ProvisionedThroughputExceeded", "None"),
        *map(refusal, sorted(THROTTLES | CONFLICTS)),
        refusal("InternalServerError", status=500),
        refusal("", status=502),
        refusal("503", status=503),
    ],
    ids=str,
)
def test_what_may_pass_is_sent_again_with_growing_waits(error: ClientError) -> None:
    waits: list[float] = []
    client = Client(error, error, {"done": True})

    assert go(client, waits).content == {"done": True}
    assert client.calls == 3
    assert waits == [0.1, 0.2]


def test_all_attempts_of_a_transaction_have_one_token_so_that_it_is_done_once() -> None:
    client = Client(refusal("", status=500), refusal("ThrottlingException"), {})
    go(client, [])

    assert client.tokens[0]
    assert len(set(client.tokens)) == 1
    other = Client({})
    go(other, [])
    assert other.tokens[0] != client.tokens[0]


PUT = {"TableName": "t", "Item": {}}
CONDITION = {"ConditionExpression": "attribute_not_exists(pk)"}


@pytest.mark.parametrize(
    ("request_", "calls"),
    [
        (Request("PutItem", PUT), 2),
        (Request("DeleteItem", {"TableName": "t", "Key": {}}), 2),
        (Request("BatchWriteItem", {"RequestItems": {}}), 2),
        (Request("PutItem", {**PUT, **CONDITION}), 1),
        (Request("DeleteItem", {"TableName": "t", "Key": {}, **CONDITION}), 1),
        (Request("UpdateItem", {"TableName": "t", "Key": {}}), 1),
    ],
)
def test_after_a_server_error_only_what_may_be_done_twice_is_sent_again(request_: Request, calls: int) -> None:
    client = Client(refusal("", status=503), {})
    stays = pytest.raises(RequestError, match="may be done all the same") if calls == 1 else nullcontext()
    with stays:
        go(client, [], request=request_)

    assert client.calls == calls


@pytest.mark.parametrize(
    "error",
    [
        refusal("TransactionCanceledException", "ConditionalCheckFailed", "TransactionConflict"),
        refusal("TransactionCanceledException", "ConditionalCheckFailed", "None"),
        refusal("TransactionCanceledException"),
        refusal("ValidationException"),
        refusal("ConditionalCheckFailedException"),
    ],
    ids=str,
)
def test_what_will_not_pass_is_raised_at_once(error: ClientError) -> None:
    waits: list[float] = []
    client = Client(error)

    with pytest.raises(RequestError):
        go(client, waits)
    assert (client.calls, waits) == (1, [])


def test_a_conflict_that_does_not_end_is_raised_and_says_how_often_it_was_tried() -> None:
    client = Client(*[refusal("TransactionConflictException")] * 4)

    with pytest.raises(RequestError, match=r"\(tried 4 times\)"):
        go(client, [])
    assert client.calls == 4


@pytest.mark.parametrize(
    ("error", "unmet"),
    [
        (refusal("TransactionCanceledException", "None", "ConditionalCheckFailed"), True),
        (refusal("ConditionalCheckFailedException"), True),
        (refusal("TransactionCanceledException", "TransactionConflict"), False),
        (refusal("ThrottlingException"), False),
    ],
    ids=str,
)
def test_a_condition_that_failed_is_told_from_a_conflict(error: ClientError, unmet: bool) -> None:
    raised = RequestError("no", code=error.response["Error"]["Code"])
    raised.__cause__ = error

    assert is_unmet(raised) == unmet
    assert not (unmet and may_pass(raised, WRITE))
