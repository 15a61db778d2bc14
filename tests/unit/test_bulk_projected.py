"""Items of which a projection leaves no attribute are items all the same."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.unit.scanned_table import Item, Table, export, wire
from workbench import frames
from workbench.bulk import batches, dask
from workbench.bulk.dask import Place, partition_items, scan
from workbench.errors import UsageError


class Projected(Table):
    """A table of two segments, of which a projection leaves no key: ``pages`` are the items of each."""

    def __init__(self, *pages: list[Item]) -> None:
        super().__init__([item for page in pages for item in page])
        self.pages = pages

    def scan(self, **request: Any) -> Item:
        page = wire(self.pages[request["Segment"]])
        units = {"TableName": request["TableName"], "CapacityUnits": 2.0}
        return {"Items": page, "Count": len(page), "ScannedCount": len(page), "ConsumedCapacity": units}


WITHOUT_ATTRIBUTES = pytest.mark.parametrize("second", [[{"x": "1"}, {}], [{}, {}]], ids=["a part", "all"])


@WITHOUT_ATTRIBUTES
def test_an_export_keeps_items_of_which_the_projection_leaves_no_attribute(tmp_path: Path, second: list[Item]) -> None:
    table = Projected([{}, {}], second)

    report = export(table, tmp_path / "out", segments=2, ProjectionExpression="x")

    assert report.items == 4
    assert frames.to_items(tmp_path / "out") == table.held
    assert all("pk" in pq.read_schema(tmp_path / "out" / name).names for name in report.files)
    assert export(table, tmp_path / "out", segments=2, ProjectionExpression="x").was_done


@WITHOUT_ATTRIBUTES
def test_batches_keep_items_of_which_the_projection_leaves_no_attribute(tmp_path: Path, second: list[Item]) -> None:
    table = Projected([{}, {}], second)

    found = list(batches(table, spool=tmp_path, TableName="lines", segments=2, ProjectionExpression="x"))

    assert [item for each in found for item in frames.to_items(each)] == table.held


@WITHOUT_ATTRIBUTES
def test_partitions_keep_items_of_which_the_projection_leaves_no_attribute(second: list[Item]) -> None:
    pytest.importorskip("dask.dataframe")
    table = Projected([{}, {}], second)
    place = Place(region="local")
    with patch("workbench.bulk.dask._client", lambda place: table):
        travelled = [
            pickle.loads(pickle.dumps(dask._segment(place, {"TableName": "lines"}, each, 2, None))) for each in (0, 1)
        ]
        schema = frames.schema_of(frames.united(map(frames.shapes_of, travelled)) or {"pk": {}})

        parts = scan(place, segments=2, TableName="lines", ProjectionExpression="x").partitions
        lengths = [len(part) for part in parts]

    assert lengths == [2, 2]
    assert [item for each in travelled for item in partition_items(dask._frame(each, schema), schema)] == table.held


def test_a_partition_needs_a_schema_with_columns() -> None:
    with pytest.raises(UsageError, match="the schema has no columns"):
        scan(Place(), schema=pa.schema([]), TableName="lines")
