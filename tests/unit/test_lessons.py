"""What lessons stand on: expected errors, and patterns changed for a demonstration."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

import workbench as wb
from workbench.bench import Bench
from workbench.errors import LookupFailedError, RequestError, UsageError
from workbench.results import Session


def a_bench() -> Bench:
    model = wb.load_model("messaging")
    nothing: Any = SimpleNamespace()
    return Bench(model, nothing, nothing, Session(model, nothing, None, nothing, wb.Clock.system()))


def test_an_expected_error_is_printed_and_kept_with_its_receipt(capsys: pytest.CaptureFixture[str]) -> None:
    with wb.expect_error("ConditionalCheckFailedException") as caught:
        raise RequestError("refused", code="ConditionalCheckFailedException", receipt="1 WCU")

    assert capsys.readouterr().out == "ConditionalCheckFailedException: refused\n"
    assert caught.receipt == "1 WCU"


def test_an_error_of_another_name_goes_on_and_no_error_is_one() -> None:
    with pytest.raises(LookupFailedError), wb.expect_error("CheckError"):
        raise LookupFailedError("nobody")
    with (
        pytest.raises(AssertionError, match="but CheckError was expected"),
        wb.expect_error("CheckError"),
    ):
        pass


def test_a_variant_changes_one_pattern_and_leaves_the_model_alone() -> None:
    bench = a_bench()

    changed = wb.variant(bench, "list-messages", partition="GRP#{message_group_uuid}", limit=1)

    key = changed.pattern("list-messages").pattern.key
    assert key is not None
    assert key.partition["pk"].text == "GRP#{message_group_uuid}"
    assert changed.pattern("list-messages").pattern.limit == 1
    assert changed.session.model is changed.model
    assert bench.pattern("list-messages").pattern.limit == "limit"


def test_a_variant_can_take_the_condition_of_every_write_away() -> None:
    changed = wb.variant(a_bench(), "start-conversation", condition=None, operation="BatchWriteItem")

    assert {action.condition for action in changed.pattern("start-conversation").pattern.actions} == {None}


def test_a_variant_refuses_what_no_pattern_has() -> None:
    with pytest.raises(UsageError, match="a pattern has no 'limits'"):
        wb.variant(a_bench(), "list-messages", limits=3)
    with pytest.raises(UsageError, match="send-message is no Query by one partition key attribute"):
        wb.variant(a_bench(), "send-message", partition="MSG#{message_group_uuid}")
