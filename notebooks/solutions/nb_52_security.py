"""Checks and solutions of the exercises in 52_security."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from workbench.errors import KeyTemplateError
from workbench.formats import iam_policy
from workbench.formats.leading import IDENTITY
from workbench.model import KeyCondition, KeyTemplate, Parameter

wrong_1 = {"TransactWriteItems"}
wrong_2 = "DRAFT#{message_group_uuid}"


def solution_1(bench: Any) -> set[str]:
    """Return what the model's own policy grants for the pattern."""
    policy = iam_policy(bench.model, "app", patterns=["start-conversation"])
    allowed = [each for each in policy["Statement"] if each["Effect"] == "Allow"]
    return {action.removeprefix("dynamodb:") for each in allowed for action in each["Action"]}


def solution_2(bench: Any) -> str:
    """Return a template that begins with the author."""
    return "DRAFT#{author_uuid}#{message_group_uuid}"


def check_1(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 1; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    assert set(answer) == solution_1(bench), (
        "a transaction is no action of IAM: each of its parts is allowed by the action of the same single operation"
    )
    print("right")


def check_2(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 2; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    try:
        template = KeyTemplate.of(answer)
    except KeyTemplateError as error:
        raise AssertionError(f"this is no key template: {error}") from None
    assert set(template.fields) <= {"author_uuid", "message_group_uuid"}, (
        "the fields that are there are author_uuid and message_group_uuid"
    )
    assert "author_uuid" in template.fields, "a policy compares the key with the caller; the author must stand in it"
    assert IDENTITY in " ".join(_limits(bench, template)), "the author must stand in the key by a field of its own"
    print("right")


def _limits(bench: Any, template: KeyTemplate) -> list[str]:
    """What a reader's policy would limit the partition keys of the drafts to."""
    pattern = replace(
        bench.model.pattern("list-messages"),
        key=KeyCondition({"pk": template}),
        parameters={name: Parameter(name, "uuid") for name in template.fields},
    )
    model = replace(bench.model, patterns={pattern.name: pattern})
    condition = iam_policy(model, "reader", caller=["author_uuid"])["Statement"][0]["Condition"]
    return [value for keys in condition.values() for value in keys.get("dynamodb:LeadingKeys", [])]
