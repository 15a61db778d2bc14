"""IAM policies from a model: they allow what a role's patterns send, on what they name, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.iam_policies import MESSAGING, SMALL
from workbench.errors import UnknownNameError, UsageError
from workbench.formats import ROLES, iam_policy
from workbench.formats.leading import IDENTITY
from workbench.model import Action, KeyTemplate, Model, Pattern
from workbench.plans import Clock, build

TABLE = "arn:aws:dynamodb:${Region}:${Account}:table/library"
LEADING = "dynamodb:LeadingKeys"


def allowed(policy: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in policy["Statement"] if each["Effect"] == "Allow"]


def actions(policy: dict[str, Any]) -> set[str]:
    return {action.removeprefix("dynamodb:") for each in allowed(policy) for action in each["Action"]}


def only(policy: dict[str, Any], action: str) -> dict[str, Any]:
    (found,) = [each for each in allowed(policy) if f"dynamodb:{action}" in each["Action"]]
    return found


def leading(statement: dict[str, Any]) -> list[str]:
    keys = [keys[LEADING] for keys in statement.get("Condition", {}).values() if isinstance(keys.get(LEADING), list)]
    return keys[0] if keys else []


def with_pattern(model: Model, **changes: Any) -> Model:
    base = Pattern(name="new", question="?", operation="Query", table="library")
    return replace(model, patterns={"new": replace(base, **changes)})


def action(kind: Any, entity: str = "Book", **more: Any) -> Action:
    return Action(kind, entity, **more)


# who may do what


IN_A_TRANSACTION = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


def sent(model: Model, pattern: Pattern) -> Iterator[str]:
    """The actions that IAM asks for, for what the plans of a pattern's examples send."""
    for example in pattern.examples.values():
        for request in build(model, pattern, example.arguments, clock=Clock.fixed()).requests:
            if request.operation == "TransactWriteItems":
                yield from (IN_A_TRANSACTION[kind] for part in request.kwargs["TransactItems"] for kind in part)
            elif request.operation == "TransactGetItems":
                yield "GetItem"
            else:
                yield request.operation


@pytest.mark.parametrize("model", [SMALL, MESSAGING], ids=lambda each: each.name)
def test_the_app_may_do_what_its_patterns_send_and_nothing_else(model: Model) -> None:
    patterns = [each for each in model.patterns.values() if each.operation != "Scan"]

    assert actions(iam_policy(model, "app")) == {name for pattern in patterns for name in sent(model, pattern)}


@pytest.mark.parametrize("model", [SMALL, MESSAGING], ids=lambda each: each.name)
def test_each_pattern_alone_is_allowed_what_it_sends_on_the_resource_that_it_names(model: Model) -> None:
    for pattern in model.patterns.values():
        policy = iam_policy(model, "app", patterns=[pattern.name])

        assert actions(policy) == set(sent(model, pattern)), pattern.name
        if pattern.index:
            resources = [resource for each in allowed(policy) for resource in each["Resource"]]
            assert resources == [
                f"arn:aws:dynamodb:${{Region}}:${{Account}}:table/{pattern.table}/index/{pattern.index}"
            ]


def test_a_reader_may_not_write_and_nobody_may_use_partiql_or_an_asterisk() -> None:
    assert actions(iam_policy(MESSAGING, "reader")) == {"GetItem", "Query"}
    for role in ROLES:
        for each in allowed(iam_policy(MESSAGING, role)):
            assert not [name for name in each["Action"] if "PartiQL" in name or "*" in name]
            assert "*" not in each["Resource"]


def test_a_scan_is_granted_only_where_it_is_named_and_refused_elsewhere() -> None:
    without, named = iam_policy(MESSAGING, "app"), iam_policy(MESSAGING, "reader", patterns=["scan-table"])

    assert "Scan" not in actions(without)
    (denied,) = [each for each in without["Statement"] if each["Action"] == ["dynamodb:Scan"]]
    assert denied["Effect"] == "Deny"
    assert [each.rpartition(":")[2] for each in denied["Resource"]] == [
        "table/cruddur-conversations",
        "table/cruddur-messages",
        "table/cruddur-messages/index/*",
    ]
    assert actions(named) == {"Scan"}
    assert [each["Action"] for each in named["Statement"] if each["Effect"] == "Deny"] == [["dynamodb:PartiQLSelect"]]


def test_the_stream_role_reads_the_streams_of_tables_that_have_one_and_no_item() -> None:
    policy = iam_policy(SMALL, "stream")

    assert actions(policy) == {"DescribeTable", "DescribeStream", "GetRecords", "GetShardIterator"}
    assert only(policy, "GetRecords")["Resource"] == [f"{TABLE}/stream/*"]
    more = iam_policy(SMALL, "stream", patterns=["books-of-author"])
    assert only(more, "Query")["Resource"] == [f"{TABLE}/index/by-author"]


def test_the_stream_role_of_a_model_without_a_stream_is_refused() -> None:
    still = replace(SMALL, tables={"library": replace(SMALL.table("library"), stream=None)})

    with pytest.raises(UsageError, match="no table of small has a stream"):
        iam_policy(still, "stream")


def test_the_seeder_sets_a_ttl_only_where_the_model_has_one() -> None:
    passing = replace(SMALL, tables={"library": replace(SMALL.table("library"), ttl="gone_at")})

    assert {"DescribeTimeToLive", "UpdateTimeToLive"} & actions(iam_policy(SMALL, "seeder")) == set()
    assert {"DescribeTimeToLive", "UpdateTimeToLive"} <= actions(iam_policy(passing, "seeder"))
    assert leading(only(iam_policy(SMALL, "seeder"), "BatchWriteItem")) == ["READER#*", "SHELF#*"]


# which keys


def test_a_literal_prefix_limits_the_keys_and_a_bare_field_does_not() -> None:
    policy = iam_policy(SMALL, "reader", patterns=["list-shelf", "books-of-author"])
    shelf, author = allowed(policy)

    assert leading(shelf) == ["SHELF#*"]
    assert "Condition" not in author


def test_the_callers_own_key_is_the_policy_variable_and_then_no_asterisk_is_needed() -> None:
    statement = only(iam_policy(SMALL, "reader", patterns=["list-shelf"], caller=["shelf"]), "Query")

    assert statement["Condition"]["ForAllValues:StringEquals"] == {LEADING: [f"SHELF#{IDENTITY}"]}
    tagged = iam_policy(SMALL, "reader", patterns=["list-shelf"], caller={"shelf": "${aws:PrincipalTag/shelf}"})
    assert leading(only(tagged, "Query")) == ["SHELF#${aws:PrincipalTag/shelf}"]


def test_an_entitys_field_names_the_lookup_that_fills_it() -> None:
    policy = iam_policy(MESSAGING, "reader", patterns=["list-conversations"], caller=["member_uuid"])

    assert leading(only(policy, "Query")) == [f"GRP#{IDENTITY}"]


def test_a_field_that_is_filled_from_several_people_is_not_guessed() -> None:
    with pytest.raises(UsageError, match=r"member_uuid is filled from .*me\.user_uuid and other\.user_uuid; say which"):
        iam_policy(MESSAGING, "app", patterns=["start-conversation"], caller=["member_uuid"])

    policy = iam_policy(MESSAGING, "app", patterns=["start-conversation"], caller=["me.user_uuid"])
    puts = [each for each in allowed(policy) if "dynamodb:PutItem" in each["Action"]]
    assert [leading(each) for each in puts] == [["PAIR#*", "UNREAD#*"], [f"GRP#{IDENTITY}", "GRP#*", "MSG#*"]]


def test_an_unknown_field_is_named_with_those_that_there_are() -> None:
    with pytest.raises(UnknownNameError, match="no partition key of these patterns has a field 'shelves'"):
        iam_policy(SMALL, "reader", caller=["shelves"])


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("A*B#{x}", "A${*}B#*"),
        ("WHAT?#{x}", "WHAT${?}#*"),
        ("COST$#{x}", "COST${$}#*"),
        ("{x}#TAIL", "*#TAIL"),
        ("FIXED", "FIXED"),
    ],
)
def test_characters_that_mean_something_to_iam_stand_for_themselves(template: str, expected: str) -> None:
    key = replace(SMALL.pattern("get-book").key, partition={"pk": KeyTemplate.of(template)})  # type: ignore[type-var]
    model = with_pattern(SMALL, key=key, parameters=SMALL.pattern("list-shelf").parameters)

    statement = only(iam_policy(model, "reader"), "Query")

    assert leading(statement) == [expected]
    assert ("ForAllValues:StringEquals" in statement["Condition"]) == (template == "FIXED")


def test_every_condition_on_a_set_asks_that_the_set_be_there() -> None:
    seen = 0
    for model in (SMALL, MESSAGING):
        for role in ROLES:
            for statement in allowed(iam_policy(model, role)):
                if leading(statement):
                    seen += 1
                    assert statement["Condition"]["Null"][LEADING] == "false"

    assert seen >= 10


# which attributes


def test_a_put_may_store_the_attributes_of_its_entity_and_no_others() -> None:
    statement = only(iam_policy(MESSAGING, "app", patterns=["send-message"]), "PutItem")

    assert statement["Condition"]["ForAllValues:StringEquals"]["dynamodb:Attributes"] == [
        "message", "message_uuid", "pk", "sk", "user_display_name", "user_handle", "user_uuid",
    ]  # fmt: skip
    assert statement["Condition"]["StringEqualsIfExists"] == {"dynamodb:ReturnValues": "NONE"}
    assert leading(statement) == ["MSG#*"]


def test_an_update_may_name_what_it_sets_what_its_condition_asks_and_the_key() -> None:
    model = with_pattern(
        SMALL, operation="UpdateItem", parameters=SMALL.pattern("lend-book").parameters,
        actions=(action("update", update="SET title = {isbn} ADD copies 1", condition="`year` > 0 AND size(x.y) > 1"),),
    )  # fmt: skip

    statement = only(iam_policy(model, "app"), "UpdateItem")

    assert statement["Condition"]["ForAllValues:StringEquals"]["dynamodb:Attributes"] == [
        "copies", "pk", "sk", "title", "x", "year",
    ]  # fmt: skip


def test_a_projection_must_be_asked_for_with_its_attributes_and_the_keys() -> None:
    plain = SMALL.pattern("list-shelf")
    model = with_pattern(
        SMALL, key=plain.key, projection=("title",), filter="`year` > 1999", parameters=plain.parameters
    )

    condition = only(iam_policy(model, "reader"), "Query")["Condition"]

    assert condition["ForAllValues:StringEquals"] == {"dynamodb:Attributes": ["pk", "sk", "title", "year"]}
    assert condition["StringEqualsIfExists"] == {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"}
    assert condition["Null"] == {LEADING: "false", "dynamodb:Attributes": "false"}


def test_a_whole_item_that_another_pattern_reads_lifts_the_limit_on_attributes() -> None:
    plain = SMALL.pattern("list-shelf")
    titles = replace(plain, name="titles", projection=("title",))
    model = replace(SMALL, patterns={"list-shelf": plain, "titles": titles})

    condition = only(iam_policy(model, "reader"), "Query")["Condition"]

    assert list(condition) == ["ForAllValues:StringLike", "Null"]


def test_what_is_only_done_in_a_transaction_is_allowed_only_in_one() -> None:
    policy = iam_policy(SMALL, "app", patterns=["lend-book"])

    assert actions(policy) == {"PutItem", "UpdateItem"}
    for statement in allowed(policy):
        enclosing = {"dynamodb:EnclosingOperation": ["TransactWriteItems"]}
        assert statement["Condition"]["ForAnyValue:StringEquals"] == enclosing


@pytest.mark.parametrize(
    ("operation", "kinds", "expected"),
    [
        ("BatchGetItem", ["get"], {"BatchGetItem"}),
        ("BatchWriteItem", ["put", "delete"], {"BatchWriteItem"}),
        ("TransactGetItems", ["get"], {"GetItem"}),
        ("TransactWriteItems", ["put", "delete", "check"], {"PutItem", "DeleteItem", "ConditionCheckItem"}),
        ("DeleteItem", ["delete"], {"DeleteItem"}),
        ("GetItem", ["get"], {"GetItem"}),
    ],
)
def test_every_operation_is_allowed_by_its_actions(operation: Any, kinds: list[str], expected: set[str]) -> None:
    made = tuple(action(kind, condition="attribute_exists(pk)" if kind == "check" else None) for kind in kinds)
    model = with_pattern(SMALL, operation=operation, actions=made)

    assert actions(iam_policy(model, "app")) == expected
