"""Writing to AWS from a terminal: account and table names are typed in, or passed exactly."""

from __future__ import annotations

import sys
from typing import Any

import click
import pytest
from click.testing import CliRunner

from workbench.cli.opening import confirmation


def ask(monkeypatch: pytest.MonkeyPatch, typed: str, *, terminal: bool = True, **options: Any) -> Any:
    """What ``confirmation`` gives to somebody who types that."""
    given: dict[str, Any] = {"write": True, "confirm": None, "tables": ["orders", "customers"]} | options

    @click.command()
    def command() -> None:
        monkeypatch.setattr(sys.stdin, "isatty", lambda: terminal)
        click.echo(repr(confirmation("aws", **given)))

    result = CliRunner().invoke(command, input=typed)
    assert result.exception is None, result.output
    return result


def test_account_and_tables_are_typed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    result = ask(monkeypatch, "123456789012\norders, customers\n")

    assert result.stdout == "{'write': True, 'confirm': '123456789012:orders,customers'}\n"
    assert "This writes to AWS." in result.stderr
    assert "(orders, customers)" in result.stderr


def test_what_was_passed_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    result = ask(monkeypatch, "", confirm="123456789012:orders")

    assert result.stdout == "{'write': True, 'confirm': '123456789012:orders'}\n"
    assert result.stderr == ""


def test_reading_asks_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(monkeypatch, "", write=False).stdout == "{'write': False, 'confirm': None}\n"


def test_where_nobody_can_answer_nothing_is_asked_and_the_engine_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(monkeypatch, "", terminal=False).stdout == "{'write': True, 'confirm': None}\n"


def test_other_engines_need_no_confirmation() -> None:
    assert confirmation("dynamodb-local", write=True, confirm="123456789012:orders") == {}
