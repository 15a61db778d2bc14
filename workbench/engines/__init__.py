"""Where tables and rows live: DynamoDB Local, moto, AWS, any endpoint, PostgreSQL; the processes and the clients."""

from workbench.engines.control import HostStatus
from workbench.engines.engine import (
    ENGINES,
    Engine,
    Store,
    engine_start,
    engine_status,
    engine_stop,
    install,
    open_engine,
)
from workbench.engines.installation import Installation, find_installation

__all__ = [
    "ENGINES",
    "Engine",
    "HostStatus",
    "Installation",
    "Store",
    "engine_start",
    "engine_status",
    "engine_stop",
    "find_installation",
    "install",
    "open_engine",
]
