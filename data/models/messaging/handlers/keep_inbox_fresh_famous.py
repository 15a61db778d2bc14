"""Pattern E as the public copies of the app do it: a lesson in what gets lost, not for use.

It has their four mistakes. It reads the first record of a batch only. It asks for no order, so an old record moves the
inbox back. It deletes, then puts, and a crash in between loses the row for good, since the row was all that named the
member. It puts without a condition, over whatever is there.
"""

from __future__ import annotations

import functools
import os
from typing import Any

TABLE = os.environ.get("TABLE_NAME", "cruddur-messages")
INDEX = os.environ.get("INDEX_NAME", "message-group-sk-index")
SHOWN = 29


@functools.cache
def client() -> Any:
    """Return the client for the table, made once a process."""
    import boto3

    return boto3.client("dynamodb")


def handler(event: dict[str, Any], context: Any = None, dynamodb: Any = None) -> None:
    """Take the first record; where it is a message, delete and put every inbox row that the index shows."""
    database = dynamodb or client()
    record = event["Records"][0]
    keys = record["dynamodb"]["Keys"]
    if record["eventName"] == "REMOVE" or not keys["pk"]["S"].startswith("MSG#"):
        return
    text = record["dynamodb"]["NewImage"]["message"]["S"]
    found = database.query(
        TableName=TABLE,
        IndexName=INDEX,
        KeyConditionExpression="message_group_uuid = :group",
        ExpressionAttributeValues={":group": {"S": keys["pk"]["S"].removeprefix("MSG#")}},
    )
    for row in found["Items"]:
        database.delete_item(TableName=TABLE, Key={"pk": row["pk"], "sk": row["sk"]})
        shown = text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."
        database.put_item(TableName=TABLE, Item={**row, "sk": keys["sk"], "message": {"S": shown}})
