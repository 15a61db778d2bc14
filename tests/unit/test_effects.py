"""What a write did: the item, its entry in each index, and the price of each arm, in text, HTML and JSON alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from workbench import show
from workbench.errors import UsageError
from workbench.model import Model, load_model
from workbench.results.effects import Effect, effect_of

GROUP = "50d22f1d-7314-5b24-92d7-5e0766fc740a"
KEY = {"pk": "GRP#a151a3a1-6da0-5a0e-b4d7-c75b5b23079c", "sk": "2026-03-30T22:50:28.259154Z"}
ROW = {**KEY, "message_group_uuid": GROUP, "message": "The kettle is on", "user_handle": "bayko"}
INDEX = "message-group-sk-index"


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model(Path(__file__).parents[2] / "data" / "models" / "messaging")


def effect(model: Model, before: Any, after: Any, *, kind: str = "update", transactional: bool = False) -> Effect:
    return effect_of(
        model, kind=kind, table="cruddur-messages", entity="InboxRow", key=KEY, before=before, after=after,
        transactional=transactional,
    )  # fmt: skip


WITHOUT = {name: value for name, value in ROW.items() if name != "message_group_uuid"}
CASES = [
    (None, ROW, "enters: ", "1.0"),
    (ROW, None, "leaves: ", "1.0"),
    (ROW, {**ROW, "message": "Tea"}, "its entry changes in place: ", "1.0"),
    (ROW, {**ROW, "message_group_uuid": "other"}, "its key moves: ", "2.0"),
    (ROW, ROW, "its entry stays as it is", "0.0"),
    (None, WITHOUT, "not in the index", "0.0"),
    (WITHOUT, ROW, "enters: ", "1.0"),
    (ROW, WITHOUT, "leaves: ", "1.0"),
]


@pytest.mark.parametrize(("before", "after", "why", "units"), CASES, ids=[f"{at} {c[2]}" for at, c in enumerate(CASES)])
def test_an_index_is_told_by_what_its_entry_does(before: Any, after: Any, why: str, units: str, model: Model) -> None:
    table, index = effect(model, before, after).arms

    assert (table.index, index.index) == (None, INDEX)
    assert index.why.startswith(why)
    assert str(index.units) == units
    assert (index.before is None) == (before is None or "message_group_uuid" not in before)
    assert (index.after is None) == (after is None or "message_group_uuid" not in after)


def test_a_transaction_doubles_the_table_and_not_the_index(model: Model) -> None:
    alone, together = (effect(model, None, ROW, kind="put", transactional=each) for each in (False, True))

    assert [str(arm.units) for arm in alone.arms] == ["1.0", "1.0"]
    assert [str(arm.units) for arm in together.arms] == ["2.0", "1.0"]
    assert "twice in a transaction" in together.arms[0].why


def test_a_check_costs_its_item_twice_and_no_index(model: Model) -> None:
    (arm,) = effect(model, ROW, ROW, kind="check").arms

    assert str(arm.units) == "2.0"
    assert "bytes checked, twice in a transaction" in arm.why


def test_deleting_what_is_not_there_costs_the_least(model: Model) -> None:
    arms = effect(model, None, None, kind="delete").arms

    assert [str(arm.units) for arm in arms] == ["1.0", "0.0"]
    assert arms[0].why == "nothing is there; 1 unit at least"


class Written:
    """As much of a result as the picture asks for."""

    def __init__(self, *effects: Effect, writes: bool = True) -> None:
        from types import SimpleNamespace

        self.effects = effects
        self.plan = SimpleNamespace(pattern=SimpleNamespace(writes=writes, name="write"))


def test_text_html_and_json_say_the_same_and_html_is_escaped(model: Model) -> None:
    odd = {**ROW, "message": "<b>& 'tea'</b>"}
    picture = show.changes(Written(effect(model, ROW, odd), effect(model, odd, None, kind="delete")))  # type: ignore[arg-type]
    bundle = picture._repr_mimebundle_()

    assert repr(picture).splitlines() == [
        f"~ {KEY['pk']} / {KEY['sk']}  (InboxRow of cruddur-messages)",
        "    message  The kettle is on -> <b>& 'tea'</b>",
        "    table                         1.0 WCU  164 bytes (the larger of both)",
        f"    index {INDEX}  1.0 WCU  its entry changes in place: 164 bytes, {GROUP} / {KEY['sk']}",
        f"- {KEY['pk']} / {KEY['sk']}  (InboxRow of cruddur-messages)",
        f"    message_group_uuid  {GROUP}",
        "    message             <b>& 'tea'</b>",
        "    user_handle         bayko",
        "    table                         1.0 WCU  162 bytes",
        f"    index {INDEX}  1.0 WCU  leaves: 162 bytes, {GROUP} / {KEY['sk']}",
        "2 items, 4.0 WCU",
    ]
    assert "<b>" not in bundle["text/html"]
    assert "&lt;b&gt;&amp; &#x27;tea&#x27;&lt;/b&gt;" in bundle["text/html"]
    told = bundle["application/vnd.workbench+json"]
    assert json.loads(json.dumps(told)) == told
    assert told["write_units"] == "4.0"
    assert [arm["write_units"] for each in told["changes"] for arm in each["arms"]] == ["1.0"] * 4
    for arm in (arm for each in told["changes"] for arm in each["arms"]):
        assert arm["why"] in bundle["text/plain"]
        assert arm["why"] in bundle["text/html"]


def test_a_long_fan_out_is_cut_and_its_sum_is_whole(model: Model) -> None:
    picture = show.changes(Written(*[effect(model, None, ROW)] * 12), most=2)  # type: ignore[arg-type]

    assert repr(picture).count("+ GRP#") == 2
    assert repr(picture).endswith("... 10 more items: result.effects has them all. 12 items, 24.0 WCU")


def test_a_read_has_no_changes() -> None:
    with pytest.raises(UsageError, match="write only reads"):
        show.changes(Written(writes=False))  # type: ignore[arg-type]
