"""The check of a model on DynamoDB Local and PostgreSQL: green as it is, and red with the cause for each mistake."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from workbench.bench.fresh import fresh_session, new_session
from workbench.checks import Report, check_model
from workbench.engines import Engine
from workbench.errors import ModelError
from workbench.model import Model, load_model
from workbench.plans import Clock
from workbench.results import Session

pytestmark = pytest.mark.local

HOME = Path(__file__).parents[2]
MESSAGING = HOME / "data" / "models" / "messaging"
SMALL = HOME / "tests" / "models" / "small"
Opener = Callable[[], AbstractContextManager[Session]]


def opener(engine: Engine, model: Model, change: Callable[[Any], None] | None = None) -> Opener:
    """A factory of fresh sessions; ``change`` is done to each store after it was seeded."""

    @contextmanager
    def opened() -> Iterator[Session]:
        with fresh_session(model, engine, Clock.system()) as session:
            if change is not None:
                change(session.client)
            yield session

    return opened


def edited(folder: Path, tmp_path: Path, old: str, new: str, *, file: str = "model.yaml") -> Path:
    """A copy of a model with one piece of one of its files replaced: what somebody does by mistake."""
    copy = tmp_path / folder.name
    shutil.copytree(folder, copy)
    text = (copy / file).read_text()
    assert old in text
    (copy / file).write_text(text.replace(old, new, 1))
    return copy


def failures(report: Report, pattern: str) -> str:
    assert not report.ok
    told = [
        f"{entry.example}: {each}" for entry in report.examples if entry.pattern == pattern for each in entry.failures
    ]
    return "\n".join(told)


@pytest.fixture(scope="module")
def whole(engine: Engine) -> Report:
    model = load_model(MESSAGING)
    return check_model(model, opener(engine, model))


def test_the_messaging_model_is_proved_example_by_example(whole: Report) -> None:
    assert whole.ok, whole.text()
    assert whole.counts["ok"] >= 20


def test_every_example_is_reported_with_rows_units_and_the_oracles_verdict(whole: Report) -> None:
    entries = json.loads(whole.to_json())["examples"]

    assert [(entry["pattern"], entry["example"]) for entry in entries] == [
        (pattern.name, example) for pattern in load_model(MESSAGING).patterns.values() for example in pattern.examples
    ]
    for entry in entries:
        if entry["error"] is None:
            assert entry["rows"] is not None
            assert entry["oracle"]["verdict"] == "agrees"
            assert entry["units"]["computed"].keys() == entry["units"]["engine"].keys() == {"read", "write"}


def test_a_difference_to_the_engines_units_is_explained(whole: Report) -> None:
    assert [entry for entry in whole.examples if entry.difference is not None and not entry.defect] == []


def test_a_second_check_gives_the_same_report(whole: Report, engine: Engine) -> None:
    model = load_model(MESSAGING)

    assert check_model(model, opener(engine, model)).to_json() == whole.to_json()


def test_the_small_model_is_proved_too(engine: Engine) -> None:
    model = load_model(SMALL)
    report = check_model(model, opener(engine, model))

    assert report.ok, report.text()


def test_a_wrong_key_template_of_a_pattern_is_red_and_names_the_partition_that_is_there(
    engine: Engine, tmp_path: Path
) -> None:
    model = load_model(edited(MESSAGING, tmp_path, 'key: {partition: "MSG#{m', 'key: {partition: "GRP#{m'))
    report = check_model(model, opener(engine, model), patterns=["list-messages", "older-messages"])

    told = failures(report, "list-messages")
    assert "newest-page: rows: 0 rows, expected 20" in told
    assert "nothing under pk = 'GRP#50d22f1d" in told
    assert "'MSG#50d22f1d-7314-5b24-92d7-5e0766fc740a' is there: is the prefix of the key template right?" in told
    assert failures(report, "older-messages") == ""


def test_a_wrong_key_template_of_an_entity_is_red_and_names_the_prefixes_that_are_stored(
    engine: Engine, tmp_path: Path
) -> None:
    old, new = 'keys: {partition: "MSG#{message_group_uuid}"', 'keys: {partition: "MSGS#{message_group_uuid}"'
    model = load_model(edited(MESSAGING, tmp_path, old, new))
    report = check_model(model, opener(engine, model), patterns=["list-messages"])

    assert "begin with MSGS# (" in failures(report, "list-messages")
    assert "is the prefix of the key template right?" in failures(report, "list-messages")


@pytest.mark.parametrize(
    ("limit", "cause"),
    [
        ("25", "the limit is 25; to get 20 rows a page, `limit:` must be 20"),
        ("15", "the page ends at the limit of 15, and there is more; `limit:` is too small for 20 rows"),
    ],
)
def test_a_wrong_limit_is_red_and_named(engine: Engine, tmp_path: Path, limit: str, cause: str) -> None:
    model = load_model(edited(MESSAGING, tmp_path, "default: 20,", f"default: {limit},"))
    report = check_model(model, opener(engine, model), patterns=["list-messages"])

    assert f"newest-page: rows: {limit} rows, expected 20\n{cause}" in failures(report, "list-messages")


def test_an_index_that_the_model_dropped_is_a_problem_of_the_file(tmp_path: Path) -> None:
    old = "      message-group-sk-index:\n"
    path = edited(MESSAGING, tmp_path, old, "      message-groups-sk-index:\n")

    with pytest.raises(ModelError, match=r"'message-group-sk-index'\. Did you mean 'message-groups-sk-index'\?"):
        load_model(path)


def test_an_index_that_the_store_dropped_is_red_and_named(engine: Engine) -> None:
    model = load_model(MESSAGING)
    name, table = next(iter(model.tables.items()))
    without = replace(model, tables={**model.tables, name: replace(table, indexes={})})
    report = check_model(model, opener(engine, without), patterns=["inbox-rows-of-group", "list-messages"])

    told = failures(report, "inbox-rows-of-group")
    assert "has no index 'message-group-sk-index'" in told
    assert failures(report, "list-messages") == ""


def test_a_changed_row_is_red_and_names_row_column_and_both_values(engine: Engine) -> None:
    def change(client: Any) -> None:
        page = client.query(
            TableName="cruddur-messages",
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": "MSG#50d22f1d-7314-5b24-92d7-5e0766fc740a"}},
            ScanIndexForward=False,
            Limit=3,
        )
        item = page["Items"][2]
        client.put_item(TableName="cruddur-messages", Item={**item, "message": {"S": "something else"}})

    model = load_model(MESSAGING)
    report = check_model(model, opener(engine, model, change), patterns=["list-messages"])

    assert "sql/list-messages.sql: row 3: message is 'something else' in the answer, '" in failures(
        report, "list-messages"
    )


def test_a_row_that_is_gone_is_red_and_shown(engine: Engine) -> None:
    def change(client: Any) -> None:
        items = client.scan(TableName="cruddur-messages")["Items"]
        first = min(
            (item for item in items if item["pk"]["S"].startswith("MSG#50d2")), key=lambda item: item["sk"]["S"]
        )
        client.delete_item(TableName="cruddur-messages", Key={"pk": first["pk"], "sk": first["sk"]})

    model = load_model(MESSAGING)
    report = check_model(model, opener(engine, model, change), patterns=["read-conversation"])

    told = failures(report, "read-conversation")
    assert "103 rows, expected 104" in told
    assert "the answer has 103 rows, SQL 104; row 1 of SQL is missing: {" in told


def test_items_that_lost_an_index_attribute_are_named_as_not_indexed(engine: Engine) -> None:
    def change(client: Any) -> None:
        for item in client.scan(TableName="cruddur-messages")["Items"]:
            if item["pk"]["S"].startswith("GRP#"):
                client.update_item(
                    TableName="cruddur-messages",
                    Key={"pk": item["pk"], "sk": item["sk"]},
                    UpdateExpression="REMOVE message_group_uuid",
                )

    model = load_model(MESSAGING)
    report = check_model(model, opener(engine, model, change), patterns=["inbox-rows-of-group"])

    told = failures(report, "inbox-rows-of-group")
    assert "no item of table cruddur-messages has the attribute message_group_uuid, so index " in told


def test_a_store_that_was_not_seeded_is_named_as_that(engine: Engine) -> None:
    from workbench import seeding

    model = load_model(MESSAGING)

    @contextmanager
    def unseeded() -> Iterator[Session]:
        with engine.lease(wait=60) as store:
            session = new_session(model, engine, store, Clock.system())
            seeding.load_schema(session.client, model)
            try:
                yield session
            finally:
                session.database.close()

    report = check_model(model, unseeded, patterns=["list-messages"])

    assert "table cruddur-messages is empty: nothing was seeded" in failures(report, "list-messages")


def test_sql_that_is_wrong_is_red_with_postgresqls_own_words(engine: Engine, tmp_path: Path) -> None:
    path = edited(MESSAGING, tmp_path, "SELECT", "SELECT no_such_column,", file="sql/list-messages.sql")
    model = load_model(path)
    report = check_model(model, opener(engine, model), patterns=["list-messages"])

    assert "no_such_column" in failures(report, "list-messages")
    assert report.examples[0].oracle == "failed"


def test_a_write_never_changes_the_answer_of_the_next_example(engine: Engine) -> None:
    model = load_model(MESSAGING)
    names = ["send-message", "list-messages", "send-message"]
    report = check_model(model, opener(engine, model), patterns=names)

    assert report.ok, report.text()
