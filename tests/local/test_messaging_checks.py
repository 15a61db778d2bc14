"""The messaging model is green on DynamoDB Local, and each of four mistakes turns it red."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from workbench.checks import Report, check_model
from workbench.engines import Engine, open_database
from workbench.model import Model, load_model
from workbench.plans import Clock
from workbench.results import Session
from workbench.seeding import load_schema, seed

pytestmark = pytest.mark.local

MESSAGING = Path(__file__).parents[2] / "data" / "models" / "messaging"
Mistake = Callable[[Session], None]


def sessions(
    model: Model, engine: Engine, mistake: Mistake | None = None
) -> Callable[[], AbstractContextManager[Session]]:
    @contextmanager
    def fresh() -> Iterator[Session]:
        with engine.lease(wait=60) as store:
            session = Session(model, store.client(), open_database(model), engine, Clock.fixed())
            try:
                load_schema(session.client, model)
                seed(session)
                if mistake:
                    mistake(session)
                yield session
            finally:
                session.database.close()

    return fresh


def check(model: Model, engine: Engine, *patterns: str, mistake: Mistake | None = None) -> Report:
    return check_model(model, sessions(model, engine, mistake), patterns=patterns or None)


def changed(tmp_path: Path, old: str, new: str) -> Model:
    """The model with one piece of model.yaml replaced."""
    folder = tmp_path / "messaging"
    shutil.copytree(MESSAGING, folder, ignore=shutil.ignore_patterns("__pycache__"))
    text = (folder / "model.yaml").read_text(encoding="utf-8")
    assert text.count(old) >= 1
    (folder / "model.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    return load_model(folder)


def test_every_example_is_green(engine: Engine) -> None:
    model = load_model(MESSAGING)
    report = check(model, engine)

    assert report.ok, str(report)
    assert len(report.examples) == sum(len(pattern.examples) for pattern in model.patterns.values())
    answered = [each for each in report.examples if each.error is None]
    assert {each.oracle for each in answered} == {"agrees"}


def test_a_wrong_prefix_is_found_and_the_stored_ones_are_named(engine: Engine, tmp_path: Path) -> None:
    model = changed(
        tmp_path, 'key: {partition: "MSG#{message_group_uuid}"}', 'key: {partition: "GRP#{message_group_uuid}"}'
    )
    report = check(model, engine, "list-messages")

    assert not report.ok
    assert "MSG#" in str(report)


def test_a_wrong_limit_is_found(engine: Engine, tmp_path: Path) -> None:
    model = changed(
        tmp_path,
        "limit: {type: integer, default: 20, description: messages on a page}",
        "limit: {type: integer, default: 19}",
    )
    report = check(model, engine, "list-messages")

    assert not report.ok
    assert "19" in str(report)


def test_a_dropped_index_is_found(engine: Engine) -> None:
    def drop(session: Session) -> None:
        session.client.update_table(
            TableName="cruddur-messages",
            GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "message-group-sk-index"}}],
        )
        # Until it is gone, a second or so, DynamoDB Local answers a Query of it with InternalFailure.
        while session.client.describe_table(TableName="cruddur-messages")["Table"].get("GlobalSecondaryIndexes"):
            time.sleep(0.1)

    report = check(load_model(MESSAGING), engine, "inbox-rows-of-group", mistake=drop)

    assert not report.ok
    assert "message-group-sk-index" in str(report)


def test_a_changed_row_is_found_with_its_column(engine: Engine) -> None:
    def change(session: Session) -> None:
        session.database.execute("UPDATE users SET display_name = 'Someone Else' WHERE handle = 'bayko'")

    report = check(load_model(MESSAGING), engine, "list-messages", "list-conversations", mistake=change)

    assert not report.ok
    assert "user_display_name" in str(report)


def test_a_budget_that_is_too_small_is_found(engine: Engine, tmp_path: Path) -> None:
    report = check(changed(tmp_path, "budget: {write_units: 54}", "budget: {write_units: 53}"), engine, "rename-person")

    assert not report.ok
    assert "53" in str(report)
