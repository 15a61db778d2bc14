"""Odd names and any values go through placeholders, typed and whole."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.shop_plans import SHOP, assert_botocore_takes
from workbench.model import (
    Action,
    Entity,
    KeyAttribute,
    KeyCondition,
    KeySchema,
    KeyTemplate,
    Model,
    Parameter,
    Pattern,
    Table,
)
from workbench.plans import build, scan

NAMES = st.text(min_size=1, max_size=30).filter(lambda name: "{" not in name and "}" not in name)
SECRETS = st.text(alphabet="qwxyz", min_size=12, max_size=20)


@given(key=NAMES, names=st.lists(NAMES, min_size=4, max_size=4, unique=True), secret=SECRETS)
def test_odd_names_go_through_placeholders_and_values_are_never_in_an_expression(
    key: str, names: list[str], secret: str
) -> None:
    quoted = ["`" + name.replace("`", "``") + "`" for name in names]
    table = Table("t1t", KeySchema((KeyAttribute(key),)))
    entity = Entity("E", "t1t", {key: KeyTemplate.of("K#{id}")}, {}, {"id": "string"})
    parameters = {"id": Parameter("id", "string"), "x": Parameter("x", "string")}
    query = Pattern(
        "q", "", "Query", "t1t",
        key=KeyCondition({key: KeyTemplate.of("K#{id}")}),
        filter=f"{quoted[0]}.{quoted[1]}[3] = {{x}} AND NOT contains({quoted[2]}, 'a{{x}}')",
        projection=(quoted[0], f"{quoted[2]}.{quoted[3]}"),
        parameters=parameters,
    )  # fmt: skip
    if names[0] == names[2]:
        return
    targets = [name for name in names[:2] if name != key]
    update = Pattern(
        "u", "", "UpdateItem", "t1t",
        actions=(Action("update", "E", update="SET " + ", ".join(
            "`" + name.replace("`", "``") + "` = {x}" for name in targets), condition=f"{quoted[3]} <> {{x}}"),),
        parameters=parameters,
    )  # fmt: skip
    model = Model("m", Path("m"), tables={"t1t": table}, entities={"E": entity}, patterns={})

    for pattern in (query, update):
        request = build(model, pattern, {"id": secret, "x": secret + "!"}).request
        again = build(model, pattern, {"id": secret, "x": secret + "!"}).request

        assert_botocore_takes(request)
        assert repr(request) == repr(again)
        expressions = " ".join(text for name, text in request.kwargs.items() if name.endswith("Expression"))
        assert secret not in expressions
        assert not [word for word in words_of(expressions) if word not in ALLOWED and word[0] not in "#:"]


ALLOWED = {"AND", "NOT", "contains", "SET", "begins_with", "3"}


def words_of(expression: str) -> list[str]:
    for symbol in "()[],=<>.":
        expression = expression.replace(symbol, " ")
    return expression.split()


@given(st.text(), st.integers(), st.booleans(), st.frozensets(st.text(), min_size=1, max_size=3))
def test_values_reach_the_request_typed_and_whole(text: str, number: int, flag: bool, tags: frozenset[str]) -> None:
    if abs(number) >= 10**38 or any("\ud800" <= character <= "\udfff" for word in (text, *tags) for character in word):
        return
    given_ = {"s": text, "n": number, "b": flag, "t": tags}
    found = scan(SHOP, "shop", filter="a = {s} AND b = {n} AND c = {b} AND d = {t}", arguments=given_).request.kwargs

    values = found["ExpressionAttributeValues"]
    assert values[":v0"] == {"S": text}
    assert values[":v1"] == {"N": str(number)}
    assert values[":v2"] == {"BOOL": flag}
    assert set(values[":v3"]["SS"]) == tags
