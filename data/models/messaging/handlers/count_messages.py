"""How many messages each person wrote in each conversation: a count in PostgreSQL, kept by the stream.

An increment cannot be made safe to repeat by a condition. It is once in effect because it shares a transaction with
the checkpoint: `workbench streams run messaging .../count_messages.py --checkpoints postgres` hands the connection over
as context.connection.
"""

from __future__ import annotations

from typing import Any

TABLE = """
    CREATE TABLE IF NOT EXISTS message_counts (
        message_group_uuid uuid,
        user_uuid uuid,
        messages bigint NOT NULL,
        PRIMARY KEY (message_group_uuid, user_uuid)
    )
"""
ONE_MORE = """
    INSERT INTO message_counts AS kept VALUES (%(message_group_uuid)s, %(user_uuid)s, 1)
    ON CONFLICT (message_group_uuid, user_uuid) DO UPDATE SET messages = kept.messages + 1
"""


def handler(event: dict[str, Any], context: Any) -> None:
    """Count every new message of the event, in the transaction that keeps the checkpoint."""
    connection = getattr(context, "connection", None)
    if connection is None:
        raise RuntimeError("the counts need the transaction of the checkpoint: run it with --checkpoints postgres")
    connection.execute(TABLE)
    for record in event["Records"]:
        kind, _, group = record["dynamodb"]["Keys"]["pk"]["S"].partition("#")
        if kind == "MSG" and record["eventName"] == "INSERT":
            author = record["dynamodb"]["NewImage"]["user_uuid"]["S"]
            connection.execute(ONE_MORE, {"message_group_uuid": group, "user_uuid": author})
