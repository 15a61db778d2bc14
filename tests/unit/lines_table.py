"""A table with a number for its sort key and an index, and rows on their way into it."""

from __future__ import annotations

from typing import Any

from workbench.bulk.encoding import parsed
from workbench.bulk.rows import KeyCheck
from workbench.bulk.sources import rows_of
from workbench.frames import Floats
from workbench.model import Index, KeyAttribute, KeySchema, Table

KEYS = KeySchema((KeyAttribute("pk"),), (KeyAttribute("sk", "N"),))
BY = Index("by-owner", KeySchema((KeyAttribute("owner"),)))
TABLE = Table("lines", KEYS, {"by-owner": BY})
CHECK = KeyCheck(TABLE)
EXACT: Floats = "refuse"


def wires(source: Any, check: KeyCheck = CHECK, floats: Floats = EXACT) -> list[dict[str, Any]]:
    rows, _ = rows_of(source, check, floats)
    return [parsed(b"{" + row.body + b"}") for row in rows]
