"""Identities: the ids that a Cognito user pool gave to people, written beside them in PostgreSQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.errors import DatabaseError, UnreachableError

if TYPE_CHECKING:
    from workbench.engines import Database

__all__ = ["IdentityReport", "sync_cognito_ids"]


@dataclass(frozen=True)
class IdentityReport:
    """What became of each user of a pool, by name in alphabetical order.

    ``updated`` and ``unchanged`` are people's handles; their ids are in ``ids``. Left alone are pool users
    ``without_name`` (no preferred_username; named by their username), ``unknown`` ones (nobody has that handle),
    ``ambiguous`` handles (several pool users claim one), and people who are ``not_in_pool``.
    """

    updated: tuple[str, ...]
    unchanged: tuple[str, ...]
    without_name: tuple[str, ...]
    unknown: tuple[str, ...]
    ambiguous: tuple[str, ...]
    not_in_pool: tuple[str, ...]
    ids: dict[str, str]
    listed: int

    def lines(self) -> list[str]:
        """Return one line a user, what was done before what was left alone."""
        said = [f"{name}: set to {self.ids[name]}" for name in self.updated]
        said += [f"{name}: is {self.ids[name]} already" for name in self.unchanged]
        said += [f"{name}: left alone, it has no preferred_username" for name in self.without_name]
        said += [f"{name}: left alone, nobody in the database has this handle" for name in self.unknown]
        said += [
            f"{name}: left alone, several users of the pool have this preferred_username" for name in self.ambiguous
        ]
        return said + [f"{name}: left alone, the pool has no such user" for name in self.not_in_pool]

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return {
            "listed": self.listed,
            "updated": {name: self.ids[name] for name in self.updated},
            "unchanged": {name: self.ids[name] for name in self.unchanged},
            "without_name": list(self.without_name),
            "unknown": list(self.unknown),
            "ambiguous": list(self.ambiguous),
            "not_in_pool": list(self.not_in_pool),
        }


def sync_cognito_ids(
    cognito: Any,
    database: Database,
    user_pool_id: str,
    *,
    table: str = "users",
    handle: str = "handle",
    column: str = "cognito_user_id",
) -> IdentityReport:
    """Write each pool user's ``sub`` beside the person whose handle is its ``preferred_username``; all or nothing.

    Every page of the pool is listed. Twice changes nothing. Raises DatabaseError when the table or a column is not
    there, UnreachableError when the pool cannot be listed.
    """
    table, handle, column = (_identifier(name) for name in (table, handle, column))
    people = {
        row["handle"]: row["id"]
        for row in database.query(f"SELECT {handle} AS handle, {column}::text AS id FROM {table}")  # noqa: S608
    }
    claims: dict[str, list[str]] = defaultdict(list)
    without_name, listed = [], 0
    for user in _listed(cognito, user_pool_id):
        listed += 1
        attributes = {each["Name"]: each["Value"] for each in user.get("Attributes", [])}
        name = attributes.get("preferred_username", "")
        if name and "sub" in attributes:
            claims[name].append(attributes["sub"])
        else:
            without_name.append(user["Username"])
    ids = {name: subs[0] for name, subs in claims.items() if name in people and len(subs) == 1}
    updated = sorted(name for name, sub in ids.items() if people[name] != sub)
    statement = f"UPDATE {table} SET {column} = %(id)s WHERE {handle} = %(handle)s"  # noqa: S608
    database.execute_many(statement, [{"id": ids[name], "handle": name} for name in updated])
    return IdentityReport(
        updated=tuple(updated),
        unchanged=tuple(sorted(ids.keys() - set(updated))),
        without_name=tuple(sorted(without_name)),
        unknown=tuple(sorted(claims.keys() - people.keys())),
        ambiguous=tuple(sorted(name for name, subs in claims.items() if name in people and len(subs) > 1)),
        not_in_pool=tuple(sorted(people.keys() - claims.keys())),
        ids=ids,
        listed=listed,
    )


def _identifier(name: str) -> str:
    """Quote a name for SQL; a table may be written with its schema."""
    if not all(part for part in name.split(".")):
        raise DatabaseError(f"{name!r} is no name of a table or column.")
    return ".".join('"' + part.replace('"', '""') + '"' for part in name.split("."))


def _listed(cognito: Any, user_pool_id: str) -> Iterator[dict[str, Any]]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        for page in cognito.get_paginator("list_users").paginate(UserPoolId=user_pool_id):
            yield from page["Users"]
    except (BotoCoreError, ClientError) as error:
        raise UnreachableError(f"The Cognito user pool {user_pool_id} cannot be listed: {error}") from error
