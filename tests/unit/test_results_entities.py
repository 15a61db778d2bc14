"""Which entity an item is: by its table, its key templates, then its attributes."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from workbench.model import Attribute, Entity, KeyAttribute, KeySchema, KeyTemplate, Model, Table
from workbench.results import recognise


def entity(
    name: str, pk: str, sk: str, *required: str, fields: dict[str, Any] | None = None, table: str = "t"
) -> Entity:
    attributes = {each: Attribute(each, "string") for each in required}
    return Entity(name, table, {"pk": KeyTemplate.of(pk), "sk": KeyTemplate.of(sk)}, attributes, fields or {})


def model(*entities: Entity) -> Model:
    keys = KeySchema((KeyAttribute("pk"),), (KeyAttribute("sk"),))
    tables = {name: Table(name, keys) for name in ("t", "other")}
    return Model("m", Path("m.yaml"), tables=tables, entities={each.name: each for each in entities})


PROFILE = entity("Profile", "USER#{user}", "PROFILE", "email")
ORDER = entity("Order", "USER#{user}", "ORDER#{number:06d}", "total")
EVENT = entity("Event", "USER#{user}", "{at}", fields={"at": "timestamp"})
ANY = entity("Any", "{pk}", "{sk}")


def name(found: Any) -> str | None:
    return found.entity.name if found.entity else None


@pytest.mark.parametrize(
    ("item", "expected", "fields"),
    [
        ({"pk": "USER#1", "sk": "PROFILE", "email": "e"}, "Profile", {"user": "1"}),
        ({"pk": "USER#1", "sk": "ORDER#000042", "total": "9"}, "Order", {"user": "1", "number": 42}),
        (
            {"pk": "USER#1", "sk": "2026-03-02T09:00:00Z"},
            "Event", {"user": "1", "at": "2026-03-02T09:00:00.000000Z"},
        ),
        ({"pk": "USER#1", "sk": "yesterday"}, None, {}),
        ({"pk": "GROUP#1", "sk": "PROFILE", "email": "e"}, None, {}),
        ({"pk": Decimal(1), "sk": "PROFILE"}, None, {}),
        ({"email": "e"}, None, {}),
        ({"sk": "PROFILE"}, "Profile", {}),
    ],
)  # fmt: skip
def test_every_key_template_must_fit(item: dict[str, Any], expected: str | None, fields: dict[str, Any]) -> None:
    found = recognise(model(PROFILE, ORDER, EVENT), "t", item)

    assert name(found) == expected
    assert found.fields == fields


def test_an_entity_of_another_table_is_no_candidate() -> None:
    design = model(entity("There", "{a}", "{b}", table="other"))

    assert name(recognise(design, "t", {"pk": "x", "sk": "y"})) is None
    assert name(recognise(design, "other", {"pk": "x", "sk": "y"})) == "There"


def test_of_two_that_fit_the_one_with_all_its_required_attributes_is_taken() -> None:
    note, task = entity("Note", "P#{p}", "{n}", "text"), entity("Task", "P#{p}", "{n}", "text", "due")

    assert name(recognise(model(task, note), "t", {"pk": "P#1", "sk": "1", "text": "x"})) == "Note"
    assert name(recognise(model(note, task), "t", {"pk": "P#1", "sk": "1", "text": "x", "due": "d"})) == "Task"


def test_of_two_complete_ones_the_longer_literals_decide_then_the_order_of_the_file() -> None:
    item = {"pk": "USER#1", "sk": "PROFILE", "email": "e"}
    first, second = entity("First", "{a}", "{b}"), entity("Second", "{a}", "{b}")

    assert name(recognise(model(ANY, PROFILE), "t", item)) == "Profile"
    assert name(recognise(model(first, second), "t", item)) == "First"
    assert name(recognise(model(second, first), "t", item)) == "Second"


def test_an_attribute_of_the_wrong_type_is_not_the_required_one() -> None:
    counter = Entity("Counter", "t", ANY.keys, {"n": Attribute("n", "integer")})
    label = Entity("Label", "t", ANY.keys, {"n": Attribute("n", "string")})

    assert name(recognise(model(counter, label), "t", {"pk": "a", "sk": "b", "n": "x"})) == "Label"
    assert name(recognise(model(label, counter), "t", {"pk": "a", "sk": "b", "n": Decimal(1)})) == "Counter"


def test_a_field_that_two_keys_give_different_values_does_not_fit() -> None:
    twice = entity("Twice", "A#{id}", "B#{id}")

    assert name(recognise(model(twice), "t", {"pk": "A#1", "sk": "B#1"})) == "Twice"
    assert name(recognise(model(twice), "t", {"pk": "A#1", "sk": "B#2"})) is None
