"""Records as a Lambda function is given them, and back from lines of JSON.

boto3 gives bytes and times; the event of a Lambda function is JSON: binary values in base64, times in seconds since
1970. A handler that is tested with one shape must not meet another one in production.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.errors import UsageError

__all__ = ["lambda_event", "lambda_record", "read_lines", "sequence_of"]

_IMAGES = ("Keys", "NewImage", "OldImage")


def sequence_of(record: Mapping[str, Any]) -> str:
    """Return a record's sequence number, digits in text."""
    return str(record["dynamodb"]["SequenceNumber"])


def lambda_event(records: Sequence[Mapping[str, Any]], arn: str) -> dict[str, Any]:
    """Return the event that a Lambda function would be called with for these records of the stream ``arn``."""
    return {"Records": [lambda_record(record, arn) for record in records]}


def lambda_record(record: Mapping[str, Any], arn: str) -> dict[str, Any]:
    """Return one record in the form of a Lambda event; one that has this form already stays as it is."""
    inner = dict(record["dynamodb"])
    created = inner.get("ApproximateCreationDateTime")
    if isinstance(created, dt.datetime):
        inner["ApproximateCreationDateTime"] = int(created.timestamp())
    for name in _IMAGES:
        if name in inner:
            inner[name] = {key: _json_value(value) for key, value in inner[name].items()}
    return {**record, "dynamodb": inner, "eventSourceARN": record.get("eventSourceARN", arn)}


def _json_value(value: Mapping[str, Any]) -> dict[str, Any]:
    ((tag, content),) = value.items()
    if tag == "B":
        return {"B": _base64(content)}
    if tag == "BS":
        return {"BS": [_base64(each) for each in content]}
    if tag == "L":
        return {"L": [_json_value(each) for each in content]}
    if tag == "M":
        return {"M": {name: _json_value(each) for name, each in content.items()}}
    return {tag: content}


def _base64(content: Any) -> str:
    if isinstance(content, str):  # it is JSON already
        return content
    return base64.b64encode(bytes(content)).decode("ascii")


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Return the records of a file with one JSON object a line: as `streams tail --json` prints, or set aside.

    UsageError names the line that is no record.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path.name} cannot be read: {error}") from error
    return list(_records(path.name, text.splitlines()))


def _records(name: str, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
            record = found.get("record", found)
            sequence_of(record)
        except (ValueError, AttributeError, KeyError, TypeError):
            raise UsageError(
                f"{name}, line {number} is no record of a stream; write one JSON object a line, as "
                "`workbench streams tail MODEL --json` prints them"
            ) from None
        yield record
