"""The items that are measured with, in wire form: made from their number alone, the same on every machine.

``messages`` are like the messages of the messaging table: six strings, about 430 bytes of JSON. ``wide`` items have 25
attributes of all ten types: nested ones, numbers of 38 digits and down to 1E-130, missing ones, NULLs, and
attributes that hold another type from item to item. ``odd`` items are at the edges of what is legal, where boto3 itself
gives up; ``mixed`` is all three by turns. Every sort key begins with the year 2000, so that a page can be made into the
next year's page (see recordings.py).
"""

from __future__ import annotations

import base64
import datetime as dt
import random
import uuid
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["KINDS", "PARTITIONS", "items"]

Wire = dict[str, Any]
_SENTENCE = (
    "the table key of a page is read once and what you pay for was never more than one query café naïve 漢字 "
    "when do we meet again I sent it to you on Monday 'quoted' \"twice\" tomorrow maybe ok"
)
WORDS = _SENTENCE.split()
PARTITIONS = {"messages": "MSG#3f2b8c1a-5d4e-4f6a-9b7c-8d9e0f1a2b3c", "wide": "WIDE#7c1d"}
_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_AUTHORS = tuple(str(uuid.uuid5(uuid.NAMESPACE_URL, f"author {number}")) for number in range(40))


def items(kind: str, count: int) -> Iterator[Wire]:
    """Yield the first ``count`` items of a kind in key order; KeyError for a kind that is none."""
    make = KINDS[kind]
    return (make(number) for number in range(count))


def _chance(kind: str, number: int) -> random.Random:
    return random.Random(f"{kind} {number}")


def _at(number: int) -> str:
    return (_EPOCH + dt.timedelta(seconds=37 * number)).isoformat(timespec="microseconds")


def _text(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(WORDS, k=words))


def _identity(chance: random.Random) -> str:
    """A UUID whose first eight digits are zero: they count the laps when a page is used again."""
    return "00000000" + str(uuid.UUID(int=chance.getrandbits(128), version=4))[8:]


def _digits(chance: random.Random, count: int) -> str:
    return str(chance.randrange(10 ** (count - 1), 10**count))


def _message(number: int) -> Wire:
    chance = _chance("messages", number)
    author = chance.randrange(len(_AUTHORS))
    return {
        "pk": {"S": PARTITIONS["messages"]},
        "sk": {"S": _at(number)},
        "message_uuid": {"S": _identity(chance)},
        "message": {"S": _text(chance, chance.randrange(8, 57))},
        "user_uuid": {"S": _AUTHORS[author]},
        "user_handle": {"S": f"author{author:02d}"},
    }


def _wide(number: int) -> Wire:
    chance = _chance("wide", number)
    item = {
        "pk": {"S": PARTITIONS["wide"]},
        "sk": {"S": _at(number)},
        "identity": {"S": _identity(chance)},
        "title": {"S": _text(chance, 6)},
        "kind": {"S": chance.choice(("order", "invoice", "return"))},
        "quantity": {"N": str(chance.randrange(1, 1000))},
        "version": {"N": str(number)},
        "big": {"N": _digits(chance, 38)},
        "price": {"N": f"{chance.randrange(1, 100000)}.{chance.randrange(1, 10)}"},
        "ratio": {"N": f"0.{_digits(chance, chance.randrange(5, 31)).rstrip('0')}"},
        "extreme": {"N": chance.choice(("1E-130", "9.9E+30", "-1E-130", f"{_digits(chance, 3)}E-90", "0"))},
        "active": {"BOOL": chance.random() < 0.5},
        "payload": {"B": base64.b64encode(chance.randbytes(24)).decode()},
        "tags": {"SS": sorted(chance.sample(WORDS[:20], k=3))},
        "scores": {"NS": sorted({str(chance.randrange(100)), f"{chance.randrange(100)}.5"})},
        "chunks": {"BS": sorted(base64.b64encode(chance.randbytes(6)).decode() for _ in range(2))},
        "address": {"M": _address(chance)},
        "history": {"L": [_change(chance) for _ in range(chance.randrange(1, 4))]},
        "matrix": {"L": [{"L": [{"N": str(chance.randrange(9))} for _ in range(3)]} for _ in range(2)]},
        "code": {"N": _digits(chance, 6)} if chance.random() < 0.5 else {"S": f"C{_digits(chance, 6)}"},
        "detail": _detail(chance),
    }
    return item | _sometimes(chance)


def _address(chance: random.Random) -> Wire:
    place = {"M": {"lat": {"N": f"{chance.randrange(1, 90)}.25"}, "lon": {"N": f"-{chance.randrange(1, 180)}.5"}}}
    return {"street": {"S": _text(chance, 3)}, "zip": {"S": _digits(chance, 5)}, "place": place}


def _change(chance: random.Random) -> Wire:
    by = {"S": chance.choice(_AUTHORS)} if chance.random() < 0.8 else {"NULL": True}
    return {"M": {"at": {"N": _digits(chance, 10)}, "by": by, "done": {"BOOL": chance.random() < 0.5}}}


def _detail(chance: random.Random) -> Wire:
    """A value of another type from item to item, as an overloaded attribute of a single table has."""
    return chance.choice(
        (
            {"M": {"colour": {"S": "red"}, "raw": {"B": base64.b64encode(chance.randbytes(4)).decode()}}},
            {"L": [{"S": "a"}, {"N": "1"}]},
            {"S": _text(chance, 2)},
            {"BOOL": True},
        )
    )


def _sometimes(chance: random.Random) -> Wire:
    """Attributes that are missing in some items and NULL in others."""
    choices: dict[str, Callable[[], Wire]] = {
        "note": lambda: {"S": _text(chance, 20)},
        "deleted_at": lambda: {"N": _digits(chance, 10)},
        "nothing": lambda: {"NULL": True},
        "flag": lambda: {"BOOL": True},
    }
    found = {}
    for name, make in choices.items():
        fate = chance.random()
        if fate < 0.5:
            found[name] = make()
        elif fate < 0.7:
            found[name] = {"NULL": True}
    return found


def _odd(number: int) -> Wire:
    """What a table may hold at its edges: empty values, the largest and smallest numbers, deep nesting, odd names."""
    chance = _chance("odd", number)
    deep: Wire = {"S": "bottom"}
    for level in range(chance.randrange(1, 31)):
        deep = {"L": [deep]} if level % 2 else {"M": {"in": deep, " ": {"NULL": True}}}
    values: tuple[Wire, ...] = (
        {"S": ""}, {"B": ""}, {"L": []}, {"M": {}}, {"NULL": True}, {"BOOL": False}, {"N": "-0"}, {"N": "1.0"},
        {"N": "9.9999999999999999999999999999999999999E+125"}, {"N": "-1E-130"}, {"N": f"1{'0' * 60}"},
        {"N": f"{_digits(chance, 38)}E-100"}, {"S": "true"}, {"S": "1"}, {"S": "\u0000\n\U0001f600"},
        {"NS": ["1", "-1E-130"]}, {"SS": ["", "a"]}, {"BS": ["", "AA=="]}, deep,
    )  # fmt: skip
    names = chance.sample(("a b", "ü", "pk2", "x.y[0]", '"', "__index__", "S", "Items", "nothing"), k=5)
    item = {"pk": {"S": f"ODD#{number % 7}"}, "sk": {"S": _at(number)}, "number": {"N": str(number)}}
    return item | {name: chance.choice(values) for name in names}


def _mixed(number: int) -> Wire:
    return (_message, _wide, _odd)[number % 3](number)


KINDS: dict[str, Callable[[int], Wire]] = {"messages": _message, "wide": _wide, "odd": _odd, "mixed": _mixed}
