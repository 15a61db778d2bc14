"""Where tables and rows live: DynamoDB Local, moto, AWS, any endpoint, PostgreSQL; the processes and the clients."""

from workbench.engines.aws import parse_target
from workbench.engines.control import HostStatus
from workbench.engines.endpoint import is_near
from workbench.engines.engine import ENGINES, HOSTED, Engine, Store
from workbench.engines.installation import Installation, find_installation
from workbench.engines.opening import engine_start, engine_status, engine_stop, install, open_engine
from workbench.engines.postgres import Database, open_database
from workbench.engines.postgres_admin import (
    create_database,
    database_sessions,
    drop_database,
    keep_postgres,
    load_database_schema,
    named_databases,
    seed_database,
    setup_database,
)

__all__ = [
    "ENGINES",
    "HOSTED",
    "Database",
    "Engine",
    "HostStatus",
    "Installation",
    "Store",
    "create_database",
    "database_sessions",
    "drop_database",
    "engine_start",
    "engine_status",
    "engine_stop",
    "find_installation",
    "install",
    "is_near",
    "keep_postgres",
    "load_database_schema",
    "named_databases",
    "open_database",
    "open_engine",
    "parse_target",
    "seed_database",
    "setup_database",
]
