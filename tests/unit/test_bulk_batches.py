"""A table as record batches: one schema, one size, nothing lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.scanned_table import Table, items, wire
from workbench import frames
from workbench.bulk import batches


@pytest.mark.parametrize("rows", [1, 7, 40, 1000])
def test_batches_have_one_schema_and_one_size_and_lose_nothing(tmp_path: Path, rows: int) -> None:
    table = Table(items(40))

    reader = batches(table, rows=rows, spool=tmp_path, TableName="lines", segments=3, part_bytes=400)
    found = list(reader)

    assert [len(each) for each in found] == [rows] * (40 // rows) + ([40 % rows] if 40 % rows else [])
    assert all(each.schema.equals(reader.schema, check_metadata=True) for each in found)
    assert wire([item for each in found for item in frames.to_items(each)]) == wire(table.held)
    assert list(tmp_path.iterdir()) == []


def test_batches_that_nobody_reads_to_the_end_leave_no_files(tmp_path: Path) -> None:
    reader = batches(Table(items(40)), rows=5, spool=tmp_path, TableName="lines", part_bytes=400)
    next(reader)
    assert list(tmp_path.iterdir()) != []

    reader.close()
    del reader

    assert list(tmp_path.iterdir()) == []


def test_batches_of_an_empty_table_are_none_and_the_schema_has_its_keys(tmp_path: Path) -> None:
    reader = batches(Table([]), TableName="lines", spool=tmp_path)

    assert reader.schema.names == ["pk"]
    assert list(reader) == []
