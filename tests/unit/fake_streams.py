"""DynamoDB Streams of one table in memory."""

# ruff: noqa: N803  (arguments have the names that boto3 gives them)
from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

ARN = "arn:aws:dynamodb:ddblocal:000000000000:table/chats/stream/2026-03-31T17:00:00.000"


def refusal(code: str, status: int = 400) -> ClientError:
    metadata: Any = {"HTTPStatusCode": status}
    return ClientError({"Error": {"Code": code, "Message": "as scripted"}, "ResponseMetadata": metadata}, "GetRecords")


def record(number: int) -> dict[str, Any]:
    keys = {"pk": {"S": f"item {number}"}}
    return {"eventName": "INSERT", "dynamodb": {"SequenceNumber": str(number), "Keys": keys}}


class FakeStreams:
    """DynamoDB Streams of one table. Shards have records and may be closed; errors are scripted by operation.

    Iterators are ``shard|sequence number after which``. ``trimmed`` is the first sequence number that is left.
    """

    def __init__(self, shards: dict[str, list[int]], *, parents: dict[str, str] | None = None, page: int = 100) -> None:
        self.records = shards
        self.parents = parents or {}
        self.closed: set[str] = set()
        self.status = "ENABLED"
        self.trimmed = 0
        self.page = page
        self.empty_pages: list[str] = []  # shards that answer an empty page next
        self.errors: dict[str, list[Exception]] = {}
        self.asked: list[tuple[str, str]] = []

    def _raise(self, operation: str) -> None:
        if self.errors.get(operation):
            raise self.errors[operation].pop(0)

    def describe_stream(self, StreamArn: str, ExclusiveStartShardId: str | None = None) -> dict[str, Any]:
        self._raise("DescribeStream")
        assert StreamArn == ARN
        names = list(self.records)
        at = names.index(ExclusiveStartShardId) + 1 if ExclusiveStartShardId else 0
        shown = names[at : at + self.page]
        last = {"LastEvaluatedShardId": shown[-1]} if at + self.page < len(names) else {}
        return {"StreamDescription": {"StreamStatus": self.status, "Shards": [self._shard(n) for n in shown], **last}}

    def _shard(self, name: str) -> dict[str, Any]:
        numbers = self.records[name] or [0]
        last = {"EndingSequenceNumber": str(numbers[-1])} if name in self.closed else {}
        parent = {"ParentShardId": self.parents[name]} if name in self.parents else {}
        return {"ShardId": name, "SequenceNumberRange": {"StartingSequenceNumber": str(numbers[0]), **last}, **parent}

    def get_shard_iterator(
        self, StreamArn: str, ShardId: str, ShardIteratorType: str, SequenceNumber: str | None = None
    ) -> dict[str, Any]:
        self.asked.append((ShardId, f"{ShardIteratorType} {SequenceNumber or ''}".strip()))
        self._raise("GetShardIterator")
        numbers = self.records[ShardId]
        after = {"TRIM_HORIZON": self.trimmed - 1, "LATEST": max(numbers, default=-1)}
        return {"ShardIterator": f"{ShardId}|{after.get(ShardIteratorType, int(SequenceNumber or 0))}"}

    def get_records(self, ShardIterator: str, Limit: int) -> dict[str, Any]:
        self._raise("GetRecords")
        name, after = ShardIterator.split("|")
        if int(after) + 1 < self.trimmed:
            raise refusal("TrimmedDataAccessException")
        if name in self.empty_pages:
            self.empty_pages.remove(name)
            return {"Records": [], "NextShardIterator": ShardIterator}
        numbers = [number for number in self.records[name] if number > int(after)][:Limit]
        last = numbers[-1] if numbers else int(after)
        left = any(number > last for number in self.records[name])
        more = {} if name in self.closed and not left else {"NextShardIterator": f"{name}|{last}"}
        return {"Records": [record(number) for number in numbers], **more}
