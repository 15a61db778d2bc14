"""Counts in words, as reports write them."""

from __future__ import annotations


def plural(count: int, noun: str) -> str:
    """Return the count with its noun: ``1 row``, ``2 rows``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
