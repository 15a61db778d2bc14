"""Reading without a model: any Query, Scan, BatchGetItem or statement of PartiQL, from a boto3 client to columns."""

from __future__ import annotations

import re
import textwrap
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from workbench.errors import RequestError, UsageError, did_you_mean
from workbench.frames import Columns, Page, Pipeline, to_text, wire_of_json
from workbench.items import Units, reported_units
from workbench.plans import Request
from workbench.results.backoff import Backoff
from workbench.results.raw import RAW_OPERATIONS, Body, raw_call
from workbench.results.receipts import counted, units_text
from workbench.results.segments import in_segments, of_segment

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["Reading", "read"]

_ROWS_SHOWN = 10
# In this order: a statement may be answered with a token and a key, and goes on by the token.
_NEXT = {"NextToken": "NextToken", "LastEvaluatedKey": "ExclusiveStartKey", "UnprocessedKeys": "RequestItems"}


@dataclass(frozen=True)
class Reading:
    """What came back, in columns: ``df``, ``arrow``, ``polars()``, ``duckdb()`` and ``items`` are made when asked for.

    ``pages`` are the requests it took, ``reported`` the units that the engine says they cost. ``following`` holds the
    argument that reads on from there (``{"ExclusiveStartKey": ...}``), empty at the end.
    """

    columns: Columns
    pages: int
    reported: Units | None
    following: dict[str, Any]

    @property
    def df(self) -> pd.DataFrame:
        """The items as a DataFrame, with exact values (``frames.from_items`` says which dtypes)."""
        return self.columns.df

    @property
    def arrow(self) -> pa.Table:
        """The items as an Arrow table that loses nothing (``frames.arrow`` says which types)."""
        return self.columns.arrow

    @property
    def items(self) -> list[dict[str, Any]]:
        """The items in Python form: numbers Decimal, binary bytes, sets frozensets, NULL None."""
        return self.columns.items

    def polars(self) -> Any:
        """Return the items as a polars DataFrame; UsageError where polars is not installed."""
        return self.columns.polars()

    def duckdb(self) -> Any:
        """Return the items as a DuckDB relation; UsageError where DuckDB is not installed."""
        return self.columns.duckdb()

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def summary(self) -> str:
        """One line: ``3 items, 2 pages, 1.5 RCU``."""
        price = "RCU not said by the engine" if self.reported is None else units_text(self.reported)
        return f"{counted(len(self), 'item')}, {counted(self.pages, 'page')}, {price}"

    @property
    def remarks(self) -> list[str]:
        """What a reader must not miss: that there is more to read, and attributes that were slow to read."""
        more = ["more to read: the argument .following goes on from here"] if self.following else []
        return [*self.columns.remarks, *more]

    def head(self, rows: int) -> pd.DataFrame:
        """Return the first rows as a DataFrame with all columns, without making one of the others."""
        return self.columns.head(rows).df

    def __repr__(self) -> str:
        shown = to_text(self.head(_ROWS_SHOWN), rows=_ROWS_SHOWN, whole=self.columns.keys, total=len(self))
        table = [shown] if len(self) else []
        return "\n".join([self.summary, *table, *(f"note: {remark}" for remark in self.remarks)])


def read(
    client: Any,
    operation: str,
    *,
    max_pages: int | None = None,
    segments: int | None = None,
    keys: Sequence[str] = (),
    backoff: Backoff | None = None,
    **request: Any,
) -> Reading:
    """Return what a boto3 DynamoDB ``client`` reads, through all pages or ``max_pages`` of them.

    ``operation`` is Query, Scan, BatchGetItem (of one table) or ExecuteStatement (of a SELECT); ``request`` are
    boto3's own arguments, with values in boto3's form. The columns of ``keys`` come first, others by first
    appearance, those that first appear in one item by name, since engines give them in any order. Keys that come back
    unprocessed are asked for again with capped, jittered waits. ``segments`` of a Scan are read side by side and
    stand one after another. Raises what the client raises; UsageError for another operation or statement, and for
    what is no client; RequestError when keys stay unprocessed; EngineError for a broken response.
    """
    _check(operation, max_pages, keys, request)
    if len(request.get("RequestItems", {})) > 1:
        tables = ", ".join(sorted(request["RequestItems"]))
        raise UsageError(f"BatchGetItem of several tables ({tables}) gives several frames; read one table at a time")
    asked = Request(operation, {"ReturnConsumedCapacity": "INDEXES", **request})  # type: ignore[arg-type]
    if segments is not None:
        _check_segments(operation, max_pages, request)
        return _read_segments(client, asked, segments, tuple(keys))
    count, facts, consumed = 0, {}, []
    with Pipeline() as pipeline:
        for count, body in enumerate(_bodies(client, asked, backoff or Backoff()), start=1):
            facts = body.facts
            consumed.append(facts.get("ConsumedCapacity"))
            ended = count == max_pages or not _following(facts)
            pipeline.add(_items(body), last=ended)
            if ended:
                break
        pages = [page for page, _ in pipeline.results()]
    return Reading(Columns(pages, tuple(keys)), count, _reported(consumed), _following(facts))


def _reported(consumed: Sequence[Any]) -> Units | None:
    parts = [part for each in consumed if each for part in (each if isinstance(each, list) else [each])]
    return reported_units(parts, writes=False)


def _check(operation: Any, max_pages: Any, keys: Any, request: Mapping[str, Any]) -> None:
    if not isinstance(operation, str):
        raise UsageError(f"a {type(operation).__name__} was given as the operation; say wb.read(client, 'Scan', ...)")
    if operation not in RAW_OPERATIONS:
        raise UsageError(f"{operation} does not read pages. {did_you_mean(operation, RAW_OPERATIONS)}")
    number = isinstance(max_pages, int) and not isinstance(max_pages, bool)
    if max_pages is not None and (not number or max_pages < 1):
        raise UsageError(f"max_pages={max_pages!r}: ask for 1 or more, or leave it out to read to the end")
    if isinstance(keys, str):
        raise UsageError(f"keys={keys!r}: give a list of names, [{keys!r}] for one")
    statement = request.get("Statement", "SELECT")
    if not re.match(r"\s*select\b", str(statement), re.IGNORECASE):
        raise UsageError(
            f"the statement {textwrap.shorten(str(statement), 60)!r} does not begin with SELECT, and wb.read only "
            f"reads; send one that writes with client.execute_statement"
        )


def _check_segments(operation: str, max_pages: int | None, request: dict[str, Any]) -> None:
    if operation != "Scan":
        raise UsageError(f"a {operation} has no segments; only a Scan has")
    if max_pages is not None:
        raise UsageError("max_pages does not go with segments, which have no common place to go on from; leave one out")
    if given := [name for name in ("Segment", "TotalSegments", "ExclusiveStartKey") if name in request]:
        raise UsageError(f"{given[0]} does not go with segments=, which asks for every segment from its start")


def _read_segments(client: Any, request: Request, segments: int, keys: tuple[str, ...]) -> Reading:
    def work(segment: int, stop: threading.Event) -> tuple[list[Page], list[Any]]:
        pipeline, consumed = Pipeline(beside=shared), []
        for body in _bodies(client, of_segment(request, segment, segments), Backoff()):
            consumed.append(body.facts.get("ConsumedCapacity"))
            pipeline.add(_items(body), last=False)
            if stop.is_set() or not _following(body.facts):
                break
        return [page for page, _ in pipeline.results()], consumed

    with Pipeline() as shared:
        found = in_segments(segments, work)
    pages = [page for part, _ in found for page in part]
    consumed = [each for _, part in found for each in part]
    return Reading(Columns(pages, keys), len(consumed), _reported(consumed), {})


def _bodies(client: Any, request: Request, backoff: Backoff) -> Iterator[Body]:
    """Yield one response after another, each asking on from the one before."""
    vain = 0
    while True:
        body = raw_call(client, request)
        yield body
        following = _following(body.facts)
        if "RequestItems" in following:
            vain = 0 if any(items not in (b"[]", []) for items in body.items.values()) else vain + 1
            if vain >= backoff.attempts:
                raise RequestError(
                    f"BatchGetItem: keys stayed unprocessed in {vain} attempts in a row; ask for fewer at once, or "
                    "raise the table's read units",
                    code="UnprocessedKeys",
                    operation="BatchGetItem",
                )
            backoff.wait(vain + 1)
        request = replace(request, kwargs={**request.kwargs, **following})


def _following(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the argument that asks on, in boto3's form; empty where all is read."""
    for told, argument in _NEXT.items():
        if value := facts.get(told):
            if told == "LastEvaluatedKey":
                return {argument: {name: wire_of_json(av) for name, av in value.items()}}
            if told == "UnprocessedKeys":
                return {argument: {table: _wire_keys(part) for table, part in value.items()}}
            return {argument: value}
    return {}


def _wire_keys(part: dict[str, Any]) -> dict[str, Any]:
    return {**part, "Keys": [{name: wire_of_json(av) for name, av in key.items()} for key in part["Keys"]]}


def _items(body: Body) -> Any:
    return next(iter(body.items.values()))
