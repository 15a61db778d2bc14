"""``workbench streams``: records of a table's changes, printed as they come, and handlers run over them."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workbench.cli.opening import DEFAULT, confirmation, default_store, keep_database
from workbench.cli.options import aws_options, engine_option, json_option, model_argument, the_model
from workbench.cli.output import print_json, progress_bar, remark
from workbench.cli.record_lines import json_line, text_line
from workbench.errors import UsageError

if TYPE_CHECKING:
    from workbench.engines import Store
    from workbench.model import Model
    from workbench.streams import Checkpoints, Handler, Pace, RunReport, Settings, Start, Stream

__all__ = ["streams"]

_START = click.Choice(("trim_horizon", "latest"), case_sensitive=False)
_skip_trimmed = click.option(
    "--skip-trimmed", is_flag=True, help="Go on at the oldest record left where records were trimmed unread."
)


@click.group(short_help="Streams: print a table's changes, run a handler over them.")
def streams() -> None:
    """DynamoDB Streams of the tables in the store 'default': every change of an item, in order, for 24 hours.

    \b
    Example:
      workbench streams tail messaging --no-follow
      workbench streams run messaging data/models/messaging/handlers/keep_inbox_fresh.py --once
    """


class _Stop:
    """Ctrl-C, or SIGTERM, asks to end; what is being done is done first. A second Ctrl-C ends at once."""

    def __init__(self) -> None:
        self.signal: int | None = None
        self._event = threading.Event()

    def __call__(self, number: int, _frame: Any) -> None:
        if self.signal is not None:
            raise KeyboardInterrupt
        self.signal = number
        self._event.set()
        remark("Ending after the batch that is being handled; again to end at once.")

    def is_set(self) -> bool:
        """Say whether the end was asked for."""
        return self._event.is_set()

    def sleep(self, seconds: float) -> None:
        """Wait, or less when the end is asked for."""
        self._event.wait(seconds)


@contextmanager
def _stoppable() -> Iterator[_Stop]:
    stop = _Stop()
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stream(design: Model, table: str | None, store: Store) -> Stream:
    from workbench.streams import find_stream, streamed_table

    return find_stream(store.client(), store.streams_client(), streamed_table(design, table))


def _pace(store: Store, **more: Any) -> Pace:
    """DynamoDB Local gives every record there is at once; AWS may give empty pages before the last record."""
    from workbench.streams import Pace

    return Pace(poll=0.2, patience=2, **more) if store.engine.is_near else Pace(poll=0.5, patience=20, **more)


@streams.command(short_help="Print records as they come.")
@model_argument
@click.argument("table", required=False)
@click.option(
    "--from", "start", type=_START, help="Where to begin: latest with --follow, trim_horizon (the oldest) without."
)
@click.option("--limit", type=click.IntRange(1), help="End after so many records.")
@click.option("--follow/--no-follow", default=True, show_default=True, help="Wait for more at the end of the stream.")
@_skip_trimmed
@engine_option
@json_option
def tail(
    model: str, table: str | None, start: Start | None, limit: int | None, follow: bool, as_json: bool, **options: Any
) -> None:
    """Print the records of TABLE's stream as they come: when, what happened, to which item.

    TABLE may be left out where one table of the model has a stream. Nothing is written, and nobody else's reading
    changes; AWS allows two readers of a shard at a time. With --json, one record a line as a Lambda function gets it.

    \b
    Example:
      workbench streams tail messaging
      workbench streams tail messaging --from trim_horizon --limit 5
      workbench streams tail messaging --no-follow --json > records.jsonl
    """
    from workbench.streams import Reader, Rules, streamed_table

    design = the_model(model)
    table = streamed_table(design, table)
    if start == "latest" and not follow:
        raise UsageError("--from latest with --no-follow shows nothing: the end of the stream is where it begins.")
    begin: Start = start or ("latest" if follow else "trim_horizon")
    with default_store(options["engine"], confirmation(options["engine"], write=False, confirm=None)) as store:
        stream = _stream(design, table, store)
        rules = Rules(limit=min(limit or 1000, 1000), skip_trimmed=options["skip_trimmed"], told=remark)
        reader = Reader(stream, start=begin, rules=rules, pace=_pace(store))
        if follow:
            reader.open()
            hint = "; --from trim_horizon shows what is there already" if start is None else ""
            remark(f"Following {stream.place} ({stream.view}); Ctrl-C ends{hint}.")
        write = json_line(stream) if as_json else text_line(design, stream.table)
        _print(reader.pages(follow=follow), write, limit)


def _print(pages: Iterator[Any], write: Callable[[Any], str], limit: int | None) -> None:
    printed = 0
    try:
        for record in (record for page in pages for record in page.records):
            printed += 1
            click.echo(write(record))
            if printed == limit:
                break
    except BrokenPipeError:  # `... | head`
        raise
    except BaseException:
        remark(_count(printed))
        raise
    remark(_count(printed))


def _count(records: int) -> str:
    return f"{records:,} record{'s' * (records != 1)}"


@streams.command("run", short_help="Run a handler over every record, as a Lambda function is run.")
@model_argument
@click.argument("handler", metavar="HANDLER")
@click.option("--table", help="Whose stream; may be left out where one table of the model has one.")
@click.option("--once", is_flag=True, help="Handle what is there, and end.")
@click.option(
    "--checkpoints",
    metavar="FILE|postgres",
    help="Where to keep how far it is: a file, or the model's database, in one transaction with what the handler "
    "writes to context.connection. Left out: a file of the workbench.",
)
@click.option("--name", help="The consumer, whose checkpoints they are; the handler's file and function unless said.")
@click.option(
    "--from",
    "start",
    type=_START,
    default="trim_horizon",
    show_default=True,
    help="Where to begin on a stream that was never handled; latest passes over what is in it.",
)
@click.option("--batch", type=click.IntRange(1, 10_000), default=100, show_default=True, help="Most records of a call.")
@click.option(
    "--attempts", type=click.IntRange(1), default=5, show_default=True, help="Of one record, before it fails."
)
@click.option(
    "--dead-letters",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Set records aside in this file that fail every attempt, and go on; without it the run ends there.",
)
@click.option(
    "--records",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Hand over the records of this file instead: dead letters, or what `tail --json` printed.",
)
@_skip_trimmed
@engine_option
@aws_options
@json_option
def run_handler(model: str, handler: str, as_json: bool, **options: Any) -> None:
    """Run HANDLER over every record of a stream: file.py:function or module:function, `handler` unless named.

    It is called as a Lambda function is, with an event and a context, and may report batchItemFailures. A plain
    boto3.client("dynamodb") in it reaches the store; TABLE_NAME is set. Records are handed over at least once: a run
    that is killed goes on at its last checkpoint. What the handler prints goes to stderr.

    Exit code 1 where a record failed for good or was set aside.

    \b
    Example:
      workbench streams run messaging data/models/messaging/handlers/keep_inbox_fresh.py
      workbench streams run messaging my_package.my_module:handler --once --dead-letters left.jsonl
      workbench streams run messaging data/models/messaging/handlers/count_messages.py --once --checkpoints postgres
    """
    from workbench.streams import handler_names, streamed_table

    design = the_model(model)
    table = streamed_table(design, options["table"])
    place, function_name = handler_names(handler)
    consumer = options["name"] or _consumer(place, function_name)
    _check_usage(options)
    allowed = confirmation(options["engine"], write=options["write"], confirm=options["confirm"], tables=[table])
    with _stoppable() as stop, default_store(options["engine"], allowed) as store, redirect_stdout(sys.stderr):
        function = _handler(handler, store, table)
        report = _run(design, table, function, consumer, store, stop, options)
    print_json(report.record()) if as_json else click.echo(repr(report))
    if report.set_aside:
        again = f"`workbench streams run {model} {handler} --records {options['dead_letters']}` hands them over again"
        remark(f"{report.set_aside} set aside in {options['dead_letters']}; {again}.")
    if stop.signal == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(1 if report.set_aside else 0)


def _check_usage(options: dict[str, Any]) -> None:
    if options["records"] and (options["checkpoints"] or options["dead_letters"] == options["records"]):
        raise UsageError(
            "--records hands over a file's records once: no --checkpoints, and dead letters in another file."
        )
    if options["name"] is not None and not re.fullmatch(r"[\w.:-]{1,100}", options["name"]):
        raise UsageError(f"--name {options['name']!r}: letters, digits, . : _ and -, 100 at most.")


def _consumer(place: str, function: str) -> str:
    name = Path(place).name.removesuffix(".py")
    return name if function == "handler" else f"{name}:{function}"


def _handler(spec: str, store: Store, table: str) -> Handler:
    """Load the handler in an environment in which its own clients reach the store, guarded where it is AWS."""
    from workbench.engines.aws import AwsEngine, guard_process
    from workbench.streams import load_handler

    if isinstance(store.engine, AwsEngine):
        guard_process(store.engine.confirmed)
    for name, value in store.environment().items():
        os.environ[name] = value
        if not value:
            del os.environ[name]
    os.environ.setdefault("TABLE_NAME", table)
    return load_handler(spec)


def _run(
    design: Model, table: str, function: Handler, consumer: str, store: Store, stop: _Stop, options: dict[str, Any]
) -> RunReport:
    from workbench.streams import read_lines, replay, run

    if options["records"]:
        settings = _settings(store, stop, options)
        return replay(read_lines(options["records"]), function, consumer=consumer, settings=settings)
    stream = _stream(design, table, store)
    with _checkpoints(design, table, consumer, options) as kept, progress_bar(consumer, unit="records") as advance:
        if not options["once"]:
            remark(f"{consumer} follows {stream.place}; Ctrl-C ends.")
        settings = _settings(store, stop, options, advance)
        return run(stream, function, kept, consumer=consumer, follow=not options["once"], settings=settings)


def _settings(store: Store, stop: _Stop, options: dict[str, Any], advance: Any = None) -> Settings:
    from workbench.results import Backoff
    from workbench.streams import DeadLetters, Rules, Settings

    return Settings(
        batch=options["batch"],
        start=options["start"],
        backoff=Backoff(attempts=options["attempts"], base=0.1, cap=5.0, sleep=stop.sleep),
        dead_letters=DeadLetters(options["dead_letters"]) if options["dead_letters"] else None,
        rules=Rules(skip_trimmed=options["skip_trimmed"], told=remark),
        pace=_pace(store, stopping=stop.is_set, sleep=stop.sleep),
        progress=advance and (lambda done: advance(done, None)),
    )


@contextmanager
def _checkpoints(design: Model, table: str, consumer: str, options: dict[str, Any]) -> Iterator[Checkpoints]:
    from workbench.streams import FileCheckpoints, PostgresCheckpoints

    if options["checkpoints"] == "postgres":
        import psycopg

        from workbench.engines import open_database

        with open_database(design, name=DEFAULT) as database:
            address = database.dsn
            keep_database()
            kept: Checkpoints = PostgresCheckpoints(lambda: psycopg.connect(address, autocommit=True), consumer)
            try:
                yield kept
            finally:
                kept.close()
        return
    kept = FileCheckpoints(_file(design, table, consumer, options["checkpoints"]), consumer)
    try:
        yield kept
    finally:
        kept.close()


def _file(design: Model, table: str, consumer: str, named: str | None) -> Path:
    from workbench.engines.state import state_dir

    if named:
        return Path(named)
    plain = re.sub(r"[^\w.-]", "_", f"{design.name}-{table}-{consumer}")
    path = state_dir() / "streams" / f"{plain}.json"
    remark(f"Checkpoints: {path}")
    return path
