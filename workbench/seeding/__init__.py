"""Filling tables: the schema as the model says it, then the items that the model's SQL gives."""

from workbench.seeding.batches import Writing, write_items
from workbench.seeding.digest import digest, sql_digest, store_digest
from workbench.seeding.identities import IdentityReport, sync_cognito_ids
from workbench.seeding.schema import SchemaReport, TableStep, drop_schema, load_schema
from workbench.seeding.seed import EntityCount, SeedReport, seed
from workbench.seeding.sources import SourceItem, items_of

__all__ = [
    "EntityCount", "IdentityReport", "SchemaReport", "SeedReport", "SourceItem", "TableStep", "Writing", "digest",
    "drop_schema", "items_of", "load_schema", "seed", "sql_digest", "store_digest", "sync_cognito_ids", "write_items",
]  # fmt: skip
