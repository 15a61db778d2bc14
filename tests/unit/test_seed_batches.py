"""Writing batches against an engine that throttles, leaves items behind, and dies in the middle."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from workbench.errors import EngineError, RequestError, SeedError, TableError
from workbench.items import item_to_wire
from workbench.results import Backoff
from workbench.seeding import Writing, write_items

Wire = dict[str, Any]


def items(count: int) -> list[Wire]:
    return [item_to_wire({"pk": f"P#{number}", "text": f"line {number}"}) for number in range(count)]


class FakeClient:  # its arguments have AWS's names
    """Keeps what is put. ``plan`` says, call by call, how many items are left unprocessed, or what is raised."""

    def __init__(self, *plan: int | Exception | None, forever: int | Exception | None = None) -> None:
        self.plan = list(plan)
        self.forever = forever
        self.stored: dict[str, Wire] = {}
        self.calls: list[int] = []

    def _next(self) -> int:
        step = self.plan.pop(0) if self.plan else self.forever
        if isinstance(step, Exception):
            raise step
        return step or 0

    def batch_write_item(self, *, RequestItems: dict[str, list[Any]], **_: Any) -> dict[str, Any]:  # noqa: N803
        ((table, requests),) = RequestItems.items()
        self.calls.append(len(requests))
        keys = [str(request["PutRequest"]["Item"]["pk"]) for request in requests]
        assert len(requests) <= 25
        assert len(set(keys)) == len(keys), "DynamoDB refuses a batch that names a key twice"
        left = min(self._next(), len(requests))
        for request in requests[left:]:
            self._keep(request["PutRequest"]["Item"])
        return {"UnprocessedItems": {table: requests[:left]} if left else {}}

    def put_item(self, *, TableName: str, Item: Wire, **_: Any) -> dict[str, Any]:  # noqa: N803
        self.calls.append(1)
        self._next()
        self._keep(Item)
        return {}

    def _keep(self, item: Wire) -> None:
        self.stored[next(iter(item["pk"].values()))] = item


def throttle(code: str = "ProvisionedThroughputExceededException") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "slow down"}}, "BatchWriteItem")


class Waits:
    """A Backoff that notes its waits instead of waiting; ``chance`` 1 shows the cap of the jitter."""

    def __init__(self, attempts: int = 8, chance: float = 1.0, cap: float = 2.0) -> None:
        self.seconds: list[float] = []
        self.backoff = Backoff(attempts, 0.05, cap, self.seconds.append, lambda: chance)


def write(client: Any, given: list[Wire], **settings: Any) -> Writing:
    return write_items(client, "lines", ("pk",), given, **({"backoff": Waits().backoff} | settings))


def test_items_go_out_in_batches_of_25_and_are_counted() -> None:
    client = FakeClient()

    assert write(client, items(60)) == Writing(written=60, merged=0, requests=3, repeated=0)
    assert client.calls == [25, 25, 10]
    assert len(client.stored) == 60


def test_put_mode_writes_one_item_a_request() -> None:
    client = FakeClient()

    assert write(client, items(7), mode="put") == Writing(written=7, merged=0, requests=7, repeated=0)
    assert len(client.stored) == 7


def test_nothing_to_write_sends_nothing() -> None:
    client = FakeClient()

    assert write(client, []) == Writing()
    assert client.calls == []


def test_unprocessed_items_are_sent_again_and_all_are_written_once() -> None:
    client, waits = FakeClient(20, 10, 3), Waits()

    assert write(client, items(25), backoff=waits.backoff) == Writing(written=25, merged=0, requests=4, repeated=3)
    assert client.calls == [25, 20, 10, 3]
    assert len(waits.seconds) == 3


def test_an_engine_that_never_processes_anything_is_given_up_with_exact_counts() -> None:
    client, waits = FakeClient(0, forever=25), Waits(attempts=5)

    with pytest.raises(
        SeedError, match=r"5 attempts.*25 items came back as UnprocessedItems. 25 of 50 items are in"
    ) as e:
        write(client, items(50), backoff=waits.backoff)

    assert client.calls == [25] + [25] * 5
    assert "run it again" in str(e.value)
    assert len(client.stored) == 25


def test_waits_grow_are_capped_and_jittered() -> None:
    full, half = Waits(attempts=9, cap=1.0), Waits(attempts=9, cap=1.0, chance=0.5)
    for waits in (full, half):
        with pytest.raises(SeedError):
            write(FakeClient(forever=25), items(25), backoff=waits.backoff)

    assert full.seconds == [0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0, 1.0]
    assert half.seconds == [seconds / 2 for seconds in full.seconds]


def test_progress_starts_the_patience_anew() -> None:
    client = FakeClient(*range(24, 0, -1))

    assert write(client, items(25), backoff=Waits(attempts=2).backoff).written == 25


def test_all_waiting_together_has_a_limit_though_every_request_makes_progress() -> None:
    client, waits = FakeClient(*range(24, 0, -1)), Waits(attempts=2)

    with pytest.raises(SeedError, match=r"1\.0 s of waiting"):
        write(client, items(25), backoff=waits.backoff, limit_seconds=1.0)
    assert sum(waits.seconds) == pytest.approx(1.0)


@pytest.mark.parametrize("mode", ["batch", "put"])
@pytest.mark.parametrize(
    "code", ["ProvisionedThroughputExceededException", "ThrottlingException", "InternalServerError"]
)
def test_throttled_requests_are_repeated(mode: Any, code: str) -> None:
    client = FakeClient(throttle(code), throttle(code), None)

    assert write(client, items(1), mode=mode) == Writing(written=1, merged=0, requests=3, repeated=2)


def test_throttles_without_end_are_given_up_and_named() -> None:
    with pytest.raises(SeedError, match="slow down"):
        write(FakeClient(forever=throttle()), items(3))


def test_a_refusal_is_not_repeated() -> None:
    error = ClientError({"Error": {"Code": "ValidationException", "Message": "bad key"}}, "BatchWriteItem")
    client = FakeClient(None, error)

    with pytest.raises(RequestError, match=r"bad key\. 25 of 50 items are in the table") as caught:
        write(client, items(50))
    assert caught.value.code == "ValidationException"
    assert client.calls == [25, 25]


def test_a_missing_table_is_named_with_the_cure() -> None:
    error = ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "no"}}, "BatchWriteItem")

    with pytest.raises(TableError, match=r"lines: there is no such table.*Load the schema"):
        write(FakeClient(error), items(3))


def test_an_engine_that_dies_in_the_middle_is_told_and_a_second_run_mends_it() -> None:
    client = FakeClient(None, EndpointConnectionError(endpoint_url="http://127.0.0.1:1"))

    with pytest.raises(EngineError, match="25 of 60 items are in the table"):
        write(client, items(60))
    assert write(client, items(60)).written == 60
    assert len(client.stored) == 60


def test_ctrl_c_in_the_middle_passes_through_and_a_second_run_mends_it() -> None:
    client = FakeClient()

    def interrupt(done: int, total: int) -> None:
        if done == 50:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(client, items(60), progress=interrupt)
    assert len(client.stored) == 50
    assert write(client, items(60)).written == 60
    assert len(client.stored) == 60


def test_progress_is_told_done_and_total() -> None:
    told: list[tuple[int, int]] = []

    write(FakeClient(0, 5), items(60), progress=lambda done, total: told.append((done, total)))

    assert told == [(25, 60), (45, 60), (50, 60), (60, 60)]


def test_identical_duplicates_are_merged_whatever_their_number_is_written_like() -> None:
    client = FakeClient()
    one = {"pk": {"S": "a"}, "n": {"N": "1.0"}, "tags": {"SS": ["x", "y"]}}
    two = {"tags": {"SS": ["y", "x"]}, "n": {"N": "1"}, "pk": {"S": "a"}}

    assert write(client, [one, two, *items(1)]) == Writing(written=2, merged=1, requests=1, repeated=0)


def test_duplicates_of_a_number_key_are_seen_through_its_spelling() -> None:
    client = FakeClient()

    assert write(client, [{"pk": {"N": "1.0"}}, {"pk": {"N": "1"}}]).merged == 1


def test_different_items_of_one_key_are_refused_before_anything_is_written() -> None:
    client = FakeClient()
    one, two = item_to_wire({"pk": "a", "n": 1}), item_to_wire({"pk": "a", "n": Decimal("2")})

    with pytest.raises(SeedError, match=r"rows.sql, row 1 and rows.sql, row 3 .*pk = 'a'.*differ in n") as caught:
        write(client, [one, *items(1), two], places=["rows.sql, row 1", "rows.sql, row 2", "rows.sql, row 3"])
    assert client.calls == []
    assert "something unique" in str(caught.value)


def test_true_and_one_are_not_the_same_value() -> None:
    with pytest.raises(SeedError, match="differ in n"):
        write(FakeClient(), [item_to_wire({"pk": "a", "n": 1}), item_to_wire({"pk": "a", "n": True})])


def test_an_attribute_that_only_one_of_two_has_is_a_difference() -> None:
    with pytest.raises(SeedError, match="differ in extra"):
        write(FakeClient(), [item_to_wire({"pk": "a"}), item_to_wire({"pk": "a", "extra": True})])
