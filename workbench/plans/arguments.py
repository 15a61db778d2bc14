"""Arguments of a pattern: checked against its parameters, made canonical, defaults filled in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from workbench.errors import ArgumentError, did_you_mean
from workbench.model import Parameter, Pattern, parse
from workbench.plans.clock import Clock

MADE = ("$now", "$uuid")


def check_arguments(pattern: Pattern, arguments: Mapping[str, Any], clock: Clock) -> dict[str, Any]:
    """Return the canonical arguments, defaults included, in the order of the pattern's parameters.

    An argument that is None counts as left out. ArgumentError names an unknown, missing or ill-typed argument.
    """
    _refuse_unknown(pattern, arguments)
    given = {name: value for name, value in arguments.items() if value is not None}
    _refuse_missing(pattern, given)
    found = {name: _value(pattern, parameter, given, clock) for name, parameter in pattern.parameters.items()}
    return {name: value for name, value in found.items() if value is not None}


def limit_of(pattern: Pattern, arguments: Mapping[str, Any], override: int | None) -> int | None:
    """Return how many items a page evaluates at most, or None; ArgumentError when it is no whole number from 1 on."""
    if override is not None:
        return _positive(pattern, "limit", override)
    if not isinstance(pattern.limit, str):
        return None if pattern.limit is None else _positive(pattern, "limit", pattern.limit)
    name = limit_parameter(pattern) or ""
    value = arguments.get(name)
    return None if value is None else _positive(pattern, name, value)


def limit_parameter(pattern: Pattern) -> str | None:
    """Return the name of the parameter that gives the limit, or None."""
    return pattern.limit.strip().strip("{}").strip() if isinstance(pattern.limit, str) else None


def _refuse_unknown(pattern: Pattern, arguments: Mapping[str, Any]) -> None:
    for name in arguments:
        if name not in pattern.parameters:
            known = list(pattern.parameters)
            near = did_you_mean(name, known) if known else "It takes none."
            raise ArgumentError(f"{pattern.name} has no parameter {name!r}. {near}")


def _refuse_missing(pattern: Pattern, given: Mapping[str, Any]) -> None:
    missing = [
        parameter
        for name, parameter in pattern.parameters.items()
        if name not in given and parameter.required and parameter.default is None
    ]
    if missing:
        wanted = "; ".join(_described(parameter) for parameter in missing)
        raise ArgumentError(f"{pattern.name} needs {wanted}")


def _described(parameter: Parameter) -> str:
    about = f": {parameter.description}" if parameter.description else ""
    return f"{parameter.name} ({parameter.type}){about}"


def _value(pattern: Pattern, parameter: Parameter, given: Mapping[str, Any], clock: Clock) -> Any:
    raw = given.get(parameter.name, parameter.default)
    if parameter.name not in given and raw in MADE:
        raw = _made(raw, parameter, clock)
    if raw is None:
        return None
    try:
        return parse(parameter.type, raw)
    except ValueError as error:
        raise ArgumentError(f"{pattern.name}: {parameter.name}: {error}") from None


def _made(name: str, parameter: Parameter, clock: Clock) -> Any:
    if name == "$uuid":
        return str(clock.uuid())
    now = clock.now()
    if parameter.type in ("integer", "number"):
        return int(now.timestamp())  # seconds since 1970: the form that a TTL attribute has
    if parameter.type == "date":
        return now.astimezone(dt.UTC).date()
    return parse("timestamp", now)


def _positive(pattern: Pattern, name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ArgumentError(f"{pattern.name}: {name}: {value!r} is not an integer")
    if value < 1:
        raise ArgumentError(f"{pattern.name}: {name}: {value} is too small; a page reads 1 item or more")
    return value
