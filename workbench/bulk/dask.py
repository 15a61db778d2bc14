"""Past one machine: a table's segments as the partitions of a Dask DataFrame (the extra ``dask``).

A task carries a ``Place``, not a client: where the tables are, from which the worker makes a client of its own. No
secret is in it. On AWS the worker finds credentials as boto3 does: its role, environment or profile. A store of the
workbench on DynamoDB Local is told by its access key id; that unguessable word travels with the tasks, and is all it
takes to read and write the store from this machine.

What types the columns need is known when the last item is read. Without a schema the table is therefore read now, by
the workers, once; what they read stays in their memory, and only the shapes of the columns come here. With a schema,
of an earlier export or a model's, nothing is read before the DataFrame is computed, and what it does not hold is an
error of that partition.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.bulk.described import describe, table_of
from workbench.bulk.expected import expected
from workbench.bulk.export import SEGMENTS, Settings, parted
from workbench.bulk.scanning import Scanner
from workbench.errors import UsageError
from workbench.frames import Columns, Decoder, fitted, in_order, schema_of, shapes_of, to_items, united
from workbench.frames.arrow import marked

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["Place", "partition_items", "scan"]

OF_EXPORTS = Settings.__dataclass_fields__.keys() - {"segments", "max_units_per_second"}
_NO_FOLDER = "Run it again: the partition is read from its start."


@dataclass(frozen=True)
class Place:
    """Where tables are, for a worker to make a client of: picklable, and without a secret.

    ``endpoint`` is None for AWS. ``access_key`` names a store of DynamoDB Local; without it a worker takes the
    credentials that boto3 finds there, which is the way for AWS and for a server that checks them.
    """

    region: str | None = None
    endpoint: str | None = None
    access_key: str | None = None
    profile: str | None = None

    @classmethod
    def of(cls, source: Any) -> Place:
        """Return the place of a bench or of a store. On AWS that is its region and profile, and no credentials."""
        store = getattr(source, "store", source)
        if not hasattr(store, "engine") or not hasattr(store, "facts"):
            raise UsageError(
                f"a {type(source).__name__} says not where tables are; give a bench, a store or a Place, and "
                f"TableName='...'"
            )
        engine, facts = store.engine, store.facts
        if engine.name == "aws":
            return cls(region=facts["region"], profile=_profile(engine))
        return cls(region=facts["region"], endpoint=engine.endpoint, access_key=facts["access_key"])

    def client(self) -> Any:
        """Return a boto3 client, one for each process and place."""
        return _client(self)

    def __repr__(self) -> str:  # the key id is all it takes to use a store
        return f"Place({self.endpoint or f'AWS {self.region}'})"


def scan(
    place: Place | Any, *, segments: int = SEGMENTS, schema: pa.Schema | str | Path | None = None, **request: Any
) -> Any:
    """Return a table's items as a Dask DataFrame, a partition for each segment, in the order of the segments.

    ``place`` is a ``Place``, a bench or a store; ``request`` are boto3's arguments of Scan (``TableName``, ...) and
    ``max_units_per_second``, which is shared out among the segments. The columns have the forms of ``frames.arrow``
    as pandas' Arrow dtypes, the same in every partition; ``partition_items`` turns a partition into items again.

    ``schema``, an Arrow schema or the folder of a finished export of the table, makes it lazy. Without one the
    workers read the table now and keep it. A partition without items has its columns all the same. Raises UsageError
    where Dask is not installed or a request cannot be meant; a partition raises what ``to_parquet`` raises.
    """
    dask, frames = _libraries()
    where = place if isinstance(place, Place) else Place.of(place)
    asked, settings = parted({"segments": segments, **request})
    if given := sorted(OF_EXPORTS & request.keys()):
        raise UsageError(f"{given[0]} is for to_parquet and does nothing here; leave it out")
    if isinstance(segments, bool) or not isinstance(segments, int) or not 1 <= segments <= 100_000:
        raise UsageError(f"segments={segments!r}; give from 1 to 100,000")
    read = dask.delayed(_segment, pure=False)
    units = settings.max_units_per_second
    share = None if units is None else units / segments
    tables = [read(where, dict(asked.kwargs), each, segments, share) for each in range(segments)]
    if schema is None:
        tables = list(dask.persist(*tables))
        shapes = united(dask.compute(*[dask.delayed(shapes_of)(each) for each in tables]))
        wanted = schema_of(shapes or {name: {} for name in _keys(where, asked.kwargs)})
    else:
        wanted = _schema(schema)
    parts = [dask.delayed(_frame)(each, wanted) for each in tables]
    return frames.from_delayed(parts, meta=_frame(wanted.empty_table(), wanted), verify_meta=True)


def partition_items(part: pd.DataFrame, schema: pa.Schema) -> list[dict[str, Any]]:
    """Return the items of one computed partition, whose frame has the columns of ``schema``, in Python form."""
    import pyarrow as pa

    return to_items(pa.Table.from_pandas(part, schema=schema, preserve_index=False))


def _segment(place: Place, request: Mapping[str, Any], segment: int, segments: int, units: float | None) -> pa.Table:
    """Read one segment, on the worker, into a table in the types that its own items need."""
    from workbench.bulk.rates import Ceiling
    from workbench.plans import Request

    client = place.client()
    description = describe(client, request["TableName"])
    cost = expected(description, request.get("IndexName"), consistent=bool(request.get("ConsistentRead")))
    scanner = Scanner(
        client, Request("Scan", dict(request)), segments, cost, Ceiling(units) if units else None, told=_NO_FOLDER
    )
    decoder, pages = Decoder(), []
    for page in scanner.pages(segment, None, threading.Event()):
        pages.append(decoder.decode(page.items))
    names = in_order(pages)
    keys = [name for name in _key_names(description, request.get("IndexName")) if name in names]
    return marked(Columns(pages, tuple(dict.fromkeys((*keys, *names)))).arrow)  # it travels, in a pickle


def _frame(table: pa.Table, schema: pa.Schema) -> pd.DataFrame:
    """Return a table as a pandas DataFrame of Arrow dtypes, with the columns of the schema."""
    import pandas as pd

    frame: pd.DataFrame = fitted(table, schema).replace_schema_metadata(None).to_pandas(types_mapper=pd.ArrowDtype)
    return frame


def _schema(schema: pa.Schema | str | Path) -> pa.Schema:
    import pyarrow.parquet as pq

    if not isinstance(schema, str | Path):
        if not schema.names:
            raise UsageError("the schema has no columns; give one with the keys of the table at least")
        return schema
    files = sorted(Path(schema).glob("part-*.parquet"))
    if not files or not (Path(schema) / "_SUCCESS").exists():
        raise UsageError(f"{Path(schema).name} is no finished export; give the folder of one, or an Arrow schema")
    return pq.read_schema(files[0])


def _keys(place: Place, request: Mapping[str, Any]) -> tuple[str, ...]:
    return _key_names(describe(place.client(), request["TableName"]), request.get("IndexName"))


def _key_names(description: dict[str, Any], index: str | None) -> tuple[str, ...]:
    table = table_of(description)
    return tuple(dict.fromkeys((*(table.indexes[index].keys.names if index else ()), *table.keys.names)))


@functools.cache
def _client(place: Place) -> Any:
    from workbench.engines.clients import make_client

    if place.access_key is not None:
        assert place.endpoint is not None
        return make_client("dynamodb", place.endpoint, {"access_key": place.access_key, "region": place.region})
    import boto3

    session = boto3.session.Session(profile_name=place.profile, region_name=place.region)
    return session.client("dynamodb", endpoint_url=place.endpoint)


def _profile(engine: Any) -> str | None:
    name = getattr(engine.session, "profile_name", None)
    return None if name == "default" else name


def _libraries() -> tuple[Any, Any]:
    try:
        import dask
        import dask.dataframe
    except ImportError:
        raise UsageError(
            'dask is not installed here: pip install "dynamodb-workbench[dask]"; or scan in segments on this machine'
        ) from None
    return dask, dask.dataframe
