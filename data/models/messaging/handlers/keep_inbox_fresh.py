"""Pattern E: a message moves the inbox rows of its conversation to its time, for both members.

A Lambda function for the stream of the messages table, with ReportBatchItemFailures; `workbench streams run` calls it
the same way. Nothing of the workbench is needed. TABLE_NAME and INDEX_NAME name the table and its index.

An inbox row's sort key is the time of the last message, and a key cannot be updated: a new message deletes a row and
puts another. What can go wrong, and what stands against it:

- A record is handed over twice, or long after newer ones: only an older row is moved, and nothing else is done.
- A crash between delete and put: both are one transaction, so there is no between.
- Two handlers move one row at once: the delete wants the row exactly as it was read. The second is refused, and looks
  again. So is one that read an old row from the index, which is eventually consistent, and one that would undo a new
  name or a counter that was written to the row meanwhile.
- The index shows a row not yet, or no more: a member without a row there is looked for in the table, strongly
  consistent. One who has no row there at a second look either has left the conversation, and gets none.
- The rows that this handler writes come back as records: they are no messages, by their key.
- Another conversation has the same time: the key of the row is taken, nothing is replaced, and the record fails. It is
  given up after some attempts (a dead letter), and the next message of the conversation mends the row.
"""

from __future__ import annotations

import functools
import os
import random
import time
from typing import Any, NamedTuple

TABLE = os.environ.get("TABLE_NAME", "cruddur-messages")
INDEX = os.environ.get("INDEX_NAME", "message-group-sk-index")
ATTEMPTS = 6
LOOKS_BEFORE_GONE = 2
SHOWN = 29  # characters of a message in an inbox row, as preview() in sql/schema.sql
Item = dict[str, Any]


class NotYetError(Exception):
    """Others were quicker, or the index lags: worth another look."""


class KeyTakenError(Exception):
    """Another conversation's row has the key that this one needs."""


class Message(NamedTuple):
    """What a record says of a message."""

    group: str
    created_at: str
    author: str
    shown: str


@functools.cache
def client() -> Any:
    """Return the client for the table, made once a process."""
    import boto3

    return boto3.client("dynamodb")


def handler(event: dict[str, Any], context: Any = None, dynamodb: Any = None) -> dict[str, Any]:
    """Handle every record of the event, in its order; report the first that fails: it and the rest come again."""
    for record in event["Records"]:
        try:
            keep_fresh(dynamodb or client(), record)
        except Exception as error:  # noqa: BLE001  # whatever it is, the record must come again
            number = record["dynamodb"]["SequenceNumber"]
            print(f"record {number}: {type(error).__name__}: {error}")
            return {"batchItemFailures": [{"itemIdentifier": number}]}
    return {"batchItemFailures": []}


def keep_fresh(dynamodb: Any, record: dict[str, Any], *, sleep: Any = time.sleep) -> None:
    """Bring both members' inbox rows up to the record's message, where they are older."""
    message = message_of(record)
    if message is None:
        return
    for attempt in range(ATTEMPTS):
        if attempt:
            sleep(min(2.0, 0.05 * 2**attempt) * random.random())  # noqa: S311
        rows = newest_rows(dynamodb, message)
        moved = [move(dynamodb, row, message) for row in rows if row["sk"]["S"] < message.created_at]
        if all(moved) and (len(rows) >= 2 or attempt + 1 >= LOOKS_BEFORE_GONE):
            return
    raise NotYetError(f"the inbox rows of {message.group} were changed by others {ATTEMPTS} times")


def message_of(record: dict[str, Any]) -> Message | None:
    """Return the message that a record brings; None for all else: inbox rows, deletions, changes of old messages."""
    keys = record["dynamodb"]["Keys"]
    kind, _, group = keys["pk"]["S"].partition("#")
    if kind != "MSG" or record["eventName"] != "INSERT":
        return None
    image = record["dynamodb"]["NewImage"]
    text = image["message"]["S"]
    shown = text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."
    return Message(group, keys["sk"]["S"], image["user_uuid"]["S"], shown)


def newest_rows(dynamodb: Any, message: Message) -> list[Item]:
    """Return the newest inbox row of each member: by the index, and by the table for who is not in it."""
    rows = {member_of(row): row for row in in_index(dynamodb, message.group)}  # ascending by time: the newest stays
    if message.author not in rows and (row := in_table(dynamodb, message.author, message.group)):
        rows[message.author] = row
    others = {row["user_uuid"]["S"] for row in rows.values()} - rows.keys() - {message.author}
    for other in others:
        if row := in_table(dynamodb, other, message.group):
            rows[other] = row
    return list(rows.values())


def member_of(row: Item) -> str:
    """Return whose inbox a row is in."""
    return str(row["pk"]["S"].removeprefix("GRP#"))


def in_index(dynamodb: Any, group: str) -> list[Item]:
    """Return the inbox rows of a conversation by the index, as it was a moment ago."""
    question = {
        "TableName": TABLE,
        "IndexName": INDEX,
        "KeyConditionExpression": "message_group_uuid = :group",
        "ExpressionAttributeValues": {":group": {"S": group}},
    }
    return all_pages(dynamodb, question)


def in_table(dynamodb: Any, member: str, group: str) -> Item | None:
    """Return a member's inbox row of a conversation as it is now, None where there is none. Reads the whole inbox."""
    question = {
        "TableName": TABLE,
        "KeyConditionExpression": "pk = :inbox",
        "FilterExpression": "message_group_uuid = :group",
        "ExpressionAttributeValues": {":inbox": {"S": f"GRP#{member}"}, ":group": {"S": group}},
        "ConsistentRead": True,
    }
    return max(all_pages(dynamodb, question), key=lambda row: row["sk"]["S"], default=None)


def all_pages(dynamodb: Any, question: dict[str, Any]) -> list[Item]:
    """Return the items of every page of a Query."""
    items: list[Item] = []
    more: dict[str, Any] = {}
    while True:
        page = dynamodb.query(**question, **more)
        items += page["Items"]
        if not page.get("LastEvaluatedKey"):
            return items
        more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def move(dynamodb: Any, row: Item, message: Message) -> bool:
    """Replace a row by one at the message's time; False where it is not what was read any more, so nothing was done."""
    moved = {**row, "sk": {"S": message.created_at}, "message": {"S": message.shown}}
    wanted, names, values = as_it_was(row)
    delete = {
        "TableName": TABLE,
        "Key": {"pk": row["pk"], "sk": row["sk"]},
        "ConditionExpression": wanted,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }
    put = {
        "TableName": TABLE,
        "Item": moved,
        "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    try:
        dynamodb.transact_write_items(TransactItems=[{"Delete": delete}, {"Put": put}])
    except dynamodb.exceptions.TransactionCanceledException as error:
        return refused(error, row, message)
    return True


def as_it_was(row: Item) -> tuple[str, dict[str, str], dict[str, Any]]:
    """Return the condition that a row still has every attribute that was read, with its names and values."""
    attributes = sorted(row.keys() - {"pk", "sk"})
    names = {f"#n{number}": name for number, name in enumerate(attributes)}
    values = {f":v{number}": row[name] for number, name in enumerate(attributes)}
    return " AND ".join(f"#n{number} = :v{number}" for number in range(len(attributes))), names, values


def refused(error: Any, row: Item, message: Message) -> bool:
    """Return False where another look may help; raise what it cannot mend."""
    reasons = error.response.get("CancellationReasons", [])
    there = reasons[1].get("Item") if len(reasons) > 1 else None
    if there and there.get("message_group_uuid") != row["message_group_uuid"]:
        raise KeyTakenError(f"{row['pk']['S']} has a row of another conversation at {message.created_at}") from error
    passing = {
        "None",
        "ConditionalCheckFailed",
        "TransactionConflict",
        "ProvisionedThroughputExceeded",
        "ThrottlingError",
    }
    if all(reason.get("Code", "None") in passing for reason in reasons):
        return False
    raise error
