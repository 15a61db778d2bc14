"""A read-aside cache in front of a model's reading patterns: what it saves, how stale it gets, how it stays right."""

from workbench.cache.backends import Backend
from workbench.cache.counters import Counter
from workbench.cache.invalidation import Collection, stale_collections, stream_record
from workbench.cache.memory import MemoryBackend
from workbench.cache.opening import open_backend
from workbench.cache.readaside import ReadAside, Served
from workbench.cache.replay import Event, HandClock, Replay, replay, zipf
from workbench.cache.rules import Cached
from workbench.cache.stats import Stats

__all__ = [
    "Backend", "Cached", "Collection", "Counter", "Event", "HandClock", "MemoryBackend", "ReadAside", "Replay",
    "Served", "Stats", "open_backend", "replay", "stale_collections", "stream_record", "zipf",
]  # fmt: skip
