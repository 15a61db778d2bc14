"""The stream of a table: which one it is now, and what its records hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.errors import EngineError, StreamError, TableError, UsageError
from workbench.results import Backoff
from workbench.results.faults import code_of
from workbench.streams.shards import Listing, list_shards

__all__ = ["Stream", "find_stream", "streamed_table"]


@dataclass(frozen=True)
class Stream:
    """One stream of one table. ``client`` is boto3's of the service dynamodbstreams.

    ``view`` says what records hold: KEYS_ONLY, NEW_IMAGE, OLD_IMAGE or NEW_AND_OLD_IMAGES.
    """

    client: Any
    arn: str
    table: str
    view: str

    @property
    def label(self) -> str:
        """When the stream was made, which tells it from older streams of the table."""
        return self.arn.partition("/stream/")[2]

    @property
    def place(self) -> str:
        """The stream in the words of messages, without the account."""
        return f"the stream of {self.table}"

    def listing(self, backoff: Backoff | None = None) -> Listing:
        """Return the status and every shard, parents before their children."""
        return list_shards(self.client, self.arn, self.place, backoff or Backoff())

    def __repr__(self) -> str:
        return f"<Stream of {self.table}, {self.view}>"


def find_stream(dynamodb: Any, streams: Any, table: str) -> Stream:
    """Return the stream of a table that is written to now, by DescribeTable's LatestStreamArn.

    ListStreams would show the streams of earlier tables of that name too, for 24 hours on AWS and for good on
    DynamoDB Local. A stream that was switched off can still be read to its end. Raises TableError for no such table
    and StreamError for a table that never had a stream.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        found = dynamodb.describe_table(TableName=table)["Table"]
    except ClientError as error:
        if code_of(error) == "ResourceNotFoundException":
            raise TableError(
                f"there is no table {table!r} in this store; `workbench ddb schema-load MODEL` makes it"
            ) from error
        raise EngineError(f"DescribeTable on {table} was refused: {error}") from error
    except BotoCoreError as error:
        raise EngineError(
            f"DescribeTable on {table}: the engine did not answer: {error} `workbench engine status` says whether "
            "it is up."
        ) from error
    arn = found.get("LatestStreamArn")
    if not arn:
        raise StreamError(
            f"the table {table!r} has no stream; write `stream: NEW_IMAGE` under it in the model file and make the "
            "table anew, or switch the stream on with UpdateTable"
        )
    view = found.get("StreamSpecification", {}).get("StreamViewType") or _view(streams, arn)
    return Stream(streams, arn, table, view)


def _view(streams: Any, arn: str) -> str:
    """What records hold of a stream that was switched off: DescribeTable does not say it any more."""
    return str(streams.describe_stream(StreamArn=arn)["StreamDescription"].get("StreamViewType", ""))


def streamed_table(model: Any, name: str | None = None) -> str:
    """Return the table of a model whose stream is meant; it may be left out where only one has a stream.

    UsageError where none has one, or several do; UnknownNameError for another name.
    """
    if name is not None:
        return str(model.table(name).name)
    streamed = [table.name for table in model.tables.values() if table.stream]
    if not streamed:
        raise UsageError(f"no table of {model.name} has a stream; write `stream: NEW_IMAGE` under one in its file")
    if len(streamed) > 1:
        raise UsageError(f"{len(streamed)} tables of {model.name} have a stream; name one: {', '.join(streamed)}")
    return str(streamed[0])
