"""Colours of entities: the same name has the same colour in the model, in a result and in a view of a table."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

HUES = 8
UNKNOWN = "?"
_GREY = HUES - 1  # kept for items that no entity fits


def hues(names: Iterable[str]) -> dict[str, int]:
    """Return the number of each name's colour: made from the name, and the next free one where two would be alike."""
    found: dict[str, int] = {UNKNOWN: _GREY}
    for name in sorted(set(names) - {UNKNOWN}):
        wanted = hue(name)
        free = [at % _GREY for at in range(wanted, wanted + _GREY) if at % _GREY not in found.values()]
        found[name] = free[0] if free else wanted
    return found


def hue(name: str) -> int:
    """Return the number of a name's colour; the grey one is not among them."""
    return zlib.crc32(name.encode()) % _GREY
