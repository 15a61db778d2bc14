"""Mistakes in a model's expressions, found when it is loaded and not when it is run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from workbench.errors import ModelError, Problem, did_you_mean
from workbench.model import DYNAMODB_TYPE, Action, KeyTemplate, Model, Pattern
from workbench.plans.expressions import parse_condition, parse_path
from workbench.plans.reads import check_key_condition, key_schema
from workbench.plans.steps import parsed_update
from workbench.plans.syntax import Between, Comparison, Membership, Node, Path, Value, paths, values, walk
from workbench.plans.tokens import mistake


def check_expressions(model: Model) -> list[Problem]:
    """Return every mistake in the expressions of a model's patterns, in the order of the file; none is raised.

    Found are: wrong syntax, ``{fields}`` that are no parameter and no lookup, filters on key attributes, updates of
    keys or of one place twice, conditions whose types can never match, key conditions that no key can answer.
    """
    return [problem for pattern in model.patterns.values() for problem in _problems(model, pattern)]


def _problems(model: Model, pattern: Pattern) -> Iterator[Problem]:
    for check in _checks(model, pattern):
        try:
            check()
        except ModelError as error:
            for problem in error.problems:
                yield replace(problem, line=problem.line or pattern.line, file=problem.file or str(model.path))


def _checks(model: Model, pattern: Pattern) -> Iterator[Callable[[], object]]:
    yield partial(_check_key, model, pattern)
    yield partial(_check_filter, model, pattern)
    for each in pattern.projection:
        yield partial(parse_path, each, f"{pattern.name}: projection")
    for action in pattern.actions:
        yield partial(_check_condition, model, pattern, action)
        yield partial(_check_update, model, pattern, action)


def _check_key(model: Model, pattern: Pattern) -> None:
    if pattern.key is not None:
        check_key_condition(f"{pattern.name}: key", key_schema(model, pattern), pattern.key)


def _check_filter(model: Model, pattern: Pattern) -> None:
    text, place = pattern.filter, f"{pattern.name}: filter"
    if text is None:
        return
    condition = parse_condition(text, place)
    _check_fields(pattern, condition, text, place, each=None)
    _check_types(model, pattern.table, pattern, condition, text, place)
    if pattern.operation != "Query":
        return
    keys = key_schema(model, pattern).names
    for path in paths(condition):
        if path.attribute in keys:
            message = f"{path.attribute} is part of the key, which a Query's filter can't name; make it a key condition"
            raise mistake(message, text=text, at=path.at, place=place)


def _check_condition(model: Model, pattern: Pattern, action: Action) -> None:
    if action.condition is None:
        return
    place = f"{_place(pattern, action)}: condition"
    condition = parse_condition(action.condition, place)
    _check_fields(pattern, condition, action.condition, place, each=action.each)
    _check_types(model, model.entity(action.entity).table, pattern, condition, action.condition, place)


def _check_update(model: Model, pattern: Pattern, action: Action) -> None:
    if action.update is None:
        return
    place = f"{_place(pattern, action)}: set"
    update = parsed_update(action.update, place, model.table(model.entity(action.entity).table).keys.names)
    _check_fields(pattern, update, action.update, place, each=action.each)


def _place(pattern: Pattern, action: Action) -> str:
    return f"{pattern.name}: {action.kind} {action.entity}"


def _check_fields(pattern: Pattern, node: Node, text: str, place: str, *, each: str | None) -> None:
    for value in values(node):
        for name in value.template.fields if value.template else ():
            wrong = unknown_field(pattern, name, each)
            if wrong:
                raise mistake(wrong, text=text, at=value.at, place=place)


def unknown_field(pattern: Pattern, name: str, each: str | None) -> str:
    """Return what is wrong with ``{name}`` in a pattern, or an empty text; ``each`` is the lookup of its action."""
    lookup, dot, _ = name.partition(".")
    if not dot:
        if name in pattern.parameters:
            return ""
        return f"{{{name}}} is no parameter. {did_you_mean(name, list(pattern.parameters))}"
    if lookup not in pattern.lookups:
        return f"{{{name}}}: there is no lookup {lookup!r}. {did_you_mean(lookup, list(pattern.lookups))}"
    if pattern.lookups[lookup].many and lookup != each:
        return f"{{{name}}}: {lookup} gives many rows; use it in an action with `each: {lookup}`"
    return ""


def _check_types(model: Model, table: str, pattern: Pattern, node: Node, text: str, place: str) -> None:
    known = _attribute_types(model, table)
    for operands in _compared(node):
        for path in (each for each in operands if isinstance(each, Path) and len(each.parts) == 1):
            for value in (each for each in operands if isinstance(each, Value)):
                type_ = _value_type(pattern, value)
                declared = known.get(path.attribute, set())
                if declared and type_ and "" not in declared and type_ not in declared:
                    message = f"{path.attribute} is {' or '.join(sorted(declared))} and {value.source} is {type_}"
                    raise mistake(f"{message}; values of two types never match", text=text, at=value.at, place=place)


def _compared(node: Node) -> Iterator[tuple[object, ...]]:
    for each in walk(node):
        match each:
            case Comparison(_, left, right):
                yield (left, right)
            case Between(operand, low, high):
                yield (operand, low, high)
            case Membership(operand, options):
                yield (operand, *options)


def _attribute_types(model: Model, table: str) -> dict[str, set[str]]:
    """Return the DynamoDB types that the entities of a table give an attribute; an empty text stands for any."""
    found: dict[str, set[str]] = {}
    for entity in model.entities_of(table):
        for name, attribute in entity.attributes.items():
            found.setdefault(name, set()).add(DYNAMODB_TYPE.get(attribute.type, ""))
    return found


def _value_type(pattern: Pattern, value: Value) -> str:
    """Return the DynamoDB type of a value, or an empty text where it can't be known or is NULL."""
    if value.template is None:
        return "L" if value.members is not None else _literal_type(value.literal)
    if value.source.startswith("'"):
        return "S"
    return _field_type(pattern, value.template)


def _literal_type(literal: object) -> str:
    if literal is None:
        return ""
    return {"bool": "BOOL", "str": "S", "Decimal": "N"}.get(type(literal).__name__, "M")


def _field_type(pattern: Pattern, template: KeyTemplate) -> str:
    if template.only_field is None:
        return "S"
    parameter = pattern.parameters.get(template.only_field)
    return DYNAMODB_TYPE.get(parameter.type, "") if parameter else ""
