"""Write the rows of the messaging database: the committed example, or as many as you ask for.

::

    python data/models/messaging/generate.py                       # writes data/*.csv again from conversation.txt
    python data/models/messaging/generate.py --people 200 --groups 500 --messages 10000 --seed 7 --out DIR

The example is two people, their conversation of 104 lines (``conversation.txt``: odd lines are andrewbrown's, even
lines bayko's), and six people who have no conversation yet. Its byte sizes are exact on purpose: with the items of
model.yaml the newest 20 messages are 8,191 bytes, all messages 42,114, the whole table 42,622.

The generator gives any number of rows. A few people and groups are much busier than the rest (Zipf: the n-th has a
weight of 1/n), so that hot keys exist. Nothing depends on the clock or on chance: same arguments, same bytes.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import itertools
import random
import sys
import uuid
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from workbench.model import format_timestamp

HERE = Path(__file__).resolve().parent
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:workbench:messaging")
PEOPLE: tuple[tuple[str, str], ...] = (
    ("andrewbrown", "Andrew Brown"),
    ("bayko", "Andrew Bayko"),
    ("mferrante", "Marta Ferrante"),
    ("ohara_aoife", "Aoife O'Hara"),
    ("zoe.lindqvist", "Zoë Lindqvist"),
    ("sato-keiko", "佐藤 恵子"),
    ("tobi42", "Tobi Adeyemi"),
    ("ninefingers", "Nina Fingerhut"),
)
SPEAKERS = ("andrewbrown", "bayko")
# The newest line that each has seen: five of bayko's are new to andrewbrown, bayko has seen it all.
READ = {"andrewbrown": 95, "bayko": 104}
# The line that opens each sitting of the conversation, and when; the other lines follow after one to five minutes.
SITTINGS: dict[int, str] = {
    1: "2026-03-02T23:05:00Z",
    15: "2026-03-04T23:20:00Z",
    29: "2026-03-07T16:05:00Z",
    39: "2026-03-08T01:30:00Z",
    45: "2026-03-08T13:10:00Z",
    56: "2026-03-08T20:51:00Z",
    57: "2026-03-12T19:02:00Z",
    63: "2026-03-12T22:40:00Z",
    69: "2026-03-13T00:55:00Z",
    71: "2026-03-13T12:05:00Z",
    73: "2026-03-14T15:00:00Z",
    84: "2026-03-15T13:30:00Z",
    85: "2026-03-26T23:10:00Z",
    95: "2026-03-30T22:05:00Z",
    102: "2026-03-30T22:43:00Z",
}
JOINED = dt.datetime(2026, 1, 12, 9, tzinfo=dt.UTC)
GENERATED_FROM = dt.datetime(2026, 1, 20, tzinfo=dt.UTC)
GENERATED_TO = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)
COLUMNS: dict[str, tuple[str, ...]] = {
    "users": ("uuid", "display_name", "handle", "email", "cognito_user_id", "created_at"),
    "activities": (
        "uuid", "user_uuid", "message", "replies_count", "reposts_count", "likes_count", "reply_to_activity_uuid",
        "expires_at", "created_at",
    ),
    "message_groups": ("uuid", "created_at"),
    "message_group_members": ("message_group_uuid", "user_uuid", "seat", "read_until"),
    "messages": ("uuid", "message_group_uuid", "user_uuid", "message", "created_at"),
}  # fmt: skip
Row = tuple[object, ...]


def identity(*parts: object) -> str:
    """Return the uuid of a thing, made of its name alone: the same on every machine, in every run."""
    return str(uuid.uuid5(NAMESPACE, "/".join(map(str, parts))))


def user_rows(people: Iterable[tuple[str, str]]) -> Iterator[Row]:
    """Yield rows of ``users``; nobody has a Cognito id before ``workbench db sync-cognito-ids`` gives one."""
    for number, (handle, display_name) in enumerate(people):
        created_at = format_timestamp(JOINED + dt.timedelta(minutes=number))
        yield identity("user", handle), display_name, handle, f"{handle}@example.com", "", created_at


# -- the example ------------------------------------------------------------------------------------------------------


def conversation() -> list[str]:
    """Return the lines of the conversation, oldest first."""
    return (HERE / "conversation.txt").read_text(encoding="ascii").splitlines()


def conversation_times(count: int) -> list[dt.datetime]:
    """Return when each line was sent: strictly later one by one, all in March 2026."""
    rng = random.Random("conversation")  # noqa: S311 (sample data, not secrets)
    times: list[dt.datetime] = []
    for line in range(1, count + 1):
        pause = dt.timedelta(seconds=rng.randint(60, 300), microseconds=rng.randrange(1_000_000))
        times.append(dt.datetime.fromisoformat(SITTINGS[line]) if line in SITTINGS else times[-1] + pause)
    return times


def example_rows() -> dict[str, Iterable[Row]]:
    """Return the rows of every table of the committed example."""
    lines = conversation()
    times = conversation_times(len(lines))
    group = identity("group", *SPEAKERS)
    authors = itertools.cycle(identity("user", handle) for handle in SPEAKERS)
    return {
        "users": user_rows(PEOPLE),
        "activities": example_activities(),
        "message_groups": [(group, format_timestamp(times[0]))],
        "message_group_members": [
            (group, identity("user", handle), seat, format_timestamp(times[READ[handle] - 1]))
            for seat, handle in enumerate(SPEAKERS, start=1)
        ],
        "messages": [
            (identity("message", *SPEAKERS, number), group, author, text, format_timestamp(time))
            for number, (text, time, author) in enumerate(zip(lines, times, authors, strict=False), start=1)
        ],
    }


def example_activities() -> list[Row]:
    """Return three posts of the public feed: one that does not expire, one that does, and a reply."""
    first, second, reply = (identity("activity", number) for number in (1, 2, 3))
    return [
        (first, identity("user", "andrewbrown"), "The weather station is up. The pike points west.", 1, 0, 4, "",
         "", "2026-03-07T20:15:00.000000Z"),
        (second, identity("user", "mferrante"), "Radish stall on Saturday, opera coats optional.", 0, 2, 7, "",
         "2026-04-04T18:00:00.000000Z", "2026-03-28T08:30:00.000000Z"),
        (reply, identity("user", "bayko"), "Four strawberries a second, for the record.", 0, 0, 2, first,
         "", "2026-03-07T20:21:30.250000Z"),
    ]  # fmt: skip


# -- any number -------------------------------------------------------------------------------------------------------

FIRST = ("Ada", "Bela", "Chidi", "Dana", "Emre", "Freya", "Gita", "Hugo", "Ilse", "Jomo", "Kira", "Lior", "Maren")
LAST = ("Acheson", "Brandt", "Castellano", "Demir", "Ekholm", "Falk", "Guerin", "Haddad", "Ivers", "Jansky", "Kovac")
WHO = ("the ferry", "my sister", "the bakery", "our landlord", "the night bus", "the choir", "the old printer")
DID = ("came back", "was late again", "asked about you", "lost a shoe", "won a prize", "needs a new lamp", "slept in")
WHEN = ("this morning", "on Sunday", "before the rain", "after lunch", "at the market", "near the harbour")


def generated_people(count: int) -> list[tuple[str, str]]:
    """Return ``count`` people: those of the example first, then made ones with a number in their handle."""
    names = ((first, last) for last in LAST for first in FIRST)
    made = (
        (f"{first}.{last}{number}".lower(), f"{first} {last}")
        for number, (first, last) in enumerate(itertools.cycle(names), start=1)
    )
    return list(itertools.islice(itertools.chain(PEOPLE, made), count))


def generated_pairs(rng: random.Random, people: int, groups: int) -> list[tuple[int, int]]:
    """Return ``groups`` different pairs of people; low numbers are in many of them."""
    weights = list(itertools.accumulate(1 / rank for rank in range(1, people + 1)))
    pairs: dict[tuple[int, int], None] = {}
    for _ in range(groups * 20):
        one, two = rng.choices(range(people), cum_weights=weights, k=2)
        if one != two and len(pairs) < groups:
            pairs[min(one, two), max(one, two)] = None
    rest = itertools.combinations(range(people), 2)
    while len(pairs) < groups:
        pairs[next(rest)] = None
    return list(pairs)


def generated_messages(
    rng: random.Random, users: Sequence[str], pairs: Sequence[tuple[int, int]], groups: Sequence[str], count: int
) -> Iterator[Row]:
    """Yield ``count`` messages, oldest first: one a group, then more for the groups that are busy."""
    weights = list(itertools.accumulate(1 / rank for rank in range(1, len(groups) + 1)))
    step = (GENERATED_TO - GENERATED_FROM) / count
    for number in range(count):
        at = number if number < len(groups) else rng.choices(range(len(groups)), cum_weights=weights)[0]
        time = GENERATED_FROM + step * number + dt.timedelta(microseconds=rng.randrange(max(1, step.microseconds // 2)))
        yield (
            identity("generated message", number), groups[at], users[rng.choice(pairs[at])], sentence(rng),
            format_timestamp(time),
        )  # fmt: skip


def sentence(rng: random.Random) -> str:
    """Return one to five short sentences."""
    parts = (f"{rng.choice(WHO)} {rng.choice(DID)} {rng.choice(WHEN)}." for _ in range(rng.randint(1, 5)))
    return " ".join(part[0].upper() + part[1:] for part in parts)


def generated_rows(people: int, groups: int, messages: int, seed: int) -> dict[str, Iterable[Row]]:
    """Return rows of every table; ValueError says which numbers cannot be meant together."""
    if people < 2 or groups < 1:
        raise ValueError(f"--people {people} --groups {groups}: a conversation needs two people and a group")
    if groups > people * (people - 1) // 2:
        raise ValueError(f"--groups {groups}: {people} people make only {people * (people - 1) // 2} pairs")
    if messages < groups:
        raise ValueError(f"--messages {messages}: each of the {groups} groups needs a message; give {groups} or more")
    rng = random.Random(seed)  # noqa: S311 (sample data, not secrets)
    named = generated_people(people)
    users = [identity("user", handle) for handle, _ in named]
    pairs = generated_pairs(rng, people, groups)
    ids = [identity("group", *(named[at][0] for at in pair)) for pair in pairs]
    return {
        "users": user_rows(named),
        "activities": [],
        "message_groups": [(group, format_timestamp(GENERATED_FROM)) for group in ids],
        "message_group_members": [
            (group, users[at], seat, "")
            for group, pair in zip(ids, pairs, strict=True)
            for seat, at in enumerate(pair, 1)
        ],
        "messages": generated_messages(rng, users, pairs, ids, messages),
    }


def write(rows: dict[str, Iterable[Row]], folder: Path) -> None:
    """Write one CSV file a table into ``folder``; an empty cell is NULL."""
    folder.mkdir(parents=True, exist_ok=True)
    for table, header in COLUMNS.items():
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(rows[table])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0, or 2 with the reason on stderr."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for name in ("people", "groups", "messages"):
        parser.add_argument(f"--{name}", type=int, help=f"how many {name}; without it the committed example is written")
    parser.add_argument("--seed", type=int, default=7, help="same seed, same rows (default 7)")
    parser.add_argument("--out", type=Path, help="folder for the CSV files (the example's own folder for the example)")
    asked = parser.parse_args(arguments)
    counts = (asked.people, asked.groups, asked.messages)
    if counts == (None, None, None):
        write(example_rows(), asked.out or HERE / "data")
        return 0
    try:
        if None in counts or asked.out is None:
            raise ValueError("give --people, --groups, --messages and --out together, or none of them")
        if asked.out.resolve() == HERE / "data":
            raise ValueError(f"--out {asked.out}: that folder holds the committed example; name another")
        write(generated_rows(*counts, asked.seed), asked.out)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
