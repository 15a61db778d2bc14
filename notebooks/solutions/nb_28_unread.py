"""Checks and solutions of the exercises in 28_unread."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError

from workbench.items import query_units
from workbench.plans.expressions import parse_condition, parse_update

wrong_1 = 20
wrong_2 = ("ADD unread -1", "attribute_exists(pk)")
_KEY = {"pk": {"S": "UNREAD#exercise"}, "sk": {"S": "exercise"}}


def solution_1(bench: Any) -> Decimal:
    """Return the price of one page of 40 small items: they are added up before they are rounded."""
    return query_units([[120] * 40]).read


def solution_2(bench: Any) -> tuple[str, str]:
    """Return an update that takes one away, and a condition that there is one."""
    return "SET unread = unread - 1", "unread > 0"


def check_1(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 1; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    assert Decimal(str(answer)) == solution_1(bench), (
        "a Query adds up what it reads, 40 times 120 bytes, and rounds to 4 KB once; half a unit for each 4 KB"
    )
    print("right")


def check_2(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 2; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    update, condition = answer
    parse_update(update, "exercise 2")
    parse_condition(condition, "exercise 2")
    assert _after(bench, 3, update, condition) == 2, f"from 3, {update!r} if {condition!r} does not give 2"
    assert _after(bench, 0, update, condition) == 0, "from 0 it goes below zero; the condition must ask what is there"
    print("right")


def _after(bench: Any, number: int, update: str, condition: str) -> int:
    """Return the counter after the update was tried on an item of the exercise's own, deleted afterwards."""
    client, table = bench.session.client, "cruddur-conversations"
    literals = {f":n{at}": {"N": word} for at, word in enumerate(dict.fromkeys(_numbers(f"{update} {condition}")))}
    names = {value["N"]: name for name, value in literals.items()}
    try:
        client.put_item(TableName=table, Item={**_KEY, "unread": {"N": str(number)}})
        client.update_item(
            TableName=table, Key=_KEY, UpdateExpression=_written(update, names),
            ConditionExpression=_written(condition, names), ExpressionAttributeValues=literals,
        )  # fmt: skip
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise AssertionError(f"DynamoDB refuses it: {error.response['Error']['Message']}") from None
    item = client.get_item(TableName=table, Key=_KEY, ConsistentRead=True)["Item"]
    client.delete_item(TableName=table, Key=_KEY)
    return int(item["unread"]["N"])


def _numbers(text: str) -> list[str]:
    return [word.strip("(),") for word in text.split() if word.strip("(),").lstrip("-").isdigit()]


def _written(text: str, names: dict[str, str]) -> str:
    return " ".join(
        word.replace(word.strip("(),"), names[word.strip("(),")]) if word.strip("(),") in names else word
        for word in text.split()
    )
