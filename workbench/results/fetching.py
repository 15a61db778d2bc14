"""What a page of an index would cost if the engine read the whole items behind its entries, as DynamoDB Local does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.items import Units, item_size, lsi_fetch_units, query_units
from workbench.plans import Request
from workbench.results.backoff import Backoff
from workbench.results.gets import images
from workbench.results.measuring import index_of, read_again
from workbench.results.touches import Touch

if TYPE_CHECKING:
    from workbench.results.session import Session

__all__ = ["units_of_whole_items"]


def units_of_whole_items(session: Session, request: Request, count: int, name: str) -> Units | None:
    """Return the units of a page of ``count`` entries by DynamoDB Local's own rules; None where it has none of its own.

    It charges a Scan of an index by the size of the table's items, and a Query of a local index as if it fetched them
    wherever there is a projection. The entries and items are read again for it, and cost
    nothing there.
    """
    kwargs, index = request.kwargs, index_of(session, request.kwargs)
    fetches = index is not None and index.kind == "local" and "ProjectionExpression" in kwargs
    if index is None or index.projection == "ALL" or session.engine.name != "dynamodb-local":
        return None
    if request.operation != "Scan" and not fetches:
        return None
    if not count:
        return Units()  # nothing read is nothing charged
    table, consistent = kwargs["TableName"], bool(kwargs.get("ConsistentRead"))
    entries = read_again(session, request, count, name)
    names = session.model.table(table).keys.names
    wanted = [Touch("get", table, {name: entry[name] for name in names}) for entry in entries]
    sizes = [item_size(item) for item in images(session, wanted, name, Backoff()).values()]
    if request.operation == "Scan":
        return query_units([sizes], consistent=consistent, index=index.name)
    return lsi_fetch_units([[item_size(each) for each in entries]], sizes, index=index.name, consistent=consistent)
