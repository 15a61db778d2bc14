"""Records of a stream as lines: one for people, one of JSON for programs."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from workbench.model import Model
    from workbench.streams import Record, Stream

__all__ = ["json_line", "text_line"]

_COLOURS = {"INSERT": "green", "MODIFY": "yellow", "REMOVE": "red"}
_TTL = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


def json_line(stream: Stream) -> Callable[[Record], str]:
    """Return what makes a line of JSON of a record, in the form that a Lambda function gets."""
    from workbench.streams import lambda_record

    return lambda record: json.dumps(lambda_record(record, stream.arn), ensure_ascii=False)


def text_line(model: Model, table: str) -> Callable[[Record], str]:
    """Return what makes a line of a record: time in UTC, event, entity, key, and what the images tell.

    On a terminal a line is cut at its width; elsewhere only long values are.
    """
    from workbench.items import item_from_wire
    from workbench.results import recognise
    from workbench.show.values import keys

    names = model.table(table).keys.names
    width = max([len(entity.name) for entity in model.entities_of(table)] or [0])

    def line(record: Record) -> str:
        told = record["dynamodb"]
        key = item_from_wire(told["Keys"])
        new, old = (item_from_wire(told[image]) if image in told else None for image in ("NewImage", "OldImage"))
        entity = recognise(model, table, new or old or key).entity
        event = str(record["eventName"])
        parts = [
            _time(told.get("ApproximateCreationDateTime")),
            click.style(event.ljust(6), fg=_COLOURS.get(event)),
            (entity.name if entity else "-").ljust(width),
            keys({name: key[name] for name in names if name in key}),
            _ttl(record) + _images(new, old, names, list(entity.attributes) if entity else []),
        ]
        return _fitting("  ".join(parts).rstrip())

    return line


def _fitting(line: str) -> str:
    """The line, cut at the width of the terminal where it is printed on one."""
    if not sys.stdout.isatty():
        return line
    columns = shutil.get_terminal_size().columns + len(line) - len(click.unstyle(line))
    return line if len(line) <= columns else f"{line[: columns - 1]}…"


def _time(at: Any) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S") if isinstance(at, dt.datetime) else "-".ljust(19)


def _ttl(record: Record) -> str:
    """DynamoDB's own deletes say who deleted."""
    who = record.get("userIdentity") or {}
    named = {name.lower(): value for name, value in who.items()}
    return "by time to live  " if named == {name.lower(): value for name, value in _TTL.items()} else ""


def _images(
    new: Mapping[str, Any] | None, old: Mapping[str, Any] | None, keys: tuple[str, ...], order: list[str]
) -> str:
    from workbench.show.values import shown

    def text(item: Mapping[str, Any], name: str) -> str:
        return shown(item[name]).text if name in item else "(none)"

    there = {*(new or {}), *(old or {})}.difference(keys)
    names = [*(name for name in order if name in there), *sorted(there.difference(order))]
    if new is not None and old is not None:
        return ", ".join(f"{n}: {text(old, n)} -> {text(new, n)}" for n in names if old.get(n) != new.get(n))
    image = new if new is not None else old or {}
    return ", ".join(f"{name}: {text(image, name)}" for name in names)
