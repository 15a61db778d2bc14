"""Cursors: opaque text that says where the next page begins, and refuses another pattern, other arguments, damage.

The text is base64url of JSON: the pattern's name, a digest of what was asked, LastEvaluatedKey, the arguments that
the clock made (so that ``$now`` is the same on every page), and a checksum. The size of a page may change.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from workbench.errors import ArgumentError
from workbench.items import canonical, to_wire
from workbench.model import Model, Pattern
from workbench.plans.arguments import MADE, limit_parameter


def make_cursor(pattern: Pattern, arguments: Mapping[str, Any], last_key: Mapping[str, Any]) -> str:
    """Return the cursor for the page after ``last_key``, a LastEvaluatedKey in wire form."""
    made = {
        name: arguments[name]
        for name, parameter in pattern.parameters.items()
        if parameter.default in MADE and name in arguments
    }
    content = {"pattern": pattern.name, "asked": _asked(pattern, arguments), "key": _plain(last_key), "made": made}
    return base64.urlsafe_b64encode(_json({**content, "sum": _digest(content)}).encode()).decode().rstrip("=")


def read_cursor(pattern: Pattern, text: str) -> dict[str, Any]:
    """Return the content of a cursor; ArgumentError when it is damaged or belongs to another pattern."""
    content = _content(pattern, text)
    if content["pattern"] != pattern.name:
        raise ArgumentError(
            f"{pattern.name}: the cursor belongs to {content['pattern']}; hand a cursor back to the pattern "
            f"that gave it"
        )
    return content


def start_key(
    model: Model, pattern: Pattern, arguments: Mapping[str, Any], content: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the ExclusiveStartKey of a cursor's content; ArgumentError when it was made for other arguments."""
    if content["asked"] != _asked(pattern, arguments):
        raise ArgumentError(
            f"{pattern.name}: the cursor was given for other arguments, or the pattern has changed; "
            f"ask for the first page"
        )
    table = model.table(pattern.table)
    names = set(table.keys.names)
    if pattern.index is not None:
        names |= set(model.index(pattern.table, pattern.index).keys.names)
    key = content["key"]
    if set(key) != names:
        raise ArgumentError(f"{pattern.name}: the cursor holds {', '.join(key)}; the key is {', '.join(sorted(names))}")
    return {name: {kind: _bytes(kind, value)} for name, (kind, value) in key.items()}


def _content(pattern: Pattern, text: str) -> dict[str, Any]:
    try:
        padded = text + "=" * (-len(text) % 4)
        content = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        checksum = content.pop("sum")
        intact = checksum == _digest(content) and set(content) == {"pattern", "asked", "key", "made"}
    except (AttributeError, KeyError, TypeError, UnicodeError, ValueError, binascii.Error):
        intact, content = False, {}
    if not intact:
        raise ArgumentError(
            f"{pattern.name}: this is no cursor, or it was damaged on its way; hand it back as it was given"
        )
    return dict(content)


def _asked(pattern: Pattern, arguments: Mapping[str, Any]) -> str:
    """Return a digest of what decides which items come in which order: all but the size of a page."""
    key = pattern.key
    conditions = [] if key is None else [
        {name: template.text for name, template in key.partition.items()},
        [[each.attribute, each.operator, [value.text for value in each.values]] for each in key.sort],
    ]  # fmt: skip
    given = {name: _plain({"": canonical(to_wire(value))}) for name, value in arguments.items()}
    given.pop(limit_parameter(pattern) or "", None)
    return _digest([pattern.operation, pattern.table, pattern.index, conditions, pattern.filter, pattern.order, given])


def _plain(wire: Mapping[str, Any]) -> dict[str, Any]:
    return {name: list(next(iter(value.items()))) for name, value in wire.items()}


def _bytes(kind: str, value: Any) -> Any:
    return base64.b64decode(value["bytes"]) if kind == "B" else value


def _digest(content: Any) -> str:
    return hashlib.sha256(_json(content).encode()).hexdigest()[:20]


def _json(content: Any) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), default=_encode)


def _encode(value: Any) -> Any:
    return {"bytes": base64.b64encode(value).decode()} if isinstance(value, bytes) else str(value)
