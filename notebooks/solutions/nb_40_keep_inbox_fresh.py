"""Checks and solutions of the exercises in 40_keep_inbox_fresh."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

Record = dict[str, Any]
wrong_1 = (250, 200)


def wrong_2(records: Sequence[Record]) -> list[Record]:
    """Take the last record of each conversation: right only as long as records come in order."""
    last = {record["dynamodb"]["Keys"]["pk"]["S"]: record for record in records}
    return list(last.values())


def solution_1(bench: Any) -> tuple[int, int]:
    """Return what the message and two rows cost: deleted and put, twice the price on the table, once in the index."""
    rate = 50
    return rate * (1 + 2 * (2 + 2)), rate * 2 * (1 + 1)


def solution_2(bench: Any) -> Any:
    """Return a function that keeps the newest new message of each conversation, in the order of the batch."""

    def newest(records: Sequence[Record]) -> list[Record]:
        best: dict[str, Record] = {}
        for record in records:
            keys = record["dynamodb"]["Keys"]
            if record["eventName"] != "INSERT" or not keys["pk"]["S"].startswith("MSG#"):
                continue
            there = best.get(keys["pk"]["S"])
            if there is None or keys["sk"]["S"] > there["dynamodb"]["Keys"]["sk"]["S"]:
                best[keys["pk"]["S"]] = record
        return [record for record in records if any(record is each for each in best.values())]

    return newest


def check_1(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 1; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    table, index = solution_1(bench)
    assert len(answer) == 2, "answer with a pair: the table's write units, then the index's"
    assert answer[1] == index, "in the index each row leaves once and enters once; a transaction does not double that"
    assert answer[0] == table, "the message counts once; deletes and puts in a transaction count twice on the table"
    print("right")


def check_2(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 2; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    chance = random.Random(2)  # the same records for everybody
    for _ in range(50):
        records = _records(chance)
        found, wanted = answer(list(records)), solution_2(bench)(records)
        keys = [each["dynamodb"]["Keys"]["pk"]["S"] for each in found]
        assert all(key.startswith("MSG#") for key in keys), "an inbox row is no message; look at the key"
        assert all(each["eventName"] == "INSERT" for each in found), "a message that was changed or deleted is not new"
        assert len(set(keys)) == len(keys), "one record a conversation is enough"
        assert found == wanted, "the newest message counts, by its time: records may come in any order"
    print("right")


def _records(chance: random.Random) -> list[Record]:
    keys = [(f"{kind}#{number}", f"2026-04-01T10:{minute:02}") for kind in ("MSG", "GRP") for number in range(3)
            for minute in range(6)]  # fmt: skip
    chosen = chance.sample(keys, 12)
    return [
        {
            "eventName": chance.choice(["INSERT", "INSERT", "INSERT", "MODIFY", "REMOVE"]),
            "dynamodb": {"Keys": {"pk": {"S": pk}, "sk": {"S": sk}}, "SequenceNumber": str(number)},
        }
        for number, (pk, sk) in enumerate(chosen)
    ]
