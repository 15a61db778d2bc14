"""One request: the operation's name and exactly what boto3's low-level client takes for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pprint import pformat
from typing import Any

from workbench.model import Operation


@dataclass(frozen=True)
class Request:
    """An operation and its arguments, values in wire form: ``client.query(**request.kwargs)``."""

    operation: Operation
    kwargs: dict[str, Any]

    @property
    def method(self) -> str:
        """The name of the client's method, such as ``batch_get_item``."""
        return _method(self.operation)

    def code(self, client: str = "client") -> str:
        """Return the Python statement that sends this request with boto3's low-level client."""
        arguments = "".join(f"    {name}={_value(value, len(name) + 5)},\n" for name, value in self.kwargs.items())
        return f"{client}.{self.method}(\n{arguments})"

    def __repr__(self) -> str:
        return self.code()


@cache
def _method(operation: Operation) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()


def _value(value: Any, indent: int) -> str:
    return pformat(value, sort_dicts=False, width=110 - indent).replace("\n", "\n" + " " * indent)
