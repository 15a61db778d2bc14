"""What a plan is likely to cost: exact where the item is known, else from sizes given, else from attribute types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add

from workbench.errors import KeyTemplateError
from workbench.items import (
    Units,
    amount_text,
    batch_get_units,
    condition_check_units,
    get_units,
    index_view,
    item_size,
    query_estimate,
    transact_get_units,
    write_units,
)
from workbench.model import Entity, KeyTemplate, Pattern, SortCondition
from workbench.plans.entries import holds_unresolved
from workbench.plans.expressions import parse_update
from workbench.plans.placeholders import Wire
from workbench.plans.plan import Plan
from workbench.plans.samples import changed, sample_item
from workbench.plans.steps import Step

PAGE_BYTES = 1_048_576
Sizes = Mapping[str, int]


@dataclass(frozen=True)
class Estimate:
    """What one run is likely to take. ``items`` is None where their number can't be known before the request.

    ``bytes`` are those of ``items`` items of ``item_bytes`` each, ``units`` what they cost; both None with ``items``.
    ``basis`` says where the sizes come from; ``exact`` that they are those of the items to be written.
    """

    items: int | None
    item_bytes: int
    bytes: int | None
    units: Units | None
    basis: str
    exact: bool = False

    def __str__(self) -> str:
        if self.items is None or self.units is None:
            return f"{max(1, 4096 // max(1, self.item_bytes)):,} items of about {self.item_bytes:,} bytes fill 4 KB"
        unit = "WCU" if self.units.write else "RCU"
        if not self.items:
            return "nothing to do"
        size = f"{self.bytes:,} bytes" if self.items == 1 else f"{self.items:,} items, {self.bytes:,} bytes"
        return f"{'' if self.exact else 'about '}{size}: {amount_text(self.units.total)} {unit}"


def estimate(plan: Plan, sizes: Sizes | None = None) -> Estimate:
    """Return what one run, or the first page, is likely to take; ``sizes`` are average bytes by entity."""
    if plan.steps:
        return _of_steps(plan, sizes or {})
    pattern = plan.pattern
    entities = candidates(plan)
    size = max((_read_size(plan, entity, sizes or {}) for entity in entities), default=100)
    basis = _basis([entity.name for entity in entities], sizes or {})
    if pattern.operation == "GetItem":
        return Estimate(1, size, size, get_units(size, consistent=pattern.consistent), basis)
    if not plan.pages:
        return Estimate(0, 0, 0, Units(), basis)
    if plan.limit is None:
        return Estimate(None, size, None, None, basis)
    items = min(plan.limit, max(1, PAGE_BYTES // max(1, size)))
    found = query_estimate(items, size, consistent=pattern.consistent, index=pattern.index)
    return Estimate(items, size, found.bytes, found.units, basis)


def candidates(plan: Plan) -> list[Entity]:
    """Return the entities that a read may find, judged by their key templates; all of the table where none fits."""
    pattern, model = plan.pattern, plan.model
    entities = model.entities_of(pattern.table)
    if pattern.index is not None:
        keys = model.index(pattern.table, pattern.index).keys.names
        fitting = [entity for entity in entities if all(name in {**entity.keys, **entity.attributes} for name in keys)]
    elif pattern.key is not None:
        fitting = [entity for entity in entities if _fits(pattern, entity)]
    else:
        fitting = entities
    return fitting or entities


def _fits(pattern: Pattern, entity: Entity) -> bool:
    key = pattern.key
    if key is None:
        return True
    partition = (_agree(entity.keys[name], asked) for name, asked in key.partition.items() if name in entity.keys)
    sort = (_sorts(entity.keys[each.attribute], each) for each in key.sort if each.attribute in entity.keys)
    return all(partition) and all(sort)


def _sorts(stored: KeyTemplate, condition: SortCondition) -> bool:
    """Return whether a stored key may meet a condition, judged by the literal that each begins with."""
    if condition.operator == "equals":
        return _agree(stored, condition.values[0])
    if condition.operator not in ("begins_with", "between"):
        return True
    asked = condition.values[0].prefix
    return asked.startswith(stored.prefix) or stored.prefix.startswith(asked)


def _agree(stored: KeyTemplate, asked: KeyTemplate) -> bool:
    if asked.fields:
        return stored.prefix == asked.prefix
    try:
        return stored.matches(asked.render({}))
    except KeyTemplateError:
        return False


def _read_size(plan: Plan, entity: Entity, sizes: Sizes) -> int:
    table = plan.model.table(plan.pattern.table)
    item = sample_item(entity, table, sizes.get(entity.name))
    if plan.pattern.index is None:
        return item_size(item)
    return item_size(index_view(item, table, plan.model.index(table.name, plan.pattern.index)) or item)


def _of_steps(plan: Plan, sizes: Sizes) -> Estimate:
    known = [_image(plan, step, sizes) for step in plan.steps]
    counts = [item_size(item) for item in known]
    names = list(dict.fromkeys(step.entity for step in plan.steps if not _known(step)))
    units = _read_units(plan, counts) if not plan.pattern.writes else _write_units(plan, known)
    total = sum(counts)
    basis = _basis(names, sizes) if names else "as it will be written, where no such item is there before"
    if plan.open_rows:
        basis += f"; for one row of {' and one of '.join(plan.open_rows)}"
    return Estimate(len(counts), total // max(1, len(counts)), total, units, basis, exact=not names)


def _read_units(plan: Plan, counts: list[int]) -> Units:
    if plan.pattern.operation == "TransactGetItems":
        return transact_get_units(counts)
    return batch_get_units(counts, consistent=plan.pattern.consistent)


def _write_units(plan: Plan, items: list[Wire]) -> Units:
    return reduce(add, (_written(plan, step, item) for step, item in zip(plan.steps, items, strict=True)), Units())


def _written(plan: Plan, step: Step, item: Wire) -> Units:
    table = plan.model.table(step.table)
    transactional = plan.pattern.operation == "TransactWriteItems"
    if step.kind == "check":
        return condition_check_units(item)
    before = None if step.kind == "put" else item
    after = {"put": item, "delete": None}.get(step.kind, _updated(plan, step, item))
    return write_units(before, after, table, transactional=transactional)


def _updated(plan: Plan, step: Step, item: Wire) -> Wire:
    """Return the item with every attribute that the update names changed, so that its indexes are counted."""
    text = next(
        (action.update for action in plan.pattern.actions if action.entity == step.entity and action.update), None
    )
    if text is None:
        return item
    names = [change.path.attribute for clause in parse_update(text).clauses for change in clause.changes]
    return {**item, **{name: changed(item.get(name, {"S": "x"})) for name in names}}


def _image(plan: Plan, step: Step, sizes: Sizes) -> Wire:
    if _known(step):
        return dict(step.kwargs["Item"])
    return sample_item(plan.model.entity(step.entity), plan.model.table(step.table), sizes.get(step.entity))


def _known(step: Step) -> bool:
    """Return whether the step writes an item all of whose values are known."""
    item: Wire = step.kwargs.get("Item", {})
    return bool(item) and not any(holds_unresolved(value) for value in item.values())


def _basis(entities: list[str], sizes: Sizes) -> str:
    guessed = [name for name in entities if name not in sizes]
    if not guessed and entities:
        return f"the sizes given for {', '.join(entities)}"
    return f"an estimate from the attribute types of {', '.join(guessed) or 'nothing that is declared'}"
