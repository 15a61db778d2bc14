"""The built-in messaging model says what the messaging domain needs, and says it completely."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.model import Model, load_model
from workbench.plans import build
from workbench.plans.tables import table_request

MODEL = Path(__file__).parents[2] / "data" / "models" / "messaging"
GROUP = "50d22f1d-7314-5b24-92d7-5e0766fc740a"
ANDREW = {"user_uuid": "a151a3a1-6da0-5a0e-b4d7-c75b5b23079c", "user_handle": "andrewbrown"} | {
    "user_display_name": "Andrew Brown"
}
BAYKO = {"user_uuid": "02fb09bf-ce59-52d4-bbcd-a984f9cb494f", "user_handle": "bayko"} | {
    "user_display_name": "Andrew Bayko"
}


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model(MODEL)


def test_the_table_is_the_one_of_the_app(model: Model) -> None:
    five = {"ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}}

    assert table_request(model.table("cruddur-messages")) == {
        "TableName": "cruddur-messages",
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
            {"AttributeName": "message_group_uuid", "AttributeType": "S"},
        ],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "message-group-sk-index",
                "KeySchema": [
                    {"AttributeName": "message_group_uuid", "KeyType": "HASH"},
                    {"AttributeName": "sk", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
                **five,
            }
        ],
        "BillingMode": "PROVISIONED",
        **five,
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    }


def test_messages_stay_out_of_the_index(model: Model) -> None:
    assert "message_group_uuid" not in model.entity("Message").attributes
    assert "message_group_uuid" in model.entity("InboxRow").attributes


def test_the_two_meanings_of_user_are_named(model: Model) -> None:
    assert "the other member" in model.entity("InboxRow").attributes["user_uuid"].description
    assert "author" in model.entity("Message").attributes["user_uuid"].description


def test_every_pattern_has_a_question_an_oracle_a_rate_and_a_normal_and_an_edge_example(model: Model) -> None:
    for pattern in model.patterns.values():
        assert pattern.question.endswith("?")
        assert pattern.oracle is not None
        assert pattern.rate is not None
        assert pattern.rate.average
        edges = [
            each
            for each in pattern.examples.values()
            if each.expect.error or (each.expect.rows == 0 and not each.expect.deleted) or each.all_pages
        ]
        assert len(pattern.examples) >= 2
        assert 0 < len(edges) < len(pattern.examples), pattern.name


def test_no_example_passes_without_saying_what_it_expects(model: Model) -> None:
    for pattern in model.patterns.values():
        for example in pattern.examples.values():
            assert example.expect.rows is not None or example.expect.error, f"{pattern.name} / {example.name}"


def test_only_patterns_that_scan_are_named_so_and_have_no_budget(model: Model) -> None:
    for pattern in model.patterns.values():
        assert (pattern.operation == "Scan") == pattern.name.startswith("scan-")
        assert (pattern.budget is None) == (pattern.operation == "Scan")


def test_examples_never_depend_on_the_clock_or_on_chance(model: Model) -> None:
    for pattern in model.patterns.values():
        made = {name for name, each in pattern.parameters.items() if each.default in ("$now", "$uuid")}
        for example in pattern.examples.values():
            if example.expect.error is None:
                assert made <= example.arguments.keys(), f"{pattern.name} / {example.name}"


def test_older_messages_is_one_exact_request(model: Model) -> None:
    plan = build(model, "older-messages", {"message_group_uuid": GROUP, "before": "2026-03-26T23:10:00Z"})

    assert plan.requests[0].kwargs == {
        "TableName": "cruddur-messages",
        "KeyConditionExpression": "#n0 = :v0 AND #n1 < :v1",
        "ExpressionAttributeNames": {"#n0": "pk", "#n1": "sk"},
        "ExpressionAttributeValues": {":v0": {"S": f"MSG#{GROUP}"}, ":v1": {"S": "2026-03-26T23:10:00.000000Z"}},
        "ScanIndexForward": False,
        "Limit": 20,
    }


def test_start_conversation_puts_five_items_each_about_the_right_person(model: Model) -> None:
    example = model.example("start-conversation", "first-message")
    pair = {"low_uuid": BAYKO["user_uuid"], "high_uuid": ANDREW["user_uuid"]}
    rows = {"me": [ANDREW], "other": [BAYKO], "shown": [{"message": "Dear..."}], "pair": [pair]}

    (request,) = build(model, "start-conversation", example.arguments, rows=rows).requests
    both, mine, theirs, message, unread = (action["Put"]["Item"] for action in request.kwargs["TransactItems"])

    assert (both["pk"]["S"], both["sk"]["S"]) == (f"PAIR#{BAYKO['user_uuid']}", ANDREW["user_uuid"])
    assert both["message_group_uuid"] == mine["message_group_uuid"]
    assert (unread["pk"]["S"], unread["unread"]) == (f"UNREAD#{BAYKO['user_uuid']}", {"N": "1"})

    assert (mine["pk"]["S"], mine["user_handle"]["S"]) == (f"GRP#{ANDREW['user_uuid']}", "bayko")
    assert (theirs["pk"]["S"], theirs["user_handle"]["S"]) == (f"GRP#{BAYKO['user_uuid']}", "andrewbrown")
    assert message["user_handle"]["S"] == "andrewbrown"
    assert mine["message_group_uuid"] == theirs["message_group_uuid"]
    assert message["pk"]["S"] == f"MSG#{mine['message_group_uuid']['S']}"
    assert {item["sk"]["S"] for item in (mine, theirs, message)} == {"2026-03-31T18:00:00.000000Z"}
    assert all("ConditionExpression" in action["Put"] for action in request.kwargs["TransactItems"])


def test_rename_updates_copies_of_both_entities_and_makes_no_item(model: Model) -> None:
    rows = {
        "me": [ANDREW],
        "messages": [{"message_group_uuid": GROUP, "created_at": "2026-03-02T23:05:00.000000Z"}],
        "inbox_rows": [{"member_uuid": BAYKO["user_uuid"], "last_message_at": "2026-03-30T22:50:28.259154Z"}],
    }
    plan = build(model, "rename-person", {"handle": "andrewbrown", "display_name": "A"}, rows=rows)

    assert [request.operation for request in plan.requests] == ["UpdateItem", "UpdateItem"]
    assert [request.kwargs["Key"]["pk"]["S"][:4] for request in plan.requests] == ["MSG#", "GRP#"]
    assert all("attribute_exists" in request.kwargs["ConditionExpression"] for request in plan.requests)
