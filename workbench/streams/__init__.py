"""Streams: the records of a table's changes, read to their end or as they come, and handlers run over them."""

from workbench.streams.checkpoints import Checkpoints, FileCheckpoints, MemoryCheckpoints
from workbench.streams.dead_letters import DeadLetters
from workbench.streams.events import lambda_event, lambda_record, read_lines, sequence_of
from workbench.streams.handlers import Context, Handler, handler_names, load_handler
from workbench.streams.positions import Position, Start, is_later
from workbench.streams.postgres_checkpoints import PostgresCheckpoints
from workbench.streams.reader import Pace, Reader
from workbench.streams.runner import BATCH, RunReport, Settings, read_all, replay, run
from workbench.streams.shard_reader import Page, Record, Rules
from workbench.streams.shards import Listing, Shard, parents_first
from workbench.streams.stream import Stream, find_stream, streamed_table

__all__ = [
    "BATCH", "Checkpoints", "Context", "DeadLetters", "FileCheckpoints", "Handler", "Listing", "MemoryCheckpoints",
    "Pace", "Page", "Position", "PostgresCheckpoints", "Reader", "Record", "Rules", "RunReport", "Settings", "Shard",
    "Start", "Stream", "find_stream", "handler_names", "is_later", "lambda_event", "lambda_record", "load_handler",
    "parents_first", "read_all", "read_lines", "replay", "run", "sequence_of", "streamed_table",
]  # fmt: skip
