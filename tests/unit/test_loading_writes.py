# ruff: noqa: E501 (a table of mistakes reads best with one a line)
"""Loading what is for writes: the main table, `unless`, `one_per` and `deleted`, and the mistakes in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.errors import ModelError, UsageError
from workbench.model import Model, Unless, load_model

TEXT = """
model: clubs
tables:
  clubs: {keys: {partition: pk, sort: sk}, main: true}
  seats: {keys: {partition: pk, sort: sk}}
entities:
  Member:
    keys: {partition: "CLUB#{club}", sort: "{joined_at}"}
    fields: {joined_at: timestamp}
    attributes: {name: string}
    one_per: name
  Seat:
    table: seats
    keys: {partition: "SEAT#{club}", sort: "{name}"}
    attributes: {number: integer}
patterns:
  seat-of:
    question: Which seat?
    operation: GetItem
    table: seats
    key: {partition: "SEAT#{club}", sort: "{name}"}
    consistent: true
    parameters: {club: string, name: string}
  greet:
    question: Greet who sits there.
    operation: UpdateItem
    table: seats
    update: {entity: Seat, set: "SET number = {number}"}
    parameters: {club: string, name: string, number: integer}
  join:
    question: Join a club.
    operation: TransactWriteItems
    unless: {finds: seat-of, then: greet, takes: [number]}
    actions:
      - put: {entity: Seat, condition: attribute_not_exists(pk)}
      - put: {entity: Member}
    parameters: {club: string, name: string, number: integer, joined_at: {type: timestamp, default: $now}}
    examples:
      first:
        arguments: {club: chess, name: mia, number: 1}
        expect: {rows: 2, deleted: {Seat: 0}}
"""


def loaded(tmp_path: Path, *replacements: tuple[str, str]) -> Model:
    text = TEXT
    for old, new in replacements:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (tmp_path / "model.yaml").write_text(text)
    return load_model(tmp_path)


def test_the_words_for_writes_are_read(tmp_path: Path) -> None:
    model = loaded(tmp_path)

    assert model.main_table is not None
    assert model.main_table.name == "clubs"
    assert (model.entity("Member").table, model.entity("Member").one_per) == ("clubs", "name")
    assert model.pattern("join").unless == Unless("seat-of", "greet", ("number",))
    assert model.example("join", "first").expect.deleted == {"Seat": 0}


def test_without_a_main_table_two_tables_have_none(tmp_path: Path) -> None:
    changes = (", main: true", ""), ("  Member:\n    keys", "  Member:\n    table: clubs\n    keys")
    assert loaded(tmp_path, *changes).main_table is None


def test_a_bench_without_a_main_table_asks_for_a_name(tmp_path: Path) -> None:
    from types import SimpleNamespace
    from typing import Any

    from workbench.bench import Bench

    nothing: Any = SimpleNamespace()
    model = loaded(tmp_path)
    bench = Bench(model, nothing, nothing, nothing)
    assert (bench.table().name, bench.table("seats").name) == ("clubs", "seats")
    other = loaded(tmp_path, (", main: true", ""), ("  Member:\n    keys", "  Member:\n    table: clubs\n    keys"))
    with pytest.raises(UsageError, match="clubs has 2 tables; name one: clubs, seats"):
        Bench(other, nothing, nothing, nothing).table()


MISTAKES = [
    ("seats: {keys: {partition: pk, sort: sk}}", "seats: {keys: {partition: pk, sort: sk}, main: true}", "another table is the main one already"),
    ("one_per: name", "one_per: nam", "no attribute 'nam'. Did you mean 'name'?"),
    ("finds: seat-of", "finds: seat", "no pattern 'seat'. Did you mean 'seat-of'?"),
    ("then: greet", "then: gret", "no pattern 'gret'. Did you mean 'greet'?"),
    ("finds: seat-of", "finds: greet", "'greet' is a UpdateItem; a GetItem or a Query finds a row"),
    ("then: greet", "then: seat-of", "'seat-of' is a GetItem; what is done instead writes"),
    ("takes: [number]", "takes: [nummer]", "no parameter of 'greet' called 'nummer'"),
    ("takes: [number]", "takes: [club, name, pk]", "no parameter of 'greet' called 'pk'"),
    ("    consistent: true\n", "", "is eventually consistent and may miss the row of a moment ago"),
    ("parameters: {club: string, name: string}\n", "parameters: {club: string, name: string, other: string}\n", "'seat-of' needs 'other', which is no parameter of 'join'"),
    ("deleted: {Seat: 0}", "deleted: {Seet: 0}", "no entity 'Seet'. Did you mean 'Seat'?"),
    ("number: integer}\n  join", "number: integer, more: string}\n  join", "'greet' needs 'more', which is no parameter of 'join' and not among `takes`"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES, ids=[each[2] for each in MISTAKES])
def test_a_mistake_is_named(old: str, new: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        loaded(tmp_path, (old, new))

    assert message in str(caught.value)


def test_a_read_has_no_unless_and_deletes_nothing(tmp_path: Path) -> None:
    added = "    consistent: true\n    unless: {finds: seat-of, then: greet}\n    examples: {a: {arguments: {club: a, name: b}, expect: {deleted: {}}}}\n"
    with pytest.raises(ModelError) as caught:
        loaded(tmp_path, ("    consistent: true\n", added))

    assert "GetItem writes nothing; `unless` is for a write" in str(caught.value)
    assert "GetItem deletes nothing; leave it out" in str(caught.value)
