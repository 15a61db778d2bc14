"""The sample data: an own conversation whose byte sizes are exact, and a generator that gives the same bytes again."""

from __future__ import annotations

import csv
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from workbench.items import item_size, to_wire

MODEL = Path(__file__).parents[2] / "data" / "models" / "messaging"
TABLES = ("users", "activities", "message_groups", "message_group_members", "messages")


def generate(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(MODEL / "generate.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def rows(table: str, folder: Path = MODEL / "data") -> list[dict[str, str]]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def lines() -> list[str]:
    return (MODEL / "conversation.txt").read_text(encoding="ascii").splitlines()


def message_sizes(names: dict[str, tuple[str, str]] | None = None) -> list[int]:
    """Sizes of the Message items, newest first; ``names`` replaces handle and display name of a user by handle."""
    users = {user["uuid"]: user for user in rows("users")}
    sizes = []
    for message in sorted(rows("messages"), key=lambda row: row["created_at"], reverse=True):
        user = users[message["user_uuid"]]
        handle, display_name = (names or {}).get(user["handle"], (user["handle"], user["display_name"]))
        item = {
            "pk": f"MSG#{message['message_group_uuid']}",
            "sk": message["created_at"],
            "message_uuid": message["uuid"],
            "message": message["message"],
            "user_uuid": user["uuid"],
            "user_handle": handle,
            "user_display_name": display_name,
        }
        sizes.append(item_size({name: to_wire(value) for name, value in item.items()}))
    return sizes


def test_the_conversation_is_104_ascii_lines_of_56_to_345_characters() -> None:
    assert len(lines()) == 104
    assert all(line.isascii() and line.isprintable() and line == line.strip() for line in lines())
    assert (min(map(len, lines())), max(map(len, lines()))) == (56, 345)
    assert len(set(lines())) == 104


def test_two_people_take_strict_turns_52_lines_each() -> None:
    authors = [message["user_uuid"] for message in rows("messages")]

    assert all(one != next_ for one, next_ in pairwise(authors))
    assert sorted(authors.count(author) for author in set(authors)) == [52, 52]


def test_times_are_fixed_width_utc_strictly_later_each_and_all_in_march_2026() -> None:
    times = [message["created_at"] for message in rows("messages")]

    assert all(one < next_ for one, next_ in pairwise(times))
    assert {len(time) for time in times} == {27}
    assert all(time.startswith("2026-03-") and time.endswith("Z") for time in times)


def test_the_newest_20_messages_are_8191_bytes_and_all_are_42114() -> None:
    assert sum(message_sizes()[:20]) == 8_191
    assert sum(message_sizes()) == 42_114


@pytest.mark.parametrize(("limit", "half_units"), [(10, 1), (20, 2), (40, 5), (50, 6), (104, 11)])
def test_limits_cost_what_the_arithmetic_table_says(limit: int, half_units: int) -> None:
    assert -(-sum(message_sizes()[:limit]) // 4096) == half_units


@pytest.mark.parametrize(
    ("names", "size", "half_units"),
    [({"bayko": ("bayko", "A. Bayko.")}, 8_161, 2), ({"andrewbrown": ("andrewbrown", "Andrew J. W. Brown")}, 8_251, 3)],
)
def test_slightly_other_names_tip_the_page_over_a_unit(
    names: dict[str, tuple[str, str]], size: int, half_units: int
) -> None:
    assert sum(message_sizes(names)[:20]) == size
    assert -(-size // 4096) == half_units


def test_generating_again_gives_the_committed_files(tmp_path: Path) -> None:
    done = generate("--out", str(tmp_path))

    assert done.returncode == 0, done.stderr
    for table in TABLES:
        assert (tmp_path / f"{table}.csv").read_bytes() == (MODEL / "data" / f"{table}.csv").read_bytes()


def test_six_more_people_have_no_conversation_and_nobody_has_a_cognito_id() -> None:
    members = {member["user_uuid"] for member in rows("message_group_members")}
    alone = [user for user in rows("users") if user["uuid"] not in members]

    assert len(alone) >= 6
    assert not any(user["cognito_user_id"] for user in rows("users"))
    assert all(user["email"].endswith("@example.com") for user in rows("users"))


def generated(folder: Path, seed: int = 7) -> dict[str, list[dict[str, str]]]:
    counts = ("--people", "200", "--groups", "500", "--messages", "5000")
    done = generate(*counts, "--seed", str(seed), "--out", str(folder))
    assert done.returncode == 0, done.stderr
    return {table: rows(table, folder) for table in TABLES}


def test_any_number_of_people_groups_and_messages_can_be_generated(tmp_path: Path) -> None:
    found = generated(tmp_path)

    assert [len(found[table]) for table in TABLES] == [200, 0, 500, 1000, 5000]
    assert len({user["handle"] for user in found["users"]}) == 200
    members = {(each["message_group_uuid"], each["user_uuid"]) for each in found["message_group_members"]}
    assert {(each["message_group_uuid"], each["user_uuid"]) for each in found["messages"]} <= members
    assert {each["message_group_uuid"] for each in found["messages"]} == {
        each["uuid"] for each in found["message_groups"]
    }
    times = [each["created_at"] for each in found["messages"]]
    assert all(one < next_ for one, next_ in pairwise(times))
    assert times[-1] < "2026-04-01"


def test_no_pair_of_people_has_two_groups(tmp_path: Path) -> None:
    pairs: dict[str, set[str]] = {}
    for member in generated(tmp_path)["message_group_members"]:
        pairs.setdefault(member["message_group_uuid"], set()).add(member["user_uuid"])

    assert len({frozenset(pair) for pair in pairs.values()}) == len(pairs)
    assert {len(pair) for pair in pairs.values()} == {2}


def test_a_few_groups_are_hot(tmp_path: Path) -> None:
    groups = [message["message_group_uuid"] for message in generated(tmp_path)["messages"]]
    counts = sorted((groups.count(group) for group in set(groups)), reverse=True)

    assert counts[0] > 20 * counts[len(counts) // 2]


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(tmp_path: Path) -> None:
    one, two, other = (tmp_path / name for name in ("one", "two", "other"))
    generated(one)
    generated(two)
    generated(other, seed=8)

    assert (one / "messages.csv").read_bytes() == (two / "messages.csv").read_bytes()
    assert (one / "messages.csv").read_bytes() != (other / "messages.csv").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--people", "3", "--groups", "4", "--messages", "9"], "3 people make only 3 pairs"),
        (["--people", "3", "--groups", "3", "--messages", "2"], "each of the 3 groups needs a message"),
        (["--people", "1", "--groups", "1", "--messages", "2"], "a conversation needs two people"),
        (["--people", "3"], "together, or none of them"),
    ],
)
def test_numbers_that_cannot_be_meant_are_refused(arguments: list[str], reason: str, tmp_path: Path) -> None:
    done = generate(*arguments, "--out", str(tmp_path / "out"))

    assert done.returncode == 2
    assert reason in done.stderr
    assert not (tmp_path / "out").exists()


def test_generated_rows_never_replace_the_example() -> None:
    done = generate("--people", "3", "--groups", "2", "--messages", "9", "--out", str(MODEL / "data"))

    assert done.returncode == 2
    assert "committed example" in done.stderr


def test_all_pairs_can_be_asked_for(tmp_path: Path) -> None:
    done = generate("--people", "12", "--groups", "66", "--messages", "66", "--out", str(tmp_path))

    assert done.returncode == 0, done.stderr
    assert len(rows("message_groups", tmp_path)) == 66
