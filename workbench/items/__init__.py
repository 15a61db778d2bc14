"""Typed values, sizes in bytes and capacity units: pure arithmetic, without network, server, boto3 or pandas."""

from workbench.items.estimates import TYPICAL_BYTES, Estimate, query_estimate
from workbench.items.limits import check_item, check_key
from workbench.items.numbers import normalise_number, number_size, number_text
from workbench.items.reported import reported_units
from workbench.items.sizes import MAX_ITEM_SIZE, item_size, value_size
from workbench.items.units import (
    Units,
    amount_text,
    batch_get_units,
    get_units,
    half_units,
    lsi_fetch_units,
    query_units,
    replayed_transaction_units,
    transact_get_units,
)
from workbench.items.values import MAX_NESTING, canonical, from_wire, item_from_wire, item_to_wire, tagged, to_wire
from workbench.items.views import index_view
from workbench.items.writes import condition_check_units, failed_condition_units, index_entry_units, write_units

__all__ = [
    "MAX_ITEM_SIZE", "MAX_NESTING", "TYPICAL_BYTES", "Estimate", "Units", "amount_text", "batch_get_units", "canonical",
    "check_item", "check_key", "condition_check_units", "failed_condition_units", "from_wire", "get_units",
    "half_units", "index_entry_units", "index_view", "item_from_wire", "item_size", "item_to_wire", "lsi_fetch_units",
    "normalise_number", "number_size", "number_text", "query_estimate", "query_units", "replayed_transaction_units",
    "reported_units", "tagged", "to_wire", "transact_get_units", "value_size", "write_units",
]  # fmt: skip
