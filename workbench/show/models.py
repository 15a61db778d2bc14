"""Models, tables and access patterns in words: the overview, the table, and the card of a pattern."""

from __future__ import annotations

from workbench.items import amount_text
from workbench.model import (
    Attribute,
    Billing,
    Budget,
    Entity,
    Example,
    Index,
    KeySchema,
    Model,
    Pattern,
    Rate,
    SortCondition,
    Table,
)
from workbench.show.colours import hues
from workbench.show.description import Block, Cell, Code, Description, Facts, Grid, Line, facts

_OPERATORS = {
    "equals": "= {0}",
    "begins_with": "begins with {0}",
    "less_than": "< {0}",
    "less_or_equal": "<= {0}",
    "greater_than": "> {0}",
    "greater_or_equal": ">= {0}",
    "between": "between {0} and {1}",
}


def describe_model(model: Model) -> Description:
    """Return the overview of a model: its tables, entities and access patterns."""
    blocks: list[Block] = [Line(model.description)] if model.description else []
    blocks += [
        Grid(("table", "keys", "indexes", "capacity"), tuple(_table_row(t) for t in model.tables.values()), "Tables")
    ]
    if model.entities:
        blocks.append(_entities(model))
    if model.patterns:
        rows = tuple(
            (Cell(p.name, "code"), Cell(p.operation), Cell(p.index or p.table, "code"), Cell(p.question))
            for p in model.patterns.values()
        )
        blocks.append(Grid(("pattern", "operation", "on", "question"), rows, "Access patterns"))
    return Description("model", model.name, tuple(blocks), (Cell("model"),))


def describe_table(table: Table) -> Description:
    """Return a table as its model declares it, and its indexes."""
    about = facts(
        partition_key=_keys(table.keys, "partition"),
        sort_key=_keys(table.keys, "sort"),
        capacity=_billing(table.billing),
        stream=table.stream,
        expires_by=Cell(table.ttl, "code") if table.ttl else None,
        deletion_protection="on" if table.deletion_protection else None,
    )
    rows = tuple(_index_row(index) for index in table.indexes.values())
    indexes = (Grid(("index", "kind", "partition", "sort", "holds", "capacity"), rows, "Indexes"),) if rows else ()
    return Description("table", table.name, (about, *indexes), (Cell("table"),))


def describe_entity(entity: Entity) -> Description:
    """Return an item type: its key templates, and what each attribute is and means."""
    keys = Facts(tuple((name, (Cell(template.text, "code"),)) for name, template in entity.keys.items()))
    rows = tuple(
        (Cell(_attribute_name(each), "code"), Cell(each.type), Cell(each.description))
        for each in entity.attributes.values()
    )
    blocks: list[Block] = [Line(entity.description)] if entity.description else []
    blocks += [keys, facts(filled_by=Cell(entity.source.path, "code") if entity.source else None)]
    blocks += [Grid(("attribute", "type", "what it is"), rows)] if rows else []
    return Description("entity", entity.name, tuple(blocks), (Cell(f"entity of {entity.table}"),))


def describe_pattern(pattern: Pattern) -> Description:
    """Return the card of an access pattern: question, request, parameters, examples, what it may cost."""
    request = facts(
        on=(Cell(pattern.table, "code"), *([Cell(f"index {pattern.index}", "code")] if pattern.index else [])),
        key=_key(pattern),
        filter=Cell(pattern.filter, "code") if pattern.filter else None,
        does=_actions(pattern),
        unless=_unless(pattern),
        returns=Cell(", ".join(pattern.projection), "code") if pattern.projection else None,
        order=pattern.order if pattern.operation == "Query" else None,
        limit=_limit(pattern),
        reads="strongly consistent" if pattern.consistent else None,
        looks_up=tuple(
            Cell(f"{lookup.name}: {'rows' if lookup.many else 'one row'} of {lookup.source.path}")
            for lookup in pattern.lookups.values()
        ),
        proved_by=Cell(pattern.oracle.path, "code") if pattern.oracle else None,
        expected_rate=_rate(pattern.rate),
        budget=_budget(pattern.budget),
    )
    blocks: list[Block] = [Line(pattern.question)]
    if pattern.description:
        blocks.append(Line(pattern.description, "muted"))
    blocks += [request, *_parameters(pattern), *_examples(pattern)]
    return Description("pattern", pattern.name, tuple(blocks), (Cell(pattern.operation),))


def _unless(pattern: Pattern) -> Cell | None:
    if pattern.unless is None:
        return None
    return Cell(f"{pattern.unless.finds} finds a row; then {pattern.unless.then} is run")


def _entities(model: Model) -> Grid:
    colour = hues(list(model.entities))
    rows = tuple(
        (
            Cell(entity.name, "entity", colour[entity.name]),
            Cell(", ".join(f"{name} = {template.text}" for name, template in entity.keys.items()), "code"),
            Cell(", ".join(_attribute_name(attribute) for attribute in entity.attributes.values())),
            Cell(_first_sentence(entity.description)),
        )
        for entity in model.entities.values()
    )
    return Grid(("entity", "keys", "attributes", "what it is"), rows, "Entities")


def _attribute_name(attribute: Attribute) -> str:
    return attribute.name if attribute.required else f"{attribute.name}?"


def _first_sentence(text: str) -> str:
    sentence, stop, _ = text.partition(". ")
    return sentence + stop.strip()


def _table_row(table: Table) -> tuple[Cell, ...]:
    return (
        Cell(table.name, "code"),
        Cell(", ".join(table.keys.names), "code"),
        Cell(", ".join(table.indexes) or "none", "code" if table.indexes else "muted"),
        Cell(_billing(table.billing)),
    )


def _index_row(index: Index) -> tuple[Cell, ...]:
    held = {"ALL": "every attribute", "KEYS_ONLY": "keys only"}.get(
        index.projection, f"keys, {', '.join(index.include)}"
    )
    return (
        Cell(index.name, "code"),
        Cell(index.kind),
        Cell(", ".join(f"{key.name} {key.type}" for key in index.keys.partition), "code"),
        Cell(", ".join(f"{key.name} {key.type}" for key in index.keys.sort), "code"),
        Cell(held),
        Cell(_billing(index.billing) if index.billing else "as the table"),
    )


def _keys(keys: KeySchema, part: str) -> tuple[Cell, ...]:
    attributes = keys.partition if part == "partition" else keys.sort
    return tuple(Cell(f"{key.name} {key.type}", "code") for key in attributes)


def _billing(billing: Billing) -> str:
    if billing.mode == "on-demand":
        return "on demand"
    return f"{billing.read} read and {billing.write} write units a second"


def _key(pattern: Pattern) -> tuple[Cell, ...]:
    if pattern.key is None:
        return ()
    partition = [Cell(f"{name} = {template.text}", "code") for name, template in pattern.key.partition.items()]
    return (*partition, *(Cell(_sort(condition), "code") for condition in pattern.key.sort))


def _sort(condition: SortCondition) -> str:
    return f"{condition.attribute} {_OPERATORS[condition.operator].format(*(v.text for v in condition.values))}"


def _actions(pattern: Pattern) -> tuple[Cell, ...]:
    lines: list[Cell] = []
    for action in pattern.actions:
        each = f", once for each row of {action.each}" if action.each else ""
        lines.append(Cell(f"{action.kind} {action.entity}{each}"))
        lines += [Cell(text, "code") for text in (action.update,) if text]
        lines += [Cell(f"only if {action.condition}", "code")] if action.condition else []
    return tuple(lines)


def _limit(pattern: Pattern) -> str | None:
    if pattern.limit is None:
        return None
    limit = str(pattern.limit) if isinstance(pattern.limit, int) else f"{{{pattern.limit.strip('{} ')}}}"
    return f"{limit} items read a page"


def _rate(rate: Rate | None) -> str | None:
    if rate is None:
        return None
    parts = ((rate.average, "on average"), (rate.peak, "at peak"))
    return ", ".join(f"{_often(value)} {word}" for value, word in parts if value)


def _often(rate: float) -> str:
    """Return a rate in the smallest unit of time in which it is at least one."""
    for seconds, unit in ((1, "a second"), (60, "a minute"), (3600, "an hour")):
        if rate * seconds >= 0.9995:
            return f"{rate * seconds:.4g} {unit}"
    return f"{rate * 86_400:.4g} a day"


def _budget(budget: Budget | None) -> str | None:
    if budget is None:
        return None
    units = ((budget.read_units, "read units"), (budget.write_units, "write units"))
    counts = ((budget.pages, "page"), (budget.items_read, "item"))
    words = [f"{amount_text(value)} {word}" for value, word in units if value is not None]
    words += [f"{value} {word}{'s' * (value != 1)}" for value, word in counts if value is not None]
    return f"at most {', '.join(words)}"


def _parameters(pattern: Pattern) -> list[Block]:
    rows = tuple(
        (
            Cell(p.name, "code"),
            Cell(p.type),
            Cell(
                "required" if p.required and p.default is None else "" if p.default is None else str(p.default), "muted"
            ),
            Cell(p.description),
        )
        for p in pattern.parameters.values()
    )
    return [Grid(("parameter", "type", "default", "what it is"), rows)] if rows else []


def _examples(pattern: Pattern) -> list[Block]:
    lines = [_example(example) for example in pattern.examples.values()]
    return [Code("\n".join(lines), f"Examples ({len(lines)})", folded=True)] if lines else []


def _example(example: Example) -> str:
    arguments = ", ".join(f"{name}={value!r}" for name, value in example.arguments.items())
    expected = (
        f", expects {example.expect.rows} row{'s' * (example.expect.rows != 1)}"
        if example.expect.rows is not None
        else ""
    )
    error = f", expects {example.expect.error}" if example.expect.error else ""
    return f"{example.name}: {arguments}{expected}{error}"
